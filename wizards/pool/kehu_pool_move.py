from odoo import api, fields, models

from ...models.pool.exceptions import KehuPoolError


class KehuPoolMove(models.TransientModel):
    """Empty a pool into another one, so that it can be closed."""

    _name = "kehu.pool.move"
    _description = "Move All Customers of a Pool"

    pool_id = fields.Many2one("kehu.pool", string="From", required=True, readonly=True, ondelete="cascade")
    target_id = fields.Many2one(
        "kehu.pool",
        string="To",
        domain="[('id', '!=', pool_id), ('company_id', 'in', [False, company_id])]",
        help="The pool that takes all customers, archived ones too.",
    )
    company_id = fields.Many2one(related="pool_id.company_id", export_string_translation=False)
    reason = fields.Text(help="Kept in the ownership history.")
    close = fields.Boolean(string="Archive the empty pool", help="Its history stays. You can restore the pool at any time.")
    preview = fields.Text(compute="_compute_preview")

    @api.depends("pool_id", "target_id")
    def _compute_preview(self):
        # sudo: res.partner - how many wait there, archived ones and those of other companies included
        customers = self.env["res.partner"].sudo().with_context(active_test=False)
        for wizard in self:
            count = customers.search_count([("kehu_pool_id", "=", wizard.pool_id._origin.id), ("kehu_is_customer", "=", True)])
            what = self.env._("%(count)s customers", count=count)
            if wizard.target_id:
                wizard.preview = self.env._("Will go to %(target)s: %(what)s.", what=what, target=wizard.target_id.name)
            else:
                wizard.preview = self.env._("Choose the pool that takes %(what)s.", what=what)

    def action_apply(self):
        """Move the customers, and archive the pool when that was asked for.

        :raises KehuPoolError: when no pool was chosen
        :raises KehuOwnershipError: when one of the customers cannot go; then none goes
        """
        self.ensure_one()
        if not self.target_id:
            raise KehuPoolError(self.env._("Choose another pool that takes the customers of “%(pool)s”.", pool=self.pool_id.name))
        count = self.pool_id.kehu_move_customers(self.target_id.id, self.reason)
        if self.close:
            self.pool_id.action_archive()
        what = self.env._("%(count)s customers", count=count)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Went to %(target)s: %(what)s.", what=what, target=self.target_id.name),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
