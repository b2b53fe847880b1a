"""A number in a form is answered with a name: what any form of any model, ours or the host's, tells of customers out of sight."""

import psycopg2
from odoo.api import NewId
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.customer.exceptions import KehuInterestAccessError
from ...models.customer.form_links import FormLinks
from ..common import KehuCommon

SHOWN = {"fields": {"display_name": {}}}
CARD = {name: {} for name in ("name", "phone", "email", "street", "ref", "vat", "comment")}
LINES = ("one2many", "many2many")


@tagged("post_install", "-at_install")
class TestCustomerFormLinks(KehuCommon):
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
        )
        cls.west_contact = cls._create_contact(cls.west, name="Wzzt Buyer", email="wzzt.buyer@west.example")
        cls.own = cls._create_customer(owner=cls.user_seller, name="Own")
        cls.own_contact = cls._create_contact(cls.own, name="Own Buyer")
        west = cls.env(user=cls.user_west_seller)
        lead = west["crm.lead"].create({"name": "Wzzt Deal", "partner_id": cls.west_contact.id, "type": "opportunity"})
        product = cls._create_product()
        order = west["sale.order"].create({"partner_id": cls.west.id, "order_line": [Command.create({"product_id": product.id})]})
        record = west["kehu.contact.record"].create({"partner_id": cls.west.id, "content": "Wzzt talk"})
        contract = west["kehu.contract"].create({"title": "Wzzt Contract", "partner_id": cls.west.id})
        bank = cls.env["res.partner.bank"].create({"acc_number": "WZZT 1234 5678", "partner_id": cls.west.id})
        cls.hidden = {
            "res.partner": cls.west_contact.ids + cls.west.ids,
            "crm.lead": lead.ids,
            "sale.order": order.ids,
            "sale.order.line": order.order_line.ids,
            "kehu.contact.record": record.ids,
            "kehu.contract": contract.ids,
            "res.partner.bank": bank.ids,
        }
        cls.secrets = ("wzzt", "7654321", "BE0477472701", order.name.lower(), contract.name.lower())
        cls.seller = cls.env(user=cls.user_seller, context={"sale_show_partner_name": True})

    def _told(self, act):
        """Return what a request tells of the hidden customer: in its answer, or in its refusal."""
        savepoint = self.cr.savepoint(flush=False)
        self.env.transaction.default_env = self.seller
        try:
            answer = act()
        except (UserError, psycopg2.Error, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            answer = error
        finally:
            self.env.transaction.default_env = self.env
            savepoint.rollback()
            savepoint.close()
            self.env.invalidate_all()
        text = str(answer).lower()
        return [secret for secret in self.secrets if secret in text]

    def _spec(self, model):
        """Everything that a form could show of a record, without lines and pictures."""
        records = self.seller[model]
        spec = {}
        for name, field in records._fields.items():
            if field.type in (*LINES, "binary") or not records._has_field_access(field, "read"):
                continue
            spec[name] = SHOWN if field.type == "many2one" else {}
        return spec

    def _forms(self):
        """The models of which this salesperson may open a form."""
        for name in sorted(self.env.registry):
            records = self.seller[name]
            if not records._abstract and (records.has_access("read") or records.has_access("create")):
                yield records

    # -- sweeps --------------------------------------------------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_access", "odoo.models")
    def test_no_link_of_any_form(self):
        tried = 0
        for records in self._forms():
            spec = self._spec(records._name)
            own = records.search([], limit=1) if not records._transient and records.has_access("write") else records
            for name in spec:
                field = records._fields[name]
                if field.type != "many2one":
                    continue
                for number in self.hidden.get(field.comodel_name, ()):
                    doors = {
                        "sent": lambda n=name, i=number, r=records, s=spec: r.onchange({n: i}, [], s),
                        "typed": lambda n=name, i=number, r=records, s=spec: r.onchange({n: i}, [n], s),
                        "with values": lambda n=name, i=number, r=records, s=spec: r.onchange({n: {"id": i}}, [n], s),
                        "in a list": lambda n=name, i=number, r=records, s=spec: r.onchange({n: {"id": [i]}}, [n], s),
                        "as text": lambda n=name, i=number, r=records, s=spec: r.onchange({n: {"id": str(i)}}, [n], s),
                        "default": lambda n=name, i=number, r=records, s=spec: r.with_context(**{f"default_{n}": i}).onchange({}, [], s),
                        "unseen default": lambda n=name, i=number, r=records, s=spec: r.with_context(**{f"default_{n}": i}).onchange(
                            {}, [], {other: told for other, told in s.items() if other != n}
                        ),
                    }
                    if own:
                        doors["own"] = lambda n=name, i=number, r=own, s=spec: r.onchange({n: i}, [], s)
                        doors["typed into own"] = lambda n=name, i=number, r=own, s=spec: r.onchange({n: i}, [n], s)
                    for door, act in doors.items():
                        tried += 1
                        with self.subTest(records._name, name=name, door=door):
                            self.assertFalse(self._told(act))
        self.assertGreater(tried, 500)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_access", "odoo.models")
    def test_no_line_of_any_form(self):
        """Each link of each kind of line, in two forms that have such lines; and lines that are themselves customers or documents."""
        tried, times = 0, {}
        for records in self._forms():
            spec = self._spec(records._name)
            for name, field in records._fields.items():
                if field.type not in LINES or not records._has_field_access(field, "read"):
                    continue
                comodel = field.comodel_name
                told = {name: {"fields": self._spec(comodel)}}
                for number in self.hidden.get(comodel, ())[:1]:
                    for commands in ([[4, number]], [[6, 0, [number]]], [[1, number, {}]], [number]):
                        tried += 1
                        with self.subTest(records._name, name=name, commands=commands):
                            self.assertFalse(self._told(lambda r=records, n=name, c=commands, t=told: r.onchange({n: c}, [n], t)))
                    with self.subTest(records._name, name=name, door="default"):
                        context = {f"default_{name}": [[6, 0, [number]]]}
                        self.assertFalse(self._told(lambda r=records, c=context, t=told: r.with_context(**c).onchange({}, [], t)))
                for link, linked in self.env[comodel]._fields.items():
                    if linked.type != "many2one" or linked.comodel_name not in self.hidden or link not in told[name]["fields"]:
                        continue
                    if times.get((comodel, link), 0) == 2:
                        continue
                    times[comodel, link] = times.get((comodel, link), 0) + 1
                    line = {link: self.hidden[linked.comodel_name][0]}
                    doors = {
                        "typed": lambda r=records, n=name, v=line, t=told: r.onchange({n: [[0, "virtual_1", v]]}, [n], t),
                        "sent": lambda r=records, n=name, v=line, t=told: r.onchange({n: [[0, "virtual_1", v]]}, [], t),
                        "plain": lambda r=records, n=name, v=line, t=told: r.onchange({n: [v]}, [n], t),
                        "default": lambda r=records, n=name, v=line, t=told: r.with_context(**{f"default_{n}": [[0, 0, v]]}).onchange(
                            {}, [], t
                        ),
                        "default of the line": lambda r=records, n=name, v=line, t=told: r.with_context(
                            **{f"default_{key}": number for key, number in v.items()}
                        ).onchange({n: [[0, "virtual_1", {}]]}, [n], t),
                    }
                    for door, act in doors.items():
                        tried += 1
                        with self.subTest(records._name, name=name, link=link, door=door):
                            self.assertFalse(self._told(act))
            self.assertTrue(spec)
        self.assertGreater(tried, 1000)

    # -- the doors that were found open --------------------------------------------------------------------------------

    def test_a_user_nested_in_a_filter_is_no_customer(self):
        """Any employee could read the whole card of any customer by its number."""
        for user in (self.user_seller, self.user_employee, self.user_west_seller):
            filters = self.env["ir.filters"].with_user(user)
            self.env.invalidate_all()
            answer = filters.onchange({"user_ids": [[0, "virtual_1", {"partner_id": self.west.id}]]}, [], {"user_ids": {"fields": CARD}})
            self.assertEqual("Wzzt Secret" in str(answer), user == self.user_west_seller, user.name)
        for values, names in (({"partner_id": self.west.id}, []), ({"partner_id": self.west.id}, ["partner_id"])):
            mine = self.env["res.users"].with_user(self.user_employee).browse(self.user_employee.id)
            self.assertNotIn("Wzzt", str(mine.onchange(dict(values), names, {**CARD, "partner_id": SHOWN})))

    def test_links_deep_in_a_form(self):
        """A line sends the document that it hangs on with values of its own; those are looked at too."""
        lines = self.seller["sale.order.line"]
        order = self.seller["sale.order"].create({"partner_id": self.own.id})
        spec = {"order_partner_id": SHOWN, "order_id": SHOWN}
        for parent in ({"partner_id": self.west.id}, {"id": order.id, "partner_id": self.west.id}):
            with self.subTest(parent=parent):
                self.assertFalse(self._told(lambda p=parent: lines.onchange({"order_id": p}, ["order_id"], spec)))
        answer = lines.onchange({"order_id": {"id": order.id, "partner_id": self.own.id}}, ["order_id"], spec)
        self.assertIn("Own", str(answer))
        users = {"user_ids": [[0, "virtual_1", {"partner_id": {"parent_id": self.west.id}}]]}
        spec = {"user_ids": {"fields": {**CARD, "commercial_company_name": {}}}}
        self.assertFalse(self._told(lambda: self.seller["ir.filters"].onchange(users, ["user_ids"], spec)))

    def test_a_link_that_is_taken_out_leaves_no_line_behind(self):
        """Of what a form sends for a line, nothing that was taken out may stay in memory, where documents around it would tell it."""
        mine = self.own.with_user(self.user_seller)
        line = mine.browse([NewId(self.own_contact.id)])
        nested = {"name": "X", "child_ids": [[4, self.west_contact.id]]}
        deeper = {"name": "X", "child_ids": [(0, "virtual_2", {"name": "Y", "child_ids": [(6, 0, self.west_contact.ids)]})]}
        for values in (nested, deeper):
            self.env.invalidate_all()
            shown = FormLinks().shown(mine, {"child_ids": [[1, self.own_contact.id, values]]})
            self.assertNotIn(str(self.west_contact.id), str(shown))
            for cached in line._fields["child_ids"]._get_cache(mine.env).values():
                self.assertFalse({number.origin for number in cached if isinstance(number, NewId)} & {self.west_contact.id})
                self.assertNotIn(self.west_contact.id, cached)
        self.env.invalidate_all()
        FormLinks().shown(mine, {"child_ids": [(1, self.own_contact.id, {"name": "X", "child_ids": ((4, self.own_contact.id),)})]})
        self.assertFalse(line._fields["name"]._get_cache(mine.env).get(NewId(self.own_contact.id)), "nothing was taken out")

    def test_a_nested_line_names_no_partner_of_another_company(self):
        """Partners outside the CRM are hidden by the rules of companies; a line of ours refuses them like the form itself does."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.env["res.partner"].create({"name": "Wzzt Stranger", "company_id": other.id})
        self.assertFalse(stranger.with_user(self.user_seller).has_access("read"))
        mine = self.own.with_user(self.user_seller)
        employer = {"kehu_interest_ids": [[0, "virtual_1", {"partner_id": stranger.id}]]}
        spec = {"kehu_interest_ids": {"fields": {"partner_id": SHOWN}}}
        with self.assertRaises(KehuInterestAccessError):
            mine.onchange(employer, ["kehu_interest_ids"], spec)
        self.assertFalse(self._told(lambda: mine.onchange(employer, ["kehu_interest_ids"], spec)))

    def test_a_line_of_a_colleague_proves_no_guess(self):
        """What a saved line names may stay for whoever may read that line."""
        line = self.hidden["sale.order.line"][0]
        order = self.seller["sale.order"].create({"partner_id": self.own.id})
        command = [1, line, {"order_partner_id": self.west.id}]
        spec = {"order_line": {"fields": {"order_partner_id": SHOWN}}}
        self.assertFalse(self._told(lambda: order.onchange({"order_line": [command]}, ["order_line"], spec)))

    # -- what one may see goes on --------------------------------------------------------------------------------------

    def test_what_is_saved_stays(self):
        """A customer that is no longer one's own is still named by one's own opportunity, quote and meeting."""
        lead = self.seller["crm.lead"].create({"name": "Mine", "type": "opportunity", "partner_id": self.own.id})
        order = self.seller["sale.order"].create({"partner_id": self.own.id, "opportunity_id": lead.id})
        with self.assertRaises(AccessError):
            self.west.with_user(self.user_seller).check_access("read")
        self.own.with_user(self.user_director).kehu_transfer(self.user_west_seller.id, "leaves", with_documents=False)
        self.env.invalidate_all()
        self.assertFalse(self.own.with_user(self.user_seller).has_access("read"))
        for document, change in ((lead, {"name": "Still mine"}), (order, {"client_order_ref": "Still mine"})):
            with self.subTest(document._name):
                spec = {"partner_id": SHOWN, **{name: {} for name in change}}
                answer = document.onchange({**change, "partner_id": self.own.id}, [], spec)
                self.assertEqual(answer["value"]["partner_id"]["id"], self.own.id)
                with Form(document) as form:
                    for name, value in change.items():
                        form[name] = value
                self.assertEqual(document.sudo().partner_id, self.own)
        quote = Form(self.seller["sale.order"].with_context(default_opportunity_id=lead.id, default_partner_id=self.own.id))
        self.assertEqual(quote.partner_id.id, self.own.id, "the quote of one's own opportunity")

    def test_forms_of_a_day(self):
        """Each role fills in the forms it may, and what it links stays linked."""
        product = self._create_product()
        for role in ("seller", "east_manager", "sales_manager", "director", "crm_admin", "finance"):
            env = self.env(user=getattr(self, f"user_{role}"))

            def customer(env=env, role=role):
                opened = {"default_kehu_is_customer": True, "default_is_company": True, "default_user_id": env.uid}
                with Form(env["res.partner"].with_context(**opened)) as form:
                    form.name = f"Lake {role}"
                with Form(env["res.partner"].with_context(default_parent_id=form.record.id)) as contact:
                    contact.name = f"Li {role}"
                self.assertEqual(contact.record.kehu_customer_id, form.record)
                with Form(form.record) as again:
                    again.street = "Lake Road 8"

            def lead(env=env):
                with Form(env["crm.lead"].with_context(default_type="opportunity", default_partner_id=self.own.id)) as form:
                    form.name = "New wing"
                self.assertEqual(form.record.partner_id, self.own)
                with Form(form.record) as again:
                    again.partner_id = self.own_contact.with_env(env)
                self.assertEqual(form.record.partner_id, self.own_contact)

            def order(env=env):
                with Form(env["sale.order"].with_context(default_partner_id=self.own.id)) as form, form.order_line.new() as line:
                    line.product_id = product.with_env(env)
                self.assertEqual(form.record.order_line.order_partner_id, self.own)
                with Form(form.record) as again, again.order_line.edit(0) as line:
                    line.product_uom_qty = 7
                self.assertEqual(form.record.order_line.product_uom_qty, 7)

            def record(env=env):
                with Form(env["kehu.contact.record"].with_context(default_partner_id=self.own.id)) as form:
                    form.contact_id = self.own_contact.with_env(env)
                    form.content = "We talked about the pump."
                self.assertEqual(form.record.contact_id, self.own_contact)

            def contract(env=env):
                with Form(env["kehu.contract"].with_context(default_partner_id=self.own.id)) as form:
                    form.title = "Frame"
                self.assertEqual(form.record.partner_id, self.own)

            def receipt(env=env):
                form = Form(env["kehu.receipt"].with_context(default_partner_id=self.own.id))
                form.amount = 10.0
                self.assertEqual((form.partner_id, form.payer), (self.own, self.own))

            def calls(env=env):
                with Form(env["kehu.call.list"]) as form:
                    form.name = "Spring"
                self.assertTrue(form.record)

            forms = {
                "res.partner": customer,
                "crm.lead": lead,
                "sale.order": order,
                "kehu.contact.record": record,
                "kehu.contract": contract,
                "kehu.receipt": receipt,
                "kehu.call.list": calls,
            }
            for model, fill in forms.items():
                if env[model].has_access("create") and self.own.with_env(env).has_access("write"):
                    with self.subTest(role=role, model=model):
                        fill()
                        self.env.invalidate_all()

    # -- cost ----------------------------------------------------------------------------------------------------------

    def test_queries_do_not_grow_with_the_lines(self):
        contacts = self.env["res.partner"].concat(*(self._create_contact(self.own, name=f"Buyer {number}") for number in range(40)))
        records = self.seller["res.partner"].browse(self.own.id)
        product = self._create_product()

        def queries(count, field, rows, spec):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            records.onchange(
                {field: [[0, f"virtual_{number}", row] for number, row in enumerate(rows[:count])]}, [field], {field: {"fields": spec}}
            )
            return self.cr.sql_log_count - before

        several = {
            "kehu_contact_record_ids": ([{"contact_id": contact.id, "content": "x"} for contact in contacts], {"contact_id": {}}),
            "kehu_interest_ids": ([{"product_id": product.id, "partner_id": self.own.id} for _contact in contacts], {"partner_id": {}}),
        }
        for field, (rows, spec) in several.items():
            with self.subTest(field):
                queries(1, field, rows, spec)
                self.assertLessEqual(queries(40, field, rows, spec), queries(4, field, rows, spec) + 2)

    def test_an_ordinary_form_costs_few_queries(self):
        """Links of one's own: the customer, its contacts and an opportunity are three models at most."""
        lead = self.seller["crm.lead"].create({"name": "Mine", "type": "opportunity", "partner_id": self.own.id})
        values = {"partner_id": self.own.id, "partner_invoice_id": self.own_contact.id, "opportunity_id": lead.id}
        orders = self.seller["sale.order"]
        costs = []
        for env in (orders, orders.sudo()):
            self.env.flush_all()
            self.env.invalidate_all()
            env.onchange(dict(values), ["partner_id"], {name: {} for name in values})
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            env.onchange(dict(values), ["partner_id"], {name: {} for name in values})
            costs.append(self.cr.sql_log_count - before)
        with self.assertRaises(UserError):
            orders.onchange({"partner_id": self.west.id}, ["partner_id"], {"partner_id": SHOWN})
        self.assertLessEqual(costs[0] - costs[1], 25)
