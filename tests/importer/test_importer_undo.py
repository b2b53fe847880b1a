"""Undo of an import: everything as before, but for exactly the rows that later work builds on."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.importer import kehu_import_batch_run
from ...models.importer.exceptions import KehuImportStateError, KehuImportTemplateError
from .import_common import ImportCommon


@tagged("post_install", "-at_install")
class TestImporterUndo(ImportCommon):
    def _hour_passes(self, batch):
        """A test is one transaction, at one moment: what the import did is made to have happened an hour ago."""
        self.env.flush_all()
        hour = SQL("interval '1 hour'")
        for table in ("res_partner", "kehu_assignment", "kehu_level_change", "kehu_customer_change", "kehu_import_row"):
            self.env.cr.execute(
                SQL("UPDATE %s SET create_date = create_date - %s, write_date = write_date - %s", SQL.identifier(table), hour, hour)
            )
        self.env.cr.execute(
            SQL("UPDATE kehu_import_row SET stamp = stamp - %s, made = made - %s WHERE batch_id = %s", hour, hour, batch.id)
        )
        self.env.invalidate_all()

    def _imported(self, rows, **values):
        batch = self._batch(rows, **values)
        batch.action_import()
        self.assertFalse(batch.problem_ids)
        self._hour_passes(batch)
        return batch

    def test_created_and_changed(self):
        industry = self.env["res.partner.industry"].create({"name": "Mining (test)"})
        old = self._create_customer(self.user_seller, name="旧名", ref="T0", city="无锡市", industry_id=industry.id)
        contact = self._create_contact(old, name="王0", kehu_mobile="13800000000")
        untouched = self._create_customer(self.user_seller, name="公司U", ref="U1")
        before = self.env["res.partner"].search_count([])
        rows = self._rows(3)
        rows[0][2], rows[0][6] = "深海采矿", "13900000000"
        rows[1][2] = "深海采矿"
        rows.append(self._row(联系人="赵六"))
        rows.append(self._row(客户名称="公司U", 客户编码="U1"))
        batch = self._imported(rows, mode="both")
        self.assertEqual(
            (old.name, old.industry_id.name, contact.kehu_mobile, batch.created_count), ("公司T0", "深海采矿", "13900000000", 2)
        )
        batch.action_undo()
        self.assertEqual((batch.state, batch.undone_count, batch.kept_count, batch.done_count), ("undone", 5, 0, 0))
        self.assertEqual((old.name, old.city, old.industry_id, old.kehu_headcount), ("旧名", "无锡市", industry, 0))
        self.assertEqual((contact.name, contact.kehu_mobile, untouched.name), ("王0", "13800000000", "公司U"))
        self.assertEqual(self.env["res.partner"].search_count([]), before)
        self.assertFalse(self.env["res.partner.industry"].search([("name", "=", "深海采矿")]), "words it added go with it")
        self.assertIn("everything is as it was before", batch.summary)
        with self.assertRaises(KehuImportStateError):
            batch.action_undo()
        batch.unlink()

    def test_a_used_template_makes_nothing_else(self):
        """Else an undo would delete records of the other model that happen to have the same numbers."""
        self._imported(self._rows(1))
        other = self.env["ir.model"]._get_id("product.template")
        for template in (self.template.with_user(self.user_crm_admin), self.template.sudo()):
            with self.assertRaises(KehuImportTemplateError):
                template.model_id = other
            template.invalidate_recordset()
        self.template.copy().model_id = self.template.model_id

    def test_later_work_keeps_its_row_and_no_other(self):
        batch = self._imported([*self._rows(7), self._row(联系人="赵六")])
        customers = self._customers(batch)
        changed, called, ordered, planned, noted, extended = customers[:6]
        changed.phone = "0512-66880000"
        self.env["kehu.contact.record"].create(
            {"partner_id": called.id, "method": "phone", "content": "谈了", "date": "2026-01-05 02:00:00"}
        )
        self.env["sale.order"].create({"partner_id": ordered.id})
        planned.activity_schedule("mail.mail_activity_data_todo", user_id=self.user_director.id)
        noted.message_post(body=self.template.name, message_type="comment")
        self._create_contact(extended, name="钱七")
        self._move_forward(changed | called | extended)
        batch.action_undo()
        kept = {problem.value: problem.reason for problem in batch.problem_ids}
        self.assertEqual(set(kept), {customer.name for customer in customers[:6]})
        self.assertEqual((batch.state, batch.kept_count, batch.undone_count), ("undone", 6, 2))
        self.assertIn("was changed by", kept[changed.name])
        self.assertIn("Sales Order (1)", kept[ordered.name])
        self.assertIn("Activity (1)", kept[planned.name])
        self.assertIn("Message (1)", kept[noted.name])
        self.assertEqual(customers.exists(), customers[:6])
        self.assertEqual(len(customers[:6].child_ids), 7, "a contact whose customer stays is undone only when nothing speaks against it")
        self.assertEqual(batch.row_ids.filtered(lambda row: row.state == "kept").mapped("name"), customers[:6].mapped("name"))
        ordered.sale_order_ids.unlink()
        batch.action_undo()
        self.assertEqual((batch.kept_count, batch.undone_count), (5, 3))
        self.assertFalse(ordered.exists())

    def _move_forward(self, partners):
        """These were written to after the import: in a test everything bears one moment."""
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE res_partner SET write_date = now() AT TIME ZONE 'UTC' WHERE id = ANY(%s)", partners.ids))
        self.env.invalidate_all()

    def test_a_value_changed_again_is_kept(self):
        customers = [self._create_customer(self.user_seller, name=f"旧{n}", ref=f"T{n}") for n in range(3)]
        batch = self._imported(self._rows(3), mode="update")
        customers[0].city = "常州市"
        customers[1].phone = "0512-66880001"
        batch.action_undo()
        self.assertEqual([customer.name for customer in customers], ["公司T0", "旧1", "旧2"])
        self.assertEqual(customers[0].city, "常州市")
        self.assertEqual(customers[1].phone, "0512-66880001", "what the import did not touch is nobody's business")
        self.assertIn("City", batch.problem_ids.reason)
        self.assertEqual((batch.kept_count, batch.undone_count), (1, 2))

    def test_in_the_background_and_stopped(self):
        run = type(self.env["kehu.import.batch"])._kehu_run_slice
        batch = self._imported(self._rows(10))
        with (
            patch.object(kehu_import_batch_run, "IN_CALL", 0),
            patch.object(type(self.env["kehu.import.batch"]), "_kehu_run_slice", lambda batch, limit=4: run(batch, limit)),
        ):
            batch.action_undo()
            self.assertEqual((batch.state, batch.job), ("running", "undo"))
            batch._kehu_run_slice()
            self.assertEqual((len(self._customers(batch)), batch.progress), (6, 40.0))
            batch.action_cancel()
            batch.action_undo()
            self.env.flush_all()
            with self.enter_registry_test_mode():
                self.env.ref("kehu_crm.kehu_import_ir_cron").method_direct_trigger()
            self.env.invalidate_all()
        self.assertEqual((batch.state, batch.undone_count, len(self._customers(batch))), ("undone", 10, 0))

    def test_who_may_undo(self):
        batch = self._imported(self._rows(1))
        for user in (self.user_seller, self.user_sales_manager, self.user_finance):
            with self.assertRaises(AccessError):
                batch.with_user(user).action_undo()
        fresh = self._batch(self._rows(1, "N"))
        with self.assertRaises(KehuImportStateError):
            fresh.action_undo()
        batch.with_user(self.user_director).action_undo()
        self.assertEqual(batch.state, "undone")
