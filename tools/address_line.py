"""A Chinese address as people paste it, taken apart: province, city, district, street, postal code, contact, phones, e-mail, company.

Places are found by the library cpca (the codes of GB/T 2260 with their short names), phones by phonenumbers. Plain Python.
"""

import re
import unicodedata
import warnings
from functools import cache

import phonenumbers

from .folding_reach import email_key

MAX_LENGTH = 500  # characters; more is no address

_MAIL = re.compile(r"[^\s<>,;:\"'\u4e00-\u9fff]+@[^\s<>,;:\"'\u4e00-\u9fff]+\.[A-Za-z]{2,}")
_LABEL = re.compile(
    r"(?:(?:收货|收件|联系|客户|公司|单位|详细|办公|通讯|所在|邮政)?(?:地址|地区|电话|手机号码|手机号|手机|邮箱|编码|名称)|邮编|传真|电子邮件"
    r"|tel|phone|mobile|e-?mail|address|zip)(?:\s*[:=]\s*|(?=\s)|$)",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?:收货人|收件人|联系人|姓名|经办人)\s*[:=]?\s*([\u4e00-\u9fff·]{2,8}|[A-Za-z][A-Za-z .]{1,30})")
_ZIP = re.compile(r"(?:邮政编码|邮编)?(?<![\d-])([0-8]\d{5})(?![\d-])(?=$|[\s,;])")
_RECEIVER = re.compile(r"[(\[]\s*收(?:件|货)?人?\s*[)\]]")  # 李娜(收)
_FAR_NAME = re.compile(r"[\u4e00-\u9fff]{1,8}(?:[·•・][\u4e00-\u9fff]{1,8})+")  # 阿依古丽·买买提
_EXTENSION = re.compile(r"\s*[,(]?\s*(?:转|轉|分机号?|分機|ext(?:ension)?\.?|#)\s*:?\s*\d{1,6}(?!\d)\)?", re.IGNORECASE)
_BREAK = re.compile(r"[\s,;、|]+")
_COMPANY = re.compile(r"^[^\d]{2,60}(?:公司|集团|工厂|事务所|合作社|研究院|研究所|大学|医院)$")
_PLACE = re.compile(r"[省市区县旗镇乡村路街道号栋楼层室弄座园巷里湾]")
_TITLE = re.compile(r"(?:先生|女士|小姐|经理|老师|主任|总监|收)$")
_SHORT_CITY = ("市辖区", "县")  # of a municipality, whose city is the province itself

# The hundred and more commonest family names, two characters first.
_FAMILIES = (
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 令狐 慕容 司徒 夏侯 端木 王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 "
    "高 林 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹 彭 曾 肖 萧 田 董 袁 潘 于 余 蒋 蔡 杜 叶 程 苏 魏 "
    "吕 丁 任 沈 姚 卢 姜 崔 钟 谭 陆 汪 范 金 石 廖 贾 夏 韦 付 傅 方 白 邹 孟 熊 秦 邱 江 尹 "
    "薛 闫 阎 段 雷 侯 龙 史 陶 黎 贺 顾 毛 郝 龚 邵 万 钱 严 覃 武 戴 莫 孔 向 汤 温 康 施 文 "
    "牛 樊 葛 邢 安 齐 易 乔 伍 庞 颜 倪 庄 聂 章 鲁 岳 翟 殷 詹 申 欧 耿 关 兰 焦 俞 左 柳 甘 "
    "祝 包 宁"
).split()


