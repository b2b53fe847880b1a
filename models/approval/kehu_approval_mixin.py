from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.exceptions import KehuEngineOnlyError
from .exceptions import (
    KehuApprovalBusyError,
    KehuApprovalDeciderError,
    KehuApprovalError,
    KehuApprovalFrozenError,
    KehuApprovalOpinionError,
    KehuApprovalTransitionError,
)
from .guard import FROZEN_STATES, changed_fields, computed_columns, create_without_computed, raise_computed
from .mail_activity import ACTIVITY_ENGINE, ACTIVITY_TYPE

ENGINE = "approval"
ENGINE_FIELDS = {"kehu_approval_state", "kehu_request_id"}

APPROVAL_STATES = [
    ("draft", "Draft"),
    ("pending", "Pending"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
]


class KehuApprovalMixin(models.AbstractModel):
    """A document that people submit, approve, reject and withdraw.

    How to put it on a model (which also inherits ``mail.thread`` and ``mail.activity.mixin``)::

        class Contract(models.Model):
            _name = "x.contract"
            _inherit = ["mail.thread", "mail.activity.mixin", "kehu.approval.mixin"]  # existing: ["sale.order", …]

            def _kehu_protected_fields(self):          # frozen while pending and once approved
                return super()._kehu_protected_fields() | {"partner_id", "amount"}
            def _kehu_submit_error(self):              # a sentence, or False
                return False if self.amount else self.env._("The amount is missing.")
            def _kehu_on_approved(self):               # called with sudo: what approval brings about
                self.action_sign()

        class ContractLine(models.Model):
            _inherit = ["x.contract.line", "kehu.approval.line.mixin"]
            _kehu_document_field = "contract_id"
            def _kehu_protected_line_fields(self):
                return {"product_id", "price"}

    Then a ``kehu.approval.flow`` with one step in ``data/<room>``; read access and record rules for the approvers
    (``("kehu_request_id.participant_ids", "in", [user.id])``); and in the form view the blocks ``kehu_approval_buttons``,
    ``kehu_approval_hint`` and ``kehu_approval`` of ``views/sales/sale_order_views.xml``. Protected fields turn readonly in forms by
    themselves (`_get_view`).

    Everything that is not a hook is guarded here, in create, write and unlink, whoever calls: form, import, RPC, superuser.
    """

    _name = "kehu.approval.mixin"
    _description = "Document with Approval"

    # (from, to): which step makes it. The guard in write lets nothing else pass.
    _KEHU_TRANSITIONS = {
        ("draft", "pending"): "submit",
        ("rejected", "pending"): "submit",
        ("pending", "approved"): "approve",
        ("pending", "rejected"): "reject",
        ("pending", "draft"): "withdraw",
        ("approved", "draft"): "reset",
        ("rejected", "draft"): "reset",
    }

    # Not required: the host writes rows of its own models before this add-on is loaded, as its tests at installation do.
    kehu_approval_state = fields.Selection(
        APPROVAL_STATES,
        string="Approval",
        default="draft",
        index=True,
        copy=False,
        readonly=True,
        tracking=True,
        help="Where the document is on its way to approval. Changed by submitting, withdrawing, approving and rejecting only.",
    )
    kehu_request_id = fields.Many2one(
        "kehu.approval.request",
        string="Approval Request",
        index="btree_not_null",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="The latest submission of this document.",
    )
    kehu_approval_required = fields.Boolean(
        string="Approval Required",
        compute="_compute_kehu_approval_required",
        help="A flow applies to this document and it is not approved yet.",
    )
    kehu_can_edit = fields.Boolean(
        string="Can Edit", compute="_compute_kehu_can", help="You may work on this document, not only look at it."
    )
    kehu_can_submit = fields.Boolean(string="Can Submit", compute="_compute_kehu_can")
    kehu_can_withdraw = fields.Boolean(string="Can Withdraw", compute="_compute_kehu_can")
    kehu_can_decide = fields.Boolean(string="Can Decide", compute="_compute_kehu_can", help="You may approve or reject this document now.")
    kehu_approval_hint = fields.Char(
        string="Approval Hint",
        compute="_compute_kehu_approval_hint",
        help="Whom the document waits for, or what to do next.",
    )
    kehu_approval_timeline = fields.Html(
        string="Decisions",
        compute="_compute_kehu_approval_timeline",
        sanitize=False,
        help="Every submission and decision on this document, newest first.",
    )

    # ------------------------------------------------------------
    # Hooks that documents fill
    # ------------------------------------------------------------

    def _kehu_protected_fields(self):
        """Names of the fields that cannot change while the document is pending or approved.

        Leave out one2many fields whose lines carry `kehu.approval.line.mixin`: the lines are guarded themselves.

        :rtype: set[str]
        """
        return set()

    def _kehu_pending_fields(self):
        """Names of further fields that cannot change while the document is pending, but may again once it is approved.

        :rtype: set[str]
        """
        return set()

    def _kehu_computed_columns(self, names):
        """Those of some names that nobody writes on a document under approval, in no state. Hook."""
        return computed_columns(self, names)

    def _kehu_is_governed(self):
        """Tell whether approval concerns this one document at all; only then are its calculated columns kept from being written."""
        self.ensure_one()
        # sudo: document - its state decides for every reader alike
        return self.sudo().kehu_approval_state != "draft" or bool(self._kehu_find_flows()[self])

    def _kehu_submit_error(self):
        """Why this one document cannot be submitted yet, as a sentence without the document's name; False when it can."""
        self.ensure_one()
        return False

    def _kehu_document_owner(self):
        """The user to whom this one document belongs; owners do not approve their own documents.

        :rtype: res.users
        """
        self.ensure_one()
        return self["user_id"] if "user_id" in self._fields else self.env["res.users"]

    def _kehu_own_people(self):
        """Whose own document this one is now: who made it and to whom it belongs. Unless the flow allows it, they do not approve it.

        :rtype: res.users
        """
        self.ensure_one()
        document = self.sudo()  # sudo: document - to judge, not to return
        return document.create_uid | document._kehu_document_owner()

    def _kehu_approval_subject(self):
        """One line that tells an approver what this one document is about, such as customer and amount."""
        self.ensure_one()
        return ""

    def _kehu_on_submitted(self):
        """Called after documents became pending. ``self`` may be many and is in superuser mode, as in the three below."""

    def _kehu_on_approved(self):
        """Called after documents became approved. What it raises undoes the approval, and the text reaches the approver."""

    def _kehu_on_rejected(self):
        """Called after documents were rejected."""

    def _kehu_on_withdrawn(self):
        """Called after documents were withdrawn."""

    # ------------------------------------------------------------
    # Computed
    # ------------------------------------------------------------

    @api.depends("kehu_approval_state")
    def _compute_kehu_approval_required(self):
        flows = self._kehu_find_flows()
        for document in self:
            document.kehu_approval_required = document.kehu_approval_state != "approved" and bool(flows[document])

    @api.depends("kehu_approval_state", "kehu_request_id")
    @api.depends_context("uid")
    def _compute_kehu_can(self):
        writable = self._filtered_access("write")
        for document in self:
            saved = bool(document._origin.id)
            document.kehu_can_edit = not saved or document in writable
            document.kehu_can_submit = (
                saved
                and document._origin.kehu_approval_state in ("draft", "rejected")
                and document in writable
                and document.kehu_approval_required
                and not document._kehu_submit_error()
            )
            document.kehu_can_withdraw = saved and not document._kehu_withdraw_error()
            document.kehu_can_decide = saved and not document._kehu_decide_error()

    @api.depends("kehu_approval_state", "kehu_request_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_kehu_approval_hint(self):
        readable = self._origin._filtered_access("read")
        for document in self:
            known = not document._origin or document._origin in readable
            document.kehu_approval_hint = known and document._kehu_get_hint()

    def _kehu_get_hint(self):
        """The one line that a form shows above the sheet; False when there is nothing to say."""
        self.ensure_one()
        # What is stored counts: in an unsaved form a client says what it likes about state and request.
        # sudo: kehu.approval.request - who reads the document may know where it is
        request = self._origin.sudo().kehu_request_id
        last = request.decision_ids[-1:]
        state = self._origin.kehu_approval_state or "draft"
        if state == "pending":
            if not self._kehu_decide_error():
                return self.env._("This document waits for your decision.")
            waiting = self.env._(
                "Waiting for %(approver)s since %(date)s. Nothing can be changed until it is decided or withdrawn.",
                approver=self._kehu_names(request.decider_ids),
                date=format_datetime(self.env, request.date_submitted, dt_format="short"),
            )
            if any(not self._kehu_is_member(user, request) for user in request.decider_ids):
                waiting = self.env._(
                    "%(approver)s can no longer decide. Withdraw the document and submit it to somebody else.",
                    approver=self._kehu_names(request.decider_ids),
                )
            return waiting
        if state == "rejected" and last and self.kehu_approval_required:
            return self.env._(
                "Correct it and submit it again. %(user)s rejected it: “%(opinion)s”",
                user=last.user_id.name,
                opinion=(last.comment or "").strip(),
            )
        if state == "draft" and self.kehu_approval_required:
            reason = self._kehu_submit_error()
            return reason or self.env._("To be approved: submit it when it is ready.")
        return False

    @api.depends("kehu_approval_state", "kehu_request_id")
    @api.depends_context("lang", "tz")
    def _compute_kehu_approval_timeline(self):
        # sudo: kehu.approval.request - who reads the document reads its whole history, also from before it was theirs
        readable = self._origin._filtered_access("read")
        # sudo: kehu.approval.request - see above
        requests = self.env["kehu.approval.request"].sudo().search([("res_model", "=", self._name), ("res_id", "in", readable.ids)])
        by_document = requests.grouped("res_id")
        for document in self:
            own = by_document.get(document._origin.id)
            document.kehu_approval_timeline = own and self.env["ir.qweb"]._render(
                "kehu_crm.kehu_approval_timeline",
                {
                    "decisions": own.decision_ids.sorted("id", reverse=True),
                    "format_date": lambda date: format_datetime(self.env, date, dt_format="short"),
                },
            )

    # ------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Every document is born a draft, whatever the values, defaults of the context or an import say."""
        if not is_engine(self.env, ENGINE):
            for vals in vals_list:
                if vals.get("kehu_approval_state", "draft") != "draft" or vals.get("kehu_request_id"):
                    self._kehu_raise_engine_only()
                vals.update(kehu_approval_state="draft", kehu_request_id=False)
        return create_without_computed(self, vals_list, super().create, lambda document: document._kehu_is_governed())

    def write(self, vals):
        if is_engine(self.env, ENGINE):
            if "kehu_approval_state" in vals:
                for document in self:
                    document._kehu_check_transition(vals["kehu_approval_state"])
        else:
            if ENGINE_FIELDS & vals.keys():
                self._kehu_raise_engine_only()
            computed = self._kehu_computed_columns(vals)
            if computed:
                for document in self:
                    names = document._kehu_is_governed() and changed_fields(document, vals, computed)
                    if names:
                        raise_computed(document, names)
            protected = {"approved": self._kehu_protected_fields() & vals.keys()}
            protected["pending"] = protected["approved"] | (self._kehu_pending_fields() & vals.keys())
            if protected["pending"]:
                for document in self:
                    # sudo: document - the guard holds for those who cannot read it
                    names = protected.get(document.sudo().kehu_approval_state)
                    if names and changed_fields(document, vals, names):
                        document._kehu_raise_frozen()
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_frozen(self):
        if is_uninstalling(self.env):
            return
        for document in self:
            if document.sudo().kehu_approval_state in FROZEN_STATES:  # sudo: document - the guard holds for those who cannot read it
                document._kehu_raise_frozen()

    def _kehu_raise_engine_only(self):
        raise KehuEngineOnlyError(
            self.env._(
                "The approval of a document is not written by hand. Use its buttons: submit, withdraw, approve, reject.",
            )
        )

    def _kehu_raise_frozen(self):
        """Say that this one document cannot change now.

        :raises KehuApprovalFrozenError: always
        """
        document = self.sudo()  # sudo: document - its name and state, for the sentence
        if document.kehu_approval_state == "pending":
            text = self.env._(
                "“%(document)s” waits for approval and cannot be changed or deleted. Withdraw it first.", document=document.display_name
            )
        else:
            text = self.env._(
                "“%(document)s” is approved and cannot be changed or deleted. Cancel it and start a new round of approval.",
                document=document.display_name,
            )
        raise KehuApprovalFrozenError(text)

    def _kehu_check_transition(self, target, step=None):
        """Refuse a step that the table of transitions does not know.

        :param str target: state to reach
        :param str step: the step that is to lead there; any when left out
        :raises KehuApprovalTransitionError: otherwise
        """
        self.ensure_one()
        source = self.sudo().kehu_approval_state  # sudo: document - state only
        found = self._KEHU_TRANSITIONS.get((source, target))
        if found and step in (found, None):
            return
        labels = dict(self._fields["kehu_approval_state"]._description_selection(self.env))
        document = self.sudo()  # sudo: document, kehu.approval.decision - who was faster, for the sentence
        last = document.kehu_request_id.decision_ids[-1:]
        raise KehuApprovalTransitionError(
            self.env._(
                "“%(document)s” cannot become “%(wanted)s”: it is “%(current)s” (last step: %(user)s). "
                "Reload the page to see what happened.",
                document=document.display_name,
                wanted=labels.get(target, target),
                current=labels.get(source, source),
                user=last.user_id.name or document.create_uid.name,
            )
        )

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

    # ------------------------------------------------------------
    # Views
    # ------------------------------------------------------------

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Make protected fields readonly in forms while the document is frozen, so that nobody types what cannot be saved."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            frozen, pending = "kehu_approval_state in ('pending', 'approved')", "kehu_approval_state == 'pending'"
            for node in arch.iter("field"):
                parents = [parent.get("name") for parent in node.iterancestors("field")]
                if not parents and node.get("name") in self._kehu_protected_fields():
                    _add_readonly(node, frozen, self._fields[node.get("name")])
                elif not parents and (node.get("name") in self._kehu_pending_fields() or self._kehu_has_guarded_lines(node.get("name"))):
                    _add_readonly(node, pending, self._fields[node.get("name")])
                elif len(parents) == 1 and self._kehu_has_guarded_lines(parents[0]):
                    lines = self.env[self._fields[parents[0]].comodel_name]
                    if node.get("name") in lines._kehu_protected_line_fields():
                        _add_readonly(node, "parent." + frozen, lines._fields[node.get("name")])
        return arch, view

    def _kehu_has_guarded_lines(self, name):
        field = self._fields.get(name)
        return (
            field is not None
            and field.type == "one2many"
            and issubclass(self.env.registry[field.comodel_name], self.env.registry["kehu.approval.line.mixin"])
        )


def _add_readonly(node, condition, field):
    """Let a field be readonly under one more condition; one that is readonly by itself stays so, and is not sent by forms."""
    old = node.get("readonly", "1" if field.readonly else None)
    if old in ("1", "True", "true"):
        return
    node.set("readonly", f"({old}) or {condition}" if old and old not in ("0", "False", "false") else condition)
