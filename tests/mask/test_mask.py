"""What roles hide, and what they do not."""

from datetime import timedelta

from lxml import etree
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.mask.exceptions import KehuHiddenError, KehuStarsError
from ...models.role.exceptions import KehuRoleError
from .common import COST, EMAIL, HELLO, MOBILE, PHONE, PRICE, MaskCommon
from .test_mask_sweep import told

SPECIFICATION = {"phone": {}, "email": {}, "kehu_mobile": {}}


@tagged("post_install", "-at_install")
class TestMask(MaskCommon):
    # ------------------------------------------------------------
    # From whom
    # ------------------------------------------------------------

    def test_hidden_from_members_alone(self):
        hidden = self.env["kehu.role"]._kehu_hidden_of
        self.assertEqual(hidden(self.veiled.id), {"phone", "email", "amount", "cost"})
        self.assertFalse(hidden(self.user_seller.id))
        self.assertFalse(hidden(self.user_director.id))
        self.assertFalse(self.env["kehu.role"]._kehu_hidden(), "the program itself reads everything")

    def test_told_to_administrators(self):
        dialog = self.env["kehu.person.rights"].with_user(self.user_crm_admin)
        self.assertIn("phones, e-mails, amounts, costs", dialog.create({"user_id": self.veiled.id}).answer)
        self.assertNotIn("Hidden from this person", dialog.create({"user_id": self.user_seller.id}).answer)

    def test_another_role_shows(self):
        hidden = self.env["kehu.role"]._kehu_hidden_of
        other = self.make_role("Half (t)", "email", "cost")
        other.member_ids = self.veiled
        self.assertEqual(hidden(self.veiled.id), {"email", "cost"})
        self.assertIn(self.veiled.name, self.role.hide_note)
        self.assertFalse(other.hide_note)
        other.hide_cost = False
        self.assertEqual(hidden(self.veiled.id), {"email"})
        other.unlink()
        self.assertEqual(len(hidden(self.veiled.id)), 4)
        self.assertFalse(self.role.hide_note)

    def test_a_shipped_role_besides_shows(self):
        for xmlid in ("kehu_crm.group_kehu_user", "kehu_crm.group_kehu_finance", "account.group_account_invoice", "base.group_system"):
            group = self.env.ref(xmlid)
            with self.subTest(group=xmlid):
                self.veiled.write({"group_ids": [Command.link(group.id)]})
                self.assertFalse(self.env["kehu.role"]._kehu_hidden_of(self.veiled.id))
                self.assertIn(self.veiled.name, self.role.hide_note)
                self.veiled.write({"group_ids": [Command.unlink(group.id)]})
                self.assertTrue(self.env["kehu.role"]._kehu_hidden_of(self.veiled.id))

    def test_amounts_are_hidden_from_nobody_who_edits_them(self):
        lines = self.role.line_ids.grouped("area")
        with self.assertRaisesRegex(KehuRoleError, "nobody edits such documents without them"), self.env.cr.savepoint():
            lines["order"].edit = "own"
        with self.assertRaisesRegex(KehuRoleError, "nothing else stands there"), self.env.cr.savepoint():
            lines["receipt"].view = "own"
        with self.assertRaisesRegex(KehuRoleError, "nobody approves what they cannot read"), self.env.cr.savepoint():
            (lines["order"] | lines["contract"]).write({"can_approve": True})
        plain = self.make_role("Plain (t)")
        with self.assertRaisesRegex(KehuRoleError, "nobody edits such documents without them"), self.env.cr.savepoint():
            plain.hide_amount = True
        with Form(plain) as form:
            form.hide_amount = True
        self.assertEqual(plain.line_ids.grouped("area")["order"].edit, "none", "the table follows in the form")

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    def test_stars_in_forms_and_lists(self):
        [row] = self.mine(self.customer).web_read(SPECIFICATION)
        self.assertEqual((row["phone"], row["kehu_mobile"], row["email"]), ("138****6666", "138****5555", "h***@veiled.example"))
        rows = self.mine(self.env["res.partner"]).web_search_read([("id", "=", self.customer.id)], SPECIFICATION)["records"]
        self.assertEqual(rows[0]["phone"], "138****6666")
        self.assertEqual(self.mine(self.customer).with_user(self.user_seller).read(["phone"])[0]["phone"], PHONE)
        [row] = self.mine(self.order).read(["amount_total", "margin", "tax_totals", "name"])
        self.assertEqual((row["amount_total"], row["margin"], row["tax_totals"]), (False, False, False))
        self.assertEqual(row["name"], self.order.name)
        self.assertFalse(self.mine(self.product).read(["standard_price"])[0]["standard_price"])
        self.assertEqual(self.product.standard_price, COST, "nothing is lost")

    def test_left_out_of_screens(self):
        for user, hidden in ((self.user_director, False), (self.veiled, True), (self.user_director, False)):
            form = etree.fromstring(self.env["sale.order"].with_user(user).get_view(view_type="form")["arch"])
            for path, attribute in (
                ("//field[@name='order_line']/list//field[@name='price_unit']", "column_invisible"),
                ("//field[@name='tax_totals']", "invisible"),
            ):
                nodes = form.xpath(path)
                self.assertTrue(nodes)
                self.assertEqual({node.get(attribute) == "True" for node in nodes}, {hidden}, (user.login, path))

    def test_colleagues_and_the_own_company_are_shown(self):
        colleague, company = self.user_seller.partner_id, self.env.company.partner_id
        (colleague | company).write({"phone": "0512-66667777", "email": "colleague@kehu.example"})
        for partner in (colleague, company):
            self.assertEqual(self.mine(partner).read(["phone", "email"])[0]["phone"], partner.phone)
        self.assertEqual(self.mine(self.user_seller).read(["login"])[0]["login"], self.user_seller.login)

    def test_the_program_itself_reads_everything(self):
        partner = self.mine(self.customer)
        self.assertEqual(partner.phone, PHONE)
        self.assertEqual(partner.email_formatted, f'"{partner.name}" <{EMAIL}>')

    # ------------------------------------------------------------
    # Searching
    # ------------------------------------------------------------

    def found(self, domain, name="res.partner"):
        return self.mine(self.env[name]).search([*domain, ("id", "in", [self.customer.id, self.contact.id])])

    def test_found_by_the_whole_number_only(self):
        for domain in (
            [("phone", "ilike", "138777")],
            [("phone", "=like", "138%")],
            [("phone", "=like", f"{PHONE}%")],
            [("phone", ">", "138")],
            [("phone", "!=", "1")],
            [("phone", "in", [PHONE, *map(str, range(100))])],
            [("phone", "not ilike", "999")],
            [("email", "ilike", "hidden")],
            [("email", "=ilike", "h%@veiled.example")],
            [("display_name", "ilike", "138777")],
            [("display_name", "ilike", "hiddenbox@")],
            [("display_name", "ilike", "7777666")],
            [("phone_mobile_search", "ilike", "138777")],
            [("kehu_phone_ids.number", "ilike", "1387777")],
            [("commercial_partner_id.phone_mobile_search", "ilike", "138777")],
            [("child_ids.phone", "ilike", "1387777")],
            [("opportunity_ids.phone", "ilike", "1387777")],
        ):
            with self.subTest(domain=domain):
                self.assertFalse(self.found(domain))
        for domain in (
            [("phone", "=", PHONE)],
            [("phone", "ilike", PHONE)],
            [("email", "=", EMAIL)],
            [("email", "ilike", EMAIL)],
            [("display_name", "ilike", PHONE)],
            [("display_name", "ilike", EMAIL)],
            [("display_name", "ilike", "Veiled Cust")],
            [("phone", "!=", False)],
        ):
            with self.subTest(domain=domain):
                self.assertTrue(self.found(domain))

    def test_found_by_no_amount(self):
        orders = self.mine(self.env["sale.order"])
        for domain in ([("amount_total", ">", 1000)], [("order_line.price_unit", "=", 5)], [("margin", "<", 1000)]):
            with self.subTest(domain=domain), self.assertRaisesRegex(KehuHiddenError, "Your role hides"):
                orders.search(domain)
        self.assertIn(self.order.id, orders.search([("amount_total", ">", 0)]).ids)

    def test_reports_open_where_something_is_hidden(self):
        for model in ("kehu.report", "kehu.report.page"):
            records = self.env[model].search([], limit=1) or self.env[model].create({"name": "Some Report (test)"})
            with self.subTest(model=model):
                self.mine(records.browse()).search([("id", "in", records.ids)])

    def test_sorted_by_nothing_hidden(self):
        self._create_customer(self.user_seller, name="Veiled Second", phone="10000")
        partners = self.mine(self.env["res.partner"])
        domain = [("name", "=like", "Veiled%"), ("kehu_is_customer", "=", True)]
        up, down = (partners.search(domain, order=f"phone {way}, id").ids for way in ("asc", "desc"))
        self.assertEqual(up, down)

    def test_grouped_by_nothing_hidden(self):
        partners, orders = self.mine(self.env["res.partner"]), self.mine(self.env["sale.order"])
        for act in (
            lambda: partners.formatted_read_group([], ["phone"], ["__count"]),
            lambda: partners.formatted_read_group([], [], ["email:array_agg"]),
            lambda: partners._read_group([], ["parent_id.phone"]),
            lambda: orders.formatted_read_group([], [], ["amount_total:array_agg"]),
            lambda: orders.formatted_read_group([], ["partner_id.phone"], ["__count"]),
            lambda: orders.formatted_read_group([], ["user_id"], ["__count"], having=[("amount_total:sum", ">", 5)]),
        ):
            try:
                found = act()
            except (UserError, ValueError):
                continue
            self.assertFalse(told(found))
        groups = orders.web_read_group([("id", "=", self.order.id)], ["user_id"], ["amount_total:sum", "margin:sum"])["groups"]
        self.assertEqual((groups[0]["__count"], groups[0]["amount_total:sum"], groups[0]["margin:sum"]), (1, False, False))

    # ------------------------------------------------------------
    # Leaving
    # ------------------------------------------------------------

    def test_exported_without(self):
        self.veiled.write({"group_ids": [Command.link(self.env.ref("base.group_allow_export").id)]})
        self.assertTrue(self.env["kehu.role"]._kehu_hidden_of(self.veiled.id))
        self.assertEqual(self.mine(self.customer).export_data(["name"])["datas"], [["Veiled Customer"]])
        for records, path in (
            (self.customer, "phone"),
            (self.customer, "child_ids/email"),
            (self.customer, "child_ids/kehu_phone_ids/number"),
            (self.customer, "child_ids/kehu_phone_ids"),
            (self.order, "partner_id/phone"),
            (self.order, "order_line/price_unit"),
            (self.order, "amount_total"),
        ):
            with self.subTest(path=path), self.assertRaisesRegex(KehuHiddenError, "Your role hides"):
                self.mine(records).export_data(["name", path])
        template = self.env["kehu.import.template"].search([("model", "=", "res.partner")], limit=1)
        if template:
            self.assertTrue(template.export_records(self.customer.ids))
            shown = template.field_ids.with_user(self.veiled).filtered(lambda line: line._kehu_exportable())
            self.assertFalse({"phone", "kehu_mobile", "email"} & set(shown.mapped("field_name")))

    def test_printed_without(self):
        reports = self.env["ir.actions.report"].with_user(self.veiled)
        self.mine(self.order)
        with self.assertRaisesRegex(KehuHiddenError, "they stand on"):
            reports._render_qweb_html("sale.action_report_saleorder", self.order.ids)
        fields = self.env["ir.qweb.field.contact"].with_user(self.veiled)
        shown = str(fields.value_to_html(self.customer.with_user(self.veiled), {"fields": ["name", "phone", "email"]}))
        self.assertIn("Veiled Customer", shown)
        self.assertFalse(told(shown))
        shown = self.env["ir.qweb.field"].with_user(self.veiled).record_to_html(self.mine(self.customer), "phone", {})
        self.assertEqual(shown, "138****6666")

    def test_phones_on_paper(self):
        prints = self.env["kehu.print"].with_user(self.veiled)._get_print(False)
        partner = self.mine(self.customer)
        self.assertEqual(prints.party(partner)["phone"], "138****6666")
        self.assertEqual(prints.party(partner, phone="0512-1234567")["phone"], "0512-1234567", "of a colleague")
        self.assertEqual(self.env["kehu.print"].with_user(self.user_seller)._get_print(False).party(self.customer)["phone"], PHONE)
        self.assertFalse(told(self.mine(self.stranger)._kehu_print_customer_facts()))
        templates = self.env["kehu.print.template"].with_user(self.veiled)
        fields = self.customer._fields
        self.assertEqual(templates._kehu_text(partner, fields["phone"], PHONE, ""), "138****6666")
        self.assertEqual(templates._kehu_text(partner, fields["name"], "Veiled Customer", ""), "Veiled Customer")

    def test_copied_without(self):
        self.assertFalse(told(self.mine(self.lead).copy_data()))
        copy = self.mine(self.lead).copy()
        self.assertEqual((copy.sudo().phone, copy.sudo().expected_revenue), (self.lead.phone, self.lead.expected_revenue))
        self.assertFalse(told(copy.read()))

    def test_templates(self):
        """A template of one's own would read what its writer may not. The sentence is in the language of whom a mail is for."""
        self.assertFalse(self.veiled.has_group("mail.group_mail_template_editor"))
        templates = self.mine(self.env["mail.template"])
        model = self.env["ir.model"]._get("res.partner").id
        with self.assertRaises(UserError), self.env.cr.savepoint():
            own = templates.create({"name": "Own", "model_id": model, "body_html": "<p t-out='object.phone'/>"})
            own._render_field("body_html", self.customer.ids)
        shipped = self.env.ref("sale.email_template_edi_sale").with_user(self.veiled)
        with self.assertRaisesRegex(KehuHiddenError, "texts of mails|邮件内容"), self.env.cr.savepoint():
            shipped._render_field("body_html", self.order.ids)
        composer = self.mine(self.env["mail.compose.message"]).with_context(
            default_model="sale.order", default_res_ids=str(self.order.ids), default_composition_mode="comment"
        )
        with self.assertRaisesRegex(KehuHiddenError, "texts of mails|邮件内容"), self.env.cr.savepoint():
            composer.create({"template_id": shipped.id}).read(["body"])
        self.assertTrue(composer.create({"body": HELLO}))

    def test_imported_rows_of_others(self):
        row = self.mine(self.env["kehu.import.row"]).new({"cells": [PHONE], "values": {"phone": PHONE}})
        self.assertEqual(row._read_format(["cells", "values"]), [{"id": row.id, "cells": False, "values": False}])

    def test_files_of_documents(self):
        files = self.env["ir.attachment"].create(
            [
                {"name": "order.txt", "raw": b"7654321.09", "res_model": "sale.order", "res_id": self.order.id},
                {"name": "customer.txt", "raw": b"drawing", "res_model": "res.partner", "res_id": self.customer.id},
            ]
        )
        self.assertEqual([row["raw"] for row in self.mine(files).read(["raw"])], [False, b"drawing"])
        streams = self.env["ir.binary"].with_user(self.veiled)
        with self.assertRaisesRegex(KehuHiddenError, "files of such documents"):
            streams._get_stream_from(self.mine(files[0]))
        self.assertTrue(files[1].with_user(self.veiled).sudo()._kehu_uncovered())

    def test_tokens_of_files(self):
        """Whoever has one opens the file without logging in."""
        file = self.env["ir.attachment"].create(
            {"name": "a.png", "raw": b"7654321.09", "mimetype": "image/png", "res_model": "sale.order", "res_id": self.order.id}
        )
        file.generate_access_token()
        seen, mine = file.with_user(self.user_director), self.mine(file)
        self.assertTrue(seen._get_raw_access_token() and seen._get_thumbnail_token() and seen.read(["access_token"])[0]["access_token"])
        self.assertFalse(mine._get_raw_access_token() or mine._get_thumbnail_token() or mine.read(["access_token"])[0]["access_token"])
        with self.assertRaisesRegex(KehuHiddenError, "files of such documents"):
            mine.generate_access_token()
        mine = self.mine(self.env["ir.attachment"]).create({"name": "own.txt", "raw": b"own"})
        self.assertTrue(mine.generate_access_token() and mine._get_raw_access_token())

    def test_catalogue_without_prices(self):
        told_of = {
            user: self.mine(self.order).with_user(user)._get_product_catalog_order_line_info(self.product.ids)[self.product.id]
            for user in (self.user_director, self.veiled)
        }
        self.assertEqual([line["price"] for line in told_of.values()], [PRICE, False])
        self.assertEqual(told_of[self.veiled]["quantity"], 1)

    def test_many_numbers_are_no_search(self):
        """Joined by "or" they would complete the stars, one condition each."""
        tried = [("phone", "=", f"138777766{number:02}") for number in range(100)]
        for domain in (["|"] * 99 + tried, [("id", "any", ["|"] * 99 + tried)], [("child_ids", "any", ["|"] * 99 + tried)]):
            self.assertFalse(self.found(domain))
        self.assertTrue(self.found(["|"] * 10 + tried[60:71]))

    def test_many_numbers_are_not_typed(self):
        """What is typed stays readable in the form; so many are tried, until one is told without stars."""
        tried = [[0, f"virtual_{number}", {"number": f"138777744{number:02}"}] for number in range(100)]
        values = {"name": "x", "parent_id": self.customer.id, "phone": False, "kehu_phone_ids": tried}
        shown = {"phone": {}, "kehu_phone_ids": {"fields": {"number": {}}}}
        self.assertFalse(told(self.mine(self.contact).onchange(values, ["parent_id"], shown)))

    def test_ways_behind_the_search(self):
        partners = self.mine(self.env["res.partner"])
        me = [("id", "=", self.customer.id)]
        for part in (PHONE[:5], "99999"):
            self.assertEqual(partners.search_count([*me, ("id", "any", [("phone", "like", part)])]), 0)
            self.assertEqual(partners.search_count([*me, ("id", "not any", [("id", "any", [("phone", "like", part)])])]), 1)
        with self.assertRaises(KehuHiddenError):
            self.mine(self.env["sale.order"]).search_count([("id", "any", [("amount_total", ">", 5)])])

    def test_copied_to_oneself(self):
        file = self.env["ir.attachment"].create({"name": "a", "raw": b"7654321", "res_model": "sale.order", "res_id": self.order.id})
        self.assertFalse(told(self.mine(file).copy_data()))
        copied = self.mine(file).copy({"res_model": "res.partner", "res_id": self.customer.id})
        self.assertFalse(told(self.mine(copied).read(["raw", "datas"])))
        message = self.customer.message_post(body=HELLO, author_id=self.contact.id, email_from=EMAIL, message_type="email")
        copied = self.mine(message).copy({"author_id": self.veiled.partner_id.id})
        self.assertFalse(told(self.mine(copied).read(["email_from", "reply_to"])))

    def test_pages_of_customers(self):
        with self.assertRaises(KehuHiddenError):
            self.mine(self.order).get_portal_url()
        self.order._portal_ensure_token()
        self.assertFalse(self.mine(self.order).read(["access_token"])[0]["access_token"])
        self.assertNotIn("default_amount", self.mine(self.order).action_kehu_contract()["context"])

    def test_other_ways_out(self):
        for act in (lambda: self.mine(self.customer)._build_vcard(), lambda: self.mine(self.customer).action_kehu_keep_card()):
            with self.assertRaisesRegex(AccessError, "Your role hides phones or e-mails"):
                act()
        self.assertFalse(told(self.mine(self.lead)._message_get_suggested_recipients(no_create=True)))
        self.assertFalse(told(self.mine(self.env["res.partner"]).get_mention_suggestions("Veiled")))
        self.assertFalse(told(self.mine(self.env["res.partner"]).kehu_public_search({"term": "Veiled Customer"})))

    # ------------------------------------------------------------
    # Forms
    # ------------------------------------------------------------

    def test_the_wizard_of_text_messages(self):
        """It knows the number, and sends to it."""
        if "sms.composer" not in self.env:
            self.skipTest("text messages are not installed")
        about = {"res_model": "res.partner", "res_id": self.customer.id, "composition_mode": "comment"}
        numbers = {"recipient_single_number": {}, "recipient_single_number_itf": {}}
        shown = self.mine(self.env["sms.composer"]).onchange(about, [], numbers)["value"]
        composer = self.mine(self.env["sms.composer"]).create({**about, **{name: shown[name] for name in numbers}, "body": "x"})
        for values in (shown, composer.read(list(numbers))[0]):
            self.assertEqual({values[name][-8:] for name in numbers}, {f"****{PHONE[-4:]}"})
        self.assertIn(PHONE, composer.sudo().recipient_single_number_itf)

    def test_addresses_of_free_mail_boxes(self):
        """By which the host looks for other leads of the same company, or person."""
        self.stranger.email_from = "veiledbox@gmail.com"
        self.assertEqual(self.stranger.email_domain_criterion, "veiledbox@gmail.com")
        self.assertEqual(self.mine(self.stranger).read(["email_domain_criterion"])[0]["email_domain_criterion"], "v***@gmail.com")

    def test_a_form_hands_back_what_it_was_shown(self):
        customer = self.mine(self.customer)
        customer.web_save({"phone": "138****6666", "function": "Buyer"}, SPECIFICATION)
        self.assertEqual((self.customer.phone, self.customer.function), (PHONE, "Buyer"))
        with self.assertRaisesRegex(KehuStarsError, "is not complete"):
            customer.write({"phone": "139****6666"})
        customer.write({"phone": "13900001111"})
        self.assertEqual(self.customer.phone, "13900001111")
        self.assertEqual(customer.read(["phone"])[0]["phone"], "139****1111")

    def test_what_one_types_stays(self):
        partners = self.mine(self.env["res.partner"])
        values = {"name": "New", "phone": "13900002222", "parent_id": False, "kehu_is_customer": True}
        result = partners.onchange(values, ["phone"], {"phone": {}, "name": {}})["value"]
        self.assertNotIn("*", result.get("phone") or "")
        result = self.mine(self.env["crm.lead"]).onchange(
            {"partner_id": self.customer.id, "name": "x", "phone": False, "type": "opportunity"},
            ["partner_id"],
            {"phone": {}, "email_from": {}},
        )["value"]
        self.assertFalse(told(result))

    def test_an_opportunity_of_a_hidden_customer(self):
        with Form(self.mine(self.env["crm.lead"]).with_context(default_type="opportunity")) as form:
            form.partner_id = self.customer.with_user(self.veiled)
            form.name = "By form"
        lead = form.record.sudo()
        self.assertEqual((lead.phone, lead.email_from), (PHONE, EMAIL))

    # ------------------------------------------------------------
    # Rooms
    # ------------------------------------------------------------

    def test_the_calendar_entry_of_a_callback(self):
        later = fields.Datetime.now() + timedelta(days=2)
        call, other = (
            self.env["kehu.phone.call"].create(
                {"partner_id": self.customer.id, "user_id": user.id, "number": MOBILE, "outcome": "callback", "callback_on": later}
            )
            for user in (self.veiled, self.user_seller)
        )
        self.assertNotIn(MOBILE, call.event_ids.description)
        self.assertIn(MOBILE, other.event_ids.description)
        other.sudo()._kehu_hand_over(self.veiled)
        self.assertNotIn(MOBILE, other.event_ids.description)

    def test_workbench_and_analyses(self):
        workbench = self.mine(self.env["kehu.workbench"])
        panels = workbench.get_panels(None)
        self.assertFalse({"targets", "receivables", "team", "ranking", "deals"} & panels.keys())
        self.assertFalse(told(panels))
        self.assertFalse([panel for panel in panels.values() if "error" in panel])
        analyses = self.mine(self.env["kehu.analysis"])
        setup = analyses.get_setup("sales_trend")
        self.assertEqual({one["name"] for one in setup["measures"]}, {"quantity", "line_count"})
        self.assertEqual([one["name"] for one in analyses.get_setup("sales_receivables")["measures"]], ["order_count"])
        with self.assertRaisesRegex(AccessError, "the check names them"):
            analyses.check_total("sales_trend", {})
        report = self.env["kehu.report"].with_user(self.veiled)
        question = {"source": "orders", "row_field": "user_id", "measures": ["amount_untaxed:sum"]}
        self.assertFalse(told(report.get_figures(question)))

    def test_notes_of_changes(self):
        message = self.lead.message_post(body=HELLO)
        fields = self.env["ir.model.fields"]
        values = self.env["mail.tracking.value"].create(
            [
                {"mail_message_id": message.id, "field_id": fields._get("crm.lead", name).id}
                for name in ("phone", "email_from", "expected_revenue", "city")
            ]
        )
        told_of = values._filter_has_field_access(self.mine(self.lead).env).field_id.mapped("name")
        self.assertEqual(told_of, ["city"])

    def test_without_masks_nothing_is_asked(self):
        """Whoever has no role of one's own pays no query."""
        customer = self.customer.with_user(self.user_seller)
        customer.web_read(SPECIFICATION)
        self.env.invalidate_all()
        self.role.unlink()
        customer.web_read(SPECIFICATION)
        self.env.invalidate_all()
        with self.assertQueryCount(2):
            customer.web_read(SPECIFICATION)


@tagged("post_install", "-at_install")
class TestMaskFiles(MaskCommon, HttpCase):
    """Addresses at which the host hands papers out by itself."""

    def test_papers_of_invoices(self):
        invoice = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.customer.id, "invoice_user_id": self.user_director.id}
        )
        file = self.env["ir.attachment"].create(
            {"name": "a.txt", "raw": b"7654321.09", "res_model": "account.move", "res_id": invoice.id}
        )
        invoice.message_main_attachment_id = file
        manager = new_test_user(self.env, "kehu_papers", groups="kehu_crm.group_kehu_director,sales_team.group_sale_salesman_all_leads")
        addresses = (
            f"/account/download_invoice_attachments/{file.id}",
            f"/account/download_move_attachments/{invoice.id}",
            f"/account/download_invoice_documents/{invoice.id}/all",
        )
        for user, paper in ((manager, True), (self.veiled, False)):
            self.authenticate(user.login, user.login)
            for address in addresses[:2] if paper else addresses:
                with self.subTest(login=user.login, address=address), mute_logger("odoo.http"):
                    answer = self.url_open(address)
                    self.assertEqual(answer.status_code, 200 if paper else 403)
