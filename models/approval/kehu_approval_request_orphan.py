"""Requests whose document is gone past every guard: deleted by SQL, or with the add-on that its kind belonged to."""

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ..system.engine import as_engine
from .kehu_approval_mixin import ENGINE
from .mail_activity import ACTIVITY_ENGINE

SLICE = 500


class KehuApprovalRequest(models.Model):
    _inherit = "kehu.approval.request"

    @api.model
    def _kehu_close_orphans(self):
        """Withdraw what nobody can decide on any more, so that it does not wait for ever. Called by the hourly job, as superuser.

        :return: how many; at most one slice for each kind of document, the rest next time
        :rtype: int
        """
        self.flush_model(["state", "res_model", "res_id"])
        documents, closed = set(self.env["kehu.approval.flow"]._kehu_document_models()), 0
        for (model_name,) in self.env.execute_query(SQL("SELECT DISTINCT res_model FROM kehu_approval_request WHERE state = 'pending'")):
            gone = SQL("TRUE")
            if model_name in documents:
                table = SQL.identifier(self.env[model_name]._table)
                gone = SQL("NOT EXISTS (SELECT FROM %s document WHERE document.id = request.res_id)", table)
            elif model_name in self.env:
                continue  # approval was switched off meanwhile, which is refused while something waits: an update is running
            rows = self.env.execute_query(
                SQL(
                    "SELECT id FROM kehu_approval_request request WHERE state = 'pending' AND res_model = %s AND %s ORDER BY id LIMIT %s",
                    model_name,
                    gone,
                    SLICE,
                )
            )
            requests = self.browse(row[0] for row in rows).try_lock_for_update(allow_referencing=True)
            requests._kehu_close_orphan()
            closed += len(requests)
        return closed

    def _kehu_close_orphan(self):
        """See :meth:`_kehu_close_orphans`."""
        if not self:
            return
        now = fields.Datetime.now()
        activities = self.env["mail.activity"].search(
            [
                ("activity_type_id", "=", self.env["mail.activity"]._kehu_approval_type().id),
                ("automated", "=", True),
                ("res_model", "in", self.mapped("res_model")),
                ("res_id", "in", self.mapped("res_id")),
            ]
        )
        own = {(request.res_model, request.res_id) for request in self}
        mine = activities.filtered(lambda activity: (activity.res_model, activity.res_id) in own)
        as_engine(mine, ACTIVITY_ENGINE).unlink()
        as_engine(self.env["kehu.approval.decision"], ENGINE).create(
            [
                {
                    "request_id": request.id,
                    "step_name": request.step_name,
                    "user_id": self.env.uid,
                    "result": "withdrawn",
                    "comment": self.env._("The document does not exist any more."),
                    "date": now,
                }
                for request in self
            ]
        )
        open_lines = self.step_line_ids.filtered(lambda line: line.state in ("current", "waiting"))
        as_engine(open_lines, ENGINE).write({"state": "withdrawn", "date_closed": now, "date_alarm": False})
        as_engine(self, ENGINE).write({"state": "withdrawn", "date_closed": now, "date_due": False, "decider_ids": [Command.clear()]})
