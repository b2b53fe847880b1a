"""Who may do what with receipts, allocations and receivables: every role on own and on others' records."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.approval.exceptions import KehuApprovalDeciderError
from ...models.receivable.exceptions import KehuReceiptRightError
from ..common import ROLES
from .common import ReceivableCommon

# role -> operations on a receipt of the seller (department East), and on one of the west seller
RECEIPT = {
    "seller": ("rwcu", ""),
    "seller2": ("", ""),
    "west_seller": ("", "rwcu"),
    "east_manager": ("rwcu", ""),
    "sales_manager": ("rwcu", "rwcu"),
    "director": ("rwcu", "rwcu"),
    "crm_admin": ("rwcu", "rwcu"),
    "service": ("", ""),
    "finance": ("rwcu", "rwcu"),
    "order_approver": ("", ""),
    "receipt_approver": ("", ""),
    "employee": ("", ""),
}
# role -> sees the receivable of the seller, of the west seller
RECEIVABLE = {
    "seller": (True, False),
    "seller2": (False, False),
    "west_seller": (False, True),
    "east_manager": (True, False),
    "sales_manager": (True, True),
    "director": (True, True),
    "crm_admin": (True, True),
    "service": (False, False),
    "finance": (True, True),
    "order_approver": (False, False),
    "receipt_approver": (False, False),
    "employee": (False, False),
}


@tagged("post_install", "-at_install")
class TestReceivableAccess(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.east_order = cls._create_order(10)
        cls.west_order = cls._create_order(10, customer=cls.other_customer)
        cls.east_receipt = cls._create_receipt(100.0, [(cls.east_order, 50.0)])
        cls.west_receipt = cls._create_receipt(100.0, [(cls.west_order, 50.0)], customer=cls.other_customer, user=cls.user_west_seller)

    def _allowed(self, operation):
        """Try and take back; tell whether it was allowed."""
        savepoint = self.cr.savepoint()
        try:
            with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access", "odoo.models"):
                operation()
                self.env.flush_all()
            return True
        except AccessError:
            return False
        finally:
            savepoint.rollback()
            savepoint.close()
            self.env.invalidate_all()

    def _operations(self, receipt, user):
        """Letters of what the user may do with this receipt and its allocation; both must agree."""
        values = {
            "partner_id": receipt.sudo().partner_id.id,
            "user_id": receipt.sudo().user_id.id,
            "amount": 5.0,
            "journal_id": self.bank.id,
        }
        allocation = receipt.allocation_ids.sudo()
        mine = receipt.with_user(user)
        lines = allocation.with_user(user)
        line_values = {"receipt_id": receipt.id, "order_id": allocation.order_id.id, "amount": 1.0}
        tries = {
            "r": (lambda: mine.read(["amount"]), lambda: lines.read(["amount"])),
            "w": (lambda: mine.write({"amount": 90.0}), lambda: lines.write({"amount": 40.0})),
            "c": (lambda: mine.create(values), lambda: self._replace_line(allocation, user, line_values)),
            "u": (mine.unlink, lines.unlink),
        }
        result = ""
        for letter, (on_receipt, on_line) in tries.items():
            allowed = self._allowed(on_receipt)
            self.assertEqual(allowed, self._allowed(on_line), f"{user.name} {letter}: receipt and allocation disagree")
            result += letter if allowed else ""
        return result

    def _replace_line(self, allocation, user, values):
        allocation.unlink()
        self.env["kehu.receipt.allocation"].with_user(user).create(values)

    def test_receipts_and_allocations(self):
        self.assertEqual(set(RECEIPT), set(ROLES))
        for role, expected in RECEIPT.items():
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                self.assertEqual(tuple(self._operations(receipt, user) for receipt in (self.east_receipt, self.west_receipt)), expected)
                visible = [receipt for receipt, letters in zip(self.east_receipt | self.west_receipt, expected, strict=True) if letters]
                if any(expected) or role == "receipt_approver":
                    found = self.env["kehu.receipt"].with_user(user).search([("id", "in", (self.east_receipt | self.west_receipt).ids)])
                    self.assertEqual(set(found.ids), {receipt.id for receipt in visible})

    def test_receivables(self):
        self.assertEqual(set(RECEIVABLE), set(ROLES))
        rows = self.env["kehu.receivable"].browse((self.east_order | self.west_order).ids)
        for role, expected in RECEIVABLE.items():
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                self.assertEqual(
                    tuple(self._allowed(lambda row=row, user=user: row.with_user(user).read(["amount_due"])) for row in rows), expected
                )
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(rows.with_user(user).has_access(operation))
                    self.assertFalse(rows[0].with_user(self.user_crm_admin).has_access(operation))

    def test_approver_sees_what_was_submitted_to_them_and_nothing_else(self):
        approver = self.user_receipt_approver
        self.assertFalse(self.customer.with_user(approver).has_access("read"))
        self.east_receipt.kehu_submit(approver.id)
        for records in (self.east_receipt, self.east_receipt.allocation_ids):
            allowed = [
                operation for operation in ("read", "write", "create", "unlink") if records.with_user(approver).has_access(operation)
            ]
            self.assertEqual(allowed, ["read"])
        self.assertTrue(self.customer.with_user(approver).has_access("read"))
        self.assertFalse(self.customer.with_user(approver).has_access("write"))
        self.assertFalse(self.other_customer.with_user(approver).has_access("read"))
        line = self.east_receipt.allocation_ids.with_user(approver)
        self.assertEqual((line.order_total, line.order_due, line.order_name), (1000.0, 1000.0, self.east_order.name))
        self.assertEqual(
            self.env["kehu.receipt"].with_user(approver).search([("partner_id", "in", (self.customer | self.other_customer).ids)]),
            self.east_receipt,
        )

    def test_nobody_enters_a_receipt_for_a_customer_they_do_not_see(self):
        with mute_logger("odoo.addons.base.models.ir_rule"), self.assertRaises(AccessError):
            self._create_receipt(100.0, customer=self.other_customer)
        # unless the order is theirs
        order = self._create_order(5, customer=self.other_customer, user=self.user_seller)
        self.assertTrue(self._create_receipt(100.0, [(order, 100.0)], customer=self.other_customer))

    def test_seller_and_approver_need_no_accounting_rights(self):
        for user in (self.user_seller, self.user_receipt_approver):
            self.assertFalse(user.has_group("account.group_account_invoice"))
        receipt = self._receive(100.0, [(self.east_order, 100.0)])
        self.assertEqual(receipt.state, "approved")
        with mute_logger("odoo.addons.base.models.ir_access"), self.assertRaises(AccessError):
            receipt.with_user(self.user_seller).payment_id.read(["amount"])

    def test_two_companies(self):
        other = self.env["res.company"].create({"name": "Second Company"})
        self.user_director.company_ids = [Command.link(other.id)]
        receipts = self.env["kehu.receipt"].with_user(self.user_director)
        ids = (self.east_receipt | self.west_receipt).ids
        self.assertEqual(len(receipts.with_context(allowed_company_ids=[self.env.company.id]).search([("id", "in", ids)])), 2)
        self.assertFalse(receipts.with_context(allowed_company_ids=[other.id]).search([("id", "in", ids)]))
        rows = self.env["kehu.receivable"].with_user(self.user_director).with_context(allowed_company_ids=[other.id])
        self.assertFalse(rows.search([("order_id", "=", self.east_order.id)]))

    def test_wrong_person_is_refused_at_each_step(self):
        receipt = self.east_receipt
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_access"):
            for user in (self.user_seller2, self.user_west_seller, self.user_service, self.user_order_approver, self.user_employee):
                with self.subTest(step="submit", user=user.name), self.assertRaises(AccessError):
                    receipt.with_user(user).kehu_submit(self.user_receipt_approver.id)
            receipt.kehu_submit(self.user_receipt_approver.id)
            others = (self.user_seller, self.user_east_manager, self.user_director, self.user_finance, self.user_order_approver)
            for user in others:
                for step in ("kehu_approve", "kehu_reject"):
                    with self.subTest(step=step, user=user.name), self.assertRaises(UserError) as caught:
                        getattr(receipt.with_user(user), step)("No")
                    self.assertIsInstance(caught.exception, (KehuApprovalDeciderError, AccessError))
            receipt.with_user(self.user_receipt_approver).kehu_approve()
            for user in (self.user_seller, self.user_east_manager, self.user_order_approver, self.user_service):
                with self.subTest(step="cancel", user=user.name), self.assertRaises(AccessError):
                    receipt.with_user(user).action_cancel()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_approvers_cancel_what_was_submitted_to_them(self):
        approver = self.user_receipt_approver
        receipt = self._approve(self.east_receipt)
        other = new_test_user(
            self.env, "kehu_other_approver", groups="kehu_crm.group_kehu_receipt_approver,kehu_crm.group_kehu_director", lang="en_US"
        )
        with self.assertRaises(KehuReceiptRightError) as caught:
            receipt.with_user(other).action_cancel()
        self.assertIn("was not submitted to you", str(caught.exception))
        # an own document, submitted to oneself while it was somebody else's
        (self.user_seller | self.user_west_seller).group_ids += self.env.ref("kehu_crm.group_kehu_receipt_approver")
        with self.assertRaises(KehuReceiptRightError):
            receipt.with_user(self.user_seller).action_cancel()
        given = self.west_receipt
        given.kehu_submit(approver.id)
        given.with_user(approver).kehu_approve()
        approver.group_ids += self.env.ref("kehu_crm.group_kehu_user")
        self.env.flush_all()
        self.cr.execute("UPDATE kehu_receipt SET user_id = %s WHERE id = %s", [approver.id, given.id])
        self.env.invalidate_all()
        with self.assertRaises(KehuReceiptRightError) as caught:
            given.with_user(approver).action_cancel()
        self.assertIn("is your own document", str(caught.exception))
        given.with_user(self.user_crm_admin).action_cancel()
        receipt.with_user(approver).action_cancel()
        self.assertEqual((receipt.state, given.state), ("cancelled", "cancelled"))
