"""What both guards of the room, on documents and on their lines, ask."""

from odoo.fields import Command

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
            commands = [command for command in value or [] if command]
            same = all(command[0] == Command.SET and set(command[2]) == set(record[name].ids) for command in commands)
            if commands and not same:
                changed.add(name)
        else:
            old = field.convert_to_write(record[name], record)
            new = field.convert_to_write(field.convert_to_record(field.convert_to_cache(value, record), record), record)
            if new != old:
                changed.add(name)
    return changed
