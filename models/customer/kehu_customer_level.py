from odoo import fields, models


class KehuCustomerLevel(models.Model):
    """How important a customer is, and how soon one looks after them again."""

    _name = "kehu.customer.level"
    _inherit = ["kehu.word.mixin"]
    _description = "Customer Level"
    _order = "sequence, id"
    _kehu_configuration = ("name",)

    sequence = fields.Integer(default=10)
    color = fields.Integer()
    merged_into_id = fields.Many2one("kehu.customer.level", readonly=True, copy=False, index="btree_not_null", ondelete="set null")
    reminder_days = fields.Integer(
        help="Days from a contact record to the next contact, when the salesperson types no date. 0: no date is proposed.",
    )

    _kehu_mergeable = True

    _reminder_days_positive = models.Constraint(
        "CHECK (reminder_days BETWEEN 0 AND 3650)",
        "Reminder days lie between 0 and 3650. Use 0 when this level sets no next contact.",
    )
