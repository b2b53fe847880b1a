from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import StoryCommon

PIPELINE = "crm.menu_crm_opportunities"
OPPORTUNITIES = "kehu_crm.crm_lead_menu_kehu_opportunities"
TO_APPROVE = "kehu_crm.kehu_approval_request_menu_decide"
SALES = "crm.crm_menu_sales"


@tagged("post_install", "-at_install")
class TestMenus(StoryCommon):
    """Who meets which sections of the CRM menu: no entry that fails when it is clicked, no section with nothing in it."""

    def _shown(self, user):
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        return {menu["xmlid"]: menu for key, menu in menus.items() if key != "root"}

    def test_sections_by_role(self):
        for user, pipeline, sales in (
            (self.user_seller, True, True),
            (self.user_director, True, True),
            (self.user_crm_admin, True, True),
            (self.user_order_approver, False, True),
            (self.user_receipt_approver, False, False),
            (self.user_finance, False, True),
            (self.user_service, False, False),
        ):
            with self.subTest(user=user.login):
                shown = self._shown(user)
                self.assertIn("crm.crm_menu_root", shown)
                self.assertEqual((OPPORTUNITIES in shown, SALES in shown), (pipeline, sales))
                for xmlid, menu in shown.items():
                    if xmlid.startswith("kehu_crm.") or xmlid == SALES:
                        self.assertTrue(menu["children"] or menu["action_id"], f"{xmlid} leads nowhere")

    def test_one_entry_for_one_thing(self):
        """People of the CRM meet our customers, opportunities and quotes; salespeople of the host alone meet the host's."""
        doubles = {PIPELINE, "crm.res_partner_menu_customer", "sale_crm.sale_order_menu_quotations_crm"}
        ours = {OPPORTUNITIES, "kehu_crm.kehu_customer_menu", "kehu_crm.sale_order_menu_kehu_quotes"}
        for user in (self.user_seller, self.user_east_manager, self.user_director, self.user_crm_admin):
            with self.subTest(user=user.login):
                shown = self._shown(user)
                self.assertFalse(doubles & shown.keys())
                self.assertEqual(ours & shown.keys(), ours)
        host = new_test_user(self.env, "host_seller", groups="sales_team.group_sale_salesman")
        self.assertEqual(doubles & self._shown(host).keys(), doubles)
        self.assertNotIn(OPPORTUNITIES, self._shown(host))

    def test_approvers_meet_what_waits_for_them_first(self):
        """Also those who sell besides; the CRM opens on it for those who only decide."""
        self.user_director.group_ids = [Command.link(self.env.ref("kehu_crm.group_kehu_order_approver").id)]
        for user, opens in ((self.user_order_approver, True), (self.user_receipt_approver, True), (self.user_director, False)):
            with self.subTest(user=user.login):
                menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
                app = next(menu for menu in menus.values() if menu["xmlid"] == "crm.crm_menu_root")
                self.assertEqual(menus[app["children"][0]]["xmlid"], TO_APPROVE)
                action = self.env.ref(TO_APPROVE).sudo().action
                self.assertEqual(app["actionID"] == action.id, opens)
        self.assertNotIn(TO_APPROVE, self._shown(self.user_seller))

    def test_directors_find_what_waits_for_them(self):
        """The flow of large orders asks them; the CRM still opens on the pipeline."""
        for user in (self.user_director, self.user_crm_admin):
            with self.subTest(user=user.login):
                menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
                self.assertIn(TO_APPROVE, [menu["xmlid"] for menu in menus.values()])
                app = next(menu for menu in menus.values() if menu["xmlid"] == "crm.crm_menu_root")
                self.assertEqual(app["actionID"], self.env.ref(PIPELINE).sudo().action.id)

    def test_the_app_opens_on_the_pipeline_as_in_the_host(self):
        """Who has no pipeline starts with the first entry they have."""
        for user, starts_there in ((self.user_seller, True), (self.user_order_approver, False), (self.user_service, False)):
            with self.subTest(user=user.login):
                menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
                app = next(menu for menu in menus.values() if menu["xmlid"] == "crm.crm_menu_root")
                self.assertTrue(app["actionID"])
                pipeline = self.env.ref(PIPELINE).sudo().action
                self.assertEqual(app["actionID"] == pipeline.id, starts_there)

    def test_opportunities_are_called_so(self):
        """In the menu and above the pipeline that it opens; the host's own salespeople read what the host calls it."""
        self.assertEqual(self._shown(self.user_seller)[OPPORTUNITIES]["name"], "Opportunities")
        team = self.env["crm.team"]
        self.assertEqual(team.with_user(self.user_seller).action_your_pipeline()["name"], "Opportunities")
        host = new_test_user(self.env, "host_seller", groups="sales_team.group_sale_salesman")
        self.assertEqual(team.with_user(host).action_your_pipeline()["name"], "Pipeline")

    def test_nobody_outside(self):
        self.assertNotIn("crm.crm_menu_root", self._shown(self.user_employee))
