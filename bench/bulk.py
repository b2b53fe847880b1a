"""Fill grown tables fast: rows by COPY, with foreign keys and secondary indexes laid aside and made again afterwards."""
import io
from contextlib import contextmanager

CHUNK = 20000


@contextmanager
def laid_aside(cr, tables):
    """Work without the secondary indexes and foreign keys of some tables; both are made again, and the keys checked, at the end."""
    cr.execute(
        """select c.conname, c.conrelid::regclass::text, pg_get_constraintdef(c.oid)
             from pg_constraint c where c.contype = 'f' and c.conrelid = any(%s::regclass[])""", (list(tables),))
    keys = cr.fetchall()
    cr.execute(
        """select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
            where i.indrelid = any(%s::regclass[]) and not exists (select from pg_constraint c where c.conindid = i.indexrelid)""",
        (list(tables),))
    indexes = cr.fetchall()
    for name, table, _definition in keys:
        cr.execute(f'alter table {table} drop constraint "{name}"')
    for name, _definition in indexes:
        cr.execute(f"drop index {name}")
    yield
    cr.execute("set local maintenance_work_mem = '512MB'")
    for _name, definition in indexes:
        cr.execute(definition)
    for name, table, definition in keys:
        cr.execute(f'alter table {table} add constraint "{name}" {definition}')


def template(cr, table, record_id):
    """:return: {column: value} of a row that the ORM made, as JSON has it, without its id"""
    cr.execute(f"select row_to_json(t) from {table} t where id = %s", (record_id,))
    row = cr.fetchone()[0]
    return {name: value for name, value in row.items() if value is not None and name != "id"}


def copy(cr, table, names, rows):
    """Send rows to a table by COPY.

    :param list names: columns
    :param rows: iterable of sequences of values in the order of the names; None is NULL
    :return: number of rows
    """
    statement = f"copy {table} ({', '.join(names)}) from stdin"
    buffer, count = io.StringIO(), 0
    for row in rows:
        buffer.write("\t".join(map(_text, row)))
        buffer.write("\n")
        count += 1
        if count % CHUNK == 0:
            buffer.seek(0)
            cr._obj.copy_expert(statement, buffer)
            buffer = io.StringIO()
    buffer.seek(0)
    cr._obj.copy_expert(statement, buffer)
    return count


def _text(value):
    if value is None or value is False:
        return r"\N" if value is None else "f"
    if value is True:
        return "t"
    if isinstance(value, (dict, list)):
        import json
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and ("\\" in value or "\t" in value or "\n" in value):
        return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    return str(value)
