from odoo import api, fields, models

from ..customer.hidden import hidden_customers

KEPT = "***"  # there is an address


class PaymentLinkWizard(models.TransientModel):
    """A link to pay one's own order or invoice: it names the customer, whose address is shown to whom the customer is."""

    _inherit = "payment.link.wizard"

    partner_email = fields.Char(compute="_compute_partner_email", compute_sudo=False, related=None, readonly=True)

    @api.depends("partner_id.email")
    @api.depends_context("uid")
    def _compute_partner_email(self):
        # sudo: res.partner - whether there is an address at all; the address is shown below by the rights of the person
        partners = self.sudo().partner_id
        hidden = hidden_customers(partners.sudo(False))
        for wizard in self:
            partner = wizard.sudo().partner_id  # sudo: res.partner - see above
            wizard.partner_email = (partner.email and KEPT) if partner.sudo(False) in hidden else partner.email
