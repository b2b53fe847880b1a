"""Company names folded to what tells one company from another, so that two ways of writing the same name become equal.

A name such as 江苏省蘇州市华强科技（集团）有限公司 has a place, a core (brand and trade) and a legal form. :func:`split_name` finds them,
:func:`name_key` compares place and core, :func:`name_core` the core alone, :func:`name_grams` and :func:`similarity` cores that are
merely alike. Everything is plain text in and out: no ORM, no locale, no database extension.

Traditional characters become simplified ones by the table of OpenCC (the library knows 4,000 of them and is kept). It is read once, one
character at a time: a key needs no more, and a text folded twice stays what it is.
"""

import re
import unicodedata
from functools import lru_cache

from pypinyin import lazy_pinyin

from .folding_places import CITIES, PROVINCES

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

# Longest first. 厂 is a form too: 富兴服装厂 becomes 富兴服装有限公司 one day and stays the same customer; 股份 is how people shorten
# 股份有限公司.
_FORMS_CJK = (
    "集团股份有限公司 集团有限责任公司 集团有限公司 控股集团有限公司 股份有限公司 有限责任公司 有限公司 股份公司 股份 集团公司 "
    "集团总公司 总公司 株式会社 有限会社 公司 集团 厂"
).split()
_FORMS_LATIN = (
    "company limited, co limited, co ltd, pte ltd, pty ltd, pvt ltd, private limited, gmbh co kg, limited, ltd, "
    "incorporated, inc, corporation, corp, company, co, llc, llp, lp, plc, gmbh, mbh, ag, kg, sa, sas, sarl, srl, spa, bv, "
    "nv, oy, ab, aps, pte, pty, sdn bhd, kk, group, holding, holdings"
).split(", ")
_FORM_CJK = re.compile(f"(?:{'|'.join(sorted(_FORMS_CJK, key=len, reverse=True))})$")
_FORM_LATIN = re.compile(
    f"(?:^|(?<=[^a-z0-9]))(?:{'|'.join(sorted((form.replace(' ', ' ?') for form in _FORMS_LATIN), key=len, reverse=True))}) ?$"
)
_FORM_MIDDLE = re.compile(r"\((?:集团|控股|group)\)")

# What people write beside a name in order to remember something.
_REMARK = re.compile(
    r"[(\[{<](?:重要|重点|新|旧|老客户|新客户|vip|已?更名|已?注销|停用|作废|废弃|重复|测试|test|old|new|原名?[^)\]}>]*|曾用名[^)\]}>]*)[)\]}>]"
)
_INITIALS = re.compile(r"(?<![a-z0-9])(?:[a-z]\.){2,}")
_BRACKETS = str.maketrans("（）［］【】〔〕〈〉《》「」『』｛｝", "()[][][]<><>[][]{}")
_ADMIN = "特别行政区|维吾尔自治区|壮族自治区|回族自治区|自治区|省|地区|盟|市"
_AREA = re.compile(
    "(?:经济技术开发区|高新技术开发区|高新技术产业开发区|经济开发区|工业园区|高新区|开发区|保税区|自贸区|新区|["
    + _CJK
    + "]{2,3}?(?:新区|区(?![块域])|县(?!域)|镇))"
)
_PLACE = {
    kind: re.compile(f"({'|'.join(sorted(names, key=len, reverse=True))})(?:{_ADMIN}|[{_CJK}]{{1,8}}?自治州)?")
    for kind, names in (("province", PROVINCES), ("city", CITIES))
}
_PLACE_BRACKET = re.compile(rf"\(((?:中国|{'|'.join(sorted({*PROVINCES, *CITIES}, key=len, reverse=True))})(?:{_ADMIN})?)\)")
_PLACES = frozenset(PROVINCES) | frozenset(CITIES)
_PLACE_LAST = re.compile(f"(?<=[{_CJK}]{{2}})({'|'.join(sorted(_PLACES, key=len, reverse=True))})市?$")

# Words that say what a company does. They tell companies apart less than the brand does.
TRADES = (
    "科技 技术 信息 网络 软件 电子 电气 电器 机电 机械 设备 制造 工业 实业 发展 贸易 商贸 进出口 国际 投资 管理 咨询 服务 "
    "工程 建设 建筑 建材 材料 新材料 装饰 装修 环保 能源 新能源 电力 化工 塑料 塑胶 橡胶 五金 金属 钢铁 模具 仪器 仪表 "
    "自动化 智能 光电 通信 通讯 物流 运输 货运 仓储 汽车 汽配 销售 生物 医药 医疗 药业 制药 器械 食品 饮料 餐饮 酒店 酒业 "
    "农业 林业 渔业 乳业 粮食 纺织 服装 服饰 印染 鞋业 皮革 家具 家居 家电 玩具 礼品 包装 印刷 纸业 文化 传媒 广告 教育 "
    "培训 旅游 体育 用品 日用品 房地产 置业 物业 园林 金融 资产 控股 融资 租赁 供应链 电子商务 商务 百货 超市 传动 水泥 "
    "玻璃 陶瓷 灯饰 照明"
).split()
_TRADE_CHARS = frozenset("".join(TRADES))
_RUN = re.compile("[!-~]+|[^!-~]+")
_TRADE_LAST = re.compile(f"(?:{'|'.join(sorted(TRADES, key=len, reverse=True))})$")


