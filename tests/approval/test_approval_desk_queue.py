"""How long documents wait, and for whom."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ...models.system.engine import as_engine
from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalDeskQueue(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.flow = cls.env["kehu.approval.flow"].create(
            {
                "name": "Two Steps",
                "model_id": cls.env["ir.model"]._get_id("sale.order"),
                "sequence": -10,
                "step_ids": [
                    Command.create({"name": "First", "kind": "users", "user_ids": [Command.set(cls.user_order_approver.ids)]}),
                    Command.create({"name": "Second", "kind": "users", "user_ids": [Command.set(cls.user_order_approver2.ids)]}),
                ],
            }
        )
        cls.order.kehu_submit()
        cls.request = cls.order.sudo().kehu_request_id  # sudo: kehu.approval.request - the set-up of the test

    def _rows(self, user=None):
        return self.env["kehu.approval.queue"].with_user(user or self.user_director).search([("request_id", "=", self.request.id)])

    def _open_step_earlier(self, hours, due=None):
        """Let the present step have begun so many hours ago, due so many hours after it began."""
        line = self.request._kehu_current_lines()[self.request]
        opened = fields.Datetime.now() - timedelta(hours=hours)
        as_engine(line, "approval").write({"date_opened": opened, "date_due": due is not None and opened + timedelta(hours=due)})

    def test_waiting(self):
        self._open_step_earlier(5, due=2)
        row = self._rows()
        self.assertEqual((row.result, row.step_name, row.document_kind), ("waiting", "First", "sale.order"))
        self.assertFalse(row.user_id)
        self.assertAlmostEqual(row.hours, 5, delta=0.05)
        self.assertAlmostEqual(row.late_hours, 3, delta=0.05)
        self.assertTrue(row.is_late)

    def test_decided(self):
        self._open_step_earlier(3, due=8)
        self.order.with_user(self.user_order_approver).kehu_approve()
        self._open_step_earlier(1)
        rows = self._rows().grouped("result")
        self.assertEqual(rows["approved"].user_id, self.user_order_approver)
        self.assertAlmostEqual(rows["approved"].hours, 3, delta=0.05)
        self.assertEqual((rows["approved"].is_late, rows["approved"].late_hours), (False, 0))
        self.assertEqual(rows["waiting"].step_name, "Second")
        self.assertAlmostEqual(rows["waiting"].hours, 1, delta=0.05)

    def test_sent_back_counts_from_what_happened_before(self):
        self._open_step_earlier(3)
        self.order.with_user(self.user_order_approver).kehu_approve()
        first = self.request.step_line_ids[0]
        self.order.with_user(self.user_order_approver2).kehu_reject("Look again", step_id=first.id)
        as_engine(first, "approval").date_opened = fields.Datetime.now() + timedelta(hours=1)
        self.assertTrue(all(row.hours >= 0 for row in self._rows().filtered(lambda row: row.result != "waiting")))
        self.assertEqual(sorted(self._rows().mapped("result")), ["approved", "returned", "waiting"])

    def test_average(self):
        self._open_step_earlier(4)
        groups = self.env["kehu.approval.queue"]._read_group(
            [("request_id", "=", self.request.id)], ["document_kind", "step_name"], ["hours:avg", "__count"]
        )
        ((kind, step, hours, count),) = groups
        self.assertEqual((kind, step, count), ("sale.order", "First", 1))
        self.assertAlmostEqual(hours, 4, delta=0.05)

    def test_who_sees_it(self):
        sees = {
            "seller": True,
            "seller2": False,
            "east_manager": True,
            "sales_manager": True,
            "director": True,
            "finance": True,
            "order_approver": False,
            "receipt_approver": False,
            "west_seller": False,
            "employee": False,
        }
        for role, expected in sees.items():
            with self.subTest(role=role):
                self.assertEqual(bool(self._rows(getattr(self, f"user_{role}"))), expected)

    def test_approvers_see_their_own_opinions(self):
        self.order.with_user(self.user_order_approver).kehu_approve()
        row = self._rows(self.user_order_approver)
        self.assertEqual((row.result, row.user_id), ("approved", self.user_order_approver))
        self.assertFalse(self._rows(self.user_order_approver2), "what waits for them is in their list")

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        as_engine(self.request, "approval").company_id = other
        self.assertFalse(self._rows())
