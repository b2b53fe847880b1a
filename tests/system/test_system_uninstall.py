"""What stands on roles and kinds of activities of ours does not keep them when the add-on goes."""

from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import Error

from ...hooks import release
from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestSystemUninstall(ApprovalCommon):
    def _delete(self, xmlid):
        record = self.env.ref(xmlid)
        with self.env.cr.savepoint(flush=False):
            self.env.cr.execute(f"DELETE FROM {record._table} WHERE id = %s", [record.id])
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
