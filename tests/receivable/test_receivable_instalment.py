"""Payment plans: parts that add up, and the money that covers them."""

from datetime import date

from freezegun import freeze_time
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import format_date

from ...models.receivable.exceptions import (
    KehuInstalmentError,
    KehuInstalmentPaidError,
    KehuInstalmentStateError,
    KehuInstalmentSumError,
)
from ...models.system.exceptions import KehuEngineOnlyError
from ...tools.instalments import cover
from .common import ReceivableCommon


class InstalmentCommon(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kehu.approval.flow"].search([("model_id.model", "=", "kehu.contract")]).active = False

    @classmethod
    def _plan(cls, order, *parts, user=None):
        """Give an order parts of so much money, or so many per cent where written as text, due on the first of the months from January."""
        order.with_user(user or cls.env.user).write(
            {
                "kehu_instalment_ids": [
                    Command.create(
                        {
                            "name": f"Part {number}",
                            "date_due": date(2030, number, 1),
                            **({"percent": float(part)} if isinstance(part, str) else {"amount": part}),
                        }
                    )
                    for number, part in enumerate(parts, start=1)
                ]
            }
        )
        return order.sudo().kehu_instalment_ids

    def assertParts(self, document, *expected):
        """Compare (amount, received, due, state) of the parts, the oldest first, with what was computed by hand."""
        parts = document.sudo()._kehu_plan()
        self.assertEqual([(part.amount, part.amount_received, part.amount_due, part.state) for part in parts], list(expected))


@tagged("post_install", "-at_install")
class TestReceivableInstalmentCover(InstalmentCommon):
    """The arithmetic, without records."""

    def test_cover(self):
        cases = [
            # amounts, received, credited, named -> (received, waived, due)
            (([300, 300, 400], 0), [(0, 0, 300), (0, 0, 300), (0, 0, 400)]),
            (([300, 300, 400], 450), [(300, 0, 0), (150, 0, 150), (0, 0, 400)]),
            (([300, 300, 400], 450, 100), [(300, 0, 0), (150, 0, 150), (0, 100, 300)]),
            (([300, 300, 400], 450, 500), [(300, 0, 0), (150, 100, 50), (0, 400, 0)]),
            (([300, 300, 400], 1200), [(300, 0, 0), (300, 0, 0), (400, 0, 0)]),
            (([300, 300, 400], 450, 100, {2: 400}), [(50, 0, 250), (0, 100, 200), (400, 0, 0)]),
            (([300, 300, 400], 450, 0, {1: 350}), [(150, 0, 150), (300, 0, 0), (0, 0, 400)]),
            (([300, 300, 400], 100, 0, {1: 300}), [(0, 0, 300), (100, 0, 200), (0, 0, 400)]),
            (([300, 300], -50), [(0, 0, 300), (0, 0, 300)]),
            (([0.1, 0.2], 0.3), [(0.1, 0, 0), (0.2, 0, 0)]),
            (([], 100), []),
        ]
        for arguments, expected in cases:
            with self.subTest(arguments=arguments):
                self.assertEqual([tuple(part) for part in cover(*arguments)], expected)

    def test_nothing_is_lost(self):
        """Received, waived and due of a part add up to it, and no more money is shown than came."""
        import random

        numbers = random.Random(5)
        for _round in range(300):
            amounts = [numbers.randrange(0, 100000) / 100 for _part in range(numbers.randrange(1, 6))]
            received, credited = numbers.randrange(0, 200000) / 100, numbers.randrange(0, 50000) / 100
            named = {index: numbers.randrange(0, 100000) / 100 for index in range(len(amounts)) if numbers.random() < 0.3}
            covered = cover(amounts, received, credited, named)
            with self.subTest(amounts=amounts, received=received, credited=credited, named=named):
                for amount, part in zip(amounts, covered, strict=True):
                    self.assertAlmostEqual(sum(part), amount, 2)
                    self.assertGreaterEqual(min(part), 0.0)
                self.assertAlmostEqual(sum(part.received for part in covered), min(received, sum(amounts)), 2)


@tagged("post_install", "-at_install")
@freeze_time("2030-01-15 08:00:00")
class TestReceivableInstalmentPlan(InstalmentCommon):
    def test_by_percent(self):
        """Three times a third of 1,000.00: the last part takes the rounding."""
        order = self._create_order(10)
        self._plan(order, "33.3333", "33.3333", "33.3334")
        self.assertParts(order, (333.33, 0, 333.33, "overdue"), (333.33, 0, 333.33, "waiting"), (333.34, 0, 333.34, "waiting"))

    def test_percent_follows_the_order(self):
        order = self._create_order(10, confirm=False)
        self._plan(order, "30", "70")
        order.order_line.product_uom_qty = 11
        self.assertParts(order, (330.0, 0, 330.0, "waiting"), (770.0, 0, 770.0, "waiting"))
        self.assertEqual(order.kehu_plan_difference, 0.0)

    def test_fixed_amounts_do_not_follow(self):
        """What was agreed in money is nobody's to change; the order tells and is not confirmed."""
        order = self._create_order(10, confirm=False)
        self._plan(order, 300.0, 700.0)
        order.order_line.product_uom_qty = 11
        self.assertEqual(order.kehu_plan_difference, 100.0)
        self.assertIn("1,100.00", order._confirmation_error_message())
        order.kehu_instalment_ids[1].amount = 800.0
        self.assertFalse(order._confirmation_error_message())

    def test_sum(self):
        order = self._create_order(10)
        for parts in ((300.0, 600.0), (300.0, 800.0), ("30", "60"), ("30", 600.0)):
            with self.subTest(parts=parts), self.assertRaises(KehuInstalmentSumError), self.cr.savepoint():
                self._plan(order, *parts)
        self._plan(order, "30", 700.0)
        first, second = order.kehu_instalment_ids
        with self.assertRaises(KehuInstalmentSumError), self.cr.savepoint():
            second.amount = 600.0
        with self.assertRaises(KehuInstalmentSumError), self.cr.savepoint():
            second.unlink()
        # both in one go
        order.write({"kehu_instalment_ids": [Command.update(first.id, {"percent": 40}), Command.update(second.id, {"amount": 600.0})]})
        self.assertEqual(order.kehu_instalment_ids.mapped("amount"), [400.0, 600.0])
        order.kehu_instalment_ids.unlink()
        self.assertFalse(order.kehu_instalment_ids)

    def test_typed_amount_ends_the_percent(self):
        order = self._create_order(10)
        first, second = self._plan(order, "30", "70")
        order.write({"kehu_instalment_ids": [Command.update(first.id, {"amount": 250.0}), Command.update(second.id, {"percent": 75})]})
        self.assertEqual((first.percent, first.amount, second.percent, second.amount), (0.0, 250.0, 75.0, 750.0))

    def test_with_the_order(self):
        """An order and its plan in one go, as a form and an import send them."""
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "user_id": self.user_seller.id,
                "order_line": [Command.create({"product_id": self.product.id, "product_uom_qty": 10, "price_unit": 100.0})],
                "kehu_instalment_ids": [
                    Command.create({"percent": 50, "date_due": date(2030, 2, 1)}),
                    Command.create({"percent": 50, "date_due": date(2030, 3, 1)}),
                ],
            }
        )
        self.assertEqual(order.kehu_instalment_ids.mapped("amount"), [500.0, 500.0])
        self.assertEqual(order.kehu_instalment_ids.mapped("name"), ["Instalment 1", "Instalment 2"])

    def test_values(self):
        order = self._create_order(10)
        self._plan(order, 300.0, 700.0)
        part = order.kehu_instalment_ids[0]
        for vals in ({"percent": 101}, {"percent": -1}, {"remind_days": -1}, {"amount": "much"}, {"date_due": "soon"}, {"date_due": False}):
            with self.subTest(vals=vals), self.assertRaises(KehuInstalmentError), self.cr.savepoint():
                part.write(vals)
        for name in ("amount_received", "settlement", "amount_due", "reminded_for", "user_id", "in_force", "company_id"):
            with self.subTest(name=name), self.assertRaises(KehuEngineOnlyError), self.cr.savepoint():
                part.write({name: part[name] if isinstance(part[name], (str, float)) else 1})
        for vals in ({}, {"order_id": order.id}, {"date_due": "2030-01-01", "amount": 1}):
            with self.subTest(vals=vals), self.assertRaises(KehuInstalmentError), self.cr.savepoint():
                self.env["kehu.instalment"].create(vals)

    def test_form(self):
        """The salesperson enters a plan on the order; per cents become money while typing."""
        order = self._create_order(10, user=self.user_seller).with_user(self.user_seller)
        with Form(order) as form:
            with form.kehu_instalment_ids.new() as line:
                line.percent = 30
                line.date_due = date(2030, 2, 1)
                self.assertEqual(line.amount, 300.0)
            with form.kehu_instalment_ids.new() as line:
                line.amount = 700.0
                line.date_due = date(2030, 3, 1)
        self.assertParts(order, (300.0, 0, 300.0, "waiting"), (700.0, 0, 700.0, "waiting"))

    def test_template_in_the_form(self):
        template = self.env.ref("kehu_crm.kehu_instalment_template_30_60_10")
        order = self._create_order(10, user=self.user_seller, date_order="2030-01-10 04:00:00", confirm=False).with_user(self.user_seller)
        with Form(order) as form:
            form.kehu_instalment_template_id = template
        order.action_confirm()
        self.assertEqual(
            [(part.name, part.amount, part.date_due) for part in order.kehu_instalment_ids],
            [
                ("Down Payment", 300.0, date(2030, 1, 10)),
                (template.line_ids[1].name, 600.0, date(2030, 2, 9)),
                ("Warranty", 100.0, date(2031, 2, 9)),
            ],
        )

    def test_template_by_method(self):
        template = self.env["kehu.instalment.template"].create(
            {
                "name": "Thirds",
                "remind_days": 7,
                "line_ids": [
                    Command.create({"percent": 33.3333, "base": "document", "days": 0, "month_end": True}),
                    Command.create({"percent": 33.3333, "base": "previous", "days": 1, "month_end": True}),
                    Command.create({"percent": 33.3334, "base": "today", "days": 60}),
                ],
            }
        )
        order = self._create_order(10, user=self.user_seller)
        order.date_order = "2030-01-10 04:00:00"
        order.with_user(self.user_seller).kehu_plan_instalments(template.id)
        parts = order.kehu_instalment_ids
        self.assertEqual(parts.mapped("amount"), [333.33, 333.33, 333.34])
        self.assertEqual(parts.mapped("date_due"), [date(2030, 1, 31), date(2030, 2, 28), date(2030, 3, 16)])
        self.assertEqual(parts.mapped("remind_days"), [7, 7, 7])
        order.with_user(self.user_seller).kehu_plan_instalments(self.env.ref("kehu_crm.kehu_instalment_template_half").id)
        self.assertEqual(order.kehu_instalment_ids.mapped("amount"), [500.0, 500.0])

    def test_template_adds_up(self):
        templates = self.env["kehu.instalment.template"]
        for percents in ((), (50,), (60, 50), (100, 0)):
            with self.subTest(percents=percents), self.assertRaises(KehuInstalmentError), self.cr.savepoint():
                templates.create({"name": "Odd", "line_ids": [Command.create({"percent": percent}) for percent in percents]})
        template = self.env.ref("kehu_crm.kehu_instalment_template_half")
        first, second = template.line_ids
        for change in (lambda: first.write({"percent": 40}), second.unlink):
            with self.assertRaises(KehuInstalmentError), self.cr.savepoint():
                change()
        template.write({"line_ids": [Command.update(first.id, {"percent": 40}), Command.update(second.id, {"percent": 60})]})
        self.assertEqual(template.line_ids.mapped("percent"), [40.0, 60.0])


