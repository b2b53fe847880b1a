"""Every model by number: what a salesperson saves, or reads where others have saved it, tells nothing of customers out of sight."""

from functools import partial

import psycopg2
from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ...models.customer.named_links import PAIRS
from ..common import KehuCommon

LINKS = ("many2one", "many2many")
LOUD = (
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_access",
    "odoo.models",
    "odoo.domains",
    "odoo.sql_db",
    "odoo.fields",
)
# what only the hidden customer has: in the name, the e-mail, the phone, the address, the tax id, the code
SECRETS = ("wzzt", "7654321", "be0477472701")
PATHS = ("name", "display_name", "email", "phone", "street", "vat", "ref", "comment")
STUMBLES = (UserError, psycopg2.Error, AttributeError, IndexError, KeyError, TypeError, ValueError, AssertionError, NotImplementedError)
# what people have published to everybody inside, or to those who take part, by naming somebody there; and one's own documents
PUBLISHED = {
    ("account.journal", "bank_account_id"),  # accounts of one's own company
    ("account.move.line", "partner_id"),  # the invoice that the test fills in is one's own
    ("calendar.event", "opportunity_id"),  # entries that are not private show everybody what they are about
    ("discuss.call.history", "start_call_message_id"),
    ("discuss.channel.member", "partner_id"),  # a conversation shows everybody in it
    ("hr.work.location", "address_id"),
    ("mail.scheduled.message", "author_id"),
    ("account.partial.reconcile", "exchange_move_id"),  # that of one's own invoice
    ("sale.order", "partner_invoice_id"),
    ("sale.order", "partner_shipping_id"),
    ("sale.order", "opportunity_id"),
}


