from odoo import api, fields, models

from ..customer.hidden import hidden_customers
from ..system.engine import as_engine, is_engine
from .customer_access import (
    NEW_CUSTOMER,
    check_customer_access,
    hidden_in_nested,
    offer_new_customers,
    partners_in_form,
    unclaimed_customers,
)
from .derived import check_not_derived, without_defaults

DERIVED = {"kehu_customer_id", "kehu_department_id"}


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "kehu.department.mixin"]

    kehu_customer_id = fields.Many2one(
        related="partner_id.kehu_customer_id",
        string="CRM Customer",
        store=True,
        index="btree_not_null",
        help="The CRM customer to whom the contact of this opportunity belongs.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        check_not_derived(self, vals_list, DERIVED)
        leads = super(CrmLead, without_defaults(self, DERIVED)).create(vals_list)
        # sudo: crm.lead - the partners just named
        check_customer_access(leads.sudo().partner_id.with_env(self.env))
        return leads

    def write(self, vals):
        check_not_derived(self, [vals], DERIVED)
        if self.env.su or "partner_id" not in vals:
            return super().write(vals)
        if is_engine(self.env, "lead_recipient"):
            recipient = self.env["res.partner"].browse(vals["partner_id"]).exists()
            if hidden_customers(recipient) or unclaimed_customers(recipient):
                return super().write({name: value for name, value in vals.items() if name != "partner_id"})
        before = [lead.partner_id for lead in self]
        result = super().write(vals)
        changed = [lead.partner_id for lead, partner in zip(self, before, strict=True) if lead.partner_id != partner]
        check_customer_access(self.env["res.partner"].concat(*changed))
        return result

    def onchange(self, values, field_names, fields_spec):
        check_customer_access(partners_in_form(self, values, ("partner_id", "commercial_partner_id")))
        return super().onchange(values, field_names, fields_spec)

    def _update_cache(self, values, validate=True):
        """An opportunity nested in the form of another record, see :func:`hidden_in_nested`."""
        self._kehu_check_nested(values)
        return super()._update_cache(values, validate=validate)

    def update(self, values):
        """See :meth:`_update_cache`; a changed line of a form comes in here."""
        for lead in self:
            lead._kehu_check_nested(values)
        return super().update(values)

    def _kehu_check_nested(self, values):
        check_customer_access(hidden_in_nested(self, values, ("partner_id", "commercial_partner_id")))

    def _create_customer(self, with_parent=None):
        """Whom a salesperson makes out of an opportunity is a customer of the CRM; the person under a new company is its contact."""
        partner = super(CrmLead, self.with_context(**{NEW_CUSTOMER: "any"}))._create_customer(with_parent=with_parent)
        return partner.with_env(self.env)

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Partners typed into an opportunity are customers of the CRM, as those of :meth:`_create_customer`."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            offer_new_customers(arch, ("partner_id", "commercial_partner_id"), "any")
        return arch, view

    def _message_post_after_hook(self, message, msg_vals):
        """The host links opportunities to a recipient with the same e-mail; a customer who is not one's own is written to, not linked."""
        return super(CrmLead, as_engine(self, "lead_recipient"))._message_post_after_hook(message, msg_vals)
