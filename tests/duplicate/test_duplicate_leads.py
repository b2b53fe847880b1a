"""A lead is looked up before it becomes a customer, and a visitor before an account of the portal is opened."""

import re

from odoo.tests import HttpCase, new_test_user, tagged

from ...models.duplicate.exceptions import KehuDuplicateError, KehuDuplicateSignupError
from ...models.duplicate.res_partner_signup import MOST_SIGNUP_ACTIVITIES
from .common import DuplicateCommon


@tagged("post_install", "-at_install")
class TestDuplicateLeads(DuplicateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(
            cls.user_seller, name="苏州华强科技有限公司", phone="0512-66880001", email="info@huaqiang.example.com"
        )

    def _convert(self, user, **values):
        lead = self.env["crm.lead"].create({"name": "泵站", "type": "lead", "user_id": user.id, **values})
        wizard = self.env["crm.lead2opportunity.partner"].with_user(user)
        return wizard.with_context(active_model="crm.lead", active_id=lead.id, active_ids=lead.ids).create(
            {"lead_id": lead.id, "name": "convert"}
        )

    def test_the_same_customer_is_proposed(self):
        self._create_rule()
        wizard = self._convert(self.user_seller, partner_name="华强科技（苏州）")
        self.assertEqual((wizard.action, wizard.partner_id), ("exist", self.customer))
        self.assertFalse(wizard.kehu_duplicate_notice)
        wizard.action_apply()
        self.assertEqual(wizard.lead_id.partner_id, self.customer)

    def test_that_of_a_colleague_is_told_and_not_linked(self):
        self._create_rule()
        wizard = self._convert(self.user_west_seller, partner_name="华强科技（苏州）")
        self.assertEqual((wizard.action, wizard.partner_id.ids), ("create", []))
        self.assertIn("Seller", wizard.kehu_duplicate_notice)
        self.assertNotIn("href", wizard.kehu_duplicate_notice)
        self.assertFalse(wizard.kehu_duplicate_blocked)
        wizard.action_apply()
        self.assertTrue(wizard.lead_id.partner_id.kehu_is_customer)

    def test_similar_leads_are_those_one_sees(self):
        """The host searches for them as the system: a typed e-mail or phone would tell whether a colleague works on somebody."""
        values = {"email_from": "buyer@huaqiang.example.com", "phone": "0512-66880001"}
        theirs = self.env["crm.lead"].create({"name": "Theirs", "user_id": self.user_west_seller.id, **values})
        self.assertTrue(theirs.email_domain_criterion)
        spec = {"duplicate_lead_ids": {"fields": {"display_name": {}}}, "duplicate_lead_count": {}}
        for user, seen in ((self.user_seller, False), (self.user_west_seller, True), (self.user_director, True)):
            leads = self.env["crm.lead"].with_user(user)
            self.env.invalidate_all()
            typed = leads.onchange({"name": "x", **values}, [], spec)["value"]
            saved = leads.create({"name": "Mine", "user_id": user.id, **values})
            with self.subTest(user=user.name):
                self.assertEqual(str(theirs.id) in str(typed["duplicate_lead_ids"]), seen)
                self.assertEqual(typed["duplicate_lead_count"] >= 1, seen)
                self.assertEqual(theirs in saved.duplicate_lead_ids.sudo(), seen)
                self.assertEqual(saved.duplicate_lead_count >= 1, seen)
            saved.sudo().unlink()

    def test_one_weak_sign_is_only_told(self):
        self._create_rule("phone")
        wizard = self._convert(self.user_seller, partner_name="别的公司", phone="0512 6688 0001")
        self.assertEqual(wizard.action, "create")
        self.assertIn("苏州华强科技有限公司", wizard.kehu_duplicate_notice)

    def test_a_blocking_rule_refuses_the_new_customer(self):
        self._create_rule(action="block")
        wizard = self._convert(self.user_west_seller, partner_name="华强科技（苏州）")
        self.assertTrue(wizard.kehu_duplicate_blocked)
        with self.assertRaisesRegex(KehuDuplicateError, "is known already"):
            wizard.action_apply()

    def test_in_mass(self):
        self._create_rule()
        leads = self.env["crm.lead"].create(
            [
                {"name": "泵站", "type": "lead", "user_id": self.user_seller.id, "partner_name": name}
                for name in ("苏州华强科技", "苏州瑞祥科技有限公司")
            ]
        )
        wizard = (
            self.env["crm.lead2opportunity.partner.mass"]
            .with_user(self.user_seller)
            .with_context(active_model="crm.lead", active_id=leads[0].id, active_ids=leads.ids)
            .create({"action": "each_exist_or_create", "deduplicate": False, "user_ids": [(6, 0, self.user_seller.ids)]})
        )
        wizard.action_mass_convert()
        self.assertEqual(leads[0].partner_id, self.customer)
        self.assertEqual(leads[1].partner_id.name, "苏州瑞祥科技有限公司")

    def test_nobody_outside_the_crm_asks(self):
        self._create_rule()
        lead = self.env["crm.lead"].create({"name": "泵站", "partner_name": "苏州华强科技"})
        self.assertEqual(lead.with_user(self.user_finance).sudo(False)._kehu_customer_candidates(), [])


@tagged("post_install", "-at_install")
class TestDuplicateSignup(DuplicateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2c")
        cls.customer = cls._create_customer(
            cls.user_seller, name="苏州华强科技有限公司", phone="0512-66880001", email="info@huaqiang.example.com"
        )
        cls.public = cls.env.ref("base.public_user")

    def _sign_up(self, **values):
        values = {"name": "华强科技（苏州）", "login": "visitor@example.com", "password": "Visitor-1-Visitor", **values}
        return self.env["res.users"].with_user(self.public).sudo().signup(values)

    def _tasks(self):
        return self.customer.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref("kehu_crm.kehu_duplicate_mail_activity_type_signup")
        )

    def test_a_known_visitor_gets_an_account_and_the_owner_a_task(self):
        self._create_rule()
        self._sign_up()
        user = self.env["res.users"].search([("login", "=", "visitor@example.com")])
        self.assertTrue(user.share)
        self.assertFalse(user.partner_id.kehu_customer_id, "an account is never linked by what is typed")
        self.assertEqual(self._tasks().user_id, self.user_seller)
        self.assertIn("visitor@example.com", self._tasks().note)
        self.assertNotIn("Visitor-1", str(self._tasks().note), "no password is passed on")

    def test_a_blocking_rule_refuses_and_reveals_nothing(self):
        self._create_rule("email", action="block")
        said = ""
        try:  # no assertRaises, which would take back what the colleague is told
            self._sign_up(name="<b>我</b>", login="INFO@huaqiang.example.com")
        except KehuDuplicateSignupError as error:
            said = str(error)
        self.assertIn("a colleague will gladly", said)
        for secret in ("华强", "Seller", "known", "customer"):
            self.assertNotIn(secret, said)
        self.assertFalse(self.env["res.users"].search([("login", "ilike", "info@huaqiang")]))
        self.assertIn("Refused in the portal", self._tasks().note)
        self.assertNotIn("<b>", self._tasks().note)

    def test_unknown_and_invited_visitors_are_not_asked(self):
        self._create_rule(action="block")
        self._sign_up(name="张三")
        partner = self.env["res.partner"].create({"name": "苏州华强科技", "email": "invited@example.com"})
        partner.signup_prepare()
        values = {"login": "invited@example.com", "password": "Visitor-1-Visitor"}
        self.env["res.users"].signup(values, partner._generate_signup_token())
        self.assertTrue(partner.user_ids)
        self.assertFalse(self._tasks())

    def test_a_visitor_does_not_fill_the_list_of_a_colleague(self):
        self._create_rule()
        for number in range(MOST_SIGNUP_ACTIVITIES + 2):
            self._sign_up(login=f"visitor{number}@example.com")
        self.assertEqual(len(self._tasks()), MOST_SIGNUP_ACTIVITIES)

    def test_a_customer_in_the_pool_goes_to_its_manager(self):
        self._create_rule()
        self.customer.with_user(self.user_seller).kehu_return("no time")
        self.customer.kehu_pool_id.manager_ids = self.user_east_manager
        self._sign_up()
        self.assertEqual(self._tasks().user_id, self.user_east_manager)

    def test_the_portal_learns_nothing_from_a_refusal(self):
        """A customer who changes its own data in the portal is refused by a blocking rule, and not told why."""
        own = self._create_customer(self.user_seller2, name="自己的客户")
        contact = self._create_contact(own, name="王五", email="wang@example.com")
        user = new_test_user(self.env, "kehu_portal_visitor", groups="base.group_portal", partner_id=contact.id, lang="en_US")
        self._create_rule("phone", action="block")
        with self.assertRaises(KehuDuplicateError) as caught:
            contact.with_user(user).sudo().write({"phone": "0512-66880001"})
        for secret in ("华强", "Seller", "known"):
            self.assertNotIn(secret, str(caught.exception))


@tagged("post_install", "-at_install")
class TestDuplicateSignupPage(HttpCase):
    """The page as a visitor sees it."""

    def test_the_page_shows_the_sentence_and_the_colleague_is_told(self):
        # pages for visitors are written in the language of new contacts, whatever this database has
        self.env["res.lang"]._activate_lang("en_US")
        self.env["ir.default"].set("res.partner", "lang", "en_US")
        self.env["ir.config_parameter"].set_param("auth_signup.invitation_scope", "b2c")
        self.env["kehu.duplicate.rule"].search([]).active = False
        self.env["kehu.duplicate.rule"].create({"field_name": "email", "match": "normalised", "action": "block"})
        customer = self.env["res.partner"].create(
            {"name": "苏州华强科技有限公司", "kehu_is_customer": True, "is_company": True, "email": "info@huaqiang.example.com"}
        )
        page = self.url_open("/web/signup").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)
        answer = self.url_open(
            "/web/signup",
            data={
                "csrf_token": token,
                "login": "info@huaqiang.example.com",
                "name": "访客",
                "password": "Visitor-1-Visitor",
                "confirm_password": "Visitor-1-Visitor",
            },
        ).text
        self.assertIn("a colleague will gladly", answer)
        self.assertNotIn("华强科技", answer)
        self.assertFalse(self.env["res.users"].search([("login", "=", "info@huaqiang.example.com")]))
        self.assertEqual(len(customer.activity_ids), 1)
