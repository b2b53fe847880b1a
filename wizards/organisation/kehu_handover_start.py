from odoo import api, fields, models
from odoo.fields import Command

from ...models.organisation.exceptions import KehuHandoverError
from ...models.organisation.kehu_handover_kind import KIND_NAMES, KINDS

NAMES = 5  # of records, shown on each row
REASONS = 3


class KehuHandoverStart(models.TransientModel):
    """Who leaves, who gets what: seen before it happens."""

    _name = "kehu.handover.start"
    _description = "Start of a Handover"

    user_id = fields.Many2one(
        "res.users",
        string="Who Leaves",
        domain="[('share', '=', False), ('company_ids', 'in', allowed_company_ids), ('id', '!=', 1)]",
        context={"active_test": False},
    )
    successor_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False), ('company_ids', 'in', allowed_company_ids), ('id', '!=', user_id)]",
        help="Gets everything that is not given to somebody else below. Empty: the customers go into the pool, and the rest stays.",
    )
    pool_id = fields.Many2one("kehu.pool", help="For customers without a successor. Empty: the pool they came from, or the default pool.")
    # what is stored would be computed as superuser, who sees other companies
    line_ids = fields.One2many(
        "kehu.handover.start.line", "start_id", compute="_compute_line_ids", compute_sudo=False, store=True, readonly=False
    )
    archive_login = fields.Boolean(help="The person cannot log in any more. Undoing the handover opens the login again.")
    archive_people = fields.Boolean(
        string="Archive Person", help="The person disappears from the organisation and from lists of employees."
    )
    login_note = fields.Text(compute="_compute_notes")
    may_archive_people = fields.Boolean(compute="_compute_notes", export_string_translation=False)
    notes = fields.Text(compute="_compute_notes", help="What else the person does, and where somebody has to be named in their place.")
    reason = fields.Text(help="Kept in the histories of what is handed over.")

    @api.model
    def _kehu_guard(self):
        self.env["kehu.handover"]._kehu_check_administrator()

    @api.depends("user_id")
    def _compute_line_ids(self):
        self._kehu_guard()
        kinds = self.env["kehu.handover.kind"]
        for start in self:
            user = start.user_id._origin
            values = []
            if user:
                self.env["kehu.handover"]._kehu_check_leaver(user)
                for kind in KINDS:
                    records = kinds._kehu_find(kind, user)
                    if records:
                        values.append({"kind": kind, "count": len(records), "names": start._kehu_names(records)})
            start.line_ids = [Command.clear(), *(Command.create(line) for line in values)]

    def _kehu_names(self, records):
        names = [self.env["kehu.handover.kind"]._kehu_name(record) for record in records[:NAMES]]
        if len(records) > NAMES:
            names.append(self.env._("and %(count)s more", count=len(records) - NAMES))
        return ", ".join(names)

    @api.depends("user_id", "archive_login")
    def _compute_notes(self):
        self._kehu_guard()
        handovers = self.env["kehu.handover"]
        for start in self:
            user = start.user_id._origin
            start.may_archive_people = self.env["hr.employee"].has_access("write")
            start.login_note = user and handovers._kehu_login_obstacle(user)
            start.notes = user and start._kehu_other_roles(user)

    def _kehu_other_roles(self, user):
        """What is not handed over by itself: where the person is named as manager."""
        notes = []
        departments = self.env["hr.department"].search([("manager_id.user_id", "=", user.id)], limit=20)
        if departments:
            names = ", ".join(departments.mapped("name"))
            notes.append(self.env._("Manages departments: %(names)s. Name another manager.", names=names))
        pools = self.env["kehu.pool"].search([("manager_ids", "in", user.ids)], limit=20)
        if pools:
            notes.append(self.env._("Manages pools: %(names)s. Name another manager.", names=", ".join(pools.mapped("name"))))
        return "\n".join(notes)

    def action_apply(self):
        """Hand over, and show what became of it.

        :raises KehuHandoverError: when there is nothing to hand over, or it cannot be done
        """
        self.ensure_one()
        self._kehu_guard()
        self.check_access("write")
        user = self.user_id
        if not user:
            raise KehuHandoverError(self.env._("Choose who leaves."))
        # what came since the dialog was opened goes to whom everything goes
        successors = dict.fromkeys(KINDS, self.successor_id) | {line.kind: line.successor_id for line in self.line_ids}
        handover = self.env["kehu.handover"]._kehu_hand_over(
            user,
            successors,
            reason=self.reason,
            pool=self.pool_id or None,
            archive_login=self.archive_login,
            archive_people=self.archive_people,
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Handover"),
            "res_model": "kehu.handover",
            "res_id": handover.id,
            "views": [[False, "form"]],
            "target": "current",
        }


