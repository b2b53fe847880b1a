from odoo import api, fields, models

STAGES = [
    ("potential", "Potential"),
    ("interested", "Interested"),
    ("won", "Won"),
    ("dormant", "Dormant"),
    ("lost", "Lost"),
]


class ResPartner(models.Model):
    """A customer of the CRM is a partner marked as such; contacts below it follow it in owner, pool and department."""

    _inherit = "res.partner"

    kehu_is_customer = fields.Boolean(
        string="CRM Customer",
        index="btree_not_null",
        help="Managed by the CRM: has an owner or waits in a pool, and is contacted on a rhythm.",
    )
    kehu_customer_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_kehu_customer_id",
        store=True,
        recursive=True,
        index="btree_not_null",
        help="The CRM customer this partner is or belongs to.",
    )
    kehu_level_id = fields.Many2one("kehu.customer.level", string="Level", index="btree_not_null", tracking=True)
    kehu_source_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Source",
        domain=[("dictionary", "=", "customer_source")],
        index="btree_not_null",
        help="Where we know this customer from.",
    )
    kehu_stage = fields.Selection(STAGES, string="Stage", default="potential", index=True, tracking=True)
    kehu_department_id = fields.Many2one(
        "hr.department",
        string="Department",
        compute="_compute_kehu_department_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        help="Department of the owner.",
    )
    kehu_mobile = fields.Char(string="Mobile")
    kehu_legal_representative = fields.Char(string="Legal Representative")
    kehu_annual_revenue = fields.Monetary(
        string="Annual Revenue",
        currency_field="currency_id",
        help="Yearly revenue of the customer, in the currency of your company.",
    )
    kehu_headcount = fields.Integer(string="Headcount")

    @api.depends("kehu_is_customer", "parent_id.kehu_customer_id")
    def _compute_kehu_customer_id(self):
        for partner in self:
            partner.kehu_customer_id = partner if partner.kehu_is_customer else partner.parent_id.kehu_customer_id

    @api.depends("user_id.kehu_home_department_id", "kehu_customer_id")
    def _compute_kehu_department_id(self):
        for partner in self:
            owner = partner.user_id if partner.kehu_customer_id else partner.env["res.users"]
            partner.kehu_department_id = owner.kehu_home_department_id
