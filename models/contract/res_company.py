from odoo import api, fields, models

from .exceptions import KehuContractError

SEQUENCE = "kehu.contract"
PREFIX = "HT%(year)s%(month)s"
DIGITS = 4
REMIND_DAYS = 30
MOST_REMIND_DAYS = 3650


def check_remind_days(records, days):
    """:raises KehuContractError: when nobody could be reminded so many days before the end"""
    if not 0 <= days <= MOST_REMIND_DAYS:
        raise KehuContractError(
            records.env._(
                "The reminder comes 0 to %(most)s days before a contract ends; %(days)s is not possible. 0 means no reminder.",
                most=MOST_REMIND_DAYS,
                days=days,
            )
        )


class ResCompany(models.Model):
    """Each company numbers its contracts itself, and says how early its people are reminded of their end.

    The numbers of a new company have no gaps: the counter is a row that is written with the contract, so a contract that is not saved
    takes no number with it. Of two who save at the same moment the second is tried again by the host.
    """

    _inherit = "res.company"

    kehu_contract_remind_days = fields.Integer(
        string="Reminder Before a Contract Ends",
        default=REMIND_DAYS,
        help="So many days before a contract ends its salesperson is reminded, unless the contract says otherwise (0: no reminder).",
    )

    @api.constrains("kehu_contract_remind_days")
    def _check_kehu_contract_remind_days(self):
        for company in self:
            check_remind_days(company, company.kehu_contract_remind_days)

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._kehu_contract_sequences()
        return companies

    @api.model
    def _kehu_number_contracts(self):
        """Give every company its number series; runs at installation and at each update."""
        # sudo: res.company - all of them
        self.sudo().with_context(active_test=False).search([("id", "!=", False)], order="id")._kehu_contract_sequences()

    def _kehu_contract_sequences(self):
        """Return the number series of these companies, in superuser mode; made where they are missing.

        :return: {res.company: ir.sequence}
        :rtype: dict
        """
        # sudo: ir.sequence - number series are the host's system settings; those of contracts are the CRM's own
        sequences = self.env["ir.sequence"].sudo()
        found = sequences.search([("code", "=", SEQUENCE), ("company_id", "in", self.ids)], order="id desc")
        by_company = {sequence.company_id.id: sequence for sequence in found}  # the oldest of a company stays
        missing = self.filtered(lambda company: company.id not in by_company)
        if missing:
            made = sequences.create(
                [
                    {
                        "name": "CRM contracts",
                        "code": SEQUENCE,
                        "prefix": PREFIX,
                        "padding": DIGITS,
                        "implementation": "no_gap",
                        "company_id": company.id,
                    }
                    for company in missing
                ]
            )
            by_company.update({sequence.company_id.id: sequence for sequence in made})
        return {company: by_company[company.id] for company in self}
