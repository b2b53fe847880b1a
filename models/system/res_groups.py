from odoo import api, models

from .engine import is_uninstalling
from .exceptions import KehuBuiltInError

BUILT_IN_GROUPS = ("kehu_crm.group_kehu_order_approver", "kehu_crm.group_kehu_receipt_approver")


class ResGroups(models.Model):
    _inherit = "res.groups"

    @api.ondelete(at_uninstall=True)
    def _unlink_except_kehu_built_in(self):
        """The two approver roles are built in: default flows point at them, so nobody deletes them."""
        if is_uninstalling(self.env):
            return
        for xmlid in BUILT_IN_GROUPS:
            group = self.env.ref(xmlid, raise_if_not_found=False)
            if group and group in self:
                raise KehuBuiltInError(
                    self.env._(
                        "The role “%(role)s” is built in and cannot be deleted. Remove its members instead.",
                        role=group.name,
                    )
                )
