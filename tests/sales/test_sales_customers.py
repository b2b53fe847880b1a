"""For which customers documents are made, who moves them on, and what they do to the customer."""

from contextlib import suppress
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.approval.guard import change_openly
from ...models.sales.exceptions import (
    KehuCustomerAccessError,
    KehuOrderError,
    KehuOrderRightError,
    KehuOwnersMergeError,
    KehuUnclaimedCustomerError,
)
from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestSalesCustomers(ApprovalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.waiting = cls._create_customer(name="Waiting Works")

    # -- customers in a pool -------------------------------------------------------------------------------------------

    def test_customers_of_a_pool_are_claimed_first(self):
        contact = self._create_contact(self.waiting)
        lead = self.env["crm.lead"].with_user(self.user_seller).create({"name": "Own", "partner_id": self.customer.id})
        orders, order = self.env["sale.order"].with_user(self.user_seller), self.order.with_user(self.user_seller)
        line = [Command.create({"product_id": self.product.id})]
        attempts = {
            "opportunity": lambda: lead.create({"name": "New", "partner_id": self.waiting.id}),
            "opportunity by default": lambda: lead.with_context(default_partner_id=contact.id).create({"name": "New"}),
            "opportunity moved": lambda: lead.write({"partner_id": contact.id}),
            "opportunity form": lambda: lead.browse().onchange({"partner_id": self.waiting.id}, ["partner_id"], {"partner_id": {}}),
            "quote": lambda: orders.create({"partner_id": self.waiting.id, "order_line": line}),
            "quote moved": lambda: order.write({"partner_id": contact.id}),
            "goods for": lambda: order.write({"partner_shipping_id": contact.id}),
            "quote form": lambda: orders.browse().onchange({"partner_id": contact.id}, ["partner_id"], {"partner_id": {}}),
        }
        for label, attempt in attempts.items():
            with self.subTest(label), self.assertRaises(KehuUnclaimedCustomerError) as caught, self.env.cr.savepoint():
                attempt()
            for text in (self.waiting.name, self.waiting.kehu_pool_id.name, "Claim it first"):
                self.assertIn(text, str(caught.exception))
        self.waiting.with_user(self.user_seller).kehu_claim()
        self.assertTrue(orders.create({"partner_id": contact.id, "order_line": line}))

    def test_managers_and_the_system_may(self):
        """A manager keeps pool customers up to date and may write a quote for one; so may the mail gateway."""
        for user in (self.user_east_manager, self.user_director, self.user_crm_admin):
            with self.subTest(user=user.login):
                self.assertTrue(self.env["crm.lead"].with_user(user).create({"name": "New", "partner_id": self.waiting.id}))
                self.assertTrue(self.env["sale.order"].with_user(user).create({"partner_id": self.waiting.id}))
        self.assertTrue(self.env["sale.order"].with_user(self.user_seller).sudo().create({"partner_id": self.waiting.id}))

    def test_a_customer_given_back_takes_its_quotes_out_of_reach(self):
        """What is left of a customer that went to the pool can neither be submitted nor, without a flow, be confirmed."""
        self.customer.kehu_return("No time")
        self.env.invalidate_all()
        order = self.order.with_user(self.user_seller)
        self.assertFalse(order.kehu_can_submit)
        self.assertIn("Claim it first", order.kehu_approval_hint)
        with self.assertRaises(KehuUnclaimedCustomerError), self.env.cr.savepoint():
            order.kehu_submit(self.user_order_approver.id)
        flow = self.env.ref("kehu_crm.kehu_approval_flow_order")
        flow.active = False
        with self.assertRaisesRegex(UserError, "Claim it first"), self.env.cr.savepoint():
            order.action_confirm()
        flow.active = True
        self.customer.with_user(self.user_seller).kehu_claim()
        order.kehu_submit(self.user_order_approver.id)
        self.assertEqual(order.kehu_approval_state, "pending")

    def test_editing_a_quote_leaves_its_customer_alone(self):
        """The last deal is that of confirmed orders: a line of a quote has nothing of the customer computed, one of an order has."""
        order = self._create_order()
        self.env.flush_all()
        # two of the queries are for the log
        with patch.object(self.registry["res.partner"], "_compute_kehu_last_deal") as compute, self.assertQueryCount(12):
            for price in (700, 800):
                order.order_line.price_unit = price
                self.env.flush_all()
        compute.assert_not_called()
        self.env["kehu.approval.flow"].search([]).active = False
        order = self._create_order()
        order.action_confirm()
        self.assertTrue(self.customer.kehu_last_deal)
        order.order_line.price_unit = 0
        self.env.flush_all()
        self.assertFalse(self.customer.kehu_last_deal)
        order.order_line.price_unit = 5
        self.env.flush_all()
        self.assertTrue(self.customer.kehu_last_deal)

    def test_mail_to_a_customer_in_the_pool_is_sent(self):
        self.waiting.email = "works@example.com"
        lead = self.env["crm.lead"].with_user(self.user_seller).create({"name": "Mail", "email_from": "works@example.com"})
        lead.partner_id = False
        words = "Hello"
        lead.message_post(body=words, partner_ids=self.waiting.ids, message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertFalse(lead.partner_id)

    # -- the line of the owner -----------------------------------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_finance_moves_no_order(self):
        """Accountants write on orders in order to invoice them; their life is for the owner's line."""
        self._approve()
        draft, cancelled = self._create_order(), self._create_order()
        cancelled.action_cancel()
        finance = self.user_finance
        attempts = {
            "cancel": (self.order, lambda order: order.action_cancel()),
            "cancel by hand": (self.order, lambda order: order.write({"state": "cancel"})),
            "cancel a draft": (draft, lambda order: order._action_cancel()),
            "reopen": (cancelled, lambda order: order.action_draft()),
            "mark as sent": (draft, lambda order: order.action_quotation_sent()),
            "to quote": (draft, lambda order: order.kehu_to_quote()),
            "submit": (draft, lambda order: order.kehu_submit(self.user_order_approver.id)),
            "take over": (self.order, lambda order: order.write({"user_id": self.user_finance.id})),
            "take a draft over": (draft, lambda order: order.write({"user_id": self.user_finance.id})),
            "leave to nobody": (draft, lambda order: order.write({"user_id": False})),
            "to quote by hand": (draft, lambda order: order.write({"kehu_document": "quote"})),
        }
        for label, (order, attempt) in attempts.items():
            with self.subTest(label), self.assertRaises(KehuOrderRightError) as caught, self.env.cr.savepoint():
                attempt(order.with_user(finance))
            self.assertIn(order.name, str(caught.exception))
            self.assertIn(self.user_seller.name, str(caught.exception))
        order = self.order.with_user(finance)
        self.assertEqual((order.kehu_can_edit, order.kehu_can_invoice), (False, True))
        self.assertTrue(order._create_invoices())

    def test_the_line_of_the_owner_cancels(self):
        for user in (self.user_seller, self.user_east_manager, self.user_sales_manager, self.user_director, self.user_crm_admin):
            with self.subTest(user=user.login):
                order = self._approve(self._create_order()).with_user(user)
                self.assertTrue(order.kehu_can_edit)
                order.action_cancel()
                self.assertEqual((order.state, order.kehu_approval_state), ("cancel", "draft"))

    def test_a_confirmed_order_keeps_its_customer(self):
        """Also one that needed no approval; by each door. A contact of the same customer is the same customer."""
        self.env["kehu.approval.flow"].search([]).active = False
        other = self._create_customer(self.user_seller, name="Wuxi Fans")
        outside = self.env["res.partner"].create({"name": "Nobody's"})
        contact = self._create_contact(self.customer)
        self.order.partner_id = other
        self.order.partner_id = self.customer
        self.order.action_confirm()
        for partner in (other, outside, self._create_contact(other)):
            for attempt in (
                lambda partner=partner: self.order.write({"partner_id": partner.id}),
                lambda partner=partner: self.order.with_user(self.user_director).write({"partner_id": partner.id}),
                lambda partner=partner: self.order.sudo().write({"partner_id": partner.id}),
                lambda partner=partner: self.order.load([".id", "partner_id/.id"], [[str(self.order.id), str(partner.id)]]),
            ):
                with self.subTest(partner=partner.name), suppress(KehuOrderError), self.env.cr.savepoint():
                    attempt()
                self.assertEqual(self.order.sudo().partner_id, self.customer)
        with self.assertRaisesRegex(KehuOrderError, "is confirmed and stays with “Suzhou Science Park”"), self.env.cr.savepoint():
            self.order.partner_id = other
        self.env.invalidate_all()
        with self.assertRaises(AccessError) as caught, self.env.cr.savepoint():
            self.order.with_user(self.user_seller2).write({"partner_id": other.id})
        self.assertNotIn("Suzhou Science Park", str(caught.exception), "whoever may not see the order learns nothing of it")
        self.order.partner_id = contact
        self.assertEqual(self.order.sudo().kehu_customer_id, self.customer)
        change_openly(self.order.sudo(), "The customer was split up").partner_id = other
        self.assertEqual(self.order.sudo().partner_id, other)

    def test_only_open_orders_change_into_quotes_and_back(self):
        self.env["kehu.approval.flow"].search([]).active = False
        self.order.action_confirm()
        cancelled = self._create_order()
        cancelled.action_cancel()
        for order, document in ((self.order, "quote"), (cancelled, "quote" if cancelled.kehu_document == "order" else "order")):
            for values in ({"kehu_document": document}, {"kehu_document": document, "state": order.state}):
                with self.subTest(order=order.state, values=values), self.assertRaisesRegex(KehuOrderError, "only open quotes"):
                    order.write(values)

    def test_lines_go_to_no_order_out_of_reach(self):
        theirs = self._create_order(user=self.user_director, user_id=self.user_director.id)
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            self.order.order_line.with_user(self.user_seller).write({"order_id": theirs.id})

    def test_who_may_invoice_can(self):
        """The button is there for those, and only those, for whom it works."""
        self._approve()
        for user, may in ((self.user_seller, True), (self.user_finance, True), (self.user_order_approver, False)):
            with self.subTest(user=user.login):
                order = self.order.with_user(user)
                self.assertEqual(order.kehu_can_invoice, may)
                if may:
                    with self.env.cr.savepoint() as savepoint:
                        wizard = (
                            self.env["sale.advance.payment.inv"]
                            .with_user(user)
                            .with_context(active_model="sale.order", active_ids=order.ids)
                            .create({"advance_payment_method": "delivered"})
                        )
                        action = wizard.create_invoices()
                        invoice = self.env["account.move"].with_user(user).browse(action["res_id"])
                        self.assertEqual(invoice.amount_total, order.amount_total)
                        savepoint.close(rollback=True)
                        self.env.invalidate_all()

    # -- what an order does to the customer ----------------------------------------------------------------------------

    def test_who_orders_is_won(self):
        """At the confirmation; neither payment nor cancellation moves the stage back."""
        for stage in ("potential", "interested", "dormant", "lost", "won"):
            with self.subTest(stage):
                self.customer.kehu_stage = stage
                order = self._submit(self._create_order(partner_id=self._create_contact(self.customer).id))
                self.assertEqual(self.customer.kehu_stage, stage, "submitted only")
                order.with_user(self.user_order_approver).kehu_approve()
                self.assertEqual(self.customer.kehu_stage, "won")
                order.action_cancel()
                self.assertEqual(self.customer.kehu_stage, "won")

    # -- what documents show of partners -------------------------------------------------------------------------------

    def test_details_of_a_partner_are_for_its_readers(self):
        """With `show_address` and the like a client asks any many2one for more than a name."""
        foreign = self._create_customer(
            self.user_west_seller, name="West Harbour", street="Pier 1", email="pier@example.com", phone="0512-1", vat="CN1234"
        )
        details = {"show_address": True, "show_email": True, "show_vat": True}
        self.order.sudo().partner_id = foreign
        order = self.order.with_user(self.user_seller).with_context(**details)
        seller = order.env
        self.env.invalidate_all()
        shown = str(order.read(["partner_id"])) + str(
            order.web_read({"partner_id": {"fields": {"display_name": {}}, "context": {**details, "formatted_display_name": True}}})
        )
        shown += str(
            seller["mail.message"].onchange(
                {"author_id": foreign.id}, [], {"author_id": {"fields": {"display_name": {}}, "context": details}}
            )
        )
        self.assertIn("West Harbour", shown)
        for secret in ("Pier 1", "pier@example.com", "CN1234"):
            self.assertNotIn(secret, shown)
        reader = self.order.with_user(self.user_sales_manager).with_context(**details).read(["partner_id"])
        self.assertIn("Pier 1", str(reader))
        own = self._create_order().with_context(**details)
        own.partner_id.street = "Lake Road 8"
        self.assertIn("Lake Road 8", str(own.read(["partner_id"])))
        printed = seller["ir.qweb.field.contact"].value_to_html(order.partner_id, {"fields": ["address"]})
        self.assertIn("Pier 1", printed, "the print of one's own document is complete")

    def test_opportunities_nested_in_other_forms(self):
        """The onchange of another model computes what an unsaved opportunity in it shows, as the system."""
        foreign = self._create_customer(self.user_west_seller, name="West Harbour", phone="0512-5550000", street="Pier 1")
        lead = self.env["crm.lead"].with_user(self.user_seller).create({"name": "Own", "partner_id": self.customer.id})
        partners = self.env["res.partner"].with_user(self.user_seller)
        for name in ("kehu_opportunity_ids", "opportunity_ids"):
            spec = {name: {"fields": {"phone": {}, "street": {}, "partner_id": {}}}}
            for record in (partners, self.customer.with_user(self.user_seller)):
                for command in ([0, "virtual", {"name": "Spy", "partner_id": foreign.id}], [1, lead.id, {"partner_id": foreign.id}]):
                    for changed in ([], [name]):
                        with self.subTest(name=name, command=command[0], saved=bool(record), changed=changed):
                            with self.assertRaises(KehuCustomerAccessError):
                                record.onchange({name: [command]}, changed, spec)
        own = partners.onchange(
            {"kehu_opportunity_ids": [[0, "virtual", {"name": "Own", "partner_id": self.customer.id}]]},
            [],
            {"kehu_opportunity_ids": {"fields": {"partner_id": {}}}},
        )
        self.assertIn(str(self.customer.id), str(own))

    # -- merging -------------------------------------------------------------------------------------------------------

    def test_a_merge_changes_no_owner(self):
        colleague = self._create_customer(self.user_seller2, name="Park Ltd.")
        merge = self.env["base.partner.merge.automatic.wizard"].create({})
        for goes, stays in ((colleague, self.customer), (self.customer, self.waiting)):
            with self.subTest(goes=goes.name), self.assertRaises(KehuOwnersMergeError) as caught, self.env.cr.savepoint():
                merge._merge((goes | stays).ids, stays)
            for name in (goes.name, goes.user_id.name, stays.name):
                self.assertIn(name, str(caught.exception))
        sellers = merge.with_user(self.user_seller).sudo().create({}).sudo(False)
        self.user_seller.group_ids = [Command.link(self.env.ref("base.group_partner_manager").id)]
        contact = self._create_contact(self.waiting)
        for goes, stays in ((self.waiting, self.customer), (contact, self._create_contact(self.customer))):
            (goes | stays).sudo().email = "same@example.com"
            with self.subTest(goes=goes.name), self.assertRaisesRegex(KehuOwnersMergeError, "claim it first"):
                sellers._merge((goes | stays).ids, stays)
        merge._merge((self.waiting | self.customer).ids, self.customer)
        self.assertFalse(self.waiting.exists())
        self.assertEqual(self.customer.user_id, self.user_seller)

    def test_whoever_merges_may_change_the_customers(self):
        """A service agent with the host's role of the address book reads all customers, and merges none away."""
        twin = self._create_customer(self.user_seller, name=self.customer.name)
        contact = self._create_contact(self.customer)
        plain = self.env["res.partner"].create([{"name": "Of the Address Book"}, {"name": "Of the Address Book"}])
        self.user_service.group_ids = [Command.link(self.env.ref("base.group_partner_manager").id)]
        wizards = self.env["base.partner.merge.automatic.wizard"].with_user(self.user_service)
        person = self.env["res.partner"].create({"name": contact.name, "parent_id": plain[0].id})
        for pair in (twin | self.customer, contact | self._create_contact(twin), person | contact):
            with self.subTest(kept=pair[0].name):
                merge = wizards.create({"partner_ids": [Command.set(pair.ids)], "dst_partner_id": pair[0].id})
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    merge.action_merge()
                self.assertEqual(pair.exists(), pair)
        wizards.create({"partner_ids": [Command.set(plain.ids)], "dst_partner_id": plain[0].id}).action_merge()
        self.assertEqual(plain.exists(), plain[0])

    def test_documents_that_merging_brings_in_need_approval(self):
        plain = self.env["res.partner"].create({"name": "Park of the Address Book"})
        order = self._create_order(partner_id=plain.id, user_id=self.user_seller.id)
        lead = self.env["crm.lead"].create({"name": "Old", "partner_id": plain.id})
        self.assertFalse(order.kehu_approval_required)
        self.env["base.partner.merge.automatic.wizard"].create({})._merge((plain | self.customer).ids, self.customer)
        self.env.invalidate_all()
        self.assertEqual((order.kehu_customer_id, lead.kehu_customer_id), (self.customer, self.customer))
        self.assertTrue(order.kehu_approval_required)
