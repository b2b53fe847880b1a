"""Who learns what of customers that belong to others."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...models.duplicate.exceptions import KehuDuplicateRightsError
from .common import DuplicateCommon


@tagged("post_install", "-at_install")
class TestDuplicateAccess(DuplicateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_rule()
        cls._create_rule("phone")
        cls._create_rule(match="similar")
        cls.customer = cls._create_customer(cls.user_seller, name="苏州华强科技有限公司", phone="0512-66880001")

    def test_who_may_look(self):
        for role, allowed in (
            ("seller", True),
            ("east_manager", True),
            ("director", True),
            ("service", True),
            ("employee", False),
            ("finance", False),
        ):
            user = getattr(self, f"user_{role}")
            if allowed:
                self.assertEqual(len(self._find(user, name="苏州华强科技")), 1, role)
            else:
                with self.assertRaises(KehuDuplicateRightsError):
                    self._find(user, name="苏州华强科技")

    def test_typed_name_is_told_whole(self):
        [candidate] = self._find(self.user_west_seller, name="华强科技（苏州）")
        self.assertEqual((candidate["name"], candidate["owner"], candidate["readable"]), ("苏州华强科技有限公司", "Seller", False))

    def test_only_typed_characters_of_a_similar_name_are_told(self):
        [candidate] = self._find(self.user_west_seller, name="苏州华强信息科技")
        self.assertEqual(candidate["name"], "苏州华强科技＊＊＊＊")

    def test_a_phone_tells_no_name(self):
        [candidate] = self._find(self.user_west_seller, phone="0512-66880001")
        self.assertEqual(candidate["name"], "＊" * len("苏州华强科技有限公司"))
        self.assertEqual(candidate["owner"], "Seller")
        [candidate] = self._find(self.user_seller, phone="0512-66880001")
        self.assertEqual(candidate["name"], "苏州华强科技有限公司")
        [candidate] = self._find(self.user_service, phone="0512-66880001")
        self.assertTrue(candidate["readable"])

    def test_typing_all_characters_tells_no_name(self):
        """Whoever types a phone number and the characters that most names are made of learns nothing of the name."""
        everything = "华强科技苏州市有限公司上海北京瑞祥贸易信息机械电子建材" * 3
        [candidate] = self._find(self.user_west_seller, phone="0512-66880001", name=everything)
        self.assertEqual(candidate["name"], "＊" * len("苏州华强科技有限公司"))

    def test_not_of_a_record_one_may_not_read(self):
        with self.assertRaises(AccessError):
            self._find(self.user_west_seller, record=self.customer)

    def test_different_needs_rights_on_both(self):
        own = self._create_customer(self.user_west_seller, name="苏州华强科技")
        with self.assertRaises(KehuDuplicateRightsError):
            own.with_user(self.user_west_seller).kehu_not_duplicate([self.customer.id])
        with self.assertRaises(KehuDuplicateRightsError):
            own.with_user(self.user_west_seller).action_kehu_not_duplicate()
        own.with_user(self.user_director).action_kehu_not_duplicate()
        self.assertEqual(self._find(self.user_director, record=own), [])

    def test_banner_links_only_to_what_one_may_open(self):
        own = self._create_customer(self.user_west_seller, name="苏州华强科技").with_user(self.user_west_seller)
        self.assertNotIn("href", own.kehu_duplicate_notice)
        self.assertIn(f"/odoo/kehu-customers/{self.customer.id}", own.with_user(self.user_director).kehu_duplicate_notice)

    def test_names_are_escaped(self):
        self._create_customer(self.user_seller, name="<script>alert(1)</script>恶意公司")
        notice = (
            self._create_customer(self.user_seller, name="<script>alert(1)</script>恶意").with_user(self.user_seller).kehu_duplicate_notice
        )
        self.assertIn("&lt;script&gt;", notice)
        self.assertNotIn("<script>", notice)

    def test_results_of_a_check_are_one_s_own(self):
        check = self.env["kehu.duplicate.check"].with_user(self.user_seller).create({})
        check.line_ids.filtered(lambda line: line.field_name == "name").value = "苏州华强科技"
        check.action_check()
        self.assertEqual(check.result_ids.candidate_id, self.customer)
        with self.assertRaises(AccessError):
            check.result_ids.with_user(self.user_seller2).read(["name"])
        with self.assertRaises(AccessError):
            check.result_ids.with_user(self.user_seller).write({"candidate_id": self.customer.id})
