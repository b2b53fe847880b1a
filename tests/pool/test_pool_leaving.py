"""People who leave, lose their role or their company, and departments that are closed: no customer is lost by it."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ...models.pool.exceptions import KehuOwnershipError, KehuOwnershipLimitError, KehuOwnershipRightsError
from .common import PoolCommon


@tagged("post_install", "-at_install")
class TestPoolLeaving(PoolCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_it = new_test_user(cls.env, "kehu_it", groups="base.group_erp_manager,hr.group_hr_user", name="It", lang="en_US")
        cls.customer = cls._create_customer(owner=cls.user_seller, name="Held")
        cls.contact = cls._create_contact(cls.customer)
        cls.archived = cls._create_customer(owner=cls.user_seller, name="Archived", active=False)
        cls.locked = cls._create_customer(owner=cls.user_seller, name="Locked", kehu_locked=True)
        cls.other = cls._create_customer(owner=cls.user_seller2, name="Of a Colleague")
        cls.left = cls.customer | cls.archived | cls.locked

    def assertReturned(self, reason, customers=None, author=None, old=None):
        for customer in self.left if customers is None else customers:
            self.assertOwner(customer, self.env["res.users"])
            self.assertFalse(customer.kehu_locked)
            row = customer.kehu_assignment_ids[0]
            self.assertEqual((row.kind, row.old_user_id, row.reason), ("return", old or self.user_seller, reason))
            self.assertEqual(row.author_id, author or self.env.user)
            self.assertEqual(len(customer.kehu_assignment_ids), 2)
        self.assertOwner(self.other, self.user_seller2)

    # -- without being asked -------------------------------------------------------------------------------------------

    def test_archiving_by_write_returns_the_customers(self):
        self.user_seller.with_user(self.user_it).write({"active": False})
        self.assertReturned("The owner has left.", author=self.user_it)
        self.assertEqual(self.contact.kehu_pool_id, self.pool)
        self.user_seller.active = True
        self.assertReturned("The owner has left.", author=self.user_it)

    def test_archiving_by_button_or_import_does_the_same(self):
        def load(user):
            messages = self.env["res.users"].load([".id", "active"], [[str(user.id), "False"]])["messages"]
            self.assertFalse([message for message in messages if message["type"] == "error"])

        for name, archive in (("button", lambda user: user.action_archive()), ("import", load)):
            with self.subTest(way=name):
                user = new_test_user(self.env, f"kehu_leaver_{name}", groups="kehu_crm.group_kehu_user")
                customer = self._create_customer(owner=user)
                archive(user)
                self.assertFalse(user.active)
                self.assertReturned("The owner has left.", customer, old=user)

    def test_losing_the_role_by_any_door(self):
        group = self.env.ref("kehu_crm.group_kehu_user")
        bundle = self.env["res.groups"].create({"name": "Field Sales (test)", "implied_ids": group.ids})
        doors = {
            "user": lambda user: user.write({"group_ids": [Command.set(self.env.ref("base.group_user").ids)]}),
            "portal": lambda user: user.write({"group_ids": [Command.set(self.env.ref("base.group_portal").ids)]}),
            "group": lambda user: group.write({"user_ids": [Command.unlink(user.id)]}),
            "implied": lambda user: bundle.write({"implied_ids": [Command.unlink(group.id)]}),
            "group deleted": lambda user: bundle.unlink(),
        }
        for name, lose in doors.items():
            with self.subTest(door=name):
                bundle.exists().implied_ids = group
                by_bundle = name in ("implied", "group deleted")
                user = new_test_user(self.env, f"kehu_door_{name}".replace(" ", "_"), groups="base.group_user")
                user.group_ids |= bundle if by_bundle else group
                customer = self._create_customer(owner=user, name=name)
                lose(user)
                reason = "The owner has left." if name == "portal" else "The owner has no sales role any more."
                self.assertReturned(reason, customer, old=user)

    def test_a_change_of_role_keeps_the_customers(self):
        self.user_seller.group_ids = self.env.ref("kehu_crm.group_kehu_manager")
        self.user_seller.write({"group_ids": [Command.set(self.env.ref("kehu_crm.group_kehu_user").ids)]})
        self.user_seller.name = "Renamed"
        self.assertOwner(self.customer, self.user_seller)
        self.assertEqual(len(self.customer.kehu_assignment_ids), 1)

    def test_losing_a_company_on_its_side_returns_its_customers(self):
        """The people of a company are the other end of the companies of a person."""
        branch = self.env["res.company"].create({"name": "Branch"})
        self.user_seller.company_ids |= branch
        theirs = self._create_customer(owner=self.user_seller, company_id=branch.id, name="Of the Branch")
        branch.write({"user_ids": [Command.unlink(self.user_seller.id)]})
        self.assertReturned("The owner does not work for the company of the customer any more.", theirs)

    def test_losing_a_company_returns_its_customers_only(self):
        branch = self.env["res.company"].create({"name": "Branch"})
        self.user_seller.company_ids |= branch
        theirs = self._create_customer(owner=self.user_seller, company_id=branch.id, name="Of the Branch")
        self.user_seller.company_ids -= branch
        self.assertReturned("The owner does not work for the company of the customer any more.", theirs)
        self.assertOwner(self.customer, self.user_seller)

    def test_they_go_where_they_would_fall(self):
        home = self.env["kehu.pool"].create({"name": "Home Pool"})
        came = self._create_customer(kehu_pool_id=home.id, name="From Home")
        came.with_user(self.user_seller).kehu_claim()
        members = self.env["kehu.pool"].create({"name": "Members' Pool", "member_ids": self.user_west_seller.ids})
        theirs = self._create_customer(owner=self.user_west_seller, name="Of a Member")
        branch = self.env["res.company"].create({"name": "Branch"})
        strange = self._create_customer(kehu_pool_id=home.id, name="Moved to the Branch")
        strange.with_user(self.user_seller).kehu_claim()
        self.user_seller.company_ids |= branch
        strange.company_id = branch
        home.company_id = self.env.company
        (self.user_seller | self.user_west_seller).action_archive()
        self.assertEqual(came.kehu_pool_id, home)
        self.assertEqual(theirs.kehu_pool_id, members)
        self.assertEqual(self.customer.kehu_pool_id, self.pool)
        self.assertEqual(strange.kehu_pool_id, self.pool, "not into a pool of another company")
        self.assertFalse(members._kehu_open_to(self.user_seller2), "a pool whose last member has left is not open to everybody")

    def test_who_owns_customers_is_not_deleted(self):
        user = new_test_user(self.env, "kehu_deleted", groups="kehu_crm.group_kehu_user", name="Goner")
        customer = self._create_customer(owner=user)
        with self.assertRaisesRegex(KehuOwnershipError, "Goner still owns"):
            user.unlink()
        self.assertOwner(customer, user)

    def test_closing_a_department(self):
        west = self._create_customer(owner=self.user_west_seller, name="In the West")
        self.department_east.with_user(self.user_it).write({"active": False})
        for customer in self.left | self.other:
            self.assertOwner(customer, self.env["res.users"])
        self.assertEqual(self.customer.kehu_assignment_ids[0].reason, "The department of the owner was closed.")
        self.assertEqual(self.customer.kehu_assignment_ids[0].kind, "return")
        self.assertOwner(west, self.user_west_seller)

    def test_deleting_a_department(self):
        self.department_east.unlink()
        self.assertOwner(self.customer, self.env["res.users"])
        self.assertEqual(self.customer.kehu_assignment_ids[0].old_user_id, self.user_seller)

    def test_cost_does_not_grow_with_the_number_of_customers(self):
        def queries(count):
            user = new_test_user(self.env, f"kehu_many_{count}_{self.env.cr.sql_log_count}", groups="kehu_crm.group_kehu_user")
            self.env["res.partner"].create(
                [{"name": f"Many {number}", "kehu_is_customer": True, "user_id": user.id} for number in range(count)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            user.write({"active": False})
            self.env.flush_all()
            self.assertEqual(self.env["res.partner"].search_count([("user_id", "=", user.id)]), 0)
            return self.env.cr.sql_log_count - before

        queries(110)
        self.assertLessEqual(queries(330), queries(110) + 5)

    # -- asked before --------------------------------------------------------------------------------------------------

    def _dialog(self, records, user=None):
        action = records.with_user(user or self.user_it).kehu_leaving_action()
        return Form(self.env[action["res_model"]].with_user(user or self.user_it).with_context(**action["context"]))

    def test_the_dialog_says_how_much_there_is_and_a_successor_gets_it(self):
        record = (
            self.env["kehu.contact.record"]
            .with_user(self.user_seller)
            .create(
                {
                    "partner_id": self.customer.id,
                    "content": "Talked",
                    "result": "Go on",
                    "next_contact": fields.Date.add(fields.Date.today(), days=5),
                    "add_to_schedule": True,
                }
            )
        )
        plan = self.env["calendar.event"].search([("kehu_contact_record_id", "=", record.id)])
        self.assertTrue(plan)
        lead = self.env["crm.lead"].create(
            {"name": "Pumps", "type": "opportunity", "partner_id": self.contact.id, "user_id": self.user_seller.id}
        )
        order = self.env["sale.order"].create({"partner_id": self.customer.id, "user_id": self.user_seller.id})
        dialog = self._dialog(self.user_seller)
        counts = (dialog.customer_count, dialog.plan_count, dialog.document_count, dialog.locked_count)
        self.assertEqual(counts, (3, 1, 2, 1))
        self.assertIn("3 customers", dialog.preview)
        dialog.target = "successor"
        self.assertIn("Choose the successor", dialog.preview)
        dialog.successor_id = self.user_seller2
        self.assertEqual(dialog.preview, f"Will go to {self.user_seller2.name}: 3 customers.")
        notice = dialog.save().action_apply()
        self.assertIn("3 customers", notice["params"]["message"])
        self.assertFalse(self.user_seller.active)
        for customer in self.left:
            self.assertOwner(customer, self.user_seller2)
            self.assertEqual(self.history(customer)[-1], ("transfer", self.user_seller, self.user_seller2, self.user_it))
        self.assertTrue(self.locked.kehu_locked, "a lock goes along")
        self.assertEqual(plan.user_id, self.user_seller2)
        self.assertEqual(lead.user_id, self.user_seller2)
        self.assertEqual(order.user_id, self.user_seller2)

    def test_the_dialog_into_a_chosen_pool(self):
        pool = self.env["kehu.pool"].create({"name": "Leavers' Pool"})
        dialog = self._dialog(self.user_seller)
        dialog.pool_id = pool
        dialog.reason = "Went to a competitor"
        dialog.save().action_apply()
        self.assertReturned("Went to a competitor", author=self.user_it)
        self.assertEqual(self.left.kehu_pool_id, pool)
        self.assertFalse(self.user_seller.active)

    def test_a_successor_without_room_gets_nothing_and_nobody_is_archived(self):
        self.pool.max_held = 2
        dialog = self._dialog(self.user_seller)
        dialog.target = "successor"
        dialog.successor_id = self.user_seller2
        self.assertIn("more customers than the pool", dialog.refusal)
        self.assertFalse(dialog.preview)
        wizard = dialog.save()
        with self.assertRaises(KehuOwnershipLimitError):
            wizard.action_apply()
        self.assertTrue(self.user_seller.active)
        self.assertOwner(self.customer, self.user_seller)

    def test_a_department_whose_people_go_on_elsewhere(self):
        dialog = self._dialog(self.department_east)
        self.assertEqual(dialog.customer_count, 4)
        dialog.stay = True
        dialog.save().action_apply()
        self.assertFalse(self.department_east.active)
        self.assertOwner(self.customer, self.user_seller)
        self.assertOwner(self.other, self.user_seller2)

    def test_a_department_with_a_successor(self):
        dialog = self._dialog(self.department_east)
        dialog.target = "successor"
        dialog.successor_id = self.user_west_seller
        dialog.save().action_apply()
        self.assertFalse(self.department_east.active)
        for customer in self.left | self.other:
            self.assertOwner(customer, self.user_west_seller)

    def test_an_officer_closes_a_department_without_being_one_who_changes_users(self):
        officer = new_test_user(self.env, "kehu_officer", groups="hr.group_hr_user", name="Officer", lang="en_US")
        dialog = self._dialog(self.department_east, officer)
        self.assertEqual(dialog.customer_count, 4)
        dialog.target = "successor"
        dialog.successor_id = self.user_west_seller
        self.assertEqual(dialog.preview, f"Will go to {self.user_west_seller.name}: 4 customers.")
        dialog.save().action_apply()
        self.assertFalse(self.department_east.active)
        for customer in self.left | self.other:
            self.assertOwner(customer, self.user_west_seller)

    def test_nobody_takes_the_customers_of_others_by_closing_their_department(self):
        officer = new_test_user(self.env, "kehu_officer", groups="hr.group_hr_user,kehu_crm.group_kehu_user", name="Officer", lang="en_US")
        wizard = self.env["kehu.pool.leaving"].with_user(officer)
        wizard = wizard.create({"department_ids": self.department_east.ids, "target": "successor", "successor_id": officer.id})
        self.assertIn("You may not change the owner of", wizard.refusal)
        for customer in self.left | self.other:
            self.assertNotIn(customer.name, wizard.refusal)
        with self.assertRaises(KehuOwnershipRightsError):
            wizard.action_apply()
        self.assertTrue(self.department_east.active)
        self.assertOwner(self.customer, self.user_seller)

    def test_nobody_is_asked_without_customers(self):
        self.assertFalse(self.user_finance.with_user(self.user_it).kehu_leaving_action())
        self.assertFalse(self.department_office.with_user(self.user_it).kehu_leaving_action())

    def test_who_may_not_change_users_learns_nothing(self):
        for user in (self.user_seller2, self.user_east_manager, self.user_director, self.user_crm_admin, self.user_employee):
            with self.subTest(user=user.name):
                for records in (self.user_seller, self.department_east):
                    with self.assertRaises(AccessError):
                        records.with_user(user).kehu_leaving_action()
                with self.assertRaises(AccessError):
                    self.env["kehu.pool.leaving"].with_user(user).create({"user_ids": self.user_seller.ids})
        officer = new_test_user(self.env, "kehu_officer", groups="hr.group_hr_user")
        wizard = self.env["kehu.pool.leaving"].with_user(officer).create({"user_ids": self.user_seller.ids})
        for look in (lambda: wizard.customer_count, lambda: wizard.preview, wizard.action_apply):
            with self.assertRaises(AccessError):
                look()
