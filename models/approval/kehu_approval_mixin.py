from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from .guard import computed_columns

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

    Then a ``kehu.approval.flow`` with its steps in ``data/<room>``; read access and record rules for the approvers
    (``("kehu_has_asked_me", "=", True)``); and in the form view the blocks ``kehu_approval_buttons``,
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
    kehu_has_asked_me = fields.Boolean(
        string="I Was Asked",
        compute="_compute_kehu_has_asked_me",
        search="_search_kehu_has_asked_me",
        help="You decide on this document, or were asked to in this round or an earlier one.",
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
        groups="base.group_user",
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

    def _kehu_check_file(self, name):
        """Refuse that somebody exchanges the file of this field of the document, whatever its state. Hook.

        :param str name: a field whose content the host keeps as an attachment
        """

    def _kehu_keeps_files(self):
        """Tell whether the files that hung on this one document when it was submitted may neither change nor go now. Hook.

        While it waits, nobody takes away what the approver looks at; where the file is the proof of what was approved, also afterwards.
        """
        self.ensure_one()
        return self.kehu_approval_state == "pending"

    def _kehu_system_fields(self):
        """Names of fields that nobody writes by hand while pending or once approved, and the host still does as the system. Hook.

        Here for files of theirs; the document's own ``write`` asks the same for values.

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

    @api.depends("kehu_request_id")
    @api.depends_context("uid")
    def _compute_kehu_has_asked_me(self):
        """Without a dependency on the participants, for which every change of them would look for documents of every kind."""
        for document in self:
            # sudo: kehu.approval.request - whether the reader is among them
            document.kehu_has_asked_me = self.env.user in document.sudo().kehu_request_id.participant_ids

    def _search_kehu_has_asked_me(self, operator, value):
        """Whom few documents were submitted to has one short list, read once, by which the database finds the documents directly.

        A long list would be gone through from its begin for each document that the database meets on another way, for instance by date:
        whom many were submitted to is looked up for each document, or in a hash of the list, as the database sees fit.
        """
        if operator != "in":
            return NotImplemented
        if {True, False} <= set(value):
            return Domain.TRUE
        requests = self.env["kehu.approval.request"]
        requests.flush_model(["participant_ids"])
        self.env[self._name].flush_model(["kehu_request_id"])
        column = requests._fields["participant_ids"]
        words = {
            "request": SQL.identifier(column.relation, column.column1),
            "asked": SQL.identifier(column.relation),
            "mine": SQL("%s = %s", SQL.identifier(column.relation, column.column2), self.env.uid),
        }
        often = requests._kehu_asked_often(fields.Date.to_string(fields.Date.today()))

        def to_sql(model, alias, query):
            own = model._field_to_sql(alias, "kehu_request_id", query)
            if often:
                return SQL("EXISTS (SELECT FROM %(asked)s WHERE %(mine)s AND %(request)s = %(own)s)", own=own, **words)
            return SQL("%(own)s = ANY(ARRAY(SELECT %(request)s FROM %(asked)s WHERE %(mine)s))", own=own, **words)

        asked = Domain.custom(to_sql=to_sql, predicate=lambda document: document.kehu_has_asked_me)
        return asked if True in value else Domain("kehu_request_id", "=", False) | ~asked

    @api.depends("kehu_approval_state")
    def _compute_kehu_approval_required(self):
        flows = self._kehu_find_flows()
        for document in self:
            document.kehu_approval_required = document.kehu_approval_state != "approved" and bool(flows[document])

    @api.depends("kehu_approval_state", "kehu_request_id")
    @api.depends_context("uid")
    def _compute_kehu_can(self):
        writable = self._filtered_access("write")
        judged = self._kehu_approval_judge()
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
            document.kehu_can_decide = saved and not judged[document][0]

    @api.depends("kehu_approval_state", "kehu_request_id")
    @api.depends_context("uid", "lang", "tz")
    def _compute_kehu_approval_hint(self):
        readable = self._origin._filtered_access("read")
        ours = self.env.su or not self.env.user.share  # customers read their orders on the portal, not what approvers said
        for document in self:
            known = ours and (not document._origin or document._origin in readable)
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
                date=format_datetime(self.env, request.turn_on or request.date_submitted, dt_format="short"),
            )
            line = request._kehu_current_lines()[request]
            gone = (line.user_ids - line.agreed_ids).filtered(lambda user: not line._kehu_is_member(user))
            if gone and not request.decider_ids - gone:
                waiting = self.env._(
                    "%(approver)s can no longer decide. Withdraw the document and submit it to somebody else.",
                    approver=self._kehu_names(gone),
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
            document.kehu_approval_timeline = own and own._kehu_render_timeline()
