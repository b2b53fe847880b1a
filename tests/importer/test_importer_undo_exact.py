"""Undo refuses exactly where later work builds on a record, and takes back all that an import made."""

import base64
import io
from unittest.mock import patch

import openpyxl
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.importer import kehu_import_batch_run
from .import_common import TITLES, ImportCommon


@tagged("post_install", "-at_install")
class TestImporterUndoExact(ImportCommon):
    TABLES = (
        "res_partner",
        "sale_order",
        "sale_order_line",
        "kehu_assignment",
        "kehu_level_change",
        "kehu_customer_change",
        "kehu_import_row",
    )

    def _hour_passes(self, batches):
        """A test is one transaction, at one moment: what the import did is made to have happened an hour ago."""
        self.env.flush_all()
        hour = SQL("interval '1 hour'")
        for table in self.TABLES:
            self.env.cr.execute(
                SQL("UPDATE %s SET create_date = create_date - %s, write_date = write_date - %s", SQL.identifier(table), hour, hour)
            )
        self.env.cr.execute(
            SQL("UPDATE kehu_import_row SET stamp = stamp - %s, made = made - %s WHERE batch_id = ANY(%s)", hour, hour, batches.ids)
        )
        self.env.invalidate_all()

    def _imported(self, rows, **values):
        batch = self._batch(rows, **values)
        batch.action_import()
        self.assertFalse(batch.problem_ids.mapped("reason"))
        self._hour_passes(batch)
        return batch

    def test_a_contact_edited_with_its_customer(self):
        """One save of the form writes both at one moment: that is work on the contact, unlike an address that merely follows."""
        old = [self._create_customer(self.user_seller, name=f"老客户{n}", ref=f"O{n}") for n in range(4)]
        rows = []
        for customer in old:
            rows += [self._row(客户名称=customer.name, 客户编码=customer.ref), self._row(联系人=f"赵{customer.ref}")]
        batch = self._imported(rows, mode="update")
        edited, moved, touched, quiet = (customer.child_ids for customer in old)
        old[0].write({"phone": "0512-66880000", "child_ids": [(1, edited.id, {"function": "采购经理"})]})
        old[1].write({"street": "人民路1号", "city": "苏州市"})
        old[2].write({"phone": "0512-66880002", "child_ids": [(1, touched.id, {"function": "采购经理"})]})
        touched.function = False
        self.env.flush_all()
        self.assertEqual((moved.street, edited.write_date), ("人民路1号", old[0].write_date))
        batch.action_undo()
        self.assertEqual((edited | moved | touched | quiet).exists(), edited)
        self.assertEqual((batch.state, batch.kept_count), ("undone", 1))
        self.assertEqual(batch.problem_ids.value, "赵O0")
        self.assertIn(edited._fields["function"]._description_string(batch.env), batch.problem_ids.reason)

    def test_a_picture_and_tags_are_work_too(self):
        old = [self._create_customer(self.user_seller, name=f"老客户{n}", ref=f"O{n}") for n in range(2)]
        rows = []
        for customer in old:
            rows += [self._row(客户名称=customer.name, 客户编码=customer.ref), self._row(联系人=f"赵{customer.ref}")]
        batch = self._imported(rows, mode="update")
        tag = self.env["res.partner.category"].create({"name": "VIP (test)"})
        pixel = b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
        old[0].child_ids.image_1920 = pixel
        old[1].child_ids.category_id = tag
        self.env.flush_all()
        self.env.cr.execute("UPDATE ir_attachment SET create_date = now() AT TIME ZONE 'UTC' WHERE res_field = 'image_1920'")
        batch.action_undo()
        self.assertEqual((batch.kept_count, len(old[0].child_ids), len(old[1].child_ids)), (2, 1, 1))

    def test_undone_by_another_undo(self):
        """What a later import wrote and took back again is no work any more."""
        first = self._imported(self._rows(1))
        second = self._batch(
            [self._row(客户编码="T0", 客户名称="公司T0", 城市="无锡市", 联系人="王0", 联系人手机="13900000001")], mode="update"
        )
        second.action_import()
        customer = self._customers(first)
        self.assertEqual((customer.city, second.problem_count), ("无锡市", 0))
        second.action_undo()
        self.assertEqual((customer.city, second.state, second.kept_count), ("苏州市", "undone", 0))
        first.action_undo()
        self.assertFalse(customer.exists(), first.problem_ids.mapped("reason"))

    def test_values_that_the_host_wrote_in_another_form(self):
        self.template.field_ids = [(0, 0, {"title": "网址", "field_name": "website"})]
        customer = self._create_customer(self.user_seller, name="老客户", ref="W1", website="http://old.example.com")
        row = [*self._row(客户名称="老客户", 客户编码="W1"), "www.new.example.com"]
        batch = self._imported([row], mode="update", titles=[*TITLES, "网址"])
        self.assertEqual(customer.website, "http://www.new.example.com")
        batch.action_undo()
        self.assertEqual((batch.kept_count, customer.website), (0, "http://old.example.com"), batch.problem_ids.mapped("reason"))
        again = self._imported([row], mode="update", titles=[*TITLES, "网址"])
        customer.website = "www.third.example.com"
        again.action_undo()
        self.assertEqual((again.kept_count, customer.website), (1, "http://www.third.example.com"))

    def test_lines_added_to_a_record_that_was_there(self):
        """Lines below a document that the file updates go again, those that were there stay."""
        product = self._create_product(name="泵 (test)", default_code="PUMP-T")
        customer = self._create_customer(self.user_director, name="订货公司", ref="L1")
        order = self.env["sale.order"].create(
            {"partner_id": customer.id, "client_order_ref": "PO-T1", "order_line": [(0, 0, {"product_id": product.id})]}
        )
        fresh = self.env["sale.order"].create({"partner_id": customer.id, "client_order_ref": "PO-T2"})
        columns = [
            ("订单号", "client_order_ref"),
            ("备注", "origin"),
            ("商品", "order_line/product_id"),
            ("数量", "order_line/product_uom_qty"),
        ]
        template = self.env["kehu.import.template"].create(
            {
                "name": "Orders (test)",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "field_ids": [
                    (0, 0, {"title": title, "field_name": name, "is_key": name == "client_order_ref"}) for title, name in columns
                ],
            }
        )
        rows = [
            ["PO-T1", "展会", None, None],
            [None, None, product.name, 3],
            ["PO-T2", None, None, None],
            [None, None, product.name, 5],
            [None, None, product.name, 7],
        ]
        titles = [title for title, _name in columns]
        batch = self._imported(rows, mode="update", titles=titles, user=self.user_director, template_id=template.id)
        self.assertEqual((order.order_line.mapped("product_uom_qty"), len(fresh.order_line)), ([1, 3], 2))
        fresh.order_line[1].price_unit = 99
        self.env.flush_all()
        batch.action_undo()
        self.assertEqual((order.order_line.mapped("product_uom_qty"), order.origin), ([1], False))
        self.assertEqual(fresh.order_line.mapped("product_uom_qty"), [7], "somebody has given it a price since")
        self.assertEqual((batch.kept_count, batch.undone_count), (1, 4))

    def test_create_only_changes_no_contact(self):
        """On a sheet of their own: contact persons of customers that exist."""
        customer = self._create_customer(self.user_east_manager, name="老客户", ref="E1")
        contact = self._create_contact(customer, name="钱七", kehu_mobile="13800000000")
        for duplicates, counts, mobile in (
            ("refuse", (1, 0), "13800000000"),
            ("skip", (0, 1), "13800000000"),
            ("update", (0, 0), "13900000001"),
        ):
            with self.subTest(duplicates):
                self.template.duplicate_mode = duplicates
                batch = self._two_sheets(
                    [self._row(客户名称=f"新{duplicates}", 客户编码=f"N{duplicates}")], [["E1", "钱七", "13900000001"]]
                )
                batch.action_check()
                self.assertEqual((batch.problem_count, batch.skipped_count), counts)
                batch.action_import()
                self.assertEqual((contact.kehu_mobile, len(customer.child_ids)), (mobile, 1))
                self.assertIn("钱七", "".join(batch.problem_ids.mapped("reason")) or "钱七")

    def test_equal_contacts_are_one(self):
        """Of one slice or of several, the same name below one customer is one person."""
        rows = [*self._rows(1), self._row(联系人="赵六"), self._row(联系人="赵六", 联系人手机="13900000009"), self._row(联系人="钱七")]
        run = type(self.env["kehu.import.batch"])._kehu_run_slice
        for turn, limit in enumerate((10, 1)):
            with self.subTest(limit=limit):
                rows[0][0], rows[0][1] = f"公司E{turn}", f"E{turn}"
                with patch.object(type(self.env["kehu.import.batch"]), "_kehu_run_slice", lambda batch, limit=limit: run(batch, limit)):
                    batch = self._imported(rows)
                    contacts = self._customers(batch).child_ids
                    self.assertEqual(contacts.mapped("name"), ["王0", "赵六", "钱七"])
                    self.assertEqual(contacts[1].kehu_mobile, "13900000009")
                    batch.action_undo()
                self.assertEqual((batch.undone_count, batch.kept_count), (4, 0), batch.problem_ids.mapped("reason"))
                self.assertFalse(contacts.exists())

    def _two_sheets(self, rows, contacts):
        book = openpyxl.Workbook()
        book.active.title = "客户"
        for row in (TITLES, *rows):
            book.active.append(row)
        sheet = book.create_sheet("联系人")
        for row in (["客户编码", "联系人", "联系人手机"], *contacts):
            sheet.append(row)
        stream = io.BytesIO()
        book.save(stream)
        return (
            self.env["kehu.import.batch"]
            .with_user(self.user_east_manager)
            .create({"template_id": self.template.id, "file": base64.b64encode(stream.getvalue()), "filename": "two.xlsx"})
        )

    def test_by_turn_where_rows_are_refused(self):
        """Each member gets their share, although every row is saved by itself after one was refused."""
        members = self.user_seller | self.user_seller2
        pool = self.env["kehu.pool"].create({"name": "Turn (test)", "member_ids": [(6, 0, members.ids)]})
        self.template.write({"owner_rule": "turn", "target_pool_id": pool.id})
        partners = type(self.env["res.partner"])
        create = partners.create

        def refuse(records, vals_list):
            if any("坏" in (vals.get("name") or "") for vals in vals_list):
                raise ValidationError(vals_list[0]["name"])
            return create(records, vals_list)

        rows = self._rows(8)
        for number in (1, 4, 6):
            rows[number][0] = f"坏{number}"
        batch = self._batch(rows, user=self.user_director)
        with patch.object(partners, "create", refuse):
            batch.action_import()
        self.assertEqual((batch.created_count, batch.problem_count), (5, 3), batch.problem_ids.mapped("reason"))
        shares = sorted(len(owned) for owned in self._customers(batch).grouped("user_id").values())
        self.assertEqual(shares, [2, 3])

    def test_slices_of_an_undo(self):
        """A slice of an undo takes what a slice of the import made, wherever the cut falls."""
        batch = self._imported([*self._rows(5), self._row(联系人="赵六"), self._row(联系人="钱七")])
        with patch.object(kehu_import_batch_run, "IN_CALL", 0):
            batch.action_undo()
            while batch.state == "running":
                batch._kehu_run_slice(limit=2)
        self.assertEqual((batch.state, batch.undone_count, batch.kept_count), ("undone", 7, 0), batch.problem_ids.mapped("reason"))

    def _with_further_contacts(self, count):
        """Return rows of customers, each with a contact of its own and a further one in the row below."""
        return [row for n, main in enumerate(self._rows(count)) for row in (main, self._row(联系人=f"赵{n}"))]

    def _work_on(self, customers):
        """Tie something to the first two of these customers and to the contact of the third, without a write to them."""
        self.env["crm.lead"].create({"name": "商机 (test)", "type": "opportunity", "partner_id": customers[0].id})
        customers[1].activity_schedule("mail.mail_activity_data_todo", user_id=self.user_director.id)
        contact = customers[2].child_ids.filtered(lambda contact: contact.name == "王2")
        contact.activity_schedule("mail.mail_activity_data_todo", user_id=self.user_director.id)
        self.env.flush_all()
        partners = customers | customers.child_ids
        self.env.cr.execute("UPDATE res_partner SET write_date = create_date WHERE id = ANY(%s)", [partners.ids])
        self.env.invalidate_all()

    def test_customers_worked_on_with_further_contacts(self):
        """The undo of the further contact persons, which comes first, does not hide what hangs on their customers."""
        batch = self._imported(self._with_further_contacts(4))
        customers = self._customers(batch)
        self._work_on(customers)
        batch.action_undo()
        self.assertEqual(customers.exists(), customers[:3])
        self.assertEqual(customers[:3].child_ids.mapped("name"), ["王0", "王1", "王2"])
        self.assertEqual(set(batch.problem_ids.mapped("value")), {"公司T0", "公司T1", "公司T2"})
        self.assertEqual((batch.state, batch.kept_count, batch.undone_count), ("undone", 3, 5))

    def test_customers_worked_on_before_their_further_contacts(self):
        """Work between the slice that makes a customer and the one that brings its further contacts is later work, too."""
        batch = self._batch(self._with_further_contacts(5))
        with patch.object(kehu_import_batch_run, "IN_CALL", 0):
            batch.action_import()
            batch._kehu_run_slice(limit=5)
            customers = self._customers(batch)
            self._hour_passes(batch)
            self._work_on(customers)
            customers[3].phone = "0512-66880003"
            while batch.state == "running":
                batch._kehu_run_slice(limit=10)
        self.assertEqual((batch.state, batch.done_count), ("done", 10), batch.problem_ids.mapped("reason"))
        batch.action_undo()
        self.assertEqual(customers.exists(), customers[:4])
        self.assertEqual((batch.kept_count, batch.undone_count), (4, 6), batch.problem_ids.mapped("reason"))

    def test_records_stay_with_their_lines(self):
        """A new order whose line was worked on stays with that line, as a new customer with its contact person."""
        product = self._create_product(name="泵 (test)", default_code="PUMP-T")
        self._create_customer(self.user_director, name="订货公司", ref="L1")
        columns = [
            ("订单号", "client_order_ref"),
            ("客户", "partner_id"),
            ("商品", "order_line/product_id"),
            ("数量", "order_line/product_uom_qty"),
        ]
        template = self.env["kehu.import.template"].create(
            {
                "name": "Orders (test)",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "field_ids": [
                    (0, 0, {"title": title, "field_name": name, "is_key": name == "client_order_ref"}) for title, name in columns
                ],
            }
        )
        rows = [
            ["PO-N1", "订货公司", None, None],
            [None, None, product.name, 3],
            ["PO-N2", "订货公司", None, None],
            [None, None, product.name, 5],
        ]
        titles = [title for title, _name in columns]
        batch = self._imported(rows, titles=titles, user=self.user_director, template_id=template.id)
        orders = self.env["sale.order"].search([("client_order_ref", "in", ("PO-N1", "PO-N2"))], order="client_order_ref")
        line = orders[0].order_line
        line.price_unit = 99
        self.env.flush_all()
        batch.action_undo()
        self.assertEqual((orders.exists(), line.exists()), (orders[0], line))
        self.assertEqual((batch.kept_count, batch.undone_count), (2, 2))
        self.assertIn("has a line that stays", "".join(batch.problem_ids.mapped("reason")))

        batch = self._imported(self._with_further_contacts(2))
        customers = self._customers(batch)
        contact = customers[0].child_ids.filtered(lambda contact: contact.name == "赵0")
        contact.function = "采购经理"
        batch.action_undo()
        self.assertEqual((customers.exists(), contact.exists().parent_id), (customers[0], customers[0]))
        self.assertEqual((batch.kept_count, batch.undone_count), (2, 2))
        contact.unlink()
        batch.action_undo()
        self.assertEqual((customers.exists(), batch.kept_count), (customers.browse(), 0), batch.problem_ids.mapped("reason"))
