from odoo import api, fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    kehu_timezone = fields.Selection(related="company_id.kehu_timezone", readonly=False)
    kehu_least_letters = fields.Integer(related="company_id.kehu_least_letters", readonly=False)
    kehu_copy_likeness = fields.Integer(related="company_id.kehu_copy_likeness", readonly=False)
    pool_id = fields.Many2one(
        "kehu.pool",
        string="Default Pool",
        compute="_compute_pool_id",
        help="Customers without an owner wait here unless another pool is chosen.",
    )
    pool_summary = fields.Text(related="pool_id.policy_summary", string="What the Rules Say")
    pool_auto_recycle = fields.Boolean(related="pool_id.auto_recycle", readonly=False)
    pool_idle_days = fields.Integer(related="pool_id.idle_days", readonly=False)
    pool_no_opportunity_days = fields.Integer(related="pool_id.no_opportunity_days", readonly=False)
    pool_no_deal_days = fields.Integer(related="pool_id.no_deal_days", readonly=False)
    pool_warn_days = fields.Integer(related="pool_id.warn_days", readonly=False)
    pool_protect_days = fields.Integer(related="pool_id.protect_days", readonly=False)
    pool_max_held = fields.Integer(related="pool_id.max_held", readonly=False)
    pool_max_claims_per_day = fields.Integer(related="pool_id.max_claims_per_day", readonly=False)
    pool_max_locked = fields.Integer(related="pool_id.max_locked", readonly=False)
    pool_lock_days = fields.Integer(related="pool_id.lock_days", readonly=False)
    pool_cooldown_days = fields.Integer(related="pool_id.cooldown_days", readonly=False)
    pool_quiet_days = fields.Integer(related="pool_id.quiet_days", readonly=False)

    @api.depends("company_id")
    def _compute_pool_id(self):
        """The company's own default pool, else the one of all companies."""
        defaults = self.env["kehu.pool"].search([("is_default", "=", True), ("company_id", "in", [False, *self.company_id.ids])])
        for page in self:
            own = defaults.filtered(lambda pool, company=page.company_id: pool.company_id == company)
            page.pool_id = own or defaults.filtered(lambda pool: not pool.company_id)

    def action_open_pool(self):
        """Open the default pool with everything that its policy can say."""
        self.ensure_one()
        self.pool_id.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_pool_action")
        return {**action, "res_id": self.pool_id.id, "views": [(False, "form")]}
