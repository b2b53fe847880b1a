"""Chinese names by their sound, so that people find them with a Latin keyboard."""

from pypinyin import Style, lazy_pinyin

_CJK_FIRST, _CJK_LAST = "\u3400", "\u9fff"


def pinyin_key(name):
    """Return the text by which a Chinese name is found: full pinyin, a blank, the initials.

    Characters that are not Chinese stay in both parts, in lower case; blanks go.

    >>> pinyin_key("苏州科技园")
    'suzhoukejiyuan szkjy'
    >>> pinyin_key("重庆ABC公司")
    'chongqingabcgongsi cqabcgs'
    >>> pinyin_key("Suzhou Park")
    ''

    :param str name: any text, or a false value
    :return: the key, empty when the name holds no Chinese character
    :rtype: str
    """
    if not name or not any(_CJK_FIRST <= char <= _CJK_LAST for char in name):
        return ""
    compact = "".join(name.split()).lower()
    full = "".join(lazy_pinyin(compact, style=Style.NORMAL))
    initials = "".join(lazy_pinyin(compact, style=Style.FIRST_LETTER))
    return f"{full} {initials}"
