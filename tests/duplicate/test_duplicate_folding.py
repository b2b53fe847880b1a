"""Folding is plain Python: examples from the docstrings, labelled pairs of names, and properties over seeded random names."""

import csv
import doctest
import random
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ...models.duplicate import matching
from ...tools import folding, folding_reach

PARTS = (
    "苏州 蘇州市 江苏省 （苏州） 华强 華強 瑞祥 隆泰 科技 技术 贸易 有限公司 股份有限公司 （集团） 集团 厂 Co., Ltd. ＬＴＤ Inc. A "
    "B12 ｂ · - 大 区 县 （已更名） 北京 自治区 GmbH 公司 É ß İ ﬁ Ⅻ ㈱ 乾坤 後勤 臺灣 １２３ Sun Electronics ，"
).split(" ")


@tagged("post_install", "-at_install")
class TestDuplicateFolding(BaseCase):
    def _names(self, count=2000):
        """Random names of parts and characters, always the same."""
        seeded = random.Random(20261121)
        for _i in range(count):
            parts = [seeded.choice(PARTS) for _j in range(seeded.randint(1, 5))]
            if seeded.random() < 0.3:
                parts.append("".join(chr(seeded.randint(0x4E00, 0x9FA5)) for _j in range(seeded.randint(1, 4))))
            yield "".join(parts)

    def test_examples(self):
        for module in (folding, folding_reach, matching):
            self.assertEqual(doctest.testmod(module).failed, 0, module.__name__)

    def test_folded_twice_is_folded_once(self):
        for name in self._names():
            folded = folding.fold_text(name)
            self.assertEqual(folding.fold_text(folded), folded, name)

    def test_width_case_and_blanks_do_not_matter(self):
        for name in self._names():
            key = folding.name_key(name)
            wide = "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in name)
            self.assertEqual(folding.name_key(wide), key, name)
            self.assertEqual(folding.name_key(name.swapcase()), key, name)
            self.assertEqual(folding.name_key(f"  {name}　"), key, name)

    def test_legal_form_does_not_matter(self):
        for name in self._names():
            if "华强" in name or "瑞祥" in name:
                key = folding.name_key(name)
                for form in ("有限公司", "股份有限公司", "有限责任公司", "（集团）有限公司", " Co., Ltd.", " LIMITED"):
                    self.assertEqual(folding.name_key(name + form), key, name + form)

    def test_script_does_not_matter(self):
        for simplified, traditional in (
            ("苏州华强科技有限公司", "蘇州華強科技有限公司"),
            ("台湾积体电路制造股份有限公司", "臺灣積體電路製造股份有限公司"),
            ("北京乾坤后勤服务有限公司", "北京乾坤後勤服務有限公司"),
        ):
            self.assertEqual(folding.name_key(simplified), folding.name_key(traditional))

    def test_nothing_is_left_empty(self):
        """A name of nothing but form, place or trade keeps a key; nothing in gives nothing out."""
        for name in ("有限公司", "集团", "厂", "苏州", "科技", "Ltd", "上海贸易有限公司"):
            self.assertTrue(folding.name_key(name), name)
        for name in ("", None, False, "，。！", "  "):
            self.assertEqual(folding.split_name(name), ("", ""))
            self.assertEqual(folding.name_grams(folding.name_core(name)), [])

    def test_similarity_is_symmetric_and_telling_grams_miss_nothing(self):
        """Whatever is alike enough shares one of the telling pairs of either side, so the index finds it."""
        names = [folding.split_name(name) for name in self._names(400)]
        alike = 0
        for first, second in zip(names, names[1:] + names[:1], strict=True):
            for other in (second, (first[0], first[1] + "城"), (first[0], first[1][:-1])):
                score = folding.similarity(first, other)
                self.assertAlmostEqual(score, folding.similarity(other, first))
                self.assertTrue(0 <= score <= 1.000001)
                if score >= 0.6:
                    alike += 1
                    self.assertTrue(set(folding.telling_grams(first[1], 0.6)) & set(folding.name_grams(other[1])), (first, other))
        self.assertGreater(alike, 300)

    def test_labelled_pairs(self):
        """What is promised on 121 pairs labelled by hand: nothing wrong by equal keys, and most found by similar names."""
        path = Path(__file__).parent / "company_name_pairs.csv"
        with path.open(encoding="utf-8", newline="") as file:
            pairs = [(row["first"], row["second"], row["same"] == "1") for row in csv.DictReader(file)]
        same = sum(pair[2] for pair in pairs)
        equal = [pair for pair in pairs if folding.name_key(pair[0]) == folding.name_key(pair[1])]
        self.assertEqual([pair for pair in equal if not pair[2]], [])
        self.assertGreaterEqual(len(equal) / same, 0.60)
        alike = [pair for pair in pairs if folding.similarity(folding.split_name(pair[0]), folding.split_name(pair[1])) >= 0.6]
        found = sum(pair[2] for pair in alike)
        self.assertGreaterEqual(found / same, 0.90)
        self.assertGreaterEqual(found / len(alike), 0.85)

    def test_phones(self):
        for number in ("13800138000", "138-0013-8000", "+86 138 0013 8000", "0086 13800138000", "（86）13800138000"):
            self.assertEqual(folding_reach.phone_key(number), "+8613800138000", number)
        for number in ("0512-66880001", "(0512) 6688 0001", "+86 512 66880001", "0512-66880001-801", "0512-66880001转801"):
            self.assertEqual(folding_reach.phone_key(number), "+8651266880001", number)
        self.assertEqual(folding_reach.phone_key("020 7946 0958", "GB"), "+442079460958")
        self.assertEqual(folding_reach.phone_key("unknown"), "")

    def test_other_keys(self):
        self.assertEqual(folding_reach.website_key("http://WWW.Example.COM.cn/a?b"), "example.com.cn")
        self.assertEqual(folding_reach.website_key("no address"), "")
        self.assertEqual(folding_reach.email_domain("a@QQ.com"), "")
        self.assertEqual(folding_reach.vat_key("91320594 ma1mxxxx0a"), "91320594MA1MXXXX0A")
        self.assertEqual(matching.other_key("kehu_legal_representative", " 張 三 "), "kehu_legal_representative:张三")
