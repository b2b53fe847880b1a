"""The tabs above quotes and orders: what they count, for whom, and what they cost."""

from lxml import etree
from odoo.tests import tagged

from ..approval.common import ApprovalCommon

FIELDS = (
    "name",
    "kehu_progress",
    "kehu_price_alert",
    "kehu_sale_type_id",
    "kehu_delivery_terms_id",
    "amount_total",
    "partner_id",
    "user_id",
)


@tagged("post_install", "-at_install")
class TestSalesTabs(ApprovalCommon):
    def _count(self, user, domain=(), field="kehu_progress"):
        """What the tabs show this person for orders of this test: {state: count}."""
        orders = self.env["sale.order"].with_user(user)
        own = [("kehu_customer_id", "=", self.customer.id), *domain]
        answer = orders.search_panel_select_range(field, enable_counters=True, expand=True, category_domain=[], search_domain=own)
        return {value["id"]: value["__count"] for value in answer["values"] if value["__count"]}

    def test_counters_follow_the_rights_and_the_filters(self):
        self._submit(self._create_order())
        self._approve(self._create_order())
        rejected = self._submit(self._create_order())
        rejected.with_user(self.user_order_approver).kehu_reject("No")
        foreign = self._create_order()
        foreign.sudo().user_id = self.user_west_seller
        self.assertEqual(self._count(self.user_seller), {"draft": 1, "pending": 1, "approved": 1, "rejected": 1})
        self.assertEqual(self._count(self.user_director), {"draft": 2, "pending": 1, "approved": 1, "rejected": 1})
        self.assertEqual(self._count(self.user_order_approver), {"pending": 1, "approved": 1, "rejected": 1})
        self.assertEqual(self._count(self.user_director, [("user_id", "=", self.user_west_seller.id)]), {"draft": 1})
        quote = self._create_order(kehu_document="quote")
        quote.action_quotation_sent()
        self.assertEqual(self._count(self.user_seller, [("kehu_document", "=", "quote")], "state"), {"sent": 1})

    def test_lists_have_their_tabs(self):
        """List and cards of quotes and orders stand below tabs; the states are those of the document."""
        for xmlid, field in (("orders", "kehu_progress"), ("quotes", "state")):
            action = self.env["ir.actions.act_window"]._for_xml_id(f"kehu_crm.sale_order_action_kehu_{xmlid}")
            views = {view_type: view_id for view_id, view_type in action["views"]}
            orders = self.env["sale.order"]
            for view_type in ("list", "kanban"):
                arch = etree.fromstring(orders.get_view(views[view_type], view_type)["arch"])
                self.assertEqual(arch.get("js_class"), f"kehu_order_{view_type}", xmlid)
            search = etree.fromstring(orders.get_view(action["search_view_id"][0], "search")["arch"])
            self.assertEqual([node.get("name") for node in search.iter("searchpanel") for node in node.iter("field")], [field])

    def test_cost(self):
        """One grouped question for all tabs, and as many for a list of forty as for one of four."""
        orders = self.env["sale.order"].with_user(self.user_seller)
        values = {"partner_id": self.customer.id, "kehu_document": "order"}

        def cost(call):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            call()
            return self.env.cr.sql_log_count - before

        specification = {name: {} for name in FIELDS}
        costs = {}
        for count in (4, 40):
            orders.create([values] * count)
            domain = [("kehu_customer_id", "=", self.customer.id)]
            for name, call in (
                ("tabs", lambda: self._count(self.user_seller)),
                ("list", lambda limit=count, domain=domain: orders.web_search_read(domain, specification, limit=limit)),
            ):
                call()
                costs[name, count] = cost(call)
        self.assertLessEqual(costs["tabs", 40], 2)
        for name in ("tabs", "list"):
            self.assertEqual(costs[name, 40], costs[name, 4], name)
