"""Contacts, opportunities, approval requests and orders bear numbers: once, for good, and with few queries."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.numbering.exceptions import KehuNumberStaysError
from ..approval.common import ApprovalCommon


@tagged("post_install", "-at_install")
class TestNumberingRecords(ApprovalCommon):
    def _row(self, document):
        rows = self.env["kehu.numbering"].with_user(self.user_crm_admin)
        return rows.search([("document", "=", document), ("company_id", "=", self.env.company.id)])

    def test_contacts(self):
        customer = self._create_customer(self.user_seller, name="Numbered Ltd")
        contacts = self.env["res.partner"].with_user(self.user_seller)
        one = contacts.create({"name": "Li Si", "parent_id": customer.id})
        self.assertRegex(one.kehu_contact_number, r"^LX\d{6}$")
        self.assertEqual(contacts.search([("kehu_contact_number", "=", one.kehu_contact_number)]), one)
        self.assertFalse(customer.kehu_contact_number)
        address = contacts.create({"name": "Dock", "parent_id": customer.id, "type": "delivery"})
        stranger = self.env["res.partner"].create({"name": "Nobody's", "kehu_contact_number": "LX999999"})
        self.assertFalse(address.kehu_contact_number or stranger.kehu_contact_number)
        self.assertNotEqual(one.copy().kehu_contact_number, one.kehu_contact_number)
        stranger.parent_id = customer
        self.assertRegex(stranger.kehu_contact_number, r"^LX\d{6}$")
        number = one.kehu_contact_number
        one.sudo().parent_id = self._create_customer(self.user_seller, name="Next Ltd")
        self.assertEqual(one.kehu_contact_number, number)
        nested = self._create_customer(self.user_seller, name="Nested Ltd", child_ids=[Command.create({"name": "Inside"})])
        self.assertTrue(nested.child_ids.kehu_contact_number)

    def test_a_contact_of_nobody_known(self):
        """Whether the parent is there is asked of the database only when it is not in memory."""
        customer = self._create_customer(self.user_seller, name="Remembered Ltd")
        contacts = self.env["res.partner"].with_user(self.user_seller)
        contacts.create({"name": "First", "parent_id": customer.id})
        with patch.object(type(contacts), "exists", side_effect=AssertionError("asked again")):
            self.assertTrue(contacts.create({"name": "Li Si", "parent_id": customer.id}).kehu_contact_number)
        gone = contacts.sudo().create({"name": "Gone"})
        gone.unlink()
        with self.assertRaises(UserError):
            contacts.create({"name": "Nobody's", "parent_id": gone.id})

    def test_opportunities(self):
        leads = self.env["crm.lead"].with_user(self.user_seller)
        one, other = leads.create([{"name": "One"}, {"name": "Other", "kehu_number": "JH0"}])
        self.assertRegex(one.kehu_number, r"^JH\d{10}$")
        self.assertEqual(int(other.kehu_number[-4:]), int(one.kehu_number[-4:]) + 1)
        self.assertNotEqual(one.copy().kehu_number, one.kehu_number)
        self.assertNotIn(leads.with_context(default_kehu_number="JH1").create({"name": "Third"}).kehu_number, ("JH1", False))

    def test_requests(self):
        self._submit()
        self.env.cr.flush()  # as at the end of the transaction
        request = self.order.kehu_request_id
        self.assertRegex(request.number, r"^SP\d{10}$")
        self.assertEqual(request.search([("number", "=", request.number)]), request)

    def _submit(self):
        self.order.with_user(self.user_seller).kehu_submit(approver_id=self.user_order_approver.id)

    def test_numbers_stay(self):
        lead = self.env["crm.lead"].with_user(self.user_seller).create({"name": "Mine"})
        contact = self._create_contact(self._create_customer(self.user_seller))
        for record, name in ((lead, "kehu_number"), (contact.with_user(self.user_seller), "kehu_contact_number")):
            with self.assertRaises(KehuNumberStaysError), self.env.cr.savepoint():
                record.write({name: "X1"})
            with self.assertRaises(KehuNumberStaysError), self.env.cr.savepoint():
                record.sudo().write({name: False})
            with self.assertRaises(KehuNumberStaysError), self.env.cr.savepoint():
                record.with_context(kehu_engine_numbering=True).write({name: "X1"})
            record.write({name: record[name]})  # what a form sends along
        before = lead.kehu_number
        self._row("opportunity").write({"prefix": "OPP", "digits": 6})
        self.assertEqual(lead.kehu_number, before)
        self.assertTrue(lead.copy().kehu_number.startswith("OPP"))

    def test_merged_contacts(self):
        """Whichever of them bears a number: the one that stays keeps its own, or gets one."""
        customer = self._create_customer(self.user_seller)
        for missing in (0, 1):
            pair = self._create_contact(customer, name="Twin") + self._create_contact(customer, name="Twin 2")
            self.env.flush_all()
            self.env.cr.execute("UPDATE res_partner SET kehu_contact_number = NULL WHERE id = %s", [pair[missing].id])
            self.env.invalidate_all()
            number = pair[0].kehu_contact_number
            self.env["base.partner.merge.automatic.wizard"].create({})._merge(pair.ids, pair[0])
            self.assertTrue(pair[0].kehu_contact_number)
            self.assertIn(number, (False, pair[0].kehu_contact_number))

    def test_contacts_of_earlier_days(self):
        """All at once, in the order in which they were made; who is no contact of a customer gets none."""
        partners = self.env["res.partner"]
        customer = partners.create({"name": "Customer (test)", "is_company": True, "kehu_is_customer": True})
        people = partners.create([{"name": f"Person {n} (test)", "parent_id": customer.id} for n in range(3)])
        people[0].active = False
        others = partners.create(
            [
                {"name": "Warehouse (test)", "parent_id": customer.id, "type": "delivery"},
                {"name": "Of no customer (test)", "parent_id": partners.create({"name": "Vendor (test)", "is_company": True}).id},
            ]
        )
        kept = people[2].kehu_contact_number
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET kehu_contact_number = NULL WHERE id IN %s", [tuple(people[:2].ids)])
        self.env.invalidate_all()
        self.env["kehu.numbering"]._kehu_set_up()
        numbers = people.mapped("kehu_contact_number")
        self.assertTrue(all(numbers))
        self.assertLess(numbers[0], numbers[1])
        self.assertEqual(numbers[2], kept)
        self.assertFalse(any(others.mapped("kehu_contact_number")))
        self.env["kehu.numbering"]._kehu_set_up()
        self.assertEqual(people.mapped("kehu_contact_number"), numbers, "numbers stay")

    def test_records_of_earlier_days(self):
        leads = self.env["crm.lead"].create([{"name": f"Early {place}"} for place in range(3)])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET kehu_number = NULL, create_date = '2024-12-31 16:30:00', company_id = %s WHERE id = ANY(%s)",
            [self.env.company.id, leads.ids],
        )
        self.env.company.kehu_timezone = "Asia/Shanghai"
        self.env.invalidate_all()
        self.env["kehu.numbering"]._kehu_set_up()
        numbers = leads.mapped("kehu_number")
        self.assertTrue(all(number.startswith("JH202501") for number in numbers), numbers)
        self.assertEqual(numbers, sorted(set(numbers)))
        self.env["kehu.numbering"]._kehu_set_up()
        self.assertEqual(leads.mapped("kehu_number"), numbers)

    def test_queries_do_not_grow(self):
        customer = self._create_customer(self.user_seller)

        def queries(act, count):
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            act(count)
            return self.env.cr.sql_log_count - before

        numbering = self.env["kehu.numbering"]
        for document in ("contact", "opportunity", "request", "customer"):
            for no_gap in (False, True):
                self._row(document).write({"no_gap": no_gap})
                queries(lambda count, document=document: numbering._kehu_next_numbers(document, [(False, None)] * count), 1)
                few, many = (
                    queries(lambda count, document=document: numbering._kehu_next_numbers(document, [(False, None)] * count), count)
                    for count in (1, 200)
                )
                self.assertEqual(few, many, document)
                self.assertLessEqual(many, 4)
        self.assertTrue(customer)
        self.assertEqual(len(set(numbering._kehu_next_numbers("contact", [(False, None)] * 500))), 500)

    def test_many_numbers_of_one_day_are_written_together(self):
        """What stands before and after the digits is worked out once for all numbers that are drawn at once."""
        numbering = self.env["kehu.numbering"]
        sequences = type(self.env["ir.sequence"])
        affixes, calls = sequences._get_prefix_suffix, []

        def counted(sequence, *args, **kwargs):
            calls.append(sequence)
            return affixes(sequence, *args, **kwargs)

        with patch.object(sequences, "_get_prefix_suffix", counted):
            numbers = numbering._kehu_next_numbers("contact", [(False, None)] * 30)
        self.assertEqual(len(calls), 1)
        one = numbering._kehu_next_numbers("contact", [(False, None)])[0]
        self.assertEqual({len(number) for number in numbers}, {len(one)})
        self.assertEqual(numbers, sorted(set(numbers)))

    def test_no_series_no_number(self):
        self.env["ir.sequence"].search([("code", "=", "kehu.opportunity")]).unlink()
        self.assertFalse(self.env["crm.lead"].create({"name": "Without"}).kehu_number)
        with self.assertRaises(UserError):
            self._row("opportunity").write({"prefix": "OO"})

    def test_orders_with_numbers_of_their_own(self):
        quote = self.order.copy()
        number = quote.name
        quote.kehu_to_order()
        self.assertEqual((quote.name, quote.kehu_quote_number), (number, False))
        quote.kehu_to_quote()
        self._row("order").write({"own_numbers": True, "prefix": "DD", "digits": 5})
        quote.with_user(quote.user_id).kehu_to_order()
        self.assertRegex(quote.name, r"^DD\d{6}\d{5}$")
        self.assertEqual(quote.kehu_quote_number, number)
        order_number = quote.name
        quote.kehu_to_quote()
        quote.kehu_to_order()
        self.assertEqual((quote.name, quote.kehu_quote_number), (order_number, number))
        born = self.env["sale.order"].create({"partner_id": self.order.partner_id.id, "kehu_document": "order"})
        self.assertRegex(born.name, r"^DD\d{6}\d{5}$")
        self.assertFalse(born.kehu_quote_number)
        again = quote.copy()
        self.assertFalse(again.kehu_quote_number or again.kehu_has_order_number)
        self.assertFalse(again.name.startswith("DD"))

    def test_the_year_of_the_period_is_that_of_the_order(self):
        """A series that an accountant keeps by the year under the host's own screen: an order of another year counts there."""
        series = self.env["ir.sequence"].search([("code", "=", "sale.order")])
        for implementation in ("standard", "no_gap"):
            series.write({"use_date_range": True, "prefix": "Q/%(range_year)s/", "implementation": implementation})
            for year in (2019, 2020):
                with self.subTest(year=year, implementation=implementation):
                    self.assertRegex(self.order.copy({"date_order": f"{year}-03-01"}).name, rf"^Q/{year}/\d+$")
