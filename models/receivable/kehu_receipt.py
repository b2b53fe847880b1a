from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_amount

from ...tools.apportion import apportion
from ..customer.hidden import hidden_customers, sent_link
from ..sales.customer_access import partners_in_form
from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from .checks import check_links_exist, check_money, check_values
from .exceptions import (
    KehuOverAllocationError,
    KehuReceiptError,
    KehuReceiptPostingError,
    KehuReceiptRightError,
    KehuReceiptStateError,
)

# set by the steps of a receipt, or computed: Odoo lets RPC write a stored computed column too
ENGINE_FIELDS = frozenset(
    {"name", "state", "payment_id", "cancelled_on", "amount_allocated", "advance", "advance_open", "advance_line_ids", "kehu_department_id"}
)
OPEN_STATES = ("draft", "pending", "rejected")  # not yet in the ledger


class KehuReceipt(models.Model):
    """Money a customer paid, which orders it is for, and the payment it became.

    ======== =========== ================================================================
    from     to          by
    ======== =========== ================================================================
    draft    pending     kehu_submit: checked again
    rejected pending     kehu_submit, after correction
    pending  draft       kehu_withdraw
    pending  rejected    kehu_reject
    pending  approved    kehu_approve: checked under lock of the orders, payment posted
    approved cancelled   action_cancel: payment taken back, orders owe again
    ======== =========== ================================================================

    Only drafts and rejected receipts can be deleted. The number of a receipt is never used twice.
    """

    _name = "kehu.receipt"
    _description = "Receipt"
    _inherit = ["mail.thread", "mail.activity.mixin", "kehu.posted.mixin", "kehu.operation.log.mixin", "kehu.salesperson.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _kehu_engine_fields = ENGINE_FIELDS

    name = fields.Char(string="Receipt Number", readonly=True, copy=False, index="trigram", default=lambda self: self.env._("New"))
    # who
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
        ondelete="restrict",
        domain="[('kehu_is_customer', '=', True)]",
        help="Customer whose orders are paid.",
    )
    payer = fields.Many2one(
        "res.partner",
        compute="_compute_payer",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        check_company=True,
        ondelete="restrict",
        help="Who the money came from, when it is not the customer: a parent company, an agent. The customer's debt is what it pays.",
    )
    user_id = fields.Many2one(help="Who looks after this receipt. Salespeople see their own receipts.")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    # money
    date = fields.Date(required=True, default=fields.Date.context_today, copy=False, tracking=True, help="Day on which the money arrived.")
    journal_id = fields.Many2one(
        "account.journal",
        string="Received In",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
        ondelete="restrict",
        default=lambda self: self._default_journal_id(),
        domain="[('type', 'in', ('bank', 'cash'))]",
        help="Bank account or cash box that the money came into.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
        help="Currency of the money: that of the orders it pays, unless the journal holds another one.",
    )
    order_currency_id = fields.Many2one(
        "res.currency",
        string="Currency of Further Orders",
        compute="_compute_order_currency_id",
        export_string_translation=False,
        help="Orders of this currency can be added; of any currency when empty.",
    )
    amount = fields.Monetary(required=True, tracking=True, help="All the money that came in, allocated or not.")
    allocation_ids = fields.One2many("kehu.receipt.allocation", "receipt_id", string="Allocations", copy=False)
    amount_allocated = fields.Monetary(string="Allocated", compute="_compute_advance", store=True)
    advance = fields.Monetary(
        compute="_compute_advance",
        store=True,
        help="What is not allocated to an order: stays with the customer as money paid in advance.",
    )
    advance_open = fields.Monetary(
        string="Open Advance",
        compute="_compute_advance_open",
        compute_sudo=True,
        store=True,
        help="What is left of the advance by the ledger: neither used for an order, nor refunded, nor matched with an invoice.",
    )
    advance_line_ids = fields.One2many(
        "account.move.line",
        "kehu_advance_receipt_id",
        string="Advance in the Ledger",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
        help="The part of the posted payment that is not for any order.",
    )
    note = fields.Char(help="What the bank statement or the customer says about the payment.")
    # life
    state = fields.Selection(
        [("draft", "Draft"), ("pending", "Pending"), ("approved", "Approved"), ("rejected", "Rejected"), ("cancelled", "Cancelled")],
        compute="_compute_state",
        store=True,
        index=True,
        help="Draft, rejected: can be changed and deleted. Pending: waits for a decision. Approved: posted. Cancelled: taken back.",
    )
    payment_id = fields.Many2one(
        "account.payment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The payment in the accounting that the approval posted.",
    )
    payment_number = fields.Char(
        related="payment_id.name", string="Payment Number", help="Under which the payment is found in the accounting."
    )
    cancelled_on = fields.Datetime(readonly=True, copy=False)

    _open_advance_idx = models.Index("(partner_id, company_id) WHERE advance_open > 0")
    _name_uniq = models.UniqueIndex("(company_id, name)", "Another receipt of this company has that number already.")

    # ------------------------------------------------------------------
    # Defaults and computes
    # ------------------------------------------------------------------

    def _default_journal_id(self):
        """The first journal for money; for a receipt in a known currency one that holds it, else one that takes any."""
        company = self.env["res.company"].browse(self.env.context.get("default_company_id")) or self.env.company
        journals = self.env["account.journal"].search(
            [*self.env["account.journal"]._check_company_domain(company), ("type", "in", ("bank", "cash"))]
        )
        currency = self.env["res.currency"].browse(self.env.context.get("default_currency_id"))
        fitting = journals.filtered(lambda journal: (journal.currency_id or company.currency_id) == currency)
        return (fitting or journals.filtered(lambda journal: currency and not journal.currency_id) or journals)[:1]

    @api.depends("partner_id")
    def _compute_payer(self):
        for receipt in self:
            receipt.payer = receipt.partner_id

    @api.depends("journal_id", "company_id")
    def _compute_currency_id(self):
        """Not depending on the allocations: a stored amount does not change its currency because an order is added."""
        for receipt in self:
            receipt.currency_id = (
                receipt.journal_id.currency_id
                or receipt._kehu_first_order_currency()
                or receipt.currency_id
                or receipt.company_id.currency_id
            )

    @api.depends("journal_id.currency_id", "allocation_ids.order_id")
    def _compute_order_currency_id(self):
        for receipt in self:
            # sudo: account.journal - its currency, for approvers, who may not open journals
            receipt.order_currency_id = receipt.journal_id.sudo().currency_id or receipt._kehu_first_order_currency()

    def _kehu_first_order_currency(self):
        """:return: currency of the first order among the allocations that this person may know; empty without one"""
        self.ensure_one()
        # sudo: sale.order - its currency, for who knows the order
        return self.allocation_ids._kehu_telling().order_id.sudo()[:1].currency_id

    @api.depends("amount", "currency_id", "allocation_ids.amount")
    def _compute_advance(self):
        for receipt in self:
            receipt.amount_allocated = receipt._kehu_allocated()
            receipt.advance = receipt.amount - receipt.amount_allocated

    @api.depends("state", "advance_line_ids.amount_residual_currency", "advance_line_ids.parent_state")
    def _compute_advance_open(self):
        """The ledger says what is open, whoever matched what: a use of ours, a refund, or an accountant."""
        for receipt in self:
            lines = receipt.advance_line_ids.filtered(lambda line: line.parent_state == "posted")
            is_open = receipt.state == "approved" and bool(lines)
            receipt.advance_open = -sum(lines.mapped("amount_residual_currency")) if is_open else 0.0

    def _kehu_allocated(self):
        """:return: sum of the allocations as they are; posting relies on it and not on the stored column"""
        self.ensure_one()
        return sum(self.allocation_ids.mapped("amount"))

    @api.depends("kehu_approval_state", "cancelled_on")
    def _compute_state(self):
        for receipt in self:
            receipt.state = "cancelled" if receipt.cancelled_on else receipt.kehu_approval_state

    # ------------------------------------------------------------------
    # While typing
    # ------------------------------------------------------------------

    def onchange(self, values, field_names, fields_spec):
        """Remember whether an advance was kept before the amount was typed; :meth:`_onchange_amount` asks for it."""
        if not self:
            self._kehu_check_partner_access(self.default_get(["partner_id", "payer", "allocation_ids"]))
        if hidden_customers(partners_in_form(self, values, ("partner_id", "payer"))):
            self._kehu_check_partner_access(
                {name: sent_link(values[name]) for name in ("partner_id", "payer") if name in values}
                | {"allocation_ids": values.get("allocation_ids")}
            )
        if "amount" in field_names:
            advance = values.get("advance", self.advance)
            remembering = self.with_context(kehu_advance_kept=isinstance(advance, (int, float)) and advance > 0)
            return super(KehuReceipt, remembering).onchange(values, field_names, fields_spec)
        return super().onchange(values, field_names, fields_spec)

    @api.onchange("amount")
    def _onchange_amount(self):
        """An only order takes what comes in, as far as it owes; the rest is an advance.

        Where the person took less than the order owes and kept an advance, that stays: the line then only never exceeds the receipt.
        E.g. 1,000 due and received, typed over with 600: 600 for the order; then 1,200: 1,000 for the order, 200 in advance.
        """
        line = self.allocation_ids
        if (
            len(line) != 1
            or self._origin.state not in (False, "draft", "rejected")
            or self.currency_id.compare_amounts(self.amount, 0.0) <= 0
        ):
            return
        known = bool(line._kehu_telling())
        kept = self.env.context.get("kehu_advance_kept") and self.currency_id.compare_amounts(line.amount, line.order_due) < 0
        if kept or not known:
            line.amount = min(line.amount, self.amount)
        elif self.currency_id.compare_amounts(line.order_due, 0.0) > 0:
            line.amount = min(line.order_due, self.amount)

    @api.onchange("company_id")
    def _onchange_company_id(self):
        """Money comes into a journal of the receipt's own company."""
        if self.company_id and self.journal_id.company_id not in self.company_id.parent_ids:
            self.journal_id = self.with_context(default_company_id=self.company_id.id)._default_journal_id()

    @api.onchange("allocation_ids")
    def _onchange_allocation_ids(self):
        """The first order brings its currency, and the amount as long as none is typed. A typed amount is what came in, so it stays."""
        if self._origin.state not in (False, "draft", "rejected"):
            return
        currency = self._kehu_first_order_currency()
        if currency and not self.journal_id.currency_id:
            self.currency_id = currency
        if not self.amount:
            self.amount = self._kehu_allocated()

    # ------------------------------------------------------------------
    # What a receipt must satisfy
    # ------------------------------------------------------------------

    @api.constrains("amount")
    def _check_amount(self):
        for receipt in self:
            check_money(self.env, receipt.amount)
            if receipt.currency_id.compare_amounts(receipt.amount, 0.0) <= 0:
                raise KehuReceiptError(
                    self.env._(
                        "The amount of receipt %(receipt)s must be greater than zero. Enter what the customer has paid.",
                        receipt=receipt.name,
                    )
                )

    @api.constrains("partner_id", "journal_id", "currency_id", "company_id", "amount", "allocation_ids")
    def _check_receipt(self):
        for receipt in self.filtered(lambda receipt: receipt.state in OPEN_STATES):
            receipt._kehu_check_values()

    def _kehu_check_values(self):
        """Check what one receipt says against itself and against its orders as they stand in the ledger now.

        :raises KehuReceiptError: with the sentence that says which rule is broken and what to do
        """
        self.ensure_one()
        receipt = self.sudo()  # sudo: sale.order - what an order owes does not depend on who asks
        journal, currency = receipt.journal_id, receipt.currency_id
        if not receipt.partner_id:
            raise KehuReceiptError(self.env._("Choose the customer whose orders are paid."))
        if not receipt.partner_id.kehu_is_customer:
            raise KehuReceiptError(
                self.env._(
                    "%(partner)s is not a customer of the CRM. Choose the customer whose orders are paid.", partner=receipt.partner_id.name
                )
            )
        if journal.type not in ("bank", "cash"):
            raise KehuReceiptError(
                self.env._(
                    "Receipt %(receipt)s: money comes into a bank or cash journal, and %(journal)s is neither.", **receipt._kehu_facts()
                )
            )
        if journal.currency_id and journal.currency_id != currency:
            raise KehuReceiptError(
                self.env._(
                    "Receipt %(receipt)s is in %(currency)s, but %(journal)s holds %(journal_currency)s only. "
                    "Choose a journal of that currency, or enter the amount in %(journal_currency)s.",
                    **receipt._kehu_facts(),
                    journal_currency=journal.currency_id.name,
                )
            )
        allocated = receipt._kehu_allocated()
        if currency.compare_amounts(allocated, receipt.amount) > 0:
            raise KehuOverAllocationError(
                self.env._(
                    "Receipt %(receipt)s brings %(amount)s, but %(allocated)s is allocated to orders. Lower an allocation or "
                    "correct the amount.",
                    **receipt._kehu_facts(),
                    allocated=format_amount(self.env, allocated, currency),
                )
            )
        for allocation in receipt.allocation_ids:
            allocation._kehu_check_order()

    def _kehu_facts(self):
        """:return: what most sentences about a receipt mention"""
        self.ensure_one()
        return {
            "receipt": self.name,
            "journal": self.journal_id.display_name,
            "currency": self.currency_id.name,
            "amount": format_amount(self.env, self.amount, self.currency_id),
        }

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_values(self, vals)
            self._kehu_check_engine_fields(field for field in ENGINE_FIELDS if vals.get(field))
        check_links_exist(self, vals_list)
        vals_list = [{name: value for name, value in vals.items() if name not in ENGINE_FIELDS} for vals in vals_list]
        defaults = self.default_get(["partner_id", "payer", "allocation_ids"])
        for vals in vals_list:
            company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
            if company not in self.env.companies and not self.env.su:
                raise KehuReceiptRightError(
                    self.env._("The company of this receipt is not among those you have switched on. Switch it on, then enter the receipt.")
                )
            if company != self.env.company and "journal_id" not in vals and not self.env.context.get("default_journal_id"):
                vals["journal_id"] = self.with_context(default_company_id=company.id)._default_journal_id().id
            date = fields.Date.to_date(vals.get("date") or self.env.context.get("default_date")) or fields.Date.context_today(self)
            # sudo: ir.sequence - taking the next number needs no right of its own
            sequence = self.env["ir.sequence"].sudo().with_company(company).with_context(ir_sequence_date=fields.Date.to_string(date))
            vals["name"] = sequence.next_by_code("kehu.receipt", date)
            self._kehu_check_partner_access({**defaults, **vals})
        return super().create(vals_list)

    def write(self, vals):
        self._kehu_check_engine_fields(ENGINE_FIELDS & vals.keys())
        if not is_engine(self.env, "receipt"):
            check_values(self, vals)
            check_links_exist(self, [vals])
        if "user_id" in vals and not self.env.su and any(receipt.user_id.id != vals["user_id"] for receipt in self):
            self._kehu_check_may_reassign()
        if "partner_id" in vals or "payer" in vals:
            for receipt in self:
                receipt._kehu_check_partner_access(vals)
        return super().write(vals)

    def _kehu_check_partner_access(self, vals):
        """Nobody enters a receipt for a customer or payer they may not see, unless it pays an order they see.

        Before the values are stored, since the sentences of the constraints name what they are about. Allocations look after their orders.

        A customer of the pool is nobody's: whoever sells claims it first. Finance enters what came in for anybody.

        :param dict vals: values of a create, or of a write on this one receipt
        :raises AccessError: as the host words it
        :raises KehuReceiptUnclaimedError: for a customer of the pool
        """
        if self.env.su:
            return
        partners = self.env["res.partner"].browse({vals.get("partner_id"), vals.get("payer")} - {False, None})
        paid = self._kehu_paid_customers(vals)
        if not partners.has_access("read"):
            partners -= paid
            partners.check_access("read")
        customer = partners.browse(vals.get("partner_id")) - paid - self.partner_id
        customer._kehu_check_claimed()

    def _kehu_paid_customers(self, vals):
        """Return the customers of the orders that the receipt pays, or would with these values, when the user sees all those orders.

        :rtype: res.partner
        """
        commands = [command for command in vals.get("allocation_ids") or [] if isinstance(command, (list, tuple))]
        added = [sent_link(command[2].get("order_id")) for command in commands if command[0] == Command.CREATE]
        orders = self.allocation_ids.order_id | self.env["sale.order"].browse(order_id for order_id in added if order_id)
        return orders.kehu_customer_id if orders and orders.has_access("read") else self.env["res.partner"]

    @api.model
    def _kehu_form_may_name(self, model_name, values):
        """A receipt names the customer of the order it pays, for whoever sees that order."""
        numbers = super()._kehu_form_may_name(model_name, values)
        return numbers | set(self._kehu_paid_customers(values).ids) if model_name == "res.partner" else numbers

    def _kehu_check_engine_fields(self, names):
        names = list(names)
        if names and not is_engine(self.env, "receipt"):
            raise KehuEngineOnlyError(
                self.env._(
                    "“%(field)s” of a receipt is set by the system. Use the buttons of the receipt instead.",
                    field=self._fields[names[0]]._description_string(self.env),
                )
            )

    @api.constrains("user_id")
    def _check_user(self):
        for receipt in self:
            user = receipt.sudo().user_id  # sudo: res.users - whether they work here
            if user.share or not user.active:
                raise KehuReceiptError(
                    self.env._(
                        "%(user)s does not work here and cannot look after receipt %(receipt)s. Choose a salesperson.",
                        user=user.name,
                        receipt=receipt.name,
                    )
                )

    def _kehu_check_may_reassign(self):
        if not self.env.user.has_groups("kehu_crm.group_kehu_manager,kehu_crm.group_kehu_finance,kehu_crm.group_kehu_admin"):
            raise KehuReceiptRightError(
                self.env._("Only a sales manager or finance may give receipt %(receipt)s to another salesperson.", receipt=self[:1].name)
            )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_submitted(self):
        if is_uninstalling(self.env):
            return
        for receipt in self:
            if receipt.state not in ("draft", "rejected"):
                raise KehuReceiptStateError(
                    self.env._(
                        "Receipt %(receipt)s is %(state)s and cannot be deleted. Withdraw a pending receipt, cancel an approved one.",
                        receipt=receipt.name,
                        state=receipt._kehu_state_label(),
                    )
                )

    # ------------------------------------------------------------------
    # Filling in
    # ------------------------------------------------------------------

    def action_allocate(self):
        """Allocate what is left of each receipt to the open orders of its customer, the oldest order first.

        Only orders the user may see; what other allocations of the receipt take stays as it is.
        """
        for receipt in self:
            receipt.check_access("write")
            left = receipt.amount - receipt._kehu_allocated()
            orders = self.env["sale.order"].search(receipt._kehu_open_orders_domain(), order="date_order, id")
            commands = []
            for order in orders - receipt.allocation_ids.order_id:
                if receipt.currency_id.compare_amounts(left, 0.0) <= 0:
                    break
                amount = min(left, order.kehu_amount_due)
                commands.append(Command.create({"order_id": order.id, "amount": amount}))
                left -= amount
            if not commands:
                raise KehuReceiptStateError(
                    self.env._(
                        "Nothing to allocate on receipt %(receipt)s: either all of it is allocated already, or %(partner)s has "
                        "no confirmed "
                        "order in %(currency)s that still owes money.",
                        **receipt._kehu_facts(),
                        partner=receipt.partner_id.display_name,
                    )
                )
            receipt.write({"allocation_ids": commands})
        return True

    def _kehu_open_orders_domain(self):
        self.ensure_one()
        return Domain(
            [
                ("state", "=", "sale"),
                ("kehu_customer_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("kehu_amount_due", ">", 0),
            ]
        )

    # ------------------------------------------------------------------
    # Approval: hooks of the mixin
    # ------------------------------------------------------------------

    def _kehu_no_flow_text(self):
        self.ensure_one()
        return self.env._(
            "Receipt %(receipt)s cannot be submitted: there is no active approval flow for it. Ask a CRM administrator to activate one "
            "under Configuration, Approval Flows.",
            receipt=self.name,
        )

    def _kehu_protected_fields(self):
        return super()._kehu_protected_fields() | {
            "partner_id",
            "payer",
            "date",
            "journal_id",
            "payment_method_line_id",
            "currency_id",
            "company_id",
            "amount",
        }

    def _kehu_approval_subject(self):
        self.ensure_one()
        return f"{self.partner_id.display_name} · {format_amount(self.env, self.amount, self.currency_id)}"

    def _kehu_submit_error(self):
        """A form that is not saved yet is judged by what is saved: what it names may be out of this person's sight."""
        self.ensure_one()
        if self != self._origin:
            return self._origin._kehu_submit_error() if self._origin else False
        if self.state == "cancelled":
            return self.env._("Receipt %(receipt)s is cancelled. Enter a new receipt instead.", receipt=self.name)
        try:
            self._kehu_check_values()
        except KehuReceiptError as error:
            return str(error)
        return super()._kehu_submit_error()

    def _kehu_on_approved(self):
        """Post the payments. The orders are locked first, then looked at again: two receipts never collect the same money."""
        super()._kehu_on_approved()
        # sudo: account.payment, sale.order - whoever approves receipts needs no right in accounting
        receipts = self.sudo()
        receipts._kehu_lock_orders()
        for batch in receipts._kehu_batches():
            for receipt in batch:
                receipt._kehu_check_values()
            batch._kehu_post_payments()
        return True

    def _kehu_batches(self):
        """Split receipts so that each batch is of one company and no two in it pay the same order: what is checked before a batch is
        posted holds for all in it, and a later batch sees what an earlier one collected.

        :return: list of kehu.receipt
        """
        batches = []
        for receipt in self:
            orders = set(receipt.allocation_ids.order_id.ids)
            for batch in batches:
                if batch["company"] == receipt.company_id and batch["orders"].isdisjoint(orders):
                    batch["ids"].append(receipt.id)
                    batch["orders"] |= orders
                    break
            else:
                batches.append({"company": receipt.company_id, "orders": orders, "ids": [receipt.id]})
        return [self.browse(batch["ids"]) for batch in batches]

    def _kehu_lock_orders(self):
        """Lock the orders of these receipts until the end of the transaction.

        A receipt that is approved at the same time also changes the order's row: then either the lock fails here with a sentence, or the
        database reports a serialization failure and the request runs again on the new figures.

        :raises KehuReceiptStateError: when another transaction holds one of the orders
        """
        self.allocation_ids.order_id._kehu_lock_for_receipt()

    # ------------------------------------------------------------------
    # Accounting
    # ------------------------------------------------------------------

    def _kehu_post_payments(self):
        """Post one payment per receipt, its receivable side split per order plus advance, and match them with the invoices there are.

        The receipts are of one company. What the host does set-wise is done for all of them at once.
        """
        receipts = self.with_company(self.company_id)
        orders = receipts.allocation_ids.order_id
        # fetched together here, found in the cache order by order
        orders.order_line.invoice_lines.move_id.line_ids.mapped("display_type")
        parts = {receipt: receipt._kehu_payment_parts() for receipt in receipts}
        known = {}
        payments = receipts.env["account.payment"]._kehu_create_posted(
            [receipt._kehu_prepare_payment(parts[receipt], known) for receipt in receipts]
        )
        for receipt, payment in zip(receipts, payments, strict=True):
            if not payment.move_id:
                raise KehuReceiptPostingError(
                    self.env._(
                        "Receipt %(receipt)s would be posted without a journal entry. Set an outstanding receipts account on the "
                        "payment method of %(journal)s.",
                        **receipt._kehu_facts(),
                    )
                )
            as_engine(receipt, "receipt").write({"payment_id": payment.id})
        orders._kehu_match_receipts()

    def _kehu_payment_parts(self):
        """Split a receipt into what goes on which receivable; the parts add up to its amount.

        :return: one dict per order and one for the advance: order (empty for the advance), partner and account of the receivable, amount
            in the receipt's currency, positive
        :rtype: list[dict]
        """
        self.ensure_one()
        parts = []
        for allocation in self.allocation_ids:
            parts.append(self._kehu_order_part(allocation.order_id, allocation.amount))
        advance = self.currency_id.round(self.amount - self._kehu_allocated())
        if self.currency_id.compare_amounts(advance, 0.0) > 0:
            partner = self.partner_id.commercial_partner_id
            order = self.env["sale.order"]
            parts.append({"order": order, "partner": partner, "account": self._kehu_receivable_account(partner), "amount": advance})
        return parts

    def _kehu_order_part(self, order, amount):
        """:return: on which receivable money for an order goes, as :meth:`_kehu_payment_parts` has it"""
        partner = order.partner_invoice_id.commercial_partner_id
        invoiced_on = order._kehu_open_invoices().line_ids.filtered(lambda line: line.display_type == "payment_term").account_id[:1]
        account = invoiced_on or order.fiscal_position_id.map_account(self._kehu_receivable_account(partner))
        return {"order": order, "partner": partner, "account": account, "amount": amount}

    def _kehu_receivable_account(self, partner):
        account = partner.with_company(self.company_id).property_account_receivable_id
        if not account:
            raise KehuReceiptPostingError(
                self.env._(
                    "%(partner)s has no receivable account in %(company)s. Set one on the partner, or install a chart of accounts.",
                    partner=partner.display_name,
                    company=self.company_id.name,
                )
            )
        return account

    def _kehu_prepare_payment(self, parts, known):
        """What :meth:`account.payment._kehu_create_posted` wants for this one receipt: each part on an item of its own, with its order.

        :param dict known: see :meth:`_kehu_set_liquidity`
        :rtype: tuple
        """
        self.ensure_one()
        company = self.company_id
        values = {
            "partner_type": "customer",
            "payment_type": "inbound",
            "partner_id": self.payer.id,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "journal_id": self.journal_id.id,
            "company_id": company.id,
            "date": self.date,
            "memo": f"{self.name} {self.note}" if self.note else self.name,
            **self._kehu_payment_method_values(),
        }
        liquidity_account = self._kehu_set_liquidity(values, known)
        balance = self.currency_id._convert(self.amount, company.currency_id, company, self.date)
        balances = apportion(balance, {index: part["amount"] for index, part in enumerate(parts)}, company.currency_id.rounding)
        line = {"name": values["memo"], "currency_id": self.currency_id.id, "date_maturity": self.date}
        lines = [
            Command.create(
                {
                    **line,
                    "account_id": liquidity_account.id,
                    "partner_id": self.payer.commercial_partner_id.id,
                    "amount_currency": self.amount,
                    "debit": balance,
                    "credit": 0.0,
                }
            )
        ] + [
            Command.create(
                {
                    **line,
                    "name": f"{self.name} {part['order'].name}" if part["order"] else values["memo"],
                    "account_id": part["account"].id,
                    "partner_id": part["partner"].id,
                    "amount_currency": -part["amount"],
                    "debit": 0.0,
                    "credit": balances[index],
                    "kehu_order_id": part["order"].id,
                    "kehu_advance_receipt_id": not part["order"] and self.id,
                }
            )
            for index, part in enumerate(parts)
        ]
        return values, liquidity_account, lines

    def _kehu_set_liquidity(self, payment_values, known):
        """Put the payment method into values of a payment, and tell the account that the money is booked on.

        The account is that of the payment method, else the outstanding receipts (or payments) account of the chart.

        :param dict known: accounts of the chart found so far, for further payments: {(company, direction): account}
        :return: the account
        :rtype: account.account
        :raises KehuReceiptPostingError: when there is none
        """
        self.ensure_one()
        draft = self.env["account.payment"].with_company(self.company_id).new(payment_values)
        names = {**self._kehu_facts(), "journal": draft.journal_id.display_name}
        if not draft.payment_method_line_id:
            if draft.payment_type == "outbound":
                raise KehuReceiptPostingError(
                    self.env._(
                        "%(journal)s has no payment method for outgoing payments. Ask the accountant to add one to the journal, then "
                        "approve again.",
                        **names,
                    )
                )
            raise KehuReceiptPostingError(
                self.env._(
                    "%(journal)s has no payment method for incoming payments. Ask the accountant to add one to the journal, then "
                    "approve again.",
                    **names,
                )
            )
        direction = (self.company_id, draft.payment_type)
        account = draft.payment_method_line_id.payment_account_id or known.get(direction)
        if not account:
            try:
                account = known[direction] = draft._get_outstanding_account(draft.payment_type)
            except UserError as error:
                if draft.payment_type == "outbound":
                    raise KehuReceiptPostingError(
                        self.env._(
                            "%(journal)s has no account for outgoing payments and the company has no default one. Ask the accountant to "
                            "set an outstanding payments account on the payment method of the journal, then approve again.",
                            **names,
                        )
                    ) from error
                raise KehuReceiptPostingError(
                    self.env._(
                        "%(journal)s has no account for incoming payments and the company has no default one. Ask the accountant to set an "
                        "outstanding receipts account on the payment method of the journal, then approve again.",
                        **names,
                    )
                ) from error
        payment_values["payment_method_line_id"] = draft.payment_method_line_id.id
        return account

    # ------------------------------------------------------------------
    # Cancelling
    # ------------------------------------------------------------------

    def action_cancel(self):
        """Take approved receipts back: payment cancelled (reversed where the period is locked), orders owe again.

        For finance and CRM administrators; for receipt approvers where it was submitted to them and is not their own.
        """
        self._kehu_check_may_cancel()
        asked = self.browse(dict.fromkeys(self.ids))  # a client may send an id twice
        for receipt in asked:
            if receipt.state != "approved":
                raise KehuReceiptStateError(
                    self.env._(
                        "Receipt %(receipt)s is %(state)s; only an approved receipt can be cancelled.",
                        receipt=receipt.name,
                        state=receipt._kehu_state_label(),
                    )
                )
        # sudo: account.payment - the right to cancel was checked above; it needs no right in accounting
        receipts = asked.sudo()
        receipts._kehu_lock_receipts()
        receipts._kehu_check_advance_unused()
        receipts._kehu_lock_orders()
        for receipt in receipts:
            receipt._kehu_cancel_payment()
        as_engine(receipts, "receipt").write({"cancelled_on": fields.Datetime.now()})
        # what these paid is open again, and may be for parts of other receipts
        receipts.allocation_ids.order_id._kehu_match_receipts()
        for receipt in receipts:
            receipt.message_post(body=self.env._("Cancelled by %(user)s: the payment is taken back.", user=self.env.user.name))
        return True

    def _kehu_check_may_cancel(self):
        """Approvers cancel what they were asked about, as they decide on it: not their own documents, unless the flow allows that.

        :raises KehuReceiptRightError: otherwise
        """
        self.check_access("read")
        user = self.env.user
        if self.env.su or user.has_groups("kehu_crm.group_kehu_finance,kehu_crm.group_kehu_admin"):
            return
        if not user.has_group("kehu_crm.group_kehu_receipt_approver"):
            raise KehuReceiptRightError(
                self.env._("Only a receipt approver, finance or a CRM administrator may cancel receipt %(receipt)s.", receipt=self[:1].name)
            )
        for receipt in self:
            request = receipt.sudo().kehu_request_id  # sudo: kehu.approval.request - to judge, not to return
            # who was named for a time, and neither asked nor heard, has no say in what was posted
            if user not in request.step_line_ids.user_ids | request.decision_ids.user_id:
                raise KehuReceiptRightError(
                    self.env._(
                        "Receipt %(receipt)s was not submitted to you. Ask its approver, finance or a CRM administrator to cancel it.",
                        receipt=receipt.name,
                    )
                )
            if not request.allow_self and user in (request.requester_id | request.owner_id | receipt._kehu_own_people()):
                raise KehuReceiptRightError(
                    self.env._(
                        "Receipt %(receipt)s is your own document. Ask finance or a CRM administrator to cancel it.", receipt=receipt.name
                    )
                )

    def _kehu_check_advance_unused(self):
        """What was used for an order or paid back is taken back first: those entries stand on this receipt's payment.

        :raises KehuReceiptStateError: naming the use or refund
        """
        use = self.env["kehu.advance.use"].search([("receipt_id", "in", self.ids), ("state", "=", "approved")], limit=1)
        if use.kind == "free":
            raise KehuReceiptStateError(
                self.env._(
                    "A part of receipt %(receipt)s was taken off its orders by %(use)s. Cancel that first, then the receipt.",
                    receipt=use.receipt_id.name,
                    use=use.name,
                )
            )
        if use:
            raise KehuReceiptStateError(
                self.env._(
                    "The advance of receipt %(receipt)s was used or refunded by %(use)s. Cancel that first, then the receipt.",
                    receipt=use.receipt_id.name,
                    use=use.name,
                )
            )

    def _kehu_lock_receipts(self):
        locked = self.try_lock_for_update()
        if self - locked:
            raise KehuReceiptStateError(
                self.env._(
                    "Receipt %(receipt)s is being changed by somebody else at this moment. Try again.", receipt=(self - locked)[0].name
                )
            )

    def _kehu_cancel_payment(self):
        self.ensure_one()
        if self._kehu_is_on_statement(self.payment_id):
            raise KehuReceiptPostingError(
                self.env._(
                    "The payment of receipt %(receipt)s is matched with a bank statement. Undo that match first, then cancel the receipt.",
                    receipt=self.name,
                )
            )
        self._kehu_take_entry_back(self.payment_id.move_id, self.payment_id)

    # ------------------------------------------------------------------
    # Going elsewhere
    # ------------------------------------------------------------------

    def action_open_payment(self):
        """Show the payments of these receipts; what the person may see of them is the host's decision."""
        self.check_access("read")
        payments = self.payment_id
        if not payments:
            raise KehuReceiptStateError(self.env._("There is no payment yet: it is posted when the receipt is approved."))
        action = {"type": "ir.actions.act_window", "name": self.env._("Payment"), "res_model": "account.payment"}
        if len(payments) == 1:
            return {**action, "res_id": payments.id, "views": [(False, "form")]}
        return {**action, "views": [(False, "list"), (False, "form")], "domain": [("id", "in", payments.ids)]}
