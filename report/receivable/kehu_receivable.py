from odoo import fields, models
from odoo.tools import SQL

# column: most and least days for which it is due, None without a limit
AGEING = {
    "due_current": (0, None),
    "due_1_30": (30, 1),
    "due_31_60": (60, 31),
    "due_61_90": (90, 61),
    "due_over_90": (None, 91),
}
ORDER_FIELDS = [
    "state",
    "kehu_customer_id",
    "user_id",
    "kehu_department_id",
    "company_id",
    "currency_id",
    "currency_rate",
    "date_order",
    "amount_total",
    "kehu_amount_invoiced",
    "kehu_amount_received",
    "kehu_amount_due",
    "kehu_receipt_state",
    "kehu_date_due",
    "kehu_due_parts",
    "kehu_last_receipt_date",
]


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
    _depends = {"sale.order": ORDER_FIELDS}

    order_id = fields.Many2one("sale.order", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    kehu_department_id = fields.Many2one("hr.department", string="Department", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    date_order = fields.Datetime(string="Order Date", readonly=True)
    date_due = fields.Date(
        string="Due On",
        readonly=True,
        help="Earliest day on which something still open falls due: by the invoices, and by instalments or payment terms for the rest.",
    )
    amount_total = fields.Monetary(string="Order Total", readonly=True)
    amount_invoiced = fields.Monetary(string="Invoiced", readonly=True, help="Posted invoices less credit notes, tax included.")
    amount_received = fields.Monetary(string="Received", readonly=True, help="By whatever route the money came.")
    amount_due = fields.Monetary(string="Due", readonly=True, help="What the customer still owes for this order.")
    days_overdue = fields.Integer(readonly=True, aggregator="max", help="Days since the due date, today in your time zone. 0: not overdue.")
    # what is due, by its age today in the reader's time zone; the columns add up to what is due
    due_current = fields.Monetary(string="Not Due Yet", readonly=True, help="Due today or later; what we owe the customer as negative.")
    due_1_30 = fields.Monetary(string="1–30 Days", readonly=True, help="Due for 1 to 30 days.")
    due_31_60 = fields.Monetary(string="31–60 Days", readonly=True, help="Due for 31 to 60 days.")
    due_61_90 = fields.Monetary(string="61–90 Days", readonly=True, help="Due for 61 to 90 days.")
    due_over_90 = fields.Monetary(string="Over 90 Days", readonly=True, help="Due for more than 90 days.")
    last_receipt_date = fields.Date(string="Last Receipt", readonly=True, help="The last day on which money for this order came.")
    company_currency_id = fields.Many2one("res.currency", string="Currency of the Company", readonly=True)
    amount_due_company = fields.Monetary(
        string="Due in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        help="What is due, at the rate of the day of the order: it can be added up over orders in several currencies.",
    )
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
                   END AS days_overdue,
                   so.kehu_last_receipt_date AS last_receipt_date,
                   (SELECT company.currency_id FROM res_company company WHERE company.id = so.company_id) AS company_currency_id,
                   COALESCE(NULLIF(so.currency_rate, 0), 1) AS rate,
                   so.kehu_amount_due / COALESCE(NULLIF(so.currency_rate, 0), 1) AS amount_due_company,
                   %(ageing)s
            """,
            today=fields.Date.context_today(self),
            ageing=SQL(", ").join(SQL("%s AS %s", self._due_in(name), SQL.identifier(name)) for name in AGEING),
        )

    def _due_in(self, name):
        """What an order owes in one of the columns by age.

        An order that owes everything on one day, as most do, has it in its columns; those of the others are added up by :meth:`_from`.
        What is not due yet also takes what has no day, and what we owe.
        """
        within = self._within(SQL("so.kehu_date_due"), name)
        if name == "due_current":
            within = SQL("so.kehu_amount_due <= 0 OR so.kehu_date_due IS NULL OR %s", within)
        else:
            within = SQL("so.kehu_amount_due > 0 AND %s", within)
        return SQL(
            "CASE WHEN so.kehu_due_parts IS NOT NULL THEN parts.ages[%s] WHEN %s THEN so.kehu_amount_due ELSE 0 END",
            list(AGEING).index(name) + 1,
            within,
        )

    def _within(self, day, name):
        """:return: whether a day belongs to one of the columns by age"""
        today = fields.Date.context_today(self)
        begin, end = (None if days is None else fields.Date.subtract(today, days=days) for days in AGEING[name])
        return SQL(" AND ").join(
            [*([SQL("%s >= %s", day, begin)] if begin else []), *([SQL("%s <= %s", day, end)] if end else [])],
        )

    def _from(self):
        """Where an order owes on several days, these are looked at once, for all columns by age: an array in their order.

        An aggregate without groups is one row, so the planner leaves the join out where no age is asked for, as when rows are counted.
        """
        sums = SQL(", ").join(
            SQL("COALESCE(SUM(part.value::numeric) FILTER (WHERE %s), 0)", self._within(SQL("part.key::date"), name)) for name in AGEING
        )
        return SQL(
            """
            FROM sale_order so
            LEFT JOIN LATERAL (SELECT ARRAY[%s] AS ages FROM jsonb_each_text(so.kehu_due_parts) part) parts ON TRUE
            """,
            sums,
        )

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

    def action_free_surplus(self):
        """Open a document that frees what this one order received beyond what it owes."""
        self.check_access("read")
        return self.order_id.action_kehu_free_surplus()

    def action_open_order(self):
        """Show the order, or the list of several."""
        self.check_access("read")
        action = {"type": "ir.actions.act_window", "name": self.env._("Orders"), "res_model": "sale.order"}
        if len(self) == 1:
            return {**action, "res_id": self.order_id.id, "views": [(False, "form")]}
        return {**action, "domain": [("id", "in", self.order_id.ids)], "views": [(False, "list"), (False, "form")]}
