"""Many at once change hands exactly as a few do, in a fixed number of queries."""

from unittest.mock import patch

from odoo.tests import tagged

from ...models.pool import res_partner_bulk
from ...models.pool.exceptions import KehuOwnershipRightsError, KehuOwnershipStateError
from .policy_common import PolicyCommon

COLUMNS = ("user_id", "kehu_pool_id", "kehu_home_pool_id", "kehu_department_id", "kehu_assigned_on")


@tagged("post_install", "-at_install")
class TestPoolBulk(PolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["kehu.pool"].create({"name": "Other Pool"})

    def _set(self, pool=None, owner=None):
        """Three customers with contacts, one of which is archived, and with followers."""
        values = {"user_id": owner.id} if owner else {"kehu_pool_id": (pool or self.pool).id}
        customers = self.env["res.partner"].create(
            [{"name": f"Of Many {number}", "kehu_is_customer": True, **values} for number in range(3)]
        )
        for customer in customers:
            self._create_contact(customer)
            self._create_contact(customer, name="Has Left", active=False)
        if owner:
            customers.message_subscribe(owner.partner_id.ids)
        return customers

    def _picture(self, customers):
        """All that a change of hands touches."""
        self.env.flush_all()
        self.env.invalidate_all()
        everybody = customers | customers.with_context(active_test=False).kehu_contact_ids
        return {
            "columns": [[partner[name] for name in COLUMNS] for partner in everybody.sorted(lambda partner: (partner.name, partner.id))],
            "history": [
                [
                    (row.kind, row.old_user_id, row.user_id, row.pool_id, row.reason, row.author_id, row.company_id, row.date)
                    for row in customer.kehu_assignment_ids.sorted("id")
                ]
                for customer in customers
            ],
            "followers": [sorted(customer.message_partner_ids.mapped("name")) for customer in customers],
            "subtypes": [sorted(customer.message_follower_ids.subtype_ids.mapped("name")) for customer in customers],
        }

    def test_many_as_a_few(self):
        director = self.user_director
        ways = {
            "claim": (self.other, None, lambda customers: customers.with_user(self.user_seller).kehu_claim()),
            "assign": (self.other, None, lambda customers: customers.with_user(director).kehu_assign(self.user_seller2.id, "Go")),
            "return": (None, self.user_seller, lambda customers: customers.with_user(self.user_seller).kehu_return("Stop")),
            "return to": (None, self.user_seller, lambda customers: customers.with_user(director).kehu_return("Stop", self.other.id)),
            "transfer": (
                None,
                self.user_seller,
                lambda customers: customers.with_user(director).kehu_transfer(self.user_west_seller.id, "Move", with_documents=True),
            ),
        }
        for name, (pool, owner, change) in ways.items():
            with self.subTest(way=name):
                few, many = (
                    self._set(pool, owner).with_context(tracking_disable=False, mail_create_nosubscribe=False, mail_notrack=False)
                    for _number in range(2)
                )
                change(few)
                with patch.object(res_partner_bulk, "MANY", 2):
                    change(many)
                self.assertEqual(self._picture(many), self._picture(few))

    def test_documents_and_plans_go_along(self):
        customers = self._set(owner=self.user_seller)
        record = self._contact(customers[0], next_contact="2026-04-20", add_to_schedule=True).with_env(self.env)
        lead = self.env["crm.lead"].create(
            {"name": "Pumps", "partner_id": customers[0].id, "user_id": self.user_seller.id, "type": "opportunity"}
        )
        with patch.object(res_partner_bulk, "MANY", 2):
            customers.with_user(self.user_director).kehu_transfer(self.user_seller2.id, "Holiday", with_documents=True)
            self.assertEqual(record.event_ids.user_id, self.user_seller2)
            self.assertEqual(lead.user_id, self.user_seller2)
            customers.with_user(self.user_director).kehu_return("Enough")
        self.assertFalse(record.event_ids)

    def test_the_same_refusals(self):
        with patch.object(res_partner_bulk, "MANY", 2):
            mixed = self._set() | self._set(owner=self.user_seller2)
            with self.assertRaises(KehuOwnershipStateError):
                mixed.with_user(self.user_director).kehu_assign(self.user_seller.id)
            with self.assertRaises(KehuOwnershipRightsError):
                mixed[3:].with_user(self.user_west_seller).kehu_return("Not mine")
            with self.assertRaises(KehuOwnershipRightsError):
                mixed[:3].with_user(self.user_east_manager).kehu_assign(self.user_west_seller.id)
            locked = self._set(owner=self.user_seller)
            locked[1].kehu_locked = True
            refusals = locked.with_user(self.user_seller)._kehu_ownership_refusals("return", self.env["res.users"])
            self.assertEqual([customer.id for customer in refusals], locked[1].ids)
            gone = self._set()
            gone[0].kehu_contact_ids.with_context(active_test=False)
            missing = gone | self.env["res.partner"].browse(2**30)
            self.assertTrue(missing.with_user(self.user_director)._kehu_ownership_refusals("assign", self.user_seller))
        for customer in mixed[:3]:
            self.assertOwner(customer, self.env["res.users"])

    def test_queries_do_not_grow(self):
        def queries(count):
            customers = self.env["res.partner"].create([{"name": "Crowd", "kehu_is_customer": True} for _number in range(count)])
            self.env["res.partner"].create([{"name": "In the Crowd", "parent_id": customer.id} for customer in customers])
            self.env.flush_all()
            self.env.invalidate_all()
            customers = self.env["res.partner"].browse(customers.ids).with_user(self.user_director)
            before = self.env.cr.sql_log_count
            customers.kehu_assign(self.user_seller.id, "Crowd")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(120)
        few, many = queries(120), queries(480)
        self.assertLessEqual(many, few + 2)
        self.assertLessEqual(many, 60)

    def test_nothing_is_computed_again(self):
        """The department is set with the owner: else each thousand customers would cost a query more."""
        customers = self._set()
        with patch.object(res_partner_bulk, "MANY", 2):
            customers.with_user(self.user_director).kehu_assign(self.user_seller.id, "Crowd")
        self.assertFalse(self.env.records_to_compute(self.env["res.partner"]._fields["kehu_department_id"]))
