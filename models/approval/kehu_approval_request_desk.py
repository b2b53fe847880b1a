"""What people see of a request: its kind, and the way it went and will go."""

from odoo import api, fields, models
from odoo.tools import format_datetime, ormcache

TONES = {
    "submitted": "info",
    "approved": "success",
    "rejected": "danger",
    "returned": "warning",
    "escalated": "warning",
}
NAMED = 4


class KehuApprovalRequest(models.Model):
    _inherit = "kehu.approval.request"

    document_kind = fields.Selection(
        "_selection_document_kind",
        string="Kind of Document",
        compute="_compute_document_kind",
        store=True,
        precompute=True,
        export_string_translation=False,
        help="Kind of document, to search and group by.",
    )
    timeline = fields.Html(
        compute="_compute_timeline", sanitize=False, help="Who did what on this request, where it is now, and what is still to come."
    )

    @api.model
    @ormcache("self.env.lang")
    def _selection_document_kind(self):
        names = self.env["kehu.approval.flow"]._kehu_document_models()
        # sudo: ir.model - names of the models only
        kinds = self.env["ir.model"].sudo().browse([self.env["ir.model"]._get_id(name) for name in names])
        return sorted(((kind.model, kind.name) for kind in kinds), key=lambda kind: kind[1] or "")

    @api.depends("res_model")
    def _compute_document_kind(self):
        names = set(self.env["kehu.approval.flow"]._kehu_document_models())
        for request in self:
            request.document_kind = request.res_model if request.res_model in names else False

    @api.depends("state", "decision_ids", "step_line_ids.state", "decider_ids")
    @api.depends_context("lang", "tz", "uid")
    def _compute_timeline(self):
        readable = self._origin._filtered_access("read")
        for request in self:
            # sudo: kehu.approval.request - who reads the request reads its whole way, decisions of others included
            request.timeline = request._origin in readable and request._origin.sudo()._kehu_render_timeline()

    # ------------------------------------------------------------
    # Timeline
    # ------------------------------------------------------------

    def _kehu_render_timeline(self):
        """The way of one document as HTML: its submissions, the newest first, each from the submission to the steps still to come.

        :return: text, False without requests; call it in superuser mode, after checking that the document may be read
        :rtype: markupsafe.Markup
        """
        if not self:
            return False
        requests = self.sorted("id", reverse=True)
        rounds = [
            {"number": len(requests) > 1 and len(requests) - index, "events": request._kehu_timeline_events()}
            for index, request in enumerate(requests)
        ]
        return self.env["ir.qweb"]._render("kehu_crm.kehu_approval_timeline", {"rounds": rounds})

    def _kehu_timeline_events(self):
        """What the timeline shows of this one request.

        :return: [{"kind": done | current | waiting, "user": res.users or empty, "label", "tone", "behalf", "target", "step", "note",
            "comment", "date", "late"}], in the order of time
        :rtype: list[dict]
        """
        labels = dict(self.env["kehu.approval.decision"]._fields["result"]._description_selection(self.env))
        events = [
            {
                "kind": "done",
                "user": decision.user_id,
                "label": labels[decision.result],
                "tone": TONES.get(decision.result, "secondary"),
                "behalf": decision.on_behalf_id.name,
                "target": decision.target_user_id.name if decision.result != "submitted" else False,
                "step": decision.step_name if decision.result != "submitted" else False,
                "note": False,
                "comment": decision.comment,
                "date": self._kehu_moment(decision.date),
                "late": False,
            }
            for decision in self.decision_ids.sorted("id")
        ]
        if self.state == "pending":
            events += [
                self._kehu_timeline_step(line) for line in self.step_line_ids.sorted("sequence") if line.state in ("current", "waiting")
            ]
        return events

    def _kehu_timeline_step(self, line):
        """The part of :meth:`_kehu_timeline_events` about a step that is not decided yet."""
        now = fields.Datetime.now()
        is_current = line.state == "current"
        people = self.decider_ids if is_current else line.user_ids
        late = bool(is_current and line.date_due and line.date_due < now)
        if is_current:
            label = self.env._("Waiting since %(date)s", date=self._kehu_moment(line.date_opened or self.date_submitted))
        else:
            label = self.env._("To come")
        notes = []
        if is_current and line.agreed_ids:
            notes.append(self.env._("approved by %(names)s", names=line.agreed_ids.mapped("name")))
        if line.agree == "all" and len(line.user_ids) > 1:
            notes.append(self.env._("all of them have to approve"))
        elif line.agree == "number" and line.minimum > 1:
            notes.append(self.env._("%(count)s of them have to approve", count=line.minimum))
        if is_current and line.date_due:
            notes.append(self.env._("due %(date)s", date=self._kehu_moment(line.date_due)))
        return {
            "kind": line.state,
            "user": people.browse(),
            "label": label,
            "tone": "primary" if is_current else "light",
            "behalf": False,
            "target": False,
            "step": line.name,
            "note": self._kehu_some_names(people),
            "comment": False,
            "date": " · ".join(notes),
            "late": late,
        }

    def _kehu_some_names(self, users):
        """A few names, and how many more."""
        names = ", ".join(users[:NAMED].mapped("name"))
        if len(users) > NAMED:
            return self.env._("%(names)s and %(count)s more", names=names, count=len(users) - NAMED)
        return names

    def _kehu_moment(self, date):
        return format_datetime(self.env, date, dt_format="short") if date else ""
