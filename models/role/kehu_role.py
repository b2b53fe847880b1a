from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools.safe_eval import safe_eval

from ..approval.caches import forget
from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.usage import uses_in_words
from ..system.values import check_types
from .areas import area_names
from .exceptions import KehuRoleError, KehuRoleRightsError
from .matrix import (
    APPROVERS,
    AREA_MODELS,
    AREA_OF_MODEL,
    BASES,
    BESIDE,
    BLIND,
    FOR_SALES,
    GIVEN,
    MENUS,
    WRITTEN_BY_ONESELF,
    granted,
    level_domain,
    rank,
)

ENGINE = "role"
EXPORT = "base.group_allow_export"
TOO_MUCH = ("base.group_system", "base.group_erp_manager")  # nobody gets these by a role
MOST = 1000  # roles
LEVEL_CHOICES = [("none", "Nothing"), ("own", "Own"), ("department", "Department and Below"), ("all", "All")]


class KehuRole(models.Model):
    """A role that administrators make: what its members view, edit, approve and export in each area.

    It compiles to a group of the host which implies the shipped role it works as, and to rules and access rows of that group; so the host
    enforces it, for every door. Groups of the host only ever add. Where a role gives less than the shipped role it works as, a rule for
    everybody asks :meth:`_kehu_limit`, which leaves out what comes through such a role alone; what a person has by another way stays.
    """

    _name = "kehu.role"
    _inherit = ["kehu.operation.log.mixin"]
    _description = "Role"
    _kehu_configuration = ("name",)
    _order = "name, id"

    name = fields.Char(required=True)
    note = fields.Text(string="What It Is For")
    base = fields.Selection(
        [
            ("salesperson", "Salesperson"),
            ("manager", "Sales Manager"),
            ("director", "Sales Director"),
            ("viewer", "Viewer"),
        ],
        string="Works As",
        required=True,
        default="salesperson",
        help="Which shipped role it builds on: its menus, its duties and whatever the table below does not name, such as assigning "
        "customers for managers. A viewer reads and changes nothing.",
    )
    line_ids = fields.One2many(
        "kehu.role.line", "role_id", string="Areas", copy=True, default=lambda self: self._kehu_default_lines("salesperson")
    )
    member_ids = fields.Many2many(
        "res.users",
        string="Members",
        compute="_compute_member_ids",
        inverse="_inverse_member_ids",
        search="_search_member_ids",
        domain="[('share', '=', False), ('company_ids', 'in', allowed_company_ids)]",
        help="Who has the role, without those who have it until a day only.",
    )
    member_count = fields.Integer(string="Number of Members", compute="_compute_member_ids")
    grant_ids = fields.One2many("kehu.role.grant", "role_id", string="Until a Day", copy=False)
    group_id = fields.Many2one(
        "res.groups",
        string="Group of the Host",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index=True,
        groups="base.group_erp_manager",
    )

    unlimited_note = fields.Char(compute="_compute_unlimited_note")

    _name_uniq = models.UniqueIndex("(name)", "There is a role of that name already. Choose another name.")

    @api.model
    def _kehu_default_lines(self, base):
        lines = []
        for sequence, area in enumerate(AREA_MODELS, start=1):
            view, edit = granted(base, area)
            export = base in ("manager", "director")
            lines.append(Command.create({"sequence": sequence, "area": area, "view": view, "edit": edit, "can_export": export}))
        return lines

    @api.onchange("base")
    def _onchange_base(self):
        """Begin with what the shipped role gives."""
        for line in self.line_ids:
            line.view, line.edit = granted(self.base, line.area)
            line.can_export = self.base in ("manager", "director")
            line.can_approve = False

    @api.depends("member_ids", "base", "line_ids.view", "line_ids.edit")
    @api.depends_context("lang")
    def _compute_unlimited_note(self):
        """Whom a role does not limit, because they have the shipped role besides."""
        for role in self:
            people = role._kehu_unlimited()
            role.unlimited_note = bool(people) and self.env._(
                "The role gives less than “%(base)s”, and %(names)s have that one besides, or one that contains it. They keep what it "
                "gives; take it away from them to limit them.",
                base=dict(self._fields["base"]._description_selection(self.env))[role.base],
                names=self.env["kehu.policy.finding"]._kehu_names(people),
            )

    def _kehu_unlimited(self):
        """Members whom what the role takes away does not reach: they have the shipped role by another way.

        :rtype: res.users
        """
        self.ensure_one()
        people = self.env["res.users"]
        if not self.base or not any(self._kehu_is_narrow(line.area) for line in self.line_ids if line.area in AREA_MODELS):
            return people
        shipped = self.env.ref(BASES[self.base])
        for user in self.member_ids._origin:
            if shipped in self._kehu_other_groups(user, self._kehu_of(user)):
                people |= user
        return people

    # ------------------------------------------------------------
    # Members
    # ------------------------------------------------------------

    def _kehu_running(self):
        """:return: extra rights by these roles that run"""
        return self.grant_ids.filtered(lambda grant: not grant.ended)

    @api.depends("group_id", "grant_ids.ended")
    def _compute_member_ids(self):
        for role in self:
            # sudo: res.groups - who is in it; the roles are read by administrators only
            people = role.sudo().group_id.user_ids.filtered("active")
            # sudo: kehu.role.grant - as above
            role.member_ids = (people - role.sudo()._kehu_running().user_id).sudo(False)
            role.member_count = len(role.member_ids)

    def _search_member_ids(self, operator, value):
        if operator not in ("in", "not in", "any", "not any"):
            return NotImplemented
        # sudo: res.groups - see above
        return [("id", "in", self.sudo().search([("group_id.user_ids", operator, value)], limit=MOST).ids)]

    def _inverse_member_ids(self):
        for role in self:
            # sudo: res.groups, res.users - the right to give roles was looked at by `write`
            group = role.sudo().group_id
            running = role.sudo()._kehu_running()  # sudo: kehu.role.grant - as above
            before = group.user_ids.filtered("active") - running.user_id
            after = role.member_ids.sudo()  # sudo: res.users - as above
            if strangers := after.filtered("share"):
                raise KehuRoleError(
                    self.env._("“%(user)s” is no employee of the company and cannot have a role.", user=strangers[0].display_name)
                )
            after_ids = set(after.ids)
            role._kehu_check_companies(after - before)
            (after - before).write({"group_ids": [Command.link(group.id)]})
            # who had it until a day has it for good now
            running.filtered(lambda grant, people=after: grant.user_id in people)._kehu_close()
            before.filtered(lambda user, ids=after_ids: user.id not in ids).write({"group_ids": [Command.unlink(group.id)]})
        self.invalidate_recordset(["member_ids", "member_count"])

    @api.model
    def _kehu_check_companies(self, people):
        """:raises KehuRoleError: for people who work in none of the companies that are switched on"""
        if self.env.su:
            return
        for user in people.sudo():  # sudo: res.users - where they work, to compare only
            if not user.company_ids & self.env.companies:
                raise KehuRoleError(
                    self.env._("%(user)s works in none of the companies that are switched on. Choose somebody else.", user=user.name)
                )

    # ------------------------------------------------------------
    # Who may do that
    # ------------------------------------------------------------

    @api.model
    def _kehu_check_right(self):
        """:raises KehuRoleRightsError: for everybody but CRM administrators who may give access rights in the host too"""
        user = self.env.user
        if not self.env.su and not (user.has_group("kehu_crm.group_kehu_admin") and user.has_group("base.group_erp_manager")):
            raise KehuRoleRightsError(
                self.env._(
                    "Roles are made and given by CRM administrators who also have the right “Access Rights” of the system. Ask one of them."
                )
            )

    @api.model
    def _kehu_with_clean_name(self, vals):
        """Return values where blanks alone are no name."""
        name = vals.get("name")
        return {**vals, "name": name.strip() or False} if isinstance(name, str) else vals

    @api.model_create_multi
    def create(self, vals_list):
        self._kehu_check_right()
        prepared = []
        for vals in vals_list:
            check_types(self, vals, KehuRoleError)
            base = vals.get("base") or self.default_get(["base"]).get("base") or "salesperson"
            vals = {**self._kehu_with_clean_name(vals), "base": base}
            if "line_ids" not in vals:
                vals["line_ids"] = self._kehu_default_lines(base)
            # sudo: res.groups - the group of the role; the right was looked at above
            group = as_engine(self.env["res.groups"].sudo(), ENGINE).create({"name": str(vals.get("name") or "-")})
            prepared.append({**vals, "group_id": group.id})
        # the members come when the group says what it is
        members = [vals.pop("member_ids", None) for vals in prepared]
        roles = super(KehuRole, as_engine(self, ENGINE).with_context(default_group_id=None)).create(prepared)
        roles = roles.with_env(self.env)
        for role, given in zip(roles, members, strict=True):
            role._kehu_add_missing_lines()
            role._kehu_compile()
            if given:
                role.write({"member_ids": given})
        return roles

    def write(self, vals):
        self._kehu_check_right()
        check_types(self, vals, KehuRoleError)
        vals = {name: value for name, value in self._kehu_with_clean_name(vals).items() if name != "group_id"}
        result = super(KehuRole, as_engine(self, ENGINE)).write({name: value for name, value in vals.items() if name != "member_ids"})
        if not {"name", "base", "line_ids"}.isdisjoint(vals):
            for role in self:
                role._kehu_add_missing_lines()
                role._kehu_compile()
        if "member_ids" in vals:
            super().write({"member_ids": vals["member_ids"]})
        forget(self.env)  # what later rooms keep of roles
        return result

    def unlink(self):
        if is_uninstalling(self.env):
            return super().unlink()
        self._kehu_check_right()
        # sudo: res.groups and what hangs on it - what the role made goes with it
        groups = as_engine(self.sudo().group_id, ENGINE)
        groups._kehu_clear_made()
        names = {role.sudo().group_id: role.name for role in self}  # sudo: res.groups - as above
        self.sudo().grant_ids._kehu_go_with_role()  # sudo: kehu.role.grant - nobody deletes these by themselves
        result = super(KehuRole, as_engine(self, ENGINE)).unlink()
        self._kehu_refuse_used(groups, names)
        groups.unlink()
        self.env["kehu.role"].sudo()._kehu_compile_limits()  # sudo: ir.rule - limits that no role needs any more
        return result

    @api.model
    def _kehu_refuse_used(self, groups, names):
        """:raises KehuRoleError: for a group that a flow, or what waits by it, names; ``names`` are those of the roles by group"""
        for group, used in uses_in_words(groups).items():
            raise KehuRoleError(
                self.env._(
                    "Role “%(role)s” cannot be deleted: it is used by %(what)s. Choose another role there, or take the members off.",
                    role=names[group],
                    what=used,
                )
            )

    def copy_data(self, default=None):
        result = super().copy_data(default)
        for role, vals in zip(self, result, strict=True):
            if not (default or {}).get("name"):
                vals["name"] = self.env._("%(role)s (copy)", role=role.name)
                while self.search_count([("name", "=", vals["name"])], limit=1):
                    vals["name"] = self.env._("%(role)s (copy)", role=vals["name"])
        return result

    def _kehu_add_missing_lines(self):
        missing = [name for name in AREA_MODELS if name not in self.line_ids.mapped("area")]
        if missing:
            order = list(AREA_MODELS)
            as_engine(self.env["kehu.role.line"], ENGINE).create(
                [{"role_id": self.id, "area": area, "sequence": order.index(area) + 1} for area in missing]
            )

    # ------------------------------------------------------------
    # What cannot be
    # ------------------------------------------------------------

    def _kehu_check_matrix(self):
        """:raises KehuRoleError: naming the role, the area and why the host could not enforce it"""
        self.ensure_one()
        names = area_names(self.env)
        for line in self.line_ids:
            if reason := self._kehu_refusal(line):
                raise KehuRoleError(
                    self.env._("Role “%(role)s”, %(area)s: %(reason)s", role=self.name, area=names[line.area], reason=reason)
                )
        viewed = self.line_ids.filtered(lambda line: line.view != "none")
        if not viewed:
            raise KehuRoleError(self.env._("Role “%(role)s” views nothing. Choose what it views.", role=self.name))
        pair = [line for line in self.line_ids if line.area in ("order", "contract")]
        if len({line.can_approve for line in pair}) > 1:
            raise KehuRoleError(
                self.env._(
                    "Role “%(role)s”: orders and contracts are approved by the same shipped role, Order Approver. Tick Approve for both or "
                    "for none; which of them people are asked about is set in the approval flows.",
                    role=self.name,
                )
            )

    def _kehu_refusal(self, line):
        """Why a line cannot be enforced, as a sentence; False when it can."""
        view, edit = granted(self.base, line.area)
        label = dict(self._fields["base"]._description_selection(self.env))[self.base]
        if rank(line.edit) > rank(line.view):
            return self.env._("nobody edits what they do not view. Let it view as much as it edits.")
        if line.can_approve and line.view == "none":
            return self.env._("nobody approves what they do not view. Let it view at least its own.")
        if line.can_approve and line.area not in APPROVERS:
            return self.env._("nothing is approved by a built-in role there. Name people or roles in the approval flow instead.")
        if line.can_export and line.view == "none":
            return self.env._("nobody exports what they do not view.")
        if line.area == "receivable" and line.edit != "none":
            return self.env._("receivables are computed and edited by nobody. Choose Nothing.")
        if line.area in WRITTEN_BY_ONESELF and rank(line.edit) > rank("own"):
            return self.env._("these are edited by who wrote them. Choose Own.")
        if self.base == "viewer" and line.edit != "none":
            return self.env._("a viewer edits nothing. Let the role work as a salesperson, or choose Nothing.")
        if self.base == "viewer" and line.area in FOR_SALES and line.view != "none":
            return self.env._("these are opened by salespeople and above. Let the role work as a salesperson, or choose Nothing.")
        if (line.area in GIVEN or (self.base == "viewer" and line.area == "call")) and (
            rank(line.view) < rank(view) or rank(line.edit) < rank(edit)
        ):
            return self.env._(
                "“%(base)s” rests on them, and a role cannot take them away. Let the role work as something that gives less.", base=label
            )
        return False

    # ------------------------------------------------------------
    # Compiling
    # ------------------------------------------------------------

    def _kehu_compile(self):
        """Make the group, its rules and access rows say what the matrix says; everything is made anew."""
        self.ensure_one()
        self._kehu_check_matrix()
        role = as_engine(self.sudo(), ENGINE)  # sudo: res.groups, ir.rule, ir.model.access - the right was looked at by create and write
        group = role.group_id
        implied = self.env.ref(BASES[role.base]).sudo()  # sudo: res.groups - the shipped roles
        for line in role.line_ids:
            if line.can_approve:
                implied |= self.env.ref(APPROVERS[line.area]).sudo()  # sudo: res.groups - as above
            if line.can_export:
                implied |= self.env.ref(EXPORT).sudo()  # sudo: res.groups - as above
        for xmlid in TOO_MUCH:
            if self.env.ref(xmlid) in implied.all_implied_ids:
                raise KehuRoleError(
                    self.env._(
                        "Role “%(role)s” would make its members administrators of the system, because somebody changed the shipped roles. "
                        "Ask a system administrator to look at “%(group)s”.",
                        role=self.name,
                        group=implied.filtered(lambda one, xmlid=xmlid: self.env.ref(xmlid) in one.all_implied_ids)[:1].name,
                    )
                )
        group._kehu_clear_made()
        group.write({"name": role.name, "implied_ids": [Command.set(implied.ids)]})
        for line in role.line_ids:
            role._kehu_compile_line(line, group)
        role._kehu_name_for_uninstall(group)
        role._kehu_compile_limits()
        forget(self.env, "default", "groups")

    def _kehu_compile_line(self, line, group):
        """Rules, access rows and menus of one area."""
        base_view, base_edit = granted(self.base, line.area)
        rules, rows = [], []
        wider_view = rank(line.view) > rank(base_view)
        wider_edit = rank(line.edit) > rank(base_edit)
        for documents in AREA_MODELS[line.area]:
            if documents.derived and self.base == "viewer":
                continue
            model = self.env["ir.model"]._get(documents.model)
            common = {"model_id": model.id, "groups": [Command.link(group.id)], "name": f"{self.name}: {model.model}"}
            if wider_view:
                rules.append(
                    {
                        **common,
                        "domain_force": level_domain(documents, line.view, False, self.base),
                        **dict.fromkeys(("perm_write", "perm_create", "perm_unlink"), False),
                    }
                )
            if wider_edit and not documents.derived:
                rules.append({**common, "domain_force": level_domain(documents, line.edit, True, self.base), "perm_read": False})
            if wider_view and self.base == "viewer":
                rows.append(model)
        if rows:
            for name in BESIDE.get(line.area, ()):
                model = self.env["ir.model"]._get(name)
                rows.append(model)
                if name in BLIND:
                    rules.append(
                        {
                            "model_id": model.id,
                            "groups": [Command.link(group.id)],
                            "name": f"{self.name}: {name}",
                            "domain_force": "[(0, '=', 1)]",
                        }
                    )
            menus = [self.env.ref(xmlid).id for xmlid in MENUS.get(line.area, ())]
            group.write({"menu_access": [Command.link(menu) for menu in menus]})
        self.env["ir.rule"].create(rules)
        self.env["ir.model.access"].create(
            [
                {
                    "name": f"{self.name}: {model.model}",
                    "model_id": model.id,
                    "group_id": group.id,
                    "perm_read": True,
                    "perm_write": False,
                    "perm_create": False,
                    "perm_unlink": False,
                }
                for model in rows
            ]
        )

    def _kehu_name_for_uninstall(self, record):
        """Give what the role makes in the host's tables an external id of ours, so that it goes with the add-on."""
        names = self.env["ir.model.data"]
        if not names.search_count([("model", "=", record._name), ("res_id", "=", record.id)], limit=1):
            names.create(
                {
                    "module": "kehu_crm",
                    "name": f"kehu_made_{record._table}_{record.id}",
                    "model": record._name,
                    "res_id": record.id,
                    "noupdate": True,
                }
            )

    @api.model
    def _kehu_compile_limits(self):
        """Make the rules for everybody that ask :meth:`_kehu_limit`, for the models where a role gives less than what it works as."""
        roles = self.search([], limit=MOST)
        for model_name, (area, _documents) in AREA_OF_MODEL.items():
            needed = any(role._kehu_is_narrow(area) for role in roles)
            for mode in ("read", "write"):
                text = f"user.env['kehu.role']._kehu_limit('{model_name}', '{mode}', company_ids)"
                model = self.env["ir.model"]._get(model_name)
                rules = self.env["ir.rule"].with_context(active_test=False)
                found = rules.search([("model_id", "=", model.id), ("domain_force", "=", text)], limit=1)
                if found and not needed:
                    found.unlink()
                elif needed and not found:
                    reads = mode == "read"
                    rule = rules.create(
                        {
                            "name": f"Limits of roles: {model_name}",
                            "model_id": model.id,
                            "domain_force": text,
                            "perm_read": reads,
                            "perm_write": not reads,
                            "perm_create": not reads,
                            "perm_unlink": not reads,
                        }
                    )
                    self._kehu_name_for_uninstall(rule)
        forget(self.env)

    def _kehu_is_narrow(self, area):
        """Tell whether the role gives less in an area than the shipped role it works as."""
        self.ensure_one()
        view, edit = granted(self.base, area)
        line = self.line_ids.filtered(lambda line: line.area == area)
        return rank(line.view) < rank(view) or rank(line.edit) < rank(edit)

    # ------------------------------------------------------------
    # Asked by rules
    # ------------------------------------------------------------

    @api.model
    def _kehu_of(self, user):
        """:return: the roles of a person, in superuser mode"""
        # sudo: kehu.role - asked by rules, whoever is looked at
        return self.sudo().search([("group_id", "in", user._get_group_ids())], limit=MOST)

    @api.model
    def _kehu_other_groups(self, user, roles):
        """Groups that a person has by another way than through these roles, with what they imply.

        :rtype: res.groups
        """
        # sudo: res.groups - which groups bring which
        mine = roles.sudo().group_id
        todo = (user.sudo().group_ids - mine) | self.env.ref("base.group_user").sudo()  # sudo: res.users, res.groups - as above
        found = todo.browse()
        while todo:
            found |= todo
            todo = todo.implied_ids - found - mine
        return found

    @api.model
    def _kehu_limit(self, model_name, mode, company_ids):
        """What the roles of the current user leave them of a model. Asked by rules of the host; kept there until roles change.

        What another group than the role shows, and what they were asked to decide on, stays.

        :param str model_name: one of `AREA_OF_MODEL`
        :param str mode: ``read`` or ``write``
        :return: a domain
        :rtype: list
        """
        area, documents = AREA_OF_MODEL[model_name]
        user = self.env.user
        roles = self._kehu_of(user)
        if not any(role._kehu_is_narrow(area) for role in roles):
            return [(1, "=", 1)]
        context = {
            "user": user.with_env(self.env(context={})),
            "company_ids": company_ids,
            "company_id": company_ids[:1] and company_ids[0],
        }
        parts = []
        for role in roles:
            line = role.line_ids.filtered(lambda line: line.area == area)
            level = line.view if mode == "read" else line.edit
            parts.append(safe_eval(level_domain(documents, level, mode == "write", role.base), context))
        others = self._kehu_other_groups(user, roles)
        domain = [("model_id.model", "=", model_name), (f"perm_{mode}", "=", True), ("groups", "!=", False)]
        rules = self.env["ir.rule"].sudo().search(domain)  # sudo: ir.rule - what other groups of this person show
        for rule in rules:
            asked = mode == "read" and "kehu_has_asked_me" in (rule.domain_force or "") and rule.groups & user.all_group_ids
            if asked or rule.groups & others:
                parts.append(safe_eval(rule.domain_force, context) if rule.domain_force else [(1, "=", 1)])
        return list(Domain.OR([Domain(part) for part in parts]))

    @api.model
    def _kehu_may_export(self, model_name):
        """Tell whether the roles of the current user let them export records of a model; the host's own right is looked at by the host."""
        user = self.env.user
        roles = self._kehu_of(user)
        if not roles or self.env.ref(EXPORT) in self._kehu_other_groups(user, roles):
            return True
        area = AREA_OF_MODEL.get(model_name, (None,))[0]
        lines = roles.line_ids.filtered("can_export")
        return bool(lines.filtered(lambda line: line.area == area)) if area else bool(lines)


