"""Contracts end by themselves, and somebody is reminded once, on the right day where they are."""

from datetime import date, timedelta

from freezegun import freeze_time
from lxml import etree
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import ContractCommon


@tagged("post_install", "-at_install")
class TestContractReminder(ContractCommon):
    def _contract(self, **values):
        with freeze_time("2030-01-02 08:00:00"):
            return self._approve(self._create_contract(**values))

    def _reminders(self, contract):
        return contract.sudo().activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref("kehu_crm.kehu_contract_mail_activity_type_expiry")
        )

    def _mails(self, contract):
        return self.env["mail.mail"].sudo().search([("model", "=", "kehu.contract"), ("res_id", "=", contract.id)])

    def test_once_on_the_day(self):
        self.user_seller.tz = "Asia/Shanghai"
        contract = self._contract(remind_days=30)
        self.assertEqual(contract.remind_on, date(2030, 12, 1))
        for moment, count in (
            ("2030-11-30 15:59:00", 0),  # 23:59 in China
            ("2030-11-30 16:01:00", 1),  # 00:01 on 1 December
            ("2030-11-30 17:01:00", 1),
            ("2030-12-20 08:00:00", 1),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                self._run_cron()
                self._run_cron()
                self.assertEqual(len(self._reminders(contract)), count)
                self.assertEqual(len(self._mails(contract)), count)
        self.assertEqual(self._reminders(contract).user_id, self.user_seller)
        self.assertEqual(self._mails(contract).recipient_ids, self.user_seller.partner_id)
        self.assertIn(contract.name, self._mails(contract).subject)

    def test_each_in_their_own_time_zone(self):
        self.user_seller.tz, self.user_west_seller.tz = "Asia/Shanghai", "America/New_York"
        east = self._contract(remind_days=30)
        west = self._contract(user=self.user_west_seller, remind_days=30)
        for moment, reminded in (("2030-11-30 17:00:00", east), ("2030-12-01 04:59:00", east), ("2030-12-01 05:01:00", east | west)):
            with self.subTest(moment=moment), freeze_time(moment):
                self._run_cron()
                self.assertEqual((east | west).sudo().filtered("reminded_for").ids, reminded.ids)

    def test_never(self):
        """Without days, without an end, not in force, or renewed already."""
        never = self._contract(remind_days=0)
        endless = self._contract(date_to=False)
        draft = self._create_contract()
        renewed = self._contract()
        renewed.action_renew()
        with freeze_time("2030-12-20 08:00:00"):
            self._run_cron()
        for contract in (never, endless, draft, renewed):
            self.assertFalse(self._reminders(contract))
            self.assertFalse(contract.reminded_for)

    def test_who_has_left_is_not_asked(self):
        contract = self._contract()
        self.user_seller.active = False
        with freeze_time("2030-12-20 08:00:00"):
            self._run_cron()
        self.assertIn(self._reminders(contract).user_id, self.user_east_manager | self.user_sales_manager)

    def test_nobody_left_is_said_once(self):
        contract = self._contract().sudo()
        self.env["hr.department"].search([]).manager_id = False
        self.user_seller.active = False
        with freeze_time("2030-12-20 08:00:00"):
            self._run_cron()
            count = len(contract.message_ids)
            self._run_cron()
        self.assertFalse(self._reminders(contract))
        self.assertEqual(len(contract.message_ids), count)
        self.assertEqual(contract.reminded_for, date(2030, 12, 31))

    def test_another_end_is_another_reminder(self):
        contract = self._contract()
        with freeze_time("2030-12-20 08:00:00"):
            self._run_cron()
            contract.action_reopen()
            contract.date_to = date(2031, 3, 31)
            self._approve(contract)
            self.assertFalse(contract.reminded_for)
            contract.action_reopen()
            self._approve(contract)
        with freeze_time("2031-03-15 08:00:00"):
            self._run_cron()
        self.assertEqual(contract.reminded_for, date(2031, 3, 31))

    def test_the_last_day_counts_where_the_company_is(self):
        self.env.company.kehu_timezone = "Asia/Shanghai"
        contract, endless = self._contract(), self._contract(date_to=False)
        for moment, state in (("2030-12-31 15:59:00", "approved"), ("2030-12-31 16:01:00", "expired")):
            with self.subTest(moment=moment), freeze_time(moment):
                self._run_cron()
                self.assertEqual(contract.state, state)
        self.assertEqual(contract.expired_on, date(2031, 1, 1))
        self.assertEqual(endless.state, "approved")
        with freeze_time("2031-02-01 08:00:00"):
            before = contract.write_date
            self._run_cron()
            self.assertEqual(contract.write_date, before)

    def test_approved_too_late_it_has_expired(self):
        contract = self._submit(self._create_contract())
        with freeze_time("2031-02-01 08:00:00"):
            contract.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(contract.state, "expired")

    @freeze_time("2030-11-15 08:00:00")
    def test_filters(self):
        today = date(2030, 11, 15)
        ends = {days: self._approve(self._create_contract(date_to=today + timedelta(days=days))) for days in (0, 30, 31, 60, 90, 91)}
        arch = self.env["kehu.contract"].get_view(view_type="search")["arch"]
        filters = {node.get("name"): node.get("domain") for node in etree.fromstring(arch).iter("filter")}
        for name, expected in (("expiring_30", (0, 30)), ("expiring_60", (0, 30, 31, 60)), ("expiring_90", (0, 30, 31, 60, 90))):
            domain = safe_eval(filters[name]) + [("id", "in", [contract.id for contract in ends.values()])]
            found = self.env["kehu.contract"].search(domain)
            self.assertEqual(set(found.ids), {ends[days].id for days in expected}, name)

    def test_many_at_once_cost_no_query_each_to_find(self):
        """Whom to remind is found in the same number of queries, however many contracts run."""
        self._contract()
        counts = []
        for more in (1, 20):
            with freeze_time("2030-01-02 08:00:00"):
                contracts = self._create_contract(date_to=date(2032, 1, 1))
                for _number in range(more):
                    contracts |= self._create_contract(date_to=date(2032, 1, 1))
                self._approve(contracts)
            self.env.invalidate_all()
            with freeze_time("2030-12-20 08:00:00"):
                before = self.cr.sql_log_count
                self.env["kehu.contract"].sudo().search(self.env["kehu.contract"].sudo()._kehu_reminding_domain())
                counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
