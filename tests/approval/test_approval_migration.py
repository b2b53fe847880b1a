"""Requests of the version that knew one approver and no steps go on after the update."""

from importlib.util import module_from_spec, spec_from_file_location

from odoo.tests import tagged
from odoo.tools.misc import file_path

from ...models.system.engine import as_engine
from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalMigration(ApprovalCommon):
    def _migrate(self, target="19.0.1.3.0", version="19.0.1.2.0"):
        spec = spec_from_file_location("post_approval", file_path(f"kehu_crm/migrations/{target}/post-approval.py"))
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        module.migrate(self.env.cr, version)
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

    def test_requests_keep_their_files(self):
        """What hung there when it was submitted, to the second; and what waits is still approved when it names something archived."""
        orders = self._create_order() | self._create_order() | self._create_order()
        tax = self.env["account.tax"].create({"name": "Old", "amount": 3.0})
        orders[0].sudo().order_line.tax_ids = tax
        tax.active = False
        values = {"raw": b"one", "res_model": "sale.order"}
        files = self.env["ir.attachment"].create([{**values, "name": order.name, "res_id": order.id} for order in orders])
        self._submit(orders)
        orders[1].with_user(self.user_order_approver).kehu_approve()
        orders[2].with_user(self.user_order_approver).kehu_reject("No")
        later = files[0].copy({"name": "Later"})
        requests = orders.sudo().kehu_request_id
        # as the old version left them
        snapshot = requests[0].snapshot
        ((line, kept),) = snapshot["lines"]["order_line"].items()
        self.assertEqual(kept["tax_ids"], tax.ids)
        kept["tax_ids"] = []
        as_engine(requests[0], "approval").snapshot = snapshot
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM kehu_approval_request_file_rel WHERE request_id IN %s", [tuple(requests.ids)])
        self.env.cr.execute(
            "UPDATE ir_attachment SET create_date = %s::timestamp + interval '2 seconds' WHERE id = %s",
            [requests[0].date_submitted, later.id],
        )
        self.env.invalidate_all()
        for _time in range(2):
            self._migrate("19.0.1.6.0", "19.0.1.5.0")
            self.assertEqual([request.file_ids for request in requests], [files[0], files[1], files.browse()])
            self.assertEqual(requests[0].snapshot["lines"]["order_line"][line]["tax_ids"], tax.ids)
        orders[0].with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(orders[0].state, "sale")
