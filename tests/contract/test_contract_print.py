"""The contract on paper: the same whoever prints it, whole at any length, and only for those who may read it."""

import io

from lxml import html
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfFileReader

from .common import ContractCommon

REPORT = "kehu_crm.print_contract"


@tagged("post_install", "-at_install")
class TestContractPrint(ContractCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.lang = "en_US"  # papers are in the customer's language

    def _print(self, contracts, user=None, report=REPORT):
        reports = self.env["ir.actions.report"].with_user(user or self.user_seller)
        content, _kind = reports._render_qweb_html(report, contracts.ids)
        return " ".join(html.fromstring(content).text_content().split())

    def _rich(self, **values):
        bank = self._create_customer(self.user_seller, name="Wuxi Bank")
        contract = self._create_contract(
            their_signatory_id=self.contact.id,
            our_signatory_id=self.user_director.id,
            third_party_id=bank.id,
            type_id=self.type_sale.id,
            terms="<p>Two years of guarantee.</p>",
            **values,
        )
        self._create_order(3, kehu_contract_id=contract.id)
        return contract

    def test_what_is_on_it(self):
        contract = self._rich()
        text = self._print(contract)
        for part in (
            contract.name,
            "Sales Contract",
            "Pumps for the Plant (draft, not in force)",
            "Party A: Hangzhou Pumps",
            f"Party B: {self.env.company.name}",
            "Li Si",
            "Director",
            "Two years of guarantee.",
            "01/01/2030 – 12/31/2030",
            "Third Party: Wuxi Bank",
            "1,000.00",
            "Total of the orders listed above",
            "300.00",
        ):
            self.assertIn(part, text)
        self._approve(contract)
        contract.sign_date = "2030-01-03"
        text = self._print(contract)
        self.assertNotIn("draft, not in force", text)
        self.assertIn("01/03/2030", text)
        turned = self._create_contract(our_role="party_a", date_to=False, amount=0.0)
        text = self._print(turned)
        self.assertIn(f"Party A: {self.env.company.name}", text)
        self.assertIn("until it is terminated", text)
        self.assertNotIn("Total:", text)

    def test_the_same_whoever_prints_it(self):
        """The approver, who may see neither the third party nor what a colleague sold, gets the same paper."""
        contract = self._rich()
        order = self._create_order(7)
        order.sudo().write({"user_id": self.user_seller2.id, "kehu_contract_id": contract.id})
        self._submit(contract)
        texts = {
            self._print(contract, user) for user in (self.user_seller, self.user_order_approver, self.user_director, self.user_finance)
        }
        self.assertEqual(len(texts), 1)
        text = texts.pop()
        self.assertIn("700.00", text)
        self.assertIn(order.name, text)  # several orders are told apart

    def test_only_for_readers(self):
        contract = self._create_contract()
        for user in (self.user_seller2, self.user_west_seller, self.user_service, self.user_order_approver):
            with self.subTest(user=user.name), self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                self._print(contract, user)

    def test_a_button_prints_it(self):
        arch = self.env["kehu.contract"].with_user(self.user_seller).get_view(view_type="form")["arch"]
        buttons = html.fromstring(arch).xpath("//header/button[@string='Print']")
        self.assertEqual([button.get("name") for button in buttons], [str(self.env.ref("kehu_crm.print_contract_report").id)])

    def test_in_two_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.type_sale.with_context(lang="zh_CN").name = "销售合同"
        text = self._print(self._rich(), report="kehu_crm.print_contract_bilingual")
        self.assertIn("销售合同 Sales Contract", text)

    def test_capitals_for_yuan(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        yuan = self.env.ref("base.CNY")
        yuan.active = True
        self.customer.lang = "zh_CN"
        text = self._print(self._create_contract(currency_id=yuan.id, amount=107000.53))
        self.assertIn("人民币壹拾万柒仟元伍角叁分", text)

    def test_eighty_lines(self):
        contract = self._create_contract()
        lines = [Command.create({"product_id": self.product.id, "name": f"Pump {number:03}"}) for number in range(80)]
        self._create_order(1, kehu_contract_id=contract.id, order_line=lines)
        text = self._print(contract)
        for number in range(80):
            self.assertIn(f"Pump {number:03}", text)

    def test_pages_are_numbered(self):
        reports = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        if reports.get_wkhtmltopdf_state() in ("install", "broken"):
            self.skipTest("wkhtmltopdf is not installed: no PDF was made")
        contract = self._create_contract()
        lines = [Command.create({"product_id": self.product.id, "name": f"Pump {number:03}"}) for number in range(80)]
        self._create_order(1, kehu_contract_id=contract.id, order_line=lines)
        # the host tells in its log what an unpatched build cannot do
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            content, _kind = reports.with_user(self.user_seller)._render_qweb_pdf(REPORT, contract.ids)
        pages = PdfFileReader(io.BytesIO(content), strict=False)
        count = pages.getNumPages()
        self.assertGreater(count, 1)
        self.assertIn(f"{count} / {count}", pages.getPage(count - 1).extractText())
