from odoo import api, models
from odoo.fields import Domain

from ..system.engine import is_record_id
from .exceptions import KehuOrganisationError

MOST = 5000  # departments, people or logins that the screen shows
LONGEST_NAME = 200
MODELS = {"company": "res.company", "department": "hr.department", "person": "hr.employee", "login": "res.users"}
IMPORTS = {"department": "hr.department", "person": "hr.employee"}


class KehuOrganisation(models.AbstractModel):
    """Calls of the screen “Organisation”, for CRM administrators; it reads and writes with the rights that the host gives them."""

    _name = "kehu.organisation"
    _description = "Organisation"

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_tree(self):
        """Companies that are switched on, their departments, their people, and logins that are nobody's.

        :return: {"nodes": [{"kind", "id", "name", "parent": [kind, id] or False, "company_id", "detail", "login"}], in the order in which
            they stand below the same one; "rights": {kind: whether it may be changed}; "more": whether there are more than are shown}
        :rtype: dict
        :raises KehuOrganisationRightsError: for everybody but CRM administrators
        """
        self._kehu_guard()
        companies = self.env.companies.sorted(lambda company: (company.sequence, company.name or "", company.id))
        mine = Domain("company_id", "in", companies.ids)
        departments = self.env["hr.department"].search(mine | Domain("company_id", "=", False), limit=MOST)
        people = self.env["hr.employee.public"].search(mine, order="name, id", limit=MOST)
        lonely = [("share", "=", False), ("company_ids", "in", companies.ids), ("employee_ids", "=", False)]
        logins = self.env["res.users"].search(lonely, order="name, id", limit=MOST)
        nodes = [self._kehu_company_node(company, companies) for company in companies]
        nodes += [self._kehu_department_node(department, departments, companies) for department in departments]
        managers = set(departments.manager_id.ids)
        rows = people.read(["name", "department_id", "company_id", "user_id", "job_title"], load="")
        rows.sort(key=lambda row: row["id"] not in managers)
        known = set(departments.ids)
        for row in rows:
            department = row["department_id"] if row["department_id"] in known else False
            nodes.append(
                {
                    "kind": "person",
                    "id": row["id"],
                    "name": row["name"],
                    "parent": ["department", department] if department else ["company", row["company_id"]],
                    "company_id": row["company_id"],
                    "detail": row["job_title"] or "",
                    "manager": row["id"] in managers,
                    "login": row["user_id"],
                }
            )
        for user in logins:
            company = user.company_id if user.company_id in companies else (user.company_ids & companies)[:1]
            nodes.append(
                {
                    "kind": "login",
                    "id": user.id,
                    "name": user.name,
                    "parent": ["company", company.id],
                    "company_id": company.id,
                    "detail": user.login,
                    "manager": False,
                    "login": user.id,
                }
            )
        return {
            "nodes": nodes,
            "rights": {kind: self.env[model].has_access("write") for kind, model in MODELS.items()},
            "more": MOST in (len(departments), len(people), len(logins)),
        }

    @api.model
    def _kehu_company_node(self, company, companies):
        parent = company.sudo().parent_id & companies  # sudo: res.company - the branch's head, shown only when it is switched on
        return {
            "kind": "company",
            "id": company.id,
            "name": company.name,
            "parent": ["company", parent.id] if parent else False,
            "company_id": company.id,
            "detail": "",
            "manager": False,
            "login": False,
        }

    @api.model
    def _kehu_department_node(self, department, departments, companies):
        parent = department.parent_id & departments
        company = department.company_id or companies[:1]
        return {
            "kind": "department",
            "id": department.id,
            "name": department.name,
            "parent": ["department", parent.id] if parent else ["company", company.id],
            "company_id": department.company_id.id,
            "detail": department.kehu_code or "",
            "manager": False,
            "login": False,
        }

    # ------------------------------------------------------------
    # Changing
    # ------------------------------------------------------------

    @api.model
    def create_node(self, kind, name, parent_kind, parent_id):
        """Make a department, a person or a branch below a company, or a department or a person below a department.

        :param str kind: ``company``, ``department`` or ``person``
        :return: id of the new one
        :rtype: int
        :raises KehuOrganisationError: when it cannot stand there
        :raises AccessError: without the host's rights
        """
        parent = self._kehu_node(parent_kind, parent_id, ("company", "department"))
        values = {"name": self._kehu_clean_name(name)}
        if kind == "company":
            if parent_kind != "company":
                raise KehuOrganisationError(self.env._("A branch stands below a company."))
            values["parent_id"] = parent.id
        elif kind == "department":
            values |= {"company_id": self._kehu_company(parent).id, "parent_id": parent.id if parent_kind == "department" else False}
        elif kind == "person":
            values |= {"company_id": self._kehu_company(parent).id, "department_id": parent.id if parent_kind == "department" else False}
        else:
            raise KehuOrganisationError(self.env._("Only companies, departments and people can be made here."))
        record = self.env[MODELS[kind]].create(values)
        if kind == "department":
            siblings = self._kehu_siblings(record)
            self._kehu_number(record, siblings - record, record.browse())
        return record.id

    @api.model
    def rename_node(self, kind, record_id, name):
        """Give a company, department or person another name.

        :raises KehuOrganisationError: for an empty or too long one
        :raises AccessError: without the host's rights
        """
        record = self._kehu_node(kind, record_id, ("company", "department", "person"))
        record.write({"name": self._kehu_clean_name(name)})
        return True

    @api.model
    def move_node(self, kind, record_id, target_kind, target_id, before_id=False):
        """Put a department, person or login below another department or company, or a department or company elsewhere among its like.

        :param str target_kind: of the new parent; a company means: no department, or no department above
        :param int before_id: the one of the same kind before which it is to stand; false: the last
        :raises KehuOrganisationError: when it cannot stand there
        :raises AccessError: without the host's rights
        """
        record = self._kehu_node(kind, record_id, tuple(MODELS))
        if kind == "company":
            return self._kehu_move_company(record, target_kind, target_id, before_id)
        target = self._kehu_node(target_kind, target_id, ("company", "department"))
        company = target if target_kind == "company" else target.company_id
        above = target if target_kind == "department" else self.env["hr.department"]
        if kind == "login":
            return self._kehu_make_person(record, self._kehu_company(target), above)
        # sudo: hr.employee - company of the person, to compare only; writing takes the host's rights
        own = record.sudo().company_id
        if own and company and own != company:
            raise KehuOrganisationError(
                self.env._(
                    "“%(name)s” belongs to %(company)s and stays there. Make a new one in the other company.",
                    name=record.name,
                    company=own.name,
                )
            )
        if kind == "person":
            record.write({"department_id": above.id})
            return True
        if record.parent_id != above:
            record.write({"parent_id": above.id})
        siblings = self._kehu_siblings(record)
        before = self._kehu_node(kind, before_id, ("department",)) if before_id else record.browse()
        self._kehu_number(record, siblings - record, before, "kehu_sequence")
        return True

    @api.model
    def lead_node(self, employee_id):
        """Make a person the manager of the department in which they stand.

        :raises KehuOrganisationError: for a person without a department
        :raises AccessError: without the host's rights
        """
        person = self._kehu_node("person", employee_id, ("person",))
        if not person.department_id:
            raise KehuOrganisationError(
                self.env._("“%(name)s” is in no department. Move them into the one they manage first.", name=person.name)
            )
        person.department_id.write({"manager_id": person.id})
        return True

    @api.model
    def _kehu_move_company(self, company, target_kind, target_id, before_id):
        """The host fixes which company a branch belongs to; only the order is changed here."""
        parent = company.parent_id
        if (target_kind and (target_kind != "company" or target_id != parent.id)) or (not target_kind and parent):
            raise KehuOrganisationError(self.env._("A branch stays with its company. Only the order among companies can be changed."))
        siblings = self.env.companies.filtered(lambda other: other.parent_id == parent)
        siblings = siblings.sorted(lambda other: (other.sequence, other.name or "", other.id))
        before = self._kehu_node("company", before_id, ("company",)) if before_id else company.browse()
        self._kehu_number(company, siblings - company, before, "sequence")
        return True

    @api.model
    def _kehu_make_person(self, user, company, department):
        """A login that is nobody's becomes a person of a department."""
        if user.sudo().employee_ids:  # sudo: hr.employee - whether there is one already
            raise KehuOrganisationError(self.env._("“%(name)s” is a person already. Reload the page.", name=user.name))
        if company not in user.sudo().company_ids:  # sudo: res.users - where they work
            raise KehuOrganisationError(
                self.env._(
                    "“%(name)s” does not work for %(company)s. Allow the company to the login first.", name=user.name, company=company.name
                )
            )
        self.env["hr.employee"].create(
            {"name": user.name, "user_id": user.id, "company_id": company.id, "department_id": department.id, "work_email": user.email}
        )
        return True

    @api.model
    def _kehu_siblings(self, department):
        domain = [("parent_id", "=", department.parent_id.id), ("company_id", "=", department.company_id.id)]
        return department.search(domain, limit=MOST)

    @api.model
    def _kehu_number(self, record, others, before, field="kehu_sequence"):
        """Put one record before another among its like, or last, and number them anew where the numbers change."""
        ordered = list(others)
        place = ordered.index(before) if before and before in others else len(ordered)
        ordered.insert(place, record)
        for number, one in enumerate(ordered, start=1):
            if one[field] != number * 10:
                one.write({field: number * 10})

    # ------------------------------------------------------------
    # Going elsewhere
    # ------------------------------------------------------------

    @api.model
    def close_action(self, department_id):
        """Return the dialog that closes a department.

        :raises AccessError: for those who may not change departments
        """
        department = self._kehu_node("department", department_id, ("department",))
        department.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Close a Department"),
            "res_model": "kehu.department.closing",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"default_department_id": department.id},
        }

    @api.model
    def leave_action(self, user_id=False):
        """Return the dialog that hands over what somebody who leaves was doing."""
        self._kehu_guard()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_handover_start_action")
        user = self._kehu_node("login", user_id, ("login",)) if user_id else self.env["res.users"]
        action["context"] = {"dialog_size": "extra-large", "default_user_id": user.id}
        return action

    @api.model
    def import_action(self, kind):
        """Return the screen that imports departments or people with the template for them.

        :param str kind: ``department`` or ``person``
        """
        template = self._kehu_template(kind)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import"),
            "res_model": "kehu.import.batch",
            "views": [[False, "form"]],
            "target": "current",
            "context": {"default_template_id": template.id},
        }

    @api.model
    def export_action(self, kind):
        """Return the dialog that writes departments or people of the companies that are switched on into a workbook."""
        template = self._kehu_template(kind)
        model = IMPORTS[kind]
        records = self.env[model].search([("company_id", "in", [*self.env.companies.ids, False])], limit=MOST)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Export"),
            "res_model": "kehu.import.export",
            "views": [[False, "form"]],
            "target": "new",
            "context": {"active_model": model, "active_ids": records.ids, "default_template_id": template.id},
        }

    @api.model
    def _kehu_template(self, kind):
        self._kehu_guard()
        if kind not in IMPORTS:
            raise KehuOrganisationError(self.env._("Only departments and people come from a workbook."))
        self.env[IMPORTS[kind]].check_access("write")
        template = self.env["kehu.import.template"].search([("model", "=", IMPORTS[kind])], limit=1)
        if not template:
            raise KehuOrganisationError(self.env._("There is no import template for it any more. Make one under Import Templates."))
        return template

    # ------------------------------------------------------------
    # What a client sends
    # ------------------------------------------------------------

    @api.model
    def _kehu_guard(self):
        self.env["kehu.handover"]._kehu_check_administrator()

    @api.model
    def _kehu_node(self, kind, record_id, kinds):
        """Return the record that a client names, which must be one of the companies that are switched on.

        :raises KehuOrganisationError: otherwise, in the same words for what is not there and what may not be seen
        """
        self._kehu_guard()
        gone = self.env._("This is not there any more. Reload the page.")
        if kind not in kinds or kind not in MODELS or not is_record_id(record_id):
            raise KehuOrganisationError(gone)
        record = self.env[MODELS[kind]]
        record.check_access("read")
        domain = Domain("id", "=", record_id)
        if kind == "company":
            domain &= Domain("id", "in", self.env.companies.ids)
        elif kind == "login":
            domain &= Domain("share", "=", False) & Domain("company_ids", "in", self.env.companies.ids)
        else:
            domain &= Domain("company_id", "in", [*self.env.companies.ids, False])
        record = record.search(domain, limit=1)
        if not record:
            raise KehuOrganisationError(gone)
        return record

    @api.model
    def _kehu_company(self, record):
        company = record if record._name == "res.company" else record.company_id
        return company or self.env.company

    @api.model
    def _kehu_clean_name(self, name):
        """:raises KehuOrganisationError: for what is no name"""
        name = name.strip() if isinstance(name, str) else ""
        if not name or len(name) > LONGEST_NAME or "\x00" in name or any("\ud800" <= letter <= "\udfff" for letter in name):
            raise KehuOrganisationError(self.env._("Enter a name of at most %(most)s characters.", most=LONGEST_NAME))
        return name
