"""Ways round an approval that somebody once found, each closed."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.approval.exceptions import (
    KehuApprovalDeciderError,
    KehuApprovalError,
    KehuApprovalFlowError,
    KehuApprovalFrozenError,
    KehuApprovalTransitionError,
)
from ...models.sales.exceptions import KehuOrderApprovalError
from ...models.system.exceptions import KehuEngineOnlyError
from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalAttack(ApprovalCommon):
    def _refused(self, error, call):
        with self.assertRaises(error), self.env.cr.savepoint():
            call()
        self.env.invalidate_all()

    # ------------------------------------------------------------
    # values
    # ------------------------------------------------------------

    def test_x2many_values_that_are_no_commands(self):
        """False, None and plain ids change an x2many as well."""
        tax = self.env["account.tax"].create({"name": "Ten", "amount": 10})
        other = self.env["account.tax"].create({"name": "Other", "amount": 0})
        for prepare in (self._submit, self._approve):
            order = self._create_order()
            order.order_line.tax_ids = tax
            line = prepare(order).order_line
            for value in (False, None, other.ids, [Command.clear()], [(5,)], other):
                with self.subTest(state=order.kehu_approval_state, value=value):
                    self._refused(KehuApprovalFrozenError, lambda value=value, line=line: line.write({"tax_ids": value}))
            line.write({"tax_ids": tax.ids})
            line.write({"tax_ids": []})
            self.assertEqual(line.tax_ids, tax)

    def test_calculated_columns(self):
        """Sums, quantities to invoice, states and the like follow from the lines, whatever the state of the order."""
        on_order = {"amount_total": 1.0, "amount_untaxed": 1.0, "amount_tax": 1.0, "invoice_status": "upselling", "currency_rate": 5.0}
        on_line = {"price_total": 1.0, "price_subtotal": 1.0, "qty_to_invoice": 10.0, "qty_invoiced": 5.0, "state": "cancel"}
        on_line |= {"currency_id": self.env.ref("base.JPY").id, "invoice_lines": [Command.create({})]}
        for prepare in (lambda order: order, self._submit, self._approve):
            order = prepare(self._create_order())
            for name, value in on_order.items():
                with self.subTest(name, state=order.kehu_approval_state):
                    self._refused(KehuEngineOnlyError, lambda name=name, value=value, order=order: order.write({name: value}))
            for name, value in on_line.items():
                with self.subTest(name, state=order.kehu_approval_state):
                    self._refused(KehuEngineOnlyError, lambda name=name, value=value, order=order: order.order_line.write({name: value}))
            self.assertEqual((order.amount_total, order.order_line.price_total), (100.0, 100.0))
        self._refused(KehuEngineOnlyError, lambda: self._create_order(amount_total=1.0))
        line = {"product_id": self.product.id, "invoice_lines": [], "price_total": 0.0}
        empty = self._create_order(amount_total=0.0, order_line=[Command.create(line)])
        self.assertEqual((empty.amount_total, empty.order_line.price_total), (100.0, 100.0), "empty values of a form are calculated")
        line = Command.create({"product_id": self.product.id, "price_total": 1.0})
        self._refused(KehuEngineOnlyError, lambda: self._create_order(order_line=[line]))
        forged = self.order.with_context(default_amount_total=1.0, default_price_total=1.0)
        order = forged.create({"partner_id": self.customer.id, "order_line": [Command.create({"product_id": self.product.id})]})
        extra = forged.order_line.create({"order_id": order.id, "product_id": self.product.id})
        self.assertEqual((order.amount_total, extra.price_total), (200.0, 100.0))

    def test_calculated_columns_elsewhere(self):
        """Orders outside the CRM stay as the host has them."""
        partner = self.env["res.partner"].create({"name": "No CRM customer"})
        order = self._create_order(partner_id=partner.id, amount_total=7.0)
        order.write({"amount_total": 8.0})
        order.order_line.write({"qty_to_invoice": 3.0})
        self.assertEqual((order.amount_total, order.order_line.qty_to_invoice), (8.0, 3.0))

    def test_date_of_an_approved_order(self):
        self._submit()
        self._refused(KehuApprovalFrozenError, lambda: self.order.write({"date_order": "2035-01-01"}))
        self.order.with_user(self.user_order_approver).kehu_approve()
        self._refused(KehuApprovalFrozenError, lambda: self.order.write({"date_order": "2035-01-01"}))
        self._refused(KehuApprovalFrozenError, lambda: self.order.write({"state": "sale", "date_order": "2035-01-01"}))

    def test_terms_of_a_pending_order(self):
        self._submit()
        for vals in ({"commitment_date": "2035-01-01"}, {"validity_date": "2035-01-01"}, {"prepayment_percent": 0.5}):
            self._refused(KehuApprovalFrozenError, lambda vals=vals: self.order.write(vals))
        for vals in ({"customer_lead": 90.0}, {"name": "Two pumps"}):
            self._refused(KehuApprovalFrozenError, lambda vals=vals: self.order.order_line.write(vals))

    def test_online_payment_still_invoices_all(self):
        """The host forces quantities to invoice after an online payment, as the system."""
        self.product.invoice_policy = "delivery"
        self._approve()
        self.order.sudo()._force_lines_to_invoice_policy_order()
        self.assertEqual(self.order.order_line.qty_to_invoice, 1.0)

    # ------------------------------------------------------------
    # out of the flow
    # ------------------------------------------------------------

    def test_partner_leaves_the_customer(self):
        contact = self.env["res.partner"].with_user(self.user_seller).create({"name": "Zhang San", "parent_id": self.customer.id})
        order = self._create_order(partner_id=contact.id)
        self._refused(KehuOrderApprovalError, lambda: contact.write({"parent_id": False}))
        self.assertEqual(order.kehu_customer_id, self.customer)
        contact.with_user(self.user_crm_admin).write({"parent_id": False})
        self.assertFalse(order.kehu_customer_id)

    def test_partner_joins_the_customer_after_confirming(self):
        outside = self.env["res.partner"].with_user(self.user_seller).create({"name": "New Ltd", "is_company": True})
        order = self._create_order(partner_id=outside.id)
        order.sudo().action_confirm()
        self._refused(KehuOrderApprovalError, lambda: outside.write({"kehu_is_customer": True}))
        for user in (self.user_seller, self.user_director):
            self._refused(UserError, lambda user=user: outside.with_user(user).write({"parent_id": self.customer.id}))
        outside.with_user(self.user_crm_admin).write({"kehu_is_customer": True})
        self.assertEqual(order.kehu_customer_id, outside)

    def test_customer_only_gets_the_invoice_or_the_goods(self):
        outside = self.env["res.partner"].with_user(self.user_seller).create({"name": "New Ltd"})
        for name in ("partner_invoice_id", "partner_shipping_id"):
            order = self._create_order(partner_id=outside.id, **{name: self.customer.id})
            self.assertEqual(order.kehu_customer_id, self.customer)
            self._refused(UserError, order.action_confirm)
            confirmed = self._create_order(partner_id=outside.id)
            confirmed.sudo().action_confirm()
            self._refused(KehuOrderApprovalError, lambda name=name, order=confirmed: order.write({name: self.customer.id}))

    def test_confirmed_order_keeps_its_customer(self):
        contact = self._create_contact(self.customer)
        order = self._approve(self._create_order(partner_id=contact.id))
        other = self._create_customer(self.user_seller, name="Other Ltd")
        contact.parent_id = other
        self.assertEqual((contact.kehu_customer_id, order.kehu_customer_id), (other, self.customer))

    def test_confirmed_order_grows_over_the_limit(self):
        self.env.ref(
            "kehu_crm.kehu_approval_flow_order"
        ).domain = "[('kehu_customer_id', '!=', False), ('amount_total', '>', 5000), ('note', 'not like', 'free')]"
        self.order.action_confirm()
        line = self.order.order_line
        self._refused(KehuOrderApprovalError, lambda: line.write({"product_uom_qty": 1000}))
        self._refused(KehuOrderApprovalError, lambda: self.order.write({"order_line": [Command.update(line.id, {"price_unit": 9000})]}))
        new = {"order_id": self.order.id, "product_id": self.product.id, "product_uom_qty": 100}
        self._refused(KehuOrderApprovalError, lambda: line.create(new))
        line.write({"product_uom_qty": 2})
        self.assertEqual(self.order.amount_total, 200.0)

    # ------------------------------------------------------------
    # who decides on what
    # ------------------------------------------------------------

    def test_stale_dialog(self):
        """The dialog decides on what its user saw, not on what was submitted since."""
        self._submit()
        approver = self.user_order_approver
        wizards = []
        for call in ("action_kehu_approve", "action_kehu_reject"):
            action = getattr(self.order.with_user(approver), call)()
            wizards.append(self.env[action["res_model"]].with_user(approver).browse(action["res_id"]))
        self.order.kehu_withdraw()
        self.order.order_line.price_unit = 1.0
        self._submit()
        for wizard in wizards:
            wizard.comment = "Fine"
            self._refused(KehuApprovalTransitionError, wizard.action_decide)
        self.assertEqual(self.order.kehu_approval_state, "pending")

    def test_taking_over_to_approve(self):
        group = self.env.ref("kehu_crm.group_kehu_order_approver")
        manager = self.user_east_manager
        manager.group_ids = [Command.link(group.id)]
        self._submit(approver=manager)
        self.order.with_user(manager).user_id = manager
        self._refused(KehuApprovalDeciderError, lambda: self.order.with_user(manager).kehu_approve())
        # given to somebody else first
        own = self._create_order(user=manager, user_id=manager.id)
        own.user_id = self.user_seller
        self._refused(KehuApprovalError, lambda: own.with_user(self.user_seller).kehu_submit(manager.id))

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_form_tells_no_opinion_of_another_document(self):
        """The hint of an unsaved form follows what is stored, not what a client says."""
        self._submit()
        self.order.with_user(self.user_order_approver).kehu_reject("Far too cheap")
        request = self.order.kehu_request_id
        mine = self._create_order(
            user=self.user_seller2, partner_id=self._create_customer(self.user_seller2).id, user_id=self.user_seller2.id
        )
        spec = {"kehu_approval_hint": {}, "kehu_approval_timeline": {}, "kehu_approval_state": {}, "kehu_request_id": {"fields": {}}}
        values = {"kehu_request_id": request.id, "kehu_approval_state": "rejected"}
        for record in (mine.browse(), mine):
            result = record.onchange({**values, "partner_id": mine.partner_id.id}, ["kehu_request_id"], spec)
            self.assertNotIn("Far too cheap", str(result))
        own = self.order.onchange({}, [], spec)
        self.assertIn("Far too cheap", str(self.order.kehu_approval_hint) + str(own))
        foreign = self.order.with_user(self.user_seller2)
        try:
            result = foreign.onchange({}, [], spec)
        except AccessError:
            result = ""
        self.assertNotIn("Far too cheap", str(result))

    # ------------------------------------------------------------
    # dialogs
    # ------------------------------------------------------------

    def test_dialogs_of_others(self):
        """Whoever has one open decides by it: nobody else turns a rejection into an approval, or adds a document of their own to it."""
        self._submit()
        other = self._submit(self._create_order())
        request = self.order.kehu_request_id
        dialogs = self.env["kehu.approval.decide"].with_user(self.user_order_approver)
        dialog = dialogs.create({"request_ids": [Command.set(request.ids)], "result": "rejected", "comment": "Far too cheap"})
        submission = self.env["kehu.approval.submit"].with_user(self.user_seller)
        submission = submission.create({"res_model": "sale.order", "res_ids": self.order.ids, "comment": "Please"})
        step = self.env.ref("kehu_crm.kehu_approval_flow_order").step_ids
        submission.choice_ids = [Command.create({"step_id": step.id})]
        changes = {
            dialog: {"result": "approved", "request_ids": [Command.link(other.sudo().kehu_request_id.id)], "comment": "Fine"},
            submission: {"res_ids": other.ids, "comment": "Mine", "approver_id": self.user_order_approver2.id},
            submission.choice_ids: {"approver_id": self.user_order_approver2.id},
        }
        people = self.user_seller | self.user_seller2 | self.user_order_approver2 | self.user_director | self.user_employee
        for opened, values in changes.items():
            opener = opened.env.user
            for user in people - opener:
                foreign = opened.with_user(user)
                self.assertNotIn(opened.id, foreign.search([]).ids)
                self._refused(AccessError, lambda foreign=foreign: foreign.read(["display_name"]))
                self._refused(AccessError, foreign.unlink)
                for name, value in values.items():
                    with self.subTest(model=opened._name, field=name, user=user.name):
                        self._refused(AccessError, lambda foreign=foreign, name=name, value=value: foreign.write({name: value}))
        dialog.action_decide()
        self.assertEqual((self.order.kehu_approval_state, other.kehu_approval_state), ("rejected", "pending"))

    # ------------------------------------------------------------
    # flows
    # ------------------------------------------------------------

    def test_archived_flow_stays_archived(self):
        """Flows are kept in a cache for all users; the context of who asks first does not count."""
        self.env.ref("kehu_crm.kehu_approval_flow_order").active = False
        self.assertFalse(self.order.with_context(active_test=False)._kehu_find_flows()[self.order])
        self.assertFalse(self.order._kehu_find_flows()[self.order])

    def test_flow_of_a_company_is_one_of_its_branches(self):
        company = self.env.company
        self.env.ref("kehu_crm.kehu_approval_flow_order").company_id = company
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": company.id})
        other = self.env["res.company"].create({"name": "Other company"})
        for owner, found in ((branch, True), (other, False)):
            order = self.env["sale.order"].create({"partner_id": self.customer.id, "company_id": owner.id})
            self.assertEqual(bool(order._kehu_find_flows()[order]), found)

    def test_no_step(self):
        """A flow without a step would let nobody approve."""
        flow = self.env.ref("kehu_crm.kehu_approval_flow_order")
        step = {"name": "Next", "group_id": self.env.ref("kehu_crm.group_kehu_order_approver").id}
        for call in (
            flow.step_ids.unlink,
            lambda: flow.write({"step_ids": [Command.delete(flow.step_ids.id)]}),
            lambda: flow.write({"step_ids": [Command.clear()]}),
            lambda: flow.create({"name": "None", "model_id": flow.model_id.id, "step_ids": []}),
        ):
            self._refused(KehuApprovalFlowError, call)
        flow.write({"step_ids": [Command.create(step), Command.delete(flow.step_ids.id)]})
        self.assertEqual(flow.step_ids.name, "Next")
        flow.unlink()
        self.assertFalse(flow.exists())

    def test_rejected_order_whose_flow_was_archived(self):
        self._submit()
        self.order.with_user(self.user_order_approver).kehu_reject("No")
        self._refused(UserError, self.order.action_confirm)
        self.env.ref("kehu_crm.kehu_approval_flow_order").active = False
        self.order.action_confirm()
        self.assertEqual(self.order.state, "sale")
