"""Extra rights until a day: they count at once, end by themselves even when the job is late, and nobody gives them to themselves."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.role.exceptions import KehuRoleError, KehuRoleRightsError
from ..common import KehuCommon


class GrantCommon(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_crm_admin.group_ids = [Command.link(cls.env.ref("base.group_erp_manager").id)]
        cls.user_plain_admin = new_test_user(cls.env, "kehu_plain_admin", groups="kehu_crm.group_kehu_admin", name="Plain Admin")
        cls.user_employee.tz = "Asia/Shanghai"
        cls.role = cls.env["kehu.role"].create({"name": "Harbour Sales (test)"})
        cls.today = fields.Date.today()

    def _give(self, user=None, days=3, **vals):
        grants = self.env["kehu.role.grant"].with_user(self.user_crm_admin)
        return grants.create(
            {
                "user_id": (user or self.user_employee).id,
                "role_id": self.role.id,
                "date_to": self.today + timedelta(days=days),
                "reason": "Stands in for a colleague",
                **vals,
            }
        )

    def _has(self, user=None):
        return (user or self.user_employee).has_group("kehu_crm.group_kehu_user")


@tagged("post_install", "-at_install")
class TestRoleGrants(GrantCommon):
    def test_it_counts_at_once_and_is_told(self):
        self.assertFalse(self._has())
        self._give()
        self.assertTrue(self._has())
        self.assertFalse(self.role.member_ids, "the members are those who have it for good")
        rows = self.env["kehu.rights"].with_user(self.user_crm_admin)._kehu_person_rights(self.user_employee)
        via = {row["name"]: row["via"] for row in rows}["Contact Records"]
        self.assertIn("Harbour Sales (test), until ", " ".join(via))

    def test_it_ends_with_the_day_of_the_person(self):
        """The last day in Shanghai is over at 16:00 UTC."""
        with freeze_time("2026-11-23 05:00:00"):
            grant = self._give(date_to="2026-11-24")
            self.assertEqual(grant.ends_at, fields.Datetime.to_datetime("2026-11-24 16:00:00"))
        with freeze_time("2026-11-24 15:59:59"):
            self.env["kehu.role.grant"]._cron_end()
            self.assertTrue(self._has())
        with freeze_time("2026-11-24 16:00:00"):
            self.env["kehu.role.grant"]._cron_end()
            self.assertFalse(self._has())
            self.assertTrue(grant.ended)
            self.assertEqual(grant.ended_on, fields.Datetime.now())
        self.env["kehu.role.grant"]._cron_end()

    def test_a_longer_and_a_shorter_time(self):
        with freeze_time("2026-11-23 05:00:00"):
            grant = self._give(date_to="2026-11-24")
            grant.date_to = "2026-11-26"
        with freeze_time("2026-11-25 00:00:00"):
            self.env["kehu.role.grant"]._cron_end()
            self.assertTrue(self._has())
            with self.assertRaises(KehuRoleError), self.env.cr.savepoint():
                grant.date_to = "2026-11-20"
            grant.date_to = "2026-11-25"
        with freeze_time("2026-11-25 16:00:00"):
            self.env["kehu.role.grant"]._cron_end()
            self.assertFalse(self._has())
            with self.assertRaises(KehuRoleError):
                grant.date_to = "2026-12-31"

    def test_people_of_other_companies(self):
        """Nobody gives rights to people of companies that are not switched on, for a time or for good."""
        branch = self.env["res.company"].create({"name": "Branch (test)"})
        stranger = new_test_user(self.env, "kehu_of_branch", company_id=branch.id, company_ids=[Command.set(branch.ids)])
        with self.assertRaises(KehuRoleError), self.env.cr.savepoint():
            self._give(stranger)
        role = self.role.with_user(self.user_crm_admin)
        for command in (Command.link(stranger.id), Command.set(stranger.ids)):
            with self.subTest(command), self.assertRaises(KehuRoleError), self.env.cr.savepoint():
                role.write({"member_ids": [command]})
        with self.assertRaises(KehuRoleError), self.env.cr.savepoint():
            role.create({"name": "Another (test)", "member_ids": [Command.set(stranger.ids)]})
        self.assertFalse(self._has(stranger))
        self.user_crm_admin.company_ids |= branch
        role.with_context(allowed_company_ids=self.user_crm_admin.company_ids.ids).write({"member_ids": [Command.link(stranger.id)]})
        self.assertTrue(self._has(stranger))
        # who is there already does not stop changes by others
        role.with_context(allowed_company_ids=self.env.company.ids).write({"member_ids": [Command.link(self.user_employee.id)]})
        self.assertTrue(self._has(stranger) and self._has())

    def test_days_that_are_none(self):
        """The calendar ends with 9999, and a right without an end is no right until a day."""
        for day in ("9999-12-31", "0001-01-01", "2200-01-01"):
            with self.subTest(day), self.assertRaises(KehuRoleError), self.env.cr.savepoint():
                self._give(date_to=day)
        grant = self._give()
        for day in ("9999-12-31", "0001-01-01", False, None, ""):
            with self.subTest(day), self.assertRaises(KehuRoleError), self.env.cr.savepoint():
                grant.write({"date_to": day})
        self.assertFalse(self.env["kehu.role.grant"].new({"user_id": self.user_employee.id, "date_to": "9999-12-31"}).ends_at)
        self.assertTrue(self._has())

    def test_the_role_is_deleted(self):
        """Who had it, until when and why stays in the log; the right itself is over."""
        ended, running = self._give(), self._give(self.user_seller)
        ended.action_end()
        self.env.cr.flush()
        self.role.with_user(self.user_crm_admin).unlink()
        self.env.cr.flush()
        self.assertFalse((ended | running).exists())
        logs = self.env["kehu.operation.log"].search(
            [("model", "=", "kehu.role.grant"), ("res_id", "in", (ended | running).ids), ("operation", "=", "unlink")]
        )
        self.assertEqual((len(logs), logs.user_id), (2, self.user_crm_admin))
        for log in logs:
            self.assertEqual(log.content["role_id"][0][1], "Harbour Sales (test)")
            self.assertEqual(log.content["reason"][0], "Stands in for a colleague")

    def test_ending_it_now(self):
        grant = self._give()
        grant.action_end()
        self.assertFalse(self._has())
        self.assertTrue(grant.ended)
        self._give()
        self.assertTrue(self._has(), "it can be given again")

    def test_a_member_for_good(self):
        grant = self._give()
        self.role.with_user(self.user_crm_admin).member_ids = self.user_employee
        self.assertTrue(grant.ended)
        self.assertTrue(self._has())
        self.assertEqual(self.role.member_ids, self.user_employee)
        with self.assertRaisesRegex(KehuRoleError, "has the role"):
            self._give()

    def test_other_members_stay_when_members_are_set(self):
        self._give()
        self.role.with_user(self.user_crm_admin).member_ids = self.user_service
        self.assertTrue(self._has(), "who has it until a day is no member that was taken off")
        self.assertTrue(self._has(self.user_service))

    def test_what_cannot_be_given(self):
        with self.assertRaisesRegex(KehuRoleError, "is over"):
            self._give(days=-2)
        portal = new_test_user(self.env, "kehu_grant_portal", groups="base.group_portal")
        with self.assertRaisesRegex(KehuRoleError, "no active employee"):
            self._give(portal)
        self.user_service.active = False
        with self.assertRaisesRegex(KehuRoleError, "no active employee"):
            self._give(self.user_service)
        with self.assertRaises(KehuRoleError):
            self._give(date_to="not a day")

    def test_it_ends_although_what_follows_is_refused(self):
        """Customers that no pool takes keep nobody in a role."""
        with freeze_time("2026-11-23 05:00:00"):
            self._give(date_to="2026-11-24")
            self.env.flush_all()
        refuse = patch.object(type(self.env["res.users"]), "_kehu_release_customers", side_effect=UserError("no pool"))
        self._create_customer(self.user_employee, name="Held (test)")
        with freeze_time("2026-11-25 00:00:00"), refuse, mute_logger("odoo.addons.kehu_crm.models.role.kehu_role_grant"):
            self.env["kehu.role.grant"]._cron_end()
        self.assertFalse(self._has())

    def test_the_log_says_so(self):
        with freeze_time("2026-11-23 05:00:00"):
            grant = self._give(date_to="2026-11-24")
            self.env.cr.flush()
        with freeze_time("2026-11-25 00:00:00"):
            self.env["kehu.role.grant"].with_user(self.user_seller)._kehu_end_due()
            self.env.cr.flush()
        logs = self.env["kehu.operation.log"].search([("model", "=", "kehu.role.grant"), ("res_id", "=", grant.id)], order="id")
        self.assertIn(self.user_crm_admin, logs.user_id)
        self.assertIn(self.env.ref("base.user_root"), logs.with_context(active_test=False).user_id)

    def test_asking_costs_nothing(self):
        self._give()
        grants = self.env["kehu.role.grant"].with_user(self.user_seller)
        grants._kehu_end_due()
        with self.assertQueryCount(0):
            grants._kehu_end_due()

    # -- attacks ---------------------------------------------------------------------------------------------------------

    def test_nobody_gives_rights_to_themselves(self):
        grant = self._give()
        people = (self.user_seller, self.user_sales_manager, self.user_director, self.user_finance, self.user_employee)
        for user in (*people, self.user_plain_admin):
            grants = self.env["kehu.role.grant"].with_user(user)
            vals = {"user_id": user.id, "role_id": self.role.id, "date_to": "2199-01-01", "reason": "Mine"}
            attacks = {
                "create": lambda grants=grants, vals=vals: grants.create(vals),
                "longer": lambda user=user: grant.with_user(user).write({"date_to": "2199-01-01"}),
                "other": lambda user=user: grant.with_user(user).write({"user_id": user.id}),
                "end": lambda user=user: grant.with_user(user).action_end(),
                "delete": lambda user=user: grant.with_user(user).unlink(),
                "by the role": lambda user=user, vals=vals: self.role.with_user(user).write({"grant_ids": [Command.create(vals)]}),
            }
            for name, attack in attacks.items():
                with self.subTest(user=user.name, attack=name), self.assertRaises(AccessError), self.env.cr.savepoint():
                    attack()
            with self.subTest(user=user.name, attack="import"):
                result = {"ids": False}
                try:
                    with self.env.cr.savepoint():
                        row = [user.name, self.role.name, "2199-01-01", "Mine"]
                        result = grants.load(["user_id", "role_id", "date_to", "reason"], [row])
                except AccessError as error:
                    self.assertTrue(error)
                self.assertFalse(result["ids"])
        self.assertFalse(grant.ended)

    def test_the_person_and_the_role_of_a_line_stay(self):
        grant = self._give()
        for vals in ({"user_id": self.user_seller.id}, {"role_id": self.role.id}, {"ended": True}, {"ends_at": "2199-01-01 00:00:00"}):
            with self.subTest(vals=vals), self.assertRaises(KehuRoleError):
                grant.write(vals)
        with self.assertRaises(AccessError):
            grant.unlink()
        with self.assertRaises(KehuRoleRightsError):
            grant.with_user(self.user_plain_admin).action_end()

    def test_an_end_that_was_sent_along_does_not_count(self):
        with freeze_time("2026-11-23 05:00:00"):
            grant = self._give(date_to="2026-11-24", ended=True, ends_at="2199-01-01 00:00:00")
            self.assertFalse(grant.ended)
            self.assertEqual(grant.ends_at, fields.Datetime.to_datetime("2026-11-24 16:00:00"))

    def test_a_program_that_sends_its_password_ends_it_too(self):
        with freeze_time("2026-11-23 05:00:00"):
            grant = self._give(date_to="2026-11-24")
        self.user_employee.password = "kehu_employee_password"
        with freeze_time("2026-11-25 00:00:00"):
            self.env["res.users"]._check_uid_passwd(self.user_employee.id, "kehu_employee_password")
            self.env.cr.reset()
            self.assertFalse(self._has())
            grant.invalidate_recordset()
            self.assertTrue(grant.ended)


@tagged("post_install", "-at_install")
class TestRoleGrantRequests(GrantCommon, HttpCase):
    def test_the_next_request_ends_it(self):
        """The job has not run; the very request that would use the right finds it gone."""
        self._create_customer(name="Pooled (test)")
        self.user_employee.password = "kehu_employee_password"
        with freeze_time("2026-11-23 05:00:00"):
            grant = self._give(date_to="2026-11-24")
        self.env.cr.execute("UPDATE kehu_role_grant SET ends_at = now() AT TIME ZONE 'UTC' + interval '1 hour' WHERE id = %s", [grant.id])
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        self.authenticate("kehu_employee", "kehu_employee_password")
        call = {"model": "kehu.contact.record", "method": "has_access", "args": [[], "read"], "kwargs": {}}
        self.assertTrue(self.make_jsonrpc_request("/web/dataset/call_kw", call))
        self.env.cr.execute("UPDATE kehu_role_grant SET ends_at = now() AT TIME ZONE 'UTC' - interval '1 minute' WHERE id = %s", [grant.id])
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        self.assertFalse(self.make_jsonrpc_request("/web/dataset/call_kw", call))
        self.env.invalidate_all()
        self.assertTrue(grant.ended)
