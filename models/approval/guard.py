"""What both guards of the room, on documents and on their lines, ask."""

from odoo import models
from odoo.fields import Command

from ..system.exceptions import KehuEngineOnlyError

FROZEN_STATES = ("pending", "approved")


def changed_fields(record, vals, names):
    """Tell which fields a write would really change.

    :param record: one record
    :param dict vals: values as given to ``write``
    :param names: names of the fields to look at; those missing in ``vals`` are passed over
    :return: set of names; commands on an x2many count as a change unless they set exactly what is there
    :rtype: set[str]
    """
    changed = set()
    record = record.sudo()  # sudo: any document - compare only, nothing is returned but names
    for name in names & vals.keys():
        field, value = record._fields[name], vals[name]
        if field.type in ("one2many", "many2many"):
            if not all(_sets_what_is_there(command, record[name]) for command in _as_commands(value)):
                changed.add(name)
        else:
            old = field.convert_to_write(record[name], record)
            new = field.convert_to_write(field.convert_to_record(field.convert_to_cache(value, record), record), record)
            if new != old:
                changed.add(name)
    return changed


def _as_commands(value):
    """The commands that the ORM makes of any value given for an x2many: nothing clears, plain ids and records are set."""
    if value is False or value is None:
        return [Command.clear()]
    if isinstance(value, models.BaseModel):
        return [Command.set(value.ids)]
    value = list(value)
    if value and not isinstance(value[0], (list, tuple)):
        return [Command.set(value)]
    return value


def _sets_what_is_there(command, current):
    if command[0] == Command.CLEAR:
        return not current
    return command[0] == Command.SET and set(command[2]) == set(current.ids)


def computed_columns(model, names):
    """Those of some names that are stored, follow from other fields, and are readonly: no form sends them, but RPC could.

    Recomputing them never passes through ``write``.

    :rtype: set[str]
    """
    found = set()
    for name in names:
        field = model._fields.get(name)
        if field and field.store and (field.compute or field.related) and field.readonly:
            found.add(name)
    return found


def raise_computed(records, names):
    """:raises KehuEngineOnlyError: naming the first of some fields in alphabetical order"""
    raise KehuEngineOnlyError(
        records.env._(
            "“%(field)s” is calculated and cannot be written by hand. Change what it follows from instead.",
            field=records._fields[min(names)]._description_string(records.env),
        )
    )


def create_without_computed(model, vals_list, create, is_governed):
    """Do at creation what the guards do in ``write``: no value for a calculated column is taken, from the values or from the context.

    A value is refused; an empty one, which a form sends for a column that it shows, and a default of the context are calculated over.

    :param create: the ``create`` to call, with the list of values
    :param is_governed: function that tells for one record whether it is under approval at all; others stay as the host has them
    """
    defaults = model._kehu_computed_columns(key.removeprefix("default_") for key in model.env.context if key.startswith("default_"))
    given = [model._kehu_computed_columns(vals) for vals in vals_list]
    filled = [{name for name in names if vals[name]} for vals, names in zip(vals_list, given, strict=True)]
    records = create(vals_list)
    for record, names, refused in zip(records, given, filled, strict=True):
        if (names or defaults) and is_governed(record):
            if refused:
                raise_computed(record, refused)
            for name in names | defaults:
                if record._fields[name].compute:
                    record.env.add_to_compute(record._fields[name], record)
    return records
