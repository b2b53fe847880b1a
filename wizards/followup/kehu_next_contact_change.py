from odoo import api, fields, models
from odoo.tools.misc import clean_context


class KehuNextContactChange(models.TransientModel):
    """Choose one next contact for several customers. The entries in their owners' schedules move along."""

    _name = "kehu.next.contact.change"
    _description = "Change of Next Contact"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True, readonly=True)
    customer_count = fields.Integer(compute="_compute_customer_count", export_string_translation=False)
    next_contact = fields.Date(
        required=True, help="When these customers are contacted next. Planned entries in the schedule move to this day."
    )
    reason = fields.Char(help="Noted on each customer, if you write one.")

    @api.depends("partner_ids")
    def _compute_customer_count(self):
        for wizard in self:
            wizard.customer_count = len(wizard.partner_ids)

    def action_apply(self):
        """Move the next contact of all these customers, and tell how many they are.

        :raises KehuContactPlanError: for a day that lies in the past, or a customer without an owner
        :raises KehuContactPlanRightsError: for a customer one does not look after
        """
        self.ensure_one()
        # the defaults of this dialog are no recipients of notes
        customers = self.partner_ids.with_env(self.env(context=clean_context(self.env.context)))
        words = customers._kehu_plan_words()
        customers._kehu_move_next_contact(self.next_contact, self.reason)
        day = fields.Date.to_date(self.next_contact)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Next contact on %(date)s: %(what)s.", date=self.env["ir.qweb.field.date"].value_to_html(day, {}), what=words
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