@lru_cache(maxsize=1)
def _simplified():
    """Return {code point of a traditional character: simplified character}; each value stays as it is when looked up again."""
    from opencc import OpenCC

    convert = OpenCC("t2s").convert
    table = {}
    for first, last in ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF)):
        for code in range(first, last + 1):
            simplified = convert(chr(code))
            if simplified != chr(code) and len(simplified) == 1:
                table[code] = simplified
    for code, char in table.items():
        while ord(char) in table and table[ord(char)] != char:
            char = table[ord(char)]
        table[code] = char
    return table


def _plain(text):
    """Fold width, case, accents and script; punctuation stays."""
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", text.translate(_BRACKETS)).casefold()
    text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return unicodedata.normalize("NFKC", text).translate(_simplified())


def fold_text(text):
    """Return a text without what does not matter: width, case, accents, script, blanks, punctuation.

    >>> fold_text("ＡＢＣ－１２３ （蘇州）")
    'abc123苏州'

    :rtype: str
    """
    return "".join(char for char in _plain(text or "") if char.isalnum())


@lru_cache(maxsize=20_000)
def fold_char(char):
    """Return :func:`fold_text` of one character."""
    return fold_text(char)


@lru_cache(maxsize=20_000)
def split_name(name):
    """Return the parts of a company name, folded.

    >>> split_name("江苏省蘇州市华强科技（集团）有限公司")
    ('苏州', '华强科技')
    >>> split_name("华强科技（苏州）有限公司")
    ('苏州', '华强科技')
    >>> split_name("Sun Electronics Co., Ltd.")
    ('', 'sunelectronics')

    The place is the city, or the province where no city is named; a district goes. A name that is nothing but place, trade or form keeps
    it as its core: 北京科技有限公司 is ('', '北京科技').

    :param str name: as people write it
    :return: (place, core), either may be empty
    """
    text = _INITIALS.sub(lambda found: found.group().replace(".", ""), _plain(name or ""))
    text = _REMARK.sub(" ", text)
    text = _FORM_MIDDLE.sub("", text)
    place = ""
    if found := _PLACE_BRACKET.search(text):
        inside = re.sub(f"(?:{_ADMIN})$", "", found.group(1))
        place = inside if inside in _PLACES else ""
        text = text[: found.start()] + text[found.end() :]
    words = re.sub(r"[\W_]+", " ", text).strip()
    words = re.sub(f"(?<=[{_CJK}]) | (?=[{_CJK}])", "", words)
    words = _strip_form(words)
    whole = words.replace(" ", "")
    core, leading = _strip_places(whole)
    place = leading or place
    if not leading and (found := _PLACE_LAST.search(core)):
        core, place = core[: found.start()], found.group(1)
    if not core or (_TRADE_LAST.search(core) and not _brand(core)):
        # nothing but form, place, trade or a remark: better that than nothing
        return ("", (place + whole if place and place not in whole else whole) or fold_text(name))
    return place, core


def _strip_form(words):
    """Return the words without legal forms at their end; what is left is never empty."""
    while True:
        found = _FORM_LATIN.search(words) or _FORM_CJK.search(words)
        rest = found and words[: found.start()].strip()
        if not rest or (len(rest) < 2 and found.group() in ("厂", "集团", "公司")):
            return words
        words = rest


def _strip_places(text):
    """Return the text without province, city and district at its start, and the most exact of province and city."""
    place = ""
    for kind in ("province", "city"):
        found = _PLACE[kind].match(text)
        if found and len(text) - found.end() >= 2:
            place = found.group(1)
            text = text[found.end() :]
    if place and (found := _AREA.match(text)) and len(text) - found.end() >= 2:
        text = text[found.end() :]
    return text, place


def _brand(core):
    """Return a core without the trade at its end; empty when it is nothing but trade."""
    while found := _TRADE_LAST.search(core):
        core = core[: found.start()]
    return core


def name_key(name):
    """Return the key by which two ways of writing one company's name are equal: place and core.

    >>> name_key("蘇州市 华强科技（集团）有限公司") == name_key("华强科技（苏州）股份有限公司") == '苏州华强科技'
    True

    :rtype: str
    """
    return "".join(split_name(name))


def name_core(name):
    """Return the key without the place: 苏州华强科技有限公司 and 华强科技有限公司 are both 华强科技.

    :rtype: str
    """
    return split_name(name)[1]


