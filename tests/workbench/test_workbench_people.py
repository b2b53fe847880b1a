"""The panels of sales and people: what each shows to whom, and what can be done there."""

from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ...models.workbench.exceptions import KehuNoticeError
from ...models.workbench.kehu_visit import KEPT
from .common import WorkbenchCommon


@tagged("post_install", "-at_install")
class TestWorkbenchPeople(WorkbenchCommon):
    # -- sales ---------------------------------------------------------------------------------------------------------

    def _deal(self, user, amount, stage=None, **values):
        return self.env["crm.lead"].create(
            {
                "name": f"Deal {amount}",
                "type": "opportunity",
                "user_id": user.id,
                "expected_revenue": amount,
                "stage_id": (stage or self.stages[0]).id,
                **values,
            }
        )

    @property
    def stages(self):
        return self.env["crm.stage"].search([("is_won", "=", False)], limit=2)

    def test_funnel_of_ones_own_open_opportunities(self):
        first, second = self.stages
        before = {row["id"]: row["deals"] for row in self._panel(self.user_seller, "funnel")["rows"]}
        self._deal(self.user_seller, 100.0, first)
        self._deal(self.user_seller, 300.0, first)
        self._deal(self.user_seller, 200.0, second)
        self._deal(self.user_seller2, 9000.0, second)
        self._deal(self.user_seller, 5000.0, second).action_set_lost()
        data = self._panel(self.user_seller, "funnel")
        found = {row["id"]: (row["deals"] - before.get(row["id"], 0), row["revenue"], row["share"]) for row in data["rows"]}
        self.assertEqual(found, {first.id: (2, 400.0, 100), second.id: (1, 200.0, 50)})
        self.assertEqual((data["amount"], data["currency_id"]), (600.0, self.env.company.currency_id.id))
        self.assertEqual(self._panel(self.user_west_seller, "funnel")["rows"], [])

    def test_big_deals_of_those_one_may_see(self):
        self._deal(self.user_seller, 100.0, partner_id=self.customer.id)
        self._deal(self.user_seller2, 300.0)
        self._deal(self.user_west_seller, 900.0)
        self._deal(self.user_seller, 0.0)

        def amounts(user):
            return [row["amount"] for row in self._panel(user, "deals")["rows"]]

        self.assertEqual(amounts(self.user_seller), [100.0])
        self.assertEqual(amounts(self.user_east_manager), [300.0, 100.0])
        self.assertEqual(amounts(self.user_director), [900.0, 300.0, 100.0])
        [row] = self._panel(self.user_seller, "deals")["rows"]
        self.assertEqual((row["customer_id"], row["customer"]), (self.customer.id, self.customer.name))

    def test_ranking_of_those_one_may_see(self):
        self.env["kehu.approval.flow"].search([("model_id.model", "=", "sale.order")]).active = False
        self._create_order(3, user=self.user_seller)
        self._create_order(5, customer=self._create_customer(self.user_seller2), user=self.user_seller2)
        self._create_order(9, customer=self._create_customer(self.user_west_seller), user=self.user_west_seller)
        data = self._panel(self.user_east_manager, "ranking")
        self.assertEqual([row["id"] for row in data["rows"]], [self.user_seller2.id, self.user_seller.id])
        self.assertEqual([row["orders"] for row in data["rows"]], [1, 1])
        self.assertEqual(data["amount"], sum(row["amount"] for row in data["rows"]))
        self.assertEqual([row["share"] for row in data["rows"]], [100, 60])
        self.assertEqual(self._panel(self.user_director, "ranking")["rows"][0]["id"], self.user_west_seller.id)
        mine = self._panel(self.user_seller, "ranking")
        self.assertEqual([row["id"] for row in mine["rows"]], [self.user_seller.id], "a salesperson sees no orders of colleagues")
        self.assertEqual((mine["amount"], data["place"]), (mine["rows"][0]["amount"], 0))
        self.assertEqual((mine["place"], mine["people"]), (3, 3), "but their own place")
        self.assertEqual(self._panel(self.user_seller2, "ranking")["place"], 2)

    def test_team(self):
        late = self._create_customer(self.user_seller, name="Late")
        late.kehu_next_contact = self.today - timedelta(days=2)
        self._create_customer(self.user_west_seller, name="West").kehu_next_contact = self.today - timedelta(days=2)
        talked = self._create_customer(self.user_seller2, name="Talked")
        self.env["kehu.contact.record"].with_user(self.user_seller2).create({"partner_id": talked.id, "content": "Talked"})
        self._deal(self.user_seller2, 100.0)
        rows = {row["id"]: row for row in self._panel(self.user_east_manager, "team")["rows"]}
        self.assertEqual(set(rows), {self.user_seller.id, self.user_seller2.id})
        self.assertEqual(rows[self.user_seller.id]["late"], 1)
        self.assertEqual((rows[self.user_seller2.id]["contacts"], rows[self.user_seller2.id]["deals"]), (1, 1))
        self.assertIn("error", self._panel(self.user_seller, "team"))

    def test_instalments(self):
        order = self._create_order(10)
        plan = [("First", -3, 40), ("Soon", 3, 30), ("Later", 60, 30)]
        self.env["kehu.instalment"].create(
            [
                {"order_id": order.id, "name": name, "percent": percent, "date_due": self.today + timedelta(days=days)}
                for name, days, percent in plan
            ]
        )
        data = self._panel(self.user_seller, "instalments")
        self.assertEqual([(row["name"], row["days_overdue"]) for row in data["rows"]], [("First", 3), ("Soon", 0)])
        self.assertEqual((data["count"], data["soon"], data["rows"][0]["document"]), (1, 1, order.name))
        self.assertEqual(data["rows"][0]["amount_due"], 400.0)
        self.assertEqual(self._panel(self.user_west_seller, "instalments")["rows"], [])
        part = self.env["kehu.instalment"].with_user(self.user_seller).browse(data["rows"][0]["id"])
        self.assertEqual(part.action_receive()["res_model"], "kehu.receipt", "received in place")

    # -- notices -------------------------------------------------------------------------------------------------------

    def _notice(self, name, **values):
        return self.env["kehu.notice"].with_user(self.user_crm_admin).create({"name": name, "body": "Text", **values})

    def test_notices_have_an_audience_and_days(self):
        service = self.env.ref("kehu_crm.group_kehu_service")
        self._notice("All")
        self._notice("Service", group_ids=[Command.set(service.ids)])
        self._notice("Over", date_from=self.today - timedelta(days=9), date_to=self.today - timedelta(days=2))
        self._notice("To come", date_from=self.today + timedelta(days=2))
        self._notice("Put away").active = False
        self.assertEqual(self._names(self.user_seller, "notices"), ["All"])
        self.assertEqual(self._names(self.user_service, "notices"), ["Service", "All"])
        self.assertEqual(self._names(self.user_crm_admin, "notices"), ["All"], "an administrator writes all, and is shown their own")
        names = self.env["kehu.notice"].with_user(self.user_seller).search([]).mapped("name")
        self.assertEqual(names, ["All"], "nor by RPC")

    def test_notices_of_departments(self):
        """Those who work in a department or below see its notices, and who oversees it; nobody else, nor by RPC."""
        self._notice("East", department_ids=[Command.set(self.department_east.ids)])
        self._notice("Sales", department_ids=[Command.set(self.department_east.parent_id.ids)])
        for role, names in (
            ("seller", ["Sales", "East"]),
            ("east_manager", ["Sales", "East"]),
            ("sales_manager", ["Sales", "East"]),
            ("west_seller", ["Sales"]),
            ("finance", []),
        ):
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                self.assertEqual(self._names(user, "notices"), names)
                self.assertEqual(sorted(self.env["kehu.notice"].with_user(user).search([]).mapped("name")), sorted(names))
        self.assertEqual(self._names(self.user_crm_admin, "notices"), [], "an administrator writes all, and is shown their own")
        self.assertEqual(len(self.env["kehu.notice"].with_user(self.user_crm_admin).search([])), 2)
        employee = self.env["hr.employee"].search([("user_id", "=", self.user_west_seller.id)])
        employee.department_id = self.department_east
        self.assertEqual(self._names(self.user_west_seller, "notices"), ["Sales", "East"], "at once after a move")

    def test_a_notice_is_read_once(self):
        first, second = self._notice("First"), self._notice("Second")
        self.assertEqual(self._panel(self.user_seller, "notices")["count"], 2)
        second.with_user(self.user_seller).kehu_mark_read()
        data = self._panel(self.user_seller, "notices")
        self.assertEqual([(row["name"], row["is_read"]) for row in data["rows"]], [("First", False), ("Second", True)])
        self.assertEqual((data["count"], self._panel(self.user_seller2, "notices")["count"]), (1, 2))
        self.assertEqual((first.reader_count, second.reader_count), (0, 1))
        hidden = self._notice("Hidden", group_ids=[Command.set(self.env.ref("kehu_crm.group_kehu_service").ids)])
        with self.assertRaises(KehuNoticeError):
            hidden.with_user(self.user_seller).kehu_mark_read()
        for model in ("write", "create"):
            with self.subTest(model=model), self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
                notices = self.env["kehu.notice"].with_user(self.user_director)
                notices.create({"name": "Mine"}) if model == "create" else notices.browse(first.id).write({"name": "Mine"})

    # -- birthdays, visits, claims ---------------------------------------------------------------------------------------

    def _contact(self, customer, name, day):
        return self.env["res.partner"].create({"name": name, "parent_id": customer.id, "kehu_birthday": day.replace(year=1984)})

    def test_birthdays(self):
        theirs = self._create_customer(self.user_seller2, name="Theirs")
        west = self._create_customer(self.user_west_seller, name="West")
        self._contact(self.customer, "Later", self.today + timedelta(days=4))
        self._contact(self.customer, "Today", self.today)
        self._contact(self.customer, "Next month", self.today + timedelta(days=20))
        self._contact(self.customer, "Yesterday", self.today - timedelta(days=1))
        self._contact(theirs, "Of a colleague", self.today)
        self._contact(west, "In the west", self.today)
        data = self._panel(self.user_seller, "birthdays")
        self.assertEqual([row["name"] for row in data["rows"]], ["Today", "Later"])
        self.assertEqual([row["day"] for row in data["rows"]], [str(self.today), str(self.today + timedelta(days=4))])
        self.assertEqual((data["count"], data["rows"][0]["customer"]), (2, self.customer.name))
        self.assertEqual(set(self._names(self.user_east_manager, "birthdays")), {"Today", "Later", "Of a colleague"})

    def _visited(self, user):
        return [row["id"] for row in self._panel(user, "recent")["rows"]]

    def test_last_visited_customers(self):
        other = self._create_customer(self.user_seller, name="Other")
        contact = self._contact(self.customer, "Contact", self.today)
        for partner in (other, self.customer, other):
            self.assertTrue(partner.with_user(self.user_seller).kehu_note_visit())
            self.env.cr.execute("UPDATE kehu_visit SET date = date - interval '1 hour'")
        self.assertEqual(self._visited(self.user_seller), [other.id, self.customer.id])
        contact.with_user(self.user_seller).kehu_note_visit()
        self.assertEqual(self._visited(self.user_seller), [self.customer.id, other.id], "with the customer of a contact")
        self.assertEqual(self._visited(self.user_seller2), [])
        self.assertEqual(self.env["kehu.visit"].with_user(self.user_seller2).search_count([]), 0, "it is one's own")
        self.assertEqual(self.env["kehu.visit"].with_user(self.user_crm_admin).search_count([]), 0, "also before an administrator")
        other.with_user(self.user_east_manager).kehu_transfer(self.user_west_seller.id, "Moved")
        self.assertEqual(self._visited(self.user_seller), [self.customer.id], "what one may not see any more is not named")

    def test_visits_are_few_and_of_what_one_may_see(self):
        hidden = self._create_customer(self.user_west_seller, name="Hidden")
        self.assertFalse(hidden.with_user(self.user_seller).kehu_note_visit())
        self.assertFalse(self.env.company.partner_id.with_user(self.user_seller).kehu_note_visit(), "no customer")
        for number in range(KEPT + 3):
            self._create_customer(self.user_seller, name=f"Customer {number}").with_user(self.user_seller).kehu_note_visit()
            self.env.cr.execute("UPDATE kehu_visit SET date = date - interval '1 hour'")
        # sudo: kehu.visit - how many are kept
        self.assertEqual(self.env["kehu.visit"].sudo().search_count([("user_id", "=", self.user_seller.id)]), KEPT)

    def test_claim_from_several_pools(self):
        """Each pool offers its own; they are counted together, the best level first, and found by an index however large the pools."""
        levels = self.env["kehu.customer.level"].create([{"name": "Best", "sequence": -2}, {"name": "Good", "sequence": -1}])
        pools = self.env["kehu.pool"].create([{"name": name, "quiet_days": 0} for name in ("North", "South")])
        before = self._panel(self.user_seller, "claim")["count"]
        for number, pool in enumerate([*pools, *pools]):
            level = levels[number // 2]
            self._create_customer(name=f"{pool.name} {number}", kehu_pool_id=pool.id, kehu_level_id=level.id)
        self.env.cr.execute("DELETE FROM kehu_assignment WHERE pool_id IN %s", [tuple(pools.ids)])
        data = self._panel(self.user_seller, "claim")
        self.assertEqual((data["count"], data["more"]), (before + 4, False))
        mine = [row["name"] for row in data["rows"] if row["pool"] in ("North", "South")]
        self.assertEqual(mine[:2], ["South 1", "North 0"], "the better level first")
        workbench = self.env["kehu.workbench"].with_user(self.user_seller)
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = off")
        plan = "".join(row[0] for row in self.env.execute_query(SQL("EXPLAIN %s", workbench._kehu_ask_claim({}))))
        self.assertIn("Index Scan Backward using res_partner_kehu_waiting_idx", plan)

    def test_claim(self):
        pool = self.env.ref("kehu_crm.kehu_pool_default", raise_if_not_found=False) or self.env["kehu.pool"].search(
            [("is_default", "=", True)], limit=1
        )
        pool.write({"cooldown_days": 5, "quiet_days": 0})
        waiting = self._create_customer(self.user_seller2, name="Waiting")
        waiting.with_user(self.user_seller2).kehu_return("No time")
        mine = self._create_customer(self.user_seller, name="Given back")
        mine.with_user(self.user_seller).kehu_return("No time")
        closed = self.env["kehu.pool"].create({"name": "Closed", "member_ids": [Command.set(self.user_seller2.ids)]})
        elsewhere = self._create_customer(self.user_seller2, name="Elsewhere")
        elsewhere.with_user(self.user_director).kehu_return("There", closed.id)
        names = self._names(self.user_seller, "claim")
        self.assertIn("Waiting", names)
        self.assertNotIn("Given back", names, "not before its cool-down is over")
        self.assertNotIn("Elsewhere", names, "not a member")
        row = next(row for row in self._panel(self.user_seller, "claim")["rows"] if row["name"] == "Waiting")
        self.assertEqual(row["pool"], pool.name)
        for found in self._panel(self.user_seller, "claim")["rows"]:
            partner = self.env["res.partner"].with_user(self.user_seller).browse(found["id"])
            self.assertFalse(partner._kehu_ownership_refusals("claim", self.user_seller), "what is offered can be claimed")
        self.env["res.partner"].with_user(self.user_seller).browse(row["id"]).kehu_claim()
        self.assertNotIn("Waiting", self._names(self.user_seller, "claim"))
        pool.quiet_days = 3
        fresh = self._create_customer(self.user_seller2, name="Fresh")
        fresh.with_user(self.user_seller2).kehu_return("No time")
        self.assertNotIn("Fresh", self._names(self.user_seller, "claim"), "it has just come")
