"""What goes along with a customer that changes hands: plans and to-dos always, documents when somebody wants it."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form, tagged

from ...models.pool import res_partner_bulk
from .common import PoolCommon


@tagged("post_install", "-at_install")
class TestPoolDocuments(PoolCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls._create_product()

    def _filled(self):
        """A customer with everything that can be open, and one order of a colleague."""
        customer = self._create_customer(owner=self.user_seller)
        contact = self._create_contact(customer)
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        mine = {"user_id": self.user_seller.id}
        leads = self.env["crm.lead"].create(
            [{"name": name, "partner_id": contact.id, "type": "opportunity", **mine} for name in ("Open", "Lost")]
        )
        leads[1].action_set_lost()
        line = Command.create({"product_id": self.product.id})
        orders = self.env["sale.order"].create(
            [
                {"partner_id": customer.id, "order_line": [line], **mine},
                {"partner_id": customer.id, "order_line": [line], **mine},
                {"partner_id": customer.id, "order_line": [line], "user_id": self.user_seller2.id},
            ]
        )
        events = self.env["calendar.event"].create(
            [
                {
                    "name": name,
                    "opportunity_id": leads[0].id,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "partner_ids": [Command.set(self.user_seller.partner_id.ids)],
                    **mine,
                }
                for name, start in (("Visit", tomorrow), ("Was There", tomorrow - timedelta(days=5)))
            ]
        )
        activities = [
            record.activity_schedule("mail.mail_activity_data_todo", user_id=self.user_seller.id)
            for record in (customer, contact, leads[0], orders[0])
        ]
        foreign = customer.activity_schedule("mail.mail_activity_data_todo", user_id=self.user_director.id)
        return {"customer": customer, "leads": leads, "orders": orders, "events": events, "activities": activities, "foreign": foreign}

    def _owners(self, filled):
        self.env.invalidate_all()
        return {
            "leads": [lead.user_id for lead in filled["leads"]],
            "orders": [order.user_id for order in filled["orders"]],
            "events": [event.user_id for event in filled["events"]],
            "attendees": [event.partner_ids for event in filled["events"]],
            "activities": [activity.exists().user_id for activity in filled["activities"]],
            "foreign": filled["foreign"].user_id,
        }

    def test_transfer_with_and_without_documents(self):
        old, new, colleague = self.user_seller, self.user_west_seller, self.user_seller2
        for many in (100, 1):
            for with_documents in (True, False):
                with self.subTest(many=many, with_documents=with_documents), patch.object(res_partner_bulk, "MANY", many):
                    filled = self._filled()
                    filled["customer"].with_user(old).kehu_transfer(new.id, "Moved", with_documents=with_documents)
                    to = new if with_documents else old
                    self.assertEqual(
                        self._owners(filled),
                        {
                            "leads": [to, old],
                            "orders": [to, to, colleague],
                            "events": [to, old],
                            "attendees": [to.partner_id, old.partner_id],
                            "activities": [new, new, to, to],
                            "foreign": self.user_director,
                        },
                    )

    def test_a_pending_order_goes_along_and_stays_pending(self):
        filled = self._filled()
        order = filled["orders"][0]
        order.with_user(self.user_seller).kehu_to_order()
        order.with_user(self.user_seller).kehu_submit(approver_id=self.user_order_approver.id)
        self.assertEqual(order.kehu_approval_state, "pending")
        filled["customer"].with_user(self.user_director).kehu_transfer(self.user_west_seller.id, "Moved", with_documents=True)
        self.assertEqual((order.user_id, order.kehu_approval_state), (self.user_west_seller, "pending"))

    def test_in_a_pool_to_dos_of_the_owner_go(self):
        filled = self._filled()
        filled["customer"].with_user(self.user_seller).kehu_return("No time")
        self.assertFalse(filled["activities"][0].exists() | filled["activities"][1].exists())
        self.assertTrue(filled["activities"][2].exists(), "the opportunity stays with its salesperson")
        self.assertTrue(filled["foreign"].exists())

    def test_the_dialog_says_how_many_documents_there_are(self):
        filled = self._filled()
        action = filled["customer"].with_user(self.user_seller).action_kehu_transfer()
        dialog = Form(self.env[action["res_model"]].with_user(self.user_seller).with_context(**action["context"]))
        self.assertEqual(dialog.document_count, 3)
        dialog.user_id = self.user_west_seller
        dialog.reason = "Moved"
        dialog.with_documents = False
        dialog.save().action_apply()
        self.assertEqual(filled["leads"][0].user_id, self.user_seller)
        self.assertOwner(filled["customer"], self.user_west_seller)

    def test_cost_does_not_grow_with_the_number_of_customers(self):
        def queries(count):
            customers = self.env["res.partner"].create(
                [{"name": f"Many {number}", "kehu_is_customer": True, "user_id": self.user_seller.id} for number in range(count)]
            )
            for customer in customers[::10]:
                customer.activity_schedule("mail.mail_activity_data_todo", user_id=self.user_seller.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            customers.with_user(self.user_director).kehu_transfer(self.user_seller2.id, "Holiday", with_documents=True)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(110)
        self.assertLessEqual(queries(330), queries(110) + 5)