def name_sound(core):
    """Return the pinyin of a core: people who type by sound pick the wrong character of the right sound. Short cores give none.

    >>> name_sound("华墙科技") == name_sound("华强科技") == 'huaqiangkeji'
    True

    :rtype: str
    """
    if len(core or "") < 3 or not re.search(f"[{_CJK}]", core):
        return ""
    return "".join(lazy_pinyin(core))


# -- names that are alike ------------------------------------------------------------------------------------------------
#
# Two cores are compared by what they are made of: pairs of neighbouring characters, and single characters. A pair of the characters of
# trades (科技) weighs a fifth of another, so that two names are not alike because both do the same. The weights were tuned on the labelled
# pairs of tests/duplicate/company_name_pairs.csv.

# by the number of characters of trades in it
_PAIR = (1.0, 0.6, 0.2)
_CHAR = (0.4, 0.2)
ROUNDING = 1e-4
# The same brand in two places is most often two companies.
OTHER_PLACE = 0.75


def name_grams(core):
    """Return the pairs of characters by which alike cores are found, in the order of the name; three letters of Latin script.

    >>> name_grams("华强abcd科技")
    ['华强', '强a', 'abc', 'bcd', 'd科', '科技']

    :param str core: of :func:`split_name`
    :rtype: list[str]
    """
    grams = []
    last = ""
    for run in _RUN.findall(core or ""):
        if last:
            grams.append(last + run[0])
        size = 3 if run[0] < "\x7f" else 2
        grams += [run[i : i + size] for i in range(max(len(run) - size + 1, 1))]
        last = run[-1]
    return list(dict.fromkeys(grams))


def _units(core):
    """Return {what the core is made of: its weight}."""
    units = {gram: _PAIR[min(sum(char in _TRADE_CHARS for char in gram), 2)] for gram in name_grams(core)}
    for run in _RUN.findall(core):
        if run[0] < "\x7f":
            units.update({run[i : i + 2] + "~": _CHAR[0] for i in range(len(run) - 1)})
        else:
            units.update({char + "~": _CHAR[char in _TRADE_CHARS] for char in run})
    return units


def _heavy_grams(core, units):
    """Return the pairs of a core that are not of its trade; all where there are no others."""
    grams = name_grams(core)
    return [gram for gram in grams if units[gram] > _PAIR[2]] or grams


def similarity(first, second):
    """Return how alike two company names are, from 0 to 1.

    Twice the weight of what they share by the weight of both (Dice), times 0.75 when they name different places. Names that share no pair
    beyond those of the trade are not alike at all.

    >>> similarity(("苏州", "华强科技"), ("苏州", "华强科技"))
    1.0
    >>> similarity(("杭州", "博创网络科技"), ("杭州", "博创网路科技")) > 0.6 > similarity(("苏州", "华强科技"), ("苏州", "瑞祥科技"))
    True

    :param tuple first: place and core, see :func:`split_name`
    :param tuple second: place and core
    :rtype: float
    """
    (place, core), (other_place, other_core) = first, second
    if not core or not other_core:
        return 0.0
    if core == other_core:
        score = 1.0
    else:
        units, others = _units(core), _units(other_core)
        shared = {unit for unit in units if unit in others}
        if not shared & set(_heavy_grams(core, units)) & set(_heavy_grams(other_core, others)):
            return 0.0
        score = 2 * sum(units[unit] for unit in shared) / (sum(units.values()) + sum(others.values()))
    # sums of floats differ with the order of the set in their last digits; a name that is just alike enough is so in every process
    return round(score * (OTHER_PLACE if place and other_place and place != other_place else 1.0), 6)


def is_alike(score, threshold):
    """Tell whether a similarity is above a threshold; equal cores are alike at any.

    Of the labelled pairs that lie exactly on the usual 0.6 none is the same customer.
    """
    return score > threshold or score >= 1.0


def telling_grams(core, threshold):
    """Return the pairs of which a name must have at least one in order to be that alike; the others need not be looked up.

    The pairs of the trade, which half the base has, are never needed. Of the others: what two names of weights v and w share weighs at
    least threshold * v / (2 - threshold) when they are that alike, so pairs may be left out as long as all that is left out weighs less.
    E.g. of 华强科技 with 0.6 the pairs 华强 and 强科 are enough.

    :param str core: of the name that is looked for
    :param float threshold: least similarity, above 0 to 1
    :rtype: list[str]
    """
    units = _units(core)
    least = threshold * sum(units.values()) / (2 - threshold) - ROUNDING
    grams = sorted(_heavy_grams(core, units), key=lambda gram: units[gram])
    left_out = sum(units.values()) - sum(units[gram] for gram in grams)
    while len(grams) > 1 and left_out + units[grams[0]] < least:
        left_out += units[grams.pop(0)]
    return grams
