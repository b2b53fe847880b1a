from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import format_amount

from ...tools.apportion import apportion
from ..approval.exceptions import KehuApprovalError
from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from ..system.values import check_types
from .checks import check_links_exist, check_money, check_values
from .exceptions import KehuAdvanceError, KehuReceiptPostingError, KehuReceiptRightError, KehuReceiptStateError

# set by the steps of a use, or computed: Odoo lets RPC write a stored computed column too
ENGINE_FIELDS = frozenset(
    {"name", "state", "partner_id", "company_id", "currency_id", "payment_id", "move_id", "posted_on", "cancelled_on", "without_approval"}
)
FROZEN_FIELDS = frozenset({"kind", "receipt_id", "date", "amount", "journal_id", "line_ids"})


class KehuAdvanceUse(models.Model):
    """What becomes of an advance later: it pays orders (use), or it goes back to the customer (refund). And how it comes to be later: what
    orders do not owe any more, since they were lowered after they were collected, becomes an advance of the receipt (free).

    ======== =========== ====================================================================================
    from     to          by
    ======== =========== ====================================================================================
    draft    approved    action_post, for a use, or for freeing, that no approval flow applies to
    draft    pending     kehu_submit, as receipts; a refund always
    pending  approved    kehu_approve: checked under lock, entry or payment posted
    approved cancelled   action_cancel: entry or payment taken back, the advance is open again (or gone, where it was freed)
    ======== =========== ====================================================================================

    A use is an entry that takes money off the advance and puts it on the receivables of orders; a refund is an outbound payment. Both
    are reconciled with the advance in the ledger and carry its receipt, so that what is open there (`kehu.receipt.advance_open`) is always
    the truth, also after an accountant has taken that match apart. Freeing is in `kehu_surplus`.
    """

    _name = "kehu.advance.use"
    _description = "Use or Refund of an Advance"
    _inherit = ["mail.thread", "mail.activity.mixin", "kehu.posted.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"
    _kehu_engine_fields = ENGINE_FIELDS

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram", default=lambda self: self.env._("New"))
    kind = fields.Selection(
        [("use", "Use for Orders"), ("refund", "Refund"), ("free", "Free From Orders")],
        required=True,
        default="use",
        tracking=True,
        help="Use: the advance pays orders. Refund: the customer gets the money back. Free: what orders do not owe any more becomes an "
        "advance.",
    )
    receipt_id = fields.Many2one(
        "kehu.receipt",
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
        domain="[('state', '=', 'approved'), '|', ('advance_open', '>', 0), ('amount_allocated', '>', 0)]",
        help="Receipt that brought the money.",
    )
    partner_id = fields.Many2one(related="receipt_id.partner_id", string="Customer", store=True, index=True)
    company_id = fields.Many2one(related="receipt_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="receipt_id.currency_id", store=True)
    advance_open = fields.Monetary(related="receipt_id.advance_open", string="Open Advance")
    date = fields.Date(
        required=True,
        default=fields.Date.context_today,
        copy=False,
        tracking=True,
        help="Day on which it counts in the accounting; not before the receipt.",
    )
    amount = fields.Monetary(
        compute="_compute_amount",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="What is used or refunded, at most what is open of the advance; or what becomes an advance.",
    )
    line_ids = fields.One2many("kehu.advance.use.line", "use_id", string="Orders", copy=False)
    journal_id = fields.Many2one(
        "account.journal",
        string="Paid From",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('type', 'in', ('bank', 'cash'))]",
        help="Bank account or cash box that a refund is paid from.",
    )
    note = fields.Char(string="Reason", tracking=True, help="Why the money goes back, or what the use was agreed on.")
    # life
    state = fields.Selection(
        [("draft", "Draft"), ("pending", "Pending"), ("approved", "Posted"), ("rejected", "Rejected"), ("cancelled", "Cancelled")],
        compute="_compute_state",
        store=True,
        index=True,
        help="Draft, rejected: can be changed and deleted. Pending: waits for a decision. Posted: in the ledger. Cancelled: taken back.",
    )
    without_approval = fields.Boolean(readonly=True, copy=False, help="Posted by its author, as no approval flow asked for more.")
    posted_on = fields.Datetime(readonly=True, copy=False)
    cancelled_on = fields.Datetime(readonly=True, copy=False)
    move_id = fields.Many2one(
        "account.move",
        string="Journal Entry",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The entry that moved the advance to the orders.",
    )
    payment_id = fields.Many2one(
        "account.payment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The payment that took the money back to the customer.",
    )

    _name_uniq = models.UniqueIndex("(company_id, name)", "Another use of an advance in this company has that number already.")

    # ------------------------------------------------------------------
    # Defaults and computes
    # ------------------------------------------------------------------

    @api.depends("kind", "line_ids.amount")
    def _compute_amount(self):
        for use in self:
            use.amount = use.amount if use.kind == "refund" else sum(use.line_ids.mapped("amount"))

    @api.depends("kehu_approval_state", "posted_on", "cancelled_on")
    def _compute_state(self):
        for use in self:
            use.state = "cancelled" if use.cancelled_on else "approved" if use.posted_on else use.kehu_approval_state

    @api.onchange("kind", "receipt_id")
    def _onchange_kind(self):
        """A refund proposes all that is open, out of the journal the money came into; a use proposes nothing but its orders."""
        if self.state not in (False, "draft", "rejected"):
            return
        if self.kind == "refund":
            self.line_ids = [Command.clear()]
            self.amount = self.amount or self.receipt_id.advance_open
            # sudo: kehu.receipt - its journal, for who sees the receipt
            self.journal_id = self.journal_id or self.receipt_id.sudo().journal_id
        else:
            self.journal_id = False

    # ------------------------------------------------------------------
    # What a use must satisfy
    # ------------------------------------------------------------------

    @api.constrains("kind", "receipt_id", "date", "amount", "journal_id", "line_ids")
    def _check_use(self):
        for use in self.filtered(lambda use: use.state in ("draft", "pending", "rejected")):
            use._kehu_check_values()

    def _kehu_check_values(self):
        """Check what one use says against its receipt and its orders as they stand in the ledger now.

        :raises KehuAdvanceError: with the sentence that says which rule is broken and what to do
        """
        self.ensure_one()
        use = self.sudo()  # sudo: kehu.receipt, sale.order - what is open does not depend on who asks
        receipt, currency = use.receipt_id, use.currency_id
        check_money(self.env, use.amount)
        names = {"use": use.name, "receipt": receipt.name}
        if receipt.state != "approved":
            raise KehuAdvanceError(
                self.env._("Receipt %(receipt)s is not approved, so it has no advance that %(use)s could take.", **names)
            )
        if currency.compare_amounts(use.amount, 0.0) <= 0:
            raise KehuAdvanceError(
                self.env._(
                    "The amount of %(use)s must be greater than zero. Add an order, or enter what is paid back.",
                    **names,
                )
            )
        if use.kind != "free" and currency.compare_amounts(use.amount, receipt.advance_open) > 0:
            raise KehuAdvanceError(
                self.env._(
                    "%(use)s takes %(amount)s, but only %(open)s of the advance of receipt %(receipt)s is open. Lower the amount.",
                    **names,
                    amount=format_amount(self.env, use.amount, currency),
                    open=format_amount(self.env, receipt.advance_open, currency),
                )
            )
        if use.date and use.date < receipt.date:
            raise KehuAdvanceError(
                self.env._("%(use)s is dated before receipt %(receipt)s, which brought the money. Choose a later day.", **names)
            )
        if use.kind == "refund":
            use._kehu_check_refund(names)
        else:
            use._kehu_check_orders(names)

    def _kehu_check_orders(self, names):
        self.ensure_one()
        currency = self.currency_id
        if self.journal_id:
            raise KehuAdvanceError(
                self.env._("No money leaves us when an advance is used for orders. Leave “Paid From” of %(use)s empty.", **names)
            )
        if currency.compare_amounts(self.amount, sum(self.line_ids.mapped("amount"))):
            raise KehuAdvanceError(self.env._("The amount of %(use)s is the sum of its lines. Change the lines instead.", **names))
        for line in self.line_ids:
            if self.kind == "free":
                line._kehu_check_surplus()
            else:
                line._kehu_check_order()

    def _kehu_check_refund(self, names):
        self.ensure_one()
        journal = self.journal_id
        if self.line_ids:
            raise KehuAdvanceError(self.env._("Refund %(use)s goes back to the customer. Take the orders off it.", **names))
        if journal.type not in ("bank", "cash"):
            raise KehuAdvanceError(
                self.env._("Choose the bank account or cash box that refund %(use)s is paid from.", **names),
            )
        if journal.currency_id and journal.currency_id != self.currency_id:
            raise KehuAdvanceError(
                self.env._(
                    "Refund %(use)s is in %(currency)s, but %(journal)s holds %(journal_currency)s only. Choose another journal.",
                    **names,
                    currency=self.currency_id.name,
                    journal=journal.display_name,
                    journal_currency=journal.currency_id.name,
                )
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(["receipt_id"])
        for vals in vals_list:
            self._kehu_check_client_values(vals)
            self._kehu_check_engine_fields(field for field in ENGINE_FIELDS if vals.get(field))
            # whoever uses an advance sees its receipt; before a sentence names it
            receipt = self.env["kehu.receipt"].browse(vals.get("receipt_id") or defaults.get("receipt_id") or [])
            if not receipt:
                raise KehuAdvanceError(self.env._("Choose the receipt whose advance is used or refunded."))
            receipt.check_access("read")
        check_links_exist(self, vals_list)
        vals_list = [{name: value for name, value in vals.items() if name not in ENGINE_FIELDS} for vals in vals_list]
        for vals in vals_list:
            # sudo: kehu.receipt - its company, for the number
            company = self.env["kehu.receipt"].browse(vals.get("receipt_id") or defaults.get("receipt_id")).sudo().company_id
            date = fields.Date.to_date(vals.get("date") or self.env.context.get("default_date")) or fields.Date.context_today(self)
            # sudo: ir.sequence - taking the next number needs no right of its own
            sequence = self.env["ir.sequence"].sudo().with_company(company).with_context(ir_sequence_date=fields.Date.to_string(date))
            vals["name"] = sequence.next_by_code("kehu.advance.use", date)
        return super().create(vals_list)

    def copy(self, default=None):
        """A refund may be made once more; what goes to orders, or comes from them, is looked up anew.

        :raises KehuReceiptStateError: naming the receipt to make a new one from
        """
        # sudo: kehu.receipt - its number, for who sees the use
        for use in self.filtered(lambda use: use.kind != "refund").sudo():
            raise KehuReceiptStateError(
                self.env._(
                    "%(use)s cannot be duplicated: what its orders owe, or have too much, is another amount by now. Make a new one from "
                    "receipt %(receipt)s.",
                    use=use.name,
                    receipt=use.receipt_id.name,
                )
            )
        return super().copy(default)

    def write(self, vals):
        self._kehu_check_engine_fields(ENGINE_FIELDS & vals.keys())
        if not is_engine(self.env, "receipt"):
            self._kehu_check_client_values(vals)
            check_links_exist(self, [vals])
            if FROZEN_FIELDS & vals.keys():
                self._kehu_check_not_posted()
        if vals.get("receipt_id"):
            self.env["kehu.receipt"].browse(vals["receipt_id"]).check_access("read")
        return super().write(vals)

    def _kehu_check_client_values(self, vals):
        check_types(self, vals, KehuAdvanceError)
        check_values(self, vals)

    def _kehu_check_engine_fields(self, names):
        names = list(names)
        if names and not is_engine(self.env, "receipt"):
            raise KehuEngineOnlyError(
                self.env._(
                    "“%(field)s” of a use of an advance is set by the system. Use the buttons instead.",
                    field=self._fields[names[0]]._description_string(self.env),
                )
            )

    def _kehu_check_not_posted(self):
        """What was posted without approval is as final as what was approved.

        :raises KehuReceiptStateError: naming the use
        """
        posted = self.filtered(lambda use: use.state in ("approved", "cancelled"))[:1]
        if posted:
            raise KehuReceiptStateError(
                self.env._(
                    "%(use)s is %(state)s and cannot be changed. Cancel it and make a new one.",
                    use=posted.name,
                    state=posted._kehu_state_label(),
                )
            )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_submitted(self):
        if is_uninstalling(self.env):
            return
        for use in self:
            if use.state not in ("draft", "rejected"):
                raise KehuReceiptStateError(
                    self.env._(
                        "%(use)s is %(state)s and cannot be deleted. Withdraw what is pending, cancel what is posted.",
                        use=use.name,
                        state=use._kehu_state_label(),
                    )
                )

    # ------------------------------------------------------------------
    # Filling in
    # ------------------------------------------------------------------

    def action_allocate(self):
        """Put what is left of the advance on the open orders of the customer, the oldest first; only orders the user may see."""
        for use in self:
            use.check_access("write")
            left = use.receipt_id.advance_open - sum(use.line_ids.mapped("amount"))
            commands = use.receipt_id._kehu_advance_commands(left, use.line_ids.order_id) if use.kind == "use" else []
            if not commands:
                raise KehuReceiptStateError(use.receipt_id._kehu_nothing_to_use_text())
            use.write({"line_ids": commands})
        return True

    # ------------------------------------------------------------------
    # Approval: hooks of the mixin
    # ------------------------------------------------------------------

    def _kehu_needs_flow(self):
        """A use is posted without approval where no flow applies."""
        return super()._kehu_needs_flow() and self.kind == "refund"

    def _kehu_no_flow_text(self):
        self.ensure_one()
        return self.env._(
            "Refund %(use)s cannot be submitted: there is no active approval flow for it. Ask a CRM administrator to activate one "
            "under Configuration, Approval Flows.",
            use=self.name,
        )

    def _kehu_get_hint(self):
        if self._origin.posted_on:
            return False
        return super()._kehu_get_hint()

    def _kehu_protected_fields(self):
        return super()._kehu_protected_fields() | {"kind", "receipt_id", "date", "amount", "journal_id"}

    def _kehu_document_owner(self):
        """The salesperson of the receipt."""
        self.ensure_one()
        return self.receipt_id.user_id

    def _kehu_approval_subject(self):
        self.ensure_one()
        return f"{self.partner_id.display_name} · {format_amount(self.env, self.amount, self.currency_id)}"

    def _kehu_submit_error(self):
        self.ensure_one()
        if self != self._origin:
            return self._origin._kehu_submit_error() if self._origin else False
        if self.posted_on or self.cancelled_on:
            return self.env._("%(use)s is %(state)s already.", use=self.name, state=self._kehu_state_label())
        try:
            self._kehu_check_values()
        except KehuAdvanceError as error:
            return str(error)
        return super()._kehu_submit_error()

    def _kehu_on_approved(self):
        """Post it. The receipts and orders are locked first, then looked at again: an advance is never spent twice."""
        super()._kehu_on_approved()
        self.sudo()._kehu_post()  # sudo: account.move, account.payment - whoever approves needs no right in accounting
        return True

    def action_post(self):
        """Use advances for orders, or free what orders do not owe any more, at once, where no approval flow asks for more.

        :raises KehuApprovalError: for a refund, or when a flow applies
        """
        self.check_access("write")
        asked = self.browse(dict.fromkeys(self.ids))  # a client may send an id twice
        for use, flow in asked._kehu_find_flows().items():
            if use.state not in ("draft", "rejected"):
                raise KehuReceiptStateError(
                    self.env._("%(use)s is %(state)s and cannot be posted again.", use=use.name, state=use._kehu_state_label())
                )
            if flow or use.kind == "refund":
                raise KehuApprovalError(self.env._("%(use)s needs approval. Submit it.", use=use.name))
        uses = asked.sudo()  # sudo: account.move - the rights were checked above; using an advance needs no right in accounting
        uses._kehu_post()
        as_engine(uses, "receipt").write({"without_approval": True})
        return True

    # ------------------------------------------------------------------
    # Accounting
    # ------------------------------------------------------------------

    def _kehu_lock(self):
        """Lock what these uses take from and give to, until the end of the transaction; what is read afterwards is the present state.

        :raises KehuReceiptStateError: when another transaction holds one of them
        """
        locked = self.try_lock_for_update()
        if self - locked:
            raise KehuReceiptStateError(
                self.env._(
                    "%(use)s is being changed by somebody else at this moment. Try again in a few seconds.", use=(self - locked)[0].name
                )
            )
        self.receipt_id._kehu_lock_receipts()
        self.line_ids.order_id._kehu_lock_for_receipt()
        self.env.invalidate_all()

    def _kehu_post(self):
        """Post entries and payments, reconciled with the advance; orders are matched with their invoices."""
        self._kehu_lock()
        for use in self:
            use._kehu_check_values()
            use = use.with_company(use.company_id)
            post = {"use": use._kehu_post_use, "refund": use._kehu_post_refund, "free": use._kehu_post_free}
            post[use.kind]()
            as_engine(use, "receipt").write({"posted_on": fields.Datetime.now()})

    def _kehu_take(self, items, amount):
        """Take so much of what is open on journal items, one after the other, at the rate that each of them has.

        So taking it makes no difference in rates; that shows where it belongs, when an order's part meets its invoice.

        :param list items: pairs of a journal item with open credit in the currency of this one use, and how much to take of it at most
        :return: [(item, amount in the currency of the use, in that of the company)], all positive; less than asked where less is open
        :rtype: list[tuple]
        """
        self.ensure_one()
        currency, left, taken = self.currency_id, amount, []
        for item, most in items:
            is_open = -item.amount_residual_currency
            part = currency.round(min(is_open, most, left))
            if currency.compare_amounts(part, 0.0) <= 0:
                continue
            whole = currency.compare_amounts(part, is_open) == 0
            balance = -item.amount_residual
            taken.append((item, part, balance if whole else self.company_id.currency_id.round(balance * part / is_open)))
            left = currency.round(left - part)
        return taken

    def _kehu_advance_parts(self):
        """:return: :meth:`_kehu_take` of the receipt's advance; what came with the payment goes first, then what was freed"""
        lines = self.receipt_id.advance_line_ids.filtered(
            lambda line: line.parent_state == "posted" and not line.reconciled and line.amount_residual_currency < 0
        )
        payment = self.receipt_id.payment_id
        lines = lines.sorted(lambda line: (line.move_id.origin_payment_id != payment, line.date, line.id))
        return self._kehu_take([(line, -line.amount_residual_currency) for line in lines], self.amount)

    def _kehu_post_entry(self, debits, values):
        """Post an entry that moves money on the receivables, and reconcile its debits with what they take from.

        :param debits: triples of :meth:`_kehu_take`, each with further values for its journal item
        :param values: of the journal items on the other side
        """
        self.ensure_one()
        common = {"currency_id": self.currency_id.id, "date_maturity": self.date}
        lines = [
            {
                **common,
                "account_id": source.account_id.id,
                "partner_id": source.partner_id.id,
                "amount_currency": amount,
                "debit": balance,
                "credit": 0.0,
                **more,
            }
            for (source, amount, balance), more in debits
        ]
        move = as_engine(self.env["account.move"], "receipt").create(
            {
                "move_type": "entry",
                "journal_id": self._kehu_entry_journal().id,
                "date": self.date,
                "ref": self.name,
                "line_ids": [Command.create(line) for line in lines + [{**common, "debit": 0.0, **credit} for credit in values]],
            }
        )
        move = move.with_env(self.env)
        # also where it is dated ahead, as payments are: what is approved is in the ledger
        move._post(soft=False)
        as_engine(self, "receipt").write({"move_id": move.id})
        for ((source, _amount, _balance), _more), line in zip(debits, move.line_ids.sorted("id"), strict=False):
            (source | line).reconcile()

    def _kehu_post_use(self):
        """One entry: the advance's receivable against the receivables of the orders, at the rate the money came in at."""
        self.ensure_one()
        taken = self._kehu_advance_parts()
        parts = [self.receipt_id._kehu_order_part(line.order_id, line.amount) for line in self.line_ids]
        balance = sum(part for _source, _amount, part in taken)
        balances = apportion(balance, {index: part["amount"] for index, part in enumerate(parts)}, self.company_id.currency_id.rounding)
        self._kehu_post_entry(
            [(part, {"name": f"{self.name} {self.receipt_id.name}", "kehu_advance_receipt_id": self.receipt_id.id}) for part in taken],
            [
                {
                    "name": f"{self.name} {part['order'].name}",
                    "account_id": part["account"].id,
                    "partner_id": part["partner"].id,
                    "amount_currency": -part["amount"],
                    "credit": balances[index],
                    "kehu_order_id": part["order"].id,
                }
                for index, part in enumerate(parts)
            ],
        )
        self.line_ids.order_id._kehu_match_receipts()

    def _kehu_entry_journal(self):
        self.ensure_one()
        journals = self.env["account.journal"]
        exchange = self.company_id.currency_exchange_journal_id
        journal = journals.search([*journals._check_company_domain(self.company_id), ("type", "=", "general")]).sorted(
            lambda journal: journal == exchange
        )[:1]
        if not journal:
            raise KehuReceiptPostingError(
                self.env._(
                    "%(company)s has no journal for miscellaneous entries, and the use of an advance needs one. "
                    "Ask the accountant to add it.",
                    company=self.company_id.name,
                )
            )
        return journal

    def _kehu_post_refund(self):
        """One outbound payment to whoever paid, its receivable side reconciled with the advance."""
        self.ensure_one()
        taken = self._kehu_advance_parts()
        receipt, company = self.receipt_id, self.company_id
        memo = f"{self.name} {self.note}" if self.note else f"{self.name} {receipt.name}"
        values = {
            "partner_type": "customer",
            "payment_type": "outbound",
            "partner_id": receipt.payer.id,
            "amount": self.amount,
            "currency_id": self.currency_id.id,
            "journal_id": self.journal_id.id,
            "company_id": company.id,
            "date": self.date,
            "memo": memo,
        }
        account = receipt._kehu_set_liquidity(values, {})
        balance = self.currency_id._convert(self.amount, company.currency_id, company, self.date)
        balances = apportion(balance, {index: part[1] for index, part in enumerate(taken)}, company.currency_id.rounding)
        common = {"name": memo, "currency_id": self.currency_id.id, "date_maturity": self.date}
        lines = [
            Command.create(
                {
                    **common,
                    "account_id": account.id,
                    "partner_id": receipt.payer.commercial_partner_id.id,
                    "amount_currency": -self.amount,
                    "debit": 0.0,
                    "credit": balance,
                }
            )
        ] + [
            Command.create(
                {
                    **common,
                    "account_id": source.account_id.id,
                    "partner_id": source.partner_id.id,
                    "amount_currency": amount,
                    "debit": balances[index],
                    "credit": 0.0,
                    "kehu_advance_receipt_id": receipt.id,
                }
            )
            for index, (source, amount, _balance) in enumerate(taken)
        ]
        payment = self.env["account.payment"]._kehu_create_posted([(values, account, lines)])
        if not payment.move_id:
            raise KehuReceiptPostingError(
                self.env._(
                    "Refund %(use)s would be posted without a journal entry. Set an outstanding payments account on the payment method "
                    "of %(journal)s.",
                    use=self.name,
                    journal=self.journal_id.display_name,
                )
            )
        as_engine(self, "receipt").write({"payment_id": payment.id})
        for (source, _amount, _balance), counterpart in zip(taken, payment.move_id.line_ids.sorted("id")[1:], strict=True):
            (source | counterpart).reconcile()

    # ------------------------------------------------------------------
    # Cancelling
    # ------------------------------------------------------------------

    def action_cancel(self):
        """Take posted uses and refunds back: entry or payment cancelled (reversed where the period is locked), the advance is open again.

        For whoever may cancel a receipt; a use that was posted without approval, also for those who may change it.
        """
        self._kehu_check_may_cancel()
        asked = self.browse(dict.fromkeys(self.ids))  # a client may send an id twice
        for use in asked:
            if use.state != "approved":
                raise KehuReceiptStateError(
                    self.env._("%(use)s is %(state)s; only what is posted can be cancelled.", use=use.name, state=use._kehu_state_label())
                )
        uses = asked.sudo()  # sudo: account.move, account.payment - the right to cancel was checked above
        uses._kehu_lock()
        for use in uses:
            use._kehu_check_given_stays()
            use._kehu_reverse_posting()
            as_engine(use, "receipt").write({"cancelled_on": fields.Datetime.now()})
        uses.line_ids.order_id._kehu_match_receipts()
        uses._kehu_match_advances()
        for use in uses:
            use.message_post(body=use._kehu_cancelled_text())
        return True

    def _kehu_cancelled_text(self):
        """:return: what the history of this one use says once it is taken back"""
        self.ensure_one()
        if self.kind == "free":
            return self.env._("Cancelled by %(user)s: the money is with the orders again.", user=self.env.user.name)
        return self.env._("Cancelled by %(user)s: the advance is open again.", user=self.env.user.name)

    def _kehu_check_may_cancel(self):
        """:raises KehuReceiptRightError: unless the person may cancel all of these"""
        self.check_access("read")
        user = self.env.user
        if self.env.su or user.has_groups("kehu_crm.group_kehu_finance,kehu_crm.group_kehu_admin"):
            return
        for use in self:
            if use.without_approval and use.has_access("write"):
                continue
            request = use.sudo().kehu_request_id  # sudo: kehu.approval.request - to judge, not to return
            own = request.requester_id | request.owner_id | use._kehu_own_people()
            if (
                not user.has_group("kehu_crm.group_kehu_receipt_approver")
                or user not in request.participant_ids
                or (user in own and not request.allow_self)
            ):
                raise KehuReceiptRightError(
                    self.env._("Only its approver, finance or a CRM administrator may cancel %(use)s. Ask one of them.", use=use.name)
                )

    def _kehu_reverse_posting(self):
        self.ensure_one()
        if self.payment_id and self._kehu_is_on_statement(self.payment_id):
            raise KehuReceiptPostingError(
                self.env._(
                    "The payment of refund %(use)s is matched with a bank statement. Undo that match first, then cancel the refund.",
                    use=self.name,
                )
            )
        self._kehu_take_entry_back(self.move_id or self.payment_id.move_id, self.payment_id)

    @api.model
    def _kehu_of_moves(self, moves):
        """:return: uses and refunds that posted one of these entries"""
        return self.search(["|", ("move_id", "in", moves.ids), ("payment_id.move_id", "in", moves.ids)])

    # ------------------------------------------------------------------
    # Going elsewhere
    # ------------------------------------------------------------------

    def action_open_entry(self):
        """Show the entry or payment; what the person may see of it is the host's decision."""
        self.ensure_one()
        self.check_access("read")
        record = self.payment_id or self.move_id
        if not record:
            raise KehuReceiptStateError(self.env._("Nothing is posted yet."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment") if self.payment_id else self.env._("Journal Entry"),
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
        }
