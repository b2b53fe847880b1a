"""Commissions: computed, explained line by line, approved, corrected later."""

from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.system.exceptions import KehuEngineOnlyError
from ...models.target.exceptions import KehuCommissionError, KehuCommissionRightError, KehuCommissionStateError
from ...tools.commission import amount_upto, pieces
from .common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetCommission(TargetCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls._create_rule(percent=2.0)

    @classmethod
    def _create_rule(cls, **values):
        return cls.env["kehu.commission.rule"].create({"name": "Rule", "base": "received", **values})

    def _receive_on(self, day, amount, order=None, **values):
        with freeze_time(f"{day} 04:00:00"):
            return self._receive(amount, [(order, amount)] if order else (), **values)

    def _compute(self, month, user=None, by=None):
        """The commission of ``user`` for a month of 2030."""
        first = date(2030, month, 1)
        last = date(2030, month + 1, 1) - (date(2030, 1, 2) - date(2030, 1, 1))
        run = self.env["kehu.commission.run"].with_user(by or self.user_finance).create({"date_from": first, "date_to": last})
        run.action_compute()
        user = user or self.user_seller
        return self.env["kehu.commission"].search([("user_id", "=", user.id), ("date_from", "=", first)])

    def _approve_commission(self, commission):
        commission.with_user(self.user_finance).kehu_submit(self.user_director.id)
        commission.with_user(self.user_director).kehu_approve()
        self.assertEqual(commission.kehu_approval_state, "approved")
        return commission

    def test_pieces(self):
        """2 % up to 1,000, 3 % up to 2,000, 5 % beyond."""
        bands = [(0.0, 2.0), (1000.0, 3.0), (2000.0, 5.0)]
        self.assertEqual(pieces(bands, 600, 1500), [(400, 2), (500, 3)])
        self.assertEqual(pieces(bands, 600, 2600), [(400, 2), (1000, 3), (600, 5)])
        self.assertEqual(pieces(bands, 1500, 600), [(-400, 2), (-500, 3)])
        self.assertEqual(pieces(bands, 0, -100), [(-100, 2)])
        self.assertEqual(amount_upto(bands, 2500), 20 + 30 + 25)
        self.assertEqual(pieces(bands, 0, 500, total=1000), [(500, 3)])

    def test_line_by_line(self):
        order = self._order_on("2030-02-05", 100)
        self._receive_on("2030-03-04", 1000.0, order)
        self._receive_on("2030-03-20", 500.0)  # an advance counts too
        self._receive_on("2030-04-02", 700.0, order)
        commission = self._compute(3)
        self.assertEqual(commission.line_ids.mapped("amount"), [20, 10])
        self.assertEqual(commission.amount, 30)
        line = commission.line_ids[0]
        self.assertEqual((line.base, line.rate, line.date, line.explanation), (1000, 2, date(2030, 3, 4), "1,000.00 × 2 %"))
        self.assertIn(order.name, line.name)
        self.assertIn("Hangzhou Pumps", line.name)

    def test_a_payment_on_the_invoice_names_its_order(self):
        order = self._order_on("2030-02-05", 10)
        with freeze_time("2030-03-04 04:00:00"):
            self._pay(self._invoice(order), 400.0)
        line = self._compute(3).line_ids
        self.assertEqual((line.base, line.amount), (400, 8))
        self.assertIn(f" · {order.name} · Hangzhou Pumps", line.name)

    def test_a_payment_on_an_invoice_of_several_orders_tells_shares(self):
        """1,000 + 300 + 700 on one invoice, 1,234.57 paid: 50 %, 15 % and 35 % of it, and the shares add up to the cent."""
        orders = self.env["sale.order"].union(*(self._order_on("2030-02-05", quantity) for quantity in (10, 3, 7)))
        with freeze_time("2030-03-04 04:00:00"):
            invoice = self._invoice(orders)
            self._pay(invoice, 1234.57)
        with freeze_time("2030-03-05 04:00:00"):
            self._receive(100.0, [(orders[1], 100.0)])
        with freeze_time("2030-03-06 04:00:00"):
            self._pay(invoice, 665.43)
        names = orders.mapped("name")
        first, receipt, second = self._compute(3).line_ids
        self.assertEqual(first.explanation, "1,234.57 × 2 %; of it {} 617.29, {} 185.18, {} 432.10".format(*names))
        self.assertEqual((receipt.base, receipt.explanation), (100, "100.00 × 2 %"))
        # what was left: 382.71, 114.82 - 100.00, 267.90
        self.assertEqual(second.explanation, "665.43 × 2 %; of it {} 382.71, {} 14.82, {} 267.90".format(*names))
        for order, shares in zip(orders, ((617.29, 382.71), (185.18, 14.82), (432.10, 267.90)), strict=True):
            on_receipts = 100.0 if order == orders[1] else 0.0
            self.assertAlmostEqual(order.kehu_amount_received, sum(shares) + on_receipts, places=2)

    def test_shares_of_a_surplus_and_of_a_category(self):
        """2,000 paid on an invoice of 900 + 600: the rest is for no order; a category of a third of the second order alone."""
        category = self.env["product.category"].create({"name": "Service (test)"})
        service = self._create_product(100.0)
        service.categ_id = category
        self._create_rule(percent=10.0, category_ids=[Command.link(category.id)])
        first, second = self._order_on("2030-02-05", 9), self._order_on("2030-02-05", 4)
        second.order_line = [Command.create({"product_id": service.id, "product_uom_qty": 2, "price_unit": 100.0})]
        third = self._order_on("2030-02-05", 5, order_line=[Command.create({"product_id": service.id, "price_unit": 100.0})])
        with freeze_time("2030-03-04 04:00:00"):
            self._pay(self._invoice(first | second | third), 2000.0)
        lines = self._compute(3).line_ids
        self.assertEqual(len(lines), 2)
        whole, part = lines
        self.assertEqual(whole.base, 2000)
        self.assertIn(f"of it {first.name} 900.00, {second.name} 600.00, {third.name} 100.00, other 400.00", whole.explanation)
        self.assertEqual((part.base, part.amount), (300, 30))
        self.assertIn(f"of it {second.name} 200.00, {third.name} 100.00", part.explanation)

    def test_steps(self):
        """2 % up to 1,000, 3 % beyond: 600 and 900 are 12 and 8 + 15."""
        self.rule.step_ids = [Command.create({"amount_from": 1000.0, "percent": 3.0})]
        self._receive_on("2030-03-04", 600.0)
        self._receive_on("2030-03-05", 900.0)
        commission = self._compute(3)
        self.assertEqual(commission.line_ids.mapped("amount"), [12, 23])
        self.assertEqual(commission.line_ids[1].explanation, "400.00 × 2 % + 500.00 × 3 %")
        self.rule.whole = True
        commission.with_user(self.user_finance).action_recompute()
        self.assertEqual(commission.line_ids.mapped("amount"), [18, 27])

    def test_rounding_adds_up(self):
        self.rule.percent = 1.5
        for day in ("04", "05", "06"):
            self._receive_on(f"2030-03-{day}", 0.33)
        commission = self._compute(3)
        self.assertAlmostEqual(commission.amount, 0.01)  # 1.5 % of 0.99

    def test_who(self):
        self._receive_on("2030-03-04", 1000.0)
        self._receive_on("2030-03-04", 1000.0, customer=self.other_customer, user=self.user_west_seller)
        self.rule.department_ids = self.department_east
        self.assertEqual(self._compute(3).amount, 20)
        self.assertFalse(self._compute(3, self.user_west_seller))
        self.rule.user_ids = self.user_west_seller
        self.assertEqual(self._compute(3, self.user_west_seller).amount, 20)

    def test_margin_of_a_category(self):
        category = self.env["product.category"].create({"name": "Spare Parts"})
        below = self.env["product.category"].create({"name": "Seals", "parent_id": category.id})
        self.product.standard_price = 60.0
        seal = self._create_product(50.0, name="Seal", categ_id=below.id, standard_price=30.0)
        order = self._order_on("2030-03-05", 10, confirm=False)
        order.order_line = [Command.create({"product_id": seal.id, "product_uom_qty": 10, "price_unit": 50.0})]
        with freeze_time("2030-03-05 04:00:00"):
            order.action_confirm()
        self.rule.write({"base": "margin", "percent": 10})
        self.assertEqual(self._compute(3).amount, 60)  # 10 % of 10 × 40 and 10 × 20
        self.rule.category_ids = category
        self.assertEqual(self._compute(3).amount, 20)
        # of money, the part of the order it pays, or of the invoice: 500 of 1,500
        self.rule.base = "received"
        self._receive_on("2030-03-06", 300.0, order)
        self.assertEqual(self._compute(3).amount, 10)
        with freeze_time("2030-03-07 04:00:00"):
            self._pay(self._invoice(order), 600.0)
        self.assertEqual(self._compute(3).amount, 30)

    def test_an_advance_counts_for_the_category_it_is_used_for(self):
        """300 of 500 are used for an order of which a third is of the category; what is not used, or paid back, is of none."""
        category = self.env["product.category"].create({"name": "Spare Parts"})
        seal = self._create_product(50.0, name="Seal", categ_id=category.id)
        order = self._order_on("2030-03-05", 10, confirm=False)
        order.order_line = [Command.create({"product_id": seal.id, "product_uom_qty": 10, "price_unit": 50.0})]
        with freeze_time("2030-03-05 04:00:00"):
            order.action_confirm()
        self.rule.write({"percent": 10, "category_ids": category.ids})
        receipt = self._receive_on("2030-03-06", 500.0)
        self.assertFalse(self._compute(3).line_ids)
        uses = self.env["kehu.advance.use"].with_user(self.user_seller)
        with freeze_time("2030-03-07 04:00:00"):
            use = uses.create({"receipt_id": receipt.id, "line_ids": [Command.create({"order_id": order.id, "amount": 300.0})]})
            use.action_post()
        self.assertEqual(self._compute(3).amount, 10)  # 10 % of 300 × 500 / 1,500
        with freeze_time("2030-03-08 04:00:00"):
            refund = uses.create({"receipt_id": receipt.id, "kind": "refund", "amount": 200.0, "journal_id": self.bank.id})
            self._approve(refund)
            self.assertEqual(self._compute(3).amount, 10)
            self._invoice(order)
            self.assertEqual(self._compute(3).amount, 10)
            use.with_user(self.user_finance).action_cancel()
        self.assertEqual(self._compute(3).amount, 0)

    def test_a_cancelled_receipt_comes_off_in_a_later_period(self):
        receipt = self._receive_on("2030-03-04", 1000.0)
        self._receive_on("2030-03-05", 500.0)
        self._approve_commission(self._compute(3))
        with freeze_time("2030-04-10 04:00:00"):
            receipt.with_user(self.user_finance).action_cancel()
        march = self._compute(3)
        self.assertEqual(march.amount, 30)  # approved, it stays
        april = self._compute(4)
        self.assertEqual(april.line_ids.mapped("amount"), [-20])
        self.assertTrue(april.line_ids.correction)
        self.assertIn("Was 1,000.00", april.line_ids.explanation)
        # computed again it is the same, and the month after has nothing of it
        self.assertEqual(self._compute(4).amount, -20)
        self._approve_commission(april)
        self.assertFalse(self._compute(5))

    def test_what_was_taken_back_stays_so(self):
        """When the payment is older than the months that are looked at, and its correction is not."""
        receipt = self._receive_on("2030-03-04", 1000.0)
        self._receive_on("2030-04-05", 500.0)
        self._approve_commission(self._compute(3))
        with freeze_time("2030-04-10 04:00:00"):
            receipt.with_user(self.user_finance).action_cancel()
        self._approve_commission(self._compute(4))
        for month in (4, 5):
            commissions = self.env["kehu.commission"]._kehu_compute(self.env.company, date(2032, month, 1), date(2032, month, 30))
            self.assertFalse(commissions.line_ids)

    def test_a_corrected_order_that_comes_again(self):
        """Cancelled, taken back and confirmed again, it counts once, however old what came first is."""
        self.rule.write({"base": "margin", "percent": 10})
        order = self._order_on("2030-03-05", 10)
        self._approve_commission(self._compute(3))
        with freeze_time("2030-04-10 04:00:00"):
            order._action_cancel()
        self._approve_commission(self._compute(4))
        with freeze_time("2030-05-10 04:00:00"):
            order.action_draft()
            order.action_confirm()
        self.assertEqual(self._approve_commission(self._compute(5)).amount, 100)
        self.assertFalse(self.env["kehu.commission"]._kehu_compute(self.env.company, date(2032, 4, 1), date(2032, 4, 30)))

    def test_of_those_who_have_left(self):
        """A rule for somebody who has left is theirs still, and nobody else's."""
        self._receive_on("2030-03-04", 1000.0)
        self._receive_on("2030-03-04", 500.0, customer=self.other_customer, user=self.user_west_seller)
        self.rule.user_ids = self.user_seller
        department = self.env["hr.department"].create({"name": "North"})
        other = self._create_rule(name="North", percent=7.0, department_ids=[Command.set(department.ids)])
        self.user_seller.action_archive()
        department.action_archive()
        self.env.invalidate_all()
        self.assertEqual(self._compute(3).line_ids.mapped("amount"), [20])
        self.assertFalse(self._compute(3, self.user_west_seller))
        self.assertEqual((self.rule.user_ids, other.department_ids), (self.user_seller, department))
        values = {"date_from": date(2030, 2, 1), "date_to": date(2030, 2, 28), "user_ids": [Command.set(self.user_seller.ids)]}
        run = self.env["kehu.commission.run"].with_user(self.user_finance).create(values)
        run.invalidate_recordset()
        self.assertEqual(run.user_ids, self.user_seller)

    def test_what_a_rule_counts_stays(self):
        """Payments are no orders: what was paid by the one would be taken back by the other."""
        self._receive_on("2030-03-04", 1000.0)
        commission = self._compute(3)
        self.rule.base = "margin"
        self.assertFalse(commission.line_ids)
        self.rule.base = "received"
        self._approve_commission(self._compute(3))
        company = self.env["res.company"].create({"name": "Other"})
        for vals in ({"base": "margin"}, {"company_id": company.id}):
            with self.assertRaisesRegex(KehuCommissionError, "Archive it"), self.env.cr.savepoint():
                self.rule.write(vals)
        self.rule.write({"base": "received", "percent": 3.0})

    def test_a_credit_paid_back_comes_off(self):
        self._receive_on("2030-03-04", 1000.0)
        self._approve_commission(self._compute(3))
        with freeze_time("2030-04-14 04:00:00"):
            payment = self.env["account.payment"].create(
                {
                    "partner_type": "customer",
                    "payment_type": "outbound",
                    "partner_id": self.customer.id,
                    "amount": 250.0,
                    "journal_id": self.bank.id,
                }
            )
            payment.action_post()
        self.assertEqual(self._compute(4).line_ids.mapped("amount"), [-5])

    def test_what_comes_late_counts_once(self):
        self._receive_on("2030-03-04", 1000.0)
        self._approve_commission(self._compute(3))
        with freeze_time("2030-04-10 04:00:00"):
            self._receive(400.0, date=date(2030, 3, 30))
        april = self._compute(4)
        self.assertEqual([(line.date, line.amount) for line in april.line_ids], [(date(2030, 3, 30), 8)])
        self._approve_commission(april)
        self.assertFalse(self._compute(5))

    def test_an_archived_rule_still_takes_back(self):
        receipt = self._receive_on("2030-03-04", 1000.0)
        self._approve_commission(self._compute(3))
        self.rule.active = False
        self._create_rule(name="New", percent=5.0, date_from=date(2030, 4, 1))
        with freeze_time("2030-04-10 04:00:00"):
            receipt.with_user(self.user_finance).action_cancel()
        self._receive_on("2030-04-11", 100.0)
        self.assertEqual(sorted(self._compute(4).line_ids.mapped("amount")), [-20, 5])

    def test_a_changed_order(self):
        self.rule.write({"base": "margin", "percent": 10})
        order = self._order_on("2030-03-05", 10)
        self._approve_commission(self._compute(3))
        order.order_line.product_uom_qty = 4
        april = self._compute(4)
        self.assertEqual(april.line_ids.mapped("amount"), [-60])
        self._approve_commission(april)
        order._action_cancel()
        self.assertEqual(self._compute(5).line_ids.mapped("amount"), [-40])

    def test_the_owner_on_the_day_gets_it(self):
        self._receive_on("2030-03-04", 1000.0)
        self._transfer_on("2030-03-10", self.user_west_seller)
        self._receive_on("2030-03-12", 500.0, user=self.user_west_seller)
        self.assertEqual(self._compute(3).amount, 20)
        self.assertEqual(self._compute(3, self.user_west_seller).amount, 10)

    def test_computed_again_as_a_draft_only(self):
        self._receive_on("2030-03-04", 1000.0)
        commission = self._compute(3)
        self._receive_on("2030-03-05", 100.0)
        commission.with_user(self.user_finance).action_recompute()
        self.assertEqual(commission.amount, 22)
        commission.with_user(self.user_finance).kehu_submit(self.user_director.id)
        with self.assertRaises(KehuCommissionStateError):
            commission.with_user(self.user_finance).action_recompute()
        with self.assertRaises(UserError):
            commission.with_user(self.user_finance).unlink()
        commission.with_user(self.user_director).kehu_reject("Check the 100")
        commission.with_user(self.user_finance).action_recompute()

    def test_nobody_approves_the_own_commission(self):
        self.customer.with_user(self.user_director).kehu_transfer(self.user_director.id, "big", with_documents=False)
        self._receive_on("2030-03-04", 1000.0, user=self.user_finance)
        commission = self._compute(3, self.user_director)
        with self.assertRaises(UserError):
            commission.with_user(self.user_finance).kehu_submit(self.user_director.id)

    def test_whoever_computed_it_may_approve_it(self):
        """The one director presses the button, finance submits: two pairs of eyes, and the money is a third one's."""
        self._receive_on("2030-03-04", 1000.0)
        commission = self._approve_commission(self._compute(3, by=self.user_director))
        with self.assertRaisesRegex(UserError, "next period"):
            commission.with_user(self.user_crm_admin).unlink()
        mine = self._compute(4, by=self.user_director)
        self.assertFalse(mine, "nothing was received")

    def test_overlapping_periods(self):
        self._receive_on("2030-03-04", 1000.0)
        self._compute(3)
        self._receive_on("2030-02-04", 10.0)
        run = self.env["kehu.commission.run"].with_user(self.user_finance)
        with self.assertRaisesRegex(KehuCommissionError, "nothing is paid twice"):
            run.create({"date_from": "2030-01-01", "date_to": "2030-03-31"}).action_compute()

    def test_cron(self):
        self._receive_on("2030-03-04", 1000.0)
        with freeze_time("2030-04-02 04:00:00"), self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_commission_cron").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self.env["kehu.commission"].search([("user_id", "=", self.user_seller.id)]).amount, 20)

    def test_typed_in_by_nobody(self):
        self._receive_on("2030-03-04", 1000.0)
        commission = self._compute(3)
        for user in (self.user_director, self.user_finance):
            mine = commission.with_user(user)
            for values in ({"amount": 9.0}, {"user_id": user.id}, {"line_ids": [Command.clear()]}, {"rule_ids": [Command.clear()]}):
                with self.subTest(user=user.name, values=values), self.assertRaises(AccessError):
                    mine.write(values)
            with self.assertRaises(AccessError):
                mine.line_ids.write({"amount": 9.0})
            mine.write({"note": "For the director"})
        with self.assertRaises(KehuEngineOnlyError):
            self.env["kehu.commission"].create({"company_id": self.env.company.id, "user_id": self.user_seller.id})

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access")
    def test_who_sees_what(self):
        self._receive_on("2030-03-04", 1000.0)
        self._receive_on("2030-03-04", 1000.0, customer=self.other_customer, user=self.user_west_seller)
        both = self._compute(3) | self._compute(3, self.user_west_seller)
        own = {"seller": both[0], "west_seller": both[1], "east_manager": both[0], "sales_manager": both, "director": both, "finance": both}
        for role in ("seller", "seller2", "west_seller", "east_manager", "sales_manager", "director", "finance"):
            user, expected = getattr(self, f"user_{role}"), own.get(role, both.browse())
            with self.subTest(role=role):
                self.assertEqual(self.env["kehu.commission"].with_user(user).search([("id", "in", both.ids)]), expected)
                lines = self.env["kehu.commission.line"].with_user(user).search([("commission_id", "in", both.ids)])
                self.assertEqual(lines, expected.line_ids)
                if role not in ("director", "finance"):
                    with self.assertRaises(KehuCommissionRightError):
                        self.env["kehu.commission"].with_user(user)._kehu_check_may_compute()
                    with self.assertRaises(AccessError):
                        both.with_user(user).action_recompute()
        secret = self._create_rule(name="Secret", user_ids=[Command.set(self.user_west_seller.ids)])
        rules = self.env["kehu.commission.rule"]
        self.assertEqual(rules.with_user(self.user_seller).search([]), self.rule)
        self.assertEqual(rules.with_user(self.user_west_seller).search([]), self.rule | secret)

    def test_rules_make_sense(self):
        for values in ({"percent": 101}, {"percent": -1}, {"date_from": "2030-02-01", "date_to": "2030-01-01"}, {"percent": "x"}):
            with self.subTest(values=values), self.assertRaises(KehuCommissionError):
                self.rule.write(values)
        with self.assertRaises(KehuCommissionError):
            self.rule.step_ids = [Command.create({"amount_from": 0.0, "percent": 3.0})]
        self._receive_on("2030-03-04", 1000.0)
        self._compute(3)
        with self.assertRaises(KehuCommissionError):
            self.rule.unlink()
