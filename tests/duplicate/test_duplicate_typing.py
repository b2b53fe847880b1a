"""What is told while a customer is typed: by every field that a rule looks at, in every form, and whatever a client sends."""

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from .common import DuplicateCommon

HOSTILE = (
    "华强\x00科技",
    "\ud800华强",
    "' OR 1=1 --",
    "%(key)s {0} \\",
    "x" * 100_000,
    "（" * 50_000,
    "集团" * 30_000,
    ["华强"],
    {"a": 1},
    7,
    True,
    1.5,
    None,
)


@tagged("post_install", "-at_install")
class TestDuplicateTyping(DuplicateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(
            cls.user_seller,
            name="苏州华强科技有限公司",
            phone="0512-66880001",
            kehu_mobile="13800138000",
            email="info@huaqiang.example.com",
            website="https://www.huaqiang.example.com/",
            vat="91320594MA1MAAAA0A",
            street="人民路 12号",
        )

    def _form(self, view="kehu_crm.res_partner_view_form_kehu", user=None, **context):
        context = context or {"default_kehu_is_customer": True, "default_is_company": True, "default_user_id": self.user_seller.id}
        return Form(self.env["res.partner"].with_user(user or self.user_seller).with_context(**context), view)

    def test_every_field_of_a_rule_asks_while_typing(self):
        for name, value in (
            ("name", "华强科技（苏州）"),
            ("phone", "+86 512 6688 0001"),
            ("email", "INFO@huaqiang.example.com"),
            ("website", "huaqiang.example.com"),
            ("vat", "91320594-MA1MAAAA0A"),
            ("street", "人民路12号"),
            ("country_id", self.env.ref("base.cn")),
        ):
            if name == "country_id":
                self.customer.country_id = value
            rule = self._create_rule(name)
            self.env.flush_all()
            with self.subTest(field=name):
                form = self._form()
                if name != "country_id":
                    self.assertFalse(form.kehu_duplicate_notice)
                setattr(form, name, value)
                self.assertIn("苏州华强科技有限公司" if name == "name" else "Seller", form.kehu_duplicate_notice)
            rule.unlink()

    def test_the_banner_follows_a_field_without_key_of_its_own(self):
        self._create_rule("street", action="block")
        form = self._form()
        form.name = "别的公司"
        form.street = "人民路12号"
        self.assertTrue(form.kehu_duplicate_blocked)
        form.street = "解放路3号"
        self.assertFalse(form.kehu_duplicate_notice)
        form.street = "人民路12号"
        self.assertTrue(form.kehu_duplicate_notice)

    def test_the_form_of_the_host_asks_for_a_document(self):
        """An opportunity that wants a new customer opens the host's form."""
        self._create_rule()
        form = self._form("base.view_partner_form", kehu_new_customer="company", default_is_company=True)
        form.name = "苏州华强科技"
        self.assertIn("苏州华强科技有限公司", form.kehu_duplicate_notice)
        form = self._form("base.view_partner_form", default_is_company=True)
        form.name = "苏州华强科技"
        self.assertFalse(form.kehu_duplicate_notice, "a partner outside the CRM is nobody's duplicate")

    def test_quick_creation_of_a_known_customer_opens_the_form(self):
        self._create_rule()
        partners = self.env["res.partner"].with_user(self.user_seller2).with_context(kehu_new_customer="company")
        with self.assertRaises(ValidationError) as caught:
            partners.name_create("华强科技（苏州）")
        self.assertIs(type(caught.exception), ValidationError, "the web client knows no other")
        self.assertIn("“苏州华强科技有限公司” of Seller", str(caught.exception))
        self.assertTrue(partners.name_create("苏州瑞祥科技")[0])
        self.assertTrue(partners.with_context(kehu_new_customer=False).name_create("苏州华强科技")[0])
        self.assertTrue(partners.sudo().name_create("苏州华强科技")[0], "code of the host goes on")
        self.assertTrue(partners.with_context(import_file=True).name_create("苏州华强科技")[0], "an import has its own check")

    def test_whatever_a_client_sends(self):
        for values in ({}, {"match": "similar"}, {"match": "exact"}, {"field_name": "phone"}, {"field_name": "email"}):
            self._create_rule(**values)
        self._create_rule("street", match="exact")
        self._create_rule("country_id")
        self._create_rule("kehu_next_contact")
        for value in HOSTILE:
            with self.subTest(value=str(value)[:20]):
                names = ("name", "phone", "email", "vat", "website", "street", "country_id", "company_id", "kehu_next_contact")
                self.assertIsInstance(self._find(**dict.fromkeys(names, value)), list)
        self.assertEqual(self._find(name="华强\x00科技", phone="0512-66880001")[0]["id"], self.customer.id)

    def test_nothing_is_learnt_of_a_company_by_naming_it(self):
        branch = self.env["res.company"].create({"name": "Branch"})
        self.env["kehu.pool"].create({"name": "Pool of the Branch", "company_id": branch.id, "is_default": True})
        self._create_customer(name="苏州瑞祥科技有限公司", company_id=branch.id)
        self._create_rule()
        self.assertEqual(self._find(self.user_seller2, name="苏州瑞祥科技", company_id=branch.id), [])
        self.user_seller2.company_ids |= branch
        user = self.env["res.partner"].with_user(self.user_seller2).with_context(allowed_company_ids=[self.env.company.id, branch.id])
        self.assertEqual(len(user.kehu_find_duplicates({"name": "苏州瑞祥科技", "company_id": branch.id})), 1)
