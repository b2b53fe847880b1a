"""Shared reports and pages of people who left before: administrators have them, as it is when somebody leaves now."""

from odoo.tools import SQL


def migrate(cr, version):
    for table in ("kehu_report", "kehu_report_page"):
        cr.execute(
            SQL(
                "UPDATE %(table)s shown SET user_id = NULL FROM res_users u"
                " WHERE u.id = shown.user_id AND u.active IS NOT TRUE AND shown.sharing <> 'private'",
                table=SQL.identifier(table),
            )
        )
