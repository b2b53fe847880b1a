"""Several companies: customers of all of them, or of the one that enters them."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..common import KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerCompanies(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head, cls.branch = cls.env.company, cls.env["res.company"].create({"name": "Branch (t)"})
        cls.director = new_test_user(
            cls.env,
            "kehu_branch_director",
            groups="kehu_crm.group_kehu_director",
            company_id=cls.branch.id,
            company_ids=[Command.set(cls.branch.ids)],
        )
        cls.user_director.company_ids = cls.head

    def customer(self, user, **values):
        partners = self.env["res.partner"].with_user(user).with_context(allowed_company_ids=user.company_id.ids)
        return partners.create({"name": f"Of {user.company_id.name}", "kehu_is_customer": True, **values})

    def seen_by(self, user, partner):
        self.env.invalidate_all()
        partners = self.env["res.partner"].with_user(user).with_context(allowed_company_ids=user.company_id.ids)
        return partners.search([("id", "=", partner.id)])

    def test_shared_by_default(self):
        customer = self.customer(self.director)
        self.assertFalse(customer.company_id)
        self.assertTrue(self.seen_by(self.user_director, customer))

    def test_each_sees_its_own(self):
        (self.head | self.branch).kehu_own_customers = True
        customer, other = self.customer(self.director), self.customer(self.user_director)
        self.assertEqual((customer.company_id, other.sudo().company_id), (self.branch, self.head))
        self.assertFalse(self.seen_by(self.user_director, customer))
        self.assertFalse(self.seen_by(self.director, other))
        self.assertTrue(self.seen_by(self.director, customer))
        contact = self.env["res.partner"].with_user(self.director).create({"name": "Contact (t)", "parent_id": customer.id})
        self.assertEqual(contact.company_id, self.branch)
        self.assertFalse(self.seen_by(self.user_director, contact))

    def test_shared_and_handed_over(self):
        (self.head | self.branch).kehu_own_customers = True
        customer = self.customer(self.director)
        contact = self.env["res.partner"].with_user(self.director).create({"name": "Contact (t)", "parent_id": customer.id})
        customer.sudo().company_id = False
        self.assertTrue(self.seen_by(self.user_director, customer))
        self.assertTrue(self.seen_by(self.user_director, contact))
        customer.sudo().company_id = self.head
        self.assertFalse(self.seen_by(self.director, customer))
        self.assertFalse(self.customer(self.director, name="Shared at once", company_id=False).company_id)

    def test_the_form_shows_whose_it_is(self):
        self.branch.kehu_own_customers = True
        self.director.group_ids += self.env.ref("base.group_multi_company")
        partners = self.env["res.partner"].with_user(self.director).with_context(default_kehu_is_customer=True)
        with Form(partners, view="kehu_crm.res_partner_view_form_kehu") as form:
            self.assertEqual(form.company_id, self.branch)
            form.name = "By form (t)"
        self.assertEqual(form.record.company_id, self.branch)

    def test_a_partner_that_is_made_a_customer(self):
        """Comes to whoever makes it one; a customer that is shared already stays shared."""
        partner = self.env["res.partner"].create({"name": "Supplier (t)", "child_ids": [Command.create({"name": "Contact (t)"})]})
        shared = self.customer(self.director)
        self.branch.kehu_own_customers = True
        chosen = (partner | shared).with_user(self.director).with_context(allowed_company_ids=self.branch.ids)
        chosen.kehu_is_customer = True
        self.assertEqual((partner.company_id, partner.child_ids.company_id), (self.branch, self.branch))
        self.assertFalse(shared.company_id)

    def test_what_partners_name_is_compared_with_companies_once(self):
        """Many partners at once meet the rule of the host, and what they name is looked at once for all of them."""
        accounts = self.env["account.account"]
        ours, theirs = (
            accounts.with_company(company).create(
                {"name": "Receivable (t)", "code": "991122", "account_type": "asset_receivable", "company_ids": [Command.set(company.ids)]}
            )
            for company in (self.head, self.branch)
        )
        partners = self.env["res.partner"].with_company(self.head)
        asked = []
        compare = type(accounts)._check_company_domain

        def counted(accounts, companies):
            asked.append(accounts)
            return compare(accounts, companies)

        def values(account, count):
            return [{"name": f"Counted {number} (t)", "property_account_receivable_id": account.id} for number in range(count)]

        with patch.object(type(accounts), "_check_company_domain", counted):
            made = partners.create(values(ours, 12))
        self.assertEqual(made.property_account_receivable_id, ours)
        self.assertLess(len(asked), 4)
        with self.assertRaises(UserError) as refusal:
            partners.create(values(ours, 5) + values(theirs, 1))
        self.assertIn("Receivable (t)", str(refusal.exception))
        self.assertNotIn("Counted 4 (t)", str(refusal.exception))
        with self.assertRaises(UserError):
            made.property_account_receivable_id = theirs
