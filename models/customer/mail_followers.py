from odoo import api, models
from odoo.fields import Domain

from .hidden import hidden_customers


class MailFollowers(models.Model):
    """Followers show their name and e-mail to everybody inside; customers of the CRM do so to those who may read them."""

    _inherit = "mail.followers"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not any(self._ids):
            return result
        followers = self - result[0] if result else self
        # sudo: mail.followers - whom they are, to compare only
        hidden = hidden_customers(followers.sudo().partner_id.with_env(self.env))
        if not hidden:
            return result
        # sudo: mail.followers - whom they are, to compare only
        forbidden = followers.sudo().filtered(lambda follower: follower.partner_id.id in hidden._ids).with_env(self.env)
        if result:
            return result[0] | forbidden, result[1]
        return forbidden, lambda: self.env["ir.rule"]._make_access_error(operation, forbidden)

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not self.env.su and not bypass_access:
            other = Domain("partner_id", "any!", Domain("kehu_customer_id", "=", False))
            readable = Domain("partner_id", "any", Domain("kehu_customer_id", "!=", False))
            domain = Domain(domain) & (other | readable)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
