"""Where a check of a long file stands, so that another process goes on with it there."""

import datetime
import json
from collections import namedtuple

from .kehu_import_row import ImportRow

# ``row_id``: the last staged row that counts; ``number``: of the last row read in ``sheet``
CheckPlace = namedtuple("CheckPlace", "sheet number row_id counts last seen")


def pack_place(place):
    """Return a place as text; None when a model remembers something of a file that no text holds."""
    try:
        return json.dumps([_pack(part) for part in place], ensure_ascii=False)
    except TypeError:
        return None


def unpack_place(text):
    """Return the place that :func:`pack_place` packed.

    >>> place = CheckPlace("A", 7, 3, {"rows": 6}, None, {"key": {("a", 1): 2}, "parents": {5}, 9: (8, None)})
    >>> unpack_place(pack_place(place)) == place
    True
    """
    return CheckPlace(*(_unpack(part) for part in json.loads(text)))


def _pack(value):
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, datetime.datetime):
        return {"m": value.isoformat()}
    if isinstance(value, datetime.date):
        return {"a": value.isoformat()}
    if isinstance(value, ImportRow):
        return {"r": [_pack(part) for part in (value.number, value.sheet, value.kind, value.values, value.contact, bool(value.problems))]}
    for kind, name in ((tuple, "t"), (list, "l"), (set, "s")):
        if type(value) is kind:
            return {name: [_pack(part) for part in value]}
    if type(value) is dict:
        return {"d": [[_pack(key), _pack(part)] for key, part in value.items()]}
    raise TypeError(type(value))


def _unpack(value):
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind == "m":
        return datetime.datetime.fromisoformat(held)
    if kind == "a":
        return datetime.date.fromisoformat(held)
    if kind == "d":
        return {_unpack(key): _unpack(part) for key, part in held}
    parts = [_unpack(part) for part in held]
    if kind == "r":
        number, sheet, row_kind, values, contact, refused = parts
        row = ImportRow(number, sheet)
        row.kind, row.values, row.contact = row_kind, values, contact
        if refused:
            row.refuse("")
        return row
    return {"t": tuple, "l": list, "s": set}[kind](parts)
