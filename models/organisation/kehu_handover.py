from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import format_date

from ..system.engine import as_engine
from .exceptions import KehuHandoverError, KehuOrganisationRightsError
from .kehu_handover_kind import KIND_NAMES, KINDS, REFUSALS

ENGINE = "handover"
DAYS = 7  # for so long it can be undone
NAMES = 5  # shown in a sentence
STATES = [
    ("moved", "Handed over"),
    ("kept", "Stayed"),
    ("undone", "Given back"),
    ("left", "Could not be given back"),
]


class KehuHandover(models.Model):
    """What somebody who left was doing, who got it, and what of it was given back. Written by the engine only, kept for good."""

    _name = "kehu.handover"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Handover"
    _order = "date desc, id desc"
    _rec_name = "user_id"
    _kehu_engine = ENGINE

    user_id = fields.Many2one("res.users", string="Leaver", required=True, index=True, ondelete="restrict")
    author_id = fields.Many2one("res.users", string="Done by", required=True, index=True, ondelete="restrict")
    date = fields.Datetime(string="Handed Over On", required=True, default=fields.Datetime.now, index=True)
    reason = fields.Text()
    company_ids = fields.Many2many("res.company", "kehu_handover_company_rel", "handover_id", "company_id", string="Companies")
    login_archived = fields.Boolean(help="The login was archived with it, and comes back when the handover is undone.")
    employee_ids = fields.Many2many(
        "hr.employee", "kehu_handover_employee_rel", "handover_id", "employee_id", string="People Archived", groups="hr.group_hr_user"
    )
    subordinate_ids = fields.Many2many(
        "hr.employee",
        "kehu_handover_subordinate_rel",
        "handover_id",
        "employee_id",
        string="People They Managed",
        groups="hr.group_hr_user",
        help="The host takes the manager from them when the person is archived.",
    )
    state = fields.Selection(
        [("done", "Handed over"), ("part", "Partly given back"), ("undone", "Given back")], required=True, default="done", index=True
    )
    undone_on = fields.Datetime(string="Given Back On")
    undone_by_id = fields.Many2one("res.users", string="Given Back By", ondelete="restrict", index="btree_not_null")
    line_ids = fields.One2many("kehu.handover.line", "handover_id", string="What Was Handed Over")
    line_count = fields.Integer(string="Records", compute="_compute_counts")
    kept_count = fields.Integer(string="Not Moved", compute="_compute_counts", help="What could not be handed over, or not be given back.")
    undo_until = fields.Datetime(string="Can Be Undone Until", compute="_compute_undo")
    can_undo = fields.Boolean(compute="_compute_undo")

    @api.depends("line_ids.state")
    def _compute_counts(self):
        rows = self.env["kehu.handover.line"]._read_group([("handover_id", "in", self.ids)], ["handover_id", "state"], ["__count"])
        counts = {}
        for handover, state, count in rows:
            counts.setdefault(handover.id, {})[state] = count
        for handover in self:
            found = counts.get(handover._origin.id, {})
            handover.line_count = sum(found.values())
            handover.kept_count = found.get("kept", 0) + found.get("left", 0)

    @api.depends("date", "state")
    def _compute_undo(self):
        now = fields.Datetime.now()
        for handover in self:
            handover.undo_until = handover.date and handover.date + timedelta(days=DAYS)
            handover.can_undo = bool(handover.date) and handover.state == "done" and now <= handover.undo_until

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    @api.model
    def _kehu_check_administrator(self):
        """:raises KehuOrganisationRightsError: for everybody but CRM administrators"""
        if not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            raise KehuOrganisationRightsError(self.env._("Only CRM administrators change the organisation. Ask one of them."))

    @api.model
    def _kehu_check_leaver(self, user):
        """Refuse whose work cannot be handed over by who asks.

        :raises KehuHandoverError: naming the obstacle, never a company that is switched off
        """
        person = user.sudo()  # sudo: res.users - kind and companies of the person, to compare only
        if not user or person.share or person._is_superuser() or not person.company_ids & self.env.companies:
            raise KehuHandoverError(self.env._("Choose who leaves: a person with a login in one of the companies that are switched on."))

    @api.model
    def _kehu_login_obstacle(self, user):
        """Tell why the login of this person cannot be archived here, by who asks; False when it can."""
        person = user.sudo()  # sudo: res.users - companies of the person, to compare only
        if not self.env["res.users"].has_access("write"):
            return self.env._("Logins are archived by those with the host's role “Access Rights”. Ask one of them afterwards.")
        if user == self.env.user:
            return self.env._("Nobody archives their own login.")
        if person.company_ids - self.env.companies:
            return self.env._(
                "%(user)s works for another company too, which is not switched on. Switch on all companies, or keep the login.",
                user=person.name,
            )
        return False

    # ------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------

    @api.model
    def _kehu_hand_over(self, user, successors, reason=None, pool=None, archive_login=False, archive_people=False):
        """Hand over what a person holds, kind by kind, with the rights of who asks; what cannot go stays and is told.

        :param res.users user: the leaver
        :param dict successors: {kind: res.users}; a kind that is not named stays; customers without a successor go into the pool
        :param str reason: kept in the histories
        :param kehu.pool pool: for the customers; by default the one whose policy holds
        :param bool archive_login: the login too
        :param bool archive_people: the employee records too, which takes the rights of HR
        :return: the record of it
        :rtype: kehu.handover
        :raises KehuHandoverError: when there is nothing to do, or somebody is doing it at this moment
        """
        self._kehu_check_administrator()
        self._kehu_check_leaver(user)
        obstacle = archive_login and self._kehu_login_obstacle(user)
        if obstacle:
            raise KehuHandoverError(obstacle)
        # sudo: res.users - the row lock: one handover of a person at a time
        if not user.sudo().try_lock_for_update(allow_referencing=True):
            raise KehuHandoverError(
                self.env._("Somebody else is changing %(user)s at this moment. Wait a moment, and look again.", user=user.name)
            )
        (pool or self.env["kehu.pool"]).check_access("read")
        for successor in successors.values():
            # sudo: res.users - where they work, to compare only
            if successor and not successor.sudo().company_ids & self.env.companies:
                raise KehuHandoverError(
                    self.env._("%(user)s works in none of the companies that are switched on. Choose somebody else.", user=successor.name)
                )
            if successor == user:
                raise KehuHandoverError(self.env._("%(user)s leaves and cannot be the successor. Choose somebody else.", user=user.name))
        kinds = self.env["kehu.handover.kind"]
        reason = (reason or "").strip() or self.env._("The owner has left.")
        found = {kind: kinds._kehu_find(kind, user) for kind in KINDS if kind in successors}
        # told once, before anything moves: names and what a customer loses in the pool
        lines = {
            (kind, record): {
                "kind": kind,
                "res_model": record._name,
                "res_id": record.id,
                "name": kinds._kehu_name(record),
                "company_id": self._kehu_company_of(record).id,
                **({"next_contact": record.kehu_next_contact, "locked": record.kehu_locked} if kind == "customer" else {}),
            }
            for kind, records in found.items()
            for record in records
        }
        if not lines and not archive_login and not archive_people:
            raise KehuHandoverError(self.env._("%(user)s holds nothing that could be handed over.", user=user.name))
        for kind, records in found.items():
            self._kehu_move_kind(kind, records, user, successors[kind], reason, pool, lines, archive_login)
        people, subordinates = self._kehu_archive(user, archive_login, archive_people)
        self.env.flush_all()
        self.env.invalidate_all()
        there = {kind: set(records.exists().ids) for kind, records in found.items()}
        for (kind, record), values in lines.items():
            if values["state"] == "kept" and record.id not in there[kind]:
                values.update(state="moved", user_id=False, reason=self.env._("Removed with the login."))
            if values["state"] == "moved" and record.id in there[kind]:
                values["stamp"] = kinds._kehu_stamp(record.sudo())  # sudo: any kind - who wrote it last
                values["pool_id"] = record.sudo().kehu_pool_id.id if kind == "customer" else False  # sudo: kehu.pool - its id
        handover = as_engine(self.sudo(), ENGINE).create(  # sudo: kehu.handover - written by the engine only
            {
                "user_id": user.id,
                "author_id": self.env.uid,
                "reason": reason,
                "company_ids": [fields.Command.set(self.env.companies.ids)],
                "login_archived": archive_login and not user.sudo().active,  # sudo: res.users - state
                "employee_ids": [fields.Command.set(people.ids)],
                "subordinate_ids": [fields.Command.set(subordinates.ids)],
                "line_ids": [fields.Command.create(values) for values in lines.values()],
            }
        )
        handover._kehu_tell_successors()
        return self.browse(handover.id)

    def _kehu_tell_successors(self):
        """One message to each successor about everything but the customers, of which their own gateway tells. Runs as superuser."""
        labels = dict(self.line_ids._fields["kind"]._description_selection(self.env))
        moved = self.line_ids.filtered(lambda line: line.state == "moved" and line.kind != "customer" and line.user_id)
        for user, lines in moved.grouped("user_id").items():
            if user == self.env.user:
                continue
            items = Markup("").join(Markup("<li>%s: %s</li>") % (labels[kind], len(group)) for kind, group in lines.grouped("kind").items())
            subject = self.env._("Yours from now on, from %(leaver)s", leaver=self.user_id.name)
            self.env["mail.thread"].message_notify(
                subject=subject,
                body=Markup("<p>%s</p><ul>%s</ul>") % (subject, items),
                partner_ids=user.partner_id.ids,
                author_id=self.env.user.partner_id.id,
            )

    @api.model
    def _kehu_company_of(self, record):
        if record._name == "kehu.approval.step":
            return record.flow_id.company_id
        return record.company_id if "company_id" in record._fields else self.env["res.company"]

    @api.model
    def _kehu_move_kind(self, kind, records, user, successor, reason, pool, lines, archiving):
        """Move the records of one kind and write down in ``lines`` what became of each."""
        kinds = self.env["kehu.handover.kind"]
        records = records.exists()
        refusals = kinds._kehu_refusals(kind, records, user, successor)
        going = records - records.browse(record.id for record in refusals)
        if kind == "plan":  # those of a customer have gone along already
            going = going.filtered(lambda event: event.user_id == user)
        if successor or kind == "customer":
            refusals |= kinds._kehu_move(kind, going, user, successor, reason, pool)
        if kind == "customer" and successor and archiving:
            # their owner is about to go: the pool is where they are found again
            left = records.browse(record.id for record in refusals)
            reasons, refusals = refusals, kinds._kehu_move(kind, left, user, successor.browse(), reason, pool)
            for record in left:
                lines[kind, record]["reason"] = reasons[record]
        there = set(records.exists().ids)
        for (its_kind, record), values in lines.items():
            if its_kind != kind:
                continue
            if record.id not in there:
                values.update(
                    state="moved", user_id=False, reason=self.env._("Removed: nobody carries it out while the customer is in the pool.")
                )
            elif record in refusals:
                values.update(state="kept", reason=refusals[record])
            elif not successor and kind != "customer":
                values.update(state="kept", reason=self.env._("No successor was chosen."))
            else:
                holder = successor if kind in ("request", "step") else record.sudo().user_id  # sudo: any kind - who holds it now
                values.update(state="moved", user_id=holder.id)

    @api.model
    def _kehu_archive(self, user, login, people):
        """Archive login and employee records, through the host's own methods.

        :return: (the employees, those whose manager they were)
        """
        employees = subordinates = self.env["hr.employee"]
        if people:
            if not employees.has_access("write"):
                raise KehuHandoverError(
                    self.env._("People are archived by those with the host's role “Employees: Officer”. Ask one of them.")
                )
            employees = employees.search([("user_id", "=", user.id)])
            subordinates = employees.search([("parent_id", "in", employees.ids)])
            employees.with_context(no_wizard=True).action_archive()
        if login:
            user.filtered("active").action_archive()
        return employees, subordinates

    # ------------------------------------------------------------
    # Undoing
    # ------------------------------------------------------------

    def action_undo(self):
        """Give back what nobody has changed since; what cannot be given back stays where it is, with the reason on its line.

        :raises KehuHandoverError: when it is too late, or was done already
        """
        self.ensure_one()
        self._kehu_check_administrator()
        self.check_access("read")
        if self.sudo().try_lock_for_update() != self.sudo():  # sudo: kehu.handover - the row lock
            raise KehuHandoverError(self.env._("Somebody else is undoing this handover at this moment. Wait a moment, and look again."))
        self.invalidate_recordset(["state"])
        if self.state != "done":
            raise KehuHandoverError(self.env._("This handover was undone already. What is left can be handed over anew."))
        if not self.can_undo:
            raise KehuHandoverError(
                self.env._(
                    "This handover could be undone until %(date)s. Hand over anew what shall go back.",
                    date=format_date(self.env, self.undo_until),
                )
            )
        if self.sudo().company_ids - self.env.companies:  # sudo: res.company - to compare only
            raise KehuHandoverError(self.env._("This handover is about more companies than are switched on. Switch on all of them."))
        self._kehu_undo_archiving()
        lines = self.line_ids.filtered(lambda line: line.state == "moved")
        lines._kehu_give_back()
        left = lines.filtered(lambda line: line.state == "left")
        # sudo: kehu.handover - written by the engine only
        as_engine(self.sudo(), ENGINE).write(
            {"state": "part" if left else "undone", "undone_on": fields.Datetime.now(), "undone_by_id": self.env.uid}
        )
        message = self.env._("Given back: %(count)s.", count=len(lines) - len(left))
        if left:
            message += " " + self.env._("Not given back: %(count)s. The list says why.", count=len(left))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if left else "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _kehu_undo_archiving(self):
        """The login and the person come back first: whoever is away cannot get anything."""
        if self.login_archived and not self.user_id.active:
            if not self.env["res.users"].has_access("write"):
                raise KehuHandoverError(
                    self.env._(
                        "The login of %(user)s is archived. Ask somebody with the host's role “Access Rights”.", user=self.user_id.name
                    )
                )
            self.user_id.action_unarchive()
        # sudo: hr.employee - which were archived
        people = self.sudo().with_context(active_test=False).employee_ids.filtered(lambda person: not person.active)
        if people and self.env["hr.employee"].has_access("write"):
            people.sudo(False).action_unarchive()
            # sudo: hr.employee - whom they managed; written with the rights of who asks
            for person in self.sudo().subordinate_ids.sudo(False).filtered(lambda person: not person.parent_id):
                person.parent_id = people.filtered(lambda other, person=person: other.company_id == person.company_id)[:1].id

    def action_open_lines(self):
        """What was handed over, as a list."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Was Handed Over"),
            "res_model": "kehu.handover.line",
            "view_mode": "list",
            "domain": [("handover_id", "=", self.id)],
            "context": {"search_default_group_kind": 1},
        }


class KehuHandoverLine(models.Model):
    """One record that was handed over, or could not be."""

    _name = "kehu.handover.line"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Line of a Handover"
    _order = "handover_id desc, id"
    _kehu_engine = ENGINE

    handover_id = fields.Many2one("kehu.handover", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(KIND_NAMES, required=True)
    res_model = fields.Char(required=True, export_string_translation=False)
    res_id = fields.Many2oneReference(model_field="res_model", string="Record", export_string_translation=False)
    name = fields.Char(string="What", help="As it was called then.")
    company_id = fields.Many2one("res.company", index="btree_not_null")
    user_id = fields.Many2one("res.users", string="Successor", index="btree_not_null", ondelete="restrict")
    pool_id = fields.Many2one("kehu.pool", index="btree_not_null", ondelete="set null")
    next_contact = fields.Date()
    locked = fields.Boolean()
    stamp = fields.Char(export_string_translation=False, help="Who had changed the record last, and when.")
    state = fields.Selection(STATES, required=True, default="moved", index=True)
    reason = fields.Text(help="Why it could not go, or could not be given back.")

    @api.depends("name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.name or ""

    def action_open_record(self):
        """Open the record itself, with the rights of who asks."""
        self.ensure_one()
        record = self._kehu_record()
        record.check_access("read")
        return {"type": "ir.actions.act_window", "res_model": record._name, "res_id": record.id, "views": [[False, "form"]]}

    def _kehu_record(self):
        records = self.env[self.res_model].with_context(active_test=False)
        return records.browse(self.res_id).exists()

    def _kehu_give_back(self):
        """Give the records of these lines back to the leaver, and write down what became of each."""
        kinds = self.env["kehu.handover.kind"]
        leaver = self.handover_id.user_id
        obstacles, records = {}, {}
        for line in self:  # all are judged before anything moves: one may carry others along
            record = records[line] = line._kehu_record()
            if text := line._kehu_obstacle(record, leaver):
                obstacles[line] = text
        free = self.filtered(lambda line: line not in obstacles).grouped("kind")
        for kind in [kind for kind in KINDS if kind in free]:
            lines = free[kind]
            refused = self.browse()
            for holder, group in lines.grouped("user_id").items():
                going = {records[line]: line for line in group}
                moving = self.env[KINDS[kind].model].with_context(active_test=False).browse(record.id for record in going)
                if kind == "plan":  # those of a customer have come back with it
                    moving = moving.filtered(lambda event: event.user_id != leaver)
                refusals = kinds._kehu_move(kind, moving, holder, leaver, self.env._("The handover was undone."))
                obstacles.update({going[record]: text for record, text in refusals.items()})
                refused = refused.union(*(going[record] for record in refusals))
            if kind == "customer":
                (lines - refused)._kehu_restore_customers()
        left = self.browse(line.id for line in obstacles)
        as_engine((self - left).sudo(), ENGINE).write({"state": "undone"})  # sudo: kehu.handover.line - written by the engine only
        for reason, group in left.grouped(lambda line: obstacles[line]).items():
            as_engine(group.sudo(), ENGINE).write({"state": "left", "reason": reason})  # sudo: see above

    def _kehu_obstacle(self, record, leaver):
        """Tell why this record cannot go back to the leaver; False when it can."""
        kinds = self.env["kehu.handover.kind"]
        if not record:
            return self.reason or self.env._("It does not exist any more.")
        if not record.has_access("read"):
            return self.env._("You may not see it any more.")
        changed = record.sudo()  # sudo: any kind - who holds it and who changed it last
        if self.kind in ("request", "step"):
            if not kinds._kehu_holder(self.kind, changed, self.user_id):
                return self.env._("%(user)s is not asked any more.", user=self.user_id.name)
        elif changed.user_id != self.user_id:
            if changed.user_id:
                return self.env._("%(user)s has it by now.", user=changed.user_id.name)
            return self.env._("It has no owner any more.")
        if author := kinds._kehu_changed_by(changed, self.stamp):
            return self.env._(
                "%(user)s changed it on %(date)s.",
                user=author.name,
                date=format_date(self.env, fields.Datetime.context_timestamp(self, changed.write_date).date()),
            )
        return False

    def _kehu_restore_customers(self):
        """What the pool took from a customer besides its owner: the planned contact and the lock."""
        for line in self.filtered("pool_id"):
            customer = line._kehu_record()
            values = {}
            if line.next_contact and not customer.kehu_next_contact:
                values["kehu_next_contact"] = line.next_contact
            if line.locked and not customer.kehu_locked:
                values["kehu_locked"] = True
            if values:
                try:
                    with self.env.cr.savepoint():
                        customer.write(values)
                except REFUSALS as error:
                    # sudo: kehu.handover.line - written by the engine only
                    as_engine(line.sudo(), ENGINE).write({"reason": str(error.args[0] if error.args else error)})
