"""What the tests of the room share."""

from ..common import KehuCommon


class PoolCommon(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool = cls.env.ref("kehu_crm.kehu_pool_default")

    def history(self, customer):
        """The history of a customer as (kind, former owner, new owner, author), oldest first."""
        rows = self.env["kehu.assignment"].search([("partner_id", "=", customer.id)], order="id")
        return [(row.kind, row.old_user_id, row.user_id, row.author_id) for row in rows]

    def assertOwner(self, customer, user):
        """Owner or pool, never both, and the contacts have the same columns."""
        customer.invalidate_recordset()
        self.assertEqual(customer.user_id, user)
        self.assertEqual(bool(customer.kehu_pool_id), not user)
        self.assertEqual(bool(customer.kehu_assigned_on), bool(user))
        self.assertEqual(customer.kehu_department_id, user.kehu_home_department_id)
        for contact in customer.with_context(active_test=False).kehu_contact_ids:
            self.assertEqual(contact.user_id, user)
            self.assertEqual(contact.kehu_pool_id, customer.kehu_pool_id)
            self.assertEqual(contact.kehu_department_id, customer.kehu_department_id)
