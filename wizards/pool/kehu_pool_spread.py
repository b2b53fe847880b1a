from odoo import api, fields, models

from ...models.pool.exceptions import KehuOwnershipError
from ...models.pool.res_partner_spread import MODES


class KehuPoolSpread(models.TransientModel):
    """Share pool customers out among several people, after seeing who would get how many."""

    _name = "kehu.pool.spread"
    _description = "Assign to Several People"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True, readonly=True)
    user_ids = fields.Many2many(
        "res.users",
        string="Salespeople",
        domain="[('id', 'in', candidate_ids)]",
        help="Who gets the customers.",
    )
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids", export_string_translation=False)
    mode = fields.Selection(
        MODES,
        required=True,
        default="evenly",
        help="Evenly: all get the same number. By turn: one after the other, beginning with whom an assignment reached least recently. "
        "By free capacity: whoever has most room under the limit of the pool comes next.",
    )
    reason = fields.Text(help="Kept in the ownership history.")
    preview = fields.Text(compute="_compute_preview")
    refusal = fields.Text(compute="_compute_preview")

    @api.depends("partner_ids")
    def _compute_candidate_ids(self):
        """The people offered: nobody is shown who would be refused for all of the customers."""
        for wizard in self:
            wizard.candidate_ids = wizard.partner_ids._origin._kehu_new_owners("assign")

    @api.depends("partner_ids", "user_ids", "mode")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = wizard.refusal = False
            customers, users = wizard.partner_ids._origin, wizard.user_ids._origin
            if not users:
                wizard.preview = self.env._("Choose who gets the %(count)s customers.", count=len(customers))
                continue
            try:
                shares = customers._kehu_shares(users, wizard.mode)
            except KehuOwnershipError as error:
                wizard.refusal = error.args[0]
                continue
            refusals = []
            for user, share in shares.items():
                refusals += [refused.args[0] for refused in share._kehu_ownership_refusals("assign", user).values()]
            wizard.refusal = "\n".join(dict.fromkeys(refusals)) or False
            wizard.preview = "\n".join(
                self.env._("%(user)s: %(count)s customers", user=user.name, count=len(share)) for user, share in shares.items()
            )

    def action_apply(self):
        """Assign, and say who got how many.

        :raises KehuOwnershipError: when one of the customers cannot go; then none goes
        """
        self.ensure_one()
        counts = self.partner_ids.kehu_spread(self.user_ids.ids, self.mode, reason=self.reason)
        users = self.env["res.users"].browse(counts)
        message = "; ".join(self.env._("%(user)s: %(count)s customers", user=user.name, count=counts[user.id]) for user in users)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }
