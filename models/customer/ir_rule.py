from odoo import models
from odoo.fields import Domain

from .named_links import link_names

# tables that show name and address of a partner to everybody inside; some are there when installed only
REPEATED = {
    "calendar.filters": ("partner_id",),
    "rating.rating": ("partner_id", "rated_partner_id"),
    "snailmail.letter": ("partner_id",),
}
ACCOUNTING = ("account.group_account_invoice", "account.group_account_readonly")

MOST_NAMED = 6  # the host names no more


class IrRule(models.Model):
    """The host names in a refusal the records it concerns, to whoever adds ``?debug=1`` to the address; nobody learns names by numbers."""

    _inherit = "ir.rule"

    def _compute_domain(self, model_name, mode="read"):
        """A dialog is seen by whoever opened it, as the host's description of dialogs promises; other tables by whom they name."""
        domain = super()._compute_domain(model_name, mode)
        if self.env.su:
            return domain
        model = self.env[model_name]
        if model._transient and link_names(model):
            domain &= Domain("create_uid", "=", self.env.uid)
        elif model_name in REPEATED and mode == "read":
            shown = self.env["res.partner"]._kehu_shown_domain()
            own = Domain("create_uid", "=", self.env.uid)
            domain &= own | Domain.AND(Domain(name, "=", False) | Domain(name, "any", shown) for name in REPEATED[model_name])
        elif model_name == "account.partial.reconcile" and not any(self.env.user.has_group(group) for group in ACCOUNTING):
            # what was paid of which invoice: of invoices one may see
            lines = super()._compute_domain("account.move.line", "read")
            domain &= Domain("debit_move_id", "any", lines) | Domain("credit_move_id", "any", lines)
        else:
            return domain
        return domain.optimize(model)

    def _make_access_error(self, operation, records):
        error = super()._make_access_error(operation, records)
        if self.env.user.has_group("base.group_system") or not self.env.user.has_group("base.group_no_one"):
            return error
        text = str(error)
        named = records[:MOST_NAMED]
        hidden = named - named._filtered_access("read")
        # sudo: any model - the names as the host has written them, to take them out
        for record in hidden.sudo():
            place = f" ({record._name}: {record.id}"
            text = text.replace(f", {record.display_name}{place}", place)
        hidden.invalidate_recordset()
        error.args = (text,)
        return error
