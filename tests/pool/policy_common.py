"""What the tests of pool policies share: a fixed day, a job that commits, and customers of a known age."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Command

from ...models.pool.kehu_pool_policy import DAYS
from .common import PoolCommon

NOW = "2026-04-01 02:00:00"  # ten in the morning in Shanghai
TODAY = fields.Date.to_date("2026-04-01")


class PolicyCommon(PoolCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.company"].search([]).kehu_timezone = "Asia/Shanghai"
        cls.env["res.company"].search([]).partner_id.lang = "en_US"  # reasons are written in the language of the company
        # whatever the database held before has no part in it
        cls.env["kehu.pool"].search([]).write(
            {
                **dict.fromkeys((*DAYS, "max_held", "max_claims_per_day", "max_locked", "lock_days"), 0),
                "auto_recycle": True,
                "spare_dealt": False,
                "spare_opportunities": False,
                "level_rule_ids": [Command.clear()],
                "exempt_level_ids": [Command.clear()],
                "exempt_tag_ids": [Command.clear()],
            }
        )
        cls.env.cr.execute("UPDATE res_partner SET kehu_locked = TRUE WHERE kehu_is_customer")
        cls.env.cr.execute("DELETE FROM kehu_pool_warning; DELETE FROM kehu_pool_run")
        cls.env.invalidate_all()
        cls.startClassPatcher(freeze_time(NOW))
        users = cls.user_seller | cls.user_seller2 | cls.user_west_seller | cls.user_east_manager
        users.notification_type = "inbox"  # a message is delivered at once

    @classmethod
    def _owned(cls, owner=None, days=0, contacted=None, dealt=None, worked=None, **values):
        """A customer whose owner got it so many days ago, with the other dates of its clock as days ago too."""
        customer = cls._create_customer(owner=owner or cls.user_seller, **values)
        customer.flush_recordset()
        ago = [(number is not None and TODAY - timedelta(days=number)) or None for number in (contacted, dealt, worked)]
        cls.env.cr.execute(
            "UPDATE res_partner SET kehu_assigned_on = %s, kehu_effective_contact = %s, kehu_last_deal = %s, kehu_last_opportunity = %s "
            "WHERE id = %s",
            (fields.Datetime.now() - timedelta(days=days), *ago, customer.id),
        )
        customer.invalidate_recordset()
        return customer

    @classmethod
    def _opportunity(cls, partner, days=0, **values):
        """An opportunity that was entered so many days ago."""
        lead = cls.env["crm.lead"].create({"name": "Pumps", "partner_id": partner.id, "type": "opportunity", **values})
        lead.flush_recordset()
        moment = fields.Datetime.now() - timedelta(days=days)
        cls.env.cr.execute("UPDATE crm_lead SET create_date = %s WHERE id = %s", (moment, lead.id))
        lead.invalidate_recordset()
        lead.modified(["type"])
        return lead

    def _run(self, moment=None, only_due=False):
        """Run the job as the server does, on a cursor that may be committed; return the runs of our company, newest first."""
        with freeze_time(moment or NOW), self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["kehu.pool"]._cron_recycle(only_due=only_due)
        return self.env["kehu.pool.run"].search([("company_id", "=", self.env.company.id)])

    def _contact(self, customer, content="Talked about the new pump", result="Wants an offer", **values):
        return (
            self.env["kehu.contact.record"]
            .with_user(customer.user_id or self.env.user)
            .create({"partner_id": customer.id, "content": content, "result": result, "add_to_schedule": False, **values})
        )

    def assertKept(self, customer, owner=None):
        self.assertOwner(customer, owner or self.user_seller)

    def assertRecycled(self, customer):
        self.assertOwner(customer, self.env["res.users"])
