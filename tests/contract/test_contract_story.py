from datetime import date

from freezegun import freeze_time
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...models.approval.exceptions import KehuApprovalFrozenError
from ...models.contract.exceptions import KehuContractOrderError
from .common import ContractCommon


@tagged("post_install", "-at_install")
class TestContractStory(ContractCommon):
    """From an order to a contract in force, signed, reminded of, renewed, and at its end."""

    def test_a_year_with_a_customer(self):
        seller = self.user_seller
        self._restart_numbers()
        with freeze_time("2030-01-05 02:00:00"):
            # The seller makes a contract out of the order.
            order = self._create_order(10)
            action = order.action_kehu_contract()
            form = Form(self.env["kehu.contract"].with_user(seller).with_context(**action["context"]))
            self.assertEqual(form.amount, 1000.0)
            form.title = "Pumps for the Plant"
            form.type_id = self.type_sale
            form.date_from, form.date_to = date(2030, 1, 1), date(2030, 12, 31)
            form.their_signatory_id = self.contact
            contract = form.save()
            self.assertRegex(contract.name, r"^HT2030010001$")
            self.assertEqual((contract.partner_id, contract.date_from, contract.state), (self.customer, date(2030, 1, 1), "draft"))
            self.assertEqual((contract.order_count, contract.orders_amount, contract.amount_difference), (1, 1000.0, 0.0))
            self.assertEqual(order.kehu_contract_id, contract)
            self.assertEqual(contract.kehu_approval_hint, "To be approved: submit it when it is ready.")

            # It is submitted; nothing changes any more.
            contract.kehu_submit(self.user_order_approver.id, "The usual terms.")
            self.assertEqual(contract.state, "pending")
            with self.assertRaises(KehuApprovalFrozenError):
                contract.amount = 1.0
            with self.assertRaises(KehuContractOrderError):
                self._create_order(5).kehu_contract_id = contract

            # Rejected, corrected, submitted again, approved: in force.
            contract.with_user(self.user_order_approver).kehu_reject("Say how long we guarantee.")
            self.assertEqual(contract.state, "rejected")
            contract.terms = "<p>Two years of guarantee.</p>"
            self._approve(contract)
            self.assertEqual(contract.state, "approved")
            with self.assertRaisesRegex(KehuApprovalFrozenError, "reopen it"):
                contract.terms = "<p>None.</p>"

            # It is signed, and takes a further order.
            contract.sign_date = date(2030, 1, 8)
            further = self._create_order(5)
            contract.order_ids = [Command.link(further.id)]
            self.assertEqual((contract.orders_amount, contract.amount_difference), (1500.0, -500.0))

        with freeze_time("2030-12-01 18:00:00"):  # 2 December in China
            seller.tz = "Asia/Shanghai"
            self._run_cron()
            activity = contract.activity_ids
            self.assertEqual((activity.user_id, activity.date_deadline), (seller, date(2030, 12, 31)))

            # The seller renews it: the next year, the same amount.
            renewal = self.env["kehu.contract"].with_user(seller).browse(contract.action_renew()["res_id"])
            self.assertEqual((renewal.date_from, renewal.date_to), (date(2031, 1, 1), date(2031, 12, 31)))
            self.assertEqual((renewal.amount, renewal.title, renewal.state), (1000.0, "Pumps for the Plant", "draft"))
            self.assertFalse(renewal.order_ids)
            self.assertEqual(renewal.chain_ids, contract | renewal)
            self.assertFalse(contract.activity_ids)

        with freeze_time("2031-01-01 02:00:00"):
            self._run_cron()
            self.assertEqual((contract.state, contract.expired_on), ("expired", date(2031, 1, 1)))
            self._approve(renewal)
            renewal.kehu_terminate("The plant was sold.")
            self.assertEqual((renewal.state, renewal.termination_reason), ("terminated", "The plant was sold."))
