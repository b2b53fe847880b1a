from odoo import api, fields, models

from ..system.values import check_types
from .exceptions import KehuCustomerError

KINDS = [
    ("office", "Office"),
    ("direct", "Direct Line"),
    ("mobile", "Mobile"),
    ("home", "Home"),
    ("fax", "Fax"),
    ("other", "Other"),
]
LONGEST = 64


def phone_digits(number):
    """Return the digits of a phone number, by which two ways of writing it are the same.

    :rtype: str
    """
    return "".join(char for char in number if char.isdigit())


class KehuContactPhone(models.Model):
    """One more number of a customer or contact, beside phone and mobile. Whoever may change the partner may change it."""

    _name = "kehu.contact.phone"
    _inherit = ["kehu.seen.links.mixin"]
    _description = "Further Phone Number"
    _order = "partner_id, sequence, id"
    _rec_name = "number"

    partner_id = fields.Many2one("res.partner", string="Customer or Contact", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(KINDS, required=True, default="office")
    number = fields.Char(required=True)
    note = fields.Char(help="When or for what this number is right, such as “after 6 p.m.”.")
    sequence = fields.Integer(default=10)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuCustomerError)
        return super().create([self._kehu_trim_number(vals) for vals in vals_list])

    def write(self, vals):
        check_types(self, vals, KehuCustomerError)
        if "partner_id" in vals and any(phone.partner_id.id != vals["partner_id"] for phone in self):
            raise KehuCustomerError(
                self.env._("The number %(number)s stays with its owner. Delete it, and enter it where it belongs.", number=self[:1].number)
            )
        return super().write(self._kehu_trim_number(vals))

    @api.model
    def _kehu_trim_number(self, vals):
        """Return the values with a number that has no space around it.

        :raises KehuCustomerError: when there is no digit in it, or it is too long for a phone number
        """
        if "number" not in vals:
            return vals
        number = " ".join(vals["number"].split()) if isinstance(vals["number"], str) else ""
        if not phone_digits(number) or len(number) > LONGEST:
            raise KehuCustomerError(
                self.env._(
                    "“%(number)s” is not a phone number. Type one such as 0512 6288 7777.", number=str(vals["number"] or "")[:LONGEST]
                )
            )
        return {**vals, "number": number}
