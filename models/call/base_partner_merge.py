from odoo import models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two customers of one call list that are merged are called once."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        result = super()._update_values(src_partners, dst_partner)
        # sudo: kehu.call.line - lists of all authors; the host has moved the rows by SQL
        lines = self.env["kehu.call.line"].sudo()
        lines.invalidate_model(["partner_id"])
        lines = lines.search([("partner_id", "=", dst_partner.id), ("state", "in", ("open", "callback"))], order="attempts desc, id")
        doubled = lines.browse()
        for group in lines.grouped("list_id").values():
            doubled |= group[1:]
        doubled._kehu_close(self.env._("The customer was merged with another one of the list."))
        return result
