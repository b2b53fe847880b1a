from odoo import api, fields, models

from ...models.call.exceptions import KehuCallListError, KehuCallListRightsError
from ...models.call.kehu_call_list import MODES


class KehuCallShare(models.TransientModel):
    """Give the open customers of one caller, or of the pile, to others, after seeing who would get how many."""

    _name = "kehu.call.share"
    _description = "Share Out Again"

    list_id = fields.Many2one("kehu.call.list", string="Call List", required=True, readonly=True, ondelete="cascade")
    caller_ids = fields.Many2many(
        "res.users", compute="_compute_caller_ids", context={"active_test": False}, export_string_translation=False
    )
    from_user_id = fields.Many2one(
        "res.users", string="Customers Of", domain="[('id', 'in', caller_ids)]", help="Empty: those that no caller has yet."
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Go To",
        domain="[('id', 'in', caller_ids), ('id', '!=', from_user_id)]",
        help="Who gets them. Each gets only customers that they may see.",
    )
    mode = fields.Selection([mode for mode in MODES if mode[0] != "pile"], string="Share Out", required=True, default="evenly")
    preview = fields.Text(compute="_compute_preview")
    refusal = fields.Text(compute="_compute_preview")

    @api.depends("list_id")
    def _compute_caller_ids(self):
        """All callers, those included who have left: their customers are the ones to be shared out."""
        for wizard in self:
            wizard.caller_ids = wizard.list_id.with_context(active_test=False).caller_ids

    @api.depends("list_id", "from_user_id", "user_ids", "mode")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = wizard.refusal = False
            if not wizard.user_ids or not wizard.list_id.has_access("write"):
                wizard.preview = self.env._("Choose who gets the customers.")
                continue
            try:
                _lines, counts, shares = wizard.list_id._kehu_reshare_plan(
                    wizard.from_user_id._origin.id, wizard.user_ids._origin.ids, wizard.mode
                )
            except (KehuCallListError, KehuCallListRightsError) as error:
                wizard.refusal = error.args[0]
                continue
            wizard.preview = "\n".join(
                [
                    self.env._("%(user)s: %(count)s customers", user=user.name, count=len(shares[user.id]))
                    for user in self.env["res.users"].browse(shares)
                ]
                + self._kehu_left_in_words(counts)
            ) or self.env._("No customers wait there.")

    @api.model
    def _kehu_left_in_words(self, counts):
        """Say what stays where it is.

        :param dict counts: see :meth:`kehu.call.list.kehu_reshare`
        :rtype: list[str]
        """
        words = []
        if counts["busy"]:
            words.append(self.env._("%(count)s are being called at this moment and stay.", count=counts["busy"]))
        if counts["unseen"]:
            words.append(self.env._("%(count)s stay, since none of these callers may see them.", count=counts["unseen"]))
        return words

    def action_apply(self):
        """Share out, and say how many went.

        :raises KehuCallListError: when nobody was chosen
        """
        self.ensure_one()
        counts = self.list_id.kehu_reshare(self.from_user_id.id, self.user_ids.ids, self.mode)
        words = [self.env._("%(count)s customers have new callers.", count=counts["moved"]), *self._kehu_left_in_words(counts)]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": " ".join(words), "next": {"type": "ir.actions.act_window_close"}},
        }
