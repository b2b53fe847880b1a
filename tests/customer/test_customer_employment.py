"""Where a contact worked before: kept by itself at every door, shown only to those who may see both sides."""

from contextlib import contextmanager

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.customer.exceptions import KehuPartnerDeletionError, KehuSystemFieldError
from ...models.pool.exceptions import KehuOwnershipRightsError
from ...models.system.engine import as_engine
from ...models.system.exceptions import KehuEngineOnlyError
from ..common import ROLES, KehuCommon


@tagged("post_install", "-at_install")
class TestCustomerEmployment(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls._create_customer(owner=cls.user_seller, name="苏州旧东家")
        cls.new = cls._create_customer(owner=cls.user_seller, name="New Employer")
        cls.theirs = cls._create_customer(owner=cls.user_west_seller, name="West Secret")
        cls.contact = cls._create_contact(cls.old, name="Zhang San", function="Buyer")
        cls.partners = cls.env["res.partner"].with_user(cls.user_seller)

    @contextmanager
    def acting_as(self, user):
        """Let commands on x2many fields run as this user: partners do not let them run as superuser."""
        before = self.env.transaction.default_env
        self.env.transaction.default_env = self.env(user=user, su=False)
        try:
            yield
        finally:
            self.env.transaction.default_env = before

    def _rows(self, contact):
        return [
            (row.partner_id, row.job_title, row.department)
            for row in self.env["kehu.employment"].search([("contact_id", "=", contact.id)], order="id")
        ]

    # -- the doors -----------------------------------------------------------------------------------------------------

    def test_every_door_keeps_a_row(self):
        doors = {
            "write": lambda contact: contact.write({"parent_id": self.new.id, "function": "Head Buyer"}),
            "assign": lambda contact: setattr(contact, "parent_id", self.new),
            "import by number": lambda contact: contact.load([".id", "parent_id/.id"], [[str(contact.id), str(self.new.id)]]),
            "linked from the other card": lambda contact: self.new.with_user(self.user_seller).write(
                {"child_ids": [Command.link(contact.id)]}
            ),
            "web_save": lambda contact: contact.web_save({"parent_id": self.new.id}, {"name": {}}),
        }
        for name, door in doors.items():
            contact = self._create_contact(self.old, name=f"By {name}", function="Buyer")
            self.env.flush_all()
            with self.subTest(door=name), self.acting_as(self.user_seller):
                result = door(contact.with_user(self.user_seller))
                if isinstance(result, dict):
                    self.assertTrue(result["ids"], result["messages"])
                self.assertEqual(contact.kehu_customer_id, self.new)
                self.assertEqual(self._rows(contact), [(self.old, "Buyer", False)])

    def test_the_form(self):
        with self.acting_as(self.user_seller):
            with Form(self.partners.browse(self.contact.id), view="kehu_crm.res_partner_view_form_kehu_contact") as form:
                form.parent_id = self.new.with_user(self.user_seller)
        self.assertEqual(self._rows(self.contact), [(self.old, "Buyer", False)])
        row = self.contact.kehu_employment_ids
        self.assertEqual((row.name, row.present_id, row.create_uid), ("苏州旧东家", self.new, self.user_seller))

    def test_dates_follow_each_other(self):
        with freeze_time("2026-03-01 04:00:00"):
            self.contact.parent_id = self.new
        with freeze_time("2027-05-01 04:00:00"):
            self.contact.parent_id = self.old
        first, second = self.env["kehu.employment"].search([("contact_id", "=", self.contact.id)], order="id")
        self.assertEqual((first.date_to, second.date_from), (fields.Date.to_date("2026-03-01"),) * 2)
        self.assertEqual(second.date_to, fields.Date.to_date("2027-05-01"))
        self.assertEqual(second.display_name, "New Employer (2026–2027)")

    def test_what_is_no_change_of_employer_keeps_no_row(self):
        address = self.env["res.partner"].create({"parent_id": self.old.id, "type": "delivery", "street": "Dock 1"})
        branch = self.env["res.partner"].create({"parent_id": self.old.id, "name": "Branch", "is_company": True})
        plain = self.env["res.partner"].create({"name": "Plain", "parent_id": self.env["res.partner"].create({"name": "No Customer"}).id})
        self.contact.write({"parent_id": self.old.id, "function": "Chief"})
        self.contact.parent_id = branch
        (address | branch | plain).parent_id = self.new
        (address | branch).invalidate_recordset()
        for partner in (address, branch, plain):
            with self.subTest(partner=partner.name):
                self.assertFalse(self._rows(partner))
        self.assertEqual(self._rows(self.contact), [(self.old, "Chief", False)], "the branch took its people to another customer")

    def test_who_moves_along(self):
        below = self._create_contact(self.contact, name="Assistant", function="Helper", active=False)
        self.contact.parent_id = self.new
        self.assertEqual(self._rows(below), [(self.old, "Helper", False)])

    def test_many_at_once_cost_a_fixed_number_of_queries(self):
        def cost(count):
            contacts = self.env["res.partner"].create(
                [{"name": f"Many {count}-{number}", "parent_id": self.old.id} for number in range(count)]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            contacts._kehu_keep_employments(contacts._kehu_present_jobs())
            contacts._kehu_leave_departments()
            self.env.flush_all()
            self.assertEqual(len(contacts.kehu_employment_ids), count)
            return self.cr.sql_log_count - before

        cost(2)
        self.assertLessEqual(cost(100), cost(10) + 1)

    # -- merging -------------------------------------------------------------------------------------------------------

    def _merge(self, gone, kept):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((gone | kept).ids, kept)

    def test_merging_two_customers_is_no_change_of_employer(self):
        moved = self._create_contact(self.old, name="Moved Between")
        moved.parent_id = self.new
        elsewhere = self._create_customer(owner=self.user_seller, name="Elsewhere")
        back = self._create_contact(self.old, name="There and Back")
        back.parent_id = elsewhere
        back.parent_id = self.new
        self._merge(self.old, self.new)
        self.assertEqual(self.contact.kehu_customer_id, self.new)
        self.assertFalse(self._rows(self.contact))
        self.assertFalse(self._rows(moved), "both employers were one and the same")
        self.assertEqual(self._rows(back), [(self.new, False, False), (elsewhere, False, False)])

    def test_merging_two_records_of_a_person_keeps_where_the_other_worked(self):
        again = self._create_contact(self.new, name="Zhang San")
        self._create_contact(self.contact, name="Assistant")
        department = self.env["kehu.customer.department"].create(
            {"name": "Purchasing", "partner_id": self.old.id, "manager_id": self.contact.id}
        )
        self.contact.kehu_customer_department_id = department
        self._merge(self.contact, again)
        self.assertEqual(self._rows(again), [(self.old, "Buyer", "Purchasing")])
        self.assertEqual((again.kehu_customer_id, again.kehu_customer_department_id.ids), (self.new, []))
        self.assertFalse(department.manager_id)
        self.assertEqual(self.old.kehu_former_contact_ids.contact_id, again)

    # -- guards --------------------------------------------------------------------------------------------------------

    def test_a_contact_goes_to_ones_own_customers_only(self):
        contact = self.partners.browse(self.contact.id)
        stranger = self._create_contact(self.theirs, name="West Buyer")
        pooled = self._create_customer(name="Pooled")
        waiting = self._create_contact(pooled, name="Waiting")
        with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model"), self.acting_as(self.user_seller):
            with self.assertRaises(KehuOwnershipRightsError):
                contact.parent_id = self.theirs
            with self.assertRaises(KehuOwnershipRightsError):
                contact.parent_id = pooled
            with self.assertRaises(KehuPartnerDeletionError):
                contact.parent_id = False
            for other in (stranger, waiting):
                with self.subTest(other=other.name), self.assertRaises(AccessError):
                    self.partners.browse(other.id).write({"parent_id": self.new.id})
                with self.subTest(other=other.name), self.assertRaises(AccessError):
                    self.partners.browse(self.new.id).write({"child_ids": [Command.link(other.id)]})
                with self.subTest(other=other.name), self.assertRaises(AccessError):
                    self.partners.create(
                        {
                            "name": "Thief",
                            "kehu_is_customer": True,
                            "user_id": self.user_seller.id,
                            "child_ids": [Command.link(other.id)],
                        }
                    )
        self.env.invalidate_all()
        self.assertEqual((stranger.kehu_customer_id, waiting.kehu_customer_id), (self.theirs, pooled))
        self.assertFalse(self._rows(stranger) + self._rows(waiting) + self._rows(self.contact))

    def test_nobody_writes_the_history_by_hand(self):
        self.contact.parent_id = self.new
        row = self.contact.kehu_employment_ids
        values = {"contact_id": self.contact.id, "partner_id": self.old.id, "name": "Forged", "date_to": "2026-01-01"}
        for act in (
            lambda rows: rows.create(values),
            lambda rows: row.with_env(rows.env).write({"name": "Forged"}),
            lambda rows: row.with_env(rows.env).unlink(),
        ):
            with self.assertRaises(KehuEngineOnlyError):
                act(self.env["kehu.employment"])
            with self.assertRaises(KehuEngineOnlyError):
                act(self.env["kehu.employment"].with_context(kehu_engine_employment=True))
            with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
                act(as_engine(self.env["kehu.employment"].with_user(self.user_crm_admin), "employment"))
        for name in ("kehu_employment_ids", "kehu_former_contact_ids"):
            with self.subTest(field=name), self.assertRaises(KehuSystemFieldError):
                self.partners.browse(self.contact.id).write({name: [Command.create(values)]})

    # -- who sees what -------------------------------------------------------------------------------------------------

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_a_row_is_seen_by_those_who_see_both_sides(self):
        self.contact.parent_id = self.theirs  # by superuser: from the east to the west
        here = self._create_contact(self.old, name="Li Si")
        here.parent_id = self.new
        across, inside = self.contact.kehu_employment_ids, here.kehu_employment_ids
        expected = {
            "seller": inside,
            "seller2": inside.browse(),
            "west_seller": inside.browse(),
            "east_manager": inside,
            "sales_manager": inside | across,
            "director": inside | across,
            "crm_admin": inside | across,
            "service": inside | across,
            "finance": inside | across,
        }
        for role in ROLES:
            user = getattr(self, f"user_{role}")
            rows = self.env["kehu.employment"].with_user(user)
            user.group_ids += self.env.ref("base.group_allow_export")
            self.env.invalidate_all()
            with self.subTest(role=role):
                if role not in expected:
                    with self.assertRaises(AccessError):
                        rows.search([])
                    continue
                both = inside | across
                self.assertEqual(rows.search([("id", "in", both.ids)]), expected[role])
                hidden = both - expected[role]
                self.assertFalse(rows.search([("name", "ilike", "苏州旧东家"), ("id", "in", hidden.ids)]))
                for row in hidden.with_user(user):
                    with self.assertRaises(AccessError):
                        row.read(["name", "contact_id"])
                    with self.assertRaises(AccessError):
                        row.export_data(["name"])
        groups = self.env["kehu.employment"].with_user(self.user_west_seller)._read_group([], ["partner_id"], ["__count"])
        self.assertNotIn(self.old, [partner for partner, _count in groups])

    def test_found_by_the_former_employer(self):
        self.contact.parent_id = self.new
        other = self._create_contact(self.theirs, name="West Buyer")
        other.parent_id = self.new  # by superuser, from a customer the seller does not see
        self.env.flush_all()
        for text, user, found in (
            ("旧东", self.user_seller, self.contact),
            ("szjdj", self.user_seller, self.contact),
            ("West Secret", self.user_seller, self.contact.browse()),
            ("West Secret", self.user_director, other),
        ):
            with self.subTest(text=text, user=user.name):
                inner = [("name", "ilike", text), ("partner_id.complete_name", "ilike", text), ("partner_id.kehu_pinyin", "ilike", text)]
                people = self.env["res.partner"].with_user(user).search([("kehu_employment_ids", "any", ["|", "|", *inner])])
                self.assertEqual(people, found)

    def test_customers_are_found_by_who_worked_there(self):
        self.contact.name = "欧阳建国"
        self.contact.parent_id = self.new
        hidden = self._create_contact(self.theirs, name="欧阳建民")
        hidden.parent_id = self.new  # by superuser, from a customer the seller does not see
        self.env.flush_all()
        for text in ("建国", "ouyangjian"):
            inner = ["|", ("contact_id.name", "ilike", text), ("contact_id.kehu_pinyin", "ilike", text)]
            with self.subTest(text=text):
                self.assertEqual(self.partners.search([("kehu_former_contact_ids", "any", inner)]), self.old)

    def test_the_card_shows_who_used_to_work_here(self):
        self.contact.parent_id = self.new
        card = self.old.with_user(self.user_seller)
        shown = card.web_read({"kehu_former_contact_ids": {"fields": {"contact_id": {}, "job_title": {}, "present_id": {}}}})[0]
        self.assertEqual(
            shown["kehu_former_contact_ids"],
            [
                {
                    "id": self.contact.kehu_employment_ids.id,
                    "contact_id": self.contact.id,
                    "job_title": "Buyer",
                    "present_id": self.new.id,
                }
            ],
        )

    def test_a_deleted_customer_stays_by_name(self):
        self.contact.parent_id = self.new
        self.old.unlink()
        row = self.contact.kehu_employment_ids
        self.env.invalidate_all()
        self.assertEqual((row.name, row.partner_id.ids), ("苏州旧东家", []))
        self.assertEqual(row.with_user(self.user_seller).name, "苏州旧东家")

    def test_the_chatter_names_no_hidden_employer(self):
        contact = self.contact.with_context(tracking_disable=False, mail_notrack=False)
        self.env.cr.precommit.run()
        contact.parent_id = self.theirs
        self.env.flush_all()
        self.env.cr.precommit.run()
        values = contact.message_ids.sudo().tracking_value_ids.filtered(lambda value: value.field_id.name == "parent_id")
        self.assertEqual(len(values), 1)
        for user, shown in ((self.user_west_seller, False), (self.user_director, True)):
            with self.subTest(user=user.name):
                own = contact.with_user(user)
                self.assertEqual(bool(own._track_filter_for_display(values)), shown)
                self.assertEqual(bool(own.sudo()._track_filter_for_display(values)), shown)
