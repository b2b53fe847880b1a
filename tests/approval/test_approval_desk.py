"""What waits for a person: the number, the latest, and who is told."""

import json
from unittest.mock import patch

from lxml import etree
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestApprovalDesk(ApprovalCommon):
    def _waiting(self, user, **context):
        return self.env["kehu.approval.request"].with_user(user).with_context(**context).kehu_waiting_count()

    def _told(self, act):
        """:return: logins of those whose screens learn that something changed, in one act"""
        sent = []
        bus = self.registry["bus.bus"]
        with patch.object(bus, "_sendone", lambda _self, target, kind, message: sent.append((target, kind, message))):
            act()
            self.env.cr.flush()
        users = self.env["res.users"]
        for target, kind, message in sent:
            if kind == "kehu_approval":
                self.assertEqual(message, {}, "a message says nothing about the document")
                self.assertEqual(target._name, "res.partner")
                users |= target.user_ids
        return users

    def test_number(self):
        self.assertEqual(self._waiting(self.user_order_approver), {"count": 0, "shown": True}, "whoever has the role sees the place")
        self._submit()
        self.assertEqual(self._waiting(self.user_order_approver), {"count": 1, "shown": True})
        self.assertEqual(self._waiting(self.user_order_approver2), {"count": 0, "shown": True})
        self.assertEqual(self._waiting(self.user_seller), {"count": 0, "shown": False}, "who submits is not who approves")
        self.order.with_user(self.user_order_approver).kehu_approve()
        self.assertEqual(self._waiting(self.user_order_approver), {"count": 0, "shown": True})

    def test_number_of_who_lost_the_role(self):
        self._submit()
        self.user_order_approver.group_ids = self.env.ref("base.group_user")
        self.assertEqual(self._waiting(self.user_order_approver), {"count": 1, "shown": True})
        self.order.kehu_withdraw()
        self.assertEqual(self._waiting(self.user_order_approver), {"count": 0, "shown": True}, "they approved once")

    def test_number_of_a_company(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.user_order_approver.company_ids = self.env.company | other
        self._submit()
        number = self._waiting(self.user_order_approver, allowed_company_ids=other.ids)
        self.assertEqual(number["count"], 0, "only of the companies that are switched on")
        self.assertEqual(self._waiting(self.user_order_approver, allowed_company_ids=(self.env.company | other).ids)["count"], 1)

    def test_number_costs_one_query(self):
        orders = self.order
        for _number in range(3):
            orders |= self._create_order()
        self._submit(orders)
        requests = self.env["kehu.approval.request"].with_user(self.user_order_approver)
        requests.kehu_waiting_count()
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.assertEqual(requests.kehu_waiting_count()["count"], 4)

    def test_nobody_asks_for_others(self):
        portal = new_test_user(self.env, "kehu_desk_portal", groups="base.group_portal")
        for method in ("kehu_waiting_count", "kehu_waiting_latest"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(self.env["kehu.approval.request"].with_user(portal), method)()

    def test_latest(self):
        orders = self.order
        for _number in range(5):
            orders |= self._create_order()
        self._submit(orders)
        rows = self.env["kehu.approval.request"].with_user(self.user_order_approver).kehu_waiting_latest()
        newest = orders.kehu_request_id.sorted("id", reverse=True)[:5]
        self.assertEqual([row["id"] for row in rows], newest.ids)
        self.assertEqual(rows[0]["name"], newest[0].name)
        self.assertEqual(rows[0]["requester"], self.user_seller.name)
        self.assertTrue(rows[0]["subject"])
        self.assertTrue(rows[0]["since"])
        json.dumps(rows)
        self.assertEqual(self.env["kehu.approval.request"].with_user(self.user_seller).kehu_waiting_latest(), [])
        self.assertEqual(self.env["kehu.approval.request"].with_user(self.user_order_approver2).kehu_waiting_latest(), [])

    def test_told_when_it_starts_and_stops(self):
        approver = self.user_order_approver
        self.assertEqual(self._told(self._submit), approver)
        self.assertEqual(self._told(lambda: self.order.with_user(approver).kehu_reject("Too cheap")), approver)
        self.assertEqual(self._told(lambda: self._submit(approver=self.user_order_approver2)), self.user_order_approver2)
        self.assertEqual(self._told(self.order.kehu_withdraw), self.user_order_approver2)

    def test_told_once_for_many(self):
        orders = self.order | self._create_order() | self._create_order()
        sent = []
        with patch.object(self.registry["bus.bus"], "_sendone", lambda _self, target, kind, message: sent.append(kind)):
            self._submit(orders)
        self.assertEqual(sent.count("kehu_approval"), 1)

    def test_list_costs_five_queries(self):
        """Rows, their count, and what the columns show: the same for three documents as for thirteen."""
        orders = self.order
        for _number in range(12):
            orders |= self._create_order()
        self._submit(orders[:3])
        # as the list opens: columns that are switched off are not read
        requests = self.env["kehu.approval.request"].with_user(self.user_order_approver)
        view = self.env.ref("kehu_crm.kehu_approval_request_view_list_decide")
        arch = etree.fromstring(requests.get_view(view.id, "list")["arch"])
        spec = {
            node.get("name"): {"fields": {"display_name": {}}} if requests._fields[node.get("name")].relational else {}
            for node in arch.xpath("//field[not(@optional='hide')]")
        }

        def read():
            self.env.invalidate_all()
            return requests.web_search_read([("decider_ids", "in", [self.user_order_approver.id])], spec, limit=80, count_limit=10001)

        read()
        with self.assertQueryCount(5):
            self.assertEqual(read()["length"], 3)
        self._submit(orders[3:])
        read()
        with self.assertQueryCount(5):
            self.assertEqual(read()["length"], 13)

    def test_timeline(self):
        self.order.kehu_submit(self.user_order_approver.id, "Please <b>look</b>")
        self.order.with_user(self.user_order_approver).kehu_reject("Too cheap")
        self._submit(approver=self.user_order_approver2)
        first, second = self.order.kehu_request_id.search([("res_id", "=", self.order.id), ("res_model", "=", "sale.order")], order="id")
        text = str(first.timeline)
        self.assertIn("Please &lt;b&gt;look&lt;/b&gt;", text)
        self.assertIn("Too cheap", text)
        self.assertNotIn("o_kehu_timeline_current", text)
        self.assertIn("o_kehu_timeline_current", str(second.timeline))
        self.assertNotIn("Too cheap", str(second.timeline), "each request its own")
        whole = str(self.order.kehu_approval_timeline)
        self.assertLess(whole.index("o_kehu_timeline_current"), whole.index("Too cheap"), "the newest submission first")

    def test_timeline_is_for_readers(self):
        self._submit()
        request = self.order.kehu_request_id
        with self.assertRaises(AccessError):
            request.with_user(self.user_seller2).read(["timeline"])

    def test_kind(self):
        self._submit()
        request = self.order.kehu_request_id.with_user(self.user_director)
        self.assertEqual(request.document_kind, "sale.order")
        groups = request.formatted_read_group([("id", "=", request.id)], ["document_kind"], ["__count"])
        self.assertEqual([(group["document_kind"], group["__count"]) for group in groups], [("sale.order", 1)])
