"""Doors through which a client reads: none tells more of a customer out of sight than its name, where one's own document names it."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common import KehuCommon

SECRETS = ("secret77", "7654321", "wzzt road", "be0428759497", "wzzt note")
PATHS = ("phone", "email", "street", "vat", "comment", "name", "kehu_stage", "user_id", "child_ids", "kehu_last_contact", "category_id")


@tagged("post_install", "-at_install")
class TestCustomerReadDoors(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gone = cls._create_customer(
            owner=cls.user_seller,
            name="Wzzt Gone",
            email="secret77@west.example",
            phone="0512-7654321",
            street="Wzzt Road 1",
            vat="BE0428759497",
            comment="Wzzt note",
        )
        cls.person = cls._create_contact(cls.gone, name="Wzzt Person", email="person.secret77@west.example")
        cls.seller = cls.env(user=cls.user_seller)
        product = cls._create_product()
        cls.lead = cls.seller["crm.lead"].create({"name": "Mine", "type": "opportunity", "partner_id": cls.gone.id})
        cls.order = cls.seller["sale.order"].create({"partner_id": cls.gone.id, "order_line": [Command.create({"product_id": product.id})]})
        cls.record = cls.seller["kehu.contact.record"].create(
            {"partner_id": cls.gone.id, "contact_id": cls.person.id, "content": "We talked.", "add_to_schedule": False}
        )
        cls.gone.with_user(cls.user_director).kehu_transfer(cls.user_west_seller.id, "leaves", with_documents=False)
        cls.gone.sudo().write({"phone": "0512-7654321", "email": "secret77@west.example", "street": "Wzzt Road 1"})
        # an opportunity has an e-mail, a phone and an address of its own, which the host keeps like those of its customer
        cls.lead.sudo().write({"email_from": "deal@example.com", "phone": "0512-1112223", "street": False})
        note = "Wzzt note in the chatter"
        cls.gone.sudo().message_post(body=note)
        cls.file = cls.env["ir.attachment"].create(
            {"name": "wzzt note.txt", "raw": b"x", "res_model": "res.partner", "res_id": cls.gone.id}
        )
        cls.activity = cls.gone.sudo().activity_schedule(
            "mail.mail_activity_data_todo", summary="Wzzt note", user_id=cls.user_west_seller.id
        )
        cls.env.flush_all()
        cls.env.invalidate_all()

    def _answer(self, act):
        self.env.flush_all()
        self.env.invalidate_all()
        savepoint = self.cr.savepoint(flush=False)
        self.env.transaction.default_env = self.seller
        try:
            answer = act()
        except (UserError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            answer = error
        finally:
            self.env.transaction.default_env = self.env
            savepoint.rollback()
            savepoint.close()
            self.env.invalidate_all()
        return str(answer).lower()

    def _told(self, act):
        text = self._answer(act)
        return [secret for secret in SECRETS if secret in text]

    def _documents(self):
        for document, links in (
            (self.lead, ("partner_id",)),
            (self.order, ("partner_id", "partner_shipping_id")),
            (self.record, ("partner_id", "contact_id")),
        ):
            for link in links:
                yield document.with_env(self.seller), link

    @mute_logger(
        "odoo.addons.base.models.ir_rule",
        "odoo.addons.base.models.ir_model",
        "odoo.addons.base.models.ir_access",
        "odoo.models",
        "odoo.domains",
    )
    def test_through_ones_own_document(self):
        self.assertFalse(self.gone.with_user(self.user_seller).has_access("read"))
        for document, link in self._documents():
            self.assertTrue(document.has_access("read"))
            fields = {name: {} for name in PATHS}
            spec = {link: {"fields": {**fields, "child_ids": {"fields": {"name": {}, "email": {}}}}}}
            doors = {
                "web_read": lambda d=document, s=spec: d.web_read(s),
                "web_search_read": lambda d=document, s=spec: d.web_search_read([("id", "in", d.ids)], s),
                "web_save": lambda d=document, s=spec: d.web_save({}, s),
                "export": lambda d=document, n=link: d.export_data([f"{n}/{name}" for name in PATHS] + [f"{n}/child_ids/email"]),
                "read": lambda d=document, n=link: d.with_context(
                    show_email=True, show_address=True, show_vat=True, show_phone=True, formatted_display_name=True
                ).read([n, "display_name"]),
                "copy": lambda d=document: d.copy_data(),
                "onchange": lambda d=document, s=spec: d.onchange({}, [], s),
                "suggested": lambda d=document: (
                    d._message_get_suggested_recipients() if hasattr(d, "_message_get_suggested_recipients") else ""
                ),
                "panel": lambda d=document, n=link: d.search_panel_select_range(n, enable_counters=True),
                "panels": lambda d=document, n=link: d.search_panel_select_multi_range(n, group_by=n, enable_counters=True),
                "all": lambda d=document: [
                    d.read([name]) for name, field in d._fields.items() if field.type != "binary" and d._has_field_access(field, "read")
                ],
            }
            for name in PATHS:
                doors[f"grouped by {name}"] = lambda d=document, n=f"{link}.{name}": d.formatted_read_group(
                    [("id", "in", d.ids)], [n], ["__count"]
                )
                doors[f"collected {name}"] = lambda d=document, n=f"{link}.{name}": d.formatted_read_group(
                    [("id", "in", d.ids)], [], [f"{n}:array_agg", f"{n}:max"]
                )
                doors[f"sorted {name}"] = lambda d=document, n=f"{link}.{name}": d.search_read([("id", "in", d.ids)], ["id"], order=n)
            for door, act in doors.items():
                with self.subTest(document._name, link=link, door=door):
                    self.assertFalse(self._told(act))

    @mute_logger(
        "odoo.addons.base.models.ir_rule",
        "odoo.addons.base.models.ir_model",
        "odoo.addons.base.models.ir_access",
        "odoo.models",
        "odoo.domains",
    )
    def test_no_guess_is_confirmed(self):
        """Whether one's own document is found by what only the hidden customer has would tell it bit by bit."""
        for document, link in self._documents():
            values = {"phone": "7654321", "email": "secret77", "street": "Wzzt Road", "vat": "BE0428759497", "comment": "note"}
            if link == "contact_id":
                values = {"email": "secret77"}
            for name, value in values.items():
                domains = {
                    "dotted": [(f"{link}.{name}", "ilike", value)],
                    "any": [(link, "any", [(name, "ilike", value)])],
                    "any!": [(link, "any!", [(name, "ilike", value)])],
                    "customer": [(f"{link}.kehu_customer_id.{name}", "ilike", value)],
                    "commercial": [(f"{link}.commercial_partner_id.{name}", "ilike", value)],
                    "name": [(link, "ilike", value)],
                    "display_name": [("display_name", "ilike", value)],
                }
                for door, domain in domains.items():
                    with self.subTest(document._name, link=link, name=name, door=door):
                        answer = self._answer(lambda d=document, c=domain: f"found {d.search_count([('id', 'in', d.ids), *c])}")
                        self.assertNotIn("found 1", answer)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_access", "odoo.models")
    def test_at_the_customer_itself(self):
        """Every door by the number of the customer, its contact, message, file and activity."""
        partner = self.gone.with_user(self.user_seller)
        fields = ["name", "display_name", *PATHS]
        doors = {
            "read": lambda: partner.read(["display_name"]),
            "web_read": lambda: partner.web_read({"display_name": {}, "phone": {}}),
            "export": lambda: partner.export_data(fields),
            "copy_data": partner.copy_data,
            "copy": lambda: partner.copy().web_read({"display_name": {}}),
            "formview": partner.get_formview_action,
            "metadata": lambda: partner.get_metadata() and "",
            "web_save": lambda: partner.web_save({"website": "https://x.example"}, {"display_name": {}, "phone": {}}),
            "translations": lambda: partner.get_field_translations("comment"),
            "search": lambda: partner.search_read([("id", "=", partner.id)], fields),
            "name_search": lambda: partner.name_search("Wzzt"),
            "web_name_search": lambda: partner.web_name_search("Wzzt", {"display_name": {}, "email": {}}),
            "mention": lambda: partner.get_mention_suggestions("Wzzt"),
            "invite": lambda: partner.search_for_channel_invite("Wzzt"),
            "im": lambda: partner.im_search("Wzzt"),
            "group": lambda: partner.formatted_read_group([("id", "=", partner.id)], ["name"], ["__count"]),
            "array": lambda: partner.formatted_read_group([("id", "=", partner.id)], [], ["name:array_agg", "email:array_agg"]),
            "progress": lambda: partner.read_progress_bar([], "name", {"field": "kehu_stage", "colors": {}}),
            "person": lambda: self.person.with_user(self.user_seller).read(["display_name", "email"]),
            "child": lambda: partner.search_read([("parent_id", "=", partner.id)], ["display_name", "email"]),
            "messages": lambda: self.seller["mail.message"].search_read(
                [("model", "=", "res.partner"), ("res_id", "=", partner.id)], ["body"]
            ),
            "message": lambda: self.seller["mail.message"].browse(self.gone.sudo().message_ids.ids).read(["body", "record_name"]),
            "files": lambda: self.seller["ir.attachment"].search_read(
                [("res_model", "=", "res.partner"), ("res_id", "=", partner.id)], ["name"]
            ),
            "file": lambda: self.seller["ir.attachment"].browse(self.file.id).read(["name", "datas", "res_name"]),
            "activities": lambda: self.seller["mail.activity"].search_read([("res_model", "=", "res.partner")], ["summary", "res_name"]),
            "activity": lambda: self.seller["mail.activity"].browse(self.activity.id).read(["summary", "res_name"]),
            "activity data": lambda: self.seller["mail.activity"].get_activity_data("res.partner", []),
            "followers": lambda: self.seller["mail.followers"].search_read([("res_model", "=", "res.partner")], ["display_name", "email"]),
            "suggested": partner._message_get_suggested_recipients,
            "merge": lambda: (
                self.seller["base.partner.merge.automatic.wizard"]
                .with_context(active_model="res.partner", active_ids=[partner.id])
                .onchange(
                    {},
                    [],
                    {"partner_ids": {"fields": {"display_name": {}, "email": {}}}, "dst_partner_id": {"fields": {"display_name": {}}}},
                )
            ),
            "vcard": partner._get_vcard_file,
            "avatar": lambda: partner.read(["avatar_128"]) and "wzzt note",
            "duplicates": lambda: [
                row for row in partner.kehu_find_duplicates({"phone": "0512-7654321"}) if row.get("name") == "Wzzt Gone"
            ],
        }
        for door, act in doors.items():
            with self.subTest(door):
                text = self._answer(act)
                self.assertFalse([secret for secret in (*SECRETS, "wzzt") if secret in text])

    @mute_logger(
        "odoo.addons.base.models.ir_rule",
        "odoo.addons.base.models.ir_model",
        "odoo.addons.base.models.ir_access",
        "odoo.models",
        "odoo.domains",
    )
    def test_every_list(self):
        """All that a salesperson may list of any model, field by field."""
        for name in sorted(self.env.registry):
            records = self.seller[name]
            if records._abstract or not records.has_access("read"):
                continue
            fields = [field for field in records.fields_get() if records._fields[field].type != "binary"]
            with self.subTest(name):
                found = self._answer(lambda r=records, f=fields: r.with_context(active_test=False).search_read([], f, limit=300))
                if found.startswith(("[", "(")):
                    self.assertFalse([secret for secret in SECRETS if secret in found])

    def test_followers_tell_nothing_of_those_out_of_sight(self):
        """Whoever follows one's own documents is searched by what one may read of them."""
        self.order.sudo().message_subscribe([*self.gone.ids, self.user_seller.partner_id.id])
        orders, mine = self.seller["sale.order"], [("id", "=", self.order.id)]
        for condition in (
            ("message_partner_ids.phone", "=like", "0512-11%"),
            ("message_partner_ids", "any", [("email", "=like", "deal@%")]),
            ("message_partner_ids", "ilike", "Wzzt Gone"),
        ):
            with self.subTest(condition=condition):
                self.assertFalse(orders.search_count([*mine, condition]))
                self.assertTrue(orders.with_user(self.user_director).search_count([*mine, condition]))
        self.assertTrue(orders.search_count([*mine, ("message_partner_ids", "in", self.seller.user.partner_id.ids)]))

    def test_bank_accounts_are_those_of_customers_one_may_see(self):
        """The host shows holder and number of all bank accounts to everybody inside."""
        mine = self._create_customer(owner=self.user_seller, name="Wzzt Mine")
        others = self.env.company.partner_id | self.env["res.partner"].create({"name": "Wzzt Supplier"})
        banks = self.env["res.partner.bank"].create(
            [{"acc_number": f"WZZT 000{number}", "partner_id": partner.id} for number, partner in enumerate(self.gone | mine | others)]
        )
        hidden = banks[0]
        accounts = banks.with_env(self.seller)
        self.assertEqual(accounts.search([("id", "in", banks.ids)]).ids, banks[1:].ids)
        self.assertEqual(accounts.search([("acc_holder_name", "=", "Wzzt Gone")]), accounts.browse())
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            hidden.with_env(self.seller).read(["acc_number"])
        for user in (self.user_director, self.user_finance, self.user_west_seller):
            self.assertTrue(hidden.with_user(user).has_access("read"), user.name)
        self.user_seller.group_ids += self.env.ref("base.group_partner_manager")
        self.assertFalse(hidden.with_user(self.user_seller).has_access("write"))
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            accounts.create({"acc_number": "WZZT 0009", "partner_id": self.gone.id})
        self.assertEqual(banks[1:].with_user(self.user_seller)._filtered_access("write"), banks[1:])

    def test_what_one_wrote_names_its_customer(self):
        """A contact record stays with its author: it is what they did. It tells the name of the customer and nothing more."""
        record = self.record.with_env(self.seller)
        self.assertEqual(record.read(["content"])[0]["content"], "We talked.")
        self.assertEqual(record.read(["partner_id"])[0]["partner_id"], (self.gone.id, "Wzzt Gone"))
        with self.assertRaises(AccessError):
            record.partner_id.read(["phone"])

    def test_a_dialog_is_seen_by_whoever_opened_it(self):
        """The host shows the dialogs of one person to all others."""
        named = {"res.partner", "sale.order", "crm.lead", "kehu.dunning.letter"}
        for name in sorted(self.env.registry):
            model = self.env[name]
            if name.startswith("kehu.") and model._transient and not model._abstract:
                if named & {field.comodel_name for field in model._fields.values() if field.store}:
                    with self.subTest(name):
                        self.assertIn("create_uid", str(self.seller["ir.rule"]._compute_domain(name, "read")))
        change = self.env["kehu.folder.change"].with_user(self.user_west_seller).create({"partner_ids": self.gone.ids})
        self.env.invalidate_all()
        with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models.ir_rule"):
            change.with_env(self.seller).read(["partner_ids"])
