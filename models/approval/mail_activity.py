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

    @api.model_create_multi
    def create(self, vals_list):
        """Only a submission asks for approval: a fake one would look the same to the decider."""
        activities = super().create(vals_list)
        activities._kehu_check_genuine()
        return activities

    def write(self, vals):
        """Approvers may put their own activity off; nobody else changes it."""
        if not is_engine(self.env, ACTIVITY_ENGINE):
            for activity, request in self._kehu_asking():
                mine = activity.sudo().user_id == self.env.user  # sudo: mail.activity - to compare only
                if not mine or not LINK_FIELDS.isdisjoint(vals):
                    self._kehu_raise_asking(request)
        kind = self._kehu_approval_type()
        others = "activity_type_id" in vals and self.filtered(lambda activity: activity.activity_type_id != kind)
        result = super().write(vals)
        if others:
            others._kehu_check_genuine()
        return result

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

    @api.model
    def _kehu_approval_type(self):
        # the cached id: env.ref() would ask the database again for each activity
        return self.env["mail.activity.type"].browse(self.env["ir.model.data"]._xmlid_to_res_id(ACTIVITY_TYPE) or [])

    def _kehu_check_genuine(self):
        """:raises KehuApprovalActivityError: when one of these new activities is of the engine's type and not made by it"""
        if not is_engine(self.env, ACTIVITY_ENGINE) and self._kehu_approval_type() in self.activity_type_id:
            raise KehuApprovalActivityError(
                self.env._(
                    "An activity “%(type)s” is made by submitting a document, and by nothing else. Choose another type of activity.",
                    type=self._kehu_approval_type().sudo().name,  # sudo: mail.activity.type - its name
                )
            )

    def _kehu_asking(self):
        """Those of these activities that ask a decider of a request that is still open.

        :return: [(mail.activity, kehu.approval.request)]; the request is in superuser mode
        :rtype: list[tuple]
        """
        activity_type = self._kehu_approval_type()
        # sudo: mail.activity - to judge, not to return
        asking = self._origin.sudo().filtered(
            lambda activity: (
                activity.active and activity.automated and activity_type and activity.activity_type_id == activity_type and activity.res_id
            )
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
