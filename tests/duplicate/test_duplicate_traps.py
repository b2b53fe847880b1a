"""Where other programs of this kind stumble when they look for duplicates."""

from odoo.tests import tagged

from ...models.duplicate.kehu_duplicate_group import LARGEST_GROUP
from ...models.duplicate.matching import MOST_HITS
from .common import DuplicateCommon

FIELDS = ("name", "phone", "kehu_mobile", "email", "website", "vat", "street", "industry_id", "kehu_annual_revenue")


@tagged("post_install", "-at_install")
class TestDuplicateTraps(DuplicateCommon):
    def _groups(self, customers):
        self.env["kehu.duplicate.search"].with_user(self.user_crm_admin).action_start()
        groups = self.env["kehu.duplicate.group"].search([("state", "=", "open")])
        return groups.filtered(lambda group: group.member_ids.partner_id & customers)

    def test_trap_what_is_empty_is_the_same_as_nothing(self):
        """Customers without phone, mail, tax number, street, industry and revenue have nothing in common by that."""
        for name in FIELDS:
            self._create_rule(name, action="block")
        customers = self._create_customer(name="甲一机械") | self._create_customer(name="乙二化工")
        customers |= self._create_customer(name="丙三食品", phone="  ", email="", street=" ", website=False, kehu_annual_revenue=0.0)
        for values in ({}, dict.fromkeys(FIELDS, ""), dict.fromkeys(FIELDS, False), {"phone": "-", "email": " ", "vat": "　"}):
            with self.subTest(values=values):
                self.assertEqual(self._find(**values), [])
        self.assertFalse(self._groups(customers))

    def test_trap_a_hotline_is_no_duplicate(self):
        """A number that everybody has names a few, blocks nobody where the rule only tells, and makes no group of hundreds."""
        self._create_rule("phone")
        customers = self.env["res.partner"].create(
            [{"name": f"门店{number}", "kehu_is_customer": True, "phone": "400-820-8820"} for number in range(LARGEST_GROUP + 5)]
        )
        found = self._find(phone="400 8208820")
        self.assertTrue(found)
        self.assertLessEqual(len(found), MOST_HITS)
        self.assertFalse(self._groups(customers))
        twins = customers[:2]
        twins.phone = "0512-66889900"
        self.assertEqual(self._groups(customers).member_ids.partner_id, twins)
