from odoo import api, fields, models

from ..customer.exceptions import KehuCustomerError
from ..system.engine import is_uninstalling
from .exceptions import KehuContractInUseError
from .kehu_contract import OPEN_STATES


class ResPartner(models.Model):
    """The contracts of a customer: counted on its card, gone along when it changes hands, kept when it is to go."""

    _inherit = "res.partner"

    kehu_contract_ids = fields.One2many("kehu.contract", "partner_id", string="Contracts")
    kehu_contract_count = fields.Integer(string="Contract Count", compute="_compute_kehu_counts")

    @api.depends("kehu_contract_ids")
    def _compute_kehu_counts(self):
        return super()._compute_kehu_counts()

    @api.model
    def _kehu_count_sources(self):
        """What the user may see of contracts, in whatever state."""
        return {**super()._kehu_count_sources(), "kehu_contract_count": ("kehu.contract", "partner_id", [])}

    @api.model
    def _kehu_attachment_sources(self):
        return {**super()._kehu_attachment_sources(), "kehu.contract": "partner_id"}

    # ------------------------------------------------------------
    # Changing hands
    # ------------------------------------------------------------

    def _kehu_open_contracts(self, users):
        """Contracts of these customers that have not ended and belong to these people, in superuser mode."""
        # sudo: kehu.contract - those of the old owner; the right to move them was checked with the customer's
        contracts = self.env["kehu.contract"].sudo()
        return contracts.search([("partner_id", "in", self.ids), ("user_id", "in", users.ids), ("state", "in", OPEN_STATES)])

    def _kehu_count_open_documents(self):
        return super()._kehu_count_open_documents() + len(self._kehu_open_contracts(self.user_id))

    def _kehu_owner_changed(self, changes, with_documents=False):
        """Contracts that have not ended follow their customer to its new owner, when that was asked for."""
        result = super()._kehu_owner_changed(changes, with_documents)
        if with_documents:
            moves = {}
            for customer, (old_user, new_user) in changes.items():
                if old_user and new_user:
                    moves.setdefault((old_user, new_user), self.browse())
                    moves[old_user, new_user] |= customer
            for (old_user, new_user), customers in moves.items():
                # a contract stays with somebody who works for the company that signed it
                contracts = customers._kehu_open_contracts(old_user)
                companies = new_user.sudo().company_ids  # sudo: res.users - where they work, to compare only
                contracts = contracts.filtered(lambda contract, companies=companies: contract.company_id in companies)
                contracts.write({"user_id": new_user.id})
                self._kehu_move_activities("kehu.contract", contracts.ids, old_user, new_user)
        return result

    # ------------------------------------------------------------
    # Leaving the CRM
    # ------------------------------------------------------------

    def _kehu_check_unmark(self):
        """A customer with a contract that has not ended stays a customer."""
        result = super()._kehu_check_unmark()
        # sudo: kehu.contract - those of colleagues count too
        contract = self.env["kehu.contract"].sudo()
        contract = contract.search([("partner_id", "in", self.ids), ("state", "in", OPEN_STATES)], limit=1)
        if contract:
            raise KehuCustomerError(
                self.env._(
                    "“%(name)s” cannot leave the CRM while contract %(contract)s has not ended. Terminate or delete it first.",
                    name=contract.partner_id.display_name,
                    contract=contract.name,
                )
            )
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_on_contract(self):
        if is_uninstalling(self.env):
            return
        # sudo: kehu.contract - those of colleagues count too
        contracts = self.env["kehu.contract"].sudo()
        names = ("partner_id", "their_signatory_id", "third_party_id")
        contract = contracts.search(["|", "|", *((name, "in", self.ids) for name in names)], limit=1)
        if contract:
            # sudo: res.partner - compare only
            partner = next(contract[name] for name in names if contract[name] in self.sudo())
            raise KehuContractInUseError(
                self.env._(
                    "“%(partner)s” is on contract %(contract)s and cannot be deleted. Archive it instead.",
                    partner=partner.display_name,
                    contract=contract.name,
                )
            )

    # ------------------------------------------------------------
    # Going elsewhere
    # ------------------------------------------------------------

    def action_kehu_contracts(self):
        """Contracts of this customer."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_contract_action")
        customer = self.kehu_customer_id
        return {**action, "domain": [("partner_id", "=", customer.id)], "context": {"default_partner_id": customer.id}}
