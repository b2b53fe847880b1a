"""Beginnings of numbers as the host's number series write them: ``SO-%(year)s%(month)s-``."""

import re

MOST_DIGITS = 12  # more than a counter ever needs
LONGEST_PREFIX = 20  # characters beside the date; a number is read out on the phone

# what the host puts into a number
PLACEHOLDER = re.compile(r"%\((range_|current_)?(year|month|day|y|doy|woy|weekday|h24|h12|min|sec|isoyear|isoy|isoweek)\)s")
# what was meant as one: a percent sign that opens nothing, or the word in another kind of brackets
MISTYPED = re.compile(r"%\S*|[({\[](year|month|day|y)[)}\]]s?", re.IGNORECASE)

YEAR, YEAR2, MONTH, DAY = "%(year)s", "%(y)s", "%(month)s", "%(day)s"
# date parts to choose from, the longest first, so that what a beginning shows is found whole
DATE_PARTS = {
    "year_month_day": YEAR + MONTH + DAY,
    "y_month_day": YEAR2 + MONTH + DAY,
    "year_month": YEAR + MONTH,
    "y_month": YEAR2 + MONTH,
    "year": YEAR,
    "y": YEAR2,
}
SEPARATORS = {"none": "", "hyphen": "-", "slash": "/", "dot": "."}


def join(prefix, date_part, separator):
    """Put a beginning together.

    :param str prefix: letters in front, may be empty
    :param str date_part: key of ``DATE_PARTS``, or ``none``
    :param str separator: key of ``SEPARATORS``; stands behind the letters and behind the date
    :rtype: str
    """
    sign = SEPARATORS[separator]
    return "".join(part + sign for part in (prefix, DATE_PARTS.get(date_part, "")) if part)


def split(text):
    """Take a beginning apart: the reverse of :func:`join`.

    :return: (prefix, date part, separator); a beginning that cannot be taken apart is all prefix, with neither
    :rtype: tuple
    """
    text = text or ""
    for separator in ("hyphen", "slash", "dot", "none"):
        for date_part in (*DATE_PARTS, "none"):
            ending = join("", date_part, separator)
            prefix = text.removesuffix(ending)
            sign = SEPARATORS[separator]
            if sign:
                prefix = prefix.removesuffix(sign)
            if not PLACEHOLDER.search(prefix) and prefix and join(prefix, date_part, separator) == text:
                return prefix, date_part, separator
            if not prefix and date_part != "none" and ending == text:
                return "", date_part, separator
    return text, "none", "none"


def mistyped(text):
    """Return the part of a beginning that is neither plain text nor a date, or None."""
    rest = PLACEHOLDER.sub("", text)
    found = MISTYPED.search(rest)
    if found:
        return found.group()
    if not text.isprintable():
        return repr(text)[:40]
    return text if text != text.strip() else None


def plain_length(text):
    """Return how many characters a beginning has beside its date."""
    return len(PLACEHOLDER.sub("", text))


def date_parts(text):
    """Return which of year, month and day of the document a beginning shows.

    :rtype: set[str]
    """
    found = {match.group(2) for match in PLACEHOLDER.finditer(text or "") if match.group(1) != "current_"}
    parts = found & {"year", "month", "day"}
    if "y" in found:
        parts.add("year")
    if "doy" in found:
        parts |= {"month", "day"}
    return parts


def skeleton(text):
    """Return what tells the numbers of one beginning from those of another, whatever figures follow: letters and signs.

    Figures and dates run into the number behind them: ``C`` and ``C%(year)s`` both make ``C2026001``.
    """
    return re.sub(r"\d+", "#", PLACEHOLDER.sub("0", text or "")).rstrip("#").upper()
