from odoo import api, fields, models
from odoo.fields import Command, Domain

from ..system.engine import is_engine
from .exceptions import KehuImportAccountError, KehuImportNameError

# our roles, the one that counts first
ROLES = (
    "kehu_crm.group_kehu_admin",
    "kehu_crm.group_kehu_director",
    "kehu_crm.group_kehu_manager",
    "kehu_crm.group_kehu_user",
    "kehu_crm.group_kehu_finance",
    "kehu_crm.group_kehu_service",
    "kehu_crm.group_kehu_order_approver",
    "kehu_crm.group_kehu_receipt_approver",
)


class HrEmployee(models.Model):
    """People come in with department, login and role. Accounts are made with the rights of who imports, and no role goes beyond theirs."""

    _inherit = "hr.employee"

    kehu_login = fields.Char(
        string="Login",
        compute="_compute_kehu_account",
        inverse="_inverse_kehu_account",
        compute_sudo=True,
        groups="hr.group_hr_user",
        help="Name by which the person logs in, mostly the e-mail address. A login that does not exist yet makes a new account without a "
        "password and sends nothing: send the invitations from the list of users when everything is ready.",
    )
    kehu_role_id = fields.Many2one(
        "res.groups",
        string="CRM Role",
        compute="_compute_kehu_account",
        inverse="_inverse_kehu_account",
        compute_sudo=True,
        groups="hr.group_hr_user",
        domain=lambda self: [("id", "in", self._kehu_roles().ids)],
        help="What the person may do in the CRM. Given by administrators, and never more than they may do themselves.",
    )

    @api.depends("user_id.login", "user_id.group_ids")
    def _compute_kehu_account(self):
        roles = self._kehu_roles()
        for employee in self:
            employee.kehu_login = employee.user_id.login
            employee.kehu_role_id = roles.filtered(lambda role, user=employee.user_id: role in user.group_ids)[:1]

    def _inverse_kehu_account(self):
        """Make or find the account of each person and give it the role, with the rights of who asks for it.

        :raises KehuImportAccountError: for a role that one may not give
        :raises KehuImportNameError: for a login that belongs to somebody else, one that is emptied, or a role without a login
        """
        wanted = [(employee, (employee.kehu_login or "").strip(), employee.kehu_role_id) for employee in self]
        logins = {login for _employee, login, _role in wanted if login}
        # sudo: res.users - a login is taken even where its user is not visible
        everybody = self.env["res.users"].sudo().with_context(active_test=False)
        taken = {user.login: user for user in everybody.search([("login", "in", list(logins))])}
        users = self.env["res.users"].with_context(no_reset_password=True)
        for employee, login, role in wanted:
            user = employee.user_id
            if login and user.login != login:
                if refusal := self._kehu_login_refusal(taken.get(login), employee):
                    raise KehuImportNameError(refusal)
                if user:
                    user.with_env(users.env).login = login
                elif taken.get(login):
                    employee.user_id = taken[login].with_env(self.env)
                else:
                    employee.user_id = users.create(employee._kehu_account_values(login)).with_env(self.env)
            elif user and not login:
                raise KehuImportNameError(
                    self.env._(
                        "%(name)s keeps the login “%(login)s”: emptying the field takes nothing away. Hand over the work of who "
                        "leaves in the organisation, or archive the account.",
                        name=employee.name,
                        login=user.login,
                    )
                )
            employee._kehu_give_role(role)

    def write(self, vals):
        if {"kehu_login", "kehu_role_id"} & set(vals):
            self.fetch(["user_id"])
            self.mapped("kehu_role_id")  # both are told by one inverse, for which what is not written has to be known
        return super().write(vals)

    def _kehu_account_values(self, login):
        """Return the values of a new account; extend by ``super() | {…}``."""
        self.ensure_one()
        company = self.company_id or self.env.company
        return {
            "name": self.name,
            "login": login,
            "email": self.work_email or (login if "@" in login else False),
            "company_id": company.id,
            "company_ids": [Command.set(company.ids)],
            "group_ids": [Command.set(self.env.ref("base.group_user").ids)],
        }

    def _kehu_give_role(self, role):
        """Give the person this one of our roles, in place of the one that they had."""
        self.ensure_one()
        user = self.user_id.with_env(self.env)
        # sudo: res.users - which roles the person has, to change nothing that is right already
        held = user.sudo().group_ids & self._kehu_roles()
        if role == held[:1]:
            return
        if role and not user:
            raise KehuImportNameError(
                self.env._("%(name)s has no login, so no role can be given. Fill in the login, or leave the role empty.", name=self.name)
            )
        if refusal := self._kehu_role_refusal(role):
            raise KehuImportAccountError(refusal)
        user.write({"group_ids": [*(Command.unlink(old.id) for old in held[:1]), *(Command.link(new.id) for new in role)]})

    @api.model
    def _kehu_roles(self):
        """Return the roles of the CRM, the one that counts first.

        :rtype: res.groups
        """
        # sudo: res.groups - names of our own roles
        groups = self.env["res.groups"].sudo()
        return groups.union(*(self.env.ref(xmlid, raise_if_not_found=False) or groups for xmlid in ROLES)).sudo(False)

    @api.model
    def _kehu_role_refusal(self, role):
        """Return why the person may not give (or take away) a role, or nothing."""
        if self.env.su or self.env.user._is_system():
            return ""
        if not self.env["res.users"].has_access("write"):
            return self.env._("Roles are given by administrators of users. Leave the role empty, or ask one of them to import this file.")
        if not role <= self.env.user.all_group_ids:
            return self.env._("You may not give the role “%(role)s”, because you do not have it yourself.", role=role.name)
        return ""

    @api.model
    def _kehu_login_refusal(self, user, employee):
        """Return why an employee may not get the account of this login, or nothing."""
        if not user:
            if self.env.su or self.env["res.users"].has_access("create"):
                return ""
            return self.env._(
                "Accounts are made by administrators of users. Leave the login empty, or ask one of them to import this file."
            )
        others = user.employee_ids - employee
        if others:
            shown = others.with_env(self.env)._filtered_access("read")[:1]
            if shown:
                return self.env._("The login “%(login)s” belongs to %(name)s. Correct it.", login=user.login, name=shown.name)
            return self.env._("The login “%(login)s” belongs to somebody else. Correct it.", login=user.login)
        if user.share:
            return self.env._("The login “%(login)s” belongs to a customer of the portal. Choose another one.", login=user.login)
        return ""

    def _kehu_import_restore(self, values):
        """Who had no account before has none again: one that the import made is archived, one that was there merely let go.

        :raises KehuImportAccountError: when the person has logged in with it since
        """
        # who had no account loses it below
        super()._kehu_import_restore({name: value for name, value in values.items() if name != "kehu_login" or value})
        user = self.sudo().user_id  # sudo: res.users - the account that the import gave
        if not user or "kehu_login" not in values or values["kehu_login"]:
            return
        # sudo: kehu.import.row - when the import gave it
        given = self.env["kehu.import.row"].sudo().search([("res_model", "=", self._name), ("res_id", "=", self.id)], order="id desc")
        made = user.create_date in given.mapped("made")
        if made and user.login_date:
            raise KehuImportAccountError(
                self.env._(
                    "%(name)s has logged in with the account “%(login)s” since. Archive the account by hand if it is not needed.",
                    name=self.name,
                    login=user.login,
                )
            )
        self.user_id = False
        if made:
            user.action_archive()

    def unlink(self):
        """People whose import is undone lose the account that the import made, unless it was used."""
        made = self.env["res.users"]
        if is_engine(self.env, "import"):
            # sudo: res.users - made by the import that is undone, at the same moment as the employee, and never used
            together = self.sudo().filtered(lambda employee: employee.user_id.create_date == employee.resource_id.create_date)
            made = together.user_id.filtered(lambda user: not user.login_date)
        result = super().unlink()
        if made:
            made.action_archive()
        return result

    # -- for the import ----------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_import_default_keys(self):
        return ["work_email"]

    @api.model
    def _kehu_import_records(self, batch, rows):
        """A person is known by the login, else by the e-mail address, else by a name that nobody else has."""
        # sudo: hr.employee - a login is taken even where its person is not visible
        employees = self.sudo().with_context(active_test=False)
        company = Domain("company_id", "in", [batch.company_id.id, False])
        found = {}
        for name, path in (("kehu_login", "user_id.login"), ("work_email", "work_email"), ("name", "name")):
            wanted = {row.number: row.values[name] for row in rows if row.number not in found and row.values.get(name)}
            if name == "name":  # a new login or address means a new person, whatever the name
                wanted = {
                    row.number: row.values[name]
                    for row in rows
                    if row.number in wanted and not row.values.get("kehu_login") and not row.values.get("work_email")
                }
            if wanted:
                by_value = {}
                for employee in employees.search(company & Domain(path, "in", list(wanted.values()))):
                    value = employee.user_id.login if name == "kehu_login" else employee[name]
                    by_value[value] = by_value.get(value, employees) | employee
                found.update({number: by_value[value] for number, value in wanted.items() if value in by_value})
        return found

    def _kehu_import_check(self, batch, rows):
        result = super()._kehu_import_check(batch, rows)
        logins = [row.values["kehu_login"] for row in rows if row.values.get("kehu_login")]
        # sudo: res.users - as above
        users = self.env["res.users"].sudo().with_context(active_test=False).search([("login", "in", logins)])
        taken = {user.login: user for user in users}
        seen = rows.seen.setdefault("logins", {})
        roles = self.env["res.groups"].browse({row.values["kehu_role_id"] for row in rows if row.values.get("kehu_role_id")})
        refusals = {role.id: self._kehu_role_refusal(role) for role in roles}
        for row in rows:
            login, role = row.values.get("kehu_login"), row.values.get("kehu_role_id")
            # sudo: hr.employee - the account that the person has now
            now = row.record.sudo().user_id if row.record else users
            if login and seen.setdefault(login, row.number) != row.number:
                row.refuse(
                    self.env._("Row %(row)s of this workbook has the same login. Keep one of the two rows.", row=seen[login]),
                    value=login,
                    field="kehu_login",
                    kind="repeated",
                )
            elif login and (not row.record or now.login != login):
                refusal = self._kehu_login_refusal(taken.get(login), row.record or self)
                if refusal:
                    row.refuse(refusal, value=login, field="kehu_login", kind="right")
            if role and not (row.record and role in now.group_ids.ids):
                refusal = refusals[role]
                if not login and not (row.record and now):
                    refusal = self.env._("A role needs a login. Fill in the login, or leave the role empty.")
                if refusal:
                    row.refuse(refusal, field="kehu_role_id", kind="right")
        return result

    @api.model
    def _kehu_import_word_fields(self):
        return super()._kehu_import_word_fields() | {"kehu_login", "work_email"}

    @api.model
    def _kehu_import_find(self, batch, domain, words):
        """People are named by name, login or e-mail address."""
        found = dict.fromkeys(words, self)
        domain = domain & (
            Domain("name", "in", list(words)) | Domain("work_email", "in", list(words)) | Domain("user_id.login", "in", list(words))
        )
        ways = ({}, {}, {})
        for employee in self.search(domain & Domain("company_id", "in", [batch.company_id.id, False])):
            # sudo: res.users - the login of a person found by the rights of who imports
            for by_word, word in zip(ways, (employee.user_id.sudo().login, employee.work_email, employee.name), strict=True):
                if word in found:
                    by_word[word] = by_word.get(word, self) | employee
        return {word: ways[0].get(word) or ways[1].get(word) or ways[2].get(word) or self for word in found}


class ResGroups(models.Model):
    _inherit = "res.groups"

    @api.model
    def _kehu_import_find(self, batch, domain, words):
        """Roles are named with or without what they belong to: Salesperson, or Customer Relationship / Salesperson."""
        found = dict.fromkeys(words, self)
        folded = {}
        for word in words:
            folded.setdefault(word.strip().lower(), []).append(word)
        for lang in batch._kehu_languages():
            for role in self.with_context(lang=lang).search(domain, limit=1000):
                # not by full_name: the host computes it once, in whichever language asked first
                privilege = role.privilege_id.name
                for text in {f"{privilege} / {role.name}".lower() if privilege else "", (role.name or "").lower()}:
                    for word in folded.get(text, ()):
                        found[word] |= role.with_env(self.env)
        return found
