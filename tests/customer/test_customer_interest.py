"""Product interests: what a customer would like to buy, entered on the card or in a contact record."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.customer.exceptions import KehuCustomerError, KehuInterestAccessError, KehuInterestError
from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerInterest(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(cls.user_seller)
        cls.strange = cls._create_customer(cls.user_west_seller, name="West Works")
        cls.pooled = cls._create_customer(name="Waiting Works")
        cls.machines = cls.env["product.category"].create({"name": "Machines"})
        cls.pumps = cls.env["product.category"].create({"name": "Pumps", "parent_id": cls.machines.id})
        cls.pump = cls._create_product(name="Pump 5", categ_id=cls.pumps.id)
        cls.valve = cls._create_product(name="Valve")
        cls.interests = cls.env["kehu.product.interest"]

    def _create(self, user=None, customer=None, **values):
        if not {"product_id", "category_id"} & values.keys():
            values["product_id"] = self.pump.id
        return self.interests.with_user(user or self.user_seller).create({"partner_id": (customer or self.customer).id, **values})

    def test_defaults(self):
        interest = self._create()
        self.assertEqual((interest.quantity, interest.state, interest.display_name), (1.0, "open", "Pump 5"))
        self.assertEqual(self.customer.kehu_interest_ids, interest.sudo())

    def test_what_is_refused(self):
        interest = self._create()
        for label, values in {
            "both": {"product_id": self.pump.id, "category_id": self.pumps.id},
            "neither": {"product_id": False, "category_id": False},
            "nothing": {"product_id": self.pump.id, "quantity": 0},
            "less than nothing": {"product_id": self.pump.id, "quantity": -2},
            "no number": {"product_id": self.pump.id, "quantity": "many"},
            "no date": {"product_id": self.pump.id, "date": "soon"},
            "gone": {"product_id": 2**31 - 1},
            "no record": {"product_id": "pump"},
            "no state": {"product_id": self.pump.id, "state": "sold"},
        }.items():
            with self.subTest(label, door="create"), self.assertRaises(KehuInterestError), self.cr.savepoint():
                self._create(**values)
            with self.subTest(label, door="write"), self.assertRaises(KehuInterestError), self.cr.savepoint():
                interest.write(values)
        contact = self._create_contact(self.customer)
        with self.assertRaises(KehuInterestError), self.cr.savepoint():
            self._create(customer=contact)
        with self.assertRaises(KehuInterestError), self.cr.savepoint():
            interest.write({"partner_id": self.pooled.id})

    def test_form_takes_one_of_the_two(self):
        form = Form(self.interests.with_user(self.user_seller).with_context(default_partner_id=self.customer.id))
        form.product_id = self.pump
        form.quantity = 3
        interest = form.save()
        self.assertEqual(
            (interest.partner_id, interest.product_id, interest.quantity), (self.customer.with_user(self.user_seller), self.pump, 3)
        )
        with Form(interest) as form:
            form.product_id = self.env["product.product"]
            form.category_id = self.pumps
        self.assertEqual((interest.product_id.id, interest.category_id), (False, self.pumps))

    # -- who may see and change ----------------------------------------------------------------------------------------

    def test_interests_follow_their_customer(self):
        own, west, waiting = (self._create(self.env.user, customer) for customer in (self.customer, self.strange, self.pooled))
        everything = [("id", "in", (own | west | waiting).ids)]
        roles = {  # role: (reads, writes)
            "seller": (own | waiting, own),
            "seller2": (waiting, self.interests),
            "west_seller": (west | waiting, west),
            "east_manager": (own | waiting, own | waiting),
            "sales_manager": (own | west | waiting, own | west | waiting),
            "director": (own | west | waiting, own | west | waiting),
            "service": (own | west | waiting, self.interests),
            "finance": (own | west | waiting, self.interests),
        }
        for role, (reads, writes) in roles.items():
            user = getattr(self, f"user_{role}")
            rows = self.interests.with_user(user)
            with self.subTest(role=role, door="read"):
                self.assertEqual(rows.search(everything), reads)
                self.assertEqual(len(rows.search([*everything, ("product_id", "=", self.pump.id)])), len(reads))
            for interest in own | west | waiting:
                with self.subTest(role=role, interest=interest.sudo().partner_id.name), mute_logger("odoo.addons.base.models.ir_rule"):
                    mine = interest.with_user(user)
                    self.assertEqual(mine.has_access("read"), interest in reads)
                    for operation in ("write", "unlink"):
                        self.assertEqual(mine.has_access(operation), interest in writes)
                    if interest in writes:
                        self._create(user, interest.partner_id)
                        mine.note = "Seen"
                    else:
                        with self.assertRaises(AccessError), self.cr.savepoint():
                            self._create(user, interest.partner_id)
                        with self.assertRaises(AccessError), self.cr.savepoint():
                            mine.note = "Seen"
        with self.assertRaises(AccessError):
            self.interests.with_user(self.user_employee).search([])

    def test_they_go_to_the_new_owner(self):
        interest = self._create()
        self.customer.with_user(self.user_seller).kehu_return("No time")
        self.customer.with_user(self.user_seller2).kehu_claim()
        self.assertFalse(interest.has_access("read"))
        interest.with_user(self.user_seller2).state = "bought"

    def test_a_form_names_nobody_hidden(self):
        rows = self.interests.with_user(self.user_seller)
        spec = {"partner_id": {"fields": {"display_name": {}}}, "product_id": {}}
        with self.assertRaises(KehuInterestAccessError):
            rows.onchange({"partner_id": self.strange.id}, ["partner_id"], spec)
        with self.assertRaises(KehuInterestAccessError):
            rows.with_context(default_partner_id=self.strange.id).onchange({}, [], spec)
        with self.assertRaises(KehuInterestAccessError):
            self.customer.with_user(self.user_seller).onchange(
                {"kehu_interest_ids": [[0, "v1", {"partner_id": self.strange.id}]]},
                ["kehu_interest_ids"],
                {"kehu_interest_ids": {"fields": spec}},
            )
        self.assertTrue(rows.onchange({"partner_id": self.customer.id}, ["partner_id"], spec))

    # -- finding customers ---------------------------------------------------------------------------------------------

    def _found(self, text, user):
        domain = [
            ("state", "=", "open"),
            "|",
            "|",
            ("product_id", "ilike", text),
            ("product_id.categ_id.complete_name", "ilike", text),
            ("category_id.complete_name", "ilike", text),
        ]
        return self.env["res.partner"].with_user(user).search([("kehu_interest_ids", "any", domain)]).sudo()

    def test_customers_by_interest(self):
        self._create()
        self._create(self.env.user, self.strange, category_id=self.pumps.id)
        self._create(self.env.user, self.pooled, product_id=self.valve.id)
        self.assertEqual(self._found("pump 5", self.user_director), self.customer)
        self.assertEqual(self._found("machines", self.user_director), self.customer | self.strange)
        self.assertEqual(self._found("machines", self.user_seller), self.customer)
        self.assertEqual(self._found("valve", self.user_seller2), self.pooled)
        self.customer.kehu_interest_ids.state = "dropped"
        self.assertFalse(self._found("pump 5", self.user_director))
        view = self.env["res.partner"].get_view(self.env.ref("kehu_crm.res_partner_view_search_kehu").id, "search")["arch"]
        self.assertIn("kehu_interest_ids", view)

    # -- merge, deletion, leaving --------------------------------------------------------------------------------------

    def test_merge_and_deletion(self):
        other = self._create_customer(self.user_seller, name="Double")
        interest = self._create(customer=other)
        kept = self._create()
        self.env["base.partner.merge.automatic.wizard"]._merge((self.customer | other).ids, self.customer)
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.kehu_interest_ids, (interest | kept).sudo())
        with self.assertRaises(KehuCustomerError):
            self.customer.with_user(self.user_crm_admin).kehu_is_customer = False
        self.customer.with_user(self.user_crm_admin).unlink()
        self.assertFalse((interest | kept).exists())

    def test_one_statement_for_many(self):
        def queries(count):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.interests.with_user(self.user_seller).create(
                [{"partner_id": self.customer.id, "product_id": self.pump.id, "quantity": n + 1} for n in range(count)]
            )
            self.env.flush_all()
            return self.cr.sql_log_count - before

        queries(2)
        self.assertLessEqual(queries(30), queries(3))

    # -- contact records -----------------------------------------------------------------------------------------------

    def test_entered_in_a_contact_record(self):
        action = self.customer.with_user(self.user_seller).action_kehu_contact()
        records = self.env["kehu.contact.record"].with_user(self.user_seller).with_context(**action["context"])
        form = Form(records, view="kehu_crm.kehu_contact_record_view_form_quick")
        form.content = "Wants pumps"
        with form.interest_ids.new() as line:
            line.product_id = self.pump
            line.quantity = 4
        with form.interest_ids.new() as line:
            line.category_id = self.pumps
        record = form.save()
        interests = self.customer.kehu_interest_ids
        self.assertEqual(len(interests), 2)
        self.assertEqual(interests.contact_record_id, record.sudo())
        self.assertEqual(sorted(interests.mapped("quantity")), [1.0, 4.0])
        record.unlink()
        self.assertEqual((len(self.customer.kehu_interest_ids), len(interests.contact_record_id)), (2, 0))

    def test_a_record_gives_its_customer(self):
        record = self.env["kehu.contact.record"].with_user(self.user_seller).create({"partner_id": self.customer.id, "content": "Hello"})
        interest = self.interests.with_user(self.user_seller).create({"contact_record_id": record.id, "product_id": self.pump.id})
        self.assertEqual(interest.partner_id.id, self.customer.id)
        record.write({"interest_ids": [Command.create({"category_id": self.pumps.id})]})
        self.assertEqual(len(self.customer.kehu_interest_ids), 2)

    def test_records_of_others(self):
        strange = self.env["kehu.contact.record"].with_user(self.user_west_seller)
        strange = strange.create({"partner_id": self.strange.id, "content": "Secret"})
        interest = self._create()
        spec = {"contact_record_id": {"fields": {"display_name": {}}}}
        for label, attempt in {
            "create": lambda: self._create(contact_record_id=strange.id),
            "without customer": lambda: interest.create({"contact_record_id": strange.id, "product_id": self.pump.id}),
            "write": lambda: interest.write({"contact_record_id": strange.id}),
            "form": lambda: interest.onchange({"contact_record_id": strange.id}, ["contact_record_id"], spec),
        }.items():
            with self.subTest(label), self.assertRaises(KehuInterestAccessError) as caught, self.cr.savepoint():
                attempt()
            self.assertNotIn("West Works", str(caught.exception))
        other = self._create_customer(self.user_seller, name="Mine Too")
        record = self.env["kehu.contact.record"].with_user(self.user_seller).create({"partner_id": other.id, "content": "Hello"})
        with self.assertRaises(KehuInterestError), self.cr.savepoint():
            interest.write({"contact_record_id": record.id})
