"""What happens to contracts when their customer changes hands, is merged, leaves or is looked at; and what a list costs."""

from datetime import date

from odoo.tests import Form, tagged

from ...models.approval.exceptions import KehuApprovalMergeError
from ...models.contract.exceptions import KehuContractInUseError
from ...models.customer.exceptions import KehuCustomerError
from .common import ContractCommon


@tagged("post_install", "-at_install")
class TestContractCustomers(ContractCommon):
    def test_transfer(self):
        old, new = self.user_seller, self.user_west_seller
        for with_documents in (False, True):
            customer = self._create_customer(old, name="Moving")
            draft, running, ended, foreign = (self._create_contract(partner_id=customer.id) for _number in range(4))
            self._approve(running | ended)
            ended.kehu_terminate("Enough")
            foreign.sudo().user_id = self.user_seller2
            running.sudo().activity_schedule("mail.mail_activity_data_todo", user_id=old.id)
            self.assertEqual(customer._kehu_count_open_documents(), 2)
            customer.with_user(old).kehu_transfer(new.id, "Moved", with_documents=with_documents)
            to = new if with_documents else old
            with self.subTest(with_documents=with_documents):
                for contract, owner in ((draft, to), (running, to), (ended, old), (foreign, self.user_seller2)):
                    self.assertEqual(contract.sudo().user_id, owner)
                self.assertEqual(running.sudo().kehu_department_id, self.department_west if with_documents else self.department_east)
                self.assertEqual(running.sudo().activity_ids.user_id, to)

    def test_merge(self):
        twin = self._create_customer(self.user_seller, name="Hangzhou Pumps Co.")
        contact = self._create_contact(twin, name="Wang Wu")
        contract = self._create_contract(partner_id=twin.id, their_signatory_id=contact.id)
        order = self._create_order(partner_id=twin.id, kehu_contract_id=contract.id)
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        self._submit(contract)
        with self.assertRaises(KehuApprovalMergeError):
            wizard._merge((self.customer | twin).ids, self.customer)
        contract.with_user(self.user_order_approver).kehu_approve()
        wizard._merge((self.customer | twin).ids, self.customer)
        self.env.invalidate_all()
        self.assertEqual((contract.partner_id, contract.state), (self.customer, "approved"))
        self.assertEqual((order.kehu_customer_id, order.kehu_contract_id), (self.customer, contract))
        self.assertEqual(contract.their_signatory_id.kehu_customer_id, self.customer)
        contract.sign_date = date(2030, 1, 1)

    def test_leaving_and_deleting(self):
        contract = self._create_contract(their_signatory_id=self.contact.id)
        customer = self.customer.with_user(self.user_crm_admin)
        with self.assertRaisesRegex(KehuCustomerError, contract.name):
            customer.kehu_is_customer = False
        for partner in (self.contact, self.customer):
            with self.assertRaises(KehuContractInUseError):
                partner.sudo()._unlink_except_on_contract()
        contract.unlink()
        customer.kehu_is_customer = False

    def test_card(self):
        contract = self._create_contract()
        self._create_contract(self.user_west_seller, partner_id=self.other_customer.id)
        mine = self.customer.with_user(self.user_seller)
        self.assertEqual(mine.kehu_contract_count, 1)
        self.assertEqual(self.env["kehu.contract"].with_user(self.user_seller).search(mine.action_kehu_contracts()["domain"]), contract)
        file = self.env["ir.attachment"].create({"name": "a.pdf", "raw": b"x", "res_model": "kehu.contract", "res_id": contract.id})
        self.assertIn(file.id, mine.action_kehu_attachments()["domain"][0][2])
        with Form(mine, view="kehu_crm.res_partner_view_form_kehu") as form:
            self.assertEqual(form.kehu_contract_count, 1)

    def test_opportunity(self):
        lead = self.env["crm.lead"].with_user(self.user_seller)
        lead = lead.create({"name": "Pumps", "type": "opportunity", "partner_id": self.customer.id, "expected_revenue": 700.0})
        action = lead.action_kehu_contracts()
        form = Form(self.env["kehu.contract"].with_user(self.user_seller).with_context(**action["context"]))
        self.assertEqual((form.partner_id, form.opportunity_id, form.amount, form.title), (self.customer, lead, 700.0, "Pumps"))
        form.save()
        self.assertEqual(lead.kehu_contract_count, 1)

    def test_a_list_costs_the_same_for_many(self):
        """Every column of the list, shown or not; the counts too."""
        columns = {
            name: {"fields": {"display_name": {}}} if self.env["kehu.contract"]._fields[name].type == "many2one" else {}
            for name in self.env["kehu.contract"].get_view(view_type="list")["models"]["kehu.contract"]
        }
        counts = []
        for number in (3, 30):
            contracts = self._create_contract()
            for _number in range(number - 1):
                contracts |= self._create_contract()
            for contract in contracts:
                self._create_order(kehu_contract_id=contract.id)
            self.env.flush_all()
            self.env.invalidate_all()
            seen = self.env["kehu.contract"].with_user(self.user_seller)
            seen.web_search_read([("id", "in", contracts.ids)], columns)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(seen.web_search_read([("id", "in", contracts.ids)], columns)["length"], number)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
