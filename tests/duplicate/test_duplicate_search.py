"""The search over all customers, what is decided about its groups, and merging."""

from lxml import html
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ...models.duplicate.exceptions import KehuDuplicateRightsError, KehuDuplicateSearchError
from ...models.system.engine import as_engine
from ...models.system.exceptions import KehuEngineOnlyError
from .common import DuplicateCommon


@tagged("post_install", "-at_install")
class TestDuplicateSearch(DuplicateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._create_customer(name="测查苏宏科技有限公司", phone="0512-66880001")
        cls.second = cls._create_customer(cls.user_seller, name="测查苏宏科技", email="info@ceshi.example.com")
        cls.third = cls._create_customer(cls.user_seller, name="南京测查苏宏科技有限公司", kehu_mobile="0512-66880001")
        cls.alike = cls._create_customer(cls.user_seller2, name="测查苏宏信息科技有限公司")
        cls.other = cls._create_customer(cls.user_seller2, name="别的公司")

    def _search(self):
        self.env["kehu.duplicate.search"].with_user(self.user_crm_admin).action_start()
        return self.env["kehu.duplicate.search"].search([], limit=1)

    def _groups(self, search):
        ours = self.first | self.second | self.third | self.alike | self.other
        groups = [group.member_ids.partner_id for group in search.group_ids]
        return [set(members.ids) for members in groups if members & ours]

    def test_by_name_with_open_place(self):
        self._create_rule()
        search = self._search()
        self.assertEqual(search.state, "done")
        self.assertEqual(self._groups(search), [{self.first.id, self.second.id, self.third.id}])

    def test_by_name_with_place(self):
        self._create_rule(place="keep")
        self.assertEqual(self._groups(self._search()), [{self.first.id, self.second.id}])

    def test_by_phone_over_both_columns(self):
        self._create_rule("phone")
        self.assertEqual(self._groups(self._search()), [{self.first.id, self.third.id}])

    def test_by_another_field(self):
        (self.first | self.other).write({"street": "人民路 1号"})
        self._create_rule("street")
        self.assertEqual(self._groups(self._search()), [{self.first.id, self.other.id}])

    def test_similar_names_go_on_in_the_background(self):
        self._create_rule(match="similar")
        search = self._search()
        self.assertEqual(search.state, "running")
        with self.assertRaisesRegex(KehuDuplicateSearchError, "still running"):
            self._search()
        with self.enter_registry_test_mode():
            self.env.ref("kehu_crm.kehu_duplicate_search_ir_cron").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(search.state, "done")
        found = set().union(*self._groups(search))
        self.assertIn(self.alike.id, found)
        self.assertNotIn(self.other.id, found)

    def test_stopped_and_repeated_finds_the_same(self):
        """A slice that is run again after a crash begins behind the last one that was saved, and nothing is found twice."""
        rule = self._create_rule(match="similar")
        search = self._search()
        engine = as_engine(search, "duplicate")
        while engine._kehu_group_alike(rule._kehu_spec()):
            pass
        groups = self._groups(search)
        self.assertFalse(engine._kehu_open_specs())
        engine._kehu_finish_if_done()
        self.assertEqual(self._groups(search), groups)
        self.assertEqual(search.state, "done")

    def test_different_is_remembered(self):
        self._create_rule()
        search = self._search()
        group = search.group_ids.filtered(lambda group: self.first in group.member_ids.partner_id)
        group.with_user(self.user_director).action_different()
        self.assertEqual(group.state, "different")
        with self.assertRaisesRegex(KehuDuplicateSearchError, "decided already"):
            group.with_user(self.user_director).action_different()
        again = self._search()
        self.assertEqual(self._groups(again), [])
        self.assertEqual(group.exists().state, "different", "what was decided stays with its search")

    def test_undecided_groups_are_replaced(self):
        self._create_rule()
        first = self._search()
        second = self._search()
        self.assertFalse(first.exists().group_ids)
        self.assertEqual(self._groups(second), [{self.first.id, self.second.id, self.third.id}])

    def test_merge(self):
        self._create_rule()
        group = self._search().group_ids.filtered(lambda group: self.first in group.member_ids.partner_id)
        self.assertEqual(group.kept_id, self.second, "an owned customer stays before one in the pool, then the oldest")
        self.env["kehu.duplicate.exclusion"].create(
            {"partner_id": min(self.first.id, self.other.id), "other_id": max(self.first.id, self.other.id)}
        )
        self._create_rule(action="block")
        group.with_user(self.user_crm_admin).action_merge()
        self.assertEqual((self.first | self.second | self.third).exists(), self.second)
        self.assertEqual(group.state, "merged")
        self.assertEqual((self.second.user_id, self.second.phone), (self.user_seller, "0512-66880001"))
        pair = self.env["kehu.duplicate.exclusion"].search([("other_id", "in", (self.second | self.other).ids)])
        self.assertEqual(pair.partner_id | pair.other_id, self.second | self.other, "what is known goes over to the one that stays")

    def test_choose_who_stays(self):
        self._create_rule()
        group = self._search().group_ids.filtered(lambda group: self.first in group.member_ids.partner_id).with_user(self.user_crm_admin)
        group.member_ids.filtered(lambda member: member.partner_id == self.third).action_keep()
        self.assertEqual(group.kept_id, self.third)
        group.action_merge()
        self.assertEqual((self.first | self.second | self.third).exists(), self.third)

    def test_who_may(self):
        self._create_rule()
        group = self._search().group_ids.filtered(lambda group: self.first in group.member_ids.partner_id)
        for user in (self.user_seller, self.user_sales_manager):
            with self.assertRaises(KehuDuplicateRightsError):
                self.env["kehu.duplicate.search"].with_user(user).action_start()
            with self.assertRaises(KehuDuplicateRightsError):
                group.with_user(user).action_different()
        with self.assertRaisesRegex(KehuDuplicateRightsError, "may not merge"):
            group.with_user(self.user_director).action_merge()
        with self.assertRaises(KehuEngineOnlyError):
            group.sudo().write({"state": "merged"})

    def test_the_empty_screens_lead_to_the_search(self):
        """One picture, one sentence, one button; the button is the search itself, for those who see the screen."""
        start = self.env.ref("kehu_crm.kehu_duplicate_search_action_start")
        self._create_rule()
        for name in ("kehu_duplicate_group_action", "kehu_duplicate_search_action"):
            screen = html.fromstring(self.env.ref(f"kehu_crm.{name}").help)
            (button,) = screen.xpath("//a[@type='action']")
            self.assertEqual(int(button.get("name")), start.id)
        with self.assertRaises(AccessError):
            start.with_user(self.user_east_manager).run()
        action = start.with_user(self.user_director).run()
        self.assertEqual(action["res_model"], "kehu.duplicate.group")

    def test_a_phone_shows_the_groups_as_cards(self):
        """A list cuts the names off there, and nobody could tell whom a group is about."""
        modes = self.env.ref("kehu_crm.kehu_duplicate_group_action").view_mode.split(",")
        self.assertIn("kanban", modes)
        card = html.fromstring(self.env["kehu.duplicate.group"].with_user(self.user_director).get_view(view_type="kanban")["arch"])
        self.assertIn("text-break", card.xpath("//field[@name='names']")[0].get("class"))

    def test_needs_a_rule(self):
        with self.assertRaisesRegex(KehuDuplicateSearchError, "no duplicate rule"):
            self._search()
