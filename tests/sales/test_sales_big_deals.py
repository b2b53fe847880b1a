"""Directors are told of big deals, once per document and stage; big and discounted orders need a director."""

import importlib.util

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.misc import file_path

from ...models.approval.exceptions import KehuApprovalFrozenError
from ...models.system.exceptions import KehuUserError
from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestSalesBigDeals(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # whoever else the database has in this role
        cls.env.ref("kehu_crm.group_kehu_director").user_ids = cls.user_director
        cls.env.company.kehu_big_deal_amount = 1000

    def _lines(self, quantity):
        return [Command.create({"product_id": self.product.id, "product_uom_qty": quantity})]

    def _told(self, record):
        deals = self.env["kehu.big.deal"].search([("res_model", "=", record._name), ("res_id", "=", record.id)])
        return sorted(deals.mapped("stage"))

    def _inbox(self, record, user=None):
        """Messages about a record that reached somebody."""
        partner = (user or self.user_director).partner_id
        domain = [("model", "=", record._name), ("res_id", "=", record.id), ("partner_ids", "in", partner.ids)]
        return self.env["mail.message"].search([*domain, ("message_type", "=", "user_notification")])

    # ------------------------------------------------------------
    # Notices
    # ------------------------------------------------------------

    def test_once_per_stage(self):
        quote = self._create_order(kehu_document="quote", order_line=self._lines(9))
        self.assertFalse(self._told(quote))
        quote.order_line.product_uom_qty = 10
        self.assertEqual(self._told(quote), ["quote"])
        self.assertEqual(len(self._inbox(quote)), 1)
        self.assertIn(quote.name, self._inbox(quote).subject)
        for quantity in (5, 20, 30):
            quote.write({"order_line": [Command.update(quote.order_line.id, {"product_uom_qty": quantity})]})
        self.assertEqual(len(self._inbox(quote)), 1)
        quote.kehu_to_order()
        self.assertEqual(self._told(quote), ["order", "quote"])
        self.assertEqual(len(self._inbox(quote)), 2)
        quote.kehu_to_quote()
        quote.kehu_to_order()
        self._submit(quote)
        quote.with_user(self.user_director).kehu_withdraw()
        self.assertEqual(len(self._inbox(quote)), 2)

    def test_judged_when_all_lines_are_written(self):
        """What is big for a moment only, between two lines of one save, is not told."""
        order = self._create_order(order_line=self._lines(5))
        order.write({"order_line": [*self._lines(20), Command.update(order.order_line.id, {"product_uom_qty": 1, "price_unit": -1500.0})]})
        self.assertFalse(self._told(order))

    def test_every_door(self):
        at_creation = self._create_order(order_line=self._lines(10))
        self.assertEqual(self._told(at_creation), ["order"])
        line_alone = self._create_order(order_line=self._lines(5))
        self.env["sale.order.line"].with_user(self.user_seller).create(
            {"order_id": line_alone.id, "product_id": self.product.id, "product_uom_qty": 5}
        )
        self.assertEqual(self._told(line_alone), ["order"])
        copied = at_creation.copy()
        self.assertEqual(self._told(copied), ["quote"])

    def test_whom_and_of_what(self):
        """Not the one who makes the deal; nothing outside the CRM; nothing without an amount."""
        own = self._create_order(user=self.user_director, order_line=self._lines(10))
        self.assertEqual((self._told(own), len(self._inbox(own))), (["order"], 0))
        plain = self.env["res.partner"].create({"name": "No CRM customer"})
        self.assertFalse(self._told(self._create_order(partner_id=plain.id, order_line=self._lines(10))))
        self.env.company.kehu_big_deal_amount = 0
        self.assertFalse(self._told(self._create_order(order_line=self._lines(99))))

    def test_without_a_director_administrators_are_told(self):
        self.env.ref("kehu_crm.group_kehu_director").user_ids = [Command.clear()]
        order = self._create_order(order_line=self._lines(10))
        self.assertEqual(len(self._inbox(order, self.user_crm_admin)), 1)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_who_reads_and_that_nobody_writes(self):
        order = self._create_order(order_line=self._lines(10))
        deal = self.env["kehu.big.deal"].search([("res_id", "=", order.id)])
        for role in ("seller", "east_manager", "service", "finance", "order_approver", "employee"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                deal.with_user(getattr(self, f"user_{role}")).read(["amount"])
        self.assertEqual(deal.with_user(self.user_director).action_open_document()["res_id"], order.id)
        values = {"name": "x", "stage": "quote", "res_model": "sale.order", "res_id": order.id, "company_id": self.env.company.id}
        for env in (deal.with_user(self.user_crm_admin), deal.sudo()):
            for call in (lambda env=env: env.create(values), lambda env=env: env.write({"amount": 0}), env.unlink):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    call()
        order.unlink()
        with self.assertRaisesRegex(KehuUserError, "was deleted"):
            deal.with_user(self.user_director).action_open_document()

    def test_cost_of_many(self):
        """Forty big orders ask no more questions per order than four; nothing is asked where nobody wants to know."""

        def cost(count):
            orders = self.env["sale.order"].with_user(self.user_seller)
            values = {"partner_id": self.customer.id, "order_line": self._lines(10)}
            orders = orders.with_context(mail_notify_force_send=False).create([values] * count)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            orders._kehu_tell_big_deals()
            return self.env.cr.sql_log_count - before

        cost(2)
        self.assertLessEqual(cost(40), cost(4))

    # ------------------------------------------------------------
    # The second step
    # ------------------------------------------------------------

    def _flow(self):
        return self.env.ref("kehu_crm.kehu_approval_flow_large_order")

    def test_search_and_flow_agree(self):
        big, small = self._create_order(order_line=self._lines(10)), self._create_order(order_line=self._lines(9))
        self.assertEqual((big.kehu_is_big, small.kehu_is_big), (True, False))
        orders = self.env["sale.order"].search([("id", "in", (big | small).ids), ("kehu_is_big", "=", True)])
        self.assertEqual(orders, big)
        self.assertEqual(self.env["sale.order"].search([("id", "in", (big | small).ids), ("kehu_is_big", "=", False)]), small)
        flows = (big | small)._kehu_find_flows()
        self.assertEqual((flows[big], flows[small]), (self._flow(), self.env.ref("kehu_crm.kehu_approval_flow_order")))

    def test_a_big_order_takes_two_signatures(self):
        order = self._create_order(order_line=self._lines(10))
        self._submit(order)
        order.with_user(self.user_order_approver).kehu_approve("Fine")
        self.assertEqual((order.state, order.kehu_approval_state), ("draft", "pending"))
        order.with_user(self.user_director).kehu_approve("Go")
        self.assertEqual((order.state, order.kehu_approval_state), ("sale", "approved"))

    def test_a_discounted_order_takes_two_signatures(self):
        self.product.kehu_discount_limit = 10
        order = self._create_order(order_line=[Command.create({"product_id": self.product.id, "discount": 15})])
        self._submit(order)
        order.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(order.state, "draft")
        order.with_user(self.user_director).kehu_reject("Too cheap")
        order.order_line.discount = 10
        self._submit(order)
        order.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(order.state, "sale")

    def test_no_small_order_grows_behind_the_back(self):
        """Confirmed by the small flow, it cannot be made cheap or large afterwards."""
        self.product.kehu_floor_price = 80
        order = self._create_order()
        self._approve(order)
        for values in ({"price_unit": 50}, {"discount": 30}, {"product_uom_qty": 100}):
            with self.subTest(values=values), self.assertRaises(KehuApprovalFrozenError), self.env.cr.savepoint():
                order.order_line.write(values)

    def test_the_default_flow_stays(self):
        """A new database: no amount, no floor, no limit. Every order takes the flow of one step."""
        self.env.company.kehu_big_deal_amount = 0
        order = self._create_order(order_line=self._lines(100000))
        self.assertEqual(order._kehu_find_flows()[order], self.env.ref("kehu_crm.kehu_approval_flow_order"))
        self._approve(order)
        self.assertEqual(order.state, "sale")

    def test_an_older_database_gets_the_flow_archived(self):
        """Words to choose from as well; a second run changes nothing."""
        xml_ids = ["kehu_approval_flow_large_order", "kehu_sale_type_project", "kehu_delivery_terms_pickup"]
        shipped = [self.env.ref(f"kehu_crm.{xml_id}") for xml_id in xml_ids]
        self.env["ir.model.data"].search([("module", "=", "kehu_crm"), ("name", "in", xml_ids)]).unlink()  # as if never shipped
        for record in shipped:
            record.unlink()
        path = file_path("kehu_crm/migrations/19.0.1.3.0/post-sales.py")
        spec = importlib.util.spec_from_file_location("kehu_post_sales", path)
        migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(migration)
        for _time in range(2):
            migration.migrate(self.env.cr, "19.0.1.2.0")
            flow = self._flow()
            self.assertEqual((flow.active, flow.sequence, flow.if_nobody), (False, 5, "administrator"))
            self.assertEqual(flow.step_ids.mapped("kind"), ["chosen", "group"])
            self.assertEqual(flow.step_ids[1].group_id, self.env.ref("kehu_crm.group_kehu_director"))
            self.assertTrue(all(self.env.ref(f"kehu_crm.{xml_id}").exists() for xml_id in xml_ids))
        flow.active = True
        order = self._create_order(order_line=self._lines(10))
        self.assertEqual(order._kehu_find_flows()[order], flow)
