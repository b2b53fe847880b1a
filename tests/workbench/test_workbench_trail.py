"""One sale on one page: the steps, their time, who has it, and who may see that."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from ...models.workbench.exceptions import KehuWorkbenchRightsError
from .common import WorkbenchCommon


@tagged("post_install", "-at_install")
class TestWorkbenchTrail(WorkbenchCommon):
    def _trail(self, record, user=None):
        trails = self.env["kehu.sale.trail"].with_user(user or self.user_east_manager).with_context(lang="en_US")
        return trails.get_trail(record._name, record.id)

    def _sale(self):
        lead = self.env["crm.lead"].create(
            {
                "name": "Pumps",
                "type": "opportunity",
                "user_id": self.user_seller.id,
                "partner_id": self.customer.id,
                "expected_revenue": 500.0,
            }
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE crm_lead SET create_date = create_date - interval '10 days' WHERE id = %s", [lead.id])
        self.env.invalidate_all()
        return lead

    def _order(self, lead):
        return (
            self.env["sale.order"]
            .with_user(self.user_seller)
            .create(
                {
                    "partner_id": self.customer.id,
                    "opportunity_id": lead.id,
                    "kehu_document": "order",
                    "order_line": [Command.create({"product_id": self.product.id})],
                }
            )
        )

    def _now(self, trail):
        return [step["name"] for step in trail["steps"] if step["state"] == "now"]

    def test_from_the_lead_to_the_money(self):
        self._flow("sale.order", self.user_order_approver)
        lead = self._sale()
        trail = self._trail(lead)
        self.assertEqual((self._now(trail), trail["holder"], trail["days"]), (["opportunity"], self.user_seller.name, 10.0))
        order = self._order(lead)
        trail = self._trail(lead)
        self.assertEqual(self._now(trail), ["quote"])
        self.assertEqual(trail["steps"][0]["days"], 10.0, "so long it was an opportunity")
        order.kehu_submit()
        trail = self._trail(lead)
        self.assertEqual((self._now(trail), trail["holder"]), (["approval"], self.user_order_approver.name))
        order.with_user(self.user_order_approver).kehu_approve()
        if order.state != "sale":
            order.action_confirm()
        trail = self._trail(order)
        self.assertEqual(trail["name"], "Pumps", "an order leads to its opportunity")
        self.assertIn(self._now(trail)[0], ("delivery", "invoice"))
        states = {step["name"]: step["state"] for step in trail["steps"]}
        self.assertEqual([states[name] for name in ("opportunity", "quote", "approval", "order")], ["done"] * 4)
        self._invoice(order.sudo())
        trail = self._trail(lead)
        invoice = next(step for step in trail["steps"] if step["name"] == "invoice")
        self.assertEqual((invoice["state"], bool(invoice["until"])), ("done", True))
        self.assertEqual(self._now(trail), ["delivery"], "invoiced before it is shipped")
        self.assertTrue(all(step["days"] >= 0 for step in trail["steps"]))

    def test_after_the_sale(self):
        """Whoever asks the customer how it went ends the course; nobody has to for the sale to be over."""
        self.env["kehu.approval.flow"].search([("model_id.model", "=", "sale.order")]).active = False
        order = self._create_order(2)
        move = self._invoice(order.sudo(), post=False)
        move.invoice_date = self._ago(9)
        move.action_post()

        def after_the_sale():
            trail = self._trail(order)
            return trail, next(step for step in trail["steps"] if step["name"] == "service")

        trail, service = after_the_sale()
        self.assertEqual((service["state"], service["documents"], service["holder"]), ("none", [], False))
        self.assertNotEqual(self._now(trail), ["service"])
        records = self.env["kehu.contact.record"].with_user(self.user_seller)
        days = {"Before": 10, "First": 4, "Second": 1}
        values = {"partner_id": self.customer.id}
        made = {name: records.create({**values, "content": name, "date": self._ago(day)}) for name, day in days.items()}
        trail, service = after_the_sale()
        self.assertEqual([document["id"] for document in service["documents"]], [made["First"].id, made["Second"].id])
        self.assertEqual((service["state"], service["days"]), ("done", 5.0))
        self.assertEqual(service["documents"][0]["note"], self.user_seller.name)

    @staticmethod
    def _ago(days):
        return fields.Date.today() - timedelta(days=days)

    def test_an_order_without_an_opportunity(self):
        self.env["kehu.approval.flow"].search([("model_id.model", "=", "sale.order")]).active = False
        order = self._create_order(2)
        names = [step["name"] for step in self._trail(order)["steps"]]
        self.assertEqual(names[0], "quote")
        self.assertNotIn("opportunity", names)

    def test_lost_is_over(self):
        lead = self._sale()
        lead.action_set_lost()
        trail = self._trail(lead)
        self.assertEqual((trail["is_over"], trail["holder"], self._now(trail)), (True, False, []))
        self.assertGreaterEqual(trail["days"], 9.9)
        self.assertLess(fields.Datetime.to_datetime(trail["steps"][0]["since"]), fields.Datetime.now() - timedelta(days=9))

    def test_only_managers_and_only_their_sales(self):
        lead = self._sale()
        self.assertTrue(self._trail(lead, self.user_director))
        west = self.env["crm.lead"].create({"name": "West", "type": "opportunity", "user_id": self.user_west_seller.id})
        self.assertTrue(self._trail(west, self.user_director))
        for user, record in ((self.user_seller, lead), (self.user_service, lead), (self.user_east_manager, west)):
            with self.subTest(user=user.name), self.assertRaises(KehuWorkbenchRightsError):
                self._trail(record, user)
        trails = self.env["kehu.sale.trail"].with_user(self.user_director)
        for model, number in (("res.users", 1), ("crm.lead", 0), ("crm.lead", "1"), ("nonsense", 1)):
            with self.subTest(model=model), self.assertRaises(KehuWorkbenchRightsError):
                trails.get_trail(model, number)
