from odoo import api, fields, models
from odoo.tools import format_list

from ..approval.kehu_approval_flow import working_users
from ..pool.kehu_pool_policy import RULE_DAYS
from ..system.res_groups import BUILT_IN_GROUPS
from .exceptions import KehuRoleRightsError

CRM_ROLES = (
    "kehu_crm.group_kehu_user",
    "kehu_crm.group_kehu_service",
    "kehu_crm.group_kehu_finance",
    "kehu_crm.group_kehu_order_approver",
    "kehu_crm.group_kehu_receipt_approver",
)
SEE_ALL = ("kehu_crm.group_kehu_director", "kehu_crm.group_kehu_admin")
MOST = 1000  # rows of one table that are looked at
PATH = "kehu-policy-check"  # of the action that checks: who comes back by the address gets a new check, no list that nobody filled
NAMED = 5  # people that one sentence names


class KehuPolicyFinding(models.TransientModel):
    """One contradiction in what the administrators have set: which record, what is wrong, what to do.

    The check looks at roles, flows, pools and departments only, never at customers or documents, so that it costs the same in a large
    company. It finds; it changes nothing.
    """

    _name = "kehu.policy.finding"
    _description = "Finding of the Policy Check"
    _order = "weight, kind, id"

    weight = fields.Selection(
        [("1_blocks", "Stops Work"), ("2_look", "Have a Look")],
        string="How Bad",
        required=True,
        help="Stops Work: somebody cannot submit, decide or see what they should. Have a Look: it works, though perhaps not as meant.",
    )
    kind = fields.Selection(
        [
            ("1_approval", "Approvals"),
            ("2_people", "People and Departments"),
            ("3_pool", "Pools"),
            ("4_role", "Roles"),
        ],
        string="About",
        required=True,
    )
    name = fields.Text(string="What Is Wrong", required=True)
    advice = fields.Text(string="What to Do")
    record_name = fields.Char(string="Where")
    res_model = fields.Char(string="Technical Kind")
    res_id = fields.Integer(string="Number of the Record")

    # ------------------------------------------------------------
    # The check
    # ------------------------------------------------------------

    @api.model
    def action_check(self):
        """Look for contradictions and show them.

        :return: action of the list
        :rtype: dict
        :raises KehuRoleRightsError: for everybody but CRM administrators
        """
        self._kehu_check_administrator()
        # sudo: kehu.policy.finding - the earlier findings of this person; nobody writes findings by hand
        findings = self.sudo()
        findings.search([("create_uid", "=", self.env.uid)], limit=MOST).unlink()
        findings.create(self._kehu_findings())
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_policy_finding_action")
        return {**action, "path": PATH}

    def action_open(self):
        """Open the record that a finding is about.

        :raises KehuRoleRightsError: when this person may not open it
        """
        self.ensure_one()
        self._kehu_check_administrator()
        record = self.env[self.res_model].browse(self.res_id).exists() if self.res_model in self.env else None
        if not record or not record.has_access("read"):
            raise KehuRoleRightsError(
                self.env._("“%(name)s” is gone, or you may not open it. Ask a system administrator.", name=self.record_name or "")
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
            "target": "current",
        }

    @api.model
    def _kehu_check_administrator(self):
        """:raises KehuRoleRightsError: for everybody but CRM administrators"""
        if not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            raise KehuRoleRightsError(self.env._("What others may do is told to CRM administrators only. Ask one of them."))

    @api.model
    def _kehu_findings(self):
        """Return all findings for the companies that are switched on. A later add-on extends this.

        :return: values of findings
        :rtype: list[dict]
        """
        # sudo: the records of the set-up - people, roles and departments are looked at whoever may open them; all are of these companies
        check = self.sudo()
        return [
            *check._kehu_find_empty_roles(),
            *check._kehu_find_flows(),
            *check._kehu_find_deputies(),
            *check._kehu_find_homeless(),
            *check._kehu_find_idle_managers(),
            *check._kehu_find_managers(),
            *check._kehu_find_limits(),
            *check._kehu_find_levels(),
            *check._kehu_find_unlimited(),
        ]

    @api.model
    def _kehu_finding(self, kind, blocks, record, name, advice):
        return {
            "kind": kind,
            "weight": "1_blocks" if blocks else "2_look",
            "name": name,
            "advice": advice,
            "record_name": record.display_name,
            "res_model": record._name,
            "res_id": record.id,
        }

    @api.model
    def _kehu_people(self, *xmlids):
        """Active people inside who have one of these roles and work in a company that is switched on."""
        groups = self.env["res.groups"].browse([self.env.ref(xmlid).id for xmlid in xmlids])
        domain = [("all_group_ids", "in", groups.ids), ("share", "=", False), ("company_ids", "in", self.env.companies.ids)]
        return self.env["res.users"].search(domain, order="name, id", limit=MOST)

    @api.model
    def _kehu_names(self, records):
        names = records[:NAMED].mapped("display_name")
        if len(records) > NAMED:
            names.append(self.env._("%(count)s more", count=len(records) - NAMED))
        return format_list(self.env, names)

    # ------------------------------------------------------------
    # Approvals
    # ------------------------------------------------------------

    @api.model
    def _kehu_find_empty_roles(self):
        found = []
        for xmlid in BUILT_IN_GROUPS:
            group = self.env.ref(xmlid)
            if not self._kehu_people(xmlid):
                found.append(
                    self._kehu_finding(
                        "1_approval",
                        False,
                        group,
                        self.env._("Nobody has the role “%(role)s”.", role=group.name),
                        self.env._("Give it to those who decide, or let the flows name other people."),
                    )
                )
        return found

    @api.model
    def _kehu_flows(self):
        domain = [("company_id", "in", [*self.env.companies.ids, False]), ("active", "=", True)]
        return self.env["kehu.approval.flow"].search(domain, limit=MOST)

    @api.model
    def _kehu_falls_back(self, flow, company):
        """Tell whether CRM administrators decide where a step of the flow finds nobody."""
        if flow.if_nobody != "administrator":
            return False
        return bool(self.env["res.users"]._kehu_of_role(self.env.ref("kehu_crm.group_kehu_admin"), company))

    @api.model
    def _kehu_find_flows(self):
        """Steps that find nobody, or somebody who cannot decide."""
        found = []
        for flow in self._kehu_flows():
            for step in flow.step_ids:
                if step.kind == "users":
                    found += self._kehu_find_named(flow, step)
                elif step.kind in ("chosen", "group"):
                    found += self._kehu_find_role_of(flow, step)
        return found

    @api.model
    def _kehu_needed(self, step, count):
        """How many of those asked have to agree."""
        if step.kind in ("chosen", "manager") or step.agree == "any":
            return 1
        return step.minimum if step.agree == "number" else max(count, 1)

    @api.model
    def _kehu_find_named(self, flow, step):
        found = []
        gone = step.with_context(active_test=False).user_ids.filtered(lambda user: not user.active or user.share)
        companies = flow.company_id or self.env.companies
        for company in companies:
            people = working_users(step.user_ids, company)
            enough = len(people) >= self._kehu_needed(step, len(people))
            blind = people.filtered(lambda user, flow=flow: not self._kehu_opens(user, flow))
            if not enough and not self._kehu_falls_back(flow, company):
                found.append(
                    self._kehu_finding(
                        "1_approval",
                        True,
                        flow,
                        self.env._(
                            "Step “%(step)s” finds too few people in “%(company)s”: it names %(names)s, and %(needed)s who still work "
                            "there have to agree. Nothing can be submitted to it.",
                            step=step.name,
                            company=company.name,
                            names=self._kehu_names(step.with_context(active_test=False).user_ids),
                            needed=self._kehu_needed(step, len(people)),
                        ),
                        self.env._("Name somebody who works there."),
                    )
                )
                return found
            if blind:
                found.append(self._kehu_blind(flow, step, blind))
        if gone:
            found.append(
                self._kehu_finding(
                    "1_approval",
                    False,
                    flow,
                    self.env._(
                        "Step “%(step)s” names people who have left: %(names)s. They are not asked.",
                        step=step.name,
                        names=self._kehu_names(gone),
                    ),
                    self.env._("Take them off the step, and name who decides instead."),
                )
            )
        return found

    @api.model
    def _kehu_find_role_of(self, flow, step):
        found = []
        for company in flow.company_id or self.env.companies:
            people = self.env["res.users"]._kehu_of_role(step.group_id, company)
            if len(people) < self._kehu_needed(step, len(people)) and not self._kehu_falls_back(flow, company):
                found.append(
                    self._kehu_finding(
                        "1_approval",
                        True,
                        flow,
                        self.env._(
                            "Step “%(step)s” asks the role “%(role)s”, in which %(count)s people of “%(company)s” are, and %(needed)s "
                            "have to agree. Nothing can be submitted to it.",
                            step=step.name,
                            role=step.group_id.name,
                            count=len(people),
                            company=company.name,
                            needed=self._kehu_needed(step, len(people)),
                        ),
                        self.env._("Give the role to those who decide, or choose another one in the step."),
                    )
                )
            blind = people.filtered(lambda user, flow=flow: not self._kehu_opens(user, flow))
            if blind:
                found.append(self._kehu_blind(flow, step, blind))
        return found

    @api.model
    def _kehu_opens(self, user, flow):
        """Tell whether a person has a role that opens documents of the kind that the flow is for."""
        model = flow.model_id.model
        return model not in self.env or self.env[model].with_user(user).has_access("read")

    @api.model
    def _kehu_blind(self, flow, step, people):
        return self._kehu_finding(
            "4_role",
            True,
            flow,
            self.env._(
                "Step “%(step)s” asks %(names)s, who may approve but have no role that opens %(kind)s.",
                step=step.name,
                names=self._kehu_names(people),
                kind=flow.model_id.name,
            ),
            self.env._("Give them a role that views these documents, or let somebody else decide."),
        )

    @api.model
    def _kehu_find_deputies(self):
        """Deputies who have left, for absences that are not over."""
        today = fields.Date.context_today(self)
        domain = [
            ("deputy_id.active", "=", False),
            ("user_id.active", "=", True),
            ("user_id.company_ids", "in", self.env.companies.ids),
            "|",
            ("date_to", "=", False),
            ("date_to", ">=", today),
        ]
        deputies = self.env["kehu.approval.deputy"].with_context(active_test=False).search(domain, limit=MOST)
        return [
            self._kehu_finding(
                "1_approval",
                True,
                deputy,
                self.env._(
                    "%(deputy)s, who decides for %(user)s while they are away, has left. Nobody stands in for %(user)s.",
                    deputy=deputy.deputy_id.name,
                    user=deputy.user_id.name,
                ),
                self.env._("Name another deputy for the time of the absence."),
            )
            for deputy in deputies
        ]

    # ------------------------------------------------------------
    # People and departments
    # ------------------------------------------------------------

    @api.model
    def _kehu_person(self, user):
        """Return the employee of a user where this administrator may open it, else the user."""
        employee = self.env["hr.employee"].search([("user_id", "=", user.id)], limit=1).sudo(False)
        return employee if employee and employee.has_access("read") else user

    @api.model
    def _kehu_find_homeless(self):
        found = []
        people = self._kehu_people(*CRM_ROLES)
        # sudo: hr.department - the name of one that is closed, which the administrator may not find any more
        for user in people.filtered(lambda user: (home := user.sudo().kehu_home_department_id) and not home.active):
            department = user.sudo().kehu_home_department_id  # sudo: hr.department - as above
            found.append(
                self._kehu_finding(
                    "2_people",
                    False,
                    self._kehu_person(user),
                    self.env._("%(user)s works in “%(department)s”, which is closed.", user=user.name, department=department.name),
                    self.env._("Choose their department."),
                )
            )
        # sudo: hr.employee - whether people still work, in whatever company
        records = self.env["hr.employee"].sudo().with_context(active_test=False).search_fetch([("user_id", "in", people.ids)], ["user_id"])
        for user in people & (records.user_id - records.filtered("active").user_id):
            found.append(
                self._kehu_finding(
                    "2_people",
                    False,
                    user,
                    self.env._("%(user)s has left by the list of people, but still logs in.", user=user.name),
                    self.env._("Hand over their work under Organisation, which archives the login."),
                )
            )
        for user in people.filtered(lambda user: not user.kehu_home_department_id):
            person = self._kehu_person(user)
            found.append(
                self._kehu_finding(
                    "2_people",
                    False,
                    person,
                    self.env._(
                        "%(user)s works in the CRM and is in no department. No manager sees their customers and documents.", user=user.name
                    ),
                    self.env._("Choose their department.")
                    if self.env["hr.employee"].search([("user_id", "=", user.id)], limit=1)
                    else self.env._("Make an employee for this login under Organisation, in the department where they work."),
                )
            )
        return found

    @api.model
    def _kehu_find_idle_managers(self):
        """Sales managers who manage no department: they see what a salesperson sees."""
        managers = self._kehu_people("kehu_crm.group_kehu_manager") - self._kehu_people(*SEE_ALL)
        led = self.env["hr.department"].search([("manager_id.user_id", "in", managers.ids)], limit=MOST)
        return [
            self._kehu_finding(
                "2_people",
                False,
                self._kehu_person(user),
                self.env._("%(user)s is a sales manager and manages no department. They see their own customers only.", user=user.name),
                self.env._("Make them the manager of their department under Organisation."),
            )
            for user in managers - led.manager_id.user_id
        ]

    @api.model
    def _kehu_find_managers(self):
        """Departments whose people find no manager for a step that asks one; one finding per department and flow."""
        found = []
        steps = self._kehu_flows().step_ids.filtered(lambda step: step.kind == "manager")
        if not steps:
            return found
        people = self._kehu_people("kehu_crm.group_kehu_user").filtered("kehu_home_department_id")
        for flow in steps.flow_id:
            without = {}
            for step in steps.filtered(lambda step, flow=flow: step.flow_id == flow):
                for user in people:
                    company = flow.company_id or user.company_id
                    if company not in user.company_ids or self._kehu_falls_back(flow, company):
                        continue
                    manager = user._kehu_manager_above(step.levels_up)
                    if not working_users(manager, company):
                        key = (user.kehu_home_department_id, step)
                        without[key] = without.get(key, user.browse()) | user
            for (department, step), users in without.items():
                found.append(
                    self._kehu_finding(
                        "2_people",
                        True,
                        department,
                        self.env._(
                            "Flow “%(flow)s” asks the manager, level %(level)s, and there is none for %(names)s. They cannot submit.",
                            flow=flow.name,
                            level=step.levels_up,
                            names=self._kehu_names(users),
                        ),
                        self.env._("Give this department, or one above it, a manager with a login."),
                    )
                )
        return found

    # ------------------------------------------------------------
    # Pools
    # ------------------------------------------------------------

    @api.model
    def _kehu_pools(self):
        return self.env["kehu.pool"].search([("company_id", "in", [*self.env.companies.ids, False])], limit=MOST)

    @api.model
    def _kehu_find_limits(self):
        found = []
        people = self._kehu_people("kehu_crm.group_kehu_user")
        for pool in self._kehu_pools().filtered("max_held") if people else ():
            held = pool._kehu_held(people)
            over = people.filtered(lambda user, held=held, pool=pool: held.get(user.id, 0) > pool.max_held)
            over = over.sorted(lambda user, held=held: -held[user.id])
            for user in over:
                found.append(
                    self._kehu_finding(
                        "3_pool",
                        False,
                        pool,
                        self.env._(
                            "%(user)s holds %(held)s customers, and the pool allows %(most)s per person. They keep these, and get no more.",
                            user=user.name,
                            held=held[user.id],
                            most=pool.max_held,
                        ),
                        self.env._("Raise the limit, or have some customers returned."),
                    )
                )
        return found

    @api.model
    def _kehu_find_levels(self):
        """Levels for which a policy that is switched on has no days, though it has days for others, and which are not exempt."""
        found = []
        levels = self.env["kehu.customer.level"].search([], limit=MOST)
        for pool in self._kehu_pools().filtered("auto_recycle"):
            rows = {rule.level_id: rule for rule in pool.level_rule_ids}
            if not any(row[name] for row in (pool, *rows.values()) for name in RULE_DAYS.values()):
                continue
            for level in levels - pool.exempt_level_ids:
                row = rows.get(level, pool)
                if not any(row[name] for name in RULE_DAYS.values()):
                    found.append(
                        self._kehu_finding(
                            "3_pool",
                            False,
                            pool,
                            self.env._(
                                "Customers come back by themselves, and level “%(level)s” has no days: its customers never do.",
                                level=level.name,
                            ),
                            self.env._("Set days for the level, or name it among the exempt ones if that is meant."),
                        )
                    )
        return found

    # ------------------------------------------------------------
    # Roles
    # ------------------------------------------------------------

    @api.model
    def _kehu_find_unlimited(self):
        """Roles that take something away from people who have it by another way."""
        return [
            self._kehu_finding(
                "4_role",
                False,
                role,
                role.unlimited_note,
                self.env._("Take the other role away under Users, or take these people off the role."),
            )
            for role in self.env["kehu.role"].search([], limit=MOST)
            if role.unlimited_note
        ]
