import base64
import io
from datetime import date, datetime

import openpyxl
from odoo import fields
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from odoo.tools.pdf import PdfFileReader

from .common import AnalysisCommon

YEAR = {"preset": "custom", "date_from": "2031-01-01", "date_to": "2031-12-31"}
ORDERS = {"source": "orders", "row": "user_id", "measures": ["amount_untaxed:sum", "__count", "amount_untaxed:avg"]}


@tagged("post_install", "-at_install")
class TestReportFigures(AnalysisCommon):
    """The figures of own reports are those that plain SQL counts, and the records behind a cell are those of the cell."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number, customer in enumerate(cls.customers):
            for month in (3, 4, 6):
                cls._order(customer, f"2031-{month:02}-1{number}", [(cls.products[number % 3], number + 1, 10.0**number + month)])
        cls.reports = cls.env["kehu.report"].with_user(cls.user_director)

    def _figures(self, conditions=None, **question):
        figures = self.reports.get_figures(question, YEAR if conditions is None else conditions)
        self.assertNotIn("error", figures, figures)
        return figures

    def _lines(self, figures):
        return {row["label"]: row["values"] for row in figures["rows"]}

    def test_equal_to_plain_sql(self):
        figures = self._figures(**ORDERS)
        self.env.flush_all()
        found = self.env.execute_query(
            SQL(
                """
                SELECT user_id, SUM(amount_untaxed), COUNT(*) FROM sale_order
                 WHERE state = 'sale' AND date_order >= '2030-12-31 16:00' AND date_order < '2031-12-31 16:00' AND company_id = %s
                 GROUP BY user_id
                """,
                self.env.company.id,
            )
        )
        expected = {user: [round(float(amount), 2), count, round(float(amount) / count, 2)] for user, amount, count in found}
        self.assertEqual({row["key"]: row["values"] for row in figures["rows"]}, expected)
        self.assertEqual(figures["total"]["values"][1], sum(count for _user, _amount, count in found))
        amounts = [row["values"][0] for row in figures["rows"]]
        self.assertEqual(amounts, sorted(amounts, reverse=True))
        smallest = self._figures(**ORDERS, sort="smallest")
        self.assertEqual([row["values"][0] for row in smallest["rows"]], amounts[::-1])
        named = self._figures(**{**ORDERS, "row": "kehu_customer_level_id"}, sort="name")
        levels = self.env["kehu.customer.level"].search([("id", "in", self.levels.ids)])
        self.assertEqual([row["key"] for row in named["rows"]], levels.ids)

    def test_each_source(self):
        """Every row and every figure that is offered can be worked out; the rows make the total, and each opens its records."""
        customer = self.customers[0]
        self.env["kehu.contact.record"].create({"partner_id": customer.id, "method": "phone", "content": "x"})
        self.env["kehu.phone.call"].create({"partner_id": customer.id, "outcome": "reached"})
        self.env["crm.lead"].create({"name": "Deal", "type": "opportunity", "partner_id": customer.id, "expected_revenue": 5.0})
        for name in self.reports._kehu_sources():
            offered = self.reports.new({"source": name}).choices
            self.assertTrue(offered["groups"] and offered["measures"], name)
            measures = [one["name"] for one in offered["measures"]]
            for group in offered["groups"]:
                question = {
                    "source": name,
                    "row": group["name"] + (":month" if group["time"] else ""),
                    "measures": ["__count", *measures[1:8]],
                    "most": 2,
                }
                with self.subTest(source=name, row=group["name"]):
                    figures = self._figures({}, **question)
                    self.assertEqual(sum(row["values"][0] for row in figures["rows"]), figures["total"]["values"][0])
                    for row in figures["rows"]:
                        if not row["is_others"] and row["values"][0]:
                            action = self.reports.get_records(question, {}, row=[row["key"]])
                            records = self.env[action["res_model"]].with_user(self.user_director)
                            self.assertEqual(records.search_count(action["domain"]), row["values"][0])

    def test_rows_and_columns(self):
        question = {
            "source": "orders",
            "row": "user_id",
            "column": "date_order:month",
            "measures": ["amount_untaxed:sum", "kehu_customer_id:count_distinct"],
        }
        figures = self._figures(**question)
        self.assertEqual([column["label"] for column in figures["columns"]], ["2031-03", "2031-04", "2031-05", "2031-06"])
        for row in figures["rows"]:
            self.assertAlmostEqual(sum(cell[0] for cell in row["cells"]), row["values"][0])
            self.assertEqual([cell[1] for cell in row["cells"]], [1, 1, 0, 1])
            self.assertEqual(row["values"][1], 1)  # one customer, whatever the months
        seller = next(row for row in figures["rows"] if row["key"] == self.user_seller.id)
        action = self.reports.get_records(question, YEAR, row=[seller["key"]], column=["2031-04-01"])
        orders = self.env["sale.order"].search(action["domain"])
        self.assertEqual(orders, self.env["sale.order"].search([("partner_id", "=", self.customers[0].id)])[1])
        self.assertEqual(sum(orders.mapped("amount_untaxed")), seller["cells"][1][0])
        self.assertIn(self.user_seller.name, action["name"])
        self.assertIn("2031-04", action["name"])

    def test_the_rest_is_one_row(self):
        """The largest rows and columns are told apart; what the others are together is worked out, not guessed: averages too."""
        question = {
            "source": "orders",
            "row": "kehu_customer_id",
            "column": "user_id",
            "measures": ["amount_untaxed:avg", "__count"],
            "most": 2,
        }
        figures = self._figures(**question)
        self.assertEqual([row["is_others"] for row in figures["rows"]], [False, False, True])
        others = figures["rows"][-1]
        self.assertEqual(others["values"][1], 9)
        orders = self.env["sale.order"].search([("partner_id", "in", self.customers[:3].ids)])
        self.assertEqual(others["values"][0], round(sum(orders.mapped("amount_untaxed")) / 9, 2))
        self.assertEqual(sum(cell[1] for cell in others["cells"]), 9)
        many = self.env["res.partner"].create(
            [{"name": f"Many {number}", "kehu_is_customer": True, "city_id": False, "kehu_headcount": number} for number in range(30)]
        )
        question = {
            "source": "customers",
            "row": "create_date:year",
            "column": "kehu_level_id",
            "measures": ["kehu_headcount:sum", "__count"],
            "domain": str([("id", "in", many.ids)]),
        }
        self.env["kehu.customer.level"].create([{"name": f"Level {number}"} for number in range(15)])
        levels = self.env["kehu.customer.level"].search([], limit=15)
        for level, customers in zip(levels, (many[2 * number : 2 * number + 2] for number in range(15)), strict=True):
            customers.kehu_level_id = level
        figures = self._figures({}, **question)
        self.assertEqual(len(figures["columns"]), 13)
        self.assertTrue(figures["columns"][-1]["is_others"])
        self.assertEqual(sum(cell[1] for cell in figures["rows"][0]["cells"]), 30)
        self.assertEqual(figures["total"]["cells"][-1], figures["rows"][0]["cells"][-1])
        self.assertEqual(figures["total"]["cells"][-1][0], sum(range(6)))

    def test_days_of_the_company(self):
        """A day begins at midnight in the time zone of the company, in figures and in the records behind them."""
        self.env.company.kehu_timezone = "Asia/Shanghai"
        orders = self.env["sale.order"].search([("partner_id", "=", self.customers[0].id)])
        orders[0].date_order = datetime(2031, 6, 30, 16, 30)  # 1 July in China
        question = {**ORDERS, "row": "date_order:quarter", "domain": f"[('partner_id', '=', {self.customers[0].id})]"}
        lines = self._lines(self._figures(**question))
        self.assertEqual({label: values[1] for label, values in lines.items()}, {"2031 Q1": 1, "2031 Q2": 1, "2031 Q3": 1})
        for key, order in (("2031-07-01", orders[0]), ("2031-04-01", orders[1])):
            action = self.reports.get_records(question, YEAR, row=[key])
            self.assertEqual(self.env["sale.order"].search(action["domain"]), order)
        days = self._figures({**YEAR, "date_from": "2031-07-01", "date_to": "2031-07-01"}, **{**question, "row": "date_order:day"})
        self.assertEqual([row["key"] for row in days["rows"]], ["2031-07-01"])
        weeks = self._figures(**{**question, "row": "date_order:week"})
        for row in weeks["rows"]:
            if row["values"][1]:
                action = self.reports.get_records(question | {"row": "date_order:week"}, YEAR, row=[row["key"]])
                self.assertEqual(self.env["sale.order"].search_count(action["domain"]), row["values"][1])
        orders[1].date_order = datetime(2029, 6, 30, 16, 30)
        error = self.reports.get_figures({**question, "row": "date_order:day"}, {})
        self.assertNotIn("error", error)  # days in between are left out when they are too many
        self.assertEqual(len(error["rows"]), 3)

    def test_several_currencies(self):
        """Amounts of several currencies are converted, never added blindly, and the report says so."""
        foreign = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "CHF")])
        foreign.active = True
        self.env["res.currency.rate"].create({"currency_id": foreign.id, "rate": 4.0, "name": "2020-01-01"})
        pricelist = self.env["product.pricelist"].create({"name": "CHF", "currency_id": foreign.id})
        customer = self.customers[0]
        self._order(customer, "2032-01-10", [(self.products[0], 1, 100.0)])
        own = self._figures({**YEAR, "date_from": "2032-01-01", "date_to": "2032-12-31"}, **ORDERS)
        self.assertFalse(own["notes"])
        self._order(customer, "2032-01-11", [(self.products[0], 1, 100.0)], pricelist_id=pricelist.id)
        figures = self._figures({**YEAR, "date_from": "2032-01-01", "date_to": "2032-12-31"}, **ORDERS)
        company = self.env.company
        both = 100.0 + foreign._convert(100.0, company.currency_id, company, fields.Date.context_today(company), round=False)
        self.assertNotEqual(both, 200.0)
        self.assertEqual(figures["total"]["values"], [round(both, 2), 2, round(both / 2, 2)])
        self.assertEqual(figures["rows"][0]["values"], figures["total"]["values"])
        self.assertIn(self.env.company.currency_id.name, figures["notes"][0])

    def test_averages_of_several_currencies_in_order(self):
        """What is largest is said after conversion: 100 francs at four to one are less than 50 of the company."""
        foreign = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "CHF")])
        foreign.active = True
        self.env["res.currency.rate"].create({"currency_id": foreign.id, "rate": 4.0, "name": "2020-01-01"})
        pricelist = self.env["product.pricelist"].create({"name": "CHF", "currency_id": foreign.id})
        less, more = self.customers[:2]
        self._order(less, "2032-01-10", [(self.products[0], 1, 100.0)], pricelist_id=pricelist.id)
        self._order(more, "2032-01-11", [(self.products[0], 1, 50.0)])
        year = {**YEAR, "date_from": "2032-01-01", "date_to": "2032-12-31"}
        question = {"source": "orders", "row": "kehu_customer_id", "measures": ["amount_untaxed:avg"]}
        for sort, keys in (("largest", [more.id, less.id]), ("smallest", [less.id, more.id])):
            with self.subTest(sort=sort):
                figures = self._figures(year, **question, sort=sort)
                self.assertEqual([row["key"] for row in figures["rows"]], keys)
                first = self._figures(year, **question, sort=sort, most=1)
                self.assertEqual([(row["key"], row["is_others"]) for row in first["rows"]], [(keys[0], False), (None, True)])

    def test_conditions(self):
        """Of the report and of the page; what a source does not have is said."""
        east = {**YEAR, "department": self.department_east.ids}
        figures = self._figures(east, **ORDERS)
        mine = self.env["sale.order"].search([("kehu_department_id", "=", self.department_east.id), ("state", "=", "sale")])
        self.assertEqual(figures["total"]["values"][1], len(mine))
        self.assertIn(["Department", self.department_east.display_name], figures["facts"])
        one = self._figures({**YEAR, "user": self.user_seller.ids}, **ORDERS, domain="[('amount_untaxed', '>', 5)]")
        self.assertEqual([row["key"] for row in one["rows"]], self.user_seller.ids)
        text = dict(map(tuple, one["facts"]))
        self.assertEqual(text["Conditions"], "Untaxed Amount > 5")
        self.assertEqual(text["Person"], self.user_seller.name)
        sales = self._figures({**YEAR, "department": self.department_sales.ids}, **ORDERS)
        self.assertGreater(sales["total"]["values"][1], figures["total"]["values"][1])  # those below belong to it
        history = {"source": "ownership", "row": "kind", "measures": ["__count"]}
        noted = self._figures({"department": self.department_east.ids}, **history)
        self.assertEqual(len(noted["notes"]), 1)
        self.assertEqual(noted["total"], self._figures({}, **history)["total"])
        years = self._figures({}, **ORDERS, period="last_year")
        self.assertEqual(len(years["facts"]), 2)

    def test_domain_as_text(self):
        """Conditions are told in words of the screen: names, choices, signs."""
        level = self.level_key
        domain = [
            "|",
            ("kehu_level_id", "in", [level.id]),
            "&",
            ("kehu_stage", "=", "active"),
            "!",
            ("name", "ilike", "pump"),
        ]
        stage = dict(self.env["res.partner"]._fields["kehu_stage"]._description_selection(self.env))
        domain[3] = ("kehu_stage", "=", next(iter(stage)))
        figures = self._figures({}, source="customers", row="user_id", measures=["__count"], domain=str(domain))
        text = dict(map(tuple, figures["facts"]))["Conditions"]
        for part in (level.name, next(iter(stage.values())), "pump", " or ", " and "):
            self.assertIn(part, text)

    def test_lost_opportunities(self):
        """Lost opportunities are archived by the host; a report on what became of opportunities counts them."""
        leads = self.env["crm.lead"].create(
            [{"name": f"Deal {n}", "type": "opportunity", "partner_id": self.customers[0].id} for n in range(3)]
        )
        leads[0].action_set_lost()
        leads[1].active = False  # put away without being lost
        question = {"source": "opportunities", "row": "won_status", "measures": ["__count"], "domain": str([("id", "in", leads.ids)])}
        lines = {row["key"]: row["values"][0] for row in self._figures({}, **question)["rows"]}
        self.assertEqual(lines, {"lost": 1, "pending": 1})

    def test_archived_people_keep_their_name(self):
        self.user_west_seller.active = False
        figures = self._figures(**ORDERS)
        self.assertIn(self.user_west_seller.name, [row["label"] for row in figures["rows"]])

    def test_fixed_number_of_queries(self):
        """However many customers, people and months: the same queries."""
        question = {
            "source": "orders",
            "row": "kehu_customer_id",
            "column": "user_id",
            "measures": ["amount_untaxed:sum", "__count"],
            "most": 3,
        }

        def counted():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self._figures(**question)["rows"]), 4)
            return self.env.cr.sql_log_count - before

        counted()  # rights and rates are read once
        few = counted()
        for number in range(20):
            customer = self._create_customer(self.user_seller2, name=f"Further {number}")
            self._order(customer, "2031-05-05", [(self.products[0], 1, 1.0 + number)])
        counted()
        self.assertEqual(counted(), few)
        self.assertLess(few, 40)

    def test_workbook(self):
        """The figures and the conditions, nothing that a spreadsheet would take for a formula; one sheet a report."""
        self.customers[0].name = "=1+1"
        report = self.reports.create(
            {
                "name": "@Mine",
                "source": "orders",
                "row": "kehu_customer_id",
                "measures": ["amount_untaxed:sum", "__count"],
                "domain": "[('amount_untaxed', '>', 0)]",
            }
        )
        crossed = self.reports.create(
            {"name": "@mine", "source": "orders", "row": "user_id", "column": "date_order:quarter", "measures": ["amount_untaxed:sum"]}
        )
        page = self.env["kehu.report.page"].with_user(self.user_director).create({"name": "Both"})
        lines = [{"page_id": page.id, "report_id": one.id} for one in report | crossed]
        self.env["kehu.report.page.line"].with_user(self.user_director).create(lines)
        made = page.export_workbook(page.id, YEAR)
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(made["content"])))
        self.assertEqual(len(book.worksheets), 2)
        self.assertEqual(len({sheet.title.lower() for sheet in book.worksheets}), 2)
        cells = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line if cell.value is not None]
        self.assertFalse([cell for cell in cells if cell.data_type == "f"])
        texts = [cell.value for cell in cells if isinstance(cell.value, str)]
        self.assertFalse([text for text in texts if text.startswith(("=", "+", "-", "@"))])
        for text in ("'@Mine", "'=1+1", "Untaxed Amount > 0", "2031 Q2", "Total"):
            self.assertIn(text, texts)
        figures = self._figures(**{"source": "orders", "row": "kehu_customer_id", "measures": ["amount_untaxed:sum", "__count"]})
        last = [cell.value for cell in list(book.worksheets[0].iter_rows())[-1]]
        self.assertEqual(last, ["Total", *figures["total"]["values"]])
        crossed_lines = [[cell.value for cell in line] for line in book.worksheets[1].iter_rows()]
        self.assertEqual(crossed_lines[-1][-1], figures["total"]["values"][0])
        self.assertAlmostEqual(sum(crossed_lines[-1][1:-1]), figures["total"]["values"][0])

    def test_paper(self):
        report = self.reports.create({"name": "<b>Mine", "source": "orders", "row": "user_id", "measures": ["amount_untaxed:sum"]})
        text = base64.b64decode(report.export_pdf(report.id, YEAR)["content"]).decode()
        for part in ("<svg", self.user_seller.name, "&lt;b&gt;Mine"):
            self.assertIn(part, text)
        self.assertNotIn("<b>Mine", text)
        self.env.flush_all()
        self.env.cr.execute("UPDATE kehu_report SET row = 'x_gone' WHERE id = %s", [report.id])
        self.env.invalidate_all()
        self.assertIn("x_gone", base64.b64decode(report.export_pdf(report.id, YEAR)["content"]).decode())

    def test_paper_of_a_page(self):
        """The host's engine makes one file of all reports of a page."""
        reports = self.env["ir.actions.report"]
        if reports.get_wkhtmltopdf_state() in ("install", "broken"):
            self.skipTest("wkhtmltopdf is not installed: no PDF was made")
        page = self.env.ref("kehu_crm.kehu_report_page_overview").with_user(self.user_director)
        # the host passes a header and a footer to an unpatched build as well, and there is no server that has style sheets
        with mute_logger("odoo.addons.base.models.ir_actions_report"):
            made = page.with_context(force_report_rendering=True).export_pdf(page.id, YEAR)
        content = base64.b64decode(made["content"])
        self.assertTrue(content.startswith(b"%PDF"))
        self.assertGreaterEqual(PdfFileReader(io.BytesIO(content), strict=False).getNumPages(), len(page.line_ids))
        self.assertEqual(made["mimetype"], "application/pdf")

    def test_host_views(self):
        question = {**ORDERS, "column": "date_order:month", "chart": "line"}
        action = self.reports.get_view_action(question, YEAR, "graph")
        self.assertEqual([view for _id, view in action["views"]][:2], ["graph", "pivot"])
        self.assertEqual(action["context"]["graph_groupbys"], ["user_id", "date_order:month"])
        self.assertEqual(action["context"]["pivot_measures"], ["amount_untaxed", "__count"])
        figures = self._figures(**ORDERS)
        self.assertEqual(self.env["sale.order"].search_count(Domain(action["domain"])), figures["total"]["values"][1])
        lines = self.reports.get_view_action(
            {"source": "order_lines", "row": "order_id.date_order:month", "measures": ["price_subtotal:sum"]}, YEAR
        )
        self.assertEqual(lines["context"]["pivot_row_groupby"], [])  # the host's views know no paths

    def test_dates_without_time(self):
        self.env["kehu.contact.record"].create(
            [{"partner_id": self.customers[0].id, "method": "phone", "content": "x", "date": date(2025, 3, day)} for day in (1, 2, 31)]
        )
        question = {
            "source": "contact_records",
            "row": "date:day",
            "measures": ["__count"],
            "domain": f"[('partner_id', '=', {self.customers[0].id})]",
        }
        figures = self._figures({"preset": "custom", "date_from": "2025-03-01", "date_to": "2025-03-31"}, **question)
        self.assertEqual(len(figures["rows"]), 31)
        self.assertEqual(figures["total"]["values"], [3])
        action = self.reports.get_records(question, {}, row=["2025-03-31"])
        self.assertEqual(self.env["kehu.contact.record"].search(action["domain"]).date, date(2025, 3, 31))
