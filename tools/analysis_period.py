"""Periods of the analyses: from a preset to two days, and to the period that is compared with. Plain dates, no ORM.

A period is (first day, last day), both included; None is open. Worked example, seen on 15 March 2026:
``resolve("this_quarter", date(2026, 3, 15))`` is 1 January to 31 March 2026; ``shifted`` by "last_year" is 1 January to 31 March 2025,
by "last_period" 1 October to 31 December 2025.
"""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

PRESETS = (
    "this_month",
    "last_month",
    "this_quarter",
    "last_quarter",
    "this_year",
    "last_year",
    "last_12_months",
    "all",
    "custom",
)
COMPARISONS = ("none", "last_year", "last_period")
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def month_of(day):
    """:return: the first day of its month"""
    return day.replace(day=1)


def is_whole(first, last):
    """Tell whether two days enclose whole months only."""
    return bool(first and last and first.day == 1 and (last + timedelta(days=1)).day == 1)


def resolve(preset, today, first=None, last=None):
    """:return: (first day, last day); of "custom" those that are given, of "all" (None, None)"""
    month = month_of(today)
    quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    year = date(today.year, 1, 1)
    spans = {
        "this_month": (month, 1),
        "last_month": (month - relativedelta(months=1), 1),
        "this_quarter": (quarter, 3),
        "last_quarter": (quarter - relativedelta(months=3), 3),
        "this_year": (year, 12),
        "last_year": (year - relativedelta(years=1), 12),
        "last_12_months": (month - relativedelta(months=11), 12),
    }
    if preset == "all":
        return None, None
    if preset not in spans:
        return first, last
    start, months = spans[preset]
    return start, start + relativedelta(months=months) - timedelta(days=1)


def step(first, last, comparison):
    """How far back the period lies that is compared with, as something to subtract from a day; None where there is none.

    A period of whole months goes back by as many months, any other by as many days as it has.
    """
    if comparison == "none" or not first or not last:
        return None
    if comparison == "last_year":
        return relativedelta(years=1)
    if is_whole(first, last):
        return relativedelta(months=(last.year - first.year) * 12 + last.month - first.month + 1)
    return relativedelta(days=(last - first).days + 1)


def shifted(first, last, back):
    """:return: the period that lies ``back`` before; one of whole months stays one of whole months"""
    if is_whole(first, last):
        return first - back, last + timedelta(days=1) - back - timedelta(days=1)
    return first - back, last - back


def whole_months(first, last):
    """The whole months inside a period.

    :return: (first day of the first, first day of the month after the last), None where open; False when there is none
    """
    start = first and (first if first.day == 1 else month_of(first) + relativedelta(months=1))
    end = last and month_of(last + timedelta(days=1))
    if start and end and start >= end:
        return False
    return start, end


def buckets(first, last, unit):
    """:return: the first day of each day, month, quarter or year between two days, both included"""
    if unit == "day":
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]
    day = month_of(first)
    if unit == "quarter":
        day = day.replace(month=(day.month - 1) // 3 * 3 + 1)
    elif unit == "year":
        day = day.replace(month=1)
    found = []
    while day <= last:
        found.append(day)
        day += relativedelta(months=MONTHS[unit])
    return found


def span(key, unit):
    """:return: first and last day of a bucket"""
    if unit == "day":
        return key, key
    return key, key + relativedelta(months=MONTHS[unit]) - timedelta(days=1)


def bucket_label(key, unit):
    """:return: "2026-03-15", "2026-03", "2026 Q1" or "2026", the same in every language"""
    if unit == "day":
        return key.isoformat()
    if unit == "month":
        return f"{key:%Y-%m}"
    if unit == "quarter":
        return f"{key.year} Q{(key.month - 1) // 3 + 1}"
    return str(key.year)
