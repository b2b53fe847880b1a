"""What an import costs: queries and memory do not grow with its rows."""

from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL

from ...models.importer.kehu_import_batch_run import TOLD_ONE_BY_ONE
from ...models.pool.res_partner import FEW_NEW
from .import_common import ImportCommon


class RollbackError(Exception):
    """Ends a savepoint."""


@tagged("post_install", "-at_install")
class TestImporterSpeed(ImportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kehu.duplicate.rule"].create({"field_name": "name", "refuse_import": True})
        cls.env["kehu.duplicate.rule"].create({"field_name": "phone", "refuse_import": True})
        cls.template.field_ids = [
            (0, 0, {"title": "省份", "field_name": "state_id"}),
            (0, 0, {"title": "负责人", "field_name": "user_id"}),
            (0, 0, {"title": "电话", "field_name": "phone"}),
        ]
        cls.titles = ["客户名称", "客户编码", "城市", "联系人", "联系人手机", "省份", "负责人", "电话"]

    def _file(self, size, prefix):
        state = self.env.ref("base.state_us_5").name
        return [
            [f"{prefix}第{n}号公司", f"{prefix}{n}", "苏州市", f"王{n}", f"139{n:08d}", state, "kehu_seller", f"0512-6{n:07d}{len(prefix)}"]
            for n in range(size)
        ]

    def _cost(self, work):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow_with_rows(self):
        """Checked and imported with three names of related records and the search for duplicates: 0.1 queries more for each more row."""
        checks, runs = [], []
        for turn, size in enumerate((20, 20, 120)):
            batch = self._batch(self._file(size, "ABC"[turn] * (turn + 1)), titles=self.titles)
            checks.append(self._cost(batch.action_check))
            self.assertEqual((batch.row_count, batch.problem_count), (size, 0))
            runs.append(self._cost(batch.action_import))
            self.assertEqual((batch.done_count, batch.problem_count), (size, 0))
        self.assertLessEqual(checks[2] - checks[1], 3)
        self.assertLessEqual(runs[2] - runs[1], 100 * 0.1)

    def test_the_first_import_looks_up_in_indexes(self):
        """PostgreSQL counts a table anew that grew by half: an empty base would have it read all customers for each new name."""

        def known():
            query = "SELECT n_distinct FROM pg_stats WHERE schemaname = current_schema AND tablename = 'res_partner' AND attname = 'ref'"
            rows = self.env.execute_query(SQL(query))
            return rows[0][0] if rows else 0

        self.env["res.partner"].create([{"name": f"Known {n} (t)", "ref": f"KNOWN{n}"} for n in range(300)])
        self.env.flush_all()
        batch = self._batch(self._file(1, "J"), titles=self.titles)
        before = known()
        tables = ("res_partner", "kehu_import_row")
        with patch.object(type(batch), "_kehu_sizes_of", return_value=dict.fromkeys(tables, (499, 100, 10, 90))):
            batch._kehu_count_anew()
        self.assertEqual(known(), before, "few rows do not matter")
        for size in ((501, 100, 10, 10), (0, 900, 10, 97), (0, 64, 65, 65)):
            with self.subTest(size), self.assertRaises(RollbackError), self.env.cr.savepoint():
                with patch.object(type(batch), "_kehu_sizes_of", return_value=dict.fromkeys(tables, size)):
                    batch._kehu_count_anew()
                self.assertNotEqual(known(), before)
                raise RollbackError
        sizes = batch._kehu_sizes_of(list(tables))  # asks PostgreSQL itself
        self.assertEqual(sizes.keys(), set(tables))
        self.assertTrue(all(len(size) == 4 for size in sizes.values()))
        batch._kehu_count_anew()

    def test_history_of_many_new_customers(self):
        """More new customers than are written one by one have the same history."""
        count = FEW_NEW + 1
        batch = self._batch(self._file(count, "H"), titles=self.titles)
        batch.action_check()
        batch.action_import()
        history = self.env["kehu.assignment"].search([("partner_id.kehu_import_batch_id", "=", batch.id)], order="id")
        self.assertEqual(len(history.partner_id), count)
        for row in history:
            self.assertEqual((row.kind, row.old_user_id.id, row.user_id.login), ("create", False, "kehu_seller"))
            self.assertEqual((row.author_id, row.company_id), (batch.runner_id, row.partner_id.company_id))
            self.assertEqual(row.date, row.partner_id.kehu_assigned_on)
            self.assertFalse(row.pool_id or row.reason)

    def test_queries_do_not_grow_with_owners(self):
        """Customers of many owners come to follow them in one statement; each owner is told in one message at the end."""
        users = self.env["res.users"].create(
            [
                {"name": f"Owner {n} (t)", "login": f"owner_{n}_t", "group_ids": [(6, 0, self.env.ref("kehu_crm.group_kehu_user").ids)]}
                for n in range(12)
            ]
        )
        runs = []
        with patch.object(type(self.env["kehu.import.batch"]), "_kehu_tell_owners", lambda batch: None):
            for turn, owners in enumerate((users, users[:1], users)):  # first what the rights of each are
                rows = self._file(24, "DEF"[turn] * (turn + 2))
                for number, row in enumerate(rows):
                    row[6] = owners[number % len(owners)].login
                batch = self._batch(rows, titles=self.titles, user=self.user_director)
                batch.action_check()
                runs.append(self._cost(batch.action_import))
                self.assertEqual((batch.done_count, batch.problem_count), (24, 0), batch.problem_ids.mapped("reason"))
        self.assertLessEqual(runs[2] - runs[1], 3)

    def test_many_owners_are_told_together(self):
        """More owners than can be told one by one get one message, without a word about the customers of the others."""
        users = self.env["res.users"].create(
            [
                {"name": f"Owner {n} (t)", "login": f"owner_{n}_t", "group_ids": [(6, 0, self.env.ref("kehu_crm.group_kehu_user").ids)]}
                for n in range(TOLD_ONE_BY_ONE + 1)
            ]
        )
        costs = []
        for turn, owners in enumerate((users[:-1], users)):
            rows = self._file(len(owners), "GH"[turn] * (turn + 2))
            for row, owner in zip(rows, owners, strict=True):
                row[6] = owner.login
            batch = self._batch(rows, titles=self.titles, user=self.user_director)
            batch.action_check()
            last = self.env["mail.message"].search([], order="id desc", limit=1).id or 0
            with patch.object(self.env.registry, "ready", True):
                costs.append(self._cost(batch.action_import))
            told = self.env["mail.message"].search([("id", ">", last), ("message_type", "=", "user_notification")])
            self.assertEqual(told.notified_partner_ids, owners.partner_id)
            self.assertEqual(len(told), 1 if turn else len(owners))
        self.assertNotIn(rows[0][0], told.body)
        self.assertLess(costs[1], costs[0] - TOLD_ONE_BY_ONE)
