"""Undo sees later work that bears no later date: merges, contacts moved to an imported customer, parents and children, accounts."""

from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .test_importer_models import ModelsCommon
from .test_importer_undo_exact import TestImporterUndoExact as UndoExact


@tagged("post_install", "-at_install")
class TestImporterUndoLinks(UndoExact):
    def _made_long_ago(self, records):
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET create_date = '2020-01-01' WHERE id = ANY(%s)",
                SQL.identifier(records._table),
                records.ids,
            )
        )
        records.invalidate_recordset()

    def _merge(self, partners, into):
        self.env["base.partner.merge.automatic.wizard"].sudo().create({})._merge(partners.ids, into)
        self.env.flush_all()
        self.env.invalidate_all()

    def test_a_contact_moved_to_a_new_customer(self):
        old = self._create_customer(self.user_seller, name="老客户", ref="O1")
        contact = self.env["res.partner"].create({"name": "老联系人", "type": "contact", "parent_id": old.id})
        batch = self._imported(self._rows(2))
        self._made_long_ago(old | contact)
        customers = self._customers(batch)
        contact.parent_id = customers[0]
        batch.action_undo()
        self.assertEqual((customers.exists(), contact.exists().parent_id), (customers[0], customers[0]))
        self.assertEqual((batch.kept_count, batch.problem_ids.value), (1, "公司T0"))
        contact.parent_id = old
        batch.action_undo()
        self.assertEqual((batch.kept_count, customers.exists().ids, contact.exists()), (0, [], contact))

    def test_documents_of_a_merged_customer(self):
        old = self._create_customer(self.env["res.users"], name="老客户", ref="O1")
        order = self.env["sale.order"].create({"partner_id": old.id})
        batch = self._imported(self._rows(2))
        self._made_long_ago(order)
        self._made_long_ago(old)
        customers = self._customers(batch)
        self._merge(old | customers[0], customers[0])
        self.assertEqual(order.partner_id, customers[0])
        batch.action_undo()
        self.assertEqual((customers.exists(), order.exists()), (customers[0], order))
        self.assertEqual(batch.kept_count, 1)

    def test_two_of_one_import_merged(self):
        """The contact person of the one that went now stands below the other; nothing tells when that happened."""
        batch = self._imported(self._rows(3))
        first, second, third = self._customers(batch)
        contacts = (first | second).child_ids
        self._merge(first | second, first)
        self.env.cr.execute(SQL("UPDATE res_partner SET write_date = create_date WHERE id = ANY(%s)", (first | contacts).ids))
        self.env.invalidate_all()
        batch.action_undo()
        self.assertEqual((first | second | third).exists(), first)
        self.assertEqual(contacts.exists(), contacts, "both are below the customer that stays")
        self.assertEqual((batch.kept_count, batch.undone_count), (2, 1), batch.problem_ids.mapped("reason"))

    def test_links_that_the_person_does_not_see(self):
        """A tag hidden from who imports stays through update and undo, and is no change by somebody else."""
        self.template.field_ids = [(0, 0, {"title": "标签", "field_name": "category_id"})]
        hidden, old, new = self.env["res.partner.category"].create([{"name": f"{name} (t)", "color": n} for n, name in enumerate("ABC", 7)])
        self.env["ir.rule"].create(
            {
                "name": "hidden tags (test)",
                "model_id": self.env["ir.model"]._get_id("res.partner.category"),
                "domain_force": "[('color', '!=', 7)]",
                "groups": [(6, 0, self.env.ref("kehu_crm.group_kehu_user").ids)],
            }
        )
        customer = self._create_customer(self.user_seller, name="老客户", ref="O1", category_id=[(6, 0, (hidden | old).ids)])
        batch = self._imported(
            [[*self._row(客户名称="老客户", 客户编码="O1"), new.name]],
            mode="update",
            titles=[*[title for title in self.template.field_ids.mapped("title") if title != "标签"], "标签"],
        )
        self.assertEqual(customer.sudo().category_id, hidden | new)
        batch.action_undo()
        self.env.invalidate_all()
        self.assertEqual((batch.kept_count, customer.sudo().category_id), (0, hidden | old), batch.problem_ids.mapped("reason"))