@tagged("post_install", "-at_install")
@freeze_time("2030-01-15 08:00:00")
class TestReceivableInstalmentMoney(InstalmentCommon):
    """States by themselves, from the ledger."""

    def test_oldest_first(self):
        order = self._create_order(10)
        self._plan(order, "30", "30", "40")
        self.assertParts(order, (300.0, 0, 300.0, "overdue"), (300.0, 0, 300.0, "waiting"), (400.0, 0, 400.0, "waiting"))
        receipt = self._receive(450.0, [(order, 450.0)])
        self.assertParts(order, (300.0, 300.0, 0.0, "paid"), (300.0, 150.0, 150.0, "partial"), (400.0, 0, 400.0, "waiting"))
        invoice = self._invoice(order)
        self._pay(invoice, 550.0)  # directly, past the CRM
        self.assertParts(order, (300.0, 300.0, 0.0, "paid"), (300.0, 300.0, 0.0, "paid"), (400.0, 400.0, 0.0, "paid"))
        receipt.with_user(self.user_finance).action_cancel()
        self.assertParts(order, (300.0, 300.0, 0.0, "paid"), (300.0, 250.0, 50.0, "partial"), (400.0, 0.0, 400.0, "waiting"))

    def test_credit_lessens_the_last_part(self):
        order = self._create_order(10)
        self._plan(order, 300.0, 700.0)
        invoice = self._invoice(order)
        self._credit(invoice, 2)
        self.assertParts(order, (300.0, 0, 300.0, "overdue"), (700.0, 0, 500.0, "waiting"))
        self.assertEqual(order.kehu_amount_due, 800.0)
        self._receive(800.0, [(order, 800.0)])
        self.assertParts(order, (300.0, 300.0, 0.0, "paid"), (700.0, 500.0, 0.0, "paid"))

    def test_all_credited_is_void(self):
        order = self._create_order(10)
        self._plan(order, 300.0, 700.0)
        self._credit(self._invoice(order))
        self.assertParts(order, (300.0, 0, 0.0, "void"), (700.0, 0, 0.0, "void"))

    def test_cancelled_order(self):
        order = self._create_order(10)
        self._plan(order, 300.0, 700.0)
        order._action_cancel()
        self.assertParts(order, (300.0, 0, 300.0, "void"), (700.0, 0, 700.0, "void"))
        with self.assertRaises(KehuInstalmentStateError):
            order.kehu_instalment_ids[0].date_due = date(2030, 5, 1)
        order.action_draft()
        self.assertParts(order, (300.0, 0, 300.0, "waiting"), (700.0, 0, 700.0, "waiting"))

    def test_quotation_is_not_overdue(self):
        order = self._create_order(10, confirm=False)
        self._plan(order, 300.0, 700.0)
        self.assertEqual(order.kehu_instalment_ids.mapped("state"), ["waiting", "waiting"])
        order.action_confirm()
        self.assertEqual(order.kehu_instalment_ids.mapped("state"), ["overdue", "waiting"])

    def test_state_follows_the_calendar(self):
        """Overdue is right at the moment it is read, in form, search and group, without waiting for a nightly job."""
        order = self._create_order(10)
        parts = self._plan(order, "30", "30", "40")
        for day, late in (("2029-12-31", 0), ("2030-01-01", 0), ("2030-01-02", 1), ("2030-02-02", 2), ("2030-03-02", 3)):
            with freeze_time(f"{day} 08:00:00"), self.subTest(day=day):
                parts.invalidate_recordset(["state"])
                self.assertEqual(parts.mapped("state").count("overdue"), late)
                for state in ("overdue", "waiting"):
                    found = parts.search([("id", "in", parts.ids), ("state", "=", state)])
                    self.assertEqual(len(found), parts.mapped("state").count(state))
                self.assertEqual(len(parts.search([("id", "in", parts.ids), ("state", "!=", "overdue")])), 3 - late)
                groups = dict(parts._read_group([("id", "in", parts.ids)], ["state"], ["__count"]))
                self.assertEqual(groups.get("overdue", 0), late)
                self.assertEqual(
                    parts.search([("id", "in", parts.ids)], order="state, date_due")[:1].state, "overdue" if late else "waiting"
                )

    def test_paid_part_is_kept(self):
        order = self._create_order(10)
        first, second = self._plan(order, 300.0, 700.0)
        self._receive(100.0, [(order, 100.0)])
        for change in (
            lambda: first.write({"amount": 200.0}),
            lambda: first.write({"date_due": date(2030, 5, 1)}),
            first.unlink,
            lambda: order.write({"kehu_instalment_ids": [Command.clear()]}),
            lambda: order.kehu_plan_instalments(self.env.ref("kehu_crm.kehu_instalment_template_half").id),
            # made older than a part with money, it would take that away
            lambda: second.write({"date_due": date(2029, 12, 1)}),
        ):
            with self.assertRaises(KehuInstalmentPaidError), self.cr.savepoint():
                change()
        second.date_due = date(2030, 6, 1)
        first.remind_days = 10
        order.write(
            {
                "kehu_instalment_ids": [
                    Command.update(second.id, {"amount": 500.0}),
                    Command.create({"amount": 200.0, "date_due": date(2030, 8, 1)}),
                ]
            }
        )
        self.assertParts(order, (300.0, 100.0, 200.0, "overdue"), (500.0, 0, 500.0, "waiting"), (200.0, 0, 200.0, "waiting"))

    def test_named_part(self):
        """Money that a receipt names for a later part covers that one; the ledger says whether it is still there."""
        order = self._create_order(10)
        _first, second = self._plan(order, 300.0, 700.0)
        receipt = self._create_receipt(500.0)
        receipt.allocation_ids = [
            Command.create({"order_id": order.id, "instalment_id": second.id, "amount": 400.0}),
            Command.create({"order_id": order.id, "amount": 100.0}),
        ]
        self._approve(receipt)
        self.assertParts(order, (300.0, 100.0, 200.0, "overdue"), (700.0, 400.0, 300.0, "partial"))
        self.assertEqual(order.kehu_due_parts, {"2030-01-01": 200.0, "2030-02-01": 300.0})
        receipt.with_user(self.user_finance).action_cancel()
        self.assertParts(order, (300.0, 0.0, 300.0, "overdue"), (700.0, 0.0, 700.0, "waiting"))

    def test_queries_do_not_grow(self):
        """Plans of many orders are covered with as many queries as those of few."""
        orders = self.env["sale.order"]
        for _number in range(12):
            orders |= self._plan(self._create_order(10), "30", "70").order_id

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            parts = some.kehu_instalment_ids
            before = self.cr.sql_log_count
            for name in ("amount_received", "amount_due", "settlement", "in_force"):
                self.env.add_to_compute(parts._fields[name], parts)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        count(orders)
        self.assertLessEqual(count(orders), count(orders[:3]) + 1)

    def test_change_in_force_is_told(self):
        order = self._create_order(10)
        self._plan(order, 300.0, 700.0)
        order.kehu_instalment_ids[1].with_user(self.user_seller).date_due = date(2030, 7, 9)
        message = order.message_ids[0]
        self.assertEqual(message.author_id, self.user_seller.partner_id)
        self.assertIn(format_date(self.env, date(2030, 7, 9)), message.body)

    def test_receive(self):
        order, other = self._create_order(10), self._create_order(5)
        parts = self._plan(order, 300.0, 700.0)
        more = self._plan(other, 500.0)
        action = parts[0].with_user(self.user_seller).action_receive()
        self.assertEqual(action["context"]["default_amount"], 300.0)
        with Form(self.env["kehu.receipt"].with_user(self.user_seller).with_context(**action["context"])) as form:
            form.journal_id = self.bank
        receipt = form.save()
        self.assertEqual((receipt.amount, receipt.allocation_ids.order_id, receipt.allocation_ids.amount), (300.0, order, 300.0))
        self._approve(receipt)
        self.assertParts(order, (300.0, 300.0, 0.0, "paid"), (700.0, 0, 700.0, "waiting"))
        with self.assertRaises(KehuInstalmentStateError):
            parts[0].action_receive()
        action = (parts[1] | more).with_user(self.user_seller).action_receive()
        self.assertEqual(action["context"]["default_amount"], 1200.0)


