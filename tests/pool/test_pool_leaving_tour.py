"""The web client asks who gets the customers, before a user or a department is archived."""

from odoo.tests import HttpCase, new_test_user, tagged

from .common import PoolCommon


@tagged("post_install", "-at_install")
class TestPoolLeavingTour(PoolCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_it = new_test_user(
            cls.env, "kehu_it_tour", password="kehu_it_tour", groups="base.group_system,hr.group_hr_manager", name="It", lang="en_US"
        )
        sales = "kehu_crm.group_kehu_user"
        cls.leaver = new_test_user(cls.env, "kehu_leaver_tour", groups=sales, name="Leaver Zhao")
        cls.successor = new_test_user(cls.env, "kehu_successor_tour", groups=sales, name="Successor Qian")

    def test_a_user_is_archived_from_the_list(self):
        customer = self._create_customer(owner=self.leaver)
        self.start_tour("/odoo/users", "kehu_pool_leaving_user", login=self.user_it.login, timeout=180)
        self.env.invalidate_all()
        self.assertFalse(self.leaver.active)
        self.assertOwner(customer, self.successor)
        self.assertEqual(self.history(customer)[-1], ("transfer", self.leaver, self.successor, self.user_it))

    def test_a_department_is_closed_from_its_form(self):
        customer = self._create_customer(owner=self.user_seller)
        self.start_tour(
            f"/odoo/hr.department/{self.department_east.id}", "kehu_pool_leaving_department", login=self.user_it.login, timeout=180
        )
        self.env.invalidate_all()
        self.assertFalse(self.department_east.active)
        self.assertTrue(self.user_seller.active)
        self.assertOwner(customer, self.successor)

    def test_a_department_is_closed_from_its_card(self):
        customer = self._create_customer(owner=self.user_seller)
        self.start_tour("/odoo/departments", "kehu_pool_leaving_card", login=self.user_it.login, timeout=180)
        self.env.invalidate_all()
        self.assertFalse(self.department_east.active)
        self.assertOwner(customer, self.successor)
