"""Floor prices and discount limits: products, categories, people; units, currencies and taxes; who reads them."""

from lxml import etree
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ...models.approval.exceptions import KehuApprovalFrozenError
from ...models.sales.exceptions import KehuOrderApprovalError
from ...models.system.exceptions import KehuEngineOnlyError, KehuValidationError
from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestSalesPrice(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.group = cls.env["product.category"].create({"name": "Machines"})
        cls.category = cls.env["product.category"].create({"name": "Pumps", "parent_id": cls.group.id})
        cls.product.categ_id = cls.category

    def _line(self, price=None, discount=0.0, quantity=1, product=None, **values):
        values.update(product_id=(product or self.product).id, discount=discount, product_uom_qty=quantity)
        if price is not None:
            values["price_unit"] = price
        return Command.create(values)

    def _alert(self, *lines, **values):
        return self._create_order(order_line=list(lines), **values)

    # ------------------------------------------------------------
    # What counts
    # ------------------------------------------------------------

    def test_floor_of_the_product(self):
        """Sales price 100, floor 80: what is left of one unit counts, discount included."""
        self.product.kehu_floor_price = 80
        for price, discount, expected in ((100, 0, "none"), (80, 0, "none"), (79.99, 0, "floor"), (100, 20, "none"), (100, 20.01, "floor")):
            with self.subTest(price=price, discount=discount):
                self.assertEqual(self._alert(self._line(price, discount)).kehu_price_alert, expected)

    def test_floor_of_the_category(self):
        """The nearest category that says something; a product's own floor counts before."""
        self.group.kehu_floor_percent = 90
        order = self._alert(self._line(89))
        self.assertEqual(order.kehu_price_alert, "floor")
        self.assertIn("90.00", order.kehu_price_alert_text)
        self.category.kehu_floor_percent = 85
        self.assertEqual(order.kehu_price_alert, "none")
        self.product.kehu_floor_price = 95
        self.assertEqual(order.kehu_price_alert, "floor")

    def test_discount_limits(self):
        """Product before category; the salesperson's own limit counts when it is stricter."""
        self.group.kehu_discount_limit = 20
        self.assertEqual(self._alert(self._line(100, 20)).kehu_price_alert, "none")
        order = self._alert(self._line(100, 20.5))
        self.assertEqual(order.kehu_price_alert, "discount")
        self.assertIn("Machines", order.kehu_price_alert_text)
        self.product.kehu_discount_limit = 30
        self.assertEqual(order.kehu_price_alert, "none")
        self.user_seller.kehu_discount_limit = 5
        self.assertEqual(order.kehu_price_alert, "discount")
        self.assertIn("Seller", order.kehu_price_alert_text)
        order.sudo().user_id = self.user_seller2
        self.assertEqual((order.kehu_price_alert, order.kehu_price_alert_text), ("none", False))

    def test_a_lower_price_is_a_discount_too(self):
        """Typed price, discount, a line with a negative amount: what the customer pays less than the sales price."""
        self.product.kehu_discount_limit = 10
        service = self._create_product(0.0, name="Goodwill", type="service")
        cases = {
            "typed price": ([self._line(89)], "discount"),
            "both": ([self._line(95, 6)], "discount"),
            "high price with a discount": ([self._line(200, 40)], "discount"),
            "negative line": ([self._line(100), self._line(-11, product=service)], "discount"),
            "small negative line": ([self._line(100), self._line(-10, product=service)], "none"),
            "spread over two": ([self._line(100), self._line(100), self._line(-15, product=service)], "none"),
            "a present": ([self._line(100), self._line(0)], "discount"),
            "dearer": ([self._line(150)], "none"),
            "returned": ([self._line(100, quantity=2), self._line(100, quantity=-0.1)], "none"),
        }
        for name, (lines, expected) in cases.items():
            with self.subTest(name):
                self.assertEqual(self._alert(*lines).kehu_price_alert, expected)

    def test_global_discount_of_the_host(self):
        self.product.kehu_discount_limit = 10
        order = self._alert(self._line(100, quantity=2)).sudo()
        wizard = self.env["sale.order.discount"].create({"sale_order_id": order.id, "discount_type": "amount", "discount_amount": 30})
        wizard.action_apply_discount()
        self.assertLess(order.order_line[-1].price_subtotal, 0)
        self.assertEqual(order.kehu_price_alert, "discount")

    def test_units(self):
        """Floor 80 a unit is 960 a dozen."""
        self.product.kehu_floor_price = 80
        dozen = self.env.ref("uom.product_uom_dozen")
        self.assertEqual(self._alert(self._line(960, product_uom_id=dozen.id)).kehu_price_alert, "none")
        order = self._alert(self._line(959, product_uom_id=dozen.id))
        self.assertEqual(order.kehu_price_alert, "floor")
        self.assertIn("960.00", order.kehu_price_alert_text)

    def test_currencies(self):
        """Floor 80 in the company's currency is 160 in one of which two make one."""
        self.product.kehu_floor_price = 80
        other = self.env["res.currency"].create({"name": "KHU", "symbol": "K", "rounding": 0.01})
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "rate": 2.0, "name": "2020-01-01", "company_id": self.env.company.id}
        )
        pricelist = self.env["product.pricelist"].create({"name": "Abroad", "currency_id": other.id})
        fair = self._alert(self._line(160), pricelist_id=pricelist.id)
        self.assertEqual((fair.currency_id, fair.kehu_price_alert, fair.kehu_amount_company), (other, "none", 80.0))
        self.assertEqual(self._alert(self._line(159), pricelist_id=pricelist.id).kehu_price_alert, "floor")

    def test_drafted_at_another_rate(self):
        """A date set back, or a draft that lay there for long: limits and flows judge by the rate of the day of the submission."""
        self.product.kehu_floor_price = 80
        other = self.env["res.currency"].create({"name": "KHU", "symbol": "K", "rounding": 0.01})
        rates = self.env["res.currency.rate"].create(
            [
                {"currency_id": other.id, "rate": rate, "name": day, "company_id": self.env.company.id}
                for day, rate in (("2010-01-01", 0.5), ("2020-01-01", 2.0))
            ]
        )
        pricelist = self.env["product.pricelist"].create({"name": "Abroad", "currency_id": other.id})
        order = self._alert(self._line(159), pricelist_id=pricelist.id, date_order="2015-01-01")
        self.assertEqual((order.kehu_amount_company, order.kehu_price_alert), (79.5, "floor"))
        order.date_order = "2016-01-01"
        self.assertEqual((order.kehu_amount_company, order.kehu_price_alert), (79.5, "floor"))
        fair = self._alert(self._line(160), pricelist_id=pricelist.id)
        self.assertEqual((fair.kehu_amount_company, fair.kehu_price_alert), (80.0, "none"))
        rates[1].rate = 4.0  # the other currency loses value while the draft lies there
        self.env.company.kehu_big_deal_amount = 50
        self.assertEqual(fair.kehu_amount_company, 80.0)
        fair.sudo().action_quotation_sent()
        fair.kehu_submit(self.user_order_approver.id)
        self.assertEqual((fair.kehu_amount_company, fair.kehu_price_alert), (40.0, "floor"))
        self.assertEqual(fair.sudo().kehu_request_id.flow_id, self.env.ref("kehu_crm.kehu_approval_flow_large_order"))

    def test_confirmed_at_another_rate(self):
        """Where small orders need no approval, a large one is not confirmed as a small one by its date or by the rate of its draft."""
        self.env.ref("kehu_crm.kehu_approval_flow_order").active = False
        self.env.company.kehu_big_deal_amount = 70
        self.product.kehu_floor_price = 20
        other = self.env["res.currency"].create({"name": "KHU", "symbol": "K", "rounding": 0.01})
        rates = self.env["res.currency.rate"].create(
            [
                {"currency_id": other.id, "rate": rate, "name": day, "company_id": self.env.company.id}
                for day, rate in (("2010-01-01", 4.0), ("2020-01-01", 2.0))
            ]
        )
        values = {"pricelist_id": self.env["product.pricelist"].create({"name": "Abroad", "currency_id": other.id}).id}
        for name, vals in (("state", {}), ("date", {"date_order": "2015-01-01"})):
            with self.subTest(name):
                large = self._alert(self._line(160), date_order="2015-01-01", **values)
                with self.assertRaises(KehuOrderApprovalError), self.env.cr.savepoint():
                    large.write({"state": "sale", **vals})
        with self.assertRaises(KehuOrderApprovalError), self.env.cr.savepoint():
            self._alert(self._line(160), state="sale", date_order="2015-01-01", **values)
        small = self._alert(self._line(100), **values)
        cheap = self._alert(self._line(40), **values)
        self.assertEqual((small.kehu_amount_company, cheap.kehu_price_alert), (50.0, "none"))
        rates[1].rate = 2.5  # the other currency loses value while the drafts lie there
        small.action_confirm()
        self.assertEqual(small.kehu_amount_company, 40.0)
        with self.assertRaises(KehuOrderApprovalError), self.env.cr.savepoint():
            cheap.action_confirm()
        small.sudo().date_order = "2015-01-01"
        self.assertEqual(small.kehu_amount_company, 40.0)

    def test_confirmed_in_the_name_of_a_colleague(self):
        """What one may not give oneself is not confirmed by handing the order to who may, in the same breath."""
        self.env.ref("kehu_crm.kehu_approval_flow_order").active = False
        self.user_seller.kehu_discount_limit = 5
        self.user_seller2.kehu_discount_limit = 50
        order = self._alert(self._line(100, 30))
        self.assertEqual(order.kehu_price_alert, "discount")
        with self.assertRaises(KehuOrderApprovalError), self.env.cr.savepoint():
            order.write({"user_id": self.user_seller2.id, "state": "sale"})
        allowed = self._alert(self._line(100, 5))
        allowed.write({"user_id": self.user_seller2.id, "state": "sale"})
        self.assertEqual(allowed.sudo().state, "sale")

    def test_amounts_written_past_the_price(self):
        """The host invoices by the technical data of a line, whatever its price says; written last, they count as well."""
        self.product.kehu_floor_price = 80
        order = self._alert(self._line(100, tax_ids=[Command.clear()]))
        line = order.order_line
        line.extra_tax_data = {
            "currency_id": order.currency_id.id,
            "price_unit": 100,
            "discount": 0,
            "quantity": 1,
            "manual_tax_amounts": {"0": {}},
            "manual_total_excluded_currency": 1,
            "manual_total_excluded": 1,
        }
        self.assertEqual((line.price_subtotal, order.amount_total, order.kehu_amount_company), (1, 1, 1))
        self.assertEqual(order.kehu_price_alert, "floor")

    def test_attributes_that_make_it_dearer(self):
        """A price stays where it was while the goods become better ones: that is a discount."""
        self.user_seller.kehu_discount_limit = 5
        attribute = self.env["product.attribute"].create(
            {
                "name": "Finish",
                "create_variant": "no_variant",
                "value_ids": [Command.create({"name": "Gold"}), Command.create({"name": "Tin"})],
            }
        )
        template = self.env["product.template"].create(
            {
                "name": "Finished Pump",
                "list_price": 100,
                "taxes_id": [Command.clear()],
                "attribute_line_ids": [Command.create({"attribute_id": attribute.id, "value_ids": [Command.set(attribute.value_ids.ids)]})],
            }
        )
        gold, tin = self.env["product.template.attribute.value"].search([("product_tmpl_id", "=", template.id)], order="id")
        gold.price_extra = 500
        values = {"product": template.product_variant_id, "product_no_variant_attribute_value_ids": [Command.set(tin.ids)]}
        order = self._alert(self._line(100, **values))
        self.assertEqual(order.kehu_price_alert, "none")
        order.order_line.product_no_variant_attribute_value_ids = gold
        self.assertEqual(order.kehu_price_alert, "discount")

    def test_an_order_that_comes_to_a_customer_later(self):
        """Until then a client may write what is calculated, as the host lets it; what was written so counts no more."""
        outsider = self.env["res.partner"].create({"name": "Outsider"})
        order = self._alert(self._line(100, tax_ids=[Command.clear()]), partner_id=outsider.id)
        self.env.flush_all()
        self.env.cr.execute("UPDATE sale_order SET create_date = create_date - interval '1 hour' WHERE id = %s", (order.id,))
        order.invalidate_recordset(["create_date"])
        self.assertFalse(order.kehu_customer_id)
        for values in ({"kehu_rated_on": "2010-01-01"}, {"kehu_amount_company": 1}, {"kehu_price_alert": "none"}):
            with self.subTest(values=values), self.assertRaises(KehuEngineOnlyError), self.env.cr.savepoint():
                order.write(values)
        order.write({"amount_total": 1, "amount_untaxed": 1})
        self.env.flush_all()
        self.assertEqual(order.amount_total, 1)
        order.partner_invoice_id = self.customer
        self.assertEqual(order.sudo().kehu_customer_id, self.customer)
        self.assertEqual((order.amount_total, order.amount_untaxed, order.kehu_amount_company), (100, 100, 100))

    def test_taxes_of_the_fiscal_position(self):
        """The sales price includes 10 % tax, abroad there is none: 100 at home is 90.91 abroad, and so is the floor."""
        tax, free = self.env["account.tax"].create(
            [
                {"name": "10 % included", "amount": 10, "price_include_override": "tax_included"},
                {"name": "none", "amount": 0, "price_include_override": "tax_included"},
            ]
        )
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        free.write({"fiscal_position_ids": [Command.link(position.id)], "original_tax_ids": [Command.link(tax.id)]})
        self.product.write({"taxes_id": [Command.set(tax.ids)], "kehu_floor_price": 100})
        order = self._alert(self._line(), fiscal_position_id=position.id)
        self.assertAlmostEqual(order.order_line.price_unit, 90.91, 2)
        self.assertEqual(order.kehu_price_alert, "none")
        order.order_line.price_unit = 90
        self.assertEqual(order.kehu_price_alert, "floor")

    def test_what_does_not_count(self):
        """Sections, orders outside the CRM, products without any limit."""
        self.product.kehu_floor_price = 80
        plain = self.env["res.partner"].create({"name": "No CRM customer"})
        self.assertEqual(self._alert(self._line(1), partner_id=plain.id).kehu_price_alert, "none")
        free = self._create_product(100.0, name="Free", categ_id=self.env["product.category"].create({"name": "Rest"}).id)
        section = Command.create({"display_type": "line_section", "name": "Pumps"})
        self.assertEqual(self._alert(section, self._line(1, product=free)).kehu_price_alert, "none")

    # ------------------------------------------------------------
    # When it is judged
    # ------------------------------------------------------------

    def test_typed_in_the_form(self):
        """The warning stands there while one types."""
        self.product.kehu_floor_price = 80
        with Form(self.env["sale.order"].with_user(self.user_seller)) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = self.product
                line.price_unit = 70
            self.assertEqual(form.kehu_price_alert, "floor")
            self.assertIn("80.00", form.kehu_price_alert_text)

    def test_a_changed_limit_looks_again_at_open_orders(self):
        pending, confirmed, cancelled = (self._alert(self._line(70)) for _number in range(3))
        self._submit(pending)
        self._approve(confirmed)
        cancelled.action_cancel()
        fresh = self._alert(self._line(70))
        self.product.kehu_floor_price = 80
        self.assertEqual(fresh.kehu_price_alert, "floor")
        self.assertEqual(set((pending | confirmed | cancelled).mapped("kehu_price_alert")), {"none"})
        self.product.kehu_floor_price = 0
        self.assertEqual(fresh.kehu_price_alert, "none")
        self.product.kehu_discount_limit = 30
        self.assertEqual(fresh.kehu_price_alert, "none")
        self.product.list_price = 200
        self.assertEqual(fresh.kehu_price_alert, "discount")

    # ------------------------------------------------------------
    # Who may
    # ------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.sql_db")
    def test_who_sets_limits(self):
        for role in ("seller", "east_manager", "director", "service", "finance", "order_approver"):
            user = getattr(self, f"user_{role}")
            for record, values in (
                (self.product.product_tmpl_id, {"kehu_floor_price": 1}),
                (self.category, {"kehu_discount_limit": 50}),
                (self.user_seller, {"kehu_discount_limit": 50}),
                (user, {"kehu_discount_limit": 50}),
            ):
                with self.subTest(role=role, model=record._name), self.assertRaises(AccessError), self.env.cr.savepoint():
                    record.with_user(user).write(values)
        admin = self.user_crm_admin
        users = self.env["res.users"].with_user(admin)
        arch = users.get_view(self.env.ref("kehu_crm.res_users_view_list_kehu_discount").id, "list")["arch"]
        self.assertEqual(etree.fromstring(arch).get("edit"), "1", "the list has to be editable for who may not change users otherwise")
        users.browse(self.user_seller.id).web_save({"kehu_discount_limit": 8}, {"kehu_discount_limit": {}})
        self.assertEqual(self.user_seller.kehu_discount_limit, 8)
        with self.assertRaises(AccessError):
            self.user_seller.with_user(admin).write({"kehu_discount_limit": 9, "login": "taken"})
        self.product.product_tmpl_id.with_user(admin).write({"kehu_floor_price": 70})
        self.category.with_user(admin).write({"kehu_discount_limit": 7})
        for record, values in (
            (self.product.product_tmpl_id, {"kehu_floor_price": -1}),
            (self.product.product_tmpl_id, {"kehu_discount_limit": 101}),
            (self.category, {"kehu_floor_percent": 120}),
            (self.user_seller, {"kehu_discount_limit": -2}),
        ):
            with self.subTest(values=values), self.assertRaises(CheckViolation), self.env.cr.savepoint():
                record.write(values)
                self.env.flush_all()

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_customers_on_the_portal_do_not_read_them(self):
        self.product.kehu_floor_price = 80
        order = self._alert(self._line(70))
        portal = self._create_user_portal()
        order.sudo().partner_id = portal.partner_id
        order.sudo().message_subscribe(portal.partner_id.ids)
        order.sudo().action_quotation_sent()
        for name in ("kehu_price_alert", "kehu_price_alert_text"):
            with self.subTest(name), self.assertRaises(AccessError):
                order.with_user(portal).read([name])
        with self.assertRaises(AccessError):
            self.product.with_user(portal).read(["kehu_floor_price"])
        with self.assertRaises(AccessError):
            self.env["sale.order"].with_user(portal).search([("kehu_price_alert", "=", "floor")])
        self.assertFalse(self.env["sale.order"].with_user(portal).fields_get(["kehu_price_alert_text"]))

    def _create_user_portal(self):
        return (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create({"name": "Portal", "login": "kehu_price_portal", "group_ids": [Command.set(self.env.ref("base.group_portal").ids)]})
        )

    def test_nobody_writes_what_is_computed(self):
        """Neither by hand nor at creation: it decides who has to approve."""
        self.product.kehu_floor_price = 80
        order = self._alert(self._line(70))
        for values in ({"kehu_price_alert": "none"}, {"kehu_amount_company": 1.0}):
            with self.subTest(values=values), self.assertRaises(KehuEngineOnlyError), self.env.cr.savepoint():
                order.write(values)
            with self.subTest(values=values), self.assertRaises(KehuEngineOnlyError), self.env.cr.savepoint():
                self._alert(self._line(70), **values)
        orders = self.env["sale.order"].with_user(self.user_seller).with_context(default_kehu_price_alert="none")
        copy = orders.create({"partner_id": self.customer.id, "order_line": [self._line(70)]})
        self.assertEqual(copy.kehu_price_alert, "floor")

    # ------------------------------------------------------------
    # Words and dates of the lines
    # ------------------------------------------------------------

    def test_specification_and_delivery_date(self):
        self.product.product_tmpl_id.kehu_specification = "DN80 PN16"
        order = self._alert(self._line(), self._line(kehu_delivery_date="2030-03-01"), commitment_date="2030-02-01 08:00:00")
        first = order.order_line[0]
        self.assertEqual(first.kehu_specification, "DN80 PN16")
        self.assertEqual([str(line.kehu_delivery_date) for line in order.order_line], ["2030-02-01", "2030-03-01"])
        first.kehu_specification = "DN80 PN25"
        self.assertEqual(order.copy().order_line[0].kehu_specification, "DN80 PN25")
        self._submit(order)
        for values in ({"kehu_specification": "other"}, {"kehu_delivery_date": "2031-01-01"}):
            for env_order in (order, order.sudo()):
                with self.subTest(values=values), self.assertRaises(KehuApprovalFrozenError), self.env.cr.savepoint():
                    env_order.order_line[0].write(values)
        order.with_user(self.user_order_approver).kehu_approve()
        first.kehu_delivery_date = "2031-01-01"
        with self.assertRaises(KehuApprovalFrozenError), self.env.cr.savepoint():
            first.kehu_specification = "other"
        variant = self._variant()
        self.assertEqual(self._alert(self._line(product=variant)).order_line.kehu_specification, "DN80 PN16 Cast Iron")

    def _variant(self):
        attribute = self.env["product.attribute"].create(
            {"name": "Material", "value_ids": [Command.create({"name": "Cast Iron"}), Command.create({"name": "Steel"})]}
        )
        template = self.env["product.template"].create(
            {
                "name": "Pump in Two Kinds",
                "kehu_specification": "DN80 PN16",
                "attribute_line_ids": [Command.create({"attribute_id": attribute.id, "value_ids": [Command.set(attribute.value_ids.ids)]})],
            }
        )
        return template.product_variant_ids[0]

    def test_sale_type_and_delivery_terms(self):
        """Proposed by the company, taken from their own dictionary, and frozen with the order."""
        sale_type = self.env.ref("kehu_crm.kehu_sale_type_project")
        terms = self.env.ref("kehu_crm.kehu_delivery_terms_pickup")
        page = self.env["kehu.settings"].with_user(self.user_crm_admin).create({})
        page.write({"kehu_sale_type_id": sale_type.id, "kehu_delivery_terms_id": terms.id})
        order = self._create_order()
        self.assertEqual((order.kehu_sale_type_id, order.kehu_delivery_terms_id), (sale_type, terms))
        with self.assertRaises(KehuValidationError), self.env.cr.savepoint():
            order.kehu_sale_type_id = terms
        self._submit(order)
        with self.assertRaises(KehuApprovalFrozenError), self.env.cr.savepoint():
            order.kehu_delivery_terms_id = False
        terms.active = False
        self.assertFalse(self._create_order().kehu_delivery_terms_id)

    # ------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------

    def test_cost_does_not_grow(self):
        """Judging forty orders asks the database no more often than judging four."""
        self.product.kehu_floor_price = 80
        self.group.kehu_discount_limit = 5

        def cost(count):
            orders = self.env["sale.order"].with_user(self.user_seller)
            orders = orders.create([{"partner_id": self.customer.id, "order_line": [self._line(70), self._line(99)]}] * count)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env.add_to_compute(orders._fields["kehu_price_alert"], orders)
            self.env.flush_all()
            self.assertEqual(set(orders.mapped("kehu_price_alert")), {"floor"})
            self.assertTrue(all(orders.mapped("kehu_price_alert_text")))
            return self.env.cr.sql_log_count - before

        cost(2)
        few, many = cost(4), cost(40)
        self.assertLessEqual(many, few, f"{few} queries for 4 orders, {many} for 40")
