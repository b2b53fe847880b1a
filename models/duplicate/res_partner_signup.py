from markupsafe import escape
from odoo import api, models

from . import matching

# A visitor who signs up again and again does not fill the list of a colleague.
MOST_SIGNUP_ACTIVITIES = 5
SIGNUP_ACTIVITY = "kehu_crm.kehu_duplicate_mail_activity_type_signup"


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _kehu_tell_of_signup(self, typed, hit, refused):
        """Give the owner of this customer, or a manager of its pool, a task to look at a visitor who signed up. Superuser mode.

        :param dict typed: what the visitor typed, {field: text}
        :param matching.Hit hit: why it may be this customer
        :param bool refused: whether the account was not opened
        """
        self.ensure_one()
        user = self.user_id or self.kehu_pool_id.manager_ids[:1] or self._kehu_admins()[:1]
        kind = self.env.ref(SIGNUP_ACTIVITY, raise_if_not_found=False)
        if not user or not kind:
            return
        waiting = [("res_model", "=", self._name), ("res_id", "=", self.id), ("activity_type_id", "=", kind.id)]
        if self.env["mail.activity"].search_count(waiting, limit=MOST_SIGNUP_ACTIVITIES) >= MOST_SIGNUP_ACTIVITIES:
            return
        speaking = self.with_context(lang=user.lang)
        reason = speaking._kehu_hit_reason(hit)
        who = [matching.plain_text(value) for value in typed.values() if isinstance(value, str) and value]
        speaking.activity_schedule(
            SIGNUP_ACTIVITY,
            user_id=user.id,
            summary=speaking.env._("Somebody signed up who may be this customer"),
            note=escape(
                speaking.env._("Refused in the portal by a blocking rule: %(who)s. %(reason)s", who=who, reason=reason)
                if refused
                else speaking.env._("Signed up in the portal: %(who)s. %(reason)s", who=who, reason=reason)
            ),
        )

    @api.model
    def _kehu_admins(self):
        """Return the CRM administrators of the present company. Superuser mode."""
        group = self.env.ref("kehu_crm.group_kehu_admin")
        return group.all_user_ids.filtered(lambda user: user.active and user._is_internal() and self.env.company in user.company_ids)
