from datetime import date

from odoo.tests import BaseCase

from ...tools import analysis_period as periods


class TestAnalysisPeriods(BaseCase):
    def test_presets(self):
        today = date(2026, 3, 31)
        for preset, first, last in (
            ("this_month", date(2026, 3, 1), date(2026, 3, 31)),
            ("last_month", date(2026, 2, 1), date(2026, 2, 28)),
            ("this_quarter", date(2026, 1, 1), date(2026, 3, 31)),
            ("last_quarter", date(2025, 10, 1), date(2025, 12, 31)),
            ("this_year", date(2026, 1, 1), date(2026, 12, 31)),
            ("last_year", date(2025, 1, 1), date(2025, 12, 31)),
            ("last_12_months", date(2025, 4, 1), date(2026, 3, 31)),
            ("all", None, None),
        ):
            with self.subTest(preset=preset):
                self.assertEqual(periods.resolve(preset, today), (first, last))
        self.assertEqual(periods.resolve("custom", today, date(2026, 1, 5), None), (date(2026, 1, 5), None))

    def test_period_compared_with(self):
        february, leap = (date(2025, 2, 1), date(2025, 2, 28)), (date(2024, 2, 1), date(2024, 2, 29))
        self.assertEqual(periods.shifted(*february, periods.step(*february, "last_year")), leap)
        self.assertEqual(periods.shifted(*february, periods.step(*february, "last_period")), (date(2025, 1, 1), date(2025, 1, 31)))
        quarter = date(2026, 1, 1), date(2026, 3, 31)
        self.assertEqual(periods.shifted(*quarter, periods.step(*quarter, "last_period")), (date(2025, 10, 1), date(2025, 12, 31)))
        ten_days = date(2026, 3, 5), date(2026, 3, 14)
        self.assertEqual(periods.shifted(*ten_days, periods.step(*ten_days, "last_period")), (date(2026, 2, 23), date(2026, 3, 4)))
        self.assertIsNone(periods.step(None, date(2026, 3, 1), "last_year"))
        self.assertIsNone(periods.step(*quarter, "none"))

    def test_whole_months(self):
        self.assertEqual(periods.whole_months(date(2026, 1, 1), date(2026, 3, 31)), (date(2026, 1, 1), date(2026, 4, 1)))
        self.assertEqual(periods.whole_months(date(2026, 1, 2), date(2026, 3, 30)), (date(2026, 2, 1), date(2026, 3, 1)))
        self.assertFalse(periods.whole_months(date(2026, 1, 2), date(2026, 1, 31)))
        self.assertEqual(periods.whole_months(None, None), (None, None))

    def test_buckets(self):
        first, last = date(2025, 11, 15), date(2026, 2, 3)
        months = [date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
        self.assertEqual(periods.buckets(first, last, "month"), months)
        self.assertEqual(periods.buckets(first, last, "quarter"), [date(2025, 10, 1), date(2026, 1, 1)])
        self.assertEqual(periods.buckets(first, last, "year"), [date(2025, 1, 1), date(2026, 1, 1)])
        self.assertEqual(len(periods.buckets(first, last, "day")), 81)
        self.assertEqual(periods.span(date(2026, 1, 1), "quarter"), (date(2026, 1, 1), date(2026, 3, 31)))
        self.assertEqual(periods.bucket_label(date(2026, 4, 1), "quarter"), "2026 Q2")
