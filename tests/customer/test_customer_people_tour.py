"""In the browser, in Chinese: departments of a customer, a further number, and a contact who changes jobs."""

from odoo.tests import HttpCase, tagged

from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerPeopleTour(KehuCommon, HttpCase):
    def test_a_contact_changes_jobs(self):
        for user in (self.user_seller, self.user_east_manager):
            user.write({"password": user.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        old = self._create_customer(owner=self.user_seller, name="Old Employer")
        new = self._create_customer(owner=self.user_seller, name="New Employer")
        contact = self._create_contact(old, name="Zhang San", function="Buyer")
        seller, manager = self.user_seller.login, self.user_east_manager.login
        self.start_tour(f"/odoo/kehu-customers/{old.id}", "kehu_customer_departments", login=seller, timeout=240)
        self.start_tour(f"/odoo/kehu-contacts/{contact.id}", "kehu_customer_moves", login=seller, timeout=240)
        self.start_tour(f"/odoo/kehu-customers/{old.id}", "kehu_customer_former", login=manager, timeout=240)
        self.env.invalidate_all()
        row = contact.kehu_employment_ids
        self.assertEqual((row.partner_id, row.job_title, row.department), (old, "Buyer", "Purchasing"))
        self.assertEqual((contact.kehu_customer_id, contact.kehu_customer_department_id.ids), (new, []))
        self.assertEqual(contact.kehu_phone_ids.mapped("number"), ["0512 6288 7778"])
