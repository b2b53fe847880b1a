"""A year is split over its months; the parts add up to it exactly."""

from datetime import date, datetime

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ...models.target.exceptions import KehuTargetSplitError
from .common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetSplit(TargetCommon):
    def _year(self, value=100000.0, user=None, year=2030, **values):
        return self._create_target(user or self.user_seller, date_from=date(year, 1, 1), date_to=date(year, 12, 31), value=value, **values)

    def _wizard(self, targets, by=None, **values):
        values = {"target_ids": [(6, 0, targets.ids)], **values}
        return self.env["kehu.target.split"].with_user(by or self.user_director).create(values)

    def test_evenly_by_working_days(self):
        """The first quarter of 2030 has 23, 20 and 21 working days: 1,000 is 359.38, 312.50 and 328.12."""
        quarter = self._create_target(self.user_seller, date_from=date(2030, 1, 1), date_to=date(2030, 3, 31), value=1000)
        parts = quarter._kehu_split("evenly")[quarter]
        self.assertEqual([part["value"] for part in parts.values()], [359.38, 312.5, 328.12])

    def test_a_public_holiday_takes_its_part(self):
        self.env["resource.calendar.leaves"].create(
            {"name": "Spring", "calendar_id": False, "date_from": datetime(2030, 2, 3, 16), "date_to": datetime(2030, 2, 8, 15)}
        )
        quarter = self._create_target(self.user_seller, date_from=date(2030, 1, 1), date_to=date(2030, 3, 31), value=590)
        parts = quarter._kehu_split("evenly")[quarter]
        self.assertEqual([part["value"] for part in parts.values()], [230, 150, 210])

    def test_the_parts_add_up_exactly(self):
        for value in (100000.0, 99999.99, 0.07, 1.0, 12345678.9):
            year = self._year(value, stretch=value * 2)
            parts = year._kehu_split("evenly")[year]
            self.assertEqual(len(parts), 12)
            self.assertEqual(round(sum(part["value"] for part in parts.values()), 2), value)
            self.assertEqual(round(sum(part["stretch"] for part in parts.values()), 2), round(value * 2, 2))
            year.unlink()
        year = self._year(25, metric="new_customers")
        values = [part["value"] for part in year._kehu_split("evenly")[year].values()]
        self.assertEqual(sum(values), 25)
        self.assertEqual(values, [int(value) for value in values])

    def test_like_last_year(self):
        """300 in March and 100 in May of the year before: three quarters and one quarter of the target."""
        year = self._year(1000, year=2031)
        self._order_on("2030-03-05", 3)
        self._order_on("2030-05-05", 1)
        parts = year._kehu_split("season")[year]
        self.assertEqual({first.month: part["value"] for (first, _last), part in parts.items() if part["value"]}, {3: 750, 5: 250})

    def test_without_a_last_year_by_working_days(self):
        year = self._year(1000)
        self.assertEqual(year._kehu_split("season"), year._kehu_split("evenly"))

    def test_wizard_makes_months_and_quarters(self):
        year = self._year(stretch=120000.0)
        march = self._create_target(self.user_seller, 3, value=1)
        wizard = self._wizard(year)
        self.assertEqual(len(wizard.line_ids), 12)
        self.assertEqual(wizard.preview, "11 months are made, 1 that exist are changed.")
        action = wizard.action_apply()
        made = self.env["kehu.target"].search(action["domain"])
        months, quarters = (made.filtered(lambda target, name=name: target.period == name) for name in ("month", "quarter"))
        self.assertEqual((len(months), len(quarters), len(made)), (12, 4, 16))
        self.assertIn(march, months)
        for parts in (months, quarters):
            self.assertAlmostEqual(sum(parts.mapped("value")), 100000, places=2)
            self.assertAlmostEqual(sum(parts.mapped("stretch")), 120000, places=2)
        year.invalidate_recordset()
        self.assertFalse(year.parts_warning)
        self.assertFalse(any(quarters.mapped("parts_warning")))
        # a second time nothing is doubled
        self._wizard(year).action_apply()
        self.assertEqual(self.env["kehu.target"].search_count([("user_id", "=", self.user_seller.id)]), 17)

    def test_corrected_months_must_add_up(self):
        wizard = self._wizard(self._year())
        wizard.line_ids[0].value += 10
        with self.assertRaisesRegex(KehuTargetSplitError, "instead of"):
            wizard.action_apply()
        wizard.line_ids[1].value -= 10
        first = wizard.line_ids[0].value
        wizard.action_apply()
        january = self.env["kehu.target"].search([("user_id", "=", self.user_seller.id), ("date_to", "=", date(2030, 1, 31))])
        self.assertEqual(january.value, first)

    def test_several_at_once(self):
        years = self._year() | self._year(user=self.user_seller2) | self._year(user=self.user_west_seller)
        self._wizard(years, quarters=False).action_apply()
        self.assertEqual(self.env["kehu.target"].search_count([("period", "=", "month"), ("metric", "=", "ordered")]), 36)

    def test_form(self):
        year = self._year()
        action = year.with_user(self.user_director).action_split()
        form = Form(self.env["kehu.target.split"].with_user(self.user_director).with_context(**action["context"]))
        self.assertEqual(len(form.line_ids), 12)
        form.mode = "season"
        form.save().action_apply()

    def test_only_years_and_quarters(self):
        month = self._create_target(self.user_seller)
        with self.assertRaisesRegex(KehuTargetSplitError, "neither a year nor a quarter"):
            month.action_split()

    def test_who_may(self):
        mine, other = self._year(), self._year(user=self.user_west_seller)
        self._wizard(mine, by=self.user_east_manager).action_apply()
        with self.assertRaises(AccessError):
            self._wizard(other, by=self.user_east_manager).action_apply()
        with self.assertRaises(AccessError):
            mine.with_user(self.user_seller).action_split()
