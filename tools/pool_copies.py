"""Which texts of contact records are copies of one another: plain Python, without ORM and without database."""

import re
from difflib import SequenceMatcher

from .folding import fold_text
from .text import BLANKS

LEAST_LETTERS = 2  # that a content needs, until a company says otherwise
LIKENESS = 0  # percent from which texts are copies, until a company says otherwise; 0: only the same text is one
COMPARED = 300  # letters of a text that are compared
PADDING = 2  # letters that make no new text of a short one
# also in words such as 第二次: counting makes no new text
NUMERALS = frozenset("〇零一二三四五六七八九十百千两")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")


def letters(text):
    """Return a text without what does not matter: width, case, script, blanks, punctuation, and figures.

    >>> letters("Called again, No. 12")
    'calledagainno'
    >>> letters("第二次聯繫 2026-04-01")
    '第次联系'
    >>> letters("12:30 …")
    ''

    Tags and letters that nobody sees are none, nor do they make a new text:

    >>> letters("<p></p>\\u3164\\u115f"), letters("<p>Asked for <b>samples</b></p>\\uffa0")
    ('', 'askedforsamples')
    """
    return "".join(char for char in seen_text(text) if char.isalpha() and char not in NUMERALS)


def seen_text(text):
    """Return a folded text without tags and without letters that nobody sees; figures stay.

    >>> seen_text("<p>二十</p>"), seen_text("<p></p>\\u3164")
    ('二十', '')
    """
    return "".join(char for char in fold_text(TAG.sub("", text or "")) if char not in BLANKS)


def is_copy(text, other, likeness):
    """Tell whether two texts, of :func:`letters`, are copies: alike to so many percent, or one with at most two letters more.

    >>> is_copy("askedforsamples", "askedforsample", 92)
    True
    >>> is_copy("sentthepricelist", "sentthenewpricelist", 92)
    False
    >>> is_copy("联系客户", "联系客户了", 92), is_copy("询价水泵", "询价水管", 92)
    (True, False)
    >>> is_copy("联系客户", "联系客户了", 100)
    False

    :param int likeness: percent; 100 for the same letters only
    """
    if text == other:
        return True
    if likeness >= 100 or not text or not other:
        return False
    short, long = sorted((text[:COMPARED], other[:COMPARED]), key=lambda part: (len(part), part))
    if len(long) - len(short) <= PADDING and (long.startswith(short) or long.endswith(short)):
        return True
    if 200 * len(short) < likeness * (len(short) + len(long)):
        return False
    matcher = SequenceMatcher(None, short, long, autojunk=False)
    wanted = likeness / 100
    return matcher.quick_ratio() >= wanted and matcher.ratio() >= wanted
