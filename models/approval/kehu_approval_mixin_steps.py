from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

from ..system.engine import as_engine
from .exceptions import KehuApprovalBusyError, KehuApprovalError
from .kehu_approval_mixin import ENGINE
from .kehu_approval_request_step import SPACING
from .mail_activity import ACTIVITY_ENGINE
from .memory import remember, write_links

ADMINISTRATORS = "kehu_crm.group_kehu_admin"


class KehuApprovalMixin(models.AbstractModel):
    """The engine room: how requests, their steps and what reminds of them change. Whoever calls has checked and locked."""

    _inherit = "kehu.approval.mixin"

    # ------------------------------------------------------------
    # Locks
    # ------------------------------------------------------------

    def _kehu_lock_requests(self):
        """Lock the requests of these documents for this transaction, then the documents.

        Somebody who waits behind us gets a sentence; somebody who was faster makes this transaction start again, and it then sees the
        new state (the host repeats a request after a serialization failure).
        """
        self.flush_recordset(["kehu_request_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT document.id
                     FROM %(documents)s document JOIN kehu_approval_request request ON request.id = document.kehu_request_id
                    WHERE document.id IN %(ids)s
                      FOR NO KEY UPDATE SKIP LOCKED""",
                documents=SQL.identifier(self._table),
                ids=tuple(self.ids) or (0,),
            )
        )
        # those that were never submitted are refused by what comes next, with a better sentence
        waiting = self.sudo().filtered("kehu_request_id")  # sudo: document - lock only
        if {row[0] for row in rows} != set(waiting.ids):
            self._kehu_raise_busy()

    def _kehu_approval_lock(self, records):
        """:raises KehuApprovalBusyError: when another transaction holds one of these rows"""
        if records.try_lock_for_update(allow_referencing=True) != records:
            self._kehu_raise_busy()

    def _kehu_raise_busy(self):
        """:raises KehuApprovalBusyError: always"""
        raise KehuApprovalBusyError(
            self.env._(
                "Somebody else is deciding on “%(document)s” at this moment. Reload the page to see the result.",
                document=self.sudo().mapped("display_name"),  # sudo: document - names only
            )
        )

    # ------------------------------------------------------------
    # Submitting
    # ------------------------------------------------------------

    def _kehu_approval_plan(self, flow, choice, known):
        """The way of this one document: its flow as it is today.

        :param kehu.approval.flow flow: in superuser mode
        :param choice: see :meth:`_kehu_pick_approver`
        :param dict known: see :meth:`kehu.approval.step._kehu_approval_people`
        :return: values of a ``kehu.approval.request.step`` for each step, in order, without the request; ``user_ids`` are records
        :rtype: list[dict]
        :raises KehuApprovalError: when nobody qualifies for a step, or no step applies, and the flow does not leave that to administrators
        """
        self.ensure_one()
        plan = []
        chosen = False
        for step in flow._kehu_steps_of(flow.id, self.env.lang):
            values = {
                "step_id": step.id,
                "sequence": (len(plan) + 1) * SPACING,
                "name": step.name,
                "state": "waiting",
                "kind": step.kind,
                "agree": step.agree,
                "minimum": step.minimum,
                "group_id": step.group_id if step.kind in ("chosen", "group") else False,
                "user_ids": self.env["res.users"],
                "time_limit": step.time_limit,
                "remind_after": step.remind_after,
                "escalate": step.escalate,
            }
            plan.append(values)
            if not self.env["kehu.approval.step"]._kehu_applies(step, self):
                values["state"] = "skipped"
                continue
            people = self._kehu_approval_people(step, flow, known)
            if len(people) < (step.minimum if step.agree == "number" else 1):
                values.update(self._kehu_approval_instead(step, flow, known))
            elif step.kind == "chosen":
                values["user_ids"] = self._kehu_pick_approver(step, people, choice, first=not chosen)
                chosen = True
            else:
                values["user_ids"] = people
        if all(values["state"] == "skipped" for values in plan):
            raise KehuApprovalError(
                self.env._(
                    "“%(document)s” cannot be submitted: it needs approval by the flow “%(flow)s”, but none of its steps applies. "
                    "Ask the administrator to correct the approval flow.",
                    document=self.display_name,
                    flow=flow.name,
                )
            )
        return plan

    def _kehu_approval_instead(self, step, flow, known):
        """Values of a step for which nobody qualifies on this one document: the administrators decide, if the flow says so.

        :raises KehuApprovalError: otherwise
        """
        set_up = flow._kehu_set_up()
        if set_up.if_nobody != "administrator":
            self._kehu_raise_nobody(step)
        people = self._kehu_administrators(self._kehu_approval_company(flow), known)
        if not set_up.allow_self:
            people -= self.env.user.sudo() | self._kehu_own_people().sudo()  # sudo: res.users - to compare only
        if not people:
            self._kehu_raise_nobody(step)
        return {"user_ids": people, "group_id": False, "agree": "any"}

    @api.model
    def _kehu_administrators(self, company, known):
        """CRM administrators who work in a company, in superuser mode.

        :param dict known: answers found so far, by company; filled here
        """
        key = ("administrators", company.id)
        if key not in known:
            # sudo: res.users - who is asked does not depend on whom the submitter sees
            known[key] = self.env["res.users"].sudo()._kehu_of_role(self.env.ref(ADMINISTRATORS).sudo(), company)
        return known[key]

    def _kehu_open_requests(self, flows, plans, comment):
        """Make the requests of these documents, with their steps, and ask whoever decides first.

        :param dict flows: {document: flow}
        :param dict plans: {document: see :meth:`_kehu_approval_plan`}
        :return: the requests in the order of ``self``, in superuser mode
        """
        now = fields.Datetime.now()
        moments = {}
        lines = as_engine(self.env["kehu.approval.request.step"].sudo(), ENGINE)  # sudo: kehu.approval.request.step - the engine writes
        for document in self:
            first = next(values for values in plans[document] if values["state"] == "waiting")
            company = document._kehu_approval_company(flows[document]) or self.env.company
            first.update(lines._kehu_opening_values(now, company, moments, first["time_limit"], first["remind_after"]))
        firsts = {document: next(values for values in plans[document] if values["state"] == "current") for document in self}
        kept = self.sudo()._kehu_request_values()  # sudo: document - all that is protected, whoever submits
        set_ups = {document: flows[document]._kehu_set_up() for document in self}
        # sudo: kehu.approval.request - users cannot write requests, this method may
        requests = as_engine(self.env["kehu.approval.request"].sudo(), ENGINE).create(
            [
                {
                    "name": document.display_name,
                    "subject": document._kehu_approval_subject(),
                    "res_model": self._name,
                    "res_id": document.id,
                    "company_id": document._kehu_approval_company(flows[document]).id,
                    "requester_id": self.env.uid,
                    "owner_id": document._kehu_document_owner().id,
                    "flow_id": flows[document].id,
                    **set_ups[document].request_values(),
                    "state": "pending",
                    "comment": comment,
                    "date_submitted": now,
                    "mail_pending": True,
                    **self._kehu_step_values(firsts[document], firsts[document]["user_ids"]),
                    **kept[document],
                }
                for document in self
            ]
        )
        steps = lines.create(
            [
                {name: value for name, value in values.items() if name != "user_ids"} | {"request_id": request.id}
                for document, request in zip(self, requests, strict=True)
                for values in plans[document]
            ]
        )
        asked = [values["user_ids"].ids for document in self for values in plans[document]]
        # sudo: kehu.approval.request - who was asked in the rounds before
        known = [document.sudo().kehu_request_id.participant_ids.ids for document in self]
        before = self._kehu_asked_before(requests, known)
        for document, request in zip(self, requests, strict=True):
            as_engine(document, ENGINE).write({"kehu_approval_state": "pending", "kehu_request_id": request.id})
        self._kehu_approval_log(requests, "submitted", comment)
        self.sudo()._kehu_open_steps(requests, steps, asked, before)  # sudo: document - the engine's own doing
        if any(known):
            self.sudo()._kehu_let_go(known)  # sudo: document - see above
        return requests

    def _kehu_asked_before(self, requests, known):
        """Who goes on reading these documents in a new round: whom earlier rounds asked themselves, not who stood in for them then.

        :param requests: the new submissions of these documents
        :param list known: ids of users for each of these documents: who could read them because they were asked
        :return: ids of users for each of these documents
        :rtype: list
        """
        if not any(known):
            return known
        domain = [("res_model", "=", self._name), ("res_id", "in", self.ids), ("id", "not in", requests.ids)]
        earlier = requests.search(domain).grouped("res_id")
        result = []
        for document, people in zip(self, known, strict=True):
            steps = earlier.get(document.id, requests.browse()).step_line_ids
            # who is asked in a step that ended is kept there; a step that was handed on is kept with who handed it on
            asked = {*steps.user_ids.ids, *steps.escalated_ids.ids, *steps.request_id.decision_ids._kehu_asked_themselves().ids}
            result.append([user_id for user_id in people if user_id in asked])
        return result

    def _kehu_let_go(self, known):
        """Former deputies who cannot read these documents any more do not go on following them either.

        :param list known: ids of users for each of these documents: who was asked in earlier rounds
        """
        for document, people in zip(self, known, strict=True):
            gone = self.env["res.users"].sudo().browse(people) - document.kehu_request_id.participant_ids  # sudo: res.users - to compare
            gone = gone.filtered(lambda user, document=document: not document.with_user(user).has_access("read"))
            if gone:
                document.message_unsubscribe(gone.partner_id.ids)

    def _kehu_open_steps(self, requests, steps, asked, before):
        """Write who is asked in the steps of requests that were just made, and ask those of the first step.

        The people of steps, deciders and participants are three relations; they are written together.

        :param list asked: ids of users for each of ``steps``
        :param list before: ids of users for each of ``requests``: who was asked in earlier rounds
        """
        remember(steps, "user_ids", asked)
        own = {document.kehu_request_id: document._kehu_all_own_people() for document in self}
        lines = requests._kehu_current_lines()
        found = steps.browse([lines[request].id for request in requests])._kehu_deciders(own, new=True)
        deciders = [found[lines[request]].ids for request in requests]
        participants = [list(dict.fromkeys(old + new)) for old, new in zip(before, deciders, strict=True)]
        remember(requests, "decider_ids", deciders)
        remember(requests, "participant_ids", participants)
        write_links(
            self.env,
            (steps, "user_ids", asked),
            (requests, "decider_ids", deciders),
            (requests, "participant_ids", participants),
            along=(requests._kehu_files_sql(),),
        )
        self.invalidate_recordset(["kehu_has_asked_me"], flush=False)
        requests._kehu_deciders_changed(requests.decider_ids)
        self._kehu_approval_ask({request: request.decider_ids for request in requests})
        self._kehu_help_stuck()

    @api.model
    def _kehu_step_values(self, line, users):
        """What a request says about its present step.

        :param line: a ``kehu.approval.request.step``, or its values
        :param res.users users: who is asked in it
        """
        is_record = isinstance(line, models.BaseModel)
        return {
            "step_id": line.step_id.id if is_record else line["step_id"],
            "step_name": line["name"],
            "group_id": line.group_id.id if is_record else line["group_id"],
            "approver_id": users.id if len(users) == 1 else False,
            "date_due": line["date_due"],
            "turn_on": line["date_opened"],
        }

    # ------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------

    def _kehu_approval_sign(self, principals, comment):
        """Approve these documents in their present step; a step with enough approvals ends, and the next one begins.

        :param dict principals: {document: users on whose behalf}
        :return: documents whose last step this was, now approved
        """
        comment = (comment or "").strip() or False
        documents = self.sudo()  # sudo: document, kehu.approval.request - deciders cannot write them, the engine may
        requests = documents.kehu_request_id
        lines = requests._kehu_current_lines()
        self._kehu_approval_log(requests, "approved", comment, {document.kehu_request_id: principals[document] for document in documents})
        by_people = {}
        for document in documents:
            request = document.kehu_request_id
            line = lines[request]
            # one who is enough for the step is in the decisions; kept here as well where it is counted
            if line.agree != "any" or request.once_per_person or (line.is_escalated and principals[document] & line.escalated_ids):
                by_people.setdefault(principals[document], []).append(line.id)
        steps = as_engine(self.env["kehu.approval.request.step"].sudo(), ENGINE)  # sudo: kehu.approval.request.step - see above
        for people, ids in by_people.items():
            steps.browse(ids).write({"agreed_ids": [Command.link(user.id) for user in people]})
        done = documents.filtered(
            lambda document: lines[document.kehu_request_id].agree == "any" or lines[document.kehu_request_id]._kehu_is_agreed()
        )
        going_on = done._kehu_next_steps()
        finished = done - going_on
        rest = documents - finished
        if rest:
            rest._kehu_sync_deciders(comment)
        if finished:
            finished._kehu_approval_end("approved", "approved", comment)
        return finished.with_env(self.env)

    def _kehu_next_steps(self):
        """End the present step of these documents, which is agreed, and begin the next one.

        :return: those that had one
        """
        now = fields.Datetime.now()
        moments, known = {}, {}
        requests = self.kehu_request_id
        lines = requests._kehu_current_lines()
        approved = requests.step_line_ids.browse([line.id for line in lines.values()])
        as_engine(approved, ENGINE).write({"state": "approved", "date_closed": now, "date_alarm": False})
        going_on = self.browse()
        # in one recordset, so that what they hold is read for all at once
        waiting = requests.step_line_ids.filtered(lambda line: line.state == "waiting").grouped("request_id")
        waiting_ids = [line.id for lines_of_request in waiting.values() for line in lines_of_request]
        for document in self:
            for line in waiting.get(document.kehu_request_id, requests.step_line_ids.browse()).sorted(
                lambda line: (line.sequence, line.id)
            ):
                if document._kehu_approval_begin(line.with_prefetch(waiting_ids), now, moments, known):
                    going_on |= document
                    break
        return going_on

    def _kehu_approval_begin(self, line, now, moments, known):
        """Begin a step of this one document, unless those who approved before are enough for it.

        :param kehu.approval.request.step line: in superuser mode
        :return: whether it begins
        """
        self.ensure_one()
        request = line.request_id
        line = as_engine(line, ENGINE)
        if line.kind == "group" and line.group_id:
            people = self._kehu_approval_members(line, known)
            if people and people != line.user_ids:
                line.user_ids = people
        if request.once_per_person:
            before = request.step_line_ids.filtered(lambda other: other.state == "approved").agreed_ids
            already = (line.user_ids & before).filtered(line._kehu_is_member)
            if already:
                line.write({"agreed_ids": [Command.link(user.id) for user in already]})
                if line._kehu_is_agreed():
                    line.write({"state": "approved", "date_opened": now, "date_closed": now})
                    self._kehu_approval_log(request, "skipped", False, line=line, target=already[:1])
                    return False
        line.write(line._kehu_opening_values(now, request.company_id or self.env.company, moments))
        as_engine(request, ENGINE).write(self._kehu_step_values(line, line.user_ids))
        return True

    def _kehu_approval_members(self, line, known):
        """Who is in the role of a step on the day on which it begins, without whose own document it is.

        :param dict known: answers found so far, by role and company; filled here
        """
        request = line.request_id
        key = ("role", line.group_id.id, request.company_id.id)
        if key not in known:
            known[key] = self.env["res.users"].sudo()._kehu_of_role(line.group_id, request.company_id)  # sudo: res.users - who is asked
        people = known[key]
        if not request.allow_self:
            people -= request.requester_id | request.owner_id | self._kehu_own_people()
        return people

    def _kehu_approval_close(self, result, state, comment=None, principals=None):
        """Keep a decision that ends the request, and end it.

        :param str result: state of the request and result of the decision
        :param str state: state of the document
        :param dict principals: {document: users on whose behalf}; the user alone when left out
        """
        comment = (comment or "").strip() or False
        documents = self.sudo()  # sudo: document, kehu.approval.request - deciders cannot write them, the engine may
        behalf = principals and {document.kehu_request_id: principals[document][:1] for document in documents}
        self._kehu_approval_log(documents.kehu_request_id, result, comment, behalf)
        documents._kehu_approval_end(result, state, comment)
        documents._kehu_approval_finish(result, comment)

    def _kehu_approval_end(self, result, state, comment):
        """End the requests of these documents, and give the documents their new state. See :meth:`_kehu_approval_close`."""
        now = fields.Datetime.now()
        requests = self.kehu_request_id
        as_engine(requests, ENGINE).write({"state": result, "date_closed": now, "date_due": False})
        if result != "approved":
            open_lines = requests.step_line_ids.filtered(lambda line: line.state == "current")
            as_engine(open_lines, ENGINE).write({"state": result, "date_closed": now, "date_alarm": False})
        if comment:
            self._track_set_log_message(comment)
        as_engine(self, ENGINE).write({"kehu_approval_state": state})
        kept = self.filtered(lambda document: document._kehu_keeps_files()).kehu_request_id if result == "approved" else None
        if kept:  # what was added while they waited lay before the last approver too
            self.env.cr.execute(kept._kehu_files_sql())

    def _kehu_approval_finish(self, result, comment):
        """Nobody is asked about these documents any more, and who submitted them is told."""
        comment = (comment or "").strip() or False
        requests = self.kehu_request_id
        as_engine(requests, ENGINE).write({"decider_ids": [Command.clear()]})
        self._kehu_close_activities(comment, done=result != "withdrawn")
        self._kehu_tell_submitters(requests, result)

    def _kehu_approval_return(self, target, comment, principals):
        """Send this one document back to an earlier step, which decides again, and so do those after it.

        :param kehu.approval.request.step target: that step
        :param res.users principals: on whose behalf
        """
        comment = comment.strip()
        document = self.sudo()  # sudo: document, kehu.approval.request - deciders cannot write them, the engine may
        request = document.kehu_request_id
        current = request._kehu_current_lines()[request]
        self._kehu_approval_log(
            request, "returned", comment, {request: principals[:1]}, target=target.user_ids if len(target.user_ids) == 1 else None
        )
        again = request.step_line_ids.filtered(
            lambda line: (
                line.state != "skipped" and (target.sequence, target.id) <= (line.sequence, line.id) <= (current.sequence, current.id)
            )
        )
        as_engine(again, ENGINE).write(
            {
                "state": "waiting",
                "agreed_ids": [Command.clear()],
                "escalated_ids": [Command.clear()],
                "is_escalated": False,
                "date_opened": False,
                "date_due": False,
                "date_remind": False,
                "date_alarm": False,
                "date_closed": False,
            }
        )
        target = as_engine(target, ENGINE)
        target.write(target._kehu_opening_values(fields.Datetime.now(), request.company_id or self.env.company, {}))
        as_engine(request, ENGINE).write(self._kehu_step_values(target, target.user_ids))
        document._kehu_sync_deciders(comment)

    def _kehu_approval_hand_over(self, principals, target, comment):
        """Let somebody decide in the place of others in the present step of these documents.

        :param dict principals: {document: users whose place it is}
        :param res.users target: who takes it
        """
        comment = (comment or "").strip() or False
        documents = self.sudo()  # sudo: document, kehu.approval.request - deciders cannot write them, the engine may
        requests = documents.kehu_request_id
        lines = requests._kehu_current_lines()
        behalf = {document.kehu_request_id: (principals[document] & self.env.user) or principals[document][:1] for document in documents}
        self._kehu_approval_log(requests, "forwarded", comment, behalf, target=target)
        for document in documents:
            request = document.kehu_request_id
            line = as_engine(lines[request], ENGINE)
            for name in ("user_ids", "escalated_ids"):
                if principals[document] & line[name]:
                    line[name] = (line[name] - principals[document]) | target
            if not target & (line.user_ids | line.escalated_ids):
                line.user_ids |= target
            as_engine(request, ENGINE).write(self._kehu_step_values(line, line.user_ids))
        documents._kehu_sync_deciders(comment)

    def _kehu_insert_signatory(self, principals, target, comment):
        """Add a step right after the present one of these documents, for one person. See :meth:`_kehu_approval_hand_over`."""
        comment = (comment or "").strip() or False
        documents = self.sudo()  # sudo: document, kehu.approval.request - deciders cannot write them, the engine may
        requests = documents.kehu_request_id
        lines = requests._kehu_current_lines()
        behalf = {document.kehu_request_id: (principals[document] & self.env.user) or principals[document][:1] for document in documents}
        self._kehu_approval_log(requests, "added", comment, behalf, target=target)
        values = []
        for request in requests:
            line = lines[request]
            added = line._kehu_added_lines()  # those added before come first
            values.append(
                {
                    "request_id": request.id,
                    "sequence": max([line.sequence, *added.mapped("sequence")]) + 1,
                    "name": self.env._("Further signature: %(user)s", user=target.name),
                    "state": "waiting",
                    "kind": "users",
                    "user_ids": [Command.set(target.ids)],
                    "added_by_id": self.env.uid,
                }
            )
        # sudo: kehu.approval.request.step - see above
        as_engine(self.env["kehu.approval.request.step"].sudo(), ENGINE).create(values)

    def _kehu_approval_log(self, requests, result, comment, principals=None, target=None, line=None):
        """Keep who did what.

        :param dict principals: {request: users on whose behalf}, one row for each; the user alone when left out
        :param res.users target: to whom
        :param kehu.approval.request.step line: about which step; the present one of each request when left out
        """
        lines = requests._kehu_current_lines() if line is None else dict.fromkeys(requests, line)
        uid = self.env.uid
        # sudo: kehu.approval.decision - users cannot write decisions, the engine may
        return as_engine(self.env["kehu.approval.decision"].sudo(), ENGINE).create(
            [
                {
                    "request_id": request.id,
                    "step_line_id": lines[request].id,
                    "step_name": lines[request].name,
                    "user_id": uid,
                    "on_behalf_id": person_id if person_id != uid else False,
                    "target_user_id": target.id if target else False,
                    "result": result,
                    "comment": comment,
                    "date": fields.Datetime.now(),
                }
                for request in requests
                for person_id in (principals[request].ids if principals else [uid])
            ]
        )

    # ------------------------------------------------------------
    # Who is asked
    # ------------------------------------------------------------

    def _kehu_sync_deciders(self, comment=None):
        """Store who may decide on these pending documents now, ask those who are new, and take back what asked the others.

        :param str comment: opinion of the decision that caused it, if any
        """
        requests = self.kehu_request_id
        lines = requests._kehu_current_lines()
        own = {document.kehu_request_id: document._kehu_all_own_people() for document in self}
        steps = requests.step_line_ids.browse([line.id for line in lines.values()])
        deciders = steps._kehu_deciders(own)
        by_people = {}
        asked, released = {}, {}
        for request in requests:
            people = deciders[lines[request]]
            before = request.decider_ids
            asked[request], released[request] = people - before, before - people
            if people != before:
                by_people.setdefault(people, []).append(request.id)
        for people, ids in by_people.items():
            group = as_engine(requests.browse(ids), ENGINE)
            group.write({"decider_ids": [Command.set(people.ids)], "participant_ids": [Command.link(user.id) for user in people]})
        self.invalidate_recordset(["kehu_has_asked_me"], flush=False)
        self._kehu_take_back(released, comment)
        self._kehu_approval_ask(asked)
        self._kehu_help_stuck()

    def _kehu_help_stuck(self):
        stuck = self.filtered(lambda document: not document.kehu_request_id.decider_ids)
        if stuck:
            stuck._kehu_tell_stuck()

    def _kehu_all_own_people(self):
        """Whose own document this one, which was submitted, is: then and now."""
        request = self.kehu_request_id
        return request.requester_id | request.owner_id | self._kehu_own_people()

    def _kehu_tell_stuck(self):
        """Nobody can decide on these documents any more: administrators decide, if the flow says so; else they are told to forward them."""
        known = {}
        for document in self:
            request = document.kehu_request_id
            line = as_engine(request._kehu_current_lines()[request], ENGINE)
            administrators = self._kehu_administrators(request.company_id, known)
            people = administrators if request.allow_self else administrators - document._kehu_all_own_people()
            if request.if_nobody == "administrator" and people - line.user_ids:
                line.write({"user_ids": [Command.set(people.ids)], "group_id": False, "agree": "any"})
                as_engine(request, ENGINE).write(self._kehu_step_values(line, people))
                document._kehu_sync_deciders()
                continue
            for user in administrators:
                env = self.with_context(lang=user.lang).env
                user._bus_send(
                    "simple_notification",
                    {
                        "type": "warning",
                        "sticky": True,
                        "title": env._("Nobody Can Decide"),
                        "message": env._(
                            "“%(document)s” waits for %(approver)s, who cannot decide any more. Forward it to somebody else.",
                            document=request.name,
                            approver=self._kehu_names(line.user_ids - line.agreed_ids),
                        ),
                    },
                )

    def _kehu_approval_ask(self, asked):
        """An activity on each document for those who are new to it, and a notification at once; one message per person.

        :param dict asked: {request: users}
        """
        # sudo: mail.activity - the submitter may not write activities of others
        activities = self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True)
        activity_type = activities._kehu_approval_type()
        model = activities.env["ir.model"]._get(self._name)
        model._fields["model"]._insert_cache(model, [self._name])  # the host would ask the database for the name that it was found by
        values = [
            {
                "res_model_id": model.id,
                "res_id": request.res_id,
                "res_name": request.name,
                "activity_type_id": activity_type.id,
                "summary": self.with_context(lang=user.lang).env._("To approve"),
                "note": request.comment,
                "automated": True,
                "date_deadline": fields.Date.context_today(self.with_context(tz=user.tz)),
                "user_id": user.id,
            }
            for request, users in asked.items()
            for user in users
        ]
        if values:
            as_engine(activities, ACTIVITY_ENGINE).create(values)
        by_user = {}
        for request, users in asked.items():
            for user in users:
                by_user.setdefault(user, []).append(request)
        for user, requests in by_user.items():
            if user == self.env.user:
                continue
            env = self.with_context(lang=user.lang).env
            requesters = {request.requester_id.name for request in requests}
            user._bus_send(
                "simple_notification",
                {
                    "type": "info",
                    "title": env._("To Approve"),
                    "message": env._(
                        "%(user)s submitted %(count)s document(s) to you: %(names)s",
                        user=sorted(requesters)[:3],
                        count=len(requests),
                        names=[request.name for request in requests[:3]],
                    ),
                },
            )

    def _kehu_asking_activities(self):
        """The open activities that ask somebody to decide on these documents."""
        return self.env["mail.activity"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", self.env["mail.activity"]._kehu_approval_type().id),
                ("automated", "=", True),
            ]
        )

    def _kehu_take_back(self, released, comment):
        """Close the activities of those who need not decide any more: as done by who has just decided, else they go.

        :param dict released: {request: users}
        :param str comment: opinion of who has just decided
        """
        gone = {(request.res_id, user.id) for request, users in released.items() for user in users}
        if not gone:
            return
        activities = self._kehu_asking_activities().filtered(lambda activity: (activity.res_id, activity.user_id.id) in gone)
        mine = activities.filtered(lambda activity: activity.user_id == self.env.user)
        as_engine(mine, ACTIVITY_ENGINE).write({"active": False, "feedback": comment})
        as_engine(activities - mine, ACTIVITY_ENGINE).unlink()

    def _kehu_close_activities(self, comment, done):
        """Close the approvers' activities on these documents; archived as done after a decision, removed after a withdrawal."""
        activities = as_engine(self._kehu_asking_activities(), ACTIVITY_ENGINE)
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
