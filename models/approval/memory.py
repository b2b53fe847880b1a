"""Reading and writing several relations at once, where the host asks the database for each of them."""

from odoo.tools import SQL


def unread(records, name):
    """Those of some records of which a field is not in memory."""
    return records.browse(records._fields[name]._cache_missing_ids(records))


def remember(records, name, ids):
    """Put into memory what a many2many field of records holds that :func:`write_links` is going to write.

    :param records: records that were just made
    :param list ids: for each of them, ids of the records linked
    """
    for record, linked in zip(records, ids, strict=True):
        record._fields[name]._update_cache(record, tuple(linked))


def write_links(env, *links, along=()):
    """Write several many2many relations of new records in one query; the caller answers for the rights, see :func:`remember`.

    :param links: (records, name of the field, for each record the ids to link)
    :param along: further statements that are written with them
    """
    queries = list(along)
    for records, name, ids in links:
        field = records._fields[name]
        pairs = [(record_id, linked_id) for record_id, linked in zip(records.ids, ids, strict=True) for linked_id in linked]
        if pairs:
            queries.append(
                SQL(
                    "INSERT INTO %s (%s, %s) VALUES %s ON CONFLICT DO NOTHING",
                    SQL.identifier(field.relation),
                    SQL.identifier(field.column1),
                    SQL.identifier(field.column2),
                    SQL(", ").join(pairs),
                )
            )
    if queries:
        parts = [SQL("%s AS (%s)", SQL.identifier(f"part_{number}"), query) for number, query in enumerate(queries[:-1])]
        env.cr.execute(SQL("WITH %s %s", SQL(", ").join(parts), queries[-1]) if parts else queries[-1])
    for records, name, _ids in links:
        records.modified([name])


def read_relations(*parts):
    """Read what one2many and many2many fields hold into memory, all of them in one query, as the host reads each of them.

    :param parts: (records, names of some of their fields), in superuser mode; fields in memory already are passed over
    """
    queries, asked = [], []
    for records, names in parts:
        for name in sorted(names):
            field = records._fields.get(name)
            missing = unread(records, name) if field and field.store and field.type in ("one2many", "many2many") else records.browse()
            if missing.ids and missing._origin == missing:
                missing._recompute_recordset([name])
                missing = unread(missing, name)
            if missing.ids and missing._origin == missing:
                queries.append(_relation_sql(missing, field, len(asked)))
                asked.append((missing, field))
    if not queries:
        return
    found = [{} for _part in asked]
    for number, _rank, record_id, linked_id in sorted(records.env.execute_query(SQL(" UNION ALL ").join(queries))):
        found[number].setdefault(record_id, []).append(linked_id)
    for (missing, field), linked in zip(asked, found, strict=True):
        field._insert_cache(missing, [tuple(linked.get(record_id, ())) for record_id in missing.ids])


def _relation_sql(records, field, number):
    """:return: the query for (number, rank, id of a record, id of a record linked) of one field"""
    comodel = records.env[field.comodel_name].with_context(**{"active_test": False, **field.context})
    query = comodel._search(field.get_comodel_domain(records), order=comodel._order)
    if field.type == "many2many":
        record_id = SQL.identifier(field.relation, field.column1)
        linked_id = SQL.identifier(field.relation, field.column2)
        query.add_join("JOIN", field.relation, None, SQL("%s = %s", linked_id, SQL.identifier(comodel._table, "id")))
    else:
        comodel.flush_model([field.inverse_name])
        record_id, linked_id = SQL.identifier(comodel._table, field.inverse_name), SQL.identifier(comodel._table, "id")
    query.add_where(SQL("%s IN %s", record_id, tuple(records.ids)))
    rank = SQL("row_number() OVER (ORDER BY %s)", query.order) if query.order else SQL("0")
    query.order = None
    return query.select(SQL("%s", number), rank, record_id, linked_id)
