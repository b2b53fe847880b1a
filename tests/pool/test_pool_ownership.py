"""Who may give whom which customer, through which door, and what stays in the history."""

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.customer.exceptions import KehuCustomerError, KehuSystemFieldError
from ...models.pool.exceptions import (
    KehuOwnershipError,
    KehuOwnershipRightsError,
    KehuOwnershipStateError,
    KehuOwnershipTargetError,
    KehuPoolError,
)
from ...models.system.exceptions import KehuEngineOnlyError
from .common import PoolCommon


@tagged("post_install", "-at_install")
class TestPoolOwnership(PoolCommon):
    # -- where a customer begins ---------------------------------------------------------------------------------------

    def test_a_customer_without_owner_is_born_in_the_default_pool(self):
        for role in ("seller", "east_manager", "director", "crm_admin"):
            with self.subTest(role=role):
                user = getattr(self, f"user_{role}")
                customer = self.env["res.partner"].with_user(user).create({"name": f"Born of {role}", "kehu_is_customer": True})
                self.assertEqual(customer.kehu_pool_id, self.pool)
                self.assertEqual(self.history(customer), [("create", self.env["res.users"], self.env["res.users"], user)])

    def test_the_owner_given_at_birth_must_be_reachable(self):
        no_one = self.env["res.users"]
        cases = [
            # who creates, for whom, allowed
            ("seller", "seller", True),
            ("seller", "seller2", False),
            ("east_manager", "seller2", True),
            ("east_manager", "west_seller", False),
            ("sales_manager", "west_seller", True),
            ("director", "west_seller", True),
            ("crm_admin", "seller", True),
        ]
        for creator, owner, allowed in cases:
            with self.subTest(creator=creator, owner=owner):
                partners = self.env["res.partner"].with_user(getattr(self, f"user_{creator}"))
                owner = getattr(self, f"user_{owner}")
                vals = {"name": "Given at Birth", "kehu_is_customer": True, "user_id": owner.id}
                if allowed:
                    customer = partners.create(vals)
                    self.assertOwner(customer.sudo(), owner)
                    self.assertEqual(self.history(customer), [("create", no_one, owner, partners.env.user)])
                else:
                    with self.assertRaises(KehuOwnershipRightsError):
                        partners.create(vals)

    def test_owner_and_pool_at_once_are_refused(self):
        vals = {"name": "Both", "kehu_is_customer": True, "user_id": self.user_seller.id, "kehu_pool_id": self.pool.id}
        with self.assertRaises(KehuOwnershipError):
            self.env["res.partner"].create(vals)
        customer = self._create_customer()
        with self.assertRaises(KehuOwnershipError):
            customer.write({"user_id": self.user_seller.id, "kehu_pool_id": self.pool.id})
        with self.assertRaises(KehuOwnershipError):
            self.env["res.partner"].create({"name": "Plain", "kehu_pool_id": self.pool.id})

    # -- the four methods ----------------------------------------------------------------------------------------------

    def test_assign(self):
        cases = [
            ("seller", "seller", False),
            ("seller", "seller2", False),
            ("east_manager", "seller", True),
            ("east_manager", "east_manager", True),
            ("east_manager", "west_seller", False),
            ("sales_manager", "west_seller", True),
            ("director", "west_seller", True),
            ("crm_admin", "seller", True),
            ("service", "seller", False),
            ("finance", "seller", False),
            ("employee", "seller", False),
        ]
        for actor, target, allowed in cases:
            with self.subTest(actor=actor, target=target):
                customer = self._create_customer(name=f"{actor} to {target}")
                actor, target = getattr(self, f"user_{actor}"), getattr(self, f"user_{target}")
                if allowed:
                    self.assertTrue(customer.with_user(actor).kehu_assign(target.id, reason="Lives nearby"))
                    self.assertOwner(customer, target)
                    self.assertEqual(self.history(customer)[-1], ("assign", self.env["res.users"], target, actor))
                else:
                    with self.assertRaises(KehuOwnershipRightsError):
                        customer.with_user(actor).kehu_assign(target.id)
                    self.assertOwner(customer, self.env["res.users"])

    def test_pool_managers_assign_to_members(self):
        pool = self.env["kehu.pool"].create(
            {
                "name": "Members Only",
                "member_ids": [Command.set((self.user_seller | self.user_seller2).ids)],
                "manager_ids": [Command.set(self.user_seller2.ids)],
            }
        )
        customer = self._create_customer(kehu_pool_id=pool.id)
        with self.assertRaises(KehuOwnershipRightsError):
            customer.with_user(self.user_seller2).kehu_assign(self.user_west_seller.id)
        customer.with_user(self.user_seller2).kehu_assign(self.user_seller.id)
        self.assertOwner(customer, self.user_seller)

    def test_assign_needs_a_customer_in_the_pool_and_somebody_who_can_have_it(self):
        owned = self._create_customer(owner=self.user_seller)
        with self.assertRaises(KehuOwnershipStateError):
            owned.with_user(self.user_director).kehu_assign(self.user_seller2.id)
        customer = self._create_customer(name="In the Pool")
        as_director = customer.with_user(self.user_director)
        left = self.user_west_seller
        left.active = False
        for target in (left, self.user_employee, self.user_service):
            with self.subTest(target=target.name), self.assertRaises(KehuOwnershipTargetError):
                as_director.kehu_assign(target.id)
        with self.assertRaises(KehuOwnershipTargetError):
            as_director.kehu_assign(False)

    def test_return(self):
        other = self.env["kehu.pool"].create({"name": "Other Pool"})
        cases = [
            ("seller", True),
            ("east_manager", True),
            ("sales_manager", True),
            ("director", True),
            ("seller2", False),
            ("west_seller", False),
            ("service", False),
            ("employee", False),
        ]
        for actor, allowed in cases:
            with self.subTest(actor=actor):
                customer = self._create_customer(owner=self.user_seller, name=f"Returned by {actor}")
                self._create_contact(customer)
                actor = getattr(self, f"user_{actor}")
                with self.assertRaises(KehuOwnershipError):
                    customer.with_user(actor).kehu_return("  ")
                if allowed:
                    customer.with_user(actor).kehu_return("No need", pool_id=other.id)
                    self.assertOwner(customer, self.env["res.users"])
                    self.assertEqual(customer.kehu_pool_id, other)
                    self.assertEqual(self.history(customer)[-1], ("return", self.user_seller, self.env["res.users"], actor))
                else:
                    with self.assertRaises(KehuOwnershipRightsError):
                        customer.with_user(actor).kehu_return("No need")
                    self.assertOwner(customer, self.user_seller)

    def test_transfer(self):
        customer = self._create_customer(owner=self.user_seller)
        self._create_contact(customer)
        for role in ("seller2", "west_seller", "service", "employee"):
            with self.subTest(role=role), self.assertRaises(KehuOwnershipRightsError):
                customer.with_user(getattr(self, f"user_{role}")).kehu_transfer(self.user_seller2.id, "Take it")
        with self.assertRaises(KehuOwnershipError):
            customer.with_user(self.user_seller).kehu_transfer(self.user_west_seller.id, "")
        with self.assertRaises(KehuOwnershipStateError):
            customer.with_user(self.user_seller).kehu_transfer(self.user_seller.id, "To myself")
        customer.with_user(self.user_seller).kehu_transfer(self.user_west_seller.id, "Moved to the west")
        self.assertOwner(customer, self.user_west_seller)
        self.assertEqual(self.history(customer)[-1], ("transfer", self.user_seller, self.user_west_seller, self.user_seller))
        waiting = self._create_customer(name="Waiting")
        with self.assertRaises(KehuOwnershipStateError):
            waiting.with_user(self.user_director).kehu_transfer(self.user_seller.id, "Not owned")

    def test_many_go_together_or_not_at_all(self):
        free = self._create_customer(name="Free")
        taken = self._create_customer(name="Taken")
        taken.with_user(self.user_seller2).kehu_claim()
        with self.assertRaises(KehuOwnershipStateError):
            (free | taken).with_user(self.user_seller).kehu_claim()
        self.assertOwner(free, self.env["res.users"])
        both = free | self._create_customer(name="Free Too")
        both.with_user(self.user_seller).kehu_claim()
        self.assertEqual(both.user_id, self.user_seller)

    def test_a_locked_customer_does_not_go_into_a_pool(self):
        customer = self._create_customer(owner=self.user_seller)
        with self.assertRaises(KehuOwnershipRightsError):
            customer.with_user(self.user_seller).kehu_locked = True
        customer.with_user(self.user_east_manager).kehu_locked = True
        with self.assertRaises(KehuOwnershipStateError):
            customer.with_user(self.user_seller).kehu_return("No need")
        customer.with_user(self.user_east_manager).kehu_locked = False
        self.assertTrue(customer.with_user(self.user_seller).kehu_return("No need"))

    def test_another_company(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        customer = self._create_customer(company_id=company.id)
        with self.assertRaises(KehuOwnershipTargetError):
            customer.kehu_assign(self.user_seller.id)
        own_pool = self.env["kehu.pool"].create({"name": "Second Pool", "company_id": company.id, "is_default": True})
        self.assertEqual(self._create_customer(name="Later", company_id=company.id).kehu_pool_id, own_pool)
        self.assertEqual(self._create_customer(name="First Company").kehu_pool_id, self.pool)
        with self.assertRaises(KehuOwnershipTargetError):
            self._create_customer(name="Wrong", company_id=self.env.company.id, kehu_pool_id=own_pool.id)

    def test_a_customer_changes_company_only_with_its_owner(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        pool = self.env["kehu.pool"].create({"name": "First Pool", "company_id": self.env.company.id})
        owned = self._create_customer(owner=self.user_seller)
        waiting = self._create_customer(name="Waiting", kehu_pool_id=pool.id)
        for customer in owned | waiting:
            with self.subTest(customer=customer.name), self.assertRaises(KehuOwnershipTargetError):
                customer.company_id = company
            customer.company_id = self.env.company
            customer.company_id = False
        self.user_seller.company_ids += company
        owned.company_id = company
        self.assertEqual(owned.company_id, company)

    def test_strangers_learn_nothing_of_the_state(self):
        """A sentence about rights comes first; only who has just seen it in the pool hears that somebody got it."""
        owned = self._create_customer(owner=self.user_seller, name="Never in the Pool", kehu_locked=True)
        for act in (
            lambda customer: customer.kehu_claim(),
            lambda customer: customer.kehu_assign(self.user_seller2.id),
            lambda customer: customer.kehu_transfer(self.user_seller.id, "To its owner"),
            lambda customer: customer.kehu_return("Locked"),
        ):
            for role in ("seller2", "employee"):
                with self.assertRaises(KehuOwnershipRightsError) as refusal:
                    act(owned.with_user(getattr(self, f"user_{role}")))
                self.assertNotIn("Never in the Pool", str(refusal.exception))
        taken = self._create_customer(name="Just Taken")
        taken.with_user(self.user_seller).kehu_claim()
        with self.assertRaisesRegex(KehuOwnershipStateError, "“Just Taken” is not in the pool any more"):
            taken.with_user(self.user_seller2).kehu_claim()
        with self.assertRaises(KehuOwnershipRightsError) as refusal:
            taken.with_user(self.user_employee).kehu_claim()
        self.assertNotIn("Just Taken", str(refusal.exception))

    def test_new_customers_with_contacts(self):
        partners = self.env["res.partner"].with_user(self.user_seller)
        values = {"name": "With Contact", "kehu_is_customer": True, "child_ids": [Command.create({"name": "Buyer"})]}
        with self.assertRaisesRegex(KehuOwnershipRightsError, "“With Contact” would go into the pool"):
            partners.create(values)
        self.assertOwner(partners.create({**values, "user_id": self.user_seller.id}).sudo(), self.user_seller)
        waiting = partners.with_user(self.user_east_manager).create(values)
        self.assertEqual(waiting.child_ids.kehu_pool_id, self.pool)

    # -- every other door ----------------------------------------------------------------------------------------------

    def test_a_plain_write_is_the_same_change_of_hands(self):
        no_one = self.env["res.users"]
        customer = self._create_customer()
        self._create_contact(customer)
        customer.with_user(self.user_seller).write({"user_id": self.user_seller.id})
        self.assertOwner(customer, self.user_seller)
        customer.with_user(self.user_seller).write({"user_id": self.user_seller2.id, "website": "https://example.com"})
        self.assertOwner(customer, self.user_seller2)
        self.assertEqual(customer.website, "https://example.com")
        customer.with_user(self.user_east_manager).user_id = False
        self.assertOwner(customer, no_one)
        customer.with_user(self.user_east_manager).user_id = self.user_seller
        customer.write({"kehu_pool_id": self.pool.id})
        self.assertOwner(customer, no_one)
        self.assertEqual(
            self.history(customer),
            [
                ("create", no_one, no_one, self.env.user),
                ("claim", no_one, self.user_seller, self.user_seller),
                ("transfer", self.user_seller, self.user_seller2, self.user_seller),
                ("return", self.user_seller2, no_one, self.user_east_manager),
                ("assign", no_one, self.user_seller, self.user_east_manager),
                ("return", self.user_seller, no_one, self.env.user),
            ],
        )

    def test_a_plain_write_without_a_change_leaves_no_history(self):
        customer = self._create_customer(owner=self.user_seller)
        customer.write({"user_id": self.user_seller.id, "kehu_pool_id": False})
        waiting = self._create_customer(name="Waiting")
        waiting.write({"user_id": False, "kehu_pool_id": self.pool.id})
        self.assertEqual(len(self.history(customer)), 1)
        self.assertEqual(len(self.history(waiting)), 1)
        self.assertOwner(waiting, self.env["res.users"])

    def test_a_plain_write_by_the_wrong_person(self):
        customer = self._create_customer(owner=self.user_seller)
        for role in ("seller2", "employee", "service"):
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role), self.assertRaises(KehuOwnershipRightsError):
                customer.with_user(user).write({"user_id": user.id})
        waiting = self._create_customer(name="Waiting")
        with self.assertRaises(KehuOwnershipRightsError):
            waiting.with_user(self.user_seller).write({"user_id": self.user_seller2.id})
        with self.assertRaises(AccessError):
            waiting.with_user(self.user_seller).write({"user_id": self.user_seller.id, "website": "https://example.com"})
        self.assertOwner(waiting, self.env["res.users"])

    def test_import(self):
        partners = self.env["res.partner"].with_user(self.user_east_manager)
        result = partners.load(
            ["name", "kehu_is_customer", "user_id"],
            [["Imported One", "1", self.user_seller.name], ["Imported Two", "1", ""]],
        )
        self.assertFalse(result["messages"])
        one, two = self.env["res.partner"].browse(result["ids"])
        self.assertOwner(one, self.user_seller)
        self.assertOwner(two, self.env["res.users"])
        self.assertEqual(self.history(one)[0][0], "create")
        refused = partners.load(["name", "kehu_is_customer", "user_id"], [["Imported Three", "1", self.user_west_seller.name]])
        self.assertFalse(refused["ids"])
        self.assertIn("Imported Three", refused["messages"][0]["message"])
        moved = partners.load([".id", "user_id"], [[str(two.id), self.user_seller2.name]])
        self.assertFalse(moved["messages"])
        self.assertOwner(two, self.user_seller2)
        self.assertEqual([row[0] for row in self.history(two)], ["create", "assign"])

    def test_nobody_forges_what_the_engine_keeps(self):
        customer = self._create_customer(owner=self.user_seller)
        forged = {"kehu_engine_ownership": True}
        for name, value in (
            ("kehu_assigned_on", "2020-01-01 00:00:00"),
            ("kehu_department_id", self.department_west.id),
            ("kehu_customer_id", False),
            ("kehu_pinyin", "x"),
            ("kehu_assignment_ids", [Command.create({"kind": "claim"})]),
        ):
            for records in (customer, customer.with_user(self.user_seller), customer.with_user(self.user_seller).with_context(**forged)):
                with self.subTest(field=name, user=records.env.user.name), self.assertRaises(KehuSystemFieldError):
                    records.write({name: value})
        with self.assertRaises(KehuSystemFieldError):
            self.env["res.partner"].create({"name": "Old", "kehu_is_customer": True, "kehu_assigned_on": "2020-01-01 00:00:00"})
        row = self.env["kehu.assignment"].search([("partner_id", "=", customer.id)])
        for act in (
            lambda rows: rows.write({"reason": "forged"}),
            lambda rows: rows.unlink(),
            lambda rows: rows.create({"partner_id": customer.id, "kind": "claim", "date": fields.Datetime.now(), "author_id": 1}),
        ):
            with self.assertRaises(AccessError):
                act(row.with_user(self.user_crm_admin).with_context(**forged))
            with self.assertRaises(KehuEngineOnlyError):
                act(row.with_context(**forged))

    # -- contacts ------------------------------------------------------------------------------------------------------

    def test_contacts_follow_at_birth_and_when_they_move(self):
        mine = self._create_customer(owner=self.user_seller)
        theirs = self._create_customer(owner=self.user_seller2, name="Theirs")
        contact = self._create_contact(mine, user_id=self.user_west_seller.id)
        below = self._create_contact(contact, name="Assistant")
        self.assertEqual((contact | below).user_id, self.user_seller)
        plain = self.env["res.partner"].create({"name": "Plain Company", "is_company": True})
        stranger = self._create_contact(plain, name="Stranger")
        self.assertFalse(stranger.user_id)
        with self.assertRaises(KehuOwnershipRightsError):
            contact.with_user(self.user_seller).parent_id = theirs
        contact.parent_id = theirs
        self.assertEqual((contact | below).user_id, self.user_seller2)
        self.assertEqual((contact | below).kehu_customer_id, theirs)
        contact.parent_id = self._create_customer(name="Pooled")
        self.assertEqual((contact | below).kehu_pool_id, self.pool)
        self.assertFalse((contact | below).user_id)
        contact.parent_id = plain
        self.assertFalse((contact | below).kehu_pool_id)
        self.assertFalse((contact | below).kehu_department_id)
        stranger.parent_id = mine
        self.assertEqual(stranger.user_id, self.user_seller)
        self.assertEqual(stranger.kehu_department_id, self.department_east)

    def test_a_contact_has_no_owner_of_its_own(self):
        customer = self._create_customer(owner=self.user_seller)
        contact = self._create_contact(customer)
        with self.assertRaises(KehuOwnershipError):
            contact.user_id = self.user_seller2
        with self.assertRaises(KehuOwnershipError):
            contact.kehu_pool_id = self.pool
        contact.write({"user_id": self.user_seller.id, "name": "Same Owner"})
        with self.assertRaises(KehuOwnershipStateError):
            contact.with_user(self.user_seller).kehu_claim()
        with self.assertRaises(KehuOwnershipRightsError):
            contact.with_user(self.user_seller2).kehu_claim()

    def test_a_pool_customer_does_not_take_the_owner_of_its_parent(self):
        group = self._create_customer(owner=self.user_seller, name="Group")
        person = self._create_customer(name="Wang Wu", is_company=False)
        person.parent_id = group
        self.env.flush_all()
        self.assertOwner(person, self.env["res.users"])

    # -- marking -------------------------------------------------------------------------------------------------------

    def test_mark_and_unmark(self):
        plain = self.env["res.partner"].create({"name": "Later a Customer", "is_company": True, "user_id": self.user_seller2.id})
        contact = self._create_contact(plain)
        with self.assertRaises(KehuCustomerError):
            plain.with_user(self.user_employee).kehu_is_customer = True
        plain.with_user(self.user_seller).kehu_is_customer = True
        self.assertOwner(plain, self.user_seller2)
        self.assertEqual(contact.kehu_customer_id, plain)
        self.assertEqual(self.history(plain), [("create", self.user_seller2, self.user_seller2, self.user_seller)])
        self.assertTrue(plain.ref)
        self.assertEqual(plain.kehu_stage, "potential")
        with self.assertRaises(KehuCustomerError):
            plain.with_user(self.user_seller2).kehu_is_customer = False
        plain.user_id = False
        plain.with_user(self.user_crm_admin).kehu_is_customer = False
        self.assertFalse((plain | contact).kehu_pool_id)
        self.assertFalse((plain | contact).kehu_customer_id)
        self.assertEqual(plain.with_user(self.user_employee).name, "Later a Customer")

    def test_make_customer_from_the_address_book(self):
        plain = self.env["res.partner"].create({"name": "From the Address Book", "is_company": True})
        action = plain.with_user(self.user_seller).action_kehu_make_customer()
        self.assertEqual(action["res_id"], plain.id)
        self.assertOwner(plain, self.env["res.users"])
        again = plain.with_user(self.user_seller).action_kehu_make_customer()
        self.assertEqual((again["tag"], plain.name in again["params"]["message"]), ("display_notification", True))
        other = self.env["res.partner"].create({"name": "Also from There", "is_company": True})
        (plain | other).with_user(self.user_seller).action_kehu_make_customer()
        self.assertTrue(other.kehu_is_customer, "one that is a customer already does not keep the others from it")

    def test_deleting_is_offered_to_those_who_delete(self):
        for user, offered in (
            (self.user_seller, False),
            (self.user_director, False),
            (self.user_crm_admin, True),
            (self.user_seller2, False),
        ):
            partners = self.env["res.partner"].with_user(user)
            for kind, name in (
                ("form", "form_kehu"),
                ("list", "list_kehu"),
                ("list", "list_kehu_pool"),
                ("list", "list_kehu_plan"),
            ):
                with self.subTest(user=user.login, name=name):
                    arch = partners.get_view(self.env.ref(f"kehu_crm.res_partner_view_{name}").id, kind)["arch"]
                    self.assertEqual('delete="0"' not in arch.split(">", 1)[0], offered)
            contact = partners.get_view(self.env.ref("kehu_crm.res_partner_view_form_kehu_contact").id, "form")["arch"]
            self.assertNotIn('delete="0"', contact.split(">", 1)[0])

    def test_merging_keeps_the_owner_of_the_one_that_stays(self):
        stays = self._create_customer(owner=self.user_seller, name="Stays")
        goes = self._create_customer(name="Goes")
        contact = self._create_contact(goes)
        plain = self.env["res.partner"].create({"name": "Plain", "is_company": True})
        stranger = self._create_contact(plain, name="Stranger")
        code, assigned_on = stays.ref, stays.kehu_assigned_on
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        with self.assertRaises(KehuOwnershipError):
            merge._merge((stays | plain).ids, plain)
        merge._merge((stays | goes | plain).ids, stays)
        self.assertFalse((goes | plain).exists())
        self.assertOwner(stays, self.user_seller)
        self.assertEqual((stays.ref, stays.kehu_assigned_on), (code, assigned_on))
        self.assertEqual((contact | stranger).kehu_customer_id, stays)
        self.assertEqual((contact | stranger).user_id, self.user_seller)
        self.assertFalse((contact | stranger).kehu_pool_id)

    # -- pools ---------------------------------------------------------------------------------------------------------

    def test_a_pool_in_use_stays(self):
        pool = self.env["kehu.pool"].create({"name": "Small Pool"})
        self._create_customer(kehu_pool_id=pool.id)
        self.assertEqual(pool.customer_count, 1)
        for act in (lambda: pool.write({"active": False}), pool.unlink, self.pool.unlink, lambda: self.pool.write({"active": False})):
            with self.assertRaises(KehuPoolError):
                act()
        with self.assertRaises(KehuPoolError):
            self.pool.is_default = False
        pool.is_default = True
        self.assertFalse(self.pool.is_default)
        self.assertEqual(self._create_customer(name="Newcomer").kehu_pool_id, pool)

    # -- cost ----------------------------------------------------------------------------------------------------------

    def test_cost_does_not_grow_with_the_number_of_customers(self):
        seller, seller2, director = self.user_seller, self.user_seller2, self.user_director
        steps = [
            ("assign", lambda customers: customers.with_user(director).kehu_assign(seller.id)),
            ("transfer", lambda customers: customers.with_user(director).kehu_transfer(seller2.id, "All of them", with_documents=True)),
            ("write", lambda customers: customers.with_user(director).write({"user_id": seller.id})),
            ("return", lambda customers: customers.with_user(director).kehu_return("All of them")),
            ("claim", lambda customers: customers.with_user(seller).kehu_claim()),
        ]

        def costs(count):
            customers = self.env["res.partner"].create(
                [{"name": f"Bulk {count}-{index}", "kehu_is_customer": True, "is_company": True} for index in range(count)]
            )
            self.env["res.partner"].create([{"name": "Contact", "parent_id": customer.id} for customer in customers])
            result = {}
            for name, step in steps:
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                step(customers)
                self.cr.flush()
                result[name] = self.cr.sql_log_count - before
            return result

        def cost_of_birth(count):
            before = self.cr.sql_log_count
            self.env["res.partner"].with_user(director).create(
                [{"name": f"Born {index}", "kehu_is_customer": True} for index in range(count)]
            )
            self.env.flush_all()
            return self.cr.sql_log_count - before

        cost_of_birth(2)
        self.assertLessEqual(cost_of_birth(100) - cost_of_birth(10), 10)
        costs(2)  # fill the caches that live longer than a request
        few, many = costs(10), costs(100)
        for name, cost in few.items():
            with self.subTest(step=name):
                self.assertLessEqual(many[name], cost + 10, f"{cost} queries for 10 customers, {many[name]} for 100")

    def test_only_customers_of_earlier_transactions_are_held(self):
        """A new contact holds its customer against a change of hands; one that this transaction has made is seen by nobody else."""
        customer = self._create_customer(self.user_seller, name="Held Ltd").sudo()

        def statements():
            customer.mapped("create_date")
            before = self.env.cr.sql_log_count
            customer._kehu_hold_customers()
            return self.env.cr.sql_log_count - before

        self.env.flush_all()
        self.assertEqual(statements(), 0)
        self.env.cr.execute("UPDATE res_partner SET create_date = create_date - interval '1 day' WHERE id = %s", [customer.id])
        self.env.invalidate_all()
        customer.mapped("kehu_customer_id")
        self.assertEqual(statements(), 1)