@tagged("post_install", "-at_install")
class TestCustomerNumberSweep(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.west = cls._create_customer(
            owner=cls.user_west_seller,
            name="Wzzt Secret",
            email="wzzt@west.example",
            phone="0512-7654321",
            street="Wzzt Road 1",
            ref="WZZT77",
            vat="BE0477472701",
            comment="Wzzt note",
        )
        cls.west_contact = cls._create_contact(cls.west, name="Wzzt Buyer", email="wzzt.buyer@west.example", phone="0512-7654321")
        cls.guest = new_test_user(
            cls.env,
            "wzzt_guest",
            groups="base.group_portal",
            partner_id=cls.west_contact.id,
            name="Wzzt Buyer",
            email="wzzt.b@west.example",
        )
        cls.own = cls._create_customer(owner=cls.user_seller, name="Own", email="own@example.com")
        cls.own_contact = cls._create_contact(cls.own, name="Own Buyer")
        product = cls._create_product()
        cls.known, cls.hidden = {}, {}
        for customer, contact, owner, sample in (
            (cls.own, cls.own_contact, cls.user_seller, cls.known),
            (cls.west, cls.west_contact, cls.user_west_seller, cls.hidden),
        ):
            env = cls.env(user=owner)
            title = f"{customer.name} Deal"
            lead = env["crm.lead"].create({"name": title, "partner_id": contact.id, "type": "opportunity"})
            order = env["sale.order"].create({"partner_id": customer.id, "order_line": [Command.create({"product_id": product.id})]})
            invoice = (
                order.sudo()
                .env["account.move"]
                .create(
                    {
                        "move_type": "out_invoice",
                        "partner_id": customer.id,
                        "invoice_user_id": owner.id,
                        "ref": title,
                        "invoice_line_ids": [Command.create({"name": title, "quantity": 1, "price_unit": 5})],
                    }
                )
            )
            record = env["kehu.contact.record"].create({"partner_id": customer.id, "content": f"{title} talk"})
            message = customer.with_env(env).message_post(body=title, partner_ids=contact.ids)
            plan = cls.env["account.analytic.plan"].search([], limit=1) or cls.env["account.analytic.plan"].create({"name": "Plan"})
            sample.update(
                {
                    "res.partner": [customer.id, contact.id],
                    "crm.lead": lead.ids,
                    "sale.order": order.ids,
                    "sale.order.line": order.order_line.ids,
                    "account.move": invoice.ids,
                    "kehu.contact.record": record.ids,
                    "mail.message": message.ids,
                    "kehu.contract": env["kehu.contract"].create({"title": title, "partner_id": customer.id}).ids,
                    "res.partner.bank": cls.env["res.partner.bank"].create({"acc_number": title, "partner_id": customer.id}).ids,
                    "account.analytic.account": cls.env["account.analytic.account"]
                    .create({"name": title, "partner_id": customer.id, "plan_id": plan.id})
                    .ids,
                }
            )
        cls.hidden["res.users"] = cls.guest.ids
        cls.known["res.users"] = cls.user_seller.ids
        hidden_order = cls.env["sale.order"].browse(cls.hidden["sale.order"])
        cls.secrets = (*SECRETS, hidden_order.name.lower())
        cls.seller = cls.env(user=cls.user_seller)
        cls.env.flush_all()

    # -- help ----------------------------------------------------------------------------------------------------------

    def _try(self, act):
        """Do something that leaves nothing behind; return its answer, and its stumble."""
        self.env.flush_all()
        self.env.invalidate_all()
        savepoint = self.cr.savepoint(flush=False)
        self.env.transaction.default_env = self.seller
        try:
            return act(), None
        except STUMBLES as error:
            return None, error
        finally:
            self.env.transaction.default_env = self.env
            self.env.transaction.clear()
            savepoint.rollback()
            savepoint.close()
            self.env.invalidate_all()

    def _secrets_in(self, *things):
        text = " ".join(str(thing) for thing in things).lower()
        return [secret for secret in self.secrets if secret in text]

    def _filled(self, records, given):
        """Values for the fields that have to be filled in, beside those given."""
        values = dict(given)
        needed = [name for name, field in records._fields.items() if field.required and field.store and name not in given]
        defaults = records.default_get(needed)
        for name in needed:
            field = records._fields[name]
            if defaults.get(name) or field.compute or field.related or field.type == "boolean":
                continue
            if field.type == "many2one":
                known = self.known.get(field.comodel_name)
                values[name] = known[0] if known else records.env[field.comodel_name].sudo().search([], limit=1).id
            elif field.type == "many2many":
                known = self.known.get(field.comodel_name)
                values[name] = [Command.set(known[:1] if known else records.env[field.comodel_name].sudo().search([], limit=1).ids)]
            elif field.type == "selection":
                options = [key for key, _label in field._description_selection(records.env)]
                values[name] = options[0] if options else False
            elif field.type in ("integer", "float", "monetary", "many2one_reference"):
                values[name] = 1
            elif field.type == "date":
                values[name] = fields.Date.today()
            elif field.type == "datetime":
                values[name] = fields.Datetime.now()
            elif name in ("model", "res_model"):
                values[name] = "res.partner"
            else:
                values[name] = "x"
        if "res_model" in records._fields and "res_id" in values and "res_id" not in given:
            values["res_id"] = self.own.id
        return values

    def _columns(self, records):
        return [
            name
            for name, field in records._fields.items()
            if field.type not in ("binary", "image") and records._has_field_access(field, "read")
        ]

    def _read_back(self, record):
        """All that a client reads of a record, field by field, so that one that stumbles hides no other."""
        told = []
        for name in self._columns(record):
            record.invalidate_recordset()
            spec = {name: {"fields": {"display_name": {}}}} if record._fields[name].relational else {name: {}}
            try:
                told.append(record.web_read(spec))
            except STUMBLES as error:
                told.append(error)
        return told

    def _save(self, model, given, left_out=None):
        """Make a record; return all that a client reads of it.

        :param dict given: values to be tried
        :param str left_out: name of a field that is to have its default when no value is given
        """
        values = self._filled(model, given or {left_out: None})
        record = model.create({name: value for name, value in values.items() if name != left_out or given})
        self.env.flush_all()
        self.env.invalidate_all()
        return self._read_back(self.seller[model._name].browse(record.ids))

    def _models(self, operation):
        for name in sorted(self.env.registry):
            records = self.seller[name]
            if not records._abstract and records.has_access(operation):
                yield records

    def _links(self, records):
        for name, field in records._fields.items():
            if field.type in LINKS and field.comodel_name in self.hidden and name not in ("create_uid", "write_uid"):
                yield name, field

    # -- what one saves ------------------------------------------------------------------------------------------------

    @mute_logger(*LOUD)
    def test_what_is_saved_by_number(self):
        saved, tried = set(), 0
        for records in self._models("create"):
            for name, field in self._links(records):
                if not field.store and not field.inverse:
                    continue
                for position, number in enumerate(self.hidden[field.comodel_name]):
                    one = field.type == "many2one"
                    doors = {
                        "number": (records, number if one else [Command.link(number)]),
                        "text": (records, str(number) if one else [Command.set([str(number)])]),
                        "set": (records, [number] if one else [Command.set([number])]),
                        "default": (records.with_context(**{f"default_{name}": number if one else [Command.set([number])]}), None),
                    }
                    for door, (model, value) in doors.items():
                        tried += 1
                        given = {} if value is None else {name: value}
                        with self.subTest(records._name, name=name, door=door):
                            self.assertFalse(self._secrets_in(*self._try(partial(self._save, model, given, name))))
                    known = self.known[field.comodel_name][min(position, len(self.known[field.comodel_name]) - 1)]

                    def change(records=records, name=name, number=number, known=known, one=one):
                        value = known if one else [Command.set([known])]
                        record = records.create(self._filled(records, {name: value}))
                        saved.add((records._name, name))
                        record.write({name: number if one else [Command.set([number])]})
                        self.env.flush_all()
                        self.env.invalidate_all()
                        return self._read_back(record)

                    with self.subTest(records._name, name=name, door="write"):
                        self.assertFalse(self._secrets_in(*self._try(change)))
        self.assertGreater(len(saved), 60)
        self.assertGreater(tried, 500)

    @mute_logger(*LOUD)
    def test_what_is_saved_by_model_and_number(self):
        tried = 0
        for records in self._models("create"):
            for model_field, number_field in PAIRS:
                if not {model_field, number_field} <= records._fields.keys():
                    continue
                for model_name in ("res.partner", "sale.order", "crm.lead", "account.move"):
                    number = self.hidden[model_name][0]
                    field = records._fields[number_field]
                    value = number if field.type in ("integer", "many2one_reference") else str([number])
                    tried += 1
                    given = {model_field: model_name, number_field: value}
                    with self.subTest(records._name, names=(model_field, number_field), model=model_name):
                        self.assertFalse(self._secrets_in(*self._try(partial(self._save, records, given))))
        self.assertGreater(tried, 10)

    # -- what others saved ---------------------------------------------------------------------------------------------

    @mute_logger(*LOUD)
    def test_what_others_saved(self):
        made = set()
        for records in self._models("read"):
            everything = self.env[records._name]
            if not records._auto:
                continue
            for name, field in self._links(records):
                # who is responsible is chosen by people who may read that person
                if not field.store or field.comodel_name == "res.users" or (records._name, name) in PUBLISHED:
                    continue
                number = self.hidden[field.comodel_name][0]
                value = number if field.type == "many2one" else [Command.set([number])]

                def read(records=records, everything=everything, name=name, field=field, value=value):
                    record = everything.create(self._filled(everything, {name: value}))
                    made.add((records._name, name))
                    self.env.flush_all()
                    self.env.invalidate_all()
                    return self._doors(records, record.id, name, field)

                with self.subTest(records._name, name=name):
                    answer, _stumble = self._try(read)
                    if answer is not None:
                        self.assertFalse({door: found for door, told in answer.items() if (found := self._secrets_in(told))})
        self.assertGreater(len(made), 40)

    def _doors(self, records, number, name, field):
        """Read one record of others by all doors; a guess that is confirmed counts as a secret that is told."""
        mine = [("id", "=", number)]
        partner = field.comodel_name == "res.partner"
        paths = PATHS if partner else ("display_name",)
        spec = {name: {"fields": {path: {} for path in paths}}}
        doors = {
            "read": lambda: self._read_back(records.browse(number)),
            "web_search_read": lambda: records.with_context(active_test=False).web_search_read(mine, spec),
            "name_search": lambda: records.with_context(active_test=False).name_search("Wzzt"),
            "grouped": lambda: records.with_context(active_test=False).formatted_read_group(mine, [name], ["__count"]),
            "display": lambda: records.browse(number).with_context(show_email=True, show_address=True, show_vat=True).read([name]),
        }
        for path in PATHS if partner else ():
            doors[f"grouped by {path}"] = lambda p=f"{name}.{path}": records.formatted_read_group(mine, [p], ["__count"])
            doors[f"collected {path}"] = lambda p=f"{name}.{path}": records.formatted_read_group(mine, [], [f"{p}:array_agg"])
            inside = [(path, "ilike", "%")]
            for condition in ((f"{name}.{path}", "ilike", "%"), (name, "any", inside), (name, "any!", inside)):
                doors[f"searched {condition}"] = lambda c=condition: self._confirmed(records, mine, c, "Wzzt")
                doors[f"searched by number {condition}"] = lambda c=condition: self._confirmed(records, mine, c, "7654321")
        doors["searched by name"] = lambda: self._confirmed(records, mine, (name, "ilike", "%"), "Wzzt")
        doors["searched by own name"] = lambda: self._confirmed(records, mine, ("display_name", "ilike", "%"), "Wzzt")
        told = {}
        for door, act in doors.items():
            self.env.invalidate_all()
            savepoint = self.cr.savepoint(flush=False)
            try:
                told[door] = act()
            except STUMBLES as error:
                told[door] = error
            finally:
                savepoint.rollback()
                savepoint.close()
        return told

    def _confirmed(self, records, mine, condition, guess):
        left, operator, right = condition
        nobody = [(right[0][0], right[0][1], "no such thing")] if isinstance(right, list) else "no such thing"
        right = [(right[0][0], right[0][1], guess)] if isinstance(right, list) else guess
        try:
            found = records.with_context(active_test=False).search_count([*mine, (left, operator, right)])
        except STUMBLES as error:
            return str(error).replace(guess, "")  # a refusal may repeat the guess, which the caller knows
        if found and not records.with_context(active_test=False).search_count([*mine, (left, operator, nobody)]):
            return f"confirmed {guess}"
        return ""
