"""The run of an import: in slices, stopped and gone on with, with the rights of who started it, each row once."""

import base64
from contextlib import contextmanager, suppress
from io import BytesIO
from unittest.mock import patch

import psycopg2
from odoo.exceptions import AccessError, LockError
from odoo.tests import tagged
from odoo.tools import mute_logger
from openpyxl import load_workbook

from ...models.importer import kehu_import_batch_run
from ...models.importer.exceptions import KehuImportStateError
from ...models.system.exceptions import KehuEngineOnlyError
from .import_common import TITLES, ImportCommon
from .test_importer_workbook import xlsx


@tagged("post_install", "-at_install")
class TestImporterRun(ImportCommon):
    @contextmanager
    def _background(self, slice_rows=4):
        """Every file is a large one, and a slice is small."""
        run = type(self.env["kehu.import.batch"])._kehu_run_slice

        def small(batch, limit=slice_rows):
            return run(batch, limit)

        with patch.object(kehu_import_batch_run, "IN_CALL", 0), patch.object(type(self.env["kehu.import.batch"]), "_kehu_run_slice", small):
            yield

    def _cron(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_import_ir_cron").method_direct_trigger()
        self.env.invalidate_all()

    def test_check_keeps_rows_and_writes_nothing_else(self):
        before = self.env["res.partner"].search_count([])
        industries = self.env["res.partner.industry"].search_count([])
        batch = self._batch([*self._rows(3), self._row(客户编码="T9", 所属行业="深海采矿")])
        batch.action_check()
        self.assertEqual((batch.state, batch.row_count, batch.problem_count, batch.waiting_count), ("checked", 4, 1, 3))
        self.assertEqual(self._states(batch), {"problem": 1, "waiting": 3})
        problem = batch.problem_ids
        self.assertEqual((problem.row, problem.column, problem.kind, problem.sheet), (5, "客户名称", "required", "Sheet"))
        self.assertEqual(problem.row_id.number, 5)
        self.assertEqual(self.env["res.partner"].search_count([]), before)
        self.assertEqual(self.env["res.partner.industry"].search_count([]), industries)
        batch.action_check()
        self.assertEqual(self._states(batch), {"problem": 1, "waiting": 3}, "a second check replaces the first")

    def test_rows_keep_the_link_to_their_records(self):
        batch = self._batch(self._rows(2))
        batch.action_import()
        rows = batch.row_ids
        self.assertEqual(rows.mapped("res_id"), self._customers(batch).ids)
        self.assertEqual(rows.mapped("contact_id"), self._customers(batch).child_ids.sorted("id").ids)
        self.assertEqual(set(rows.mapped("action")), {"create"})
        self.assertEqual((batch.created_count, batch.updated_count, batch.progress), (2, 0, 100.0))

    def test_large_files_go_on_in_the_background(self):
        with self._background():
            batch = self._batch(self._rows(10))
            batch.action_import()
            self.assertEqual((batch.state, batch.done_count), ("running", 0))
            self.assertIn("It begins within a minute", batch.time_left)
            with self.assertRaises(KehuImportStateError):
                batch.action_import()
            batch._kehu_run_slice()
            self.assertEqual((batch.state, batch.done_count, batch.progress), ("running", 4, 40.0))
            self._cron()
        self.assertEqual((batch.state, batch.done_count, batch.created_count), ("done", 10, 10))
        self.assertEqual(len(self._customers(batch)), 10)
        self.assertTrue(batch.date_end)

    def test_killed_between_slices(self):
        """What a slice did and what it says about its rows come and go together."""
        with self._background():
            batch = self._batch(self._rows(10))
            batch.action_import()
            batch._kehu_run_slice()
            self.env.flush_all()
            for _kill in range(3):
                with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
                    batch._kehu_run_slice()
                    self.env.flush_all()
                    raise ZeroDivisionError
                self.env.invalidate_all()
                self.assertEqual(self._states(batch), {"done": 4, "waiting": 6})
                self.assertEqual(len(self._customers(batch)), 4)
            self._cron()
        self.assertEqual(sorted(self._customers(batch).mapped("ref")), sorted(f"T{n}" for n in range(10)))

    def test_a_conflict_is_tried_again(self):
        """A slice that meets somebody else's change is begun anew, from where the last one ended."""
        batches = type(self.env["kehu.import.batch"])
        conflicts = []
        with self._background():
            batch = self._batch(self._rows(6))
            batch.action_import()
            take = batches._kehu_take

            def stumble(batch, limit):
                if len(conflicts) < 2:
                    conflicts.append(limit)
                    raise psycopg2.errors.SerializationFailure
                return take(batch, limit)

            with patch.object(batches, "_kehu_take", stumble):
                self._cron()
        self.assertEqual(len(conflicts), 2)
        self.assertEqual((batch.state, batch.done_count), ("done", 6))

    def test_a_passing_lock_is_tried_again(self):
        """No row is to blame for what somebody else holds at this moment."""
        partners = type(self.env["res.partner"])
        create = partners.create
        held = []

        def refuse(records, vals_list):
            if len(held) < 2:
                held.append(len(vals_list))
                raise LockError(records._description)
            return create(records, vals_list)

        with self._background():
            batch = self._batch(self._rows(6))
            batch.action_import()
            with patch.object(partners, "create", refuse), patch.object(kehu_import_batch_run.time, "sleep") as sleep:
                self._cron()
        self.assertEqual((held, [call.args for call in sleep.call_args_list]), ([4, 4], [(1,), (2,)]))
        self.assertEqual((batch.state, batch.done_count), ("done", 6), batch.problem_ids.mapped("reason"))
        self.assertFalse(batch.problem_ids)

    def test_given_up_after_unexpected_ends(self):
        """An import that brings the server down again and again does not keep others waiting."""
        with self._background():
            bad = self._batch(self._rows(2, "B"))
            bad.action_import()
            good = self._batch(self._rows(2, "G"))
            good.action_import()
            batches = type(self.env["kehu.import.batch"])
            run = batches._kehu_run_slice

            def crash(batch, *args):
                if batch.id == bad.id:
                    raise ZeroDivisionError
                return run(batch, *args)

            with patch.object(batches, "_kehu_run_slice", crash), mute_logger("odoo.addons.base.models.ir_cron", "odoo.sql_db"):
                for _attempt in range(kehu_import_batch_run.ATTEMPTS):
                    self.env.flush_all()
                    with self.enter_registry_test_mode(), self.registry.cursor() as cr, suppress(ZeroDivisionError):
                        self.env(cr=cr)["kehu.import.batch"]._cron_run()
                    self.env.invalidate_all()
                self._cron()
        self.assertEqual((bad.state, good.state), ("cancelled", "done"))
        self.assertIn("ended unexpectedly", bad.stop_reason)

    def test_stopped_and_gone_on_with(self):
        with self._background():
            batch = self._batch(self._rows(10))
            batch.action_import()
            batch._kehu_run_slice()
            batch.action_cancel()
            self._cron()
            self.assertEqual((batch.state, batch.done_count, len(self._customers(batch))), ("cancelled", 4, 4))
            self.assertIn("It was stopped by East Manager", batch.summary)
            with self.assertRaises(KehuImportStateError):
                batch.action_cancel()
            with self.assertRaises(KehuImportStateError):
                batch.file = False
            batch.action_import()
            self._cron()
        self.assertEqual((batch.state, batch.done_count, len(self._customers(batch))), ("done", 10, 10))

    def test_stop_at_the_first_problem(self):
        self._create_customer(name="占用").barcode = "6900000000003"
        self.template.field_ids = [(0, 0, {"title": "条码", "field_name": "barcode"})]
        rows = [[*row, f"690000000000{n}"] for n, row in enumerate(self._rows(6))]
        batch = self._batch(rows, titles=[*TITLES_WITH_BARCODE], on_problem="stop")
        batch.action_import()
        self.assertEqual((batch.state, batch.done_count, batch.problem_count, batch.waiting_count), ("cancelled", 3, 1, 2))
        self.assertEqual(batch.problem_ids.row, 5)
        self.assertIn("It stopped at row 5", batch.summary)
        self.assertEqual(self._customers(batch).mapped("ref"), ["T0", "T1", "T2"])
        with self.assertRaises(KehuImportStateError):
            batch.action_import()
        batch.on_problem = "skip"
        batch.action_import()
        self.assertEqual((batch.state, batch.done_count, batch.problem_count), ("done", 5, 1))
        checked = self._batch([self._row(客户编码="X1")], on_problem="stop")
        with self.assertRaisesRegex(KehuImportStateError, "Row 2 has a problem"):
            checked.action_import()

    def test_who_started_it_lost_the_right(self):
        for change, sentence in (
            (lambda user: user.write({"active": False}), "is not a user any more"),
            (
                lambda user: user.write({"group_ids": [(3, self.env.ref("kehu_crm.group_kehu_manager").id)]}),
                "may not import any more",
            ),
        ):
            with self.subTest(sentence=sentence), self._background(), self.env.cr.savepoint() as savepoint:
                batch = self._batch(self._rows(6))
                batch.action_import()
                batch._kehu_run_slice()
                change(self.user_east_manager)
                self._cron()
                batch = batch.with_user(self.user_director)
                self.assertEqual((batch.state, batch.done_count), ("cancelled", 4))
                self.assertIn(sentence, batch.stop_reason)
                batch.action_import()
                self._cron()
                self.assertEqual((batch.state, batch.done_count), ("done", 6))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_rights_are_those_of_who_started_it(self):
        """In the background too, nobody gives a customer to somebody whom they do not oversee."""
        self.template.field_ids = [(0, 0, {"title": "负责人", "field_name": "user_id"})]
        rows = [[*row, login] for row, login in zip(self._rows(2), ("kehu_seller", "kehu_west_seller"), strict=True)]
        with self._background():
            batch = self._batch(rows, titles=[*TITLES_WITH_OWNER])
            batch.action_import()
            self._cron()
        self.assertEqual((batch.done_count, batch.problem_count), (1, 1))
        self.assertIn("You cannot give", batch.problem_ids.reason)
        self.assertEqual(self._customers(batch).user_id, self.user_seller)
        history = self._customers(batch).kehu_assignment_ids
        self.assertEqual((history.kind, history.author_id), ("create", self.user_east_manager))

    def test_what_changed_between_check_and_run(self):
        """A customer that somebody enters after the check is not imported a second time."""
        batch = self._batch(self._rows(3))
        batch.action_check()
        self._create_customer(name="别人的公司", ref="T1")
        batch.action_import()
        self.assertEqual((batch.done_count, batch.problem_count), (2, 1))
        self.assertEqual(batch.problem_ids.value, "T1")

    def test_correct_in_the_list(self):
        batch = self._batch([*self._rows(2), self._row(客户编码="T9"), self._row(客户名称="公司8", 客户编码="T1", 员工人数="很多")])
        batch.action_check()
        self.assertEqual(
            batch.problem_ids.mapped(lambda problem: (problem.row, problem.column)), [(4, "客户名称"), (5, "员工人数"), (5, "客户编码")]
        )
        batch.write({"problem_ids": [(1, batch.problem_ids[0].id, {"new_value": "公司9"})]})
        self.assertEqual((batch.problem_count, batch.problem_ids.mapped("row")), (1, [5, 5]))
        batch.problem_ids[0].new_value = "12"
        self.assertEqual(batch.problem_ids.mapped("column"), ["客户编码"])
        batch.problem_ids.new_value = "T0"
        self.assertIn("Row 2", batch.problem_ids.reason)
        batch.problem_ids.new_value = "T8"
        self.assertFalse(batch.problem_ids)
        batch.action_import()
        self.assertEqual((batch.done_count, sorted(self._customers(batch).mapped("ref"))), (4, ["T0", "T1", "T8", "T9"]))
        self.assertEqual(self._customers(batch)[-1].kehu_headcount, 12)

    def test_correct_after_the_run(self):
        batch = self._batch([*self._rows(2), self._row(客户编码="T9")])
        batch.action_import()
        self.assertEqual((batch.state, batch.done_count, batch.problem_count), ("done", 2, 1))
        with self.assertRaises(KehuImportStateError):
            batch.action_import()
        batch.problem_ids.new_value = "公司9"
        self.assertEqual((batch.problem_count, batch.waiting_count), (0, 1))
        batch.action_import()
        self.assertEqual((batch.state, batch.done_count, len(self._customers(batch))), ("done", 3, 3))

    def test_nothing_else_of_the_lists_can_be_written(self):
        batch = self._batch([self._row(客户编码="T9")])
        batch.action_check()
        other = self._batch([self._row(客户编码="T8")], user=self.user_sales_manager)
        other.action_check()
        problem, row = batch.problem_ids, batch.row_ids
        for write in (
            lambda: problem.write({"reason": "forged"}),
            lambda: problem.write({"row_id": False, "new_value": "x"}),
            lambda: row.write({"state": "done"}),
            lambda: batch.mapping_ids.write({"column": "x"}),
        ):
            with self.assertRaises(AccessError):
                write()
        with self.assertRaises(KehuEngineOnlyError):
            row.sudo().write({"state": "done"})
        for vals in (
            {"state": "done"},
            {"runner_id": 1},
            {"problem_ids": [(5,)]},
            {"row_ids": [(5,)]},
            {"made": {}},
            {"mapping_ids": [(5,)]},
        ):
            with self.assertRaises(KehuImportStateError):
                batch.write(vals)
        with self.assertRaises(AccessError):
            other.with_user(self.user_east_manager).problem_ids[0].new_value = "x"
        for user in (self.user_seller, self.user_finance, self.user_employee):
            with self.assertRaises(AccessError):
                row.with_user(user).read(["cells"])
        self.assertFalse(self.env["kehu.import.row"].with_user(self.user_east_manager).search([("batch_id", "=", other.id)]))

    def test_several_contacts_in_rows_below_their_customer(self):
        rows = [
            self._row(客户名称="公司1", 客户编码="T1", 联系人="王一"),
            self._row(联系人="王二", 联系人手机="13800000002"),
            self._row(客户名称="公司1", 客户编码="T1", 联系人="王三"),
            self._row(客户名称="公司2", 客户编码="T2"),
            self._row(联系人="赵一"),
            self._row(联系人手机="13800000003"),
            self._row(客户编码="T3", 联系人="孙一"),
            self._row(联系人="孙二"),
        ]
        with self._background(3):
            batch = self._batch(rows)
            batch.action_import()
            self._cron()
        self.assertEqual((batch.done_count, batch.problem_count), (5, 3))
        self.assertEqual(batch.problem_ids.mapped("row"), [7, 8, 9])
        first, second = self._customers(batch)
        self.assertEqual(sorted(first.child_ids.mapped("name")), ["王一", "王三", "王二"])
        self.assertEqual(second.child_ids.mapped("name"), ["赵一"])
        self.assertEqual((batch.created_count, len(self._customers(batch))), (2, 2))

    def test_contacts_on_a_second_sheet(self):
        """They belong to customers of the first sheet, or to those that are here already, by code or by name."""
        here = self._create_customer(self.user_seller, name="老客户", ref="OLD")
        book = load_workbook(BytesIO(xlsx(TITLES, self._row(客户名称="公司1", 客户编码="T1"), self._row(客户名称="公司2", 客户编码="T2"))))
        sheet = book.create_sheet("联系人")
        for cells in (
            ["客户编码", "客户名称", "联系人", "联系人手机"],
            ["T1", None, "王一", "13800000001"],
            ["T1", None, "王二", None],
            [None, "公司2", "赵一", None],
            ["OLD", None, "孙一", None],
            ["NONE", None, "李一", None],
            [None, None, "周一", None],
            ["T2", None, None, "13800000002"],
        ):
            sheet.append(cells)
        content = BytesIO()
        book.save(content)
        with self._background(3):
            batch = self._batch([], file=base64.b64encode(content.getvalue()))
            batch.action_check()
            self.assertEqual((batch.row_count, batch.problem_ids.mapped("row")), (9, [6, 7, 8]))
            self.assertEqual(set(batch.problem_ids.mapped("sheet")), {"联系人"})
            batch.action_import()
            self._cron()
        self.assertEqual((batch.state, batch.done_count, batch.created_count), ("done", 6, 2))
        first, second = self._customers(batch)
        self.assertEqual(sorted(first.child_ids.mapped("name")), ["王一", "王二"])
        self.assertEqual((second.child_ids.mapped("name"), here.child_ids.mapped("name")), (["赵一"], ["孙一"]))
        batch.action_undo()
        self.assertEqual((batch.undone_count, batch.kept_count), (6, 0), batch.problem_ids.mapped("reason"))
        self.assertFalse(here.child_ids)

    def test_known_customers_as_the_template_says(self):
        self._create_customer(self.user_seller, name="老公司", ref="T1")
        rows = [self._row(客户名称="公司1", 客户编码="T1"), self._row(客户名称="公司2", 客户编码="T2")]
        for mode, counts in (("refuse", (1, 0, 1)), ("skip", (0, 1, 0)), ("update", (1, 0, 0))):
            with self.subTest(mode=mode), self.env.cr.savepoint() as savepoint:
                self.template.duplicate_mode = mode
                batch = self._batch(rows if mode != "skip" else rows[:1])
                batch.action_import()
                self.assertEqual((batch.created_count, batch.skipped_count, batch.problem_count), counts)
                self.assertEqual(batch.updated_count, int(mode == "update"))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_owner_as_the_template_says(self):
        pool = self.env["kehu.pool"].create({"name": "Pool (test)", "member_ids": [(6, 0, (self.user_seller | self.user_seller2).ids)]})
        sellers = (self.user_seller | self.user_seller2).sorted("id")
        for rule, owners in (("me", [self.user_east_manager] * 3), ("turn", [sellers[0], sellers[1], sellers[0]]), ("pool", [])):
            with self.subTest(rule=rule):
                self.template.write({"owner_rule": rule, "target_pool_id": pool.id})
                batch = self._batch(self._rows(3, rule))
                batch.action_import()
                self.assertFalse(batch.problem_ids)
                customers = self._customers(batch)
                self.assertEqual([customer.user_id for customer in customers if customer.user_id], owners)
                if rule == "pool":
                    self.assertEqual(customers.kehu_pool_id, pool)

    def test_author_and_date_of_the_file(self):
        self.template.keep_author = True
        self.template.field_ids = [
            (0, 0, {"title": "创建人", "field_name": "create_uid"}),
            (0, 0, {"title": "创建时间", "field_name": "create_date"}),
        ]
        rows = [[*self._rows(1)[0], "kehu_seller", "2019-03-04 10:00:00"]]
        titles = [*TITLES, "创建人", "创建时间"]
        refused = self._batch(rows, titles=titles)
        refused.action_check()
        self.assertIn("sales directors only", refused.problem_ids.reason)
        batch = self._batch(rows, titles=titles, user=self.user_director)
        batch.action_import()
        customer = self._customers(batch)
        self.assertEqual((customer.create_uid, str(customer.create_date.date())), (self.user_seller, "2019-03-04"))
        batch.action_undo()
        self.assertEqual(batch.undone_count, 1)

    def test_default_of_an_empty_cell(self):
        self.template.field_ids.filtered(lambda line: line.field_name == "city").default_value = "无锡市"
        here = self._create_customer(self.user_seller, name="老公司", ref="T1", city="苏州市")
        batch = self._batch([self._row(客户名称="公司1", 客户编码="T1"), self._row(客户名称="公司2", 客户编码="T2")], mode="both")
        batch.action_import()
        self.assertEqual((here.city, self._customers(batch).city), ("苏州市", "无锡市"))

    def test_workbooks_with_the_problems(self):
        batch = self._batch([*self._rows(1), self._row(客户编码="T9", 员工人数="=1+1")])
        with self.assertRaises(KehuImportStateError):
            batch.action_download_marked()
        batch.action_check()
        self.assertIn("marked_workbook", batch.action_download_marked()["url"])
        marked = load_workbook(BytesIO(base64.b64decode(batch.marked_workbook)))
        self.assertEqual(len(marked.worksheets), 2)
        self.assertTrue(marked.worksheets[0]["A3"].comment)
        self.assertIn("failed_workbook", batch.action_export_failed()["url"])
        failed = [
            [cell.value for cell in row] for row in load_workbook(BytesIO(base64.b64decode(batch.failed_workbook))).worksheets[0].rows
        ]
        self.assertEqual((len(failed), failed[0][:2], failed[1][1]), (2, TITLES[:2], "T9"))
        self.assertIn("Fill it in", failed[1][-1])
        with self.assertRaises(AccessError):
            batch.with_user(self.user_seller).action_export_failed()

    def test_imported_is_as_entered_by_hand(self):
        """Customer and contact hold the same values as those that the host completes one after the other."""
        names = ["name", "street", "city", "zip", "state_id", "vat", "industry_id", "company_registry", "phone", "child_ids/name"]
        template = self.template.copy({"name": "All (test)"})
        template.field_ids.unlink()
        template.field_ids = [(0, 0, {"title": name, "field_name": name}) for name in names]
        state = self.env.ref("base.state_us_5")
        industry = self.env["res.partner.industry"].create({"name": "Mining (test)"})
        row = ["手工公司", "人民路1号", "苏州市", "215000", state.name, "91320594MA1MTEST1X", industry.name, "R-1", "0512-66880000", "王一"]
        batch = self._batch([row], titles=names, template_id=template.id)
        batch.action_import()
        self.assertFalse(batch.problem_ids)
        made = self._customers(batch)
        values = dict(zip(names[:-1], row, strict=False))
        values.update(state_id=state.id, country_id=state.country_id.id, industry_id=industry.id)
        partners = self.env["res.partner"].with_user(self.user_east_manager)
        by_hand = partners.create({"kehu_is_customer": True, "is_company": True, **values})
        contact = partners.create({"type": "contact", "parent_id": by_hand.id, "name": "王一"})
        other = {
            "id",
            "ref",
            "parent_id",
            "commercial_partner_id",
            "kehu_customer_id",
            "kehu_contact_number",
            "kehu_import_batch_id",
            "kehu_assignment_ids",
            "access_token",
        }
        fields = [
            name
            for name, field in partners._fields.items()
            if field.store and field.type not in ("one2many", "many2many", "datetime") and name not in other
        ]
        for imported, typed in ((made, by_hand), (made.child_ids, contact)):
            self.assertEqual(imported.sudo().read(fields)[0] | {"id": 0}, typed.sudo().read(fields)[0] | {"id": 0})

    def test_columns_chosen_by_hand_are_remembered(self):
        titles = ["甲栏", "乙栏"]
        self.template.field_ids.required = False
        batch = self._batch([["公司1", "T1"]], titles=titles)
        batch.action_check()
        self.assertIn("甲栏", batch.note)
        mapping = batch.mapping_ids.sorted("position")
        self.assertEqual(mapping.mapped("sample"), ["公司1", "T1"])
        batch.write({"mapping_ids": [(1, mapping[0].id, {"line_id": self.template.field_ids[0].id})]})
        self.assertEqual(batch.state, "draft")
        mapping[1].line_id = self.template.field_ids[1]
        batch.action_import()
        self.assertEqual(self._customers(batch).mapped("ref"), ["T1"])
        again = self._batch([["公司2", "T2"]], titles=titles)
        again.action_import()
        self.assertEqual(set(again.mapping_ids.mapped("found_by")), {"remembered"})
        self.assertEqual(self._customers(again).mapped("name"), ["公司2"])
        other = self._batch([["公司3", "T3"]], titles=titles, user=self.user_director)
        other.action_check()
        self.assertFalse(other.mapping_ids.line_id, "the choice of one person is not that of another")
        with self.assertRaises(KehuImportStateError):
            again.mapping_ids[0].line_id = False
        with self.assertRaises(KehuImportStateError):
            other.mapping_ids[0].line_id = self.env.ref("kehu_crm.kehu_import_template_customer").field_ids[0]

    def test_queries_do_not_grow_with_rows(self):
        """A slice of 100 new customers asks the database at most 0.1 times more for each row than one of 20."""
        counts = {}
        for size in (20, 100, 20, 100):
            batch = self._batch(self._rows(size, f"Q{len(counts)}-{size}-"))
            batch.action_check()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            batch.action_import()
            self.env.flush_all()
            counts[size] = self.env.cr.sql_log_count - before
            self.assertEqual(batch.done_count, size)
            self._customers(batch).ref = False
        self.assertLessEqual(counts[100] - counts[20], 80 * 0.1)


TITLES_WITH_BARCODE = ["客户名称", "客户编码", "所属行业", "员工人数", "城市", "联系人", "联系人手机", "条码"]
TITLES_WITH_OWNER = ["客户名称", "客户编码", "所属行业", "员工人数", "城市", "联系人", "联系人手机", "负责人"]
