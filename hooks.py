"""What the host does not undo by itself when the add-on is uninstalled."""

from odoo.tools import SQL

from .models.analysis.kehu_sales_change import DROP
from .models.approval.kehu_approval_bridge import drop_columns
from .models.customer.partner_search_sql import drop_functions


def uninstall_hook(env):
    """Drop the functions of the search for customers and the triggers of the analyses; indexes on them went with our columns.

    Drop also the columns of documents to which an administrator added approval, and our number series; and let go of what the
    host deletes before our tables.
    """
    env.cr.execute(drop_functions())
    env.cr.execute(DROP)
    drop_columns(env)
    # number series of companies that were made after the installation have no external id
    env["ir.sequence"].with_context(active_test=False).search([("code", "=like", "kehu.%")]).unlink()
    release(env)


def release(env):
    """Let go of what the host deletes before our tables, which would stay when something stands on it.

    The host deletes our records first, each with an error in the log for whoever restricts that, and drops our tables and columns
    afterwards. So nothing restricts the deletion any more of

    * records in our own tables: those tables go as a whole, and so do the columns that point to them;
    * our records in the host's tables: roles, kinds of activities, the reminder by e-mail. What needs one of them ends with the add-on
      (activities of our kinds, rights and rules that somebody gave our roles alone); all else lets go of it (the reminder of an event).
    """
    env.flush_all()
    _end_what_needs_us(env)
    own, tables = _own_in_host(env), _own_tables(env)
    for table, constraint, column, target, linked, required in _restrictions(env):
        if target in tables or table in tables:
            env.cr.execute(SQL("ALTER TABLE %s DROP CONSTRAINT %s", SQL.identifier(table), SQL.identifier(constraint)))
        elif target in own and linked:
            env.cr.execute(SQL("DELETE FROM %s WHERE %s = ANY(%s)", SQL.identifier(table), SQL.identifier(column), own[target]))
        elif target in own and not required:
            env.cr.execute(
                SQL("UPDATE %(table)s SET %(column)s = NULL WHERE %(column)s = ANY(%(ids)s)", table=SQL.identifier(table),
                    column=SQL.identifier(column), ids=own[target])
            )  # fmt: skip
    # the host forgets the notes of constraints that have an external id; those of foreign keys have none
    env.cr.execute(
        "DELETE FROM ir_model_constraint WHERE type = 'f' AND module = (SELECT id FROM ir_module_module WHERE name = 'kehu_crm')"
    )
    env.invalidate_all()


def _end_what_needs_us(env):
    """Delete what says nothing without a record of ours, or would say more: a right without its role is everybody's."""
    ours = "SELECT res_id FROM ir_model_data WHERE module = 'kehu_crm' AND model = %s"
    kinds, roles, rights, rules = (SQL(ours, model) for model in ("mail.activity.type", "res.groups", "ir.model.access", "ir.rule"))
    env.cr.execute(SQL("DELETE FROM mail_activity WHERE activity_type_id IN (%s)", kinds))
    env.cr.execute(SQL("DELETE FROM mail_activity_plan_template WHERE activity_type_id IN (%s)", kinds))
    env.cr.execute(SQL("DELETE FROM ir_model_access WHERE group_id IN (%s) AND id NOT IN (%s)", roles, rights))
    env.cr.execute(
        SQL(
            """
            DELETE FROM ir_rule
             WHERE id NOT IN (%(rules)s)
               AND id IN (SELECT rule_group_id FROM rule_group_rel WHERE group_id IN (%(roles)s))
               AND id NOT IN (SELECT rule_group_id FROM rule_group_rel WHERE group_id NOT IN (%(roles)s))
            """,
            rules=rules,
            roles=roles,
        )
    )


def _own_in_host(env):
    """:return: {table of the host: ids of our records in it}, without menus, views and actions, which the host takes apart by itself"""
    env.cr.execute(
        r"""
        SELECT model, array_agg(res_id) FROM ir_model_data
         WHERE module = 'kehu_crm' AND model NOT LIKE 'ir.%' AND model NOT LIKE 'kehu.%' AND res_id IS NOT NULL
         GROUP BY model
        """
    )
    return {env[model]._table: ids for model, ids in env.cr.fetchall() if model in env}


def _own_tables(env):
    """:return: names of the tables that go with the add-on: those of our models, and those of links that only we made"""
    env.cr.execute(
        """
        SELECT relation.name FROM ir_model_relation relation JOIN ir_module_module module ON module.id = relation.module
         GROUP BY relation.name HAVING bool_and(module.name = 'kehu_crm')
        """
    )
    linking = {row[0] for row in env.cr.fetchall()}
    # a model that another add-on extends stays ours; one that we extend is not
    return linking | {
        model._table for model in env.values() if model._original_module == "kehu_crm" and not model._abstract and model._auto
    }


def _restrictions(env):
    """:return: foreign keys that restrict a deletion: table, name, column, table pointed to, whether the table only links, is required"""
    env.cr.execute(
        """
        SELECT source.relname, one.conname, col.attname, target.relname,
               NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = source.oid AND attname = 'id'), col.attnotnull
          FROM pg_constraint one
          JOIN pg_class source ON source.oid = one.conrelid
          JOIN pg_class target ON target.oid = one.confrelid
          JOIN pg_attribute col ON col.attrelid = source.oid AND col.attnum = one.conkey[1]
         WHERE one.contype = 'f' AND one.confdeltype IN ('r', 'a') AND source.relkind = 'r'
           AND one.connamespace = current_schema::regnamespace
        """
    )
    return env.cr.fetchall()