@tagged("post_install", "-at_install")
class TestImporterUndoTrees(ModelsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "kehu_crm.group_kehu_director,kehu_crm.group_kehu_admin,hr.group_hr_user,base.group_erp_manager"
        cls.importer = new_test_user(cls.env, "kehu_organiser", groups=groups, name="Organiser", email="o@example.com", lang="en_US")

    def _tree(self):
        """Import departments below each other, each an hour after the one above it, as of slices of one row."""
        rows = [[f"T-L{n}", f"部门{n} (t)", f"t-l{n - 1}" if n else None] for n in range(5)]
        batch = self._import("department", ["部门编码", "部门名称", "上级部门"], *rows)
        self.assertEqual((batch.done_count, batch.problem_count), (5, 0), self._reasons(batch))
        made = self.env["hr.department"].search([("kehu_code", "=like", "T-L_")], order="kehu_code")
        self.env.flush_all()
        for hours, department in enumerate(made, -9):
            self.env.cr.execute(
                SQL(
                    "UPDATE hr_department SET create_date = create_date + %(h)s, write_date = write_date + %(h)s WHERE id = %(id)s",
                    h=SQL("%s * interval '1 hour'", hours),
                    id=department.id,
                )
            )
            self.env.cr.execute(
                SQL(
                    "UPDATE kehu_import_row SET made = made + %(h)s, stamp = stamp + %(h)s WHERE batch_id = %(batch)s AND res_id = %(id)s",
                    h=SQL("%s * interval '1 hour'", hours),
                    batch=batch.id,
                    id=department.id,
                )
            )
        self.env.invalidate_all()
        return batch, made

    def test_a_tree_goes_in_one_undo(self):
        batch, made = self._tree()
        self.assertEqual(made.mapped("parent_id"), made[:-1], "a parent is known whatever its case")
        batch.action_undo()
        self.assertEqual((batch.state, batch.kept_count, made.exists().ids), ("undone", 0, []), self._reasons(batch))

    def test_what_stands_above_a_record_that_stays_stays(self):
        batch, made = self._tree()
        made[2].name = "改名 (t)"
        self.env.flush_all()
        batch.action_undo()
        self.assertEqual((made.exists(), batch.kept_count), (made[:3], 3), self._reasons(batch))
        self.assertEqual(made[2].parent_id, made[1])
        made[2].unlink()
        batch.action_undo()
        self.assertEqual((batch.kept_count, made.exists().ids), (0, []), self._reasons(batch))

    def test_an_account_given_to_somebody_who_was_there(self):
        there = self.env["hr.employee"].create([{"name": f"Person {n} (t)", "work_email": f"person{n}_t@example.com"} for n in range(3)])
        found = new_test_user(self.env, "found_t@example.com", groups="base.group_user")
        self.env.cr.execute("UPDATE res_users SET create_date = '2020-01-01' WHERE id = %s", [found.id])
        rows = [
            [person.name, login, person.work_email]
            for person, login in zip(there, ("new0_t@example.com", "new1_t@example.com", found.login), strict=True)
        ]
        batch = self._import("employee", ["姓名", "登录名", "工作邮箱"], *rows, mode="update")
        self.assertEqual((batch.updated_count, batch.problem_count), (3, 0), self._reasons(batch))
        users = there.user_id
        self.assertEqual(users.mapped("login"), [row[1] for row in rows])
        self.env["res.users.log"].with_user(users[1]).sudo().create({})
        self.env.flush_all()
        self.env.invalidate_all()
        batch.action_undo()
        self.assertEqual(there.mapped("user_id"), users[1], self._reasons(batch))
        self.assertEqual((users[0].active, users[1].active, found.active), (False, True, True))
        self.assertEqual(batch.kept_count, 1)
        self.assertIn("has logged in", "".join(self._reasons(batch).values()))
