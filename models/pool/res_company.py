import pytz
from odoo import api, fields, models
from odoo.addons.base.models.res_partner import _tz_get
from odoo.tools import ormcache

from ...tools.pool_copies import LEAST_LETTERS, LIKENESS


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

    kehu_least_letters = fields.Integer(
        string="Letters of a Contact",
        default=LEAST_LETTERS,
        help="A contact record resets the clock of the pool only when its content has so many letters; figures and punctuation do not "
        "count. Holds for records written from now on. 0: one letter is enough.",
    )
    kehu_copy_likeness = fields.Integer(
        string="Copies Are Alike (%)",
        default=LIKENESS,
        help="A contact record does not reset the clock of the pool when its content is so much like one that was written for the customer "
        "in the year before; figures, dates and punctuation make no difference. 100: only the same letters are a copy. 0: only the same "
        "letters and figures are. 92 is a good measure where people make work for the clock alone. Holds for records written from now on.",
    )

    _kehu_copy_numbers = models.Constraint(
        "CHECK (COALESCE(kehu_least_letters, 0) BETWEEN 0 AND 200 AND (COALESCE(kehu_copy_likeness, 0) = 0 "
        "OR kehu_copy_likeness BETWEEN 60 AND 100))",
        "A contact needs at most 200 letters, and texts are copies from 60 to 100 percent likeness on. Use 0 for none.",
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
        """Return the company that looks after customers which belong to no company: the oldest active one."""
        # sudo: res.company - of all companies, whichever is chosen; an archived one looks after nobody, whatever the context
        return self.sudo().search([("active", "=", True)], order="id", limit=1)

    @ormcache("self.id")
    def _kehu_zone(self):
        """Return the name of the time zone of this company."""
        self.ensure_one()
        # sudo: res.company - its time zone, nothing else; one field, as the first look at any reads all of them
        return self.sudo().with_context(prefetch_fields=False).kehu_timezone or "UTC"

    def _kehu_today(self):
        """Return the present day in the time zone of this company."""
        self.ensure_one()
        return self._kehu_local_day(fields.Datetime.now())

    def _kehu_local_day(self, moment):
        """Return the day of a stored moment in the time zone of this company.

        :param datetime moment: naive, UTC
        :rtype: date
        """
        return local_day(moment, self._kehu_zone())

    def _kehu_midnight(self, day):
        """Return the moment, naive and UTC, at which that day begins in the time zone of this company."""
        zone = pytz.timezone(self._kehu_zone())
        moment = zone.localize(fields.Datetime.to_datetime(day))
        return moment.astimezone(pytz.utc).replace(tzinfo=None)
