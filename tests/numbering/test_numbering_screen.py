"""The screen of the numbers: what it shows, what it changes in the host's number series, what it refuses, and who may open it."""

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from ...models.numbering.exceptions import KehuNumberingError, KehuNumberingRightError
from ...models.numbering.kehu_numbering import DOCUMENTS
from ..common import ROLES, KehuCommon


@tagged("post_install", "-at_install")
class TestNumberingScreen(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.kehu_timezone = "Asia/Shanghai"

    def _row(self, document, user=None):
        rows = self.env["kehu.numbering"].with_user(user or self.user_crm_admin)
        return rows.search([("document", "=", document), ("company_id", "=", self.env.company.id)])

    def _series(self, document):
        return self._row(document)._kehu_sequences()[self._row(document)]

    def _draw(self, document, count=1, day=None):
        return self.env["kehu.numbering"]._kehu_next_numbers(document, [(self.env.company.id, day)] * count)

    # -- what it shows -------------------------------------------------------------------------------------------------

    def test_one_row_per_document(self):
        rows = self.env["kehu.numbering"].with_user(self.user_crm_admin).search([("company_id", "=", self.env.company.id)])
        self.assertEqual(rows.mapped("document"), list(DOCUMENTS))
        for row in rows:
            self.assertTrue(row._kehu_sequences()[row], row.document)
            self.assertTrue(row.document == "order" or row.example, row.document)

    def test_a_new_company_has_its_rows(self):
        company = self.env["res.company"].create({"name": "Numbers (test)"})
        rows = self.env["kehu.numbering"].search([("company_id", "=", company.id)])
        self.assertEqual(len(rows), len(DOCUMENTS))
        contracts = rows.filtered(lambda row: row.document == "contract")
        self.assertFalse(contracts.shared)
        self.assertEqual(contracts._kehu_sequences()[contracts].kehu_reset, "never")

    def test_the_example_is_the_next_number(self):
        for document in ("customer", "contact", "opportunity", "receipt", "contract", "request", "quote"):
            row = self._row(document)
            row.invalidate_recordset()
            expected = row.example
            self.assertEqual(row._kehu_sequences()[row].with_company(self.env.company).next_by_id(), expected, document)

    @freeze_time("2026-11-23 04:00:00")
    def test_it_is_shown_while_typing(self):
        row = self._row("receipt")
        with Form(row) as form:
            form.prefix, form.date_part, form.separator, form.digits = "RC", "year", "hyphen", 3
            form.next_number = 900
            self.assertEqual(form.example, "RC-2026-900")
            form.reset = "year"
            self.assertEqual(form.example_then, "RC-2027-001")
        self.assertEqual(self._series("receipt").prefix, "RC-%(year)s-")
        self.assertEqual(self._draw("receipt"), ["RC-2026-900"])

    # -- starting again ------------------------------------------------------------------------------------------------

    def test_every_day_by_the_calendar_of_the_company(self):
        with freeze_time("2026-11-22 03:00:00"):
            row = self._row("opportunity")
            row.write(
                {"prefix": "OP", "date_part": "y_month_day", "separator": "hyphen", "digits": 5, "reset": "day", "next_number": 70007}
            )
            self.assertEqual(self._draw("opportunity", 2), ["OP-261122-70007", "OP-261122-70008"])
        with freeze_time("2026-11-22 15:59:00"):  # 23:59 in Shanghai
            self.assertEqual(self._draw("opportunity"), ["OP-261122-70009"])
        with freeze_time("2026-11-22 16:00:00"):  # midnight
            row.invalidate_recordset()
            self.assertEqual(row.example, "OP-261123-00001")
            self.assertEqual(row.example_then, "OP-261124-00001")
            self.assertEqual(self._draw("opportunity", 2), ["OP-261123-00001", "OP-261123-00002"])
            # a document of an earlier day counts on that day
            self.assertEqual(self._draw("opportunity", 1, fields.Date.to_date("2026-11-22")), ["OP-261122-70010"])

    def test_whose_clock_it_is(self):
        """Neither the zone of the person nor that of the server counts."""
        self.env.user.tz = "America/New_York"
        with freeze_time("2026-12-31 16:30:00"):
            self._row("request").write({"prefix": "RQ", "date_part": "year", "reset": "year", "digits": 2})
            self.assertEqual(self._draw("request")[0][:6], "RQ2027")
            lead = self.env["crm.lead"].with_context(tz="America/New_York").create({"name": "New Year"})
            self.assertEqual(lead.kehu_number[:8], "JH202701")

    def test_every_month_and_every_year(self):
        row = self._row("receipt")
        for reset, date_part, moments in (
            ("month", "year_month", ("2030-01-31 04:00:00", "2030-02-01 04:00:00", "2030-02-28 04:00:00", "2030-03-01 04:00:00")),
            ("year", "year", ("2030-06-01 04:00:00", "2031-01-01 04:00:00", "2031-12-31 04:00:00", "2032-01-01 04:00:00")),
        ):
            with freeze_time(moments[0]):
                row.write({"prefix": f"R{reset}", "date_part": date_part, "reset": reset, "digits": 4})
                first = self._draw("receipt")[0]
            self.assertGreater(int(first[-4:]), 0)
            numbers = []
            for moment in moments[1:]:
                with freeze_time(moment):
                    numbers.append(int(self._draw("receipt")[0][-4:]))
            self.assertEqual(numbers, [1, 2, 1], reset)

    @freeze_time("2026-11-23 04:00:00")
    def test_no_number_comes_twice_when_the_rule_changes(self):
        row = self._row("receipt")
        row.write({"prefix": "RX", "date_part": "year_month_day", "digits": 4})
        given = set()
        for reset in ("never", "month", "day", "year", "day", "never", "month", "never"):
            for no_gap in (True, False):
                row.write({"reset": reset, "no_gap": no_gap})
                numbers = self._draw("receipt", 3) + self._draw("receipt", 1)
                numbers += self._draw("receipt", 1, fields.Date.to_date("2026-11-02"))
                self.assertFalse(given.intersection(numbers), (reset, no_gap))
                given.update(numbers)

    @freeze_time("2026-11-23 04:00:00")
    def test_gaps_change_and_counting_goes_on(self):
        row = self._row("request")
        row.write({"prefix": "RG", "date_part": "year_month", "reset": "month", "digits": 4})
        before = int(self._draw("request")[0][-4:])
        for no_gap in (True, False, True):
            row.write({"no_gap": no_gap})
            self.assertEqual(self._series("request").implementation, "no_gap" if no_gap else "standard")
            before += 2
            self.assertEqual([int(number[-4:]) for number in self._draw("request", 2)], [before - 1, before])

    # -- what it refuses -----------------------------------------------------------------------------------------------

    def test_bad_input(self):
        row = self._row("receipt")
        for vals, words in (
            ({"prefix": "50%"}, "cannot stand in a number"),
            ({"prefix": "R%(jahr)s"}, "cannot stand in a number"),
            ({"prefix": "R{year}"}, "cannot stand in a number"),
            ({"prefix": "R" * 40}, "Shorten it"),
            ({"prefix": ""}, "begin with a letter"),
            ({"prefix": "   "}, "begin with a letter"),
            ({"prefix": "R\n"}, "cannot stand in a number"),
            ({"digits": 0}, "1 to 12 digits"),
            ({"digits": 40}, "1 to 12 digits"),
            ({"digits": -1}, "1 to 12 digits"),
            ({"digits": "three"}, "needs a number"),
            ({"digits": float("nan")}, "needs a number"),
            ({"separator": "colon"}, "not one of the choices"),
            ({"date_part": False}, "Choose a date"),
            ({"reset": "hour"}, "not one of the choices"),
            ({"prefix": "C", "date_part": "none"}, "Customers"),
            ({"prefix": "c20", "date_part": "none"}, "Customers"),
            ({"prefix": "HT"}, "Contracts"),
            ({"date_part": "none", "reset": "day"}, "year, month and day"),
            ({"date_part": "year", "reset": "month"}, "year and month"),
            ({"date_part": "none", "reset": "year"}, "needs the year"),
            ({"next_number": 0}, "never given twice"),
            ({"next_number": -5}, "never given twice"),
            ({"next_number": 10**9}, "never given twice"),
            ({"next_number": 10**30}, "too large"),
            ({"own_numbers": False}, "Only orders"),
            ({"document": "quote"}, "stay"),
            ({"company_id": self.env.company.id}, "stay"),
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError) as refused, self.env.cr.savepoint():
                row.write(vals)
            self.assertIn(words, str(refused.exception))
            self.env.invalidate_all()
        before = self._series("receipt").number_next_actual
        row.write({"next_number": before + 10})
        with self.assertRaises(KehuNumberingError), self.env.cr.savepoint():
            row.write({"next_number": before})

    def test_every_door_meets_the_same_rule(self):
        """The page of settings, the host's own form, and code."""
        series = self._series("customer")
        for prefix in ("SK", "%(jahr)s", "C" * 30):
            with self.subTest(prefix=prefix), self.assertRaises(UserError), self.env.cr.savepoint():
                series.write({"prefix": prefix})
            with self.subTest(page=prefix), self.assertRaises(UserError), self.env.cr.savepoint():
                self.env["kehu.settings"].with_user(self.user_crm_admin).create({"customer_code_prefix": prefix})

    # -- who -----------------------------------------------------------------------------------------------------------

    def test_only_administrators(self):
        row = self._row("customer")
        for role in ROLES:
            if role == "crm_admin":
                continue
            own = row.with_user(getattr(self, f"user_{role}"))
            for call in (
                lambda own=own: own.read(["prefix"]),
                lambda own=own: own.search([]),
                lambda own=own: own.write({"prefix": "X"}),
                lambda own=own: own.kehu_separate(),
            ):
                with self.subTest(role=role), self.assertRaises(AccessError):
                    call()
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._series("customer").with_user(getattr(self, f"user_{role}")).sudo(False).write({"prefix": "X"})
        for act in (row.unlink, row.copy, lambda: row.create({"document": "quote", "company_id": self.env.company.id})):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                act()

    def test_a_salesperson_draws_numbers_and_nothing_else(self):
        """What the host lets everybody inside do goes on: the first number of a day opens it, whoever draws it."""
        self._row("receipt").write({"prefix": "RA", "date_part": "year_month_day", "reset": "day"})
        series = self.env["ir.sequence"].with_user(self.user_seller)
        self.assertTrue(series.next_by_code("kehu.receipt").startswith("RA"))
        own = series.search([("code", "=", "kehu.receipt")], limit=1)
        for vals in ({"kehu_reset": "never"}, {"kehu_floor": 1}, {"number_next": 1}, {"active": False}):
            with self.assertRaises(AccessError):
                own.write(vals)
        with self.assertRaises(AccessError):
            own.date_range_ids.write({"number_next": 1})

    def test_another_company(self):
        company = self.env["res.company"].create({"name": "Others (test)"})
        row = self.env["kehu.numbering"].search([("company_id", "=", company.id), ("document", "=", "contract")])
        with self.assertRaises(AccessError):
            row.with_user(self.user_crm_admin).write({"prefix": "ZZ"})
        with self.assertRaises(KehuNumberingRightError):
            row.with_user(self.user_crm_admin)._kehu_check_may_change(row._kehu_sequences()[row])

    def test_a_company_of_its_own(self):
        self.user_crm_admin.group_ids += self.env.ref("base.group_multi_company")
        row = self._row("customer")
        self.assertTrue(row.shared)
        last = self._draw("customer")[0]
        row.kehu_separate()
        self.assertFalse(row.shared)
        self.assertEqual(int(self._draw("customer")[0][1:]), int(last[1:]) + 1)
        row.write({"prefix": "KA"})
        self.assertEqual(self._create_customer(name="Separate").ref[:2], "KA")
        shared = self.env["ir.sequence"].search([("code", "=", "kehu.customer"), ("company_id", "=", False)])
        self.assertEqual(shared.prefix, "C")
