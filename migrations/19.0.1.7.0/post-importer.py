"""Rows of earlier imports learn when their records were made, so that an undo sees what was tied to these since. Idempotent."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute("SELECT DISTINCT res_model FROM kehu_import_row WHERE made IS NULL AND stamp IS NOT NULL AND action = 'create'")
    for (name,) in cr.fetchall():
        if name in env:
            # the record's own day of creation may come from the file; the stamp moves on with later rows of the same record
            cr.execute(
                SQL(
                    """UPDATE kehu_import_row SET made = LEAST(record.create_date, stamp) FROM %s record
                        WHERE record.id = kehu_import_row.res_id AND res_model = %s AND kind = 'main' AND action = 'create'
                          AND made IS NULL AND stamp IS NOT NULL""",
                    SQL.identifier(env[name]._table),
                    name,
                )
            )
    cr.execute(
        """UPDATE kehu_import_row SET made = stamp
            WHERE made IS NULL AND stamp IS NOT NULL AND res_model = 'hr.employee' AND action = 'update'"""
    )
