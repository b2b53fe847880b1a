"""A salesperson deletes contact records and contacts that they made themselves, today; nothing older than their time with the customer."""

from contextlib import contextmanager
from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.customer.exceptions import KehuPartnerDeletionError
from ...models.followup.exceptions import KehuContactRecordDeletionError, KehuContactRecordError
from ..common import KehuCommon

ZONES = {
    # half past eleven in the evening of 31 August there, as stored
    "Asia/Shanghai": "2026-08-31 15:30:00",
    "America/Los_Angeles": "2026-09-01 06:30:00",
}


@tagged("post_install", "-at_install")
class TestFollowupDeletion(KehuCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._create_customer(owner=cls.user_seller)
        cls._assigned("2026-08-01")

    @classmethod
    def _assigned(cls, day):
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE res_partner SET kehu_assigned_on = %s WHERE id = %s", [day, cls.customer.id])
        cls.env.invalidate_all()

    @contextmanager
    def _request_of(self, user):
        """Commands below a record run as the person whose request it is; in a test that would be the superuser."""
        before = self.env.transaction.default_env
        self.env.transaction.default_env = self.env(user=user, su=False)
        try:
            yield
        finally:
            self.env.transaction.default_env = before

    def _made(self, records, moment):
        """Pretend that these were made at that moment; the database stamps its own clock."""
        self.env.flush_all()
        self.env.cr.execute(f"UPDATE {records._table} SET create_date = %s WHERE id IN %s", [moment, tuple(records.ids)])
        self.env.invalidate_all()

    def record(self, user=None, **values):
        records = self.env["kehu.contact.record"].with_user(user or self.user_seller)
        return records.create({"partner_id": self.customer.id, "content": "Talked", **values})

    def contact(self, user=None, **values):
        partners = self.env["res.partner"].with_user(user or self.user_seller)
        return partners.create({"name": "Li Si", "parent_id": self.customer.id, "type": "contact", **values})

    def test_today_ends_at_ones_own_midnight(self):
        for zone, moment in ZONES.items():
            self.user_seller.tz = zone
            evening = fields.Datetime.to_datetime(moment)
            with self.subTest(zone=zone):
                with freeze_time(evening):
                    record, contact = self.record(date="2026-08-31"), self.contact(name=f"Li Si {zone}")
                    self._made(record, evening)
                    self._made(contact, evening)
                # an hour later it is tomorrow there, whatever zone a client sends along
                for context in ({}, {"tz": "Pacific/Pago_Pago"}, {"tz": "UTC"}, {"tz": "Pacific/Kiritimati"}):
                    with freeze_time(evening + timedelta(hours=1)), self.subTest(context=context):
                        with self.assertRaises(KehuContactRecordDeletionError):
                            record.with_context(**context).unlink()
                        with self.assertRaises(KehuPartnerDeletionError):
                            contact.with_context(**context).unlink()
                        with self.assertRaises(KehuContactRecordError):
                            record.with_context(**context).write({"content": "Nothing"})
                with freeze_time(evening + timedelta(minutes=10)):
                    (record.exists() or self.fail()).unlink()
                    contact.unlink()
                self.assertFalse(record.exists() or contact.exists())

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_every_door_to_a_record(self):
        old = self.record()
        self._made(old, fields.Datetime.now() - timedelta(days=2))
        customer = self.customer.with_user(self.user_seller)
        doors = {
            "unlink": old.unlink,
            "forced": lambda: old.with_context(_force_unlink=True, force_delete=True).unlink(),
            "command delete": lambda: customer.write({"kehu_contact_record_ids": [Command.delete(old.id)]}),
            "command unlink": lambda: customer.write({"kehu_contact_record_ids": [Command.unlink(old.id)]}),
            "command clear": lambda: customer.write({"kehu_contact_record_ids": [Command.clear()]}),
            "command set": lambda: customer.write({"kehu_contact_record_ids": [Command.set([])]}),
            "emptied": lambda: old.write({"content": False}),
            "emptied below the customer": lambda: customer.write({"kehu_contact_record_ids": [Command.update(old.id, {"content": False})]}),
            "moved": lambda: old.write({"partner_id": self._create_customer(owner=self.user_seller, name="Other").id}),
            "imported": lambda: self._refused_import(old),
        }
        for label, door in doors.items():
            with self.subTest(door=label):
                self._assert_refused(door)
                self.env.invalidate_all()
                self.assertEqual(old.exists().content, "Talked")
        with self.assertRaises(KehuPartnerDeletionError):
            self.customer.with_user(self.user_crm_admin).unlink()  # with its records

    def _assert_refused(self, door):
        try:
            with self.env.cr.savepoint(), self._request_of(self.user_seller):
                door()
        except (KehuContactRecordDeletionError, KehuContactRecordError, AccessError):
            return
        self.fail("Nothing was refused.")

    def _refused_import(self, record):
        """Import a changed content over the record, as the web client does."""
        [[_id, xmlid]] = record.sudo()._BaseModel__ensure_xml_id()
        result = record.browse().load(["id", "content"], [[xmlid, "Nothing"]])
        raise KehuContactRecordError(result["messages"][0]["message"])

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_every_door_to_a_contact(self):
        old, foreign = self.contact(), self.contact(user=self.user_east_manager, name="Wang Wu")
        self._made(old, fields.Datetime.now() - timedelta(days=2))
        customer = self.customer.with_user(self.user_seller)
        other = self._create_customer(owner=self.user_seller, name="Other").with_user(self.user_seller)
        for contact in (old, foreign.with_user(self.user_seller)):
            doors = {
                "unlink": contact.unlink,
                "command delete": lambda contact=contact: customer.write({"child_ids": [Command.delete(contact.id)]}),
                "command unlink": lambda contact=contact: customer.write({"child_ids": [Command.unlink(contact.id)]}),
                "command set": lambda contact=contact: customer.write({"child_ids": [Command.set((customer.child_ids - contact).ids)]}),
                "persons": lambda contact=contact: customer.write({"kehu_contact_ids": [Command.delete(contact.id)]}),
                "out of the CRM": lambda contact=contact: contact.write({"parent_id": False}),
            }
            for label, door in doors.items():
                with self.subTest(contact=contact.name, door=label), self.assertRaises(KehuPartnerDeletionError), self.env.cr.savepoint():
                    with self._request_of(self.user_seller):
                        door()
                self.env.invalidate_all()
                self.assertEqual(contact.exists().parent_id, self.customer)
            with self.subTest(contact=contact.name, door="merge"), self.assertRaises(AccessError):
                merge = self.env["base.partner.merge.automatic.wizard"].with_user(self.user_seller)
                merge.create({"partner_ids": [Command.set((contact | other).ids)], "dst_partner_id": other.id}).action_merge()
            # to archive instead is the way that is left
            contact.action_archive()
            self.assertFalse(contact.active)
        mine = self.contact(name="Zhao Liu")
        customer.write({"child_ids": [Command.delete(mine.id)]})
        self.assertFalse(mine.exists())

    def test_nothing_from_before_the_assignment(self):
        today = fields.Date.context_today(self.env["kehu.contact.record"].with_user(self.user_seller))
        self._assigned(fields.Datetime.now())
        told = self.record(date=today - timedelta(days=1))
        with self.assertRaises(KehuContactRecordDeletionError):
            told.unlink()
        fresh = self.record(date=today)
        fresh.unlink()
        self.assertTrue(told.exists())

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_the_former_owner_deletes_nothing_any_more(self):
        """It would take back the last and next contact of a customer that belongs to somebody else."""
        record = self.record(next_contact=fields.Date.today() + timedelta(days=5))
        planned = self.customer.kehu_next_contact
        self.customer.with_user(self.user_seller).kehu_transfer(self.user_seller2.id, "Moved")
        with self.assertRaises(KehuContactRecordDeletionError):
            record.unlink()
        with self.assertRaises(AccessError):
            record.with_user(self.user_seller2).unlink()
        self.assertEqual(self.customer.kehu_next_contact, planned)

    def test_who_else_deletes(self):
        old = self.record()
        self._made(old, fields.Datetime.now() - timedelta(days=2))
        for role in ("seller2", "west_seller", "east_manager", "sales_manager", "director", "service", "finance", "employee"):
            with (
                self.subTest(role=role),
                self.assertRaises(AccessError),
                mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model"),
            ):
                old.with_user(getattr(self, f"user_{role}")).unlink()
        old.with_user(self.user_crm_admin).unlink()
        self.assertFalse(old.exists())
