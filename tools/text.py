"""What a person sees of a text, without ORM."""

import unicodedata

# They shape what stands beside them: emoji of several parts, flags, Persian and Indic scripts.
_JOINERS = {"\u200c", "\u200d", *map(chr, range(0xE0020, 0xE0080))}
_EDGES = "\u200c\u200d"
# letters and signs by their category, and still nothing to see
BLANKS = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}


def is_visible(text):
    """Tell whether there is something to read: a letter, digit, sign or symbol.

    >>> is_visible("王"), is_visible(""), is_visible(" \\u3000"), is_visible("\\u200b\\ufeff")
    (True, False, False, False)
    """
    return any(unicodedata.category(char)[0] in "LNPS" and char not in BLANKS for char in text or "")


def visible_text(text):
    """Return the text without characters that nobody sees, such as a zero-width space; empty when there is nothing to see.

    >>> visible_text(" 苏州\\u200b公司\\ufeff "), visible_text("\\u200b"), visible_text("👩\\u200d💻") == "👩\\u200d💻"
    ('苏州公司', '', True)
    """
    if not text.isprintable():
        text = "".join(char for char in text if char in _JOINERS or unicodedata.category(char) != "Cf")
        while text != (stripped := text.strip().strip(_EDGES)):
            text = stripped
    return text.strip() if is_visible(text) else ""
