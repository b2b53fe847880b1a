"""What a clever client cannot get past: names in error sentences, other people's trees, contacts that leave, defaults."""

from contextlib import contextmanager

from odoo import fields
from odoo.addons.http_routing.tests.common import MockRequest
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.customer.exceptions import (
    KehuCustomerError,
    KehuHiddenLinkError,
    KehuHiddenMemberError,
    KehuHiddenParentError,
    KehuPartnerDeletionError,
    KehuSystemFieldError,
)
from ...models.pool.exceptions import KehuOwnershipRightsError
from ..common import KehuCommon

SHOW = {"show_email": True, "show_address": True, "formatted_display_name": True}


@tagged("post_install", "-at_install")
class TestCustomerGuards(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.west = cls._create_customer(
            owner=cls.user_west_seller, name="West Secret", email="secret@west.example", street="Hidden Road 1", vat="BE0477472701"
        )
        cls.west_contact = cls._create_contact(cls.west, name="West Buyer", email="buyer@west.example")
        cls.own = cls._create_customer(owner=cls.user_seller, name="Own")
        cls.own_contact = cls._create_contact(cls.own, name="Own Buyer")
        cls.partners = cls.env["res.partner"].with_user(cls.user_seller)

    @contextmanager
    def acting_as(self, user):
        """Let commands on x2many fields run as this user: partners do not let them run as superuser."""
        before = self.env.transaction.default_env
        self.env.transaction.default_env = self.env(user=user, su=False)
        try:
            yield
        finally:
            self.env.transaction.default_env = before

    def _age(self, partners):
        """Pretend that these partners were made yesterday."""
        self.env.flush_all()
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.cr.execute("UPDATE res_partner SET create_date = %s WHERE id IN %s", [yesterday, tuple(partners.ids)])
        self.env.invalidate_all()

    # -- sentences -----------------------------------------------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_no_sentence_names_what_one_may_not_read(self):
        portal = (
            self.env["res.users"]
            .with_context(no_reset_password=True)
            .create({"name": "Portal", "login": "kehu_guard_portal", "group_ids": self.env.ref("base.group_portal").ids})
        )
        acts = [
            lambda env: env["res.partner"].browse(self.west_contact.id).write({"user_id": env.uid}),
            lambda env: env["res.partner"].browse(self.west_contact.id).write({"kehu_pool_id": 1}),
            lambda env: env["res.partner"].browse(self.west.id).write({"user_id": env.uid}),
            lambda env: env["res.partner"].browse(self.west.id).kehu_claim(),
            lambda env: env["res.partner"].browse(self.west_contact.id).kehu_claim(),
            lambda env: env["res.partner"].browse(self.west.id).write({"name": "x"}),
            lambda env: env["res.partner"].browse(self.own_contact.id).write({"parent_id": self.west.id}),
            lambda env: env["kehu.contact.record"].create({"partner_id": self.west.id}),
            lambda env: env["kehu.contact.record"].create({"partner_id": self.west_contact.id}),
            lambda env: env["kehu.contact.record"].create({"partner_id": self.own.id, "contact_id": self.west_contact.id}),
        ]
        for user in (portal, self.user_employee, self.user_service, self.user_seller):
            if user == self.user_service:
                continue  # service agents read all customers
            for number, act in enumerate(acts):
                with self.subTest(user=user.name, act=number), self.assertRaises(UserError) as refusal:
                    act(self.env(user=user, context=SHOW, su=False))
                for secret in ("Secret", "Buyer" if user != self.user_seller else "West Buyer", "@west.example", "Hidden Road"):
                    self.assertNotIn(secret, str(refusal.exception))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_no_refused_value_names_the_customer_it_was_meant_for(self):
        """Checks of values run before the rules on a new record do, so what it hangs on is asked for first."""
        pump = self._create_product()
        purchasing = self.env["kehu.customer.department"].create({"name": "Hidden Purchasing", "partner_id": self.west.id})
        self.env["kehu.customer.department"].create({"name": "Imports", "partner_id": self.west.id, "parent_id": purchasing.id})
        word = self.env["kehu.dictionary.value"].create({"name": "Fair", "dictionary": "customer_source"})
        below = [
            {"kehu_headcount": -1},
            {"kehu_annual_revenue": -1.0},
            {"kehu_birthday": "2199-01-01"},
            {"kehu_next_contact": "2199-01-01"},
            {"kehu_region_id": word.id},
        ]
        acts = [
            *(
                lambda env, values=values: env["res.partner"].create({"parent_id": self.west.id, "type": "delivery", **values})
                for values in below
            ),
            lambda env: env["res.partner"].with_context(default_parent_id=self.west.id).create({"type": "delivery", "kehu_headcount": -1}),
            lambda env: env["res.partner"].browse(self.west.id).write({"kehu_is_customer": False}),
            lambda env: env["kehu.product.interest"].create({"partner_id": self.west_contact.id, "product_id": pump.id}),
            lambda env: env["kehu.product.interest"].create({"partner_id": self.west.id, "product_id": False}),
            lambda env: env["kehu.customer.department"].create({"partner_id": self.west.id, "parent_id": purchasing.id, "name": "Imports"}),
            lambda env: env["kehu.customer.department"].create(
                {"partner_id": self.own.id, "manager_id": self.west_contact.id, "name": "X"}
            ),
            lambda env: env["kehu.contact.phone"].create({"partner_id": self.west.id, "number": "5551234"}),
        ]
        self.env["kehu.contact.record"].create(
            {"partner_id": self.west.id, "content": "A visit", "method": "visit", "user_id": self.user_west_seller.id}
        )
        for number, act in enumerate(acts):
            with self.subTest(number), self.assertRaises(AccessError) as refusal, self.cr.savepoint():
                self.env.invalidate_all()
                act(self.env(user=self.user_seller))
            for secret in ("West Secret", "West Buyer", "Hidden Purchasing"):
                self.assertNotIn(secret, str(refusal.exception))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_forms_show_no_default_that_one_may_not_read(self):
        purchasing = self.env["kehu.customer.department"].create({"name": "Hidden Purchasing", "partner_id": self.west.id})
        mine = self.env["kehu.customer.department"].with_user(self.user_seller).create({"name": "Mine", "partner_id": self.own.id})
        shown = {"fields": {"display_name": {}}}
        doors = [
            ("kehu.customer.department", "partner_id", self.west.id),
            ("kehu.customer.department", "parent_id", purchasing.id),
            ("kehu.customer.department", "manager_id", self.west_contact.id),
            ("kehu.contact.phone", "partner_id", self.west_contact.id),
        ]
        for model, name, number in doors:
            records = self.env[model].with_user(self.user_seller)
            with self.subTest(model, field=name), self.assertRaises(KehuHiddenLinkError):
                records.with_context(**{f"default_{name}": number}).onchange({}, [], {name: shown})
            with self.subTest(model, field=name, door="typed"), self.assertRaises(KehuHiddenLinkError):
                records.onchange({name: number}, [name], {"display_name": {}})
        with self.assertRaises(KehuHiddenLinkError):
            mine.onchange({"parent_id": purchasing.id}, ["parent_id"], {"complete_name": {}})
        answer = self.partners.with_context(default_kehu_customer_department_id=purchasing.id).onchange(
            {}, [], {"kehu_customer_department_id": shown}
        )
        self.assertFalse(answer["value"].get("kehu_customer_department_id"))
        answer = self.partners.with_context(default_kehu_customer_department_id=mine.id).onchange(
            {}, [], {"kehu_customer_department_id": shown}
        )
        self.assertEqual(answer["value"]["kehu_customer_department_id"], {"id": mine.id, "display_name": "Mine"})

    def test_departments_and_phones_take_no_value_of_the_wrong_kind(self):
        mine = self.env["kehu.customer.department"].with_user(self.user_seller).create({"name": "Mine", "partner_id": self.own.id})
        for values in ({"parent_id": "abc"}, {"parent_id": [1, 2]}, {"manager_id": 2**40}):
            with self.subTest(values), self.assertRaises(KehuCustomerError):
                mine.write(values)
        with self.assertRaises(KehuCustomerError):
            mine.env["kehu.contact.phone"].create({"partner_id": "abc", "number": "5551234"})

    def test_customers_in_the_portal_do_not_read_what_we_think_of_them(self):
        user = self.env["res.users"].with_context(no_reset_password=True)
        user = user.create(
            {
                "name": "Portal",
                "login": "kehu_guard_portal",
                "partner_id": self.own_contact.id,
                "group_ids": self.env.ref("base.group_portal").ids,
            }
        )
        partner = self.own.with_user(user)
        self.assertEqual(partner.name, "Own")
        for name in (
            "kehu_stage",
            "kehu_level_id",
            "kehu_next_contact",
            "kehu_last_contact",
            "kehu_locked",
            "kehu_source_id",
        ):
            with self.subTest(field=name), self.assertRaises(AccessError):
                partner.read([name])
            with self.subTest(field=name), self.assertRaises(AccessError):
                partner.search([(name, "!=", False)])
            self.own.with_user(self.user_seller).read([name])

    # -- values ------------------------------------------------------------------------------------------------------------

    def test_a_name_can_be_read(self):
        customer, contact = self.partners.browse(self.own.id), self.partners.browse(self.own_contact.id)
        for name in ("\u200b", "   ", "", "\u3164", "\ufeff\u00a0"):
            with self.subTest(name=name.encode("unicode_escape")):
                for values in ({"kehu_is_customer": True, "user_id": self.user_seller.id}, {"parent_id": self.own.id}):
                    with self.assertRaises(KehuCustomerError):
                        self.partners.create({**values, "name": name})
                for partner in (customer, contact):
                    with self.assertRaises(KehuCustomerError):
                        partner.name = name
        address = self.partners.create({"parent_id": self.own.id, "type": "delivery", "street": "Dock 1"})
        self.assertFalse(address.name, "the host lets an address do without a name")
        outside = self.env["res.partner"].create({"name": " "})
        with self.assertRaises(KehuCustomerError):
            outside.kehu_is_customer = True
        customer.name = "👩\u200d💻"

    def test_values_of_the_wrong_kind(self):
        """Each ends in a sentence that names the field."""
        customer = self.partners.browse(self.own.id)
        for name, value, words in (
            ("kehu_headcount", 10**12, "Headcount.*too large"),
            ("kehu_headcount", "many", "Headcount.*number"),
            ("kehu_headcount", 10**400, "Headcount.*too large"),
            ("kehu_annual_revenue", 1e308, "Annual Revenue.*too large"),
            ("kehu_annual_revenue", float("nan"), "Annual Revenue.*number"),
            ("kehu_annual_revenue", [1], "Annual Revenue.*number"),
            ("kehu_next_contact", "foo", "Next Contact.*not a date"),
            ("kehu_level_id", "x", "Level.*not the number"),
            ("kehu_stage", "zz", "Stage.*not one of the choices"),
            ("kehu_next_contact", "2999-01-01", "Own.*01/01/2999: the latest day"),
        ):
            with self.subTest(field=name, value=str(value)[:20]), self.assertRaisesRegex(KehuCustomerError, words):
                customer.write({name: value})
            with self.subTest(created=name, value=str(value)[:20]), self.assertRaises(KehuCustomerError):
                self.partners.create({"name": "New", "kehu_is_customer": True, "user_id": self.user_seller.id, name: value})
        customer.write({"kehu_headcount": 2**31 - 1, "kehu_annual_revenue": 1e15, "kehu_stage": False, "kehu_level_id": False})

    # -- trees ---------------------------------------------------------------------------------------------------------

    def test_no_customer_below_a_colleagues(self):
        values = {"name": "Mole", "kehu_is_customer": True, "user_id": self.user_seller.id, "is_company": False}
        for parent in (self.west, self.west_contact):
            with self.subTest(parent=parent.name), self.assertRaises(KehuOwnershipRightsError):
                self.partners.create({**values, "parent_id": parent.id})
            with self.subTest(parent=parent.name), self.assertRaises(KehuOwnershipRightsError):
                self.partners.with_context(default_parent_id=parent.id).create(values)
        mine = self.partners.create(values)
        with self.assertRaises(KehuOwnershipRightsError):
            mine.parent_id = self.west.id
        mine.parent_id = self.own.id
        self.assertEqual(mine.kehu_customer_id, mine)
        mine.write({"parent_id": self.own.id, "name": "Renamed"})

    def test_a_plain_company_moves_below_ones_customer_with_its_contacts(self):
        plain = self.env["res.partner"].create({"name": "Plain", "is_company": True})
        contact = self._create_contact(plain, name="Plain Buyer", active=False)
        with self.acting_as(self.user_seller):
            self.partners.browse(plain.id).write({"parent_id": self.own.id})
            self.env.flush_all()
        self.assertEqual((plain | contact).kehu_customer_id, self.own)
        self.assertEqual((plain | contact).user_id, self.user_seller)

    # -- contacts that leave -------------------------------------------------------------------------------------------

    def test_a_contact_does_not_leave_its_customer(self):
        below = self._create_contact(self.own_contact, name="Assistant")
        contact = self.partners.browse(self.own_contact.id)
        plain = self.env["res.partner"].create({"name": "Plain", "is_company": True})
        for values in ({"parent_id": False}, {"parent_id": plain.id}):
            with self.subTest(values=values), self.assertRaises(KehuPartnerDeletionError), self.acting_as(self.user_seller):
                contact.write(values)
            with self.subTest(values=values), self.assertRaises(KehuPartnerDeletionError), self.acting_as(self.user_seller):
                self.partners.browse(below.id).write(values)
        other = self._create_customer(owner=self.user_seller, name="New Employer")
        with self.acting_as(self.user_seller):
            contact.write({"parent_id": other.id})
        self.assertEqual((self.own_contact | below).kehu_customer_id, other)
        contact.with_user(self.user_crm_admin).write({"parent_id": False})
        self.assertFalse((self.own_contact | below).kehu_customer_id)

    def test_a_contact_added_by_mistake_leaves_the_same_day(self):
        mistake = self.partners.create({"name": "Mistake", "parent_id": self.own.id})
        mistake.parent_id = False
        self.assertFalse(mistake.kehu_customer_id)
        late = self.partners.create({"name": "Late", "parent_id": self.own.id})
        self._age(late)
        with self.assertRaises(KehuPartnerDeletionError):
            late.parent_id = False

    def test_a_contact_between_is_not_deleted_away_over_others(self):
        between = self.partners.create({"name": "Between", "parent_id": self.own.id})
        with self.acting_as(self.user_seller):
            self.partners.browse(self.own_contact.id).parent_id = between
        with self.assertRaises(KehuPartnerDeletionError):
            between.unlink()

    # -- texts that no column holds --------------------------------------------------------------------------------------

    def test_no_form_of_a_new_contact_is_filled_from_a_hidden_customer(self):
        shown = {"fields": {"display_name": {}}}
        spec = {"parent_id": shown, "parent_name": {}, "complete_name": {}, "street": {}, "user_id": shown, "kehu_customer_id": shown}
        for number in (self.west.id, self.west_contact.id):
            doors = {
                "first look": lambda number=number: self.partners.onchange({"name": "x", "parent_id": number}, [], spec),
                "first look, named": lambda number=number: self.partners.onchange({"parent_id": {"id": number}}, [], spec),
                "customer": lambda number=number: self.partners.onchange({"kehu_customer_id": number}, [], spec),
                "default": lambda number=number: self.partners.with_context(default_parent_id=number).onchange({}, [], spec),
                "changed": lambda number=number: self.own_contact.with_user(self.user_seller).onchange(
                    {"parent_id": number}, ["parent_id"], spec
                ),
                "nested": lambda number=number: self.own.with_user(self.user_seller).onchange(
                    {"child_ids": [[0, "virtual_1", {"name": "x", "parent_id": number}]]},
                    ["child_ids"],
                    {"child_ids": {"fields": spec}},
                ),
            }
            for door, act in doors.items():
                with self.subTest(door, number=number), self.assertRaises(KehuHiddenParentError) as refusal:
                    act()
                self.assertNotIn("West", str(refusal.exception))
        values = self.partners.onchange({"name": "x", "parent_id": self.own.id}, [], spec)["value"]
        self.assertEqual(values["kehu_customer_id"]["id"], self.own.id)

    def test_the_same_tax_number_names_no_hidden_customer(self):
        spec = {"same_vat_partner_id": {"fields": {"display_name": {}}}}
        values = {"name": "x", "is_company": True, "vat": self.west.vat}
        for user, shown in ((self.user_seller, False), (self.user_west_seller, True)):
            answer = self.env["res.partner"].with_user(user).onchange(dict(values), [], spec)
            self.assertEqual("West Secret" in str(answer), shown, user.name)

    def test_a_new_form_of_the_host_names_no_hidden_customer(self):
        shown = {"fields": {"display_name": {}}}
        for model, name in (("account.analytic.account", "partner_id"), ("res.partner", "self")):
            for number in (self.west.id, self.west_contact.id):
                records = self.env[model].with_user(self.user_seller)
                with self.subTest(model, number=number):
                    answers = [
                        records.with_context(**{f"default_{name}": number}).onchange({}, [], {name: shown}),
                        records.onchange({name: number}, [], {name: shown}),
                    ]
                    self.assertNotIn("West", str(answers))
        with self.assertRaises(KehuHiddenLinkError):
            self.env["kehu.duplicate.check"].with_user(self.user_seller).create({"partner_id": self.west.id})
        filters = self.env["calendar.filters"].with_user(self.user_seller)
        answer = filters.onchange({"partner_id": self.own.id}, [], {"partner_id": shown})
        self.assertEqual(answer["value"]["partner_id"]["display_name"], "Own")
        with self.assertRaises(KehuHiddenLinkError):
            filters.create({"partner_id": self.west.id})
        self.assertTrue(filters.create({"partner_id": self.own.id}))

    def test_no_name_comes_with_the_number_of_a_document(self):
        """Activities, messages and files tell the name of what they point to with the rights of the system, before they are saved too."""
        west = self.env(user=self.user_west_seller)
        lead = west["crm.lead"].create({"name": "West Deal", "partner_id": self.west_contact.id, "type": "opportunity"})
        order = west["sale.order"].create({"partner_id": self.west.id})
        record = west["kehu.contact.record"].create({"partner_id": self.west.id, "content": "West talk"})
        hidden = (self.west, self.west_contact, lead, order, record)
        seller = self.env(user=self.user_seller, context={"sale_show_partner_name": True})
        own = seller["crm.lead"].create({"name": "Own Deal", "partner_id": self.own.id, "type": "opportunity"})
        pointers = {
            "mail.activity": ("res_model", "res_name"),
            "mail.message": ("model", "record_name"),
            "ir.attachment": ("res_model", "res_name"),
        }
        audited = {"fields": {"display_name": {}}}
        for pointer, (model, told) in pointers.items():
            more = {"account_audit_log_partner_id": audited, "account_audit_log_move_id": audited} if pointer == "mail.message" else {}
            for document in (*hidden, own):
                values = {model: document._name, "res_id": document.id}
                if pointer == "mail.activity":
                    values["res_model_id"] = self.env["ir.model"]._get_id(document._name)
                defaults = {f"default_{name}": value for name, value in values.items()}
                self.env.flush_all()
                self.env.invalidate_all()
                answers = [
                    seller[pointer].onchange(dict(values), list(values), {told: {}}),
                    seller[pointer].with_context(**defaults).onchange({}, [], {told: {}, "res_id": {}, **more}),
                ]
                with self.subTest(pointer, document=document._name):
                    self.assertNotIn("West", str(answers))
                    self.assertNotIn(order.name, str(answers))
                    if document == own and pointer != "ir.attachment":
                        self.assertIn("Own Deal", str(answers))
        activity = own.activity_schedule("mail.mail_activity_data_todo", user_id=self.user_seller.id)
        for document in hidden:
            with self.subTest("moved", document=document._name), self.assertRaises(AccessError), self.env.cr.savepoint():
                activity.write({"res_model_id": self.env["ir.model"]._get_id(document._name), "res_id": document.id})
        activity.write({"res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": self.own.id})
        self.assertEqual(activity.res_name, "Own")

    def test_a_new_form_names_no_hidden_document(self):
        west = self.env(user=self.user_west_seller)
        lead = west["crm.lead"].create({"name": "West Deal", "partner_id": self.west_contact.id, "type": "opportunity"})
        order = west["sale.order"].create({"partner_id": self.west.id})
        contract = west["kehu.contract"].create({"title": "West Contract", "partner_id": self.west.id})
        seller = self.env(user=self.user_seller, context={"sale_show_partner_name": True})
        shown = {"fields": {"display_name": {}}}
        for model, name, document in (
            ("kehu.shipment.ship", "order_id", order),
            ("sale.order.discount", "sale_order_id", order),
            ("sale.order", "opportunity_id", lead),
            ("sale.order", "kehu_contract_id", contract),
        ):
            seller["ir.default"].set(model, name, document.id, user_id=True)
            answers = []
            for form, values in (
                (seller[model].with_context(**{f"default_{name}": document.id}), {}),
                (seller[model], {name: document.id}),
                (seller[model], {}),
            ):
                try:
                    answers.append(form.onchange(values, [], {name: shown}))
                except UserError as error:
                    answers.append(error)
            with self.subTest(model, name=name):
                for word in ("West", order.name, contract.name):
                    self.assertNotIn(word, str(answers))
        for model, name, document in (
            ("kehu.contract", "previous_id", contract),
            ("crm.lead2opportunity.partner.mass", "lead_id", lead),
        ):
            with self.subTest(model, door="typed"), self.assertRaises(KehuHiddenLinkError):
                seller[model].onchange({name: document.id}, [name], {"display_name": {}, "partner_id": shown})

    def test_a_guest_is_somebody_whom_one_may_read(self):
        guests = self.env["calendar.attendee"].with_user(self.user_seller)
        spec = {"email": {}, "phone": {}, "common_name": {}}
        with self.assertRaises(KehuHiddenMemberError):
            guests.onchange({"partner_id": self.west_contact.id}, ["partner_id"], spec)
        events = self.env["calendar.event"].with_user(self.user_seller)
        with self.assertRaises(KehuHiddenMemberError):
            events.onchange(
                {"attendee_ids": [[0, "virtual_1", {"partner_id": self.west.id}]]}, ["attendee_ids"], {"attendee_ids": {"fields": spec}}
            )
        answer = guests.onchange({"partner_id": self.own.id}, ["partner_id"], spec)
        self.assertEqual(answer["value"]["common_name"], "Own")

    def test_nobody_is_invited_whom_one_may_not_read(self):
        """An invitation tells the name in its text and the address in its file, and goes out to the customer of a colleague."""
        seller = self.user_seller
        events = self.env["calendar.event"].with_user(seller)
        times = {"name": "Visit", "start": "2030-12-01 08:00:00", "stop": "2030-12-01 09:00:00"}
        event = events.create(times)
        guest = self.env["calendar.attendee"].with_user(seller)
        own = guest.search([("event_id", "=", event.id)])
        mails = self.env["mail.mail"].search_count([])
        for hidden in (self.west, self.west_contact):
            number = hidden.id
            for door, invite in {
                "create": lambda number=number: events.create({**times, "partner_ids": [Command.set([number])]}),
                "create by link": lambda number=number: events.create({**times, "partner_ids": [Command.link(number)]}),
                "default": lambda number=number: events.with_context(default_partner_ids=[number]).create(times),
                "attendees": lambda number=number: events.create({**times, "attendee_ids": [Command.create({"partner_id": number})]}),
                "write": lambda number=number: event.write({"partner_ids": [Command.link(number)]}),
                "write all": lambda number=number: event.write({"partner_ids": [(6, 0, [seller.partner_id.id, number])]}),
                "write text": lambda number=number: event.write({"partner_ids": [(4, str(number))]}),
                "write attendees": lambda number=number: event.write({"attendee_ids": [Command.create({"partner_id": number})]}),
                "attendee": lambda number=number: guest.create({"event_id": event.id, "partner_id": number}),
                "attendee by default": lambda number=number: guest.with_context(default_partner_id=number).create({"event_id": event.id}),
                "another person": lambda number=number: own.write({"partner_id": number}),
            }.items():
                with self.subTest(door, name=hidden.name), self.assertRaises(UserError) as caught, self.env.cr.savepoint():
                    invite()
                    self.env.flush_all()
                self.assertNotIn("West", str(caught.exception))
        self.assertEqual(event.sudo().partner_ids, seller.partner_id)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        event.write({"partner_ids": [Command.link(self.own.id), Command.link(self.user_west_seller.partner_id.id)]})
        self.assertEqual(len(event.attendee_ids), 3)

    def test_a_series_goes_on_with_a_guest_who_has_moved_away(self):
        guests = self.user_seller.partner_id | self.own
        events = self.env["calendar.event"].with_user(self.user_seller).with_context(no_mail_to_attendees=True)
        event = events.create(
            {
                "name": "Every Week",
                "start": "2030-12-02 08:00:00",
                "stop": "2030-12-02 09:00:00",
                "partner_ids": [Command.set(guests.ids)],
                "recurrency": True,
                "rrule_type": "weekly",
                "mon": True,
                "end_type": "count",
                "count": 3,
            }
        )
        self.own.user_id = self.user_west_seller
        self.env.invalidate_all()
        event.write({"partner_ids": [Command.set(guests.ids)], "name": "Again"})
        series = event.sudo().recurrence_id.calendar_event_ids
        self.assertEqual([one.partner_ids for one in series], [guests] * 3)
        event.write({"recurrence_update": "all_events", "start": "2030-12-03 08:00:00", "stop": "2030-12-03 09:00:00"})
        series = self.env["calendar.event"].search([("name", "=", "Again")], order="start").recurrence_id.calendar_event_ids
        self.assertEqual(len(series), 3)
        with self.assertRaises(KehuHiddenMemberError):
            events.create({"name": "Anew", "start": "2031-01-02 08:00:00", "stop": "2031-01-02 09:00:00", "partner_ids": self.own.ids})

    def test_searching_by_name_finds_no_planned_entry_of_others(self):
        west = self.env(user=self.user_west_seller)
        record = west["kehu.contact.record"].create(
            {"partner_id": self.west.id, "content": "Talk", "next_contact": "2030-01-02", "plan": "West plan", "add_to_schedule": True}
        )
        call = west["kehu.phone.call"].create({"partner_id": self.west.id, "outcome": "callback", "callback_on": "2030-01-03 03:00:00"})
        self.assertTrue(record.event_ids and call.event_ids)
        entries = (record.event_ids | call.event_ids).sudo()
        for user, found in ((self.user_seller, 0), (self.user_employee, 0), (self.user_west_seller, 2), (self.user_sales_manager, 2)):
            events = self.env["calendar.event"].with_user(user)
            for name in ("name", "display_name"):
                domain = [("id", "in", entries.ids), (name, "ilike", "West")]
                with self.subTest(user=user.name, name=name):
                    self.assertEqual(events.search_count(domain), found)

    def test_a_meeting_tells_colleagues_nothing_of_its_guest(self):
        values = {"name": "Visit", "start": "2026-11-29 02:00:00", "stop": "2026-11-29 03:00:00"}
        events = self.env["calendar.event"].with_user(self.user_west_seller)
        meeting = events.create({**values, "partner_ids": [Command.set((self.west_contact | self.user_west_seller.partner_id).ids)]})
        self.env.flush_all()
        self.env.invalidate_all()
        seen = meeting.with_user(self.user_seller).read(["name", "description"])
        self.assertEqual(seen[0]["name"], "Visit")
        for secret in ("West Buyer", "buyer@west.example"):
            self.assertNotIn(secret, str(seen))
        # the file of the invitation names the addresses of all guests
        files = self.env["ir.attachment"].search([("mimetype", "=", "text/calendar"), ("create_uid", "=", self.user_west_seller.id)])
        self.assertIn("buyer@west.example", files.mapped("raw")[-1].decode())
        self.assertFalse(files.with_user(self.user_seller)._filtered_access("read"))
        self.assertFalse(self.env["ir.attachment"].with_user(self.user_seller).search([("id", "in", files.ids)]))
        plain = self.env["res.partner"].create({"name": "A Vendor", "email": "vendor@example.com"})
        meeting = events.create({**values, "partner_ids": [Command.set((plain | self.user_west_seller.partner_id).ids)]})
        self.assertIn("A Vendor", meeting.description)

    def test_a_dialog_of_the_host_names_no_hidden_customer_once_it_is_saved(self):
        for model, name in (
            ("mail.compose.message", "author_id"),
            ("crm.lead2opportunity.partner.mass", "partner_id"),
            ("crm.lead2opportunity.partner.mass", "commercial_partner_id"),
        ):
            dialogs = self.env[model].with_user(self.user_seller)
            for number in (self.west.id, self.west_contact.id):
                with self.subTest(model, name=name), self.assertRaises(KehuHiddenLinkError):
                    dialogs.create({name: number})
            with self.subTest(model, name=name, door="form"), self.assertRaises(KehuHiddenLinkError):
                dialogs.with_context(**{f"default_{name}": self.west.id}).onchange({}, [], {name: {"fields": {"display_name": {}}}})
            dialog = dialogs.create({name: self.own.id})
            with self.subTest(model, name=name, door="write"), self.assertRaises(KehuHiddenLinkError):
                dialog.write({name: self.west.id})

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_the_developer_mode_names_nothing_that_one_may_not_read(self):
        waiting = self._create_customer(name="Waiting")
        record = self.env["kehu.contact.record"].create({"partner_id": self.west.id, "content": "Hidden words"})
        with MockRequest(self.env(user=self.user_seller)) as request:
            request.session.debug = "1"
            self.assertTrue(self.user_seller.with_user(self.user_seller).has_group("base.group_no_one"))
            for hidden in (self.west, self.west_contact, record):
                for act in (lambda hidden: hidden.read(["display_name"]), lambda hidden: hidden.write({"active": False})):
                    with self.subTest(hidden._name), self.assertRaises(AccessError) as refusal:
                        act(hidden.with_user(self.user_seller))
                    self.assertNotIn("West", str(refusal.exception))
                    self.assertIn(f"({hidden._name}: {hidden.id}", str(refusal.exception))
            # what one sees may be named
            with self.assertRaises(AccessError) as refusal:
                waiting.with_user(self.user_seller).check_access("write")
            self.assertIn("Waiting", str(refusal.exception))

    def test_texts_that_cannot_be_kept_are_refused_in_words(self):
        nul = "Pumps\0Ltd"
        folder = self.env["kehu.folder"].with_user(self.user_seller).create({"name": "Fair"})
        record = self.env["kehu.contact.record"].with_user(self.user_seller).create({"partner_id": self.own.id, "content": "x"})
        words = self.env["kehu.dictionary.value"].with_user(self.user_crm_admin)
        entry = self.env["calendar.event"].with_user(self.user_seller)
        entry = entry.create({"name": "Visit", "start": "2026-09-03 06:00:00", "stop": "2026-09-03 07:00:00"})
        own = self.partners.browse(self.own.id)
        acts = {
            "name of a customer": lambda: self.partners.create({"name": nul, "kehu_is_customer": True}),
            "name written": lambda: own.write({"name": nul}),
            "street": lambda: own.write({"street": nul}),
            "representative": lambda: own.write({"kehu_legal_representative": nul}),
            "note": lambda: own.write({"comment": f"<p>{nul}</p>"}),
            "contact": lambda: self.partners.create({"name": nul, "parent_id": self.own.id}),
            "contact record": lambda: record.create({"partner_id": self.own.id, "content": nul}),
            "contact record written": lambda: record.write({"result": nul}),
            "folder": lambda: folder.write({"name": nul}),
            "word": lambda: words.create({"name": nul, "dictionary": "customer_source"}),
            "outcome": lambda: entry.kehu_complete(nul),
            "phone": lambda: (
                self.env["kehu.contact.phone"]
                .with_user(self.user_seller)
                .create({"partner_id": self.own.id, "number": "5551234", "note": nul})
            ),
            "interest": lambda: (
                self.env["kehu.product.interest"]
                .with_user(self.user_seller)
                .create({"partner_id": self.own.id, "product_id": self._create_product().id, "note": nul})
            ),
        }
        for label, act in acts.items():
            with self.subTest(label), self.assertRaises(UserError) as refusal, self.cr.savepoint():
                act()
            self.assertIn("cannot be kept", str(refusal.exception))

    def test_a_name_of_thousands_of_characters_is_no_name(self):
        # no two characters the same, so that no index compresses them
        name = "".join(chr(0x4E00 + number) for number in range(3000))
        own = self.partners.browse(self.own.id)
        words = self.env["kehu.dictionary.value"].with_user(self.user_crm_admin)
        acts = {
            "customer": lambda: self.partners.create({"name": name, "kehu_is_customer": True}),
            "contact": lambda: self.partners.create({"name": name, "parent_id": self.own.id}),
            "written": lambda: own.write({"name": name}),
            "folder": lambda: self.env["kehu.folder"].with_user(self.user_seller).create({"name": name}),
            "word": lambda: words.create({"name": name, "dictionary": "customer_source"}),
            "level": lambda: self.env["kehu.customer.level"].with_user(self.user_crm_admin).create({"name": name}),
            "department": lambda: (
                self.env["kehu.customer.department"].with_user(self.user_seller).create({"name": name, "partner_id": self.own.id})
            ),
            "representative": lambda: own.write({"kehu_legal_representative": name}),
            "plan": lambda: self.env["kehu.contact.record"].with_user(self.user_seller).create({"partner_id": self.own.id, "plan": name}),
            **{
                f"column {column}": lambda column=column: own.write({column: name})
                for column in ("ref", "vat", "company_registry", "phone", "email", "website")
            },
        }
        for label, act in acts.items():
            with self.subTest(label), self.assertRaises(UserError) as refusal, self.cr.savepoint():
                act()
                self.env.flush_all()
            self.assertIn("3000 characters", str(refusal.exception))
        self.partners.create({"name": name[:255], "kehu_is_customer": True})
        # partners outside the CRM stay as the host has them
        self.env["res.partner"].create({"name": "x" * 300})

    # -- making customers ----------------------------------------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_a_salesperson_enters_a_subsidiary_below_an_own_customer(self):
        """Without an owner it goes into the pool, as any customer does, and bears the address of its parent."""
        self.own.write({"street": "1 Xinghu Street", "city": "Suzhou"})
        partners = self.env["res.partner"].with_user(self.user_seller)
        vals = {"name": "Own Subsidiary", "is_company": True, "kehu_is_customer": True, "parent_id": self.own.id}
        waiting = partners.create(vals)
        self.assertFalse(waiting.user_id)
        self.assertTrue(waiting.kehu_pool_id)
        self.assertEqual((waiting.street, waiting.city), ("1 Xinghu Street", "Suzhou"))
        one, two = partners.create([{**vals, "name": "One"}, {**vals, "name": "Two", "user_id": self.user_seller.id}])
        self.assertEqual((one.street, two.street, two.user_id), ("1 Xinghu Street", "1 Xinghu Street", self.user_seller))
        with Form(partners.with_context(default_parent_id=self.own.id, default_kehu_is_customer=True)) as form:
            form.name, form.company_type = "Typed Subsidiary", "company"
        self.assertEqual(form.record.user_id, self.user_seller, "the form proposes the owner of the parent")
        branch = partners.create({"name": "Branch", "is_company": True, "parent_id": self.own.id})
        self.assertEqual((branch.user_id, branch.street), (self.user_seller, "1 Xinghu Street"))
        # and nothing more is opened by it: what waits in the pool is not theirs to change, nor to put somebody under
        with self.assertRaises(AccessError):
            waiting.write({"street": "Mine"})
        with self.assertRaises(KehuOwnershipRightsError):
            partners.create({**vals, "name": "Under the Pool", "parent_id": waiting.id, "street": "Forged"})
        self.assertEqual(waiting.street, "1 Xinghu Street")

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_only_salespeople_make_customers(self):
        with self.assertRaises(AccessError):
            self.env["res.partner"].with_user(self.user_employee).create({"name": "New", "kehu_is_customer": True})
        for user in (self.user_finance, self.user_employee):
            user.group_ids += self.env.ref("base.group_partner_manager")
            partners = self.env["res.partner"].with_user(user)
            with self.subTest(user=user.name), self.assertRaises(KehuCustomerError):
                partners.create({"name": "New", "kehu_is_customer": True})
            with self.subTest(user=user.name), self.assertRaises(KehuCustomerError):
                partners.with_context(default_kehu_is_customer=True).create({"name": "New"})
            self.assertTrue(partners.create({"name": "New Vendor"}))

    def test_nobody_is_passed_off_as_a_colleague_or_as_part_of_another(self):
        """Record rules look at “share”, names at the commercial partner, figures of imports at the import."""
        batch = self.env["kehu.import.batch"].create({"template_id": self.env["kehu.import.template"].search([], limit=1).id})
        forged = {"partner_share": False, "commercial_partner_id": self.west.id, "kehu_import_batch_id": batch.id}
        plain = self.env["res.partner"].create({"name": "Plain Vendor"})
        values = {"name": "New", "kehu_is_customer": True, "user_id": self.user_seller.id}
        for name, value in forged.items():
            for partner in (self.own, self.own_contact, plain):
                with self.subTest(field=name, partner=partner.name), self.assertRaises(KehuSystemFieldError):
                    partner.with_user(self.user_seller).write({name: value})
            with self.subTest(field=name, route="create"), self.assertRaises(KehuSystemFieldError):
                self.partners.create({**values, name: value})
            for partners in (self.partners, self.partners.sudo()):
                partner = partners.with_context(**{f"default_{name}": value}).create({**values, "is_company": True})
                self.assertEqual(
                    (partner.partner_share, partner.commercial_partner_id, partner.kehu_import_batch_id.ids), (True, partner, [])
                )

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_followers_tell_of_partners_one_may_see_only(self):
        colleague = self.user_employee.partner_id
        document = self.env["res.partner"].create({"name": "Plain Document"})
        vendor = self.env["res.partner"].create({"name": "Plain Vendor", "email": "plain@vendor.example"})
        waiting = self._create_customer(name="Waiting", email="waiting@pool.example")
        followers = self.west | self.west_contact | self.own | colleague | vendor | waiting
        document.message_subscribe(followers.ids)
        shown = {
            self.user_employee: colleague | vendor,
            self.user_seller: colleague | vendor | self.own | waiting,
            self.user_west_seller: colleague | vendor | self.west | self.west_contact | waiting,
            self.user_east_manager: colleague | vendor | self.own | waiting,
            self.user_sales_manager: followers,
            self.user_service: followers,
            self.user_crm_admin: followers,
        }
        names = ["name", "email", "display_name", "partner_id"]
        for user, expected in shown.items():
            self.env.invalidate_all()
            with self.subTest(user=user.name):
                table = self.env["mail.followers"].with_user(user)
                rows = table.search_read([("partner_id", "in", followers.ids)], names)
                self.assertEqual({row["partner_id"][0] for row in rows}, set(expected.ids))
                own = document.with_user(user)
                self.assertEqual(own.message_follower_ids.partner_id, expected)
                self.assertEqual(own.message_partner_ids, expected)
                self.assertEqual(own.web_read({"message_follower_ids": {}})[0]["message_follower_ids"], own.message_follower_ids.ids)
        hidden = self.env["mail.followers"].search([("partner_id", "=", self.west.id)])
        with self.assertRaises(AccessError):
            hidden.with_user(self.user_seller).read(["email"])

    def test_documents_with_hidden_followers_go_on_working(self):
        document = self._create_customer(owner=self.user_seller, name="Document")
        document.message_subscribe(self.west.ids)
        own = document.with_user(self.user_seller)
        self.env.invalidate_all()
        text = "To whom it may concern"
        message = own.message_post(body=text, message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertIn(self.west, message.sudo().notified_partner_ids)
        own.message_subscribe(self.user_employee.partner_id.ids)
        own.message_unsubscribe(self.user_employee.partner_id.ids)
        self.assertIn(self.west, document.sudo().message_partner_ids)

    def test_defaults_reach_no_column_of_the_system(self):
        forged = {
            "kehu_assigned_on": "2020-01-01 00:00:00",
            "kehu_last_contact": "2020-01-01",
            "kehu_department_id": self.department_west.id,
            "kehu_customer_id": self.west.id,
            "kehu_pinyin": "x",
        }
        values = {"name": "New", "kehu_is_customer": True, "user_id": self.user_seller.id}
        for name, value in forged.items():
            with self.subTest(field=name):
                self.env["ir.default"].sudo().set("res.partner", "kehu_last_contact", "2020-01-01", user_id=self.user_seller.id)
                customer = self.partners.with_context(**{f"default_{name}": value}).create(values)
                self.assertFalse(customer.kehu_last_contact)
                self.assertGreater(customer.kehu_assigned_on, fields.Datetime.subtract(fields.Datetime.now(), days=1))
                self.assertEqual(customer.kehu_customer_id, customer)
                self.assertEqual(customer.kehu_department_id, self.department_east)
                self.assertNotEqual(customer.kehu_pinyin, "x")
        with self.assertRaises(KehuOwnershipRightsError):
            self.partners.with_context(default_kehu_locked=True).create(values)
        locked = self.partners.with_user(self.user_east_manager).with_context(default_kehu_locked=True).create(values)
        self.assertTrue(locked.kehu_locked)

    def test_links_to_what_is_gone(self):
        """Said in a sentence, and in no query more than reading the level takes."""
        entered = {"name": "New", "kehu_is_customer": True, "user_id": self.user_seller.id}
        for name in ("kehu_level_id", "kehu_source_id", "kehu_region_id", "kehu_customer_department_id", "company_id"):
            for act in (
                lambda name=name: self.own.with_user(self.user_seller).write({name: 999_999}),
                lambda name=name: self.partners.create({**entered, name: 999_999}),
            ):
                with self.subTest(field=name), self.assertRaisesRegex(KehuCustomerError, "999999 was deleted"), self.env.cr.savepoint():
                    act()

    def test_a_code_is_compared_in_the_company_that_a_customer_gets_by_default(self):
        self.env["res.partner"].create({"name": "First", "kehu_is_customer": True, "ref": "K-77", "company_id": self.env.company.id})
        partners = self.env["res.partner"].with_context(default_company_id=self.env.company.id)
        with self.assertRaisesRegex(KehuCustomerError, "K-77"), self.env.cr.savepoint():
            partners.create({"name": "Second", "kehu_is_customer": True, "ref": "K-77"})
        partners.create({"name": "Third", "kehu_is_customer": True, "ref": "K-77", "company_id": False})
