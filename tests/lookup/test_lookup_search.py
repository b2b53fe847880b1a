"""The public search: what it finds, what the policy shows and hides, the masks, the limits and the log."""

import doctest
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ...models.lookup.exceptions import KehuLookupLimitError, KehuLookupRightsError, KehuLookupTermError
from ...tools import lookup
from ..common import ROLES
from .common import EMAIL, PHONE, LookupCommon

CARD = "kehu_crm.res_partner_view_form_kehu"


@tagged("post_install", "-at_install")
class TestLookupSearch(LookupCommon):
    def test_terms_and_masks(self):
        self.assertEqual(doctest.testmod(lookup).failed, 0)

    # -- what is found

    def test_by_part_of_a_name(self):
        for term in (
            "华强检索",
            "检索科技",
            "强检",
            "苏州华强检索科技有限公司",
            "蘇州華強檢索科技股份有限公司",
            "　华强检索　",
            "hqjs",
            "huaqiangjiansuo",
        ):
            with self.subTest(term=term):
                self.assertEqual(self._names(term), [self.owned.name])
        self.assertEqual(self._names("检索贸易"), [self.waiting.name])
        self.assertFalse(self._names("华强贸易"))

    def test_by_a_whole_phone_however_it_is_written(self):
        for term in (PHONE, "13805129876", "+86 138-0512-9876", "１３８０５１２９８７６", {"phone": "138.0512.9876"}):
            with self.subTest(term=term):
                self.assertEqual(self._names(term), [self.owned.name])

    def test_by_a_whole_address(self):
        for term in (EMAIL, EMAIL.upper(), f"  {EMAIL} ", {"email": EMAIL}):
            with self.subTest(term=term):
                self.assertEqual(self._names(term), [self.owned.name])

    def test_by_a_whole_tax_number(self):
        self.assertEqual(self._names("91320594ma1mtk4e9x"), [self.owned.name])
        self.assertFalse(self._names("91320594MA1MTK4E9"))

    def test_by_what_a_contact_has(self):
        """Whose buyer calls, and is that company known? The contact itself is not told."""
        self._create_contact(self.owned, name="Hidden Buyer", phone="13911112222", email="buyer@elsewhere.example")
        for term in ("13911112222", "buyer@elsewhere.example"):
            rows = self._search(term)
            self.assertEqual([row["name"] for row in rows], [self.owned.name])
            self.assertNotIn("Buyer", str(rows))
            self.assertNotIn("elsewhere", str(rows))

    def test_by_a_further_phone(self):
        contact = self._create_contact(self.owned, name="Many Phones")
        self.env["kehu.contact.phone"].create(
            [{"partner_id": contact.id, "number": number} for number in ("0512-6288 7777", "+86 137 7777 8888 (evenings)")]
        )
        for term in ("051262887777", "+86 512 6288 7777", "13777778888"):
            with self.subTest(term=term):
                self.assertEqual(self._names(term), [self.owned.name])
        for part in ("62887777", "3777778888", "1377777888"):
            with self.subTest(part=part):
                self.assertFalse(self._names(part))

    def test_all_criteria_must_agree(self):
        self.assertEqual(self._names({"name": "华强检索", "phone": PHONE}), [self.owned.name])
        self.assertFalse(self._names({"name": "检索贸易", "phone": PHONE}))
        self.assertEqual(self._names({"name": "华强检索", "phone": None, "email": False, "term": ""}), [self.owned.name])

    def test_best_first(self):
        for name in ("检索", "老检索厂", "检索之家"):
            self._create_customer(self.user_west_seller, name=name)
        names = self._names("检索")
        self.assertEqual(names[:2], ["检索", "检索之家"])

    def test_who_is_not_found(self):
        self.owned.active = False
        self.assertFalse(self._names("华强检索"))
        self.assertFalse(self.env["res.partner"].with_user(self.user_seller).with_context(active_test=False).kehu_public_search("华强检索"))
        self.env["res.partner"].create({"name": "华强检索供应商", "is_company": True})  # no customer
        self.assertFalse(self._names("华强检索"))

    def test_policy_says_which_customers(self):
        self.company.kehu_lookup_owned = False
        self.assertEqual(self._names("检索"), [self.waiting.name])
        self.company.write({"kehu_lookup_owned": True, "kehu_lookup_waiting": False})
        self.assertEqual(self._names("检索"), [self.owned.name])
        self.company.kehu_lookup_owned = False
        self.assertFalse(self._names("检索"))
        self.company.write({"kehu_lookup_owned": True, "kehu_lookup_waiting": True})
        for stage, _label in self.env["res.partner"]._fields["kehu_stage"].selection:
            self.owned.kehu_stage = stage
            self.company[f"kehu_lookup_{stage}"] = False
            with self.subTest(stage=stage):
                self.assertFalse(self._names("华强检索"))
                self.assertFalse(self._names(PHONE))
                self.company[f"kehu_lookup_{stage}"] = True
                self.assertTrue(self._names("华强检索"))

    # -- what is shown

    def test_shape(self):
        rows = {row["name"]: row for row in self._search("检索")}
        self.assertEqual(
            rows[self.owned.name],
            {
                "id": False,
                "name": self.owned.name,
                "held": "owned",
                "claimable": False,
                "claim_refusal": False,
                "owner": self.user_west_seller.name,
                "pool": False,
                "stage": "Potential",
                "city": "苏州",
                "phone": "138****9876",
                "email": "w***@huaqiang-lookup.example",
            },
        )
        row = rows[self.waiting.name]
        self.assertEqual((row["held"], row["owner"], row["pool"]), ("pool", False, self.pool.name))
        self.assertEqual((row["id"], row["claimable"]), (self.waiting.id, True))

    def test_policy_says_which_fields(self):
        always = {"id", "name", "held", "claimable", "claim_refusal"}
        booleans = ("owner", "pool", "stage", "level", "city")
        self.company.write(
            {f"kehu_lookup_{name}": False for name in booleans} | {"kehu_lookup_phone": "hidden", "kehu_lookup_email": "hidden"}
        )
        self.assertEqual(set(self._search("华强检索")[0]), always)
        for name in booleans:
            self.company[f"kehu_lookup_{name}"] = True
            with self.subTest(name=name):
                row = self._search("华强检索")[0]
                self.assertEqual(set(row), always | {name})
            self.company[f"kehu_lookup_{name}"] = False
        self.company.write({"kehu_lookup_level": True, "kehu_lookup_phone": "clear", "kehu_lookup_email": "clear"})
        row = self._search("华强检索")[0]
        self.assertEqual((row["level"], row["phone"], row["email"]), (self.level_key.name, PHONE, EMAIL))

    def test_name_only_as_typed(self):
        self.company.kehu_lookup_name = "typed"
        rows = self._search("华强检索")
        self.assertEqual(rows[0]["name"], "＊＊华强检索＊＊＊＊＊＊")
        self.assertEqual(set(self._search(PHONE)[0]["name"]), {"＊"})
        # who may open the customer anyway reads its name
        self.assertEqual(self._names("华强检索", self.user_west_seller), [self.owned.name])

    def test_nothing_is_required_of_a_company_made_without_the_add_on(self):
        self.env.cr.execute(
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name = 'res_company' AND column_name LIKE 'kehu\\_%' AND is_nullable = 'NO'"
        )
        self.assertFalse(self.env.cr.fetchall())

    def test_no_more_than_the_policy_shows_and_no_count(self):
        self.company.kehu_lookup_max_hits = 3
        for number in range(5):
            self._create_customer(self.user_west_seller, name=f"批量查找{number}")
        rows = self._search("批量查找")
        self.assertEqual([row["name"] for row in rows], ["批量查找0", "批量查找1", "批量查找2"])
        log = self.env["kehu.lookup.log"].search([], limit=1)
        self.assertEqual(log.hit_count, 3)

    # -- claiming

    def test_claim_goes_through_the_gateway(self):
        row = self._search("检索贸易")[0]
        self.env["res.partner"].with_user(self.user_seller).browse(row["id"]).kehu_claim()
        self.assertEqual(self.waiting.user_id, self.user_seller)
        row = self._search("检索贸易")[0]
        self.assertEqual((row["held"], row["claimable"], row["owner"]), ("owned", False, self.user_seller.name))
        self.assertEqual(self.waiting.kehu_assignment_ids.sorted("id")[-1].kind, "claim")

    def test_why_not_claimable(self):
        self.pool.member_ids = self.user_seller2
        row = self._search("检索贸易")[0]
        self.assertFalse(row["claimable"])
        self.assertIn("not one of its members", row["claim_refusal"])
        self.assertTrue(self._search("检索贸易", self.user_seller2)[0]["claimable"])
        service = self._search("检索贸易", self.user_service)[0]
        self.assertEqual((service["claimable"], service["claim_refusal"]), (False, False))

    def test_room_for_one_makes_each_claimable(self):
        self._create_customer(name="检索二号")
        self.pool.max_held = len(self.env["res.partner"].search([("user_id", "=", self.user_seller.id)])) + 1
        rows = [row for row in self._search("检索") if row["held"] == "pool"]
        self.assertEqual([row["claimable"] for row in rows], [True, True])
        self.env["res.partner"].with_user(self.user_seller).browse(rows[0]["id"]).kehu_claim()
        row = next(row for row in self._search("检索") if row["held"] == "pool")
        self.assertFalse(row["claimable"])
        self.assertTrue(row["claim_refusal"])

    # -- who, how short, how often

    def test_roles(self):
        allowed = {role for role, group in ROLES.items() if group in ("kehu_crm.group_kehu_user", "kehu_crm.group_kehu_manager")}
        allowed |= {"director", "crm_admin", "service"}
        for role in ROLES:
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                self.assertEqual(self.env["res.partner"].with_user(user).kehu_public_search_setup()["allowed"], role in allowed)
                if role in allowed:
                    self.assertTrue(self._search("华强检索", user))
                else:
                    with self.assertRaises(KehuLookupRightsError):
                        self._search("华强检索", user)
        self.company.write({"kehu_lookup_service": False, "kehu_lookup_finance": True})
        self.assertTrue(self._search("华强检索", self.user_finance))
        with self.assertRaises(KehuLookupRightsError):
            self._search("华强检索", self.user_service)

    def test_menu_follows_the_policy(self):
        menu = self.env.ref("kehu_crm.kehu_lookup_menu").id

        def meets(user):
            return menu in self.env["ir.ui.menu"].with_user(user).load_menus(False)

        self.assertTrue(meets(self.user_seller) and meets(self.user_service))
        self.assertFalse(meets(self.user_finance) or meets(self.user_order_approver))
        self.env["res.company"].search([]).write({"kehu_lookup_service": False, "kehu_lookup_finance": True})
        self.assertTrue(meets(self.user_finance))
        self.assertFalse(meets(self.user_service))

    def test_short_terms(self):
        for term in ("华", "华 ", "h", "hq", "%华%", "__", "\\", "", "   ", "\u200b\u200b", "公司", "有限公司", "Co., Ltd.", "集团"):
            with self.subTest(term=term), self.assertRaises(KehuLookupTermError):
                self._search(term)
        self.company.kehu_lookup_min_length = 4
        with self.assertRaises(KehuLookupTermError):
            self._search("华强检")
        self.assertTrue(self._names("华强检索"))
        self.company.kehu_lookup_min_length = 0
        self.assertTrue(self._names("强"))
        with self.assertRaises(KehuLookupTermError):
            self._search("%")

    def test_searches_per_day(self):
        self.company.kehu_lookup_max_per_day = 3
        for left in (3, 2, 1):
            self.assertEqual(self.env["res.partner"].with_user(self.user_seller).kehu_public_search_setup()["left"], left)
            self._search("华强检索")
        with self.assertRaises(KehuLookupLimitError):
            self._search("华强检索")
        with self.assertRaises(KehuLookupTermError):  # a refused term costs nothing and tells the same
            self._search("华")
        self._search("华强检索", self.user_seller2)
        # a new day begins at midnight of the company: 16:00 UTC in Shanghai
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        with patch.object(fields.Datetime, "now", lambda: tomorrow):
            self._search("华强检索")
        self.company.kehu_lookup_max_per_day = 0
        self._search("华强检索")

    def test_the_strictest_company_counts(self):
        """Nobody guesses on by changing to a company that sets no limit; the searches of all of them are counted anyway."""
        other = self.env["res.company"].create({"name": "Elsewhere", "kehu_lookup_max_per_day": 0, "kehu_lookup_max_misses": 0})
        self.user_seller.company_ids += other
        self.company.write({"kehu_lookup_max_per_day": 3, "kehu_lookup_max_misses": 2})
        there = self.env["res.partner"].with_user(self.user_seller).with_context(allowed_company_ids=other.ids)
        for left, guess in ((3, "13800009876"), (2, "13800019876")):
            self.assertEqual(there.kehu_public_search_setup()["left"], left)
            there.kehu_public_search(guess)
        with self.assertRaisesRegex(KehuLookupLimitError, "have found nobody"):
            there.kehu_public_search("13800029876")
        there.kehu_public_search("华强检索")
        with self.assertRaisesRegex(KehuLookupLimitError, "as many as allowed"):
            there.kehu_public_search("华强检索")

    def test_failed_guesses_per_day(self):
        """Guessing the hidden digits of a masked phone ends soon, however many searches are allowed; names can still be searched."""
        self.company.kehu_lookup_max_misses = 3
        for guess in ("13800009876", "13800019876", {"email": "w@huaqiang-lookup.example"}):
            self.assertFalse(self._search(guess))
        for guess in (PHONE, EMAIL, {"name": "华强检索", "phone": PHONE}):
            with self.subTest(guess=guess), self.assertRaises(KehuLookupLimitError):
                self._search(guess)
        self.assertTrue(self._search("华强检索"))

    def test_checks_for_duplicates_are_searches(self):
        """By method and by dialog, of people who do not see all; a form that is typed into, and an import, is no guess."""
        self.env["kehu.duplicate.rule"].search([]).active = False
        self.env["kehu.duplicate.rule"].create([{"field_name": "name"}, {"field_name": "phone"}])
        self.company.write({"kehu_lookup_max_per_day": 3, "kehu_lookup_max_misses": 2})
        partners = self.env["res.partner"].with_user(self.user_seller)
        self.assertEqual([found["owner"] for found in partners.kehu_find_duplicates({"phone": PHONE})], [self.user_west_seller.name])
        self.assertFalse(partners.kehu_find_duplicates({"phone": "13800009876"}))
        lines = [Command.create({"field_name": "phone", "match": "normalised", "value": "13800019876"})]
        self.env["kehu.duplicate.check"].with_user(self.user_seller).create({"line_ids": lines}).action_check()
        logs = self.env["kehu.lookup.log"].search([("user_id", "=", self.user_seller.id)], order="id")
        self.assertEqual(
            [(log.kind, log.criteria, log.hit_count) for log in logs],
            [("phone", PHONE, 1), ("phone", "13800009876", 0), ("phone", "13800019876", 0)],
        )
        for act in (
            lambda: partners.kehu_find_duplicates({"name": "华强检索"}),
            lambda: self.env["kehu.duplicate.check"].with_user(self.user_seller).create({"line_ids": lines}).action_check(),
            lambda: self._search("华强检索"),
        ):
            with self.assertRaises(KehuLookupLimitError):
                act()
        self.assertEqual(partners.kehu_public_search_setup()["left"], 0)
        form = Form(partners.with_context(default_kehu_is_customer=True), view=CARD)
        form.name = "苏州华强检索"
        for number in range(5):
            form.phone = f"1380000{number:04}"
        form.phone = PHONE
        self.assertIn(self.user_west_seller.name, form.kehu_duplicate_notice)
        director = self.env["res.partner"].with_user(self.user_director)
        for _check in range(4):
            self.assertTrue(director.kehu_find_duplicates({"phone": PHONE}))

    def test_one_check_is_not_many_guesses(self):
        """Several numbers in one check, or a known name beside each number, get no more guesses than one number at a time."""
        self.env["kehu.duplicate.rule"].search([]).active = False
        self.env["kehu.duplicate.rule"].create([{"field_name": "name"}, {"field_name": "phone"}])
        self.company.write({"kehu_lookup_max_per_day": 0, "kehu_lookup_max_misses": 3})
        checks = self.env["kehu.duplicate.check"].with_user(self.user_seller)

        def check(*numbers):
            lines = [Command.create({"field_name": "phone", "match": "normalised", "value": number}) for number in numbers]
            checks.create({"line_ids": lines}).action_check()

        wrong = [f"1380000{number:04}" for number in range(4)]
        for numbers in (wrong, [*wrong, PHONE]):  # refused alike, whether one of them is right
            with self.assertRaisesRegex(KehuLookupLimitError, "Look for fewer values"), self.env.cr.savepoint():
                check(*numbers)
        check(*wrong[:2])
        logs = self.env["kehu.lookup.log"].search([("user_id", "=", self.user_seller.id)], order="id")
        self.assertEqual([(log.criteria, log.hit_count) for log in logs], [(wrong[0], 0), (wrong[1], 0)])
        partners = self.env["res.partner"].with_user(self.user_seller)
        name = self.owned.name
        self.assertTrue(partners.kehu_find_duplicates({"name": name, "phone": wrong[2]}), "found by its name")
        for act in (
            lambda: partners.kehu_find_duplicates({"name": name, "phone": PHONE}),
            lambda: check(PHONE),
        ):
            with self.assertRaisesRegex(KehuLookupLimitError, "found nobody today"), self.env.cr.savepoint():
                act()
        self.assertTrue(partners.kehu_find_duplicates({"name": name}))

    @mute_logger("odoo.sql_db")
    def test_numbers_of_the_policy(self):
        for name, value in (
            ("min_length", -1),
            ("min_length", 21),
            ("max_hits", 0),
            ("max_hits", 101),
            ("max_per_day", -1),
            ("max_misses", -1),
        ):
            with self.subTest(name=name, value=value), self.assertRaises(CheckViolation), self.cr.savepoint():
                self.company.write({f"kehu_lookup_{name}": value})
                self.company.flush_recordset()

    def test_administrator_sets_the_policy_on_the_page(self):
        page = self.env["kehu.settings"].with_user(self.user_crm_admin).create({"kehu_lookup_phone": "clear", "kehu_lookup_max_hits": 5})
        self.assertEqual((self.company.kehu_lookup_phone, self.company.kehu_lookup_max_hits), ("clear", 5))
        self.assertEqual(page.kehu_lookup_email, "masked")

    def test_defaults_are_safe_for_three_people(self):
        company = self.env["res.company"].create({"name": "Three People"})
        self.assertEqual((company.kehu_lookup_phone, company.kehu_lookup_email), ("masked", "masked"))
        self.assertEqual((company.kehu_lookup_min_length, company.kehu_lookup_max_hits), (2, 20))
        self.assertEqual((company.kehu_lookup_max_per_day, company.kehu_lookup_max_misses), (100, 30))
        self.assertEqual((company.kehu_lookup_service, company.kehu_lookup_finance), (True, False))
        self.assertFalse(company._kehu_lookup_hidden_stages())

    # -- log and cost

    def test_log(self):
        self._search("华强检索")
        self._search(PHONE)
        self._search({"name": "华强检索", "email": "nobody@example.com"})
        logs = self.env["kehu.lookup.log"].with_user(self.user_director).search([("user_id", "=", self.user_seller.id)], order="id")
        self.assertEqual(
            [(log.kind, log.criteria, log.hit_count, log.company_id) for log in logs],
            [
                ("name", "华强检索", 1, self.company),
                ("phone", PHONE, 1, self.company),
                ("email", "华强检索 · nobody@example.com", 0, self.company),
            ],
        )

    def test_cost_does_not_grow_with_the_hits(self):
        def queries(term):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertTrue(self._search(term))
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        for number in range(15):
            self._create_customer(self.user_west_seller if number % 2 else None, name=f"成本查找{number}")
            if number in (1, 2):
                queries("成本查找")  # warm
                few = queries("成本查找")
        self.assertEqual(queries("成本查找"), few)
