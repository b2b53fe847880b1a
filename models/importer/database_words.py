"""What people read when the database refuses a row: one sentence for each kind of refusal, never its own words."""

import psycopg2
from odoo.tools import SQL, format_list


def database_sentence(env, error):
    """Return the sentence for an error of the database: cause and next step.

    :param psycopg2.Error error: the refusal; the cursor is usable again
    :rtype: str
    """
    model = next((model for model in env.values() if model._table == error.diag.table_name and not model._abstract), env["base"])
    constraint = error.diag.constraint_name
    known = model._table_objects.get(constraint) if constraint else None
    if known is not None and known.get_error_message(model, error.diag):
        return model._sql_error_to_message(error)
    columns = _columns(env, error.diag)
    labels = [model._fields[name]._description_string(env) for name in columns if name in model._fields] or list(columns)
    words = {
        # sudo: ir.model - the name of a kind of record
        "model": env["ir.model"].sudo()._get(model._name).name or model._description,
        "fields": format_list(env, labels) if labels else "",
    }
    if isinstance(error, psycopg2.errors.NotNullViolation) and labels:
        return env._("“%(fields)s” of “%(model)s” cannot be empty. Fill it in, or add a column for it to the template.", **words)
    if isinstance(error, psycopg2.errors.UniqueViolation) and labels:
        return env._("There is another “%(model)s” with the same “%(fields)s”. Give each a value of its own.", **words)
    if isinstance(error, psycopg2.errors.ForeignKeyViolation):
        return env._(
            "Another record of “%(model)s” is linked with it, or one that it is linked with was deleted. Look there first.", **words
        )
    if constraint:
        return env._(
            "Values of “%(model)s” do not fit together (rule “%(rule)s” of the database). Correct the row.", **words, rule=constraint
        )
    return env._("“%(model)s” cannot hold a value of this row: it is too long, too large or of another kind. Correct the row.", **words)


def _columns(env, diagnostics):
    """Return the names of the columns that a refusal is about."""
    if diagnostics.column_name:
        return [diagnostics.column_name]
    rows = env.execute_query(
        SQL(
            """SELECT a.attname
                 FROM pg_constraint c
                 JOIN pg_class t ON t.oid = c.conrelid
                 JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY(c.conkey)
                WHERE c.conname = %s AND t.relname = %s AND t.relnamespace = current_schema::regnamespace
             ORDER BY a.attnum""",
            diagnostics.constraint_name,
            diagnostics.table_name,
        )
    )
    if not rows:  # an index of its own, which is no constraint
        rows = env.execute_query(
            SQL(
                """SELECT a.attname
                     FROM pg_index i
                     JOIN pg_class c ON c.oid = i.indexrelid
                     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
                    WHERE c.relname = %s AND c.relnamespace = current_schema::regnamespace AND i.indisunique
                 ORDER BY a.attnum""",
                diagnostics.constraint_name,
            )
        )
    return [name for (name,) in rows]
