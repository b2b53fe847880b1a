"""One's own address book: from contacts and colleagues, to customers, and nobody else's."""

from lxml import etree
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.workbench.exceptions import KehuCardError
from .common import WorkbenchCommon


@tagged("post_install", "-at_install")
class TestWorkbenchCards(WorkbenchCommon):
    def _cards(self, user):
        return self.env["kehu.card"].with_user(user)

    def test_nobody_else_sees_them(self):
        card = self._cards(self.user_seller).create({"name": "Li"})
        self.assertEqual(card.user_id, self.user_seller)
        for user in (self.user_seller2, self.user_east_manager, self.user_director, self.user_crm_admin):
            with self.subTest(user=user.name), mute_logger("odoo.addons.base.models.ir_rule"):
                self.assertFalse(self._cards(user).search([("id", "=", card.id)]))
                with self.assertRaises(AccessError):
                    card.with_user(user).write({"name": "Mine"})
        for act in (
            lambda: self._cards(self.user_seller2).create({"name": "Gift", "user_id": self.user_seller.id}),
            lambda: card.with_user(self.user_seller).write({"user_id": self.user_seller2.id}),
        ):
            with self.assertRaises(KehuCardError):
                act()

    def test_from_contacts_and_colleagues_once(self):
        contact = self.env["res.partner"].create({"name": "Contact", "parent_id": self.customer.id, "phone": "13800000001"})
        for expected in (1, 0):
            before = self._cards(self.user_seller).search_count([])
            contact.with_user(self.user_seller).action_kehu_keep_card()
            self.assertEqual(self._cards(self.user_seller).search_count([]) - before, expected, "once")
        card = self._cards(self.user_seller).search([])
        self.assertEqual((card.name, card.company_name, card.phone), ("Contact", self.customer.name, contact.phone))
        colleagues = self.env["hr.employee.public"].with_user(self.user_seller).search([], limit=2)
        colleagues.action_kehu_keep_card()
        self.assertEqual(self._cards(self.user_seller).search_count([]), 1 + len(colleagues))
        hidden = self._create_customer(self.user_west_seller, name="Hidden")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            hidden.with_user(self.user_seller).action_kehu_keep_card()

    def test_to_a_customer_once(self):
        card = self._cards(self.user_seller).create(
            {"name": "Li", "company_name": "Huaqiang Pumps", "function": "Buyer", "phone": "13811112222"}
        )
        action = card.action_to_customer()
        customer = self.env["res.partner"].browse(action["res_id"])
        self.assertTrue(customer.kehu_is_customer)
        self.assertEqual((customer.name, customer.user_id, customer.child_ids.name), ("Huaqiang Pumps", self.user_seller, "Li"))
        with self.assertRaises(KehuCardError):
            card.action_to_customer()

    def test_own_data_are_the_hosts_dialog(self):
        action = self.env.ref("kehu_crm.kehu_own_data_action").with_user(self.user_seller).run()
        self.assertEqual((action["res_model"], action["res_id"]), ("res.users", self.user_seller.id))

    def test_plans_and_cards_stand_on_ones_own_page(self):
        """One page for one's own things: the host's data and password, and from there plans and cards; nothing of it outside the CRM."""
        page = self.env.ref("base.view_users_form_simple_modif")
        for user, buttons in ((self.user_seller, 2), (self.user_service, 2), (self.user_employee, 0)):
            arch = etree.fromstring(self.env["res.users"].with_user(user).get_view(page.id, "form")["arch"])
            with self.subTest(user=user.name):
                self.assertEqual(len(arch.xpath("//div[@name='kehu_own']/button")), buttons)
        for xmlid in ("calendar_event_action_kehu_schedule", "kehu_card_action"):
            with self.subTest(xmlid=xmlid):
                self.assertTrue(self.env["ir.actions.act_window"].with_user(self.user_service)._for_xml_id(f"kehu_crm.{xmlid}"))
