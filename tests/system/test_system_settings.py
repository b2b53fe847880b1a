"""The one settings page: who opens it, what it writes, and the defaults a company of three need not touch."""

from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools.misc import file_open

from ...models.system.exceptions import KehuAccessError, KehuValidationError
from ..common import ROLES, KehuCommon


def _data(path):
    """The records of a data file, each as {field: text}."""
    with file_open(f"kehu_crm/data/{path}", "rb") as stream:
        records = etree.parse(stream).getroot().iter("record")
        return [{field.get("name"): field.text for field in record.iter("field")} for record in records]


# The blocks of the page; rooms hang their settings into them by name.
BLOCKS = (
    "customer",
    "followup",
    "call",
    "pool",
    "lookup",
    "quota",
    "duplicate",
    "sales",
    "approval",
    "contract",
    "importer",
    "log",
    "configuration",
    "login",
    "receivable",
    "credit",
)


@tagged("post_install", "-at_install")
class TestSystemSettings(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool = cls.env["kehu.pool"]._kehu_get_default(cls.env.company)

    def _page(self, user=None, **values):
        return self.env["kehu.settings"].with_user(user or self.user_crm_admin).create(values)

    def test_no_words_are_lost(self):
        """The host shows the elements of a setting and drops words that stand between them."""
        arch = etree.fromstring(self.env["kehu.settings"].with_user(self.user_crm_admin).get_view(view_type="form")["arch"])
        for setting in arch.iter("setting"):
            words = [(setting.text or "").strip(), *((child.tail or "").strip() for child in setting)]
            self.assertFalse(any(words), setting.get("id"))

    def test_administrator_opens_and_saves(self):
        self.env.company.kehu_timezone = "Asia/Shanghai"
        with Form(self.env["kehu.settings"].with_user(self.user_crm_admin)) as page:
            self.assertEqual(page.pool_id, self.pool)
            self.assertEqual(page.kehu_timezone, "Asia/Shanghai")
            page.kehu_timezone = "Europe/Berlin"
            page.pool_idle_days = 45
            page.pool_max_held = 200
            page.customer_code_prefix = "KH"
            page.customer_code_digits = 5
        self.assertEqual(self.env.company.kehu_timezone, "Europe/Berlin")
        self.assertEqual((self.pool.idle_days, self.pool.max_held), (45, 200))
        self.assertRegex(self._create_customer(name="Numbered").ref, r"^KH\d{5}$")
        self.assertEqual(page.record.execute()["tag"], "reload")

    def test_nobody_else(self):
        for role in ROLES:
            if role == "crm_admin":
                continue
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._page(user)
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.env["kehu.settings"].with_user(user).get_views([(False, "form")])
        page = self._page()
        with self.assertRaises(AccessError):
            page.with_user(self.user_director).write({"kehu_timezone": "Europe/Berlin"})
        with self.assertRaises(AccessError):
            page.with_user(self.user_director).execute()

    def test_saving_the_page_opens_nothing_else_of_the_company(self):
        """The administrator of the CRM writes the rules of the CRM at the company, and nothing else of it."""
        name = self.env.company.name
        page = self._page(kehu_timezone="Europe/Berlin")
        with self.assertRaises(AccessError):
            page.company_id.write({"name": "Mine"})
        with self.assertRaises(AccessError):
            page.company_id.write({"kehu_timezone": "Europe/Paris"})
        rules = [field for field in page._fields if page._kehu_is_company_rule(field)]
        self.assertTrue(rules)
        for field in rules:
            self.assertRegex(page._fields[field].related, r"^company_id\.kehu_\w+$")
        self.assertEqual(self.env.company.name, name)

    def test_only_what_differs_is_written(self):
        """The page sends everything that it shows; a second page that was opened earlier with the same values changes nothing."""
        page = self._page()
        before = self.pool.write_date
        values = page.read([name for name in page._fields if name.startswith("pool_") and not page._fields[name].readonly])[0]
        self.assertFalse([name for name, value in values.items() if name != "id" and page._kehu_differs(name, value)])
        self.assertEqual(self.pool.write_date, before)

    def test_other_companies(self):
        """Settings are those of the active company; another one's are out of reach."""
        other = self.env["res.company"].create({"name": "Other Company", "kehu_timezone": "America/New_York"})
        with self.assertRaises(KehuAccessError):
            self._page(company_id=other.id, kehu_timezone="Europe/Berlin")
        with self.assertRaises(KehuValidationError):
            self._page().write({"company_id": other.id})
        self.assertEqual(other.kehu_timezone, "America/New_York")
        pages = self.env["kehu.settings"].with_user(self.user_crm_admin)
        spec = {"company_id": {"fields": {"display_name": {}}}, "kehu_timezone": {}, "customer_code_prefix": {}}
        for number in (other.id, [other.id, "Other"], {"id": other.id}):
            with self.subTest(onchange=number), self.assertRaises(KehuAccessError):
                pages.onchange({"company_id": number}, ["company_id"], spec)
        with self.assertRaises(KehuAccessError):
            pages.with_context(default_company_id=other.id).onchange({}, [], spec)
        self.assertEqual(pages.onchange({}, [], spec)["value"]["company_id"]["id"], self.env.company.id)
        self.user_crm_admin.company_ids |= other
        own_pool = self.env["kehu.pool"].create({"name": "Own Pool", "company_id": other.id, "is_default": True})
        page = self.env["kehu.settings"].with_user(self.user_crm_admin).with_company(other).create({"pool_idle_days": 9})
        self.assertEqual((page.company_id, page.pool_id, page.kehu_timezone), (other, own_pool, "America/New_York"))
        self.assertEqual(own_pool.idle_days, 9)
        self.assertNotEqual(self.pool.idle_days, 9)
        page.write({"kehu_timezone": "Europe/Berlin"})
        self.assertEqual(other.kehu_timezone, "Europe/Berlin")
        self.assertNotEqual(self.env.company.kehu_timezone, "Europe/Berlin")

    def test_one_of_two_values_that_belong_together(self):
        self._page(customer_code_prefix="ONE-")
        self.assertRegex(self._create_customer(name="Only the prefix").ref, r"^ONE-\d{6}$")
        self._page(customer_code_digits=3)
        self.assertRegex(self._create_customer(name="Only the digits").ref, r"^ONE-\d{3,6}$")

    def test_wrong_numbers_are_refused_in_words(self):
        for values in (
            {"customer_code_digits": 0},
            {"customer_code_digits": 99},
            {"customer_code_digits": "five"},
            {"customer_code_digits": 10**12},
            {"pool_idle_days": "ten"},
            {"kehu_lookup_max_hits": "many"},
            {"kehu_timezone": "Asia/Nowhere"},
            {"customer_code_prefix": "%(nothing)s"},
            {"customer_code_prefix": "%(year)d-"},
            {"customer_code_prefix": "KH%"},
            {"customer_code_prefix": "KH(year)s-"},
            {"customer_code_prefix": "KH{year}-"},
            {"customer_code_prefix": "%year"},
            {"customer_code_prefix": "K" * 3000},
            {"customer_code_prefix": "K\0H"},
            {"customer_code_prefix": "K\nH"},
        ):
            with self.subTest(values=values), self.assertRaises(UserError), self.cr.savepoint():
                self._page(**values)
            with self.subTest(written=values), self.assertRaises(UserError), self.cr.savepoint():
                self._page().write(values)
        for prefix, code in (("KH%(year)s-", r"^KH\d{4}-\d+$"), ("（沪）", r"^（沪）\d+$"), ("C%(y)s%(month)s%(day)s/", r"^C\d{6}/\d+$")):
            self._page(customer_code_prefix=prefix)
            self.assertRegex(self._create_customer(name=f"Numbered {prefix}").ref, code)

    def test_page_has_its_blocks_and_every_setting_a_sentence(self):
        arch = self.env["kehu.settings"].with_user(self.user_crm_admin).get_view(view_type="form")["arch"]
        tree = etree.fromstring(arch)
        self.assertEqual({block.get("name") for block in tree.iter("block")}, {f"kehu_{name}" for name in BLOCKS})
        settings = list(tree.iter("setting"))
        self.assertGreater(len(settings), 10)
        for setting in settings:
            with self.subTest(setting=setting.get("id")):
                self.assertTrue(setting.get("string"))
                self.assertRegex(setting.get("help") or "", r"^[A-Z].+\.$")

    def test_defaults_need_no_touch(self):
        """What three people get who never open the page: nothing is taken away, refused or limited by itself."""
        pool = self.env["kehu.pool"].create({"name": "New Pool"})
        numbers = [
            name for name, field in pool._fields.items() if field.type == "integer" and field.store and name[:4] != "kehu" and name != "id"
        ]
        self.assertIn("idle_days", numbers)
        self.assertFalse([name for name in numbers if pool[name]], "no days, no limits")
        self.assertFalse(pool.member_ids or pool.manager_ids, "everybody takes part")
        (shipped,) = _data("pool/kehu_pool_data.xml")
        self.assertEqual(set(shipped), {"name", "is_default"})
        rules = _data("duplicate/kehu_duplicate_rule_data.xml")
        self.assertEqual({rule["field_name"] for rule in rules}, {"vat", "name", "phone", "kehu_mobile", "email", "website"})
        self.assertFalse([rule for rule in rules if "action" in rule], "duplicates are told, not blocked")
        self.assertEqual(self.env["kehu.duplicate.rule"].create({"field_name": "ref"}).action, "tell")
        levels = _data("customer/kehu_customer_level_data.xml")
        self.assertEqual([level["reminder_days"] for level in levels], ["3", "7", "15"])
        # rules that other rooms keep at the company
        company = self.env["res.company"].create({"name": "Three People"})
        page = self.env["kehu.settings"].new({"company_id": company.id})
        for name in [field for field in page._fields if page._kehu_is_company_rule(field)]:
            with self.subTest(name=name):
                company[page._fields[name].related.split(".")[1]] = page[name]  # a default that its own checks let pass

    def test_system_administrator_finds_the_way_from_the_host(self):
        user = self.env.ref("base.user_admin")
        arch = self.env["res.config.settings"].with_user(user).get_view(view_type="form")["arch"]
        self.assertIn(str(self.env.ref("kehu_crm.kehu_settings_action").id), arch)
