import ast

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list

from ..customer.exceptions import refuse_system_field
from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.values import check_links_exist, check_texts, check_types
from .exceptions import KehuCallListError, KehuCallListRightsError, KehuCallListStateError

LONGEST_RETRY = 24 * 366  # hours
STATES = [("draft", "Draft"), ("running", "Running"), ("done", "Done")]
# from, to: what the buttons do, and nothing else
TRANSITIONS = {("draft", "running"), ("running", "done"), ("done", "running")}
MODES = [("evenly", "Evenly"), ("turn", "By Turn"), ("owner", "By Owner"), ("pile", "One Pile for All")]
WHOM = [("customer", "The Customer's Own Number First"), ("contact", "A Contact Person First")]
ENGINE_COLUMNS = (
    "state",
    "built_on",
    "skipped_no_number",
    "skipped_blocked",
    "skipped_duplicate",
    "skipped_unseen",
    "kehu_department_id",
)


class KehuCallList(models.Model):
    """Customers to be called with a script: chosen by a filter, shared out among callers, worked off one by one.

    Life: draft → running → done, and back to running. The filter is read with the rights of the author, so that nobody meets customers
    on a list who are hidden from whoever made it; and a caller gets only customers that the caller may see as well.
    """

    _name = "kehu.call.list"
    _inherit = ["kehu.department.mixin"]
    _description = "Call List"
    _order = "state, id desc"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    state = fields.Selection(STATES, required=True, default="draft", readonly=True, copy=False, index=True)
    user_id = fields.Many2one(
        "res.users",
        string="Author",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        copy=False,
        help="With whose rights the filter is read.",
    )
    kehu_department_id = fields.Many2one(help="Department of the author.")
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        default=lambda self: self.env.company,
        ondelete="restrict",
        help="Only customers of this company, and those of no company, come on the list.",
    )
    script = fields.Html(sanitize=True, sanitize_attributes=True, help="What callers say. They see it beside the customer.")
    domain = fields.Char(
        string="Customers",
        default="[('kehu_is_customer', '=', True)]",
        required=True,
        groups="kehu_crm.group_kehu_manager",
        help="Which customers are called. Archived ones never are.",
    )
    whom = fields.Selection(WHOM, string="Number", required=True, default="customer", help="Which number of a customer is dialled.")
    date_from = fields.Date(string="From", default=fields.Date.context_today, help="First day of calling. Empty: from the start on.")
    date_to = fields.Date(string="Until", copy=False, help="Last day of calling. Empty: until the list is finished by hand.")
    caller_ids = fields.Many2many(
        "res.users",
        "kehu_call_list_caller_rel",
        "list_id",
        "user_id",
        string="Callers",
        help="Who calls. Each gets only customers that they may see.",
    )
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids", export_string_translation=False)
    mode = fields.Selection(
        MODES,
        string="Share Out",
        required=True,
        default="evenly",
        help="Evenly: all get the same number. By turn: one after the other. By owner: each owner the own customers, the rest evenly. "
        "One pile: nobody has customers of their own, whoever is free takes the next one.",
    )
    max_attempts = fields.Integer(
        string="Attempts", default=3, help="After so many calls that reached nobody the customer is closed. 0: no limit."
    )
    retry_hours = fields.Float(string="Try Again After (hours)", default=4.0, help="When a customer who was not reached comes again.")
    line_ids = fields.One2many("kehu.call.line", "list_id", string="Customers on the List", readonly=True)

    # what the last build left out
    built_on = fields.Datetime(string="Filled On", readonly=True, copy=False)
    skipped_no_number = fields.Integer(string="Without a Number", readonly=True, copy=False)
    skipped_blocked = fields.Integer(string="Not to Be Called", readonly=True, copy=False)
    skipped_duplicate = fields.Integer(string="Same Number Twice", readonly=True, copy=False)
    skipped_unseen = fields.Integer(string="Hidden from All Callers", readonly=True, copy=False)
    build_report = fields.Char(compute="_compute_build_report")

    line_count = fields.Integer(string="Customer Count", compute="_compute_counts")
    open_count = fields.Integer(string="To Call", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts", help="Share of the customers that are done or closed, in percent.")
    can_manage = fields.Boolean(compute="_compute_can_manage", export_string_translation=False)
    can_call = fields.Boolean(compute="_compute_can_call", export_string_translation=False)

    # -- computes, constraints -----------------------------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_candidate_ids(self):
        """The callers offered: salespeople whom this person oversees; to directors, all."""
        candidates = self._kehu_candidates()
        for call_list in self:
            call_list.candidate_ids = candidates

    @api.depends("line_ids.state")
    @api.depends_context("uid")
    def _compute_counts(self):
        """Of the lines that this person sees: the author all, a caller the own ones."""
        counts = {}
        for call_list, state, count in self.env["kehu.call.line"]._read_group(
            [("list_id", "in", self.ids)], ["list_id", "state"], ["__count"]
        ):
            counts.setdefault(call_list.id, {})[state] = count
        for call_list in self:
            by_state = counts.get(call_list._origin.id, {})
            call_list.line_count = sum(by_state.values())
            call_list.open_count = by_state.get("open", 0) + by_state.get("callback", 0)
            ended = call_list.line_count - call_list.open_count
            call_list.progress = 100.0 * ended / call_list.line_count if ended else 0.0

    @api.depends("built_on", "skipped_no_number", "skipped_blocked", "skipped_duplicate", "skipped_unseen")
    def _compute_build_report(self):
        """Say what was left out, and why."""
        for call_list in self:
            parts = []
            if call_list.skipped_no_number:
                parts.append(self.env._("%(count)s without a phone number", count=call_list.skipped_no_number))
            if call_list.skipped_blocked:
                parts.append(self.env._("%(count)s who do not want to be called", count=call_list.skipped_blocked))
            if call_list.skipped_duplicate:
                parts.append(self.env._("%(count)s with a number that is on the list already", count=call_list.skipped_duplicate))
            if call_list.skipped_unseen:
                parts.append(self.env._("%(count)s whom none of the callers may see", count=call_list.skipped_unseen))
            call_list.build_report = bool(parts) and self.env._(
                "Left out: %(parts)s.", parts=format_list(self.env, parts, style="standard-narrow", lang_code=self.env.lang or "en_US")
            )

    @api.depends_context("uid")
    def _compute_can_manage(self):
        manager = self.env.user.has_group("kehu_crm.group_kehu_manager")
        editable = self._origin._filtered_access("write") if manager else self.browse()
        for call_list in self:
            call_list.can_manage = manager and (not call_list._origin or call_list._origin in editable)

    @api.depends("state", "caller_ids")
    @api.depends_context("uid")
    def _compute_can_call(self):
        for call_list in self:
            call_list.can_call = call_list.state == "running" and self.env.user in call_list.caller_ids

    @api.constrains("domain")
    def _check_domain(self):
        """The filter must be one that can be searched on customers."""
        for call_list in self:
            try:
                Domain(call_list._kehu_domain()).validate(self.env["res.partner"])
            except (ValueError, SyntaxError, TypeError) as error:
                raise call_list._kehu_filter_error(error) from error

    def _kehu_filter_error(self, reason):
        """Return the refusal of a filter that cannot be read, or that asks for what nobody can search.

        :param reason: what the host or the database says against it
        :rtype: KehuCallListError
        """
        return KehuCallListError(
            self.env._(
                "Call list “%(name)s”: the filter cannot be read (%(reason)s). Correct it with the filter editor.",
                name=self.name,
                reason=str(reason).partition("\n")[0],
            )
        )

    @api.constrains("date_from", "date_to", "max_attempts", "retry_hours")
    def _check_limits(self):
        for call_list in self:
            if call_list.date_from and call_list.date_to and call_list.date_to < call_list.date_from:
                raise KehuCallListError(self.env._("“%(name)s” ends before it begins. Correct the period.", name=call_list.name))
            if call_list.max_attempts < 0 or call_list.retry_hours < 0:
                raise KehuCallListError(
                    self.env._("“%(name)s”: attempts and hours cannot be less than zero. 0 attempts means no limit.", name=call_list.name)
                )
            if call_list.retry_hours > LONGEST_RETRY:
                raise KehuCallListError(
                    self.env._(
                        "“%(name)s”: somebody who does not answer is called again after at most %(hours)s hours.",
                        name=call_list.name,
                        hours=LONGEST_RETRY,
                    )
                )

    def _kehu_retry_hours(self):
        """Return after how many hours somebody who was not reached is called again; lists of before the limit keep to it as well.

        :rtype: float
        """
        self.ensure_one()
        return min(LONGEST_RETRY, self.retry_hours)

    # -- create, write, unlink -----------------------------------------------------------------------------------------

    @api.model
    def default_get(self, fields):
        """No default reaches a column that the engine writes."""
        return {name: value for name, value in super().default_get(fields).items() if name not in ENGINE_COLUMNS or name == "state"}

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            for name in ENGINE_COLUMNS:
                if vals.pop(name, False) not in (False, None, 0, "draft"):
                    refuse_system_field(self, name)
            self._kehu_check_values(vals)
            # a copied or forged default would read the filter with somebody else's rights
            self._kehu_check_author(vals.setdefault("user_id", self.env.uid))
        check_links_exist(self, vals_list, KehuCallListError)
        lists = super().create([{**vals, "state": "draft"} for vals in vals_list])
        lists._kehu_check_callers(lists.caller_ids)
        return lists

    def write(self, vals):
        if is_engine(self.env, "call"):
            return super().write(vals)
        for name in ENGINE_COLUMNS:
            if name in vals:
                refuse_system_field(self, name)
        self._kehu_check_values(vals)
        if "user_id" in vals and any(call_list.user_id.id != vals["user_id"] for call_list in self):
            self._kehu_check_author(vals["user_id"])
        # what the list leaves out is counted: a filter of one's own on a list of somebody who sees more would tell of hidden customers
        for call_list in self.filtered(lambda call_list: call_list._kehu_changes_filter(vals)):
            self._kehu_check_author(call_list.user_id.id)
        check_links_exist(self, [vals], KehuCallListError)
        before = {call_list: call_list.caller_ids for call_list in self} if "caller_ids" in vals else {}
        result = super().write(vals)
        for call_list, callers in before.items():
            call_list._kehu_check_callers(call_list.caller_ids - callers)
            call_list._kehu_check_dismissed(callers - call_list.caller_ids)
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_called(self):
        """A list on which calls were made is archived, so that its statistics stay."""
        if is_uninstalling(self.env):
            return
        # sudo: kehu.phone.call - calls of all callers
        call = self.env["kehu.phone.call"].sudo().search([("list_id", "in", self.ids)], limit=1)
        if call:
            raise KehuCallListStateError(
                self.env._("Calls were made from “%(name)s”, so it cannot be deleted. Archive it.", name=call.list_id.name)
            )

    # -- guards --------------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_check_values(self, vals):
        """Refuse what the columns cannot hold. A filter is as long as it is: one that names two hundred customers is no line of text.

        :raises KehuCallListError: for the first such value
        """
        check_types(self, vals, KehuCallListError, names=vals.keys() - {"domain"})
        check_texts(self, {name: vals[name] for name in vals.keys() & {"domain"}}, KehuCallListError)

    def _kehu_changes_filter(self, vals):
        """Tell whether these values change which customers the list is filled with."""
        self.ensure_one()
        return any(
            name in vals and (vals[name] or False) != (known or False)
            for name, known in (("domain", self.domain), ("company_id", self.company_id.id))
        )

    @api.model
    def _kehu_check_author(self, user_id):
        """The filter is read with the author's rights: nobody but an administrator names somebody else.

        :raises KehuCallListRightsError: otherwise
        """
        if user_id != self.env.uid and not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            raise KehuCallListRightsError(
                self.env._("A call list is made in one's own name, since it is filled with the rights of its author. Make one of your own.")
            )

    @api.model
    def _kehu_candidates(self):
        """Return the people whom the current user may make callers.

        :rtype: res.users
        """
        salespeople = [("share", "=", False), ("all_group_ids", "in", self.env.ref("kehu_crm.group_kehu_user").ids)]
        users = self.env["res.users"].search(salespeople)
        if self.env.su or self.env.user.has_group("kehu_crm.group_kehu_director"):
            return users
        return self.env.user._kehu_oversees(users)

    @api.model
    def _kehu_check_callers(self, callers):
        """Refuse callers who are no salespeople, or whom this person does not oversee.

        :raises KehuCallListRightsError: naming the first such person
        """
        strange = callers and callers - self._kehu_candidates()
        if strange:
            raise KehuCallListRightsError(
                self.env._("You cannot make %(user)s a caller: choose salespeople of departments that you manage.", user=strange[:1].name)
            )

    def _kehu_check_dismissed(self, callers):
        """Refuse to take callers off a list on which customers wait for them.

        :raises KehuCallListStateError: naming the first one
        """
        # sudo: kehu.call.line - lines of all callers
        lines = self.env["kehu.call.line"].sudo()
        groups = lines._read_group(
            [("list_id", "in", self.ids), ("user_id", "in", callers.ids), ("state", "in", ("open", "callback"))], ["user_id"], ["__count"]
        )
        for user, count in groups:
            raise KehuCallListStateError(
                self.env._(
                    "%(user)s still has %(count)s customers to call on “%(name)s”. Share them out to others first.",
                    user=user.name,
                    count=count,
                    name=self[:1].name,
                )
            )

    def _kehu_domain(self):
        """Return the filter as a list; empty when there is none.

        :rtype: list
        """
        self.ensure_one()
        return ast.literal_eval((self.sudo().domain or "[]").strip() or "[]")  # sudo: kehu.call.list - a column of managers

    # -- life ----------------------------------------------------------------------------------------------------------

    def _kehu_move(self, state):
        """Write the state, when the table of transitions has the way.

        :raises KehuCallListStateError: otherwise
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        for call_list in self:
            if (call_list.state, state) not in TRANSITIONS:
                raise KehuCallListStateError(
                    self.env._(
                        "“%(name)s” is in the state “%(before)s” and cannot become “%(after)s”.",
                        name=call_list.name,
                        before=labels[call_list.state],
                        after=labels[state],
                    )
                )
        as_engine(self, "call").write({"state": state})

    def action_start(self):
        """Let the callers begin.

        :raises KehuCallListStateError: when nobody calls, or there is nobody to be called
        """
        self.check_access("write")
        for call_list in self:
            if not call_list.caller_ids:
                raise KehuCallListStateError(self.env._("Choose who calls the customers of “%(name)s”.", name=call_list.name))
            if not call_list.line_count:
                raise KehuCallListStateError(
                    self.env._("There are no customers on “%(name)s” yet. Fill the list first.", name=call_list.name)
                )
        self._kehu_move("running")

    def action_finish(self):
        """End the calling. What was not called stays as it is, and the list can be opened again."""
        self.check_access("write")
        self._kehu_move("done")

    def action_reopen(self):
        """Let the callers go on."""
        self.check_access("write")
        self._kehu_move("running")

    @api.model
    def _cron_finish(self):
        """End the lists whose last day is over. Each day lasts until midnight where the author lives."""
        # a day later in UTC may still be the last one further west
        lists = self.search([("state", "=", "running"), ("date_to", "!=", False), ("date_to", "<=", fields.Date.today())], limit=1000)
        for call_list in lists:
            if call_list.date_to < fields.Date.context_today(call_list.with_context(tz=call_list.user_id.tz)):
                call_list._kehu_move("done")

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_open_lines(self):
        """Open the customers on this list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_call_line_action")
        action["domain"] = [("list_id", "=", self.id)]
        action["display_name"] = self.name
        return action

    def action_open_statistics(self):
        """Open the figures of this list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_call_report_action")
        action["domain"] = [("list_id", "=", self.id)]
        action["context"] = {}
        return action

    def action_share(self):
        """Open the dialog that shares the open customers of one caller out again."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Share Out Again"),
            "res_model": "kehu.call.share",
            "view_mode": "form",
            "target": "new",
            "context": {"default_list_id": self.id},
        }

    def action_call(self):
        """Open the next customer of this list whom the current user calls."""
        self.ensure_one()
        return self.env["kehu.call.line"]._kehu_open_next(self)
