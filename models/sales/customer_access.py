"""Documents are made for customers that one may see.

A many2one asks for no right on the record it points to, while opportunities copy the phone, e-mail and address of their partner, and
orders show them. So whoever names a customer of the CRM in a document must be allowed to read it. Partners outside the CRM, the
superuser (mail gateway, portal, crons) and what a document names already stay as the host has them.

Customers in a pool are seen by everybody and belong to nobody: who may not write on one claims it first. Managers, and those of the
pool, may write on them.
"""

from odoo import api, models

from ..customer.hidden import hidden_customers, sent_link
from ..system.engine import is_record_id
from .exceptions import KehuCustomerAccessError, KehuUnclaimedCustomerError

# with this in the context a new partner without a parent becomes a customer of the CRM: “company” unless it is said, or “any”
NEW_CUSTOMER = "kehu_new_customer"
ORDER_FIELDS = ("partner_id", "partner_invoice_id", "partner_shipping_id")


def unclaimed_customers(partners):
    """Return the customers of these partners that wait in a pool and are not the current user's to work on.

    :rtype: res.partner
    """
    if partners.env.su or not partners:
        return partners.browse()
    # sudo: res.partner - whether their customer waits in a pool
    waiting = partners.sudo().kehu_customer_id.filtered("kehu_pool_id").with_env(partners.env)
    return waiting - waiting._filtered_access("write")


def unclaimed_text(customers):
    """What comes first for the first of these customers, as a sentence."""
    customer = customers[0].sudo()  # sudo: res.partner, kehu.pool - names of what everybody in the CRM sees
    return customers.env._(
        "“%(customer)s” waits in “%(pool)s” and is nobody's customer yet. Claim it first; then make opportunities, quotes and orders "
        "for it.",
        customer=customer.name,
        pool=customer.kehu_pool_id.name,
    )


def check_claimed(partners):
    """:raises KehuUnclaimedCustomerError: when one of these partners belongs to a customer who has to be claimed first"""
    unclaimed = unclaimed_customers(partners)
    if unclaimed:
        raise KehuUnclaimedCustomerError(unclaimed_text(unclaimed))


def check_customer_access(partners):
    """Refuse customers whom the current user may not read, in a sentence that names nobody, and those to be claimed first.

    :raises KehuCustomerAccessError: when there is one of the former
    :raises KehuUnclaimedCustomerError: when there is one of the latter
    """
    if hidden_customers(partners):
        raise KehuCustomerAccessError(
            partners.env._("You have no access to the customer of this document. Choose one of yours, or ask a manager to assign it.")
        )
    check_claimed(partners)


def partners_in_form(records, values, names):
    """Return the partners that a form is about to show and the saved record does not name yet.

    :param records: none or one record, as ``onchange`` gets it
    :param dict values: values of the form, as ``onchange`` gets them
    :param names: many2one fields to partners
    """
    ids = set()
    for name in names:
        if name not in values and records:
            continue
        value = sent_link(values[name] if name in values else records.default_get([name]).get(name))
        if is_record_id(value) and value != records.sudo()[name].id:  # sudo: the document itself - what it names already
            ids.add(value)
    return records.env["res.partner"].browse(ids).exists()


def hidden_in_nested(record, values, names):
    """Return the customers that ``onchange`` of another model puts into an unsaved record of ours, and that one may not read.

    The check of our own ``onchange`` sees the outer form only.

    :param record: one record whose cache is about to take ``values``
    :rtype: res.partner
    """
    names = [name for name in names if name in values]
    if record.id or record.env.su or not names:
        return record.env["res.partner"]
    return hidden_customers(partners_in_form(record._origin, values, names))


