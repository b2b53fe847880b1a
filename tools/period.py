"""Months, quarters and years as pairs of days, both included. Plain Python, no ORM."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

MONTHS = {"month": 1, "quarter": 3, "year": 12}


def kind(first, last):
    """Tell which period two days make: so many whole months, wherever the year begins.

    E.g. 1 April to 30 June is a quarter, 1 April to 31 March a year, 3 to 9 May something else.

    :return: ``month``, ``quarter``, ``year`` or ``other``
    :rtype: str
    """
    for name, count in MONTHS.items():
        if first.day == 1 and last == first + relativedelta(months=count, days=-1):
            return name
    return "other"


def span(name, day):
    """Return first and last day of the period of that kind, by the calendar, in which a day lies; a day alone for ``other``."""
    if name == "other":
        return day, day
    first = day.replace(day=1)
    if name != "month":
        first = first.replace(month=(first.month - 1) // 3 * 3 + 1 if name == "quarter" else 1)
    return first, first + relativedelta(months=MONTHS[name], days=-1)


def until(name, first):
    """Return the last day of the month, quarter or year that begins on a day, wherever the year begins."""
    return first + relativedelta(months=MONTHS[name], days=-1)


def split(first, last, count=1):
    """Split whole months into parts of ``count`` months: [(first day, last day)]."""
    parts = []
    while first <= last:
        end = min(first + relativedelta(months=count, days=-1), last)
        parts.append((first, end))
        first = end + timedelta(days=1)
    return parts


def following(first, last):
    """Return the period of the same kind that follows; of any other the same number of days."""
    name = kind(first, last)
    begin = last + timedelta(days=1)
    if name == "other":
        return begin, begin + (last - first)
    return begin, begin + relativedelta(months=MONTHS[name], days=-1)


def year_before(first, last):
    """Return the same months a year earlier; a last day of February stays one."""
    return first - relativedelta(years=1), last + timedelta(days=1) - relativedelta(years=1) - timedelta(days=1)
