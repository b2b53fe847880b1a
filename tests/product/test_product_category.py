"""Categories with codes: unique, found by code, in a tree."""

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ...models.product.exceptions import KehuCategoryCodeError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestProductCategory(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        categories = cls.env["product.category"]
        cls.machines = categories.create({"name": "机械 (test)", "kehu_code": "91"})
        cls.pumps = categories.create({"name": "水泵 (test)", "kehu_code": " 91A ", "parent_id": cls.machines.id})

    def test_a_code_occurs_once(self):
        self.assertEqual(self.pumps.kehu_code, "91A")
        for code in ("91A", " 91a "):
            with self.subTest(code=code), self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
                self.env["product.category"].create({"name": "Other", "kehu_code": code}).flush_recordset()
        self.env["product.category"].create([{"name": "One"}, {"name": "Two", "kehu_code": "  "}])
        self.assertFalse(self.pumps.copy().kehu_code)

    def test_what_is_no_code(self):
        for code in ("x" * 33, "a\0b", ["91"]):
            with self.subTest(code=code), self.assertRaises(KehuCategoryCodeError):
                self.pumps.write({"kehu_code": code})
        self.pumps.write({"kehu_code": ""})
        self.assertIs(self.pumps.kehu_code, False)

    def test_found_by_code_name_and_path(self):
        categories = self.env["product.category"].with_user(self.user_seller)
        for term in ("91A", "91a", "水泵 (test)", "机械 (test) / 水泵 (test)"):
            with self.subTest(term=term):
                self.assertIn(self.pumps.id, dict(categories.name_search(term)))
        self.assertEqual(categories.search([("display_name", "=", "91A")]), self.pumps)
        self.assertNotIn(self.pumps, categories.search([("display_name", "not ilike", "91A")]))
        self.assertIn(self.machines, categories.search([("display_name", "not ilike", "91A")]))
        product = self._create_product(categ_id=self.pumps.id)
        found = self.env["product.product"].with_user(self.user_seller).search([("categ_id", "child_of", self.machines.id)])
        self.assertEqual(found, product)

    def test_salespeople_only_read(self):
        for role in ("seller", "east_manager", "director", "finance", "service", "order_approver"):
            category = self.pumps.with_user(getattr(self, f"user_{role}"))
            with self.subTest(role=role):
                self.assertEqual(category.kehu_code, "91A")
                with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_model"):
                    category.write({"kehu_code": "92"})
        self.pumps.with_user(self.user_crm_admin).write({"kehu_code": "92"})
        self.assertEqual(self.pumps.kehu_code, "92")
