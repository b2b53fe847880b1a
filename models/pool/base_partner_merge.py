from odoo import models

from ..system.engine import as_engine
from .exceptions import KehuOwnershipError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging partners: the one that stays keeps its owner or pool, and everybody who comes along follows it."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        """Let the host merge values past the ownership guards, then put right what belongs to the customer that stays.

        :raises KehuOwnershipError: when a customer would be merged into a partner that is none
        """
        lost = src_partners.filtered("kehu_is_customer")
        if lost and not dst_partner.kehu_is_customer:
            raise KehuOwnershipError(
                self.env._(
                    "“%(customer)s” is a customer of the CRM and cannot disappear into “%(other)s”. "
                    "Keep the customer and merge the other into it.",
                    customer=lost[0].display_name,
                    other=dst_partner.display_name,
                )
            )
        # sudo: res.partner - owner and dates of the customer that stays, whoever merges
        kept = dst_partner.sudo()
        # a customer entered today and merged with an old one is no new one: its owner has had it since the first of them
        owned = (kept | src_partners.sudo()).filtered(  # sudo: see above
            lambda partner: partner.kehu_is_customer and partner.user_id == kept.user_id and partner.kehu_assigned_on
        )
        columns = {
            "user_id": kept.user_id.id,
            "kehu_pool_id": kept.kehu_pool_id.id,
            "kehu_assigned_on": min(owned.mapped("kehu_assigned_on"), default=kept.kehu_assigned_on),
        }
        # sudo: res.partner - dates of those that go
        contacted = [day for day in (kept | src_partners.sudo()).mapped("kehu_last_contact") if day]
        result = super()._update_values(src_partners, as_engine(as_engine(dst_partner, "ownership"), "contact"))
        if kept.kehu_customer_id:
            kept._kehu_write_ownership_columns(columns)
            as_engine(kept, "contact").write({"kehu_last_contact": max(contacted, default=False)})
            # parents were changed by SQL, so the ORM does not know that their customer is another one
            # sudo: res.partner - to compare only
            below = kept.with_context(active_test=False).search([("id", "child_of", kept.id)]) - kept - src_partners.sudo()
            self.env.add_to_compute(kept._fields["kehu_customer_id"], below)
            below.filtered(lambda partner: not partner.kehu_is_customer)._kehu_follow_customer()
        return result
