from odoo import fields, models

from ..system.engine import as_engine


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging brings the histories of several customers together; the newest row must still name the present owner."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        # sudo: res.partner, kehu.pool - owner, pool and name of the customers that go, whoever merges
        going = src_partners.sudo().filtered("kehu_is_customer")
        gone = [(customer.complete_name, customer.user_id, customer.kehu_pool_id) for customer in going]
        result = super()._update_values(src_partners, dst_partner)
        # sudo: res.partner, kehu.assignment - history of the customer that stays, whoever merges
        kept = dst_partner.sudo()
        if not gone or not kept.kehu_is_customer:
            return result
        self._kehu_merge_clocks(kept)
        rows = as_engine(self.env["kehu.assignment"].sudo(), "ownership")  # sudo: see above
        newest = rows.search([("partner_id", "=", kept.id)], order="date desc, id desc", limit=1)
        elsewhere = [(name, user) for name, user, pool in gone if (user, pool) != (kept.user_id, kept.kehu_pool_id)]
        if newest and newest.user_id != kept.user_id and not elsewhere:
            elsewhere = [([name for name, _user, _pool in gone], newest.user_id)]
        now = fields.Datetime.now()
        rows.create(
            [
                {
                    "partner_id": kept.id,
                    "kind": "transfer" if kept.user_id else "return",
                    "old_user_id": user.id,
                    "user_id": kept.user_id.id,
                    "pool_id": kept.kehu_pool_id.id,
                    "date": now,
                    "reason": self.env._("Merged with %(names)s.", names=name),
                    "author_id": self.env.uid,
                    "company_id": kept.company_id.id,
                }
                for name, user in elsewhere
            ]
        )
        return result

    def _kehu_merge_clocks(self, kept):
        """What resets the clock of a customer that goes resets that of the one that stays; the host moved it past the ORM.

        :param res.partner kept: as superuser
        """
        records = self.env["kehu.contact.record"]
        records.invalidate_model(["partner_id"])
        records._kehu_refresh_effect(kept.ids)
        for name in ("kehu_last_opportunity", "kehu_last_deal"):
            self.env.add_to_compute(kept._fields[name], kept)
