"""What people write along with a decision, as any client may send it."""

import unicodedata

from ..system.values import check_text

INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})  # categories of Unicode


def check_words(records, name, value, error):
    """Refuse a text that no database keeps, see :func:`check_text`.

    :param str name: of the field that is to hold the text
    :param value: as a client sent it; what is no text is left to others
    :param error: class of the refusal
    """
    if isinstance(value, str):
        check_text(records, records._fields[name], value, error)


def is_blank(text):
    """Tell whether a text, or nothing, shows nothing to a reader: spaces, also those without a width, and control characters.

    :rtype: bool
    """
    return all(unicodedata.category(character) in INVISIBLE for character in text or "")
