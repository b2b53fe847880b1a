from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import date_utils, format_date

from .exceptions import KehuCustomerError
from .kehu_contact_phone import LONGEST, phone_digits
from .res_partner_employment import CRM_ROLES

BIRTHDAY_PERIODS = [("today", "Today"), ("week", "This Week"), ("month", "This Month")]
EARLIEST_BIRTHDAY = fields.Date.to_date("1900-01-01")


class ResPartner(models.Model):
    """What one knows of a person at a customer: where they sit, what they decide, how to reach them, when they were born."""

    _inherit = "res.partner"

    kehu_customer_department_id = fields.Many2one(
        "kehu.customer.department",
        string="Department at the Customer",
        index="btree_not_null",
        ondelete="set null",
        domain="[('partner_id', '=', kehu_customer_id)]",
        copy=False,
        help="The department of the customer in which this person works.",
        groups=CRM_ROLES,
    )
    kehu_decision_role_id = fields.Many2one(
        "kehu.dictionary.value",
        string="Role in the Decision",
        domain=[("dictionary", "=", "contact_role")],
        index="btree_not_null",
        ondelete="restrict",
        help="What this person has to say when the customer buys: decides, influences, uses, pays …",
        groups="base.group_user",
    )
    kehu_phone_ids = fields.One2many("kehu.contact.phone", "partner_id", string="Further Phones", groups=CRM_ROLES)
    kehu_other_phones = fields.Char(
        string="Other Phones",
        compute="_compute_kehu_other_phones",
        store=True,
        index="trigram",
        help="All further numbers in one line, for lists and searching.",
        groups="base.group_user",
    )
    kehu_wechat = fields.Char(string="WeChat", index="trigram", copy=False, groups="base.group_user")
    kehu_qq = fields.Char(string="QQ", index="trigram", copy=False, groups="base.group_user")
    kehu_birthday = fields.Date(string="Birthday", copy=False, groups="base.group_user")
    kehu_birthday_day = fields.Char(
        string="Day of the Birthday",
        compute="_compute_kehu_birthday_day",
        store=True,
        index="btree_not_null",
        export_string_translation=False,
        help="Month and day without the year, so that birthdays of a week are found by an index.",
        groups="base.group_user",
    )
    kehu_birthday_soon = fields.Selection(
        BIRTHDAY_PERIODS,
        string="Birthday Is",
        compute="_compute_kehu_birthday_soon",
        search="_search_kehu_birthday_soon",
        help="Whether the birthday falls on today, into this week or into this month.",
        groups="base.group_user",
    )

    @api.model
    def default_get(self, fields):
        """A department that one may not read is no default: a form would show its name."""
        defaults = super().default_get(fields)
        number = defaults.get("kehu_customer_department_id")
        if number and not self.env["kehu.customer.department"].browse(number).has_access("read"):
            del defaults["kehu_customer_department_id"]
        return defaults

    # -- computes ------------------------------------------------------------------------------------------------------

    @api.depends("kehu_phone_ids.number", "kehu_phone_ids.sequence")
    def _compute_kehu_other_phones(self):
        for partner in self:
            phones = partner.kehu_phone_ids.filtered("number").sorted(lambda phone: (phone.sequence, phone._origin.id))
            partner.kehu_other_phones = ", ".join(phones.mapped("number")) or False

    @api.depends("kehu_birthday")
    def _compute_kehu_birthday_day(self):
        for partner in self:
            partner.kehu_birthday_day = partner.kehu_birthday and partner.kehu_birthday.strftime("%m-%d")

    @api.depends("kehu_birthday_day")
    @api.depends_context("lang", "tz")
    def _compute_kehu_birthday_soon(self):
        periods = {name: self._kehu_birthdays(name) for name, _label in BIRTHDAY_PERIODS}
        for partner in self:
            partner.kehu_birthday_soon = next((name for name, days in periods.items() if partner.kehu_birthday_day in days), False)

    @api.model
    def _search_kehu_birthday_soon(self, operator, value):
        if operator != "in":
            return NotImplemented
        days = {name: self._kehu_birthdays(name) for name, _label in BIRTHDAY_PERIODS}
        wanted = set().union(*(days[name] for name in value if name in days))
        domain = Domain("kehu_birthday_day", "in", sorted(wanted))
        if False in value:
            domain |= Domain("kehu_birthday_day", "not in", sorted(set().union(*days.values())))
        return domain

    @api.model
    def _kehu_birthdays(self, period):
        """Return the days of a period as they are kept, such as ``03-08``. Who was born on 29 February celebrates on the 28th.

        :param str period: ``today``, ``week`` (as the language counts weeks) or ``month``
        :rtype: set[str]
        """
        today = fields.Date.context_today(self)
        first = last = today
        if period == "week":
            # sudo: res.lang - on which day a week begins
            week_start = int(self.env["res.lang"]._get_data(code=self.env.lang or "en_US").week_start or 1)
            first = today - timedelta(days=(today.isoweekday() - week_start) % 7)
            last = first + timedelta(days=6)
        elif period == "month":
            first, last = date_utils.get_month(today)
        days = {first + timedelta(days=number) for number in range((last - first).days + 1)}
        names = {day.strftime("%m-%d") for day in days}
        if any((day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3 for day in days):
            names.add("02-29")
        return names

    # -- checks --------------------------------------------------------------------------------------------------------

    @api.constrains("kehu_birthday")
    def _check_kehu_birthday(self):
        for partner in self:
            day = partner.kehu_birthday
            if day and not EARLIEST_BIRTHDAY <= day <= fields.Date.context_today(self):
                raise KehuCustomerError(
                    self.env._(
                        "The birthday of “%(name)s” cannot be %(date)s. Check the year.",
                        name=partner.name or partner.complete_name,
                        date=format_date(self.env, day),
                    )
                )

    @api.constrains("kehu_customer_department_id")
    def _check_kehu_customer_department(self):
        for partner in self:
            department = partner.kehu_customer_department_id
            if department and (partner.kehu_is_customer or department.partner_id != partner.kehu_customer_id):
                raise KehuCustomerError(
                    self.env._(
                        "“%(name)s” can only belong to a department of its own customer. Choose one from the list.",
                        name=partner.name or partner.complete_name,
                    )
                )

    @api.onchange("parent_id")
    def _onchange_kehu_customer_department(self):
        """Who goes to another customer leaves the department."""
        if self.kehu_customer_department_id.partner_id != self.kehu_customer_id:
            self.kehu_customer_department_id = False

    # -- phones --------------------------------------------------------------------------------------------------------

    def _kehu_hand_phones_to(self, kept):
        """Keep the numbers of partners that are merged away: where the one that stays has another, the host would drop them.

        :param res.partner kept: the one that stays, in superuser mode
        """
        rows = []
        for partner in self:
            for name, kind in (("kehu_mobile", "mobile"), ("phone", "office")):
                number = partner[name]
                if number and kept[name] and phone_digits(number):
                    rows.append({"partner_id": kept.id, "kind": kind, "number": number[:LONGEST], "sequence": 100})
        self.env["kehu.contact.phone"].sudo().create(rows)  # sudo: kehu.contact.phone - of a partner that this person merges

    def _kehu_drop_doubled_phones(self):
        """Delete further numbers that say what another one of the same partner says already."""
        for partner in self:
            known = {phone_digits(number) for number in (partner.phone, partner.kehu_mobile) if number}
            for phone in partner.kehu_phone_ids.sorted(lambda phone: (phone.sequence, phone.id)):
                digits = phone_digits(phone.number)
                if digits in known:
                    phone.unlink()
                known.add(digits)

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_kehu_open_departments(self):
        """Open the departments of this customer."""
        self.ensure_one()
        customer = self.kehu_customer_id or self
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_customer_department_action")
        action["name"] = action["display_name"] = self.env._("Departments of %(customer)s", customer=customer.display_name)
        action["domain"] = [("partner_id", "=", customer.id)]
        action["context"] = {"default_partner_id": customer.id}
        return action
