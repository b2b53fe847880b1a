from datetime import datetime, timedelta

from odoo.tests import tagged

from ...models.analysis.exceptions import KehuAnalysisRightError
from ...models.analysis.provider import analyses
from ..common import KehuCommon

YEAR = {"preset": "custom", "date_from": "2031-01-01", "date_to": "2031-12-31"}
PEOPLE = ("seller", "seller2", "west_seller", "east_manager", "sales_manager", "director", "crm_admin")


@tagged("post_install", "-at_install")
class TestAnalysisFunnel(KehuCommon):
    """Funnel and conversion, from the stage history of 2031."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.stage"].search([]).sequence = 1000
        cls.new, cls.talk, cls.offer, cls.won = cls.env["crm.stage"].create(
            [
                {"name": "New (test)", "sequence": 1},
                {"name": "Talk (test)", "sequence": 2},
                {"name": "Offer (test)", "sequence": 3},
                {"name": "Won (test)", "sequence": 4, "is_won": True},
            ]
        )
        cls.analysis = cls.env["kehu.analysis"]
        # who, way: (day of the year, stage or None: lost)
        ways = (
            ("seller", ((10, cls.new), (14, cls.talk), (20, cls.offer), (40, cls.won))),
            ("seller", ((11, cls.new), (21, cls.offer), (26, None))),
            ("seller2", ((12, cls.new), (13, cls.talk), (15, cls.new), (16, cls.talk))),
            ("west_seller", ((100, cls.talk), (130, cls.won))),
            ("west_seller", ((200, cls.new),)),
        )
        for role, way in ways:
            cls._go(getattr(cls, f"user_{role}"), way)

    @classmethod
    def _go(cls, owner, way):
        lead = cls.env["crm.lead"]
        for day, stage in way:
            last = cls.env["kehu.stage.event"].search([], order="id desc", limit=1).id or 0
            if not lead:
                lead = lead.create({"name": "Pumps", "type": "opportunity", "user_id": owner.id, "stage_id": stage.id})
            elif stage:
                lead.stage_id = stage
            else:
                lead.action_set_lost()
            # 01:00 in China: still the day before in UTC
            cls.env["kehu.stage.event"].flush_model()
            moment = datetime(2031, 1, 1) + timedelta(days=day - 1, hours=-7)
            cls.env.cr.execute("UPDATE kehu_stage_event SET date = %s WHERE id > %s", [moment, last])
            cls.env.invalidate_all()
        return lead

    def _figures(self, user, name, dimension, measure, **conditions):
        data = self.analysis.with_user(user).get_figures(name, {**YEAR, **conditions}, dimension, measure)
        return {row["label"]: row["values"] for row in data["rows"]}, data["total"]

    def test_funnel(self):
        rows, total = self._figures(self.user_director, "sales_funnel", "stage", "entered")
        self.assertEqual(list(rows)[:4], ["New (test)", "Talk (test)", "Offer (test)", "Won (test)"], "in the order of the stages")
        columns = ("entered", "left", "forward", "lost", "skipped", "forward_rate")
        told = {label: tuple(row[name] for name in columns) for label, row in rows.items()}
        self.assertEqual(told["New (test)"], (5, 4, 4, 0, 0, 100.0))
        self.assertEqual(told["Talk (test)"], (4, 3, 2, 0, 1, 66.7))
        self.assertEqual(told["Offer (test)"], (2, 2, 1, 1, 1, 50.0))
        self.assertEqual(told["Won (test)"], (2, 0, 0, 0, 0, None))
        self.assertEqual(tuple(total[name] for name in columns), (13, 9, 7, 1, 2, 77.8))
        # days in New: 4, 10, 1, 1; in Talk: 6, 2, 30
        self.assertEqual((rows["New (test)"]["days_median"], rows["New (test)"]["days_mean"]), (2.5, 4.0))
        self.assertEqual((rows["Talk (test)"]["days_median"], rows["Talk (test)"]["days_mean"]), (6.0, 12.7))
        self.assertEqual((rows["Won (test)"]["days_median"], rows["Won (test)"]["days_mean"]), (None, None))
        self.assertEqual(total["days_mean"], round((16 + 38 + 25) / 9, 1))

    def test_days_in_stage_as_the_figure(self):
        """Rows are sorted and compared by the days; they have no share of a total, and the records are those that left."""
        director = self.analysis.with_user(self.user_director)
        data = director.get_figures("sales_funnel", {**YEAR, "comparison": "last_year"}, "user", "days_mean")
        days = [row["values"]["days_mean"] or 0 for row in data["rows"]]
        self.assertTrue(days and days == sorted(days, reverse=True))
        self.assertFalse(any(row["share"] for row in data["rows"]))
        shares = {measure["name"]: measure["shares"] for measure in director.get_setup("sales_funnel")["measures"]}
        self.assertEqual((shares["entered"], shares["days_mean"], shares["forward_rate"]), (True, False, False))
        action = director.get_records("sales_funnel", YEAR, "user", data["rows"][0]["key"], "days_mean")
        self.assertEqual(set(self.env["kehu.stage.event"].search(action["domain"]).mapped("kind")), {"left"})
        self.assertTrue(director.export_workbook("sales_funnel", YEAR, "user", "days_mean")["content"])

    def test_days_are_those_of_the_company(self):
        self.env.company.kehu_timezone = "Asia/Shanghai"
        rows, _total = self._figures(self.user_director, "sales_funnel", "month", "entered")
        self.assertEqual(
            {label: row["entered"] for label, row in rows.items() if row.get("entered")},
            {"2031-01": 9, "2031-02": 1, "2031-04": 1, "2031-05": 1, "2031-07": 1},
        )
        one = {"date_from": "2031-01-10", "date_to": "2031-01-10"}
        self.assertEqual(self._figures(self.user_director, "sales_funnel", "stage", "entered", **one)[1]["entered"], 1)

    def test_conversion(self):
        director = self.user_director
        rows, total = self._figures(director, "sales_conversion", "to_stage", "rate", from_stage=self.new.ids)
        told = {label: (row["cohort"], row["reached"], row["rate"]) for label, row in rows.items()}
        self.assertEqual(told["Talk (test)"], (4, 2, 50.0))
        self.assertEqual(told["Offer (test)"], (4, 2, 50.0))
        self.assertEqual(told["Won (test)"], (4, 1, 25.0))
        self.assertEqual(told["New (test)"], (4, 1, 25.0), "came back")
        self.assertEqual((total["cohort"], total["reached"]), (4, 1), "won")
        _rows, total = self._figures(director, "sales_conversion", "user", "rate", from_stage=self.talk.ids, to_stage=self.offer.ids)
        self.assertEqual((total["cohort"], total["reached"], total["rate"]), (3, 1, 33.3))
        rows, total = self._figures(director, "sales_conversion", "user", "rate")
        self.assertEqual(
            {label: (row["cohort"], row["reached"]) for label, row in rows.items()},
            {"Seller": (2, 1), "Seller2": (1, 0), "West Seller": (2, 1)},
        )
        later = {"date_from": "2031-03-01"}
        self.assertEqual(self._figures(director, "sales_conversion", "user", "rate", **later)[1]["cohort"], 2)

    def test_rights(self):
        """Everybody gets what a search for the rows as themselves finds; totals too."""
        # entered, and opportunities that began
        seen = {"seller": (6, 2), "seller2": (4, 1), "west_seller": (3, 2), "east_manager": (10, 3)}
        for role in PEOPLE:
            user = getattr(self, f"user_{role}")
            own = self.env["kehu.stage.event"].with_user(user)
            stages = [("stage_id", "in", (self.new + self.talk + self.offer + self.won).ids), ("kind", "=", "entered")]
            with self.subTest(role=role):
                _rows, total = self._figures(user, "sales_funnel", "stage", "entered")
                self.assertEqual(total["entered"], own.search_count([*stages, ("date", "<", "2031-12-31"), ("date", ">", "2030-12-31")]))
                _rows, total = self._figures(user, "sales_conversion", "user", "rate")
                if role in seen:
                    rows, _total = self._figures(user, "sales_funnel", "user", "left")
                    self.assertEqual((sum(row["entered"] for row in rows.values()), total["cohort"]), seen[role])
                for name in ("sales_funnel", "sales_conversion"):
                    self.assertTrue(self.analysis.with_user(user).check_total(name, YEAR)["agrees"])
        for role in ("service", "finance", "order_approver", "receipt_approver", "employee"):
            for name in ("sales_funnel", "sales_conversion"):
                with self.subTest(role=role, name=name), self.assertRaises(KehuAnalysisRightError):
                    self.analysis.with_user(getattr(self, f"user_{role}")).get_figures(name, YEAR, "user", "cohort")

    def test_records_behind(self):
        """Behind every figure that can be clicked are as many records as it says, as this person, for each measure and dimension."""
        for role in ("seller", "east_manager", "director"):
            user = getattr(self, f"user_{role}")
            analysis = self.analysis.with_user(user)
            for name in ("sales_funnel", "sales_conversion"):
                provided = analyses(self.env)[name]
                wider = {"from_stage": self.new.ids} if name == "sales_conversion" else {}
                for conditions in (YEAR, {**YEAR, "user": self.user_seller.ids, **wider}):
                    for dimension in provided.dimensions:
                        for row in analysis.get_figures(name, conditions, dimension, provided.measures[0])["rows"]:
                            for measure in provided.measures:
                                if not provided.known_measures[measure].shares:
                                    continue
                                with self.subTest(role=role, name=name, dimension=dimension, row=row["label"], measure=measure):
                                    action = analysis.get_records(name, conditions, dimension, row["key"], measure)
                                    found = self.env[action["res_model"]].with_user(user).search_count(action["domain"])
                                    self.assertEqual(found, row["values"].get(measure) or 0)

    def test_queries_do_not_grow(self):
        analysis = self.analysis.with_user(self.user_east_manager)

        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            analysis.get_figures("sales_funnel", YEAR, "user", "entered")
            analysis.get_figures("sales_conversion", YEAR, "to_stage", "rate")
            return self.env.cr.sql_log_count - before

        count()
        few = count()
        for number in range(12):
            self._go(self.user_seller if number % 2 else self.user_seller2, ((30 + number, self.new), (50, self.talk)))
        self.assertLessEqual(count(), few)

    def test_check_looks_for_itself(self):
        """A row that the log does not tell right is found out."""
        provided = analyses(self.env)["sales_funnel"]
        sums = provided.sums
        try:
            type(provided).sums = {**sums, "lost": sums["left"]}
            checked = self.analysis.with_user(self.user_director).check_total("sales_funnel", YEAR)
        finally:
            type(provided).sums = sums
        self.assertFalse(checked["agrees"])

    def test_workbook_and_setup(self):
        for name in ("sales_funnel", "sales_conversion"):
            analysis = self.analysis.with_user(self.user_director)
            setup = analysis.get_setup(name)
            self.assertTrue(setup["formula"])
            self.assertTrue(analysis.export_workbook(name, YEAR, setup["dimension"], setup["measure"])["content"])
