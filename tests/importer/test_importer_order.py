"""Rows that name each other, authors and dates of the file, and refusals of the database in words."""

import base64
from unittest.mock import patch

from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ...models.importer import kehu_import_batch_read, kehu_import_batch_run, kehu_import_batch_undo
from .test_importer_models import ModelsCommon
from .test_importer_workbook import xlsx


@tagged("post_install", "-at_install")
class TestImporterOrder(ModelsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "kehu_crm.group_kehu_director,kehu_crm.group_kehu_admin,hr.group_hr_user,base.group_erp_manager"
        cls.importer = new_test_user(cls.env, "kehu_organiser", groups=groups, name="Organiser", email="o@example.com", lang="en_US")

    def _slices(self, batch, limit=2):
        """Work through a job in slices of two rows."""
        run = type(batch)._kehu_run_slice
        return patch.object(type(batch), "_kehu_run_slice", lambda batch, limit=limit: run(batch, limit))

    def _tree(self, model, key, titles, rows, code):
        with patch.object(kehu_import_batch_read, "CHUNK", 2):
            batch = self._import(key, titles, *rows, run=False)
        self.assertEqual((batch.row_count, batch.problem_count), (len(rows), 0), self._reasons(batch))
        with self._slices(batch):
            batch.action_import()
        self.assertEqual((batch.state, batch.done_count), ("done", len(rows)), self._reasons(batch))
        made = self.env[model].search([("kehu_code", "=like", code)], order="kehu_code")
        self.assertEqual(len(made), len(rows))
        for record, above in zip(made[1:], made, strict=False):
            self.assertEqual(record.parent_id, above)
        self.env.flush_all()
        with self._slices(batch):
            batch.action_undo()
        self.assertEqual((batch.state, batch.kept_count), ("undone", 0), self._reasons(batch))
        self.assertFalse(made.exists())

    def test_children_above_their_parents(self):
        """The deepest one first, each in a slice before its parent's; and the other way round."""
        rows = [[f"T-O{n}", f"部门{n} (t)", f"T-O{n - 1}" if n else None] for n in range(7)]
        for order in (rows[::-1], rows, rows[3:] + rows[:3]):
            with self.subTest(first=order[0][0]):
                self._tree("hr.department", "department", ["部门编码", "部门名称", "上级部门"], order, "T-O_")

    def test_a_long_chain(self):
        """Each row below the one before it: what stands above whom is found with few queries, and each name is looked at once."""
        rows = [[f"T-C{n}", f"部门{n} (t)", f" t-c{n - 1} " if n else None] for n in range(400)]
        rows[200][2] = "T-C210"  # and a circle in the middle
        batch = self._import("department", ["部门编码", "部门名称", "上级部门"], *rows[::-1], run=False)
        self.env.flush_all()
        depths = dict(
            self.env.execute_query(
                SQL(
                    "SELECT code, depth FROM (SELECT values->'v'->>'kehu_code' AS code, depth FROM kehu_import_row WHERE batch_id = %s) r",
                    batch.id,
                )
            )
        )
        self.assertEqual([depths[f"T-C{n}"] for n in range(200)], list(range(200)))
        self.assertEqual([depths[f"T-C{n}"] for n in range(211, 400)], list(range(1, 190)))
        self.assertEqual(batch.problem_count, 11, "those of the circle")
        session = batch.sudo()._kehu_session()
        before = self.env.cr.sql_log_count
        self.assertEqual(batch.sudo()._kehu_order_rows(session), 0, "they are refused already")
        self.assertLessEqual(self.env.cr.sql_log_count - before, 10)

    def test_slices_of_long_rows(self):
        """Few rows with much text make a slice, so that memory does not grow with the texts."""
        rows = [[f"T-S{n}", f"部门{n} (t)", None] for n in range(5)]
        batch = self._import("department", ["部门编码", "部门名称", "上级部门"], *rows, run=False)
        taken = []
        store = type(batch)._kehu_store_results
        undone = type(batch)._kehu_store_undone
        with (
            patch.object(kehu_import_batch_run, "SLICE_BYTES", 250),
            patch.object(kehu_import_batch_undo, "SLICE_BYTES", 1),
            patch.object(
                type(batch), "_kehu_store_results", lambda batch, rows, *rest: taken.append(len(rows)) or store(batch, rows, *rest)
            ),
            patch.object(
                type(batch), "_kehu_store_undone", lambda batch, rows, *rest: taken.append(len(rows)) or undone(batch, rows, *rest)
            ),
        ):
            batch.action_import()
            self.assertEqual((batch.done_count, sum(taken)), (5, 5))
            self.assertGreater(len(taken), 1)
            del taken[:]
            batch.action_undo()
        self.assertEqual((batch.state, batch.undone_count, taken), ("undone", 5, [1] * 5))

    def test_categories(self):
        self.env["kehu.import.template"].create(
            {
                "name": "Categories (test)",
                "model_id": self.env["ir.model"]._get_id("product.category"),
                "field_ids": [
                    (0, 0, {"title": title, "field_name": name})
                    for title, name in (("编码", "kehu_code"), ("名称", "name"), ("上级", "parent_id"))
                ],
            }
        )
        template = self.env["kehu.import.template"].search([("name", "=", "Categories (test)")])
        rows = [[f"T-C{n}", f"分类{n} (t)", f"T-C{n - 1}" if n else None] for n in range(5)]
        with patch.object(kehu_import_batch_read, "CHUNK", 2):
            batch = self._import("product", ["编码", "名称", "上级"], *rows[::-1], run=False, template_id=template.id)
        with self._slices(batch):
            batch.action_import()
        self.assertEqual((batch.done_count, batch.problem_count), (5, 0), self._reasons(batch))
        self.assertEqual(self.env["product.category"].search([("kehu_code", "=", "T-C4")]).parent_path.count("/"), 5)

    def test_rows_above_themselves(self):
        rows = [["T-X1", "甲 (t)", "T-X2"], ["T-X2", "乙 (t)", "T-X1"], ["T-X3", "丙 (t)", "T-X3"], ["T-X4", "丁 (t)", None]]
        batch = self._import("department", ["部门编码", "部门名称", "上级部门"], *rows, run=False)
        self.assertEqual((batch.problem_count, batch.waiting_count), (3, 1))
        self.assertEqual(set(batch.problem_ids.mapped("row")), {2, 3, 4})
        self.assertIn("stands below this row itself", batch.problem_ids[0].reason)

    def test_a_corrected_row_finds_its_parent_in_the_file(self):
        rows = [["T-F2", "乙 (t)", "T-F9"], ["T-F1", "甲 (t)", None]]
        batch = self._import("department", ["部门编码", "部门名称", "上级部门"], *rows, run=False)
        self.assertEqual(batch.problem_ids.value, "T-F9")
        batch.problem_ids.new_value = "T-F1"
        self.assertEqual(batch.problem_count, 0, self._reasons(batch))
        batch.action_import()
        self.assertEqual(batch.done_count, 2, self._reasons(batch))

    def test_author_and_dates_of_any_model(self):
        """A director's template keeps who created a record and when, whatever the record."""
        author = self.user_seller
        columns = (("编码", "kehu_code"), ("名称", "name"), ("创建人", "create_uid"), ("创建时间", "create_date"))
        template = self.env["kehu.import.template"].create(
            {
                "name": "Departments (test)",
                "model_id": self.env["ir.model"]._get_id("hr.department"),
                "keep_author": True,
                "field_ids": [(0, 0, {"title": title, "field_name": name}) for title, name in columns],
            }
        )
        titles = [title for title, _name in columns]
        row = ["T-A1", "旧部门 (t)", author.name, "2019-03-04 08:00"]
        batch = self._import("department", titles, row, ["T-A2", "新部门 (t)", None, None], template_id=template.id)
        old, new = self.env["hr.department"].search([("kehu_code", "like", "T-A")], order="kehu_code")
        self.assertEqual((old.create_uid, old.create_date.year, new.create_uid), (author, 2019, self.importer), self._reasons(batch))
        again = self._import("department", titles, ["T-A2", "新部门2 (t)", author.name, None], template_id=template.id, mode="update")
        self.assertEqual((new.name, new.create_uid, again.updated_count), ("新部门2 (t)", self.importer, 1))
        plain = new_test_user(self.env, "kehu_plain", groups="kehu_crm.group_kehu_admin,hr.group_hr_user", lang="en_US")
        if not plain.has_group("kehu_crm.group_kehu_director"):
            refused = self._import("department", titles, ["T-A3", "三 (t)", author.name, None], template_id=template.id, user=plain)
            self.assertEqual(refused.problem_ids.kind, "right")

    def test_refusals_of_the_database_in_words(self):
        """Known constraints say their sentence, others one of ours; never the words of the database."""
        self.env.cr.execute("ALTER TABLE crm_tag ADD CONSTRAINT crm_tag_kehu_test CHECK (color IS DISTINCT FROM 99)")
        self.env["crm.tag"].create({"name": "Taken (test)"})
        template = self.env["kehu.import.template"].create(
            {
                "name": "Tags (test)",
                "model_id": self.env["ir.model"]._get_id("crm.tag"),
                "field_ids": [(0, 0, {"title": title, "field_name": name}) for title, name in (("名称", "name"), ("颜色", "color"))],
            }
        )
        content = base64.b64encode(xlsx(["名称", "颜色"], ["Taken (test)", 1], ["One (test)", 99], ["Two (test)", 2]))
        batch = self.env["kehu.import.batch"].create({"template_id": template.id, "file": content, "filename": "tags.xlsx"})
        with mute_logger("odoo.sql_db"):
            batch.action_import()
        reasons = {problem.row: problem.reason for problem in batch.problem_ids}
        self.assertEqual((batch.done_count, set(reasons)), (1, {2, 3}))
        self.assertIn("already exists", reasons[2])
        self.assertIn("do not fit together", reasons[3])
        for reason in reasons.values():
            self.assertNotIn("DETAIL", reason)
            self.assertNotIn("violates", reason)

    def test_pictures_of_the_company_at_work(self):
        """The same code in two companies means two products: one's own is meant."""
        other = self.env["res.company"].create({"name": "Other (test)"})
        self.env.user.company_ids += other
        own = self._create_product(name="Here", default_code="PIC-1", company_id=self.env.company.id)
        foreign = self._create_product(name="There", default_code="PIC-1", company_id=other.id)
        wizard = self.env["kehu.product.pictures"].with_context(allowed_company_ids=[self.env.company.id, other.id])
        self.assertEqual(wizard._kehu_products({"PIC-1"})["pic-1"], own)
        self.assertEqual(wizard.with_company(other)._kehu_products({"PIC-1"})["pic-1"], foreign)

    def test_values_that_the_program_refuses(self):
        """What a programmer is told is for the log, not for who imports."""
        departments = type(self.env["hr.department"])
        create = departments.create

        def refuse(records, vals_list):
            if any(vals.get("kehu_code") == "T-V1" for vals in vals_list):
                raise ValueError("Invalid field 'x' on model 'y'")
            return create(records, vals_list)

        with patch.object(departments, "create", refuse), patch.object(kehu_import_batch_run._logger, "info") as log:
            batch = self._import("department", ["部门编码", "部门名称", "上级部门"], ["T-V0", "甲 (t)", None], ["T-V1", "乙 (t)", None])
        self.assertEqual((batch.done_count, batch.problem_ids.row), (1, 3), self._reasons(batch))
        self.assertIn("not of the kind that its field takes", batch.problem_ids.reason)
        self.assertNotIn("Invalid field", batch.problem_ids.reason)
        self.assertTrue(log.call_args.kwargs["exc_info"])