class KehuHandoverStartLine(models.TransientModel):
    """One kind of what the leaver holds, and who gets it."""

    _name = "kehu.handover.start.line"
    _description = "Kind of Work of a Leaver"
    _order = "id"

    start_id = fields.Many2one("kehu.handover.start", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(KIND_NAMES, string="What", required=True, readonly=True)
    count = fields.Integer(string="How Many", readonly=True)
    names = fields.Text(string="Examples", readonly=True)
    successor_id = fields.Many2one(
        "res.users",
        compute="_compute_successor_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('share', '=', False), ('company_ids', 'in', allowed_company_ids), ('id', '!=', parent.user_id)]",
    )
    outcome = fields.Text(string="What Happens", compute="_compute_outcome")

    @api.depends("start_id.successor_id")
    def _compute_successor_id(self):
        for line in self:
            line.successor_id = line.start_id.successor_id

    @api.depends("successor_id", "kind", "start_id.pool_id", "start_id.user_id", "start_id.archive_login")
    def _compute_outcome(self):
        self.start_id._kehu_guard()
        for line in self:
            line.outcome = line._kehu_outcome()

    def _kehu_outcome(self):
        """Tell in a few sentences what will become of these records."""
        user, successor, pool = self.start_id.user_id._origin, self.successor_id._origin, self.start_id.pool_id
        kinds = self.env["kehu.handover.kind"]
        records = kinds._kehu_find(self.kind, user)
        if not records:
            return self.env._("Nothing is left.")
        along = ""
        if self.kind == "plan":
            carried = records.filtered(lambda event: event.kehu_contact_record_id.partner_id.user_id == user)
            records -= carried
            along = self.env._("Go with their customers: %(count)s.", count=len(carried)) if carried else ""
            if not records:
                return along
        if not successor:
            return "\n".join(filter(None, [along, self._kehu_outcome_without(user, records, pool)]))
        refusals = kinds._kehu_refusals(self.kind, records, user, successor)
        going = len(records) - len(refusals)
        words = [along] if along else []
        if going:
            words.append(self.env._("Go to %(user)s: %(count)s.", count=going, user=successor.name))
        if self.kind == "customer" and going:
            contacts = self.env["res.partner"].search_count([("kehu_customer_id", "in", records.ids), ("kehu_is_customer", "=", False)])
            if contacts:
                words.append(self.env._("Contacts that go along: %(count)s.", count=contacts))
        if refusals:
            reasons = list(dict.fromkeys(refusals.values()))[:REASONS]
            if self.kind == "customer" and self.start_id.archive_login:
                words.append(self.env._("Cannot go and fall into the pool: %(count)s.", count=len(refusals)))
            else:
                words.append(self.env._("Cannot go and stay: %(count)s.", count=len(refusals)))
            words.extend(reasons)
        return "\n".join(words)

    def _kehu_outcome_without(self, user, records, pool):
        if self.kind == "customer":
            target = pool.name or self.env._("the pools they came from, or the default pool")
            words = self.env._("Go to %(target)s: %(count)s.", count=len(records), target=target)
            if plans := records._kehu_open_plans():
                words += "\n" + self.env._("Planned contacts that are removed: %(count)s.", count=len(plans))
            return words
        if self.kind == "request" and self.start_id.archive_login:
            alone = [record for record in records if not (record.decider_ids - user)]
            if alone:
                return self.env._("Wait for nobody else: %(count)s. Choose a successor.", count=len(alone))
        if self.kind == "activity" and self.start_id.archive_login:
            return self.env._("Removed with the login: %(count)s.", count=len(records))
        return self.env._("Stay with %(user)s: %(count)s.", count=len(records), user=user.name)
