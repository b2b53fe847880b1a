from odoo import api, models

from .caches import forget

MEMBER_FIELDS = frozenset({"all_user_ids", "implied_by_ids", "implied_ids", "user_ids"})


class ResGroups(models.Model):
    """Who is in a role is kept in memory, see `_kehu_ids_of_role` of users; the host clears that cache only for some of these changes."""

    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        forget(self.env)
        return groups

    def write(self, vals):
        result = super().write(vals)
        if not MEMBER_FIELDS.isdisjoint(vals):
            forget(self.env)
        return result

    def unlink(self):
        result = super().unlink()
        forget(self.env)
        return result


class ResCompany(models.Model):
    """Likewise, who works in a company."""

    _inherit = "res.company"

    def cache_invalidation_fields(self):
        return super().cache_invalidation_fields() | {"user_ids"}
