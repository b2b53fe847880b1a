from odoo import api, models
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
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self._kehu_leave_groups(gone)
        return result

    @api.model
    def _kehu_leave_groups(self, gone):
        """Who disappears is no member of a group any more; a group of one has nothing left to decide.

        :param list gone: ids of partners
        """
        groups = self.env["kehu.duplicate.group"]
        groups.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE kehu_duplicate_group g
                   SET member_numbers = stays.numbers, member_count = stays.count,
                       state = CASE WHEN stays.count > 1 THEN g.state ELSE 'merged' END
                  FROM (SELECT open.id, count(*) FILTER (WHERE member <> ALL (%(gone)s)),
                               coalesce(jsonb_agg(member) FILTER (WHERE member <> ALL (%(gone)s)), '[]')
                          FROM kehu_duplicate_group open
                    CROSS JOIN LATERAL (SELECT number::int FROM jsonb_array_elements_text(open.member_numbers) number) member(member)
                         WHERE open.state = 'open' AND (%(named)s)
                      GROUP BY open.id) stays(id, count, numbers)
                 WHERE g.id = stays.id
                """,
                gone=gone,
                named=SQL(" OR ").join(SQL("open.member_numbers @> to_jsonb(%s::int)", number) for number in gone),
            )
        )
        groups.invalidate_model()
        self.env["kehu.duplicate.member"].invalidate_model()

    def _update_values(self, src_partners, dst_partner):
        """While two customers become one both have the same keys; that is no duplicate to refuse."""
        return super()._update_values(src_partners, as_engine(dst_partner, "duplicate"))
