"""Terms of the public search, and the masks over what it shows. Plain Python."""

import re
import unicodedata

from . import folding
from .folding_reach import phone_key
from .text import visible_text

LONGEST = 200
STARS = "****"
_CJK = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
# what a person types between the digits of a phone number, extension included
_PHONE = re.compile(r"[+(]?\d[\d\s()./~—–-]*(?:(?:转|轉|分机|ext\.?|x|#)\s*\d{1,5})?", re.IGNORECASE)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
# A part of one of these, or one of those, would list everybody.
_FORMS_CJK = ("控股集团股份有限公司", "集团有限责任公司", "集团总公司", "集团公司", "总公司")
_FORMS_LATIN = frozenset("limited ltd coltd company co corporation corp inc incorporated gmbh ag llc llp plc group holding".split())
_VAT = re.compile(r"(?=.*\d)[0-9A-Z]{9,20}", re.IGNORECASE)


def clean_term(text):
    """Return a typed text on one line, in usual width, without characters that nobody sees.

    >>> clean_term("  苏州\\u200b　科技\\n"), clean_term("ＡＢＣ"), clean_term("a\\x00b"), clean_term("\\ud800")
    ('苏州 科技', 'ABC', 'ab', '')
    """
    text = unicodedata.normalize("NFKC", text.encode("utf-8", "ignore").decode())
    text = "".join(char if unicodedata.category(char) != "Cc" else " " if char.isspace() else "" for char in text)
    return " ".join(visible_text(text).split())


def kind_of(term):
    """Tell what a term of the one box is.

    >>> kind_of("苏州科技"), kind_of("0512-6688 0001"), kind_of("wang@example.com"), kind_of("3M"), kind_of("360"), kind_of("@example.com")
    ('name', 'phone', 'email', 'name', 'name', 'email')

    :return: ``name``, ``phone`` or ``email``
    """
    if "@" in term:
        return "email"
    if _PHONE.fullmatch(term) and sum(char.isdigit() for char in term) >= 5:
        return "phone"
    return "name"


def is_email(term):
    """Tell whether a term is one whole address: parts of an address are not searched.

    >>> is_email("wang@example.com"), is_email("@example.com"), is_email("wang@"), is_email("a@b.c d@e.f")
    (True, False, False, False)
    """
    return bool(_EMAIL.fullmatch(term))


def is_phone(term, region="CN"):
    """Tell whether a term is one whole phone number.

    >>> is_phone("138 0013 8000"), is_phone("1380"), is_phone("138%")
    (True, False, False)
    """
    return bool(_PHONE.fullmatch(term) and phone_key(term, region))


def is_vat(term):
    """Tell whether a term may be a whole tax number.

    >>> is_vat("91320594MA1MTK4E9X"), is_vat("Suzhou"), is_vat("91320594")
    (True, False, False)
    """
    return bool(_VAT.fullmatch(term.replace(" ", "")))


def missing_length(term, shortest):
    """Return how many characters a part of a name lacks. Blanks and punctuation do not count; Latin letters tell less than Chinese ones.

    >>> missing_length("苏州", 2), missing_length("苏", 2), missing_length("su", 2), missing_length("szk", 2), missing_length("%_%_", 2)
    (0, 1, 1, 0, 3)

    :param int shortest: of Chinese characters; one more where there is none
    :rtype: int
    """
    signs = sum(unicodedata.category(char)[0] in "LN" for char in term)
    return max(0, max(1, shortest + (0 if _CJK.search(term) else 1 if shortest else 0)) - signs)


def is_legal_form(term):
    """Tell whether a term is nothing but a legal form or a piece of one.

    >>> is_legal_form("有限公司"), is_legal_form("公司"), is_legal_form("Co., Ltd."), is_legal_form("苏州"), is_legal_form("华强公司")
    (True, True, True, False, False)
    """
    folded = folding.fold_text(term)
    return folded in _FORMS_LATIN or any(folded in form for form in _FORMS_CJK)


def mask_phone(phone):
    """Show the beginning and the end of a phone number. The stars do not tell how many digits they hide.

    >>> mask_phone("138 0013 8000"), mask_phone("+86 13800138000"), mask_phone("0512-66880001"), mask_phone("95588"), mask_phone("ask Wang")
    ('138****8000', '138****8000', '051****0001', '****88', '****')
    """
    digits = "".join(str(unicodedata.digit(char)) for char in phone or "" if char.isdigit())
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if not digits and not (phone or "").strip():
        return ""
    head, tail = (3, 4) if len(digits) >= 11 else (2, 2) if len(digits) >= 7 else (0, 2) if len(digits) >= 5 else (0, 0)
    return digits[:head] + STARS + (digits[-tail:] if tail else "")


def mask_email(email):
    """Show the first letter of an e-mail address and its domain; of a short one the domain alone.

    >>> mask_email("wang@example.com"), mask_email('"Wang" <wang@example.com>'), mask_email("w@example.com")
    ('w***@example.com', 'w***@example.com', '***@example.com')
    >>> mask_email("wang"), mask_email("")
    ('***', '')
    """
    email = (email or "").strip()
    if not email:
        return ""
    found = re.search(r"([^\s<>,;:\"'@]+)@([^\s<>,;:\"'@]+)", email)
    if not found:
        return "***"
    name, domain = found.groups()
    return f"{name[0] if len(name) > 2 else ''}***@{domain}"


def mask_name(name, typed):
    """Show of a name only the characters that were typed.

    >>> mask_name("苏州华强科技有限公司", "华强"), mask_name("苏州华强科技有限公司", "hqkj")
    ('＊＊华强＊＊＊＊＊＊', '＊＊＊＊＊＊＊＊＊＊')
    """
    known = set(folding.fold_text(typed))
    return "".join(char if known & set(folding.fold_text(char)) else "＊" for char in name or "")
