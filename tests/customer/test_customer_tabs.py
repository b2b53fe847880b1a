"""The tabs of the card in the browser."""

from odoo.tests import HttpCase, tagged

from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerTabs(KehuCommon, HttpCase):
    def test_tabs(self):
        """A salesperson goes through the tabs and adds an interest, which is the customer's afterwards."""
        self.user_seller.password = self.user_seller.login
        level = self.env["kehu.customer.level"].create({"name": "Tour Level"})
        customer = self._create_customer(self.user_seller, name="Tour Works", kehu_level_id=level.id)
        product = self._create_product(name="Tour Pump")
        record = self.env["kehu.contact.record"].with_user(self.user_seller)
        record = record.create({"partner_id": customer.id, "content": "Asked for pumps"})
        self.env["ir.attachment"].create({"name": "drawing.txt", "raw": b"x", "res_model": record._name, "res_id": record.id})
        self.start_tour(f"/odoo/kehu-customers/{customer.id}", "kehu_customer_tabs", login=self.user_seller.login, timeout=240)
        interest = customer.kehu_interest_ids
        self.assertEqual((interest.product_id, interest.quantity, interest.create_uid), (product, 7.0, self.user_seller))