@cache
def places():
    """Return the library's module; its table of places takes some milliseconds, once a process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it reads its table by pkg_resources, which setuptools calls old
        import cpca  # with what it loads only where somebody pastes an address
    return cpca


def cities_of_china():
    """Return (province, city) of every city of the level of a prefecture, of the municipalities and of cities right under a province.

    Hong Kong, Macao and Taiwan have none: the codes leave their cities out.

    :return: list of pairs of full names, in the order of their codes: [("北京市", "北京市"), …, ("江苏省", "苏州市"), …]
    """
    known = places().ad_2_addr_dict
    found = []
    for code in sorted(known):
        place = known[code]
        province = known[code[:2] + "0" * (len(code) - 2)].name
        right_under = code[2:4] == "90" and place.rank == 2  # 仙桃市, 石河子市
        if place.rank == 0 and place.name[:2] in {"北京", "天津", "上海", "重庆"}:
            found.append((province, province))
        elif right_under or (place.rank == 1 and place.name not in _SHORT_CITY and "直辖" not in place.name):
            found.append((province, place.name))
    return found


def _phones(text, region):
    """Return the text without phone numbers, the mobile ones and the others as they were written, with their extensions.

    >>> _phones("人民路1号 021-62881234转801", "CN")
    ('人民路1号  ', [], ['021-62881234转801'])
    """
    mobiles, others = [], []
    spans = []
    for match in phonenumbers.PhoneNumberMatcher(text, region):
        kind = phonenumbers.number_type(match.number)
        further = _EXTENSION.match(text, match.end)
        end = further.end() if further else match.end
        written = text[match.start : end].strip()
        written = written if written.count("(") == written.count(")") else written.strip("()")
        (mobiles if kind == phonenumbers.PhoneNumberType.MOBILE else others).append(written)
        spans.append((match.start, end))
    for start, end in reversed(spans):
        text = text[:start] + " " + text[end:]
    return text, mobiles, others


def _is_person(word):
    """Say whether a word standing by itself reads as a name of a person: 王小明, 欧阳娜娜, 李总, 陈经理."""
    bare = _TITLE.sub("", word)
    if bare != word and bare in _FAMILIES:
        return True
    word = bare or word
    if _FAR_NAME.fullmatch(word) and not _PLACE.search(word):
        return True
    if not re.fullmatch(r"[\u4e00-\u9fff]{2,4}", word) or _PLACE.search(word[1:]):
        return False
    return any(word.startswith(family) and len(family) < len(word) <= len(family) + 2 for family in _FAMILIES)


def parse(line, region="CN"):
    """Return what a pasted line says; a key that it says nothing about is missing.

    >>> said = parse("上海浦东新区祖冲之路887弄 王小明 13812345678")
    >>> said["province"], said["city"], said["district"], said["street"], said["contact"], said["mobile"]
    ('上海市', '上海市', '浦东新区', '祖冲之路887弄', '王小明', '13812345678')

    :param str line: address, with or without company, contact, phones and postal code, in any order, one line or several
    :param str region: country code for phones without one
    :return: dict of texts, of the keys province, city, district (full names), street (the rest), zip, contact, mobile, phone, email,
        company
    :raises ValueError: for more than :data:`MAX_LENGTH` characters
    """
    text = unicodedata.normalize("NFKC", line or "").strip()
    if len(text) > MAX_LENGTH:
        raise ValueError(len(text))
    found = {}
    if mail := _MAIL.search(text):
        found["email"] = email_key(mail.group())
        text = text[: mail.start()] + " " + text[mail.end() :]
    if named := _NAMED.search(text):
        found["contact"] = _TITLE.sub("", named.group(1).strip()) or named.group(1).strip()
        text = text[: named.start()] + " " + text[named.end() :]
    text, mobiles, others = _phones(text, region)
    text = _LABEL.sub(" ", _RECEIVER.sub(" ", text))
    if code := _ZIP.search(text):
        found["zip"] = code.group(1)
        text = text[: code.start()] + " " + text[code.end() :]
    words = [word.strip("()[]<>:.-") for word in _BREAK.split(text)]
    words = [word for word in words if word and word not in {"收", "先生", "女士", "小姐"}]
    if len(words) > 1:
        if "contact" not in found:
            people = [word for word in (words[0], *words[:0:-1]) if _is_person(word)]
            if people:
                words.remove(people[0])
                found["contact"] = re.sub("收$", "", people[0]) if len(people[0]) > 2 else people[0]
        if company := next((word for word in words if _COMPANY.match(word)), ""):
            words.remove(company)
            found["company"] = company
    if mobiles:
        found["mobile"] = mobiles[0]
    if others:
        found["phone"] = others[0]
    found.update(_place(" ".join(words)))
    return found


def _is_guessed(text, province, city, district):
    """Say whether several cities have a district of that name and the text does not say which one: 朝阳区 is in Beijing and Changchun."""
    before = text.partition(district[:2])[0]
    if any(name and (name[:2] in before or name in text) for name in (province, city)):
        return False
    return sum(place.rank == 2 and place.name == district for place in places().ad_2_addr_dict.values()) > 1


def _place(text):
    """Return province, city, district and street of an address; only the street where no place is known."""
    if not text or not re.search(r"[\u4e00-\u9fff]", text):
        return {"street": text} if text else {}
    row = places().transform([text]).iloc[0]
    province, city, district = (row[name] if isinstance(row[name], str) else "" for name in ("省", "市", "区"))
    if not province:
        return {"street": text}
    if city in _SHORT_CITY or (not city and province[-1] == "市"):
        city = province
    elif "直辖" in city:
        city, district = district, ""
    if district and _is_guessed(text, province, city, district):
        return {"street": text}
    found = {"province": province, "city": city, "district": district, "street": (row["地址"] or "").strip(" ,-")}
    return {name: value for name, value in found.items() if value}
