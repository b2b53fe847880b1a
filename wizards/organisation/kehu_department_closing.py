from odoo import api, fields, models

from ...models.organisation.exceptions import KehuOrganisationError

NAMES = 8


class KehuDepartmentClosing(models.TransientModel):
    """Close a department with everything below it, its people and their logins: seen before it happens."""

    _name = "kehu.department.closing"
    _description = "Close a Department"

    department_id = fields.Many2one("hr.department", required=True, readonly=True, ondelete="cascade")
    archive_people = fields.Boolean(
        string="People and logins too",
        default=True,
        help="Off: the people stay, without a department. Their customers leave them all the same.",
    )
    pool_id = fields.Many2one("kehu.pool", help="Empty: each customer goes into the pool it came from, or the default pool.")
    reason = fields.Text(help="Kept in the ownership history.")
    summary = fields.Text(string="What Is Closed", compute="_compute_preview")
    customer_note = fields.Text(string="Customers", compute="_compute_preview")
    approval_note = fields.Text(string="Running Approvals", compute="_compute_preview")
    refusal = fields.Text(compute="_compute_preview")

    # ------------------------------------------------------------
    # What it is about
    # ------------------------------------------------------------

    def _kehu_departments(self):
        """The department and all below it, as far as who asks may see them.

        :raises AccessError: for those who may not change departments
        """
        self.env["kehu.handover"]._kehu_check_administrator()
        department = self.department_id._origin
        department.check_access("write")
        return self.env["hr.department"].search([("id", "child_of", department.ids)])

    def _kehu_hidden(self, departments):
        """Tell that others than the companies switched on work with these departments, without saying who; False when nobody does."""
        seen = [*self.env.companies.ids, False]
        people = (
            self.env["hr.employee"]
            .sudo()  # sudo: hr.employee, hr.department - whether there is anybody whom the person may not see
            .search_count([("department_id", "child_of", departments.ids), ("company_id", "not in", seen)], limit=1)
        )
        below = [("id", "child_of", departments.ids), ("company_id", "not in", seen)]
        others = self.env["hr.department"].sudo().search_count(below, limit=1)  # sudo: see above
        customers = departments._kehu_customers().filtered(lambda customer: customer.company_id and customer.company_id.id not in seen)
        if people or others or customers:
            return self.env._("This department is used by a company that is not switched on. Switch on all companies, then close it.")
        return False

    def _kehu_people(self, departments):
        """Active people of these departments. HR reads them, others get nobody and may not close a department at all."""
        return self.env["hr.employee"].search([("department_id", "in", departments.ids)])

    def _kehu_logins(self, people):
        """Return (logins to archive, logins that stay because their person works elsewhere too).

        :rtype: tuple[res.users, res.users]
        """
        # sudo: hr.employee - whether a person works in another department or company too; nothing of it is told
        logins = people.sudo().user_id.filtered("active")
        others = self.env["hr.employee"].sudo().search([("user_id", "in", logins.ids), ("id", "not in", people.ids)])  # sudo: as above
        foreign = logins.filtered(lambda user: user.company_ids - self.env.companies)
        staying = others.user_id | foreign
        return (logins - staying).sudo(False), staying.sudo(False)

    def _kehu_customers(self, departments, logins):
        """Customers that go into the pool: those of the departments, and whatever else the archived logins own; in superuser mode."""
        customers = departments._kehu_customers()
        return customers | self.env["res.partner"]._kehu_of_owners(logins) if logins else customers

    # ------------------------------------------------------------
    # Preview
    # ------------------------------------------------------------

    @api.depends("department_id", "archive_people", "pool_id")
    def _compute_preview(self):
        for closing in self:
            closing._kehu_preview()

    def _kehu_preview(self):
        departments = self._kehu_departments()
        self.summary = self.customer_note = self.approval_note = False
        self.refusal = self._kehu_hidden(departments)
        if self.refusal:
            return
        people = self._kehu_people(departments)
        logins, staying = self._kehu_logins(people) if self.archive_people else (self.env["res.users"],) * 2
        below = departments - self.department_id._origin
        words = [self.env._("Departments below: %(count)s (%(names)s).", count=len(below), names=self._kehu_names(below))] if below else []
        if not self.archive_people:
            words.append(self.env._("People who stay, without a department: %(count)s.", count=len(people)))
        elif people:
            words.append(self.env._("People archived: %(count)s (%(names)s).", count=len(people), names=self._kehu_names(people)))
            words.append(self.env._("Logins archived: %(count)s. Nobody logs in with them any more.", count=len(logins)))
        if staying:
            words.append(
                self.env._(
                    "Logins that stay, since their people work elsewhere too: %(count)s (%(names)s).",
                    count=len(staying),
                    names=self._kehu_names(staying),
                )
            )
        self.summary = "\n".join(words) or self.env._("Nobody works here.")
        customers = self._kehu_customers(departments, logins)
        if customers:
            target = self.pool_id.name or self.env._("the pools they came from, or the default pool")
            text = self.env._("Customers that go to %(target)s: %(count)s.", count=len(customers), target=target)
            if plans := customers._kehu_open_plans():
                text += "\n" + self.env._("Planned contacts that are removed: %(count)s.", count=len(plans))
            if documents := customers._kehu_count_open_documents():
                text += "\n" + self.env._(
                    "Open documents that stay with their owners: %(count)s. Hand them over first if others go on.", count=documents
                )
            self.customer_note = text
        else:
            self.customer_note = self.env._("No customers.")
        self.approval_note = self._kehu_approval_note(logins)
        self.refusal = self._kehu_refusal(people, logins)

    def _kehu_names(self, records):
        names = ", ".join(records[:NAMES].mapped("name"))
        return f"{names} …" if len(records) > NAMES else names

    def _kehu_approval_note(self, logins):
        """What waits for these people, where nobody else could decide, and which flows name them."""
        words = []
        kinds = self.env["kehu.handover.kind"]
        requests, steps = kinds._kehu_find("request", logins), kinds._kehu_find("step", logins)
        if requests:
            alone = requests.filtered(lambda request: not request.decider_ids - logins)
            words.append(
                self.env._(
                    "Requests that wait for these people: %(count)s (%(names)s).", count=len(requests), names=self._kehu_names(requests)
                )
            )
            if alone:
                words.append(
                    self.env._(
                        "For nobody else wait: %(count)s, until an administrator forwards them or hands them over.", count=len(alone)
                    )
                )
        if steps:
            flows = steps.flow_id
            words.append(self.env._("Flows that name these people: %(names)s. Name somebody else there.", names=self._kehu_names(flows)))
        return "\n".join(words) or self.env._("No running approval is touched.")

    def _kehu_refusal(self, people, logins):
        """Why it cannot be done by who asks; False when it can."""
        if not self.archive_people:
            return False
        if people and not people.has_access("write"):
            return self.env._("People are archived by those with the host's role “Employees: Officer”. Ask one of them.")
        if logins and not logins.has_access("write"):
            return self.env._("Logins are archived by those with the host's role “Access Rights”. Ask one of them.")
        if self.env.user in logins:
            return self.env._("You work here yourself, and nobody archives their own login. Move yourself to another department first.")
        return False

    # ------------------------------------------------------------
    # Doing
    # ------------------------------------------------------------

    def action_apply(self):
        """Put the customers into the pool, then archive departments, people and logins: all or nothing.

        :raises AccessError: for those who may not change departments
        :raises KehuOrganisationError: when it cannot be done
        """
        self.ensure_one()
        self.check_access("write")
        self.pool_id.check_access("read")
        departments = self._kehu_departments()
        # sudo: hr.department - the row lock: two administrators do not close the same one at once
        if departments.sudo().try_lock_for_update(allow_referencing=True) != departments.sudo():
            raise KehuOrganisationError(
                self.env._("Somebody else is changing these departments at this moment. Wait a moment, and look again.")
            )
        if not self.department_id.active:
            raise KehuOrganisationError(self.env._("“%(name)s” is closed already.", name=self.department_id.name))
        if refusal := self._kehu_hidden(departments):
            raise KehuOrganisationError(refusal)
        people = self._kehu_people(departments)
        logins = self._kehu_logins(people)[0] if self.archive_people else self.env["res.users"]
        if refusal := self._kehu_refusal(people, logins):
            raise KehuOrganisationError(refusal)
        customers = self._kehu_customers(departments, logins)
        count = len(customers)
        customers._kehu_release(
            (self.reason or "").strip() or self.env._("The department of the owner was closed."), pool=self.pool_id or None
        )
        if self.archive_people:
            people.with_context(no_wizard=True).action_archive()
            logins.action_archive()
        else:
            people.write({"department_id": False})
        departments._kehu_archive_quietly()
        message = self.env._(
            "Closed: %(departments)s departments. Archived: %(people)s people, %(logins)s logins. Into the pool: %(customers)s customers.",
            departments=len(departments),
            people=len(people) if self.archive_people else 0,
            logins=len(logins),
            customers=count,
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }
