from odoo import api, models
from odoo.fields import Command

from .exceptions import KehuRoleRightsError

MADE = "kehu_crm.kehu_made_"  # names of what roles make in this database; another one has others under them
BY_ROLE = "role:"  # before the name of a role, where a file means its group


class KehuConfiguration(models.AbstractModel):
    """Roles travel with what they give, and their members by login. Who is a member stays one; extra rights stay where they are."""

    _inherit = "kehu.configuration"

    @api.model
    def _kehu_models(self):
        """Roles first: flows and workbenches name them by their groups, which the order by references does not see."""
        ordered = super()._kehu_models()
        return ["kehu.role", *(name for name in ordered if name != "kehu.role")]

    @api.model
    def _kehu_fields(self, model_name, parent=None):
        chosen = super()._kehu_fields(model_name, parent)
        if model_name == "kehu.role":
            chosen = [field for field in chosen if field.name != "group_id"] + [self.env["kehu.role"]._fields["member_ids"]]
        return chosen

    @api.model
    def _kehu_lines(self, model_name):
        return [field for field in super()._kehu_lines(model_name) if field.comodel_name != "kehu.role.grant"]

    @api.model
    def _kehu_tell(self, record):
        told = super()._kehu_tell(record)
        if record._name == "res.groups" and isinstance(told, str) and told.startswith(MADE):
            # sudo: kehu.role - the name of the role to which a group belongs
            role = self.env["kehu.role"].sudo().search([("group_id", "=", record.id)], limit=1)
            return f"{BY_ROLE}{role.name}" if role else False
        return told

    @api.model
    def _kehu_find(self, model_name, told):
        if model_name == "res.groups" and isinstance(told, str):
            if told.startswith(BY_ROLE):
                # sudo: kehu.role - the group of a role
                role = self.env["kehu.role"].sudo().search([("name", "=", told.removeprefix(BY_ROLE))], limit=1)
                return role.group_id.sudo(False) or None
            if told.startswith(MADE):
                return None
        return super()._kehu_find(model_name, told)

    @api.model
    def _kehu_differs(self, record, name, value):
        if record._name == "kehu.role" and name == "member_ids":
            return not set(value[0][2]) <= set(record.member_ids.ids)
        return super()._kehu_differs(record, name, value)

    @api.model
    def _kehu_plan_record(self, model_name, row, shipped):
        step = super()._kehu_plan_record(model_name, row, shipped)
        if model_name == "kehu.role" and step["told"]["action"] in ("create", "update"):
            try:
                self.env["kehu.role"]._kehu_check_right()
            except KehuRoleRightsError as error:
                return {"told": {**step["told"], "action": "ignored", "note": str(error)}}
            if step["record"] and "member_ids" in step["vals"]:
                members = set(step["vals"]["member_ids"][0][2]) | set(step["record"].member_ids.ids)
                step["vals"]["member_ids"] = [Command.set(sorted(members))]
        return step
