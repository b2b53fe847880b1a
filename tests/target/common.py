"""Targets, and what is achieved of them, in the spring of 2030.

Everything is dated at noon of a day, so that it is the same day in any time zone of a company in Asia or Europe.
"""

from datetime import date

from freezegun import freeze_time
from odoo.tools import SQL

from ..receivable.common import ReceivableCommon


class TargetCommon(ReceivableCommon):
    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time("2030-01-07 04:00:00"))
        super().setUpClass()
        cls.env.company.kehu_timezone = "Asia/Shanghai"
        cls.env.company.resource_calendar_id.tz = "Asia/Shanghai"

    @classmethod
    def _create_target(cls, user=None, month=3, value=1000.0, by=None, **values):
        """A target for ``user`` for a month of 2030, or for ``department_id``, or for the company."""
        values = {
            "user_id": user and user.id,
            "metric": "ordered",
            "date_from": date(2030, month, 1),
            "value": value,
            **values,
        }
        return cls.env["kehu.target"].with_user(by or cls.env.user).create(values)

    @classmethod
    def _order_on(cls, day, quantity=10, **values):
        with freeze_time(f"{day} 04:00:00"):
            return cls._create_order(quantity, **values)

    @classmethod
    def _transfer_on(cls, day, user, customer=None):
        with freeze_time(f"{day} 04:00:00"):
            customer = customer or cls.customer
            customer.with_user(cls.user_director).kehu_transfer(user.id, "on leave", with_documents=False)

    def assertActual(self, target, amount):
        target.invalidate_recordset()
        self.assertAlmostEqual(target.actual, amount, places=2, msg=target.display_name)
        if target.user_id:
            self.assertAlmostEqual(self._credited_alone(target), amount, places=2, msg=target.display_name)

    def _credited_alone(self, target):
        """What a person is credited with when only what may be theirs is looked at, as on the workbench."""
        achievement = self.env["kehu.achievement"]
        achievement._kehu_flush({target.metric})
        credited = achievement._kehu_credited(
            target.metric, target.company_id, target.date_from, target.date_to, user_id=target.user_id.id
        )
        [[total]] = self.env.execute_query(SQL("SELECT SUM(c.amount) FROM (%s) c WHERE c.user_id = %s", credited, target.user_id.id))
        return float(total or 0.0)
