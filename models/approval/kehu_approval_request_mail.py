"""The message that tells an approver by e-mail what waits: one per person, for people who handle notifications by e-mail."""

import logging
from datetime import timedelta
from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..system.engine import as_engine
from .kehu_approval_mixin import ENGINE

_logger = logging.getLogger(__name__)

CRON = "kehu_crm.kehu_approval_cron_mail"
TEMPLATE = "kehu_crm.mail_template_kehu_approval_waiting"
DELAY = timedelta(minutes=1)  # what is submitted within a minute comes in one message
SLICE = 500
NAMED = 3


class KehuApprovalRequest(models.Model):
    _inherit = "kehu.approval.request"

    mail_pending = fields.Boolean(export_string_translation=False, help="Somebody it waits for was not told by e-mail yet.")
    mail_told = fields.Json(export_string_translation=False, help="Ids of the users who were told by e-mail.")
    mail_told_on = fields.Datetime(export_string_translation=False, help="When they were told. A later step begins anew.")

    _mail_idx = models.Index("(id) WHERE mail_pending")

    @api.model_create_multi
    def create(self, vals_list):
        requests = super().create([{"mail_pending": bool(vals.get("decider_ids")), **vals} for vals in vals_list])
        requests._kehu_order_mail()
        return requests

    def write(self, vals):
        result = super().write(vals)
        if "decider_ids" in vals:
            waiting = self.filtered("decider_ids")
            super(KehuApprovalRequest, waiting).write({"mail_pending": True})
            super(KehuApprovalRequest, self - waiting).write({"mail_pending": False})
            waiting._kehu_order_mail()
        return result

    def _kehu_deciders_changed(self, users):
        result = super()._kehu_deciders_changed(users)
        self._kehu_order_mail()
        return result

    def _kehu_order_mail(self):
        """Let the job run in a minute, once per transaction, when somebody whom these requests wait for wants e-mail."""
        # sudo: res.users - how they want to be told
        wants = any(user.notification_type == "email" for user in self.decider_ids.sudo())
        ordered = self.env.cr.precommit.data
        if wants and "kehu_approval_mail" not in ordered:
            ordered["kehu_approval_mail"] = True
            # sudo: ir.cron.trigger - submitting a document wakes the job, whoever submits
            self.env["ir.cron.trigger"].sudo().create(
                {"cron_id": self.env["ir.model.data"]._xmlid_to_res_id(CRON), "call_at": fields.Datetime.now() + DELAY}
            )

    @api.model
    def _cron_kehu_mail(self):
        """Send what is to be told, in slices that are kept one by one. Called by the job; runs as superuser."""
        domain = [("mail_pending", "=", True)]
        while True:
            requests = self.search(domain, order="id", limit=SLICE).try_lock_for_update(allow_referencing=True)
            if not requests:
                break  # none left, or somebody decides on them at this moment: the job runs again
            requests._kehu_send_mail()
            if not self.env["ir.cron"]._commit_progress(len(requests), remaining=self.search_count(domain)):
                break

    def _kehu_send_mail(self):
        """Tell those who were not told yet what waits for them; in superuser mode.

        :return: the messages in the host's queue
        :rtype: mail.mail
        """
        now = fields.Datetime.now()
        mails = self.env["mail.mail"]
        by_user = {}
        for request in self:
            begun = request.turn_on or request.date_submitted
            known = request.mail_told or [] if request.mail_told_on and request.mail_told_on >= begun else []
            for user in request.decider_ids:
                if user.id not in known and user.active and user.notification_type == "email" and user.email:
                    by_user.setdefault(user, self.browse())
                    by_user[user] |= request
            as_engine(request, ENGINE).write({"mail_pending": False, "mail_told": request.decider_ids.ids, "mail_told_on": now})
        template = self.env.ref(TEMPLATE, raise_if_not_found=False)
        for user, requests in by_user.items() if template else ():
            lines = requests._kehu_mail_lines(user)
            if not lines:
                continue
            names = [line["name"] for line in lines[:NAMED]]
            if len(lines) > NAMED:
                names.append(f"+{len(lines) - NAMED}")
            try:
                with self.env.cr.savepoint():
                    # of no record: whoever reads the user's own record has no part in what waits for them
                    sent = template.with_context(kehu_lines=lines, kehu_names=", ".join(names)).send_mail(
                        user.id, email_values={"model": False, "res_id": False}
                    )
            except UserError:
                # the text can be changed by administrators: what they broke holds up nobody else
                _logger.exception("The e-mail about what waits for %s could not be made.", user.login)
            else:
                mails += mails.browse(sent)
        if mails:
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        return mails

    def _kehu_mail_lines(self, user):
        """What a person may read of these requests, in their language, for the message.

        :param res.users user: in superuser mode
        :return: [{"name", "subject", "kind", "requester", "message", "since", "due", "is_late", "url"}]; empty texts where nothing is said
        :rtype: list[dict]
        """
        own = self.with_user(user).with_context(lang=user.lang, tz=user.tz, allowed_company_ids=user.company_ids.ids)
        readable = own._filtered_access("read")
        open_documents = {
            (documents._name, document_id)
            for documents in readable._kehu_documents()
            for document_id in documents._filtered_access("read").ids
        }
        now = fields.Datetime.now()

        def moment(date):
            return format_datetime(own.env, date, dt_format="short") if date else ""

        lines = []
        for request in readable:
            known = (request.res_model, request.res_id) in open_documents
            query = urlencode({"model": request.res_model, "res_id": request.res_id})
            lines.append(
                {
                    "name": request.name,
                    "subject": (known and request.subject) or "",
                    "kind": request.document_type or "",
                    # sudo: res.users - the name of who submitted
                    "requester": request.requester_id.sudo().name,
                    "message": (known and request.comment) or "",
                    "since": moment(request.turn_on or request.date_submitted),
                    "due": moment(request.date_due),
                    "is_late": bool(request.date_due and request.date_due < now),
                    "url": f"{request.get_base_url()}/mail/view?{query}",
                }
            )
        return lines
