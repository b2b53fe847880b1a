"""What somebody who leaves holds, kind by kind: how it is found, handed over and given back."""

from typing import NamedTuple

import psycopg2
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.fields import Domain

from ..contract.kehu_contract import OPEN_STATES as OPEN_CONTRACTS
from ..system.engine import as_engine

REFUSALS = (UserError, LockError, psycopg2.IntegrityError)  # of one record: the rest goes on
SLICE = 500  # requests that are looked at in one turn


class Kind(NamedTuple):
    """One kind of what is handed over."""

    model: str
    domain: tuple  # of what is open, besides whose it is
    archived: bool = False  # archived records count too


KINDS = {
    "customer": Kind("res.partner", (("kehu_is_customer", "=", True),), archived=True),
    "contact": Kind("res.partner", (("kehu_is_customer", "=", False), ("kehu_customer_id", "=", False)), archived=True),
    "plan": Kind("calendar.event", (("kehu_done_on", "=", False),)),
    "opportunity": Kind("crm.lead", (("won_status", "=", "pending"),)),
    "order": Kind("sale.order", (("state", "in", ("draft", "sent")),)),
    "contract": Kind("kehu.contract", (("state", "in", OPEN_CONTRACTS),)),
    "receipt": Kind("kehu.receipt", (("state", "in", ("draft", "rejected")),)),
    "request": Kind("kehu.approval.request", ()),
    "step": Kind("kehu.approval.step", ()),
    "activity": Kind("mail.activity", ()),
}


# in the order in which they are handed over
KIND_NAMES = [
    ("customer", "Customers"),
    ("contact", "Other contacts"),
    ("plan", "Plans"),
    ("opportunity", "Opportunities"),
    ("order", "Quotes and draft orders"),
    ("contract", "Contracts"),
    ("receipt", "Receipts in draft"),
    ("request", "Approvals waiting"),
    ("step", "Steps of approval flows"),
    ("activity", "To-dos"),
]


