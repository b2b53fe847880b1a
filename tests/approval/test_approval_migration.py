"""Requests of the version that knew one approver and no steps go on after the update."""

from importlib.util import module_from_spec, spec_from_file_location

from odoo.tests import tagged
from odoo.tools.misc import file_path

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalMigration(ApprovalCommon):
    def _migrate(self):
        spec = spec_from_file_location("post_approval", file_path("kehu_crm/migrations/19.0.1.3.0/post-approval.py"))
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()

    def test_requests_get_their_step(self):
        waiting, approved, rejected = self._create_order(), self._create_order(), self._create_order()
        self._submit(waiting)
        self._approve(approved)
        self._submit(rejected).with_user(self.user_order_approver).kehu_reject("No")
        requests = (waiting | approved | rejected).sudo().kehu_request_id
        before = [(line.state, line.name, line.user_ids) for line in requests.step_line_ids]
        # as the old version left them
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM kehu_approval_request_step WHERE request_id IN %s", [tuple(requests.ids)])
        self.env.cr.execute("UPDATE kehu_approval_decision SET step_name = NULL WHERE request_id IN %s", [tuple(requests.ids)])
        self.env.cr.execute("UPDATE kehu_approval_request SET turn_on = NULL, if_nobody = NULL WHERE id IN %s", [tuple(requests.ids)])
        self.env.invalidate_all()
        for _time in range(2):
            self._migrate()
            self.assertEqual([(line.state, line.name, line.user_ids) for line in requests.step_line_ids], before)
        self.assertEqual(set(requests.decision_ids.mapped("step_name")), {before[0][1]})
        self.assertEqual(requests[0].turn_on, requests[0].date_submitted)
        self.assertEqual(set(requests.mapped("if_nobody")), {"refuse"})
        self.assertEqual(len(requests.step_line_ids), 3)
        waiting.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(waiting.state, "sale")
