from odoo import fields, models
from odoo.tools import SQL

from ...models.receivable.exceptions import KehuReceiptError
from .kehu_receivable import AGEING, ORDER_FIELDS

# figures over all orders of a customer, settled ones included
OVER_ALL = {
    "order_count": SQL("COUNT(*)"),
    "amount_total": SQL("SUM(r.amount_total / r.rate)"),
    "amount_invoiced": SQL("SUM(r.amount_invoiced / r.rate)"),
    "amount_received": SQL("SUM(r.amount_received / r.rate)"),
    "last_receipt_date": SQL("MAX(r.last_receipt_date)"),
}
COLUMNS = (
    "id",
    "partner_id",
    "company_id",
    "date_due",
    "settled",
    "last_receipt_date",
    "rate",
    "amount_total",
    "amount_invoiced",
    "amount_received",
    "amount_due",
    *AGEING,
)


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
    order_count = fields.Integer(string="Orders", readonly=True, help="Settled ones included.")
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
        """Customers who owe come from the open orders alone, which have an index of their own; a filter on ``settled`` leaves the other
        half out. Sums over all orders are looked up for the rows that are shown."""
        return SQL(
            """
            SELECT sums.*,
                   (SELECT company.currency_id FROM res_company company WHERE company.id = sums.company_id) AS currency_id,
                   (SELECT partner.user_id FROM res_partner partner WHERE partner.id = sums.partner_id) AS user_id,
                   CASE WHEN sums.settled THEN 0 ELSE GREATEST(%(today)s::date - sums.date_due, 0) END AS days_overdue,
                   %(totals)s
              FROM (%(open)s UNION ALL %(settled)s) sums
            """,
            today=fields.Date.context_today(self),
            totals=SQL(", ").join(
                SQL("(%s) AS %s", self._over_all(expression), SQL.identifier(name)) for name, expression in OVER_ALL.items()
            ),
            open=self._sums(
                SQL("FALSE"), self._visible([("receipt_state", "in", ("none", "partial"))]), SQL("MIN(r.date_due)"), SQL("COUNT(*)"), SQL()
            ),
            settled=self._sums(SQL("TRUE"), self._visible([]), SQL("MAX(r.date_due)"), SQL("0::bigint"), SQL("HAVING BOOL_AND(r.settled)")),
        )

    def _visible(self, domain):
        """:return: SQL of the receivables among some that the reader may see"""
        receivables = self.env["kehu.receivable"]
        visible = receivables._search(domain, order="id")
        visible.order = None
        return visible.select(*(SQL.identifier(receivables._table, name) for name in COLUMNS))

    def _sums(self, settled, rows, day, open_count, having):
        """Sums per customer and company. Few orders are in another currency, and dividing by 1 takes time."""
        return SQL(
            """
            SELECT MIN(r.id) AS id, r.partner_id, r.company_id, %s AS settled, %s AS open_count, %s AS date_due, %s
              FROM (%s) r
             GROUP BY r.partner_id, r.company_id %s
            """,
            settled,
            open_count,
            day,
            SQL(", ").join(
                SQL("SUM(CASE WHEN r.rate = 1 THEN r.%(name)s ELSE r.%(name)s / r.rate END) AS %(name)s", name=SQL.identifier(name))
                for name in ("amount_due", *AGEING)
            ),
            rows,
            having,
        )

    def _over_all(self, expression):
        """:return: SQL of a figure over all orders of the customer of a row that the reader may see"""
        return SQL(
            "SELECT %s FROM (%s) r WHERE r.partner_id = sums.partner_id AND r.company_id = sums.company_id", expression, self._visible([])
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
        row = self.search_fetch([("id", "in", self.ids), ("settled", "=", False)], ["partner_id", "company_id"])
        if not row:
            raise KehuReceiptError(self.env._("This customer owes nothing any more. Load the list again."))
        orders = self.env["kehu.receivable"].search(
            [
                ("partner_id", "=", row.partner_id.id),
                ("company_id", "=", row.company_id.id),
                ("receipt_state", "in", ("none", "partial")),
                ("amount_due", ">", 0),
            ]
        )
        return orders.filtered(lambda order: order.currency_id == orders[:1].currency_id).order_id._kehu_open_new_receipt()

    def action_open_orders(self):
        """Show the receivables of these customers, order by order."""
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_receivable_action")
        domain = [("partner_id", "in", self.partner_id.ids), ("company_id", "in", self.company_id.ids)]
        return {**action, "domain": domain, "context": {"search_default_open": int(any(not row.settled for row in self))}}
