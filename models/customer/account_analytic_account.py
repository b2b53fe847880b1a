from odoo import api, fields, models


class AccountAnalyticAccount(models.Model):
    """An analytic account is named after its customer, to everybody who may use one: only to whom the customer is shown."""

    _inherit = "account.analytic.account"

    # the host looks past the rights on customers in a condition of the caller
    partner_id = fields.Many2one(bypass_search_access=False)

    @api.depends_context("uid")
    def _compute_display_name(self):
        # sudo: account.analytic.account, res.partner - whom they name, to ask for the rights of the person
        named = self.sudo()
        known = named.partner_id.commercial_partner_id | named.partner_id
        hidden = known - known._kehu_nameable()
        unnamed = self.browse(
            account.id for account in named if account.partner_id & hidden or account.partner_id.commercial_partner_id & hidden
        )
        for account in unnamed:
            account.display_name = f"[{account.code}] {account.name}" if account.code else account.name
        return super(AccountAnalyticAccount, self - unnamed)._compute_display_name()
