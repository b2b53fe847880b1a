from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..system.engine import as_engine
from .exceptions import KehuCallLineError, KehuCallListRightsError
from .kehu_phone_call import OUTCOMES

STATES = [("open", "To Call"), ("callback", "Call Back"), ("done", "Done"), ("closed", "Closed")]
OPEN_STATES = ("open", "callback")
# outcomes that end a place on a list without anybody having talked about the matter
CLOSING = {"wrong_number", "do_not_call"}


class KehuCallLine(models.Model):
    """A customer on a call list. Only the engine of calls writes it: filling, taking, logging and sharing out.

    Life: to call → call back → done, or closed with the reason; a call that reached nobody leaves it to call until the attempts are
    used up. Nobody sees a line whose customer they may not see.
    """

    _name = "kehu.call.line"
    _inherit = ["kehu.engine.log.mixin", "kehu.department.mixin"]
    _description = "Customer on a Call List"
    _order = "list_id desc, sequence, id"
    _kehu_engine = "call"

    list_id = fields.Many2one("kehu.call.list", string="Call List", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    contact_id = fields.Many2one("res.partner", string="Contact Person", index="btree_not_null", ondelete="set null")
    number = fields.Char(help="The number to dial. Looked up again when the customer's turn comes.")
    number_key = fields.Char(index="btree_not_null", export_string_translation=False)
    user_id = fields.Many2one(
        "res.users", string="Caller", index="btree_not_null", ondelete="set null", help="Who calls. Empty: whoever is free takes it."
    )
    kehu_department_id = fields.Many2one(help="Department of the caller.")
    company_id = fields.Many2one(related="partner_id.company_id", store=True, index="btree_not_null", related_sudo=True)
    sequence = fields.Integer(default=10, help="The longer nobody spoke with a customer, the earlier its turn.")
    state = fields.Selection(STATES, required=True, default="open", index=True)
    outcome = fields.Selection(OUTCOMES, help="Of the last call.")
    attempts = fields.Integer(help="Calls made from this list.")
    last_call_id = fields.Many2one("kehu.phone.call", index="btree_not_null", ondelete="set null")
    last_call_on = fields.Datetime(string="Last Called On")
    due_on = fields.Datetime(string="Not Before", help="When the customer's turn comes: after a callback, or after an attempt.")
    taken_on = fields.Datetime(help="Since when the caller has had it on the screen.", export_string_translation=False)
    remark = fields.Char(help="Why it was closed, or handed over.")
    call_ids = fields.One2many("kehu.phone.call", "line_id", string="Calls")

    _next_idx = models.Index("(user_id, attempts, sequence, id) WHERE state IN ('open', 'callback')")
    _pile_idx = models.Index("(list_id, attempts, sequence, id) WHERE state = 'open' AND user_id IS NULL")

    @api.depends("list_id.name", "sequence")
    def _compute_display_name(self):
        """Names the place, not the customer: links to lines are shown to people who do not see the customer."""
        for line in self:
            # sudo: kehu.call.list - its name
            line.display_name = self.env._("No. %(number)s of %(list)s", number=line.sequence, list=line.sudo().list_id.name or "")

    # -- what follows from calls and changes of hands; all of it runs as superuser ---------------------------------------

    def _kehu_check_logging(self):
        """Refuse calls on places that are not the current user's, or not to be called.

        :raises KehuCallLineError: for the first such line
        """
        if not self:
            return
        # sudo: kehu.call.line - the row lock needs no rights; whose it is is checked below
        if len(self.sudo().try_lock_for_update(allow_referencing=True)) < len(self):
            raise KehuCallLineError(
                self.env._("The call list is being shared out at this moment. Wait a moment, then press the button again.")
            )
        self.invalidate_recordset(["user_id", "state", "taken_on"])
        if self.env.su:
            return
        mine = self._filtered_access("read").filtered(lambda line: line.user_id == self.env.user)
        if self - mine:
            raise KehuCallLineError(
                self.env._("This customer is not on your call list any more: somebody else calls. Take your next customer from the list.")
            )
        for line in mine:
            if line.state not in OPEN_STATES and not line.taken_on:
                raise KehuCallLineError(
                    self.env._(
                        "%(customer)s was called already, or is closed. Take your next customer.", customer=line.partner_id._kehu_names()
                    )
                )

    def _kehu_follow_calls(self):
        """Write state, attempts and turn of these lines from their calls."""
        if not self:
            return
        lines = as_engine(self.sudo(), "call")  # sudo: kehu.call.line - an engine's rows; the right to log the call was checked
        # sudo: kehu.phone.call - calls of all callers of the line
        every = self.env["kehu.phone.call"].sudo().search([("line_id", "in", lines.ids)], order="date, id")
        calls = every.grouped("line_id")
        for line in lines:
            line.write(line._prepare_kehu_values(calls.get(line, every.browse())))

    def _prepare_kehu_values(self, calls):
        """Return what these calls, oldest first, make of this line.

        :rtype: dict
        """
        self.ensure_one()
        last, call_list = calls[-1:], self.list_id
        values = {
            "attempts": len(calls),
            "last_call_id": last.id,
            "last_call_on": last.date,
            "outcome": last.outcome,
            "taken_on": False,
            "due_on": False,
            "remark": False,
        }
        if not last:
            values["state"] = "open" if self.state != "closed" else "closed"
        elif last.outcome in CLOSING:
            values.update(state="closed", remark=dict(self._fields["outcome"]._description_selection(self.env))[last.outcome])
        elif last.callback_on:
            values.update(state="callback", due_on=last.callback_on)
        elif last.is_reached:
            values["state"] = "done"
        else:
            reached = [number for number, call in enumerate(calls, 1) if call.is_reached]
            in_vain = len(calls) - (reached[-1] if reached else 0)
            if call_list.max_attempts and in_vain >= call_list.max_attempts:
                values.update(state="closed", remark=self.env._("Not reached in %(count)s attempts.", count=in_vain))
            else:
                values.update(state="open", due_on=last.date + timedelta(hours=call_list._kehu_retry_hours()))
        return values

    @api.model
    def _kehu_give(self, ids, caller):
        """Give these lines, which the caller of this method has locked, to somebody. One query, however many they are.

        :param list ids: of lines
        :param res.users caller: who calls from now on
        """
        self.flush_model()
        # sudo: res.users, hr.department - the department of the caller
        department = caller.sudo().kehu_home_department_id
        self.env.cr.execute(
            SQL(
                """UPDATE kehu_call_line
                      SET user_id = %s, kehu_department_id = %s, taken_on = NULL, write_uid = %s, write_date = %s
                    WHERE id = ANY(%s)""",
                caller.id,
                department.id or None,
                self.env.uid,
                fields.Datetime.now(),
                list(ids),
            )
        )
        self.invalidate_model(["user_id", "kehu_department_id", "taken_on", "write_uid", "write_date"], flush=False)

    def _kehu_close(self, reason):
        """Take these lines off the caller's day.

        :param str reason: the sentence kept on them
        """
        if self:
            as_engine(self.sudo(), "call").write({"state": "closed", "remark": reason, "due_on": False})  # sudo: an engine's rows

    def _kehu_follow_owner(self):
        """The customers of these open lines have changed hands: hand them over where the caller does not see them any more."""
        hidden = self.browse()
        for caller, lines in self.grouped("user_id").items():
            if caller:
                seen = lines.partner_id.with_user(caller)
                seen = seen.with_context(allowed_company_ids=caller.company_ids.ids)._filtered_access("read")
                hidden |= lines.filtered(lambda line, seen=seen: line.partner_id.id not in seen._ids)
        for (call_list, owner), lines in hidden.grouped(lambda line: (line.list_id, line.partner_id.user_id)).items():
            if owner and owner in call_list.caller_ids:
                as_engine(lines, "call").write(
                    {
                        "user_id": owner.id,
                        "taken_on": False,
                        "remark": self.env._("Handed over to the new owner of the customer."),
                    }
                )
            else:
                # nothing of the customer stays on a list whose callers do not see it
                as_engine(lines, "call").write({"number": False, "number_key": False, "contact_id": False})
                lines._kehu_close(self.env._("The customer has changed hands, and its caller does not see it any more."))

    # -- methods for people and for RPC --------------------------------------------------------------------------------

    def action_put_back(self):
        """Let go of these customers of one's own: they come again with their turn."""
        mine = self._kehu_mine()
        as_engine(mine, "call").write({"taken_on": False})

    def action_close(self):
        """Close these customers without a call. Those who manage their list may do so."""
        self.check_access("read")
        self.list_id.check_access("write")
        lines = self.filtered(lambda line: line.state in OPEN_STATES)
        lines._kehu_close(self.env._("Closed by %(user)s.", user=self.env.user.name))

    def action_open_again(self):
        """Let these closed or done customers be called again. Those who manage their list may do so."""
        self.check_access("read")
        self.list_id.check_access("write")
        lines = self.filtered(lambda line: line.state not in OPEN_STATES)
        # sudo: kehu.call.line - an engine's rows; the right to manage the list was checked
        as_engine(lines.sudo(), "call").write({"state": "open", "due_on": False, "remark": False, "taken_on": False})

    def action_call(self):
        """Open this customer on the working screen, out of turn."""
        self.ensure_one()
        self.check_access("read")
        return self._kehu_take_this()._kehu_open_desk()

    def _kehu_mine(self):
        """Return these lines as superuser, when all are the current user's own.

        :raises KehuCallListRightsError: otherwise
        """
        mine = self._filtered_access("read").filtered(lambda line: line.user_id == self.env.user)
        if self - mine:
            raise KehuCallListRightsError(self.env._("This customer on the call list is not yours. Take your next customer from the list."))
        return mine.sudo()  # sudo: kehu.call.line - an engine's rows; that they are one's own is checked above
