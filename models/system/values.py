"""What any client may send as values, checked before anything is stored.

Text where a date belongs, numbers that no field holds, texts that no column or screen holds, and links that are no record would otherwise
end in a traceback or in an error of the database. Each room names its own refusal as ``error``.
"""

import re
from math import isfinite

from odoo.exceptions import MissingError
from odoo.fields import Date

from .engine import is_record_id

LARGEST_WHOLE = 2**31 - 1  # what the database keeps in a whole number
LARGEST_AMOUNT = 1e15  # beyond it a number has no exact cents any more
LONGEST_NAME = 255  # characters; a name stands in lists and in indexes, which hold no more than some 2,700 bytes
YEARS = (1950, 2199)  # in which business is done
LONGEST_LINE = 500  # characters of a note of one line
UNKEEPABLE = re.compile("[\0\ud800-\udfff]")  # neither does the database keep a NUL, nor UTF-8 half of a pair


def check_types(records, vals, error, names=None):
    """Refuse dates, links, choices, numbers and texts that their field cannot hold.

    :param dict vals: values of a create or write as a client sent them; fields this model does not have are left to the host
    :param error: class of the refusal
    :param names: fields to look at, by default all
    """
    for name in vals if names is None else names & vals.keys():
        field, value = records._fields.get(name), vals[name]
        if field is None or value is None or value is False or value == "":  # the ORM takes an empty text for no value
            continue
        if field.type == "date":
            check_date(records, field, value, error)
        elif field.type == "many2one":
            check_link(records, field, value, error)
        elif field.type == "selection":
            _check_choice(records, field, value, error)
        elif field.type in ("integer", "float", "monetary"):
            _check_number(records, field, value, error)
        elif isinstance(value, str) and field.type in ("char", "text", "html"):
            check_text(records, field, value, error)
            if field.type == "char":
                check_length(records, field, value, error)


def check_texts(records, vals, error):
    """Refuse texts that the database cannot hold, in whatever field of values as a client sent them."""
    for name, value in vals.items():
        if isinstance(value, str) and name in records._fields:
            check_text(records, records._fields[name], value, error)


def check_text(records, field, value, error):
    """Refuse what no database keeps: the character NUL of a broken file, and half of an emoji that was cut in the middle."""
    found = UNKEEPABLE.search(value)
    if found:
        raise error(
            records.env._(
                "“%(field)s” holds a character that cannot be kept: %(value)s. Type that part again instead of pasting it.",
                field=field._description_string(records.env),
                value=repr(value[max(found.start() - 20, 0) : found.end() + 20]),
            )
        )


def check_length(records, field, value, error):
    """Refuse a name or a line that is too long to be one."""
    most = LONGEST_NAME if field.name == "name" else LONGEST_LINE
    if len(value) > most:
        raise error(
            records.env._(
                "“%(field)s” has %(count)s characters (“%(value)s…”), and at most %(most)s are kept. Shorten it.",
                field=field._description_string(records.env),
                count=len(value),
                value=value[:20],
                most=most,
            )
        )


def check_date(records, field, value, error):
    """Refuse what is no date."""
    try:
        Date.to_date(value or None)
    except (TypeError, ValueError):
        raise error(
            records.env._(
                "“%(field)s”: %(value)s is not a date. Enter one such as 2026-01-31.",
                field=field._description_string(records.env),
                value=repr(value)[:80],
            )
        ) from None


def check_days(records, vals, error, names=("date_from", "date_to")):
    """Refuse days that are far from anybody's business: the calendar ends with the year 9999, and begins with the year 1.

    :param dict vals: values of a create, a write or a form
    :param error: class of the refusal
    """
    for name in names:
        try:
            day = Date.to_date(vals.get(name) or None)
        except (TypeError, ValueError):
            continue  # see `check_date`
        if day and not YEARS[0] <= day.year <= YEARS[1]:
            raise error(
                records.env._(
                    "“%(field)s”: %(day)s is too far away. Enter a day from %(first)s to %(last)s.",
                    field=records._fields[name]._description_string(records.env),
                    day=Date.to_string(day),
                    first=YEARS[0],
                    last=YEARS[1],
                )
            )


def check_link(records, field, value, error):
    """Refuse what cannot be the number of a record."""
    if value is None or value is False:
        return
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**31:
        raise error(
            records.env._(
                "“%(field)s”: %(value)s is not the number of a record. Choose one from the list.",
                field=field._description_string(records.env),
                value=repr(value)[:80],
            )
        )


def check_links_exist(records, vals_list, error):
    """Refuse links to records that are gone; one query per model, however many values."""
    found = {}
    for name, field in records._fields.items():
        if field.type == "many2one":
            for vals in vals_list:
                check_link(records, field, vals.get(name), error)
            ids = {vals[name] for vals in vals_list if vals.get(name)}
            if ids:
                found.setdefault(field.comodel_name, {})[name] = ids
    for model, by_name in found.items():
        existing = set(records.env[model].browse(set().union(*by_name.values())).exists().ids)
        for name, ids in by_name.items():
            for missing in ids - existing:
                raise error(
                    records.env._(
                        "“%(field)s”: %(value)s was deleted. Choose another one from the list.",
                        field=records._fields[name]._description_string(records.env),
                        value=missing,
                    )
                )


def those_there(records):
    """Return those of the records that are not gone: one that is gone would have each read by itself. What is in memory is there."""
    if not records._log_access:  # an SQL view has no day of change
        return records.exists()
    known = records._fields["write_date"]._get_cache(records.env)
    return records if all(number in known for number in records._ids) else records.exists()


def check_links_read(records, vals_list, error, names):
    """Refuse links to records that are gone, by reading what is read afterwards anyway: no query for what the cache knows.

    :param names: many2one fields of this model
    """
    for name in names:
        field = records._fields[name]
        linked = records.env[field.comodel_name].sudo()  # sudo: the model of the field - whether it exists, nothing is told of it
        linked = linked.browse(dict.fromkeys(value for vals in vals_list if is_record_id(value := vals.get(name))))
        for record in linked:
            try:
                record.mapped(linked._rec_name or "create_uid")
            except MissingError:
                raise error(
                    records.env._(
                        "“%(field)s”: %(value)s was deleted. Choose another one from the list.",
                        field=field._description_string(records.env),
                        value=record.id,
                    )
                ) from None


def _check_choice(records, field, value, error):
    if not isinstance(value, str) or value not in field.get_values(records.env):
        raise error(
            records.env._(
                "“%(field)s”: %(value)s is not one of the choices. Choose one from the list.",
                field=field._description_string(records.env),
                value=repr(value)[:80],
            )
        )


def _check_number(records, field, value, error):
    label = field._description_string(records.env)
    try:
        number = int(value) if field.type == "integer" and isinstance(value, str) else float(value)
    except (TypeError, ValueError):
        number = None
    except OverflowError:  # a whole number of more than 300 digits
        number = float(LARGEST_AMOUNT) * 2
    if number is None or number != number:
        raise error(records.env._("“%(column)s” needs a number.", column=label))
    if not isfinite(number) or abs(number) > (LARGEST_WHOLE if field.type == "integer" else LARGEST_AMOUNT):
        raise error(records.env._("The number in “%(column)s” is too large. Check it and its unit.", column=label))
