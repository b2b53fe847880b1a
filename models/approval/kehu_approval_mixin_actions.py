from odoo import api, models
from odoo.fields import Domain

from ..system.engine import as_engine, is_record_id
from .exceptions import (
    KehuApprovalDeciderError,
    KehuApprovalError,
    KehuApprovalOpinionError,
    KehuApprovalStepError,
    KehuApprovalTargetError,
    KehuApprovalTransitionError,
)
from .kehu_approval_flow import parse_domain, working_users
from .kehu_approval_line_mixin import WHOLE_LINES
from .kehu_approval_mixin import ENGINE
from .memory import read_relations, unread
from .words import check_words, is_blank

LONGEST_OPINION = 5000  # characters; it is copied to activities, messages and e-mails


class KehuApprovalMixin(models.AbstractModel):
    """What people do with a document on its way: submit, withdraw, approve, reject, forward, add a signatory; and who may.

    What happens to the steps and requests then is in kehu_approval_mixin_steps.py.
    """

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
        rows = flows._kehu_flows_of(self._name)
        for flow_id, company_id, domain in rows:
            fitting = rest
            if company_id and "company_id" in self._fields:
                # a flow of a company is one of its branches, too; what belongs to no company does not get round it by the active one
                fitting = rest.filtered(
                    lambda document, company_id=company_id: (
                        # sudo: res.company - parents, to compare only
                        not document["company_id"] or company_id in document.sudo()["company_id"].parent_ids.ids
                    )
                )
            if domain != "[]":
                fitting = fitting._kehu_fitting(Domain(parse_domain(domain)))
            for document in fitting:
                found[document] = flows.browse(flow_id)
            rest -= fitting
            if not rest:
                break
        return found

    def _kehu_fitting(self, domain):
        """Those of these documents that meet the condition of a flow or a step, whoever asks. Hook for conditions that ask who acts.

        Neither rights nor language, active company and whatever else a client says in the context count, but the company of the document.

        :param odoo.fields.Domain domain: the condition
        """
        fitting = set()
        # sudo: document - see above
        for company, documents in self.sudo().grouped(lambda document: document._kehu_company()).items():
            context = {"allowed_company_ids": company.ids, "tz": self.env.user.tz}
            if self._kehu_depends_on_language(domain):
                context["lang"] = company.partner_id.lang
            fitting.update(documents.with_env(documents.env(context=context)).filtered_domain(domain)._ids)
        return self.filtered(lambda document: document._ids[0] in fitting)

    @api.model
    def _kehu_depends_on_language(self, domain):
        """Tell whether a condition looks at words that are another in another language; only then the language is read."""
        for condition in domain.iter_conditions():
            model, field = self, None
            for name in condition.field_expr.split("."):
                field = model._fields.get(name)
                model = self.env[field.comodel_name] if field and field.relational else model
            # a link is compared with words by its name; what stands in brackets is not looked into
            if condition.operator.endswith("any") or (field and (field.translate or (field.relational and "like" in condition.operator))):
                return True
        return False

    def _kehu_company(self):
        return self["company_id"] if "company_id" in self._fields else self.env.company

    def _kehu_approval_company(self, flow):
        """Where those work who decide on this one document: in its company; if it has none, in the company of its flow.

        :param kehu.approval.flow flow: may be empty
        :return: may be empty: people of all companies
        :rtype: res.company
        """
        self.ensure_one()
        own = self["company_id"] if "company_id" in self._fields else self.env["res.company"]
        return own or own.browse(flow._kehu_set_up().company_id or []) or self._kehu_company()

    def _kehu_approval_choices(self, flow, known):
        """Among whom the submitter of this one document chooses, in each step that asks them to.

        :param kehu.approval.flow flow: flow of the document, may be empty
        :param dict known: see :meth:`kehu.approval.step._kehu_approval_people`
        :return: {StepSetUp: users}
        :rtype: dict
        """
        self.ensure_one()
        steps = self.env["kehu.approval.step"]
        return {
            step: self._kehu_approval_people(step, flow, known)
            for step in flow._kehu_steps_of(flow.id, self.env.lang)
            if step.kind == "chosen" and steps._kehu_applies(step, self)
        }

    def _kehu_common_choices(self):
        """Among whom the submitter chooses for all of these documents together.

        :return: {StepSetUp: users}; users who can be chosen for every document that takes the step
        :rtype: dict
        """
        known, result = {}, {}
        for document, flow in self._kehu_find_flows().items():
            for step, users in document._kehu_approval_choices(flow, known).items():
                result[step] = result[step] & users if step in result else users
        return result

    def _kehu_approval_people(self, step, flow, known):
        """Who qualifies to decide on this one document in a step: those asked, without those whose own document it is.

        :param StepSetUp step: what the flow says
        :param kehu.approval.flow flow: in superuser mode
        :param dict known: see :meth:`kehu.approval.step._kehu_approval_people`
        :rtype: res.users
        """
        self.ensure_one()
        users = self.env["kehu.approval.step"]._kehu_approval_people(step, self, self._kehu_approval_company(flow), known)
        if not flow._kehu_set_up().allow_self:
            users -= self.env.user.sudo() | self._kehu_own_people().sudo()  # sudo: res.users - to compare only
        return users.sudo(False)

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

    def action_kehu_forward(self):
        """Ask for the person, then forward."""
        return self.env["kehu.approval.decide"]._kehu_open(self._kehu_handed_on_requests(), "forwarded")

    def action_kehu_add_signatory(self):
        """Ask for the person, then let them sign as well."""
        return self.env["kehu.approval.decide"]._kehu_open(self._kehu_handed_on_requests(), "added")

    def _kehu_handed_on_requests(self):
        """The requests of these documents, after checking that this user may forward all of them."""
        self._kehu_prepare_handing_on(None)
        return self.sudo().kehu_request_id.sudo(False)  # sudo: kehu.approval.request - administrators forward what they need not see

    def _kehu_own_requests(self):
        """The requests of these documents, after checking that this user may decide on all of them."""
        self._kehu_check_internal()
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
        """:raises KehuApprovalOpinionError: when a comment is neither text nor empty, cannot be kept, or is too long for anybody to read"""
        if comment and not isinstance(comment, str):
            raise KehuApprovalOpinionError(
                self.env._("An opinion is text, and %(value)s is none. Write it in words.", value=repr(comment)[:100])
            )
        if len(comment or "") > LONGEST_OPINION:
            raise KehuApprovalOpinionError(
                self.env._(
                    "This text has %(count)s characters, and at most %(most)s are kept. Shorten it, and attach what is longer to the "
                    "document as a file.",
                    count=len(comment),
                    most=LONGEST_OPINION,
                )
            )
        check_words(self.env["kehu.approval.decision"], "comment", comment, KehuApprovalOpinionError)

    def _kehu_unique(self):
        """These documents, each once; a client may send an id twice.

        :raises KehuApprovalDeciderError: for customers on the portal, who may read documents of theirs, not who decides on them
        """
        self._kehu_check_internal()
        return self.browse(dict.fromkeys(self.ids))

    def _kehu_check_internal(self):
        """:raises KehuApprovalDeciderError: for users who are no employees"""
        if not self.env.su and not self.env.user._is_internal():
            raise KehuApprovalDeciderError(self.env._("Only people of the company submit, withdraw and decide. Ask your contact there."))

    def _kehu_submit(self, approver_id, comment):
        """See :meth:`kehu_submit`."""
        self.check_access("write")
        self._kehu_approval_lock(self)
        self._kehu_read_ahead(approver_id)
        for document in self:
            document._kehu_check_transition("pending", "submit")
        flows = self._kehu_find_flows()
        known = {}
        plans = {}
        for document in self:
            if not flows[document]:
                raise KehuApprovalError(self.env._("“%(document)s” needs no approval.", document=document.display_name))
            reason = document._kehu_submit_error()
            if reason:
                raise KehuApprovalError(
                    self.env._("“%(document)s” cannot be submitted. %(reason)s", document=document.display_name, reason=reason)
                )
            plans[document] = document._kehu_approval_plan(flows[document], approver_id, known)
        self._kehu_open_requests(flows, plans, comment)
        self.sudo()._kehu_on_submitted()  # sudo: document - hooks run as the system, see their docstring
        return True

    def _kehu_request_values(self):
        """What the new requests of these documents, in superuser mode, keep of what they say today. Hook.

        :return: {document: values of its ``kehu.approval.request``}
        :rtype: dict
        """
        return {document: {} for document in self}

    def _kehu_read_ahead(self, choice=None):
        """Read what submitting these documents asks for: lines, people and partners, each kind at once. Saves queries, nothing else.

        :param choice: see :meth:`_kehu_pick_approver`
        """
        documents = self.sudo()  # sudo: any document - read into memory only; rights are checked where something is shown
        relations = [(documents, {*documents._kehu_frozen_fields("pending"), *documents._kehu_ahead_fields()})]
        for name, lines in documents._kehu_guarded_lines().items():
            relations.append((documents.with_context(**{WHOLE_LINES: True}).mapped(name), lines._kehu_frozen_line_fields(name) or ()))
        read_relations(*relations)
        chosen = choice.values() if isinstance(choice, dict) else [choice]
        ids = {self.env.uid, *filter(is_record_id, chosen)}.union(*(document._kehu_document_owner().ids for document in documents))
        people = documents.env["res.users"].with_context(active_test=False).browse(sorted(ids))
        if unread(people, "partner_id"):
            people.search_fetch([("id", "in", unread(people, "partner_id").ids)])
        partners = (people - unread(people, "partner_id")).partner_id  # a client may have named somebody who does not exist
        for name, field in self._fields.items():
            if field.store and field.type == "many2one" and field.comodel_name == "res.partner":
                partners |= documents.mapped(name)
        partners = unread(partners, "name")
        names = [field.name for field in partners._determine_fields_to_fetch()]
        partners.fetch([*names, *documents._kehu_ahead_partner_fields()])

    def _kehu_ahead_fields(self):
        """Names of further one2many fields that a submission of these documents looks at. Hook, see :meth:`_kehu_read_ahead`.

        :rtype: set[str]
        """
        return set()

    def _kehu_ahead_partner_fields(self):
        """Names of fields of partners that a submission looks at and that the host does not read with the others. Hook, see there.

        :rtype: set[str]
        """
        return set()

    def _kehu_pick_approver(self, step, candidates, choice, first=True):
        """The one who shall decide on this document in a step.

        :param StepSetUp step: a step in which the submitter chooses
        :param res.users candidates: who may be asked
        :param choice: id of who was chosen, or None; or a dictionary that tells it for each step, by the step's id
        :param bool first: the first step of the document that needs a choice: one id that was given is meant for it
        """
        self.ensure_one()
        approver_id = choice
        if isinstance(choice, dict):
            approver_id = choice.get(step.id, choice.get(str(step.id)))
        elif not first and choice not in candidates.ids:
            approver_id = None
        if not candidates:
            self._kehu_raise_nobody(step)
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

    def _kehu_raise_nobody(self, step):
        """Say that nobody qualifies for a step of this one document.

        :param StepSetUp step: what the flow says
        :raises KehuApprovalError: always
        """
        # sudo: kehu.approval.step - who is meant, in words
        step = self.env["kehu.approval.step"].sudo().browse(step.id)
        if step.kind in ("chosen", "group"):
            raise KehuApprovalError(
                self.env._(
                    "Nobody can approve “%(document)s”: the role “%(role)s” has no member besides you and its owner who may open it. "
                    "Ask the administrator to add one.",
                    document=self.display_name,
                    role=step.group_id.name,
                )
            )
        raise KehuApprovalError(
            self.env._(
                "“%(document)s” cannot be submitted: nobody qualifies for the step “%(step)s” (%(who)s) besides you and its owner, or "
                "whoever does has no role that opens it. Ask the administrator to correct the approval flow.",
                document=self.display_name,
                step=step.name,
                who=step._kehu_describe(),
            )
        )

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
        self._kehu_approval_close("withdrawn", "draft")
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
        principals = self._kehu_check_decider()
        with self.env.cr.savepoint():
            finished = self._kehu_approval_sign(principals, comment)
            if finished:
                finished.sudo()._kehu_on_approved()  # sudo: document - hooks run as the system, see their docstring
                finished.sudo()._kehu_approval_finish("approved", comment)  # sudo: document - the engine's own doing
        return True

    def kehu_reject(self, comment, step_id=None):
        """Send pending documents back to their submitter, or to an earlier step. All or none.

        :param str comment: opinion, compulsory
        :param int step_id: a ``kehu.approval.request.step`` of this one document that was decided before the present one: it decides again
        :raises KehuApprovalStepError: when it is none
        """
        self._kehu_check_words(comment)
        documents = self._kehu_unique()
        if step_id:
            return documents._kehu_approval_send_back(comment, step_id)
        return documents._kehu_reject(comment)

    def _kehu_reject(self, comment, requests=None):
        """See :meth:`kehu_reject` and :meth:`_kehu_approve`."""
        principals = self._kehu_prepare_rejection(comment, requests)
        self._kehu_approval_close("rejected", "rejected", comment, principals)
        self.sudo()._kehu_on_rejected()  # sudo: document - hooks run as the system, see their docstring
        return True

    def _kehu_prepare_rejection(self, comment, requests=None):
        """Check what every rejection needs, and lock.

        :return: see :meth:`_kehu_check_decider`
        """
        self.check_access("read")
        if is_blank(comment):
            raise KehuApprovalOpinionError(self.env._("A rejection needs an opinion: tell the submitter what to correct."))
        self._kehu_lock_requests()
        for document in self:
            document._kehu_check_transition("rejected", "reject")
        self._kehu_check_requests(requests)
        return self._kehu_check_decider()

    def _kehu_approval_send_back(self, comment, step_id, requests=None):
        """See :meth:`kehu_reject`: back to an earlier step, while the document stays pending."""
        principals = self._kehu_prepare_rejection(comment, requests)
        for document in self:
            request = document.sudo().kehu_request_id  # sudo: kehu.approval.request - to compare only
            current = request._kehu_current_lines()[request]
            earlier = request.step_line_ids.filtered(
                lambda line, current=current: line.state == "approved" and (line.sequence, line.id) < (current.sequence, current.id)
            )
            target = earlier.filtered(lambda line: line.id == step_id)
            if not target:
                if not earlier:
                    text = self.env._(
                        "“%(document)s” has no earlier step to go back to. Reject it without a step: it goes back to %(user)s.",
                        document=document.sudo().display_name,  # sudo: document - its name, for the sentence
                        user=self._kehu_names(request.requester_id),
                    )
                else:
                    text = self.env._(
                        "“%(document)s” cannot go back to that step. Choose one of: %(steps)s.",
                        document=document.sudo().display_name,  # sudo: document - its name, for the sentence
                        steps=earlier.mapped("name"),
                    )
                raise KehuApprovalStepError(text)
            document._kehu_approval_return(target, comment, principals[document])
        return True

    def kehu_forward(self, user_id, comment=None):
        """Let somebody else decide in one's place. All or none; for who may decide now, and for CRM administrators.

        An administrator forwards what waits for people who can no longer decide; while everybody can, the whole step.

        :param int user_id: to whom
        :param str comment: word to them
        :raises KehuApprovalDeciderError: when this is not yours to forward
        :raises KehuApprovalTargetError: when that person cannot decide
        """
        self._kehu_check_words(comment)
        return self._kehu_unique()._kehu_forward(user_id, comment)

    def _kehu_forward(self, user_id, comment, requests=None):
        """See :meth:`kehu_forward` and :meth:`_kehu_approve`."""
        principals = self._kehu_prepare_handing_on(requests)
        target = self._kehu_approval_target(user_id)
        for document in self:
            document._kehu_check_target(target, need_role=True)
        self._kehu_approval_hand_over(principals, target, comment)
        return True

    def kehu_add_signatory(self, user_id, comment=None):
        """Ask one more person to approve, right after the present step. All or none; for who may decide now, and for CRM administrators.

        :param int user_id: who shall sign as well
        :param str comment: word to them
        :raises KehuApprovalDeciderError: when this is not yours to decide
        :raises KehuApprovalTargetError: when that person cannot decide
        """
        self._kehu_check_words(comment)
        return self._kehu_unique()._kehu_add_signatory(user_id, comment)

    def _kehu_add_signatory(self, user_id, comment, requests=None):
        """See :meth:`kehu_add_signatory` and :meth:`_kehu_approve`."""
        principals = self._kehu_prepare_handing_on(requests)
        target = self._kehu_approval_target(user_id)
        for document in self:
            document._kehu_check_target(target, need_role=False)
        self._kehu_insert_signatory(principals, target, comment)
        return True

    def _kehu_prepare_handing_on(self, requests):
        """Check who wants to forward or to add a signatory, and lock.

        :return: {document: users} on whose behalf; for an administrator, those who cannot decide any more, else all who have not yet
        :rtype: dict
        """
        self._kehu_check_internal()
        self.check_access("read")
        self._kehu_lock_requests()
        for document in self:
            document._kehu_check_transition("approved", "approve")
        self._kehu_check_requests(requests)
        judged = self._kehu_approval_judge()
        result = {}
        administrator = self.env.user.has_group("kehu_crm.group_kehu_admin")
        for document in self:
            reason, principals = judged[document]
            if reason and not administrator:
                raise KehuApprovalDeciderError(reason)
            if reason:
                request = document.sudo().kehu_request_id  # sudo: kehu.approval.request - who is asked
                line = request._kehu_current_lines()[request]
                asked = line.user_ids - line.agreed_ids
                principals = (asked - line._kehu_open_people()) or asked
            result[document] = principals
        return result

    def _kehu_approval_target(self, user_id):
        """The user whom a client names.

        :raises KehuApprovalTargetError: when there is none
        """
        # sudo: res.users - whether there is such a person
        target = self.env["res.users"].sudo().browse(user_id if is_record_id(user_id) else []).exists()
        if not target:
            raise KehuApprovalTargetError(self.env._("Choose to whom it shall go: there is no such person."))
        return target

    def _kehu_possible_targets(self, need_role):
        """To whom each of these documents could go, see :meth:`_kehu_check_target`.

        :return: {document: users}
        :rtype: dict
        """
        result = {}
        everybody = {}
        for document in self:
            request = document.sudo().kehu_request_id  # sudo: kehu.approval.request - who is asked
            line = request._kehu_current_lines()[request]
            role = line.group_id if need_role else line.group_id.browse()
            key = (role, request.company_id)
            if key not in everybody:
                domain = [("share", "=", False)]
                if request.company_id:
                    domain.append(("company_ids", "in", request.company_id.ids))
                if role:
                    domain.append(("all_group_ids", "in", role.ids))
                readers = self._kehu_reading_roles()
                if readers is not None:
                    domain.append(("all_group_ids", "in", readers.ids))
                everybody[key] = self.env["res.users"].search(domain, limit=1000)
            own = self.env["res.users"] if request.allow_self else request._kehu_own_people()[request].sudo(False)
            asked = line.user_ids if need_role else line.user_ids | line._kehu_coming_signatories()
            result[document] = everybody[key] - own - asked.sudo(False)
        return result

    def _kehu_reading_roles(self):
        """Roles whose members may open documents of this kind at all, or None when everybody may; which documents is up to the rules."""
        # sudo: ir.model.access - who may read, to offer nobody who could not look at what they decide on
        rows = self.env["ir.model.access"].sudo().search([("model_id.model", "=", self._name), ("perm_read", "=", True)])
        return None if any(not row.group_id for row in rows) else rows.group_id

    def _kehu_check_target(self, target, need_role):
        """Refuse a person who could not decide on this one document.

        :param res.users target: to whom it shall go, in superuser mode
        :param bool need_role: they decide in the present step, so they need its role
        :raises KehuApprovalTargetError: naming the obstacle
        """
        self.ensure_one()
        document = self.sudo()  # sudo: document, kehu.approval.request - to judge, not to return
        request = document.kehu_request_id
        line = request._kehu_current_lines()[request]
        name = document.display_name
        reason = False
        if not working_users(target, request.company_id):
            reason = self.env._("%(user)s is archived, no employee, or does not work in its company.", user=target.name)
        elif not request.allow_self and target in request._kehu_own_people()[request]:
            reason = self.env._("it is the own document of %(user)s.", user=target.name)
        elif target in (line.user_ids if need_role else line.user_ids - line.agreed_ids | line._kehu_coming_signatories()):
            reason = self.env._("%(user)s is asked already.", user=target.name)
        elif need_role and line.group_id and line.group_id not in target.all_group_ids:
            reason = self.env._("%(user)s is no member of the role “%(role)s”.", user=target.name, role=line.group_id.name)
        elif not self.browse().with_user(target).has_access("read"):
            reason = self.env._("%(user)s has no role that opens documents of this kind.", user=target.name)
        if reason:
            raise KehuApprovalTargetError(
                self.env._("“%(document)s” cannot go there: %(reason)s Choose somebody else.", document=name, reason=reason)
            )

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
            pending._kehu_approval_close("withdrawn", "draft", comment)
        others = self.filtered(lambda document: document.kehu_approval_state in ("approved", "rejected"))
        if others:
            as_engine(others, ENGINE).write({"kehu_approval_state": "draft"})

    # ------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------

    def _kehu_approval_judge(self):
        """Whether this user may decide on each of these documents now, and for whom.

        :return: {document: (sentence or False, users on whose behalf)}
        :rtype: dict
        """
        user = self.env.user
        documents = self._origin.sudo()  # sudo: document, kehu.approval.request - to judge, not to return
        pending = documents.filtered(lambda document: document.kehu_approval_state == "pending")
        lines = pending.kehu_request_id._kehu_current_lines()
        # for whom the user decides: looked up only where it can matter
        maybe = any(user not in line.user_ids or not line._kehu_is_member(user) for line in lines.values())
        standing = self.env["kehu.approval.deputy"]._kehu_running("deputy_id", user if maybe else user.browse())
        result = {}
        for record in self:
            document = record._origin.sudo()  # sudo: see above
            request, name = document.kehu_request_id, document.display_name
            principals = user.browse()
            if document not in pending:
                reason = self.env._("“%(document)s” does not wait for a decision.", document=name)
            else:
                line = lines[request]
                own = request.requester_id | request.owner_id | document._kehu_own_people()
                principals = line._kehu_principals(user, own, standing)
                reason = not principals and record._kehu_refusal(request, line, own)
            result[record] = (reason, principals)
        return result

    def _kehu_refusal(self, request, line, own):
        """Why this user, on whose behalf nobody lets them, cannot decide on this one pending document, as a sentence."""
        user, name = self.env.user, self._origin.sudo().display_name  # sudo: document - its name, for the sentence
        if user in own and (not request.allow_self or user not in line.user_ids):
            return self.env._(
                "“%(document)s” is your own document. Somebody else has to decide on it: %(approver)s.",
                document=name,
                approver=self._kehu_names(request.decider_ids - user),
            )
        if user in line.agreed_ids or user in line._kehu_signed():
            return self.env._(
                "You have approved “%(document)s” already. It waits for %(approver)s.",
                document=name,
                approver=self._kehu_names(request.decider_ids),
            )
        if user in line.user_ids and not line._kehu_is_member(user):
            return self.env._(
                "You are no longer a member of the role “%(role)s”. “%(document)s” has to be withdrawn and submitted to somebody else.",
                document=name,
                role=line.group_id.name,
            )
        return self.env._(
            "“%(document)s” waits for %(approver)s. Only they can decide.",
            document=name,
            approver=self._kehu_names(request.decider_ids or line.user_ids - line.agreed_ids),
        )

    def _kehu_decide_error(self):
        """Why this user cannot decide on this one document now, as a sentence; False when they can."""
        self.ensure_one()
        return self._kehu_approval_judge()[self][0]

    def _kehu_check_decider(self):
        """Refuse unless this user may decide on every one of these documents now.

        :return: {document: users on whose behalf}
        :rtype: dict
        :raises KehuApprovalDeciderError: otherwise
        """
        result = {}
        for document, (reason, principals) in self._kehu_approval_judge().items():
            if reason:
                raise KehuApprovalDeciderError(reason)
            result[document] = principals
        return result

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
