from odoo import models

from .customer_access import ORDER_FIELDS, unclaimed_customers
from .exceptions import KehuOwnersMergeError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Documents that merging moves by SQL belong to the right customer afterwards, and nobody loses a customer by it."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """:raises KehuOwnersMergeError: when a customer that disappears belongs to somebody else than the one that stays, or one
        waits in a pool and is not this user's to work on
        """
        # sudo: res.partner - owners, to compare; whoever merges sees these partners
        kept = dst_partner.sudo()
        for partner in src_partners.sudo().filtered(lambda partner: partner.kehu_customer_id and partner.user_id):  # sudo: see above
            if kept.kehu_customer_id and partner.user_id != kept.user_id:
                raise KehuOwnersMergeError(
                    self.env._(
                        "“%(partner)s” belongs to %(owner)s and “%(other)s” to %(other_owner)s. A merge changes no owner: transfer one "
                        "of them first, then merge.",
                        partner=partner.name,
                        owner=partner.user_id.name,
                        other=kept.name,
                        other_owner=kept.user_id.name or kept.kehu_pool_id.name,
                    )
                )
        waiting = unclaimed_customers(src_partners | dst_partner)
        if waiting:
            pooled = waiting[0].sudo()  # sudo: res.partner, kehu.pool - names of what everybody in the CRM sees
            raise KehuOwnersMergeError(
                self.env._(
                    "“%(partner)s” waits in “%(pool)s”. A merge would give it an owner without a claim: claim it first, then merge.",
                    partner=pooled.name,
                    pool=pooled.kehu_pool_id.name,
                )
            )
        return super()._update_foreign_keys(src_partners, dst_partner)

    def _update_values(self, src_partners, dst_partner):
        """An order or opportunity of a partner that was none of the CRM's becomes the customer's, and needs approval from now on."""
        result = super()._update_values(src_partners, dst_partner)
        # sudo: res.partner, sale.order, crm.lead - the system keeps these columns, whoever merges
        family = dst_partner.sudo().with_context(active_test=False).search([("id", "child_of", dst_partner.id)])
        for model_name, names in (("sale.order", ORDER_FIELDS), ("crm.lead", ORDER_FIELDS[:1])):
            model = self.env[model_name].sudo().with_context(active_test=False)  # sudo: see above
            for name in names:
                self.env.add_to_compute(model._fields["kehu_customer_id"], model.search([(name, "in", family.ids)]))
        return result
