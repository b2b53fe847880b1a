"""What any client may send as values of a receipt, checked before anything is stored.

Numbers that are none, and links that are no record, would otherwise end in a traceback or in a database error.
"""

from math import isfinite

from odoo.fields import Command

from ..system import values
from .exceptions import KehuReceiptError

LARGEST = 10.0**12  # the entry of a larger sum would not balance to the cent: floats do not tell it apart any more


def check_money(env, value):
    """Refuse what is no sum of money: text, lists, not a number, infinite, 1,000,000,000,000 and more.

    :raises KehuReceiptError: with what to enter instead
    """
    try:
        number = float(0.0 if value is False else value)
    except (TypeError, ValueError):
        number = None
    if number is None or not isfinite(number) or abs(number) >= LARGEST:
        raise KehuReceiptError(
            env._(
                "“%(value)s” is not an amount of money. Enter a number above zero, below %(limit)s.", value=value, limit=f"{LARGEST:,.0f}"
            )
        )


def check_values(records, vals):
    """Refuse values of a create or write whose type does not fit the field.

    :param dict vals: values as a client sent them; fields this model does not have are left to the host
    :raises KehuReceiptError: naming the field
    """
    for name, value in vals.items():
        field = records._fields.get(name)
        if field is None:
            continue
        if field.required and (value is None or value is False) and field.type in ("many2one", "date"):
            raise_missing(records, name)
        if field.type == "monetary":
            check_money(records.env, value)
        elif field.type == "date":
            values.check_date(records, field, value, KehuReceiptError)
            values.check_days(records, vals, KehuReceiptError, (name,))
        elif field.type == "many2one":
            values.check_link(records, field, value, KehuReceiptError)
        elif field.type == "one2many":
            _check_commands(records, field, value)
            for command in value or []:
                if command[0] in (Command.CREATE, Command.UPDATE):
                    check_values(records.env[field.comodel_name], command[2])


def raise_missing(records, name):
    """:raises KehuReceiptError: naming the field that has to be filled"""
    raise KehuReceiptError(
        records.env._("“%(field)s” of a receipt cannot be empty. Fill it in.", field=records._fields[name]._description_string(records.env))
    )


def check_links_exist(records, vals_list):
    """Refuse links to records that are gone; one query per model, however many values.

    :raises KehuReceiptError: naming the field
    """
    values.check_links_exist(records, vals_list, KehuReceiptError)


def _check_commands(records, field, value):
    """Commands for lines: [code, id, values or ids]; the host takes them as they are and fails on anything else."""
    good = value is None or value is False or isinstance(value, (list, tuple))
    for command in value or [] if good else []:
        good = good and isinstance(command, (list, tuple)) and len(command) in (1, 2, 3) and command[0] in tuple(Command)
        if good and command[0] in (Command.CREATE, Command.UPDATE):
            good = len(command) == 3 and isinstance(command[2], dict)
        if good and command[0] in (Command.UPDATE, Command.DELETE, Command.UNLINK, Command.LINK):
            # a form names lines that it has not saved yet by a text
            good = len(command) > 1 and isinstance(command[1], (int, str))
        if good and command[0] == Command.SET:
            good = len(command) == 3 and isinstance(command[2], (list, tuple)) and all(isinstance(number, int) for number in command[2])
    if not good:
        raise KehuReceiptError(
            records.env._(
                "“%(field)s”: %(value)s are no lines. Send them as a list of commands, as the form does.",
                field=field._description_string(records.env),
                value=repr(value)[:80],
            )
        )
