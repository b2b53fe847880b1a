from odoo import api, fields, models


class KehuEmployment(models.Model):
    """Where a contact worked before. Written by the engine when the contact changes customer, never by hand.

    A row is shown to those who may see both the contact and the former customer, see the record rules.
    """

    _name = "kehu.employment"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Employment History"
    _order = "date_to desc, id desc"
    _kehu_engine = "employment"

    contact_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Former Customer", index="btree_not_null", ondelete="set null")
    name = fields.Char(string="Former Employer", required=True, index="trigram", help="Name of the customer when the contact left.")
    present_id = fields.Many2one("res.partner", string="Works Now At", related="contact_id.kehu_customer_id", related_sudo=False)
    job_title = fields.Char()
    department = fields.Char(string="Department There")
    date_from = fields.Date(string="From", help="Since when we knew the contact there.")
    date_to = fields.Date(string="To", required=True, help="The day on which the contact was moved to the next customer.")
    company_id = fields.Many2one("res.company", index="btree_not_null", ondelete="cascade")

    @api.depends("name", "date_from", "date_to")
    def _compute_display_name(self):
        for row in self:
            years = [str(day.year) for day in (row.date_from, row.date_to) if day]
            row.display_name = f"{row.name} ({'–'.join(dict.fromkeys(years))})"
