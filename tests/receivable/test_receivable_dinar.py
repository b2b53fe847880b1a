"""Money with three decimals: every figure to the fils, in a company of that currency and beside one of two decimals."""

from odoo.fields import Command
from odoo.tests import tagged

from ...models.receivable.exceptions import KehuOverAllocationError, KehuReceiptError
from .test_receivable_tieout import TieOutCommon


@tagged("post_install", "-at_install")
class TestReceivableDinar(TieOutCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dinar = cls.env.ref("base.KWD")
        cls.dinar.active = True
        cls.foreign = cls.env.ref("base.EUR") if cls.env.company.currency_id.name != "EUR" else cls.env.ref("base.USD")
        cls.foreign.active = True
        cls.kuwait = cls.env["res.company"].create({"name": "Kuwait (test)", "currency_id": cls.dinar.id})
        cls.env["account.chart.template"].try_loading("generic_coa", cls.kuwait, install_demo=False)
        for user in (cls.env.user, cls.user_seller, cls.user_receipt_approver, cls.user_finance):
            user.company_ids = [Command.link(cls.kuwait.id)]
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=[cls.kuwait.id, cls.env.company.id]))
        cls.kuwait_bank = cls.env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", cls.kuwait.id)], limit=1)
        cls.tax = cls.env["account.tax"].search([("company_id", "=", cls.kuwait.id), ("type_tax_use", "=", "sale")], limit=1)
        cls.tax.amount = 15.0
        cls.pricelist = cls.env["product.pricelist"].create({"name": "Dinar (test)", "currency_id": cls.dinar.id})
        cls.foreign_pricelist = cls.env["product.pricelist"].create({"name": "Foreign (test)", "currency_id": cls.foreign.id})
        cls.env["res.currency.rate"].search([("currency_id", "in", (cls.foreign | cls.dinar).ids)]).unlink()
        cls.env["res.currency.rate"].create(
            {"currency_id": cls.foreign.id, "name": "2020-01-01", "rate": 3.27, "company_id": cls.kuwait.id}
        )

    def _kuwait_order(self, price, quantity=3, pricelist=None):
        order = (
            self.env["sale.order"]
            .with_company(self.kuwait)
            .create(
                {
                    "partner_id": self.customer.id,
                    "user_id": self.user_seller.id,
                    "company_id": self.kuwait.id,
                    "pricelist_id": (pricelist or self.pricelist).id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.product.id,
                                "product_uom_qty": quantity,
                                "price_unit": price,
                                "tax_ids": [Command.set(self.tax.ids)],
                            }
                        )
                    ],
                }
            )
        )
        order.action_confirm()
        return order

    def _take(self, amount, allocations=(), **values):
        return self._receive(
            amount,
            allocations,
            **{"company_id": self.kuwait.id, "journal_id": self.kuwait_bank.id, "currency_id": self.dinar.id, **values},
        )

    def assertKuwait(self, order, received, due, state):
        self.assertEqual((order.kehu_amount_received, order.kehu_amount_due, order.kehu_receipt_state), (received, due, state))
        self.assertAgrees(company=self.kuwait)

    def test_to_the_fils(self):
        """3 × 10.01 with 15 %: 34.535. 30 % down are 10.361 (10.3605 rounded); one fils left is partly received, not settled."""
        order = self._kuwait_order(10.01)
        self.assertEqual((order.amount_total, order.kehu_amount_due), (34.535, 34.535))
        first = self._take(10.361, [(order, 10.361)])
        self.assertKuwait(order, 10.361, 24.174, "partial")
        self._take(24.173, [(order, 24.173)])
        self.assertKuwait(order, 34.534, 0.001, "partial")
        with self.assertRaises(KehuOverAllocationError), self.cr.savepoint():
            self._take(0.002, [(order, 0.002)])
        with self.assertRaises(KehuReceiptError), self.cr.savepoint():
            self._take(0.0004)
        self._take(0.001, [(order, 0.001)])
        self.assertKuwait(order, 34.535, 0.0, "settled")
        invoice = order._create_invoices()
        invoice.action_post()
        self.assertEqual((invoice.amount_total, invoice.amount_residual), (34.535, 0.0))
        self.assertKuwait(order, 34.535, 0.0, "settled")
        first.with_user(self.user_finance).action_cancel()
        self.assertKuwait(order, 24.174, 10.361, "partial")

    def test_advances_used_freed_and_refunded(self):
        order, other = self._kuwait_order(10.01), self._kuwait_order(0.37, quantity=1)
        self.assertEqual(other.amount_total, 0.426)  # 0.37 + 0.0555 rounded half up
        receipt = self._take(40.0, [(order, 34.535)])
        self.assertEqual(receipt.advance_open, 5.465)
        self._use(receipt, [(other, 0.426)])
        self.assertKuwait(other, 0.426, 0.0, "settled")
        order.order_line.write({"product_uom_qty": 2, "price_unit": 10.01})  # 23.023
        self.assertKuwait(order, 34.535, -11.512, "settled")
        use = self._create_use(receipt, [(order, 11.512)], kind="free")
        use.action_post()
        self.assertKuwait(order, 23.023, 0.0, "settled")
        self.assertEqual(receipt.advance_open, 16.551)
        refund = self._create_use(receipt, kind="refund", amount=16.551, journal_id=self.kuwait_bank.id)
        self._approve(refund)
        self.assertEqual(receipt.advance_open, 0.0)
        self.assertAgrees(company=self.kuwait)

    def test_money_of_two_decimals_in_a_company_of_three(self):
        """100.00 foreign at 3.27, paid in two parts: what the books hold of them is what the invoice says, to the fils."""
        order = self._kuwait_order(43.48, quantity=2, pricelist=self.foreign_pricelist)
        self.assertEqual(order.amount_total, 100.0)
        invoice = order._create_invoices()
        invoice.action_post()
        for amount in (33.33, 66.67):
            self._take(amount, [(order, amount)], currency_id=self.foreign.id)
        self.assertKuwait(order, 100.0, 0.0, "settled")
        items = self.env["account.move.line"].search(
            [("partner_id", "=", self.customer.id), ("company_id", "=", self.kuwait.id), ("account_type", "=", "asset_receivable")]
        )
        self.assertAlmostEqual(self._receivable_lines(invoice).balance, 100 / 3.27, 2)
        self.assertEqual(self.dinar.round(sum(items.mapped("balance"))), 0.0)
        self.assertEqual(invoice.amount_residual, 0.0)

    def test_instalments_and_receivables(self):
        """A third each: 11.512, 11.512 and the rest; the columns by age add up to what is due."""
        order = self._kuwait_order(10.01)
        order.write(
            {
                "kehu_instalment_ids": [
                    Command.create({"name": f"Part {number}", "amount": amount, "date_due": f"2020-0{number}-01"})
                    for number, amount in ((1, 11.512), (2, 11.512), (3, 11.511))
                ]
            }
        )
        self._take(11.513, [(order, 11.513)])
        self.assertEqual(order.kehu_instalment_ids.sorted("date_due").mapped("amount_received"), [11.512, 0.001, 0.0])
        row = self.env["kehu.receivable"].browse(order.id)
        ages = sum(row[name] for name in ("due_current", "due_1_30", "due_31_60", "due_61_90", "due_over_90"))
        self.assertEqual((row.amount_due, self.dinar.round(ages)), (23.022, 23.022))
