"""Nothing takes a contract round its approval, and what it says holds together."""

import base64
from contextlib import suppress
from datetime import date

from freezegun import freeze_time
from markupsafe import Markup
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.approval.exceptions import KehuApprovalDeciderError, KehuApprovalError, KehuApprovalFrozenError
from ...models.contract.exceptions import (
    KehuContractError,
    KehuContractInUseError,
    KehuContractNumberError,
    KehuContractRightError,
    KehuContractStateError,
)
from ...models.contract.kehu_contract import ENGINE_FIELDS
from ...models.sales.exceptions import KehuUnclaimedCustomerError
from ...models.system.exceptions import KehuEngineOnlyError
from .common import ContractCommon

FORGED = {
    "state": "approved",
    "expired_on": "2030-01-01",
    "terminated_on": "2030-01-01",
    "termination_reason": "x",
    "reminded_for": "2030-12-31",
    "remind_on": "2030-12-31",
    "kehu_department_id": 1,
    "previous_id": 1,
    "first_id": 1,
}


@tagged("post_install", "-at_install")
class TestContractGuards(ContractCommon):
    # -- the approval --------------------------------------------------------------------------------------------------

    def test_state_is_written_by_nobody(self):
        self.assertEqual(set(FORGED), set(ENGINE_FIELDS))
        contract = self._create_contract()
        forged = {**FORGED, "kehu_approval_state": "approved", "kehu_request_id": 1}
        for name, value in forged.items():
            for records in (contract, contract.sudo(), contract.with_context(kehu_engine_contract=True, kehu_engine_approval=True)):
                with self.subTest(field=name, su=records.env.su), self.assertRaises(KehuEngineOnlyError):
                    records.write({name: value})
            with self.subTest(field=name), self.assertRaises(KehuEngineOnlyError):
                self._create_contract(**{name: value})

    def test_defaults_of_the_context_open_nothing(self):
        forged = {f"default_{name}": value for name, value in FORGED.items()} | {"default_kehu_approval_state": "approved"}
        contract = self.env["kehu.contract"].with_user(self.user_seller).with_context(**forged)
        contract = contract.create({"title": "Forged", "partner_id": self.customer.id})
        self.assertEqual((contract.state, contract.kehu_approval_state), ("draft", "draft"))
        self.assertEqual(contract.kehu_department_id, self.department_east)
        for name in ("expired_on", "terminated_on", "termination_reason", "reminded_for", "previous_id", "first_id"):
            self.assertFalse(contract[name], name)

    def test_import_brings_no_contract_in_force(self):
        contracts = self.env["kehu.contract"].with_user(self.user_seller)
        result = contracts.load(["title", "partner_id/.id", "state"], [["Imported", str(self.customer.id), "approved"]])
        self.assertFalse(result["ids"])
        self.assertTrue(result["messages"])
        result = contracts.load(["title", "partner_id/.id"], [["Imported", str(self.customer.id)]])
        self.assertEqual(contracts.browse(result["ids"]).state, "draft")

    def test_what_was_approved_stays(self):
        changes = {
            "amount": 1.0,
            "company_id": self.env["res.company"].create({"name": "Elsewhere (test)"}).id,
            "currency_id": self.env.ref("base.JPY").id,
            "date_from": date(2030, 2, 1),
            "date_to": date(2031, 1, 1),
            "name": "X1",
            "our_role": "party_a",
            "our_signatory_id": self.user_director.id,
            "partner_id": self._create_customer(self.user_seller, name="Wuxi Fans").id,
            "terms": "<p>Other.</p>",
            "their_signatory_id": self.contact.id,
            "third_party_id": self._create_customer(self.user_seller, name="Wuxi Bank").id,
            "title": "Other",
            "type_id": self.type_sale.id,
        }
        contract = self._create_contract()
        self.assertEqual(set(changes) | {"opportunity_id"}, contract._kehu_protected_fields())
        for state in ("pending", "approved"):
            (self._submit if state == "pending" else lambda contract: contract.with_user(self.user_order_approver).kehu_approve())(contract)
            self.assertEqual(contract.state, state)
            for name, value in changes.items():
                for records in (contract, contract.sudo()):
                    with self.subTest(state=state, field=name, su=records.env.su), self.assertRaises(KehuApprovalFrozenError):
                        records.write({name: value})
            with self.assertRaises(KehuApprovalFrozenError):
                contract.unlink()
            later = {"sign_date": date(2030, 1, 2), "remind_days": 5}
            if state == "pending":
                for name, value in later.items():
                    with self.assertRaises(KehuApprovalFrozenError):
                        contract.write({name: value})
            else:
                contract.write(later)
                self.assertFalse(contract._kehu_differences())
        contract.kehu_terminate("Enough")
        for name, value in (("sign_date", date(2030, 1, 3)), ("remind_days", 6), ("amount", 5.0)):
            with self.assertRaisesRegex(KehuApprovalFrozenError, "has ended"):
                contract.write({name: value})

    def test_reopened_it_is_out_of_force_and_is_kept(self):
        contract = self._approve(self._create_contract())
        contract.action_reopen()
        self.assertEqual(contract.state, "draft")
        contract.amount = 2000.0
        with self.assertRaises(KehuContractInUseError):
            contract.unlink()
        self._approve(contract)
        self.assertEqual((contract.state, contract.amount), ("approved", 2000.0))
        for records in (self._create_contract(), self._submit(self._create_contract())):
            with self.assertRaises(KehuContractStateError):
                records.action_reopen()

    def test_termination_needs_a_reason_and_a_contract_in_force(self):
        contract = self._create_contract()
        with self.assertRaises(KehuContractStateError):
            contract.kehu_terminate("Why not")
        self._approve(contract)
        for reason in ("", "  ", None, False, 5):
            with self.subTest(reason=reason), self.assertRaises(KehuContractStateError):
                contract.kehu_terminate(reason)
        wizard = self.env["kehu.contract.termination"].with_user(self.user_seller)
        wizard.create({"contract_ids": [Command.set(contract.ids)], "reason": "The plant was sold."}).action_terminate()
        self.assertEqual((contract.state, contract.termination_reason), ("terminated", "The plant was sold."))
        with self.assertRaises(KehuContractStateError):
            contract.kehu_terminate("Again")

    def test_nobody_approves_their_own(self):
        self.user_seller.group_ids = [Command.link(self.env.ref("kehu_crm.group_kehu_order_approver").id)]
        contract = self._create_contract()
        with self.assertRaises(KehuApprovalError):
            contract.kehu_submit(self.user_seller.id)
        self._submit(contract)
        with self.assertRaises(KehuApprovalDeciderError):
            contract.kehu_approve()

    def test_without_a_flow_it_goes_nowhere(self):
        contract = self._create_contract()
        self.env.ref("kehu_crm.kehu_approval_flow_contract").active = False
        contract.invalidate_recordset()
        self.assertFalse(contract.kehu_can_submit)
        self.assertIn("no active approval flow", contract.kehu_approval_hint)
        with self.assertRaisesRegex(KehuContractStateError, "no active approval flow"):
            contract.kehu_submit(self.user_order_approver.id)

    def test_what_is_over_is_not_submitted(self):
        contract = self._create_contract()
        with freeze_time("2031-06-01 08:00:00"):
            contract.invalidate_recordset()
            self.assertFalse(contract.kehu_can_submit)
            self.assertIn("is over", contract.kehu_approval_hint)

    # -- numbers -------------------------------------------------------------------------------------------------------

    def test_numbers_of_each_company(self):
        self._restart_numbers()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere (test)"})
        self.user_director.company_ids = [Command.link(elsewhere.id)]
        customer = self._create_customer(self.user_director, name="Everywhere")
        with freeze_time("2030-03-01 08:00:00"):
            contracts = self.env["kehu.contract"].with_user(self.user_director)
            contracts = contracts.with_context(allowed_company_ids=[self.env.company.id, elsewhere.id])
            made = contracts.create(
                [{"title": "Ours", "partner_id": customer.id, "company_id": company.id} for company in (elsewhere, elsewhere)]
                + [{"title": "Ours", "partner_id": customer.id}]
            )
        self.assertEqual(made[:2].mapped("name"), ["HT2030030001", "HT2030030002"])
        self.assertEqual(made[2].name, "HT2030030001")
        page = self.env["kehu.settings"].with_user(self.user_crm_admin).create({})
        page.write({"contract_prefix": "C-", "contract_digits": 3, "kehu_contract_remind_days": 45})
        contract = self._create_contract()
        self.assertRegex(contract.name, r"^C-\d{3}$")
        self.assertEqual(contract.remind_days, 45)
        self.assertEqual(made[0].company_id._kehu_contract_sequences()[elsewhere].prefix, "HT%(year)s%(month)s")
        with self.assertRaises(KehuContractNumberError):
            page.contract_digits = 0

    def test_a_number_is_borne_once(self):
        contract = self._create_contract(name=" HT-7 ")
        self.assertEqual(contract.name, "HT-7")
        with self.assertRaisesRegex(KehuContractNumberError, "HT-7"):
            self._create_contract(name="HT-7")
        with self.assertRaisesRegex(KehuContractNumberError, "HT-7"):
            # of another person's contract, too
            self._create_contract(self.user_west_seller, name="HT-7")
        with self.assertRaises(KehuContractNumberError):
            contract.name = "  "
        sequence = self.env.company._kehu_contract_sequences()[self.env.company]
        typed = self._create_contract(name=sequence.get_next_char(sequence.number_next_actual))
        self.assertNotEqual(self._create_contract().name, typed.name)

    # -- values --------------------------------------------------------------------------------------------------------

    def test_dates_and_numbers(self):
        for values in (
            {"date_from": date(2030, 5, 1), "date_to": date(2030, 4, 30)},
            {"sign_date": date(2031, 1, 1)},
            {"amount": -1.0},
            {"amount": 10.0**20},
            {"amount": "much"},
            {"remind_days": -1},
            {"remind_days": 99999},
            {"date_to": "soon"},
            {"partner_id": "x"},
            {"partner_id": 2**30},
            {"our_role": "party_c"},
            {"type_id": self.env.ref("kehu_crm.kehu_customer_source_website").id},
            {"their_signatory_id": self._create_contact(self._create_customer(self.user_seller, name="Wuxi Fans")).id},
            {"third_party_id": self.customer.id},
            {"partner_id": self.contact.id},
            {"partner_id": self.env["res.partner"].create({"name": "Nobody's"}).id},
            {"our_signatory_id": self.env.ref("base.public_user").id},
        ):
            with self.subTest(values=values), self.assertRaises(KehuContractError), self.cr.savepoint():
                self._create_contract(**values)
        same_day = self._create_contract(date_from=date(2030, 5, 1), date_to=date(2030, 5, 1))
        self.assertEqual(same_day.state, "draft")
        self.assertFalse(self._create_contract(date_to=False).remind_on)

    def test_customers_of_the_pool_are_claimed_first(self):
        waiting = self._create_customer(name="Nobody's Yet")
        with self.assertRaises(KehuUnclaimedCustomerError):
            self._create_contract(partner_id=waiting.id)
        contract = self._create_contract()
        with self.assertRaises(KehuUnclaimedCustomerError):
            contract.partner_id = waiting

    def test_only_managers_give_it_to_somebody_else(self):
        contract = self._create_contract()
        with self.assertRaises(KehuContractRightError):
            contract.user_id = self.user_seller2
        contract.with_user(self.user_east_manager).user_id = self.user_seller2
        self.assertEqual(contract.sudo().user_id, self.user_seller2)

    def test_the_company_rule_of_the_reminder(self):
        with self.assertRaises(ValidationError):
            self.env.company.kehu_contract_remind_days = -5

    # -- files ---------------------------------------------------------------------------------------------------------

    def test_files_stay_as_the_approver_saw_them(self):
        contract = self._create_contract()
        files = self.env["ir.attachment"].with_user(self.user_seller)
        draft = files.create({"name": "draft.pdf", "raw": b"old", "res_model": "kehu.contract", "res_id": contract.id})
        self.assertEqual(contract.attachment_ids, draft)
        self._approve(contract)
        contract.kehu_request_id.invalidate_recordset()
        for attempt in (
            draft.unlink,
            lambda: draft.write({"datas": base64.b64encode(b"new")}),
            lambda: draft.write({"res_id": False}),
            draft.sudo().unlink,
        ):
            with self.assertRaises(KehuContractInUseError):
                attempt()
        signed = files.create({"name": "signed.pdf", "raw": b"scan", "res_model": "kehu.contract", "res_id": contract.id})
        self.assertEqual(contract.attachment_ids, draft | signed)
        contract.action_reopen()
        draft.unlink()
        self.assertEqual(contract.attachment_ids, signed)

    def test_files_added_while_it_waits(self):
        """They may still go while the contract waits; what is there at the approval stays as the last approver saw it."""
        contract = self._create_contract()
        files = self.env["ir.attachment"].with_user(self.user_seller)
        values = {"raw": b"old", "res_model": "kehu.contract", "res_id": contract.id}
        contract.with_user(self.user_seller).kehu_submit(self.user_order_approver.id)
        files.create({**values, "name": "mistake.pdf"}).unlink()
        seen = files.create({**values, "name": "seen.pdf"})
        contract.with_user(self.user_order_approver).kehu_approve()
        for attempt in (seen.unlink, lambda: seen.write({"raw": b"new"}), lambda: seen.write({"res_id": False}), seen.sudo().unlink):
            with self.assertRaises(KehuContractInUseError), self.env.cr.savepoint():
                attempt()
        later = files.create({**values, "name": "signed.pdf"})
        later.unlink()
        contract.action_reopen()
        seen.unlink()

    def test_pictures_of_the_terms(self):
        """Pasted before the contract was saved, they hang on it then; the approver sees them, and they stay as they were seen."""
        files = self.env["ir.attachment"].with_user(self.user_seller)
        pasted = files.create({"name": "plan.png", "raw": b"plan", "res_model": "kehu.contract", "res_id": False})
        library = files.create({"name": "logo.png", "raw": b"logo", "res_model": "ir.ui.view", "res_id": False, "public": True})
        foreign = self.env["ir.attachment"].create({"name": "x.png", "raw": b"x", "res_model": "kehu.contract", "res_id": False})
        numbers = [*(pasted | library | foreign).ids, 2**40]
        contract = self._create_contract(terms="".join(f'<p><img src="/web/image/{number}-abc/x.png"></p>' for number in numbers))
        self.assertEqual((pasted.res_id, library.res_id, foreign.res_id), (contract.id, 0, 0))
        later = files.create({"name": "later.png", "raw": b"later", "res_model": "kehu.contract", "res_id": False})
        contract.terms += f'<img src="/web/image/{later.id}">'
        self.assertEqual(later.res_id, contract.id)
        queried = files.create({"name": "queried.png", "raw": b"queried", "res_model": "ir.ui.view", "res_id": False, "public": True})
        contract.terms += Markup('<img src="/web/image?field=raw&amp;id=%s&amp;model=ir.attachment">') % queried.id
        self._submit(contract)
        self.assertTrue(pasted.with_user(self.user_order_approver).has_access("read"))
        for state in ("pending", "approved"):
            for picture in (pasted, library, later, queried):
                kept = KehuContractInUseError if picture.res_id else KehuApprovalFrozenError
                with self.subTest(state, picture=picture.name):
                    for attempt in (
                        lambda picture=picture: picture.write({"raw": b"other"}),
                        lambda picture=picture: picture.write({"name": "another.png"}),
                        lambda picture=picture: picture.write({"mimetype": "text/plain"}),
                        picture.unlink,
                    ):
                        with self.assertRaisesRegex(kept, f"“{picture.name}” .* as the approver saw it"), self.env.cr.savepoint():
                            attempt()
                        self.env.invalidate_all()
            foreign.write({"raw": b"y"})  # of somebody else, whom the author does not bind by a number
            if state == "pending":
                contract.with_user(self.user_order_approver).kehu_approve()
        contract.action_reopen()
        library.unlink()

    def test_links_that_are_none(self):
        for value in ([1], {"id": 1}, "x", 2**40, True):
            for name in ("partner_id", "opportunity_id"):
                with self.subTest(name, value=value), self.assertRaises(UserError), self.env.cr.savepoint():
                    self._create_contract(**{name: value})
        contract = self._create_contract()
        for value in ([1], {"id": 1}, "x"):
            with self.subTest(value=value), self.assertRaises(UserError), self.env.cr.savepoint():
                contract.write({"opportunity_id": value})
            # the host takes it for no opportunity, or says in its words what it is
            order = self._create_order()
            with self.subTest(order=value), suppress(UserError, ValueError), self.env.cr.savepoint():
                order.write({"opportunity_id": value})
            self.assertFalse(order.opportunity_id)

    def test_the_opportunity_of_a_contract(self):
        """Deleted or merged, an opportunity changes nothing of a contract that waits or is approved; drafts and merges go on."""
        leads = self.env["crm.lead"].with_user(self.user_seller)
        first, second, third = leads.create(
            [{"name": name, "type": "opportunity", "partner_id": self.customer.id} for name in ("First", "Second", "Third")]
        )
        contract = self._create_contract(opportunity_id=first.id)
        self._submit(contract)
        with self.assertRaisesRegex(KehuApprovalFrozenError, contract.name), self.env.cr.savepoint():
            first.sudo().unlink()
        with self.assertRaises(KehuApprovalFrozenError), self.env.cr.savepoint():
            (first | second)._merge_opportunity()
        contract.with_user(self.user_order_approver).kehu_approve()
        with self.assertRaises(KehuApprovalFrozenError), self.env.cr.savepoint():
            first.sudo().unlink()
        draft = self._create_contract(opportunity_id=third.id)
        kept = (first | second | third)._merge_opportunity()
        self.env.invalidate_all()
        self.assertEqual((contract.opportunity_id, draft.opportunity_id, contract.state), (kept, kept, "approved"))
        self.assertEqual(kept.kehu_contract_count, 2)
        contract.action_reopen()
        kept.sudo().unlink()
        self.assertFalse((contract | draft).opportunity_id)
