import io
import re
import unittest
from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import html2plaintext, mute_logger
from odoo.tools.pdf import PdfFileReader
from reportlab.pdfgen import canvas

from ...tools.page_numbers import number_pages
from ..common import KehuCommon

ORDER, ORDER_BOTH = "kehu_crm.print_order", "kehu_crm.print_order_bilingual"
LEAD, LEAD_BOTH = "kehu_crm.print_opportunity", "kehu_crm.print_opportunity_bilingual"


def page_texts(pdf):
    return [page.extractText() for page in PdfFileReader(io.BytesIO(pdf)).pages]


@tagged("post_install", "-at_install")
class TestSalesPrints(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.cny, cls.usd = cls.env.ref("base.CNY"), cls.env.ref("base.USD")
        (cls.cny + cls.usd).active = True
        cls.customer = cls._create_customer(
            owner=cls.user_seller, name="上海久客", vat="91310115MA7654321Y", lang="zh_CN", street="碧波路690号", city="上海市"
        )
        cls.person = cls._create_contact(cls.customer, name="张三丰", phone="13800138000", lang="zh_CN")
        bank = cls.env["res.bank"].create({"name": "工商银行"})
        partner = cls.env.company.partner_id
        cls.env["res.partner.bank"].create({"acc_number": "6222 0001", "partner_id": partner.id, "bank_id": bank.id})
        cls.pump = cls._create_product(name="离心泵")
        country = cls.env.company.account_fiscal_country_id
        cls.taxes = cls.env["account.tax"].create(
            [
                {"name": f"T{rate}", "invoice_label": f"{rate}%", "amount": rate, "type_tax_use": "sale", "country_id": country.id}
                for rate in (13, 6)
            ]
        )

    def _create_order(self, *lines, currency=None, **values):
        pricelist = self.env["product.pricelist"].create({"name": "Test", "currency_id": (currency or self.cny).id})
        return self.env["sale.order"].create(
            {
                "partner_id": self.person.id,
                "user_id": self.user_seller.id,
                "pricelist_id": pricelist.id,
                "order_line": [Command.create(line) for line in lines],
                **values,
            }
        )

    def _line(self, **values):
        return {"product_id": self.pump.id, "product_uom_qty": 1, "price_unit": 100, "tax_ids": [Command.clear()], **values}

    def _create_word(self, dictionary, name):
        return self.env["kehu.dictionary.value"].create({"dictionary": dictionary, "name": name})

    def _html(self, report, records, user=None):
        reports = self.env["ir.actions.report"].with_user(user or self.user_seller)
        return reports._render_qweb_html(report, records.ids)[0].decode()

    def _text(self, report, records, user=None):
        return re.sub(r"\s+", " ", html2plaintext(self._html(report, records, user).split('class="kehu_print', 1)[1]))

    # ------------------------------------------------------------
    # What is printed
    # ------------------------------------------------------------

    def test_order(self):
        """Both parties, the lines with two taxes and a discount, the total in figures and capitals."""
        thirteen, six = self.taxes
        order = self._create_order(
            self._line(product_uom_qty=2.5, discount=10, tax_ids=[Command.set(thirteen.ids)]),
            self._line(
                name="安装服务\n含差旅", kehu_specification="DN50 PN16", kehu_delivery_date="2026-12-24", tax_ids=[Command.set(six.ids)]
            ),
            commitment_date="2026-12-20 02:00:00",
            kehu_sale_type_id=self._create_word("sale_type", "Retail").id,
            kehu_delivery_terms_id=self._create_word("delivery_terms", "By rail").id,
            client_order_ref="JK-1",
        )
        self.env["res.lang"]._activate_lang("en_US")
        self.user_seller.lang = "en_US"  # who prints reads English, the customer Chinese
        text = self._text(ORDER, order)
        for part in (order.name, "JK-1", "上海久客", "91310115MA7654321Y", "张三丰", "13800138000", "上海市碧波路690号"):
            self.assertIn(part, text)
        for part in ("DN50 PN16", "2026/12/20", "2026/12/24", "Retail", "By rail"):
            self.assertIn(part, text)
        for part in (self.env.company.name, "工商银行", "6222 0001", "离心泵", "安装服务", "含差旅", "13%", "6%", "10.0", "2.5"):
            self.assertIn(part, text)
        # 225 + 100 and 29.25 + 6
        self.assertAlmostEqual(order.amount_total, 360.25)
        self.assertIn("360.25", text)
        self.assertIn("人民币叁佰陆拾元贰角伍分", text)

    def test_quote_becomes_order(self):
        order = self._create_order(self._line())
        self.person.lang = "en_US"
        self.assertIn("Quotation", self._text(ORDER, order))
        order.kehu_to_order()
        self.assertIn("Sales Order", self._text(ORDER, order))
        self.assertEqual(order._kehu_print_name(), f"Order - {order.name}")

    def test_columns_only_when_used(self):
        html = self._html(ORDER, self._create_order(self._line()))
        self.assertEqual(html.count("<th"), 6 + 1)  # six headings and <thead
        html = self._html(ORDER, self._create_order(self._line(discount=5, tax_ids=[Command.set(self.taxes[:1].ids)])))
        self.assertEqual(html.count("<th"), 8 + 1)

    def test_other_currency(self):
        """Figures with the name of the currency; capitals belong to the yuan, and to readers of Chinese."""
        text = self._text(ORDER, self._create_order(self._line(), currency=self.usd))
        self.assertIn("(USD)", text)
        self.assertNotIn("人民币", text)
        self.person.lang = "en_US"
        text = self._text(ORDER, self._create_order(self._line()))
        self.assertIn("(CNY)", text)
        self.assertNotIn("人民币", text)

    def test_bilingual(self):
        """Both languages whatever the customer reads; one language has no second one."""
        order = self._create_order(self._line())
        self.person.lang = "en_US"
        self.assertNotIn('class="kehu_en"', self._html(ORDER, order))
        html = self._html(ORDER_BOTH, order)
        for word in ("Quotation", "Unit Price", "Total in capitals", "Authorised Signature"):
            self.assertIn(f'<span class="kehu_en">{word}</span>', html)
        self.assertIn("人民币壹佰元整", html)

    def test_rows(self):
        """Sections and notes of the host, folded as it folds them."""
        order = self._create_order(
            {"display_type": "line_section", "name": "Open"},
            self._line(product_uom_qty=3),
            {"display_type": "line_note", "name": "A note"},
            {"display_type": "line_section", "name": "Without prices", "collapse_prices": True},
            self._line(),
            {"display_type": "line_section", "name": "As one", "collapse_composition": True},
            self._line(price_unit=5),
            self._line(price_unit=7),
        )
        rows = order._kehu_print_rows(order._get_order_lines_to_report())
        told = [(row["kind"], row["number"] if row["kind"] == "line" else "", row["quantity"], row["amount"]) for row in rows]
        self.assertEqual(
            told,
            [
                ("section", "", "", 300.0),
                ("line", 1, "3", 300.0),
                ("note", "", "", None),
                ("section", "", "", 100.0),
                ("line", 2, "1", None),
                ("line", 3, "1", 12.0),
            ],
        )
        text = self._text(ORDER, order)
        self.assertIn("A note", text)
        self.assertIn("As one", text)

    def test_empty_order(self):
        self.assertIn("人民币零元整", self._text(ORDER, self._create_order()))

    def test_customer_signature(self):
        """Who accepted the quote on the portal is printed at the buyer's place."""
        order = self._create_order(self._line(), signed_by="Li Si", signed_on="2026-11-01 08:00:00")
        self.assertIn("Li Si", self._text(ORDER, order))

    def test_opportunity(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Fifty pumps",
                "type": "opportunity",
                "partner_id": self.person.id,
                "user_id": self.user_seller.id,
                "expected_revenue": 1234,
                "description": "<p>In a <b>hurry</b></p>",
            }
        )
        order = self._create_order(self._line(), opportunity_id=lead.id)
        self.env["kehu.contact.record"].with_user(self.user_seller).create(
            {"partner_id": self.customer.id, "lead_id": lead.id, "content": "Talked of delivery", "date": date.today()}
        )
        text = self._text(LEAD, lead)
        for part in ("Fifty pumps", "上海久客", "1,234", "hurry", order.name, "Talked of delivery"):
            self.assertIn(part, text)
        self.assertIn('<span class="kehu_en">Expected Revenue</span>', self._html(LEAD_BOTH, lead))
        # a quote says whether it was sent, an order how far its approval is
        states = dict(order._fields["state"]._description_selection(lead.with_context(lang="en_US").env))
        order.state = "sent"
        self.assertIn(states["sent"], self._text(LEAD, lead))
        order.kehu_document = "order"
        self.assertNotIn(states["sent"], self._text(LEAD, lead))
        # another's order of the same opportunity stays theirs
        order.sudo().user_id = self.user_west_seller
        self.assertNotIn(order.name, self._text(LEAD, lead))

    # ------------------------------------------------------------
    # Who prints
    # ------------------------------------------------------------

    def test_access(self):
        """Only who may read a document prints it, one or among others."""
        mine = self._create_order(self._line())
        theirs = self._create_order(self._line(), user_id=self.user_seller2.id)
        lead = self.env["crm.lead"].create({"name": "Mine", "type": "opportunity", "user_id": self.user_seller.id})
        for user in (self.user_seller, self.user_east_manager, self.user_sales_manager, self.user_director, self.user_finance):
            for report in (ORDER, ORDER_BOTH):
                with self.subTest(user=user.name, report=report):
                    self.assertIn(mine.name, self._html(report, mine, user))
        for user in (self.user_seller2, self.user_west_seller, self.user_employee, self.user_order_approver, self.user_receipt_approver):
            for report, record in ((ORDER, mine), (ORDER_BOTH, mine), (LEAD, lead), (LEAD_BOTH, lead)):
                with self.subTest(user=user.name, report=report), self.assertRaises(AccessError):
                    self._html(report, record, user)
        with self.assertRaises(AccessError):
            self._html(ORDER, mine + theirs, self.user_seller)

    def test_offered(self):
        """The print menu of orders and opportunities offers one language and both."""
        for model, reports in (("sale.order", (ORDER, ORDER_BOTH)), ("crm.lead", (LEAD, LEAD_BOTH))):
            offered = self.env["ir.actions.actions"].with_user(self.user_seller).get_bindings(model)["report"]
            names = set(self.env["ir.actions.report"].sudo().browse([action["id"] for action in offered]).mapped("report_name"))
            self.assertLessEqual(set(reports), names)

    # ------------------------------------------------------------
    # Pages
    # ------------------------------------------------------------

    def test_page_numbers(self):
        source = io.BytesIO()
        pen = canvas.Canvas(source)
        for text in ("first", "second"):
            pen.drawString(100, 500, text)
            pen.showPage()
        pen.save()
        first, second = page_texts(number_pages(source).getvalue())
        self.assertIn("first", first)
        self.assertIn("1 / 2", first)
        self.assertIn("second", second)
        self.assertIn("2 / 2", second)

    def _pdf(self, report, records):
        reports = self.env["ir.actions.report"]
        if reports.get_wkhtmltopdf_state() in ("install", "broken"):
            raise unittest.SkipTest("wkhtmltopdf is not installed: no PDF was made")
        # the host passes a header and a footer to an unpatched build as well, and there is no server that has style sheets
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            return reports.with_context(force_report_rendering=True)._render_qweb_pdf(report, records.ids)[0]

    def test_pdf_long(self):
        """Eighty lines run over pages that are numbered, none lost at a break."""
        order = self._create_order(*(self._line(name=f"Item{number:03} " + "long name " * (number % 9)) for number in range(80)))
        pages = page_texts(self._pdf(ORDER, order))
        self.assertGreater(len(pages), 1)
        for number, text in enumerate(pages, 1):
            self.assertIn(f"{number} / {len(pages)}", text)
        self.assertEqual(sum(text.count("Item") for text in pages), 80)

    def test_pdf_seals(self):
        """However many lines there are, the places for the seals come with the amount; long terms may lie in between."""
        for number in range(14, 44, 3):
            with self.subTest(lines=number):
                order = self._create_order(*(self._line(name=f"Item{line:03}") for line in range(number)))
                last = page_texts(self._pdf(ORDER_BOTH, order))[-1]
                self.assertIn("seal)", last)
                self.assertIn("Total", last)
        order.note = "Paragraph. " * 900
        self.assertIn("seal)", page_texts(self._pdf(ORDER_BOTH, order))[-1])

    def test_pdf_many(self):
        """Several orders in one file, which unpatched wkhtmltopdf refuses at once; each counts its own pages."""
        orders = self._create_order(self._line()) + self._create_order(self._line())
        pages = page_texts(self._pdf(ORDER, orders))
        self.assertEqual([("1 / 1" in text) for text in pages], [True, True])
        for order, text in zip(orders, pages, strict=True):
            self.assertIn(order.name, text)
