import secrets

from odoo import api, fields, models

from .exceptions import KehuContactFormError

# Enough that nobody finds the page of a company by trying.
TOKEN_BYTES = 12


class ResCompany(models.Model):
    _inherit = "res.company"

    # Not required: the host makes companies before this add-on is loaded, as its tests at installation do.
    kehu_other_quotes = fields.Selection(
        [("offer", "Ask the salesperson"), ("cancel", "Cancel them")],
        string="Other Quotes of a Won Opportunity",
        default="offer",
        help="What becomes of the open quotes of an opportunity when one of them is confirmed.",
    )
    kehu_big_deal_amount = fields.Monetary(
        string="Big Deals From",
        currency_field="currency_id",
        help="Directors are told once of each quote, order and receipt of at least this amount, in the company's currency. 0: of none.",
    )
    kehu_sale_type_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Default Sale Type",
        domain=[("dictionary", "=", "sale_type")],
        ondelete="set null",
        help="Proposed in new quotes and orders.",
    )
    kehu_delivery_terms_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Default Delivery Terms",
        domain=[("dictionary", "=", "delivery_terms")],
        ondelete="set null",
        help="Proposed in new quotes and orders.",
    )
    # the public page on which visitors write to us
    kehu_contact_form = fields.Boolean(
        string="Web Form for Leads",
        help="Visitors may write to us on a public page; what they write becomes a lead of the sales team chosen here.",
    )
    kehu_contact_team_id = fields.Many2one(
        "crm.team",
        string="Sales Team of the Web Form",
        ondelete="set null",
        help="The sales team that receives the leads of the web form; its leader gets a task for each of them.",
    )
    kehu_contact_limit = fields.Integer(
        string="Messages per Address and Hour",
        default=10,
        help="From one internet address so many messages are taken within an hour (0: any number).",
    )
    kehu_contact_token = fields.Char(
        string="Key of the Web Form",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="The last part of the link of the web form. It is public as soon as the link is.",
    )

    _kehu_big_deal_amount_positive = models.Constraint(
        "CHECK (kehu_big_deal_amount >= 0)", "The amount of big deals is not negative. Enter 0 if there are none."
    )
    _kehu_contact_limit_positive = models.Constraint(
        "CHECK (kehu_contact_limit >= 0)", "The number of messages per hour is not negative. Enter 0 to take any number."
    )

    @api.constrains("kehu_contact_team_id")
    def _check_kehu_contact_team_id(self):
        for company in self:
            team = company.kehu_contact_team_id
            if team.company_id and team.company_id != company:
                raise KehuContactFormError(
                    self.env._(
                        "Sales team %(team)s belongs to another company than %(company)s. Choose one of this company or one of all.",
                        team=team.name,
                        company=company.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._kehu_give_contact_token()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if vals.get("kehu_contact_form"):
            self._kehu_give_contact_token()
        return result

    def _kehu_give_contact_token(self, anew=False):
        """Give companies that show the web form a link of their own.

        :param bool anew: another one than before, so that the old link leads nowhere
        """
        for company in self:
            if company.kehu_contact_form and (anew or not company.kehu_contact_token):
                company.kehu_contact_token = secrets.token_urlsafe(TOKEN_BYTES)
