from odoo import api, models

from ..system.engine import as_engine
from .caches import FreshCache, forget
from .mail_activity import ACTIVITY_ENGINE

ROLE_FIELDS = frozenset({"active", "company_ids", "group_ids"})


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        if any(not user.share for user in users):
            forget(self.env)  # who is in a role, see `_kehu_ids_of_role`
        return users

    def write(self, vals):
        """What waits for people who leave, or come back, waits for whom it still can."""
        changing = self.filtered(lambda user: user.active != vals["active"]) if "active" in vals else self.browse()
        result = super().write(vals)
        if not ROLE_FIELDS.isdisjoint(vals):
            forget(self.env)  # the host forgets at once only, and others keep the old rows again until this is committed
        if changing:
            # sudo: kehu.approval.request - whoever archives a user need not see what waits for them
            self.env["kehu.approval.request"].sudo()._kehu_people_changed(changing.sudo())
        return result

    def action_archive(self):
        """The host removes the activities of people who leave, also those that ask them to approve; the document says what is next."""
        return super(ResUsers, as_engine(self, ACTIVITY_ENGINE)).action_archive()

    @FreshCache("self.id")
    def _kehu_is_active(self):
        """Whether this one user is active; kept until the host clears its cache, as it does whenever a user is archived."""
        self.ensure_one()
        return self.active

    @api.model
    def _kehu_of_role(self, group, company):
        """Active internal users of a role who work in a company.

        :param res.groups group: role; members through another role count
        :param res.company company: may be empty
        :rtype: res.users
        """
        return self.browse(self._kehu_ids_of_role(group.id, company.id))

    @api.model
    @FreshCache("group_id", "company_id")
    def _kehu_ids_of_role(self, group_id, company_id):
        """See :meth:`_kehu_of_role`. Forgotten whenever users, their roles or their companies change, here and in res_groups.py."""
        domain = [("all_group_ids", "in", [group_id]), ("share", "=", False)]
        if company_id:
            domain.append(("company_ids", "in", [company_id]))
        # sudo: res.users - who is in a role does not depend on who asks; the answer is kept for all
        return tuple(self.sudo().with_context(active_test=True).search(domain).ids)

    def _kehu_manager_above(self, level):
        """The manager so many levels above this one user: 1 = of their department, 2 = the next one above …

        Departments without a manager, and those that the user manages, are passed over.

        :return: one user in superuser mode, or none
        :rtype: res.users
        """
        self.ensure_one()
        user = self.sudo()  # sudo: hr.department, hr.employee - who manages whom
        found = []
        department = user.kehu_home_department_id
        while department and len(found) < level:
            manager = department.manager_id.user_id
            if manager and manager.active and manager != user and manager not in found:
                found.append(manager)
            department = department.parent_id
        return found[-1] if len(found) == level else user.browse()
