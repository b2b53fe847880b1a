"""Products, categories and any other model come in from a workbook, with the rights of who imports; and go out and in again unchanged."""

import base64
import io

import openpyxl
from odoo.tests import tagged

from ..common import KehuCommon
from .test_importer_workbook import xlsx


class ModelsCommon(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.importer = cls.user_crm_admin

    def _import(self, key, *rows, user=None, mode="create", run=True, **values):
        """Check, and import unless there is a problem, these rows through a shipped template.

        :return: the import
        """
        batch = (
            self.env["kehu.import.batch"]
            .with_user(user or self.importer)
            .create(
                {
                    "template_id": self.env.ref(f"kehu_crm.kehu_import_template_{key}").id,
                    "file": base64.b64encode(rows[0] if isinstance(rows[0], bytes) else xlsx(*rows)),
                    "filename": "rows.xlsx",
                    "mode": mode,
                    **values,
                }
            )
        )
        batch.action_check()
        if run and not batch.problem_count:
            batch.action_import()
            self.assertEqual(batch.state, "done", batch.problem_ids.mapped("reason"))
        return batch

    def _reasons(self, batch):
        return {(problem.row, problem.column or ""): problem.reason for problem in batch.problem_ids}

    def _round_trip(self, key, records, user=None):
        """Export through the shipped template; import the same file: nothing changes.

        :return: (titles, rows) of the exported sheet
        """
        user = user or self.importer
        template = self.env.ref(f"kehu_crm.kehu_import_template_{key}").with_user(user)
        content = base64.b64decode(template.export_records(records.ids))
        names = [line.field_name for line in template.field_ids if "/" not in line.field_name]
        before = {record.id: {name: record[name] for name in names} for record in records.with_user(user)}
        batch = self._import(key, content, user=user, mode="update")
        self.assertEqual((batch.problem_count, batch.done_count), (0, len(records)), self._reasons(batch))
        self.env.invalidate_all()
        self.assertEqual({record.id: {name: record[name] for name in names} for record in records.with_user(user)}, before)
        self.assertFalse(batch.row_ids.sudo().filtered("before"), "a file that says what is there writes nothing")
        sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        return rows[0], rows[1:]


@tagged("post_install", "-at_install")
class TestImporterModels(ModelsCommon):
    def test_products(self):
        """Category by code, path or name; unit and taxes by name; the code is the key; undone as a whole."""
        categories = self.env["product.category"]
        machines = categories.create({"name": "机械", "kehu_code": "T1"})
        pumps = categories.create({"name": "水泵", "kehu_code": "T101", "parent_id": machines.id})
        tax = self.env["account.tax"].create({"name": "增值税 13% (test)", "amount": 13, "type_tax_use": "sale"})
        unit = self.env.ref("uom.product_uom_kgm")
        titles = ["商品编码", "商品名称", "规格型号", "商品分类", "单位", "销售价", "最低价", "成本", "销项税"]
        rows = [
            ["SB-1", "离心泵", "DN80", "t101", unit.name, 100, 80, 60, tax.name],
            ["SB-2", "潜水泵", "DN50", "机械 / 水泵", None, "1,200.50", None, None, None],
            ["SB-3", "计量泵", None, "机械>水泵", None, 5, None, None, None],
            ["SB-4", "真空泵", None, "水泵", None, 5, None, None, None],
        ]
        batch = self._import("product", titles, *rows)
        self.assertEqual((batch.done_count, batch.problem_count), (4, 0), self._reasons(batch))
        products = self.env["product.template"].search([("default_code", "in", ["SB-1", "SB-2", "SB-3", "SB-4"])], order="default_code")
        self.assertEqual(products.categ_id, pumps)
        first, second = products[0], products[1]
        self.assertEqual((first.kehu_specification, first.uom_id, first.taxes_id.filtered(lambda one: one == tax)), ("DN80", unit, tax))
        self.assertEqual((first.list_price, first.kehu_floor_price, first.standard_price, second.list_price), (100, 80, 60, 1200.5))
        self.assertEqual(self.env["product.template"].search([("display_name", "ilike", "lxb")]) & products, first)
        batch = self._import("product", ["商品编码", "商品名称", "销售价"], ["SB-1", "离心泵", 110], mode="update")
        self.assertEqual((first.list_price, batch.updated_count), (110, 1))
        batch.action_undo()
        self.assertEqual((first.list_price, batch.state), (100, "undone"))
        titles, rows = self._round_trip("product", products)
        self.assertEqual(len(rows), 4)
        self.assertIn("机械 / 水泵", rows[0])

    def test_products_are_undone(self):
        batch = self._import("product", ["商品编码", "商品名称"], ["UNDO-1", "一"], ["UNDO-2", "二"])
        products = self.env["product.template"].search([("default_code", "like", "UNDO-")])
        self.assertEqual(len(products), 2)
        batch.action_undo()
        self.assertFalse(products.exists())

    def test_what_is_wrong_with_products(self):
        self._create_product(name="There", default_code="THERE-1")
        hidden = self.env["res.company"].create({"name": "Other (test)"})
        self._create_product(name="Elsewhere", default_code="ELSE-1", company_id=hidden.id)
        titles = ["商品编码", "商品名称", "商品分类", "单位", "销售价", "销项税"]
        batch = self._import(
            "product",
            titles,
            ["THERE-1", "again", None, None, None, None],
            ["N-1", None, None, None, None, None],
            ["N-2", "b", "没有的分类", None, None, None],
            ["N-3", "c", None, "没有的单位", None, None],
            ["N-4", "d", None, None, -5, None],
            ["N-5", "e", None, None, None, "没有的税"],
            ["N-6", "f", None, None, None, None],
            ["N-6", "g", None, None, None, None],
            ["ELSE-1", "another company's code is free", None, None, None, None],
        )
        self.assertEqual(
            set(self._reasons(batch)),
            {(2, ""), (3, "商品名称"), (4, "商品分类"), (5, "单位"), (6, "销售价"), (7, "销项税"), (9, "商品编码")},
            self._reasons(batch),
        )
        self.assertFalse(self.env["product.template"].search([("default_code", "like", "N-_")]), "a check writes nothing")

    def test_who_may(self):
        """A manager of sales has no right to products: the rows say so, and nothing is written."""
        batch = self._import("product", ["商品编码", "商品名称"], ["M-1", "一"], user=self.user_east_manager)
        self.assertEqual(batch.problem_count, 1)
        self.assertIn("may not", batch.problem_ids.reason)
        chinese = batch.with_context(lang="zh_CN")
        chinese.action_check()
        model = self.env["ir.model"]._get("product.template").with_context(lang="zh_CN").name
        self.assertIn(model, chinese.problem_ids.reason, "the sentence names it in the language of the person")
        product = self._create_product(name="There", default_code="THERE-2").product_tmpl_id
        batch = self._import("product", ["商品编码", "商品名称"], ["THERE-2", "其他"], user=self.user_east_manager, mode="update")
        self.assertEqual((batch.problem_count, product.name), (1, "There"))

    def test_categories_in_a_tree(self):
        """A parent may stand in the same file, above or below its child, by code, name or path."""
        titles = ["分类编码", "分类名称", "上级分类"]
        batch = self._import(
            "product_category",
            titles,
            ["T9-1-1", "离心泵 (t)", "T9-1"],
            ["T9-1", "水泵 (t)", "机械 (t)"],
            ["T9", "机械 (t)", None],
            ["T9-2", "阀门 (t)", "T9"],
        )
        self.assertEqual((batch.done_count, batch.problem_count), (4, 0), self._reasons(batch))
        leaf = self.env["product.category"].search([("kehu_code", "=", "T9-1-1")])
        self.assertEqual(leaf.complete_name, "机械 (t) / 水泵 (t) / 离心泵 (t)")
        every = self.env["product.category"].search([("kehu_code", "like", "T9")], order="id")
        self._round_trip("product_category", every)
        batch.action_undo()
        self.assertFalse(every.exists())
        batch = self._import(
            "product_category", titles, ["T8", "甲 (t)", "没有的上级"], ["T7-1", "乙 (t)", "T7-2"], ["T7-2", "丙 (t)", "T7-1"]
        )
        self.assertEqual(
            set(self._reasons(batch)), {(2, "上级分类"), (3, "上级分类"), (4, "上级分类")}, "whoever is above themselves is not imported"
        )

    def test_any_model(self):
        """A template of a model that knows nothing of imports: create, find by key, update, rights."""
        template = self.env["kehu.import.template"].create(
            {
                "name": "Tags",
                "model_id": self.env["ir.model"]._get("crm.tag").id,
                "field_ids": [(0, 0, {"title": "标签", "field_name": "name", "is_key": True, "required": True})],
            }
        )
        values = {"template_id": template.id}
        batch = self._import("product", ["标签"], ["甲 (test)"], ["乙 (test)"], **values)
        self.assertEqual(batch.done_count, 2)
        batch = self._import("product", ["标签"], ["甲 (test)"], **values)
        self.assertEqual(batch.problem_count, 1)
        batch = self._import("product", ["标签"], ["甲 (test)"], ["丙 (test)"], mode="both", **values)
        self.assertEqual((batch.updated_count, batch.created_count), (1, 1))

    def test_contacts(self):
        """Contacts are attached to customers by code or name, found again by name, and undone."""
        one = self._create_customer(name="联系人公司一 (test)", ref="CT-1")
        two = self._create_customer(name="联系人公司二 (test)")
        titles = ["客户编码", "客户名称", "联系人", "部门职务", "手机"]
        batch = self._import(
            "contact",
            titles,
            ["CT-1", one.name, "王五", "经理", "13800000001"],
            ["CT-1", one.name, "赵六", "会计", "13800000002"],
            [None, two.name, "钱七", None, "13800000003"],
            mode="update",
        )
        self.assertEqual(batch.problem_count, 0, self._reasons(batch))
        self.assertEqual(set(one.child_ids.mapped("name")), {"王五", "赵六"})
        self.assertEqual((two.child_ids.name, two.child_ids.kehu_mobile), ("钱七", "13800000003"))
        batch.action_undo()
        self.assertFalse(one.child_ids or two.child_ids)

    def test_a_code_without_a_name(self):
        """A code that nobody has, and no name to make a customer of it: the check says so, not the database."""
        batch = self._import("contact", ["客户编码", "联系人"], ["CT-NOBODY", "王五"])
        self.assertEqual((batch.state, batch.problem_count), ("checked", 1))
        self.assertEqual(batch.problem_ids.kind, "required")
