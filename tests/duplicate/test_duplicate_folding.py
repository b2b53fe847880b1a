"""Folding is plain Python: examples from the docstrings, labelled pairs of names, and properties over seeded random names."""

import csv
import doctest
import json
import os
import random
import subprocess
import sys
from pathlib import Path

from odoo.tests import BaseCase, tagged
from opencc import OpenCC

from ...models.duplicate import matching
from ...tools import folding, folding_reach
from ...tools.folding_places import CITIES, PROVINCES

BRANDS = "华强兴盛隆泰丰瑞祥和顺达通宏伟鑫源恒信嘉诚利德润博创新科远中天海龙金银玉宝山川江云雷日月星辰光明辉腾飞进高升平国福禄寿喜庆"

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

    def _companies(self, count=1000):
        """Random names as companies have them: place, brand, trade and form, always the same."""
        seeded = random.Random(20261122)
        for _i in range(count):
            place = seeded.choice(("", seeded.choice(CITIES), seeded.choice(CITIES) + "市", seeded.choice(PROVINCES)))
            brand = "".join(seeded.choices(BRANDS, k=seeded.randint(2, 4)))
            yield place + brand + seeded.choice(folding.TRADES) + seeded.choice(("有限公司", "股份有限公司", "（集团）有限公司", "", "厂"))

    def _pairs(self, name):
        with (Path(__file__).parent / name).open(encoding="utf-8", newline="") as file:
            return [(row["first"], row["second"], row["same"] == "1") for row in csv.DictReader(file)]

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

    def test_a_key_is_its_own_key(self):
        """What is stored as a key can be typed, and finds what it was made of."""
        for name in self._companies():
            key = folding.name_key(name)
            self.assertEqual(folding.name_key(key), key, name)

    def test_traditional_script_does_not_matter(self):
        """Written by OpenCC in traditional characters, one by one, each name keeps its key. Words that Taiwan writes otherwise do not."""
        traditional = OpenCC("s2t").convert
        for name in self._companies():
            written = "".join(traditional(char) for char in name)
            self.assertEqual(folding.name_key(written), folding.name_key(name), written)

    def test_punctuation_does_not_matter(self):
        seeded = random.Random(7)
        for name in self._companies(500):
            key = folding.name_key(name)
            for mark in " ·.,-、，。*_　":
                place = seeded.randint(0, len(name))
                self.assertEqual(folding.fold_text(name[:place] + mark + name[place:]), folding.fold_text(name), mark)
                self.assertEqual(folding.name_key(name + mark), key, name + mark)
                self.assertEqual(folding.name_key(mark + name), key, mark + name)

    def test_one_brand_in_two_places(self):
        """Their keys differ, their cores are equal, and they are alike but not the same."""
        seeded = random.Random(11)
        for _i in range(500):
            first, second = seeded.sample(CITIES, 2)
            rest = "".join(seeded.choices(BRANDS, k=3)) + seeded.choice(folding.TRADES) + "有限公司"
            one, two = folding.split_name(first + rest), folding.split_name(f"{rest[:-4]}（{second}）有限公司")
            self.assertEqual((one[0], two[0]), (first, second))
            self.assertEqual(one[1], two[1])
            self.assertNotEqual("".join(one), "".join(two))
            self.assertEqual(folding.similarity(one, two), folding.OTHER_PLACE)

    def test_listed_companies(self):
        """Full names and the short names that stock exchanges gave them, and neighbours in the list: nobody here chose those names.

        Equal keys report no two companies as one. Similar names find most, and what they report in vain are true neighbours such as
        上海电气 and 上海电力.
        """
        pairs = self._pairs("listed_company_pairs.csv")
        same = sum(pair[2] for pair in pairs)
        parts = [(folding.split_name(first), folding.split_name(second), truth) for first, second, truth in pairs]
        equal = [truth for one, two, truth in parts if one[1] == two[1] and (not one[0] or not two[0] or one[0] == two[0])]
        self.assertTrue(all(equal))
        self.assertGreaterEqual(len(equal) / same, 0.5)
        alike = [truth for one, two, truth in parts if folding.is_alike(folding.similarity(one, two), 0.6)]
        self.assertGreaterEqual(sum(alike) / same, 0.85)
        self.assertGreaterEqual(sum(alike) / len(alike), 0.85)

    def test_nothing_is_left_empty(self):
        """A name of nothing but form, place or trade keeps a key; nothing in gives nothing out."""
        for name in ("有限公司", "集团", "厂", "苏州", "科技", "Ltd", "上海贸易有限公司", "（已更名）", "（集团）", "股份"):
            self.assertTrue(folding.name_key(name), name)
        for name in self._names():
            self.assertEqual(bool(folding.name_key(name)), bool(folding.fold_text(name)), name)
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
        pairs = self._pairs("company_name_pairs.csv")
        same = sum(pair[2] for pair in pairs)
        equal = [pair for pair in pairs if folding.name_key(pair[0]) == folding.name_key(pair[1])]
        self.assertEqual([pair for pair in equal if not pair[2]], [])
        self.assertGreaterEqual(len(equal) / same, 0.60)
        scored = [(pair, folding.similarity(folding.split_name(pair[0]), folding.split_name(pair[1]))) for pair in pairs]
        alike = [pair for pair, score in scored if folding.is_alike(score, 0.6)]
        self.assertFalse([pair for pair, score in scored if score == 0.6 and pair[2]], "nothing is lost on the threshold itself")
        found = sum(pair[2] for pair in alike)
        self.assertGreaterEqual(found / same, 0.94)
        self.assertGreaterEqual(found / len(alike), 0.88)

    def test_a_score_is_the_same_in_every_process(self):
        """The order of a set of texts changes with each process, and with it the last digits of a sum."""
        pairs = [[folding.split_name(first), folding.split_name(second)] for first, second, _same in self._pairs("company_name_pairs.csv")]
        code = (
            "import importlib.util as u, json, sys; p = sys.argv[1]; "
            "s = u.spec_from_file_location('t', p + '/__init__.py', submodule_search_locations=[p]); m = u.module_from_spec(s); "
            "sys.modules['t'] = m; from t import folding; "
            "print(json.dumps([folding.similarity(*pair) for pair in json.load(sys.stdin)]))"
        )
        scores = {
            subprocess.run(
                [sys.executable, "-c", code, str(Path(folding.__file__).parent)],
                input=json.dumps(pairs),
                env={**os.environ, "PYTHONHASHSEED": str(seed)},
                capture_output=True,
                check=True,
                text=True,
            ).stdout
            for seed in range(1, 6)
        }
        self.assertEqual(len(scores), 1)

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
