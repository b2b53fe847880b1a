from odoo import fields, models


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    kehu_lookup_name = fields.Selection(related="company_id.kehu_lookup_name", string="Name", readonly=False, required=True)
    kehu_lookup_owner = fields.Boolean(related="company_id.kehu_lookup_owner", string="Owner", readonly=False)
    kehu_lookup_pool = fields.Boolean(related="company_id.kehu_lookup_pool", string="Pool", readonly=False)
    kehu_lookup_stage = fields.Boolean(related="company_id.kehu_lookup_stage", string="Stage", readonly=False)
    kehu_lookup_level = fields.Boolean(related="company_id.kehu_lookup_level", string="Level", readonly=False)
    kehu_lookup_city = fields.Boolean(related="company_id.kehu_lookup_city", string="City", readonly=False)
    kehu_lookup_phone = fields.Selection(related="company_id.kehu_lookup_phone", string="Phone", readonly=False, required=True)
    kehu_lookup_email = fields.Selection(related="company_id.kehu_lookup_email", string="Email", readonly=False, required=True)
    kehu_lookup_owned = fields.Boolean(related="company_id.kehu_lookup_owned", string="Owned Customers", readonly=False)
    kehu_lookup_waiting = fields.Boolean(related="company_id.kehu_lookup_waiting", string="Customers in a Pool", readonly=False)
    kehu_lookup_potential = fields.Boolean(related="company_id.kehu_lookup_potential", string="Potential", readonly=False)
    kehu_lookup_interested = fields.Boolean(related="company_id.kehu_lookup_interested", string="Interested", readonly=False)
    kehu_lookup_won = fields.Boolean(related="company_id.kehu_lookup_won", string="Won", readonly=False)
    kehu_lookup_dormant = fields.Boolean(related="company_id.kehu_lookup_dormant", string="Dormant", readonly=False)
    kehu_lookup_lost = fields.Boolean(related="company_id.kehu_lookup_lost", string="Lost", readonly=False)
    kehu_lookup_service = fields.Boolean(related="company_id.kehu_lookup_service", string="Service Agents", readonly=False)
    kehu_lookup_finance = fields.Boolean(related="company_id.kehu_lookup_finance", string="Finance", readonly=False)
    kehu_lookup_min_length = fields.Integer(related="company_id.kehu_lookup_min_length", readonly=False)
    kehu_lookup_max_hits = fields.Integer(related="company_id.kehu_lookup_max_hits", readonly=False)
    kehu_lookup_max_per_day = fields.Integer(related="company_id.kehu_lookup_max_per_day", readonly=False)
    kehu_lookup_max_misses = fields.Integer(related="company_id.kehu_lookup_max_misses", readonly=False)
    kehu_lookup_max_typed = fields.Integer(related="company_id.kehu_lookup_max_typed", readonly=False)
