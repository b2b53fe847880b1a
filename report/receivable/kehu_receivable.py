from odoo import fields, models
from odoo.tools import SQL


class KehuReceivable(models.Model):
    """One row per order of a CRM customer with something to collect, settled ones included.

    Confirmed orders, and cancelled ones as long as a posted invoice or a receipt hangs on them: the ledger still counts those.

    The figures are those stored on the order, which follow the ledger; the row's id is the order's id.
    """

    _name = "kehu.receivable"
    _description = "Receivable"
    _auto = False
    _rec_name = "order_id"
    _order = "date_due, id"
    _depends = {
        "sale.order": [
            "state",
            "kehu_customer_id",
            "user_id",
            "kehu_department_id",
            "company_id",
            "currency_id",
            "date_order",
            "amount_total",
            "kehu_amount_invoiced",
            "kehu_amount_received",
            "kehu_amount_due",
            "kehu_receipt_state",
            "kehu_date_due",
        ],
    }

    order_id = fields.Many2one("sale.order", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    kehu_department_id = fields.Many2one("hr.department", string="Department", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date_order = fields.Datetime(string="Order Date", readonly=True)
    date_due = fields.Date(
        string="Due On", readonly=True, help="Earliest day on which something still open falls due, by invoices or payment terms."
    )
    amount_total = fields.Monetary(string="Order Total", readonly=True)
    amount_invoiced = fields.Monetary(string="Invoiced", readonly=True, help="Posted invoices less credit notes, tax included.")
    amount_received = fields.Monetary(string="Received", readonly=True, help="By whatever route the money came.")
    amount_due = fields.Monetary(string="Due", readonly=True, help="What the customer still owes for this order.")
    days_overdue = fields.Integer(readonly=True, aggregator="max", help="Days since the due date, today in your time zone. 0: not overdue.")
    settled = fields.Boolean(readonly=True, help="Nothing is due any more.")
    receipt_state = fields.Selection(
        [("none", "Nothing Received"), ("partial", "Partly Received"), ("settled", "Settled")], string="Status", readonly=True
    )

    @property
    def _table_query(self):
        return SQL("%s %s %s", self._select(), self._from(), self._where())

    def _select(self):
        return SQL(
            """
            SELECT so.id,
                   so.id AS order_id,
                   so.kehu_customer_id AS partner_id,
                   so.user_id,
                   so.kehu_department_id,
                   so.company_id,
                   so.currency_id,
                   so.date_order,
                   so.kehu_date_due AS date_due,
                   so.amount_total,
                   so.kehu_amount_invoiced AS amount_invoiced,
                   so.kehu_amount_received AS amount_received,
                   so.kehu_amount_due AS amount_due,
                   so.kehu_receipt_state AS receipt_state,
                   so.kehu_receipt_state = 'settled' AS settled,
                   CASE WHEN so.kehu_receipt_state = 'settled' THEN 0
                        ELSE GREATEST(%(today)s::date - so.kehu_date_due, 0)
                   END AS days_overdue
            """,
            today=fields.Date.context_today(self),
        )

    def _from(self):
        return SQL("FROM sale_order so")

    def _where(self):
        return SQL(
            """
            WHERE so.kehu_customer_id IS NOT NULL
              AND (so.state = 'sale' AND so.amount_total <> 0
                   OR so.kehu_amount_invoiced <> 0 OR so.kehu_amount_received <> 0 OR so.kehu_amount_due <> 0)
            """
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_receive(self):
        """Open a new receipt for what these orders of one customer still owe."""
        self.check_access("read")
        return self.order_id._kehu_open_new_receipt()

    def action_open_order(self):
        """Show the order, or the list of several."""
        self.check_access("read")
        action = {"type": "ir.actions.act_window", "name": self.env._("Orders"), "res_model": "sale.order"}
        if len(self) == 1:
            return {**action, "res_id": self.order_id.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", self.order_id.ids)], "views": [(False, "list"), (False, "form")]}
