"""The host's click robot opens every menu, view and filter of the CRM as each role.

One test per role, so that each stays below its time limit and a failure says at once who saw it. Each role works in one language: those
who between them meet every menu in Chinese, whose texts could break a view, the others in English.
"""

from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import StoryCommon

ROBOT = "odoo.loader.modules.get('@web/webclient/clickbot/clickbot_loader').startClickEverywhere('crm.crm_menu_root');"


class ClickRobotCommon(StoryCommon, HttpCase):
    allow_end_on_form = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        approver = cls.user_order_approver
        for number in range(3):
            customer = cls._create_customer(cls.user_seller, name=f"Robot {number}", kehu_level_id=cls.level.id)
            cls._create_contact(customer, name=f"Contact {number}")
            cls.env["kehu.contact.record"].with_user(cls.user_seller).create(
                {"partner_id": customer.id, "content": "Hello", "level_id": cls.level.id}
            )
            cls.env["crm.lead"].create(
                {"type": "opportunity", "name": f"Deal {number}", "partner_id": customer.id, "user_id": cls.user_seller.id}
            )
            order = (
                cls.env["sale.order"]
                .with_user(cls.user_seller)
                .create(
                    {
                        "partner_id": customer.id,
                        "order_line": [Command.create({"product_id": cls.pump.id, "product_uom_qty": 1})],
                    }
                )
            )
            if number:
                order.kehu_to_order()
                order.kehu_submit(approver_id=approver.id)
            if number == 2:
                order.with_user(approver).kehu_approve()
                receipt = (
                    cls.env["kehu.receipt"]
                    .with_user(cls.user_seller)
                    .create(
                        {
                            "partner_id": customer.id,
                            "journal_id": cls.bank.id,
                            "amount": 100.0,
                            "allocation_ids": [Command.create({"order_id": order.id, "amount": 100.0})],
                        }
                    )
                )
                receipt.kehu_submit(approver_id=cls.user_receipt_approver.id)
        cls._create_customer(name="Robot in the pool")

    def _click_everywhere(self, user, lang):
        user.lang = lang
        user.password = user.login
        self.browser_js(
            "/odoo",
            ROBOT,
            "odoo.isReady === true",
            login=user.login,
            timeout=900,
            success_signal="clickbot test succeeded",
        )


@tagged("post_install", "-at_install", "kehu_robot")
class TestClickRobotEnglish(ClickRobotCommon):
    def test_manager(self):
        self._click_everywhere(self.user_east_manager, "en_US")

    def test_director(self):
        self._click_everywhere(self.user_director, "en_US")

    def test_service(self):
        self._click_everywhere(self.user_service, "en_US")

    def test_order_approver(self):
        self._click_everywhere(self.user_order_approver, "en_US")

    def test_receipt_approver(self):
        self._click_everywhere(self.user_receipt_approver, "en_US")


@tagged("post_install", "-at_install", "kehu_robot")
class TestClickRobotChinese(ClickRobotCommon):
    """Those who between them meet every menu."""

    def test_salesperson(self):
        self._click_everywhere(self.user_seller, "zh_CN")

    def test_finance(self):
        self._click_everywhere(self.user_finance, "zh_CN")

    def test_administrator(self):
        self._click_everywhere(self.user_crm_admin, "zh_CN")
