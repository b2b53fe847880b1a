"""Which orders come under a contract, and when they come and go."""

from odoo.fields import Command
from odoo.tests import Form, tagged

from ...models.contract.exceptions import KehuContractOrderError
from .common import ContractCommon


@tagged("post_install", "-at_install")
class TestContractOrders(ContractCommon):
    def test_one_contract_at_a_time(self):
        contract, other, order = self._create_contract(), self._create_contract(), self._create_order()
        contract.order_ids = [Command.link(order.id)]
        with self.assertRaisesRegex(KehuContractOrderError, "one contract at a time"):
            order.kehu_contract_id = other
        with self.assertRaises(KehuContractOrderError):
            other.order_ids = [Command.link(order.id)]
        contract.order_ids = [Command.unlink(order.id)]
        order.kehu_contract_id = other
        self.assertEqual((contract.order_count, other.order_count), (0, 1))
        self.assertFalse(order.copy().kehu_contract_id)

    def test_same_customer_and_company(self):
        contract = self._create_contract()
        wuxi = self._create_customer(self.user_seller, name="Wuxi Fans")
        with self.assertRaisesRegex(KehuContractOrderError, "customer and the company"):
            self._create_order(partner_id=wuxi.id, kehu_contract_id=contract.id)
        order = self._create_order(kehu_contract_id=contract.id)
        with self.assertRaises(KehuContractOrderError):
            order.write({"partner_id": wuxi.id, "partner_invoice_id": wuxi.id, "partner_shipping_id": wuxi.id})
        with self.assertRaises(KehuContractOrderError):
            contract.partner_id = wuxi
        order.partner_id = self.contact  # one of the same customer
        elsewhere = self.env["res.company"].create({"name": "Elsewhere (test)"})
        foreign = self.env["sale.order"].create({"partner_id": self.customer.id, "company_id": elsewhere.id})
        with self.assertRaises(KehuContractOrderError):
            foreign.kehu_contract_id = contract.sudo()
        outside = self.env["sale.order"].create({"partner_id": self.env["res.partner"].create({"name": "Outside"}).id})
        with self.assertRaises(KehuContractOrderError):
            outside.kehu_contract_id = contract.sudo()
        with self.assertRaises(KehuContractOrderError):
            outside.action_kehu_contract()

    def test_when_they_come_and_go(self):
        contract, order = self._create_contract(), self._create_order()
        order.kehu_contract_id = contract
        self._submit(contract)
        for records in (order, order.sudo()):
            with self.assertRaises(KehuContractOrderError):
                records.kehu_contract_id = False
        with self.assertRaises(KehuContractOrderError):
            self._create_order(kehu_contract_id=contract.id)
        contract.with_user(self.user_order_approver).kehu_approve()
        late = self._create_order(kehu_contract_id=contract.id)
        with self.assertRaisesRegex(KehuContractOrderError, "stays in contract"):
            order.kehu_contract_id = False
        order.action_cancel()
        order.kehu_contract_id = False
        self.assertEqual(contract.order_ids, late)
        contract.kehu_terminate("Enough")
        with self.assertRaisesRegex(KehuContractOrderError, "takes no orders"):
            self._create_order(kehu_contract_id=contract.id)
        late.action_cancel()
        with self.assertRaises(KehuContractOrderError):
            late.kehu_contract_id = False

    def test_none_is_deleted_from_under_it(self):
        """While somebody decides on the contract, and in force, orders do not leave by the other door."""
        contract, order = self._create_contract(), self._create_order()
        order.kehu_contract_id = contract
        for prepare in (self._submit, lambda contract: contract.with_user(self.user_order_approver).kehu_approve()):
            prepare(contract)
            for attempt in (order.unlink, order.sudo().unlink, lambda: contract.write({"order_ids": [Command.delete(order.id)]})):
                with self.assertRaisesRegex(KehuContractOrderError, "stays in contract"), self.env.cr.savepoint():
                    attempt()
        order.action_cancel()
        order.unlink()
        self.assertFalse(order.exists())

    def test_totals_of_two_currencies_and_of_colleagues(self):
        euro = self.env.ref("base.EUR")
        if euro == self.env.company.currency_id:
            euro = self.env.ref("base.USD")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create({"currency_id": euro.id, "rate": 0.5, "name": "2020-01-01"})
        pricelist = self.env["product.pricelist"].create({"name": "Euro", "currency_id": euro.id})
        contract = self._create_contract(amount=5000.0)
        ours = self._create_order(10, kehu_contract_id=contract.id)
        theirs = self._create_order(10, pricelist_id=pricelist.id)
        self.assertEqual(theirs.currency_id, euro)
        theirs.sudo().write({"user_id": self.user_seller2.id, "kehu_contract_id": contract.id})
        # 1,000 + 1,000 at half a unit for one of ours
        self.assertEqual((contract.order_count, contract.orders_amount, contract.amount_difference), (2, 3000.0, 2000.0))
        self.env.invalidate_all()
        self.assertEqual(contract.order_ids, ours)
        ours.action_cancel()
        self.assertEqual((contract.order_count, contract.orders_amount), (1, 2000.0))

    def test_amount_follows_the_orders_until_it_is_typed(self):
        first, second = self._create_order(10), self._create_order(5)
        form = Form(self.env["kehu.contract"].with_user(self.user_seller))
        form.title, form.partner_id = "Pumps", self.customer
        form.order_ids.add(first)
        self.assertEqual(form.amount, 1000.0)
        contract = form.save()
        with Form(contract) as form:
            form.order_ids.add(second)
            self.assertEqual((form.amount, form.orders_amount), (1500.0, 1500.0))
        self.assertEqual(contract.amount, 1500.0)
        with Form(contract) as form:
            form.amount = 2000.0
            form.order_ids.remove(second.id)
            self.assertEqual(form.amount, 2000.0)
        self.assertEqual((contract.order_ids, contract.amount_difference), (first, 1000.0))
        imported = self.env["kehu.contract"].with_user(self.user_seller)
        imported = imported.create({"title": "RPC", "partner_id": self.customer.id, "order_ids": [Command.link(second.id)]})
        self.assertEqual(imported.amount, 500.0)

    def test_filter_without_order(self):
        contract, empty = self._create_contract(), self._create_contract()
        order = self._create_order()
        order.sudo().write({"user_id": self.user_seller2.id, "kehu_contract_id": contract.id})
        found = (
            self.env["kehu.contract"].with_user(self.user_seller).search([("has_order", "=", False), ("user_id", "=", self.user_seller.id)])
        )
        self.assertEqual(found, empty)
        found = self.env["kehu.contract"].with_user(self.user_seller).search([("has_order", "=", True)])
        self.assertEqual(found, contract)

    def test_a_deleted_draft_lets_its_orders_go(self):
        contract, order = self._create_contract(), self._create_order()
        order.kehu_contract_id = contract
        contract.unlink()
        self.assertFalse(order.kehu_contract_id)
