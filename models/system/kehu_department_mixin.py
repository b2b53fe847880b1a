from odoo import api, fields, models


class KehuDepartmentMixin(models.AbstractModel):
    """What belongs to the department of its `user_id`: rules of managers and analyses look at the stored column."""

    _name = "kehu.department.mixin"
    _description = "Belongs to the Department of a Salesperson"

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
        for record in self:
            record.kehu_department_id = record.user_id.kehu_home_department_id


class KehuSalespersonMixin(models.AbstractModel):
    """A document about a customer, its `partner_id`, that one salesperson looks after."""

    _name = "kehu.salesperson.mixin"
    _inherit = ["kehu.department.mixin"]
    _description = "Looked After by a Salesperson"

    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        tracking=True,
        ondelete="restrict",
    )

    @api.depends("partner_id")
    def _compute_user_id(self):
        """The author where that is a salesperson, else whoever owns the customer."""
        author = self.env.user
        sells = author.has_group("kehu_crm.group_kehu_user")
        for record in self:
            # sudo: res.partner - owner of the customer, whom the author may not be shown
            record.user_id = record.user_id or (sells and author) or record.partner_id.sudo().user_id or author
