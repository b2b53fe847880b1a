from odoo import models

from ..system.engine import as_engine


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """The customer that stays of a merge keeps its import, or takes over that of one that goes."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        return super()._update_values(src_partners, as_engine(dst_partner, "import"))
