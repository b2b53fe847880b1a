"""What stands on roles and kinds of activities of ours does not keep them when the add-on goes."""

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import Error

from ...hooks import release
from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestSystemUninstall(ApprovalCommon):
    def _delete(self, xmlid):
        record = self.env.ref(xmlid)
        return self._delete_row(record._table, record.id)

    def _delete_row(self, table, row):
        with self.env.cr.savepoint(flush=False):
            self.env.cr.execute(f"DELETE FROM {table} WHERE id = %s", [row])
            return self.env.cr.rowcount

    def test_release(self):
        """A pending order has its approver, their role and their to-do."""
        self._submit()
        # the host deletes rights before roles
        role = self.env.ref("kehu_crm.group_kehu_order_approver")
        role.model_access.unlink()
        role.rule_groups.unlink()
        self.env.flush_all()
        shared = ("kehu_crm.group_kehu_order_approver", "kehu_crm.mail_activity_type_approval")
        for xmlid in shared:
            with self.subTest(xmlid), mute_logger("odoo.sql_db"), self.assertRaises(Error):
                self._delete(xmlid)
        release(self.env)
        for xmlid in shared:
            with self.subTest(xmlid):
                self.assertEqual(self._delete(xmlid), 1)

    def test_release_of_a_reminder(self):
        """An event reminds by e-mail through our alarm: it stays, without the reminder."""
        alarm = self.env.ref("kehu_crm.kehu_calendar_alarm_email")
        event = self.env["calendar.event"].create(
            {"name": "Visit", "start": "2026-09-01 01:00:00", "stop": "2026-09-01 02:00:00", "alarm_ids": [Command.set(alarm.ids)]}
        )
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(Error):
            self._delete("kehu_crm.kehu_calendar_alarm_email")
        release(self.env)
        self.assertEqual(self._delete("kehu_crm.kehu_calendar_alarm_email"), 1)
        self.assertEqual((event.exists(), event.alarm_ids), (event, self.env["calendar.alarm"]))

    def test_release_of_our_tables(self):
        """A level that a customer has, in a pool that holds them: the columns of the customer go anyway."""
        level = self.env["kehu.customer.level"].create({"name": "Nearly gone"})
        pool = self.env["kehu.pool"].create({"name": "Nearly gone"})
        customer = self.env["res.partner"].create({"name": "Customer", "kehu_is_customer": True, "user_id": False})
        customer.write({"kehu_level_id": level.id, "kehu_pool_id": pool.id})
        self.env.flush_all()
        for record in (level, pool):
            with self.subTest(record._name), mute_logger("odoo.sql_db"), self.assertRaises(Error):
                self._delete_row(record._table, record.id)
        release(self.env)
        for record in (level, pool):
            with self.subTest(record._name):
                self.assertEqual(self._delete_row(record._table, record.id), 1)

    def test_tables_of_others(self):
        """A table of somebody else may begin with our name; what it restricts stays."""
        self.env.flush_all()
        self.env.cr.execute("CREATE TABLE kehu_of_others (id serial PRIMARY KEY, partner_id int REFERENCES res_partner ON DELETE RESTRICT)")
        partner = self.env["res.partner"].create({"name": "Named elsewhere"})
        self.env.flush_all()
        self.env.cr.execute("INSERT INTO kehu_of_others (partner_id) VALUES (%s)", [partner.id])
        release(self.env)
        with mute_logger("odoo.sql_db"), self.assertRaises(Error):
            self._delete_row("res_partner", partner.id)

    def test_release_of_rights(self):
        """A right or rule that somebody gave one of our roles alone would become everybody's: it goes with the role."""
        ours = self.env.ref("kehu_crm.group_kehu_service")
        other = self.env.ref("base.group_user")
        model = self.env.ref("base.model_res_bank")
        right = self.env["ir.model.access"].create({"name": "Ours", "model_id": model.id, "group_id": ours.id, "perm_unlink": True})
        alone, shared = self.env["ir.rule"].create(
            [
                {"name": "Alone", "model_id": model.id, "domain_force": "[]", "groups": [Command.set(ours.ids)]},
                {"name": "Shared", "model_id": model.id, "domain_force": "[]", "groups": [Command.set([ours.id, other.id])]},
            ]
        )
        release(self.env)
        self.assertFalse(right.exists() or alone.exists())
        self.assertEqual(shared.groups, other)
