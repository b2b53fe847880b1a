"""Customers and contacts are found by whatever part of them somebody remembers, however it is typed, and by an index."""

import doctest
import json
import random
import re

from lxml import etree
from odoo.fields import Command, Domain
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ...models.customer import partner_search_sql as search_sql
from ...models.customer.res_partner_search import FAR
from ...tools.pinyin import pinyin_key
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerSearch(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partners = cls.env["res.partner"]

    def _found(self, term, user=None, within=None):
        """Names of those of some partners whom a list and a many2one find."""
        partners = self.partners.with_user(user) if user else self.partners
        domain = [("id", "in", within.ids)] if within else []
        listed = partners.search([("display_name", "ilike", term), *domain])
        picked = partners.browse(id_ for id_, _name in partners.name_search(term, domain=domain, limit=None))
        self.assertEqual(listed, picked, f"the list and the many2one disagree on {term!r}")
        self.assertEqual(partners.search_count([("display_name", "ilike", term), *domain]), len(listed))
        return set(listed.sudo().mapped("name"))

    def test_any_part_of_anything(self):
        park = self._create_customer(
            name="苏州科技园", ref="KH-77001", phone="0512 6288 7777", email="park@suzhou.example.com", vat="91320594MA1TEST00X"
        )
        zhang = self._create_contact(park, name="欧阳建国", kehu_mobile="+86 138-0013-8000", email="ouyang@example.com")
        other = self._create_customer(name="北京科学园", phone="010 1234 5678")
        within = park | zhang | other
        # the contact bears the name of its company as well
        for term in ("苏州", "科技", "州科技", "技园", "苏州科技园", "州"):
            with self.subTest(term=term):
                self.assertEqual(self._found(term, within=within), {"苏州科技园", "欧阳建国"})
        for term in ("szkjy", "SZKJY", "suzhoukeji", "kejiyuan", "su zhou ke ji", "H-770", "park@", "ark@suz", "kjy"):
            with self.subTest(term=term):
                self.assertEqual(self._found(term, within=within), {"苏州科技园"})
        self.assertEqual(self._found("suzhou", within=within), {"苏州科技园"})
        for term in ("建国", "oyjg", "ouyangjian", "ouyang@", "欧阳"):
            with self.subTest(term=term):
                self.assertEqual(self._found(term, within=within), {"欧阳建国"})
        for term in ("科", "园"):
            self.assertEqual(self._found(term, within=within), {"苏州科技园", "欧阳建国", "北京科学园"})
        self.assertEqual(self._found("k", within=within), {"苏州科技园", "北京科学园"})
        self.assertEqual(self._found("MA1TEST", within=within), {"苏州科技园", "欧阳建国"}, "contacts carry the tax number")
        for term in ("科技学", "技科", "szkjyx", "苏州科学", "9999", "龘"):
            with self.subTest(term=term):
                self.assertEqual(self._found(term, within=within), set())

    def test_several_words(self):
        """Each of them is contained, in whatever order and column; a phone in groups and pinyin by syllables are one word."""
        self.assertEqual(doctest.testmod(search_sql).failed, 0)
        works = self._create_customer(name="苏州市华强精密科技", phone="0512 6288 7777", email="info@hq.example.com")
        li = self._create_contact(works, name="李建华", kehu_mobile="13800138000")
        acme = self._create_customer(name="Acme International Trading", ref="KH-88")
        other = self._create_customer(name="苏州建华电子", phone="0512 7777 6288")
        within = works | li | acme | other
        cases = {
            "苏州 华强": {"苏州市华强精密科技", "李建华"},
            "华强　苏州": {"苏州市华强精密科技", "李建华"},
            "苏州 华强 建华": {"李建华"},
            "华强 13800138000": {"李建华"},
            "suzhou huaqiang": {"苏州市华强精密科技"},
            "苏州 info@hq": {"苏州市华强精密科技"},
            "acme trading": {"Acme International Trading"},
            "Trading KH-88": {"Acme International Trading"},
            "苏州 acme": set(),
            "0512 6288 7777": {"苏州市华强精密科技"},
            "% 苏州": set(),
            "苏 州 市 华 强 精": {"苏州市华强精密科技", "李建华"},
        }
        for term, expected in cases.items():
            with self.subTest(term=term):
                self.assertEqual(self._found(term, within=within), expected)

    def test_no_text_has_the_character_nul(self):
        for model in ("res.partner", "kehu.pool", "kehu.customer.level", "sale.order", "kehu.folder"):
            with self.subTest(model=model):
                self.assertEqual(self.env[model].name_search("a\0b"), [])
                self.assertEqual(self.env[model].name_search("a\0b", operator="="), [])

    def test_phones_however_written(self):
        landline = self._create_customer(name="座机", phone="0512-6288 7777")
        abroad = self._create_customer(name="国际", phone="+86 512 6288 7777")
        mobile = self._create_contact(landline, name="手机", kehu_mobile="13800138000")
        spaced = self._create_contact(landline, name="分开", kehu_mobile="+86 138 0013 8000")
        extension = self._create_customer(name="分机", phone="0512-62887777转8001")
        within = landline | abroad | mobile | spaced | extension
        for term in ("051262887777", "0512 6288 7777", "(0512) 6288-7777", "+86 512 6288 7777", "+86 0512-62887777", "0086 512 62887777"):
            with self.subTest(term=term):
                self.assertEqual(self._found(term, within=within), {"座机", "国际", "分机"})
        for term in ("62887777", "6288 7777", "288-777", "2887"):
            with self.subTest(term=term):
                self.assertEqual(self._found(term, within=within), {"座机", "国际", "分机"})
        for term in ("13800138000", "138 0013 8000", "+8613800138000", "8613800138000", "138-0013", "0013 80", "１３８００１３"):
            with self.subTest(term=term):
                self.assertEqual(self._found(term, within=within), {"手机", "分开"})
        self.assertEqual(self._found("转8001", within=within), {"分机"})
        self.assertEqual(self._found("0512", within=within), {"座机", "分机"})
        self.assertEqual(self._found("13800138001", within=within), set())

    def test_further_ways_to_reach_a_contact(self):
        customer = self._create_customer(name="联系方式公司")
        numbers = [Command.create({"number": "139 1111 2222"}), Command.create({"number": "0571-3333 4444"})]
        contact = self._create_contact(customer, name="多机", kehu_phone_ids=numbers, kehu_wechat="duoji_2020", kehu_qq="998877665")
        within = customer | contact
        for term in ("13911112222", "1111-2222", "+86 571 3333 4444", "3333 4444", "oji_20", "9887766"):
            with self.subTest(term=term):
                self.assertEqual(self._found(term, within=within), {"多机"})
        self.assertEqual(self._found("22220571", within=within), set(), "the end of one number and the beginning of the next")
        portal = new_test_user(self.env, "search_portal", groups="base.group_portal")
        portal.partner_id.parent_id = customer
        self.assertEqual(self.partners.with_user(portal).search([("display_name", "ilike", "9887766")]), self.partners)

    def test_signs_mean_themselves(self):
        percent = self._create_customer(name="百分百100%科技")
        under = self._create_customer(name="下划线A_B科技")
        back = self._create_customer(name="反斜杠C\\D科技")
        plain = self._create_customer(name="普通1000AXB CD科技")
        within = percent | under | back | plain
        cases = {
            "100%": percent,
            "0%科": percent,
            "%": percent,
            "A_B": under,
            "_": under,
            "线A_": under,
            "C\\D": back,
            "\\": back,
            "杠C\\D科": back,
            "100": percent | plain,
            "%科%": self.partners,
        }
        for term, expected in cases.items():
            with self.subTest(term=term):
                self.assertEqual(self._found(term, within=within), set(expected.mapped("name")))

    def test_sounds(self):
        cases = {
            "重庆银行": ("chongqingyinhang", "cqyh"),
            "长沙重工": ("changshazhonggong", "cszg"),
            "长春会计": ("changchunkuaiji", "cckj"),
            "厦门大厦": ("xiamendasha", "xmds"),
            "六合建材": ("luhejiancai", "lhjc"),
            "绿洲旅行": ("lvzhoulvxing", "luzhouluxing", "lüzhoulüxing", "lzlx"),
            "上海晟大": ("shanghaishengda", "shanghaichengda", "shsd"),
            "苏州ABC电子2号": ("suzhouabcdianzi2hao", "szabcdz2h", "abc电子", "BCdianzi"),
            "蘇州東方": ("suzhoudongfang", "szdf", "苏州东方", "蘇州東方", "東方"),
            "ＡＢＣ貿易": ("abcmaoyi", "ABC贸易", "ＡＢＣ"),
        }
        customers = {name: self._create_customer(name=name) for name in cases}
        within = self.partners.union(*customers.values())
        for name, terms in cases.items():
            for term in terms:
                with self.subTest(name=name, term=term):
                    self.assertIn(name, self._found(term, within=within))
        self.assertIn("长春会计", self._found("長春會計", within=within))
        person = self._create_contact(customers["重庆银行"], name="单晓明")
        for term in ("shanxiaoming", "sxm", "danxiaoming"):
            self.assertEqual(self._found(term, within=person), {"单晓明"})
        places = {"六安": "luan", "亳州": "bozhou", "蚌埠": "bengbu", "番禺": "panyu", "乐清": "yueqing", "台州": "taizhou"}
        self.assertEqual({place: pinyin_key(place).split()[0] for place in places}, places)

    def test_the_key_follows_the_name(self):
        customer = self._create_customer(name="上海久客")
        contact = self._create_contact(customer, name="张三")
        within = customer | contact
        self.assertEqual(self._found("shjk", within=within), {"上海久客"})
        customer.name = "北京久客"
        self.assertEqual(self._found("shjk", within=within), set())
        self.assertEqual(self._found("上海", within=within), set())
        self.assertEqual(self._found("bjjk", within=within), {"北京久客"})
        contact.write({"name": "李四", "kehu_mobile": "13900139000"})
        self.assertEqual(self._found("ls", within=within), {"李四"})
        self.assertEqual(self._found("3900139", within=within), {"李四"})
        customer.phone = False
        customer.kehu_is_customer = False
        self.assertEqual(self._found("bjjk", within=within), set(), "pinyin is for customers of the CRM")
        self.assertEqual(self._found("北京", within=within), {"北京久客", "李四"}, "the name is for all")

    def test_partners_outside_the_crm_as_before(self):
        """Whatever the host finds by the five columns it looks at, with terms made of pieces of what is there."""
        rnd = random.Random(7)
        pieces = "华强 科技 东 Äpfel ÉCOLE straße ACME Co.,Ltd 12 007 a-b x.y @ （中国） Ｗ 𠮷".split() + [" "]
        records = self.partners.create(
            [
                {
                    "name": "".join(rnd.choice(pieces) for _i in range(rnd.randint(1, 6))).strip() or "N",
                    "ref": rnd.choice([False, "R-12", "东7"]),
                    "email": rnd.choice([False, "a.b@example.com", "Straße@x.y"]),
                    "company_registry": rnd.choice([False, "ACME12", "京东"]),
                }
                for _i in range(60)
            ]
        )
        terms = {"".join(rnd.choice(pieces) for _i in range(rnd.randint(1, 2))).strip() for _i in range(80)} - {""}
        columns = ("complete_name", "email", "ref", "vat", "company_registry")
        for term in sorted(terms):
            with self.subTest(term=term):
                domain = [("id", "in", records.ids)]
                before = self.partners.search(Domain.OR(Domain(name, "ilike", term) for name in columns) & Domain(domain))
                now = self.partners.search([("display_name", "ilike", term), *domain])
                without = self.partners.search([("display_name", "not ilike", term), *domain])
                self.assertEqual(now | without, records)
                self.assertFalse(now & without)
                self.assertFalse(before - now, f"{term!r} found them before")
                if len(search_sql.needles(term)) == 1:
                    self.assertEqual(now, before)

    def test_other_models_follow(self):
        customer = self._create_customer(self.user_seller, name="杭州跟随科技", phone="0571 8888 9999")
        lead = self.env["crm.lead"].create(
            {"name": "Deal", "partner_id": customer.id, "type": "opportunity", "user_id": self.user_seller.id}
        )
        order = self.env["sale.order"].create({"partner_id": customer.id})
        for term in ("跟随", "hzgs", "hangzhougensui", "0571-8888"):
            with self.subTest(term=term):
                self.assertIn(lead, self.env["crm.lead"].search([("partner_id", "ilike", term)]))
                self.assertIn(order, self.env["sale.order"].search([("partner_id", "ilike", term)]))

    def test_contacts_of_a_customer(self):
        """The search for customers by their contacts does not take the customer's own name for that of the contact."""
        customer = self._create_customer(name="华强集团")
        self._create_contact(customer, name="张三", kehu_mobile="13700137000")
        arch = etree.fromstring(self.partners.get_view(self.env.ref("kehu_crm.res_partner_view_search_kehu").id, "search")["arch"])
        (filter_domain,) = arch.xpath("//field[@name='child_ids']/@filter_domain")

        def by_contact(term):
            return self.partners.search([("id", "=", customer.id), *safe_eval(filter_domain, {"self": term})])

        for term in ("张三", "zhangsan", "zs", "1370013"):
            self.assertEqual(by_contact(term), customer)
        self.assertFalse(by_contact("华强"))

    def test_rights(self):
        """A term finds what the rules show, no more."""
        own = self._create_customer(self.user_seller, name="权限一号科技")
        self._create_customer(self.user_seller2, name="权限二号科技", phone="0512 7777 1234")
        self._create_customer(None, name="权限三号科技")
        self._create_contact(own, name="权限联系人")
        for term in ("权限", "qx", "quanxian"):
            self.assertEqual(self._found(term, self.user_seller), {"权限一号科技", "权限三号科技", "权限联系人"})
        self.assertEqual(self._found("二号", self.user_seller), set())
        self.assertEqual(self._found("77771234", self.user_seller), set())
        self.assertEqual(self._found("77771234", self.user_director), {"权限二号科技"})

    def test_by_an_index(self):
        """With some thousand partners PostgreSQL asks the indexes, for the page and for the count, with the rules of a salesperson."""
        if not self.env.registry.has_trigram:
            self.skipTest("the extension pg_trgm is missing")
        self._fill(6000)
        partners = self.partners.with_user(self.user_seller)
        for term in ("华强", "华强科技", "强", "szhqkj", "62345", "138-0000-6123", "0051@ex"):
            for order in (None, partners._order):
                query = partners._search([("display_name", "ilike", term), ("kehu_is_customer", "=", True)], order=order, limit=80)
                ((plan,),) = self.env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", query.select()))
                text = plan if isinstance(plan, str) else json.dumps(plan)
                with self.subTest(term=term, order=order):
                    self.assertIn("kehu_search_", text)
                    # a small table may be read to join what the index has found, never to look for the term
                    self.assertNotRegex(text, r'"Node Type": "Seq Scan"[^{}]*"Filter": "[^"]*(kehu_search|~~)')

    def test_the_planner_is_not_led_astray(self):
        """What very many contain is found too, be it spread over all names or together at the end of them."""
        self._fill(6000)
        customers = self.partners.search([("ref", "=like", "SRCH%")])
        for term in ("有限公司", "苏州", "suzhou", "youxiangongsi", "科技"):
            with self.subTest(term=term):
                expected = customers.filtered(lambda customer, term=term: term in customer.name or term in customer.kehu_pinyin)
                page = self.partners.search([("display_name", "ilike", term), ("id", "in", customers.ids)], limit=50)
                self.assertEqual(page, expected[:50])
                self.assertEqual(self.partners.search_count([("display_name", "ilike", term), ("id", "in", customers.ids)]), len(expected))

    def _fill(self, count):
        """Write customers of the pool by SQL; one in a hundred is a 苏州华强科技, half of the others are in 苏州 as well."""
        template = self._create_customer(name="模板")
        self.env.flush_all()
        self.env.cr.execute(
            """
            INSERT INTO res_partner (name, complete_name, ref, kehu_pinyin, phone, email, active, is_company, type, kehu_is_customer,
                                     kehu_pool_id, partner_share, autopost_bills)
            SELECT made.name, made.name, 'SRCH' || i, made.pinyin, '0512-' || 6000000 + i, lpad(i::text, 4, '0') || '@example.com', true,
                   true, 'contact', true, p.kehu_pool_id, true, p.autopost_bills
              FROM res_partner p, generate_series(1, %(count)s) i,
                   LATERAL (SELECT CASE WHEN i %% 100 = 0 THEN '苏州华强科技' WHEN i %% 2 = 0 THEN '苏州甲乙' ELSE '北京丙丁' END
                                   || i || '有限公司' AS name,
                                   CASE WHEN i %% 100 = 0 THEN 'suzhouhuaqiangkeji' WHEN i %% 2 = 0 THEN 'suzhoujiayi'
                                        ELSE 'beijingbingding' END || i || 'youxiangongsi '
                                   || CASE WHEN i %% 100 = 0 THEN 'szhqkj' WHEN i %% 2 = 0 THEN 'szjy' ELSE 'bjbd' END
                                   || i || 'yxgs' AS pinyin
                           ) made
             WHERE p.id = %(template)s
            """,
            {"count": count, "template": template.id},
        )
        self.env.cr.execute("UPDATE res_partner SET kehu_customer_id = id, commercial_partner_id = id WHERE ref LIKE 'SRCH%'")
        self.env.cr.execute("ANALYZE res_partner")
        self.env.invalidate_all()

    def test_number_of_queries(self):
        """A search in the list, rows and count: no more queries for many than for few."""
        self._fill(500)
        partners = self.partners.with_user(self.user_seller)
        spec = {"name": {}, "phone": {}, "user_id": {"fields": {"display_name": {}}}, "kehu_stage": {}}
        for term in ("苏州", "华强科技", "szhqkj", "600001", "苏州 华强", "华强 szhq", "600001 苏州 科技"):
            partners.web_search_read([("display_name", "ilike", term)], spec, limit=10, count_limit=10001)
            self.env.invalidate_all()
            with self.subTest(term=term), self.assertQueryCount(10):
                partners.web_search_read([("display_name", "ilike", term)], spec, limit=10, count_limit=10001)

    def test_far_pages(self):
        """A page far behind is the one that the host finds, whatever the order, and whoever asks."""
        self._fill(2300)
        self._create_customer(self.user_seller2, name="中间的别人")
        domain = [("kehu_is_customer", "=", True)]
        for user in (self.user_seller, self.user_director, self.env.user):
            partners = self.partners.with_user(user)
            for order in (None, "name desc", "ref, id", "kehu_pool_id, id desc"):
                everybody = partners.search(domain, order=order)
                self.assertGreater(len(everybody), 2300 - 1)
                for offset in (1990, FAR, 2150, len(everybody) - 3, len(everybody), 5000):
                    with self.subTest(user=user.name, order=order, offset=offset):
                        self.assertEqual(partners.search(domain, offset=offset, limit=40, order=order), everybody[offset : offset + 40])
        partners = self.partners.with_user(self.user_seller)
        found = partners.web_search_read(domain, {"name": {}}, offset=2100, limit=40, count_limit=10001)
        self.assertEqual([row["id"] for row in found["records"]], partners.search(domain)[2100:2140].ids)
        self.assertEqual(found["length"], partners.search_count(domain))
        self.assertFalse(found["records"] and "中间的别人" in [row["name"] for row in found["records"]])

    def test_one_persons_customers(self):
        """The page found by an index alone is the page of the plain search, in every order and past its end; rights hold for it too."""
        for number in range(9):
            self._create_customer(self.user_seller, name=f"同名{number % 3}")
            self._create_customer(self.user_seller2, name=f"同名{number % 3}")
        for user, mine in ((self.user_seller, 9), (self.user_east_manager, 9), (self.user_west_seller, 0)):
            partners = self.partners.with_user(user)
            domain = [("kehu_is_customer", "=", True), ("user_id", "=", self.user_seller.id)]
            for order in (None, "name desc, id", "ref"):
                everybody = partners.search(domain, order=order)
                self.assertEqual(len(everybody), mine)
                for offset in (0, 4, 8, 20):
                    with self.subTest(user=user.name, order=order, offset=offset):
                        self.assertEqual(partners.search(domain, offset=offset, limit=4, order=order), everybody[offset : offset + 4])

    def test_number_of_queries_of_a_list(self):
        """One's own customers, those of three departments, those of all: rows and count in at most eight queries, as the client asks."""
        for number in range(12):
            for owner in (self.user_seller, self.user_seller2, self.user_west_seller):
                self._create_customer(owner, name=f"客户{number}", kehu_level_id=self.level_key.id)
        self.env.flush_all()
        owned = [("kehu_is_customer", "=", True), ("user_id", "!=", False)]
        cases = (
            (self.user_seller, [("kehu_is_customer", "=", True), ("user_id", "=", self.user_seller.id)], 12),
            (self.user_seller, owned, 12),
            (self.user_east_manager, owned, 24),
            (self.user_sales_manager, owned, 36),
            (self.user_director, owned, 36),
        )
        for user, domain, least in cases:
            partners = self.partners.with_user(user)
            spec = self._spec(partners)
            self.env.invalidate_all()
            found = partners.web_search_read(domain, spec, limit=10, count_limit=10001)
            self.assertGreaterEqual(found["length"], least)
            self.assertEqual([row["id"] for row in found["records"]], partners.search(domain).ids[:10])
            self.env.invalidate_all()
            with self.subTest(user=user.name), self.assertQueryCount(8):
                partners.web_search_read(domain, spec, limit=10, count_limit=10001)

    def _spec(self, partners):
        """What the list asks for: the columns that it shows, see static/src/customer/lean_list.js."""
        text = partners.get_view(self.env.ref("kehu_crm.res_partner_view_list_kehu").id, "list")["arch"]
        arch = etree.fromstring(text)
        self.assertEqual(arch.get("js_class"), "kehu_lean_list")
        spec = {}
        for node in arch.xpath("//field[not(ancestor::field)]"):
            name = node.get("name")
            if node.get("optional") != "hide" or len(re.findall(rf"\b{name}\b", text)) > 1:
                related = partners._fields[name].relational and node.get("column_invisible") not in ("1", "True")
                spec[name] = {"fields": {"display_name": {}}} if related else {}
        return spec
