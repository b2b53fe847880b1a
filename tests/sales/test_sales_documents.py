"""What belongs to a customer: counts, transfer of documents, and the cost of many."""

from lxml import etree
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestSalesDocuments(ApprovalCommon):
    def test_submitting_a_quote_makes_it_an_order(self):
        """Who calls submit without the button before it gets what they mean."""
        quote = self._create_order(kehu_document="quote")
        quote.with_user(self.user_seller).kehu_submit(self.user_order_approver.id)
        self.assertEqual((quote.kehu_document, quote.kehu_approval_state), ("order", "pending"))

    def test_counts_on_the_card(self):
        contact = self._create_contact(self.customer)
        self._create_order(partner_id=contact.id, kehu_document="quote")
        self._create_order().action_cancel()
        self.env["crm.lead"].create(
            [
                {"name": "Of the contact", "type": "opportunity", "partner_id": contact.id, "user_id": self.user_seller.id},
                {"name": "A lead", "type": "lead", "partner_id": self.customer.id, "user_id": self.user_seller.id},
            ]
        )
        customer = self.customer.with_user(self.user_seller)
        self.assertEqual((customer.kehu_opportunity_count, customer.kehu_quote_count, customer.kehu_order_count), (1, 1, 1))
        self.assertEqual(len(customer.kehu_order_ids), 3)
        action = customer.action_kehu_orders()
        self.assertEqual(self.env["sale.order"].search(action["domain"] + [("state", "!=", "cancel")]), self.order)
        employee = self.customer.with_user(self.user_service)
        self.assertEqual((employee.kehu_opportunity_count, employee.kehu_order_count), (0, 0))

    def test_documents_follow_the_new_owner(self):
        """Open opportunities and open orders of the old owner move; what is won, confirmed or somebody else's stays."""
        lead, won = self.env["crm.lead"].create(
            [
                {"name": name, "type": "opportunity", "partner_id": self.customer.id, "user_id": self.user_seller.id}
                for name in ("Open", "Won")
            ]
        )
        won.action_set_won()
        confirmed, foreign = self._create_order(), self._create_order(user=self.user_east_manager, user_id=self.user_seller2.id)
        self._approve(confirmed)
        changes = {self.customer: (self.user_seller, self.user_west_seller)}
        self.customer._kehu_owner_changed(changes, False)
        self.assertEqual((lead.user_id, self.order.user_id), (self.user_seller, self.user_seller))
        self.customer._kehu_owner_changed(changes, True)
        self.assertEqual((lead.user_id, self.order.user_id), (self.user_west_seller, self.user_west_seller))
        self.assertEqual((won.user_id, confirmed.user_id, foreign.user_id), (self.user_seller, self.user_seller, self.user_seller2))

    def test_document_and_progress(self):
        quote = self._create_order(kehu_document="quote")
        self.assertEqual((quote.kehu_document, quote.kehu_progress), ("quote", "draft"))
        quote.kehu_to_order()
        quote.kehu_to_quote()
        self.assertEqual(quote.kehu_document, "quote")
        self._approve()
        self.assertEqual((self.order.kehu_progress, self.order.copy().kehu_document), ("approved", "quote"))
        with self.assertRaisesRegex(Exception, "confirmed or cancelled"):
            self.order.kehu_to_quote()

    def test_form_of_a_pending_order_is_readonly(self):
        view = self.env["sale.order"].get_view(self.env.ref("sale.view_order_form").id, "form")
        arch = view["arch"]
        self.assertIn("kehu_approval_state in ('pending', 'approved')", arch)
        self.assertIn("parent.kehu_approval_state in ('pending', 'approved')", arch)
        for node in etree.fromstring(arch).xpath("//field[@name='validity_date']"):
            self.assertIn("kehu_approval_state == 'pending'", node.get("readonly"))

    def test_one_status_bar(self):
        """A quote shows whether it was sent; an order its approval, of which the host's states know nothing. Never both bars."""
        arch = self.env["sale.order"].get_view(self.env.ref("sale.view_order_form").id, "form")["arch"]
        bars = {node.get("name"): node.get("invisible") for node in etree.fromstring(arch).xpath("//header/field[@widget='statusbar']")}
        self.assertEqual(set(bars), {"state", "kehu_progress"})
        names = ("kehu_customer_id", "kehu_document", "kehu_approval_state", "state", "shown")
        for *values, shown in (
            (False, "quote", "draft", "draft", "state"),
            (False, "order", "draft", "sale", "state"),
            (1, "quote", "draft", "draft", "state"),
            (1, "quote", "draft", "sent", "state"),
            (1, "quote", "draft", "cancel", "kehu_progress"),
            (1, "quote", "rejected", "sent", "kehu_progress"),
            (1, "order", "draft", "draft", "kehu_progress"),
            (1, "order", "pending", "sent", "kehu_progress"),
            (1, "order", "approved", "sale", "kehu_progress"),
        ):
            known = dict(zip(names, values, strict=False))
            with self.subTest(**known):
                self.assertEqual([name for name in bars if not safe_eval(bars[name], known)], [shown])
        progress = {"draft": self._create_order(), "pending": self._submit(self._create_order()), "approved": self._create_order()}
        self._approve(progress["approved"])
        progress["rejected"] = self._submit(self._create_order())
        progress["rejected"].with_user(self.user_order_approver).kehu_reject("No")
        progress["cancelled"] = self._create_order()
        progress["cancelled"].action_cancel()
        for value, order in progress.items():
            self.assertEqual((order.kehu_progress, bool(order.kehu_customer_id)), (value, True))

    def test_the_button_prints_the_layout_of_the_house(self):
        """For CRM customers, before and after the approval; partners outside the CRM keep the host's print."""
        arch = self.env["sale.order"].get_view(self.env.ref("sale.view_order_form").id, "form")["arch"]
        buttons = {node.get("name"): node.get("invisible") for node in etree.fromstring(arch).xpath("//header/button[@string='Print']")}
        host, ours = "sale.action_report_saleorder", str(self.env.ref("kehu_crm.print_order_report").id)
        self.assertEqual(set(buttons), {host, ours})
        for customer, state, shown in ((1, "draft", [ours]), (1, "sale", [ours]), (False, "draft", [host]), (False, "sale", [])):
            known = {"id": 1, "kehu_customer_id": customer, "state": state}
            with self.subTest(**known):
                self.assertEqual([name for name in buttons if not safe_eval(buttons[name], known)], shown)

    def test_cost_of_many(self):
        """Submitting and approving costs per order no more than the host's own confirmation of the same orders."""
        plain = self.env["res.partner"].create({"name": "No CRM customer"})

        def measure(count):
            host = self._orders(count, partner_id=plain.id)
            ours = self._orders(count)
            costs = {}
            for name, records, call in (
                ("confirm", host.sudo(), lambda records: records.action_confirm()),
                ("submit", ours, lambda records: records.kehu_submit(self.user_order_approver.id)),
                ("approve", ours.with_user(self.user_order_approver), lambda records: records.kehu_approve("Go")),
            ):
                self.env.flush_all()
                self.env.cr.flush()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                call(records)
                self.env.flush_all()
                self.env.cr.flush()
                costs[name] = self.env.cr.sql_log_count - before
            return costs

        measure(2)  # warm caches
        few, many = measure(10), measure(40)
        per_order = {name: (many[name] - few[name]) / 30 for name in few}
        self.assertLessEqual(per_order["submit"], per_order["confirm"] + 0.5, f"{few} {many}")
        self.assertLessEqual(per_order["approve"], per_order["confirm"] + 0.5, f"{few} {many}")

    def _orders(self, count, **values):
        return (
            self.env["sale.order"]
            .with_user(self.user_seller)
            .create(
                [
                    {
                        "partner_id": self.customer.id,
                        "kehu_document": "order",
                        "order_line": [Command.create({"product_id": self.product.id})],
                        **values,
                    }
                    for _number in range(count)
                ]
            )
        )
