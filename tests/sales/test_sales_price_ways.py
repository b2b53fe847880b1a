"""Ways round floor prices and discount limits: flags of lines, bundles, taxes, nobody's orders, changes after approval."""

from datetime import date

from freezegun import freeze_time
from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.approval.exceptions import KehuApprovalFrozenError, KehuApprovalToleranceError
from ...models.sales.exceptions import KehuOrderApprovalError, KehuOrderNumberError, KehuShipmentQuantityError
from ...models.system.exceptions import KehuEngineOnlyError
from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestSalesPriceWays(ApprovalCommon):
    def _alert(self, *lines, **values):
        return self._create_order(order_line=[Command.create(line) for line in lines], **values).kehu_price_alert

    def test_down_payments(self):
        """A line that is called a down payment and has a quantity is sold like any other."""
        self.product.kehu_floor_price = 80
        service = self._create_product(0.0, name="Goodwill", type="service")
        line = {"product_id": self.product.id, "product_uom_qty": 1}
        self.assertEqual(self._alert({**line, "price_unit": 10, "is_downpayment": True}), "floor")
        rebate = {"product_id": service.id, "product_uom_qty": 1, "price_unit": -50, "is_downpayment": True}
        self.assertEqual(self._alert({**line, "price_unit": 100}, rebate), "floor")
        self.assertEqual(self._alert({**line, "price_unit": 100}, {**rebate, "product_uom_qty": 0}), "none")

    def test_bundles(self):
        """Floor and limit of a bundle hold for what its parts cost together."""
        parts = self.product + self._create_product(50.0, name="Hose")
        combo = self.env["product.combo"].create(
            [{"name": part.name, "combo_item_ids": [Command.create({"product_id": part.id})]} for part in parts]
        )
        bundle = self._create_product(120.0, name="Set", type="combo", combo_ids=[Command.set(combo.ids)])

        def alert(quantity, *prices, **values):
            order = self._create_order(order_line=[Command.create({"product_id": bundle.id, "product_uom_qty": quantity})])
            parent = order.order_line
            lines = [
                {
                    "order_id": order.id,
                    "linked_line_id": parent.id,
                    "combo_item_id": one.combo_item_ids.id,
                    "product_id": one.combo_item_ids.product_id.id,
                    "product_uom_qty": quantity,
                    **values,
                }
                for one in combo
            ]
            for line, price in zip(order.order_line.create(lines), prices, strict=True):
                line.price_unit = price
            return order.kehu_price_alert

        self.assertEqual(alert(2, 80, 40), "none", "no limit, no alert")
        bundle.kehu_floor_price = 100
        self.assertEqual(alert(2, 80, 40), "none")
        self.assertEqual(alert(2, 70, 20), "floor")
        self.assertEqual(alert(2, 80, 40, discount=20), "floor")
        bundle.write({"kehu_floor_price": 0, "kehu_discount_limit": 10})
        self.assertEqual(alert(3, 80, 40), "none")
        self.assertEqual(alert(3, 70, 30), "discount")

    def test_parts_beyond_the_bundle(self):
        """What comes with a bundle in another quantity, or from another order, is no way round the limits of the parts."""
        self.product.kehu_floor_price = 80
        hose = self._create_product(20.0, name="Hose")
        choices = self.env["product.combo"].create(
            [{"name": part.name, "combo_item_ids": [Command.create({"product_id": part.id})]} for part in self.product + hose]
        )
        bundle = self._create_product(120.0, name="Set", type="combo", combo_ids=[Command.set(choices.ids)], kehu_floor_price=100)

        def alert(pumps, hoses=(1, 20), price=0, parent=None, unit=None):
            order = self._create_order(order_line=[Command.create({"product_id": bundle.id, "product_uom_qty": 1})])
            order.order_line.price_unit = price
            for choice, parts in zip(choices, (pumps, [hoses]), strict=True):
                for quantity, amount in parts:
                    line = order.order_line.create(
                        {
                            "order_id": order.id,
                            "linked_line_id": (parent or order.order_line[:1]).id,
                            "combo_item_id": choice.combo_item_ids.id,
                            "product_id": choice.combo_item_ids.product_id.id,
                            "product_uom_id": (unit or choice.combo_item_ids.product_id.uom_id).id,
                            "product_uom_qty": quantity,
                        }
                    )
                    line.price_unit = amount
            return order.kehu_price_alert

        self.assertEqual(alert([(1, 80)]), "none")
        self.assertEqual(alert([(0.5, 80), (0.5, 80)]), "none", "two lines of one choice")
        self.assertEqual(alert([(100, 1)], price=100), "floor", "a hundred pumps with one bundle")
        self.assertEqual(alert([(1, 1)] * 5, price=100), "floor", "five pumps with one bundle")
        self.assertEqual(alert([(1, 1)], price=100, unit=self.env.ref("uom.product_uom_dozen")), "floor", "a dozen of them")
        self.assertEqual(alert([(1, 1)], hoses=(0.01, 5000)), "floor", "little money from many figures")
        other = self._create_order(order_line=[Command.create({"product_id": bundle.id, "product_uom_qty": 100})])
        self.assertEqual(alert([(1, 1)], price=100, parent=other.order_line), "floor", "parts of another order's bundle")

    def test_what_is_no_part_of_the_bundle(self):
        """The host asks whether a product is one of the choices when the choice is written, not when the product or the bundle is."""
        self.product.kehu_floor_price = 80
        hose, dear = self._create_product(20.0, name="Hose"), self._create_product(10000.0, name="Press", kehu_floor_price=9000)
        choice = self.env["product.combo"].create({"name": "Pump", "combo_item_ids": [Command.create({"product_id": self.product.id})]})
        other = self.env["product.combo"].create({"name": "Hose", "combo_item_ids": [Command.create({"product_id": hose.id})]})
        bundle = self._create_product(120.0, name="Set", type="combo", combo_ids=[Command.set(choice.ids)])
        second = self._create_product(20.0, name="Hoses", type="combo", combo_ids=[Command.set(other.ids)])

        def order():
            lines = [{"product_id": product.id, "product_uom_qty": 5} for product in (bundle, second)]
            order = self._create_order(order_line=[Command.create(line) for line in lines])
            parent = order.order_line[0]
            part = {"product_id": self.product.id, "combo_item_id": choice.combo_item_ids.id, "linked_line_id": parent.id}
            order.order_line = [Command.create({**part, "product_uom_qty": 5})]
            order.order_line[-1].price_unit = 0
            self.assertEqual(order.kehu_price_alert, "none")
            return order

        for number, vals in (
            (-1, lambda order: {"product_id": dear.id, "price_unit": 0}),
            (-1, lambda order: {"linked_line_id": order.order_line[1].id}),
            (0, lambda order: {"product_id": second.id}),
        ):
            made = order()
            made.order_line[number].write(vals(made))
            self.assertEqual(made.kehu_price_alert, "floor")

    def test_words_in_the_context(self):
        """The host's sales price follows a unit in the context, which any client may send."""
        self.product.kehu_discount_limit = 20
        crumb = self.env["uom.uom"].create({"name": "Crumb", "relative_factor": 0.01, "relative_uom_id": self.product.uom_id.id})
        small = self.env["sale.order"].with_context(uom=crumb.id, force_price_include=True).with_user(self.user_seller)
        line = {"product_id": self.product.id, "price_unit": 10}
        order = small.create({"partner_id": self.customer.id, "order_line": [Command.create(line)]})
        self.assertEqual(order.kehu_price_alert, "discount")
        order.order_line.price_unit = 100
        self.assertEqual(order.kehu_price_alert, "none")
        order.order_line.price_unit = 10
        order.kehu_submit(self.user_order_approver.id)
        self.assertEqual(order.sudo().kehu_price_alert, "discount")

    def test_deliveries_that_nobody_ordered(self):
        """What is delivered is invoiced: a line of next to nothing is no price that holds for any quantity."""
        self.product.invoice_policy = "delivery"
        sold = {"product_id": self.product.id, "product_uom_qty": 1, "price_unit": 1000}
        slight = {"product_id": self.product.id, "product_uom_qty": 0, "price_unit": 1}
        for values in (
            {},
            {"price_unit": -40},
            {"price_unit": -40, "product_uom_qty": 0.01},
            {"price_unit": 900, "is_downpayment": True},
            {"is_expense": True},
            {"product_uom_qty": -0.01, "price_unit": 100},
        ):
            order = self._create_order(order_line=[Command.create(sold), Command.create({**slight, **values})])
            first, second = order.order_line
            attempts = [(second, {"qty_delivered": 20}), (second, {"qty_delivered": -20}), (first, {"qty_delivered": -1})]
            for prepare in (lambda order: order, self._approve):
                prepare(order)
                for line, typed in attempts:
                    with self.subTest(values, state=order.state, typed=typed):
                        for written in (line, line.sudo()):
                            refusal = "were ordered|is not confirmed"
                            with self.assertRaisesRegex(UserError, refusal), self.env.cr.savepoint():
                                written.write(typed)
            first.qty_delivered = 3  # more of what is sold, at its price
            self.assertEqual(first.qty_to_invoice, 3)
        with self.assertRaises(KehuShipmentQuantityError), self.env.cr.savepoint():
            self._create_order(order_line=[Command.create({**slight, "qty_delivered": 20})])
        order = self._create_order(order_line=[Command.create({**slight, "product_uom_qty": 20})])
        self.env.cr.execute("UPDATE sale_order_line SET qty_delivered = 20 WHERE id = %s", (order.order_line.id,))
        order.order_line.invalidate_recordset(["qty_delivered"])
        with self.assertRaises(KehuShipmentQuantityError), self.env.cr.savepoint():
            order.order_line.product_uom_qty = 0

    def test_taxes_of_the_line(self):
        """The same figure with a tax inside is less money than with the tax on top."""
        on_top, inside = self.env["account.tax"].create(
            [
                {"name": "13 % on top", "amount": 13, "price_include_override": "tax_excluded"},
                {"name": "13 % inside", "amount": 13, "price_include_override": "tax_included"},
            ]
        )
        self.product.write({"taxes_id": [Command.set(on_top.ids)], "kehu_floor_price": 100})
        line = {"product_id": self.product.id, "product_uom_qty": 3, "price_unit": 100}
        self.assertEqual(self._alert({**line, "tax_ids": [Command.set(on_top.ids)]}), "none")
        self.assertEqual(self._alert({**line, "tax_ids": [Command.set(inside.ids)]}), "floor")
        self.assertEqual(self._alert({**line, "price_unit": 113, "tax_ids": [Command.set(inside.ids)]}), "none")
        self.product.write({"taxes_id": [Command.set(inside.ids)], "kehu_floor_price": 99.99})
        self.assertEqual(self._alert({**line, "price_unit": 99.99, "tax_ids": [Command.set(inside.ids)]}), "none")

    def test_nobody_s_order(self):
        """Without a salesperson the limit of whoever made the order counts."""
        self.user_seller.kehu_discount_limit = 5
        order = self._create_order(order_line=[Command.create({"product_id": self.product.id, "discount": 20})])
        self.assertEqual(order.kehu_price_alert, "discount")
        order.user_id = False
        self.assertEqual(order.kehu_price_alert, "discount")

    def test_made_by_the_system(self):
        """What a shop or a job made for nobody is judged by the limit of who confirms or submits it; customers and the system have none."""
        self.env.ref("kehu_crm.kehu_approval_flow_order").active = False
        self.user_east_manager.kehu_discount_limit = 10
        self.env.user.kehu_discount_limit = 1
        line = {"product_id": self.product.id, "discount": 20}
        system = self.env["sale.order"].with_user(SUPERUSER_ID)
        values = {"partner_id": self.customer.id, "user_id": False, "order_line": [Command.create(line)], "kehu_document": "order"}
        order, other, signed = system.create([values] * 3)
        self.assertEqual((order.kehu_price_alert, order.user_id, order.create_uid), ("none", order.user_id.browse(), system.env.user))
        mine = order.with_user(self.user_east_manager)
        self.assertTrue(mine.kehu_approval_required)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            mine.action_confirm()
        with self.assertRaises(KehuOrderApprovalError), self.env.cr.savepoint():
            mine.write({"state": "sale"})
        mine.kehu_submit(self.user_order_approver.id)
        self.assertEqual((order.kehu_approval_state, order.kehu_price_alert), ("pending", "discount"))
        self.assertIn(self.user_east_manager.name, order.kehu_price_alert_text)
        mine.kehu_withdraw()
        self.assertEqual((order.kehu_price_alert, order.kehu_price_alert_text), ("none", False))
        other.with_user(self.user_director).action_confirm()
        self.assertEqual(other.state, "sale")
        signed._validate_order()
        self.assertEqual(signed.state, "sale")

    def test_handed_over_first(self):
        """In two steps, too, nobody confirms what is above their limit by giving the order to somebody who may give more."""
        self.env.ref("kehu_crm.kehu_approval_flow_order").active = False
        self.user_east_manager.kehu_discount_limit = 10
        self.user_seller.kehu_discount_limit = 5
        order = self._create_order(order_line=[Command.create({"product_id": self.product.id, "discount": 20})])
        mine = order.with_user(self.user_east_manager)
        mine.user_id = self.user_seller2
        self.assertEqual(order.sudo().kehu_price_alert, "none")
        with self.assertRaisesRegex(UserError, "needs approval"), self.env.cr.savepoint():
            mine.action_confirm()
        mine.kehu_submit(self.user_order_approver.id)
        request = order.sudo().kehu_request_id
        self.assertEqual(request.flow_id, self.env.ref("kehu_crm.kehu_approval_flow_large_order"))
        order.with_user(self.user_order_approver).kehu_approve()
        order.with_user(self.user_director).kehu_approve()
        self.assertEqual((order.sudo().state, order.sudo().kehu_price_alert), ("sale", "discount"))
        customer = self._create_customer(self.user_seller2, name="Wuxi Fans")
        line = Command.create({"product_id": self.product.id, "discount": 20})
        theirs = self._create_order(user=self.user_seller2, partner_id=customer.id, order_line=[line])
        theirs.action_confirm()
        self.assertEqual(theirs.state, "sale")

    def test_handed_over_before_the_customer_signs(self):
        """On the portal nobody of us looks at the prices: the limits of those who set them count, not only that of who has the order."""
        self.env.ref("kehu_crm.kehu_approval_flow_order").active = False
        manager, owner = self.user_east_manager, self.user_seller2
        manager.kehu_discount_limit = 10
        customer = self._create_customer(owner, name="Wuxi Fans")
        public = self.env.ref("base.public_user")

        def order_of(user, *lines):
            lines = [Command.create({"product_id": self.product.id, **line}) for line in lines]
            order = self._create_order(user=user, partner_id=customer.id, order_line=lines)
            order.with_user(manager).user_id = owner
            return order

        made = order_of(manager, {"discount": 20})
        changed = order_of(owner, {})
        changed.with_user(manager).order_line.discount = 20
        in_parts = order_of(owner, {"discount": 3})
        in_parts.with_user(manager).order_line = [Command.create({"product_id": self.product.id, "price_unit": -20})]
        in_parts.with_user(owner).order_line[0].discount = 4
        for order in (made, changed, in_parts):
            order.action_quotation_sent()
            for user in (public, self.env.ref("base.user_root")):
                order.with_user(user).sudo()._validate_order()
                self.assertEqual((order.sudo().state, order.sudo().kehu_price_alert), ("sent", "none"))
                self.assertFalse(order.with_user(user).sudo()._has_to_be_paid())
            activities = order.sudo().activity_ids
            self.assertEqual(activities.user_id, owner)
            self.assertIn("confirm it", activities[0].summary)
            with self.assertRaises(UserError), self.env.cr.savepoint():
                order.with_user(public).sudo().action_confirm()
            order.with_user(owner).action_confirm()
            self.assertEqual(order.sudo().state, "sale")
        # what the owner sets is theirs; confirmed, the order goes on by itself
        theirs = order_of(manager, {"discount": 20})
        theirs.with_user(owner).order_line.discount = 19
        theirs.with_user(public).sudo()._validate_order()
        self.assertEqual(theirs.sudo().state, "sale")
        made.with_user(self.env.ref("base.user_root")).order_line.product_uom_qty = 2
        for attempt in (
            lambda: changed.with_user(manager).order_line.write({"kehu_priced_by_id": owner.id}),
            lambda: order_of(manager, {"discount": 20, "kehu_priced_by_id": owner.id}),
        ):
            with self.assertRaises(KehuEngineOnlyError), self.env.cr.savepoint():
                attempt()

    def test_a_changed_limit_of_who_made_it(self):
        """Orders without a salesperson are looked at again, too."""
        order = self._create_order(order_line=[Command.create({"product_id": self.product.id, "discount": 20})])
        order.user_id = False
        self.assertEqual(order.kehu_price_alert, "none")
        self.user_seller.kehu_discount_limit = 5
        self.assertEqual(order.kehu_price_alert, "discount")

    def test_the_day_of_the_rate(self):
        """The rate is that of the day of the company, not of Greenwich."""
        self.env.company.sudo().kehu_timezone = "Asia/Shanghai"
        other = self.env["res.currency"].create({"name": "KHU", "symbol": "K", "rounding": 0.01})
        self.env["res.currency.rate"].create(
            [
                {"currency_id": other.id, "rate": rate, "name": day, "company_id": self.env.company.id}
                for day, rate in (("2030-05-01", 0.5), ("2030-05-02", 2.0))
            ]
        )
        pricelist = self.env["product.pricelist"].create({"name": "Abroad", "currency_id": other.id})
        with freeze_time("2030-05-01 20:00:00"):
            order = self._create_order(
                pricelist_id=pricelist.id, order_line=[Command.create({"product_id": self.product.id, "price_unit": 100})]
            )
            self.assertEqual((order.kehu_amount_company, order._kehu_rate_day()), (50.0, date(2030, 5, 2)))
            self._approve(order)
            self.assertEqual(order.sudo().kehu_rated_on, date(2030, 5, 2))

    def test_what_is_no_number(self):
        """Not in Python's words."""
        line = self.order.order_line
        limits = [(self.product.product_tmpl_id, "kehu_floor_price"), (self.user_seller, "kehu_discount_limit")]
        limits += [(self.product.categ_id, "kehu_floor_percent"), (self.product.categ_id, "kehu_discount_limit")]
        none, large = "needs a number", "too large"
        for value, words in ((float("nan"), none), ("nan", none), ("much", none), (float("inf"), large)):
            for name in ("price_unit", "product_uom_qty", "discount"):
                vals = {"product_id": self.product.id, name: value}
                for attempt in (
                    lambda vals=vals: self._create_order(order_line=[Command.create(vals)]),
                    lambda vals=vals: line.write(vals),
                    lambda vals=vals: self.order.write({"order_line": [Command.update(line.id, vals)]}),
                ):
                    with self.subTest(name, value=value), self.assertRaisesRegex(KehuOrderNumberError, words), self.env.cr.savepoint():
                        attempt()
            for record, name in limits:
                with self.subTest(name, value=value), self.assertRaisesRegex(KehuOrderNumberError, words), self.env.cr.savepoint():
                    record.write({name: value})
                with self.subTest(name, value=value), self.assertRaisesRegex(KehuOrderNumberError, words), self.env.cr.savepoint():
                    record.create({"name": "New", name: value})

    def test_within_the_tolerance(self):
        """A tolerance of the amount lets no price fall below a limit that nobody has approved."""
        self.env.ref("kehu_crm.kehu_approval_flow_order").tolerance_percent = 10.0
        self.product.kehu_floor_price = 98
        order = self._approve(self._create_order(order_line=[Command.create({"product_id": self.product.id, "product_uom_qty": 10})]))
        order.order_line.price_unit = 99
        with self.assertRaisesRegex(KehuApprovalToleranceError, "below the floor price of"), self.env.cr.savepoint():
            order.order_line.price_unit = 97
        self.assertEqual((order.order_line.price_unit, order.kehu_price_alert), (99.0, "none"))
        self.env.company.kehu_big_deal_amount = 1010
        with self.assertRaises(KehuApprovalFrozenError), self.env.cr.savepoint():
            order.order_line.price_unit = 102
        order.order_line.price_unit = 100
