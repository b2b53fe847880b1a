from odoo import models
from odoo.tools import SQL

from ..system.engine import as_engine


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Pairs known to be different go over to the customer that stays; the host would drop those that collide."""
        self.env["kehu.duplicate.exclusion"].flush_model()
        gone = src_partners.ids
        self.env.cr.execute(
            SQL(
                """
                WITH moved AS (
                    DELETE FROM kehu_duplicate_exclusion WHERE partner_id = ANY (%(gone)s) OR other_id = ANY (%(gone)s)
                    RETURNING CASE WHEN partner_id = ANY (%(gone)s) THEN %(kept)s ELSE partner_id END AS one,
                              CASE WHEN other_id = ANY (%(gone)s) THEN %(kept)s ELSE other_id END AS two, create_uid, create_date
                )
                INSERT INTO kehu_duplicate_exclusion (partner_id, other_id, create_uid, create_date)
                SELECT DISTINCT ON (least(one, two), greatest(one, two)) least(one, two), greatest(one, two), create_uid, create_date
                  FROM moved WHERE one <> two
                ON CONFLICT DO NOTHING
                """,
                gone=gone,
                kept=dst_partner.id,
            )
        )
        # sudo: kehu.duplicate.member - who disappears is no member any more
        members = self.env["kehu.duplicate.member"].sudo().search([("partner_id", "in", gone)])
        groups = members.group_id
        as_engine(members, "duplicate").unlink()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        for group in as_engine(groups, "duplicate"):
            count = len(group.member_ids)
            group.write({"member_count": count, "state": group.state if count > 1 else "merged"})
        return result

    def _update_values(self, src_partners, dst_partner):
        """While two customers become one both have the same keys; that is no duplicate to refuse."""
        return super()._update_values(src_partners, as_engine(dst_partner, "duplicate"))
