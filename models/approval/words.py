"""What people write along with a decision, as any client may send it."""

import unicodedata

INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})  # categories of Unicode


def check_words(records, name, value, error):
    """Refuse a text with NUL, or with half of a character that takes two, such as an emoji cut in the middle: no database keeps them.

    :param str name: of the field that is to hold the text
    :param value: as a client sent it; what is no text is left to others
    :param error: class of the refusal
    """
    for position, character in enumerate(value if isinstance(value, str) else ""):
        if character == "\0" or unicodedata.category(character) == "Cs":
            raise error(
                records.env._(
                    "“%(field)s” holds a character that cannot be kept: %(value)s. Type that part again instead of pasting it.",
                    field=records._fields[name]._description_string(records.env),
                    value=repr(value[max(position - 20, 0) : position + 20]),
                )
            )


def is_blank(text):
    """Tell whether a text, or nothing, shows nothing to a reader: spaces, also those without a width, and control characters.

    :rtype: bool
    """
    return all(unicodedata.category(character) in INVISIBLE for character in text or "")
