"""Blocking rules hold on every route that makes or changes a customer."""

import random

from odoo.tests import tagged

from ...models.customer.exceptions import KehuSystemFieldError
from ...models.duplicate.exceptions import KehuDuplicateError
from .common import DuplicateCommon


@tagged("post_install", "-at_install")
class TestDuplicateSave(DuplicateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(cls.user_seller, name="苏州华强科技有限公司", phone="0512-66880001")

    def test_tell_saves(self):
        self._create_rule()
        self.assertTrue(self._create_customer(self.user_seller2, name="苏州华强科技"))

    def test_create_is_refused(self):
        self._create_rule(action="block")
        partners = self.env["res.partner"].with_user(self.user_seller2)
        with self.assertRaises(KehuDuplicateError) as caught:
            partners.create({"name": "华强科技（苏州）有限公司", "kehu_is_customer": True, "user_id": self.user_seller2.id})
        self.assertIn("“华强科技（苏州）有限公司” is known already: “苏州华强科技有限公司” of Seller", str(caught.exception))
        self.assertTrue(partners.create({"name": "苏州瑞祥科技", "kehu_is_customer": True, "user_id": self.user_seller2.id}))

    def test_superuser_and_import_are_refused_too(self):
        self._create_rule(action="block")
        with self.assertRaises(KehuDuplicateError):
            self._create_customer(name="苏州华强科技")
        result = self.env["res.partner"].with_user(self.user_director).load(["name", "kehu_is_customer"], [["苏州华强科技", "1"]])
        self.assertFalse(result["ids"])
        self.assertIn("known already", result["messages"][0]["message"])

    def test_two_in_one_call(self):
        self._create_rule(action="block")
        with self.assertRaises(KehuDuplicateError):
            self.env["res.partner"].create([{"name": name, "kehu_is_customer": True} for name in ("瑞祥贸易有限公司", "瑞祥贸易")])

    def test_change_is_refused_where_the_rule_says_so(self):
        other = self._create_customer(self.user_seller2, name="瑞祥贸易")
        rule = self._create_rule(action="block")
        with self.assertRaises(KehuDuplicateError):
            other.name = "苏州华强科技"
        self.env.invalidate_all()
        other.write({"phone": "1"})
        rule.on_change = False
        other.name = "苏州华强科技"

    def test_marking_and_restoring_are_refused(self):
        partner = self.env["res.partner"].create({"name": "苏州华强科技", "is_company": True})
        archived = self._create_customer(self.user_seller, name="苏州华强科技股份公司", active=False)
        self._create_rule(action="block")
        with self.assertRaises(KehuDuplicateError):
            partner.kehu_is_customer = True
        self.env.invalidate_all()
        with self.assertRaises(KehuDuplicateError):
            archived.active = True

    def test_marking_is_no_way_round_a_rule_for_new_customers_only(self):
        """First a plain partner or a contact, then a customer: that is a new one, whatever the rule says of changes."""
        self._create_rule(action="block").on_change = False
        partners = self.env["res.partner"].with_user(self.user_seller2)
        plain = self.env["res.partner"].create({"name": "苏州华强科技", "is_company": True})
        own = self._create_customer(self.user_seller2, name="自己的客户")
        contact = self._create_contact(own, name="华强科技（苏州）有限公司", is_company=True)
        for partner in (plain, partners.browse(contact.id)):
            with self.subTest(partner=partner.name), self.assertRaises(KehuDuplicateError):
                partner.kehu_is_customer = True
            self.env.invalidate_all()
        with self.assertRaises(KehuDuplicateError):
            plain.action_kehu_make_customer()

    def test_similar_names_can_block(self):
        self._create_rule(match="similar", action="block")
        with self.assertRaises(KehuDuplicateError):
            self._create_customer(self.user_seller2, name="苏州华墙科技有限公司")

    def test_a_contact_with_a_blocked_number(self):
        self._create_rule("kehu_mobile", action="block")
        self.customer.kehu_mobile = "13800138000"
        own = self._create_customer(self.user_seller2, name="自己的客户")
        with self.assertRaises(KehuDuplicateError):
            self._create_contact(own, kehu_mobile="138 0013 8000")
        self.assertTrue(self._create_contact(self.customer, kehu_mobile="138 0013 8000"), "at the same customer it is no duplicate")

    def test_pair_known_to_be_different_is_let_through(self):
        twin = self._create_customer(self.user_seller, name="瑞祥贸易")
        twin.with_user(self.user_seller).kehu_not_duplicate([self.customer.id])
        self._create_rule(action="block")
        twin.name = "苏州华强科技"

    def test_branches_keep_their_own(self):
        branch = self.env["res.company"].create({"name": "Branch"})
        self.customer.company_id = self.env.company
        self._create_rule(action="block")
        self.env["kehu.pool"].create({"name": "Pool of the Branch", "company_id": branch.id, "is_default": True})
        self.assertTrue(self._create_customer(name="苏州华强科技", company_id=branch.id))
        with self.assertRaises(KehuDuplicateError):
            self._create_customer(name="苏州华强科技", company_id=self.env.company.id)

    def test_keys_cannot_be_written(self):
        for name in ("kehu_name_key", "kehu_phone_key", "kehu_other_keys"):
            with self.assertRaises(KehuSystemFieldError):
                self.customer.with_user(self.user_seller).write({name: "x"})

    def test_no_name_is_learnt_by_a_number(self):
        """Who types the phone of a colleague's customer learns whose it is, not who it is."""
        self._create_rule("phone", action="block")
        with self.assertRaises(KehuDuplicateError) as caught:
            self.env["res.partner"].with_user(self.user_west_seller).create(
                {"name": "试一试公司", "kehu_is_customer": True, "user_id": self.user_west_seller.id, "phone": "0512-66880001"}
            )
        self.assertNotIn("华强", str(caught.exception))
        self.assertIn("Seller", str(caught.exception))

    def test_locks_are_removed(self):
        self._create_rule(action="block")
        self._create_customer(name="瑞祥贸易")
        self.env["res.partner"]._gc_kehu_duplicate_locks()
        self.env.cr.execute("SELECT count(*) FROM kehu_duplicate_lock WHERE key = 'name:瑞祥贸易'")
        self.assertEqual(self.env.cr.fetchone()[0], 1, "that of today stays")
        self.env.cr.execute("UPDATE kehu_duplicate_lock SET stamp = stamp - interval '2 days'")
        self.env["res.partner"]._gc_kehu_duplicate_locks()
        self.env.cr.execute("SELECT count(*) FROM kehu_duplicate_lock")
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_creating_costs_a_fixed_number_of_queries(self):
        """Blocking rules add two statements to a save, the lock and the search, however many customers there are in one call."""

        def cost(count):
            values = [
                {
                    "name": f"公司{count}-{number}-{'块' if blocked else ''}",
                    "kehu_is_customer": True,
                    "phone": f"0512-66{count:02}{int(blocked)}{number:03}",
                }
                for number in range(count)
            ]
            before = self.env.cr.sql_log_count
            self.env["res.partner"].create(values)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        blocked = False
        cost(2)
        without = cost(3), cost(30)
        self._create_rule(action="block")
        self._create_rule("phone", action="block")
        blocked = True
        cost(2)
        with_rules = cost(3), cost(30)
        self.assertLessEqual(with_rules[0] - without[0], 4)
        self.assertLessEqual(with_rules[1] - without[1], 4)

    def test_texts_longer_than_an_index_holds(self):
        """A key of any other field is cut, and still tells long texts apart that begin alike."""
        self._create_rule("function", action="block")
        random.seed(4)
        text = "".join(chr(random.randrange(0x4E00, 0x9FA5)) for _character in range(9000))
        first = self._create_customer(name="First", function=text)
        self.env.flush_all()
        self.assertLess(len(first.kehu_other_keys), 200)
        self._create_customer(name="Another", function=text[:-1])
        with self.assertRaises(KehuDuplicateError):
            self._create_customer(name="Second", function=text)
