"""Completion, pace, ranking, and whether the levels add up."""

from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo.tests import tagged

from .common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetFigures(TargetCommon):
    def test_completion_and_steps(self):
        target = self._create_target(self.user_seller, value=1000, stretch=1500, challenge=2000)
        for quantity, completion, reached, missing in (
            (4, 40, "none", 600),
            (6, 100, "base", 0),
            (5, 150, "stretch", 0),
            (9, 240, "challenge", 0),
        ):
            self._order_on("2030-03-05", quantity)
            target.invalidate_recordset()
            self.assertEqual((target.completion, target.reached, target.missing), (completion, reached, missing))

    def test_facts_are_added_up_once_for_many(self):
        """More targets than the host computes in one slice: one pass over the orders, the same figures as one by one."""
        self._order_on("2030-03-05", 4)
        self._order_on("2032-09-01", 9)
        targets = self.env["kehu.target"].create(
            [
                {"user_id": self.user_seller.id, "metric": "ordered", "date_from": day, "date_to": day, "value": 1000}
                for day in (date(2030, 1, 1) + timedelta(days=number) for number in range(1100))
            ]
        )
        targets.invalidate_recordset()
        achievement = type(self.env["kehu.achievement"])
        with patch.object(achievement, "_kehu_sums", autospec=True, side_effect=achievement._kehu_sums) as sums:
            rows = targets.read(["date_from", "actual", "completion", "missing", "reached"])
            self.assertEqual(sums.call_count, 1)
        figures = {row["date_from"]: (row["actual"], row["completion"], row["missing"], row["reached"]) for row in rows}
        self.assertEqual(figures.pop(date(2030, 3, 5)), (400, 40, 600, "none"))
        self.assertEqual(figures.pop(date(2032, 9, 1)), (900, 90, 100, "none"))
        self.assertEqual(set(figures.values()), {(0, 0, 1000, "none")})

    def test_a_target_of_nothing(self):
        target = self._create_target(self.user_seller, value=0)
        self.assertEqual((target.completion, target.pace_needed, target.status), (0, 0, "upcoming"))

    def test_pace(self):
        """March 2030 has 21 working days; seen on Monday the 11th, six are over and 15 left."""
        target = self._create_target(self.user_seller, value=2100)
        self._order_on("2030-03-05", 3)
        with freeze_time("2030-03-11 04:00:00"):
            target.invalidate_recordset()
            self.assertEqual((target.days_total, target.days_left), (21, 15))
            self.assertAlmostEqual(target.expected, 600)
            self.assertAlmostEqual(target.pace_needed, 120)  # (2100 - 300) / 15
            self.assertEqual(target.status, "behind")
            # a public holiday on Friday 15th, three days' leave from the 18th
            calendar = self.user_seller.sudo().employee_id.resource_calendar_id
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Holiday",
                    "calendar_id": calendar.id,
                    "date_from": datetime(2030, 3, 14, 16),
                    "date_to": datetime(2030, 3, 15, 15, 59),
                }
            )
            target.invalidate_recordset()
            self.assertEqual((target.days_total, target.days_left), (20, 14))
            self.env["resource.calendar.leaves"].create(
                {
                    "name": "Leave",
                    "calendar_id": calendar.id,
                    "resource_id": self.user_seller.sudo().employee_id.resource_id.id,
                    "date_from": datetime(2030, 3, 17, 16),
                    "date_to": datetime(2030, 3, 20, 15, 59),
                }
            )
            target.invalidate_recordset()
            self.assertEqual((target.days_total, target.days_left), (17, 11))
            self.assertAlmostEqual(target.pace_needed, 1800 / 11, places=2)
            colleague = self._create_target(self.user_seller2, value=2100)
            self.assertEqual((colleague.days_total, colleague.days_left), (20, 14))
        with freeze_time("2030-04-02 04:00:00"):
            target.invalidate_recordset()
            self.assertEqual((target.days_left, target.pace_needed, target.status), (0, 0, "missed"))
        with freeze_time("2030-02-02 04:00:00"):
            target.invalidate_recordset()
            self.assertEqual((target.days_left, target.status), (17, "upcoming"))

    def test_on_track_and_reached(self):
        target = self._create_target(self.user_seller, value=2100)
        self._order_on("2030-03-05", 6)
        with freeze_time("2030-03-11 04:00:00"):
            target.invalidate_recordset()
            self.assertEqual(target.status, "on_track")
            self._order_on("2030-03-06", 15)
            target.invalidate_recordset()
            self.assertEqual(target.status, "reached")

    def test_ranking(self):
        """By completion; who is equal shares the place. West has less turnover and more of the target."""
        people = (self.user_seller, self.user_seller2, self.user_west_seller)
        targets = [self._create_target(user, value=value) for user, value in zip(people, (1000, 500, 500), strict=True)]
        self._order_on("2030-03-05", 4)  # seller 40 %
        self._order_on("2030-03-05", 3, customer=self.other_customer)  # west seller 60 %
        for target, place in zip(targets, (2, 3, 1), strict=True):
            target.invalidate_recordset()
            self.assertEqual((target.rank, target.rank_count), (place, 3))
        self._order_on("2030-03-05", 2)  # seller 60 %
        for target, place in zip(targets, (1, 3, 1), strict=True):
            target.invalidate_recordset()
            self.assertEqual(target.rank, place)
        # other metrics, months and levels run a race of their own
        self.assertEqual(self._create_target(self.user_seller, metric="received").rank_count, 1)
        self.assertEqual(self._create_target(None).rank_count, 1)

    def test_a_seller_learns_the_place_and_nothing_else(self):
        for user in (self.user_seller, self.user_seller2, self.user_west_seller):
            self._create_target(user, value=500)
        self._order_on("2030-03-05", 3, customer=self.other_customer)
        mine = self.env["kehu.target"].with_user(self.user_seller).search([])
        self.assertEqual(mine.user_id, self.user_seller)
        self.assertEqual((mine.rank, mine.rank_count), (2, 3))

    def test_sorted_by_figures(self):
        targets = self.env["kehu.target"]
        for user, value in ((self.user_seller, 1000), (self.user_seller2, 500), (self.user_west_seller, 500)):
            targets |= self._create_target(user, value=value)
        self._order_on("2030-03-05", 4)
        self._order_on("2030-03-05", 3, customer=self.other_customer)
        model, domain = self.env["kehu.target"].with_user(self.user_director), [("id", "in", targets.ids)]
        by_rank = [self.user_west_seller, self.user_seller, self.user_seller2]
        self.assertEqual([target.user_id for target in model.search(domain, order="rank")], by_rank)
        self.assertEqual([target.user_id for target in model.search(domain, order="completion DESC, id")], by_rank)
        self.assertEqual([target.user_id for target in model.search(domain, order="rank", offset=1, limit=1)], by_rank[1:2])
        page = model.web_search_read(domain, {"rank": {}, "user_id": {}}, order="rank", limit=2)
        self.assertEqual(([row["rank"] for row in page["records"]], page["length"]), ([1, 2], 3))
        self.assertTrue(model.fields_get(["rank"])["rank"]["sortable"])
        self.assertEqual(model.search_count(domain), 3)

    def test_levels_add_up(self):
        company = self._create_target(None, value=100)
        sales = self._create_target(None, department_id=self.department_sales.id, value=100)
        east = self._create_target(None, department_id=self.department_east.id, value=60)
        west = self._create_target(None, department_id=self.department_west.id, value=30)
        chief = self._create_target(self.user_sales_manager, value=5)
        seller = self._create_target(self.user_seller, value=60)
        self.assertEqual((company.parts_gap, sales.parts_gap, east.parts_gap, west.parts_gap), (0, -5, 0, 0))
        self.assertIn("3 targets of the next level", sales.parts_warning)
        self.assertFalse(company.parts_warning or west.parts_warning or seller.parts_warning)
        chief.value = 10
        self._create_target(self.user_seller2, value=1)
        (company | sales | east).invalidate_recordset()
        self.assertEqual((sales.parts_gap, east.parts_gap), (0, 1))

    def test_months_add_up(self):
        quarter = self._create_target(self.user_seller, date_from=date(2030, 1, 1), date_to=date(2030, 3, 31), value=300)
        months = [self._create_target(self.user_seller, month, value=100) for month in (1, 2)]
        self.assertFalse(quarter.parts_warning)  # March is still to come
        months.append(self._create_target(self.user_seller, 3, value=90))
        quarter.invalidate_recordset()
        self.assertIn("Its months add up to", quarter.parts_warning)
        months[2].value = 100
        quarter.invalidate_recordset()
        self.assertFalse(quarter.parts_warning)
