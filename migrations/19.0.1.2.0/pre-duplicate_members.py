"""Members of a group of duplicates were rows of their own; now the group has their numbers."""


def migrate(cr, version):
    cr.execute("SELECT relkind FROM pg_class WHERE oid = to_regclass('kehu_duplicate_member')")
    if not cr.rowcount:
        return
    cr.execute("ALTER TABLE kehu_duplicate_group ADD COLUMN IF NOT EXISTS member_numbers jsonb, ADD COLUMN IF NOT EXISTS chosen_id int")
    cr.execute(
        """
        UPDATE kehu_duplicate_group g SET member_numbers = m.numbers, chosen_id = m.chosen
          FROM (SELECT group_id, jsonb_agg(partner_id ORDER BY partner_id) AS numbers, min(partner_id) FILTER (WHERE keep) AS chosen
                  FROM kehu_duplicate_member GROUP BY group_id) m
         WHERE m.group_id = g.id
        """
    )
    cr.execute("DROP TABLE kehu_duplicate_member")
    # replaced by indexes that hold more
    cr.execute("DROP INDEX IF EXISTS res_partner__kehu_name_key_index, res_partner__kehu_name_core_index")
