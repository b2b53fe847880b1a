from odoo import api, fields, models

from .derived import check_not_derived, without_defaults

DERIVED = {"kehu_customer_id", "kehu_department_id"}


class CrmLead(models.Model):
    _inherit = "crm.lead"

    kehu_customer_id = fields.Many2one(
        related="partner_id.kehu_customer_id",
        string="CRM Customer",
        store=True,
        index="btree_not_null",
        help="The CRM customer to whom the contact of this opportunity belongs.",
    )
    kehu_department_id = fields.Many2one(
        "hr.department",
        string="Department",
        compute="_compute_kehu_department_id",
        compute_sudo=True,
        store=True,
        index="btree_not_null",
        help="Department of the salesperson.",
    )

    @api.depends("user_id.kehu_home_department_id")
    def _compute_kehu_department_id(self):
        for lead in self:
            lead.kehu_department_id = lead.user_id.kehu_home_department_id

    @api.model_create_multi
    def create(self, vals_list):
        check_not_derived(self, vals_list, DERIVED)
        return super(CrmLead, without_defaults(self, DERIVED)).create(vals_list)

    def write(self, vals):
        check_not_derived(self, [vals], DERIVED)
        return super().write(vals)
