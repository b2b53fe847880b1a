"""A pool is emptied into another one, so that it can be closed."""

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ...models.pool.exceptions import KehuPoolError
from .common import PoolCommon


@tagged("post_install", "-at_install")
class TestPoolMove(PoolCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old, cls.new = cls.env["kehu.pool"].create([{"name": "Old Pool"}, {"name": "New Pool"}])
        cls.customers = cls._create_customer(kehu_pool_id=cls.old.id, name="One") | cls._create_customer(
            kehu_pool_id=cls.old.id, name="Two", active=False
        )
        cls.contact = cls._create_contact(cls.customers[0])

    def test_a_pool_is_emptied_and_closed(self):
        with self.assertRaisesRegex(KehuPoolError, "Move All Customers"):
            self.old.action_archive()
        action = self.old.with_user(self.user_crm_admin).action_move_customers()
        dialog = Form(self.env[action["res_model"]].with_user(self.user_crm_admin).with_context(**action["context"]))
        self.assertEqual(dialog.preview, "Choose the pool that takes 2 customers.")
        dialog.target_id = self.new
        dialog.reason = "One pool is enough"
        dialog.close = True
        self.assertEqual(dialog.preview, "Will go to New Pool: 2 customers.")
        notice = dialog.save().action_apply()
        self.assertEqual(notice["params"]["message"], "Went to New Pool: 2 customers.")
        self.assertFalse(self.old.active)
        self.assertEqual(self.customers.kehu_pool_id, self.new)
        self.assertEqual(self.contact.kehu_pool_id, self.new)
        for customer in self.customers:
            row = customer.kehu_assignment_ids[0]
            self.assertEqual(
                (row.kind, row.pool_id, row.reason, row.author_id), ("return", self.new, "One pool is enough", self.user_crm_admin)
            )
            self.assertFalse(row.old_user_id | row.user_id)

    def test_trap_a_customer_waits_in_one_pool_only(self):
        self.old.kehu_move_customers(self.new.id)
        self.assertEqual((self.old.customer_count, self.new.customer_count), (0, 1))
        self.assertEqual(self.env["res.partner"].search([("kehu_pool_id", "in", (self.old | self.new).ids)]).kehu_pool_id, self.new)

    def test_a_pool_with_a_history_is_archived_not_deleted(self):
        self.old.kehu_move_customers(self.new.id)
        with self.assertRaisesRegex(KehuPoolError, "stands in the ownership history"):
            self.old.unlink()
        self.env["kehu.pool"].create({"name": "Never Used"}).unlink()

    def test_who_may(self):
        self.old.manager_ids = self.user_seller2
        for user in (self.user_seller, self.user_service, self.user_employee):
            with self.subTest(user=user.name), self.assertRaises(UserError):
                self.old.with_user(user).kehu_move_customers(self.new.id)
        self.assertEqual(self.customers.kehu_pool_id, self.old)
        self.assertEqual(self.old.with_user(self.user_seller2).kehu_move_customers(self.new.id), 2)
        self.assertEqual(self.new.with_user(self.user_east_manager).kehu_move_customers(self.old.id), 2)

    def test_nonsense(self):
        for target in (self.old.id, False, "x", 10**10, self.old.id + 10**6):
            with self.subTest(target=target), self.assertRaises(KehuPoolError):
                self.old.kehu_move_customers(target)

    def test_cost_does_not_grow(self):
        def queries(count):
            pool = self.env["kehu.pool"].create({"name": f"Full {count} {self.env.cr.sql_log_count}"})
            self.env["res.partner"].create(
                [{"name": f"Many {number}", "kehu_is_customer": True, "kehu_pool_id": pool.id} for number in range(count)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(pool.kehu_move_customers(self.new.id), count)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(110)
        self.assertLessEqual(queries(330), queries(110) + 5)
