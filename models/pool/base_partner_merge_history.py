from odoo import fields, models

from ..system.engine import as_engine


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging brings the histories of several customers together; the newest row must still name the present owner."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        names = [customer.complete_name for customer in src_partners.filtered("kehu_is_customer")]
        result = super()._update_values(src_partners, dst_partner)
        # sudo: res.partner, kehu.assignment - history of the customer that stays, whoever merges
        kept = dst_partner.sudo()
        if not names or not kept.kehu_is_customer:
            return result
        rows = as_engine(self.env["kehu.assignment"].sudo(), "ownership")  # sudo: see above
        newest = rows.search([("partner_id", "=", kept.id)], order="date desc, id desc", limit=1)
        if newest and newest.user_id != kept.user_id:
            rows.create(
                {
                    "partner_id": kept.id,
                    "kind": "transfer" if kept.user_id else "return",
                    "old_user_id": newest.user_id.id,
                    "user_id": kept.user_id.id,
                    "pool_id": kept.kehu_pool_id.id,
                    "date": fields.Datetime.now(),
                    "reason": self.env._("Merged with %(names)s.", names=", ".join(names)),
                    "author_id": self.env.uid,
                    "company_id": kept.company_id.id,
                }
            )
        return result
