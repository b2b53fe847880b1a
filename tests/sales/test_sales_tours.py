"""An opportunity, two quotes, an order with a discount, its two signatures, and the quote that lost: in the browser, in Chinese."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestSalesTours(ApprovalCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order.action_cancel()
        for user in (cls.user_seller, cls.user_order_approver, cls.user_director, cls.user_crm_admin):
            user.write({"password": user.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        cls.env.ref("kehu_crm.group_kehu_order_approver").user_ids = cls.user_order_approver | cls.user_order_approver2
        cls.pump = cls._create_product(100.0, name="Deal Pump")
        cls.pump.product_tmpl_id.write({"kehu_specification": "DN80 PN16", "kehu_discount_limit": 10})
        cls.env.company.kehu_sale_type_id = cls.env["kehu.dictionary.value"].create({"dictionary": "sale_type", "name": "Tour Sale"})
        cls.lead = cls._lead("New wing")

    @classmethod
    def _lead(cls, name):
        leads = cls.env["crm.lead"].with_user(cls.user_seller)
        return leads.create({"name": name, "type": "opportunity", "partner_id": cls.customer.id})

    def _tour(self, path, name, user):
        self.start_tour(path, f"kehu_deals_{name}", login=user.login, timeout=240)
        self.env.invalidate_all()

    def test_from_opportunity_to_order(self):
        self._tour(f"/odoo/crm/{self.lead.id}", "quotes", self.user_seller)
        loser, winner = self.lead.order_ids.sorted("id")
        self.assertEqual((loser.kehu_document, loser.kehu_price_alert), ("quote", "none"))
        self.assertEqual((winner.kehu_document, winner.kehu_price_alert, winner.kehu_approval_state), ("order", "discount", "pending"))
        self.assertEqual(winner.order_line.kehu_specification, "DN80 PN16")
        self._tour("/odoo/kehu-orders", "approve", self.user_order_approver)
        self.assertEqual((winner.state, winner.kehu_approval_state), ("draft", "pending"))
        self._tour("/odoo/kehu-orders", "approve", self.user_director)
        self.assertEqual((winner.state, winner.kehu_approval_state, self.lead.won_status), ("sale", "approved", "won"))
        self._tour(f"/odoo/kehu-orders/{winner.id}", "cancel_others", self.user_seller)
        self.assertEqual(loser.state, "cancel")
        self._tour(f"/odoo/crm/{self.lead.id}", "not_deleted", self.user_crm_admin)
        self.assertTrue(self.lead.exists())

    def test_deleting_an_opportunity_takes_its_draft_along(self):
        lead = self._lead("Old wing")
        quote = self._create_order(kehu_document="quote", opportunity_id=lead.id, order_line=[Command.create({"product_id": self.pump.id})])
        self._tour(f"/odoo/crm/{lead.id}", "deleted", self.user_crm_admin)
        self.assertFalse(lead.exists() or quote.exists())
