from odoo import api, fields, models
from odoo.fields import Domain

from ..system.engine import as_engine
from .exceptions import (
    KehuApprovalBusyError,
    KehuApprovalDeciderError,
    KehuApprovalError,
    KehuApprovalOpinionError,
    KehuApprovalTransitionError,
)
from .kehu_approval_mixin import ENGINE
from .mail_activity import ACTIVITY_ENGINE, ACTIVITY_TYPE


class KehuApprovalMixin(models.AbstractModel):
    """What people do with a document on its way: submit, withdraw, approve, reject; and who may."""

    _inherit = "kehu.approval.mixin"

    # ------------------------------------------------------------
    # Flows
    # ------------------------------------------------------------

    def _kehu_find_flows(self):
        """The flow that each document takes.

        :return: {document: flow}; an empty flow where the document needs no approval
        :rtype: dict
        """
        # sudo: kehu.approval.flow, document - which flow applies does not depend on who asks
        flows = self.env["kehu.approval.flow"].sudo()
        found = dict.fromkeys(self, flows)
        rest = self
        for flow_id, company_id, domain in flows._kehu_flows_of(self._name):
            fitting = rest
            if company_id:
                # a flow of a company is one of its branches, too
                fitting = rest.filtered(
                    lambda document, company_id=company_id: (
                        # sudo: res.company - parents, to compare only
                        not document._kehu_company() or company_id in document.sudo()._kehu_company().parent_ids.ids
                    )
                )
            flow = flows.browse(flow_id)
            if domain != "[]":
                # sudo: document - the condition holds whoever asks
                fitting = fitting.sudo().filtered_domain(Domain(flow._kehu_domain())).sudo(self.env.su)
            for document in fitting:
                found[document] = flow
            rest -= fitting
            if not rest:
                break
        return found

    def _kehu_company(self):
        return self["company_id"] if "company_id" in self._fields else self.env.company

    def _kehu_candidates(self):
        """Who may be asked to approve each document, by the first step of its flow.

        :return: {document: users}; empty where no flow applies or nobody is left
        :rtype: dict
        """
        pools = {}
        result = {}
        for document, flow in self._kehu_find_flows().items():
            step = flow.step_ids[:1]
            company = document._kehu_company()
            if (step, company) not in pools:
                # sudo: res.users - empty, to add to
                pools[step, company] = step._kehu_candidates(company) if step else self.env["res.users"].sudo()
            users = pools[step, company]
            if step and not flow.allow_self:
                users -= self.env.user.sudo() | document._kehu_own_people()  # sudo: res.users - to compare only
            result[document] = users.sudo(False)
        return result

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def action_kehu_submit(self):
        """Ask for the approver, then submit."""
        return self.env["kehu.approval.submit"]._kehu_open(self)

    def action_kehu_approve(self):
        """Ask for an opinion, then approve."""
        return self.env["kehu.approval.decide"]._kehu_open(self._kehu_own_requests(), "approved")

    def action_kehu_reject(self):
        """Ask for an opinion, then reject."""
        return self.env["kehu.approval.decide"]._kehu_open(self._kehu_own_requests(), "rejected")

    def _kehu_own_requests(self):
        """The requests of these documents, after checking that this user may decide on all of them."""
        self.check_access("read")
        self._kehu_check_decider()
        return self.kehu_request_id

    def kehu_submit(self, approver_id=None, comment=None):
        """Submit documents for approval. All or none.

        :param int approver_id: who shall decide; may be left out when only one person can
        :param str comment: word to the approver
        :raises KehuApprovalError: with the reason, naming the document
        """
        self._kehu_check_words(comment)
        return self._kehu_unique()._kehu_submit(approver_id, comment)

    @api.model
    def _kehu_check_words(self, comment):
        """:raises KehuApprovalOpinionError: when a comment is neither text nor empty"""
        if comment and not isinstance(comment, str):
            raise KehuApprovalOpinionError(self.env._("An opinion is text, and %(value)s is none. Write it in words.", value=repr(comment)))

    def _kehu_unique(self):
        """These documents, each once; a client may send an id twice."""
        return self.browse(dict.fromkeys(self.ids))

    def _kehu_submit(self, approver_id, comment):
        """See :meth:`kehu_submit`."""
        self.check_access("write")
        self._kehu_lock(self)
        for document in self:
            document._kehu_check_transition("pending", "submit")
        flows = self._kehu_find_flows()
        candidates = self._kehu_candidates()
        approvers = {}
        for document in self:
            if not flows[document]:
                raise KehuApprovalError(self.env._("“%(document)s” needs no approval.", document=document.display_name))
            reason = document._kehu_submit_error()
            if reason:
                raise KehuApprovalError(
                    self.env._("“%(document)s” cannot be submitted. %(reason)s", document=document.display_name, reason=reason)
                )
            approvers[document] = document._kehu_pick_approver(flows[document].step_ids[:1], candidates[document], approver_id)
        now = fields.Datetime.now()
        # sudo: kehu.approval.request - users cannot write requests, this method may
        requests = as_engine(self.env["kehu.approval.request"].sudo(), ENGINE).create(
            [
                {
                    "name": document.display_name,
                    "subject": document._kehu_approval_subject(),
                    "res_model": self._name,
                    "res_id": document.id,
                    "company_id": document._kehu_company().id,
                    "requester_id": self.env.uid,
                    "owner_id": document._kehu_document_owner().id,
                    "approver_id": approvers[document].id,
                    "decider_ids": [fields.Command.set(approvers[document].ids)],
                    # sudo: kehu.approval.request - everybody who was ever asked keeps reading
                    "participant_ids": [fields.Command.set((approvers[document] | document.sudo().kehu_request_id.participant_ids).ids)],
                    "flow_id": flows[document].id,
                    "step_id": flows[document].step_ids[:1].id,
                    "step_name": flows[document].step_ids[:1].name,
                    "group_id": flows[document].step_ids[:1].group_id.id,
                    "allow_self": flows[document].allow_self,
                    "state": "pending",
                    "comment": comment,
                    "date_submitted": now,
                }
                for document in self
            ]
        )
        self._kehu_log(requests, "submitted", comment)
        for document, request in zip(self, requests, strict=True):
            as_engine(document, ENGINE).write({"kehu_approval_state": "pending", "kehu_request_id": request.id})
        self._kehu_ask_deciders(requests)
        self.sudo()._kehu_on_submitted()  # sudo: document - hooks run as the system, see their docstring
        return True

    def _kehu_pick_approver(self, step, candidates, approver_id):
        """The one who shall decide on this document.

        :param kehu.approval.step step: first step of its flow
        :param res.users candidates: who may be asked
        :param int approver_id: who was chosen, or None
        """
        self.ensure_one()
        role = step.group_id.name
        if not candidates:
            raise KehuApprovalError(
                self.env._(
                    "Nobody can approve “%(document)s”: the role “%(role)s” has no member besides you and its owner. "
                    "Ask the administrator to add one.",
                    document=self.display_name,
                    role=role,
                )
            )
        if approver_id is None and len(candidates) == 1:
            return candidates
        if not approver_id:
            raise KehuApprovalError(
                self.env._(
                    "Choose who shall approve “%(document)s”: %(candidates)s.",
                    document=self.display_name,
                    candidates=self._kehu_names(candidates),
                )
            )
        approver = candidates.filtered(lambda user: user.id == approver_id)
        if not approver:
            raise KehuApprovalError(
                self.env._(
                    "The chosen person cannot approve “%(document)s”. Choose one of: %(candidates)s.",
                    document=self.display_name,
                    candidates=self._kehu_names(candidates),
                )
            )
        return approver

    def kehu_withdraw(self):
        """Take pending documents back. All or none; for who submitted or owns them, their managers and the administrator."""
        return self._kehu_unique()._kehu_withdraw()

    def _kehu_withdraw(self):
        """See :meth:`kehu_withdraw`."""
        self.check_access("read")
        self._kehu_lock_requests()
        for document in self:
            document._kehu_check_transition("draft", "withdraw")
            reason = document._kehu_withdraw_error()
            if reason:
                raise KehuApprovalDeciderError(reason)
        self._kehu_close("withdrawn", "draft")
        self.sudo()._kehu_on_withdrawn()  # sudo: document - hooks run as the system, see their docstring
        return True

    def kehu_approve(self, comment=None):
        """Approve pending documents as their decider. All or none.

        :param str comment: opinion
        :raises KehuApprovalDeciderError: when this is not yours to decide
        :raises KehuApprovalTransitionError: when it was decided or withdrawn meanwhile
        """
        self._kehu_check_words(comment)
        return self._kehu_unique()._kehu_approve(comment)

    def _kehu_approve(self, comment, requests=None):
        """See :meth:`kehu_approve`.

        :param kehu.approval.request requests: the submissions that the user saw; a later one of the same document is refused
        """
        self.check_access("read")
        self._kehu_lock_requests()
        for document in self:
            document._kehu_check_transition("approved", "approve")
        self._kehu_check_requests(requests)
        self._kehu_check_decider()
        with self.env.cr.savepoint():
            self._kehu_close("approved", "approved", comment)
            self.sudo()._kehu_on_approved()  # sudo: document - hooks run as the system, see their docstring
        return True

    def kehu_reject(self, comment):
        """Send pending documents back to their submitter. All or none.

        :param str comment: opinion, compulsory
        """
        self._kehu_check_words(comment)
        return self._kehu_unique()._kehu_reject(comment)

    def _kehu_reject(self, comment, requests=None):
        """See :meth:`kehu_reject` and :meth:`_kehu_approve`."""
        self.check_access("read")
        if not (comment or "").strip():
            raise KehuApprovalOpinionError(self.env._("A rejection needs an opinion: tell the submitter what to correct."))
        self._kehu_lock_requests()
        for document in self:
            document._kehu_check_transition("rejected", "reject")
        self._kehu_check_requests(requests)
        self._kehu_check_decider()
        self._kehu_close("rejected", "rejected", comment)
        self.sudo()._kehu_on_rejected()  # sudo: document - hooks run as the system, see their docstring
        return True

    def _kehu_check_requests(self, requests):
        """Refuse when one of these documents was withdrawn and submitted anew since the user opened the dialog.

        :raises KehuApprovalTransitionError: naming the document
        """
        if requests is None:
            return
        for document in self:
            if document.sudo().kehu_request_id not in requests.sudo():  # sudo: kehu.approval.request - compare only
                raise KehuApprovalTransitionError(
                    self.env._(
                        "“%(document)s” was submitted anew meanwhile and may have changed. Reload the page and look at it again.",
                        document=document.sudo().display_name,  # sudo: document - its name, for the sentence
                    )
                )

    def _kehu_reset_approval(self, comment=None):
        """Back to draft, because the document itself was cancelled or reopened; what was decided stays in the history.

        For code of documents; the caller has checked the rights.
        """
        pending = self.filtered(lambda document: document.kehu_approval_state == "pending")
        if pending:
            pending._kehu_lock_requests()
            pending._kehu_close("withdrawn", "draft", comment)
        others = self.filtered(lambda document: document.kehu_approval_state in ("approved", "rejected"))
        if others:
            as_engine(others, ENGINE).write({"kehu_approval_state": "draft"})

    # ------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------

    def _kehu_is_member(self, user, request):
        """Tell whether a user is still active and in the role that a request asks for."""
        user = user.sudo()  # sudo: res.users - groups of a user
        return user.active and (not request.group_id or request.group_id in user.all_group_ids)

    def _kehu_decide_error(self):
        """Why this user cannot decide on this one document now, as a sentence; False when they can."""
        self.ensure_one()
        document = self._origin.sudo()  # sudo: document, kehu.approval.request - to judge, not to return
        request, user, name = document.kehu_request_id, self.env.user, document.display_name
        if document.kehu_approval_state != "pending":
            return self.env._("“%(document)s” does not wait for a decision.", document=name)
        if not request.allow_self and user in (request.requester_id | request.owner_id | document._kehu_own_people()):
            return self.env._(
                "“%(document)s” is your own document. Somebody else has to decide on it: %(approver)s.",
                document=name,
                approver=self._kehu_names(request.decider_ids),
            )
        if user not in request.decider_ids:
            return self.env._(
                "“%(document)s” waits for %(approver)s. Only they can decide.",
                document=name,
                approver=self._kehu_names(request.decider_ids),
            )
        if not self._kehu_is_member(user, request):
            return self.env._(
                "You are no longer a member of the role “%(role)s”. “%(document)s” has to be withdrawn and submitted to somebody else.",
                document=name,
                role=request.group_id.name,
            )
        return False

    def _kehu_check_decider(self):
        """:raises KehuApprovalDeciderError: unless this user may decide on every one of these documents now"""
        for document in self:
            reason = document._kehu_decide_error()
            if reason:
                raise KehuApprovalDeciderError(reason)

    def _kehu_withdraw_error(self):
        """Why this user cannot withdraw this one document now, as a sentence; False when they can."""
        self.ensure_one()
        document = self._origin.sudo()  # sudo: document, kehu.approval.request - to judge, not to return
        request, user, name = document.kehu_request_id, self.env.user, document.display_name
        if document.kehu_approval_state != "pending":
            return self.env._("“%(document)s” does not wait for a decision.", document=name)
        people = request.requester_id | request.owner_id
        if user in people or user.has_group("kehu_crm.group_kehu_director"):
            return False
        if user.has_group("kehu_crm.group_kehu_manager") and user._kehu_oversees(people):
            return False
        return self.env._(
            "“%(document)s” was submitted by %(user)s. Only they, its owner or their manager can withdraw it.",
            document=name,
            user=request.requester_id.name,
        )

    def _kehu_names(self, users):
        return users.sudo().mapped("name")  # sudo: res.users - names only

    # ------------------------------------------------------------
    # Engine room
    # ------------------------------------------------------------

    def _kehu_lock_requests(self):
        """Lock the requests of these documents for this transaction, then the documents.

        Somebody who waits behind us gets a sentence; somebody who was faster makes this transaction start again, and it then sees the
        new state (the host repeats a request after a serialization failure).
        """
        self._kehu_lock(self.sudo().kehu_request_id)  # sudo: kehu.approval.request - lock only
        self._kehu_lock(self)

    def _kehu_lock(self, records):
        """:raises KehuApprovalBusyError: when another transaction holds one of these rows"""
        if records.try_lock_for_update(allow_referencing=True) != records:
            raise KehuApprovalBusyError(
                self.env._(
                    "Somebody else is deciding on “%(document)s” at this moment. Reload the page to see the result.",
                    document=self.sudo().mapped("display_name"),  # sudo: document - names only
                )
            )

    def _kehu_close(self, result, state, comment=None):
        """Write a decision: request closed, decision kept, document in its new state, activities gone, submitter told.

        :param str result: state of the request and result of the decision
        :param str state: state of the document
        """
        comment = (comment or "").strip() or False
        documents = self.sudo()  # sudo: document, kehu.approval.request - deciders cannot write them, the engine may
        requests = documents.kehu_request_id
        as_engine(requests, ENGINE).write({"state": result, "date_closed": fields.Datetime.now(), "decider_ids": [fields.Command.clear()]})
        self._kehu_log(requests, result, comment)
        if comment:
            documents._track_set_log_message(comment)
        as_engine(documents, ENGINE).write({"kehu_approval_state": state})
        documents._kehu_close_activities(comment, done=result != "withdrawn")
        self._kehu_tell_submitters(requests, result)

    def _kehu_log(self, requests, result, comment):
        # sudo: kehu.approval.decision - users cannot write decisions, the engine may
        as_engine(self.env["kehu.approval.decision"].sudo(), ENGINE).create(
            [
                {
                    "request_id": request.id,
                    "user_id": self.env.uid,
                    "result": result,
                    "comment": comment,
                    "date": fields.Datetime.now(),
                }
                for request in requests
            ]
        )

    def _kehu_ask_deciders(self, requests):
        """An activity on each document for those who decide, and a notification at once; one message per person, not per document."""
        activity_type = self.env.ref(ACTIVITY_TYPE)
        # sudo: mail.activity - the submitter may not write activities of others
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        as_engine(activities, ACTIVITY_ENGINE).create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": request.res_id,
                    "activity_type_id": activity_type.id,
                    "summary": self.with_context(lang=user.lang).env._("To approve"),
                    "note": request.comment,
                    "automated": True,
                    "date_deadline": fields.Date.context_today(self.with_context(tz=user.tz)),
                    "user_id": user.id,
                }
                for request in requests
                for user in request.decider_ids
            ]
        )
        for user in requests.decider_ids:
            count = len(requests.filtered(lambda request, user=user: user in request.decider_ids))
            env = self.with_context(lang=user.lang).env
            user._bus_send(
                "simple_notification",
                {
                    "type": "info",
                    "title": env._("To Approve"),
                    "message": env._(
                        "%(user)s submitted %(count)s document(s) to you: %(names)s",
                        user=self.env.user.name,
                        count=count,
                        names=requests[:3].mapped("name"),
                    ),
                },
            )

    def _kehu_close_activities(self, comment, done):
        """Close the approvers' activities on these documents; archived as done after a decision, removed after a withdrawal."""
        activities = self.env["mail.activity"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", self.env.ref(ACTIVITY_TYPE).id),
                ("automated", "=", True),
            ]
        )
        activities = as_engine(activities, ACTIVITY_ENGINE)
        if done:
            activities.write({"active": False, "feedback": comment})
        else:
            activities.unlink()

    def _kehu_tell_submitters(self, requests, result):
        """Notify who submitted, unless they did it themselves."""
        for user, own in requests.grouped("requester_id").items():
            if user == self.env.user:
                continue
            env = self.with_context(lang=user.lang).env
            names = own[:3].mapped("name")
            texts = {
                "approved": env._("%(user)s approved %(names)s.", user=self.env.user.name, names=names),
                "rejected": env._("%(user)s rejected %(names)s.", user=self.env.user.name, names=names),
                "withdrawn": env._("%(user)s withdrew %(names)s.", user=self.env.user.name, names=names),
            }
            user._bus_send(
                "simple_notification",
                {"type": "warning" if result == "rejected" else "info", "title": env._("Approval"), "message": texts[result]},
            )
