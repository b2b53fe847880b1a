from odoo import api, fields, models

from ..approval.figures import amount_text
from ..approval.guard import FROZEN_STATES, changed_fields, open_reason
from ..system.engine import as_engine, is_engine
from .customer_access import check_claimed, unclaimed_customers, unclaimed_text
from .derived import check_not_derived, without_defaults
from .exceptions import KehuOrderApprovalError, KehuOrderDeletionError, KehuOrderError, KehuOrderRightError

DERIVED = {"kehu_customer_id", "kehu_department_id", "kehu_progress", "kehu_rated_on", "kehu_amount_company", "kehu_price_alert"}
# what is calculated of an order and its lines, and what a client may write as long as the order is none of the CRM's
CALCULATED_LINES = ("price_subtotal", "price_tax", "price_total")
CALCULATED = ("currency_rate", "amount_untaxed", "amount_tax", "amount_total", "kehu_rated_on", "kehu_amount_company", "kehu_price_alert")
SIGNATURE_FIELDS = {"signature", "signed_by", "signed_on"}
OPEN_STATES = ("draft", "sent")  # the host's states of an order that is not confirmed


class SaleOrder(models.Model):
    """An order of a CRM customer is confirmed by its approval and by nothing else.

    Life: quote → `kehu_to_order` → `kehu_submit` → `kehu_approve`, which runs the host's ``action_confirm`` with all its checks.
    Rejected or withdrawn, it can be corrected and submitted again. Cancelled, it is a draft again for the approval.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "kehu.approval.mixin", "kehu.department.mixin"]

    kehu_document = fields.Selection(
        [("quote", "Quote"), ("order", "Order")],
        string="Document",
        compute="_compute_kehu_document",
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        copy=False,
        tracking=True,
        help="A quote is an offer to the customer; converted to an order, it can be submitted for approval.",
    )
    kehu_progress = fields.Selection(
        [
            ("draft", "Draft"),
            ("pending", "Pending"),
            ("approved", "Approved"),
            ("confirmed", "Confirmed"),
            ("rejected", "Rejected"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        string="Progress",
        compute="_compute_kehu_progress",
        store=True,
        index=True,
        help="Draft, pending, rejected: on the way to approval. Approved: approved and confirmed. Confirmed: without approval, which it "
        "did not need. Done: confirmed and fully invoiced.",
    )
    kehu_customer_id = fields.Many2one(
        "res.partner",
        string="CRM Customer",
        compute="_compute_kehu_customer_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        help="The CRM customer to whom the order's partner belongs, or who gets the invoice or the goods. A confirmed order keeps it.",
    )
    # who sold how much in some days, without reading the orders
    _kehu_sold_idx = models.Index(
        "(company_id, date_order) INCLUDE (user_id, kehu_department_id, amount_total, currency_rate) WHERE state = 'sale'"
    )
    kehu_can_invoice = fields.Boolean(
        string="Can Invoice", compute="_compute_kehu_can", help="You may make the invoice of this order, not only look at it."
    )

    # ------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------

    @api.depends("partner_id.kehu_customer_id", "partner_invoice_id.kehu_customer_id", "partner_shipping_id.kehu_customer_id")
    def _compute_kehu_customer_id(self):
        """An order that comes to a CRM customer later is added up again: until then nobody guarded what is calculated of it."""
        born = self.env.cr.now()
        outside = self.filtered(lambda order: order.id and order.create_date != born and not order.kehu_customer_id)
        for order in self:
            if order.state == "sale" and order.kehu_customer_id:
                order.kehu_customer_id = order.kehu_customer_id
                continue
            partners = (order.partner_id, order.partner_invoice_id, order.partner_shipping_id)
            order.kehu_customer_id = next((partner.kehu_customer_id for partner in partners if partner.kehu_customer_id), False)
        entered = outside.filtered(lambda order: order.kehu_customer_id and order.state in OPEN_STATES)
        for records, names in ((entered.order_line, CALCULATED_LINES), (entered, CALCULATED)):
            for name in names if records else ():
                self.env.add_to_compute(records._fields[name], records)

    @api.depends("state")
    def _compute_kehu_document(self):
        for order in self:
            order.kehu_document = "order" if order.state == "sale" else order.kehu_document or "quote"

    @api.depends("state", "invoice_status", "kehu_approval_state")
    def _compute_kehu_progress(self):
        for order in self:
            if order.state == "cancel":
                order.kehu_progress = "cancelled"
            elif order.state == "sale":
                order.kehu_progress = "done" if order.invoice_status == "invoiced" else order._kehu_confirmed_progress()
            else:
                order.kehu_progress = order.kehu_approval_state

    def _kehu_confirmed_progress(self):
        """The progress of this one order when it is confirmed and not done: approved only when somebody approved it."""
        return "approved" if self.kehu_approval_state == "approved" else "confirmed"

    @api.depends("kehu_customer_id", "company_id", "state")
    def _compute_kehu_approval_required(self):
        """Cancelled and confirmed orders ask for no approval."""
        open_orders = self.filtered(lambda order: order.state in OPEN_STATES)
        (self - open_orders).kehu_approval_required = False
        return super(SaleOrder, open_orders)._compute_kehu_approval_required()

    @api.depends("kehu_document", "state", "order_line", "user_id")
    def _compute_kehu_can(self):
        """Who may write on an order may invoice it; its own life is for the line of its owner."""
        result = super()._compute_kehu_can()
        for order in self:
            order.kehu_can_invoice = order.kehu_can_edit
            if not order._origin._kehu_is_in_line():
                order.kehu_can_edit = order.kehu_can_submit = False
        return result

    @api.depends("kehu_document", "state", "order_line")
    def _compute_kehu_approval_hint(self):
        return super()._compute_kehu_approval_hint()

    # ------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        check_not_derived(self, vals_list, DERIVED)
        orders = super(SaleOrder, without_defaults(self, DERIVED)).create(vals_list)
        orders.filtered(lambda order: order.state == "sale")._kehu_check_inside()
        orders._kehu_check_confirmed()
        return orders

    def write(self, vals):
        check_not_derived(self, [vals], DERIVED)
        target = vals.get("state")
        # the life of an order, and to whom it belongs: whoever could take it over could do all the rest
        for name in ("state", "user_id", "kehu_document"):
            if name in vals:
                changing = self.filtered(lambda order, name=name: changed_fields(order, vals, {name}))
                changing._kehu_check_line()
                if name == "state" and target == "sale":
                    changing._kehu_check_inside()
                    if "user_id" in vals:
                        changing._kehu_check_approval()  # as the owner has it, not with the limits of who gets it
                if name == "kehu_document":
                    staying = changing.filtered(lambda order: not target or order.state == target)
                    # sudo: approval state only; what is frozen says so itself
                    staying.filtered(lambda order: order.sudo().kehu_approval_state not in FROZEN_STATES)._kehu_check_convertible()
        left = self.browse()
        if target in ("draft", "sent", "cancel"):
            # leaving the confirmed state, cancelling, reopening: what was approved is no more
            left = self.filtered(lambda order: order.state != target and (order.state == "sale" or target != "sent"))
        if "date_order" in vals:
            # the host sets it when it confirms; later it would move what is overdue
            for order in self:
                confirming = target == "sale" and order.state in OPEN_STATES
                # sudo: state only: the guard holds for every writer
                if order.sudo().kehu_approval_state in FROZEN_STATES and not confirming and changed_fields(order, vals, {"date_order"}):
                    order._kehu_raise_frozen()
        if "partner_id" in vals:
            self.check_access("write")  # before a sentence names an order and its customer
            self._kehu_check_customer_stays(vals)
        (self - left)._kehu_check_signature(vals)  # the host takes the signature off what is reopened
        result = super().write(vals)
        if left:
            left._kehu_reset_approval()
            if target == "draft":
                left.filtered(lambda order: order.kehu_document != "quote").kehu_document = "quote"
        if target == "sale" or not vals.keys().isdisjoint(self._kehu_protected_fields()):
            self._kehu_check_confirmed()
        return result

    def _kehu_check_customer_stays(self, vals):
        """A confirmed order keeps its customer, also one that needed no approval: goods, invoices and receipts follow it.

        :raises KehuOrderError: naming the order and its customer
        """
        if open_reason(self.env):
            return
        # sudo: sale.order, res.partner - the guard holds for every writer
        for order in self.sudo().filtered(lambda order: order.state == "sale" and order.kehu_customer_id):
            partner = order.partner_id.browse(vals["partner_id"] or [])
            if changed_fields(order, vals, {"partner_id"}) and partner.kehu_customer_id != order.kehu_customer_id:
                raise KehuOrderError(
                    self.env._(
                        "“%(order)s” is confirmed and stays with “%(customer)s”, to whom its goods, invoices and receipts belong. "
                        "Cancel it and make a new order for the other customer.",
                        order=order.display_name,
                        customer=order.kehu_customer_id.display_name,
                    )
                )

    def _kehu_check_signature(self, vals):
        """The customer signs in the portal, where the host writes as the system, before approval or after it; nobody signs in their name.

        :raises KehuApprovalFrozenError: naming the order
        """
        signing = self._kehu_system_fields() & vals.keys()
        if not signing or self.env.su or open_reason(self.env):
            return
        for order in self:
            # sudo: state only: the guard holds for every writer
            if order.sudo().kehu_approval_state in FROZEN_STATES and changed_fields(order, vals, signing):
                order._kehu_raise_frozen()

    def _kehu_is_in_line(self):
        """Tell whether the user is the owner of this order or above them; only they move it on, cancel or reopen it.

        Accountants write on orders too, to invoice them. Orders of partners outside the CRM stay as the host has them.
        """
        user, order = self.env.user, self.sudo()  # sudo: sale.order, res.users - owner, to compare only
        if self.env.su or not order.kehu_customer_id or user == order.user_id:
            return True
        if user.has_group("sales_team.group_sale_salesman_all_leads"):
            return True
        if not order.user_id:
            return user.has_group("sales_team.group_sale_salesman")
        return user.has_group("kehu_crm.group_kehu_manager") and bool(user._kehu_oversees(order.user_id))

    def _kehu_check_line(self):
        """:raises KehuOrderRightError: unless the user is in the line of the owner of each of these orders"""
        for order in self:
            if not order._kehu_is_in_line():
                raise KehuOrderRightError(
                    self.env._(
                        "“%(order)s” belongs to %(owner)s. Only they, their manager, the director and administrators of sales confirm, "
                        "convert, submit, cancel or reopen it: ask one of them.",
                        order=order.display_name,
                        owner=order._kehu_names(order.user_id) or self.env._("nobody"),
                    )
                )

    def _kehu_check_confirmed(self):
        """Refuse a confirmed order that should have been approved first, whichever way it was confirmed or changed afterwards.

        :raises KehuOrderApprovalError: naming the order
        """
        self.filtered(lambda order: order.state == "sale")._kehu_check_approval()

    def _kehu_check_approval(self):
        """:raises KehuOrderApprovalError: naming the first of these orders that needs approval and has none"""
        # sudo: state only
        for order in self.filtered(lambda order: order.sudo().kehu_approval_state != "approved"):
            if order._kehu_lacks_approval():
                raise KehuOrderApprovalError(order._kehu_approval_missing_text())

    def _kehu_outside_text(self):
        """Why this user does not confirm this one order of a partner outside the CRM, as a sentence; False when they may.

        It would pass approval and receivables by. Those without a role in the CRM sell as the host has it, and so does the system; the
        administrator, who decides what is in the CRM, may.
        """
        user, order = self.env.user, self.sudo()  # sudo: sale.order - whether it belongs to the CRM, and names for the sentence
        if self.env.su or order.kehu_customer_id or order.kehu_approval_state == "approved":
            return False
        if not user.has_group("kehu_crm.group_kehu_user") or user.has_group("kehu_crm.group_kehu_admin"):
            return False
        return self.env._(
            "“%(partner)s” is not a customer of the CRM, so “%(order)s” cannot be confirmed: nobody would approve it or follow its money. "
            "Make it a CRM customer first.",
            partner=order.partner_id.complete_name,
            order=order.display_name,
        )

    def _kehu_is_slipping_by(self):
        """Tell whether one of us made this one order of a partner outside the CRM, who may not confirm it: see `_kehu_outside_text`.

        Whoever has the order has its link, on which anybody signs in the customer's name. What visitors of a shop order stays as it is.
        """
        self.ensure_one()
        order = self.sudo()  # sudo: sale.order - who made it and to whom it belongs
        people = order.create_uid | order.user_id if order.create_uid._is_internal() else order.user_id.browse()
        return any(order.with_user(user)._kehu_outside_text() for user in people)

    def _kehu_check_inside(self):
        """:raises KehuOrderApprovalError: for the first of these orders that :meth:`_kehu_outside_text` speaks of"""
        for order in self:
            text = order._kehu_outside_text()
            if text:
                raise KehuOrderApprovalError(text)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_not_own_quotes(self):
        """Salespeople delete their own drafts and rejected orders; whom the host lets delete orders, deletes as the host says.

        Our own access lets salespeople delete orders at all, so those outside the CRM are refused to whom only that access allows it.
        """
        if self.env.su or self.env.user.has_group("sales_team.group_sale_manager"):
            return
        orders = self.filtered("kehu_customer_id")
        if self - orders and not self._kehu_host_lets_delete():
            orders = self
        for order in orders:
            own = order.user_id == self.env.user and order.kehu_customer_id
            if not own or order.state not in ("draft", "cancel") or order.kehu_approval_state not in ("draft", "rejected"):
                raise KehuOrderDeletionError(
                    self.env._(
                        "“%(order)s” cannot be deleted by you. You can delete your own drafts, rejected and cancelled orders.",
                        order=order.display_name,
                    )
                )

    def _kehu_host_lets_delete(self):
        """Tell whether the current user may delete orders without the access that we give to salespeople."""
        # sudo: ir.model.access - which accesses there are
        accesses = self.env["ir.model.access"].sudo()
        allowing = accesses.search([("model_id.model", "=", self._name), ("perm_unlink", "=", True)])
        ours = self.env["ir.model.data"]._xmlid_to_res_id("kehu_crm.sale_order_access_user")
        groups = self.env.user.all_group_ids
        return any(access.id != ours and (not access.group_id or access.group_id in groups) for access in allowing)

    # ------------------------------------------------------------
    # Quote and order
    # ------------------------------------------------------------

    def kehu_to_order(self):
        """Turn quotes into orders, ready to be submitted. All or none."""
        self._kehu_change_document("order")
        return True

    def kehu_submit(self, approver_id=None, comment=None):
        """Submit orders for approval; a quote becomes an order by it. See the mixin."""
        self.check_access("write")
        self._kehu_read_ahead(approver_id)
        self._kehu_check_line()
        check_claimed(self.sudo().kehu_customer_id.with_env(self.env))  # sudo: res.partner - whom the orders are for, to compare only
        quotes = self.filtered(lambda order: order.kehu_document == "quote" and order.state in OPEN_STATES)
        if quotes:
            quotes.kehu_to_order()
        return super().kehu_submit(approver_id=approver_id, comment=comment)

    def _kehu_get_hint(self):
        if self.kehu_document == "quote" and self.kehu_approval_state == "draft" and self.kehu_approval_required:
            return self.env._("It is still a quote: convert it to an order first.")
        return super()._kehu_get_hint()

    def kehu_to_quote(self):
        """Turn orders that nobody has approved back into quotes. All or none."""
        self._kehu_change_document("quote")
        return True

    def _kehu_change_document(self, document):
        self.check_access("write")
        self._kehu_check_line()
        self._kehu_check_convertible()
        self.filtered(lambda order: order.kehu_document != document).write({"kehu_document": document})

    def _kehu_check_convertible(self):
        """:raises KehuOrderError: when one of these orders is confirmed or cancelled"""
        for order in self:
            if order.state not in OPEN_STATES:
                raise KehuOrderError(
                    self.env._(
                        "“%(order)s” is confirmed or cancelled; only open quotes and orders can be converted to each other.",
                        order=order.display_name,
                    )
                )

    # ------------------------------------------------------------
    # Confirming
    # ------------------------------------------------------------

    def _kehu_lacks_approval(self):
        """Tell whether this one order must not be confirmed for want of approval."""
        self.ensure_one()
        state = self.sudo().kehu_approval_state  # sudo: sale.order - the guard holds for portal users too
        return state == "pending" or (state in ("draft", "rejected") and bool(self._kehu_find_flows()[self]))

    def _kehu_approval_missing_text(self):
        """What has to happen before this one order can be confirmed, as a sentence."""
        self.ensure_one()
        order = self.sudo()  # sudo: sale.order, kehu.approval.request - names for the sentence
        name = order.display_name
        if order.kehu_approval_state == "pending":
            return self.env._(
                "“%(order)s” waits for approval by %(approver)s and is confirmed by it.",
                order=name,
                approver=self._kehu_names(order.kehu_request_id.decider_ids),
            )
        if order.kehu_approval_state == "rejected":
            return self.env._("“%(order)s” was rejected. Correct it and submit it again; its approval confirms it.", order=name)
        if order.kehu_document == "quote":
            return self.env._("“%(order)s” needs approval before it can be confirmed. Convert it to an order and submit it.", order=name)
        return self.env._("“%(order)s” needs approval before it can be confirmed. Submit it; its approval confirms it.", order=name)

    def _confirmation_error_message(self):
        error = super()._confirmation_error_message()
        if not error and not is_engine(self.env, "confirmation") and self._kehu_lacks_approval():
            error = self._kehu_approval_missing_text()
        if not error:
            # sudo: res.partner - whom the order is for, to compare only
            unclaimed = unclaimed_customers(self.sudo().kehu_customer_id.with_env(self.env))
            error = unclaimed and unclaimed_text(unclaimed)
        return error or self._kehu_outside_text()

    def _kehu_host_confirmation_error(self):
        """Why the host would refuse to confirm this one order, approval aside."""
        return as_engine(self, "confirmation")._confirmation_error_message()

    def _action_confirm(self):
        """Who orders is a customer won: at the confirmation, not when the money comes. Nothing moves the stage back by itself."""
        result = super()._action_confirm()
        # sudo: res.partner - approvers and the portal cannot write customers
        newly_won = self.sudo().kehu_customer_id.filtered(lambda customer: customer.kehu_stage != "won")
        if newly_won:
            newly_won.write({"kehu_stage": "won"})
        return result

    def _validate_order(self):
        """The customer has signed or paid on the portal: confirm, or tell the salesperson what is next."""
        outside = self.filtered(lambda order: order._kehu_is_slipping_by())
        for order in outside:
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Accepted by the customer: make it a customer of the CRM, then submit the order for approval"),
                user_id=(order.user_id or order.create_uid).id,
            )
        waiting = (self - outside).filtered(lambda order: order._kehu_lacks_approval())
        for order in waiting.filtered(lambda order: order.kehu_approval_state != "pending" and order.user_id):
            summary = self.env._("Accepted by the customer: submit it for approval")
            if not order.with_user(order.user_id)._kehu_lacks_approval():
                # somebody else set its prices, and they may give what is given
                summary = self.env._("Accepted by the customer: check its prices and confirm it")
            order.activity_schedule("mail.mail_activity_data_todo", summary=summary, user_id=order.user_id.id)
        waiting |= outside
        return super(SaleOrder, self - waiting)._validate_order() if self - waiting else None

    def _has_to_be_paid(self):
        """No payment is asked for online before the order is approved."""
        return super()._has_to_be_paid() and not self._kehu_lacks_approval()

    def _is_confirmation_amount_reached(self):
        """A payment alone does not confirm an order that has to be approved."""
        return super()._is_confirmation_amount_reached() and not self._kehu_lacks_approval()

    def _can_be_edited_on_portal(self):
        return super()._can_be_edited_on_portal() and self.kehu_approval_state not in ("pending", "approved")

    # ------------------------------------------------------------
    # Hooks of the approval
    # ------------------------------------------------------------

    def _kehu_protected_fields(self):
        """Partners, terms, prices; the lines guard themselves."""
        return super()._kehu_protected_fields() | {
            "company_id",
            "currency_id",
            "fiscal_position_id",
            "kehu_document",
            "name",
            "note",
            "partner_id",
            "partner_invoice_id",
            "partner_shipping_id",
            "payment_term_id",
            "pricelist_id",
            "sale_order_template_id",
        }

    def _kehu_system_fields(self):
        return super()._kehu_system_fields() | SIGNATURE_FIELDS

    def _kehu_pending_fields(self):
        """What the approver was shown and the host changes after confirmation; the share paid in advance follows from paying at all."""
        names = {"commitment_date", "prepayment_percent", "require_payment", "require_signature", "validity_date"}
        return super()._kehu_pending_fields() | names

    def _kehu_is_governed(self):
        return bool(self.sudo().kehu_customer_id) or super()._kehu_is_governed()  # sudo: res.partner - whether there is one

    def _kehu_submit_error(self):
        if self.state not in OPEN_STATES:
            return self.env._("It is confirmed or cancelled already.")
        if not self.order_line.filtered(lambda line: not line.display_type):
            return self.env._("It has no product yet: add at least one line.")
        return self._kehu_host_confirmation_error() or super()._kehu_submit_error()

    def _kehu_approval_subject(self):
        return f"{self.partner_id.display_name} · {amount_text(self.env, self.amount_total, self.currency_id)}"

    def _kehu_on_approved(self):
        """Confirm as the host does, with its checks; one that cannot be confirmed undoes the whole decision."""
        result = super()._kehu_on_approved()
        for order in self:
            error = order._confirmation_error_message()
            if error:
                raise KehuOrderError(
                    self.env._(
                        "“%(order)s” cannot be confirmed, so nothing was approved. %(reason)s", order=order.display_name, reason=error
                    )
                )
        self.with_context(validate_analytic=True).action_confirm()
        return result
