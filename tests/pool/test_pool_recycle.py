"""The nightly run: what comes back, who is warned and when, what is reported, and what happens when it is killed."""

import importlib.util
from datetime import timedelta
from unittest.mock import Mock, patch

from freezegun import freeze_time
from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import format_date, format_list
from odoo.tools.misc import file_path
from psycopg2.errors import SerializationFailure

from ...models.pool import kehu_pool_run as run_module
from ...models.system.exceptions import KehuEngineOnlyError
from .policy_common import NOW, TODAY, PolicyCommon


def at(days):
    """Ten in the morning so many days from now."""
    return fields.Datetime.to_datetime(NOW) + timedelta(days=days)


@tagged("post_install", "-at_install")
class TestPoolRecycle(PolicyCommon):
    def _inbox(self, user):
        return self.env["mail.message"].search(
            [("notified_partner_ids", "in", user.partner_id.ids), ("subject", "ilike", "customers")], order="id"
        )

    # -- what comes back -----------------------------------------------------------------------------------------------

    def test_customers_whose_time_is_over_come_back_with_a_reason(self):
        self.pool.idle_days = 30
        over, contact = self._owned(days=31, name="Over"), None
        contact = self._create_contact(over)
        last_day = self._owned(days=29, name="Last Day")
        fresh = self._owned(days=300, contacted=2, name="Fresh")
        run = self._run()[0]
        self.assertRecycled(over)
        self.assertEqual(contact.kehu_pool_id, self.pool)
        self.assertKept(last_day)
        self.assertKept(fresh)
        row = over.kehu_assignment_ids[0]
        self.assertEqual((row.kind, row.old_user_id, row.reason), ("recycle", self.user_seller, "No effective contact for 30 days."))
        self.assertEqual((run.phase, run.recycled_count, run.kept_count), ("done", 1, 0))
        self.assertEqual(run.line_ids.partner_id, over)
        self.assertEqual(run.line_ids.reason, row.reason)
        self.assertIn("1 of your customers went back", self._inbox(self.user_seller)[-1].subject)

    def test_the_day_itself_strikes(self):
        self.pool.idle_days = 30
        customer = self._owned(days=0)
        self._run(at(29))
        self.assertKept(customer)
        self._run(at(30))
        self.assertRecycled(customer)

    def test_it_goes_into_the_pool_it_came_from(self):
        other = self.env["kehu.pool"].create({"name": "Fast Pool", "idle_days": 7})
        customer = self._create_customer(kehu_pool_id=other.id)
        customer.with_user(self.user_seller).kehu_claim()
        self._run(at(8))
        self.assertEqual(customer.kehu_pool_id, other)

    def test_a_second_run_does_nothing_more(self):
        self.pool.write({"idle_days": 30, "warn_days": 3})
        self.pool.warn_days = 0
        customer = self._owned(days=31)
        self._run()
        before = len(customer.kehu_assignment_ids), len(self._inbox(self.user_seller))
        run = self._run()[0]
        self.assertEqual((run.recycled_count, run.warned_count), (0, 0))
        self.assertEqual((len(customer.kehu_assignment_ids), len(self._inbox(self.user_seller))), before)

    def test_the_hourly_job_runs_once_a_day_of_each_company(self):
        self._run(NOW, only_due=True)
        self.assertFalse(self.env["kehu.pool.run"].search([]), "without a policy there is nothing to report")
        self.pool.idle_days = 30
        west = self.env["res.company"].create({"name": "Western Branch", "kehu_timezone": "America/New_York"})

        def runs():
            return self.env["kehu.pool.run"].search([]).grouped("company_id")

        self._run(NOW, only_due=True)
        self.assertEqual(
            {company: len(some) for company, some in runs().items() if company in (self.env.company | west)}, {self.env.company: 1, west: 1}
        )
        self.assertEqual(runs()[self.env.company].date, TODAY)
        self.assertEqual(runs()[west].date, TODAY - timedelta(days=1), "it is still yesterday there")
        self._run("2026-04-01 03:30:00", only_due=True)
        self.assertEqual(len(runs()[west]), 1)
        self._run("2026-04-01 04:30:00", only_due=True)  # half an hour past midnight in New York
        self.assertEqual(len(runs()[west]), 2)
        self.assertEqual(len(runs()[self.env.company]), 1)

    def test_companies_keep_apart(self):
        self.pool.idle_days = 30
        west = self.env["res.company"].create({"name": "Western Branch", "kehu_timezone": "America/New_York"})
        self.user_seller.company_ids |= west
        theirs = self._owned(days=31, company_id=west.id)
        ours = self._owned(days=31)
        self._run()
        self.assertRecycled(theirs)
        self.assertRecycled(ours)
        lines = self.env["kehu.pool.run.line"].search([("partner_id", "in", (theirs | ours).ids)])
        self.assertEqual({line.partner_id: line.company_id for line in lines}, {theirs: west, ours: self.env.company})

    def test_one_bad_customer_spoils_nothing(self):
        self.pool.idle_days = 30
        good, bad, other = (self._owned(days=31, name=name) for name in ("Good", "Bad", "Other"))
        change, words = type(bad)._kehu_owner_changed, "The calendar of Bad cannot be cleared."

        def fails(partners, changes, with_documents=False):
            if any(customer.id == bad.id for customer in changes):
                raise UserError(words)
            return change(partners, changes, with_documents=with_documents)

        with patch.object(type(bad), "_kehu_owner_changed", fails):
            run = self._run()[0]
        self.assertRecycled(good)
        self.assertRecycled(other)
        self.assertKept(bad)
        self.assertEqual((run.recycled_count, run.kept_count), (2, 1))
        line = run.line_ids.filtered(lambda line: line.kind == "kept")
        self.assertEqual((line.partner_id, line.reason), (bad, "The calendar of Bad cannot be cleared."))
        self._run()
        self.assertRecycled(bad)

    # -- warnings ------------------------------------------------------------------------------------------------------

    def test_the_owner_is_warned_then_it_falls(self):
        self.pool.write({"idle_days": 30, "warn_days": 3})
        customer = self._owned(days=0, name="About to Fall")
        self._run(at(26))
        self.assertFalse(self._inbox(self.user_seller))
        run = self._run(at(27))[0]
        self.assertEqual(run.warned_count, 1)
        message = self._inbox(self.user_seller)
        self.assertIn("1 of your customers will soon go back", message.subject)
        self.assertIn("About to Fall", message.body)
        self.assertIn(format_date(self.env, TODAY + timedelta(days=30), lang_code=self.user_seller.lang), message.body)
        self.assertIn("resets the clock", message.body)
        self._run(at(28))
        self.assertEqual(len(self._inbox(self.user_seller)), 1, "once is enough")
        self._run(at(29))
        self.assertKept(customer)
        self._run(at(30))
        self.assertRecycled(customer)

    def test_without_a_delivered_warning_nothing_falls(self):
        """E-mail is delivered when it has left; while it waits or fails, the customer stays and the run says so."""
        self.user_seller.notification_type = "email"
        self.pool.write({"idle_days": 30, "warn_days": 3})
        customer = self._owned(days=100)
        self._run()
        warning = self.env["kehu.pool.warning"].search([("partner_id", "=", customer.id)])
        self.assertEqual(warning.state, "sent")
        run = self._run(at(10))[0]
        self.assertKept(customer)
        self.assertEqual((run.waiting_count, run.warned_count), (1, 0))
        notice = self.env["mail.notification"].search([("mail_message_id", "=", warning.message_id.id)])
        notice.notification_status = "exception"
        run = self._run(at(11))[0]
        self.assertEqual(run.warned_count, 1, "what failed is sent again")
        self.assertKept(customer)
        self.assertEqual(self.env["kehu.pool.warning"].search([("partner_id", "=", customer.id)]), warning, "one warning of one day")
        self.assertNotEqual(warning.message_id, notice.mail_message_id)
        notice = self.env["mail.notification"].search([("mail_message_id", "=", warning.message_id.id)])
        notice.notification_status = "sent"
        self._run(at(12))
        self.assertEqual((warning.state, warning.delivered_on), ("delivered", TODAY + timedelta(days=12)))
        self.assertKept(customer)
        self._run(at(14))
        self.assertKept(customer)
        self._run(at(15))
        self.assertRecycled(customer)

    def test_trap_nobody_keeps_customers_by_leaving_the_address_out(self):
        """Who wants e-mails and has no address finds the warning among the to-dos, and the days after it count."""
        self.user_seller.with_user(self.user_seller).write({"notification_type": "email", "email": False})
        self.pool.write({"idle_days": 30, "warn_days": 3})
        customer = self._owned(days=100, name="About to Fall")
        self._run()
        warning = self.env["kehu.pool.warning"].search([("partner_id", "=", customer.id)])
        self.assertEqual((warning.state, warning.delivered_on), ("delivered", TODAY))
        todo = self.env["mail.activity"].search([("user_id", "=", self.user_seller.id), ("res_model", "=", "res.partner")])
        self.assertEqual(todo.res_id, customer.id)
        self.assertIn("1 of your customers will soon go back", todo.summary)
        self.assertIn("About to Fall", todo.note)
        self._run(at(2))
        self.assertKept(customer)
        self.assertEqual(customer.activity_ids, todo, "once is enough")
        run = self._run(at(3))[0]
        self.assertRecycled(customer)
        self.assertEqual(run.waiting_count, 0)
        self.assertFalse(todo.exists(), "nobody carries it out in the pool")

    def test_after_a_standstill_nobody_loses_anything_unwarned(self):
        """The policy was switched on late, or the server was off for weeks: the warning comes first, and the days after it count."""
        self.pool.write({"idle_days": 30, "warn_days": 3})
        customer = self._owned(days=200)
        self.assertEqual(customer.kehu_fall_on, TODAY + timedelta(days=3))
        self._run()
        self.assertKept(customer)
        self._run(at(2))
        self.assertKept(customer)
        self._run(at(3))
        self.assertRecycled(customer)

    def test_a_warning_counts_for_its_own_day_and_owner_only(self):
        self.pool.write({"idle_days": 30, "warn_days": 3})
        contacted, moved = self._owned(days=27, name="Contacted"), self._owned(days=27, name="Moved")
        self._run()
        self._contact(contacted)
        moved.with_user(self.user_director).kehu_transfer(self.user_seller2.id, "Holiday")
        self._run(at(3))
        self.assertKept(contacted)
        self.assertKept(moved, self.user_seller2)
        run = self._run(at(30))[0]
        self.assertKept(contacted)
        self.assertKept(moved, self.user_seller2)
        self.assertEqual(run.warned_count, 2, "each is warned of the new day")
        self._run(at(33))
        self.assertRecycled(contacted)

    def test_who_has_left_cannot_be_warned(self):
        self.pool.write({"idle_days": 30, "warn_days": 3})
        customer = self._owned(owner=self.user_seller2, days=31)
        self.env.cr.execute("UPDATE res_users SET active = FALSE WHERE id = %s", (self.user_seller2.id,))
        self.user_seller2.invalidate_recordset()
        self._run()
        self.assertRecycled(customer)

    def test_one_message_for_all_customers_of_an_owner(self):
        self.pool.write({"idle_days": 30, "warn_days": 3})
        for number in range(12):
            self._owned(days=28, name=f"Near {number:02d}")
        self._owned(owner=self.user_west_seller, days=28, name="In the West")
        self._run()
        message = self._inbox(self.user_seller)
        self.assertEqual(len(message), 1)
        self.assertIn("12 of your customers", message.subject)
        self.assertIn("and 2 more", message.body)
        self.assertEqual(len(self._inbox(self.user_west_seller)), 1)

    # -- killed at any moment ------------------------------------------------------------------------------------------

    def test_killed_at_any_moment_it_goes_on_and_does_nothing_twice(self):
        """The job dies before each of its commits in turn; what the next one finds is never half a slice."""
        self.pool.idle_days = 30
        customers = self.env["res.partner"].concat(*(self._owned(days=31, name=f"Old {number}") for number in range(7)))
        progress = type(self.env["ir.cron"])._commit_progress

        class KilledError(Exception):
            pass

        def dies_at(number):
            calls = []

            def commit(cron, *args, **kwargs):
                calls.append(1)
                if len(calls) == number:
                    raise KilledError
                return progress(cron, *args, **kwargs)

            return commit

        killed = 0
        with patch.object(run_module, "SLICE", 2), patch.object(type(self.env["kehu.pool.run"])._kehu_candidates, "__defaults__", (2,)):
            for number in range(1, 8):
                try:
                    with self.env.cr.savepoint(), patch.object(type(self.env["ir.cron"]), "_commit_progress", dies_at(number)):
                        self._job_without_commit()
                except KilledError:
                    killed += 1
                self.env.invalidate_all()
                kinds = [customer.kehu_assignment_ids.filtered(lambda row: row.kind == "recycle") for customer in customers]
                self.assertLessEqual(max(map(len, kinds)), 1)
                for customer, rows in zip(customers, kinds, strict=True):
                    self.assertEqual(bool(customer.kehu_pool_id), bool(rows))
        self.assertGreaterEqual(killed, 3)
        run = self._run()[0]
        self.assertEqual(run.phase, "done")
        for customer in customers:
            self.assertRecycled(customer)
            self.assertEqual(customer.kehu_assignment_ids.mapped("kind").count("recycle"), 1)

    def _job_without_commit(self):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["kehu.pool"]._cron_recycle()

    def test_an_interrupted_run_is_finished_first(self):
        self.pool.idle_days = 30
        low, high = self._owned(days=31, name="Low"), self._owned(days=31, name="High")
        runs = self.env["kehu.pool.run"].sudo()
        opened = runs._kehu_open().filtered(lambda run: run.company_id == self.env.company)
        opened.write({"last_id": low.id})  # a slice up to the first one was finished
        self._run(at(1))
        newest = runs.search([("company_id", "=", self.env.company.id)], limit=1)
        self.assertEqual(opened.phase, "done")
        self.assertEqual((newest, opened.date), (opened, TODAY), "it is the same run, and it keeps its day")
        self.assertRecycled(high)
        self.assertKept(low)
        self._run(at(1))
        self.assertRecycled(low)

    def test_the_job_itself(self):
        """As the server runs it, with progress."""
        self.pool.idle_days = 30
        customer = self._owned(days=31)
        cron = self.env.ref("kehu_crm.kehu_pool_cron_recycle")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertRecycled(customer)
        self.assertEqual(cron.user_id, self.env.ref("base.user_root"))

    def test_slices_cost_the_same_however_many_they_are(self):
        """Two hundred in one slice take no more queries than a hundred and ten."""
        self.pool.idle_days = 30

        def queries(count):
            self.env["res.partner"].create(
                [{"name": f"Many {number}", "kehu_is_customer": True, "user_id": self.user_seller.id} for number in range(count)]
            ).flush_recordset()
            self.env.cr.execute("UPDATE res_partner SET kehu_assigned_on = %s WHERE name LIKE 'Many %%' AND user_id > 0", (at(-40),))
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            run = self._run()[0]
            self.assertEqual(run.recycled_count, count)
            return self.env.cr.sql_log_count - before

        queries(110)
        self.assertLessEqual(queries(220), queries(110) + 5)

    def test_run_now_does_not_wait_for_the_night(self):
        self.pool.idle_days = 30
        self._run(only_due=True)
        customer = self._owned(days=31)
        self._run(only_due=True)
        self.assertKept(customer)
        action = self.pool.with_user(self.user_crm_admin).action_recycle_now()
        self.assertEqual(action["tag"], "display_notification")
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", self.env.ref("kehu_crm.kehu_pool_cron_recycle").id)])
        self.assertTrue(trigger)
        self._run(only_due=True)
        self.assertRecycled(customer)

    def test_an_update_finds_the_days_of_old_customers(self):
        """Customers of the first version have records and orders, but not the days on which the clock stands."""
        customer = self._owned(days=100)
        self._contact(customer, date=TODAY - timedelta(days=4))
        self.env["kehu.approval.flow"].search([]).active = False
        order = self.env["sale.order"].create(
            {"partner_id": customer.id, "order_line": [Command.create({"product_id": self._create_product().id})]}
        )
        order.action_confirm()
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET kehu_effective_contact = NULL, kehu_last_deal = NULL")
        self.env.cr.execute("UPDATE kehu_contact_record SET is_effective = FALSE")
        self.env.invalidate_all()
        path = file_path("kehu_crm/migrations/19.0.1.1.0/post-pool_clock.py")
        spec = importlib.util.spec_from_file_location("kehu_post_pool_clock", path)
        migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(migration)
        for _time in range(2):
            migration.migrate(self.env.cr, "19.0.1.0.0")
            self.env.invalidate_all()
            self.assertEqual(customer.kehu_effective_contact, TODAY - timedelta(days=4))
            self.assertEqual(customer.kehu_last_deal, TODAY)

    def test_an_update_forgets_orders_of_nothing_and_of_tomorrow(self):
        """The last deal of older versions was the day of any confirmed order, also of one without an amount or dated in the future."""
        self.env["kehu.approval.flow"].search([]).active = False
        product = self._create_product()

        def confirmed(price, date=None):
            customer = self._owned(days=100)
            order = self.env["sale.order"].create(
                {"partner_id": customer.id, "order_line": [Command.create({"product_id": product.id, "price_unit": price})]}
            )
            order.action_confirm()
            order.date_order = date or order.date_order
            return customer

        paid, empty, future = confirmed(10), confirmed(0), confirmed(10, "2099-01-01")
        without = self._owned(days=100)
        self.env.flush_all()
        expected = [customer.kehu_last_deal for customer in (paid, empty, future, without)]
        self.assertEqual([bool(day) for day in expected], [True, False, True, False])
        self.assertLess(expected[2].year, 2099)
        self.env.cr.execute("UPDATE res_partner SET kehu_last_deal = '2031-01-01' WHERE id IN %s", [(empty + future + without)._ids])
        self.env.cr.execute("UPDATE res_partner SET kehu_last_deal = NULL WHERE id = %s", [paid.id])
        path = file_path("kehu_crm/migrations/19.0.1.6.0/post-deals.py")
        spec = importlib.util.spec_from_file_location("kehu_post_deals", path)
        migration = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(migration)
        for _time in range(2):
            migration.migrate(self.env.cr, "19.0.1.5.0")
            self.env.invalidate_all()
            self.assertEqual([customer.kehu_last_deal for customer in (paid, empty, future, without)], expected)

    # -- customers of those who left before anybody looked ------------------------------------------------------------

    def _leave_unseen(self, user, how):
        """Take a user away behind the back of the add-on, as an older version or a script did."""
        self.env.flush_all()
        if how == "archived":
            self.env.cr.execute("UPDATE res_users SET active = FALSE WHERE id = %s", (user.id,))
        elif how == "portal":
            self.env.cr.execute("UPDATE res_users SET share = TRUE WHERE id = %s", (user.id,))
        else:
            self.env.cr.execute("DELETE FROM res_groups_users_rel WHERE uid = %s", (user.id,))
        self.env.invalidate_all()
        self.env.registry.clear_cache("groups")
        self.env.registry.clear_cache()

    def test_the_job_finds_customers_of_those_who_left_unseen(self):
        """Old databases hold customers whose owner was archived before the add-on gave them back."""
        north = self.env["kehu.pool"].create({"name": "North"})
        ways = {"archived": "The owner has left.", "portal": "The owner has left.", "role": "The owner has no sales role any more."}
        stays = self._owned(owner=self.user_seller2)
        for how, reason in ways.items():
            with self.subTest(how=how):
                owner = new_test_user(self.env, f"kehu_unseen_{how}", groups="kehu_crm.group_kehu_user", lang="en_US")
                plain = self._owned(owner=owner, name="Plain")
                locked = self._owned(owner=owner, name="Locked", kehu_locked=True)
                archived = self._owned(owner=owner, name="Archived", active=False)
                from_north = self._create_customer(name="From North", kehu_pool_id=north.id)
                from_north.kehu_assign(owner.id)
                contact = self._create_contact(plain)
                self._leave_unseen(owner, how)
                for _time in range(2):
                    self._run(only_due=True)
                    self.env.invalidate_all()
                    for customer in plain | locked | archived | from_north:
                        self.assertRecycled(customer)
                        self.assertFalse(customer.kehu_locked)
                        row = customer.kehu_assignment_ids[0]
                        self.assertEqual((row.kind, row.old_user_id, row.reason), ("return", owner, reason))
                        self.assertEqual([row.kind for row in customer.kehu_assignment_ids].count("return"), 1)
                    self.assertEqual(contact.kehu_pool_id, self.pool)
                    self.assertEqual(from_north.kehu_pool_id, north)
        self.assertKept(stays, self.user_seller2)

    def test_one_customer_of_a_leaver_that_cannot_go_spoils_nothing(self):
        owner = new_test_user(self.env, "kehu_unseen_bad", groups="kehu_crm.group_kehu_user", lang="en_US")
        bad, good = self._owned(owner=owner, name="Bad"), self._owned(owner=owner, name="Good")
        self._leave_unseen(owner, "archived")
        partners = type(self.env["res.partner"])
        release = partners._kehu_release

        def refuse(customers, reason, pool=None):
            if bad.id in customers.ids:
                raise UserError(reason)
            return release(customers, reason, pool)

        with patch.object(partners, "_kehu_release", refuse):
            self._run()
        self.env.invalidate_all()
        self.assertEqual(bad.user_id, owner)
        self.assertRecycled(good)

    def test_the_look_for_leavers_costs_the_same_for_many_customers(self):
        def queries(count):
            owner = new_test_user(self.env, f"kehu_unseen_{count}", groups="kehu_crm.group_kehu_user", lang="en_US")
            self.env["res.partner"].create(
                [{"name": f"Left {number}", "kehu_is_customer": True, "user_id": owner.id} for number in range(count)]
            ).flush_recordset()
            self._leave_unseen(owner, "archived")
            before = self.env.cr.sql_log_count
            self._run(only_due=True)
            self.assertFalse(self.env["res.partner"].search_count([("kehu_is_customer", "=", True), ("user_id", "=", owner.id)]))
            return self.env.cr.sql_log_count - before

        queries(105)
        self.assertLessEqual(queries(240), queries(110) + 5)

    # -- before it is switched on --------------------------------------------------------------------------------------

    def test_who_would_lose_what(self):
        self.pool.auto_recycle = False
        self.pool.idle_days = 60
        old, soon, safe = self._owned(days=100), self._owned(days=45), self._owned(days=1)
        west = self._owned(owner=self.user_west_seller, days=70)
        spared = self._owned(days=400, kehu_locked=True)
        action = self.pool.with_user(self.user_crm_admin).action_simulate()
        simulation = self.env[action["res_model"]].with_user(self.user_crm_admin).browse(action["res_id"])
        ours = {line.partner_id for line in simulation.line_ids}
        self.assertEqual(ours & set(old | soon | safe | west | spared), {old, soon, west})
        owners = {owner.user_id: (owner.falling_now, owner.falling) for owner in simulation.owner_ids}
        self.assertEqual(owners[self.user_seller], (1, 2))
        self.assertEqual(owners[self.user_west_seller], (1, 1))
        simulation.write({"idle_days": 90, "horizon": 0})
        simulation.action_simulate()
        self.assertEqual({line.partner_id for line in simulation.line_ids} & set(old | soon | safe | west), {old})
        self.assertKept(old)
        self.assertEqual(self.pool.idle_days, 60, "trying changes nothing")
        simulation.action_switch_on()
        self.assertEqual((self.pool.idle_days, self.pool.auto_recycle), (90, True))
        with self.assertRaises(AccessError):
            self.pool.with_user(self.user_director).action_simulate()

    def test_each_rule_can_be_tried_and_says_why(self):
        idle, unworked, undealt = self._owned(days=40), self._owned(days=50, contacted=1), self._owned(days=70, contacted=1, worked=1)
        action = self.pool.with_user(self.user_crm_admin).action_simulate()
        simulation = self.env[action["res_model"]].with_user(self.user_crm_admin).browse(action["res_id"])
        simulation.write({"idle_days": 30, "no_opportunity_days": 45, "no_deal_days": 65, "horizon": 0})
        simulation.action_simulate()
        rules = {line.partner_id: line.rule for line in simulation.line_ids}
        self.assertEqual(rules, {idle: "idle", unworked: "no_opportunity", undealt: "no_deal"})
        lead = self._opportunity(undealt, days=1)
        simulation.spare_opportunities = True
        simulation.action_simulate()
        self.assertEqual(set(simulation.line_ids.partner_id), {idle, unworked})
        lead.action_set_lost()
        simulation.spare_opportunities = False
        simulation.action_switch_on()
        run = self._run()[0]
        reasons = {line.partner_id: line.reason for line in run.line_ids}
        self.assertEqual(
            reasons,
            {
                idle: "No effective contact for 30 days.",
                unworked: "No opportunity for 45 days.",
                undealt: "No confirmed order for 65 days.",
            },
        )
        self.assertEqual(unworked.kehu_assignment_ids[0].reason, "No opportunity for 45 days.")

    def test_the_summary_says_what_the_numbers_do(self):
        self.assertIn("No customer comes back by itself", self.pool.policy_summary)
        self.pool.write(
            {
                "idle_days": 30,
                "warn_days": 3,
                "max_held": 200,
                "level_rule_ids": [Command.create({"level_id": self.level_key.id, "idle_days": 10})],
            }
        )
        for words in (
            "after 30 days without an effective contact",
            "a content not written for the customer in the year before",
            "“重要客户 (test)”: 10 days",
            "0 days without an opportunity",
            "at least 3 days before",
            "at most 200",
        ):
            self.assertIn(words, self.pool.policy_summary)
        self.assertNotIn("opportunity is closed", self.pool.policy_summary)
        tags = self.env["res.partner.category"].create([{"name": name} for name in ("甲", "乙", "丙")])
        self.pool.write({"no_opportunity_days": 20, "exempt_tag_ids": [Command.set(tags.ids)]})
        self.assertIn("The day on which an opportunity is closed still counts as a day with one.", self.pool.policy_summary)
        for lang in ("en_US", "zh_CN"):
            self.env["res.lang"]._activate_lang(lang)
            pool = self.pool.with_context(lang=lang)
            names = format_list(pool.env, pool.exempt_tag_ids.mapped("name"), lang_code=lang)
            self.assertNotEqual(names, ", ".join(tags.mapped("name")))
            self.assertIn(names, pool.policy_summary)

    def test_reasons_are_in_the_language_of_the_owner(self):
        """Whatever the host had as language when the company was made, and the job when nobody runs it."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.user_seller2.lang = "zh_CN"
        self.pool.idle_days = 30
        ours, theirs = self._owned(days=31), self._owned(owner=self.user_seller2, days=31)
        run = self._run()[0]
        told = self.env["res.partner"].with_context(lang="zh_CN").env._("No effective contact for %(days)s days.", days=30)
        self.assertNotIn("contact", told)
        for customer, reason in ((ours, "No effective contact for 30 days."), (theirs, told)):
            self.assertRecycled(customer)
            self.assertEqual(customer.kehu_assignment_ids[0].reason, reason)
            self.assertIn(reason, run.line_ids.filtered(lambda line, customer=customer: line.partner_id == customer).reason)

    def test_what_leavers_held_is_told_in_their_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        for lang in ("en_US", "zh_CN"):
            leaver = new_test_user(self.env, f"kehu_left_{lang}", groups="kehu_crm.group_kehu_user", lang=lang)
            customer = self._owned(owner=leaver)
            self.env.flush_all()
            self.env.cr.execute("UPDATE res_users SET active = FALSE WHERE id = %s", (leaver.id,))
            self.env.invalidate_all()
            self._run()
            customer.invalidate_recordset()
            self.assertFalse(customer.user_id)
            self.assertEqual(customer.kehu_assignment_ids[0].reason.isascii(), lang == "en_US")

    # -- reports are nobody's to write ---------------------------------------------------------------------------------

    def test_reports_are_written_by_the_job_only(self):
        self.pool.idle_days = 30
        self._owned(days=31)
        run = self._run()[0]
        for record in (run, run.line_ids):
            with self.assertRaises(AccessError):
                record.with_user(self.user_crm_admin).unlink()
            with self.assertRaises(KehuEngineOnlyError):
                record.write({"company_id": self.env.company.id})
        with self.assertRaises(AccessError):
            self.pool.with_user(self.user_director).action_recycle_now()

    def test_managers_read_the_lines_of_their_people(self):
        self.pool.idle_days = 30
        east = self._owned(days=31)
        west = self._owned(owner=self.user_west_seller, days=31)
        run = self._run()[0]
        for user, expected in (
            (self.user_east_manager, east),
            (self.user_sales_manager, east | west),
            (self.user_director, east | west),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(self.env["kehu.pool.run.line"].with_user(user).search([("run_id", "=", run.id)]).partner_id, expected)

    def test_a_salesperson_reads_ones_own_warnings(self):
        self.pool.write({"idle_days": 30, "warn_days": 3})
        self._owned(days=28)
        self._owned(owner=self.user_west_seller, days=28)
        self._run()
        for user, owners in (
            (self.user_seller, self.user_seller),
            (self.user_east_manager, self.user_seller),
            (self.user_director, self.user_seller | self.user_west_seller),
        ):
            with self.subTest(user=user.name):
                self.assertEqual(self.env["kehu.pool.warning"].with_user(user).search([]).user_id, owners)

    def test_time_zone_is_proposed_from_the_country(self):
        company = self.env["res.company"].create({"name": "Made in China", "country_id": self.env.ref("base.cn").id})
        self.assertEqual(company.kehu_timezone, "Asia/Shanghai")
        with freeze_time("2026-04-01 16:30:00"):
            self.assertEqual(company._kehu_today(), TODAY + timedelta(days=1))

    def test_night_work_that_somebody_gets_between_is_begun_anew(self):
        answers = [SerializationFailure] * (run_module.ATTEMPTS - 1) + [True]
        pools = self.env["kehu.pool"]
        with patch.object(self.env.cr, "rollback") as rollback:
            self.assertTrue(pools._kehu_again(Mock(side_effect=answers)))
            self.assertEqual(rollback.call_count, run_module.ATTEMPTS - 1)
            with self.assertRaises(SerializationFailure):
                pools._kehu_again(Mock(side_effect=SerializationFailure))
        doors = ((type(self.env["res.partner"]), "_kehu_end_locks"), (type(self.env["res.users"]), "_kehu_sweep_leavers"))
        for model, name in doors:
            with (
                self.subTest(work=name),
                patch.object(self.env.cr, "rollback"),
                patch.object(model, name, side_effect=[SerializationFailure, False]) as work,
            ):
                pools._cron_recycle()
                self.assertEqual(work.call_count, 2)
