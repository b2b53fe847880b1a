"""A leaver with one of everything, and an administrator who may change logins and people."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from ..receivable.common import ReceivableCommon

FULL = "kehu_crm.group_kehu_admin,base.group_erp_manager,hr.group_hr_user"


class OrganisationCommon(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_boss = new_test_user(cls.env, "kehu_boss", groups=FULL, name="Boss", email="boss@example.com", lang="en_US")
        cls.user_boss2 = new_test_user(cls.env, "kehu_boss2", groups=FULL, name="Second Boss", lang="en_US")
        cls.contact = cls._create_contact(cls.customer)

    @classmethod
    def _fill(cls, user=None):
        """Give the seller one of every kind, besides the customer that they have."""
        user = user or cls.user_seller
        order = cls._create_order(confirm=False)
        values = {"name": "Big Deal", "type": "opportunity", "partner_id": cls.customer.id, "user_id": user.id}
        lead = cls.env["crm.lead"].create(values)
        start = fields.Datetime.now() + timedelta(days=2)
        meeting = {"name": "Fair", "start": start, "stop": start + timedelta(hours=1)}
        event = cls.env["calendar.event"].with_user(user).create({**meeting, "partner_ids": [Command.set(user.partner_id.ids)]})
        private = event.with_user(user).create({**meeting, "name": "Dentist", "privacy": "private"})
        return {
            "contact": cls.env["res.partner"].create({"name": "Carrier", "user_id": user.id}),
            "plan": event,
            "private": private,
            "opportunity": lead,
            "order": order,
            "contract": cls.env["kehu.contract"].with_user(user).create({"title": "Pumps", "partner_id": cls.customer.id}),
            "receipt": cls._create_receipt(50.0),
            "activity": cls.customer.activity_schedule("mail.mail_activity_data_call", user_id=user.id),
        }

    def _hand_over(self, user=None, successor=None, actor=None, **values):
        """Run the dialog as the boss; everything goes to one successor, or the customers into the pool."""
        start = self.env["kehu.handover.start"].with_user(actor or self.user_boss)
        start = start.create({"user_id": (user or self.user_seller).id, "successor_id": successor and successor.id, **values})
        action = start.action_apply()
        return self.env["kehu.handover"].with_user(actor or self.user_boss).browse(action["res_id"])
