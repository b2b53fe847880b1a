from odoo import api, models

from ..system.engine import is_engine, is_uninstalling
from .exceptions import KehuRoleError
from .kehu_role import ENGINE

OF_THE_ROLE = frozenset({"name", "implied_ids", "model_access", "rule_groups"})


class ResGroups(models.Model):
    """The group of a role says what its matrix says: it is changed there. Who is in it may be changed in the host's screens too."""

    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        groups.implied_by_ids._kehu_refuse_of_role()
        return groups

    def write(self, vals):
        if not OF_THE_ROLE.isdisjoint(vals):
            self._kehu_refuse_of_role()
        if "implied_by_ids" not in vals:
            return super().write(vals)
        # the same link, written from its other end
        before = self.implied_by_ids
        result = super().write(vals)
        ((self.implied_by_ids - before) | (before - self.implied_by_ids))._kehu_refuse_of_role()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_of_role(self):
        if not is_uninstalling(self.env):
            self._kehu_refuse_of_role()

    def _kehu_refuse_of_role(self):
        """:raises KehuRoleError: for the group of a role, outside of the role itself"""
        if is_engine(self.env, ENGINE) or not self.env.registry.ready:
            return
        # sudo: kehu.role - whether the group belongs to one
        role = self.env["kehu.role"].sudo().search([("group_id", "in", self.ids)], limit=1)
        if role:
            raise KehuRoleError(
                self.env._(
                    "This group belongs to the role “%(role)s” and says what the role says. Change or delete the role.", role=role.name
                )
            )

    def _kehu_clear_made(self):
        """Take away the rules, access rows and menus that roles made for these groups."""
        # sudo: ir.rule, ir.model.access - those of these groups alone; whoever comes here may change roles
        self.env["ir.rule"].sudo().with_context(active_test=False).search([("groups", "in", self.ids)]).filtered(
            lambda rule: rule.groups <= self
        ).unlink()
        # sudo: ir.model.access - as above
        self.env["ir.model.access"].sudo().with_context(active_test=False).search([("group_id", "in", self.ids)]).unlink()
        self.menu_access = False
