from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ..customer.exceptions import KehuCustomerError
from ..system.engine import is_uninstalling
from .exceptions import KehuReceiptInUseError, KehuReceiptStateError, KehuReceiptUnclaimedError
from .kehu_receipt import OPEN_STATES

SUMS = ("kehu_order_total", "kehu_received_total", "kehu_due_total", "kehu_advance_total")


class ResPartner(models.Model):
    """The money of a customer at a glance."""

    _inherit = "res.partner"

    kehu_receipt_ids = fields.One2many("kehu.receipt", "partner_id", string="Receipts")
    kehu_payer_receipt_ids = fields.One2many("kehu.receipt", "payer", string="Receipts Paid")
    kehu_receipt_count = fields.Integer(string="Receipt Count", compute="_compute_kehu_counts")
    kehu_order_total = fields.Monetary(
        string="Orders",
        compute="_compute_kehu_money",
        currency_field="currency_id",
        help="Confirmed orders of this customer that you may see, in the currency of your company.",
    )
    kehu_received_total = fields.Monetary(
        string="Received",
        compute="_compute_kehu_money",
        currency_field="currency_id",
        help="What was received for these orders, by whatever route.",
    )
    kehu_due_total = fields.Monetary(
        string="Due",
        compute="_compute_kehu_money",
        currency_field="currency_id",
        help="What is still due for these orders.",
    )

    kehu_advance_total = fields.Monetary(
        string="Advances",
        compute="_compute_kehu_money",
        currency_field="currency_id",
        help="What this customer paid ahead and is neither used nor refunded, of the receipts you may see.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_kehu_money(self):
        """Sums over the receivables and advances the user may see, at today's rates in the company's currency; one query for all."""
        company = self.env.company
        today = fields.Date.context_today(self)
        sums = {}
        rows = self._kehu_money_rows()
        currencies = self.env["res.currency"].browse({currency_id for _partner, currency_id, *_amounts in rows}) | company.currency_id
        currencies.fetch(["rounding"])  # both ends of the conversions in one query
        for partner_id, currency_id, *amounts in rows:
            currency = self.env["res.currency"].browse(currency_id)
            before = sums.get(partner_id, (0.0,) * len(SUMS))
            sums[partner_id] = tuple(
                base + currency._convert(float(amount or 0), company.currency_id, company, today)
                for base, amount in zip(before, amounts, strict=True)
            )
        for partner in self:
            partner.update(dict(zip(SUMS, sums.get(partner._origin.id, (0.0,) * len(SUMS)), strict=True)))

    def _kehu_fill_empty(self, specification):
        """Without orders and receipts there is no money to add up."""
        found = super()._kehu_fill_empty(specification)
        if not any(found.get(name, True) for name in ("kehu_quote_count", "kehu_order_count", "kehu_receipt_count")):
            for name in SUMS:
                self._fields[name]._insert_cache(self, [0.0])
        return found

    def _kehu_money_rows(self):
        """:return: rows of (customer id, currency id, ordered, received, due, advance), with the rights of the user; one query"""
        nothing = SQL("0")
        statements = []
        for name, path, more, columns in (
            ("kehu.receivable", "partner_id", [], ("amount_total", "amount_received", "amount_due", None)),
            ("kehu.receipt", "partner_id", [("advance_open", ">", 0)], (None, None, None, "advance_open")),
        ):
            model = self.env[name]
            if not self._origin.ids or not model.has_access("read"):
                continue
            query = model._search(Domain(path, "in", self._origin.ids) & Domain(more))
            partner = model._field_to_sql(model._table, path, query)
            currency = model._field_to_sql(model._table, "currency_id", query)
            query.groupby = SQL("%s, %s", partner, currency)
            amounts = [SQL("SUM(%s)", model._field_to_sql(model._table, column, query)) if column else nothing for column in columns]
            statements.append(query.select(partner, currency, *amounts))
        if not statements:
            return []
        return self.env.execute_query(SQL(" UNION ALL ").join(SQL("(%s)", statement) for statement in statements))

    @api.depends("kehu_receipt_ids.state")
    def _compute_kehu_counts(self):
        return super()._compute_kehu_counts()

    @api.model
    def _kehu_count_sources(self):
        """What the user may see of receipts that are not cancelled."""
        receipts = ("kehu.receipt", "partner_id", [("state", "!=", "cancelled")])
        return {**super()._kehu_count_sources(), "kehu_receipt_count": receipts}

    @api.model
    def _kehu_attachment_sources(self):
        return {**super()._kehu_attachment_sources(), "kehu.receipt": "partner_id"}

    # ------------------------------------------------------------------
    # Leaving the CRM
    # ------------------------------------------------------------------

    def _kehu_check_unmark(self):
        """A customer with open money stays a customer: the list of receivables would lose it."""
        result = super()._kehu_check_unmark()
        # sudo: kehu.receivable, kehu.receipt - open money of the customer, whoever looks after it
        receivable = self.env["kehu.receivable"].sudo().search([("partner_id", "in", self.ids), ("amount_due", "!=", 0)], limit=1)
        # sudo: see above
        receipt = self.env["kehu.receipt"].sudo().search([("partner_id", "in", self.ids), ("state", "in", OPEN_STATES)], limit=1)
        if receivable or receipt:
            raise KehuCustomerError(
                self.env._(
                    "“%(name)s” cannot leave the CRM while %(document)s is open. Settle or cancel an order, approve or delete a "
                    "receipt first.",
                    name=(receivable.partner_id or receipt.partner_id).display_name,
                    document=receivable.order_id.name or receipt.name,
                )
            )
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_on_receipt(self):
        if is_uninstalling(self.env):
            return
        # sudo: kehu.receipt - receipts of others count too
        receipts = self.env["kehu.receipt"].sudo()
        receipt = receipts.search(["|", ("partner_id", "in", self.ids), ("payer", "in", self.ids)], limit=1)
        if receipt:
            partner = receipt.partner_id if receipt.partner_id in self.sudo() else receipt.payer  # sudo: res.partner - compare only
            raise KehuReceiptInUseError(
                self.env._(
                    "“%(partner)s” is on receipt %(receipt)s and cannot be deleted. Archive it instead.",
                    partner=partner.display_name,
                    receipt=receipt.name,
                )
            )

    def _kehu_check_claimed(self):
        """Refuse customers of the pool to those who could claim them.

        :raises KehuReceiptUnclaimedError: naming the customer, whom everybody in the CRM may see
        """
        if self.env.su or self.env.user.has_groups("kehu_crm.group_kehu_finance,kehu_crm.group_kehu_admin"):
            return
        # sudo: res.partner - whether somebody owns it
        for customer in self.sudo().kehu_customer_id.filtered(lambda customer: not customer.user_id):
            raise KehuReceiptUnclaimedError(
                self.env._(
                    "“%(customer)s” is in the pool and belongs to nobody. Claim it first, then enter the receipt; or let finance enter it.",
                    customer=customer.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Going elsewhere
    # ------------------------------------------------------------------

    def _kehu_check_single(self):
        if len(self) != 1:
            raise KehuReceiptStateError(self.env._("Choose one customer. You chose %(count)s.", count=len(self)))

    def action_kehu_receive(self):
        """Open a new receipt of this customer."""
        self._kehu_check_single()
        self.check_access("read")
        self._kehu_check_claimed()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Receive"),
            "res_model": "kehu.receipt",
            "views": [(False, "form")],
            "context": {"default_partner_id": self.kehu_customer_id.id},
        }

    def action_kehu_open_receivables(self):
        """Show all orders of this customer, settled ones too, with what was received."""
        self._kehu_check_single()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_receivable_action")
        return {**action, "domain": [("partner_id", "=", self.kehu_customer_id.id)], "context": {}}

    def action_kehu_open_advances(self):
        """Show what this customer paid in advance, with what is left of it."""
        self._kehu_check_single()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_receipt_action_advance")
        domain = Domain.AND([safe_eval(action["domain"]), [("partner_id", "=", self.kehu_customer_id.id)]])
        return {**action, "domain": list(domain), "context": {"create": False}}

    def action_kehu_open_receipts(self):
        """Show all receipts of this customer."""
        self._kehu_check_single()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_receipt_action")
        return {
            **action,
            "domain": [("partner_id", "=", self.kehu_customer_id.id)],
            "context": {"default_partner_id": self.kehu_customer_id.id},
        }
