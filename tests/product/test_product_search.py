"""Products and variants are found by any part of name, code, specification, barcode and pinyin, by an index, in few queries."""

import doctest

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ...tools import search_key
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestProductSearch(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pump = cls._create_product(
            name="离心水泵", default_code="SB-1001", barcode="6901234567892", kehu_specification="DN80 PN16 铸铁"
        )
        cls.valve = cls._create_product(name="Stainless Globe Valve", default_code="FM-2002", kehu_specification="DN50 304不锈钢")
        cls.plain = cls._create_product(name="Zzz without anything")

    def _found(self, model, term, user=None):
        """What a list and what a box to choose from find of ours; both must agree."""
        ours = self.pump | self.valve | self.plain
        records = self.env[model].with_user(user or self.user_seller)
        ours = ours if model == "product.product" else ours.product_tmpl_id
        by_list = records.search([("display_name", "ilike", term)]) & ours.with_env(records.env)
        by_name = records.browse([record_id for record_id, _name in records.name_search(term, limit=None)]) & ours.with_env(records.env)
        self.assertEqual(set(by_list), set(by_name), term)
        by_list = by_list if model == "product.product" else by_list.product_variant_ids
        return set(by_list.ids)

    def test_engine(self):
        self.assertEqual(doctest.testmod(search_key).failed, 0)

    def test_any_part(self):
        cases = {
            self.pump: (
                (
                    "水泵",
                    "泵",
                    "离心水泵",
                    "离心 铸铁",
                    "dn80 离心",
                    "SB-1001",
                    "sb-10",
                    "1001",
                    "69012345",
                    "PN16",
                    "铸",
                    "ｄｎ８０",
                    "離心",
                ),
                ("lixinshuibeng", "shuibeng", "li xin shui beng", "lxsb", "sb", "zhutie", "zt", "80", "8"),
            ),
            self.valve: (
                ("globe", "GLOBE VALVE", "valve stain", "FM-2002", "304", "不锈钢", "304不", "buxiugang", "bxg", "fm"),
                ("glóbe",),
            ),
        }
        for product, terms in cases.items():
            for term in sum(terms, ()):
                for model in ("product.product", "product.template"):
                    with self.subTest(term=term, model=model):
                        self.assertIn(product.id, self._found(model, term))

    def test_what_does_not_fit(self):
        for term in ("水泵 valve", "泵水", "心铸", "100%", "SB_1001", "~79bb", "x" * 300, "a b c d e f g h", "水\0泵"):
            for model in ("product.product", "product.template"):
                with self.subTest(term=term, model=model):
                    self.assertEqual(self._found(model, term), set())

    def test_nothing_typed_finds_everything(self):
        for term in ("", "  ", "\u3000"):
            self.assertIn(self.plain.id, {record_id for record_id, _name in self.env["product.product"].name_search(term, limit=None)})

    def test_not_like(self):
        found = self.env["product.product"].search([("display_name", "not ilike", "水泵")])
        self.assertNotIn(self.pump, found)
        self.assertIn(self.valve, found)

    def test_a_change_is_found_at_once(self):
        self.pump.default_code = "NEW-77"
        self.pump.product_tmpl_id.kehu_specification = "黄铜"
        for model in ("product.product", "product.template"):
            self.assertIn(self.pump.id, self._found(model, "new-77"))
            self.assertIn(self.pump.id, self._found(model, "huangtong"))
            self.assertEqual(self._found(model, "SB-1001"), set())
            self.assertEqual(self._found(model, "铸铁"), set())

    def test_every_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        template = self.valve.product_tmpl_id
        template.with_context(lang="zh_CN").name = "不锈钢截止阀"
        for user_lang in ("en_US", "zh_CN"):
            self.user_seller.lang = user_lang
            for term in ("截止阀", "jzf", "globe"):
                with self.subTest(lang=user_lang, term=term):
                    self.assertIn(self.valve.id, self._found("product.template", term))
        template.update_field_translations("name", {"zh_CN": "球阀"})
        self.assertIn(self.valve.id, self._found("product.template", "球阀"))

    def test_variants(self):
        """A product is found by the code of any of its variants, archived ones too; a variant by its own code and values only."""
        attribute = self.env["product.attribute"].create(
            {"name": "Colour", "value_ids": [Command.create({"name": "红色"}), Command.create({"name": "蓝色"})]}
        )
        template = self.env["product.template"].create(
            {
                "name": "油漆",
                "attribute_line_ids": [Command.create({"attribute_id": attribute.id, "value_ids": [Command.set(attribute.value_ids.ids)]})],
            }
        )
        red, blue = template.product_variant_ids
        red.default_code, blue.default_code = "YQ-RED", "YQ-BLUE"
        products, templates = self.env["product.product"], self.env["product.template"]
        self.assertEqual(products.search([("display_name", "ilike", "yq-red")]), red)
        self.assertEqual(products.search([("display_name", "ilike", "油漆 hongse")]), red)
        self.assertEqual(templates.search([("display_name", "ilike", "yq-blue")]), template)
        attribute.value_ids[0].name = "大红"
        self.assertEqual(products.search([("display_name", "ilike", "油漆 大红")]), red)
        template.active = False
        template.kehu_specification = "5L"
        self.assertEqual(templates.with_context(active_test=False).search([("display_name", "ilike", "yq-blue 5l")]), template)

    def test_the_whole_code_comes_first(self):
        other = self._create_product(name="AAA SB-1 spare part of SB-1001", default_code="SB-1")
        for model in ("product.product", "product.template"):
            names = self.env[model].with_user(self.user_seller).name_search("SB-1", limit=1)
            self.assertEqual(names[0][0], other.id if model == "product.product" else other.product_tmpl_id.id)
        barcode = self.env["product.product"].name_search("6901234567892")
        self.assertEqual(barcode[0][0], self.pump.id)

    def test_a_pasted_name_is_found(self):
        """As it stands in another list: code in brackets, then the name."""
        name = self.pump.display_name
        self.assertIn(self.pump.id, dict(self.env["product.product"].name_search(name)))

    def test_specification_in_the_list_to_choose_from(self):
        for record in (self.pump, self.pump.product_tmpl_id):
            self.assertIn("DN80", record.with_context(formatted_display_name=True).display_name)
            self.assertNotIn("DN80", record.with_context(formatted_display_name=False).display_name)

    def test_companies(self):
        other = self.env["res.company"].create({"name": "Other (test)"})
        secret = self._create_product(name="Secret pump 水泵", company_id=other.id)
        found = self.env["product.product"].with_user(self.user_seller).search([("display_name", "ilike", "secret")])
        self.assertFalse(found)
        self.assertNotIn(secret.id, dict(self.env["product.product"].with_user(self.user_seller).name_search("secret")))

    def test_roles(self):
        """All roles find and read products; only the administrator of the CRM changes them, floor and cost included."""
        for role in ("seller", "east_manager", "director", "finance", "order_approver", "service"):
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                self.assertIn(self.pump.id, self._found("product.product", "lxsb", user))
                for values in ({"list_price": 1}, {"kehu_floor_price": 1}, {"standard_price": 1}, {"kehu_specification": "x"}):
                    with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                        self.pump.product_tmpl_id.with_user(user).write(values)
        self.pump.product_tmpl_id.with_user(self.user_crm_admin).write({"kehu_specification": "DN100", "kehu_floor_price": 90})
        self.assertEqual(self.pump.kehu_floor_price, 90)

    def test_people_of_the_portal_search_as_the_host_lets_them(self):
        portal = new_test_user(self.env, "kehu_portal_products", groups="base.group_portal")
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model", "odoo.models"):
            self.env["product.product"].with_user(portal).name_search("水泵")

    def test_queries_do_not_grow(self):
        """Two queries find, then names are read, whatever the number found."""

        def queries(limit):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found = products.name_search("千件货", limit=limit)
            self.assertEqual(len(found), limit)
            return self.cr.sql_log_count - before

        for model in ("product.product", "product.template"):
            products = self.env[model].with_user(self.user_seller)
            if model == "product.product":
                self.env[model].create([{"name": f"千件货 {number}", "default_code": f"QJ{number}"} for number in range(100)])
            queries(5)
            few, many = queries(5), queries(80)
            self.assertLessEqual(many, few, model)
            self.assertLessEqual(many, 8, model)

    def test_an_index_answers(self):
        """Among many products the searched ones are found by the index, with terms of one Chinese character and of two letters too."""
        if not self.env.registry.has_trigram:
            self.skipTest("no pg_trgm in this database")
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO product_product (product_tmpl_id, active, kehu_search_key)
                SELECT %s, TRUE, 'thing ' || repeat(md5(number::text) || ' ', 10) || E'\n 0 1 2 3 4 5 6 7 8 9 '
                  FROM generate_series(1, 20000) number
                """,
                self.pump.product_tmpl_id.id,
            )
        )
        self.env.cr.execute("SELECT gin_clean_pending_list('product_product_kehu_search_key_idx')")
        self.env.cr.execute("ANALYZE product_product")
        products = self.env["product.product"].with_user(self.user_seller)
        for term in ("水泵", "泵", "lxsb", "zt", "SB-1001", "DN80 铸铁"):
            query = products._search([("display_name", "ilike", term)])
            plan = "\n".join(line for (line,) in self.env.execute_query(SQL("EXPLAIN %s", query.select())))
            with self.subTest(term=term):
                self.assertIn("kehu_search_key_idx", plan)
                self.assertNotIn("Seq Scan on product_product", plan)
