"""What both guards of the room, on documents and on their lines, ask."""

from odoo import models
from odoo.fields import Command

from ..system.exceptions import KehuEngineOnlyError

FROZEN_STATES = ("pending", "approved")
NUMERIC_TYPES = ("float", "integer", "monetary")
OPEN_KEY = "kehu_open_change"
SCOPE_KEY = "kehu_tolerance_scope"


class _Unforgeable:
    """A value for the context that no message of a client can carry; copies of it are itself."""

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


class _OpenChange(_Unforgeable):
    """Somebody's code says openly that it changes frozen documents, and why."""

    def __init__(self, reason):
        self.reason = reason


class ToleranceScope(_Unforgeable):
    """One write on documents that reaches their lines: what is tolerated is judged when all of it is done."""

    def __init__(self, documents):
        self.model_name = documents._name
        self.document_ids = set(documents.ids)

    def covers(self, document):
        """Tell whether one document is written by this scope."""
        return document._name == self.model_name and document.id in self.document_ids


def change_openly(records, reason):
    """Let code of an add-on change protected fields of pending or approved documents, or their lines, and say so.

    The only way past the guard besides the engine itself: `sudo` and a context of one's own do not help. What changes is posted on the
    document with the reason and kept among its decisions; the state of the approval and its request stay closed. E.g.
    ``change_openly(order, "Rate of the central bank of 2 May").write({"note": …})``. A document stays approved by it, so use it for
    changes that no approver needs to see again.

    :param records: documents with ``kehu.approval.mixin``, or their lines; other records pass it on to what they write
    :param str reason: for people: what is done and why
    :return: the same records
    :raises ValueError: without a reason
    """
    if not isinstance(reason, str) or not reason.strip():
        raise ValueError("change_openly() needs a reason that people can read")
    return records.with_context(**{OPEN_KEY: _OpenChange(reason.strip())})


def open_reason(env):
    """The reason given to :func:`change_openly` for this environment, or None; what a client sends under that key is none.

    :rtype: str | None
    """
    value = env.context.get(OPEN_KEY)
    return value.reason if isinstance(value, _OpenChange) else None


def tolerance_scope(env):
    """The write on documents that this environment belongs to, or None.

    :rtype: ToleranceScope | None
    """
    value = env.context.get(SCOPE_KEY)
    return value if isinstance(value, ToleranceScope) else None


def tolerated_names(model, names):
    """Those of some protected fields that may differ within a tolerance: figures that people enter, not what is sold and to whom.

    :rtype: set[str]
    """
    return {name for name in names if name in model._fields and model._fields[name].type in NUMERIC_TYPES and model._fields[name].store}


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
            if not all(_sets_what_is_there(command, record[name]) for command in as_commands(value)):
                changed.add(name)
        else:
            old = field.convert_to_write(record[name], record)
            new = field.convert_to_write(field.convert_to_record(field.convert_to_cache(value, record), record), record)
            if new != old:
                changed.add(name)
    return changed


def as_commands(value):
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