@tagged("post_install", "-at_install")
@freeze_time("2030-01-15 08:00:00")
class TestReceivableInstalmentContract(InstalmentCommon):
    """The plan of a contract is covered by the money of its orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls.env["kehu.contract"].create(
            {
                "title": "Pumps",
                "partner_id": cls.customer.id,
                "user_id": cls.user_seller.id,
                "amount": 2000.0,
                "date_from": date(2030, 1, 1),
                "date_to": date(2031, 12, 31),
            }
        )

    def _put_in_force(self):
        flow = self.env["kehu.approval.flow"].with_context(active_test=False).search([("model_id.model", "=", "kehu.contract")], limit=1)
        flow.active = True
        self.contract.with_user(self.user_seller).kehu_submit(self.user_order_approver.id)
        self.contract.with_user(self.user_order_approver).kehu_approve()

    def test_life(self):
        contract = self.contract
        self._plan(contract, "25", "75")
        self.assertParts(contract, (500.0, 0, 500.0, "waiting"), (1500.0, 0, 1500.0, "waiting"))
        self._put_in_force()
        self.assertParts(contract, (500.0, 0, 500.0, "overdue"), (1500.0, 0, 1500.0, "waiting"))
        first = self._create_order(10, kehu_contract_id=contract.id)
        second = self._create_order(10, kehu_contract_id=contract.id)
        self._receive(800.0, [(first, 600.0), (second, 200.0)])
        self.assertParts(contract, (500.0, 500.0, 0.0, "paid"), (1500.0, 300.0, 1200.0, "partial"))
        action = contract.kehu_instalment_ids[1].with_user(self.user_seller).action_receive()
        lines = [(command[2]["order_id"], command[2]["amount"]) for command in action["context"]["default_allocation_ids"]]
        self.assertEqual(lines, [(first.id, 400.0), (second.id, 800.0)])
        contract.with_user(self.user_seller).kehu_terminate("They closed.")
        self.assertParts(contract, (500.0, 500.0, 0.0, "paid"), (1500.0, 300.0, 1200.0, "void"))

    def test_pending_plan_is_frozen(self):
        contract = self.contract
        parts = self._plan(contract, "25", "75")
        flow = self.env["kehu.approval.flow"].with_context(active_test=False).search([("model_id.model", "=", "kehu.contract")], limit=1)
        flow.active = True
        contract.with_user(self.user_seller).kehu_submit(self.user_order_approver.id)
        for change in (
            lambda: parts[0].with_user(self.user_seller).write({"date_due": date(2030, 5, 1)}),
            parts.unlink,
            lambda: contract.write({"kehu_instalment_ids": [Command.create({"amount": 1.0, "date_due": date(2030, 5, 1)})]}),
            lambda: contract.kehu_plan_instalments(self.env.ref("kehu_crm.kehu_instalment_template_half").id),
        ):
            with self.assertRaises(KehuInstalmentStateError), self.cr.savepoint():
                change()
        self.assertTrue(contract.kehu_plan_frozen)
        contract.with_user(self.user_seller).kehu_withdraw()
        parts[0].with_user(self.user_seller).date_due = date(2030, 5, 1)

    def test_amount_and_plan(self):
        """A contract is not submitted with a plan that does not add up to it."""
        contract = self.contract
        self._plan(contract, 500.0, 1500.0)
        contract.amount = 2100.0
        self.assertEqual(contract.kehu_plan_difference, 100.0)
        self.assertIn("2,100.00", contract._kehu_submit_error())

    def test_order_of_a_contract_leaves(self):
        contract = self.contract
        self._plan(contract, 500.0, 1500.0)
        order = self._create_order(10, kehu_contract_id=contract.id)
        self._receive(600.0, [(order, 600.0)])
        self.assertEqual(contract.kehu_instalment_ids.mapped("amount_received"), [500.0, 100.0])
        order.kehu_contract_id = False
        self.assertEqual(contract.kehu_instalment_ids.mapped("amount_received"), [0.0, 0.0])


@tagged("post_install", "-at_install")
@freeze_time("2030-01-15 08:00:00")
class TestReceivableInstalmentAccess(InstalmentCommon):
    def test_who_sees(self):
        order = self._create_order(10, user=self.user_seller)
        parts = self._plan(order, 300.0, 700.0)
        nobodys = self._create_order(10, user=self.user_seller)
        more = self._plan(nobodys, 1000.0)
        nobodys.user_id = False
        sees = {
            "seller": parts | more,
            "seller2": more,
            "west_seller": more,
            "east_manager": parts | more,
            "sales_manager": parts | more,
            "director": parts | more,
            "crm_admin": parts | more,
            "finance": parts | more,
            "order_approver": parts.browse(),
        }
        for role, expected in sees.items():
            user = getattr(self, f"user_{role}")
            mine = parts.with_user(user)
            domain = [("id", "in", (parts | more).ids)]
            with self.subTest(role=role):
                self.assertEqual(mine.search(domain), expected)
                self.assertEqual({row["id"] for row in mine.search_read(domain, ["amount"])}, set(expected.ids))
                self.assertEqual({number for number, _name in mine.name_search("", domain)}, set(expected.ids))
                total = mine._read_group(domain, [], ["amount:sum"])[0][0]
                self.assertEqual(total or 0.0, sum(expected.mapped("amount")))
        for role in ("service", "employee", "receipt_approver"):
            with self.subTest(role=role), self.assertRaises(AccessError):
                parts.with_user(getattr(self, f"user_{role}")).search([])

    def test_who_writes(self):
        order = self._create_order(10, user=self.user_seller)
        part = self._plan(order, 300.0, 700.0)[0]
        for role in ("seller2", "west_seller", "finance", "order_approver", "service"):
            user = getattr(self, f"user_{role}")
            for change in (
                lambda user=user: part.with_user(user).write({"remind_days": 9}),
                lambda user=user: part.with_user(user).unlink(),
                lambda user=user: part.with_user(user).create({"order_id": order.id, "amount": 1.0, "date_due": "2030-05-01"}),
                lambda user=user: order.with_user(user).kehu_plan_instalments(1),
            ):
                with self.subTest(role=role), self.assertRaises(AccessError), self.cr.savepoint():
                    change()
        for role in ("seller", "east_manager", "director"):
            with self.subTest(role=role):
                part.with_user(getattr(self, f"user_{role}")).date_due = date(2030, 1, 20)

    def test_nothing_leaks(self):
        """A colleague's order does not tell its number through a part."""
        order = self._create_order(10, user=self.user_seller)
        parts = self.env["kehu.instalment"].with_user(self.user_west_seller)
        with self.assertRaises(AccessError) as refusal, self.cr.savepoint():
            parts.create({"order_id": order.id, "amount": 1000.0, "date_due": "2030-05-01"})
        self.assertNotIn(order.name, str(refusal.exception))
        with self.assertRaises(AccessError) as refusal, self.cr.savepoint():
            parts.onchange({"order_id": order.id}, ["order_id"], {"order_id": {"fields": {"display_name": {}}}, "display_name": {}})
        self.assertNotIn(order.name, str(refusal.exception))

    def test_asked_approver(self):
        self.env["kehu.approval.flow"].with_context(active_test=False).search([("model_id.model", "=", "sale.order")]).active = True
        order = self._create_order(10, user=self.user_seller, confirm=False)
        parts = self._plan(order, 300.0, 700.0)
        order.with_user(self.user_seller).kehu_submit(self.user_order_approver.id)
        self.assertEqual(parts.with_user(self.user_order_approver).search([("order_id", "=", order.id)]), parts)
        with self.assertRaises(KehuInstalmentStateError):
            parts[0].with_user(self.user_seller).date_due = date(2030, 4, 1)
