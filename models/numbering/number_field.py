"""A number that a record gets when it is made, and keeps."""

from odoo.tools import SQL

from ..system.engine import as_engine, is_engine
from .exceptions import KehuNumberStaysError

ENGINE = "numbering"


def without_number(records, vals, name):
    """Return the values of a write without the number: what a form sends along, or a merge proposes.

    :param dict vals: of a write
    :param str name: of the field
    :raises KehuNumberStaysError: when a record bears another number already, unless the program itself fills in what is missing
    """
    if name not in vals or is_engine(records.env, ENGINE):
        return vals
    if any(record[name] and record[name] != vals[name] for record in records):
        raise KehuNumberStaysError(
            records.env._(
                "“%(field)s” is given by the program and stays. How new ones look is set under Configuration → Numbering.",
                field=records._fields[name]._description_string(records.env),
            )
        )
    return {key: value for key, value in vals.items() if key != name}


def number_existing(model, document, name, only=None):
    """Give those a number that were made before there were any: in order, dated by the day they were made; rows of one day at once.

    :param model: the model, in superuser mode
    :param str document: key of ``kehu.numbering.DOCUMENTS``
    :param str name: of the field
    :param SQL only: which rows of the table, called ``one``; None: all
    """
    numbering = model.env["kehu.numbering"]
    table, column = SQL.identifier(model._table), SQL.identifier(name)
    model.env.flush_all()
    model.env.cr.execute(
        SQL(
            """
        SELECT row.company_id, row.day, array_agg(row.id ORDER BY row.id) FROM (
            SELECT one.id, one.company_id,
                   (COALESCE(one.create_date, now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
                       AT TIME ZONE COALESCE(company.kehu_timezone, 'UTC'))::date AS day
              FROM %(table)s one LEFT JOIN res_company company ON company.id = one.company_id
             WHERE one.%(name)s IS NULL AND %(only)s
        ) row GROUP BY row.company_id, row.day ORDER BY row.day, row.company_id
            """,
            table=table,
            name=column,
            only=only or SQL("TRUE"),
        )
    )
    for company_id, day, ids in model.env.cr.fetchall():
        numbers = numbering._kehu_next_numbers(document, [(company_id, day)] * len(ids))
        if numbers[0]:
            model.env.cr.execute(
                SQL(
                    "UPDATE %(table)s one SET %(name)s = given.number FROM unnest(%(ids)s, %(numbers)s) given(id, number) "
                    "WHERE one.id = given.id",
                    table=table,
                    name=column,
                    ids=ids,
                    numbers=numbers,
                )
            )
    model.env.invalidate_all()


def fill_in(records, name, numbers):
    """Write numbers that were missing; one write per record, so few at a time."""
    for record, number in zip(records, numbers, strict=True):
        as_engine(record, ENGINE).write({name: number})
