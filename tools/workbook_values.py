"""What a cell of a workbook means to a field: the ``as_…`` functions, without ORM.

A cell is ``None``, ``str``, ``int``, ``float``, ``bool``, ``datetime.date``, ``datetime.datetime``, ``CellShare``, ``CellFault`` or
``CellFormula``.
"""

import datetime
import math
import re
import unicodedata

from .text import visible_text
from .workbook_cells import CellError, CellFault, CellFormula, CellLong, CellShare

EPOCH_1900 = datetime.date(1899, 12, 30)
EPOCH_1904 = datetime.date(1904, 1, 1)

_FULL_WIDTH_DIGITS = {ord("０") + digit: ord("0") + digit for digit in range(10)}
_TIME = r"(?:[ T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
_DATE_TEXT = re.compile(
    r"(?P<year>\d{4})\s*(?:年|[-/.])\s*(?P<month>\d{1,2})\s*(?:月|[-/.])\s*(?P<day>\d{1,2})\s*[日号]?(?:\s*(?:星期|周)[一二三四五六日天])?"
    + _TIME
)
_DATE_DIGITS = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?")
_DATE_LATE_YEAR = re.compile(r"(?P<first>\d{1,2})[-/.](?P<second_>\d{1,2})[-/.](?P<year>\d{4})" + _TIME)
_MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
_DATE_DAY_MONTH = re.compile(r"(?P<day>\d{1,2})[- .]+(?P<name>[a-z]{3,9})\.?[-, ]+(?P<year>\d{4})" + _TIME)
_DATE_MONTH_DAY = re.compile(r"(?P<name>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})" + _TIME)
_SCIENTIFIC = re.compile(r"[-+]?\d(?:\.\d+)?e\+?\d{2,3}", re.IGNORECASE)
_CURRENCIES = "¥￥$€£"
_NO_NUMBER = re.compile(r"[^0-9eE.,+\- ]")
_SPACED = re.compile(r"[-+]?\d{1,3}(?: \d{3})+(?:[.,]\d+)?")  # 1 234 567.8
_GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+|[-+]?[1-9]\d?(?:,\d{2})+,\d{3}")  # by three, or as in India
_FIRST_SERIAL = 20_000  # 3 October 1954; a smaller number in a column of dates is a year, an age or a count
_NEUTRAL = re.compile(r"''*[=+\-@\t\r]")
_LARGEST_CODE = 10**15  # a spreadsheet program keeps fifteen digits of a number
_TRUE = {"1", "true", "yes", "y", "t", "是", "对", "有", "√", "✓", "✔", "真"}
_FALSE = {"0", "false", "no", "n", "f", "否", "不", "不是", "无", "×", "✗", "✘", "假"}


