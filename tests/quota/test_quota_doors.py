"""Ways round the daily limits that somebody with a program would try."""

from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree
from odoo.fields import Command
from odoo.tests import tagged

from ...models.quota.exceptions import KehuQuotaError
from ...models.quota.forms import named_partners
from ...models.quota.kehu_quota_use import ENGINE
from ...models.system.engine import as_engine
from ..common import KehuCommon

SPECIFICATION = {"display_name": {}, "phone": {}}


@tagged("post_install", "-at_install")
class TestQuotaDoors(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.tag = cls.env["res.partner.category"].create({"name": "Everybody (t)"})
        cls.customers = cls.env["res.partner"].create(
            [
                {
                    "name": f"Guarded {n} (t)",
                    "kehu_is_customer": True,
                    "user_id": cls.user_seller.id,
                    "phone": f"0512-7777{n:04d}",
                    "email": f"guarded{n}@example.com",
                    "category_id": [Command.link(cls.tag.id)],
                }
                for n in range(6)
            ]
        )
        cls.phones = cls.env["kehu.contact.phone"].create(
            [{"partner_id": customer.id, "number": f"0512-66660{n:03d}"} for n, customer in enumerate(cls.customers)]
        )
        cls.order = cls.env["sale.order"].create({"partner_id": cls.customers[0].id, "user_id": cls.user_seller.id})
        cls.uses = cls.env["kehu.quota.use"]

    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()  # counting opens a cursor
        self.env.flush_all()
        self.env.invalidate_all()

    def mine(self, records):
        return records.with_user(self.user_seller)

    def used(self, kind):
        return self.uses.search([("user_id", "=", self.user_seller.id), ("kind", "=", kind)]).used

    def refuse(self, act, sentence="daily limit|may open|may see|may export"):
        self.env.invalidate_all()
        with self.assertRaisesRegex(KehuQuotaError, sentence), self.env.cr.savepoint():
            act()

    def test_views_are_loaded(self):
        """The host tries whether each field can be grouped: with a limit those that lead to customers cannot, and the views come."""
        self.company.kehu_quota_view = self.company.kehu_quota_search = 3
        for name in ("res.partner", "crm.lead", "sale.order", "kehu.phone.call", "kehu.call.line"):
            with self.subTest(name):
                model = self.mine(self.env[name])
                self.assertIn("list", model.get_views([(False, "list"), (False, "search")])["views"])
                self.assertIn("id", model.fields_get())
        described = self.mine(self.env["res.partner"]).fields_get(["kehu_phone_ids", "name"], ["groupable"])
        self.assertFalse(described["kehu_phone_ids"]["groupable"])
        self.assertTrue(described["name"]["groupable"])

    # ------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------

    def test_forms(self):
        """A form that was never saved tells the phone of whom it names; so does one of a saved record that sends nothing."""
        leads, partners = self.mine(self.env["crm.lead"]), self.mine(self.env["res.partner"])
        events = self.mine(self.env["calendar.event"])
        first, other = self.customers[0], self.customers[1]
        spec = {"partner_id": {"fields": {}}, "phone": {}, "email_from": {}}
        people = {"partner_ids": {"fields": {"phone": {}}}}
        self.company.kehu_quota_view = 1
        self.mine(first).read(["phone"])
        self.assertEqual(leads.onchange({"partner_id": first.id}, ["partner_id"], spec)["value"]["email_from"], first.email)
        doors = {
            "chosen": lambda: leads.onchange({"partner_id": other.id}, ["partner_id"], spec),
            "default": lambda: leads.with_context(default_partner_id=other.id).onchange({}, [], spec),
            "its own form": lambda: self.mine(other).onchange({}, [], {"phone": {}}),
            "many": lambda: events.onchange({"partner_ids": [[6, 0, self.customers.ids]]}, ["partner_ids"], people),
            "copy": lambda: partners.browse(other.id).copy_data(),
        }
        for door, act in doors.items():
            with self.subTest(door):
                self.refuse(act, "may open")
        leads.onchange({"partner_id": other.id}, ["partner_id"], {"name": {}})  # tells nothing by which the customer is reached
        self.assertEqual(self.used("view"), 1)

    def test_partners_named_in_lines(self):
        lead, event = self.env["crm.lead"], self.env["calendar.event"]
        self.assertEqual(named_partners(lead, {"partner_id": 7, "name": "x", "nothing": 8, "user_id": 9}), {7})
        self.assertEqual(named_partners(lead, {"partner_id": {"id": 7}}), {7})
        self.assertEqual(named_partners(event, {"partner_ids": [[4, 5, 0], [6, 0, [6, 7]], [3, 8, 0], 9]}), {5, 6, 7, 9})
        self.assertEqual(named_partners(event, {"attendee_ids": [[0, "virtual_1", {"partner_id": 4}]]}), {4})
        self.assertEqual(named_partners(lead, {"partner_id": "x", "tag_ids": False, "order_ids": [None, [], [5]]}), set())

    def test_names_with_emails(self):
        """A client may ask any model for the names of its customers with their e-mails."""
        self.company.kehu_quota_view = 1
        self.mine(self.customers[1]).read(["phone"])
        orders = self.mine(self.order)
        for act in (
            lambda: orders.with_context(show_email=1).read(["partner_id"]),
            lambda: orders.web_read({"partner_id": {"fields": {"display_name": {}}, "context": {"show_email": 1}}}),
            lambda: orders.with_context(show_email=1).search_read([("id", "=", orders.id)], ["partner_id"]),
            lambda: self.mine(self.env["res.partner"]).with_context(show_email=1).name_search("Guarded 2 (t)"),
        ):
            self.refuse(act, "may open")
        self.assertIn("Guarded 0", orders.read(["partner_id"])[0]["partner_id"][1])

    def test_further_numbers(self):
        self.company.kehu_quota_view = 1
        self.mine(self.phones[0]).read(["number"])
        self.assertEqual(self.used("view"), 1)
        self.mine(self.customers[0]).web_read({"phone": {}, "kehu_phone_ids": {"fields": {"number": {}}}})  # the same customer
        numbers = self.mine(self.env["kehu.contact.phone"])
        for act in (
            lambda: numbers.search_read([], ["number"]),
            lambda: numbers.web_search_read([], {"display_name": {}}),
            lambda: numbers.formatted_read_group([], ["number"], ["__count"]),
        ):
            self.refuse(act, "may open")

    def _call_lines(self):
        """A call list of the customers, all of them the seller's to call."""
        lists = as_engine(self.env["kehu.call.list"], "call").create({"name": "Everybody (t)", "caller_ids": self.user_seller.ids})
        as_engine(lists, "call").state = "running"
        return as_engine(self.env["kehu.call.line"], "call").create(
            [
                {"list_id": lists.id, "partner_id": customer.id, "number": customer.phone, "user_id": self.user_seller.id}
                for customer in self.customers
            ]
        )

    def test_call_lists(self):
        """Call lists and calls hold the numbers of customers; a new call proposes that of any customer."""
        lines = self.mine(self._call_lines())
        calls = self.mine(self.env["kehu.phone.call"])
        self.company.kehu_quota_view = 1
        desk = self.mine(self.env["kehu.call.desk"]).create({"line_id": lines[0].id})
        self.assertEqual(desk.read(["number"])[0]["number"], self.customers[0].phone)
        self.assertEqual(self.used("view"), 1)
        lines[0].read(["number"])
        calls.create({"partner_id": self.customers[0].id, "direction": "out", "outcome": "no_answer"}).read(["number"])
        self.assertEqual(self.used("view"), 1)
        second = self.mine(self.env["kehu.call.desk"]).create({"line_id": lines[1].id})
        for door, act in {
            "lines": lambda: lines.search_read([], ["number"]),
            "key": lambda: lines.read(["number_key"]),
            "groups": lambda: lines.formatted_read_group([], ["number"], ["__count"]),
            "desk": lambda: second.read(["number"]),
            "new call": lambda: calls.onchange({"partner_id": self.customers[1].id}, ["partner_id"], {"number": {}}),
            "new desk": lambda: self.mine(self.env["kehu.call.desk"]).onchange({"line_id": lines[1].id}, ["line_id"], {"number": {}}),
        }.items():
            with self.subTest(door):
                self.refuse(act)
        lines.read(["partner_id", "state"])  # tells nothing by which the customers are reached
        self.assertEqual(self.used("view"), 1)

    def test_call_lists_are_exported(self):
        self.user_seller.group_ids = [Command.link(self.env.ref("base.group_allow_export").id)]
        self.company.kehu_quota_export = 5
        lines = self.mine(self._call_lines())
        self.refuse(lambda: lines.export_data(["partner_id/name", "number"]), "may export")
        self.refuse(lambda: lines.list_id.export_data(["name", "line_ids/number"]), "may export")
        lines[:5].export_data(["number"])
        self.assertEqual(self.used("export"), 5)

    def test_screens_beside(self):
        """Wizards of the host tell the phone or e-mail of whoever a document is about."""
        self.company.kehu_quota_view = 1
        self.mine(self.customers[1]).read(["phone"])
        links = self.mine(self.env["payment.link.wizard"])
        link = links.create({"res_model": "sale.order", "res_id": self.order.id, "amount": 1, "partner_id": self.customers[0].id})
        self.refuse(lambda: link.read(["partner_email"]))
        if "sms.composer" in self.env:
            composers, about = self.mine(self.env["sms.composer"]), {"res_model": "res.partner", "res_id": self.customers[0].id}
            spec = {"recipient_single_number": {}}
            self.refuse(lambda: composers.create({**about, "composition_mode": "comment", "body": "x"}).read(list(spec)))
            self.refuse(lambda: composers.onchange({**about, "composition_mode": "comment"}, [], spec))
            active = {"active_model": "sale.order", "active_id": self.order.id}
            self.refuse(lambda: composers.with_context(**active).onchange({}, [], spec))
            seen = composers.create({**about, "res_id": self.customers[1].id, "composition_mode": "comment", "body": "x"})
            self.assertTrue(seen.read(list(spec))[0]["recipient_single_number"])
        self.assertEqual(self.used("view"), 1)

    def test_addresses_of_free_mail_boxes(self):
        """The host keeps the whole address, not its domain, to find other leads of the same person."""
        self.customers[0].email = "somebody@gmail.com"
        lead = self.env["crm.lead"].create({"name": "Lead (t)", "partner_id": self.customers[0].id, "user_id": self.user_seller.id})
        self.assertEqual(lead.email_domain_criterion, "somebody@gmail.com")
        self.company.kehu_quota_view = 1
        self.mine(self.customers[1]).read(["phone"])
        self.refuse(lambda: self.mine(lead).read(["email_domain_criterion"]), "may open")

    def test_recipients(self):
        """The history of a document offers its customer without the e-mail to people with a limit."""

        def offered():
            found = self.mine(self.customers[0])._message_get_suggested_recipients(reply_discussion=True)
            return [one["email"] for one in found if one["partner_id"] == self.customers[0].id]

        self.assertEqual(offered(), ["guarded0@example.com"])
        self.company.kehu_quota_view = 1
        self.assertEqual(offered(), ["g***@example.com"])
        self.assertFalse(self.used("view"))

    def test_mentions(self):
        """Whom one mentions is chosen by name; e-mails of customers are left out for people with a limit."""
        partners = self.mine(self.env["res.partner"])

        def emails():
            return {partner.get("email") for partner in partners.get_mention_suggestions("Guarded", limit=50)["res.partner"]}

        self.assertIn("guarded1@example.com", emails())
        self.company.kehu_quota_view = 1
        self.assertEqual(emails() - {None, False}, set())

    # ------------------------------------------------------------
    # Lists and groups
    # ------------------------------------------------------------

    def test_lines_within_a_list(self):
        """One row of a list may show a thousand customers in its lines."""
        self.company.write({"kehu_quota_view": 1, "kehu_quota_search": 2})
        tags, partners = self.mine(self.env["res.partner.category"]), self.mine(self.env["res.partner"])
        nested = {"partner_ids": {"fields": {"phone": {}}}}
        self.refuse(lambda: tags.web_search_read([("id", "=", self.tag.id)], nested), "may open")
        one = [("id", "=", self.customers[0].id)]
        self.startPatcher(patch("odoo.addons.kehu_crm.models.quota.kehu_quota_mixin.PAGE", 2))
        self.refuse(lambda: partners.web_search_read(one, {"category_id": {"fields": nested}}), "may see 2 pages")
        self.refuse(
            lambda: partners.web_read_group(
                one, ["user_id"], auto_unfold=True, unfold_read_specification={"category_id": {"fields": nested}}
            ),
            "may see 2 pages",
        )
        self.assertEqual(self.used("search"), 0)

    def test_groups(self):
        """Groups tell what they are made by, of other models too, in orders and in conditions."""
        partners, orders = self.mine(self.env["res.partner"]), self.mine(self.env["sale.order"])
        ours = [("id", "in", self.customers.ids)]
        for limits in ({"kehu_quota_view": 2, "kehu_quota_search": 0}, {"kehu_quota_view": 0, "kehu_quota_search": 1}):
            self.company.write(limits)
            for act in (
                lambda: orders.formatted_read_group([], ["partner_id.phone"], ["__count"]),
                lambda: orders.web_read_group([], ["partner_id.email"]),
                lambda: orders.formatted_read_grouping_sets([], [["partner_id.kehu_mobile"]], ["__count"]),
                lambda: partners.formatted_read_group(ours, ["city"], ["__count"], having=[("phone:max", ">", "0512-7")]),
                lambda: partners._read_group(ours, ["city"], ["phone:array_agg"]),
                lambda: partners.read_progress_bar(ours, "phone", {"field": "type", "colors": {"contact": "red"}}),
            ):
                self.refuse(act, "not grouped here")
        self.company.write({"kehu_quota_view": 2, "kehu_quota_search": 0})
        for act in (
            lambda: partners.formatted_read_group(ours, ["phone"]),
            lambda: partners.web_read_group(ours, ["phone"]),
        ):
            self.refuse(act, "may open 2 customers")
        self.company.write({"kehu_quota_view": 0, "kehu_quota_search": 5})
        self.assertEqual(len(partners.formatted_read_group(ours, ["phone"], ["__count"])), 6)
        self.assertEqual(self.used("search"), 1)

    # ------------------------------------------------------------
    # Taking along
    # ------------------------------------------------------------

    def test_exports_by_another_record(self):
        """One row of a workbook may tell the phones of everybody."""
        self.user_seller.group_ids = [Command.link(self.env.ref("base.group_allow_export").id)]
        self.company.kehu_quota_export = 5
        event = (
            self.env["calendar.event"].with_user(self.user_seller).create({"name": "All (t)", "start": "2026-01-01", "stop": "2026-01-01"})
        )
        event.sudo().partner_ids = self.customers
        self.refuse(lambda: event.export_data(["name", "partner_ids/phone"]), "may export")
        self.refuse(lambda: self.mine(self.tag).export_data(["partner_ids/kehu_phone_ids/number"]), "may export")
        self.assertEqual(self.used("export"), 0)
        self.mine(self.order).export_data(["partner_id/phone"])
        self.assertEqual(self.used("export"), 1)

    def test_prints(self):
        self.company.kehu_quota_export = 3
        report = self.env["ir.actions.report"].create(
            {"name": "Cards (t)", "model": "res.partner", "report_name": "kehu_crm.cards_t", "report_type": "qweb-html"}
        )
        reports = self.mine(self.env["ir.actions.report"])
        reports._kehu_note_print(report, self.customers[:3].ids)
        reports._kehu_note_print(report, self.customers[:3].ids)  # the page and the PDF made of it
        self.assertEqual(self.used("export"), 3)
        self.refuse(lambda: reports._kehu_note_print(report, self.customers[4].ids), "may export")

    # ------------------------------------------------------------
    # Companies
    # ------------------------------------------------------------

    def test_another_company_is_no_way_round(self):
        """The client says which company is active: the least that any of one's companies allows holds in all, on one day and one count."""
        other = self.env["res.company"].create({"name": "Other (t)"})
        self.user_seller.company_ids = [Command.link(other.id)]
        self.company.write({"kehu_quota_view": 2, "kehu_timezone": "Asia/Shanghai"})
        other.kehu_timezone = "Pacific/Pago_Pago"
        there = self.mine(self.customers).with_context(allowed_company_ids=[other.id])
        self.mine(self.customers[0]).read(["phone"])
        there[1].read(["phone"])
        self.refuse(lambda: there[2].read(["phone"]), "may open 2 customers")
        self.assertEqual(self.used("view"), 2)
        other.kehu_quota_view = 1
        self.assertEqual(self.uses.with_user(self.user_seller)._kehu_quotas().view, 1)

    def test_the_day_of_the_company(self):
        """The count begins anew at midnight in Shanghai, 16:00 UTC; a refusal says when that is where the person is, and whom to ask."""
        group = self.env.ref("kehu_crm.group_kehu_admin")
        (group.all_user_ids - self.user_crm_admin).write({"group_ids": [Command.unlink(group.id)]})
        self.user_seller.tz = "Asia/Shanghai"
        self.company.write({"kehu_quota_view": 1, "kehu_timezone": "Asia/Shanghai"})
        with freeze_time("2026-03-05 15:59:00"):
            self.mine(self.customers[0]).read(["phone"])
            self.refuse(lambda: self.mine(self.customers[1]).read(["phone"]), "begins anew on 2026-03-06 00:00")
            self.refuse(lambda: self.mine(self.customers[1]).read(["phone"]), f"CRM administrator: {self.user_crm_admin.name}")
            self.user_seller.tz = "Europe/Berlin"
            self.refuse(lambda: self.mine(self.customers[1]).read(["phone"]), "begins anew on 2026-03-05 17:00")
        with freeze_time("2026-03-05 16:00:00"):
            self.mine(self.customers[1]).read(["phone"])
        rows = self.uses.search([("user_id", "=", self.user_seller.id)], order="day")
        self.assertEqual([str(row.day) for row in rows], ["2026-03-05", "2026-03-06"])

    # ------------------------------------------------------------
    # Cost
    # ------------------------------------------------------------

    def test_a_list_costs_one_count_more(self):
        partners, ours = self.mine(self.env["res.partner"]), [("id", "in", self.customers.ids)]

        def cost():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partners.web_search_read(ours, SPECIFICATION)
            return self.env.cr.sql_log_count - before

        cost()
        without = cost()
        self.company.write({"kehu_quota_view": 100, "kehu_quota_search": 100})
        cost()
        self.assertLessEqual(cost(), without + 3, "the count, how long it waits, and the clock of the company")

    def test_the_form_of_a_customer(self):
        """With a limit the form stays within the 25 queries that it may cost; of a customer opened before it costs no second connection."""
        view = (
            self.env["res.partner"]
            .with_user(self.user_seller)
            .get_views([(self.env.ref("kehu_crm.res_partner_view_form_kehu").id, "form")])
        )
        spec = self._spec("res.partner", view)

        def cost():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.mine(self.customers[0]).web_read(spec)
            return self.env.cr.sql_log_count - before

        cost()
        without = cost()
        self.company.write({"kehu_quota_view": 100, "kehu_quota_search": 100})
        cost()
        as_engine(self.env["kehu.quota.seen"].search([]), ENGINE).unlink()
        self.assertLessEqual(cost(), without + 6, "the count as well")
        again = cost()
        self.assertLessEqual(again, without + 3, "two looks, at the customer and its further numbers, and the clock of the company")
        self.assertLessEqual(again, 25)

    def _spec(self, model_name, views):
        """What the web client asks for to show a form."""

        def fields_of(node, model):
            spec = {}
            for field in node.iter("field"):
                name = field.get("name")
                if name not in model._fields or any(parent.tag == "field" for parent in _parents(field, node)):
                    continue
                relational = model._fields[name].type in ("one2many", "many2many") and len(field)
                spec[name] = {"fields": fields_of(field[0], self.env[model._fields[name].comodel_name]), "limit": 40} if relational else {}
            return spec

        def _parents(field, node):
            parent = field.getparent()
            while parent is not None and parent is not node:
                yield parent
                parent = parent.getparent()

        return fields_of(etree.fromstring(views["views"]["form"]["arch"]), self.env[model_name])