def offer_new_customers(arch, names, kind):
    """Let partners typed into these fields of a form become customers of the CRM, see ``create`` of ``res.partner`` in this room.

    :param arch: the form
    :param names: many2one fields to partners
    :param str kind: ``company`` or ``any``
    """
    for node in arch.iter("field"):
        if node.get("name") in names and not any(True for _parent in node.iterancestors("field")):
            context = (node.get("context") or "{}").strip().removesuffix("}").rstrip().rstrip(",")
            separator = "" if context.endswith("{") else ", "
            node.set("context", f"{context}{separator}'{NEW_CUSTOMER}': '{kind}'}}")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """For whom a salesperson writes a quote is a customer of the CRM."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            offer_new_customers(arch, ("partner_id",), "company")
        return arch, view

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        if not self.env.su:
            chosen = [
                ["partner_id", *(name for name in ORDER_FIELDS[1:] if name in vals or f"default_{name}" in self.env.context)]
                for vals in vals_list
            ]
            orders._kehu_check_customer_access(chosen)
        return orders

    def write(self, vals):
        names = [name for name in ORDER_FIELDS if name in vals]
        if self.env.su or not names:
            return super().write(vals)
        before = [{name: order[name] for name in names} for order in self]
        result = super().write(vals)
        changed = [[name for name in names if order[name] != old[name]] for order, old in zip(self, before, strict=True)]
        self._kehu_check_customer_access(changed)
        return result

    def onchange(self, values, field_names, fields_spec):
        partners = partners_in_form(self, values, ORDER_FIELDS)
        check_customer_access(partners - self._kehu_opportunity_partners(values))
        check_claimed(partners)
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _kehu_form_may_name(self, model_name, values):
        """A quote names the customer of the opportunity it is made from, for whoever sees that opportunity."""
        numbers = super()._kehu_form_may_name(model_name, values)
        return numbers | set(self._kehu_opportunity_partners(values).ids) if model_name == "res.partner" else numbers

    def _update_cache(self, values, validate=True):
        """An order nested in the form of another record, see :func:`hidden_in_nested`."""
        self._kehu_check_nested(values)
        return super()._update_cache(values, validate=validate)

    def update(self, values):
        """See :meth:`_update_cache`; a changed line of a form comes in here."""
        for order in self:
            order._kehu_check_nested(values)
        return super().update(values)

    def _kehu_check_nested(self, values):
        hidden = hidden_in_nested(self, values, ORDER_FIELDS)
        if hidden:
            check_customer_access(hidden - self._kehu_opportunity_partners(values))

    def _kehu_check_customer_access(self, names_list):
        """Check the partners in these fields, field names per order; a readable opportunity of the same customer is reason enough.

        :raises KehuCustomerAccessError: see :func:`check_customer_access`
        """
        partners = self.env["res.partner"]
        # sudo: sale.order, crm.lead, res.partner - whom the documents name, to compare only
        for order, names in zip(self.sudo(), names_list, strict=True):
            for name in names:
                partners |= order[name].with_env(self.env)
        check_claimed(partners)
        hidden = hidden_customers(partners)
        if not hidden:
            return
        for order, names in zip(self.sudo(), names_list, strict=True):  # sudo: sale.order - partners it names already, to compare only
            # sudo: crm.lead - its partner, to compare only
            own_lead = order.opportunity_id.with_env(self.env)._filtered_access("read").sudo()
            for name in names:
                if order[name].with_env(self.env) in hidden and order[name].kehu_customer_id != own_lead.kehu_customer_id:
                    check_customer_access(order[name].with_env(self.env))

    def _kehu_opportunity_partners(self, values):
        """Partners of the customer of the opportunity that a form is opened from, when one may read that opportunity."""
        lead_id = sent_link(values.get("opportunity_id") or self.env.context.get("default_opportunity_id"))
        lead = self.env["crm.lead"].browse(lead_id if is_record_id(lead_id) else []).exists()
        if not lead or not lead.has_access("read"):
            return self.env["res.partner"]
        customer = lead.sudo().kehu_customer_id  # sudo: res.partner - the customer of one's own opportunity
        family = customer.search([("kehu_customer_id", "in", customer.ids)])
        return family.with_env(self.env)
