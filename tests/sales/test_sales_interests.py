"""What a customer is interested in becomes the lines of a quote."""

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.customer.exceptions import KehuInterestError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestSalesInterests(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(owner=cls.user_seller)
        cls.contact = cls._create_contact(cls.customer)
        cls.machines = cls.env["product.category"].create({"name": "Machines (test)"})
        cls.pump = cls._create_product(name="Pump 5", price=120.0)
        cls.valve = cls._create_product(name="Valve 9", price=30.0)
        interests = cls.env["kehu.product.interest"].with_user(cls.user_seller)
        cls.of_pump, cls.of_machines, cls.dropped = interests.create(
            [
                {"partner_id": cls.customer.id, "product_id": cls.pump.id, "quantity": 4, "date": "2026-09-01"},
                {"partner_id": cls.customer.id, "category_id": cls.machines.id, "note": "Before the summer", "date": "2026-09-02"},
                {"partner_id": cls.customer.id, "product_id": cls.valve.id, "state": "dropped"},
            ]
        )

    def _open(self, action, user=None):
        """Save the quote that an action opens, as a form does."""
        orders = self.env[action["res_model"]].with_user(user or self.user_seller).with_context(**action["context"])
        return Form(orders).save()

    def test_a_quote_from_interests(self):
        interests = self.of_pump | self.of_machines | self.dropped
        for label, action in {
            "interests": interests.action_kehu_quote(),
            "customer": self.customer.with_user(self.user_seller).action_kehu_quote_interests(),
        }.items():
            with self.subTest(route=label):
                before = self.env["sale.order"].search_count([("partner_id", "=", self.customer.id)])
                quote = self._open(action)
                self.assertEqual((quote.partner_id, quote.user_id), (self.customer, self.user_seller))
                line, note = quote.order_line
                self.assertEqual((line.product_id, line.product_uom_qty, line.price_unit), (self.pump, 4.0, 120.0))
                self.assertEqual((note.display_type, note.name), ("line_note", "Asked for 1.00 of “Machines (test)”\nBefore the summer"))
                self.assertFalse(quote.kehu_interest_count)
                self.assertEqual(self.env["sale.order"].search_count([("partner_id", "=", self.customer.id)]), before + 1)
        self.assertEqual(self.of_pump.state, "open")

    def test_interests_are_added_to_a_quote(self):
        quote = self.env["sale.order"].with_user(self.user_seller).create({"partner_id": self.contact.id})
        self.assertEqual(quote.kehu_interest_count, 2)
        quote.action_kehu_add_interests()
        self.assertEqual(quote.order_line.product_id, self.pump)
        self.assertEqual((len(quote.order_line), quote.kehu_interest_count), (2, 0))
        with self.assertRaisesRegex(KehuInterestError, "nothing to add"):
            quote.action_kehu_add_interests()
        # a product of the category is what they asked for
        pump = self._create_product(
            name="Machine 1", categ_id=self.env["product.category"].create({"name": "X", "parent_id": self.machines.id}).id
        )
        other = (
            self.env["sale.order"]
            .with_user(self.user_seller)
            .create({"partner_id": self.customer.id, "order_line": [(0, 0, {"product_id": pump.id})]})
        )
        self.assertEqual(other.kehu_interest_count, 1)
        other.action_cancel()
        self.assertFalse(other.kehu_interest_count)
        with self.assertRaises(KehuInterestError):
            other.action_kehu_add_interests()

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_who_may(self):
        other = self._create_customer(owner=self.user_seller, name="Other")
        theirs = self.env["kehu.product.interest"].with_user(self.user_seller).create({"partner_id": other.id, "product_id": self.pump.id})
        with self.assertRaisesRegex(KehuInterestError, "one customer"):
            (self.of_pump | theirs).action_kehu_quote()
        with self.assertRaisesRegex(KehuInterestError, "no open interest"):
            self.dropped.action_kehu_quote()
        for role in ("seller2", "west_seller", "employee"):
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    self.of_pump.with_user(user).action_kehu_quote()
                with self.assertRaises(AccessError):
                    self.customer.with_user(user).action_kehu_quote_interests()
        with self.assertRaises(AccessError):  # reads interests, makes no quotes
            self.of_pump.with_user(self.user_service).action_kehu_quote()
        # a quote that one may read tells nothing of interests that one may not
        quote = self.env["sale.order"].with_user(self.user_seller2).create({"partner_id": self.env.company.partner_id.id})
        self.assertFalse(quote.kehu_interest_count)

    def test_one_query_for_many_quotes(self):
        quotes = self.env["sale.order"].with_user(self.user_seller).create([{"partner_id": self.customer.id} for _number in range(12)])

        def queries(orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(set(orders.mapped("kehu_interest_count")), {2})
            return self.cr.sql_log_count - before

        queries(quotes[:2])
        self.assertEqual(queries(quotes[:2]), queries(quotes))
