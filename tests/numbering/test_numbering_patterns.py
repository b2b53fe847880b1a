"""Beginnings of numbers: put together, taken apart, and told from each other."""

from itertools import product

from odoo.tests import BaseCase, tagged

from ...tools.number_patterns import DATE_PARTS, SEPARATORS, date_parts, join, mistyped, skeleton, split


@tagged("post_install", "-at_install")
class TestNumberingPatterns(BaseCase):
    def test_there_and_back(self):
        for prefix, date_part, separator in product(("SO", "订单", "S1", ""), (*DATE_PARTS, "none"), SEPARATORS):
            text = join(prefix, date_part, separator)
            with self.subTest(text=text):
                self.assertEqual(join(*split(text)), text)
        self.assertEqual(split("SK%(year)s%(month)s"), ("SK", "year_month", "none"))
        self.assertEqual(split("SO-%(y)s%(month)s%(day)s-"), ("SO", "y_month_day", "hyphen"))
        self.assertEqual(split("INV/"), ("INV", "none", "slash"))
        self.assertEqual(split("C"), ("C", "none", "none"))
        self.assertEqual(split(False), ("", "none", "none"))

    def test_what_nobody_can_read(self):
        for text in ("100%", "%(jahr)s", "%(year)", "%s", "{year}", "(month)s", "A\nB", " SO", "SO ", "%%", "%(year)d"):
            with self.subTest(text=text):
                self.assertTrue(mistyped(text))
        for text in ("SO", "SO-%(year)s-", "订单%(y)s", "A B", ""):
            with self.subTest(text=text):
                self.assertFalse(mistyped(text))

    def test_what_a_number_shows(self):
        self.assertEqual(date_parts("A%(year)s%(month)s"), {"year", "month"})
        self.assertEqual(date_parts("A%(y)s%(doy)s"), {"year", "month", "day"})
        self.assertEqual(date_parts("A%(current_year)s"), set())

    def test_which_run_into_each_other(self):
        for one, other in (("C", "c"), ("C", "C0"), ("C", "C%(year)s"), ("C%(y)s", "C%(year)s%(month)s"), ("S-1-", "S-%(year)s-")):
            self.assertEqual(skeleton(one), skeleton(other))
        for one, other in (("C", "CK"), ("S", "S-"), ("S%(year)s-", "S"), ("C", "HT")):
            self.assertNotEqual(skeleton(one), skeleton(other))
