from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, ormcache

from ..system.engine import is_record_id
from .exceptions import KehuApprovalError, KehuApprovalOpinionError, KehuApprovalTransitionError
from .words import is_blank

REQUEST_STATES = [
    ("pending", "Pending"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
]

FEW_REQUESTS = 1000  # a list that the database goes through within microseconds

DECIDABLE = ("approved", "rejected", "forwarded", "added")  # what can be done with many requests in one call


class KehuApprovalRequest(models.Model):
    """One submission of one document, from the day it is submitted to the day it is decided or withdrawn.

    What the flow said that day is copied (steps, people, own documents allowed): later changes of the set-up do not move a running
    request. Who may decide now is stored in ``decider_ids``, so that "waiting for me" is one indexed query.
    """

    _name = "kehu.approval.request"
    _description = "Approval Request"
    _inherit = ["kehu.engine.log.mixin"]
    _kehu_engine = "approval"
    _order = "id desc"

    # document
    name = fields.Char(string="Document", required=True, help="Name of the document on the day it was submitted.")
    subject = fields.Char(help="What the document is about: customer, amount.")
    res_model = fields.Char(string="Document Model", required=True)
    res_id = fields.Many2oneReference(string="Document ID", model_field="res_model", required=True)
    document_type = fields.Char(compute="_compute_document_type", string="Kind")
    company_id = fields.Many2one("res.company", index=True)

    # people
    requester_id = fields.Many2one("res.users", string="Submitted By", required=True, index=True, ondelete="restrict")
    owner_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        ondelete="restrict",
        help="To whom the document belonged when it was submitted. Owners do not approve their own documents.",
    )
    kehu_department_id = fields.Many2one(
        "hr.department",
        string="Department",
        compute="_compute_kehu_department_id",
        compute_sudo=True,
        store=True,
        precompute=True,
        index="btree_not_null",
        help="Department of the owner, or of who submitted.",
    )
    approver_id = fields.Many2one(
        "res.users", index=True, ondelete="restrict", help="Who was asked to decide; empty while several people are asked."
    )
    decider_ids = fields.Many2many(
        "res.users",
        "kehu_approval_request_decider_rel",
        "request_id",
        "user_id",
        string="Waiting For",
        context={"active_test": False},
        help="Who may decide now. Empty once the request is closed.",
    )
    participant_ids = fields.Many2many(
        "res.users",
        "kehu_approval_request_participant_rel",
        "request_id",
        "user_id",
        string="Participants",
        context={"active_test": False},
        help="Everybody who was ever asked about this document. They keep reading it.",
    )

    # what the flow said
    flow_id = fields.Many2one("kehu.approval.flow", index="btree_not_null", ondelete="set null")
    step_id = fields.Many2one("kehu.approval.step", string="Step of the Flow", index="btree_not_null", ondelete="set null")
    step_name = fields.Char(string="Step", help="Name of the present step, or of the last one once the request is closed.")
    group_id = fields.Many2one(
        "res.groups", string="Role", ondelete="restrict", help="Those asked must still be members of this role when deciding."
    )
    allow_self = fields.Boolean(string="Own Documents Allowed")
    once_per_person = fields.Boolean(string="Once per Person")
    if_nobody = fields.Selection(
        [("refuse", "The document cannot be submitted"), ("administrator", "CRM administrators decide")],
        string="When Nobody Qualifies",
        default="refuse",
    )
    step_line_ids = fields.One2many("kehu.approval.request.step", "request_id", string="Steps")

    # life
    state = fields.Selection(REQUEST_STATES, required=True, default="pending", index=True)
    comment = fields.Text(help="What the submitter wrote to the approver.")
    date_submitted = fields.Datetime(string="Submitted On", required=True)
    date_closed = fields.Datetime(string="Closed On")
    turn_on = fields.Datetime(string="Waiting Since", help="When the present step began.")
    date_due = fields.Datetime(string="Due On", help="When the time limit of the present step ends.")
    decision_ids = fields.One2many("kehu.approval.decision", "request_id", string="Decisions")

    _document_idx = models.Index("(res_model, res_id)")

    @api.depends("res_model")
    def _compute_document_type(self):
        for request in self:
            # sudo: ir.model - name of the model only
            request.document_type = self.env["ir.model"]._get(request.res_model).sudo().name if request.res_model in self.env else False

    @api.depends("owner_id.kehu_home_department_id", "requester_id.kehu_home_department_id")
    def _compute_kehu_department_id(self):
        for request in self:
            request.kehu_department_id = (request.owner_id or request.requester_id).kehu_home_department_id

    def _kehu_documents(self):
        """The documents of these requests, by model: list of recordsets in the user's environment; deleted ones are left out."""
        documents = []
        for model_name, requests in self.grouped("res_model").items():
            if model_name in self.env and isinstance(self.env[model_name], self.env.registry["kehu.approval.mixin"]):
                documents.append(self.env[model_name].browse(requests.mapped("res_id")).exists())
        return documents

    def _kehu_current_lines(self):
        """The step at which each of these requests is.

        :return: {request: step}; no step for closed requests
        :rtype: dict
        """
        lines = self.step_line_ids.filtered(lambda line: line.state == "current").grouped("request_id")
        return {request: lines.get(request, self.env["kehu.approval.request.step"]) for request in self}

    @api.model
    def _kehu_waiting_for(self, users, after, limit):
        """Pending requests whose present step asks some people, decided by deputies or not, in the order of their ids.

        :param res.users users: who is asked
        :param int after: id of the last request seen
        :param int limit: how many at most
        """
        if not users:
            return self.browse()
        self.env["kehu.approval.request.step"].flush_model(["request_id", "state", "user_ids", "escalated_ids"])
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT step.request_id
                     FROM kehu_approval_request_step step
                    WHERE step.state = 'current' AND step.request_id > %(after)s
                      AND (EXISTS (SELECT FROM kehu_approval_request_step_user_rel asked
                                    WHERE asked.step_id = step.id AND asked.user_id IN %(users)s)
                           OR EXISTS (SELECT FROM kehu_approval_request_step_escalated_rel late
                                       WHERE late.step_id = step.id AND late.user_id IN %(users)s))
                 ORDER BY step.request_id
                    LIMIT %(limit)s""",
                after=after,
                users=tuple(users.ids),
                limit=limit,
            )
        )
        return self.browse(row[0] for row in rows)

    @api.model
    @ormcache("self.env.uid", "day")
    def _kehu_asked_often(self, day):
        """Tell whether the person who asks was asked about many documents, see `kehu.approval.mixin._search_kehu_has_asked_me`.

        How fast they are found depends on it, not which: so it is asked once a day.

        :param str day: today
        """
        column = self._fields["participant_ids"]
        relation, user = SQL.identifier(column.relation), SQL.identifier(column.column2)
        few = SQL("SELECT FROM %s WHERE %s = %s LIMIT %s", relation, user, self.env.uid, FEW_REQUESTS + 1)
        return self.env.execute_query(SQL("SELECT count(*) FROM (%s) few", few))[0][0] > FEW_REQUESTS

    def _kehu_own_people(self):
        """Whose own document each of these requests is about: who submitted it, to whom it belonged then, and whose it is now.

        :return: {request: users}
        :rtype: dict
        """
        own = {request: request.requester_id | request.owner_id for request in self}
        by_document = {(request.res_model, request.res_id): request for request in self}
        for documents in self._kehu_documents():
            for document in documents.sudo():  # sudo: document - to judge, not to return
                request = by_document[document._name, document.id]
                own[request] |= document._kehu_own_people()
        return own

    def _kehu_refresh_deciders(self):
        """Bring up to date who may decide on these requests now, as deputies and time limits say; in superuser mode."""
        by_document = {
            (request.res_model, request.res_id): request for request in self.filtered(lambda request: request.state == "pending")
        }
        for documents in self._kehu_documents():
            documents = documents.sudo().filtered(  # sudo: document - the engine's own doing
                lambda document: document.kehu_request_id == by_document.get((document._name, document.id))
            )
            documents._kehu_sync_deciders()

    @api.model
    def _kehu_people_changed(self, users):
        """Some users were archived, or came back: what waits for them is looked at again.

        :param res.users users: who may be asked in steps
        """
        after = 0
        while waiting := self._kehu_waiting_for(users, after, 500):
            waiting._kehu_refresh_deciders()
            after = waiting[-1].id
        deputies = self.env["kehu.approval.deputy"].sudo()  # sudo: kehu.approval.deputy - of everybody
        standing = deputies.with_context(active_test=False).search([("deputy_id", "in", users.ids)])
        if standing:
            standing._kehu_apply()

    # ------------------------------------------------------------
    # Deciding on many
    # ------------------------------------------------------------

    def kehu_decide(self, result, comment=None, user_id=None):
        """Decide on the documents of these requests as far as possible; what cannot be done does not keep the rest from it.

        :param str result: ``approved``, ``rejected``, ``forwarded`` or ``added``
        :param str comment: opinion; compulsory when rejecting
        :param int user_id: to whom it is forwarded, or who shall sign as well
        :return: {"done": [id], "refused": [{"id": int, "name": str, "reason": str}]}; every request is in one of them
        :rtype: dict
        :raises KehuApprovalError: when the result is none of these
        :raises KehuApprovalOpinionError: when the opinion is no text, or is missing although it is compulsory
        """
        if not isinstance(result, str) or result not in DECIDABLE:
            raise KehuApprovalError(
                self.env._("Documents can be approved, rejected, forwarded or given a further signatory, and nothing else at once.")
            )
        self.env["kehu.approval.mixin"]._kehu_check_words(comment)
        if result == "rejected" and is_blank(comment):
            raise KehuApprovalOpinionError(self.env._("A rejection needs an opinion: tell the submitter what to correct."))
        ids = list(dict.fromkeys(self.ids))
        existing = self.browse(record_id for record_id in ids if is_record_id(record_id)).exists()
        readable = existing._filtered_access("read")
        refused = {
            record_id: ("", self.env._("You cannot see this request, or it does not exist any more."))
            for record_id in ids
            if record_id not in readable._ids
        }
        pending = self.browse()
        for model_name, requests in readable.grouped("res_model").items():
            documents = self._kehu_decidable_documents(model_name, requests)
            for request in requests:
                if request.res_id not in documents:
                    refused[request.id] = (request.name, self.env._("The document does not exist any more, or you cannot see it."))
            requests = requests.filtered(lambda request, documents=documents: request.res_id in documents)
            pending += requests
        for _model_name, requests in pending.grouped("res_model").items():
            requests._kehu_decide_some(result, comment, user_id, refused)
        return {
            "done": [record_id for record_id in ids if record_id not in refused],
            "refused": [{"id": record_id, "name": name, "reason": reason} for record_id, (name, reason) in refused.items()],
        }

    def _kehu_decidable_documents(self, model_name, requests):
        """Ids of the documents of some requests of one model that are there and that this user sees.

        :rtype: set[int]
        """
        if model_name not in self.env["kehu.approval.flow"]._kehu_document_models():
            return set()
        documents = self.env[model_name].browse(requests.mapped("res_id")).exists()
        return set(documents._filtered_access("read").ids)

    def _kehu_decide_some(self, result, comment, user_id, refused):
        """Decide on all of these requests of one model at once; where something is refused, on each half, down to the one to blame.

        :param dict refused: {request id: (name, reason)}; filled here
        """
        documents = self.env[self[0].res_model].browse(self.mapped("res_id"))
        try:
            with self.env.cr.savepoint():
                # two requests of one document: only the later one can be pending
                if len(set(documents.ids)) != len(documents):
                    raise KehuApprovalTransitionError(
                        self.env._("“%(document)s” was submitted anew meanwhile.", document=self.mapped("name"))
                    )
                if result == "approved":
                    documents._kehu_approve(comment, self)
                elif result == "rejected":
                    documents._kehu_reject(comment, self)
                elif result == "forwarded":
                    documents._kehu_forward(user_id, comment, self)
                else:
                    documents._kehu_add_signatory(user_id, comment, self)
        except UserError as error:
            if len(self) == 1:
                refused[self.id] = (self.name, str(error))
                return
            middle = len(self) // 2
            for half in (self[:middle], self[middle:]):
                half._kehu_decide_some(result, comment, user_id, refused)

    def action_open_document(self):
        """Open the form of the document."""
        self.ensure_one()
        documents = self._kehu_documents()
        if not documents or not documents[0]:
            raise KehuApprovalError(
                self.env._("“%(document)s” does not exist any more; only its approval history is left.", document=self.name)
            )
        documents[0].check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(documents[0].get_formview_id(), "form")],
            "name": self.name,
        }

    def action_approve(self):
        """Ask for an opinion, then approve the documents of these requests."""
        return self.env["kehu.approval.decide"]._kehu_open(self, "approved")

    def action_reject(self):
        """Ask for an opinion, then reject the documents of these requests."""
        return self.env["kehu.approval.decide"]._kehu_open(self, "rejected")

    def action_forward(self):
        """Ask for the person, then forward the documents of these requests."""
        return self.env["kehu.approval.decide"]._kehu_open(self, "forwarded")

    def action_add_signatory(self):
        """Ask for the person, then let them sign the documents of these requests as well."""
        return self.env["kehu.approval.decide"]._kehu_open(self, "added")
