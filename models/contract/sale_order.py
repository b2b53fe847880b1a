from odoo import api, fields, models

from ..system.engine import is_uninstalling
from .exceptions import KehuContractOrderError, KehuContractRightError

LINKS = {"kehu_contract_id", "partner_id", "partner_invoice_id", "partner_shipping_id", "company_id"}
TAKING_STATES = ("draft", "rejected", "approved")  # a framework in force takes further orders
GIVING_STATES = ("draft", "rejected")


class SaleOrder(models.Model):
    """An order comes under one contract of its customer at a time."""

    _name = "sale.order"
    _inherit = ["sale.order", "kehu.seen.links.mixin"]
    _kehu_seen_links = ("opportunity_id", "kehu_contract_id")  # those of the room sales, and ours

    kehu_contract_id = fields.Many2one(
        "kehu.contract",
        string="Contract",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        tracking=True,
        domain="[('partner_id', '=', kehu_customer_id), ('company_id', '=', company_id), "
        "('state', 'in', ('draft', 'rejected', 'approved'))]",
        help="The contract that this order comes under.",
    )

    # ------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        for order in orders.filtered("kehu_contract_id"):
            order._kehu_check_join()
        return orders

    def write(self, vals):
        if "kehu_contract_id" not in vals:
            return super().write(vals)
        # sudo: kehu.contract - the guard holds for contracts that one cannot read
        changing = self.filtered(lambda order: order.sudo().kehu_contract_id.id != (vals["kehu_contract_id"] or False))
        for order in changing:
            order._kehu_check_leave(vals["kehu_contract_id"])
        result = super().write(vals)
        for order in changing.filtered("kehu_contract_id"):
            order._kehu_check_join()
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_in_contract(self):
        """What an approver was shown with a contract does not leave it by being deleted, either."""
        if is_uninstalling(self.env):
            return
        for order in self:
            contract = order.sudo().kehu_contract_id  # sudo: kehu.contract - its state and number, for the sentence
            if contract.state in ("pending", "approved"):
                order._kehu_check_state_to_leave(contract)

    def _kehu_check_leave(self, target):
        """Refuse to take this one order out of a contract that was approved with it, or to move it past its contract.

        :param target: id of the contract it is to go to, if any
        :raises KehuContractOrderError: with the reason
        :raises KehuContractRightError: when the contract is not theirs to change
        """
        contract = self.sudo().kehu_contract_id  # sudo: kehu.contract - its state and number, for the sentence
        if not contract:
            return
        if target:
            raise KehuContractOrderError(
                self.env._(
                    "“%(order)s” is in contract %(contract)s already. An order is in one contract at a time: take it out there first.",
                    order=self.display_name,
                    contract=contract.name,
                )
            )
        self._kehu_check_contract_right(contract)
        self._kehu_check_state_to_leave(contract)

    def _kehu_check_state_to_leave(self, contract):
        """:raises KehuContractOrderError: when this one order stays in its contract, which is given in superuser mode"""
        if contract.state not in GIVING_STATES and not (contract.state == "approved" and self.state == "cancel"):
            raise KehuContractOrderError(
                self.env._(
                    "“%(order)s” stays in contract %(contract)s, which is “%(state)s”. Orders leave a draft; cancelled ones also a "
                    "contract in force.",
                    order=self.display_name,
                    contract=contract.name,
                    state=dict(contract._fields["state"]._description_selection(self.env))[contract.state],
                )
            )

    def _kehu_check_join(self):
        """Refuse a contract that takes no orders now, or is not this user's to change, or does not fit this one order.

        :raises KehuContractOrderError: with the reason
        :raises KehuContractRightError: when the contract is not theirs to change
        """
        contract = self.sudo().kehu_contract_id  # sudo: kehu.contract - its state and number, for the sentence
        self._kehu_check_contract_right(contract)
        if contract.state not in TAKING_STATES:
            raise KehuContractOrderError(
                self.env._(
                    "Contract %(contract)s takes no orders: it is “%(state)s”. Orders come into a draft or a contract in force.",
                    contract=contract.name,
                    state=dict(contract._fields["state"]._description_selection(self.env))[contract.state],
                )
            )

    def _kehu_check_contract_right(self, contract):
        """:raises KehuContractRightError: unless the user may write on this contract"""
        if not self.env.su and not contract.sudo(False).has_access("write"):
            raise KehuContractRightError(
                self.env._("The contract of this order is not yours to change. Ask its salesperson or their manager.")
            )

    @api.constrains(*sorted(LINKS))
    def _check_kehu_contract(self):
        self._kehu_check_contract()

    def _kehu_check_contract(self):
        """:raises KehuContractOrderError: for an order of another customer or company than its contract"""
        # sudo: kehu.contract, res.partner - whom they belong to, whoever looks
        for order in self.sudo().filtered("kehu_contract_id"):
            contract = order.kehu_contract_id
            if order.kehu_customer_id != contract.partner_id or order.company_id != contract.company_id:
                raise KehuContractOrderError(
                    self.env._(
                        "“%(order)s” does not belong into contract %(contract)s: an order has the customer and the company of its "
                        "contract. Choose another contract, or none.",
                        order=order.display_name,
                        contract=contract.name,
                    )
                )

    # ------------------------------------------------------------
    # Going elsewhere
    # ------------------------------------------------------------

    def action_kehu_contract(self):
        """Open the contract of this order; without one, a new contract of its customer with this order."""
        self.ensure_one()
        self.check_access("read")
        action = {"type": "ir.actions.act_window", "name": self.env._("Contract"), "res_model": "kehu.contract", "views": [(False, "form")]}
        if self.kehu_contract_id:
            return {**action, "res_id": self.kehu_contract_id.id}
        customer = self.kehu_customer_id
        if not customer:
            raise KehuContractOrderError(
                self.env._(
                    "“%(order)s” is not for a customer of the CRM, so there is no contract to make. Make its partner a customer first.",
                    order=self.display_name,
                )
            )
        contact = self.partner_id if self.partner_id != customer and self.partner_id.kehu_customer_id == customer else False
        return {
            **action,
            "context": {
                "default_partner_id": customer.id,
                "default_company_id": self.company_id.id,
                "default_currency_id": self.currency_id.id,
                "default_amount": self.amount_total,
                "default_order_ids": [(4, self.id)],
                "default_their_signatory_id": contact and contact.id,
                "default_opportunity_id": self.opportunity_id.id,
            },
        }
