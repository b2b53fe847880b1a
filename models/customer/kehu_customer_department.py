from collections import Counter

from odoo import api, fields, models

from ...tools.text import visible_text
from ...tools.workbook import fold
from ..system.engine import as_engine, is_engine, is_uninstalling
from ..system.values import check_types
from .exceptions import KehuCustomerError


class KehuCustomerDepartment(models.Model):
    """A department of a customer, so that one knows who belongs together there. Whoever may change the customer may change it."""

    _name = "kehu.customer.department"
    _inherit = ["kehu.seen.links.mixin"]
    _description = "Department of a Customer"
    _parent_store = True
    _rec_name = "complete_name"
    _order = "complete_name, id"
    _kehu_seen_links = ("partner_id", "parent_id", "manager_id")

    name = fields.Char(required=True)
    complete_name = fields.Char(string="Full Name", compute="_compute_complete_name", store=True, recursive=True, index="trigram")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("kehu_is_customer", "=", True)],
    )
    parent_id = fields.Many2one(
        "kehu.customer.department",
        string="Part Of",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('partner_id', '=', partner_id)]",
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many("kehu.customer.department", "parent_id", string="Sub-departments")
    manager_id = fields.Many2one(
        "res.partner",
        string="Head",
        index="btree_not_null",
        ondelete="set null",
        domain="[('kehu_customer_id', '=', partner_id), ('kehu_is_customer', '=', False)]",
        help="The contact who runs this department.",
    )
    contact_ids = fields.One2many("res.partner", "kehu_customer_department_id", string="Contacts")
    contact_count = fields.Integer(string="Number of People", compute="_compute_contact_count", recursive=True)

    # -- computes ------------------------------------------------------------------------------------------------------

    @api.depends("name", "parent_id.complete_name")
    def _compute_complete_name(self):
        for department in self:
            above = department.parent_id.complete_name
            department.complete_name = f"{above} / {department.name}" if above else department.name

    @api.depends("contact_ids", "child_ids.contact_count")
    def _compute_contact_count(self):
        """Those of sub-departments count for the ones above too."""
        groups = self.env["res.partner"]._read_group(
            [("kehu_customer_department_id", "child_of", self.ids)], ["kehu_customer_department_id"], ["__count"]
        )
        counts = Counter()
        for department, count in groups:
            for number in department.parent_path.split("/")[:-1]:
                counts[int(number)] += count
        for department in self:
            department.contact_count = counts[department._origin.id]

    @api.model
    def name_create(self, name):
        """Make a department of the customer in the context from its name alone, as typed into a contact."""
        department = self.create({"name": name})
        return department.id, department.display_name

    # -- create, write, unlink -----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuCustomerError)
        return super().create([self._kehu_trim_name(vals) for vals in vals_list])

    def write(self, vals):
        check_types(self, vals, KehuCustomerError)
        if "partner_id" in vals and any(department.partner_id.id != vals["partner_id"] for department in self):
            raise KehuCustomerError(
                self.env._(
                    "The department “%(name)s” stays with its customer. Create it anew at the other customer.", name=self[:1].complete_name
                )
            )
        if vals.get("parent_id"):
            self._kehu_check_no_cycle(vals["parent_id"])
        return super().write(self._kehu_trim_name(vals))

    def _kehu_check_no_cycle(self, parent_id):
        """Refuse to put one of these departments below itself; the host would say so in one English word.

        :raises KehuCustomerError: naming the department
        """
        # sudo: kehu.customer.department - what lies above, to compare only
        above = self.sudo().browse(parent_id).exists()
        for number in (above.parent_path or "").split("/"):
            if number and int(number) in self.ids:
                raise KehuCustomerError(
                    self.env._(
                        "The department “%(name)s” cannot be a part of itself. Choose another one above it.",
                        name=self.browse(int(number)).name,
                    )
                )

    @api.model
    def _kehu_trim_name(self, vals):
        """Return the values with a name that has no space around it.

        :raises KehuCustomerError: when nothing is left of it
        """
        if "name" not in vals:
            return vals
        name = " ".join(visible_text(vals["name"]).split()) if isinstance(vals["name"], str) else ""
        if not name:
            raise KehuCustomerError(self.env._("A department needs a name that can be read. Type one, such as “Purchasing”."))
        return {**vals, "name": name}

    def unlink(self):
        """What was below a department goes to the one above it; its people stay with the customer, without a department."""
        moved = self.browse()
        if not is_uninstalling(self.env):
            self.check_access("unlink")
            # sudo: kehu.customer.department - parts of the same customer, which this person may change
            for department in self.sudo().sorted("parent_path"):
                above = department.parent_id
                while above.id in self.ids:
                    above = above.parent_id
                parts = department.child_ids.filtered(lambda part: part.id not in self.ids)
                as_engine(parts, "department").write({"parent_id": above.id})
                moved |= parts
        result = super().unlink()
        moved._kehu_check_names()
        return result

    @api.constrains("partner_id", "parent_id", "manager_id")
    def _check_kehu_place(self):
        """A department, the one above it and its head belong to the same customer."""
        for department in self:
            if not department.partner_id.kehu_is_customer:
                raise KehuCustomerError(
                    self.env._("The department “%(name)s” needs a customer of the CRM. Choose one.", name=department.name)
                )
            if department.parent_id and department.parent_id.partner_id != department.partner_id:
                raise KehuCustomerError(
                    self.env._(
                        "The department “%(name)s” can only be a part of another one of the same customer. Choose one from the list.",
                        name=department.name,
                    )
                )
            head = department.manager_id
            if head and (head.kehu_is_customer or head.kehu_customer_id != department.partner_id):
                raise KehuCustomerError(
                    self.env._(
                        "The head of the department “%(name)s” must be a contact of the same customer. Choose one from the list.",
                        name=department.name,
                    )
                )

    @api.constrains("name", "partner_id", "parent_id")
    def _check_kehu_name(self):
        if not is_engine(self.env, "department"):  # the one above goes, and takes its name along
            self._kehu_check_names()

    def _kehu_check_names(self):
        """Refuse two departments side by side that read the same.

        :raises KehuCustomerError: naming the one that exists
        """
        # sudo: kehu.customer.department - departments of the same customer
        beside = self.sudo().search([("partner_id", "in", self.sudo().partner_id.ids)])  # sudo: see above
        beside = beside.grouped(lambda other: (other.partner_id, other.parent_id, fold(other.name)))
        for department in self.sudo():  # sudo: see above
            others = beside[department.partner_id, department.parent_id, fold(department.name)] - department
            if others:
                raise KehuCustomerError(
                    self.env._(
                        "This customer already has a department “%(name)s”. Use that one, or choose a different name.",
                        name=others[0].complete_name,
                    )
                )

    # -- merging -------------------------------------------------------------------------------------------------------

    def _kehu_fold_namesakes(self):
        """Make one of departments that read the same, after two customers have become one. Runs as superuser, from the top down."""
        kept = {}
        gone = self.browse()
        level = self.filtered(lambda department: not department.parent_id)
        while level:
            for department in level.sorted("id"):
                key = (department.partner_id, department.parent_id, fold(department.name))
                first = kept.setdefault(key, department)
                if first == department:
                    continue
                department.with_context(active_test=False).contact_ids.write({"kehu_customer_department_id": first.id})
                as_engine(department.child_ids, "department").write({"parent_id": first.id})
                if department.manager_id and not first.manager_id:
                    first.manager_id = department.manager_id
                gone |= department
            level = (level - gone).child_ids
        gone.unlink()

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_kehu_open_contacts(self):
        """Open the people of this department and of those below it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_contact_action")
        action["name"] = action["display_name"] = self.display_name
        action["domain"] = [("kehu_customer_department_id", "child_of", self.id)]
        action["context"] = {
            "default_parent_id": self.partner_id.id,
            "default_type": "contact",
            "default_kehu_is_customer": False,
            "default_kehu_customer_department_id": self.id,
        }
        return action
