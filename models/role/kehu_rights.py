from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date, format_list
from odoo.tools.safe_eval import safe_eval

from .areas import AREAS, area_domain, area_names
from .exceptions import KehuRoleRightsError
from .matrix import AREA_MODELS

OPERATIONS = ("read", "create", "write", "unlink")
MOST_COUNTED = 10_000  # records; of more it is told that there are more
MOST_PEOPLE = 2000  # who is asked whether they see a customer
OTHERS_RULE = "kehu_crm.res_partner_rule_kehu_other"  # shows partners that are no customers


class KehuRights(models.AbstractModel):
    """Tells what a person may do and who may see a customer, and where each right comes from.

    The host is asked as that person (``has_access``, a search, its rules), so that the answer is the truth whatever roles and rules an
    administrator added; the reasons are read from the access rows and rules that let the person through.
    """

    _name = "kehu.rights"
    _description = "Answers about Rights"

    @api.model
    def _kehu_as(self, model, user):
        """A model as a person sees it in all companies that the person and the asker share."""
        companies = user.company_ids & self.env.companies
        return self.env[model].with_user(user).with_context(allowed_company_ids=companies.ids)

    @api.model
    def _kehu_asked_user(self, user):
        """:return: the person in superuser mode, when the asker may ask about them"""
        self.env["kehu.policy.finding"]._kehu_check_administrator()
        user = self.env["res.users"].browse(user.id)
        user.check_access("read")
        # sudo: res.users - for which companies the person works
        if not user.sudo().company_ids & self.env.companies:
            raise KehuRoleRightsError(
                self.env._(
                    "“%(user)s” works for companies that are not switched on here. Switch one of them on, if you may.", user=user.name
                )
            )
        return user.sudo()  # sudo: res.users, res.groups - roles of the person; only administrators come here

    @api.model
    def _kehu_givers(self, user, groups):
        """Which of the roles that a person was given bring some of these groups along.

        :param res.users user: in superuser mode
        :return: names, of whoever is in ``groups`` directly or through what it implies
        :rtype: list[str]
        """
        # sudo: kehu.role.grant - roles that the person has until a day
        grants = self.env["kehu.role.grant"].sudo().search([("user_id", "=", user.id), ("ended", "=", False)])
        until = {grant.role_id.group_id: grant.date_to for grant in grants}
        return [
            self.env._("%(role)s, until %(day)s", role=group.name, day=format_date(self.env, until[group]))
            if group in until
            else group.name
            for group in user.group_ids
            if group.all_implied_ids & groups
        ]

    # ------------------------------------------------------------
    # What may this person do
    # ------------------------------------------------------------

    @api.model
    def _kehu_person_rights(self, user):
        """What a person may do in each area, and why.

        :param res.users user: whom it is about
        :return: one dict per area: name; read, create, write, unlink, export: bool; approve: list of str; scopes: list of
            {label, via, view_only}; via: names of roles that open the area; count, total: numbers of records, ``count`` as the person sees
        :rtype: list[dict]
        :raises KehuRoleRightsError: for everybody but CRM administrators
        """
        user = self._kehu_asked_user(user)
        names = area_names(self.env)
        export = user.has_group("base.group_allow_export")
        return [self._kehu_area_rights(user, area, names[area.key], export) for area in AREAS if area.model in self.env]

    @api.model
    def _kehu_hidden_words(self, user):
        """Hook of later rooms.

        :param res.users user: whom it is about
        :return: what is hidden from a person wherever it stands, in words; empty: nothing
        :rtype: str
        """
        return ""

    @api.model
    def _kehu_area_rights(self, user, area, name, export):
        records = self._kehu_as(area.model, user)
        row = {"name": name, **{operation: records.has_access(operation) for operation in OPERATIONS}}
        row.update({"scopes": [], "via": [], "approve": [], "count": 0, "total": 0, "export": False})
        if row["read"]:
            row["via"] = self._kehu_givers(user, self._kehu_opening_groups(user, area.model))
            row["scopes"] = self._kehu_scopes(user, area)
            row["count"] = min(records.search_count(area_domain(area), limit=MOST_COUNTED + 1), MOST_COUNTED + 1)
            row.update(self._kehu_limited(user, area))
            if area.key == "customer" and not row["count"] and not row["scopes"]:
                # the host lets everybody inside read addresses; its rules show this person those that are no customers
                row.update(dict.fromkeys(OPERATIONS, False), via=[])
            mine = self.env["kehu.role"].with_user(user).sudo()  # sudo: kehu.role - asked as that person
            row["export"] = export and row["read"] and mine._kehu_may_export(area.model)
            asker = self.env[area.model]
            row["total"] = asker.search_count(area_domain(area), limit=MOST_COUNTED + 1) if asker.has_access("read") else 0
            row["approve"] = self._kehu_approves(user, area.model)
        return row

    @api.model
    def _kehu_limited(self, user, area):
        """Operations that a role of the person takes away altogether.

        :return: {operation: False}
        :rtype: dict
        """
        if not self._kehu_narrowing(user, area):
            return {}
        roles = self._kehu_as("kehu.role", user).sudo()  # sudo: kehu.role - what the rules of the host ask, as that person
        companies = roles.env.companies.ids
        nothing = {}
        if Domain(roles._kehu_limit(area.model, "write", companies)).is_false():
            nothing.update(dict.fromkeys(("create", "write", "unlink"), False))
        if Domain(roles._kehu_limit(area.model, "read", companies)).is_false():
            nothing.update(dict.fromkeys(OPERATIONS, False))
        return nothing

    @api.model
    def _kehu_narrowing(self, user, area):
        """:return: all roles made by administrators of a person who has one that gives less than it builds on; else none"""
        roles = self.env["kehu.role"]._kehu_of(user)
        narrow = area.key in AREA_MODELS and any(role._kehu_is_narrow(area.key) for role in roles)
        return roles if narrow else roles.browse()

    @api.model
    def _kehu_opening_groups(self, user, model):
        """Groups of a person to which an access row lets them read a model."""
        # sudo: ir.model.access - which rows open the model
        rows = self.env["ir.model.access"].sudo().search([("model_id.model", "=", model), ("perm_read", "=", True)])
        return rows.group_id & user.all_group_ids

    @api.model
    def _kehu_group_rules(self, user, model, operation):
        """Pairs of a rule that a role of the person brings, and its domain for this person.

        :rtype: list[tuple[ir.rule, Domain]]
        """
        rules = self._kehu_as("ir.rule", user)
        found = []
        for rule in rules._get_rules(model, operation).sudo():  # sudo: ir.rule - what the rules say
            if rule.groups & user.all_group_ids:
                domain = safe_eval(rule.domain_force, rules._eval_context()) if rule.domain_force else []
                found.append((rule, Domain(domain)))
        return found

    @api.model
    def _kehu_scopes(self, user, area):
        """Which records of an area a person sees, widest first, and through which roles."""
        changing = {rule.id for rule, _domain in self._kehu_group_rules(user, area.model, "write")}
        writes = self._kehu_as(area.model, user).has_access("write")
        found = {}
        reading = self._kehu_group_rules(user, area.model, "read")
        narrowing = self._kehu_narrowing(user, area)
        others = self.env["kehu.role"]._kehu_other_groups(user, narrowing)
        for role in narrowing:
            line = role.line_ids.filtered(lambda line: line.area == area.key)
            label = {
                "own": (2, self.env._("Own")),
                "department": (1, self.env._("Departments they oversee, or their own")),
                "all": (0, self.env._("All")),
            }.get(line.view)
            if label:
                found[label] = {"label": label[1], "via": [role.name], "view_only": line.edit != line.view}
        for rule, domain in reading:
            if narrowing and not rule.groups & others and "kehu_has_asked_me" not in (rule.domain_force or ""):
                continue
            if rule.get_external_id()[rule.id] == OTHERS_RULE or domain.is_false():
                continue
            label = self._kehu_scope_label(rule, domain)
            scope = found.setdefault(label, {"label": label[1], "via": [], "view_only": True})
            scope["via"] += [name for name in self._kehu_givers(user, rule.groups) if name not in scope["via"]]
            if rule.id in changing and writes:
                scope["view_only"] = False
        if not reading:
            return [{"label": self.env._("All"), "via": [], "view_only": not writes}]
        return [found[label] for label in sorted(found)]

    @api.model
    def _kehu_scope_label(self, rule, domain):
        """(rank, words) for what a rule shows."""
        text = rule.domain_force or ""
        if domain.is_true():
            return 0, self.env._("All")
        if "kehu_home_department_id" in text and "kehu_overseer_ids" in text:
            return 1, self.env._("Departments they oversee, or their own")
        if "kehu_overseer_ids" in text:
            return 1, self.env._("Departments they oversee")
        if "kehu_pool_id" in text:
            return 3, self.env._("In a pool") if "manager_ids" not in text else self.env._("In a pool they manage")
        if "kehu_has_asked_me" in text:
            return 4, self.env._("What they were asked to decide on")
        if "user_id" in text and "user.id" in text:
            return 2, self.env._("Own")
        return 5, rule.name or rule.display_name

    @api.model
    def _kehu_approves(self, user, model):
        """Where flows ask a person to decide on documents of a model.

        :rtype: list[str]
        """
        domain = [("model_id.model", "=", model), ("company_id", "in", [*self.env.companies.ids, False])]
        # sudo: kehu.approval.flow - who is asked, whoever may see the flow; of companies that are switched on
        flows = self.env["kehu.approval.flow"].sudo().search(domain)
        says = []
        for step in flows.step_ids:
            if step.kind in ("chosen", "group") and step.group_id in user.all_group_ids:
                says.append(
                    self.env._(
                        "%(flow)s, through %(roles)s",
                        flow=step.flow_id.name,
                        roles=format_list(self.env, self._kehu_givers(user, step.group_id)),
                    )
                )
            elif step.kind == "users" and user in step.user_ids:
                says.append(self.env._("%(flow)s, by name", flow=step.flow_id.name))
            elif step.kind == "manager" and self._kehu_manages(user):
                says.append(self.env._("%(flow)s, as a manager of departments", flow=step.flow_id.name))
            elif step.kind == "field":
                says.append(self.env._("%(flow)s, where the document names them", flow=step.flow_id.name))
        return list(dict.fromkeys(says))

    @api.model
    def _kehu_manages(self, user):
        # sudo: hr.department - whether the person manages one
        return bool(self.env["hr.department"].sudo().search_count([("manager_id.user_id", "=", user.id)], limit=1))

    # ------------------------------------------------------------
    # Who may see this customer
    # ------------------------------------------------------------

    @api.model
    def _kehu_customer_seers(self, partner):
        """Who may see a customer or contact, who may change it, and why.

        :param res.partner partner: one, which the asker sees
        :return: ([{user, write, reasons: list of str}], number of people whom the asker may not see)
        :rtype: tuple[list[dict], int]
        :raises KehuRoleRightsError: for everybody but CRM administrators
        :raises AccessError: for a customer that the asker may not see
        """
        self.env["kehu.policy.finding"]._kehu_check_administrator()
        partner = self.env["res.partner"].browse(partner.id)
        partner.check_access("read")
        inside = [("share", "=", False), ("active", "=", True)]
        # sudo: res.users - who sees it in companies that are not switched on is told as a number
        everybody = self.env["res.users"].sudo().search(inside, order="name, id", limit=MOST_PEOPLE)
        rows, hidden = [], 0
        for user in everybody:
            # in all companies of the person, also those that are not switched on here
            seen = self.env["res.partner"].with_user(user).with_context(allowed_company_ids=user.company_ids.ids).browse(partner.id)
            if not seen.has_access("read"):
                continue
            if not user.company_ids & self.env.companies:
                hidden += 1
                continue
            reasons = self._kehu_reasons(user, partner)
            rows.append({"user": user, "write": seen.has_access("write"), "reasons": reasons})
        return rows, hidden

    @api.model
    def _kehu_reasons(self, user, partner):
        """Why a person sees a customer: one sentence for each rule that shows it."""
        says = []
        rules = self._kehu_group_rules(user, "res.partner", "read")
        for rule, domain in rules:
            # sudo: res.partner - whether this rule shows it, as that person but without the other rules
            mine = self._kehu_as("res.partner", user).sudo().with_context(active_test=False)
            if domain.is_true() or mine.search_count(domain & Domain([("id", "=", partner.id)]), limit=1):
                roles = format_list(self.env, self._kehu_givers(user, rule.groups))
                says.append(
                    self.env._("%(reason)s (%(roles)s)", reason=self._kehu_reason(rule, partner), roles=roles)
                    if roles
                    else self._kehu_reason(rule, partner)
                )
        return list(dict.fromkeys(says)) or [self.env._("No rule keeps it from them")]

    @api.model
    def _kehu_reason(self, rule, partner):
        """What a rule means for a customer, in words; its own name for a rule that is not ours."""
        # sudo: kehu.role - the role that made the rule
        role = self.env["kehu.role"].sudo().search([("group_id", "in", rule.groups.ids)], limit=1)
        if role:
            return self.env._("The role “%(role)s” shows more than the owner's", role=role.name)
        known = partner.sudo()  # sudo: res.partner - names of department and pool; the asker sees the customer
        department = known.kehu_department_id.name or ""
        pool = known.kehu_pool_id.name or ""
        reasons = {
            OTHERS_RULE: self.env._("It is no customer, and everybody inside sees such addresses"),
            "kehu_crm.res_partner_rule_kehu_own": self.env._("Owner"),
            "kehu_crm.res_partner_rule_kehu_department": self.env._(
                "Manages the department “%(department)s” of the owner, or one above it", department=department
            ),
            "kehu_crm.res_partner_rule_kehu_service": self.env._("Service sees all customers"),
            "kehu_crm.res_partner_rule_kehu_all_leads": self.env._("Sees all customers"),
            "kehu_crm.res_partner_rule_kehu_accounting": self.env._("Accounting sees all customers"),
            "kehu_crm.res_partner_rule_kehu_user_setup": self.env._("It is the address of a login, which they look after"),
            "kehu_crm.res_partner_rule_kehu_pool": self.env._("It is in the pool “%(pool)s”, which all salespeople see", pool=pool),
            "kehu_crm.res_partner_rule_kehu_pool_manager": self.env._("Managers keep customers in pools up to date"),
            "kehu_crm.res_partner_rule_kehu_own_pool": self.env._("Manages the pool “%(pool)s”", pool=pool),
            "kehu_crm.res_partner_rule_kehu_order_approver": self.env._("Was asked to decide on an order of it"),
            "kehu_crm.res_partner_rule_kehu_contract_approver": self.env._("Was asked to decide on a contract of it"),
            "kehu_crm.res_partner_rule_kehu_receipt_approver": self.env._("Was asked to decide on a receipt of it"),
            "kehu_crm.res_partner_rule_kehu_refund_approver": self.env._("Was asked to decide on a refund to it"),
        }
        return reasons.get(rule.get_external_id()[rule.id]) or rule.name or rule.display_name
