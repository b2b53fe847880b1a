"""What resets the clock without work behind it, and does not any more: numbered copies, one letter, orders of tomorrow or of nothing."""

import importlib.util
import random
from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.misc import file_path

from ...models.pool.exceptions import KehuOwnershipRightsError
from ...models.sales.exceptions import KehuOrderRightError
from ...tools.pool_copies import is_copy, letters
from .policy_common import NOW, TODAY, PolicyCommon


@tagged("post_install", "-at_install")
class TestPoolEffect(PolicyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool.idle_days = 30
        cls.env["res.company"].search([]).write({"kehu_least_letters": 2, "kehu_copy_likeness": 92})

    def assertFalls(self, customer, days):
        customer.invalidate_recordset()
        self.assertEqual(customer.kehu_fall_on, days is not None and TODAY + timedelta(days=days))

    # -- contact records -----------------------------------------------------------------------------------------------

    def test_a_copy_with_another_number_or_date_does_not_count(self):
        customer = self._owned(days=25)
        self._contact(customer, content="Called the buyer about the pumps", date=TODAY - timedelta(days=20))
        for content in (
            "Called the buyer about the pumps 2",
            "2026-04-01 called the buyer about the pumps",
            "Called the buyer about the pumps, No. 3",
            "Called the buyer about the pumps!",
            "Called the buyer about the pumps x",
            "Calles the buyer about the pumps",
        ):
            with self.subTest(content=content):
                record = self._contact(customer, content=content)
                self.assertFalse(record.is_effective)
                self.assertIn("much like it", record.effect_hint)
                self.assertFalls(customer, 10)
        self._contact(customer, content="The buyer wants two pumps in May")
        self.assertFalls(customer, 30)

    def test_a_copy_in_chinese_does_not_count(self):
        customer = self._owned(days=25)
        self._contact(customer, content="电话联系客户", date=TODAY - timedelta(days=20))
        for content in ("电话联系客户了", "第二次电话联系客户", "电话联系客户（四月一日）", "电话联系客户2"):
            with self.subTest(content=content):
                self._contact(customer, content=content)
                self.assertFalls(customer, 10)
        self._contact(customer, content="客户要两台水泵")
        self.assertFalls(customer, 30)

    def test_too_little_to_tell_does_not_count(self):
        customer = self._owned(days=20)
        for content, result in (("x", "ok"), ("x 12", "ok"), ("2026-04-01", "ok"), ("谈", "好"), ("Called him", "…"), ("！！！", "好")):
            with self.subTest(content=content):
                record = self._contact(customer, content=content, result=result)
                self.assertFalse(record.is_effective)
                self.assertTrue(record.effect_hint)
                self.assertFalls(customer, 10)
        self._contact(customer, content="询价", result="有意")
        self.assertFalls(customer, 30)

    def test_a_company_says_what_counts(self):
        company = self.env.company
        customer = self._owned(days=20)
        company.kehu_least_letters = 8
        record = self._contact(customer, content="Called")
        self.assertFalse(record.is_effective)
        self.assertIn("fewer than 8 letters", record.effect_hint)
        company.write({"kehu_least_letters": 0, "kehu_copy_likeness": 0})
        for content in ("x", "Visit 1", "Visit 2"):
            self.assertTrue(self._contact(customer, content=content).is_effective)
        company.kehu_copy_likeness = 100
        self.assertTrue(self._contact(customer, content="Sent the offer").is_effective)
        self.assertFalse(self._contact(customer, content="Sent the offer 7").is_effective)
        self.assertTrue(self._contact(customer, content="Sent the offers").is_effective)

    def test_many_at_once_are_compared_with_one_another(self):
        customer = self._owned(days=25)
        records = self.env["kehu.contact.record"].create(
            [
                {
                    "partner_id": customer.id,
                    "content": f"Called the buyer about the pumps, part {number}",
                    "result": "Good",
                    "date": TODAY - timedelta(days=20 - number),
                    "add_to_schedule": False,
                }
                for number in range(5)
            ]
        )
        self.assertEqual(records.mapped("is_effective"), [True, False, False, False, False])
        self.assertFalls(customer, 10)
        records[0].with_user(self.user_crm_admin).content = "Something else was said on that day"
        self.assertEqual(records.mapped("is_effective"), [True, True, False, False, False])

    def test_a_copy_counts_again_after_a_year_and_when_the_first_is_gone(self):
        customer = self._owned(days=500)
        self._contact(customer, content="Season's greetings 2025", date=TODAY - timedelta(days=366))
        self.assertTrue(self._contact(customer, content="Season's greetings 2026").is_effective)
        other = self._owned(days=25)
        first = self._contact(other, content="Called the buyer about the pumps 1", date=TODAY - timedelta(days=20))
        second = self._contact(other, content="Called the buyer about the pumps 2")
        self.assertFalse(second.is_effective)
        first.with_user(self.user_crm_admin).unlink()
        self.assertTrue(second.is_effective)
        third = self._contact(other, content="Called the buyer about the pumps 3")
        self.assertFalse(third.is_effective)

    def test_property_of_copies(self):
        """Likeness is mutual, figures and punctuation never matter, and more likeness asked for makes no more copies."""
        chance = random.Random(20260403)
        words = ["called", "the", "buyer", "询价", "水泵", "报价", "sent", "王总", "again", "样品"]
        for _turn in range(300):
            text = " ".join(chance.choices(words, k=chance.randint(1, 8)))
            other = list(text)
            for _change in range(chance.randint(0, 3)):
                other.insert(chance.randint(0, len(other)), chance.choice("xyz价 客"))
            other = "".join(other)
            with self.subTest(text=text, other=other):
                noise = "".join(char + chance.choice(["", "", "7", " ", "，", "-", "１"]) for char in text)
                self.assertEqual(letters(noise), letters(text))
                one, two = letters(text), letters(other)
                self.assertEqual(is_copy(one, two, 92), is_copy(two, one, 92))
                found = [is_copy(one, two, likeness) for likeness in (60, 80, 92, 99, 100)]
                self.assertEqual(found, sorted(found, reverse=True))
                self.assertTrue(is_copy(one, one, 100))

    # -- orders --------------------------------------------------------------------------------------------------------

    def _order(self, customer, price=100.0, **values):
        self.env["kehu.approval.flow"].search([]).active = False
        line = {"product_id": self._create_product().id, "price_unit": price}
        return self.env["sale.order"].create(
            {"partner_id": customer.id, "user_id": self.user_seller.id, "order_line": [Command.create(line)], **values}
        )

    def _no_deal(self):
        self.pool.write({"idle_days": 0, "no_deal_days": 60})
        return self._owned(days=50)

    def test_an_order_of_nothing_resets_no_clock(self):
        customer = self._no_deal()
        order = self._order(customer, price=0)
        order.sudo().action_confirm()
        self.assertFalse(customer.kehu_last_deal)
        self.assertFalls(customer, 10)
        self.pool.spare_dealt = True
        self.assertFalls(customer, 10)
        order.order_line.price_unit = 5
        self.assertEqual(customer.kehu_last_deal, TODAY)
        self.assertFalls(customer, None)

    def test_an_order_of_a_day_to_come_resets_no_clock(self):
        customer = self._no_deal()
        order = self._order(customer)
        order.sudo().action_confirm()
        self.assertFalls(customer, 60)
        order.date_order = fields.Datetime.to_datetime(NOW) + timedelta(days=300)
        self.env.cr.execute("UPDATE sale_order SET create_date = %s WHERE id = %s", (fields.Datetime.now() - timedelta(days=40), order.id))
        order.modified(["date_order"])
        self.assertEqual(customer.kehu_last_deal, TODAY - timedelta(days=40))
        self.assertFalls(customer, 20)

    def test_the_day_of_a_confirmed_order_stays(self):
        customer = self._no_deal()
        order = self._order(customer)
        own = order.with_user(self.user_seller)
        own.date_order = fields.Datetime.to_datetime(NOW) - timedelta(days=40)  # a draft may be dated
        own.action_confirm()
        self.assertEqual(order.date_order, fields.Datetime.to_datetime(NOW))
        for days in (-300, -1, 1, 300):
            with self.subTest(days=days), self.assertRaisesRegex(KehuOrderRightError, "its day stays"):
                own.write({"date_order": fields.Datetime.to_datetime(NOW) + timedelta(days=days)})
        own.write({"date_order": order.date_order, "client_order_ref": "PO 7"})
        order.with_user(self.user_east_manager).date_order = fields.Datetime.to_datetime(NOW) - timedelta(days=3)
        self.assertEqual(customer.kehu_last_deal, TODAY - timedelta(days=3))

    def test_no_order_is_confirmed_for_a_day_to_come(self):
        customer = self._no_deal()
        ahead = fields.Datetime.to_datetime(NOW) + timedelta(days=30)
        own = self._order(customer).with_user(self.user_seller)
        for values in ({"state": "sale", "date_order": ahead}, {"date_order": ahead}):
            with self.subTest(values=values), self.assertRaisesRegex(KehuOrderRightError, "day to come"), self.env.cr.savepoint():
                own.write(values)
                own.write({"state": "sale"})
        self.env.invalidate_all()
        self.assertFalse(customer.kehu_last_deal)

    # -- levels that exempt --------------------------------------------------------------------------------------------

    def _exempting(self):
        self.pool.exempt_level_ids = self.level_key
        return self._owned(days=20)

    def test_a_level_that_an_owner_sets_exempts_nothing(self):
        customer = self._exempting()
        own = customer.with_user(self.user_seller)
        ways = {
            "write": lambda: own.write({"kehu_level_id": self.level_key.id}),
            "load": lambda: (
                self.env["res.partner"]
                .with_user(self.user_seller)
                .load([".id", "kehu_level_id/.id"], [[str(customer.id), str(self.level_key.id)]])
            ),
            "record": lambda: self._contact(customer, content="x", result=False, level_id=self.level_key.id),
        }
        for name, way in ways.items():
            with self.subTest(way=name):
                customer.kehu_level_id = False
                way()
                self.env.flush_all()
                self.assertEqual(customer.kehu_level_id, self.level_key)
                self.assertFalls(customer, 10)
                self.assertIn("only when a manager confirms", customer.kehu_fall_hint)
        new = self.env["res.partner"].with_user(self.user_seller)
        new = new.create({"name": "New", "kehu_is_customer": True, "user_id": self.user_seller.id, "kehu_level_id": self.level_key.id})
        self.assertFalls(new.sudo(), 30)
        for act in (
            lambda: own.write({"kehu_level_confirmed": True}),
            lambda: own.write({"kehu_level_id": self.level_none.id, "kehu_level_confirmed": True}),
            lambda: new.create({"name": "N", "kehu_is_customer": True, "kehu_level_id": self.level_key.id, "kehu_level_confirmed": True}),
        ):
            with self.assertRaisesRegex(KehuOwnershipRightsError, "Only managers confirm"), self.env.cr.savepoint():
                act()
        self.env.invalidate_all()
        forged = new.with_context(default_kehu_level_confirmed=True).create(
            {"name": "Forged", "kehu_is_customer": True, "user_id": self.user_seller.id, "kehu_level_id": self.level_key.id}
        )
        self.assertFalse(forged.kehu_level_confirmed)

    def test_a_level_that_a_manager_gives_or_confirms_exempts(self):
        for user in (self.user_east_manager, self.user_director):
            customer = self._exempting()
            customer.with_user(user).kehu_level_id = self.level_key
            self.assertTrue(customer.kehu_level_confirmed)
            self.assertFalls(customer, None)
            own = customer.with_user(self.user_seller)
            own.kehu_level_id = self.level_key  # the same
            self._contact(customer, content="x", result=False, level_id=self.level_key.id)
            self.assertFalls(customer, None)
            own.kehu_level_id = self.level_none
            own.kehu_level_id = self.level_key
            self.assertFalls(customer, 10)
            customer.with_user(user).kehu_level_confirmed = True
            self.assertFalls(customer, None)
        recorded = self._exempting()
        self.env["kehu.contact.record"].with_user(self.user_east_manager).create(
            {"partner_id": recorded.id, "level_id": self.level_key.id, "add_to_schedule": False}
        )
        self.assertFalls(recorded, None)
        # a level that merely comes along with a manager's record is not given by the manager
        along = self._exempting()
        along.with_user(self.user_seller).kehu_level_id = self.level_key
        self.env["kehu.contact.record"].with_user(self.user_east_manager).create(
            {"partner_id": along.id, "level_id": self.level_key.id, "add_to_schedule": False}
        )
        self.assertFalse(along.kehu_level_confirmed)
        self.pool.manager_ids = self.user_seller
        managed = self._exempting()
        managed.with_user(self.user_seller).kehu_level_id = self.level_key
        self.assertFalls(managed, None)

    def test_a_level_without_days_lifts_a_rule_when_it_is_confirmed(self):
        self.pool.write(
            {
                "no_deal_days": 60,
                "level_rule_ids": [
                    Command.create({"level_id": self.level_key.id, "idle_days": 0, "no_deal_days": 90}),
                    Command.create({"level_id": self.level_none.id, "idle_days": 25}),
                ],
            }
        )
        customer = self._owned(days=20)
        own = customer.with_user(self.user_seller)
        own.kehu_level_id = self.level_key
        self.assertFalls(customer, 10)
        self.assertIn("only when a manager confirms", customer.kehu_fall_hint)
        customer.with_user(self.user_east_manager).kehu_level_confirmed = True
        self.assertFalls(customer, 70)
        own.kehu_level_id = self.level_none
        self.assertFalls(customer, 5)
        own.kehu_level_id = self.level_key
        with freeze_time("2026-04-12 02:00:00"):
            self._run("2026-04-12 02:00:00")
            self.assertRecycled(customer)
        line = self.env["kehu.pool.run.line"].search([("partner_id", "=", customer.id)])
        self.assertEqual(line.reason, "No effective contact for 30 days.")

    def test_a_level_of_more_days_slows_a_rule_down_when_it_is_confirmed(self):
        """3650 days are as good as none: an owner would keep every customer by giving it that level."""
        self.pool.level_rule_ids = [
            Command.create({"level_id": self.level_key.id, "idle_days": 3650}),
            Command.create({"level_id": self.level_none.id, "idle_days": 7}),
        ]
        customer, slow = self._owned(days=20), self._owned(days=20, kehu_level_id=self.level_key.id)
        self.assertFalls(slow, 3630)
        own = customer.with_user(self.user_seller)
        own.kehu_level_id = self.level_key
        self.assertFalls(customer, 10)
        self.assertTrue(customer.kehu_level_exempts)
        self.assertIn("only when a manager confirms", customer.kehu_fall_hint)
        customer.with_user(self.user_east_manager).kehu_level_confirmed = True
        self.assertFalls(customer, 3630)
        own.kehu_level_id = self.level_none
        self.assertFalls(customer, -13)
        self.assertFalse(customer.kehu_level_exempts)
        own.kehu_level_id = self.level_key
        for moment, fallen, reason in (
            ("2026-04-11 02:00:00", customer, "No effective contact for 30 days."),
            ("2036-03-10 02:00:00", slow, "No effective contact for 3650 days."),
        ):
            with freeze_time(moment):
                self._run(moment)
                self.assertRecycled(fallen)
            line = self.env["kehu.pool.run.line"].search([("partner_id", "=", fallen.id)])
            self.assertEqual(line.reason, reason)

    def test_what_another_customer_had_confirms_no_level(self):
        kept, gone = self._exempting(), self._owned(days=20, name="Goes", kehu_level_id=self.level_key.id)
        self.assertTrue(gone.kehu_level_confirmed)
        kept.with_user(self.user_seller).kehu_level_id = self.level_key
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((kept | gone).ids, kept)
        self.assertEqual(kept.kehu_level_id, self.level_key)
        self.assertFalse(kept.kehu_level_confirmed)

    def test_an_update_confirms_what_exempts_today(self):
        customer, other = self._exempting(), self._owned(days=20, kehu_level_id=self.level_none.id)
        customer.kehu_level_id = self.level_key
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET kehu_level_confirmed = NULL")
        self.env.invalidate_all()
        spec = importlib.util.spec_from_file_location(
            "kehu_post_pool_levels", file_path("kehu_crm/migrations/19.0.1.5.0/post-pool_levels.py")
        )
        migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(migration)
        migration.migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        self.assertEqual((customer.kehu_level_confirmed, other.kehu_level_confirmed), (True, False))
        self.assertFalls(customer, None)
