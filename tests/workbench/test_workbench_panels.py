"""What each panel shows to whom, that one failure stays alone, and what it costs."""

from datetime import datetime, time, timedelta
from unittest.mock import patch

import psycopg2.errors
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL, mute_logger

from ...models.workbench.exceptions import KehuWorkbenchLayoutError, KehuWorkbenchRightsError
from ...models.workbench.kehu_workbench import KehuWorkbench
from ...models.workbench.refresh import BUS_MESSAGE
from ..common import ROLES
from .common import WorkbenchCommon

SELLER_PANELS = {
    "schedule",
    "contacts",
    "new_customers",
    "falling",
    "orders_to_approve",
    "receipts_to_approve",
    "others_to_approve",
    "applications",
    "targets",
    "receivables",
    "instalments",
    "funnel",
    "deals",
    "notices",
    "ranking",
    "birthdays",
    "recent",
    "claim",
}
MANAGER_PANELS = SELLER_PANELS | {"team"}
APPROVER_PANELS = {"schedule", "orders_to_approve", "receipts_to_approve", "others_to_approve", "applications", "notices"}
OFFERED = {
    **dict.fromkeys(("east_manager", "sales_manager", "director", "crm_admin"), MANAGER_PANELS),
    "service": APPROVER_PANELS | {"birthdays", "recent"},
    "finance": APPROVER_PANELS | {"receivables", "instalments"},
    "order_approver": APPROVER_PANELS,
    "receipt_approver": APPROVER_PANELS,
}
MOST_QUERIES = 12
LOGGER = "odoo.addons.kehu_crm.models.workbench.kehu_workbench"


