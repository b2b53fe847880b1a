"""Every door through which somebody could get round an approval."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.approval.exceptions import (
    KehuApprovalDeciderError,
    KehuApprovalError,
    KehuApprovalFrozenError,
    KehuApprovalTransitionError,
)
from ...models.approval.guard import change_openly
from ...models.sales.exceptions import KehuOrderApprovalError, KehuOrderError
from ...models.system.exceptions import KehuEngineOnlyError
from .common import ApprovalCommon

# the smallest picture there is
SIGNATURE = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
FORGED = {
    "kehu_engine_approval": True,
    "_force_unlink": True,
    "default_kehu_approval_state": "approved",
    "default_state": "sale",
    "active_test": False,
}


@tagged("post_install", "-at_install")
class TestApprovalGuard(ApprovalCommon):
    # ------------------------------------------------------------
    # requests and decisions
    # ------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_access", "odoo.addons.base.models.ir_rule")
    def test_nobody_writes_requests_and_decisions(self):
        self._submit()
        request = self.order.kehu_request_id
        values = {
            "kehu.approval.request": {
                "name": "X",
                "res_model": "sale.order",
                "res_id": self.order.id,
                "requester_id": self.user_seller.id,
                "date_submitted": "2026-01-01 00:00:00",
            },
            "kehu.approval.decision": {
                "request_id": request.id,
                "user_id": self.user_order_approver.id,
                "result": "approved",
                "date": "2026-01-01 00:00:00",
            },
        }
        for user in (self.user_seller, self.user_order_approver, self.user_crm_admin, self.user_director):
            for record in (request, request.decision_ids):
                for su in (False, True):
                    with self.subTest(user=user.name, model=record._name, su=su):
                        record = record.with_user(user).with_context(**FORGED).sudo(su)
                        with self.assertRaises(AccessError):
                            record.create(values[record._name])
                        with self.assertRaises(AccessError):
                            record.write({"state": "approved"} if "state" in record._fields else {"result": "approved"})
                        with self.assertRaises(AccessError):
                            record.unlink()
        result = request.with_user(self.user_crm_admin).with_context(**FORGED).load(["id", "state"], [["x_forged", "approved"]])
        self.assertFalse(result["ids"])
        self.assertEqual(request.state, "pending")

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_access", "odoo.addons.base.models.ir_rule")
    def test_not_through_another_record(self):
        """Commands on one2many and many2many fields end at the same guard."""
        self._submit()
        request = self.order.kehu_request_id.with_user(self.user_crm_admin).sudo()
        for commands in (
            [Command.create({"user_id": self.user_seller.id, "result": "approved", "date": "2026-01-01"})],
            [Command.update(request.decision_ids.id, {"comment": "forged"})],
            [Command.delete(request.decision_ids.id)],
            [Command.clear()],
        ):
            with self.assertRaises(AccessError):
                request.write({"decision_ids": commands})

    # ------------------------------------------------------------
    # engine fields of the document
    # ------------------------------------------------------------

    def test_state_and_request_are_not_written(self):
        self._submit()
        request = self.order.kehu_request_id
        other = self._create_order()
        for user in (self.user_seller, self.user_crm_admin):
            for su in (False, True):
                order = other.with_user(user).with_context(**FORGED).sudo(su)
                for vals in ({"kehu_approval_state": "approved"}, {"kehu_request_id": request.id}, {"kehu_approval_state": "draft"}):
                    with self.subTest(user=user.name, su=su, vals=vals), self.assertRaises(KehuEngineOnlyError):
                        order.write(vals)
                with self.assertRaises(KehuEngineOnlyError):
                    order.kehu_approval_state = "approved"
                with self.assertRaises(KehuEngineOnlyError):
                    order.create({"partner_id": self.customer.id, "state": "draft", "kehu_approval_state": "approved"})
                with self.assertRaises(KehuEngineOnlyError):
                    order.copy({"kehu_approval_state": "approved", "state": "draft"})
                with self.assertRaises(KehuEngineOnlyError):
                    order.web_save({"kehu_approval_state": "approved"}, {})
        loaded = other.with_user(self.user_crm_admin).load([".id", "kehu_approval_state"], [[str(other.id), "Approved"]])
        self.assertFalse(loaded["ids"])
        self.assertEqual(other.kehu_approval_state, "draft")

    def test_context_default_does_not_approve(self):
        order = self.order.with_context(default_kehu_approval_state="approved", default_kehu_request_id=1).create(
            {"partner_id": self.customer.id}
        )
        self.assertEqual((order.kehu_approval_state, order.kehu_request_id.id), ("draft", False))

    def test_confirming_by_state(self):
        """`state` is a field of the host; writing it is no way round either."""
        other = self.env["res.partner"].create({"name": "No CRM customer"})
        elsewhere = self._create_order(partner_id=other.id)
        for su in (False, True):
            with self.subTest(su=su):
                order = self.order.with_context(**{**FORGED, "default_state": "draft"}).sudo(su)
                with self.assertRaises(KehuOrderApprovalError):
                    order.write({"state": "sale"})
                with self.assertRaises(KehuOrderApprovalError):
                    order.create({"partner_id": self.customer.id, "state": "sale"})
                with self.assertRaises(KehuOrderApprovalError):
                    order.with_context(default_state="sale").create({"partner_id": self.customer.id})
                with self.assertRaises(KehuOrderApprovalError):
                    elsewhere.sudo(su).write({"state": "sale", "partner_id": self.customer.id})
                with self.assertRaises(UserError):
                    order.action_confirm()

    def test_copy_is_a_draft(self):
        self._approve()
        copy = self.order.copy()
        self.assertEqual((copy.kehu_approval_state, copy.kehu_request_id.id, copy.state), ("draft", False, "draft"))
        self.assertTrue(copy.kehu_approval_required)

    # ------------------------------------------------------------
    # the frozen document
    # ------------------------------------------------------------

    def test_frozen_document(self):
        partner = self._create_customer(self.user_seller, name="Somebody Else")
        term = self.env["account.payment.term"].create({"name": "Later"})
        for prepare in (self._submit, self._approve):
            order = prepare(self._create_order())
            before = order.read()[0]
            for user, su in ((self.user_seller, False), (self.user_crm_admin, False), (self.user_crm_admin, True)):
                frozen = order.with_user(user).with_context(**{**FORGED, "default_state": "draft"}).sudo(su)
                for vals in (
                    {"partner_id": partner.id},
                    {"payment_term_id": term.id},
                    {"note": "<p>Half price</p>"},
                    {"partner_invoice_id": partner.id},
                    {"kehu_document": "quote"},
                    {"name": "S-FORGED"},
                ):
                    case = {"state": order.kehu_approval_state, "user": user.name, "su": su, "vals": vals}
                    keeps = order.state == "sale" and "partner_id" in vals  # the customer of a confirmed order stays in any case
                    with self.subTest(**case), self.assertRaises(KehuOrderError if keeps else KehuApprovalFrozenError):
                        frozen.write(vals)
                with self.assertRaises(KehuOrderError if order.state == "sale" else KehuApprovalFrozenError):
                    partner.with_user(user).sudo(su).write({"sale_order_ids": [Command.link(order.id)]})
                if su or user == self.user_crm_admin:
                    with self.assertRaises(UserError):
                        frozen.unlink()
            order.invalidate_recordset()
            after = order.read(["name", "partner_id", "payment_term_id", "note", "partner_invoice_id", "amount_total", "kehu_document"])[0]
            self.assertEqual(after, {name: before[name] for name in after})
            order.write({"partner_id": order.partner_id.id, "client_order_ref": "PO 7"})  # the same value, and a free field

    def test_frozen_lines(self):
        other = self._create_order()
        for prepare in (self._submit, self._approve):
            order = prepare(self._create_order())
            line = order.order_line
            new = {"product_id": self.product.id, "order_id": order.id, "price_unit": 1.0}
            for user, su in ((self.user_seller, False), (self.user_crm_admin, False), (self.user_crm_admin, True)):
                context = {**FORGED, "default_state": "draft"}
                order_as, line_as = (records.with_user(user).with_context(**context).sudo(su) for records in (order, line))
                attacks = {
                    "write": lambda line_as=line_as: line_as.write({"price_unit": 1.0}),
                    "assign": lambda line_as=line_as: setattr(line_as, "product_uom_qty", 9),
                    "discount": lambda line_as=line_as: line_as.write({"discount": 50}),
                    "create": lambda line_as=line_as, new=new: line_as.create(new),
                    "create down payment": lambda line_as=line_as, new=new: line_as.create(
                        {**new, "is_downpayment": True, "product_uom_qty": 3}
                    ),
                    "create note": lambda line_as=line_as, order=order: line_as.create(
                        {"order_id": order.id, "display_type": "line_note", "name": "Free delivery"}
                    ),
                    "unlink": lambda line_as=line_as: line_as.unlink(),
                    "move away": lambda line_as=line_as: line_as.write({"order_id": other.id}),
                    "move in": lambda su=su, user=user, order=order: (
                        other.order_line.with_user(user).sudo(su).write({"order_id": order.id})
                    ),
                    "o2m create": lambda order_as=order_as: order_as.write(
                        {"order_line": [Command.create({"product_id": self.product.id})]}
                    ),
                    "o2m update": lambda order_as=order_as, line=line: order_as.write(
                        {"order_line": [Command.update(line.id, {"price_unit": 1.0})]}
                    ),
                    "o2m delete": lambda order_as=order_as, line=line: order_as.write({"order_line": [Command.delete(line.id)]}),
                    "o2m unlink": lambda order_as=order_as, line=line: order_as.write({"order_line": [Command.unlink(line.id)]}),
                    "o2m clear": lambda order_as=order_as: order_as.write({"order_line": [Command.clear()]}),
                    "o2m link": lambda order_as=order_as: order_as.write({"order_line": [Command.link(other.order_line.id)]}),
                    "web_save": lambda order_as=order_as, line=line: order_as.web_save(
                        {"order_line": [[1, line.id, {"discount": 10}]]}, {}
                    ),
                    "taxes": lambda line_as=line_as: line_as.write({"tax_ids": [Command.set(self._tax().ids)]}),
                    "wizard": lambda order_as=order_as: (
                        order_as.env["sale.order.discount"]
                        .create({"sale_order_id": order_as.id, "discount_type": "sol_discount", "discount_percentage": 0.5})
                        .action_apply_discount()
                    ),
                }
                for name, attack in attacks.items():
                    case = {"state": order.kehu_approval_state, "user": user.name, "su": su}
                    with self.subTest(name, **case), self.assertRaises(UserError), self.env.cr.savepoint():
                        attack()
            order.invalidate_recordset()
            self.assertEqual((len(order.order_line), order.amount_total), (1, 100.0))
        self.assertEqual(len(other.order_line), 1)

    def test_update_prices_of_a_pending_order(self):
        self._submit()
        self.product.list_price = 1.0
        with self.assertRaises(KehuApprovalFrozenError), self.env.cr.savepoint():
            self.order.action_update_prices()
        self.assertEqual(self.order.amount_total, 100.0)

    def test_load_on_a_pending_order(self):
        self._submit()
        result = self.order.load([".id", "order_line/.id", "order_line/price_unit"], [[self.order.id, self.order.order_line.id, "1"]])
        self.assertFalse(result["ids"])
        self.assertEqual(self.order.order_line.price_unit, 100.0)

    def test_what_the_host_still_does_after_approval(self):
        """Send, sign, deliver, invoice, down payment."""
        order = self._approve(comment="Go")
        order.order_line.qty_delivered = 1
        order.sudo().write({"signed_by": "Zhang San", "commitment_date": "2026-12-01 08:00:00"})
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_user(self.user_seller)
            .create({"advance_payment_method": "percentage", "amount": 30, "sale_order_ids": [Command.set(order.ids)]})
        )
        down_payment = wizard._create_invoices(order)
        down_payment.with_user(self.user_finance).action_post()
        self.assertEqual(down_payment.amount_total, 30.0)
        self.assertEqual(order.amount_total, 100.0)
        final = order._create_invoices(final=True)
        final.with_user(self.user_finance).action_post()
        self.assertEqual(final.amount_total, 70.0)
        self.assertEqual((order.invoice_status, order.kehu_progress), ("invoiced", "approved"))
        with self.assertRaises(KehuApprovalFrozenError):
            order.order_line.filtered("is_downpayment")[-1].product_uom_qty = 1

    def test_down_payments_by_hand(self):
        """A down-payment line that nobody invoiced would be taken off the final invoice: a discount that nobody approved."""
        order = self._approve(comment="Go")
        self.env["sale.advance.payment.inv"].with_user(self.user_seller).create(
            {"advance_payment_method": "percentage", "amount": 30, "sale_order_ids": [Command.set(order.ids)]}
        ).create_invoices()
        down_payment = order.order_line.filtered(lambda line: line.is_downpayment and not line.display_type)
        self.assertEqual(down_payment.price_unit, 30.0)
        new = {"is_downpayment": True, "product_uom_qty": 0, "price_unit": 50.0, "name": "Down payment"}
        for user in (self.user_seller, self.user_finance, self.user_crm_admin):
            order_as, line_as = order.with_user(user), down_payment.with_user(user)
            attacks = {
                "create": lambda order=order, line_as=line_as: line_as.create({**new, "order_id": order.id}),
                "o2m create": lambda order_as=order_as: order_as.write({"order_line": [Command.create(new)]}),
                "write": lambda line_as=line_as: line_as.write({"price_unit": 90.0}),
                "unlink": lambda line_as=line_as: line_as.unlink(),
            }
            for name, attack in attacks.items():
                with self.subTest(name, user=user.name), self.assertRaises(UserError), self.env.cr.savepoint():
                    attack()
        final = order._create_invoices(final=True)
        self.assertEqual(final.amount_total, 70.0)
        final.unlink()
        both = new_test_user(self.env, "kehu_both", groups="kehu_crm.group_kehu_finance,kehu_crm.group_kehu_director")
        down_payment.invoice_lines.move_id.with_user(both).unlink()
        self.assertFalse(down_payment.exists(), "The line goes with its invoice, as in the host.")

    def _sign(self, order):
        """What the portal does when a customer signs; a confirmed order it does not confirm again."""
        order = order.sudo()
        confirming = order._has_to_be_signed()
        order.write({"signed_by": "Zhang San", "signed_on": "2026-05-02 08:00:00", "signature": SIGNATURE})
        if confirming:
            order._validate_order()

    def _pay(self, order):
        """What the portal does when a customer pays all of it."""
        provider = self.env["payment.provider"].search([("code", "=", "custom")], limit=1) or self.env["payment.provider"].create(
            {"name": "Test", "code": "none"}
        )
        method = self.env["payment.method"].with_context(active_test=False).search([], limit=1)
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": f"{order.name}-pay",
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
                "operation": "offline",
                "state": "done",
            }
        )
        transaction._check_amount_and_confirm_order()

    def _send(self, order):
        action = order.action_quotation_send()
        composer = self.env["mail.compose.message"].with_user(self.user_seller).with_context(**action["context"]).create({})
        composer._action_send_mail()

    def test_send_sign_and_pay_after_approval(self):
        """What others cannot do once an order is validated (OCA/sale-workflow #2965, OCA/server-ux #1054)."""
        order = self._approve(self._create_order(require_signature=True, require_payment=True))
        self.assertEqual((order.state, order.kehu_approval_state), ("sale", "approved"))
        self._send(order)
        self.assertTrue(order.message_ids.filtered(lambda message: message.message_type == "comment"))
        self._sign(order)
        self.assertEqual(order.signed_by, "Zhang San")
        self._pay(order)
        order.action_lock()
        order.action_unlock()
        order.message_subscribe(self.customer.ids)
        order.activity_schedule("mail.mail_activity_data_todo", user_id=self.user_seller.id)
        order._portal_ensure_token()
        self.assertEqual((order.state, order.kehu_approval_state, order.amount_total), ("sale", "approved", 100.0))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_access")
    def test_nobody_signs_for_the_customer(self):
        """The portal signs, as the system; people of ours neither sign, nor exchange or remove what was signed."""
        forged = {"signed_by": "Forger", "signed_on": "2026-01-01 00:00:00", "signature": SIGNATURE}
        for prepare in (self._submit, self._approve):
            order = prepare(self._create_order(require_signature=True))
            for user in (self.user_seller, self.user_crm_admin):
                mine = order.with_user(user).with_context(**FORGED)
                for name, value in forged.items():
                    with self.subTest(state=order.kehu_approval_state, user=user.name, field=name):
                        self._refused_write(mine, {name: value})
                        self._refused_write(mine, {name: value, "state": order.state})
            files = self.env["ir.attachment"].with_user(self.user_seller)
            values = {"name": "signature", "res_model": "sale.order", "res_id": order.id, "raw": b"x"}
            self._refused_by_somebody(files.create, {**values, "res_field": "signature"})
            self._refused_by_somebody(files.with_context(default_res_field="signature").create, values)
            with self.assertRaises(UserError), self.env.cr.savepoint():
                files.create({**values, "res_field": "kehu_received_signature"})
            self._sign(order)
            self.assertEqual((order.signed_by, bool(order.signature)), ("Zhang San", True))
            file = (
                self.env["ir.attachment"]
                .sudo()
                .search([("res_model", "=", "sale.order"), ("res_field", "=", "signature"), ("res_id", "=", order.id)])
            )
            self.assertTrue(file)
            for user in (self.user_seller, self.user_crm_admin):
                self._refused_write(order.with_user(user), {"signature": False})
                self._refused_by_somebody(file.with_user(user).write, {"raw": b"x"})
                self._refused_by_somebody(file.with_user(user).unlink)
            order.write({"signed_by": "Zhang San"})  # the same value
            change_openly(order, "Misspelt by the customer").write({"signed_by": "Zhang Shan"})
            order.action_cancel()
            order.action_draft()
            self.assertFalse(order.signature, "whoever reopens an order takes the signature off, as in the host")
            order.write({"signed_by": "By hand"})

    def test_what_a_protected_field_follows_from(self):
        order = self._submit(self._create_order(require_payment=True, require_signature=True)).with_user(self.user_seller)
        for name in ("require_payment", "require_signature"):
            self._refused_write(order, {name: False})

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_access")
    def test_an_approver_who_also_sells_only_reads(self):
        """What somebody is asked to approve is not theirs to change, sent back or not."""
        both = self.user_west_seller
        both.group_ids += self.env.ref("kehu_crm.group_kehu_order_approver")
        order = self._create_order()
        order.with_user(self.user_seller).kehu_submit(approver_id=both.id)
        asked = order.with_user(both)
        self.assertEqual(asked.amount_total, order.amount_total)
        asked.kehu_reject("Too dear")
        for call in (
            lambda: asked.write({"note": "Mine"}),
            lambda: asked.order_line.write({"price_unit": 1.0}),
            asked.order_line.unlink,
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                call()
        order.with_user(self.user_seller).kehu_submit(approver_id=both.id)
        asked.kehu_approve()
        self.assertEqual(order.state, "sale")

    def _refused_by_somebody(self, call, *args):
        """By the approval, or before it by the rights of the host; both are `UserError`."""
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            call(*args)
        self.assertIsInstance(caught.exception, (KehuApprovalFrozenError, AccessError))

    def _refused_write(self, order, vals):
        with self.assertRaises(KehuApprovalFrozenError), self.env.cr.savepoint():
            order.write(vals)

    def test_sent_signed_and_paid_before_approval(self):
        """The customer may be faster than the approver: nothing is confirmed, nothing breaks, and the approval confirms (#2080)."""
        order = self._create_order(require_signature=True)
        self._send(order)
        self.assertEqual(order.state, "sent")
        self._sign(order)
        self.assertEqual((order.state, order.signed_by), ("sent", "Zhang San"))
        self.assertIn("submit it for approval", str(order.activity_ids.mapped("summary")))
        self._submit(order)
        self._send(order)  # a copy for the customer, while it waits
        self._pay(order)
        self.assertEqual((order.state, order.kehu_approval_state), ("sent", "pending"))
        order.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual((order.state, order.kehu_approval_state), ("sale", "approved"))

    def _tax(self):
        return self.env["account.tax"].create({"name": "Forged", "amount": 50})

    # ------------------------------------------------------------
    # who decides
    # ------------------------------------------------------------

    def test_self_approval(self):
        """Neither who submitted nor whose order it is; nor by being chosen oneself."""
        group = self.env.ref("kehu_crm.group_kehu_order_approver")
        self.user_seller.group_ids = [Command.link(group.id)]
        with self.assertRaisesRegex(KehuApprovalError, "cannot approve"):
            self.order.kehu_submit(self.user_seller.id)
        self._submit()
        with self.assertRaisesRegex(KehuApprovalDeciderError, "your own document"):
            self.order.kehu_approve()
        # submitted by the manager for the seller: still the seller's order
        other = self._create_order()
        other.with_user(self.user_east_manager).kehu_submit(self.user_order_approver.id)
        with self.assertRaises(KehuApprovalDeciderError):
            other.kehu_approve()
        # handed over after submitting: still the seller's order
        other.sudo().user_id = self.user_seller2
        with self.assertRaises(KehuApprovalDeciderError):
            other.with_user(self.user_seller).sudo().kehu_approve()

    def test_self_approval_where_the_flow_allows_it(self):
        self.env.ref("kehu_crm.kehu_approval_flow_order").allow_self = True
        self.user_seller.group_ids = [Command.link(self.env.ref("kehu_crm.group_kehu_order_approver").id)]
        self.order.kehu_submit(self.user_seller.id)
        self.order.kehu_approve()
        self.assertEqual(self.order.state, "sale")

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_wrong_approver(self):
        self._submit()
        for user in (self.user_order_approver2, self.user_seller2, self.user_receipt_approver, self.user_employee, self.user_service):
            for call in ("kehu_approve", "kehu_withdraw", "action_kehu_approve"):
                with self.subTest(user=user.name, call=call), self.assertRaises(UserError):
                    getattr(self.order.with_user(user), call)()
        for user in (self.user_director, self.user_crm_admin, self.user_east_manager, self.env.ref("base.user_root")):
            with self.subTest(user=user.name), self.assertRaises(KehuApprovalDeciderError):
                self.order.with_user(user).kehu_approve()
            with self.subTest(user=user.name), self.assertRaises(KehuApprovalDeciderError):
                self.order.with_user(user).sudo().kehu_reject("no")
        self.assertEqual(self.order.kehu_approval_state, "pending")

    def test_approver_who_left_the_role(self):
        self._submit()
        self.user_order_approver.group_ids = [
            Command.unlink(self.env.ref("kehu_crm.group_kehu_order_approver").id),
            Command.link(self.env.ref("sales_team.group_sale_salesman_all_leads").id),
        ]
        with self.assertRaisesRegex(KehuApprovalDeciderError, "no longer a member"):
            self.order.with_user(self.user_order_approver).kehu_approve()
        self.order.invalidate_recordset(["kehu_approval_hint"])
        self.assertIn("can no longer decide", self.order.kehu_approval_hint)
        self.order.kehu_withdraw()
        self.order.kehu_submit(self.user_order_approver2.id)
        self.order.with_user(self.user_order_approver2).kehu_approve()
        self.assertEqual(self.order.state, "sale")

    def test_archived_approver(self):
        self._submit()
        self.user_order_approver.active = False
        with self.assertRaises(KehuApprovalDeciderError):
            self.order.with_user(self.user_order_approver).sudo().kehu_approve()
        with self.assertRaisesRegex(KehuApprovalError, "cannot approve"):
            self._create_order().kehu_submit(self.user_order_approver.id)

    def test_twice_and_withdrawn(self):
        self._approve()
        approver = self.order.with_user(self.user_order_approver)
        for call in (approver.kehu_approve, lambda: approver.kehu_reject("late"), self.order.kehu_withdraw, self.order.kehu_submit):
            with self.assertRaises(KehuApprovalTransitionError):
                call()
        other = self._submit(self._create_order())
        other.kehu_withdraw()
        with self.assertRaises(KehuApprovalTransitionError):
            other.with_user(self.user_order_approver).sudo().kehu_approve()
        self.assertEqual(other.kehu_request_id.state, "withdrawn")
        self.assertEqual(other.kehu_request_id.decision_ids.mapped("result"), ["submitted", "withdrawn"])
        self.assertFalse(other.activity_ids)

    def test_choice_of_approver(self):
        with self.assertRaisesRegex(KehuApprovalError, "Choose who shall approve"):
            self.order.kehu_submit()
        for user in (self.user_seller2, self.user_receipt_approver, self.user_crm_admin):
            with self.assertRaisesRegex(KehuApprovalError, "cannot approve"):
                self.order.kehu_submit(user.id)
        (self.user_order_approver | self.user_order_approver2).active = False
        with self.assertRaisesRegex(KehuApprovalError, "has no member"):
            self.order.kehu_submit()

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_submit_is_for_those_who_may_write(self):
        with self.assertRaises(AccessError):
            self.order.with_user(self.user_seller2).kehu_submit(self.user_order_approver.id)
        with self.assertRaises(AccessError):
            self.order.with_user(self.user_order_approver).kehu_submit(self.user_order_approver2.id)
        with self.assertRaises(AccessError):
            self.order.with_user(self.user_seller2).kehu_to_order()

    def test_wizards_are_no_door(self):
        """The dialogs are written by their user, so they may hold anything."""
        self._submit()
        with self.assertRaises(KehuApprovalError):
            self.env["kehu.approval.submit"].with_user(self.user_seller).create(
                {"res_model": "res.users", "res_ids": [self.user_seller.id]}
            ).action_submit()
        wizard = (
            self.env["kehu.approval.decide"]
            .with_user(self.user_seller)
            .create({"request_ids": [Command.set(self.order.kehu_request_id.ids)], "result": "approved"})
        )
        with self.assertRaises(KehuApprovalDeciderError):
            wizard.action_decide()

    # ------------------------------------------------------------
    # all or none
    # ------------------------------------------------------------

    def test_many_at_once(self):
        orders = self.order | self._create_order() | self._create_order()
        orders.kehu_submit(self.user_order_approver.id)
        requests = orders.kehu_request_id.with_user(self.user_order_approver)
        action = requests.action_approve()
        wizard = self.env[action["res_model"]].with_user(self.user_order_approver).browse(action["res_id"])
        wizard.action_decide()
        self.assertEqual(orders.mapped("state"), ["sale"] * 3)
        self.assertEqual(len(orders.kehu_request_id.decision_ids), 6)

    def test_one_id_sent_twice(self):
        twice = self.order.browse([self.order.id, self.order.id])
        twice.kehu_submit(self.user_order_approver.id)
        requests = self.env["kehu.approval.request"].search([("res_model", "=", "sale.order"), ("res_id", "=", self.order.id)])
        self.assertEqual(len(requests), 1)
        twice.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(requests.decision_ids.mapped("result"), ["submitted", "approved"])

    def test_the_host_refuses(self):
        """What the host's confirmation refuses is not approved either; nothing of the batch is decided, and the sentence says why."""
        orders = self.order | self._create_order()
        orders.kehu_submit(self.user_order_approver.id)
        change_openly(orders[1].order_line, "Recalled by the maker").write({"product_id": False})
        with self.assertRaisesRegex(KehuOrderError, orders[1].name), self.env.cr.savepoint():
            orders.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(orders.mapped("kehu_approval_state"), ["pending", "pending"])
        self.assertEqual(orders.kehu_request_id.mapped("state"), ["pending", "pending"])

    def test_cancel_and_reopen(self):
        self._submit()
        request = self.order.kehu_request_id
        self.order.action_cancel()
        self.assertEqual((self.order.kehu_approval_state, request.state), ("draft", "withdrawn"))
        self.order.action_draft()
        self.assertEqual((self.order.kehu_document, self.order.kehu_progress), ("quote", "draft"))
        self.order.order_line.price_unit = 90
        self.order.kehu_to_order()
        self._approve()
        approved = self.order.kehu_request_id
        self.order._action_cancel()
        self.assertEqual((self.order.kehu_approval_state, approved.state), ("draft", "approved"))
        self.order.action_draft()
        with self.assertRaises(UserError):
            self.order.action_confirm()
        self.order.sudo().unlink()
        self.assertTrue((request | approved).exists(), "the history outlives its document")
        with self.assertRaisesRegex(KehuApprovalError, "does not exist any more"):
            request.with_user(self.user_crm_admin).action_open_document()
