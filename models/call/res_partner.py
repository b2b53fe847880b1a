from odoo import api, fields, models
from odoo.addons.phone_validation.tools import phone_validation

from ..customer.exceptions import KehuCustomerError

OPEN_STATES = ("open", "callback")


class ResPartner(models.Model):
    _inherit = "res.partner"

    kehu_phone_call_ids = fields.One2many("kehu.phone.call", "partner_id", string="Phone Calls", groups="base.group_user")
    kehu_phone_call_count = fields.Integer(string="Phone Call Count", compute="_compute_kehu_counts", groups="base.group_user")

    @api.depends("kehu_phone_call_ids")
    def _compute_kehu_counts(self):
        return super()._compute_kehu_counts()

    @api.model
    def _kehu_count_sources(self):
        return {**super()._kehu_count_sources(), "kehu_phone_call_count": ("kehu.phone.call", "partner_id", [])}

    # -- numbers -------------------------------------------------------------------------------------------------------

    def _kehu_call_number(self):
        """Return the number under which one calls this partner: a person's mobile first, a company's own phone first; False without.

        :rtype: str | bool
        """
        return next(iter(self._kehu_call_numbers()), False)

    def _kehu_call_numbers(self):
        """Return all numbers of this partner, in the order in which one calls them. A fax is none.

        :rtype: list[str]
        """
        if not self:
            return []
        self.ensure_one()
        numbers = [self.phone, self.kehu_mobile] if self.is_company else [self.kehu_mobile, self.phone]
        # sudo: kehu.contact.phone - further numbers of a partner that the caller may read
        numbers += [phone.number for phone in self.sudo().kehu_phone_ids.sorted("sequence") if phone.kind != "fax"]
        return [number.strip() for number in numbers if number and number.strip()]

    def _kehu_number_key(self, number):
        """Return what two ways of writing the same number share, with the country of this partner, else of the company.

        E.g. in China “021-5888 1234” and “+86 21 5888 1234”: "+862158881234". What is no number anywhere keeps its digits.

        :rtype: str
        """
        country = self.country_id or self.env.company.country_id
        return self._kehu_key_of(number, country.code, country.phone_code)

    @api.model
    def _kehu_key_of(self, number, country_code, phone_code):
        """See :meth:`_kehu_number_key`; without a query, for many numbers."""
        shown = phone_validation.phone_format(number, country_code, phone_code, force_format="E164", raise_exception=False)
        if shown and shown.startswith("+") and shown[1:].isdigit():
            return shown
        return "".join(letter for letter in number if letter.isdigit())

    # -- what happens to customers on lists ----------------------------------------------------------------------------

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals and not vals["active"]:
            self._kehu_leave_call_lists(self.env._("The customer was archived."))
        elif vals.get("kehu_stage") == "lost":
            self._kehu_leave_call_lists(self.env._("The customer is lost."))
        elif "kehu_is_customer" in vals and not vals["kehu_is_customer"]:
            self._kehu_leave_call_lists(self.env._("The customer was taken out of the CRM."))
        return result

    def _kehu_leave_call_lists(self, reason):
        """Close the open places of these customers on all call lists.

        :param str reason: the sentence kept on each
        """
        # sudo: kehu.call.line - lists of all authors
        lines = self.env["kehu.call.line"].sudo().search([("partner_id", "in", self.ids), ("state", "in", OPEN_STATES)])
        lines._kehu_close(reason)

    def _kehu_owner_changed(self, changes, with_documents=False):
        """Callers do not call customers they may not see any more: the new owner takes over, or the place on the list is closed.

        The customers that go into a pool stay with their callers, since everybody sees them there.
        """
        result = super()._kehu_owner_changed(changes, with_documents=with_documents)
        customer_ids = [customer.id for customer in changes]
        # sudo: kehu.call.line - lists of all authors
        lines = self.env["kehu.call.line"].sudo().search([("partner_id", "in", customer_ids), ("state", "in", OPEN_STATES)])
        lines._kehu_follow_owner()
        # sudo: kehu.phone.call - callbacks of former owners and callers
        waiting = self.env["kehu.phone.call"].sudo().search([("partner_id", "in", customer_ids), ("is_callback_open", "=", True)])
        waiting._kehu_follow_owner()
        return result

    def _kehu_check_unmark(self):
        # sudo: kehu.phone.call - calls of all callers
        call = self.env["kehu.phone.call"].sudo().search([("partner_id", "in", self.ids)], limit=1)
        if call:
            raise KehuCustomerError(
                self.env._(
                    "“%(name)s” has logged phone calls and stays a customer. Archive it if it is no longer needed.",
                    name=call.partner_id.display_name,
                )
            )
        return super()._kehu_check_unmark()

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_kehu_log_call(self):
        """Open the dialog that logs a call with this customer, or with this contact of a customer."""
        self.ensure_one()
        self.check_access("read")
        customer = self.kehu_customer_id or self
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_phone_call_action_quick")
        action["name"] = self.env._("Call with %(customer)s", customer=customer.display_name)
        action["context"] = {
            "default_partner_id": customer.id,
            "default_contact_id": self.id if self != customer else False,
        }
        return action

    def action_kehu_open_phone_calls(self):
        """Open the calls with this customer."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_phone_call_action")
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {"default_partner_id": self.id}
        return action
