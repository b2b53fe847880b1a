"""A visitor writes to us on the public page; the lead is looked up before it becomes a customer."""

import re
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ...controllers.contact_form import TRAP
from ...models.sales import crm_lead_visitor
from ...models.sales.exceptions import KehuContactFormError
from ...models.system.exceptions import KehuAccessError
from ..common import KehuCommon

ENTRIES = {
    "contact_name": "王小明",
    "company_name": "苏州新客科技有限公司",
    "phone": "0512-66881234",
    "email": "wang@example.com",
    "message": "我们想要十台泵。\n请报价。",
}


@tagged("post_install", "-at_install")
class TestSalesContactForm(KehuCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # pages for visitors are written in the language of new contacts, whatever this database has
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.company = cls.env.company
        cls.team = cls.env["crm.team"].create({"name": "Web (test)", "company_id": False, "use_leads": True})
        cls.company.write({"kehu_contact_form": True, "kehu_contact_team_id": cls.team.id, "kehu_contact_limit": 0})
        cls.page = f"/kehu/contact/{cls.company.kehu_contact_token}"

    def _open(self, path=None, **options):
        return self.url_open(path or self.page, **options)

    def _send(self, path=None, token=None, **entries):
        if token is None:
            token = re.search(r'name="csrf_token" value="([^"]+)"', self._open(path).text).group(1)
        return self._open(path, data={"csrf_token": token, **ENTRIES, **entries})

    def _leads(self, **values):
        name = values.get("contact_name", ENTRIES["contact_name"])
        return self.env["crm.lead"].search([("contact_name", "=", name), ("team_id", "=", self.team.id)])

    # -- the page ------------------------------------------------------------------------------------------------------

    @mute_logger("odoo.http")
    def test_off_is_off(self):
        self.assertEqual(self._open().status_code, 200)
        self.company.kehu_contact_form = False
        for path in (self.page, "/kehu/contact", "/kehu/contact/wrong"):
            self.assertEqual(self._open(path).status_code, 404, path)
            self.assertEqual(self._open(path, data=ENTRIES).status_code, 400, path)
        self.assertFalse(self.env["res.company"].create({"name": "New (test)"}).kehu_contact_form)

    def test_page_of_each_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere (test)", "kehu_contact_form": True})
        self.assertTrue(other.kehu_contact_token)
        self.assertNotEqual(other.kehu_contact_token, self.company.kehu_contact_token)
        path = f"/kehu/contact/{other.kehu_contact_token}"
        self.assertIn("Elsewhere (test)", self._open(path).text)
        self._send(path, contact_name="Somebody")
        lead = self.env["crm.lead"].search([("contact_name", "=", "Somebody")])
        self.assertEqual((lead.company_id, lead.team_id.ids), (other, []))
        with self.assertRaises(KehuContactFormError):
            self.team.company_id = self.company
            other.kehu_contact_team_id = self.team

    def test_another_link(self):
        settings = self.env["kehu.settings"].with_user(self.user_crm_admin).create({})
        self.assertTrue(settings.contact_link.endswith(self.page))
        settings.kehu_renew_contact_link()
        self.assertEqual(self._open().status_code, 404)
        self.assertEqual(self._open(settings.create({}).contact_link.split("//")[1].partition("/")[2].join(("/", ""))).status_code, 200)
        for user in (self.user_seller, self.user_director):
            with self.subTest(user=user.name), self.assertRaises(AccessError):
                settings.with_user(user).kehu_renew_contact_link()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere (test)"})
        foreign = self.env["kehu.settings"].create({"company_id": elsewhere.id})
        with self.assertRaises(KehuAccessError):
            foreign.with_user(self.user_crm_admin).sudo(False).kehu_renew_contact_link()

    # -- what comes in -------------------------------------------------------------------------------------------------

    def test_a_lead_of_the_chosen_team(self):
        self.env["utm.campaign"].create({"name": "Spring Fair"})
        self.env["utm.source"].create({"name": "WeChat"})
        campaign = "?utm_campaign=Spring+Fair&utm_source=wechat"
        self._open(self.page + campaign)
        answer = self._send()
        self.assertIn("kehu_contact_sent", answer.text)
        self.assertIn("Thank You", answer.text)
        lead = self._leads()
        self.assertEqual(len(lead), 1)
        self.assertEqual(lead.partner_name, ENTRIES["company_name"])
        self.assertEqual(lead.email_from, ENTRIES["email"])
        self.assertEqual(lead.phone.replace(" ", "").replace("-", "")[-10:], "51266881234"[-10:])
        self.assertIn("我们想要十台泵。<br", lead.description)
        self.assertEqual((lead.company_id, lead.user_id.ids, lead.partner_id.ids), (self.company, [], []))
        self.assertEqual((lead.campaign_id.name, lead.source_id.name), ("Spring Fair", "WeChat"))
        self.assertEqual(lead.medium_id, self.env.ref("utm.utm_medium_website"))
        self.assertIn(lead, self.env["crm.lead"].with_user(self.user_seller).search([("team_id", "=", self.team.id)]))

    def test_lead_or_opportunity_as_the_team_works(self):
        self.env.ref("base.group_user").implied_ids += self.env.ref("crm.group_use_lead")
        self._send()
        self.assertEqual(self._leads().type, "lead")
        self.team.use_leads = False
        self._send(contact_name="Somebody")
        self.assertEqual(self._leads(contact_name="Somebody").type, "opportunity")

    def test_the_leader_of_the_team_is_told(self):
        self.team.user_id = self.user_east_manager
        self._send()
        task = self._leads().activity_ids
        self.assertEqual((task.user_id, len(task)), (self.user_east_manager, 1))
        self.assertIn("web form", task.summary)
        # who cannot do anything about it has no task, and the visitor's message is taken all the same
        for leader in (self.user_employee, self.env["res.users"]):
            self.team.user_id = leader
            name = f"For {leader.login}"
            self._send(contact_name=name)
            self.assertEqual(self._leads(contact_name=name).activity_ids.ids, [])

    def test_only_what_may_be_entered(self):
        self._send(
            user_id=self.user_seller.id,
            partner_id=self.env.company.partner_id.id,
            expected_revenue="1000000",
            team_id=1,
            priority="3",
            name="Mine",
            stage_id=self.env["crm.stage"].search([("is_won", "=", True)], limit=1).id,
        )
        lead = self._leads()
        self.assertEqual((lead.user_id.ids, lead.partner_id.ids, lead.expected_revenue, lead.priority), ([], [], 0, "0"))
        self.assertNotEqual(lead.name, "Mine")
        self.assertFalse(lead.stage_id.is_won)

    def test_script_is_text(self):
        script = "<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}"
        self._send(message=script, contact_name="<b>王</b>", company_name="<i>x</i>")
        lead = self._leads(contact_name="<b>王</b>")
        self.assertNotIn("<script", lead.description)
        self.assertNotIn("<img", lead.description)
        self.assertIn("&lt;script&gt;", lead.description)
        page = self._send(message=script, contact_name='"><script>alert(3)</script>', phone="", email="").text
        self.assertNotIn("<script>alert", page)
        self.assertNotIn("<img src=x", page)

    def test_control_characters(self):
        self._send(contact_name="王\x00小\u202e明\r\nBcc: x@example.com", message="a\x00b\nc")
        lead = self._leads(contact_name="王 小 明 Bcc: x@example.com")
        self.assertEqual(len(lead), 1)
        self.assertIn("a b<br", lead.description)

    def test_what_is_missing_or_too_long_is_said(self):
        for entries, field, words in (
            ({"contact_name": " "}, "contact_name", "fill this in"),
            ({"message": ""}, "message", "fill this in"),
            ({"phone": "", "email": ""}, "phone", "phone number or an e-mail address"),
            ({"phone": "12"}, "phone", "no phone number"),
            ({"phone": "call me: 12345678"}, "phone", "no phone number"),
            ({"email": "wang"}, "email", "no e-mail address"),
            ({"contact_name": "王" * 65}, "contact_name", "too long: at most 64"),
            ({"message": "王" * 2001}, "message", "too long: at most 2000"),
            ({"email": "a" * 130 + "@example.com"}, "email", "too long: at most 128"),
        ):
            with self.subTest(field=field, words=words):
                answer = self._send(**entries)
                self.assertEqual(answer.status_code, 200)
                self.assertIn(words, answer.text)
                self.assertIn(f'id="{field}"', answer.text)
                self.assertIn("is-invalid", answer.text)
                self.assertIn("苏州新客科技有限公司", answer.text, "what was entered stays")
        self.assertFalse(self._leads())
        self.assertFalse(self.env["crm.lead"].search([("team_id", "=", self.team.id)]))

    @mute_logger("odoo.http")
    def test_no_token_no_lead(self):
        self.assertEqual(self._send(token="").status_code, 400)
        self.assertEqual(self._send(token="wrong").status_code, 400)
        self.assertFalse(self._leads())

    def test_programs_are_thanked_and_forgotten(self):
        self.assertIn("kehu_contact_sent", self._send(**{TRAP: "https://spam.example.com"}).text)
        self.assertFalse(self._leads())

    @mute_logger("odoo.http")
    def test_the_captcha_of_the_host(self):
        asked = []
        refusal = UserError(self.env._("No."))

        def verify(http, action):
            asked.append(action)
            if action == "kehu_contact":
                raise refusal

        token = re.search(r'name="csrf_token" value="([^"]+)"', self._open().text).group(1)
        with patch.object(self.env.registry["ir.http"], "_verify_request_recaptcha_token", verify):
            self.assertEqual(self._open().status_code, 200)
            self.assertFalse(asked, "reading the page needs no captcha")
            self.assertNotEqual(self._send(token=token).status_code, 200)
        self.assertEqual(asked, ["kehu_contact"])
        self.assertFalse(self._leads())

    # -- how often -----------------------------------------------------------------------------------------------------

    def test_the_same_twice_is_one_lead(self):
        for _time in range(3):
            self.assertIn("kehu_contact_sent", self._send().text)
        self.assertEqual(len(self._leads()), 1)
        self._send(message="Something else")
        self.assertEqual(len(self._leads()), 2)

    def test_too_many_from_one_address(self):
        self.company.kehu_contact_limit = 2
        for number in range(2):
            self.assertIn("kehu_contact_sent", self._send(message=f"Message {number}").text)
        answer = self._send(message="One more")
        self.assertEqual(answer.status_code, 429)
        self.assertIn("kehu_contact_refused", answer.text)
        self.assertIn("One more", answer.text, "what was entered stays")
        self.assertEqual(len(self._leads()), 2)
        counts = self.env["kehu.visitor.count"].search([])
        self.assertNotIn("127.0.0.1", str(counts.mapped("key")), "addresses are not kept")

    def test_too_many_from_many_addresses(self):
        leads = self.env["crm.lead"].with_user(self.env.ref("base.public_user"))
        with patch.object(crm_lead_visitor, "MOST_PER_HOUR", 2):
            outcomes = [
                leads._kehu_take_visitor(self.company, f"203.0.113.{number}", {**ENTRIES, "message": str(number)}, {})
                for number in range(3)
            ]
        self.assertEqual(outcomes, ["taken", "taken", "refused"])

    def test_counts_are_removed(self):
        counts = self.env["kehu.visitor.count"]
        self.assertEqual([counts._kehu_count_visit("x"), counts._kehu_count_visit("x"), counts._kehu_count_visit("y")], [1, 2, 1])
        self.env.cr.execute("UPDATE kehu_visitor_count SET stamp = stamp - interval '2 days'")
        counts._gc_visits()
        self.assertFalse(counts.search([]))

    def test_visitors_make_no_campaigns(self):
        """What nobody of us has made is left out, whether the link or a cookie names it; a pattern finds nothing."""
        models = [self.env[name] for name in ("utm.campaign", "utm.source", "utm.medium")]
        self.env["utm.source"].create({"name": "WeChat"})
        self.env["utm.medium"]._fetch_or_create_utm_medium("website")
        before = [model.with_context(active_test=False).search_count([]) for model in models]
        self.opener.cookies.set("odoo_utm_campaign", "Flood")
        self._send(self.page + "?utm_source=We%25&utm_medium=Junk")
        lead = self._leads()
        self.assertEqual((len(lead), lead.campaign_id.ids, lead.source_id.ids), (1, [], []))
        self.assertEqual(lead.medium_id, self.env.ref("utm.utm_medium_website"))
        self.assertEqual([model.with_context(active_test=False).search_count([]) for model in models], before)

    def test_long_campaigns_are_no_campaigns(self):
        self._send(self.page + "?utm_source=" + "x" * 65)
        self.assertEqual(self._leads().source_id.ids, [])

    # -- known customers -----------------------------------------------------------------------------------------------

    def test_nothing_is_told_about_customers_and_the_check_comes_later(self):
        self.env["kehu.duplicate.rule"].search([]).active = False
        self.env["kehu.duplicate.rule"].create({"field_name": "name", "match": "normalised", "action": "tell"})
        customer = self._create_customer(self.user_west_seller, name=ENTRIES["company_name"], phone="0512-11111111", email=ENTRIES["email"])
        known = self._send().text
        unknown = self._send(company_name="没有人知道的公司", contact_name="Nobody", email="nobody@example.com").text
        hide = re.compile(r"csrf_token[^,}>]*")
        self.assertEqual(hide.sub("", known), hide.sub("", unknown))
        lead = self._leads()
        self.assertFalse(lead.partner_id)
        self.assertEqual(customer.phone, "0512-11111111")
        # a colleague makes a quote of it, and is told
        lead.user_id = self.user_seller
        lead.type = "opportunity"
        lead.email_from = "other@example.com"
        asked = self.env["crm.quotation.partner"].with_user(self.user_seller)
        asked = asked.with_context(active_model="crm.lead", active_id=lead.id).create({})
        self.assertEqual(asked.action, "create")
        self.assertIn("West Seller", asked.kehu_duplicate_notice)
        self.assertFalse(asked.kehu_duplicate_blocked)
        self.env["kehu.duplicate.rule"].search([]).action = "block"
        asked.invalidate_recordset()
        self.assertTrue(asked.kehu_duplicate_blocked)
        asked.action = "nothing"
        self.assertFalse(asked.kehu_duplicate_notice)

    def test_a_customer_who_is_signed_in(self):
        person = self._create_contact(self._create_customer(self.user_seller), name="张三", email="zhang@example.com", phone="0512-7")
        new_test_user(self.env, "kehu_visitor", groups="base.group_portal", partner_id=person.id, name="张三", phone="0512-7", lang="en_US")
        self.authenticate("kehu_visitor", "kehu_visitor")
        self.assertIn("/kehu/contact", self._open("/my").text)
        page = self._open().text
        self.assertIn('value="张三"', page)
        self._send(contact_name="张三", phone="0512-66889999")
        lead = self._leads(contact_name="张三")
        self.assertEqual((len(lead), lead.partner_id.ids), (1, []))
        self.assertEqual(person.phone, "0512-7", "a message changes no customer")