class KehuHandoverKind(models.AbstractModel):
    """Finds and moves what one person holds. Everything is read with the rights of who asks, so nothing of a company that is switched
    off is found, counted or touched."""

    _name = "kehu.handover.kind"
    _description = "Kinds of What Is Handed Over"

    # ------------------------------------------------------------
    # What there is
    # ------------------------------------------------------------

    @api.model
    def _kehu_find(self, kind, user):
        """Return the open records of one kind that a person, or several, hold, as far as who asks may see them.

        :param str kind: key of :data:`KINDS`
        :param res.users user: whose
        """
        what = KINDS[kind]
        records = self.env[what.model].with_context(active_test=not what.archived)
        if not user or not records.has_access("read"):
            return records.browse()
        if kind == "request":
            return self._kehu_find_requests(user)
        if kind == "step":
            return records.search([("kind", "=", "users"), ("user_ids", "in", user.ids), ("flow_id.active", "=", True)], order="id")
        domain = Domain("user_id", "in", user.ids) & Domain(list(what.domain))
        if kind == "plan":
            domain &= Domain("stop", ">=", fields.Datetime.now()) | Domain("kehu_contact_record_id", "!=", False)
        if kind == "activity":
            domain &= Domain("activity_type_id", "!=", records._kehu_approval_type().id)
        found = records.search(domain, order="id")
        if kind == "plan":
            carried_out = found.filtered("kehu_contact_record_id")
            # what is overdue counts while it is still the newest plan of its customer, as in the schedule
            open_plans = carried_out.kehu_contact_record_id.partner_id._kehu_open_plans()
            found -= carried_out - open_plans.with_env(found.env)
        return found

    @api.model
    def _kehu_find_requests(self, user):
        requests = self.env["kehu.approval.request"]
        later = [("state", "=", "waiting"), ("user_ids", "in", user.ids)]
        found, after = requests.search([("state", "=", "pending"), ("step_line_ids", "any", later)], order="id"), 0
        # sudo: kehu.approval.request - which steps ask the person; what may not be read is left out below
        while waiting := requests.sudo()._kehu_waiting_for(user, after, SLICE):
            after = waiting[-1].id
            found |= waiting.sudo(False)._filtered_access("read")
        return found

    @api.model
    def _kehu_name(self, record):
        """What a person calls this record in a list of what was handed over."""
        name = record.display_name or ""
        if record._name == "kehu.approval.step":
            return f"{record.flow_id.display_name} / {name}"
        if record._name == "mail.activity":
            return f"{record.summary or record.activity_type_id.name or ''}: {record.res_name or ''}"
        return name

    @api.model
    def _kehu_holder(self, kind, record, users):
        """Return which of these people holds this record now; nobody when none of them does.

        :param res.users users: the leaver and the successor
        """
        if kind == "step":
            return record.user_ids & users
        if kind == "request":
            lines = self._kehu_open_lines(record)
            return (lines.user_ids | lines.escalated_ids).with_env(users.env) & users if record.state == "pending" else users.browse()
        return record.user_id

    @api.model
    def _kehu_open_lines(self, request):
        """The present step of a request and those to come, in superuser mode."""
        # sudo: kehu.approval.request.step - who is asked now and later
        return request.sudo().step_line_ids.filtered(lambda line: line.state in ("current", "waiting"))

    # ------------------------------------------------------------
    # What cannot go
    # ------------------------------------------------------------

    @api.model
    def _kehu_refusals(self, kind, records, leaver, successor):
        """Tell which of these records this person cannot get, and why. Writes nothing.

        :param res.users successor: who shall get them; empty: the customers go into the pool, where all can go
        :return: {record: sentence}
        :rtype: dict
        """
        if not successor or not records:
            return {}
        if kind == "customer":
            refusals = records._kehu_ownership_refusals("transfer", successor)
            return {record: error.args[0] for record, error in refusals.items()}
        person = successor.sudo()  # sudo: res.users - state, roles and companies of the successor
        general = False
        if not person.active or person.share:
            general = self.env._("%(user)s has left or is not an internal user.", user=person.name)
        elif kind not in ("contact", "plan", "activity", "request", "step") and not records.browse().with_user(person).has_access("write"):
            general = self.env._("%(user)s has no role for it.", user=person.name)
        if general:
            return dict.fromkeys(records, general)
        refusals = {}
        for record in records:
            if kind == "request":
                if text := self._kehu_request_refusal(record, person):
                    refusals[record] = text
                continue
            company = record.flow_id.company_id if kind == "step" else record["company_id"] if "company_id" in record._fields else False
            role = kind == "step" and record.group_id
            if company and company not in person.company_ids:
                refusals[record] = self.env._(
                    "It belongs to %(company)s, for which %(user)s does not work.", company=company.name, user=person.name
                )
            elif role and role not in person.all_group_ids:
                refusals[record] = self.env._("%(user)s is no member of the role “%(role)s”.", user=person.name, role=role.name)
        return refusals

    @api.model
    def _kehu_request_refusal(self, request, person):
        for documents in request._kehu_documents():
            try:
                documents._kehu_check_target(person, need_role=True)
            except UserError as error:
                return error.args[0]
        return False

    # ------------------------------------------------------------
    # Moving
    # ------------------------------------------------------------

    @api.model
    def _kehu_move(self, kind, records, old, new, reason, pool=None):
        """Let records go from one person to another: all at once, or one by one where something stands against it.

        :param res.users old: who holds them
        :param res.users new: who gets them; empty for customers that go into the pool
        :return: {record: sentence} of those that could not go
        :rtype: dict
        """
        if not records:
            return {}
        try:
            with self.env.cr.savepoint():
                self._kehu_move_together(kind, records, old, new, reason, pool)
            return {}
        except REFUSALS as error:
            if len(records) == 1:
                return {records: str(error.args[0] if error.args else error)}
        refusals = {}
        for record in records:
            refusals.update(self._kehu_move(kind, record, old, new, reason, pool))
        return refusals

    @api.model
    def _kehu_move_together(self, kind, records, old, new, reason, pool):
        if kind == "customer":
            if not new:
                records._kehu_release(reason, pool=pool)
                return
            held = records.filtered("user_id")
            held._kehu_change_owner("transfer", user=new, reason=reason)
            (records - held)._kehu_change_owner("assign", user=new, reason=reason)
        elif kind == "plan":
            # sudo: calendar.event - entries in the calendar of somebody else, found with the rights of who hands them over
            events = records.sudo().with_context(dont_notify=True, no_mail_to_attendees=True)
            events._kehu_hand_over(new)
        elif kind == "request":
            for documents in records._kehu_documents():
                documents._kehu_lock_requests()
                self._kehu_move_requests(documents, old.sudo(), new.sudo(), reason)  # sudo: res.users - roles of who gets them
        elif kind == "step":
            for step in records:
                step.user_ids = (step.user_ids - old) | new
        elif kind == "activity":
            # sudo: mail.activity - to-dos of somebody else on records that may be seen
            records.sudo().with_context(mail_activity_quick_update=True).write({"user_id": new.id})
        else:
            # nobody is told of each: one message tells of all
            records.with_context(mail_auto_subscribe_no_notify=True).write({"user_id": new.id})

    @api.model
    def _kehu_move_requests(self, documents, old, new, reason):
        """See :meth:`_kehu_move`: the present step goes through the approval's own method, the steps to come are named anew."""
        asked = documents.browse()
        for document in documents:
            lines = self._kehu_open_lines(document.sudo().kehu_request_id)  # sudo: document - its request
            document._kehu_check_target(new, need_role=True)
            later = lines.filtered(lambda line: line.state == "waiting" and old in line.user_ids)
            for line in as_engine(later, "approval"):
                line.user_ids = (line.user_ids - old) | new
            if old & (lines - later).mapped(lambda line: line.user_ids | line.escalated_ids):
                asked |= document
        if asked:
            asked._kehu_approval_hand_over(dict.fromkeys(asked.sudo(), old), new, reason)  # sudo: document - keys only

    @api.model
    def _kehu_stamp(self, record):
        """What tells whether anybody has changed this record since.

        :rtype: str
        """
        return f"{record.write_date.isoformat()} {record.write_uid.id}"

    @api.model
    def _kehu_changed_by(self, record, stamp):
        """Return who has changed this record since the stamp was taken, or nobody; what the program did by itself does not count."""
        author = record.write_uid
        unchanged = self._kehu_stamp(record) == stamp or author.id == SUPERUSER_ID
        return author.browse() if unchanged else author
