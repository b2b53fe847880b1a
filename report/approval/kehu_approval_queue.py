from odoo import api, fields, models
from odoo.tools import SQL

# results of decisions that end somebody's wait; the others, such as the submission, are nobody's wait
ENDING = ("approved", "rejected", "returned", "forwarded")
WAITING = "waiting"


class KehuApprovalDecision(models.Model):
    _inherit = "kehu.approval.decision"

    _date_idx = models.Index("(date)")  # the report of a month reads the opinions of that month


class KehuApprovalQueue(models.Model):
    """How long documents wait for whom: one row per opinion that somebody gave, and one per step that still waits.

    Hours go by the clock, from when the step began to the opinion, or to now. A step that was sent back begins anew: an opinion from before
    counts from what happened before it on the request. The row's id is even for an opinion and odd for a step.
    """

    _name = "kehu.approval.queue"
    _description = "Waiting Times of Approvals"
    _auto = False
    _rec_name = "name"
    _order = "date_opened desc, id desc"
    _depends = {
        "kehu.approval.request": [
            "name",
            "document_kind",
            "flow_id",
            "requester_id",
            "owner_id",
            "kehu_department_id",
            "company_id",
            "state",
            "date_submitted",
        ],
        "kehu.approval.request.step": ["request_id", "name", "state", "date_opened", "date_due"],
        "kehu.approval.decision": ["request_id", "step_line_id", "step_name", "user_id", "on_behalf_id", "result", "date"],
    }

    request_id = fields.Many2one("kehu.approval.request", readonly=True)
    name = fields.Char(string="Document", readonly=True)
    document_kind = fields.Selection("_selection_document_kind", string="Kind of Document", readonly=True)
    flow_id = fields.Many2one("kehu.approval.flow", readonly=True)
    step_name = fields.Char(string="Step", readonly=True)
    user_id = fields.Many2one("res.users", string="Decided By", readonly=True, help="Empty while the step waits.")
    on_behalf_id = fields.Many2one("res.users", string="On Behalf Of", readonly=True)
    requester_id = fields.Many2one("res.users", string="Submitted By", readonly=True)
    owner_id = fields.Many2one("res.users", readonly=True)
    kehu_department_id = fields.Many2one("hr.department", string="Department", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    date_opened = fields.Datetime(string="Waiting Since", readonly=True)
    date_due = fields.Datetime(string="Due On", readonly=True)
    date = fields.Datetime(string="Decided On", readonly=True)
    hours = fields.Float(string="Hours Waited", readonly=True, aggregator="avg", help="By the clock; up to now while the step waits.")
    late_hours = fields.Float(string="Hours Late", readonly=True, aggregator="avg", help="Hours after the due date; 0 when in time.")
    is_late = fields.Boolean(string="Overdue", readonly=True, help="Decided, or still waiting, after the due date.")
    result = fields.Selection(
        [
            (WAITING, "Waiting"),
            ("approved", "Approved"),
            ("rejected", "Rejected"),
            ("returned", "Sent Back"),
            ("forwarded", "Forwarded"),
        ],
        readonly=True,
    )

    @api.model
    def _selection_document_kind(self):
        return self.env["kehu.approval.request"]._selection_document_kind()

    @property
    def _table_query(self):
        return SQL(
            """SELECT id, request_id, name, document_kind, flow_id, step_name, user_id, on_behalf_id, requester_id, owner_id,
                      kehu_department_id, company_id, date_opened, date_due, date, result,
                      EXTRACT(EPOCH FROM COALESCE(date, %(now)s) - date_opened) / 3600 AS hours,
                      GREATEST(EXTRACT(EPOCH FROM COALESCE(date, %(now)s) - date_due) / 3600, 0) AS late_hours,
                      COALESCE(COALESCE(date, %(now)s) > date_due, FALSE) AS is_late
                 FROM (%(decided)s UNION ALL %(waiting)s) AS wait""",
            now=fields.Datetime.now(),
            decided=self._decided(),
            waiting=self._waiting(),
        )

    def _decided(self):
        """:return: the opinions"""
        return SQL(
            """SELECT 2 * decision.id AS id, request.id AS request_id, request.name, request.document_kind, request.flow_id,
                      COALESCE(decision.step_name, step.name) AS step_name, decision.user_id, decision.on_behalf_id,
                      request.requester_id, request.owner_id, request.kehu_department_id, request.company_id,
                      CASE WHEN step.date_opened <= decision.date THEN step.date_opened
                           ELSE COALESCE((SELECT max(earlier.date) FROM kehu_approval_decision earlier
                                           WHERE earlier.request_id = request.id AND earlier.id < decision.id), request.date_submitted)
                      END AS date_opened,
                      CASE WHEN step.date_opened <= decision.date THEN step.date_due END AS date_due,
                      decision.date, decision.result
                 FROM kehu_approval_decision decision
                 JOIN kehu_approval_request request ON request.id = decision.request_id
                 LEFT JOIN kehu_approval_request_step step ON step.id = decision.step_line_id
                WHERE decision.result IN %(ending)s""",
            ending=ENDING,
        )

    def _waiting(self):
        """:return: the steps that wait"""
        return SQL(
            """SELECT 2 * step.id + 1 AS id, request.id AS request_id, request.name, request.document_kind, request.flow_id,
                      step.name AS step_name, NULL::integer AS user_id, NULL::integer AS on_behalf_id,
                      request.requester_id, request.owner_id, request.kehu_department_id, request.company_id,
                      COALESCE(step.date_opened, request.date_submitted) AS date_opened, step.date_due,
                      NULL::timestamp AS date, %(waiting)s AS result
                 FROM kehu_approval_request_step step
                 JOIN kehu_approval_request request ON request.id = step.request_id
                WHERE step.state = 'current' AND request.state = 'pending'""",
            waiting=WAITING,
        )

    def action_open_request(self):
        """Open the request with its timeline."""
        self.ensure_one()
        return self.request_id.get_formview_action()
