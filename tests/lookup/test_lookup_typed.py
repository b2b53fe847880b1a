"""What the form of a customer tells of numbers that are typed: as many a day as the policy says, whatever route a program takes."""

from odoo import Command
from odoo.tests import Form, tagged

from ...models.duplicate.exceptions import KehuDuplicateError, KehuDuplicateLimitError
from .common import EMAIL, PHONE, LookupCommon

CARD = "kehu_crm.res_partner_view_form_kehu"


@tagged("post_install", "-at_install")
class TestLookupTyped(LookupCommon):
    """The customer of the west has PHONE and EMAIL; the seller of the east does not see it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kehu.duplicate.rule"].search([]).active = False
        cls.env["kehu.duplicate.rule"].create([{"field_name": name} for name in ("name", "phone", "email")])
        cls.company.kehu_lookup_max_typed = 3
        cls.mine = cls._create_customer(cls.user_seller, name="乙客户", phone="0512-55550001")
        cls.partners = cls.env["res.partner"].with_user(cls.user_seller)

    def _form(self, record=None, user=None):
        partners = (record or self.env["res.partner"]).with_user(user or self.user_seller)
        return Form(partners.with_context(default_kehu_is_customer=True, default_user_id=(user or self.user_seller).id), CARD)

    def _use_up(self):
        form = self._form()
        for number in range(3):
            form.phone = f"1380000{number:04}"

    def _typed(self):
        logs = self.env["kehu.lookup.log"].search([("user_id", "=", self.user_seller.id), ("way", "=", "form")], order="id")
        return [(log.kind, log.criteria, log.told) for log in logs]

    def test_numbers_typed_into_a_form_are_counted(self):
        form = self._form()
        form.phone = PHONE
        self.assertIn(self.user_west_seller.name, form.kehu_duplicate_notice)
        form.name = "新客户"
        form.email = "somebody@nowhere.example"
        form.phone = "138 0512 9876"
        self.assertEqual(
            self._typed(), [("phone", "+8613805129876", True), ("email", "somebody@nowhere.example", True)], "each number once a day"
        )

    def test_when_used_up_only_customers_in_sight_are_told(self):
        self._use_up()
        form = self._form()
        form.phone = PHONE
        self.assertFalse(form.kehu_duplicate_notice)
        form.email = EMAIL
        self.assertFalse(form.kehu_duplicate_notice)
        form.name = "苏州华强检索科技有限公司"
        self.assertIn(self.user_west_seller.name, form.kehu_duplicate_notice, "names are told as before")
        self.assertNotIn("phone", form.kehu_duplicate_notice.lower())
        form = self._form()
        form.phone = "0512 5555 0001"
        self.assertIn("乙客户", form.kehu_duplicate_notice, "one's own customer")
        form = self._form()
        form.phone = "13800000001"
        self.assertFalse(form.kehu_duplicate_notice)
        self.assertEqual(len(self._typed()), 3)

    def test_who_sees_all_is_not_counted(self):
        form = self._form(user=self.user_director)
        for number in range(5):
            form.phone = f"1380000{number:04}"
        form.phone = PHONE
        self.assertIn("苏州华强检索科技有限公司", form.kehu_duplicate_notice)
        self.assertFalse(self.env["kehu.lookup.log"].search([("user_id", "=", self.user_director.id)]))

    def test_the_strictest_company_counts(self):
        """Nobody types more by working in another company; a company without a limit of its own takes none away."""
        other = self.env["res.company"].create({"name": "Elsewhere", "kehu_lookup_max_typed": 0})
        self.user_seller.company_ids += other
        partners = self.partners.with_company(other)
        self.assertEqual(partners._kehu_least("kehu_lookup_max_typed"), 3)
        self.assertTrue(partners._kehu_typing_counts())
        other.kehu_lookup_max_typed = 2
        self.assertEqual(self.partners._kehu_least("kehu_lookup_max_typed"), 2)
        keys = {f"+861380000{number:04}" for number in range(3)}
        self.assertEqual(len(partners._kehu_count_typed(keys)), 2)
        self.assertFalse(self.partners._kehu_count_typed({PHONE}))
        self.company.kehu_lookup_max_typed = other.kehu_lookup_max_typed = 0
        self.assertFalse(self.partners._kehu_typing_counts())

    def test_no_limit(self):
        self.company.kehu_lookup_max_typed = 0
        self._use_up()
        form = self._form()
        form.phone = PHONE
        self.assertTrue(form.kehu_duplicate_notice)
        self.assertFalse(self._typed())

    def test_a_number_that_comes_along_with_a_contact_is_counted(self):
        """People outside the CRM have any number; once they hang under a customer, or below one that is marked, it is typed like others."""
        self._use_up()
        outside = self.partners.create([{"name": "甲", "phone": PHONE}, {"name": "乙", "email": EMAIL}])
        outside.write({"parent_id": self.mine.id})
        outside.invalidate_recordset()
        self.assertTrue(outside.kehu_customer_id)
        self.assertEqual(outside.mapped("kehu_duplicate_count"), [0, 0])
        self.assertFalse(outside[0].kehu_duplicate_notice)
        self.assertEqual([row[2] for row in self._typed()], [True, True, True, False, False])
        company = self.partners.create(
            {"name": "丙公司", "is_company": True, "child_ids": [Command.create({"name": "丙", "phone": PHONE})]}
        )
        company.kehu_is_customer = True
        company.child_ids.invalidate_recordset()
        notice = company.child_ids.kehu_duplicate_notice
        self.assertIn("乙客户", notice, "the contact made above")
        self.assertNotIn(self.user_west_seller.name, notice)

    def test_a_number_written_on_ones_own_customer_is_counted(self):
        """A program that writes instead of typing learns no more, neither today nor by reading the card tomorrow."""
        mine = self.mine.with_user(self.user_seller)
        mine.phone = PHONE
        self.assertTrue(mine.kehu_duplicate_notice)
        self.assertEqual(mine.kehu_duplicate_count, 1)
        mine.write({"phone": "13800000001"})
        mine.write({"phone": "13800000002"})
        mine.write({"email": EMAIL, "phone": "13800000003"})
        self.assertEqual(
            [row[2] for row in self._typed()],
            [True, True, True, False, False],
        )
        for _look in range(2):
            mine.invalidate_recordset()
            self.assertFalse(mine.kehu_duplicate_notice)
            self.assertEqual(mine.kehu_duplicate_count, 0)
            self.env["kehu.lookup.log"].flush_model()
            # a day later
            self.env.cr.execute("UPDATE kehu_lookup_log SET day = day - 1 WHERE user_id = %s", [self.user_seller.id])
            self.env["kehu.lookup.log"].invalidate_model()
        self.assertFalse(self._form(mine).kehu_duplicate_notice)
        director = self.mine.with_user(self.user_director)
        self.assertEqual(director.kehu_duplicate_count, 1)
        mine.write({"email": EMAIL})  # counted today, and thus told
        mine.invalidate_recordset()
        self.assertTrue(self.mine.with_user(self.user_seller)._kehu_untold(), "its phone is not")

    def test_new_customers_are_counted_together(self):
        values = [{"name": f"公司{number}", "kehu_is_customer": True, "phone": f"1380000{number:04}"} for number in range(5)]
        self.partners.create(values)
        self.assertEqual([told for _kind, _key, told in self._typed()], [True, True, True, False, False])

    def test_a_lead_tells_no_more(self):
        self._use_up()
        lead = self.env["crm.lead"].create({"name": "Guess", "phone": PHONE, "contact_name": "Guess", "user_id": self.user_seller.id})
        self.assertEqual(lead.with_user(self.user_seller)._kehu_customer_candidates(), [])
        self.assertEqual(len(lead.with_user(self.user_director)._kehu_customer_candidates()), 1)

    def test_a_rule_that_blocks_is_no_oracle(self):
        """When the day's numbers are used up, known and unknown ones are refused alike."""
        self.env["kehu.duplicate.rule"].search([("field_name", "=", "phone")]).action = "block"

        def refused(error, phone, name="猜"):
            with self.assertRaises(error) as caught, self.env.cr.savepoint():
                self.partners.create({"name": name, "kehu_is_customer": True, "user_id": self.user_seller.id, "phone": phone})
            return str(caught.exception)

        with self.enter_registry_test_mode():
            refused(KehuDuplicateError, PHONE)  # whose count stays: see TestLookupConcurrency
            for number in range(3):
                self._create_one(f"1380000100{number}")
            said = {refused(KehuDuplicateLimitError, phone) for phone in ("13800000003", "13800000004")}
            self.assertEqual(len(said), 1)
            self.owned.phone = "13800000004"
            self.assertEqual({refused(KehuDuplicateLimitError, "13800000004")}, said)
            self._create_one(False)
            with self.assertRaises(KehuDuplicateLimitError), self.env.cr.savepoint():
                self.mine.with_user(self.user_seller).phone = "13800000004"
            self.assertTrue(self._form(user=self.user_director))

    def _create_one(self, phone):
        return self.partners.create({"name": "新", "kehu_is_customer": True, "user_id": self.user_seller.id, "phone": phone})

    def test_each_number_of_a_check_is_a_guess(self):
        """An e-mail that is known, or a second number, does not cover a phone that finds nobody."""
        self.env["kehu.duplicate.rule"].create([{"field_name": "kehu_mobile"}, {"field_name": "email", "match": "similar"}])
        self.company.kehu_lookup_max_misses = 10
        self.partners.kehu_find_duplicates({"phone": "13800000001", "email": EMAIL})
        self.partners.kehu_find_duplicates({"phone": PHONE, "kehu_mobile": "13800000002"})
        self.partners.kehu_find_duplicates({"email": f"guess@{EMAIL.split('@')[1]}"})
        lines = [
            Command.create({"field_name": name, "match": "normalised", "value": value})
            for name, value in (("email", EMAIL), ("phone", "13800000003"), ("kehu_mobile", PHONE))
        ]
        self.env["kehu.duplicate.check"].with_user(self.user_seller).create({"line_ids": lines}).action_check()
        logs = self.env["kehu.lookup.log"].search([("user_id", "=", self.user_seller.id), ("way", "=", "search")], order="id")
        self.assertEqual(logs.mapped("miss_count"), [1, 1, 1, 1])
        self.assertEqual(self.env["kehu.lookup.log"]._kehu_count(self.user_seller, self.company._kehu_today()), (4, 4))

    def test_typing_costs_no_more_than_one_query(self):
        """Once a number is counted, each further change of the form costs one query for it, and none without a number."""

        def cost(phone, limit):
            self.company.kehu_lookup_max_typed = limit
            self.env.flush_all()
            form = self._form()
            form.phone = phone
            before = self.cr.sql_log_count
            form.name = f"公司{phone}{limit}"
            return self.cr.sql_log_count - before

        for phone, most in ((False, 0), ("13800000001", 1), (PHONE, 1)):
            cost(phone, 50)
            with self.subTest(phone=phone):
                self.assertLessEqual(cost(phone, 50) - cost(phone, 0), most)
