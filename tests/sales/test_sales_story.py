"""From an opportunity to a confirmed order, as the people of the company live it."""

from lxml import etree
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ...models.approval.exceptions import (
    KehuApprovalDeciderError,
    KehuApprovalError,
    KehuApprovalFrozenError,
    KehuApprovalOpinionError,
    KehuApprovalTransitionError,
)
from ..common import KehuCommon

FORMS = {"sale.order": "sale.view_order_form", "crm.lead": "crm.crm_lead_view_form"}


@tagged("post_install", "-at_install")
class TestSalesStory(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("kehu_crm.group_kehu_order_approver").user_ids = cls.user_order_approver  # the only one

    def test_opportunity_to_confirmed_order(self):
        park = self._create_customer(self.user_seller, name="Suzhou Science Park")
        pump, hose = self._create_product(100.0, name="Pump"), self._create_product(20.0, name="Hose")

        # The seller has an opportunity with the customer and makes a quote with two products from it.
        lead = self.env["crm.lead"].with_user(self.user_seller).create({"name": "New wing", "type": "opportunity", "partner_id": park.id})
        self.assertEqual(lead.user_id, self.user_seller)
        self.assertEqual(lead.kehu_department_id, self.department_east)
        action = lead.action_new_quotation()
        with Form(self.env["sale.order"].with_user(self.user_seller).with_context(**action["context"])) as form:
            self.assertEqual(form.partner_id, park)
            with form.order_line.new() as line:
                line.product_id = pump
                line.product_uom_qty = 2
            with form.order_line.new() as line:
                line.product_id = hose
        quote = form.save()
        self.assertEqual((quote.kehu_document, quote.amount_total), ("quote", 220.0))
        self.assertEqual((quote.opportunity_id, quote.user_id, quote.kehu_customer_id), (lead, self.user_seller, park))

        # A quote of a CRM customer is not confirmed by a button; the form says what comes first.
        with self.assertRaisesRegex(UserError, "Convert it to an order and submit it"):
            quote.action_confirm()
        self.assertIn("still a quote", quote.kehu_approval_hint)

        # It becomes an order; there is one approver, so nobody has to be chosen.
        quote.kehu_to_order()
        order = quote
        self.assertTrue(order.kehu_can_submit)
        wizard = self._open_wizard(order.action_kehu_submit(), self.user_seller)
        self.assertEqual(wizard.approver_id, self.user_order_approver)
        wizard.comment = "Needed this week"
        wizard.action_submit()
        self.assertEqual((order.kehu_approval_state, order.kehu_progress, order.state), ("pending", "pending", "draft"))

        # While it waits, nobody changes it, and the seller does not decide on it.
        with self.assertRaises(KehuApprovalFrozenError):
            order.order_line[0].product_uom_qty = 1
        with self.assertRaises(KehuApprovalDeciderError):
            order.kehu_approve()
        with self.assertRaisesRegex(UserError, "waits for approval by Order Approver"):
            order.action_confirm()

        # The approver finds it in the list and in the activities, and rejects it with an opinion.
        waiting = (
            self.env["kehu.approval.request"]
            .with_user(self.user_order_approver)
            .search([("decider_ids", "in", self.user_order_approver.ids)])
        )
        self.assertEqual(waiting.mapped("name"), [order.name])
        self.assertIn("Suzhou Science Park", waiting.subject)
        self.assertEqual(order.activity_ids.user_id, self.user_order_approver)
        asked = self.as_user(order, self.user_order_approver)
        self.assertTrue(asked.kehu_can_decide)
        with self.assertRaises(KehuApprovalOpinionError):
            asked.kehu_reject(" ")
        wizard = self._open_wizard(waiting.action_reject(), self.user_order_approver)
        wizard.comment = "Two pumps are too many"
        wizard.action_decide()
        self.assertEqual((order.kehu_approval_state, order.kehu_progress), ("rejected", "rejected"))
        self.assertIn("Two pumps are too many", order.kehu_approval_hint)
        self.assertFalse(order.activity_ids)
        self.assertFalse(waiting.decider_ids)

        # The seller corrects it and submits it again; the approver approves, which confirms it.
        order.order_line[0].product_uom_qty = 1
        order.kehu_submit(self.user_order_approver.id, "One pump")
        asked.kehu_approve("Fine")
        self.assertEqual((order.kehu_approval_state, order.state, order.kehu_progress), ("approved", "sale", "approved"))
        self.assertEqual(order.amount_total, 120.0)
        self.assertEqual(lead.sale_order_count, 1)
        timeline = str(order.kehu_approval_timeline)
        for text in ("One pump", "Fine", "Two pumps are too many", "Needed this week"):
            self.assertIn(text, timeline)

        # It is decided: neither again, nor changed afterwards.
        with self.assertRaises(KehuApprovalTransitionError):
            asked.kehu_approve()
        with self.assertRaises(KehuApprovalFrozenError):
            order.order_line[0].price_unit = 1.0

    def test_portal_signature_waits_for_approval(self):
        """The customer signs online: the order is not confirmed, the salesperson is told to submit it."""
        order = self._create_order(self._create_customer(self.user_seller))
        order.action_quotation_sent()
        order.sudo()._validate_order()
        self.assertEqual(order.state, "sent")
        self.assertEqual(order.activity_ids.user_id, self.user_seller)
        order.kehu_to_order()
        order.with_user(self.user_seller).kehu_submit()
        order.sudo()._validate_order()
        self.assertEqual(order.state, "sent")
        order.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(order.state, "sale")

    def test_other_partners_stay_as_the_host_has_them(self):
        partner = self.env["res.partner"].create({"name": "No CRM customer"})
        order = self._create_order(partner)
        self.assertFalse(order.kehu_approval_required)
        salesman = new_test_user(self.env, "kehu_host_salesman", groups="sales_team.group_sale_salesman_all_leads", lang="en_US")
        order.with_user(salesman).action_confirm()
        self.assertEqual((order.state, order.kehu_approval_state, order.kehu_document), ("sale", "draft", "order"))
        self.assertEqual(order.kehu_progress, "confirmed", "nobody approved it")
        order.order_line.product_uom_qty = 5
        self.assertEqual(order.amount_total, 500.0)
        with self.assertRaisesRegex(KehuApprovalError, "confirmed or cancelled|needs no approval"):
            order.with_user(self.user_seller).kehu_submit()

    def test_salespeople_confirm_no_order_outside_the_crm(self):
        """It would pass approval and receivables by; whichever way it is confirmed."""
        partner = self.env["res.partner"].create({"name": "No CRM customer"})
        for user in (self.user_seller, self.user_director):
            order = self._create_order(partner).with_user(user)
            for attempt in (
                order.action_confirm,
                lambda order=order: order.write({"state": "sale"}),
                lambda order=order: order.create({"partner_id": partner.id, "state": "sale"}),
            ):
                with self.assertRaisesRegex(UserError, "No CRM customer.*Make it a CRM customer first"), self.env.cr.savepoint():
                    attempt()
        for confirmed in (self._create_order(partner).sudo(), self._create_order(partner).with_user(self.user_crm_admin)):
            confirmed.action_confirm()
            self.assertEqual((confirmed.state, confirmed.kehu_progress), ("sale", "confirmed"))

    def test_nobody_signs_an_order_past_the_crm(self):
        """Whoever wrote it has its link, too, and could sign on the portal in the customer's name."""
        partner = self.env["res.partner"].create({"name": "No CRM customer"})
        values = {"partner_id": partner.id, "order_line": [Command.create({"product_id": self._create_product().id})]}
        public = self.env.ref("base.public_user")
        for maker, owner in ((self.user_seller, self.user_seller), (self.user_seller, False), (self.user_crm_admin, self.user_seller)):
            order = self.env["sale.order"].with_user(maker).create({**values, "user_id": owner and owner.id})
            order.with_user(public).sudo()._validate_order()
            self.assertEqual(order.state, "draft")
            self.assertEqual(order.activity_ids.user_id, self.user_seller)
        for maker in (public, self.user_crm_admin):  # a visitor of a shop; who may confirm it anyway
            order = self.env["sale.order"].with_user(maker).sudo().create({**values, "user_id": maker == public and self.user_seller.id})
            order.with_user(public).sudo()._validate_order()
            self.assertEqual(order.state, "sale")

    def test_a_customer_made_of_an_opportunity_is_the_crms(self):
        """Opportunity → New Quotation → create a new customer: the company is a customer of the salesperson, the person its contact."""
        for values, name, contacts in (
            ({"partner_name": "全新公司", "contact_name": "王五"}, "全新公司", ["王五"]),
            ({"contact_name": "赵六"}, "赵六", []),
        ):
            lead = self.env["crm.lead"].with_user(self.user_seller).create({"name": "New", "type": "opportunity", **values})
            wizard = self.env["crm.quotation.partner"].with_user(self.user_seller).with_context(active_model="crm.lead", active_id=lead.id)
            wizard.create({"action": "create"}).action_apply()
            customer = lead.partner_id.kehu_customer_id
            self.assertEqual((customer.name, customer.user_id), (name, self.user_seller))
            self.assertTrue(customer.ref)
            self.assertEqual(customer.kehu_contact_ids.mapped("name"), contacts)
            self.assertNotIn("kehu_new_customer", lead.partner_id.env.context)
            order = self._create_order(lead.partner_id, opportunity_id=lead.id)
            self.assertEqual(order.kehu_customer_id, customer)
            with self.assertRaisesRegex(UserError, "needs approval"), self.env.cr.savepoint():
                order.action_confirm()

    def test_others_make_partners_as_the_host_has_them(self):
        salesman = new_test_user(self.env, "kehu_host_salesman", groups="sales_team.group_sale_salesman,base.group_partner_manager")
        lead = self.env["crm.lead"].with_user(salesman).create({"name": "New", "partner_name": "Host Ltd", "contact_name": "Host"})
        for made in (lead._create_customer(), lead.sudo()._create_customer(), lead.with_user(self.user_seller).sudo()._create_customer()):
            self.assertFalse(made.kehu_customer_id | made.parent_id.kehu_customer_id)

    def test_partners_typed_into_documents_are_customers(self):
        """The fields ask for it by their context, and the salesperson of the document gets them where the person may decide that."""
        for model, kind in (("sale.order", "company"), ("crm.lead", "any")):
            arch = etree.fromstring(self.env[model].get_view(self.env.ref(FORMS[model]).id, "form")["arch"])
            nodes = arch.xpath("//field[@name='partner_id'][not(ancestor::field)]")
            self.assertTrue(nodes)
            for node in nodes:
                self.assertIn(f"'kehu_new_customer': '{kind}'", node.get("context"))
                compile(node.get("context").strip(), "context", "eval")
        quick = etree.fromstring(self.env["crm.lead"].get_view(self.env.ref("crm.quick_create_opportunity_form").id, "form")["arch"])
        self.assertEqual(len(quick.xpath("//field[contains(@context, 'kehu_new_customer')]")), 2)
        partners = self.env["res.partner"].with_context(kehu_new_customer="company")
        typed = partners.browse(partners.with_user(self.user_seller).name_create("Typed Ltd")[0])
        self.assertEqual((typed.kehu_customer_id, typed.user_id, typed.is_company), (typed, self.user_seller, True))
        contact = partners.with_user(self.user_seller).create({"name": "Typed Person", "parent_id": typed.id})
        self.assertEqual((contact.kehu_is_customer, contact.kehu_customer_id), (False, typed))
        nested = partners.with_user(self.user_seller).create({"name": "Nested Ltd", "child_ids": [(0, 0, {"name": "Nested Person"})]})
        self.assertEqual((nested.kehu_is_customer, nested.child_ids.kehu_is_customer), (True, False))
        given = partners.with_user(self.user_east_manager).with_context(default_user_id=self.user_seller2.id).create({"name": "Given Ltd"})
        self.assertEqual(given.sudo().user_id, self.user_seller2)
        foreign = partners.with_user(self.user_seller).with_context(default_user_id=self.user_seller2.id).create({"name": "Own Ltd"})
        self.assertEqual(foreign.user_id, self.user_seller)
        clerk = new_test_user(self.env, "kehu_host_clerk", groups="base.group_user,base.group_partner_manager")
        plain = partners.with_user(clerk).create({"name": "Of a Clerk"})
        self.assertFalse(plain.kehu_is_customer)

    def test_a_pending_order_offers_no_confirmation(self):
        """Not even when its flow is gone."""
        arch = etree.fromstring(self.env["sale.order"].get_view(self.env.ref("sale.view_order_form").id, "form")["arch"])
        buttons = arch.xpath("//header/button[@name='action_confirm']")
        self.assertTrue(buttons)
        for button in buttons:
            self.assertIn("kehu_approval_state == 'pending'", button.get("invisible"))

    def _create_order(self, partner, **values):
        return (
            self.env["sale.order"]
            .with_user(self.user_seller)
            .create({"partner_id": partner.id, "order_line": [(0, 0, {"product_id": self._create_product().id})], **values})
        )

    def _open_wizard(self, action, user):
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])
