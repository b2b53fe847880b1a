"""One text by which something is found: any part of its names and codes, and their pinyin.

A trigram index of PostgreSQL knows no Chinese in some locales (LC_CTYPE C, ICU), and no term of one or two characters in any. So the text
is kept in a form that it always knows: each character beyond ASCII becomes four hexadecimal digits behind a tilde, and the Latin letters
and digits are repeated at the end by themselves and by pairs, as words. What is looked for is written in the same form.
"""

import re
import unicodedata

from .pinyin import pinyin_key, plain_script

MOST_WORDS = 6  # a longer text was pasted, and is looked for as it is
_RUN = re.compile(r"[a-z0-9]+")
_MARKS = re.compile("[̀-ͯ]")
_BETWEEN_SYLLABLES = re.compile("(?<=[a-z])['’](?=[a-z])")


def search_key(texts):
    """Return the text by which something is found.

    >>> search_key(["水泵 DN80"])
    '~6c34~6cf5 dn80\\nshuibengdn80 sbdn80\\n 0 8 80 b bd be d dn e en g gd h hu i ib n n8 ng s sb sh u ui '
    >>> search_key([None, ""])
    ''

    :param texts: names, codes and whatever else it is found by; false values are left out
    :rtype: str
    """
    lines = dict.fromkeys(filter(None, (plain(text) for text in texts if text)))
    if not lines:
        return ""
    lines.update(dict.fromkeys(filter(None, (pinyin_key(text) for text in texts if text))))
    written = "\n".join(encode(line) for line in lines)
    short = set()
    for line in lines:
        for run in _RUN.findall(line):
            short.update(run)
            short.update(run[start : start + 2] for start in range(len(run) - 1))
    return f"{written}\n {' '.join(sorted(short))} "


def plain(text):
    """Return the text as it is compared: simplified characters of ordinary width, lower case, Latin letters without accents.

    >>> plain(" Ｃrème  東方 ")
    'creme 东方'

    :rtype: str
    """
    text = " ".join(plain_script(text).lower().split())
    return text if text.isascii() else "".join(_bare(char) for char in text)


def encode(text):
    """Return the text in ASCII.

    >>> encode("泵~a")
    '~6cf5~007ea'

    :rtype: str
    """
    return "".join(char if " " <= char < "~" else f"~{ord(char):04x}" if char < "\U00010000" else f"~~{ord(char):06x}" for char in text)


def patterns(term):
    """Return, for each word of a term, the patterns of LIKE of which a key has to fit one.

    >>> patterns("水泵 dn_8")
    [['%~6c34~6cf5%'], ['%dn\\\\_8%']]
    >>> patterns("sb"), patterns("xi'an"), patterns("[P-1] 泵 (红)")
    ([['% sb %']], [["%xi'an%", '%xian%']], [['%p-1%'], ['%~6cf5%'], ['%~7ea2%']])

    :param str term: what somebody typed
    :return: empty when there is nothing to look for
    :rtype: list[list[str]]
    """
    term = plain(term)
    # brackets stand around a code and the values of a variant, as names are shown
    words = list(dict.fromkeys(word.strip("[](),") or word for word in term.split()))
    if len(words) > MOST_WORDS:
        words = [term]
    return [[_pattern(needle) for needle in dict.fromkeys((word, _BETWEEN_SYLLABLES.sub("", word)))] for word in words]


def _pattern(needle):
    if len(needle) <= 2 and needle.isascii() and needle.isalnum():
        return f"% {needle} %"
    return "%" + re.sub(r"([\\%_])", r"\\\1", encode(needle)) + "%"


def _bare(char):
    """A Latin letter without its accent; any other character as it is."""
    base = unicodedata.normalize("NFD", char)[0]
    return base if base.isascii() else "" if _MARKS.match(char) else char
