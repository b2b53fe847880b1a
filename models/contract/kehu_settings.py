from odoo import api, fields, models

from .exceptions import KehuContractNumberError

# More digits than a counter ever needs.
MOST_DIGITS = 12


class KehuSettings(models.TransientModel):
    _inherit = "kehu.settings"

    contract_prefix = fields.Char(
        string="Contract Numbers Begin With",
        compute="_compute_contract_number",
        inverse="_inverse_contract_number",
        help="What stands before the number. %(year)s, %(month)s and %(day)s become those of the day.",
    )
    contract_digits = fields.Integer(
        string="Digits of Contract Numbers",
        compute="_compute_contract_number",
        inverse="_inverse_contract_number",
        help="The number is filled up with zeros to so many digits.",
    )
    contract_no_gap = fields.Boolean(
        string="Contract Numbers Without Gaps",
        compute="_compute_contract_number",
        inverse="_inverse_contract_number",
        help="A number is used up only when its contract is saved. Otherwise a refused contract leaves a gap, and very many people may "
        "save contracts at the same moment. A draft that is deleted leaves a gap either way.",
    )
    kehu_contract_remind_days = fields.Integer(related="company_id.kehu_contract_remind_days", readonly=False)

    @api.depends("company_id")
    def _compute_contract_number(self):
        sequences = self.company_id._kehu_contract_sequences()
        for page in self:
            page.contract_prefix = sequences[page.company_id].prefix
            page.contract_digits = sequences[page.company_id].padding
            page.contract_no_gap = sequences[page.company_id].implementation == "no_gap"

    def _inverse_contract_number(self):
        for page in self:
            if not 0 < page.contract_digits <= MOST_DIGITS:
                raise KehuContractNumberError(
                    self.env._("The number of a contract has 1 to %(most)s digits. Type how many.", most=MOST_DIGITS)
                )
            page._kehu_check_company()
            sequence = page.company_id._kehu_contract_sequences()[page.company_id]
            if (sequence.prefix or "", sequence.padding) != (page.contract_prefix or "", page.contract_digits):
                sequence.write({"prefix": page.contract_prefix, "padding": page.contract_digits})
                sequence.get_next_char(1)  # refuses a prefix that no number can be made of
            implementation = "no_gap" if page.contract_no_gap else "standard"
            if sequence.implementation != implementation:  # counting goes on where it stands
                sequence.write({"implementation": implementation, "number_next": sequence.number_next_actual})
