"""A renewal follows on; a copy begins anew."""

from datetime import date

from freezegun import freeze_time
from odoo.tests import tagged

from ...models.contract.exceptions import KehuContractInUseError, KehuContractStateError
from .common import ContractCommon


@tagged("post_install", "-at_install")
class TestContractRenewal(ContractCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-01-05 08:00:00"))

    def _renew(self, contract):
        return contract.browse(contract.action_renew()["res_id"])

    def test_the_period_follows_on(self):
        for begin, end, next_begin, next_end in (
            ("2026-01-01", "2026-12-31", "2027-01-01", "2027-12-31"),
            ("2026-03-15", "2026-06-14", "2026-06-15", "2026-09-14"),
            ("2027-01-01", "2027-02-28", "2027-03-01", "2027-04-30"),
            ("2026-02-01", "2026-02-10", "2026-02-11", "2026-02-20"),
            ("2026-05-01", "2026-05-01", "2026-05-02", "2026-05-02"),
            ("2024-03-01", "2028-02-29", "2028-03-01", "2032-02-29"),
        ):
            contract = self._approve(self._create_contract(date_from=begin, date_to=end))
            renewal = self._renew(contract)
            with self.subTest(begin=begin, end=end):
                self.assertEqual((str(renewal.date_from), str(renewal.date_to)), (next_begin, next_end))

    def test_for_ever(self):
        """After the last year that a calendar knows nothing follows, and nobody is reminded before the first."""
        for begin, end in (("2026-01-01", "9999-12-31"), ("2026-01-01", "6100-12-31")):
            contract = self._approve(self._create_contract(date_from=begin, date_to=end))
            with self.assertRaisesRegex(KehuContractStateError, "beyond the year 9999"), self.env.cr.savepoint():
                contract.action_renew()
        first = self._create_contract(date_from="0001-01-01", date_to="0001-01-09", remind_days=30)
        self.assertFalse(first.remind_on)

    def test_what_goes_along(self):
        contract = self._create_contract(
            type_id=self.type_sale.id, their_signatory_id=self.contact.id, terms="<p>Two years.</p>", remind_days=10, amount=1234.5
        )
        self._create_order(kehu_contract_id=contract.id)
        contract.sign_date = date(2030, 1, 1)
        self._approve(contract)
        renewal = self._renew(contract)
        self.assertEqual(
            (renewal.title, renewal.amount, renewal.remind_days, renewal.type_id, renewal.their_signatory_id, renewal.terms),
            (contract.title, 1234.5, 10, self.type_sale, self.contact, contract.terms),
        )
        self.assertEqual((renewal.state, renewal.previous_id, renewal.first_id), ("draft", contract, contract))
        self.assertNotEqual(renewal.name, contract.name)
        for name in ("sign_date", "order_ids", "kehu_request_id", "reminded_for", "expired_on", "activity_ids"):
            self.assertFalse(renewal[name], name)
        third = self._renew(self._approve(renewal))
        self.assertEqual((third.first_id, third.chain_ids), (contract, contract | renewal | third))
        self.assertEqual(contract.chain_ids, contract | renewal | third)
        self.assertFalse(self._create_contract().chain_ids)
        self.assertEqual(self.env["kehu.contract"].search(third.action_open_chain()["domain"]), third | renewal | contract)

    def test_once(self):
        contract = self._approve(self._create_contract())
        renewal = self._renew(contract)
        self.assertEqual(self._renew(contract), renewal)
        self._approve(renewal).kehu_terminate("A new start")
        self.assertNotEqual(self._renew(contract), renewal)
        contract.action_reopen()
        with self.assertRaises(KehuContractInUseError):
            contract.unlink()

    def test_when(self):
        for contract in (
            self._create_contract(),
            self._submit(self._create_contract()),
            self._approve(self._create_contract(date_to=False)),
        ):
            with self.assertRaises(KehuContractStateError):
                contract.action_renew()
        ended = self._approve(self._create_contract())
        ended.kehu_terminate("Enough")
        self.assertEqual(self._renew(ended).state, "draft")

    def test_a_copy_begins_anew(self):
        """Neither dates nor number nor approval nor orders nor the place in a chain are copied."""
        contract = self._create_contract(opportunity_id=False, sign_date=date(2030, 1, 1))
        self._create_order(kehu_contract_id=contract.id)
        self._approve(contract)
        renewal = self._renew(contract)
        for original in (contract, renewal):
            copy = original.copy()
            self.assertNotEqual(copy.name, original.name)
            self.assertEqual((copy.title, copy.partner_id, copy.amount), ("Pumps for the Plant (copy)", self.customer, 1000.0))
            self.assertEqual((copy.state, copy.kehu_approval_state, copy.date_from), ("draft", "draft", date(2026, 1, 5)))
            for name in (
                "date_to",
                "sign_date",
                "order_ids",
                "kehu_request_id",
                "previous_id",
                "first_id",
                "reminded_for",
                "expired_on",
                "terminated_on",
                "termination_reason",
                "opportunity_id",
                "activity_ids",
            ):
                self.assertFalse(copy[name], name)
