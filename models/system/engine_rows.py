"""Rows of an engine's own tables, written set-wise."""

from psycopg2 import sql


def insert_rows(records, columns, rows, returning=("id",)):
    """Insert rows of an engine's table in few statements and return the columns asked for.

    Only for tables that one engine writes, and that nothing else computes from: neither defaults nor computed fields are filled.

    :param records: the model
    :param list columns: names; the columns of the log are added
    :param list rows: tuples in the order of the columns
    :rtype: list[tuple]
    """
    if not rows:
        return []
    columns = [*columns, "create_uid", "write_uid", "create_date", "write_date"]
    query = sql.SQL("INSERT INTO {} ({}) VALUES %s RETURNING {}").format(
        sql.Identifier(records._table), sql.SQL(", ").join(map(sql.Identifier, columns)), sql.SQL(", ").join(map(sql.Identifier, returning))
    )
    now, uid = records.env.cr.now(), records.env.uid
    result = records.env.cr.execute_values(query, [(*row, uid, uid, now, now) for row in rows], page_size=1000, fetch=True)
    records.invalidate_model()
    return result
