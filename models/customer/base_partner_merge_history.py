from odoo import models

from ..system.engine import as_engine


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging brings the histories of several customers together; the newest rows must still tell of the one that stays."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        result = super()._update_values(src_partners, as_engine(dst_partner, "merge"))
        dst_partner._kehu_close_histories()
        return result
