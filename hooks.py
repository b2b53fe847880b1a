"""What the host does not undo by itself when the add-on is uninstalled."""

from odoo.tools import SQL

from .models.approval.kehu_approval_bridge import drop_columns
from .models.contract.res_company import SEQUENCE
from .models.customer.partner_search_sql import drop_functions


def uninstall_hook(env):
    """Drop the functions of the search for customers; the indexes that stood on them went with our columns.

    Drop also the columns of documents to which an administrator added approval, and the number series of contracts; and let go of what the
    host deletes before our tables.
    """
    env.cr.execute(drop_functions())
    drop_columns(env)
    # number series of companies that were made after the installation have no external id
    env["ir.sequence"].search([("code", "=", SEQUENCE)]).unlink()
    release(env)


def release(env):
    """Let roles and kinds of activities go, which the host deletes before our tables: it would keep those that something stands on.

    Activities of our kinds end with the add-on, as what they ask for cannot be done any more.
    """
    kinds = SQL("SELECT res_id FROM ir_model_data WHERE module = 'kehu_crm' AND model = 'mail.activity.type'")
    env.flush_all()
    env.cr.execute(SQL("DELETE FROM mail_activity WHERE activity_type_id IN (%s)", kinds))
    env.cr.execute(SQL("DELETE FROM mail_activity_plan_template WHERE activity_type_id IN (%s)", kinds))
    # to our own tables, which go as a whole, a restriction says nothing any more
    env.cr.execute(
        r"""
        SELECT source.relname, one.conname
          FROM pg_constraint one
          JOIN pg_class source ON source.oid = one.conrelid
          JOIN pg_class target ON target.oid = one.confrelid
         WHERE one.contype = 'f' AND one.confdeltype IN ('r', 'a') AND source.relkind = 'r'
           AND one.connamespace = current_schema::regnamespace
           AND source.relname LIKE 'kehu\_%' AND target.relname = 'res_groups'
        """
    )
    for table, name in env.cr.fetchall():
        env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(name)))
    env.invalidate_all()