def from_serial(number, is_1904=False):
    """Return the date of a day number, with its time when there is one; a time of day alone comes as text, what is no day as the number.

    Day 60 of the older epoch is the 29 February 1900 that never was.

    >>> from_serial(46364), from_serial(46364.5), from_serial(44902, True), from_serial(0.25)
    (datetime.date(2026, 12, 8), datetime.datetime(2026, 12, 8, 12, 0), datetime.date(2026, 12, 8), '06:00:00')
    """
    if not 0 <= number < 2_958_466:
        return number
    if number < 1 and not is_1904:
        seconds = min(round(number * 86400), 86399)
        return datetime.time(seconds // 3600, seconds // 60 % 60, seconds % 60).isoformat()
    epoch = EPOCH_1904 if is_1904 else EPOCH_1900 if number >= 60 else datetime.date(1899, 12, 31)
    day = int(number)
    seconds = round((number - day) * 86400)
    try:
        if not seconds:
            return epoch + datetime.timedelta(days=day)
        moment = datetime.datetime.combine(epoch, datetime.time())
        return moment + datetime.timedelta(days=day, seconds=seconds)
    except OverflowError:
        return number


def fold(text):
    """Return the text as it is compared: one width, lower case, single spaces.

    >>> fold("  年收入（万元） ")
    '年收入(万元)'
    """
    return " ".join(unicodedata.normalize("NFKC", text).lower().split())


def as_shown(cell):
    """Return what to show of a cell in a list of problems, whatever it is; never refuses.

    >>> as_shown(6.22848040256489e18), as_shown(CellFault("#N/A")), as_shown(12.0)
    ('6.22848040256489e+18', '#N/A', '12')
    """
    if isinstance(cell, (CellFault, CellFormula)):
        return cell.text
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    if isinstance(cell, float) and abs(cell) >= _LARGEST_CODE:
        return repr(cell)
    return as_text(cell)


def as_text(cell):
    """Return what a person reads in the cell; a whole number has no ".0", full-width digits become ordinary ones, what nobody sees goes.

    >>> as_text(18711280795.0), as_text("Ａ座１２室"), as_text("=1+1"), as_text("'=1+1"), as_text(None)
    ('18711280795', 'Ａ座12室', '=1+1', '=1+1', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, CellLong):
        raise CellError("long")
    if isinstance(cell, CellFault):
        raise CellError("fault")
    if isinstance(cell, CellFormula):
        raise CellError("formula")
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, CellShare) and math.isfinite(cell):
        return f"{cell * 100:.13g}%"
    if isinstance(cell, float):
        if math.isfinite(cell) and cell == int(cell):
            return str(int(cell))
        return f"{cell:.15g}"
    if isinstance(cell, (int, datetime.date)):
        return str(cell)
    text = visible_text(cell.replace("\0", ""))  # the database keeps no NUL
    if text.startswith("'") and _NEUTRAL.match(text):
        text = text[1:]  # the mark of an export before what looks like a formula
    return text.translate(_FULL_WIDTH_DIGITS)


def as_free_text(cell):
    """Return any text. A number of more than 15 digits is refused: the spreadsheet program has put zeros in the place of the others.

    >>> as_free_text(3205021990.0), as_free_text("Ａ座"), as_free_text(CellShare(0.075))
    ('3205021990', 'Ａ座', '7.5%')
    """
    if isinstance(cell, (int, float)) and not isinstance(cell, bool) and abs(cell) >= _LARGEST_CODE:
        raise CellError("digits")
    return as_text(cell)


def as_code(cell):
    """Return a code, phone number, e-mail or web address: text in ordinary width.

    A number of more than 15 digits is refused: the spreadsheet program has put zeros in the place of the others.

    >>> as_code("０５７１－72204094"), as_code(501605.0)
    ('0571-72204094', '501605')
    """
    text = unicodedata.normalize("NFKC", as_text(cell)).strip()
    if isinstance(cell, (int, float)):
        if not isinstance(cell, bool) and abs(cell) >= _LARGEST_CODE:
            raise CellError("digits")
    elif _SCIENTIFIC.fullmatch(text):
        raise CellError("digits")
    return text


def as_postcode(cell, digits):
    """Return a post code; a number that lost its leading zeros in the spreadsheet gets them back.

    >>> as_postcode(10010.0, 6), as_postcode("SW1A 1AA", 6)
    ('010010', 'SW1A 1AA')
    """
    text = as_code(cell)
    return text.zfill(digits) if isinstance(cell, (int, float)) else text


def as_number(cell, hundred=False):
    """Return a float, or ``None`` for an empty cell; a share may be written with a percent sign.

    A comma is a decimal sign where it cannot be anything else: three digits after it make it the sign of thousands.

    >>> as_number("１，234.5"), as_number(12), as_number("5%"), as_number("(1,000)"), as_number("1 234.50 元")
    (1234.5, 12.0, 0.05, -1000.0, 1234.5)
    >>> as_number("1,5"), as_number("1,500"), as_number("1.500,25"), as_number("1.500.000"), as_number("7%", hundred=True)
    (1.5, 1500.0, 1500.25, 1500000.0, 7.0)

    :param bool hundred: whether the whole of a share is 100 here, and not 1
    """
    if cell is None:
        return None
    refuse_formula(cell)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = round(float(cell) * 100, 8) if hundred and isinstance(cell, CellShare) else float(cell)
    else:
        text = unicodedata.normalize("NFKC", as_text(cell)).replace("−", "-").strip()
        if not text:
            return None
        share = text.endswith("%")
        text = text.removesuffix("%").rstrip().removesuffix("元").rstrip()
        negative = text.startswith("(") and text.endswith(")")
        text = text.strip("()").strip() if negative else text
        sign = -1.0 if negative else 1.0
        if text[:1] == "-" and text[1:].lstrip()[:1] in _CURRENCIES:
            text = text[1:].lstrip()
            sign = -sign
        try:
            number = sign * float(_plain_number(text.lstrip(_CURRENCIES).lstrip()))
        except ValueError:
            raise CellError("number") from None
        if share and not hundred:
            number = number / 100
    if not math.isfinite(number):
        raise CellError("number")
    return number


def _plain_number(text):
    """Return the number as Python writes it, without the signs of thousands.

    >>> _plain_number("-1,234,567.8"), _plain_number("1.234.567,8"), _plain_number("12,34,567"), _plain_number("0,125")
    ('-1234567.8', '1234567.8', '1234567', '0.125')
    """
    if _NO_NUMBER.search(text):
        raise CellError("number")
    if " " in text:
        if not _SPACED.fullmatch(text):
            raise CellError("number")
        text = text.replace(" ", "")
    commas, dots = text.count(","), text.count(".")
    if not commas and dots < 2:
        return text
    for thousands, decimal in ((",", "."), (".", ",")):
        if text.count(decimal) <= 1 and (not commas or not dots or text.rfind(decimal) > text.rfind(thousands)):
            whole, _sign, rest = text.partition(decimal)
            if thousands in whole and rest.isdecimal() | (rest == "") and _GROUPED.fullmatch(whole.replace(thousands, ",")):
                return f"{whole.replace(thousands, '')}.{rest}" if rest else whole.replace(thousands, "")
    if commas == 1 and not dots:
        whole, _sign, rest = text.partition(",")
        if len(rest) in (1, 2) or whole.lstrip("+-") == "0":
            return f"{whole}.{rest}"
    raise CellError("number_order")


def as_whole_number(cell, hundred=False):
    """Return an int, or ``None`` for an empty cell.

    >>> as_whole_number(7813.0)
    7813
    """
    number = as_number(cell, hundred)
    if number is None:
        return None
    if number != int(number):
        raise CellError("whole")
    return int(number)


def as_date(cell, epoch=EPOCH_1900):
    """Return a date, or ``None`` for an empty cell: a date, a day number of the spreadsheet, or text with year, month and day.

    The day is the one that is written, in whatever time zone.

    >>> as_date("2026年12月8日"), as_date("２０２６/12/03"), as_date(46364.0)
    (datetime.date(2026, 12, 8), datetime.date(2026, 12, 3), datetime.date(2026, 12, 8))
    >>> as_date("8 Dec 2026"), as_date("31/12/2026"), as_date("2026-12-08 09:30")
    (datetime.date(2026, 12, 8), datetime.date(2026, 12, 31), datetime.date(2026, 12, 8))
    """
    moment = as_datetime(cell, epoch)
    return moment.date() if moment else None


def as_datetime(cell, epoch=EPOCH_1900):
    """Return a moment, midnight where the cell has no time, or ``None`` for an empty cell; it has a time zone where the cell tells one.

    >>> as_datetime("2026-12-08T09:30:00+08:00").isoformat()
    '2026-12-08T09:30:00+08:00'
    >>> as_datetime("2026年12月8日 09:30:15"), as_datetime(46364.5), as_datetime("20261208093015")
    (datetime.datetime(2026, 12, 8, 9, 30, 15), datetime.datetime(2026, 12, 8, 12, 0), datetime.datetime(2026, 12, 8, 9, 30, 15))
    """
    if cell is None:
        return None
    refuse_formula(cell)
    if isinstance(cell, datetime.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, datetime.date):
        return datetime.datetime.combine(cell, datetime.time())
    try:
        if isinstance(cell, (int, float)) and not isinstance(cell, bool):
            digits = _DATE_DIGITS.fullmatch(as_text(cell))
            if digits:
                return _moment(digits)
            if not 1 <= cell < 200_000:  # up to the year 2447: more is no date
                raise CellError("date")
            if cell < _FIRST_SERIAL:
                raise CellError("date_number")
            day = from_serial(cell, epoch == EPOCH_1904)
            return as_datetime(day)
        text = unicodedata.normalize("NFKC", as_text(cell)).strip()
        if not text:
            return None
        match = _DATE_TEXT.fullmatch(text) or _DATE_DIGITS.fullmatch(text)
        if match:
            return _moment(match)
        match = _DATE_LATE_YEAR.fullmatch(text)
        if match:
            first, second = int(match["first"]), int(match["second_"])
            if first <= 12 and second <= 12 and first != second:
                raise CellError("date_order")
            day, month = (first, second) if first > 12 else (second, first)
            return _moment(match, month, day)
        match = _DATE_DAY_MONTH.fullmatch(text.lower()) or _DATE_MONTH_DAY.fullmatch(text.lower())
        if match and match["name"][:3] in _MONTHS:
            return _moment(match, _MONTHS[match["name"][:3]])
    except ValueError as error:  # such as 31 February
        raise CellError("date") from error
    raise CellError("date")


def _moment(match, month=None, day=None):
    parts = match.groupdict()
    time = [int(parts.get(name) or 0) for name in ("hour", "minute", "second")]
    zone = (parts.get("zone") or "").replace(":", "")
    if zone:
        if zone[0] == "-" and not parts.get("second") and "T" not in match.string.upper():
            raise CellError("date")  # 09:00-10:30 is from when to when
        minutes = 0 if zone == "Z" else int(f"{zone[0]}1") * (int(zone[1:3]) * 60 + int(zone[3:5]))
        if not -12 * 60 <= minutes <= 14 * 60 or minutes % 15:
            raise CellError("date")  # no clock on earth
        zone = datetime.timezone(datetime.timedelta(minutes=minutes))
    return datetime.datetime(int(parts["year"]), month or int(parts["month"]), day or int(parts["day"]), *time, tzinfo=zone or None)


def as_boolean(cell):
    """Return True, False, or ``None`` for an empty cell.

    >>> as_boolean("是"), as_boolean(0.0)
    (True, False)
    """
    if cell is None:
        return None
    if isinstance(cell, bool):
        return cell
    refuse_formula(cell)
    text = fold(as_text(cell))
    if not text:
        return None
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise CellError("boolean")


def refuse_formula(cell):
    """Refuse a cell without a value, and text that looks like a formula where no text belongs."""
    if isinstance(cell, CellLong):
        raise CellError("long")
    if isinstance(cell, CellFault):
        raise CellError("fault")
    if isinstance(cell, CellFormula) or (isinstance(cell, str) and cell.lstrip().startswith("=")):
        raise CellError("formula")
