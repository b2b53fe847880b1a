"""A salesperson tries every door to keep or get what the pool would not give."""

import random
from datetime import timedelta

from freezegun import freeze_time
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.pool.exceptions import KehuOwnershipError, KehuOwnershipLimitError
from .policy_common import NOW, TODAY, PolicyCommon


@tagged("post_install", "-at_install")
class TestPoolAttack(PolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool.idle_days = 30
        cls.mild = cls.env["kehu.pool"].create({"name": "Mild Pool"})

    def _pooled(self, count=1, **values):
        return self.env["res.partner"].create(
            [{"name": f"Waiting {number}", "kehu_is_customer": True, "is_company": True, **values} for number in range(count)]
        )

    def assertFalls(self, customer, days):
        customer.invalidate_recordset()
        self.assertEqual(customer.kehu_fall_on, days is not None and TODAY + timedelta(days=days))

    def tried(self, act):
        """Do it as a client does; a refusal leaves everything as it was."""
        try:
            with self.env.cr.savepoint():
                act()
                self.env.flush_all()
        except UserError as refusal:
            self.env.invalidate_all()
            return refusal
        self.env.invalidate_all()
        return None

    # -- keeping -------------------------------------------------------------------------------------------------------

    def test_taking_the_mark_off_and_on_again_gains_nothing(self):
        customer = self._owned(days=20)
        own = customer.with_user(self.user_seller)
        self.assertTrue(self.tried(lambda: own.write({"kehu_is_customer": False})))
        self.assertFalls(customer, 10)
        self.assertTrue(self.tried(lambda: (own.write({"kehu_is_customer": False}), own.write({"kehu_is_customer": True}))))
        self.assertFalls(customer, 10)

    def test_a_pool_customer_written_directly_is_a_claim_with_all_limits(self):
        self.pool.write({"max_claims_per_day": 1, "cooldown_days": 5})
        seller = self.user_seller
        customers = self._pooled(4)
        customers[0].with_user(seller).kehu_claim()
        for name, act in {
            "write": lambda: customers[1].with_user(seller).write({"user_id": seller.id}),
            "write with other values": lambda: customers[1].with_user(seller).write({"user_id": seller.id, "kehu_pool_id": False}),
            "load": lambda: self._load(customers[1]),
            "batch": lambda: customers[1:3].with_user(seller).kehu_claim(),
            "twice the same": lambda: customers[1].browse([customers[1].id] * 2).with_user(seller).kehu_claim(),
            "spread": lambda: customers[1].with_user(seller).kehu_spread([seller.id]),
            "assign": lambda: customers[1].with_user(seller).kehu_assign(seller.id),
            "another mark": lambda: customers[1].with_user(seller).write({"kehu_is_customer": True, "user_id": seller.id}),
        }.items():
            with self.subTest(way=name):
                self.assertIsInstance(self.tried(act), (KehuOwnershipError, AccessError))
                self.assertOwner(customers[1], self.env["res.users"])

    def _load(self, customer):
        result = (
            self.env["res.partner"].with_user(self.user_seller).load([".id", "user_id/.id"], [[str(customer.id), str(self.user_seller.id)]])
        )
        if not result["ids"]:
            raise KehuOwnershipLimitError(result["messages"][0]["message"])

    def test_the_day_ends_at_midnight_of_the_company_whoever_asks(self):
        self.pool.max_claims_per_day = 1
        seller = self.user_seller
        customers = self._pooled(4)
        customers[0].with_user(seller).kehu_claim()
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            seller.tz = zone
            with self.subTest(zone=zone), self.assertRaises(KehuOwnershipLimitError):
                customers[1].with_user(seller).with_context(tz=zone).kehu_claim()
        with freeze_time("2026-04-01 15:59:59"), self.assertRaises(KehuOwnershipLimitError):
            customers[1].with_user(seller).kehu_claim()
        with freeze_time("2026-04-01 16:00:00"):
            customers[1].with_user(seller).kehu_claim()
            with self.assertRaises(KehuOwnershipLimitError):
                customers[2].with_user(seller).kehu_claim()
        with freeze_time("2026-04-02 16:00:00"):
            customers[2].with_user(seller).kehu_claim()

    def test_a_customer_below_another_one_keeps_its_clock(self):
        """Moved under another customer and back, as a company below a company, a customer stays one."""
        parent, customer = self._owned(days=1, name="Parent"), self._owned(days=20, is_company=True)
        own = customer.with_user(self.user_seller)
        self.tried(lambda: own.write({"parent_id": parent.id}))
        self.assertFalls(customer, 10)
        self.tried(lambda: own.write({"parent_id": False}))
        self.assertFalls(customer, 10)
        self.assertTrue(customer.kehu_is_customer)

    def test_no_seller_writes_what_the_clock_stands_on(self):
        customer = self._owned(days=20)
        own = customer.with_user(self.user_seller)
        for name, value in {
            "kehu_assigned_on": NOW,
            "kehu_effective_contact": TODAY,
            "kehu_home_pool_id": self.mild.id,
            "kehu_last_deal": TODAY,
            "kehu_last_opportunity": TODAY,
            "kehu_locked": True,
            "kehu_locked_until": TODAY,
            "kehu_level_confirmed": True,
            "kehu_pool_id": self.mild.id,
        }.items():
            for writing in ({name: value}, {"phone": "1", name: value}):
                refusal = self.tried(lambda writing=writing: own.write(writing))
                with self.subTest(name=name):
                    if name != "kehu_pool_id":
                        self.assertTrue(refusal)
                        self.assertFalls(customer, 10)
                    elif not refusal:
                        # given back: who takes it again goes on
                        own.kehu_claim()
                        self.assertFalls(customer, 10)

    def test_no_seller_makes_oneself_a_member_or_manager(self):
        customer = self._owned(days=20)
        seller = self.user_seller
        for model, values in (
            (self.mild, {"member_ids": [Command.link(seller.id)]}),
            (self.mild, {"manager_ids": [Command.link(seller.id)]}),
            (self.pool, {"idle_days": 0}),
            (self.pool, {"exempt_level_ids": [Command.link(self.level_key.id)]}),
            (self.env.company, {"kehu_timezone": "Pacific/Pago_Pago", "kehu_least_letters": 0}),
        ):
            with self.subTest(values=values):
                self.assertTrue(self.tried(lambda model=model, values=values: model.with_user(seller).write(values)))
                self.assertFalls(customer, 10)
        for name in ("kehu_pool_member_ids", "kehu_managed_pool_ids", "group_ids"):
            if name in seller._fields:
                self.assertTrue(self.tried(lambda name=name: seller.with_user(seller).write({name: [Command.link(self.mild.id)]})))
        refusal = self.tried(lambda: self.env["kehu.settings"].with_user(seller).create({}).write({"kehu_least_letters": 0}))
        self.assertTrue(refusal or self.env.company.kehu_least_letters)

    def test_copying_a_customer_copies_no_clock(self):
        customer = self._owned(days=20, kehu_level_id=self.level_key.id)
        copy = self.tried(lambda: customer.with_user(self.user_seller).copy())
        if not copy:
            twin = self.env["res.partner"].search([("id", ">", customer.id), ("kehu_is_customer", "=", True)], order="id desc", limit=1)
            self.assertFalse(twin.kehu_effective_contact)
            self.assertFalse(twin.kehu_level_confirmed)
            self.assertFalse(twin.kehu_home_pool_id)

    def test_merging_takes_nobody_the_cooldown(self):
        """A seller who gave a customer back does not get it by a shell of the same name merged with it."""
        self.pool.cooldown_days = 10
        customer = self._owned(days=20, name="Pumps and More")
        customer.with_user(self.user_seller).kehu_return("No time")
        shell = self.env["res.partner"].with_user(self.user_seller)
        shell = shell.create({"name": "Shell", "kehu_is_customer": True, "is_company": True, "user_id": self.user_seller.id})
        merge = self.env["base.partner.merge.automatic.wizard"].with_user(self.user_seller)
        refusal = self.tried(lambda: merge.create({})._merge((customer | shell).ids, shell))
        self.assertTrue(refusal)
        self.assertOwner(customer, self.env["res.users"])

    def test_archiving_in_the_pool_hides_nothing_from_others(self):
        customer = self._pooled()
        self.assertTrue(self.tried(lambda: customer.with_user(self.user_seller).action_archive()))
        self.assertTrue(customer.active)

    # -- the simulation and the job ------------------------------------------------------------------------------------

    def test_property_the_simulation_tells_what_the_job_does(self):
        """Random customers, rules, levels, tags and orders: who would fall today is who falls tonight."""
        chance = random.Random(20260404)
        tag = self.env["res.partner.category"].create({"name": "Strategic (test)"})
        for turn in range(6):
            self.pool.write(
                {
                    "idle_days": chance.choice([0, 10, 30]),
                    "no_deal_days": chance.choice([0, 20, 60]),
                    "no_opportunity_days": chance.choice([0, 25]),
                    "protect_days": chance.choice([0, 15]),
                    "warn_days": 0,
                    "spare_dealt": chance.random() < 0.3,
                    "spare_opportunities": chance.random() < 0.3,
                    "exempt_level_ids": [Command.set(self.level_none.ids if chance.random() < 0.5 else [])],
                    "exempt_tag_ids": [Command.set(tag.ids if chance.random() < 0.5 else [])],
                    "level_rule_ids": [Command.clear(), Command.create({"level_id": self.level_key.id, "idle_days": 5})],
                }
            )
            customers = self.env["res.partner"]
            for number in range(12):
                customer = self._owned(
                    days=chance.randint(0, 70),
                    contacted=chance.choice([None, 3, 12, 40]),
                    dealt=chance.choice([None, None, 10, 61]),
                    name=f"Random {turn} {number}",
                    kehu_level_id=chance.choice([False, self.level_key.id, self.level_none.id]),
                    category_id=[Command.set(tag.ids if chance.random() < 0.2 else [])],
                )
                if chance.random() < 0.5:
                    customer.with_user(self.user_seller).kehu_level_id = chance.choice([self.level_key, self.level_none]).id
                if chance.random() < 0.2:
                    self._opportunity(customer)
                customers |= customer
            self.env.flush_all()
            simulation = self.env["kehu.pool.simulation"].browse(self.pool.action_simulate()["res_id"])
            simulation.horizon = 0
            simulation.action_simulate()
            told = simulation.line_ids.partner_id & customers
            shown = customers.filtered(lambda customer: customer.kehu_fall_on and customer.kehu_fall_on <= TODAY)
            self._run()
            customers.invalidate_recordset()
            fallen = customers.filtered("kehu_pool_id")
            with self.subTest(turn=turn):
                self.assertEqual(shown, fallen)
                self.assertEqual(told, fallen)
            self.env.cr.execute("UPDATE res_partner SET kehu_locked = TRUE WHERE kehu_is_customer")
            self.env.cr.execute("DELETE FROM kehu_pool_run")
            self.env.invalidate_all()
