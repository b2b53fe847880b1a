from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.api import Environment
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.analysis import pool_analyses
from ...models.analysis.exceptions import KehuAnalysisError, KehuAnalysisRightError
from ...models.analysis.provider import analyses
from ...models.system.engine import as_engine
from .common import AnalysisCommon

YEAR = {"preset": "custom", "date_from": "2031-01-01", "date_to": "2031-12-31"}
PEOPLE = ("seller", "seller2", "west_seller", "east_manager", "sales_manager", "director", "crm_admin", "finance")


@tagged("post_install", "-at_install")
class TestAnalysisPools(AnalysisCommon):
    """What came into pools and went out in 2031, and what came of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analysis = cls.env["kehu.analysis"]
        cls.pool = cls.env["kehu.pool"].create({"name": "Pool (test)"})
        cls.customer, cls.other = cls.env["res.partner"].concat(
            *(cls._create_customer(name=f"Pooled {number}", kehu_pool_id=cls.pool.id) for number in range(2))
        )
        cls._dated("2031-01-05")
        cls.customer.kehu_assign(cls.user_seller.id, "Test")
        cls._dated("2031-01-20")
        cls.customer.kehu_return("Test", cls.pool.id)
        cls._dated("2031-03-01")
        cls.customer._kehu_change_owner("assign", user=cls.user_seller2, reason="Test")
        cls._dated("2031-03-10")
        cls.customer._kehu_change_owner("recycle", pool=cls.pool, reason="No effective contact for 30 days.")
        cls._dated("2031-05-01")
        cls.customer.kehu_assign(cls.user_west_seller.id, "Test")
        cls.other.kehu_assign(cls.user_seller.id, "Test")
        cls._dated("2031-06-01")
        for customer, day, price, user in (
            (cls.customer, "2031-02-10", 100.0, cls.user_seller),
            (cls.customer, "2031-02-20", 50.0, cls.user_seller),
            (cls.customer, "2031-05-15", 1000.0, cls.user_seller),  # in the pool: nobody's round
            (cls.customer, "2031-07-10", 7.0, cls.user_west_seller),
        ):
            cls._order(customer, day, [(cls.products[0], 1, price)], user=user)
        cls.mine = {"pool": cls.pool.ids}

    @classmethod
    def _dated(cls, day):
        """What was written in this test since the last call happened then, at 01:00 in China."""
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE kehu_assignment SET date = %s WHERE date >= %s AND date < '2031-01-01' AND partner_id = ANY(%s)",
            [datetime.fromisoformat(day) - timedelta(hours=7), cls.env.cr.now() - timedelta(days=1), (cls.customer + cls.other).ids],
        )
        cls.env.invalidate_all()

    def _figures(self, user, name, dimension, measure, **conditions):
        data = self.analysis.with_user(user).get_figures(name, {**YEAR, **self.mine, **conditions}, dimension, measure)
        return {row["label"]: row["values"] for row in data["rows"]}, data["total"]

    def test_flow(self):
        rows, total = self._figures(self.user_director, "pool_flow", "kind", "into")
        told = {label: (row["into"], row["out"]) for label, row in rows.items()}
        self.assertEqual(
            told,
            {"New in the CRM": (2, 0), "Returned by the Owner": (1, 0), "Recycled by a Rule": (1, 0), "Assigned": (0, 4)},
        )
        self.assertEqual([total[name] for name in ("into", "out", "net", "recycled", "returned")], [4, 4, 0, 1, 1])
        rows, _total = self._figures(self.user_director, "pool_flow", "month", "into")
        told = {label: (row["into"], row["out"]) for label, row in rows.items() if row.get("into") or row.get("out")}
        self.assertEqual(told, {"2031-01": (2, 1), "2031-03": (1, 1), "2031-05": (1, 0), "2031-06": (0, 2)})
        rows, _total = self._figures(self.user_director, "pool_flow", "day", "out", date_to="2031-01-31")
        self.assertEqual(rows["2031-01-20"]["out"], 1)
        rows, _total = self._figures(self.user_director, "pool_flow", "old_user", "into")
        self.assertEqual((rows["Seller"]["returned"], rows["Seller2"]["recycled"]), (1, 1))
        rows, _total = self._figures(self.user_director, "pool_flow", "user", "out", department=self.department_west.ids)
        self.assertEqual({label: row["out"] for label, row in rows.items()}, {"West Seller": 1})

    def test_yield(self):
        rows, total = self._figures(self.user_director, "pool_yield", "user", "yield")
        columns = ("rounds", "won", "deals", "amount", "per_round")
        told = {label: tuple(row[name] for name in columns) for label, row in rows.items()}
        self.assertEqual(told, {"Seller": (2, 1, 2, 150.0, 1.0), "Seller2": (1, 0, 0, 0.0, 0.0), "West Seller": (1, 1, 1, 7.0, 1.0)})
        self.assertEqual((total["rounds"], total["won"], total["yield"], total["deals"], total["amount"]), (4, 2, 50.0, 3, 157.0))
        self.assertEqual(rows["Seller2"]["days"], 52.0)
        self.assertEqual(total["per_round"], 0.8)

    def test_reads_orders_of_its_rounds_only(self):
        """Orders of other customers, and from before the rounds, are not read."""
        for customer, day in ((self.customers[0], "2031-05-20"), (self.customer, "2029-01-01"), (self.customer, "2031-09-09")):
            self._order(customer, day, [(self.products[0], 1, 3.0)], user=self.user_seller)
        asked = []
        execute = Environment.execute_query

        def note(env, query):
            asked.append(query)
            return execute(env, query)

        conditions = {**YEAR, **self.mine, "date_from": "2031-04-01"}
        with patch.object(Environment, "execute_query", note):
            self.analysis.with_user(self.user_director).get_figures("pool_yield", conditions, "user", "yield")
        [query] = [query for query in asked if "round r LEFT JOIN made" in query.code][:1]
        self.env.cr.execute(SQL("EXPLAIN (ANALYZE, FORMAT JSON) %s", query))

        def nodes(plan):
            yield plan
            for part in plan.get("Plans", ()):
                yield from nodes(part)

        [[[explained]]] = self.env.cr.fetchall()
        [rows] = [node["Actual Rows"] for node in nodes(explained["Plan"]) if node.get("Subplan Name") == "CTE deal"]
        self.assertEqual(rows, 2, "of its customer, since the first of June, when its round began: 10 July and 9 September")

    def test_by_rule_and_by_reason(self):
        """A rule that brought customers back is told by the run's own line, a reason by what somebody wrote; both open their records."""
        row = self.env["kehu.assignment"].search([("kind", "=", "recycle"), ("partner_id", "=", self.customer.id)])
        rows, _total = self._figures(self.user_director, "pool_flow", "rule", "into")
        self.assertEqual(rows["No Rule"]["into"], 4)
        run = as_engine(self.env["kehu.pool.run"].sudo(), "recycle").create(
            {"company_id": self.env.company.id, "date": "2031-03-10", "date_start": "2031-03-10 01:00:00"}
        )
        line = as_engine(self.env["kehu.pool.run.line"].sudo(), "recycle").create(
            {
                "run_id": run.id,
                "kind": "recycled",
                "partner_id": self.customer.id,
                "user_id": self.user_seller2.id,
                "pool_id": self.pool.id,
                "rule": "idle",
                "due_on": "2031-03-10",
            }
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE kehu_pool_run_line SET create_date = %s WHERE id = %s", [row.create_date, line.id])
        self.env.invalidate_all()
        rows, total = self._figures(self.user_director, "pool_flow", "rule", "into")
        self.assertEqual({label: values["into"] for label, values in rows.items()}, {"No Effective Contact": 1, "No Rule": 3})
        self.assertEqual(row.kehu_rule, "idle")
        analysis = self.analysis.with_user(self.user_director)
        conditions = {**YEAR, **self.mine}
        action = analysis.get_records("pool_flow", conditions, "rule", "idle", "into")
        self.assertEqual(self.env["kehu.assignment"].search(action["domain"]), row)
        rows, reasons = self._figures(self.user_director, "pool_flow", "reason", "into")
        self.assertEqual(
            {label: values["into"] for label, values in rows.items() if values["into"]}, {"Not set": 2, "Test": 1, row.reason: 1}
        )
        self.assertEqual(reasons, total)
        action = analysis.get_records("pool_flow", conditions, "reason", row.reason, "into")
        self.assertEqual(self.env["kehu.assignment"].search(action["domain"]), row)
        with self.assertRaises(KehuAnalysisError):
            analysis.get_records("pool_flow", conditions, "reason", 7, "into")

    def test_rights(self):
        """Rows of customers that one may see, orders that one may see; whoever has the customer now learns no former owner's deals."""
        rows, total = self._figures(self.user_west_seller, "pool_yield", "user", "rounds")
        self.assertEqual({label: row["rounds"] for label, row in rows.items()}, {"Seller": 1, "Seller2": 1, "West Seller": 1})
        self.assertEqual((total["deals"], total["amount"]), (1, 7.0))
        _rows, total = self._figures(self.user_seller, "pool_yield", "user", "rounds")
        self.assertEqual((total["rounds"], total["deals"]), (1, 0))
        for role in PEOPLE:
            user = getattr(self, f"user_{role}")
            seen = (
                self.env["kehu.assignment"]
                .with_user(user)
                .search_count([("partner_id", "in", (self.customer + self.other).ids), ("user_id", "!=", False)])
            )
            with self.subTest(role=role):
                self.assertEqual(self._figures(user, "pool_yield", "user", "rounds")[1].get("rounds") or 0, seen)
                for name in ("pool_flow", "pool_yield"):
                    for conditions in ({"preset": "all"}, {**YEAR, "department": self.department_east.ids}, {**YEAR, **self.mine}):
                        checked = self.analysis.with_user(user).check_total(name, conditions)
                        self.assertTrue(checked["agrees"], checked)
        for role in ("service", "order_approver", "receipt_approver", "employee"):
            for name in ("pool_flow", "pool_yield"):
                with self.subTest(role=role, name=name), self.assertRaises(KehuAnalysisRightError):
                    self.analysis.with_user(getattr(self, f"user_{role}")).get_figures(name, YEAR, "user", "out")

    def test_records_behind(self):
        for role in ("seller", "east_manager", "director", "finance"):
            user = getattr(self, f"user_{role}")
            analysis = self.analysis.with_user(user)
            for name in ("pool_flow", "pool_yield"):
                provided = analyses(self.env)[name]
                for dimension in provided.dimensions:
                    conditions = {**YEAR, **self.mine, **({"date_to": "2031-06-30"} if dimension == "day" else {})}
                    for row in analysis.get_figures(name, conditions, dimension, provided.measures[0])["rows"]:
                        for measure in provided.measures:
                            if measure in ("yield", "net", "deals", "amount", "per_round", "days") or not row["values"].get(measure):
                                continue
                            with self.subTest(role=role, name=name, dimension=dimension, row=row["label"], measure=measure):
                                action = analysis.get_records(name, conditions, dimension, row["key"], measure)
                                found = self.env[action["res_model"]].with_user(user).search_count(action["domain"])
                                self.assertEqual(found, row["values"][measure])

    def test_check_looks_for_itself(self):
        with patch.object(pool_analyses, "SQL_OUT", pool_analyses.SQL("kehu_assignment.kind = 'claim'")):
            checked = self.analysis.with_user(self.user_director).check_total("pool_flow", {**YEAR, **self.mine})
        self.assertFalse(checked["agrees"])
        with patch.object(pool_analyses, "UNTIL", pool_analyses.SQL("NULL::timestamp")):
            checked = self.analysis.with_user(self.user_director).check_total("pool_yield", {**YEAR, **self.mine})
        self.assertFalse(checked["agrees"])

    def test_queries_do_not_grow(self):
        analysis = self.analysis.with_user(self.user_east_manager)

        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            analysis.get_figures("pool_flow", YEAR, "kind", "into")
            analysis.get_figures("pool_yield", YEAR, "user", "yield")
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        for number in range(8):
            customer = self._create_customer(name=f"More {number}", kehu_pool_id=self.pool.id)
            customer.kehu_assign((self.user_seller if number % 2 else self.user_seller2).id, "Test")
        self.assertLessEqual(count(), few)

    def test_workbook_and_setup(self):
        for name in ("pool_flow", "pool_yield"):
            analysis = self.analysis.with_user(self.user_director)
            setup = analysis.get_setup(name)
            self.assertTrue(analysis.export_workbook(name, YEAR, setup["dimension"], setup["measure"])["content"])
