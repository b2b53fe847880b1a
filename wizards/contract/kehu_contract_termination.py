from odoo import fields, models


class KehuContractTermination(models.TransientModel):
    """Why contracts end before their last day."""

    _name = "kehu.contract.termination"
    _description = "Terminate Contracts"

    contract_ids = fields.Many2many("kehu.contract", string="Contracts", required=True, readonly=True)
    reason = fields.Text(required=True, help="Kept on the contract, and told to its followers.")

    def action_terminate(self):
        """Terminate the contracts; see ``kehu_terminate`` for who may and what is refused."""
        self.ensure_one()
        self.contract_ids.kehu_terminate(self.reason)
        return {"type": "ir.actions.act_window_close"}
