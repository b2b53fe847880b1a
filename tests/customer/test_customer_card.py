"""What a customer is: code, stage, pinyin, and who cannot be one."""

import psycopg2
from lxml import etree
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.customer.exceptions import KehuCustomerError
from ...models.system.exceptions import KehuUsedError
from ...tools.pinyin import pinyin_key
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerCard(KehuCommon):
    def test_a_name_is_enough(self):
        customer = self.env["res.partner"].with_user(self.user_seller).create({"name": "Only a Name", "kehu_is_customer": True})
        self.assertTrue(customer.ref.startswith("C"))
        self.assertEqual(customer.kehu_stage, "potential")
        self.assertEqual(customer.kehu_customer_id, customer)

    def test_codes(self):
        sequence = self.env.ref("kehu_crm.kehu_customer_sequence")
        taken = sequence.get_next_char(sequence.number_next_actual)
        self._create_customer(ref=taken)
        first, second = self._create_customer(name="First"), self._create_customer(name="Second")
        self.assertEqual(len({taken, first.ref, second.ref}), 3)
        colleague = self._create_customer(owner=self.user_west_seller, name="Hidden Works")
        vendor = self.env["res.partner"].create({"name": "Vendor", "ref": taken})
        mine = self._create_customer(owner=self.user_seller, name="Mine").with_user(self.user_seller)
        doors = {
            "create": lambda: self._create_customer(name="Third", ref=taken),
            "create as salesperson": lambda: mine.create({"name": "Third", "kehu_is_customer": True, "ref": colleague.ref}),
            "write": lambda: first.write({"ref": taken}),
            "write as salesperson": lambda: mine.write({"ref": colleague.ref}),
            "mark": lambda: vendor.write({"kehu_is_customer": True}),
        }
        for door, act in doors.items():
            with self.subTest(door), self.assertRaisesRegex(KehuCustomerError, "already") as caught, self.env.cr.savepoint():
                act()
            self.assertNotIn(colleague.name, str(caught.exception))
        mine.write({"ref": mine.ref})
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.cr.execute("UPDATE res_partner SET ref = %s WHERE id = %s", [taken, first.id])
        company = self.env["res.company"].create({"name": "Second Company"})
        self.assertTrue(self._create_customer(name="Elsewhere", ref=taken, company_id=company.id))
        self.assertTrue(self.env["res.partner"].create({"name": "Vendor", "ref": taken}))
        copy = first.copy()
        self.assertNotEqual(copy.ref, first.ref)
        plain = self.env["res.partner"].create({"name": "Plain"})
        self.assertFalse(plain.ref)
        self.assertFalse(plain.kehu_stage)

    def test_search_by_any_part(self):
        customer = self._create_customer(name="苏州科技园", phone="0512 6288 7777", email="park@suzhou.example.com")
        contact = self._create_contact(customer, name="欧阳建国", kehu_mobile="13800138000")
        partners = self.env["res.partner"]
        for text in ("科技", "szkjy", "SZKJY", "suzhou", "kejiyuan", customer.ref, "6288 7777", "park@suzhou"):
            with self.subTest(text=text):
                self.assertIn(customer.id, [row[0] for row in partners.name_search(text, limit=50)])
        for text in ("建国", "oyjg", "ouyang", "38001380"):
            with self.subTest(text=text):
                self.assertIn(contact.id, [row[0] for row in partners.name_search(text, limit=50)])
        self.assertNotIn(customer.id, [row[0] for row in partners.name_search("bjkjy", limit=50)])

    def test_pinyin(self):
        cases = [
            ("苏州科技园", "suzhoukejiyuan szkjy"),
            ("重庆ABC 公司", "chongqingabcgongsi cqabcgs"),
            ("Suzhou Park", ""),
            ("", ""),
            (False, ""),
        ]
        for name, key in cases:
            with self.subTest(name=name):
                self.assertEqual(pinyin_key(name), key)
        customer = self._create_customer(name="上海久客")
        customer.name = "北京久客"
        self.assertEqual(customer.kehu_pinyin, "beijingjiuke bjjk")

    def test_long_names_are_shown_whole_on_the_card(self):
        """Whatever the host makes of the field: its autocompletion is one line that is cut off on a phone."""
        for xmlid in ("kehu_crm.res_partner_view_form_kehu", "kehu_crm.res_partner_view_form_kehu_contact"):
            arch = etree.fromstring(self.env["res.partner"].get_view(self.env.ref(xmlid).id, "form")["arch"])
            with self.subTest(view=xmlid):
                self.assertEqual(arch.xpath("//h1/field[@name='name']/@widget"), ["kehu_typed_name"])

    def test_own_companies_and_users_are_no_customers(self):
        for partner in (self.env.company.partner_id, self.user_seller2.partner_id):
            with self.subTest(partner=partner.name), self.assertRaises(KehuCustomerError):
                partner.kehu_is_customer = True

    def test_levels_in_use_stay(self):
        self._create_customer(kehu_level_id=self.level_key.id)
        with self.assertRaises(KehuUsedError) as refusal:
            (self.level_none | self.level_key).unlink()
        self.assertIn("“重要客户 (test)” is still used and cannot be deleted: ", str(refusal.exception))
        self.assertIn("Contact (1)", str(refusal.exception))
        self.level_key.active = False
        self.level_none.unlink()