class KehuRoleLine(models.Model):
    """What a role gives in one area."""

    _name = "kehu.role.line"
    _description = "Area of a Role"
    _order = "role_id, sequence, id"
    _rec_name = "area"

    role_id = fields.Many2one("kehu.role", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    area = fields.Selection(
        [
            ("customer", "Customers and Contacts"),
            ("record", "Contact Records"),
            ("call", "Phone Calls"),
            ("opportunity", "Opportunities"),
            ("order", "Quotes and Orders"),
            ("contract", "Contracts"),
            ("receipt", "Receipts"),
            ("receivable", "Receivables"),
        ],
        required=True,
    )
    view = fields.Selection(
        LEVEL_CHOICES,
        required=True,
        default="none",
        help="Department and Below: the departments that a manager oversees; for others the department they work in and those below.",
    )
    edit = fields.Selection(LEVEL_CHOICES, required=True, default="none", help="Create, change and delete, as far as documents allow it.")
    can_approve = fields.Boolean(string="Approve", help="Members are among those whom approval flows ask by the built-in role.")
    can_export = fields.Boolean(string="Export", help="Members take these records out into a workbook.")

    _area_uniq = models.UniqueIndex("(role_id, area)", "A role has one line for each area.")

    @api.depends("area")
    def _compute_display_name(self):
        names = area_names(self.env)
        for line in self:
            line.display_name = names.get(line.area, "")

    @api.onchange("view")
    def _onchange_view(self):
        """Nobody does with records what they do not view."""
        if rank(self.edit) > rank(self.view):
            self.edit = self.view
        if self.view == "none":
            self.can_approve = self.can_export = False

    @api.model_create_multi
    def create(self, vals_list):
        self.env["kehu.role"]._kehu_check_right()
        lines = super().create(vals_list)
        lines._kehu_recompile(lines.role_id)
        return lines

    def write(self, vals):
        self.env["kehu.role"]._kehu_check_right()
        check_types(self, vals, KehuRoleError)
        if not is_engine(self.env, ENGINE) and not {"role_id", "area"}.isdisjoint(vals):
            raise KehuRoleError(self.env._("An area stays with its role. Change what the role gives there."))
        result = super().write(vals)
        self._kehu_recompile(self.role_id)
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_with_role(self):
        if not is_uninstalling(self.env) and not is_engine(self.env, ENGINE):
            raise KehuRoleError(self.env._("A role has a line for each area. Choose Nothing instead of deleting the line."))

    def _kehu_recompile(self, roles):
        if not is_engine(self.env, ENGINE):
            for role in roles:
                role._kehu_compile()
