from odoo import api, models

from ..system.engine import is_engine, is_uninstalling
from .exceptions import KehuApprovalActivityError

ACTIVITY_TYPE = "kehu_crm.mail_activity_type_approval"
ACTIVITY_ENGINE = "approval_activity"
# what says for whom an activity is and on which document, and whether it is still open
LINK_FIELDS = frozenset({"active", "activity_type_id", "automated", "res_id", "res_model", "res_model_id", "user_id"})


class MailActivity(models.Model):
    """What asks somebody to approve is closed by the decision or the withdrawal, and by nothing else.

    Otherwise a submitter, who may write on the document and therefore on its activities, could take the approver's reminder away.
    """

    _inherit = "mail.activity"

    def _compute_can_write(self):
        """The web client offers done, edit and cancel where this is set."""
        result = super()._compute_can_write()
        for activity, _request in self._kehu_asking():
            activity.can_write = False
        return result

    def write(self, vals):
        """Approvers may put their own activity off; nobody else changes it."""
        if not is_engine(self.env, ACTIVITY_ENGINE):
            for activity, request in self._kehu_asking():
                mine = activity.sudo().user_id == self.env.user  # sudo: mail.activity - to compare only
                if not mine or not LINK_FIELDS.isdisjoint(vals):
                    self._kehu_raise_asking(request)
        return super().write(vals)

    def _action_done(self, feedback=False, attachment_ids=None):
        """Refuse before the host posts that it was done."""
        if not is_engine(self.env, ACTIVITY_ENGINE):
            for _activity, request in self._kehu_asking():
                self._kehu_raise_asking(request)
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_asking_for_approval(self):
        if is_uninstalling(self.env) or is_engine(self.env, ACTIVITY_ENGINE):
            return
        for _activity, request in self._kehu_asking():
            self._kehu_raise_asking(request)

    def _kehu_asking(self):
        """Those of these activities that ask a decider of a request that is still open.

        :return: [(mail.activity, kehu.approval.request)]; the request is in superuser mode
        :rtype: list[tuple]
        """
        activity_type = self.env.ref(ACTIVITY_TYPE, raise_if_not_found=False)
        # sudo: mail.activity - to judge, not to return
        asking = self._origin.sudo().filtered(
            lambda activity: activity.active and activity.automated and activity.activity_type_id == activity_type and activity.res_id
        )
        if not asking:
            return []
        # sudo: kehu.approval.request - whether it is open does not depend on who asks
        requests = self.env["kehu.approval.request"].sudo()
        found = requests.search(
            [
                ("state", "=", "pending"),
                ("res_model", "in", list(set(asking.mapped("res_model")))),
                ("res_id", "in", asking.mapped("res_id")),
            ]
        )
        by_document = {(request.res_model, request.res_id): request for request in found}
        result = []
        for activity in self:
            judged = activity._origin.sudo()  # sudo: mail.activity - see above
            request = judged in asking and by_document.get((judged.res_model, judged.res_id))
            if request and judged.user_id in request.decider_ids:
                result.append((activity, request))
        return result

    def _kehu_raise_asking(self, request):
        """:raises KehuApprovalActivityError: always"""
        raise KehuApprovalActivityError(
            self.env._(
                "“%(document)s” waits for the decision of %(approver)s, and this activity reminds of it. It is closed by approving, "
                "rejecting or withdrawing the document.",
                document=request.name,
                approver=request.decider_ids.mapped("name"),
            )
        )
