from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_amount

from .exceptions import KehuOverAllocationError, KehuReceiptStateError


class KehuReceipt(models.Model):
    """What is left of advances, and the ways to use or refund it."""

    _inherit = "kehu.receipt"

    advance_use_ids = fields.One2many("kehu.advance.use", "receipt_id", string="Uses and Refunds")
    advance_use_count = fields.Integer(string="Number of Uses", compute="_compute_advance_use_count")

    over_receipt = fields.Char(
        string="Beyond What Is Owed",
        compute="_compute_over_receipt",
        help="Warning that the receipt brings more than the confirmed orders of its customer owe.",
    )

    @api.depends("advance_use_ids.state")
    @api.depends_context("uid")
    def _compute_advance_use_count(self):
        groups = []
        if self.env["kehu.advance.use"].has_access("read"):
            groups = self.env["kehu.advance.use"]._read_group(
                [("receipt_id", "in", self.ids), ("state", "!=", "cancelled")], ["receipt_id"], ["__count"]
            )
        counts = {receipt.id: count for receipt, count in groups}
        for receipt in self:
            receipt.advance_use_count = counts.get(receipt._origin.id, 0)

    # ------------------------------------------------------------------
    # More than is owed: the company says what happens
    # ------------------------------------------------------------------

    @api.depends("amount", "partner_id", "company_id", "currency_id", "allocation_ids.amount", "state", "company_id.kehu_over_receipt")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_over_receipt(self):
        """Figures are for who sees all orders and advances that they are made of."""
        for receipt in self:
            # sudo: res.company - its rule
            warns = receipt.company_id.sudo().kehu_over_receipt == "warn" and receipt.state in (False, "draft", "pending", "rejected")
            text = warns and receipt._kehu_brings_too_much() and receipt._kehu_too_much_text()
            figures = text and receipt._kehu_account_now(receipt)
            whole = text and figures == receipt._kehu_account_now(receipt.sudo())  # sudo: sale.order, kehu.receipt - to compare only
            receipt.over_receipt = receipt._kehu_too_much_figures(*figures) if whole else text

    def _kehu_brings_too_much(self):
        """Tell whether more comes in than all confirmed orders of the customer, in this company and currency, owe now.

        Advances that are open are there to pay them first: two receipts without an order never bring the same debt twice.
        """
        self.ensure_one()
        if not self.partner_id or self.currency_id.compare_amounts(self.amount, self._kehu_allocated()) <= 0:
            return False
        # sudo: sale.order, kehu.receipt - whoever looks after the orders and receipts; no figure is told
        owed, advances = self._kehu_account_now(self.sudo())
        return self.currency_id.compare_amounts(self.amount, owed - advances) > 0

    def _kehu_account_now(self, reader):
        """:return: what the customer's confirmed orders owe and open advances, as far as ``reader`` (us, maybe sudo) sees"""
        [[owed]] = reader.env["sale.order"]._read_group(self._kehu_open_orders_domain(), [], ["kehu_amount_due:sum"])
        [[advances]] = reader._read_group(self._kehu_open_advances_domain(), [], ["advance_open:sum"])
        return owed, advances

    def _kehu_open_advances_domain(self):
        self.ensure_one()
        return Domain(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("advance_open", ">", 0),
            ]
        )

    def _kehu_too_much_text(self):
        self.ensure_one()
        return self.env._(
            "Receipt %(receipt)s brings more than the confirmed orders of %(partner)s owe in %(currency)s, less what open advances cover. "
            "What no order takes stays with the customer as an advance.",
            receipt=self.name,
            partner=self.partner_id.display_name,
            currency=self.currency_id.name,
        )

    def _kehu_too_much_figures(self, owed, advances):
        """The same with its figures, which add up. E.g. 600 come in, 500 are owed, 200 paid in advance: 300 to collect, 300 too much."""
        self.ensure_one()
        covered = min(owed, advances)
        amounts = {"amount": self.amount, "owed": owed, "covered": covered, "left": owed - covered, "beyond": self.amount - owed + covered}
        return self.env._(
            "Receipt %(receipt)s brings %(amount)s, more than the confirmed orders of %(partner)s still need: they owe %(owed)s, open "
            "advances cover %(covered)s of it, so %(left)s is to collect and %(beyond)s is too much. What no order takes stays with the "
            "customer as an advance.",
            receipt=self.name,
            partner=self.partner_id.display_name,
            **{name: format_amount(self.env, amount, self.currency_id) for name, amount in amounts.items()},
        )

    def _kehu_check_values(self):
        """Besides, refuse more than is owed where the company says so."""
        result = super()._kehu_check_values()
        # sudo: res.company - its rule
        if self.company_id.sudo().kehu_over_receipt == "block" and self._kehu_brings_too_much():
            raise KehuOverAllocationError(
                self.env._(
                    "Receipt %(receipt)s brings more than the confirmed orders of %(partner)s owe in %(currency)s, less what open advances "
                    "cover, and %(company)s takes no advances. Correct the amount, or have the order confirmed first.",
                    receipt=self.name,
                    partner=self.partner_id.display_name,
                    currency=self.currency_id.name,
                    company=self.company_id.name,
                )
            )
        return result

    def _kehu_lock_orders(self):
        """Where no advances are taken, two receipts of one customer wait for each other, also when they pay no order yet.

        An update that changes nothing: whoever comes second starts again with what the first one left.
        """
        result = super()._kehu_lock_orders()
        # sudo: res.company - its rule
        customers = self.filtered(lambda receipt: receipt.company_id.sudo().kehu_over_receipt == "block").partner_id
        if customers:
            self.env.cr.execute(
                SQL("UPDATE res_partner SET kehu_is_customer = kehu_is_customer WHERE id IN %s", tuple(sorted(customers.ids)))
            )
        return result

    def _kehu_batches(self):
        """Where no advances are taken, each receipt is looked at after the one before it is posted."""
        batches = super()._kehu_batches()
        # sudo: res.company - its rule
        if any(receipt.company_id.sudo().kehu_over_receipt == "block" for receipt in self):
            return [receipt for batch in batches for receipt in batch]
        return batches

    def _kehu_on_submitted(self):
        """Whoever decides reads in the history, too, that this is more than is owed."""
        result = super()._kehu_on_submitted()
        for receipt in self:
            if receipt.over_receipt:
                # without figures: the history is read by whoever sees the receipt
                receipt.message_post(body=receipt._kehu_too_much_text())
        return result

    # ------------------------------------------------------------------
    # Using and refunding
    # ------------------------------------------------------------------

    def _kehu_advance_commands(self, left, taken):
        """Lines that put ``left`` on the customer's open orders, the oldest first; only orders the user may see.

        :param sale.order taken: orders that have a line already
        :return: list of commands
        """
        self.ensure_one()
        commands = []
        for order in self.env["sale.order"].search(self._kehu_open_orders_domain(), order="date_order, id") - taken:
            if self.currency_id.compare_amounts(left, 0.0) <= 0:
                break
            amount = min(left, order.kehu_amount_due)
            commands.append(Command.create({"order_id": order.id, "amount": amount}))
            left -= amount
        return commands

    def _kehu_nothing_to_use_text(self):
        self.ensure_one()
        return self.env._(
            "There is nothing to use: either nothing of the advance of receipt %(receipt)s is left, or %(partner)s has no confirmed "
            "order in %(currency)s that owes money.",
            receipt=self.name,
            partner=self.partner_id.display_name,
            currency=self.currency_id.name,
        )

    def action_use_advance(self):
        """Open a new use of this receipt's advance, filled with the customer's open orders, the oldest first."""
        receipt = self._kehu_with_open_advance()
        commands = receipt._kehu_advance_commands(receipt.advance_open, self.env["sale.order"])
        if not commands:
            raise KehuReceiptStateError(receipt._kehu_nothing_to_use_text())
        return receipt._kehu_open_new_use(self.env._("Use Advance"), {"default_kind": "use", "default_line_ids": commands})

    def action_refund_advance(self):
        """Open a new refund of what is left of this receipt's advance."""
        receipt = self._kehu_with_open_advance()
        return receipt._kehu_open_new_use(
            self.env._("Refund Advance"),
            {"default_kind": "refund", "default_amount": receipt.advance_open, "default_journal_id": receipt.journal_id.id},
        )

    def _kehu_with_open_advance(self):
        """:return: this receipt, after checking that it is one, and has something open

        :raises KehuReceiptStateError: otherwise
        """
        self.check_access("read")
        if len(self) != 1:
            raise KehuReceiptStateError(self.env._("Choose one receipt. You chose %(count)s.", count=len(self)))
        if self.currency_id.compare_amounts(self.advance_open, 0.0) <= 0:
            raise KehuReceiptStateError(
                self.env._("Nothing is left of an advance on receipt %(receipt)s.", receipt=self.name),
            )
        return self

    def _kehu_open_new_use(self, title, defaults):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "kehu.advance.use",
            "views": [(False, "form")],
            "context": {"default_receipt_id": self.id, **defaults},
        }

    def action_open_advance_uses(self):
        """Show what became of the advances of these receipts."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_advance_use_action")
        return {**action, "domain": [("receipt_id", "in", self.ids)], "context": {}}

    @api.model
    def _kehu_mark_advances(self):
        """Mark the advance in the entries of receipts approved before uses of advances were known, and in those of its uses and refunds; at
        each update, mostly nothing to do.
        """
        self.env["account.move.line"].flush_model(["kehu_order_id", "kehu_advance_receipt_id", "account_id"])
        self.flush_model(["payment_id", "advance", "cancelled_on"])
        self.env.cr.execute(
            SQL(
                """UPDATE account_move_line l SET kehu_advance_receipt_id = r.id
                     FROM kehu_receipt r
                     JOIN account_payment p ON p.id = r.payment_id
                     JOIN account_move m ON m.id = p.move_id
                     JOIN account_move_line x ON x.move_id = m.id
                     JOIN account_account a ON a.id = x.account_id AND a.account_type = 'asset_receivable'
                    WHERE l.id = x.id AND r.advance > 0 AND x.kehu_order_id IS NULL AND x.kehu_advance_receipt_id IS NULL
                RETURNING r.id"""
            )
        )
        marked = self.env.cr.fetchall()
        self.env["kehu.advance.use"].flush_model(["receipt_id", "move_id", "payment_id", "cancelled_on"])
        self.env.cr.execute(
            SQL(
                """UPDATE account_move_line l SET kehu_advance_receipt_id = u.receipt_id
                     FROM kehu_advance_use u
                LEFT JOIN account_payment p ON p.id = u.payment_id
                     JOIN account_move m ON m.id = COALESCE(u.move_id, p.move_id)
                     JOIN account_move_line x ON x.move_id = m.id
                     JOIN account_account a ON a.id = x.account_id AND a.account_type = 'asset_receivable'
                    WHERE l.id = x.id AND x.amount_currency > 0 AND u.cancelled_on IS NULL
                      AND x.kehu_order_id IS NULL AND x.kehu_advance_receipt_id IS NULL
                RETURNING u.receipt_id"""
            )
        )
        receipts = self.browse({receipt_id for (receipt_id,) in marked + self.env.cr.fetchall()})
        if receipts:
            self.env["account.move.line"].invalidate_model(["kehu_advance_receipt_id"])
            self.env.add_to_compute(self._fields["advance_open"], receipts)
            receipts.flush_recordset(["advance_open"])
