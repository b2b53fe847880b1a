from odoo import models
from odoo.fields import Domain

from .exceptions import KehuApprovalMergeError


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging moves documents to another partner by SQL, past the guards; what waits for a decision must stay as it was submitted."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """:raises KehuApprovalMergeError: when a pending document names a partner that is to disappear"""
        for model_name, model in self.env.items():
            if model._abstract or not isinstance(model, self.env.registry["kehu.approval.mixin"]):
                continue
            names = [
                name
                for name in sorted(model._kehu_frozen_fields("pending"))
                if name in model._fields and model._fields[name].store and model._fields[name].comodel_name == "res.partner"
            ]
            if not names:
                continue
            domain = Domain("kehu_approval_state", "=", "pending") & Domain.OR(Domain(name, "in", src_partners.ids) for name in names)
            # sudo: res.partner - to find which of them the document names; its name is told
            gone = src_partners.sudo()
            # sudo: document - documents of others count as well; nothing is returned but names
            for document in self.env[model_name].sudo().search(domain, limit=1):
                raise KehuApprovalMergeError(
                    self.env._(
                        "“%(document)s” waits for approval by %(approver)s and names “%(partner)s”, which would disappear. "
                        "Merge after it is decided, or have it withdrawn first.",
                        document=document.display_name,
                        approver=document._kehu_names(document.kehu_request_id.decider_ids),
                        partner=next(partner for name in names for partner in document[name] & gone).name,
                    )
                )
        return super()._update_foreign_keys(src_partners, dst_partner)
