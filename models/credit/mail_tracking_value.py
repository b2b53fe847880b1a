from odoo import models


class MailTrackingValue(models.Model):
    _inherit = "mail.tracking.value"

    def _filter_has_field_access(self, env):
        """What a customer's limit was is shown, and found, by those alone who may see the customer's credit: who reads the customer, and
        with it the note of the change, may be anybody in the CRM once it is in the pool.
        """
        values = super()._filter_has_field_access(env)
        limits = values.filtered(lambda value: value.field_id.model == "res.partner" and value.field_id.name == "kehu_credit_limit")
        customers = env["res.partner"].browse(message.res_id for message in limits.mail_message_id).exists()
        shown = set(customers._kehu_with_visible_credit().ids)
        return values - limits.filtered(lambda value: value.mail_message_id.res_id not in shown)
