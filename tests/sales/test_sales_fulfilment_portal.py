"""The customer at the portal: by link or signed in, for their own orders only."""

from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_sales_fulfilment import PICTURE, FulfilmentCommon


@tagged("post_install", "-at_install")
class TestSalesFulfilmentPortal(FulfilmentCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        users = cls.env["res.users"].with_context(no_reset_password=True)
        portal = [Command.set(cls.env.ref("base.group_portal").ids)]
        cls.person = cls._create_contact(cls.customer, name="Zhang San", email="zhang@example.com")
        cls.user_portal = users.create(
            {
                "name": "Zhang San",
                "login": "kehu_portal_own",
                "password": "kehu_portal_own",
                "partner_id": cls.person.id,
                "group_ids": portal,
            }
        )
        cls.user_stranger = users.create(
            {"name": "Stranger", "login": "kehu_portal_other", "password": "kehu_portal_other", "group_ids": portal}
        )
        cls.order = cls._create_order((cls.pump, 10), partner_id=cls.person.id).sudo()
        if cls.by_hand:
            cls.order.kehu_ship([[cls.order.order_line.id, 4]], carrier="SF", waybill="SF123")
        else:
            cls.order.order_line.qty_delivered = 10
        cls.order._portal_ensure_token()
        cls.env.flush_all()

    def _receive(self, **params):
        params = {"name": "Li Si", "signature": PICTURE.decode(), **params}
        answer = self.url_open(
            f"/my/orders/{self.order.id}/receive",
            json={"jsonrpc": "2.0", "method": "call", "params": params},
            headers={"Content-Type": "application/json"},
        ).json()
        self.order.invalidate_recordset()
        return answer["result"]

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.http")
    def test_refused(self):
        """No token, a wrong one, somebody else, nothing signed, no name."""
        self.authenticate(None, None)
        self.assertIn("error", self._receive())
        self.assertIn("error", self._receive(access_token="wrong"))
        token = self.order.access_token
        self.assertIn("error", self._receive(access_token=token, signature=""))
        self.assertIn("error", self._receive(access_token=token, signature="no picture"))
        self.assertIn("error", self._receive(access_token=token, name=" "))
        self.authenticate(self.user_stranger.login, self.user_stranger.login)
        self.assertIn("error", self._receive())
        self.assertTrue(self.order.kehu_to_sign)
        self.assertFalse(self.order.kehu_received_by)
        self.assertNotIn(self.order.name, self.url_open(f"/my/orders/{self.order.id}").text)

    def test_by_link(self):
        self.authenticate(None, None)
        token = self.order.access_token
        page = self.url_open(f"/my/orders/{self.order.id}?access_token={token}").text
        self.assertIn('id="kehu_sign_delivery"', page)
        self.assertEqual("SF123" in page, self.by_hand)
        answer = self._receive(access_token=token)
        self.assertTrue(answer.get("force_refresh"), answer)
        self.assertEqual((self.order.kehu_received_by, self.order.kehu_to_sign), ("Li Si", False))
        for shipment in self.order.kehu_shipment_ids:
            self.assertEqual((shipment.state, shipment.received_by, shipment.recorded_by_id.id), ("signed", "Li Si", False))
            self.assertTrue(shipment.signature)
        self.assertIn("Li Si", self.order.message_ids[0].body)
        self.assertEqual(self.order.message_ids[0].author_id, self.person)
        page = self.url_open(f"/my/orders/{self.order.id}?access_token={token}&message=received").text
        self.assertNotIn('id="kehu_sign_delivery"', page)
        self.assertIn("Li Si", page)
        self.assertIn("error", self._receive(access_token=token))

    def test_signed_in(self):
        self.authenticate(self.user_portal.login, self.user_portal.login)
        self.assertTrue(self._receive().get("force_refresh"))
        self.assertEqual(self.order.kehu_received_by, "Li Si")

    def test_colleague(self):
        """Another person of the same customer follows the order as the host has it, and signs."""
        colleague = self._create_contact(self.customer, name="Wang Wu")
        self.user_stranger.partner_id = colleague
        self.env.flush_all()
        self.authenticate(self.user_stranger.login, self.user_stranger.login)
        self.assertTrue(self._receive().get("force_refresh"))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.http")
    def test_colleagues_of_ours(self):
        """Who only reads the order signs for no customer; its salesperson notes down the receipt, and is named."""
        readers = {"order_approver": self.user_order_approver, "finance": self.user_finance}
        for user in (*readers.values(), self.user_seller):
            user.password = user.login
        self.env.flush_all()
        for role, user in readers.items():
            with self.subTest(role=role):
                self.authenticate(user.login, user.login)
                self.assertIn("error", self._receive())
                self.assertIn("error", self._receive(access_token=self.order.access_token))
                self.assertTrue(self.order.kehu_to_sign)
        self.authenticate(self.user_seller.login, self.user_seller.login)
        self.assertTrue(self._receive().get("force_refresh"))
        for shipment in self.order.kehu_shipment_ids:
            self.assertEqual((shipment.received_by, shipment.recorded_by_id), ("Li Si", self.user_seller))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.http")
    def test_delivery_note(self):
        """One's own notes, and none by the number of another order."""
        if not self.by_hand:
            self.skipTest("the host's inventory makes its own delivery notes")
        shipment = self.order.kehu_shipment_ids
        other = self._create_order((self.pump, 1))
        foreign = self.env["kehu.shipment"].browse(other.kehu_ship([[other.order_line.id, 1]]))
        self.env.flush_all()
        url = f"/my/orders/{self.order.id}/shipments/{shipment.id}"
        self.authenticate(None, None)
        self.assertNotIn(shipment.name, self.url_open(url).text)
        token = self.order.access_token
        found = self.url_open(f"{url}?access_token={token}")
        self.assertEqual(found.headers["Content-Type"], "application/pdf")
        self.assertIn('class="kehu_print', found.text)  # in tests the host makes HTML of it
        self.assertIn(shipment.name, found.text)
        wrong = self.url_open(f"/my/orders/{self.order.id}/shipments/{foreign.id}?access_token={token}")
        self.assertIn(f"/my/orders/{self.order.id}", wrong.url)
        self.assertNotIn(foreign.name, wrong.text)
