import random
from datetime import date, datetime, timedelta
from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.analysis.exceptions import KehuAnalysisRightError
from .common import AnalysisCommon

CHANGES = 2000
MOST_ORDERS = 30
GROUPINGS = (
    (),
    ("month",),
    ("user_id",),
    ("department_id", "quarter"),
    ("category_id",),
    ("state_id", "year"),
    ("level_id",),
)


@tagged("post_install", "-at_install")
class TestAnalysisSummary(AnalysisCommon):
    """The summary and what was noted since are equal to the lines, to the cent, after each of thousands of changes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.summary = cls.env["kehu.sales.summary"]
        cls.env.company.country_id = cls.env.ref("base.cn")
        foreign = cls.env["res.currency"].with_context(active_test=False).search([("id", "!=", cls.env.company.currency_id.id)], limit=1)
        foreign.active = True
        cls.env["res.currency.rate"].create({"currency_id": foreign.id, "name": "2020-01-01", "rate": 0.137})
        cls.pricelist = cls.env["product.pricelist"].create({"name": "Foreign (test)", "currency_id": foreign.id})
        cls.summary.action_rebuild()

    def _by_hand(self, groups, first, last):
        """Add up in Python, from the records themselves."""
        zone = timedelta(hours=8)
        self.assertEqual(self.env.company.kehu_timezone, "Asia/Shanghai")
        totals = {}
        lines = self.env["sale.order.line"].search([("state", "=", "sale"), ("company_id", "=", self.env.company.id)])
        for line in lines.filtered(lambda line: line.product_id and not line.display_type and not line.is_downpayment):
            order, customer = line.order_id, line.order_id.kehu_customer_id
            day = (order.date_order + zone).date()
            if (first and day < first) or (last and day > last):
                continue
            known = {
                "month": day.replace(day=1),
                "quarter": day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1),
                "year": day.replace(day=1, month=1),
                "user_id": order.user_id.id or None,
                "department_id": order.kehu_department_id.id or None,
                "category_id": line.product_id.categ_id.id or None,
                "state_id": customer.state_id.id or None,
                "level_id": customer.kehu_level_id.id or None,
            }
            cent, rate = Decimal("0.01"), Decimal(str(order.currency_rate or 1))
            row = totals.setdefault(tuple(known[name] for name in groups), [Decimal(0)] * 3 + [0])
            for number, name in enumerate(("price_subtotal", "price_total")):
                row[number] += (Decimal(str(round(line[name], 2))) / rate).quantize(cent, "ROUND_HALF_UP")
            row[2] += Decimal(str(round(line.product_uom_qty, 4)))
            row[3] += 1
        return totals

    def _assert_right(self, groups, first=None, last=None, by_hand=False):
        figures = self.summary._kehu_figures(first, last, {}, groups)
        self.assertEqual(figures, self.summary._kehu_figures(first, last, {}, groups, from_lines=True))
        if by_hand:
            ours = {key: [row["untaxed"], row["total"], row["quantity"], row["line_count"]] for key, row in figures.items()}
            expected = self._by_hand(groups, first, last)
            self.assertEqual(ours.keys(), expected.keys())
            for key, row in expected.items():
                self.assertEqual(ours[key], [float(figure) for figure in row], key)

    def test_thousands_of_random_changes(self):
        dice = random.Random(1911)
        orders = self.env["sale.order"]
        people = self.user_seller | self.user_seller2 | self.user_west_seller | self.user_director
        moved = self.env["sale.order"]
        start = datetime(2025, 10, 1, 4)

        def some(records):
            return dice.choice(records)

        def new(confirm=True):
            nonlocal orders
            when = (start + timedelta(days=dice.randrange(150))).date().isoformat()
            lines = [(some(self.products), dice.randint(1, 9), round(dice.uniform(1, 500), 2)) for _number in range(dice.randint(1, 3))]
            values = {"pricelist_id": self.pricelist.id} if dice.random() < 0.2 else {}
            orders |= self._order(some(self.customers), when, lines, user=dice.choice([None, *people]), confirm=confirm, **values)

        def confirmed():
            return orders.filtered(lambda order: order.state == "sale") or moved

        def act(kind):
            nonlocal orders
            if kind == "new" and len(orders) > MOST_ORDERS:
                kind = "delete_order"
            if kind == "new" or len(confirmed()) < 3:
                return new()
            order = some(confirmed())
            products = order.order_line.filtered("product_id")
            line = some(products) if products else None
            if kind == "draft" and len(orders) <= MOST_ORDERS:
                new(confirm=False)
            elif kind == "cancel":
                order._action_cancel()
            elif kind == "confirm":
                open_orders = orders.filtered(lambda order: order.state in ("draft", "cancel"))
                if open_orders:
                    chosen = some(open_orders)
                    chosen.state == "cancel" and chosen.action_draft()
                    chosen.action_confirm()
            elif kind == "quantity" and line:
                line.product_uom_qty = dice.randint(0, 20)
            elif kind == "price" and line:
                line.write({"price_unit": round(dice.uniform(1, 900), 2), "discount": dice.choice([0, 5, 12.5])})
            elif kind == "product" and line:
                line.product_id = some(self.products)
            elif kind == "cost" and line:
                line.purchase_price = round(dice.uniform(1, 50), 2)
            elif kind == "add":
                order.order_line = [Command.create({"product_id": some(self.products).id, "product_uom_qty": dice.randint(1, 5)})]
            elif kind == "section":
                order.order_line = [Command.create({"display_type": "line_section", "name": "Section"})]
            elif kind == "day":
                order.date_order = start + timedelta(hours=dice.randrange(150 * 24))
            elif kind == "owner":
                order.user_id = dice.choice([False, *people])
            elif kind == "delete_order":
                order._action_cancel()
                order.unlink()
                orders = orders.exists()
            elif kind == "delete_line" and line:
                self.env.flush_all()
                self.env.cr.execute("DELETE FROM sale_order_line WHERE id = %s", (line.id,))  # nothing passes the triggers by
                self.env.invalidate_all()
            elif kind == "level":
                some(self.customers).kehu_level_id = dice.choice([False, *self.levels])
            elif kind == "place":
                some(self.customers).state_id = dice.choice([False, *self.states])
            elif kind == "category":
                some(self.products).categ_id = some(self.categories)
            elif kind == "department":
                person = some(people).sudo().employee_id
                person.department_id = dice.choice([self.department_east, self.department_west, self.department_office])
            elif kind == "fold":
                self.summary._kehu_fold()
            elif kind == "rebuild":
                self.summary.action_rebuild()

        kinds = (
            ["new"] * 3 + ["draft", "cancel", "confirm", "add", "section", "delete_order", "fold", "department"]
            + ["quantity", "price", "product", "cost", "day", "owner", "level", "place"] * 3 + ["delete_line", "category"]
        )  # fmt: skip
        for number in range(CHANGES):
            with self.subTest(number=number):
                act(dice.choice(kinds) if number % 500 else "rebuild")
                whole = number % 3
                first = date(2025, 10, 1) + timedelta(days=0 if not whole else dice.randrange(60))
                last = date(2026, 2, 28) - timedelta(days=0 if not whole else dice.randrange(60))
                self._assert_right(GROUPINGS[number % len(GROUPINGS)], first, last, by_hand=number % 20 == 0)
        self.summary._kehu_fold()
        self.assertFalse(self.summary._kehu_freshness()[1])
        for groups in GROUPINGS:
            self._assert_right(groups, by_hand=True)
        totals = self.env.execute_query(self._facet_totals())
        self.assertEqual(len({row[1:] for row in totals}), 1, "the four kinds of rows add up to the same")

    def _facet_totals(self):
        return SQL(
            "SELECT facet, sum(untaxed), sum(total), sum(margin), sum(line_count) FROM kehu_sales_summary "
            "WHERE facet <> 'stamp' GROUP BY facet"
        )

    def test_right_before_and_after_the_job(self):
        """What was confirmed a moment ago counts at once, and nothing counts twice when the job has run."""
        self.assertFalse(self.summary._kehu_figures(date(2031, 1, 1), date(2031, 12, 31), {}, ()))
        order = self._order(self.customers[0], "2031-05-05", [(self.products[0], 2, 100.0)])
        for step in ("noted", "added up"):
            figures = self.summary._kehu_figures(date(2031, 1, 1), date(2031, 12, 31), {}, ("month",))
            self.assertEqual({key: row["untaxed"] for key, row in figures.items()}, {(date(2031, 5, 1),): 200}, step)
            self.assertEqual(figures[(date(2031, 5, 1),)]["margin"], 100, step)
            self.summary._kehu_fold()
        self.assertFalse(self.summary._kehu_freshness()[1])
        order.order_line.price_unit = 75.5
        self.assertEqual(self.summary._kehu_figures(date(2031, 5, 1), date(2031, 5, 31), {}, ())[()]["untaxed"], 151)
        order._action_cancel()
        self.assertFalse(self.summary._kehu_figures(date(2031, 5, 1), date(2031, 5, 31), {}, ()))

    def test_month_of_the_company(self):
        """The last evening of a month in UTC is the next month in Shanghai."""
        order = self._order(self.customers[0], "2031-05-31", [(self.products[0], 1, 10.0)])
        order.date_order = datetime(2031, 5, 31, 16)
        self.summary._kehu_fold()
        self.assertEqual(list(self.summary._kehu_figures(date(2031, 1, 1), None, {}, ("month",))), [(date(2031, 6, 1),)])
        self.env.company.kehu_timezone = "UTC"
        for _step in range(2):
            self.assertEqual(list(self.summary._kehu_figures(date(2031, 1, 1), None, {}, ("month",))), [(date(2031, 5, 1),)])
            self.summary._kehu_fold()

    def test_many_parts_at_once(self):
        """More parts than a reader takes one by one: all comes from the lines."""
        for number in range(70):
            self._order(self.customers[number % 5], f"{2032 + number // 12}-{number % 12 + 1:02}-15", [(self.products[0], 1, 10.0)])
        self.env.flush_all()
        self.assertIsNone(self.summary._kehu_noted_parts(self.env.company))
        self._assert_right(("month", "department_id"), date(2032, 1, 1))
        self.summary._kehu_fold()
        self.assertEqual(self.summary._kehu_noted_parts(self.env.company), set())
        self._assert_right(("month", "department_id"), date(2032, 1, 1))

    def test_the_button_of_the_administrator(self):
        """It says what was done, and then shows an analysis."""
        action = self.env["kehu.sales.summary"].with_user(self.user_crm_admin).action_rebuild_told()
        self.assertEqual((action["tag"], action["params"]["next"]["tag"]), ("display_notification", "kehu_crm.analysis"))

    def test_nobody_writes_it(self):
        for user in (self.user_seller, self.user_director, self.user_crm_admin):
            with self.subTest(user=user.name):
                self.assertFalse(any(self.summary.with_user(user).has_access(kind) for kind in ("read", "write", "create", "unlink")))
        with self.assertRaises(KehuAnalysisRightError):
            self.summary.with_user(self.user_director).action_rebuild()
        self.summary._kehu_fold()
        self.env.cr.execute("SELECT COUNT(*) FROM kehu_sales_summary WHERE facet <> 'stamp'")
        rows = self.env.cr.fetchone()[0]
        self.env.cr.execute("UPDATE kehu_sales_summary SET untaxed = untaxed + 1 WHERE facet <> 'stamp'")
        self.assertEqual(self.summary.with_user(self.user_crm_admin).action_rebuild(), rows)
        self._assert_right(("month",), by_hand=True)
