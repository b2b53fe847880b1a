"""Amounts of money in Chinese capitals (大写金额), in plain Python.

Rules: 《支付结算办法》 (People's Bank of China, 银发〔1997〕393号), annex 1 《正确填写票据和结算凭证的基本规定》, articles 2 to 4,
and 《会计基础工作规范》 (Ministry of Finance), article 52: 整 after 元 or 角, none after 分; 人民币 before the amount without a gap;
one 零 for zeros in between. The numerals come from cn2an. Three things are done on top of it: an exact decimal is given to it, not
a binary fraction; what is below and above 亿 is converted apart, because cn2an writes 200,005,000 as 贰亿伍仟元整, which reads as
250,000,000 and is forged with one character; and 整 is added after 角, which article 52 asks for.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from cn2an import an2cn

CENT = Decimal("0.01")
HUNDRED_MILLION = 10**8  # 亿
LIMIT = 10**16  # 万亿 is the largest unit that people read without counting


def capital_amount(amount, prefix="人民币"):
    """Return an amount of yuan in Chinese capitals.

    :param amount: Decimal, int, float or numeral; rounded half up to 分, a float by the digits it shows
    :param str prefix: written directly before the amount, 人民币 by the rule; "" for none
    :raises ValueError: when it is no finite number, or 10^16 yuan and more

    >>> capital_amount(107000.53)
    '人民币壹拾万柒仟元伍角叁分'
    >>> capital_amount("1409.50", prefix="")
    '壹仟肆佰零玖元伍角整'
    >>> capital_amount(-0.05)
    '人民币负伍分'
    >>> capital_amount(200005000)
    '人民币贰亿零伍仟元整'
    """
    try:
        exact = Decimal(str(amount)).quantize(CENT, ROUND_HALF_UP)
    except InvalidOperation as error:
        raise ValueError(f"{amount!r} is not an amount of money") from error
    if not exact.is_finite() or abs(exact) >= LIMIT:
        raise ValueError(f"{amount!r} is too large to be written in Chinese capitals")
    yuan, cents = divmod(int(abs(exact) / CENT), 100)
    words = _whole(yuan) + "元" if yuan or not cents else ""
    if not cents:
        words += "整"
    else:
        # cn2an knows when 零 stands between 元 and 分; a full 元 is given to it, and taken off again
        words += an2cn(f"1.{cents:02}", "rmb").removeprefix("壹元") if yuan else an2cn(f"0.{cents:02}", "rmb")
        words += "" if words.endswith("分") else "整"
    return f"{prefix}{'负' if exact < 0 else ''}{words}"


def _whole(yuan):
    """A whole number below 10^16 in capital numerals.

    >>> _whole(100000001)
    '壹亿零壹'
    """
    high, low = divmod(yuan, HUNDRED_MILLION)
    if not high:
        return an2cn(str(low), "up")
    if not low:
        return an2cn(str(high), "up") + "亿"
    return an2cn(str(high), "up") + "亿" + ("零" if low < HUNDRED_MILLION // 10 else "") + an2cn(str(low), "up")
