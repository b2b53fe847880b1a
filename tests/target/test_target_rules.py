"""What a target must satisfy, at every door."""

from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ...models.system.exceptions import KehuEngineOnlyError
from ...models.target.exceptions import KehuTargetError, KehuTargetTwiceError
from ...models.target.kehu_target import period_label
from .common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetRules(TargetCommon):
    def test_once_for_object_period_and_metric(self):
        target = self._create_target(self.user_seller)
        with self.assertRaisesRegex(KehuTargetTwiceError, "“Seller · Order Total"):
            self._create_target(self.user_seller)
        self._create_target(self.user_seller, metric="received")
        april = self._create_target(self.user_seller, 4)
        with self.assertRaises(KehuTargetTwiceError):
            april.write({"date_from": date(2030, 3, 1), "date_to": date(2030, 3, 31)})
        with self.assertRaises(KehuTargetTwiceError):
            self.env["kehu.target"].create([{"metric": "ordered", "date_from": date(2030, 5, 1), "value": value} for value in (1.0, 2.0)])
        target.write({"date_from": date(2030, 3, 1), "value": 5.0})  # itself is no twin

    def test_a_twin_that_one_may_not_see(self):
        self._create_target(None)
        with self.assertRaises(KehuTargetTwiceError):
            self._create_target(None, by=self.user_director)

    def test_the_end_of_the_month_is_proposed(self):
        target = self._create_target(self.user_seller, 2)
        self.assertEqual((target.date_to, target.period, target.level), (date(2030, 2, 28), "month", "person"))

    def test_the_end_of_the_period_that_is_named(self):
        """An import or a program that names the period and where it begins gets the end of that period, each line of its own."""
        values = [("month", 4), ("quarter", 4), ("year", 1), ("year", 4)]
        targets = self.env["kehu.target"].create(
            [{"user_id": self.user_seller.id, "period": name, "date_from": f"2030-{month:02}-01", "value": 100} for name, month in values]
        )
        ends = [date(2030, 4, 30), date(2030, 6, 30), date(2030, 12, 31), date(2031, 3, 31)]
        self.assertEqual(targets.mapped("date_to"), ends)
        self.assertEqual(targets.mapped("period"), [name for name, _month in values])
        named = self.env["kehu.target"].create({"user_id": self.user_seller2.id, "period": "quarter", "value": 100})
        self.assertEqual((named.date_from, named.date_to), (date(2030, 1, 1), date(2030, 3, 31)))
        with self.assertRaisesRegex(KehuTargetError, "is no year"):
            self._create_target(self.user_seller2, date_from="2030-05-15", period="year")
        with self.assertRaisesRegex(KehuTargetError, "Choose “Month”"):
            self._create_target(self.user_seller2, 5, period="other")

    def test_form_for_a_quarter(self):
        form = Form(self.env["kehu.target"].with_user(self.user_director))
        form.user_id = self.user_seller
        form.date_from = "2030-05-10"
        form.period = "quarter"
        self.assertEqual((form.date_from, form.date_to), (date(2030, 4, 1), date(2030, 6, 30)))
        form.value = 3000
        target = form.save()
        self.assertEqual((target.period, target.display_name), ("quarter", "Seller · Order Total · 2030 Q2"))
        self.assertEqual(period_label(target.with_context(lang="zh_CN").env, target.date_from, target.date_to), "2030年第2季度")

    def test_days(self):
        with self.assertRaises(KehuTargetError):
            self._create_target(self.user_seller, date_to=date(2030, 2, 1))
        with self.assertRaisesRegex(KehuTargetError, "no year"):
            self._create_target(self.user_seller, period="year", date_to=date(2030, 3, 31))

    def test_person_or_department(self):
        with self.assertRaises(KehuTargetError):
            self._create_target(self.user_seller, department_id=self.department_east.id)
        with self.assertRaises(KehuTargetError):
            self._create_target(self.env.ref("base.public_user"))

    def test_three_steps(self):
        target = self._create_target(self.user_seller, value=1000, stretch=1200, challenge=1500)
        with self.assertRaises(KehuTargetError):
            target.stretch = 900
        with self.assertRaises(KehuTargetError):
            target.write({"challenge": 1100})
        with self.assertRaises(KehuTargetError):
            target.write({"value": -1, "stretch": 0, "challenge": 0})
        target.write({"stretch": 0, "challenge": 0})

    def test_computed_columns_are_not_written(self):
        target = self._create_target(self.user_seller)
        for values in ({"level": "company"}, {"kehu_department_id": self.department_west.id}, {"currency_id": 1}):
            with self.subTest(values=values), self.assertRaises(KehuEngineOnlyError):
                target.write(values)

    def test_wrong_values(self):
        for values in ({"value": float("inf")}, {"date_from": "soon"}, {"metric": "x"}, {"user_id": "x"}, {"user_id": 2**30}):
            with self.subTest(values=values), self.assertRaises(KehuTargetError):
                self.env["kehu.target"].create({"date_from": "2030-03-01", "value": 1.0, **values})

    def test_days_that_no_plan_is_for(self):
        """Neither saved nor typed: the calendar ends with the year 9999."""
        days = {"date_from": "2030-03-01", "date_to": "2030-03-31"}
        spec = {name: {} for name in ("date_from", "date_to", "period", "display_name")}
        for model, values in (("kehu.target", {"value": 1.0}), ("kehu.budget", {"planned": 1.0, "kind": "sales"})):
            record = self.env[model].create({**values, **days})
            for wrong in ({"date_to": "9999-12-31"}, {"date_from": "9999-12-01", "date_to": "9999-12-31"}, {"date_from": "0001-01-01"}):
                for attempt in (
                    lambda model=model, vals={**values, **days, **wrong}: self.env[model].create(vals),
                    lambda record=record, wrong=wrong: record.write(wrong),
                    lambda record=record, wrong=wrong: record.onchange(wrong, list(wrong), spec),
                    lambda model=model, vals={**values, **days, **wrong}: self.env[model].onchange(vals, list(vals), spec),
                ):
                    with self.subTest(model=model, **wrong), self.assertRaisesRegex(UserError, "too far away"), self.cr.savepoint():
                        attempt()
        with self.assertRaisesRegex(KehuTargetError, "too far away"):
            self.env["kehu.target"].create({"period": "year", "date_from": "9999-06-01", "value": 1.0})
        with self.assertRaisesRegex(UserError, "too far away"):
            self.env["kehu.commission.run"].create({"date_from": "0001-01-01", "date_to": "0001-01-31"})

    def test_a_copy_is_for_the_next_period(self):
        copy = self._create_target(self.user_seller, 2).copy()
        self.assertEqual((copy.date_from, copy.date_to), (date(2030, 3, 1), date(2030, 3, 31)))
        year = self._create_target(None, date_from=date(2030, 1, 1), date_to=date(2030, 12, 31)).copy()
        self.assertEqual((year.date_from, year.date_to), (date(2031, 1, 1), date(2031, 12, 31)))
