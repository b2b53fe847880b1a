"""The check of a long file in the background; how long files are kept; what the screens say."""

import time
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import psycopg2
from odoo import SUPERUSER_ID, fields
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.importer import kehu_import_batch_read, kehu_import_batch_run
from ...models.importer.exceptions import KehuImportFileError, KehuImportStateError
from ...models.system.engine import as_engine
from ...tools import workbook
from .import_common import TITLES, ImportCommon
from .test_importer_workbook import xlsx


@tagged("post_install", "-at_install")
class TestImporterBackground(ImportCommon):
    @contextmanager
    def _long(self):
        """Every file is a long one, read in parts of two rows."""
        with patch.object(kehu_import_batch_run, "CHECK_IN_CALL", 3), patch.object(kehu_import_batch_read, "CHUNK", 2):
            yield

    def _cron(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_import_ir_cron").method_direct_trigger()
        self.env.invalidate_all()

    def _work(self):
        """What the job does in one process."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cursor:
            self.env["kehu.import.batch"].with_env(self.env(cr=cursor, user=SUPERUSER_ID))._cron_run()
        self.env.invalidate_all()

    def test_a_long_file_is_checked_in_the_background(self):
        batch = self._batch([*self._rows(6), self._row(客户编码="T9")])
        short = self._batch(self._rows(3))
        with self._long():
            short.action_check()
            self.assertEqual((short.state, short.row_count), ("checked", 3))
            batch.action_check()
            self.assertEqual((batch.state, batch.job, batch.row_count, batch.expected_count), ("running", "check", 0, 7))
            self.assertEqual(batch.time_left, "It begins within a minute.")
            for act in (batch.action_check, batch.action_import, lambda: batch.write({"mode": "both"}), batch.unlink):
                with self.assertRaises(KehuImportStateError):
                    act()
            self._cron()
        self.assertEqual((batch.state, batch.job, batch.row_count, batch.problem_count), ("checked", "import", 7, 1))
        self.assertEqual(self._states(batch), {"problem": 1, "waiting": 6})
        self.assertEqual(batch.create_uid, self.user_east_manager)
        batch.action_import()
        self.assertEqual((batch.state, batch.created_count), ("done", 6))

    def test_its_progress_and_its_end_before_time(self):
        batch = self._batch(self._rows(7))
        with self._long():
            batch.action_check()
            parts = batch.sudo()._kehu_check_parts()
            next(parts)  # the first part
            self.assertEqual((batch.row_count, round(batch.progress), batch.state), (2, 29, "running"))
            self.assertIn("2 rows are checked so far", batch.summary)
            self.assertTrue(batch.time_left)
            batch.action_cancel()
            self.assertEqual((batch.state, batch.row_count, batch.job, self._states(batch)), ("draft", 0, "import", {}))
            self.assertIn("stopped by", batch.note)
            parts.close()
            batch.action_check()
            self._cron()
        self.assertEqual((batch.state, batch.row_count, batch.note), ("checked", 7, ""))

    def test_a_check_goes_on_where_its_time_was_over(self):
        """In as many processes as it takes: with what was seen before, rows twice in the file are found, and each row is there once."""
        sheets = [self._rows(7), [*self._rows(5, "P"), self._row(客户名称="公司T0 again", 客户编码="T0"), self._row(联系人="钱0")]]
        batch = self._batch([*sheets[0], *sheets[1]])
        whole = self._batch([*sheets[0], *sheets[1]])
        self.env["kehu.duplicate.rule"].create({"field_name": "name", "refuse_import": True})
        whole.action_check()
        self.assertEqual((whole.row_count, whole.problem_count), (14, 1))
        read = type(batch)._kehu_check_rows
        seen = []

        def spied(batch, session, rows):
            seen.extend(row.number for row in rows)
            return read(batch, session, rows)

        with self._long(), patch.object(type(batch), "_kehu_check_rows", spied):
            batch.action_check()
            with patch.object(type(batch), "_kehu_time_is_over", lambda batch: True):
                for part in range(1, 8):
                    self._work()
                    self.assertEqual((batch.state, batch.row_count, batch.attempts), ("running", 2 * part, 0))
                # what was checked since and not noted as the place to go on from is checked again
                self.env.cr.execute(
                    SQL(
                        "INSERT INTO kehu_import_row (batch_id, number, kind, state) VALUES (%s, 99, 'main', 'waiting')",
                        batch.id,
                    )
                )
                self._work()
        self.assertEqual(seen, list(range(2, 16)))
        self.assertEqual((batch.state, batch.row_count, batch.problem_count, batch.check_place), ("checked", 14, 1, False))
        self.assertEqual(self._states(batch), self._states(whole))
        self.assertEqual(batch.problem_ids.mapped("reason"), whole.problem_ids.mapped("reason"))
        rows = [batch.row_ids.sorted("id"), whole.row_ids.sorted("id")]
        self.assertEqual(*([(row.number, row.kind, row.parent_number, row.values) for row in some] for some in rows))
        batch.action_check()
        self.assertEqual((batch.row_count, batch.problem_count), (14, 1))

    def test_the_time_of_a_job(self):
        batch = self._batch(self._rows(1))
        for limits, worked, over in (
            ((-1, 120), 30, False),
            ((-1, 120), 50, True),
            ((600, 120), 150, False),
            ((600, 120), 250, True),
            ((0, 120), 9000, False),
        ):
            names = dict(zip(("limit_time_real_cron", "limit_time_real"), limits, strict=True))
            job = batch.with_context(cron_end_time=time.monotonic() + 10 - worked)
            with self.subTest(limits=limits, worked=worked), patch.object(kehu_import_batch_run, "config", names):
                self.assertEqual(job._kehu_time_is_over(), over)
                self.assertFalse(batch._kehu_time_is_over(), "outside a job there is no limit")

    def test_stopped_while_a_slice_is_worked_on(self):
        """The row of the import is locked then; the wish stands beside it and is heeded before the next slice."""
        batch = self._batch(self._rows(8))
        run = type(batch)._kehu_run_slice
        done = []

        def small(batch, limit=3):
            result = run(batch, limit)
            done.append(result)
            if len(done) == 1:
                with patch.object(type(batch), "try_lock_for_update", lambda batch, **options: batch.browse()):
                    batch.with_user(self.user_east_manager).action_cancel()
                self.assertIn("It stops as soon as", batch.with_user(self.user_east_manager).summary)
            return result

        with patch.object(kehu_import_batch_run, "IN_CALL", 0), patch.object(type(batch), "_kehu_run_slice", small):
            batch.action_import()
            self._cron()
            self.assertEqual((batch.state, batch.done_count, done), ("cancelled", 3, [3]))
            self.assertIn(self.user_east_manager.name, batch.stop_reason)
            batch.action_import()
            self._cron()
        self.assertEqual((batch.state, batch.done_count), ("done", 8), "an old wish does not stop what goes on")

    def test_stopped_while_a_part_is_checked(self):
        batch = self._batch(self._rows(7))
        with self._long():
            batch.action_check()
            with patch.object(type(batch), "try_lock_for_update", lambda batch, **options: batch.browse()):
                batch.action_cancel()
            self._cron()
        self.assertEqual((batch.state, batch.row_count), ("draft", 0))
        self.assertIn("stopped by", batch.note)

    def test_a_check_that_was_stopped_meanwhile_does_not_begin_anew(self):
        """Between a clash with somebody else and the next try the import may have been stopped."""
        batch = self._batch(self._rows(7))
        with self._long():
            batch.action_check()
            self.env.flush_all()

            clash = psycopg2.errors.SerializationFailure
            with (
                patch.object(type(batch), "_kehu_check_chunks", side_effect=clash) as begun,
                patch.object(type(batch), "_kehu_is_checking", side_effect=[True, False]),
                patch.object(type(batch), "_kehu_run_slice", lambda batch, limit=1: as_engine(batch, "import").write({"state": "draft"})),
            ):
                self._work()
        self.assertEqual(begun.call_count, 1)

    def test_import_at_once_of_a_long_file(self):
        good, bad = self._batch(self._rows(7)), self._batch([*self._rows(6, "B"), self._row(客户编码="B9")], on_problem="stop")
        with self._long():
            for batch in (good, bad):
                batch.action_import()
                self.assertEqual((batch.state, batch.job), ("running", "check"))
            self._cron()
        self.assertEqual((good.state, good.created_count), ("done", 7))
        self.assertEqual((bad.state, bad.created_count, bad.problem_count), ("checked", 0, 1), "it stops at problems")

    def test_what_goes_wrong_on_the_way(self):
        batch = self._batch(self._rows(7))
        with self._long():
            with self.assertRaises(KehuImportFileError):
                self._batch([["x"] for _n in range(7)], titles=["血型"]).action_check()
            batch.action_check()
            reason = KehuImportFileError(batch.template_id.name)
            with patch.object(type(batch), "_kehu_stage", side_effect=reason):
                self._cron()
            self.assertEqual((batch.state, batch.note), ("draft", batch.template_id.name))
            batch.action_check()
            self.user_east_manager.group_ids -= self.env.ref("kehu_crm.group_kehu_manager")
            self.user_east_manager.group_ids += self.env.ref("kehu_crm.group_kehu_user")
            self._cron()
        self.assertEqual((batch.sudo().state, batch.sudo().row_count), ("draft", 0))
        self.assertIn("may not import any more", batch.sudo().note)

    def test_rows_as_the_file_tells_them(self):
        content = xlsx(["a"], *[[n] for n in range(40)])
        for data, name, expected in ((content, "a.xlsx", 40), (b"a\n1\n2\n3\n", "a.csv", 3)):
            with self.subTest(name), workbook.open_book(data, name) as book:
                self.assertEqual(book.expected_rows(book.first_sheet()), expected)

    def test_sentences(self):
        batch = self._batch(self._rows(2))
        batch.action_check()
        self.assertIn("none has a problem", batch.summary)
        start = fields.Datetime.now() - timedelta(seconds=60)
        as_engine(batch, "import").write({"state": "running", "row_count": 20, "done_count": 9, "date_start": start})
        self.assertEqual(batch.time_left, "About a minute left.")
        as_engine(batch, "import").write({"row_count": 40})
        self.assertEqual(batch.time_left, "About 3 minutes left.")
        for text in (*dict(batch._fields["mode"]._description_selection(batch.env)).values(), batch._fields["mode"].help):
            self.assertNotIn("customer", text.lower(), "any kind of record is imported here")

    def test_the_title_row_is_empty_while_it_is_looked_for(self):
        batch = self._batch(self._rows(2))
        self.assertFalse(batch.title_row_text)
        batch.title_row_text = " 1 "
        batch.invalidate_recordset()
        self.assertEqual((batch.title_row, batch.title_row_text), (1, "1"))
        batch.title_row_text = ""
        self.assertEqual(batch.title_row, 0)
        for text in ("-1", "eins", "1.5", "12345678"):
            with self.subTest(text), self.assertRaises(KehuImportStateError):
                batch.title_row_text = text

    def test_files_are_deleted_in_time(self):
        """What is needed to undo an import stays."""
        done = self._batch([*self._rows(2), self._row(客户编码="T9")])
        done.action_import()
        draft, fresh = self._batch(self._rows(2, "D")), self._batch(self._rows(2, "F"))
        draft.action_check()
        fresh.action_check()
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE kehu_import_batch SET write_date = write_date - interval '31 days' WHERE id = ANY(%s)", (done | draft).ids)
        )
        self.env.invalidate_all()
        batches = self.env["kehu.import.batch"]
        self.env.company.kehu_import_keep_days = 0
        batches._gc_files()
        self.assertTrue(done.file and draft.file)
        self.env.company.kehu_import_keep_days = 30
        batches._gc_files()
        self.assertFalse(done.file or draft.file)
        self.assertTrue(fresh.file and fresh.row_ids)
        self.assertEqual((draft.state, draft.row_count, len(draft.row_ids)), ("draft", 0, 0))
        self.assertEqual((done.state, done.row_count, done.problem_count, self._states(done)), ("done", 2, 0, {"done": 2}))
        self.assertFalse(done.row_ids.sudo().filtered("cells"))
        self.assertIn("deleted after 30 days", done.note)
        for batch, kept in ((done, False), (draft, False), (fresh, True)):
            self.assertEqual(bool(batch.mapping_ids.filtered("sample")), kept, "values of the first row")
        self.assertTrue(done.mapping_ids.line_id)
        done.action_undo()
        self.assertEqual((done.state, done.undone_count, self._customers(done).ids), ("undone", 2, []))
        draft.file = fresh.file
        self.assertFalse(draft.file_deleted)
        self.assertEqual(TITLES[0], draft.template_id.field_ids[0].title)
