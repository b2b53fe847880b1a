"""The target sheet on paper."""

import re
from datetime import date

from lxml import html
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetPrint(TargetCommon):
    def _print(self, target, user):
        report = self.env["ir.actions.report"].with_user(user).with_context(lang="en_US")
        text, _kind = report._render_qweb_html("kehu_crm.print_target", target.ids)
        return html.fromstring(text)

    def test_a_year_with_its_months(self):
        year = self._create_target(
            self.user_seller, date_from=date(2030, 1, 1), date_to=date(2030, 12, 31), value=12000, stretch=15000, note="Grow"
        )
        self.env["kehu.target.split"].create({"target_ids": [(6, 0, year.ids)]}).action_apply()
        self._create_target(self.user_seller, 5, metric="contact_records", value=40)
        self._create_target(self.user_west_seller, 5, value=8765)
        self._order_on("2030-03-05", 10)
        page = self._print(year, self.user_seller)
        rows = [[cell.text_content().strip() for cell in row.iter("td")] for row in page.xpath("//table[@name='lines']/tbody/tr")]
        self.assertEqual(len(rows), 1 + 12 + 4 + 1)
        self.assertEqual(rows[0][:2], ["Order Total", "2030"])
        self.assertIn("12,000.00", rows[0][2])
        self.assertIn("1,000.00", rows[0][5])
        self.assertEqual(rows[0][6], "8.3 %")
        self.assertEqual(rows[-1], ["Contact Records", "May 2030", "40", "", "", "0", "0.0 %"])
        text = page.text_content()
        for word in ("Target Sheet", "Seller", "East (test)", "Signature of the Manager", "Grow"):
            self.assertIn(word, text)
        self.assertNotIn("8,765", text)

    def test_a_billion_stays_in_one_line(self):
        """Of 880 px, the four amounts have 18 characters of 8 px each and the padding."""
        page = self._print(self._create_target(self.user_seller, value=1234567890.12), self.user_seller)
        self.assertIn("1,234,567,890.12", page.text_content())
        widths = [column.get("style") or "" for column in page.xpath("//table[@name='lines']/colgroup/col")]
        widths = [int(re.search(r"width: (\d+)px", width).group(1)) if width else 0 for width in widths]
        self.assertEqual((len(widths), widths[1]), (7, 0))
        self.assertGreaterEqual(min(widths[2:6]), 18 * 8 + 6)
        self.assertGreaterEqual(880 - sum(widths), 110, "room for the name of the period")

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_whose_it_is(self):
        """Said in words of its own: what money is for, on a receipt, and whom a target is for are different words in Chinese."""
        words = self.env["kehu.print"].with_context(lang="en_US")._get_words()
        self.assertNotEqual(words["target_whose"], words["for_what"])

    def test_only_by_who_may_read_it(self):
        with self.assertRaises(AccessError):
            self._print(self._create_target(self.user_seller), self.user_west_seller)
