from odoo import api, fields, models
from odoo.fields import Domain

from ..system.engine import as_engine, is_record_id
from .exceptions import KehuCallLineError, KehuCallListRightsError
from .kehu_call_line import OPEN_STATES

CANDIDATES = 50  # looked at together; as many callers may reach for the same pile at the same moment


class KehuCallLine(models.Model):
    """Taking the next customer: one's own callbacks first, then one's own list, then the pile."""

    _inherit = "kehu.call.line"

    @api.model
    def kehu_take_next(self, list_id=False):
        """Take the next customer to be called. Two callers never get the same one, and a caller who comes back gets the same again.

        :param int list_id: only from this call list
        :return: {"line_id": id or False, "next_on": moment of the next callback or attempt when nothing is due now, else False}
        :rtype: dict
        :raises KehuCallListRightsError: when one is no salesperson
        """
        if not self.env.user.has_group("kehu_crm.group_kehu_user"):
            raise KehuCallListRightsError(self.env._("Only salespeople call from call lists. Ask your CRM administrator for the role."))
        now = fields.Datetime.now()
        scope = self._kehu_scope_domain()
        if list_id:
            scope &= Domain("list_id", "=", list_id if is_record_id(list_id) else 0)
        for domain, order in self._kehu_turns(now):
            line = self._kehu_take_first(scope & domain, order)
            if line:
                return {"line_id": line.id, "next_on": False}
        later = self.search(scope & Domain("user_id", "=", self.env.uid) & Domain("due_on", ">", now), order="due_on, id", limit=1)
        return {"line_id": False, "next_on": later.due_on}

    @api.model
    def _kehu_scope_domain(self):
        """Return the lines that may be called today: of running lists, within their period where the caller lives.

        :rtype: Domain
        """
        today = fields.Date.context_today(self)
        return (
            Domain("state", "in", OPEN_STATES)
            & Domain("list_id.state", "=", "running")
            & (Domain("list_id.date_from", "=", False) | Domain("list_id.date_from", "<=", today))
            & (Domain("list_id.date_to", "=", False) | Domain("list_id.date_to", ">=", today))
        )

    @api.model
    def _kehu_turns(self, now):
        """Return whose turn it is, as pairs of domain and order: what lies on the screen, callbacks, one's own list, the pile.

        :rtype: list[tuple]
        """
        mine = Domain("user_id", "=", self.env.uid)
        due = Domain("due_on", "=", False) | Domain("due_on", "<=", now)
        waiting = Domain("state", "=", "open") & due
        return [
            (mine & Domain("taken_on", "!=", False), "taken_on desc, id"),
            (mine & Domain("state", "=", "callback") & Domain("due_on", "<=", now), "due_on, id"),
            (mine & waiting, "attempts, sequence, id"),
            (Domain("user_id", "=", False) & Domain("list_id.caller_ids", "in", [self.env.uid]) & waiting, "attempts, sequence, id"),
        ]

    @api.model
    def _kehu_take_first(self, domain, order):
        """Lock and take the first of these lines that nobody else holds and that has a number one may dial.

        :return: the line, or an empty recordset
        :rtype: kehu.call.line
        """
        passed = []
        while True:
            lines = self.search(domain & Domain("id", "not in", passed), order=order, limit=CANDIDATES)
            if not lines:
                return lines
            # sudo: kehu.call.line - an engine's rows; the search has asked the rules
            line = lines.sudo().try_lock_for_update(limit=1, allow_referencing=True)
            if not line:
                passed += lines.ids  # each is being taken by somebody else
                continue
            if line._kehu_take():
                return self.browse(line.id)
            passed += line.ids

    def _kehu_take(self):
        """Take this locked line for the current user, with the number as it is now; close it when it cannot be called. As superuser.

        :return: whether it was taken
        :rtype: bool
        """
        self.ensure_one()
        line = as_engine(self, "call")
        number, contact = line._kehu_present_number()
        if not number:
            line._kehu_close(self.env._("The customer has no phone number any more."))
            return False
        key = line.partner_id._kehu_number_key(number)
        if self.env["phone.blacklist"].sudo().search_count([("number", "=", key)], limit=1):  # sudo: phone.blacklist - one number
            line._kehu_close(self.env._("The customer does not want to be called."))
            return False
        line.write(
            {
                "user_id": self.env.uid,
                "taken_on": line.taken_on or fields.Datetime.now(),
                "number": number,
                "number_key": key,
                "contact_id": contact.id,
            }
        )
        return True

    def _kehu_present_number(self):
        """Return the number to dial and the contact person it belongs to, as they are now.

        :rtype: tuple
        """
        self.ensure_one()
        customer = self.partner_id
        people = customer.kehu_contact_ids
        person = (self.contact_id & people) or people
        person = next((contact for contact in person.sorted("id") if contact._kehu_call_number()), people.browse())
        own, theirs = (customer._kehu_call_number(), people.browse()), (person._kehu_call_number(), person)
        first, second = (theirs, own) if self.list_id.whom == "contact" else (own, theirs)
        return first if first[0] else second

    def _kehu_take_this(self):
        """Take this line out of turn: one's own, or one of the pile.

        :return: the line as the current user
        :raises KehuCallLineError: when somebody else has it, it is closed, or the list does not run
        """
        self.ensure_one()
        line = self.sudo().try_lock_for_update(allow_referencing=True)  # sudo: kehu.call.line - the row lock needs no rights
        allowed = Domain("user_id", "=", self.env.uid) | (
            Domain("user_id", "=", False) & Domain("list_id.caller_ids", "in", [self.env.uid])
        )
        if not line or not self.search_count(self._kehu_scope_domain() & allowed & Domain("id", "=", self.id)):
            raise KehuCallLineError(
                self.env._("You cannot call this customer now: somebody else has it, or the call list does not run. Take your next one.")
            )
        if not line._kehu_take():
            raise KehuCallLineError(
                self.env._("%(customer)s cannot be called any more. Take your next customer.", customer=self.partner_id._kehu_names())
            )
        return self

    # -- the working screen --------------------------------------------------------------------------------------------

    def action_next(self):
        """Take the next customer of all one's lists, and open the working screen; which lines are ticked does not matter."""
        return self._kehu_open_next()

    @api.model
    def _kehu_open_next(self, call_list=None):
        """Take the next customer and open the working screen; with nobody due, say when the next one is, and show what was done.

        :param kehu.call.list call_list: only from this one
        """
        taken = self.kehu_take_next(call_list.id if call_list else False)
        if taken["line_id"]:
            return self.browse(taken["line_id"])._kehu_open_desk(call_list)
        if taken["next_on"]:
            moment = self.env["ir.qweb.field.datetime"].value_to_html(taken["next_on"], {"hide_seconds": True})
            message = self.env._("Nobody is due now. The next call is at %(moment)s.", moment=moment)
        else:
            message = self.env._("You have called everybody: no customer is left for you.")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_call_line_action_my")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": message, "next": {**action, "target": "main"}},
        }

    def _kehu_open_desk(self, call_list=None):
        """Return the action that opens the working screen for this line of one's own."""
        self.ensure_one()
        desk = self.env["kehu.call.desk"].create({"line_id": self.id, "only_list_id": call_list.id if call_list else False})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My Calls"),
            "res_model": "kehu.call.desk",
            "res_id": desk.id,
            "views": [(False, "form")],
            "target": "main",
        }
