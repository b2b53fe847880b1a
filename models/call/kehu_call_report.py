from odoo import fields, models
from odoo.tools import SQL

from .kehu_call_line import STATES
from .kehu_phone_call import OUTCOMES

KINDS = [("line", "Customer on the List"), ("call", "Call")]


class KehuCallReport(models.Model):
    """Figures of call lists: one row for each customer on a list, credited to whoever calls, and one for each call, credited to whoever
    made it. No row names a customer, so that the figures of a list stay whole when customers move on.

    ``converted`` counts customers on the list who got an opportunity, or a confirmed order, after a call from the list had reached them.
    """

    _name = "kehu.call.report"
    _description = "Call Statistics"
    _auto = False
    _order = "id desc"
    _rec_name = "list_id"
    _depends = {
        "kehu.call.line": ["list_id", "user_id", "kehu_department_id", "company_id", "state", "outcome", "last_call_on", "partner_id"],
        "kehu.call.list": ["user_id", "kehu_department_id"],
        "kehu.phone.call": [
            "list_id",
            "line_id",
            "user_id",
            "kehu_department_id",
            "company_id",
            "outcome",
            "date",
            "duration",
            "is_reached",
        ],
        "res.partner": ["kehu_customer_id"],
        "crm.lead": ["partner_id", "type"],
        "sale.order": ["partner_id", "state", "date_order"],
    }

    kind = fields.Selection(KINDS, readonly=True)
    list_id = fields.Many2one("kehu.call.list", string="Call List", readonly=True)
    author_id = fields.Many2one("res.users", readonly=True)
    user_id = fields.Many2one("res.users", string="Caller", readonly=True)
    kehu_department_id = fields.Many2one("hr.department", string="Department", readonly=True)
    author_department_id = fields.Many2one("hr.department", string="Department of the Author", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date = fields.Datetime(readonly=True, help="When the call was made, or the customer was called last.")
    state = fields.Selection(STATES, readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True, help="Of the call, or of the last call with the customer.")
    customers = fields.Integer(readonly=True, help="Customers on the list.")
    customers_open = fields.Integer(string="Still to Call", readonly=True)
    attempts = fields.Integer(string="Calls", readonly=True)
    reached = fields.Integer(readonly=True, help="Calls that reached somebody.")
    reached_rate = fields.Float(string="Reached (%)", readonly=True, aggregator="avg", help="Of 100 calls, how many reached somebody.")
    talk_time = fields.Float(readonly=True, help="Minutes.")
    callbacks = fields.Integer(string="Callbacks Agreed", readonly=True)
    converted = fields.Integer(
        readonly=True, help="Customers who got an opportunity or a confirmed order after a call from the list had reached them."
    )

    @property
    def _table_query(self):
        return SQL("(%s) UNION ALL (%s)", self._kehu_lines(), self._kehu_calls())

    def _kehu_lines(self):
        """One row for each customer on a list."""
        return SQL(
            """SELECT line.id * 2 AS id, 'line' AS kind, line.list_id, list.user_id AS author_id, line.user_id, line.kehu_department_id,
                      list.kehu_department_id AS author_department_id, line.company_id,
                      COALESCE(line.last_call_on, line.create_date) AS date, line.state, line.outcome,
                      1 AS customers, (line.state IN ('open', 'callback'))::int AS customers_open, 0 AS attempts, 0 AS reached,
                      NULL::float AS reached_rate, 0.0::float AS talk_time, 0 AS callbacks, (%s)::int AS converted
                 FROM kehu_call_line line
                 JOIN kehu_call_list list ON list.id = line.list_id
            LEFT JOIN (SELECT line_id, min(date) AS date FROM kehu_phone_call
                        WHERE is_reached AND line_id IS NOT NULL GROUP BY line_id) first ON first.line_id = line.id""",
            self._kehu_converted(),
        )

    def _kehu_converted(self):
        """What counts as a success of the list; other add-ons extend it."""
        return SQL(
            """first.date IS NOT NULL AND (
                   EXISTS (SELECT FROM res_partner p JOIN crm_lead lead ON lead.partner_id = p.id
                            WHERE p.kehu_customer_id = line.partner_id AND lead.type = 'opportunity' AND lead.create_date >= first.date)
                OR EXISTS (SELECT FROM res_partner p JOIN sale_order o ON o.partner_id = p.id
                            WHERE p.kehu_customer_id = line.partner_id AND o.state = 'sale' AND o.date_order >= first.date))"""
        )

    def _kehu_calls(self):
        """One row for each call made from a list."""
        return SQL(
            """SELECT call.id * 2 + 1 AS id, 'call' AS kind, call.list_id, list.user_id AS author_id, call.user_id, call.kehu_department_id,
                      list.kehu_department_id AS author_department_id, call.company_id, call.date, NULL AS state, call.outcome,
                      0 AS customers, 0 AS customers_open, 1 AS attempts, call.is_reached::int AS reached,
                      CASE WHEN call.is_reached THEN 100.0 ELSE 0.0 END AS reached_rate, call.duration AS talk_time,
                      (call.callback_on IS NOT NULL)::int AS callbacks, 0 AS converted
                 FROM kehu_phone_call call
                 JOIN kehu_call_list list ON list.id = call.list_id"""
        )
