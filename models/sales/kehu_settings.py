from odoo import api, fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    currency_id = fields.Many2one(related="company_id.currency_id")
    kehu_other_quotes = fields.Selection(related="company_id.kehu_other_quotes", readonly=False)
    kehu_big_deal_amount = fields.Monetary(related="company_id.kehu_big_deal_amount", readonly=False)
    kehu_sale_type_id = fields.Many2one(related="company_id.kehu_sale_type_id", readonly=False)
    kehu_delivery_terms_id = fields.Many2one(related="company_id.kehu_delivery_terms_id", readonly=False)
    kehu_contact_form = fields.Boolean(related="company_id.kehu_contact_form", readonly=False)
    kehu_contact_team_id = fields.Many2one(related="company_id.kehu_contact_team_id", readonly=False)
    kehu_contact_limit = fields.Integer(related="company_id.kehu_contact_limit", readonly=False)
    contact_link = fields.Char(
        string="Link of the Web Form",
        compute="_compute_contact_link",
        help="Put it on your home page, into e-mails or on a poster. To know where visitors come from, add for example "
        "?utm_source=WeChat&utm_campaign=Spring%20Fair to it.",
    )

    @api.depends("company_id.kehu_contact_token", "company_id.kehu_contact_form")
    def _compute_contact_link(self):
        for page in self:
            company = page.company_id
            shown = company.kehu_contact_form and company.kehu_contact_token
            page.contact_link = shown and f"{company.get_base_url()}/kehu/contact/{company.kehu_contact_token}"

    def kehu_renew_contact_link(self):
        """Give the web form another link; the one before leads nowhere from now on.

        :raises KehuAccessError: for a company that the person does not work for
        """
        self.check_access("write")
        for page in self:
            page._kehu_check_company()
            # sudo: res.company - the link of its web form and nothing else, renewed by the CRM administrator
            page.company_id.sudo()._kehu_give_contact_token(anew=True)
        return {"type": "ir.actions.client", "tag": "reload"}
