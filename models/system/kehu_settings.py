from odoo import api, fields, models

from .exceptions import KehuAccessError, KehuValidationError
from .values import check_types


class KehuSettings(models.TransientModel):
    """The one page on which the CRM administrator sets the rules of the CRM.

    The host's settings open to system administrators alone, and hold the secrets of every app; so the CRM has a page of its own.
    A room shows a rule here in three steps: the rule is a field ``kehu_x`` of ``res.company`` (or a field of a record that the CRM
    administrator may write anyway), this model is extended in ``models/<room>/kehu_settings.py`` with
    ``kehu_x = fields.Integer(related="company_id.kehu_x", readonly=False)``, and the view is extended in
    ``views/<room>/kehu_settings_views.xml`` with a ``<setting>`` inside ``//block[@name='kehu_<room>']``.
    """

    _name = "kehu.settings"
    _description = "CRM Settings"

    company_id = fields.Many2one("res.company", required=True, readonly=True, default=lambda self: self.env.company)
    kehu_log_days = fields.Integer(related="company_id.kehu_log_days", readonly=False)
    kehu_login_failures = fields.Integer(related="company_id.kehu_login_failures", readonly=False)
    kehu_login_lock_minutes = fields.Integer(related="company_id.kehu_login_lock_minutes", readonly=False)
    kehu_login_picture = fields.Selection(related="company_id.kehu_login_picture", readonly=False)
    kehu_password_length = fields.Integer(related="company_id.kehu_password_length", readonly=False)
    kehu_password_mixed = fields.Boolean(related="company_id.kehu_password_mixed", readonly=False)

    @api.depends("company_id")
    def _compute_display_name(self):
        self.display_name = self.env._("CRM Settings")

    @api.model_create_multi
    def create(self, vals_list):
        """Save the page; every value but the company is written to where it belongs, and only where it differs."""
        for vals in vals_list:
            check_types(self, vals, KehuValidationError)
        pages = super().create([{"company_id": vals["company_id"]} if vals.get("company_id") else {} for vals in vals_list])
        for page, vals in zip(pages, vals_list, strict=True):
            page.write({name: value for name, value in vals.items() if name != "company_id"})
        return pages

    def write(self, vals):
        """Write the rules that differ.

        :raises KehuAccessError: for a company that the person does not work for
        :raises KehuValidationError: for the company itself, which is that of the person, and for values that a rule cannot hold
        """
        self.check_access("write")
        check_types(self, vals, KehuValidationError)
        if "company_id" in vals:
            raise KehuValidationError(
                self.env._("The settings belong to the company that is active. Choose another company at the top of the screen.")
            )
        result = True
        for page in self:
            page._kehu_check_company()
            changed = {name: value for name, value in vals.items() if page._kehu_differs(name, value)}
            company_vals = {name: changed.pop(name) for name in list(changed) if page._kehu_is_company_rule(name)}
            if company_vals:
                # sudo: res.company - its rules of the CRM and nothing else, written by the CRM administrator
                page.company_id.sudo().write(company_vals)
            result = super(KehuSettings, page).write(changed) and result
        return result

    def execute(self):
        """Called by the button "Save" after the page was saved: show what holds now."""
        self.check_access("read")
        return {"type": "ir.actions.client", "tag": "reload"}

    def onchange(self, values, field_names, fields_spec):
        """A page shows the rules of its company before it is saved.

        :raises KehuAccessError: for a company that the person does not work for
        """
        company = values["company_id"] if "company_id" in values else self.default_get(["company_id"]).get("company_id")
        if isinstance(company, dict):
            company = company.get("id")
        elif isinstance(company, (list, tuple)):
            company = company[0] if company else False
        if company and not self:
            self._kehu_check_company_number(company)
        return super().onchange(values, field_names, fields_spec)

    def _kehu_check_company(self):
        """Nobody sets the rules of a company that they do not work for."""
        self._kehu_check_company_number(self.company_id.id)

    def _kehu_check_company_number(self, number):
        """:raises KehuAccessError: for the number of a company that the person does not work for"""
        if not self.env.su and number not in self.env.user._get_company_ids():
            raise KehuAccessError(
                self.env._("You do not work for this company. Its rules are set by the CRM administrator of that company.")
            )

    def _kehu_is_company_rule(self, name):
        """Tell whether a field of the page is a rule of the CRM that is kept at the company."""
        related = (self._fields[name].related or "").split(".")
        return len(related) == 2 and related[0] == "company_id" and related[1].startswith("kehu_")

    def _kehu_differs(self, name, value):
        """Tell whether a value sent by the page changes anything. The page sends all it shows."""
        field = self._fields.get(name)
        if not field or field.type in ("one2many", "many2many"):
            return True
        return field.convert_to_cache(value, self) != field.convert_to_cache(self[name], self)
