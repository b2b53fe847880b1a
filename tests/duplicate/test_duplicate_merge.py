"""The preview of a merge says what the merge then does."""

from datetime import date, timedelta

from lxml import etree
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import format_amount

from ...models.duplicate.exceptions import KehuDuplicateMergeError, KehuDuplicateRightsError, KehuDuplicateSearchError
from .common import DuplicateCommon


@tagged("post_install", "-at_install")
class TestDuplicateMerge(DuplicateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stays = cls._create_customer(cls.user_seller, name="并查苏宏科技有限公司", phone="0512-66880001")
        cls.goes = cls._create_customer(
            cls.user_seller,
            name="并查苏宏科技",
            phone="0512-77770001",
            email="info@bingcha.example.com",
            website="https://bingcha.example.com",
        )
        cls._create_contact(cls.goes, name="李四")
        cls._create_contact(cls.goes, name="王五")
        cls.env["crm.lead"].create({"name": "泵站", "partner_id": cls.goes.id, "type": "opportunity", "user_id": cls.user_seller.id})
        cls._create_rule()

    def _group(self):
        self.env["kehu.duplicate.search"].with_user(self.user_crm_admin).action_start()
        groups = self.env["kehu.duplicate.group"].search([("state", "=", "open")])
        return groups.filtered(lambda group: self.stays in group.member_ids.partner_id).with_user(self.user_crm_admin)

    def _preview(self):
        action = self._group().action_preview()
        return self.env[action["res_model"]].with_user(self.user_crm_admin).browse(action["res_id"])

    def test_what_is_shown_is_what_happens(self):
        merge = self._preview()
        self.assertEqual(merge.kept_id, self.stays)
        self.assertFalse(merge.obstacle)
        rows = {row["label"]: row for row in merge._kehu_values()}
        self.assertEqual((rows["Phone"]["value"], rows["Phone"]["source"]), ("0512-66880001", False))
        self.assertEqual(rows["Phone"]["lost"], [("并查苏宏科技", "0512-77770001")])
        self.assertEqual((rows["Email"]["value"], rows["Email"]["source"]), ("info@bingcha.example.com", "并查苏宏科技"))
        moves = dict(merge._kehu_moves())
        self.assertEqual(moves[self.env["ir.model"]._get("res.partner").name], 2)
        self.assertEqual(moves[self.env["ir.model"]._get("crm.lead").name], 1)
        self.assertIn("0512-77770001", merge.preview)
        expected = {row["label"]: row["value"] for row in rows.values()}
        labels = merge._kehu_compared_fields()
        merge.action_merge()
        self.assertFalse(self.goes.exists())
        for name, label in labels.items():
            if label in expected:
                self.assertEqual(merge._kehu_text(self.stays, name), expected[label], name)
        self.assertEqual(len(self.stays.child_ids), 2)
        self.assertEqual(self.stays.opportunity_count, 1)
        self.assertIn("并查苏宏科技", self.stays.message_ids[:1].preview or str(self.stays.message_ids[:1].body))

    def test_values_read_as_on_the_card(self):
        """Money with its currency, days as the language writes them, the code under its own name."""
        self.env["res.lang"]._lang_get("en_US").date_format = "%d.%m.%Y"
        self.goes.write({"kehu_annual_revenue": 86000000, "kehu_next_contact": date.today() + timedelta(days=9)})
        merge = self._preview()
        rows = {row["label"]: row["value"] for row in merge._kehu_values()}
        revenue = self.goes._fields["kehu_annual_revenue"]
        self.assertEqual(
            merge._kehu_text(self.goes, "kehu_annual_revenue"),
            format_amount(merge.env, 86000000, self.goes[revenue.get_currency_field(self.goes)] or self.env.company.currency_id),
        )
        self.assertEqual(merge._kehu_text(self.goes, "kehu_next_contact"), self.goes.kehu_next_contact.strftime("%d.%m.%Y"))
        self.assertEqual(rows["Code"], self.stays.ref)
        self.assertNotIn("Reference", rows)

    def test_another_one_stays(self):
        merge = self._preview()
        with Form(merge) as form:
            form.kept_id = self.goes
            self.assertIn("0512-66880001", form.preview)
        merge.action_merge()
        self.assertFalse(self.stays.exists())
        self.assertEqual(self.goes.phone, "0512-77770001")

    def test_owners_differ(self):
        """A merge takes a customer from nobody without a row in the history."""
        self.goes.user_id = self.user_seller2
        merge = self._preview()
        self.assertTrue(merge.is_owner_different)
        self.assertIn("belongs to Seller2 and", merge.obstacle)
        with self.assertRaises(KehuDuplicateMergeError):
            merge.action_merge()
        merge.with_transfer = True
        self.assertFalse(merge.obstacle)
        merge.action_merge()
        self.assertFalse(self.goes.exists())
        self.assertEqual(self.stays.user_id, self.user_seller)
        rows = self.env["kehu.assignment"].search([("partner_id", "=", self.stays.id), ("kind", "=", "transfer")])
        self.assertEqual((rows[:1].old_user_id, rows[:1].user_id), (self.user_seller2, self.user_seller))

    def test_customers_of_two_owners_in_two_steps(self):
        """On the screen of the groups: “Merge…” opens the preview, “Transfer First” clears the way, “Merge” does it."""
        self.goes.user_id = self.user_seller2
        self._create_contact(self.goes, name="赵六")
        group = self._group()
        screen = Form(group)
        self.assertEqual(screen.state, "open")
        arch = etree.fromstring(group.get_view(view_type="form")["arch"])
        self.assertTrue(arch.xpath("//header/button[@name='action_preview']"), "offered to whom it works for")
        with self.assertRaisesRegex(KehuDuplicateMergeError, "Transfer First"):
            group.action_merge()  # many at once, from the list: says where to decide
        self.assertTrue(self.goes.exists())
        action = group.action_preview()
        with Form(self.env[action["res_model"]].with_user(self.user_crm_admin).browse(action["res_id"])) as form:
            self.assertTrue(form.obstacle)
            form.with_transfer = True
            self.assertFalse(form.obstacle)
        form.record.action_merge()
        self.assertFalse(self.goes.exists())
        self.assertEqual(group.state, "merged")
        self.assertEqual(self.stays.child_ids.user_id, self.user_seller, "its contacts came along")
        rows = [(row.kind, row.old_user_id, row.user_id, row.author_id) for row in self.stays.kehu_assignment_ids]
        self.assertIn(("transfer", self.user_seller2, self.user_seller, self.user_crm_admin), rows)

    def test_who_merges_customers_of_two_owners(self):
        """A director whom the host lets create contacts may; everybody else reads whom to ask, and is not offered the button."""
        self.goes.user_id = self.user_seller2
        group = self._group()
        for user in (self.user_seller, self.user_east_manager, self.user_director, self.user_service):
            for name in ("action_preview", "action_merge"):
                with self.subTest(user=user.name, act=name), self.assertRaisesRegex(KehuDuplicateRightsError, "Ask"):
                    getattr(group.with_user(user), name)()
        arch = etree.fromstring(group.with_user(self.user_director).get_view(view_type="form")["arch"])
        self.assertFalse(arch.xpath("//header/button[@name='action_preview']"))
        self.user_director.group_ids += self.env.ref("base.group_partner_manager")
        action = group.with_user(self.user_director).action_preview()
        merge = self.env[action["res_model"]].with_user(self.user_director).browse(action["res_id"])
        merge.with_transfer = True
        merge.action_merge()
        self.assertFalse(self.goes.exists())
        self.assertEqual(self.stays.user_id, self.user_seller)

    def test_one_in_the_pool_does_not_swallow_an_owned_one(self):
        self.goes.with_user(self.user_seller).kehu_return("no time")
        merge = self._preview()
        self.assertEqual(merge.kept_id, self.stays)
        merge.kept_id = self.goes
        self.assertIn("Let the one with an owner stay", merge.obstacle)

    def test_not_one_of_the_group(self):
        merge = self._preview()
        merge.kept_id = self._create_customer(self.user_seller, name="别的公司")
        with self.assertRaises(KehuDuplicateMergeError):
            merge.action_merge()

    def test_who_may(self):
        group = self._group()
        for user in (self.user_seller, self.user_sales_manager, self.user_director):
            with self.assertRaises(KehuDuplicateRightsError):
                group.with_user(user).action_preview()
        merge = self._preview()
        with self.assertRaises(AccessError):
            merge.with_user(self.user_director).read(["preview"])
        merge.action_merge()
        with self.assertRaises(KehuDuplicateSearchError):
            merge.group_id.action_preview()
