"""Phones, e-mail addresses, websites and tax numbers folded to keys: two ways of writing the same one become equal. Plain Python."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

_MOBILE_CN = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})$")
_EXTENSION = re.compile(r"(?:\s*(?:转|轉|分机|分機|ext\.?|x|#|－|—|-)\s*\d{1,5})$", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"[^\d+]")

# Addresses there say nothing about the company.
PUBLIC_MAIL = frozenset(
    "qq.com vip.qq.com foxmail.com 163.com vip.163.com 126.com yeah.net 188.com sina.com sina.cn vip.sina.com sohu.com aliyun.com "
    "139.com 189.cn wo.cn 21cn.com tom.com 263.net gmail.com googlemail.com outlook.com hotmail.com live.com live.cn msn.com yahoo.com "
    "yahoo.com.cn yahoo.cn icloud.com me.com mac.com aol.com gmx.com gmx.de web.de mail.com mail.ru yandex.ru "
    "proton.me protonmail.com".split()
)


def _narrow(text):
    return unicodedata.normalize("NFKC", text or "").strip()


@lru_cache(maxsize=20_000)
def phone_key(number, region="CN"):
    """Return a phone number in the international form E.164; what no plan of numbers knows keeps its digits.

    >>> phone_key("138 0013-8000") == phone_key("+86 13800138000") == phone_key("００８６１３８００１３８０００") == '+8613800138000'
    True
    >>> phone_key("（0512）6688 0001 转 801")
    '+8651266880001'
    >>> phone_key("95588")
    '95588'
    >>> phone_key("110")
    ''

    :param str number: as people write it
    :param str region: country code for numbers without one
    :return: the key, empty when there are fewer than five digits
    """
    text = _narrow(number)
    digits = _NOT_DIGIT.sub("", text)
    if len(digits) < 5:
        return ""
    if region == "CN" and (mobile := _MOBILE_CN.match(digits)):
        return f"+86{mobile.group(1)}"
    for written in (text, _EXTENSION.sub("", text)):
        try:
            parsed = phonenumbers.parse(written, region or "CN")
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(parsed) and phonenumbers.is_valid_number(parsed):
            parsed.extension = None
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return digits


def email_key(address):
    """Return an e-mail address without a name around it, in lower case.

    >>> email_key("Zhang San <Zhang.San@Example.COM>")
    'zhang.san@example.com'

    :rtype: str
    """
    found = re.search(r"[^\s<>,;:\"']+@[^\s<>,;:\"']+\.[^\s<>,;:\"']+", _narrow(address))
    return found.group().rstrip(".").lower() if found else ""


def email_domain(address):
    """Return the domain of an address; empty for the public mail services, which say nothing about a company.

    >>> email_domain("zhang@Sales.Example.com"), email_domain("zhang@qq.com")
    ('sales.example.com', '')

    :rtype: str
    """
    domain = email_key(address).rpartition("@")[2]
    return "" if domain in PUBLIC_MAIL else domain


def website_key(address):
    """Return the host of a website, without decoration.

    >>> website_key("HTTPS://www.Example.com:443/zh/index.html?x=1") == website_key("example.com") == 'example.com'
    True

    :rtype: str
    """
    text = re.sub(r"^[a-z][a-z0-9+.-]*:/*", "", _narrow(address).lower())
    host = re.split(r"[/?#\s]", text, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].rstrip(".")
    while host.startswith(("www.", "m.")) and host.count(".") > 1:
        host = host.partition(".")[2]
    return host if "." in host else ""


def vat_key(number):
    """Return a tax number or unified social credit code without blanks and punctuation, in upper case.

    >>> vat_key("91320594-ma1mxxxx0a ")
    '91320594MA1MXXXX0A'
    >>> vat_key("/")
    ''

    :rtype: str
    """
    return "".join(char for char in _narrow(number).upper() if char.isalnum())
