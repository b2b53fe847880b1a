"""Rows of a workbook that are known already by the duplicate rules stay out, with the reason."""

import base64

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import KehuCommon
from .test_importer_workbook import xlsx


@tagged("post_install", "-at_install")
class TestImporterDuplicates(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kehu.duplicate.rule"].search([]).active = False
        cls.rule = cls.env["kehu.duplicate.rule"].create({"field_name": "name", "refuse_import": True})
        cls._create_customer(cls.user_seller, name="苏州华强科技有限公司")
        cls.template = cls.env.ref("kehu_crm.kehu_import_template_customer")

    def _check(self, *rows):
        content = xlsx(["客户名称", "客户编码"], *rows)
        batch = self.env["kehu.import.batch"].with_user(self.user_east_manager)
        batch = batch.create({"template_id": self.template.id, "file": base64.b64encode(content), "filename": "customers.xlsx"})
        batch.action_check()
        return batch, {problem.row: problem.reason for problem in batch.problem_ids}

    def test_known_and_repeated_rows(self):
        batch, problems = self._check(
            ["蘇州華強科技（集團）", ""], ["瑞祥贸易有限公司", ""], ["瑞祥贸易", ""], ["苏州华强科技股份公司", "OWN-1"]
        )
        self.assertEqual(set(problems), {2, 4})
        self.assertIn("“苏州华强科技有限公司” of Seller", problems[2])
        self.assertIn("Row 3 of this workbook is the same customer", problems[4])
        batch.action_import()
        self.assertEqual(batch.done_count, 2, "a row with a code of its own is another customer")

    def test_namesakes_of_other_places_are_other_customers(self):
        rows = (["苏州瑞祥贸易有限公司", ""], ["无锡瑞祥贸易有限公司", ""], ["瑞祥贸易", ""])
        for place, refused in (("open", {4}), ("keep", set()), ("ignore", {3, 4})):
            with self.subTest(place=place):
                self.rule.place = place
                self.assertEqual(set(self._check(*rows)[1]), refused)

    def test_a_hidden_customer_is_not_named(self):
        phone = self.env["kehu.duplicate.rule"].create({"field_name": "phone", "refuse_import": True})
        self._create_customer(self.user_west_seller, name="西部客户有限公司", phone="0512-66880009")
        known, _repeated = (
            self.env["res.partner"]
            .with_user(self.user_east_manager)
            ._kehu_import_duplicates([{"name": "新客户", "phone": "0512 66880009"}], self.env.company)
        )
        self.assertEqual(list(known), [0])
        self.assertNotIn("西部", known[0])
        self.assertTrue(phone.refuse_import)

    def test_what_an_import_tells_of_hidden_customers_is_kept(self):
        """An import tells about any number of phones and can be deleted afterwards; what it told is kept, and one's own is not counted."""
        self.env["kehu.duplicate.rule"].create({"field_name": "phone", "refuse_import": True})
        for number in range(3):
            self._create_customer(self.user_west_seller, name=f"西部客户{number}", phone=f"0512-6688000{number}")
        self._create_customer(self.user_seller, name="东部客户", phone="0512-66880008")
        rows = [[f"新客户{number}", f"0512-6688000{number}"] for number in range(9)]
        template = self.env["kehu.import.template"].search([("model_id.model", "=", "res.partner")], limit=1)
        content = xlsx(["客户名称", "电话"], *rows)
        logs = self.env["kehu.lookup.log"]
        before = logs.search_count([])
        for user, hits in ((self.user_east_manager, 3), (self.user_director, 0)):
            batch = self.env["kehu.import.batch"].with_user(user)
            batch = batch.create({"template_id": template.id, "file": base64.b64encode(content), "filename": "numbers.xlsx"})
            batch.action_check()
            self.assertEqual(len(batch.problem_ids.filtered(lambda problem: problem.kind == "known")), 4)
            batch.unlink()
            kept = logs.search([("user_id", "=", user.id)])
            self.assertEqual(sum(kept.mapped("hit_count")), hits)
            self.assertEqual(kept.mapped("way"), ["import"] * bool(hits))
            self.assertEqual(kept.mapped("kind"), ["rows"] * bool(hits))
            if hits:
                self.assertIn("numbers.xlsx", kept.criteria)
                self.assertIn("9", kept.criteria)
                self.assertNotIn("西部", kept.criteria)
                for role in (user, self.user_crm_admin):
                    with self.assertRaises(AccessError):
                        kept.with_user(role).unlink()
                self.assertEqual(logs._kehu_count(user, kept.day), (0, 0), "an honest import uses up no search")
        self.assertEqual(logs.search_count([]), before + 1)

    def test_rules_that_only_tell_let_the_row_in(self):
        self.rule.refuse_import = False
        _batch, problems = self._check(["苏州华强科技", ""])
        self.assertEqual(problems, {})

    def test_blocking_rules_refuse_when_a_row_is_saved(self):
        self.rule.action = "block"
        batch, problems = self._check(["苏州华强科技股份公司", "OWN-1"])
        self.assertEqual(problems, {})
        batch.action_import()
        self.assertEqual(batch.done_count, 0)
        self.assertIn("is known already", batch.problem_ids.reason)
