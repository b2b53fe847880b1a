"""What waits for a person: the counter in the systray, its five latest requests, and who is told when that changes."""

from odoo import api, fields, models
from odoo.tools import SQL

BUS_MESSAGE = "kehu_approval"
LATEST = 5


class KehuApprovalRequest(models.Model):
    _inherit = "kehu.approval.request"

    # The open ones are few among many finished ones: the counter reads this index alone.
    _open_idx = models.Index("(id, company_id) WHERE state = 'pending'")

    # ------------------------------------------------------------
    # Who is told
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create(vals_list)
        requests._kehu_tell_waiting(requests.decider_ids)
        return requests

    def _kehu_deciders_changed(self, users):
        """Called after the engine has written who decides on these requests past ``write``. Hook.

        :param res.users users: who is asked now and was not before
        """
        self._kehu_tell_waiting(users)

    def write(self, vals):
        if "decider_ids" not in vals:
            return super().write(vals)
        before = {request: request.decider_ids for request in self}
        result = super().write(vals)
        changed = self.env["res.users"]
        for request in self:
            changed |= (before[request] - request.decider_ids) | (request.decider_ids - before[request])
        self._kehu_tell_waiting(changed)
        return result

    def _kehu_tell_waiting(self, users):
        """Let the screens of these users know that what waits for them has changed; they ask for the number themselves.

        :param res.users users: may be many; one message each, whatever the number of requests
        """
        users._bus_send(BUS_MESSAGE, {})

    # ------------------------------------------------------------
    # What the systray asks
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def kehu_waiting_count(self):
        """How many documents wait for the person who asks, in the companies that are switched on. One query.

        :return: {"count": int, "shown": bool}; shown is False for people who are not asked to approve anything: nothing waits, no active
            flow names them or a role of theirs, and no document was ever submitted to them
        :rtype: dict
        :raises AccessError: for portal users and the public
        """
        self.browse().check_access("read")
        self.env["kehu.approval.flow"].flush_model(["active"])
        self.env["kehu.approval.step"].flush_model(["flow_id", "group_id", "user_ids"])
        self.flush_model(["company_id", "decider_ids", "participant_ids", "state"])
        return self.env.execute_query_dict(
            SQL(
                """SELECT waiting.count,
                          waiting.count > 0
                          OR EXISTS (SELECT FROM kehu_approval_request_participant_rel WHERE user_id = %(user)s)
                          OR %(asked)s AS shown
                     FROM (SELECT count(*)
                             FROM kehu_approval_request_decider_rel mine
                             JOIN kehu_approval_request request ON request.id = mine.request_id
                            WHERE mine.user_id = %(user)s
                              AND request.state = 'pending'
                              AND (request.company_id IS NULL OR request.company_id IN %(companies)s)) waiting""",
                user=self.env.uid,
                companies=tuple(self.env.companies.ids),
                asked=self._kehu_may_be_asked_sql(),
            )
        )[0]

    def _kehu_may_be_asked_sql(self):
        """:return: the condition that a step of an active flow asks for this person"""
        return SQL(
            """EXISTS (SELECT FROM kehu_approval_step step
                         JOIN kehu_approval_flow flow ON flow.id = step.flow_id AND flow.active
                        WHERE step.group_id IN %(roles)s
                           OR step.id IN (SELECT step_id FROM kehu_approval_step_user_rel WHERE user_id = %(user)s))""",
            user=self.env.uid,
            # sudo: res.users - one's own roles, implied ones too
            roles=tuple(self.env.user.sudo().all_group_ids.ids) or (0,),
        )

    @api.model
    @api.readonly
    def kehu_waiting_latest(self):
        """The latest documents that wait for the person who asks.

        :return: at most five of {"id", "name", "subject", "kind", "requester", "requester_id", "since", "due"}, the newest first; since and
            due are texts as RPC sends moments, due is False without a time limit
        :rtype: list[dict]
        :raises AccessError: for portal users and the public
        """
        requests = self.search([("decider_ids", "in", [self.env.uid])], order="id desc", limit=LATEST)
        return [
            {
                "id": request.id,
                "name": request.name,
                "subject": request.subject or "",
                "kind": request.document_type or "",
                # sudo: res.users - the name of who submitted
                "requester": request.requester_id.sudo().name,
                "requester_id": request.requester_id.id,
                "since": fields.Datetime.to_string(request.turn_on or request.date_submitted),
                "due": fields.Datetime.to_string(request.date_due),
            }
            for request in requests
        ]
