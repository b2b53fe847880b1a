"""When a customer falls: each rule, each exemption, each reset; and the SQL against the rules in plain Python on random histories."""

import doctest
import importlib.util
import random
from dataclasses import replace
from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import BaseCase, new_test_user, tagged
from odoo.tools.misc import file_path

from ...models.customer.exceptions import KehuSystemFieldError
from ...models.followup.exceptions import KehuContactRecordRightsError
from ...models.pool import kehu_contact_record, res_partner_bulk
from ...tools import pool_clock, pool_copies, spread
from .policy_common import NOW, TODAY, PolicyCommon


class TestPoolTools(BaseCase):
    def test_examples_in_the_docstrings(self):
        for module in (pool_clock, pool_copies, spread, kehu_contact_record):
            with self.subTest(module=module.__name__):
                results = doctest.DocTestRunner(verbose=False)
                for test in doctest.DocTestFinder().find(module):
                    results.run(test)
                self.assertTrue(results.tries)
                self.assertFalse(results.failures)


@tagged("post_install", "-at_install")
class TestPoolClock(PolicyCommon):
    def assertFalls(self, customer, days, rule="idle"):
        """It falls in so many days; None: never."""
        customer.invalidate_recordset()
        if days is None:
            self.assertFalse(customer.kehu_fall_on)
            self.assertFalse(customer.kehu_fall_rule)
        else:
            self.assertEqual(customer.kehu_fall_on, TODAY + timedelta(days=days))
            self.assertEqual(customer.kehu_days_left, max(days, 0))
            self.assertEqual(customer.kehu_fall_rule, rule)

    def test_nothing_falls_without_a_policy(self):
        self.assertFalls(self._owned(days=1000), None)

    # -- the base of the clock: the later of created, received, and last effective contact ------------------------------

    def test_trap_a_fresh_customer_that_was_never_contacted_has_all_its_days(self):
        self.pool.idle_days = 30
        self.assertFalls(self._owned(days=0), 30)

    def test_trap_an_old_customer_received_today_has_all_its_days(self):
        """Not the earlier of created and claimed, which would make it fall at once."""
        self.pool.idle_days = 30
        customer = self._create_customer(name="Old in the Pool")
        self.env.cr.execute("UPDATE res_partner SET create_date = '2020-01-01' WHERE id = %s", (customer.id,))
        customer.invalidate_recordset()
        customer.with_user(self.user_seller).kehu_claim()
        self.assertFalls(customer, 30)

    def test_trap_each_way_to_a_new_owner_starts_the_clock(self):
        self.pool.idle_days = 30
        ways = {
            "transfer": lambda customer: customer.with_user(self.user_director).kehu_transfer(self.user_seller2.id, "Holiday"),
            "write": lambda customer: customer.with_user(self.user_director).write({"user_id": self.user_seller2.id}),
            "return and assign": lambda customer: (
                customer.with_user(self.user_seller).kehu_return("No time"),
                customer.with_user(self.user_director).kehu_assign(self.user_seller2.id),
            ),
        }
        for name, change in ways.items():
            with self.subTest(way=name):
                customer = self._owned(days=29, contacted=29, name=name)
                self.assertFalls(customer, 1)
                change(customer)
                self.assertFalls(customer, 30)

    def test_trap_two_who_hand_a_customer_to_and_fro_gain_nothing(self):
        """Whoever gets it back goes on where they were; whoever gets it the first time has all the days, and so after a stay in a pool."""
        self.pool.idle_days = 30
        for many in (100, 1):  # a few, then as if they were many
            with self.subTest(many=many), patch.object(res_partner_bulk, "MANY", many):
                customer = self._owned(days=29, contacted=29, name=f"To and Fro {many}")
                self._date_history(customer, 29)
                director = customer.with_user(self.user_director)
                director.kehu_transfer(self.user_seller2.id, "Holiday")
                self.assertFalls(customer, 30)
                self._date_history(customer, 5)
                director.kehu_transfer(self.user_seller.id, "Back")
                self.assertFalls(customer, 1)
                director.kehu_transfer(self.user_seller2.id, "Again")
                self.assertFalls(customer, 25)
                customer.with_user(self.user_seller2).write({"user_id": self.user_seller.id})
                self.assertFalls(customer, 1)
                self._contact(customer)
                self.assertFalls(customer, 30)
                self.env.cr.execute("UPDATE res_partner SET kehu_effective_contact = NULL WHERE id = %s", (customer.id,))
                director.kehu_return("No time")
                director.kehu_assign(self.user_seller2.id)
                self.assertFalls(customer, 30)
                director.kehu_transfer(self.user_seller.id, "Once more")
                self.assertFalls(customer, 30)

    def _date_history(self, customer, days):
        """Set back what the history got today."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kehu_assignment SET date = %s WHERE partner_id = %s AND date >= %s",
            (fields.Datetime.now() - timedelta(days=days), customer.id, fields.Datetime.now()),
        )
        self.env.cr.execute(
            "UPDATE res_partner SET kehu_assigned_on = %s WHERE id = %s", (fields.Datetime.now() - timedelta(days=days), customer.id)
        )
        self.env.invalidate_all()

    def test_trap_switching_off_and_on_again_changes_no_date(self):
        self.pool.idle_days = 30
        customer = self._owned(days=20)
        self.pool.auto_recycle = False
        self.assertFalls(customer, None)
        self.pool.auto_recycle = True
        self.assertFalls(customer, 10)

    def test_a_day_is_the_day_of_the_company(self):
        """At 17:00 in London it is the next day in Shanghai already."""
        self.pool.idle_days = 30
        customer = self._owned(days=0)
        self.env.cr.execute("UPDATE res_partner SET kehu_assigned_on = '2026-03-10 17:00:00' WHERE id = %s", (customer.id,))
        for zone, day in (("Asia/Shanghai", "2026-04-10"), ("Europe/London", "2026-04-09"), ("Pacific/Kiritimati", "2026-04-10")):
            with self.subTest(zone=zone):
                self.env["res.company"].search([]).kehu_timezone = zone
                customer.invalidate_recordset()
                self.assertEqual(customer.kehu_fall_on, fields.Date.to_date(day))

    def test_two_companies_have_two_days(self):
        self.pool.idle_days = 30
        berlin = self.env["res.company"].create({"name": "Berlin Branch", "kehu_timezone": "Europe/Berlin"})
        self.user_seller.company_ids |= berlin
        ours = self._owned(days=0)
        theirs = self._owned(days=0, company_id=berlin.id, name="Berliner")
        self.env.cr.execute("UPDATE res_partner SET kehu_assigned_on = '2026-03-10 17:00:00' WHERE id IN %s", (tuple((ours | theirs).ids),))
        (ours | theirs).invalidate_recordset()
        self.assertEqual(ours.kehu_fall_on, fields.Date.to_date("2026-04-10"))
        self.assertEqual(theirs.kehu_fall_on, fields.Date.to_date("2026-04-09"))

    # -- rules, levels, exemptions -------------------------------------------------------------------------------------

    def test_the_first_rule_strikes(self):
        self.pool.write({"idle_days": 30, "no_deal_days": 60})
        cases = [
            # received, contacted, dealt: days ago; falls in; rule
            (0, None, None, 30, "idle"),
            (10, None, None, 20, "idle"),
            (40, 5, None, 20, "no_deal"),
            (40, 5, 1, 25, "idle"),
            (100, 2, 50, 10, "no_deal"),
            (31, 90, None, -1, "idle"),
            (90, 0, 60, 0, "no_deal"),
        ]
        for received, contacted, dealt, days, rule in cases:
            with self.subTest(received=received, contacted=contacted, dealt=dealt):
                self.assertFalls(self._owned(days=received, contacted=contacted, dealt=dealt), days, rule)

    def test_days_without_an_opportunity(self):
        """From the later of received and the newest opportunity made or closed; this rule passes over customers with an open one."""
        self.pool.no_opportunity_days = 30
        self.assertFalls(self._owned(days=10), 20, "no_opportunity")
        self.assertFalls(self._owned(days=10, worked=50), 20, "no_opportunity")
        customer = self._owned(days=50, name="Worked On")
        self.assertFalls(customer, -20, "no_opportunity")
        contact = self._create_contact(customer)
        lead = self._opportunity(contact, days=3, type="lead")
        self.assertFalls(customer, -20, "no_opportunity")
        lead.convert_opportunity(contact)
        lead.date_conversion = NOW  # the host took the moment from the database, which knows no frozen time
        self.assertEqual(customer.kehu_last_opportunity, TODAY)
        self.assertFalls(customer, None)
        with freeze_time(fields.Datetime.to_datetime(NOW) + timedelta(days=7)):
            lead.action_set_lost()
            customer.invalidate_recordset()
            self.assertEqual(customer.kehu_last_opportunity, TODAY + timedelta(days=7))
            self.assertEqual(customer.kehu_fall_on, TODAY + timedelta(days=37), "the days begin when the last one is closed")
            self.assertEqual(customer.kehu_fall_hint, "A new opportunity resets the clock.")
        lead.with_context(active_test=False).unlink()
        self.assertFalls(customer, -20, "no_opportunity")

    def test_the_day_on_which_an_opportunity_is_closed_is_a_day_with_one(self):
        """By the calendar of the company: closed half an hour before midnight in Shanghai, the days begin with the next one."""
        self.pool.no_opportunity_days = 1
        customer = self._owned(days=50)
        lead = self._opportunity(customer, days=40)
        self.assertFalls(customer, None)
        with freeze_time("2026-04-05 15:30:00"):
            lead.action_set_lost()
            self.env.flush_all()
            customer.invalidate_recordset()
            self.assertEqual(customer.kehu_last_opportunity, date(2026, 4, 5))
            self.assertEqual(customer.kehu_fall_on, date(2026, 4, 6), "not on the day itself, though nothing is open any more")
        with freeze_time("2026-04-05 16:30:00"):
            lead.action_restore()
            lead.action_set_lost()
            self.env.flush_all()
            customer.invalidate_recordset()
            self.assertEqual(customer.kehu_fall_on, date(2026, 4, 7))

    def test_trap_an_opportunity_of_tomorrow_resets_nothing(self):
        """A salesperson can write the dates of an opportunity by RPC; a day to come does not count."""
        self.pool.no_opportunity_days = 30
        customer = self._owned(days=50)
        lead = self._opportunity(customer)
        lead.action_set_lost()
        lead.write({"date_closed": "2030-01-01 00:00:00", "date_conversion": "2031-01-01 00:00:00"})
        self.assertEqual(customer.kehu_last_opportunity, TODAY)
        self.assertFalls(customer, 30, "no_opportunity")

    def test_an_update_finds_the_opportunities_of_old_customers(self):
        customer = self._owned(days=50)
        self._opportunity(customer)
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET kehu_last_opportunity = NULL")
        self.env.invalidate_all()
        path = file_path("kehu_crm/migrations/19.0.1.2.0/post-pool_opportunities.py")
        spec = importlib.util.spec_from_file_location("kehu_post_pool_opportunities", path)
        migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(migration)
        for _time in range(2):
            migration.migrate(self.env.cr, "19.0.1.1.0")
            self.assertEqual(customer.kehu_last_opportunity, TODAY)

    def test_levels_have_their_own_days(self):
        self.pool.write(
            {
                "idle_days": 30,
                "no_deal_days": 90,
                "level_rule_ids": [
                    Command.create({"level_id": self.level_key.id, "idle_days": 10}),
                    Command.create({"level_id": self.level_none.id, "idle_days": 0, "no_deal_days": 0}),
                ],
            }
        )
        key = self.pool.level_rule_ids.filtered(lambda rule: rule.level_id == self.level_key)
        self.assertEqual(key.no_deal_days, 90, "what is not given is the pool's own number")
        self.assertFalls(self._owned(days=5), 25)
        self.assertFalls(self._owned(days=5, kehu_level_id=self.level_key.id), 5)
        self.assertFalls(self._owned(days=85, contacted=1, kehu_level_id=self.level_key.id), 5, "no_deal")
        self.assertFalls(self._owned(days=500, kehu_level_id=self.level_none.id), None)

    def test_a_level_alone_can_have_days(self):
        self.pool.level_rule_ids = [Command.create({"level_id": self.level_key.id, "idle_days": 10})]
        self.assertFalls(self._owned(days=4, kehu_level_id=self.level_key.id), 6)
        self.assertFalls(self._owned(days=400), None)

    def test_who_stays(self):
        tag = self.env["res.partner.category"].create({"name": "Strategic (test)"})
        self.pool.write({"idle_days": 30, "exempt_level_ids": self.level_key.ids, "exempt_tag_ids": tag.ids, "spare_dealt": True})
        falls = self._owned(days=40)
        self.assertFalls(falls, -10)
        self.assertFalls(self._owned(days=40, kehu_level_id=self.level_key.id), None)
        self.assertFalls(self._owned(days=40, category_id=[Command.set(tag.ids)]), None)
        self.assertFalls(self._owned(days=400, dealt=300), None)
        self.assertFalls(self._owned(days=40, kehu_locked=True), None)
        falls.active = False
        self.assertFalls(falls, None)
        self.assertFalls(self._create_customer(name="In the Pool"), None)

    def test_open_opportunities(self):
        self.pool.write({"idle_days": 30, "spare_opportunities": True})
        customer = self._owned(days=40)
        lead = self.env["crm.lead"].create({"name": "Pumps", "partner_id": self._create_contact(customer).id, "type": "opportunity"})
        self.assertFalls(customer, None)
        lead.action_set_lost()
        self.assertFalls(customer, -10)
        lead.action_restore()
        self.assertFalls(customer, None)
        self.pool.spare_opportunities = False
        self.assertFalls(customer, -10)

    def test_protection(self):
        self.pool.write({"idle_days": 5, "protect_days": 30})
        self.assertFalls(self._owned(days=10), 20)
        self.assertFalls(self._owned(days=27), 3)
        self.assertFalls(self._owned(days=28, contacted=1), 4)

    # -- which policy holds --------------------------------------------------------------------------------------------

    def test_the_pool_a_customer_came_from_governs_it(self):
        other = self.env["kehu.pool"].create({"name": "Fast Pool", "idle_days": 7})
        self.pool.idle_days = 30
        customer = self._create_customer(kehu_pool_id=other.id)
        customer.with_user(self.user_seller).kehu_claim()
        self.assertEqual(customer.kehu_home_pool_id, other)
        self.assertEqual(customer.kehu_policy_pool_id, other)
        self.assertFalls(customer, 7)
        customer.with_user(self.user_director).kehu_transfer(self.user_seller2.id, "Holiday")
        self.assertEqual(customer.kehu_policy_pool_id, other, "a transfer does not change the pool")
        self.env["kehu.pool"].browse(other.id).active = False
        self.assertFalls(customer, 30)

    def test_else_the_pool_of_which_the_owner_is_a_member_else_the_default(self):
        self.pool.idle_days = 30
        self.assertFalls(self._owned(days=0), 30)
        self.env["kehu.pool"].create({"name": "Seller's Pool", "idle_days": 9, "member_ids": self.user_seller.ids})
        self.assertFalls(self._owned(days=0), 9)
        self.assertFalls(self._owned(owner=self.user_seller2, days=0), 30)

    def test_which_pool_governs_is_told_from_memory_as_by_sql(self):
        """One customer whose values are known costs no query, and gets the same answer as many together."""
        west = self.env["res.company"].create({"name": "Kehu West"})
        pools = self.env["kehu.pool"]
        fast = pools.create({"name": "Fast Pool", "idle_days": 7})
        gone = pools.create({"name": "Gone Pool"})
        members = pools.create({"name": "Seller's Pool", "member_ids": self.user_seller.ids})
        own = pools.create({"name": "West Default", "company_id": west.id, "is_default": True})
        western = pools.create({"name": "West Members", "company_id": west.id, "member_ids": self.user_seller2.ids})
        customers = self.env["res.partner"]
        for owner, home, company, waits in (
            (self.user_seller, False, False, False),
            (self.user_seller, fast, False, False),
            (self.user_seller, gone, west, False),
            (self.user_seller2, False, False, False),
            (self.user_seller2, False, west, False),
            (self.user_west_seller, False, west, False),
            (self.user_west_seller, gone, False, False),
            (False, fast, False, members),
        ):
            customer = self._create_customer(owner=owner or None)
            customer.flush_recordset()
            self.env.cr.execute(
                "UPDATE res_partner SET kehu_home_pool_id = %s, company_id = %s, kehu_pool_id = %s WHERE id = %s",
                (*(record.id if record else None for record in (home, company, waits)), customer.id),
            )
            customers |= customer
        gone.active = False
        customers.invalidate_recordset()
        together = dict(customers._kehu_limiting_pools())
        as_other = dict(customers._kehu_limiting_pools(self.user_seller))
        expected = [members, fast, members, self.pool, western, own, self.pool, members]
        self.assertEqual([together[customer.id] for customer in customers], [pool.id for pool in expected])
        for customer in customers:
            customer.mapped("name")
            with self.subTest(customer=customer.id), self.assertQueryCount(0):
                self.assertEqual(customer._kehu_limiting_pools(), [(customer.id, together[customer.id])])
                self.assertEqual(customer._kehu_limiting_pools(self.user_seller), [(customer.id, as_other[customer.id])])

    def test_pools_one_manages_are_known_without_a_query(self):
        managed = self.env["kehu.pool"].with_user(self.user_seller)
        self.assertFalse(managed._kehu_managed_ids())
        self.pool.manager_ids = [Command.link(self.user_seller.id)]
        self.assertEqual(managed._kehu_managed_ids(), {self.pool.id})
        with self.assertQueryCount(0):
            managed._kehu_managed_ids()
        self.pool.manager_ids = [Command.unlink(self.user_seller.id)]
        self.assertFalse(managed._kehu_managed_ids())

    # -- what resets the clock -----------------------------------------------------------------------------------------

    def test_only_an_effective_contact_resets_the_clock(self):
        self.pool.idle_days = 30
        customer = self._owned(days=20)
        self._contact(customer, content="Called", result=False)
        self.assertFalls(customer, 10)
        self._contact(customer, content=False, result="Nobody there")
        self.assertFalls(customer, 10)
        self._contact(customer, content="  ", result="   ")
        self.assertFalls(customer, 10)
        record = self._contact(customer, content="Asked for samples", result="Will send five")
        self.assertTrue(record.is_effective)
        self.assertFalse(record.effect_hint)
        self.assertFalls(customer, 30)

    def test_trap_a_copy_of_the_record_before_does_not_count(self):
        self.pool.idle_days = 30
        customer = self._owned(days=25)
        self._contact(customer, content="Asked for samples.", date=TODAY - timedelta(days=20))
        self.assertFalls(customer, 10)
        for content in ("Asked for samples.", "asked  for SAMPLES", "Asked for samples!!"):
            with self.subTest(content=content):
                record = self._contact(customer, content=content)
                self.assertFalse(record.is_effective)
                self.assertIn("same content", record.effect_hint)
                self.assertFalls(customer, 10)
        self._contact(customer, content="", result="")
        self._contact(customer, content="Asked for samples")
        self.assertFalls(customer, 10)
        self._contact(customer, content="Samples have arrived")
        self.assertFalls(customer, 30)

    def test_trap_two_texts_in_turn_are_copies_too(self):
        self.pool.idle_days = 30
        customer = self._owned(days=25)
        for days, content in ((20, "Called the buyer"), (19, "Sent the price list")):
            self.assertTrue(self._contact(customer, content=content, date=TODAY - timedelta(days=days)).is_effective)
        self.assertFalls(customer, 11)
        for content in ("Called the buyer", "Sent the price list", "Called the buyer.", "sent the price-list"):
            with self.subTest(content=content):
                record = self._contact(customer, content=content)
                self.assertFalse(record.is_effective)
                self.assertIn("same content", record.effect_hint)
                self.assertFalls(customer, 11)
        self._contact(customer, content="Sent the new price list")
        self.assertFalls(customer, 30)

    def test_trap_a_copy_in_other_dress(self):
        """Width, script, accents, blanks and punctuation make no new text."""
        self.pool.idle_days = 30
        customer = self._owned(days=25)
        self._contact(customer, content="已发报价单 PO12，等待回复。", date=TODAY - timedelta(days=20))
        self._contact(customer, content="Something else", date=TODAY - timedelta(days=20))
        for content in ("已发报价单ＰＯ１２；等待回复！", "已發報價單 po12 等待回復", "已发 报价单——PO１２等待回复…"):
            with self.subTest(content=content):
                self.assertFalse(self._contact(customer, content=content).is_effective)
                self.assertFalls(customer, 10)

    def test_the_same_text_counts_again_after_a_year(self):
        self.pool.idle_days = 30
        customer, other = self._owned(days=25), self._owned(days=25, name="Other")
        self._contact(customer, content="Season's greetings", date=TODAY - timedelta(days=366))
        self.assertTrue(self._contact(customer, content="Season's greetings").is_effective)
        self.assertFalls(customer, 30)
        self.assertTrue(
            self._contact(other, content="Season's greetings", date=TODAY - timedelta(days=365)).is_effective, "no copy: other one"
        )
        self.assertFalse(self._contact(other, content="Season's greetings").is_effective)
        self.assertFalls(other, 5)

    def test_property_the_records_that_count(self):
        """Random records, written, corrected and deleted in any order: the database tells what the rule in plain Python tells."""
        chance = random.Random(20260402)
        texts = {
            "a": ["Called the buyer.", "called  the BUYER", "ｃａｌｌｅｄ the buyer!"],
            "b": ["询问报价", "詢問報價。", " 询问 报价 "],
            "c": ["Visit", "visit…"],
            None: [False, "  ", "…"],
        }
        customers = self._owned(days=900, name="One") | self._owned(days=900, name="Two")
        told = {}

        def values():
            meaning = chance.choice(list(texts))
            result = chance.choice(["Good", "Good", "Good", False])
            return meaning if result else None, {"content": chance.choice(texts[meaning]), "result": result}

        def day():
            return TODAY - timedelta(days=chance.choice([chance.randint(0, 20), chance.randint(0, 900)]))

        records = self.env["kehu.contact.record"]
        for turn in range(25):
            new = [(*values(), chance.choice(customers), day()) for _number in range(4)]
            made = records.create(
                [{**vals, "partner_id": customer.id, "date": date_, "add_to_schedule": False} for _meaning, vals, customer, date_ in new]
            )
            told.update({record: meaning for record, (meaning, *_rest) in zip(made, new, strict=True)})
            changed = chance.choice(list(told))
            if chance.random() < 0.5:
                told[changed], vals = values()
                changed.write({**vals, "date": day()})
            else:
                del told[changed]
                changed.unlink()
            for customer in customers:
                mine = records.concat(*(record for record in told if record.partner_id == customer)).sorted(lambda rec: (rec.date, rec.id))
                counts = pool_clock.effective([(record.date, told[record]) for record in mine])
                with self.subTest(turn=turn, customer=customer.name):
                    self.assertEqual(mine.mapped("is_effective"), counts)
                    days = [record.date for record, count in zip(mine, counts, strict=True) if count]
                    self.assertEqual(customer.kehu_effective_contact or None, max(days, default=None))

    def test_an_update_tells_again_which_records_count(self):
        """Up to now only the record directly before was compared, and width and script mattered."""
        customer, spoken = self._owned(days=60), self._owned(days=60, name="Spoken")
        for days, content in ((50, "Ａ called"), (40, "B wrote"), (3, "A called")):
            self._contact(customer, content=content, date=TODAY - timedelta(days=days))
        self._contact(spoken, date=TODAY - timedelta(days=5))
        self.env.flush_all()
        self.env.cr.execute("UPDATE kehu_contact_record SET is_effective = TRUE, content_key = md5(content)")
        self.env.cr.execute("UPDATE res_partner SET kehu_effective_contact = %s WHERE id = %s", (TODAY, customer.id))
        self.env.invalidate_all()
        path = file_path("kehu_crm/migrations/19.0.1.3.0/post-pool_copies.py")
        spec = importlib.util.spec_from_file_location("kehu_post_pool_copies", path)
        migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(migration)
        for _time in range(2):
            migration.migrate(self.env.cr, "19.0.1.1.0")
            self.env.invalidate_all()
            self.assertEqual(customer.kehu_contact_record_ids.sorted("date").mapped("is_effective"), [True, True, False])
            self.assertEqual(customer.kehu_effective_contact, TODAY - timedelta(days=40))
            self.assertEqual(spoken.kehu_effective_contact, TODAY - timedelta(days=5))
        self.assertFalse(self._contact(customer, content="b WROTE!").is_effective)

    def test_a_record_that_is_corrected_or_deleted_counts_anew(self):
        self.pool.idle_days = 30
        customer = self._owned(days=20)
        record = self._contact(customer, result=False)
        self.assertFalls(customer, 10)
        record.result = "Interested"
        self.assertFalls(customer, 30)
        follower = self._contact(customer, content=record.content)
        self.assertFalse(follower.is_effective)
        record.with_user(self.user_crm_admin).unlink()
        self.assertTrue(follower.is_effective, "what it was a copy of is gone")
        self.assertFalls(customer, 30)
        follower.with_user(self.user_crm_admin).unlink()
        self.assertFalls(customer, 10)

    def test_trap_a_former_owner_does_not_move_the_clock_by_correcting_a_record(self):
        customer = self._create_customer(owner=self.user_seller, name="Handed Over")
        records = self.env["kehu.contact.record"].with_user(self.user_seller)
        counts = records.create({"partner_id": customer.id, "content": "Wants 20", "result": "Offer"})
        bare = records.create({"partner_id": customer.id, "date": fields.Date.add(counts.date, days=-1), "content": "Hello"})
        day = customer.kehu_effective_contact
        self.assertEqual(day, counts.date)
        customer.kehu_transfer(self.user_seller2.id, "Moved")
        bare.result = "Later"  # moves nothing: the newest one that counts is another
        for record, values in ((counts, {"result": False}), (counts, {"content": "…"}), (bare, {"content": "wants 20"})):
            with self.subTest(values=values), self.assertRaises(KehuContactRecordRightsError):
                record.write(values)
        self.assertEqual(customer.kehu_effective_contact, day)

    def test_an_earlier_day_gives_no_more_than_that_day(self):
        self.pool.idle_days = 30
        customer = self._owned(days=20)
        self._contact(customer, date=TODAY - timedelta(days=8))
        self.assertFalls(customer, 22)
        self._contact(customer, content="From before one had it", date=TODAY - timedelta(days=300))
        self.assertFalls(customer, 22)

    def test_a_confirmed_order_resets_the_other_clock(self):
        self.pool.no_deal_days = 60
        customer = self._owned(days=50)
        contact = self._create_contact(customer)
        order = self.env["sale.order"].create(
            {"partner_id": contact.id, "order_line": [Command.create({"product_id": self._create_product().id})]}
        )
        self.assertFalls(customer, 10, "no_deal")
        self.env["kehu.approval.flow"].search([]).active = False
        order.sudo().action_confirm()
        self.assertEqual(customer.kehu_last_deal, TODAY)
        self.assertFalls(customer, 60, "no_deal")
        order.sudo()._action_cancel()
        self.assertFalse(customer.kehu_last_deal)
        self.assertFalls(customer, 10, "no_deal")

    def test_trap_merging_an_old_customer_into_one_entered_today_resets_nothing(self):
        self.pool.idle_days = 30
        old, fresh = self._owned(days=29, name="Old Pumps"), self._owned(name="Shell")
        west = self._owned(days=60, owner=self.user_west_seller, name="Of a Colleague")
        since = old.kehu_assigned_on
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        merge._merge((old | fresh).ids, fresh)
        self.assertFalse(old.exists())
        self.assertEqual(fresh.kehu_assigned_on, since)
        self.assertEqual(fresh.kehu_fall_on, TODAY + timedelta(days=1))
        west.kehu_transfer(self.user_seller.id, "Is the same")
        merge._merge((west | fresh).ids, west)
        self.assertEqual(west.kehu_assigned_on, since, "since the seller has had the first of them, not the colleague")

    def test_merging_merges_the_clocks(self):
        """What was said to, offered to and ordered by the one that goes counts for the one that stays."""
        self.pool.write({"idle_days": 30, "no_opportunity_days": 40, "no_deal_days": 50})
        self.env["kehu.approval.flow"].search([]).active = False
        stays, goes = self._owned(days=100, name="Stays"), self._owned(days=100, name="Goes")
        product = self._create_product()
        for customer, days in ((stays, 60), (goes, 0)):
            moment = fields.Datetime.now() - timedelta(days=days)
            self._contact(customer, content="Talked of pumps" if days else "Asked for valves", date=TODAY - timedelta(days=days))
            lead = self._opportunity(customer, days=days)
            order = self.env["sale.order"].create({"partner_id": customer.id, "order_line": [Command.create({"product_id": product.id})]})
            order.sudo().action_confirm()
            self.env.flush_all()
            self.env.cr.execute("UPDATE sale_order SET date_order = %s WHERE id = %s", (moment, order.id))
            self.env.cr.execute("UPDATE crm_lead SET active = FALSE, won_status = 'lost' WHERE id = %s", (lead.id,))
            self.env.invalidate_all()
            order.modified(["date_order"])
            day = TODAY - timedelta(days=days)
            clock = (customer.kehu_effective_contact, customer.kehu_last_opportunity, customer.kehu_last_deal)
            self.assertEqual(clock, (day, day, day))
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((stays | goes).ids, stays)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((stays.kehu_effective_contact, stays.kehu_last_opportunity, stays.kehu_last_deal), (TODAY, TODAY, TODAY))
        self.assertFalls(stays, 30)
        self.assertOwner(stays, self.user_seller)
        self.assertEqual(self.history(stays)[-1][0], "create", "one owner had both: nothing changed hands")

    # -- lists ---------------------------------------------------------------------------------------------------------

    def test_search_sort_and_group_by_days_left(self):
        self.pool.idle_days = 30
        customers = self.env["res.partner"].concat(*(self._owned(days=days, name=f"Age {days}") for days in (3, 29, 12, 40)))
        none = self._create_customer(name="Pooled")
        partners = self.env["res.partner"].with_user(self.user_seller)
        mine = [("id", "in", (customers | none).ids)]
        self.assertEqual(
            partners.search([*mine, ("kehu_fall_on", "!=", False)], order="kehu_fall_on").mapped("name"),
            ["Age 40", "Age 29", "Age 12", "Age 3"],
        )
        self.assertEqual(partners.search([*mine, ("kehu_fall_on", "<=", "today +7d")]).mapped("name"), ["Age 29", "Age 40"])
        self.assertEqual(partners.search([*mine, ("kehu_fall_on", "=", False)]).name, "Pooled")
        self.assertEqual(partners.search([*mine, ("kehu_fall_on", "=", TODAY + timedelta(days=1))]).name, "Age 29")
        self.assertEqual(
            partners.search([*mine, ("kehu_policy_pool_id", "=", self.pool.id)]), customers.sorted("name").with_env(partners.env)
        )
        self.assertEqual(partners.search([*mine, ("kehu_policy_pool_id", "=", False)]).name, "Pooled")

    def test_days_left_of_a_page_cost_the_same_for_ten_and_for_eighty(self):
        self.pool.write({"idle_days": 30, "warn_days": 3})
        customers = self.env["res.partner"].create(
            [{"name": f"Row {number}", "kehu_is_customer": True, "user_id": self.user_seller.id} for number in range(80)]
        )
        counts = []
        for some in (customers[:10], customers[:10], customers):
            self.env.flush_all()
            self.env.invalidate_all()
            some = self.env["res.partner"].browse(some.ids)
            before = self.env.cr.sql_log_count
            some.mapped("kehu_fall_on")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], "the first one filled the memory of policies")
        self.assertEqual(counts[2], 1)

    # -- nobody sets the clock by hand ---------------------------------------------------------------------------------

    def test_nobody_writes_the_clock(self):
        customer = self._owned(days=20)
        record = self._contact(customer, result=False)
        for user in (self.user_seller, self.user_crm_admin):
            for name, value in (("kehu_effective_contact", TODAY), ("kehu_last_deal", TODAY), ("kehu_home_pool_id", self.pool.id)):
                with self.subTest(user=user.name, name=name), self.assertRaises(KehuSystemFieldError):
                    customer.with_user(user).write({name: value})
            for values in ({"is_effective": True}, {"content_key": "x"}):
                with self.subTest(user=user.name, values=values):
                    with self.assertRaises(KehuSystemFieldError):
                        record.with_user(user).write(values)
                    with self.assertRaises(KehuSystemFieldError):
                        self._contact(customer, **values)
        with self.assertRaises(AccessError):
            self.pool.with_user(self.user_director).idle_days = 99

    # -- the SQL against plain Python ----------------------------------------------------------------------------------

    def test_property_the_database_and_the_rules_in_python_agree(self):
        """Random policies of two pools and random histories, seeded: same day, same rule, and the laws of the clock.

        Two levels of which one has days of its own, a level and a tag that are exempt, locked and archived customers, open and closed
        opportunities, hours of the day, and a time zone that changes from turn to turn.
        """
        chance = random.Random(20260401)
        tag = self.env["res.partner.category"].create({"name": "Strategic (test)"})
        other = self.env["kehu.pool"].create({"name": "Random Pool", "member_ids": self.user_seller2.ids})
        owners = {self.user_seller: self.pool, self.user_seller2: other}
        customers = self.env["res.partner"].create(
            [
                {"name": f"Random {number}", "kehu_is_customer": True, "user_id": owner.id, "kehu_level_id": level.id}
                for number in range(6)
                for level in (self.level_key, self.level_none)
                for owner in owners
            ]
        )
        leads = {
            customer: self.env["crm.lead"].create({"name": "Random", "partner_id": customer.id, "type": "opportunity"})
            for customer in customers[:8]
        }
        self.env.flush_all()
        special = {}
        for turn in range(30):
            zone = chance.choice(["Asia/Shanghai", "Europe/London", "America/New_York", "Pacific/Kiritimati"])
            self.env["res.company"].search([]).kehu_timezone = zone
            today = self.env.company._kehu_today()
            numbers = {}
            for pool in owners.values():
                numbers[pool] = {
                    "idle_days": chance.choice([0, 1, 7, 30, 90]),
                    "no_opportunity_days": chance.choice([0, 0, 1, 20, 60]),
                    "no_deal_days": chance.choice([0, 1, 30, 180]),
                    "protect_days": chance.choice([0, 0, 5, 45]),
                    "warn_days": chance.choice([0, 0, 3, 10]),
                    "spare_dealt": chance.random() < 0.2,
                    "spare_opportunities": chance.random() < 0.2,
                }
                special[pool] = {
                    "idle_days": chance.choice([0, 3, 60]),
                    "no_opportunity_days": chance.choice([0, 15, 60]),
                    "no_deal_days": chance.choice([0, 10, 365]),
                }
                pool.write(
                    {
                        **numbers[pool],
                        "level_rule_ids": [Command.clear(), Command.create({"level_id": self.level_key.id, **special[pool]})],
                        "exempt_level_ids": [Command.set(self.level_none.ids if chance.random() < 0.15 else [])],
                        "exempt_tag_ids": [Command.set(tag.ids)],
                    }
                )

            def maybe(top, today=today):
                return chance.choice([None, today - timedelta(days=chance.randint(0, top))])

            histories = {}
            for customer in customers:
                pool = owners[customer.user_id]
                hour = chance.randint(0, 23)
                moment = fields.Datetime.to_datetime(NOW) - timedelta(days=chance.randint(1, 120), hours=hour)
                tagged_, locked, archived = (chance.random() < 0.1 for _number in range(3))
                history = pool_clock.History(
                    received=self.env.company._kehu_local_day(moment),
                    effective_contact=maybe(150),
                    last_opportunity=maybe(150) if customer not in leads else today - timedelta(days=chance.randint(0, 150)),
                    last_deal=maybe(150),
                    open_opportunity=customer in leads and chance.random() < 0.5,
                    exempt=tagged_ or locked or archived or customer.kehu_level_id in pool.exempt_level_ids,
                )
                histories[customer] = history
                if customer in leads:
                    self.env.cr.execute(
                        "UPDATE crm_lead SET active = %s, won_status = %s WHERE id = %s",
                        (history.open_opportunity, "pending" if history.open_opportunity else "lost", leads[customer].id),
                    )
                self.env.cr.execute("DELETE FROM res_partner_res_partner_category_rel WHERE partner_id = %s", (customer.id,))
                if tagged_:
                    self.env.cr.execute(
                        "INSERT INTO res_partner_res_partner_category_rel (partner_id, category_id) VALUES (%s, %s)", (customer.id, tag.id)
                    )
                self.env.cr.execute(
                    """UPDATE res_partner SET kehu_assigned_on = %s, kehu_effective_contact = %s, kehu_last_opportunity = %s,
                                              kehu_last_deal = %s, kehu_locked = %s, active = %s WHERE id = %s""",
                    (
                        moment,
                        history.effective_contact,
                        history.last_opportunity,
                        history.last_deal,
                        locked,
                        not archived,
                        customer.id,
                    ),
                )
            self.env.invalidate_all()
            run = self.env["kehu.pool.run"].new({"company_id": self.env.company.id, "date": today, "last_id": 0})
            falling = {row[0]: (row[2], row[3], row[4]) for row in run._kehu_candidates(limit=100000) if row[0] in set(customers.ids)}
            expected = customers.filtered(lambda customer, today=today: customer.kehu_fall_on and customer.kehu_fall_on <= today)
            self.assertEqual(set(falling), set(expected.ids), "the job sees what the list shows")
            found = self.env["res.partner"].search([("id", "in", customers.ids), ("kehu_fall_on", "<=", today)])
            self.assertEqual(found.sorted("id"), expected.sorted("id"), "and the filter finds it")
            for customer, history in histories.items():
                pool = owners[customer.user_id]
                policy = pool_clock.Policy(**{**numbers[pool], **(special[pool] if customer.kehu_level_id == self.level_key else {})})
                due, rule = pool_clock.due(policy, history)
                with self.subTest(turn=turn, zone=zone, policy=policy, history=history):
                    self.assertEqual(customer.kehu_fall_on or None, pool_clock.fall(policy, history, today))
                    self.assertEqual(customer.kehu_fall_rule or None, rule)
                    if customer.id in falling:
                        self.assertEqual(falling[customer.id], (pool.id, rule, due))
                    if due:
                        self.assertGreater(due, history.received, "nobody falls on the day it was received")
                        later = replace(history, effective_contact=today, last_opportunity=today, last_deal=today)
                        self.assertGreaterEqual(pool_clock.due(policy, later)[0] or date.max, due, "work never brings the day nearer")
                        self.assertGreaterEqual(pool_clock.fall(policy, history, today), min(due, today + timedelta(days=policy.warn_days)))

    def test_property_time_alone_never_saves(self):
        """Whoever does nothing has one day less each day."""
        self.pool.idle_days = 30
        customer = self._owned(days=0)
        seen = []
        for day in range(0, 35, 5):
            with freeze_time(fields.Datetime.to_datetime(NOW) + timedelta(days=day)):
                customer.invalidate_recordset()
                seen.append((customer.kehu_fall_on, customer.kehu_days_left))
        self.assertEqual(seen, [(date(2026, 5, 1), max(30 - day, 0)) for day in range(0, 35, 5)])

    def test_an_archived_company_looks_after_nobody(self):
        """Somebody leaves after the oldest company was archived: the policies are read while archived records are shown."""
        companies = self.env["res.company"].search([], order="id")
        branch = self.env["res.company"].create({"name": "Branch (test)"})
        leaver = new_test_user(self.env, "kehu_leaver_branch", groups="kehu_crm.group_kehu_user", company_ids=(companies | branch).ids)
        customer = self._create_customer(owner=self.user_seller, name="Goes On")
        self._create_customer(owner=leaver, name="Of the Leaver", company_id=branch.id)
        self.pool.idle_days = 30
        # the host refuses to archive a company that people work for; whose it was has gone
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_company SET active = FALSE WHERE id = ANY(%s)", (companies.ids,))
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self.assertEqual(companies.with_context(active_test=False)._kehu_main(), branch)
        leaver.active = False
        self.env.invalidate_all()
        self.assertTrue(customer.kehu_fall_on)
