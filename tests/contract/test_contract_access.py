"""Who may do what with contracts: every role on own and on others' records, and nothing shows through."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.contract.exceptions import KehuContractRightError
from ...models.customer.exceptions import KehuHiddenLinkError
from ..common import ROLES
from .common import ContractCommon

# role -> operations on a contract of the seller (department East), and on one of the west seller
CONTRACT = {
    "seller": ("rwcu", ""),
    "seller2": ("", ""),
    "west_seller": ("", "rwcu"),
    "east_manager": ("rwcu", ""),
    "sales_manager": ("rwcu", "rwcu"),
    "director": ("rwcu", "rwcu"),
    "crm_admin": ("rwcu", "rwcu"),
    "service": ("", ""),
    "finance": ("r", "r"),
    "order_approver": ("", ""),
    "receipt_approver": ("", ""),
    "employee": ("", ""),
}


@tagged("post_install", "-at_install")
class TestContractAccess(ContractCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.east = cls._create_contract()
        cls.west = cls._create_contract(cls.user_west_seller, title="Valves in Secret")

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

    def _operations(self, contract, user):
        mine = contract.with_user(user)
        values = {"title": "X", "partner_id": contract.sudo().partner_id.id, "user_id": contract.sudo().user_id.id}
        tries = {
            "r": lambda: mine.read(["amount"]),
            "w": lambda: mine.write({"amount": 90.0}),
            "c": lambda: mine.create(values),
            "u": mine.unlink,
        }
        return "".join(letter for letter, operation in tries.items() if self._allowed(operation))

    def test_contracts(self):
        self.assertEqual(set(CONTRACT), set(ROLES))
        both = self.east | self.west
        for role, expected in CONTRACT.items():
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                self.assertEqual(tuple(self._operations(contract, user) for contract in both), expected)
                if any(expected) or role == "order_approver":
                    found = self.env["kehu.contract"].with_user(user).search([("id", "in", both.ids)])
                    self.assertEqual(set(found.ids), {contract.id for contract, letters in zip(both, expected, strict=True) if letters})

    def test_nothing_of_others_shows_through(self):
        """Search, groups, names, exports and sums of a salesperson know nothing of a colleague's contract."""
        contracts = self.env["kehu.contract"].with_user(self.user_seller)
        self.assertFalse(contracts.search([("title", "ilike", "secret")]))
        self.assertFalse(contracts.name_search("Valves in Secret"))
        groups = contracts.formatted_read_group([], ["partner_id"], ["amount:sum"])
        self.assertFalse([group for group in groups if group["partner_id"] and group["partner_id"][0] == self.other_customer.id])
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.west.with_user(self.user_east_manager).export_data(["title"])
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.west.with_user(self.user_seller).message_ids.read(["body"])
        self.assertEqual(self.other_customer.with_user(self.user_finance).kehu_contract_count, 1)
        self.assertFalse(self.env["kehu.contract"].with_user(self.user_seller).search([("partner_id", "=", self.other_customer.id)]))

    def test_participants_read_and_change_nothing(self):
        approver = self.user_order_approver
        order = self._create_order(3, kehu_contract_id=self.east.id)
        self._submit(self.east)
        asked = self.east.with_user(approver)
        self.assertEqual(asked.title, "Pumps for the Plant")
        self.assertEqual(asked.partner_id.name, "Hangzhou Pumps")
        self.assertEqual(asked.order_ids, order)
        self.assertEqual(asked.order_ids.order_line.price_unit, 100.0)
        for operation in ("write", "unlink", "create"):
            self.assertFalse(asked.has_access(operation), operation)
        self.assertFalse(order.with_user(approver).has_access("write"))
        asked.kehu_approve()
        for attempt in (asked.action_reopen, lambda: asked.kehu_terminate("No"), asked.action_renew):
            with self.assertRaises(UserError), mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model"):
                attempt()
        self.assertEqual(asked.title, "Pumps for the Plant")  # who was ever asked keeps reading

    def test_links_to_what_one_may_not_see(self):
        contracts = self.env["kehu.contract"].with_user(self.user_seller)
        foreign = self._create_contact(self.other_customer, name="Nobody to Know")
        lead = self.env["crm.lead"].create(
            {"name": "Hidden", "type": "opportunity", "partner_id": self.other_customer.id, "user_id": self.user_west_seller.id}
        )
        for name, record in (
            ("partner_id", self.other_customer),
            ("their_signatory_id", foreign),
            ("third_party_id", self.other_customer),
            ("opportunity_id", lead),
        ):
            with self.subTest(field=name):
                with self.assertRaises(KehuHiddenLinkError) as refusal:
                    self._create_contract(**{name: record.id})
                self.assertNotIn(record.display_name, str(refusal.exception))
                with self.assertRaises(KehuHiddenLinkError):
                    self.east.write({name: record.id})
                with self.assertRaises(KehuHiddenLinkError):
                    contracts.with_context(**{f"default_{name}": record.id}).onchange({}, [], {name: {"fields": {"display_name": {}}}})
        order = self._create_order()
        with self.assertRaises(KehuHiddenLinkError) as refusal:
            order.kehu_contract_id = self.west
        self.assertNotIn("Secret", str(refusal.exception))
        with self.assertRaises(KehuHiddenLinkError):
            order.with_context(default_kehu_contract_id=self.west.id).onchange(
                {"kehu_contract_id": self.west.id}, ["kehu_contract_id"], {"kehu_contract_id": {"fields": {"display_name": {}}}}
            )

    def test_who_only_reads_links_no_orders(self):
        order = self._create_order(user=self.user_seller)
        with self.assertRaises(KehuContractRightError):
            order.with_user(self.user_finance).kehu_contract_id = self.east

    def test_companies(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere (test)"})
        self.user_director.company_ids = [(4, elsewhere.id)]
        contracts = self.env["kehu.contract"].with_user(self.user_director)
        self.assertIn(self.east, contracts.search([]))
        self.assertNotIn(self.east, contracts.with_context(allowed_company_ids=elsewhere.ids).search([]))

    def test_dialogs_of_others(self):
        """Whoever has the dialog open terminates by it: nobody else puts a contract into it."""
        dialog = self.env["kehu.contract.termination"].with_user(self.user_director)
        dialog = dialog.create({"contract_ids": [(6, 0, self.west.ids)], "reason": "Between us"})
        foreign = dialog.with_user(self.user_seller)
        for attempt in (lambda: foreign.read(["reason"]), lambda: foreign.write({"contract_ids": [(4, self.east.id)]}), foreign.unlink):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                attempt()
