from odoo.tests import tagged

from .common import StoryCommon

PIPELINE = "crm.menu_crm_opportunities"
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
            (self.user_receipt_approver, False, True),
            (self.user_finance, False, True),
            (self.user_service, False, False),
        ):
            with self.subTest(user=user.login):
                shown = self._shown(user)
                self.assertIn("crm.crm_menu_root", shown)
                self.assertEqual((PIPELINE in shown, SALES in shown), (pipeline, sales))
                for xmlid, menu in shown.items():
                    if xmlid.startswith("kehu_crm.") or xmlid == SALES:
                        self.assertTrue(menu["children"] or menu["action_id"], f"{xmlid} leads nowhere")

    def test_the_app_opens_on_the_pipeline_as_in_the_host(self):
        """Who has no pipeline starts with the first entry they have."""
        for user, starts_there in ((self.user_seller, True), (self.user_order_approver, False), (self.user_service, False)):
            with self.subTest(user=user.login):
                menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
                app = next(menu for menu in menus.values() if menu["xmlid"] == "crm.crm_menu_root")
                self.assertTrue(app["actionID"])
                pipeline = self.env.ref(PIPELINE).sudo().action
                self.assertEqual(app["actionID"] == pipeline.id, starts_there)

    def test_nobody_outside(self):
        self.assertNotIn("crm.crm_menu_root", self._shown(self.user_employee))
