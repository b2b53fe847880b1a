import random
from decimal import Decimal

from odoo.tests import TransactionCase, tagged

from ...tools.capital_amount import capital_amount

DIGITS = {character: value for value, character in enumerate("零壹贰叁肆伍陆柒捌玖")}
UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read_capitals(words):
    """What a person reads: the amount, found without the library that wrote it."""
    words = words.removeprefix("人民币")
    sign = -1 if words.startswith("负") else 1
    yuan, separator, rest = words.removeprefix("负").rpartition("元")
    if not separator:
        yuan, rest = "零", words.removeprefix("负")
    cents, digit = 0, 0
    for character in rest.removesuffix("整"):
        if character in DIGITS:
            digit = DIGITS[character]
        else:
            cents += digit * {"角": 10, "分": 1}[character]
    total = section = digit = 0
    for character in yuan:
        if character in DIGITS:
            digit = DIGITS[character]
        elif character in UNITS:
            section += digit * UNITS[character]
            digit = 0
        elif character == "万":
            total += (section + digit) * 10**4
            section = digit = 0
        elif character == "亿":
            total = (total + section + digit) * 10**8
            section = digit = 0
        else:
            raise AssertionError(f"{character} in {words}")
    return sign * (total + section + digit + Decimal(cents) / 100)


@tagged("post_install", "-at_install")
class TestSalesPrintsCapitals(TransactionCase):
    def test_examples(self):
        """The examples of the rule itself, and what libraries get wrong."""
        cases = {
            # 支付结算办法 annex 1, article 4; where it allows two ways, the one printed here
            "1409.50": "壹仟肆佰零玖元伍角整",
            "6007.14": "陆仟零柒元壹角肆分",
            "1680.32": "壹仟陆佰捌拾元叁角贰分",
            "107000.53": "壹拾万柒仟元伍角叁分",
            "16409.02": "壹万陆仟肆佰零玖元零贰分",
            "325.04": "叁佰贰拾伍元零肆分",
            # nothing, tens, zeros in between, cents alone
            0: "零元整",
            -0.001: "零元整",
            10: "壹拾元整",
            10000: "壹万元整",
            100101: "壹拾万零壹佰零壹元整",
            1e8 + 1: "壹亿零壹元整",
            200005000: "贰亿零伍仟元整",
            "210000000": "贰亿壹仟万元整",
            1050000000: "壹拾亿伍仟万元整",
            0.05: "伍分",
            "0.1": "壹角整",
            1.10: "壹元壹角整",
            10.05: "壹拾元零伍分",
            123456789012.34: "壹仟贰佰叁拾肆亿伍仟陆佰柒拾捌万玖仟零壹拾贰元叁角肆分",
            Decimal("1000000010000"): "壹万亿零壹万元整",
            -1.1: "负壹元壹角整",
            # half a cent goes up, as it is written and not as the machine holds it
            1.005: "壹元零壹分",
            "0.999": "壹元整",
        }
        for amount, words in cases.items():
            with self.subTest(amount=amount):
                self.assertEqual(capital_amount(amount), f"人民币{words}")
                self.assertEqual(capital_amount(amount, prefix=""), words)

    def test_round_trip(self):
        """Read back, each is the amount that was written, with one way of writing and no zero too many."""
        numbers = random.Random(20260101)
        seen = {}
        for number in range(6000):
            cents = numbers.randrange(10 ** numbers.randint(1, 17))
            if number % 2:  # many zeros in between
                cents = int("".join(digit if numbers.random() < 0.3 else "0" for digit in str(cents)))
            amount = Decimal(cents) / 100 * numbers.choice((1, 1, 1, -1))
            words = capital_amount(amount)
            self.assertEqual(read_capitals(words), amount, words)
            self.assertEqual(seen.setdefault(words, amount), amount, words)
            for mistake in ("零零", "零元", "零万", "零亿", "零角", "零整", "分整", "亿万"):
                self.assertNotIn(mistake, words.replace("零元整", ""))
            self.assertEqual(words.endswith("整"), not cents % 10)
            # a unit left out before 仟 of the next group would read as ten thousand times as much
            self.assertNotRegex(words, r"亿[壹贰叁肆伍陆柒捌玖]仟[^万]*元" if "万" not in words.split("亿")[-1] else r"^$")

    def test_refused(self):
        for amount in ("one", float("nan"), float("inf"), 10**16, -(10**16), None, ""):
            with self.subTest(amount=amount), self.assertRaises(ValueError):
                capital_amount(amount)

    def test_currency(self):
        """Capitals belong to the yuan; a print in another currency has figures alone."""
        self.assertEqual(self.env.ref("base.CNY")._kehu_in_capitals(10), "人民币壹拾元整")
        self.assertEqual(self.env.ref("base.CNY")._kehu_in_capitals(1e17), "")
        self.assertEqual(self.env.ref("base.USD")._kehu_in_capitals(10), "")
