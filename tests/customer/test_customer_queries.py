"""Creating customers and contacts costs a fixed number of queries, however many come at once and however many there are."""

from unittest.mock import patch

from odoo.tests import tagged

from ...tools.form_spec import form_spec
from ..common import KehuCommon

# What creating costs, the host's part and the ledger included: the same for one as for a hundred. Raise them knowingly.
CUSTOMERS = 35  # four of them count the phone and the e-mail, one where the form has counted them before; one is for the log
CONTACTS = 27  # two of them look whose contact it is and draw its number


@tagged("post_install", "-at_install")
class TestCustomerQueries(KehuCommon):
    def _cost(self, values, user=None):
        """Count the queries of creating partners with these values, as a salesperson by default, until all is in the database."""
        # a request of its own knows nothing of the switches that spare tests the chatter
        partners = self.env(user=user or self.user_seller, context={})["res.partner"]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        partners.create(values)
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _customers(self, count, tag):
        return [
            {
                "name": f"{tag} {number} Customer",
                "kehu_is_customer": True,
                "is_company": True,
                "phone": f"0512 {tag} {number:04}",
                "user_id": self.user_seller.id,
            }
            for number in range(count)
        ]

    def test_customers(self):
        self._cost(self._customers(1, "Warm"))
        one = self._cost(self._customers(1, "One"))
        self.assertLessEqual(one, CUSTOMERS)
        few, many = self._cost(self._customers(10, "Few")), self._cost(self._customers(100, "Many"))
        self.assertLessEqual(many, few + 5, f"{few} queries for 10 customers, {many} for 100")
        self.assertLessEqual(many, CUSTOMERS)

    def test_customers_with_contacts(self):
        def values(count, tag):
            return [
                {**vals, "child_ids": [(0, 0, {"name": f"Contact {tag}", "kehu_mobile": f"1380013{number:04}"})]}
                for number, vals in enumerate(self._customers(count, tag))
            ]

        self._cost(values(1, "Warm"))
        few, many = self._cost(values(10, "Few")), self._cost(values(100, "Many"))
        self.assertLessEqual(many, few + 5, f"{few} queries for 10 customers with a contact each, {many} for 100")

    def test_contacts(self):
        customer = self._create_customer(owner=self.user_seller)

        def values(count):
            return [{"name": f"Person {number}", "parent_id": customer.id, "kehu_wechat": f"w{number}"} for number in range(count)]

        self._cost(values(1))
        one = self._cost(values(1))
        self.assertLessEqual(one, CONTACTS)
        few, many = self._cost(values(10)), self._cost(values(100))
        self.assertLessEqual(many, few + 5, f"{few} queries for 10 contacts, {many} for 100")
        self.assertLessEqual(many, CONTACTS)

    def test_customers_of_somebody_else(self):
        """A manager who makes customers for a salesperson: one message for all of them, not one for each."""

        def cost(count, tag):
            return self._cost(self._customers(count, tag), self.user_east_manager)

        cost(2, "Warm")
        few, many = cost(10, "Few"), cost(100, "Many")
        self.assertLessEqual(many, few + 5, f"{few} queries for 10 customers, {many} for 100")

    def test_followers_are_those_of_one_by_one(self):
        """Born together, partners have the followers that they have when born alone, and their owner is told once."""
        partners = self.env(user=self.user_east_manager, context={})["res.partner"]
        notifications = self.env["mail.notification"].sudo()
        mine = [("res_partner_id", "=", self.user_seller.partner_id.id)]
        before = notifications.search_count(mine)
        together = partners.create(
            [{"name": f"Together {number}", "kehu_is_customer": True, "user_id": self.user_seller.id} for number in range(12)]
        )
        contacts = partners.create([{"name": f"Person {number}", "parent_id": together[0].id} for number in range(2)])
        self.assertEqual(notifications.search_count(mine), before + 1)
        message = notifications.search(mine, order="id desc", limit=1).mail_message_id
        self.assertIn("12 customers", message.subject)
        self.assertIn("Together 9", message.body)
        self.assertIn("and 2 more", message.body)
        alone = partners.create({"name": "Alone", "kehu_is_customer": True, "user_id": self.user_seller.id})
        self.assertEqual(notifications.search_count(mine), before + 2)
        expected = (self.user_east_manager | self.user_seller).partner_id
        for partner in (*together, *contacts, alone):
            with self.subTest(partner=partner.name):
                self.assertEqual(partner.message_partner_ids, expected)

    def test_values_of_other_companies_are_still_handed_down(self):
        company = self.env["res.company"].create({"name": "Second Company"})
        customer = self._create_customer(owner=self.user_seller)
        terms = self.env["account.payment.term"].create({"name": "Later"})
        customer.with_company(company).property_payment_term_id = terms
        self.env.flush_all()
        contacts = self.env["res.partner"].create([{"name": f"Heir {number}", "parent_id": customer.id} for number in range(2)])
        self.assertEqual(contacts.with_company(company).property_payment_term_id, terms)
        self.assertFalse(contacts.property_payment_term_id & terms)

    def _card(self, customer, user):
        """Read a card as the web client does."""
        card = customer.with_env(self.env(user=user, context={}))
        spec = form_spec(card.browse(), self.env.ref("kehu_crm.res_partner_view_form_kehu"), card)
        self.env.flush_all()
        self.env.invalidate_all()
        return card.web_read(spec)[0]

    def test_contacts_of_a_card(self):
        """Listed and counted in one query: archived ones, departments and those below them, each by the rights of who looks."""
        customer = self._create_customer(self.user_seller)
        contacts = self.env["res.partner"].create([{"name": f"Contact {number}", "parent_id": customer.id} for number in range(4)])
        contacts[0].active = False
        below = self.env["res.partner"].create({"name": "Below", "parent_id": contacts[1].id})
        branch = self.env["res.partner"].create(
            {"name": "Branch", "parent_id": customer.id, "is_company": True, "kehu_is_customer": True, "user_id": self.user_west_seller.id}
        )
        for user in (self.user_seller, self.user_director):
            with self.subTest(user=user.login):
                self._card(customer, user)
                count = type(customer)._kehu_count
                with patch.object(type(customer), "_kehu_count", autospec=True, side_effect=count) as counted:
                    values = self._card(customer, user)
                self.assertNotIn("kehu_contact_count", counted.call_args.args[1], "read with the list")
                card = self.env["res.partner"].with_user(user).browse(customer.id)
                seen = self.env["res.partner"].with_user(user).search([("parent_id", "=", customer.id)])
                self.assertEqual([row["id"] for row in values["child_ids"]], seen.ids)
                self.assertEqual(values["kehu_contact_count"], 4)
                self.env.invalidate_all()
                self.assertEqual(values["kehu_contact_count"], card.kehu_contact_count, "as the list behind the button")
                self.assertEqual(below.kehu_customer_id, customer)
                self.assertEqual(branch in seen, user == self.user_director)
