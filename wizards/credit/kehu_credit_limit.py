from odoo import api, fields, models


class KehuCreditLimit(models.TransientModel):
    """Finance sets how much customers may owe."""

    _name = "kehu.credit.limit"
    _description = "Set Credit Limit"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True, domain=[("kehu_is_customer", "=", True)])
    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    limit = fields.Monetary(
        string="Credit Limit",
        compute="_compute_limit",
        store=True,
        readonly=False,
        help="How much each of these customers may owe us, in the currency of the company. 0: no limit.",
    )
    used = fields.Monetary(string="Credit Used", compute="_compute_used", help="What these customers owe now, orders included.")

    @api.depends("partner_ids")
    def _compute_limit(self):
        """The present one, where there is one customer."""
        for wizard in self:
            wizard.limit = wizard.partner_ids.kehu_credit_limit if len(wizard.partner_ids) == 1 else wizard.limit

    @api.depends("partner_ids")
    def _compute_used(self):
        for wizard in self:
            used = 0.0
            for company, customers in wizard.partner_ids.grouped(lambda partner: partner._kehu_credit_company()).items():
                used += sum(spent for _limit, spent in customers._kehu_credit_figures(company).values())
            wizard.used = used

    def action_apply(self):
        """Set the limit; the method of the customer checks the right."""
        self.ensure_one()
        self.partner_ids.kehu_set_credit_limit(self.limit)
        return {"type": "ir.actions.act_window_close"}
