import pytz
from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get


def local_day(moment, zone):
    """Return the day of a stored moment in a time zone.

    :param datetime moment: naive, UTC
    :param str zone: its name
    :rtype: date
    """
    return pytz.utc.localize(moment).astimezone(pytz.timezone(zone)).date()


class ResCompany(models.Model):
    _inherit = "res.company"

    kehu_timezone = fields.Selection(
        _tz_get,
        string="Time Zone of the CRM",
        compute="_compute_kehu_timezone",
        store=True,
        readonly=False,
        help="A day of the pool rules begins at midnight here. Proposed from the country of the company.",
    )

    @api.depends("country_id")
    def _compute_kehu_timezone(self):
        for company in self:
            zones = pytz.country_timezones.get(company.country_id.code or "", [])
            company.kehu_timezone = company.kehu_timezone or (zones and zones[0]) or company.partner_id.tz or "UTC"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env.registry.clear_cache()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {"kehu_timezone", "country_id", "partner_id", "active"}:
            self.flush_recordset(["kehu_timezone"])
            self.env.registry.clear_cache()
        return result

    @api.model
    def _kehu_main(self):
        """Return the company that looks after customers which belong to no company: the oldest one."""
        return self.sudo().search([], order="id", limit=1)  # sudo: res.company - of all companies, whichever is active

    def _kehu_today(self):
        """Return the present day in the time zone of this company."""
        self.ensure_one()
        return self._kehu_local_day(fields.Datetime.now())

    def _kehu_local_day(self, moment):
        """Return the day of a stored moment in the time zone of this company.

        :param datetime moment: naive, UTC
        :rtype: date
        """
        return local_day(moment, self.kehu_timezone or "UTC")

    def _kehu_midnight(self, day):
        """Return the moment, naive and UTC, at which that day begins in the time zone of this company."""
        zone = pytz.timezone(self.kehu_timezone or "UTC")
        moment = zone.localize(fields.Datetime.to_datetime(day))
        return moment.astimezone(pytz.utc).replace(tzinfo=None)
