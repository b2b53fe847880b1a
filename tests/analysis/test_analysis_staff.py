from datetime import date, datetime

from odoo.tests import tagged

from ...models.analysis.exceptions import KehuAnalysisRightError
from ...models.analysis.provider import analyses
from .common import AnalysisCommon

YEAR = {"preset": "custom", "date_from": "2031-01-01", "date_to": "2031-12-31"}
MONTH = {"preset": "custom", "date_from": "2031-03-01", "date_to": "2031-03-31"}


@tagged("post_install", "-at_install")
class TestAnalysisStaff(AnalysisCommon):
    """What people achieved in 2031."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.analysis = cls.env["kehu.analysis"]
        cls._order(cls.customers[0], "2031-03-10", [(cls.products[0], 1, 300.0)])
        cls._order(cls.customers[0], "2031-05-10", [(cls.products[0], 1, 40.0)])
        cls._order(cls.customers[1], "2031-03-11", [(cls.products[0], 1, 70.0)])
        cls._order(cls.customers[2], "2031-03-12", [(cls.products[0], 1, 9.0)])
        # owned by the first seller, sold by the second: credited to the first
        cls._order(cls.customers[0], "2031-03-13", [(cls.products[0], 1, 1.0)], user=cls.user_seller2)
        for user, content in ((cls.user_seller, "They want two pumps in May."), (cls.user_west_seller, "Called, nobody there.")):
            customer = cls.customers[0] if user == cls.user_seller else cls.customers[2]
            record = (
                cls.env["kehu.contact.record"]
                .with_user(user)
                .create({"partner_id": customer.id, "method": "phone", "content": content, "date": date.today()})
            )
            cls.env.flush_all()
            cls.env.cr.execute(
                "UPDATE kehu_contact_record SET date = '2031-03-20', is_effective = %s WHERE id = %s",
                [user == cls.user_seller, record.id],
            )
        leads = cls.env["crm.lead"].create(
            [
                {"name": "Pumps", "type": "opportunity", "user_id": user.id}
                for user in (cls.user_seller, cls.user_seller, cls.user_west_seller)
            ]
        )
        leads.action_set_won()
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE crm_lead SET date_closed = '2031-03-31 17:00:00' WHERE id = %s", [leads[0].id])  # April in China
        cls.env.cr.execute("UPDATE crm_lead SET date_closed = '2031-03-15 04:00:00' WHERE id = ANY(%s)", [leads[1:].ids])
        moment = datetime(2031, 3, 2, 4)
        cls.env.cr.execute("UPDATE kehu_assignment SET date = %s WHERE kind = 'create' AND partner_id = %s", [moment, cls.customers[0].id])
        cls.env.invalidate_all()
        target = {"metric": "ordered", "company_id": cls.env.company.id}
        march = {"period": "month", "date_from": "2031-03-01", "date_to": "2031-03-31"}
        year = {"period": "year", "date_from": "2031-01-01", "date_to": "2031-12-31"}
        cls.env["kehu.target"].create(
            [
                {**target, "user_id": cls.user_seller.id, **march, "value": 602.0},
                {**target, "user_id": cls.user_seller.id, **year, "value": 5000.0},
                {**target, "user_id": cls.user_seller2.id, **march, "value": 70.0},
                {**target, "user_id": cls.user_west_seller.id, **year, "value": 900.0},
                {**target, "metric": "received", "user_id": cls.user_seller.id, **march, "value": 7},
            ]
        )
        journal = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.env.company.id)], limit=1)
        cls.env["account.payment"].create(
            {
                "partner_id": cls.customers[0].id,
                "partner_type": "customer",
                "payment_type": "inbound",
                "amount": 55.0,
                "journal_id": journal.id,
                "date": "2031-03-25",
            }
        ).action_post()

    def _figures(self, user, dimension="user", conditions=None):
        data = self.analysis.with_user(user).get_figures("staff_performance", conditions or MONTH, dimension, "ordered")
        return {row["label"]: row["values"] for row in data["rows"]}, data["total"]

    def test_people(self):
        rows, total = self._figures(self.user_director)
        columns = ("ordered", "target", "achievement", "received", "won", "customers", "contacts", "effective")
        told = {label: tuple(row[name] or 0 for name in columns) for label, row in rows.items()}
        self.assertEqual(told["Seller"], (301.0, 602.0, 50.0, 55.0, 1, 1, 1, 1))
        self.assertEqual(told["Seller2"], (70.0, 70.0, 100.0, 0, 0, 0, 0, 0))
        self.assertEqual(told["West Seller"], (9.0, 0, 0, 0, 1, 0, 1, 0))
        self.assertEqual((total["ordered"], total["target"], total["contacts"]), (380.0, 672.0, 2))
        rows, _total = self._figures(self.user_director, conditions=YEAR)
        self.assertEqual((rows["Seller"]["ordered"], rows["Seller"]["target"]), (341.0, 602.0), "months before the year")
        self.assertEqual((rows["West Seller"]["target"], rows["Seller"]["won"]), (900.0, 2))

    def test_same_as_targets(self):
        """What a target says of a person is what the analysis says."""
        for target in self.env["kehu.target"].search([("user_id", "in", (self.user_seller + self.user_seller2).ids)]):
            conditions = {"preset": "custom", "date_from": str(target.date_from), "date_to": str(target.date_to)}
            rows, _total = self._figures(self.user_director, conditions=conditions)
            self.assertAlmostEqual(rows[target.user_id.name][target.metric], target.actual, 2)

    def test_departments(self):
        rows, _total = self._figures(self.user_director, "department")
        told = {label: (row["ordered"], row["target"]) for label, row in rows.items()}
        self.assertEqual(told["Sales (test) / East (test)"], (371.0, 672.0))
        self.assertEqual(told["Sales (test) / West (test)"], (9.0, 0.0))
        rows, total = self._figures(self.user_director, conditions={**MONTH, "department": self.department_sales.ids})
        self.assertEqual((total["ordered"], sorted(rows)), (380.0, ["Seller", "Seller2", "West Seller"]))

    def test_rights(self):
        for role, names, ordered in (
            ("seller", ["Seller"], 301.0),
            ("west_seller", ["West Seller"], 9.0),
            ("east_manager", ["Seller", "Seller2"], 371.0),
            ("sales_manager", ["Seller", "Seller2", "West Seller"], 380.0),
            ("director", ["Seller", "Seller2", "West Seller"], 380.0),
            ("crm_admin", ["Seller", "Seller2", "West Seller"], 380.0),
            ("finance", ["Seller", "Seller2", "West Seller"], 380.0),
        ):
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                rows, total = self._figures(user)
                self.assertEqual((sorted(rows), total["ordered"]), (names, ordered))
                wide = {**MONTH, "user": (self.user_seller + self.user_seller2 + self.user_west_seller).ids}
                self.assertEqual(self._figures(user, conditions=wide)[1]["ordered"], ordered)
                checked = self.analysis.with_user(user).check_total("staff_performance", YEAR)
                self.assertTrue(checked["agrees"], checked)
        for role in ("service", "order_approver", "receipt_approver", "employee"):
            with self.subTest(role=role), self.assertRaises(KehuAnalysisRightError):
                self._figures(getattr(self, f"user_{role}"))

    def test_records_behind(self):
        provided = analyses(self.env)["staff_performance"]
        for role in ("seller", "east_manager", "director"):
            user = getattr(self, f"user_{role}")
            analysis = self.analysis.with_user(user)
            for row in analysis.get_figures("staff_performance", MONTH, "user", "ordered")["rows"]:
                for measure in provided.measures:
                    with self.subTest(role=role, row=row["label"], measure=measure):
                        action = analysis.get_records("staff_performance", MONTH, "user", row["key"], measure)
                        found = self.env[action["res_model"]].with_user(user).search(action["domain"])
                        if measure in ("won", "customers", "contacts", "effective"):
                            self.assertEqual(len(found), row["values"].get(measure) or 0)
                        elif measure in ("ordered", "achievement") and role == "director":
                            self.assertAlmostEqual(sum(found.mapped("amount_total")), row["values"]["ordered"], 2)
                        elif measure == "target":
                            self.assertAlmostEqual(sum(found.mapped("value")), row["values"]["target"] or 0, 2)
        with self.assertRaisesRegex(Exception, "cannot be found"):
            self.analysis.with_user(self.user_seller).get_records("staff_performance", MONTH, "user", self.user_seller2.id, "ordered")

    def test_records_of_people_who_have_left(self):
        """Whoever is archived keeps a row, and it opens; who may not read what is behind a figure is told so in a sentence."""
        self.user_seller.active = False
        director = self.analysis.with_user(self.user_director)
        shown = director.get_records("staff_performance", YEAR, "user", self.user_seller.id, "ordered")
        self.assertEqual(shown["res_model"], "sale.order")
        finance = self.analysis.with_user(self.user_finance)
        with self.assertRaisesRegex(KehuAnalysisRightError, "not open to your role"):
            finance.get_records("staff_performance", YEAR, "user", self.user_seller.id, "won")

    def test_queries_do_not_grow(self):
        """As many queries for ten people more."""

        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.analysis.with_user(self.user_director).get_figures("staff_performance", MONTH, "user", "ordered")
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        for number in range(10):
            user = self.user_seller.copy({"login": f"more{number}", "name": f"More {number}"})
            customer = self._create_customer(user, name=f"More {number}")
            self._order(customer, "2031-03-10", [(self.products[0], 1, 3.0)])
        count()  # new people empty the caches
        self.assertLessEqual(count(), few)

    def test_workbook_and_setup(self):
        analysis = self.analysis.with_user(self.user_seller)
        self.assertTrue(analysis.get_setup("staff_performance")["formula"])
        director = self.analysis.with_user(self.user_director)
        self.assertTrue(director.export_workbook("staff_performance", YEAR, "department", "ordered")["content"])
