"""Chinese names by their sound, so that people find them with a Latin keyboard."""

import unicodedata
from functools import lru_cache

from .folding import _simplified

_CJK_FIRST, _CJK_LAST = "\u3400", "\u9fff"

# places that the library reads character by character
_PLACES = {
    "六合": ("lù", "hé"),
    "单县": ("shàn", "xiàn"),
    "单城": ("shàn", "chéng"),
}
# family names that sound otherwise than the word; asked of names of at most four characters
_FAMILY_NAMES = {
    "曾": "zeng",
    "单": "shan",
    "解": "xie",
    "仇": "qiu",
    "朴": "piao",
    "区": "ou",
    "查": "zha",
    "盖": "ge",
    "缪": "miao",
    "翟": "zhai",
    "折": "she",
    "员": "yun",
    "黑": "he",
    "秘": "bi",
    "种": "chong",
    "冼": "xian",
    "尉": "yu",
    "乐": "yue",
    "覃": "qin",
    "燕": "yan",
    "任": "ren",
    "华": "hua",
    "纪": "ji",
    "召": "shao",
    "宓": "mi",
    "郇": "xun",
    "逄": "pang",
}
# in names of companies and people as often read otherwise than the library does
_OTHER_READINGS = {"晟": "sheng", "茜": "xi"}


def pinyin_key(name):
    """Return the text by which a Chinese name is found: full pinyin, a blank, the initials, then other ways to type it, if there are any.

    Characters that are not Chinese stay in each part, in lower case; blanks go. Words decide how a character is read. Other ways are: u for
    ü, which the first part has as v; a family name or a character that is often read otherwise; the name in simplified characters of
    ordinary width when it is written in others.

    >>> pinyin_key("苏州科技园")
    'suzhoukejiyuan szkjy'
    >>> pinyin_key("重庆ABC公司")
    'chongqingabcgongsi cqabcgs'
    >>> pinyin_key("绿洲")
    'lvzhou lz luzhou'
    >>> pinyin_key("單曉明")
    'danxiaoming dxm shanxiaoming sxm 单晓明'
    >>> pinyin_key("Suzhou Park")
    ''

    :param str name: any text, or a false value
    :return: the key, empty when the name holds no Chinese character
    :rtype: str
    """
    if not name or not any(_CJK_FIRST <= char <= _CJK_LAST for char in name):
        return ""
    written = "".join(name.split()).lower()
    compact = plain_script(written).lower()
    syllables = _reader()(compact)
    words = [*_words(syllables)]
    if any("v" in syllable for char, syllable in syllables if not char.isascii()):
        words.append("".join(char if char.isascii() else syllable.replace("v", "u") for char, syllable in syllables))
    readings = dict(_OTHER_READINGS)
    if len(compact) <= 4 and compact[0] in _FAMILY_NAMES:
        words += _words([(compact[0], _FAMILY_NAMES[compact[0]]), *syllables[1:]])
    if any(char in readings for char in compact):
        words += _words([(char, readings.get(char, syllable)) for char, syllable in syllables])
    if compact != written:
        words.append(compact)
    return " ".join(dict.fromkeys(words))


def plain_script(text):
    """Return the text in simplified characters of ordinary width.

    >>> plain_script("ＡＢＣ東方")
    'ABC东方'

    :rtype: str
    """
    return text if text.isascii() else unicodedata.normalize("NFKC", text).translate(_simplified())


def _words(syllables):
    """Full pinyin and initials of [(character, how it is read)]."""
    return "".join(syllable for _char, syllable in syllables), "".join(syllable[0] for _char, syllable in syllables)


@lru_cache(maxsize=1)
def _reader():
    """Return the function from a text to [(character, how it is read)]; the dictionary of words is read when it is first needed."""
    from pypinyin import Style, lazy_pinyin, load_phrases_dict

    load_phrases_dict({place: [[syllable] for syllable in syllables] for place, syllables in _PLACES.items()})

    def read(text):
        # one item per character, also for those that have no reading
        syllables = lazy_pinyin(text, style=Style.NORMAL, errors=list)
        return list(zip(text, (syllable or char for syllable, char in zip(syllables, text, strict=True)), strict=True))

    return read
