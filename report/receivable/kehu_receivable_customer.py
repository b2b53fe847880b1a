from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...models.receivable.exceptions import KehuReceiptError
from .kehu_receivable import AGEING, ORDER_FIELDS


class KehuReceivableCustomer(models.Model):
    """One row per customer and company: the receivables that the reader may see, added up in the currency of the company.

    It stands on ``kehu.receivable`` with its record rules, so a salesperson's row holds the own orders only, a director's row all. The
    row's id is that of the customer's first order in it.
    """

    _name = "kehu.receivable.customer"
    _description = "Receivables of a Customer"
    _auto = False
    _rec_name = "partner_id"
    _order = "amount_due desc, id"
    _depends = {"sale.order": ORDER_FIELDS, "res.partner": ["user_id"]}

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Owner", readonly=True, help="Who owns the customer now.")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    order_count = fields.Integer(string="Orders", readonly=True, help="Orders with something to collect, settled ones included.")
    open_count = fields.Integer(string="Open Orders", readonly=True)
    date_due = fields.Date(string="Due On", readonly=True, help="Earliest day on which something still open falls due.")
    amount_total = fields.Monetary(string="Order Total", readonly=True)
    amount_invoiced = fields.Monetary(string="Invoiced", readonly=True, help="Posted invoices less credit notes, tax included.")
    amount_received = fields.Monetary(string="Received", readonly=True, help="By whatever route the money came.")
    amount_due = fields.Monetary(string="Due", readonly=True, help="What the customer still owes; amounts at the rates of the order dates.")
    days_overdue = fields.Integer(readonly=True, aggregator="max", help="Days since the due date, today in your time zone. 0: not overdue.")
    due_current = fields.Monetary(string="Not Due Yet", readonly=True, help="Due today or later; what we owe the customer as negative.")
    due_1_30 = fields.Monetary(string="1–30 Days", readonly=True, help="Due for 1 to 30 days.")
    due_31_60 = fields.Monetary(string="31–60 Days", readonly=True, help="Due for 31 to 60 days.")
    due_61_90 = fields.Monetary(string="61–90 Days", readonly=True, help="Due for 61 to 90 days.")
    due_over_90 = fields.Monetary(string="Over 90 Days", readonly=True, help="Due for more than 90 days.")
    last_receipt_date = fields.Date(string="Last Receipt", readonly=True, help="The last day on which money of this customer came.")
    settled = fields.Boolean(readonly=True, help="Nothing is due on any order.")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT sums.*,
                   (SELECT company.currency_id FROM res_company company WHERE company.id = sums.company_id) AS currency_id,
                   (SELECT partner.user_id FROM res_partner partner WHERE partner.id = sums.partner_id) AS user_id,
                   sums.open_count = 0 AS settled,
                   CASE WHEN sums.open_count = 0 THEN 0 ELSE GREATEST(%s::date - sums.date_due, 0) END AS days_overdue
              FROM (%s) sums
            """,
            fields.Date.context_today(self),
            self._sums(),
        )

    def _sums(self):
        """The receivables that the reader may see, per customer and company."""
        receivables = self.env["kehu.receivable"]
        visible = receivables._search(Domain.TRUE, order="id")
        visible.order = None
        amounts = ["amount_total", "amount_invoiced", "amount_received", "amount_due", *AGEING]
        rows = visible.select(
            *(
                SQL.identifier(receivables._table, name)
                for name in ("id", "partner_id", "company_id", "date_due", "settled", "last_receipt_date", "rate", *amounts)
            )
        )
        return SQL(
            """
            SELECT MIN(r.id) AS id, r.partner_id, r.company_id,
                   COUNT(*) AS order_count,
                   COUNT(*) FILTER (WHERE NOT r.settled) AS open_count,
                   COALESCE(MIN(r.date_due) FILTER (WHERE NOT r.settled), MAX(r.date_due)) AS date_due,
                   MAX(r.last_receipt_date) AS last_receipt_date,
                   %s
              FROM (%s) r
             GROUP BY r.partner_id, r.company_id
            """,
            SQL(", ").join(SQL("SUM(r.%s / r.rate) AS %s", SQL.identifier(name), SQL.identifier(name)) for name in amounts),
            rows,
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_receive(self):
        """Open a new receipt for what one customer owes on orders that the user sees, in the currency of the order due first.

        :raises KehuReceiptError: for several customers, and when nothing is due
        """
        self.check_access("read")
        if len(self) != 1:
            raise KehuReceiptError(self.env._("One receipt is for one customer. Choose one of them."))
        rows = self.env["kehu.receivable"].search(
            [("partner_id", "=", self.partner_id.id), ("company_id", "=", self.company_id.id), ("amount_due", ">", 0)]
        )
        return rows.filtered(lambda row: row.currency_id == rows[:1].currency_id).order_id._kehu_open_new_receipt()

    def action_open_orders(self):
        """Show the receivables of these customers, order by order."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_receivable_action")
        domain = [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
        return {**action, "domain": domain, "context": {"search_default_open": int(any(not row.settled for row in self))}}
