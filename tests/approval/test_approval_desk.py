"""What waits for a person: the number, the latest, and who is told."""

import json
from unittest.mock import patch

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
