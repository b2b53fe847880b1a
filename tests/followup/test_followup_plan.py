"""The contact plan: whom to contact when, the next contact of many at once, the workbook; and the level's rule through every door."""

import io
import json
from datetime import date, datetime, timedelta

import openpyxl
from freezegun import freeze_time
from lxml import etree
from odoo import fields, http
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ...models.customer.exceptions import KehuCustomerError
from ...models.followup.exceptions import KehuContactPlanError, KehuContactPlanRightsError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestFollowupPlan(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_seller.tz = cls.user_east_manager.tz = "Asia/Shanghai"
        cls.customers = cls.env["res.partner"].browse()
        for name in ("Alpha", "Beta", "Gamma"):
            cls.customers |= cls._create_customer(owner=cls.user_seller, name=name)
        cls.records = cls.env["kehu.contact.record"].with_user(cls.user_seller)

    def record(self, customer, day="2026-08-31", **values):
        return self.records.create({"partner_id": customer.id, "date": day, "content": "Talked", **values})

    def dialog(self, customers, user=None):
        customers = customers.with_user(user or self.user_seller)
        action = customers.action_kehu_change_next_contact()
        return self.env[action["res_model"]].with_user(customers.env.user).with_context(**action["context"])

    # -- the next contact of many --------------------------------------------------------------------------------------

    @freeze_time("2026-08-31 04:00:00")
    def test_the_dialog_moves_dates_and_entries(self):
        events = self.env["calendar.event"]
        for customer in self.customers[:2]:
            events |= self.record(customer, next_contact="2026-09-03").event_ids
        form = Form(self.dialog(self.customers))
        self.assertEqual(form.customer_count, 3)
        form.next_contact = "2026-09-10"
        form.reason = "The fair"
        action = form.save().action_apply()
        self.assertIn("3 customers", action["params"]["message"])
        self.assertEqual(set(self.customers.mapped("kehu_next_contact")), {date(2026, 9, 10)})
        self.assertEqual(set(events.mapped("start")), {datetime(2026, 9, 10, 1)})
        for customer in self.customers:
            note = customer.message_ids[0]
            self.assertIn("The fair", str(note.body))
            self.assertEqual(note.author_id, self.user_seller.partner_id)
            self.assertFalse(note.partner_ids | note.notified_partner_ids, "a note is for nobody's inbox")

    def test_an_overdue_plan_moves_too(self):
        """The commonest case: what was not done last week is done next week."""
        with freeze_time("2026-08-31 04:00:00"):
            events = self.env["calendar.event"].union(
                *(self.record(customer, next_contact="2026-09-03").event_ids for customer in self.customers)
            )
        with freeze_time("2026-09-07 04:00:00"):
            events[0].kehu_complete("Called all the same")
            self.customers.with_user(self.user_seller)._kehu_move_next_contact("2026-09-10")
            self.assertEqual(events.mapped("start"), [datetime(2026, 9, 3, 1), *[datetime(2026, 9, 10, 1)] * 2])

    def test_an_overdue_plan_goes_with_the_customer(self):
        with freeze_time("2026-08-31 04:00:00"):
            kept, moved = (self.record(customer, next_contact="2026-09-03").event_ids.sudo() for customer in self.customers[:2])
        with freeze_time("2026-09-07 04:00:00"):
            self.customers[:2].with_user(self.user_seller).kehu_transfer(self.user_seller2.id, "Holiday")
            self.assertEqual((kept | moved).user_id, self.user_seller2)
            self.customers[0].with_user(self.user_seller2).kehu_return("No need")
            self.assertEqual((kept | moved).exists(), moved)

    @freeze_time("2026-08-31 04:00:00")
    def test_without_a_reason_nothing_is_noted(self):
        before = self.customers.message_ids
        wizard = self.dialog(self.customers[0]).create({"next_contact": "2026-09-10", "reason": "  "})
        self.assertIn("Alpha", wizard.action_apply()["params"]["message"])
        self.assertEqual(self.customers.message_ids, before)

    @freeze_time("2026-08-31 17:30:00")  # 1 September in Shanghai
    def test_days_that_are_refused(self):
        for day, refusal in (("2026-08-31", KehuContactPlanError), ("2036-09-02", KehuCustomerError)):
            with self.subTest(day=day), self.assertRaises(refusal):
                self.dialog(self.customers).create({"next_contact": day}).action_apply()
        self.dialog(self.customers).create({"next_contact": "2026-09-01"}).action_apply()
        with self.assertRaises(KehuContactPlanError):
            self.env["res.partner"].with_user(self.user_seller).action_kehu_change_next_contact()

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    @freeze_time("2026-08-31 04:00:00")
    def test_whose_customers_one_may_move(self):
        west = self._create_customer(owner=self.user_west_seller, name="West Secret")
        waiting = self._create_customer(name="Waiting")
        cases = {
            # role: may move those of the seller, those of the west, all at once
            "seller": (True, False),
            "seller2": (False, False),
            "west_seller": (False, True),
            "east_manager": (True, False),
            "sales_manager": (True, True),
            "director": (True, True),
            "crm_admin": (True, True),
        }
        for role, (own, other) in cases.items():
            user = getattr(self, f"user_{role}")
            for customers, allowed in ((self.customers, own), (west, other), (self.customers | west, own and other)):
                self.env["res.partner"].browse(customers.ids).kehu_next_contact = False
                wizards = self.env["kehu.next.contact.change"].with_user(user)
                with self.subTest(role=role, customers=customers.mapped("name")):
                    # a client that sends ids of its own choice
                    if allowed:
                        wizards.create({"partner_ids": [Command.set(customers.ids)], "next_contact": "2026-09-10"}).action_apply()
                        self.assertEqual(set(customers.mapped("kehu_next_contact")), {date(2026, 9, 10)})
                        continue
                    with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                        customers.with_user(user)._kehu_move_next_contact("2026-09-10")
                    self.assertIsInstance(caught.exception, KehuContactPlanRightsError)
                    if not other:
                        self.assertNotIn("West Secret", str(caught.exception))
                    self.env.invalidate_all()
                    self.assertFalse(any(customers.mapped("kehu_next_contact")), "all or none")
        for user in (self.user_east_manager, self.user_director):
            with self.subTest(user=user.name), self.assertRaises(UserError):
                waiting.with_user(user)._kehu_move_next_contact("2026-09-10")
        self.assertFalse(waiting.kehu_next_contact)

    @freeze_time("2026-08-31 04:00:00")
    def test_many_cost_no_more_than_few(self):
        def cost(count):
            customers = self.env["res.partner"].create(
                [{"name": f"C{count}-{index}", "kehu_is_customer": True, "user_id": self.user_seller.id} for index in range(count)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            customers.with_user(self.user_seller)._kehu_move_next_contact("2026-09-10", "Fair")
            self.env.flush_all()
            return self.cr.sql_log_count - before

        cost(2)
        few, many = cost(10), cost(100)
        self.assertLessEqual(many, few + 10, f"{few} queries for 10 customers, {many} for 100")

    # -- the level's rule through every door ---------------------------------------------------------------------------

    def test_the_rule_by_import(self):
        fields_, rows = ["partner_id", "date", "level_id", "content", "next_contact"], []
        for customer, level, typed in zip(
            self.customers, (self.level_key, self.level_key, self.level_none), ("", "2026-09-10", ""), strict=True
        ):
            rows.append([customer.name, "2026-08-31", level.name, "Imported", typed])
        result = self.records.load(fields_, rows)
        self.assertFalse(result["messages"])
        self.assertEqual(self.customers.mapped("kehu_next_contact"), [date(2026, 9, 3), date(2026, 9, 10), False])
        records = self.records.browse(result["ids"])
        self.assertEqual(records.mapped("is_next_contact_typed"), [False, True, False])
        self.assertEqual(records.mapped("event_ids.start"), [datetime(2026, 9, 3, 1), datetime(2026, 9, 10, 1)])
        # imported again with another level: the proposal follows it, the typed date stays
        for record in records:
            self.env["ir.model.data"].create({"module": "__import__", "name": f"r{record.id}", "model": record._name, "res_id": record.id})
        rows = [[f"__import__.r{record.id}", self.level_none.name] for record in records]
        self.assertFalse(self.records.load(["id", "level_id"], rows)["messages"])
        self.assertEqual(self.customers.mapped("kehu_next_contact"), [False, date(2026, 9, 10), False])

    def test_the_level_is_taken_away_or_changes_its_days(self):
        record = self.record(self.customers[0], level_id=self.level_key.id)
        self.level_key.reminder_days = 10
        self.env.flush_all()
        self.assertEqual(self.customers[0].kehu_next_contact, date(2026, 9, 3), "what was agreed on stays")
        record.level_id = False
        self.assertFalse(self.customers[0].kehu_next_contact)
        self.assertFalse(record.event_ids)
        self.assertEqual(self.customers[0].kehu_level_id, self.level_key, "a record without a level takes none away")
        record.level_id = self.level_key
        self.assertEqual(self.customers[0].kehu_next_contact, date(2026, 9, 10))

    def test_a_cleared_date_is_not_a_typed_one(self):
        record = self.record(self.customers[0], level_id=self.level_key.id, next_contact="2026-09-20")
        self.assertTrue(record.is_next_contact_typed)
        record.write({"next_contact": False})
        self.assertFalse(record.is_next_contact_typed)
        self.assertFalse(self.customers[0].kehu_next_contact)
        record.level_id = self.env["kehu.customer.level"].create({"name": "Weekly (test)", "reminder_days": 7})
        self.assertEqual(self.customers[0].kehu_next_contact, date(2026, 9, 7))

    def test_the_form_of_a_saved_record(self):
        record = self.record(self.customers[0], level_id=self.level_key.id)
        weekly = self.env["kehu.customer.level"].create({"name": "Weekly (test)", "reminder_days": 7})
        form = Form(record)
        form.level_id = weekly
        self.assertEqual(fields.Date.to_date(form.next_contact), date(2026, 9, 7))
        form.next_contact = "2026-09-07"  # the very day that was proposed
        form.level_id = self.level_key
        self.assertEqual(fields.Date.to_date(form.next_contact), date(2026, 9, 3))
        form.next_contact = "2026-09-30"
        form.level_id = weekly
        form.save()
        self.assertEqual(self.customers[0].kehu_next_contact, date(2026, 9, 30))

    def test_an_edited_old_record_moves_nothing(self):
        old = self.record(self.customers[0], day="2026-08-01", level_id=self.level_key.id)
        self.record(self.customers[0], level_id=self.level_key.id)
        old.with_user(self.user_crm_admin).write({"level_id": self.level_none.id, "next_contact": "2026-12-24", "date": "2026-08-02"})
        self.assertEqual(self.customers[0].kehu_last_contact, date(2026, 8, 31))
        self.assertEqual(self.customers[0].kehu_next_contact, date(2026, 9, 3))
        self.assertEqual(self.customers[0].kehu_level_id, self.level_key)

    def test_a_default_level_of_the_context_proposes(self):
        record = self.records.with_context(default_level_id=self.level_key.id).create(
            {"partner_id": self.customers[0].id, "date": "2026-08-31"}
        )
        self.assertEqual(record.next_contact, date(2026, 9, 3))

    def test_records_are_made_set_wise(self):
        """Neither the proposal, nor the department, nor the entry in the schedule costs a query per record."""
        levels = self.level_key | self.level_none

        def cost(count, **values):
            customers = self.env["res.partner"].create(
                [{"name": f"C{index}", "kehu_is_customer": True, "user_id": self.user_seller.id} for index in range(count)]
            )
            vals_list = [
                {"partner_id": customer.id, "date": "2026-08-31", "content": f"Said {index}", "level_id": levels[index % 2].id, **values}
                for index, customer in enumerate(customers)
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.records.create(vals_list)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        for label, values in (("no entry", {"add_to_schedule": False}), ("entries that remind", {"remind_by_email": True})):
            cost(2, **values)
            few, many = cost(10, **values), cost(100, **values)
            with self.subTest(label):
                self.assertLessEqual(many, few + 10, f"{few} queries for 10 records, {many} for 100")

    # -- what the screen shows -----------------------------------------------------------------------------------------

    def test_a_week_begins_on_monday(self):
        """Whatever day the language of the host begins its week with; on a Sunday too."""
        arch = etree.fromstring(
            self.env["res.partner"].get_view(self.env.ref("kehu_crm.res_partner_view_search_kehu").id, "search")["arch"]
        )
        domain = safe_eval(arch.find(".//filter[@name='next_week']").get("domain"))
        for first_day in ("1", "7"):
            self.env["res.lang"].search([("active", "=", True)]).week_start = first_day
            for zone in ("Asia/Shanghai", "America/Los_Angeles"):
                partners = self.env["res.partner"].with_context(tz=zone)
                # Sunday noon, Monday noon there
                for noon, monday in (("2026-09-06", date(2026, 8, 31)), ("2026-09-07", date(2026, 9, 7)), ("2026-09-12", date(2026, 9, 7))):
                    utc = fields.Datetime.to_datetime(noon) + (timedelta(hours=4) if zone == "Asia/Shanghai" else timedelta(hours=19))
                    with freeze_time(utc):
                        for offset, shown in ((-1, False), (0, True), (6, True), (7, False)):
                            self.customers[0].kehu_next_contact = monday + timedelta(days=offset)
                            with self.subTest(first_day=first_day, zone=zone, noon=noon, offset=offset):
                                found = partners.search_count([*domain, ("id", "=", self.customers[0].id)])
                                self.assertEqual(bool(found), shown)

    def test_the_plan_offers_its_acts(self):
        arch = etree.fromstring(self.env["res.partner"].get_view(self.env.ref("kehu_crm.res_partner_view_list_kehu_plan").id)["arch"])
        self.assertTrue(arch.xpath("/list/header/button[@name='action_kehu_change_next_contact']"))
        self.assertTrue(arch.xpath("/list/button[@name='action_kehu_contact']"))
        self.assertEqual(arch.get("js_class"), "kehu_plan_list")


@tagged("post_install", "-at_install")
class TestFollowupPlanExport(KehuCommon, HttpCase):
    """The workbook of the contact plan comes from the host's export: its right, its language, its rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        for user in (cls.user_seller, cls.user_east_manager):
            user.write({"password": user.login, "lang": "zh_CN", "tz": "Asia/Shanghai"})
        cls.mine = cls._create_customer(owner=cls.user_seller, name="Alpha", kehu_next_contact="2026-09-03")
        cls._create_customer(owner=cls.user_west_seller, name="West Secret", kehu_next_contact="2026-09-03")

    def export(self, user):
        """Export what the plan shows, as its button does; return the rows of the workbook, or None when it is refused."""
        self.authenticate(user.login, user.login)
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_contact_plan_action")
        view = self.env.ref("kehu_crm.res_partner_view_list_kehu_plan")
        partners = self.env["res.partner"].with_user(user).with_context(lang="zh_CN")
        arch = etree.fromstring(partners.get_view(view.id)["arch"])
        names = [
            node.get("name") for node in arch.findall("./field") if not node.get("column_invisible") and node.get("optional") != "hide"
        ]
        labels = partners.fields_get(names, ["string", "type"])
        response = self.url_open(
            "/web/export/xlsx",
            data={
                "data": json.dumps(
                    {
                        "model": "res.partner",
                        "fields": [{"name": name, "label": labels[name]["string"], "type": labels[name]["type"]} for name in names],
                        "ids": False,
                        "domain": safe_eval(action["domain"]),
                        "groupby": [],
                        "import_compat": False,
                        "context": {"lang": "zh_CN", "tz": "Asia/Shanghai"},
                    }
                ),
                "csrf_token": http.Request.csrf_token(self),
            },
        )
        if response.status_code != 200:
            return None
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        return [[cell.value for cell in row] for row in sheet.iter_rows()]

    def test_only_with_the_right_and_only_what_one_sees(self):
        with mute_logger("odoo.http", "odoo.addons.web.controllers.export"):
            self.assertIsNone(self.export(self.user_seller))
        self.user_seller.group_ids = [Command.link(self.env.ref("base.group_allow_export").id)]
        for user in (self.user_seller, self.user_east_manager):
            with self.subTest(user=user.name):
                header, *rows = self.export(user)
                self.assertIn("Alpha", [row[0] for row in rows])
                self.assertNotIn("West Secret", str(rows))
                column = header.index(
                    self.env["res.partner"].with_context(lang="zh_CN").fields_get(["kehu_next_contact"])["kehu_next_contact"]["string"]
                )
                [row] = [row for row in rows if row[0] == "Alpha"]
                self.assertEqual(row[column].date(), date(2026, 9, 3))
