from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get

from ...models.backup.exceptions import KehuBackupError
from ...models.backup.kehu_backup_access import with_password
from ...models.backup.kehu_backup_plan import WEEKDAYS
from ...models.system.engine import as_engine

FIELDS = ("scheduled", "every", "weekday", "hour", "timezone", "prove", "keep_number", "keep_days")
LONGEST = 36500  # days


class KehuBackupPlanChange(models.TransientModel):
    """The schedule, changed by who typed their password."""

    _name = "kehu.backup.plan.change"
    _inherit = "kehu.backup.access"
    _description = "Change the Schedule of Backups"

    scheduled = fields.Boolean(string="On Schedule")
    every = fields.Selection([("day", "Every Day"), ("week", "Every Week")], string="How Often", required=True)
    weekday = fields.Selection(WEEKDAYS, required=True)
    hour = fields.Float(string="Time of Day")
    timezone = fields.Selection(_tz_get, string="Time Zone", required=True)
    prove = fields.Boolean(string="Trial Restore", help="Restore each new backup on trial, compare it with the file, and drop it again.")
    keep_number = fields.Integer(string="Keep at Most", help="0: any number. The newest and the newest proved one always stay.")
    keep_days = fields.Integer(string="Keep for Days", help="0: for ever. The newest and the newest proved one always stay.")

    @api.model
    def default_get(self, fields):  # the host's name for the list
        values = super().default_get(fields)
        self._kehu_check_right()
        # sudo: kehu.backup.plan - it is made when it is not there
        plan = self.env["kehu.backup.plan"].sudo()._kehu_get()
        return {**values, **{name: plan[name] for name in FIELDS if name in fields}}

    @with_password
    def action_save(self):
        """Write the schedule."""
        self.ensure_one()
        if not 0 <= self.hour < 24:
            raise KehuBackupError(self.env._("The time of day lies between 00:00 and 23:59."))
        if not (0 <= self.keep_number <= LONGEST and 0 <= self.keep_days <= LONGEST):
            raise KehuBackupError(self.env._("How many backups are kept, and for how long, are numbers from 0 to %(most)s.", most=LONGEST))
        # sudo: kehu.backup.plan - written by its engine
        plan = as_engine(self.env["kehu.backup.plan"].sudo()._kehu_get(), "backup")
        values = {name: self[name] for name in FIELDS}
        changed = {name: (plan[name], value) for name, value in values.items() if plan[name] != value}
        plan.write(values)
        plan._kehu_plan_next()
        self.env["kehu.operation.log"]._kehu_note("write", plan, {plan.id: changed})
        return {"type": "ir.actions.act_window_close"}
