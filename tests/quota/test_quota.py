from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.quota.exceptions import KehuQuotaError, KehuQuotaRightsError
from ...models.quota.kehu_quota_use import ENGINE
from ...models.system.engine import as_engine
from ..common import KehuCommon

SPECIFICATION = {"display_name": {}, "phone": {}}


@tagged("post_install", "-at_install")
class TestQuota(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.customers = cls.env["res.partner"].create(
            [
                {"name": f"Limited {n} (t)", "kehu_is_customer": True, "user_id": cls.user_seller.id, "phone": f"0512-8888{n:04d}"}
                for n in range(12)
            ]
        )
        cls.contact = cls.env["res.partner"].create({"name": "Wang (t)", "parent_id": cls.customers[0].id, "email": "wang@example.com"})
        cls.uses = cls.env["kehu.quota.use"]

    def setUp(self):
        super().setUp()
        self.registry_enter_test_mode()  # counting opens a cursor
        self.env.flush_all()
        self.env.invalidate_all()

    def mine(self, records=None):
        return (self.customers if records is None else records).with_user(self.user_seller)

    def used(self, kind, user=None):
        row = self.uses.search([("user_id", "=", (user or self.user_seller).id), ("kind", "=", kind)])
        return row.used

    def refuse(self, act, sentence="may open"):
        with self.assertRaisesRegex(KehuQuotaError, sentence), self.env.cr.savepoint():
            act()

    # ------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------

    def test_each_customer_counts_once_a_day(self):
        self.company.kehu_quota_view = 3
        for customer in (*self.customers[:3], *self.customers[:3]):
            self.mine(customer).web_read(SPECIFICATION)
        self.assertEqual(self.used("view"), 3)
        self.assertEqual(self.mine(self.contact).read(["email"])[0]["email"], "wang@example.com")  # of a customer opened before
        self.refuse(lambda: self.mine(self.customers[3]).web_read(SPECIFICATION), "may open 3 customers a day.*begins anew on .* 00:00")
        self.assertEqual(self.used("view"), 3, "what was refused is not counted")
        tomorrow = self.company._kehu_today() + timedelta(days=1)
        with patch.object(type(self.company), "_kehu_today", lambda company: tomorrow):
            self.mine(self.customers[3]).web_read(SPECIFICATION)

    def test_every_door_to_a_phone(self):
        """Read by number, from a contact, an opportunity or an order, as a business card, by the name with its e-mail."""
        lead = self.env["crm.lead"].create({"name": "Deal (t)", "partner_id": self.customers[5].id, "user_id": self.user_seller.id})
        order = self.env["sale.order"].create({"partner_id": self.customers[5].id, "user_id": self.user_seller.id})
        self.env.flush_all()
        self.company.kehu_quota_view = 1
        self.mine(self.customers[:1]).read(["name", "phone"])
        other = self.mine(self.customers[5])
        doors = {
            "read": lambda: other.read(["phone"]),
            "web_read": lambda: other.web_read({"phone": {}}),
            "lead": lambda: self.mine(lead).web_read({"phone": {}}),
            "order": lambda: self.mine(order).web_read({"partner_id": {"fields": {"phone": {}}}}),
            "card": other._get_vcard_file,
            "names": lambda: other.with_context(show_email=True).name_search("Limited 5 (t)"),
            "display name": lambda: other.with_context(show_email=1).read(["display_name"]),
            "many": lambda: self.mine().read(["kehu_mobile"]),
        }
        for door, act in doors.items():
            with self.subTest(door):
                self.env.invalidate_all()
                self.refuse(act)
        other.read(["name", "city"])  # nothing by which the customer is reached
        self.assertEqual(self.used("view"), 1)

    # ------------------------------------------------------------
    # Searching
    # ------------------------------------------------------------

    def test_pages_of_lists(self):
        """A list is a search a page; what it shows is not counted as opened besides."""
        self.company.write({"kehu_quota_view": 2, "kehu_quota_search": 3})
        partners, ours = self.env["res.partner"].with_user(self.user_seller), [("id", "in", self.customers.ids)]
        self.assertEqual(len(partners.web_search_read(ours, SPECIFICATION)["records"]), 12)
        self.assertEqual(len(partners.search_read(ours, ["phone"])), 12)
        self.assertEqual((self.used("search"), self.used("view")), (2, 0))
        with patch("odoo.addons.kehu_crm.models.quota.kehu_quota_mixin.PAGE", 5):
            self.refuse(lambda: partners.web_search_read(ours, SPECIFICATION), "may see 3 pages")
        self.assertEqual(self.used("search"), 2)
        self.assertEqual(partners.web_search_read([("name", "=", "Nobody (t)")], SPECIFICATION)["records"], [])
        for act in (
            lambda: partners.search_read(ours, ["name"]),
            lambda: partners.web_read_group(ours, ["user_id"], auto_unfold=True, unfold_read_specification=SPECIFICATION),
            lambda: partners.formatted_read_group(ours, ["user_id"], ["phone:array_agg"]),
            lambda: partners.formatted_read_group(ours, ["phone"]),
            lambda: partners.formatted_read_grouping_sets(ours, [["phone"], []]),
            lambda: self.env["crm.lead"].with_user(self.user_seller).search_read([], ["phone"]),
        ):
            self.refuse(act, "may see 3 pages")
        partners.formatted_read_group(ours, ["city"])  # tells nobody's phone

    # ------------------------------------------------------------
    # Exporting
    # ------------------------------------------------------------

    def test_exports(self):
        self.user_seller.group_ids = [Command.link(self.env.ref("base.group_allow_export").id)]
        order = self.env["sale.order"].create({"partner_id": self.customers[5].id, "user_id": self.user_seller.id})
        self.company.kehu_quota_export = 10
        self.mine(self.customers[:9]).export_data(["name", "phone"])
        self.assertEqual((self.used("export"), self.used("view")), (9, 0))
        self.refuse(lambda: self.mine(self.customers[:2]).export_data(["name"]), "may export 10 customers a day")
        self.mine(order).export_data(["name", "partner_id/name"])
        self.assertEqual(self.used("export"), 9)
        self.mine(order).export_data(["name", "partner_id/phone"])
        for path in ("partner_id/phone", "partner_id.email"):
            self.refuse(lambda path=path: self.mine(order).export_data([path]), "may export")

    def test_export_by_a_template(self):
        template = self.env["kehu.import.template"].search([("model", "=", "res.partner")], limit=1)
        self.user_east_manager.group_ids = [Command.link(self.env.ref("base.group_allow_export").id)]
        self.company.kehu_quota_export = 10
        template = template.with_user(self.user_east_manager)
        self.assertTrue(template.export_records(self.customers[:8].ids))
        self.assertEqual(self.used("export", self.user_east_manager), 8)
        self.refuse(lambda: template.export_records(self.customers[:3].ids), "may export")

    # ------------------------------------------------------------
    # Whose limit
    # ------------------------------------------------------------

    def test_no_limit_costs_nothing(self):
        """Nobody is counted by default, and asking what holds takes no query."""
        partners = self.mine()
        partners.web_read(SPECIFICATION)
        partners.invalidate_recordset()
        with self.assertQueryCount(0):
            partners.env["kehu.quota.use"]._kehu_quotas()
        self.env["res.partner"].with_user(self.user_seller).web_search_read([("id", "in", self.customers.ids)], SPECIFICATION)
        self.assertFalse(self.uses.search([("user_id", "=", self.user_seller.id)]))

    def test_a_limit_costs_one_statement(self):
        self.company.kehu_quota_view = 50
        partners = self.mine()
        partners.web_read(SPECIFICATION)
        for customers in (self.customers[:1], self.customers):
            partners = self.mine(customers)
            partners.web_read(SPECIFICATION)
            with self.assertQueryCount(1):
                partners._kehu_count_views()

    def test_roles(self):
        """The largest number of one's roles holds; a role without one leaves that of the company."""
        self.company.kehu_quota_view = 2
        quotas = lambda: self.uses.with_user(self.user_seller)._kehu_quotas().view  # noqa: E731
        self.assertEqual(quotas(), 2)
        role = self.env["kehu.role"].create({"name": "Careful (t)", "quota_view": 5, "member_ids": [Command.set(self.user_seller.ids)]})
        self.assertEqual(quotas(), 5)
        wide = self.env["kehu.role"].create({"name": "Wide (t)", "quota_view": 7, "member_ids": [Command.set(self.user_seller.ids)]})
        self.assertEqual(quotas(), 7)
        wide.quota_view = 0
        self.assertEqual(quotas(), 5)
        role.member_ids = [Command.clear()]
        self.assertEqual(quotas(), 2)
        self.company.kehu_quota_view = 0
        self.assertEqual(quotas(), 0)

    def test_administrators_and_the_program_have_none(self):
        self.company.write({"kehu_quota_view": 1, "kehu_quota_search": 1, "kehu_quota_export": 1})
        self.customers.with_user(self.user_crm_admin).web_read(SPECIFICATION)
        self.customers.with_user(self.user_seller).sudo().read(["phone"])
        self.assertFalse(self.uses.search([]))

    # ------------------------------------------------------------
    # Telling, allowing more
    # ------------------------------------------------------------

    def _told(self, user):
        messages = self.env["mail.message"].search([("partner_ids", "in", user.partner_id.ids), ("message_type", "=", "user_notification")])
        return [message.subject for message in messages.sorted("id") if "daily limit" in (message.subject or "")]

    def test_administrators_are_told_once(self):
        self.company.kehu_quota_view = 10
        for customer in self.customers[:7]:
            self.mine(customer).read(["phone"])
        self.assertFalse(self._told(self.user_crm_admin))
        self.mine(self.customers[7]).read(["phone"])
        self.mine(self.customers[8]).read(["phone"])
        told = [f"{self.user_seller.name} nears the daily limit: Customers Opened, 8 of 10 used"]
        self.assertEqual(self._told(self.user_crm_admin), told)
        self.assertEqual(self._told(self.user_east_manager), told, "the manager of the department too")
        self.assertFalse(self._told(self.user_seller))
        self.mine(self.customers[9]).read(["phone"])
        told.append(f"{self.user_seller.name} nears the daily limit: Customers Opened, 10 of 10 used")
        self.assertEqual(self._told(self.user_crm_admin), told)
        row = self.uses.search([("user_id", "=", self.user_seller.id)])
        as_engine(row, ENGINE)._kehu_tell(101)
        self.assertIn("wants more than the daily limit", self._told(self.user_crm_admin)[-1])

    def test_an_administrator_allows_more(self):
        self.company.kehu_quota_view = 2
        self.mine(self.customers[:2]).read(["phone"])
        row = self.uses.search([("user_id", "=", self.user_seller.id)])
        self.assertEqual((row.allowed, row.share), (2, 100))
        for user in (self.user_seller, self.user_east_manager, self.user_director):
            with self.assertRaises(KehuQuotaRightsError):
                row.with_user(user).action_allow_more()
        row.with_user(self.user_crm_admin).action_allow_more()
        self.assertEqual((row.extra, row.allowed, row.share), (2, 4, 50))
        self.mine(self.customers[2:4]).read(["phone"])
        self.refuse(lambda: self.mine(self.customers[4]).read(["phone"]))
        self.env.flush_all()
        self.env.cr.precommit.run()
        note = self.env["kehu.operation.log"].search([("model", "=", "kehu.quota.use"), ("res_id", "=", row.id)])
        self.assertEqual((note.operation, note.user_id), ("write", self.user_crm_admin))
        as_engine(row, ENGINE).day = fields.Date.today() - timedelta(days=3)
        with self.assertRaises(KehuQuotaError):
            row.with_user(self.user_crm_admin).action_allow_more()

    def test_nobody_changes_the_count(self):
        self.company.kehu_quota_view = 2
        self.mine(self.customers[:2]).read(["phone"])
        row = self.uses.search([("user_id", "=", self.user_seller.id)])
        seen = self.env["kehu.quota.seen"].search([("user_id", "=", self.user_seller.id)])
        self.assertEqual(seen.partner_id, self.customers[:2])
        for records in (row, seen):
            for user in (self.user_seller, self.user_crm_admin, self.env.ref("base.user_admin")):
                mine = records.with_user(user)
                for act in (mine.unlink, lambda mine=mine: mine.write({"day": "2020-01-01"}), lambda mine=mine: mine.copy()):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        act()
        with self.assertRaises(AccessError):
            row.with_user(self.user_seller).read(["used"])
        with self.assertRaises(KehuQuotaRightsError):
            self.env["kehu.quota.use"].with_user(self.user_east_manager).browse().action_allow_more()

    def test_old_rows_go(self):
        self.company.kehu_quota_view = 2
        self.mine(self.customers[:2]).read(["phone"])
        row = self.uses.search([("user_id", "=", self.user_seller.id)])
        seen = self.env["kehu.quota.seen"].search([("user_id", "=", self.user_seller.id)])
        as_engine(seen[0], ENGINE).day = as_engine(row, ENGINE).day = fields.Date.today() - timedelta(days=91)
        self.assertEqual(self.env["kehu.quota.seen"]._gc_seen(), (2, False))
        self.assertFalse(row.exists())
        self.assertEqual(seen.exists(), seen[1])
        as_engine(seen[1], ENGINE).day = fields.Date.today() - timedelta(days=91)
        with patch("odoo.addons.kehu_crm.models.quota.kehu_quota_seen.MOST", 1):
            self.assertEqual(self.env["kehu.quota.seen"]._gc_seen(), (1, True), "the host comes back for the others")
