"""Two people ship the same goods at the same moment, on two real database connections."""

from contextlib import closing

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger
from psycopg2.errors import SerializationFailure

from ...models.sales.exceptions import KehuShipmentError, KehuShipmentQuantityError


@tagged("post_install", "-at_install")
class TestSalesFulfilmentRace(BaseCase):
    """Works on committed rows, and removes them afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = self._env(cr)
            partner = env["res.partner"].create({"name": "Race Ltd"})
            product = env["product.product"].create({"name": "Race Pump", "type": "consu", "taxes_id": [Command.clear()]})
            order = env["sale.order"].create(
                {"partner_id": partner.id, "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 4})]}
            )
            by_hand = order.order_line.qty_delivered_method == "manual"
            self.order_id, self.line_id = order.id, order.order_line.id
            self.partner_id, self.product_id = partner.id, product.id
            if by_hand:
                order.action_confirm()
                order.kehu_ship([[self.line_id, 1]])  # partial before and after: the order's own columns do not change
        self.addCleanup(self._clean)
        if not by_hand:
            self.skipTest("the host's inventory delivers here: it has locks of its own")

    def _env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})

    def _order(self, cr):
        return self._env(cr)["sale.order"].browse(self.order_id)

    def _clean(self):
        with self.registry.cursor() as cr:
            for query in (
                "DELETE FROM mail_activity WHERE res_model = 'sale.order' AND res_id = %(order)s",
                "DELETE FROM mail_followers WHERE res_model = 'sale.order' AND res_id = %(order)s",
                "DELETE FROM mail_message WHERE model = 'sale.order' AND res_id = %(order)s",
                "DELETE FROM kehu_shipment WHERE order_id = %(order)s",
                "DELETE FROM sale_order WHERE id = %(order)s",
            ):
                cr.execute(query, {"order": self.order_id})
            env = self._env(cr)
            env["product.product"].browse(self.product_id).product_tmpl_id.unlink()
            env["res.partner"].browse(self.partner_id).unlink()

    def _shipped(self):
        with self.registry.cursor() as cr:
            order = self._order(cr)
            return order.order_line.qty_delivered, order.kehu_shipment_ids.sorted("id").mapped("state")

    @mute_logger("odoo.sql_db")
    def test_two_ship_the_same(self):
        """Who comes second starts again, and is told how little is left."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self.assertEqual(self._order(second).order_line._kehu_quantity_to_ship(), 3)
            self._order(first).kehu_ship([[self.line_id, 2]])
            first.commit()
            with self.assertRaises(SerializationFailure):
                self._order(second).kehu_ship([[self.line_id, 2]])
                second.flush()
            second.rollback()
            with self.assertRaises(KehuShipmentQuantityError):
                self._order(second).kehu_ship([[self.line_id, 2]])
            second.rollback()
        self.assertEqual(self._shipped(), (3, ["shipped", "shipped"]))

    @mute_logger("odoo.sql_db")
    def test_signed_while_cancelled(self):
        """What the customer signs for can no longer be cancelled, whoever looked first."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            shipment = self._order(second).kehu_shipment_ids
            self.assertEqual(shipment.state, "shipped")
            self._order(first).kehu_sign_delivery("Li Si")
            first.commit()
            with self.assertRaises(SerializationFailure):
                shipment.kehu_cancel()
                second.flush()
            second.rollback()
            with self.assertRaises(KehuShipmentError):
                self._order(second).kehu_shipment_ids.kehu_cancel()
            second.rollback()
        self.assertEqual(self._shipped(), (1, ["signed"]))

    @mute_logger("odoo.sql_db")
    def test_shipped_while_signed(self):
        """Who looked before the other one came starts again, also where the other one wrote nothing of the order itself."""
        with closing(self.registry.cursor()) as first, closing(self.registry.cursor()) as second:
            self.assertEqual(self._order(second).order_line._kehu_quantity_to_ship(), 3)
            self._order(first)._kehu_lock_fulfilment()
            first.commit()
            with self.assertRaises(SerializationFailure):
                self._order(second).kehu_sign_delivery("Li Si")
            second.rollback()