@tagged("post_install", "-at_install")
class TestWorkbenchPanels(WorkbenchCommon):
    # -- rights --------------------------------------------------------------------------------------------------------

    def test_each_role_is_offered_what_it_may_see(self):
        for role in ROLES:
            if role == "employee":
                continue
            user = getattr(self, f"user_{role}")
            with self.subTest(role=role):
                layout = self._workbench(user).get_layout()
                self.assertEqual({panel["name"] for panel in layout["available"]}, OFFERED.get(role, SELLER_PANELS))
                shown = self._workbench(user).get_panels([panel["name"] for panel in layout["available"]])
                self.assertFalse([name for name, data in shown.items() if "error" in data])

    def test_nobody_without_a_role(self):
        portal = self.env["res.users"].create(
            {"name": "Portal", "login": "kehu_wb_portal", "group_ids": [Command.set(self.env.ref("base.group_portal").ids)]}
        )
        for user in (self.user_employee, portal, self.env.ref("base.public_user")):
            workbench = self._workbench(user)
            for ask in (
                lambda workbench=workbench: workbench.get_layout(),
                lambda workbench=workbench: workbench.get_panels(["contacts"]),
                lambda workbench=workbench: workbench.save_layout([]),
            ):
                with self.subTest(user=user.name), self.assertRaises(KehuWorkbenchRightsError):
                    ask()

    def test_a_panel_of_another_role_is_a_sentence(self):
        for role, name in (("service", "receivables"), ("order_approver", "contacts"), ("finance", "targets"), ("seller", "nonsense")):
            with self.subTest(role=role):
                data = self._panel(getattr(self, f"user_{role}"), name)
                self.assertEqual(list(data), ["error"])
                self.assertIn("your role does not see it", data["error"])

    def test_names_are_texts(self):
        for names in ("contacts", [1], {"contacts": 1}, 7):
            with self.subTest(names=names), self.assertRaises(KehuWorkbenchLayoutError):
                self._workbench(self.user_seller).get_panels(names)

    def test_without_names_those_of_the_layout(self):
        workbench = self._workbench(self.user_seller)
        workbench.save_layout([{"name": "targets"}, {"name": "contacts"}])
        self.assertEqual(list(workbench.get_panels([])), ["targets", "contacts"])

    # -- schedule ------------------------------------------------------------------------------------------------------

    def test_schedule(self):
        events = self.env["calendar.event"].with_user(self.user_seller).with_context(tz="Asia/Shanghai")
        begin = self._midnight(self.today)
        mine = {"partner_ids": [Command.set(self.user_seller.partner_id.ids)], "user_id": self.user_seller.id}
        for name, start, values in (
            ("Late tonight", begin + timedelta(hours=23, minutes=30), {}),
            ("Early", begin + timedelta(minutes=5), {}),
            ("Tomorrow", begin + timedelta(days=1), {}),
            ("Yesterday", begin - timedelta(hours=2), {}),
            ("Long ago", begin - timedelta(days=45), {}),
        ):
            events.create({"name": name, "start": start, "stop": start + timedelta(minutes=20), **mine, **values})
        events.create({"name": "Fair", "allday": True, "start_date": self.today, "stop_date": self.today, **mine})
        done = events.create({"name": "Done", "start": begin + timedelta(hours=8), "stop": begin + timedelta(hours=9), **mine})
        done.kehu_complete("Went well")
        events.with_user(self.user_seller2).create(
            {"name": "Of another", "start": begin + timedelta(hours=8), "stop": begin + timedelta(hours=9), "privacy": "private"}
        )
        data = self._panel(self.user_seller, "schedule")
        self.assertEqual({row["name"] for row in data["rows"]}, {"Early", "Fair", "Late tonight", "Yesterday"})
        self.assertEqual(data["rows"][-1]["name"], "Yesterday", "today's first")
        self.assertEqual((data["count"], data["overdue"]), (3, 1))
        self.assertTrue(data["rows"][-1]["is_late"])

    @staticmethod
    def _midnight(day):
        """When a day begins in Shanghai, as UTC."""
        return datetime.combine(day, time.min) - timedelta(hours=8)

    # -- customers -----------------------------------------------------------------------------------------------------

    def test_contacts(self):
        sunday = self.today + timedelta(days=6 - self.today.weekday())
        days = {"Past": self.today - timedelta(days=3), "Now": self.today, "Monday": sunday + timedelta(days=1)}
        if sunday > self.today:
            days["Sunday"] = sunday
        for name, day in days.items():
            self._create_customer(self.user_seller, name=name).kehu_next_contact = day
        self._create_customer(self.user_seller2, name="Of another").kehu_next_contact = self.today
        data = self._panel(self.user_seller, "contacts")
        self.assertEqual([row["name"] for row in data["rows"]], [name for name in ("Past", "Now", "Sunday") if name in days])
        self.assertEqual((data["overdue"], data["today"], data["week"]), (1, 1, int("Sunday" in days)))
        self.assertEqual(self._names(self.user_east_manager, "contacts"), [], "the panel is about one's own customers")

    def test_five_rows_and_all_counted(self):
        for number in range(7):
            self._create_customer(self.user_seller, name=f"Customer {number}").kehu_next_contact = self.today
        data = self._panel(self.user_seller, "contacts")
        self.assertEqual((data["count"], data["more"], len(data["rows"])), (7, False, 5))

    def test_the_most_urgent_come_first_however_many_there_are(self):
        """What is not counted out is not left out of the first rows either."""
        for days in (1, 2, 9, 3, 8):
            day = self.today - timedelta(days=days)
            self._create_customer(self.user_seller, name=f"Late {days}").kehu_next_contact = day
            stop = datetime.combine(day, time(9))
            self.env["calendar.event"].with_user(self.user_seller).create({"name": f"Meeting {days}", "start": stop, "stop": stop})
        with patch("odoo.addons.kehu_crm.models.workbench.kehu_workbench.COUNTED", 2):
            contacts, schedule = (self._panel(self.user_seller, name) for name in ("contacts", "schedule"))
        self.assertEqual([row["name"] for row in contacts["rows"]][:2], ["Late 9", "Late 8"])
        self.assertEqual((contacts["count"], contacts["more"]), (2, True))
        self.assertEqual([row["name"] for row in schedule["rows"]][:2], ["Meeting 9", "Meeting 8"])

    def test_new_customers(self):
        fresh = self._create_customer(self.user_seller, name="Fresh")
        known = self._create_customer(self.user_seller, name="Known")
        moved = self._create_customer(self.user_seller2, name="Moved")
        records = self.env["kehu.contact.record"]
        records.with_user(self.user_seller).create({"partner_id": known.id, "content": "Talked"})
        records.with_user(self.user_seller2).create({"partner_id": moved.id, "content": "Talked", "date": self.today - timedelta(days=10)})
        moved.with_user(self.user_east_manager).kehu_transfer(self.user_seller.id, "Better there")
        names = self._names(self.user_seller, "new_customers")
        self.assertIn(fresh.name, names)
        self.assertIn(moved.name, names, "spoken with, but not since it came")
        self.assertNotIn(known.name, names)
        records.with_user(self.user_seller).create({"partner_id": moved.id, "content": "Talked"})
        self.assertNotIn(moved.name, self._names(self.user_seller, "new_customers"))

    def test_falling(self):
        pool = self.env.ref("kehu_crm.kehu_pool_default", raise_if_not_found=False) or self.env["kehu.pool"].search(
            [("is_default", "=", True)], limit=1
        )
        pool.write({"auto_recycle": True, "idle_days": 30, "protect_days": 0})
        falling = self._create_customer(self.user_seller, name="Falling")
        self._create_customer(self.user_seller, name="Safe")
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET kehu_assigned_on = kehu_assigned_on - interval '25 days' WHERE id = %s", [falling.id])
        self.env.invalidate_all()
        data = self._panel(self.user_seller, "falling")
        self.assertEqual([row["name"] for row in data["rows"]], ["Falling"])
        self.assertIn("resets the clock", data["rows"][0]["hint"])
        self.assertEqual(data["rows"][0]["kehu_fall_on"], str(falling.kehu_fall_on))
        self.assertEqual(self._names(self.user_seller2, "falling"), [])

    # -- approvals -----------------------------------------------------------------------------------------------------

    def test_orders_and_receipts_to_approve(self):
        self._flow("sale.order", self.user_order_approver)
        self._flow("kehu.receipt", self.user_receipt_approver)
        order = self._submitted_order()
        receipt = self._create_receipt(100.0)
        receipt.kehu_submit()
        orders = self._panel(self.user_order_approver, "orders_to_approve")
        self.assertEqual([(row["name"], row["requester"]) for row in orders["rows"]], [(order.name, self.user_seller.name)])
        self.assertEqual(self._panel(self.user_order_approver, "receipts_to_approve")["rows"], [])
        receipts = self._panel(self.user_receipt_approver, "receipts_to_approve")
        self.assertEqual([row["id"] for row in receipts["rows"]], receipt.kehu_request_id.ids)
        for user in (self.user_seller2, self.user_director, self.user_finance):
            self.assertEqual(self._panel(user, "orders_to_approve")["count"], 0, "it does not wait for them")
        mine = self._panel(self.user_seller, "applications")
        self.assertEqual((mine["count"], len(mine["rows"])), (2, 2))
        self.assertEqual({row["waiting_for"] for row in mine["rows"]}, {self.user_order_approver.name, self.user_receipt_approver.name})
        self.assertEqual(self._panel(self.user_seller2, "applications")["rows"], [])

    def test_decide_as_the_panel_does(self):
        self._flow("sale.order", self.user_order_approver)
        first, second = self._submitted_order(), self._submitted_order()
        requests = self.env["kehu.approval.request"].with_user(self.user_order_approver)
        rows = self._panel(self.user_order_approver, "orders_to_approve")["rows"]
        self.assertEqual([row["id"] for row in rows], [first.kehu_request_id.id, second.kehu_request_id.id])
        requests.browse(rows[0]["id"]).kehu_decide("rejected", "Price is wrong")
        requests.browse(rows[1]["id"]).kehu_decide("approved", False)
        self.assertEqual(self._panel(self.user_order_approver, "orders_to_approve")["rows"], [])
        mine = self._panel(self.user_seller, "applications")
        self.assertEqual([row["state"] for row in mine["rows"]], ["rejected", "approved"])
        self.assertEqual((mine["count"], mine["rejected"]), (0, 1))

    def test_submitters_are_told_once(self):
        self._flow("sale.order", self.user_order_approver)
        orders = self._submitted_order() | self._submitted_order()
        self.env.cr.precommit.run()
        sent = []

        def send(_bus, target, kind, message):
            if kind == BUS_MESSAGE:
                sent.append((target, message["panels"]))

        with patch.object(self.registry["bus.bus"], "_sendone", send):
            orders.with_user(self.user_order_approver).kehu_approve()
            mine = (self.user_seller.partner_id, ["applications", "receivables", "targets"])
            self.env.cr.precommit.run()
        self.assertEqual(sent.count(mine), 1)

    def _told(self, act):
        """Return what the screens of whom are told while ``act`` runs: {user: panels}."""
        told = {}

        def send(_bus, target, kind, message):
            if kind == BUS_MESSAGE:
                told.setdefault(target.user_ids[:1], set()).update(message["panels"])

        self.env.flush_all()
        self.env.cr.precommit.run()
        with patch.object(self.registry["bus.bus"], "_sendone", send):
            act()
            self.env.flush_all()
            self.env.cr.precommit.run()
        return told

    def test_who_has_no_workbench_is_told_nothing(self):
        outsider = new_test_user(self.env, "kehu_outsider", groups="base.group_user")

        def meet():
            self.env["calendar.event"].create(
                {
                    "name": "Meeting",
                    "start": "2031-01-01 10:00:00",
                    "stop": "2031-01-01 11:00:00",
                    "user_id": outsider.id,
                    "partner_ids": (outsider | self.user_seller | self.env.ref("base.user_root")).partner_id.ids,
                }
            )

        self.assertEqual(self._told(meet), {self.user_seller: {"schedule"}})

    def test_money_and_targets_move_by_themselves(self):
        self._day(self.user_seller)
        order = self.env["sale.order"].search([("user_id", "=", self.user_seller.id), ("kehu_amount_due", ">", 0)], limit=1)
        target = self.env["kehu.target"].create({"user_id": self.user_seller2.id, "metric": "ordered", "value": 5.0})

        def pay():
            register = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=order.invoice_ids.ids)
            register.create({})._create_payments()

        told = self._told(pay)
        self.assertLessEqual({"receivables", "instalments", "targets"}, told[self.user_seller], "paid in the books, not in the CRM")
        self.assertIn("receivables", told[self.user_finance])
        self.assertNotIn(self.user_seller2, told)
        told = self._told(lambda: target.write({"value": 9.0}))
        self.assertEqual(told, {self.user_seller2: {"targets"}})
        self.assertNotIn("team", told.get(self.user_east_manager, ()))
        lead = self.env["crm.lead"].create({"name": "Deal", "type": "opportunity", "user_id": self.user_seller.id})
        self.assertEqual(self._told(lambda: lead.write({"expected_revenue": 7.0}))[self.user_seller], {"funnel", "deals"})

    def test_leaders_panels_move_by_themselves(self):
        """Whoever oversees the department is told of what its people do, once; whoever leads another one is not."""
        west = self.env["res.users"].browse(self.department_west.kehu_overseer_ids.ids) - self.department_east.kehu_overseer_ids
        customer = self._create_customer(self.user_seller)
        self.env["kehu.approval.flow"].search([("model_id.model", "=", "sale.order")]).active = False
        acts = {
            "team": lambda: self.env["kehu.contact.record"].with_user(self.user_seller).create(
                {"partner_id": customer.id, "content": "Talked"}
            ),
            "deals": lambda: self.env["crm.lead"].create({"name": "Deal", "type": "opportunity", "user_id": self.user_seller.id}),
            "ranking": lambda: self._create_order(customer=customer, user=self.user_seller),
        }
        for panel, act in acts.items():
            told = self._told(act)
            with self.subTest(panel=panel):
                for leader in (self.user_east_manager, self.user_director):
                    self.assertIn(panel, told[leader])
                for other in west:
                    self.assertNotIn(panel, told.get(other, ()))
                self.assertNotIn(panel, told.get(self.user_seller2, ()))
        self.assertIn("ranking", self._told(lambda: self._create_order(customer=customer, user=self.user_seller))[self.user_seller])

    # -- money ---------------------------------------------------------------------------------------------------------

    def test_receivables(self):
        self._day(self.user_seller, 2)
        self._day(self.user_west_seller)
        data = self._panel(self.user_seller, "receivables")
        self.assertEqual([row["days_overdue"] for row in data["rows"]], [41, 40])
        self.assertEqual((data["count"], data["amount"], data["soon"]), (2, 2000.0, 0))
        self.assertEqual(self._panel(self.user_west_seller, "receivables")["count"], 1)
        self.assertEqual(self._panel(self.user_east_manager, "receivables")["count"], 2, "the department, and nothing of West")
        for user in (self.user_director, self.user_finance):
            ids = [row["salesperson"] for row in self._panel(user, "receivables")["rows"]]
            self.assertGreaterEqual(len(ids), 3)

    def test_targets(self):
        for user, value in ((self.user_seller, 5000.0), (self.user_seller2, 1.0)):
            self.env["kehu.target"].create({"user_id": user.id, "metric": "ordered", "value": value})
        self._create_order(10)
        [row] = self._panel(self.user_seller, "targets")["rows"]
        target = self.env["kehu.target"].with_user(self.user_seller).search([("user_id", "=", self.user_seller.id)])
        self.assertEqual((row["actual"], row["completion"], row["value"]), (1000.0, 20.0, 5000.0))
        for name in ("actual", "completion", "days_left", "status"):
            self.assertEqual(row[name], target[name], f"as the target itself says: {name}")
        self.assertAlmostEqual(row["pace_needed"], target.pace_needed, 2)
        self.assertAlmostEqual(row["expected"] * target.value / 100, target.expected, -1)
        leave = {"name": "Leave", "resource_id": self.user_seller.sudo().employee_id.resource_id.id, "calendar_id": False}
        start = datetime.combine(self.today, time.min) - timedelta(hours=9)
        self.env["resource.calendar.leaves"].create({**leave, "date_from": start, "date_to": start + timedelta(days=60)})
        self.env.invalidate_all()
        [again] = self._panel(self.user_seller, "targets")["rows"]
        self.assertEqual((again["days_left"], target.days_left), (0, 0), "a leave counts at once")
        self.assertEqual(self._panel(self.user_west_seller, "targets")["rows"], [])

    # -- one alone -----------------------------------------------------------------------------------------------------

    def _broken(self, failure):
        """Let the panel of contacts fail."""
        panels = type(self.env["kehu.workbench"])._kehu_panels

        def broken(model):
            return {name: {**panel, **({"load": failure} if name == "contacts" else {})} for name, panel in panels(model).items()}

        return patch.object(type(self.env["kehu.workbench"]), "_kehu_panels", broken)

    def test_a_broken_panel_stays_alone(self):
        self._day(self.user_seller)
        names = ["schedule", "contacts", "new_customers", "receivables"]
        expected = self._workbench(self.user_seller).get_panels(names)

        def divide(shared):
            return 1 / 0

        def ask_nonsense(shared):
            return self.env.execute_query(SQL("SELECT nothing FROM nowhere"))

        for failure in (divide, ask_nonsense):
            with self.subTest(failure=failure.__name__), self._broken(failure):
                with self.assertLogs("odoo.addons.kehu_crm.models.workbench.kehu_workbench", "ERROR"), mute_logger("odoo.sql_db"):
                    found = self._workbench(self.user_seller).get_panels(names)
                self.assertIn("could not be loaded", found["contacts"]["error"])
                self.assertNotIn("nowhere", found["contacts"]["error"], "the sentence is for people")
                for name in names:
                    if name != "contacts":
                        self.assertEqual(found[name], expected[name])

    def test_whatever_goes_wrong_stays_alone(self):
        """No list of kinds of errors: also one of a library, and one that another add-on made up."""

        class OddError(Exception):
            pass

        expected = self._workbench(self.user_seller).get_panels(["contacts", "schedule", "funnel"])
        for kind in (OddError, StopIteration, EOFError, ImportError, MemoryError):

            def fail(shared, kind=kind):
                raise kind("secret")

            with self.subTest(kind=kind.__name__), self._broken(fail), self.assertLogs(LOGGER, "ERROR") as logs:
                found = self._workbench(self.user_seller).get_panels(["contacts", "schedule", "funnel"])
            self.assertIn("could not be loaded", found["contacts"]["error"])
            self.assertNotIn("secret", found["contacts"]["error"])
            self.assertIn("secret", "".join(logs.output), "the administrator reads what it was")
            self.assertEqual((found["schedule"], found["funnel"]), (expected["schedule"], expected["funnel"]))

    def test_one_bad_question_among_those_asked_together(self):
        names = ["funnel", "birthdays", "recent"]
        expected = self._workbench(self.user_seller).get_panels(names)
        workbench = type(self.env["kehu.workbench"])

        def nonsense(model, shared):
            return SQL("SELECT nothing FROM nowhere")

        def crash(model, shared):
            raise ZeroDivisionError

        for question in (nonsense, crash):
            with self.subTest(question=question.__name__), patch.object(workbench, "_kehu_ask_birthdays", question):
                with self.assertLogs(LOGGER, "ERROR"), mute_logger("odoo.sql_db"):
                    found = self._workbench(self.user_seller).get_panels(names)
                self.assertIn("could not be loaded", found["birthdays"]["error"])
                self.assertEqual((found["funnel"], found["recent"]), (expected["funnel"], expected["recent"]))

    def test_a_refusal_is_told_in_its_words_without_what_is_hidden(self):
        refusal = "Not for you."
        for kind in (KehuWorkbenchRightsError, UserError):

            def refuse(shared, kind=kind):
                raise kind(refusal)

            with self.subTest(kind=kind.__name__), self._broken(refuse):
                self.assertEqual(self._panel(self.user_seller, "contacts"), {"error": refusal})
        for kind in (AccessError, MissingError):

            def tell_too_much(shared, kind=kind):
                raise kind("You may not read 'Customer' (Hidden Ltd)")

            with self.subTest(kind=kind.__name__), self._broken(tell_too_much), self.assertLogs(LOGGER, "ERROR"):
                error = self._panel(self.user_seller, "contacts")["error"]
            self.assertNotIn("Hidden", error)

    def test_what_must_be_asked_again_is_not_swallowed(self):
        def write(shared):
            raise psycopg2.errors.ReadOnlySqlTransaction

        with self._broken(write), self.assertRaises(psycopg2.errors.ReadOnlySqlTransaction):
            self._panel(self.user_seller, "contacts")

    def test_reads_only(self):
        """Everything in a transaction that cannot write."""
        self.assertTrue(KehuWorkbench.get_panels._readonly)
        self._day(self.user_seller)
        self.env.cr.flush()
        self.env.cr.execute("SAVEPOINT kehu_reads; SET TRANSACTION READ ONLY")
        self.env.invalidate_all()
        found = self._workbench(self.user_seller).get_panels([])
        self.assertFalse([name for name, data in found.items() if "error" in data])
        self.env.cr.execute("ROLLBACK TO SAVEPOINT kehu_reads")

    # -- cost ----------------------------------------------------------------------------------------------------------

    def _queries(self, user):
        names = [panel["name"] for panel in self._workbench(user).get_layout()["available"]]
        workbench = self._workbench(user)
        workbench.get_panels(names)  # what every session has loaded
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.user.has_group("base.group_user")
        before = self.env.cr.sql_log_count
        found = workbench.get_panels(names)
        self.assertFalse([name for name, data in found.items() if "error" in data])
        return self.env.cr.sql_log_count - before

    def test_queries_of_all_panels_together(self):
        self._flow("sale.order", self.user_director)
        for metric in ("ordered", "received"):
            self.env["kehu.target"].create({"user_id": self.user_seller.id, "metric": metric, "value": 5000.0})
        self._day(self.user_seller)
        self._submitted_order()
        few = {user: self._queries(user) for user in (self.user_seller, self.user_east_manager, self.user_director)}
        self._day(self.user_seller, 6)
        self._day(self.user_west_seller, 4)
        for _number in range(5):
            self._submitted_order()
        for user, queries in few.items():
            with self.subTest(user=user.name):
                self.assertEqual(self._queries(user), queries, "more records, as many queries")
                self.assertLessEqual(queries, MOST_QUERIES)
