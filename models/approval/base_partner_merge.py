from odoo import models
from odoo.fields import Domain

from ..system.engine import as_engine
from .exceptions import KehuApprovalMergeError
from .guard import FROZEN_STATES
from .kehu_approval_mixin import ENGINE


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Merging moves documents and their lines to another partner by SQL, past the guards.

    What waits for a decision must stay as it was submitted. What was approved goes on: it is the same customer under one name, and so it
    is in what was kept of the document, which would else tell of a change that nobody made.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """:raises KehuApprovalMergeError: when a pending document, or a line of one, names a partner that is to disappear"""
        # sudo: kehu.approval.request - of documents that the person need not see
        approved = self.env["kehu.approval.request"].sudo()
        for records, path, names in self._kehu_naming(src_partners):
            for record in records:
                document = record[path] if path else record
                if document.kehu_approval_state == "pending":
                    self._kehu_raise_merging(record, document, names, src_partners)
                approved |= document.kehu_request_id
        result = super()._update_foreign_keys(src_partners, dst_partner)
        gone = set(src_partners.ids)
        for request in approved.filtered("snapshot"):
            renamed = _renamed(self.env[request.res_model], request.snapshot, gone, dst_partner.id)
            if renamed != request.snapshot:
                as_engine(request, ENGINE).write({"snapshot": renamed})
        return result

    def _kehu_naming(self, partners):
        """The frozen documents, and lines of such, that name some partners in a protected field.

        :return: [(records in superuser mode, name of the field that leads to their document or None, names of their fields)]
        :rtype: list[tuple]
        """
        found = []
        for model_name, model in self.env.items():
            frozen, path = self.env["kehu.approval.document"]._kehu_frozen_of(model)
            names = [name for name in sorted(frozen) if name in model._fields and _names_partners(model, name)]
            if names:
                state = f"{path}.kehu_approval_state" if path else "kehu_approval_state"
                domain = Domain(state, "in", FROZEN_STATES) & Domain.OR(Domain(name, "in", partners.ids) for name in names)
                # sudo: document, line - those of others count as well; nothing is returned but names
                records = self.env[model_name].sudo().with_context(active_test=False).search(domain)
                found.append((records, path, names))
        return found

    def _kehu_raise_merging(self, record, document, names, partners):
        """:raises KehuApprovalMergeError: always"""
        # sudo: res.partner - to find which of them the document names; its name is told
        gone = partners.sudo()
        raise KehuApprovalMergeError(
            self.env._(
                "“%(document)s” waits for approval by %(approver)s and names “%(partner)s”, which would disappear. "
                "Merge after it is decided, or have it withdrawn first.",
                document=document.display_name,
                approver=document._kehu_names(document.kehu_request_id.decider_ids),
                partner=next(partner for name in names for partner in record[name] & gone).name,
            )
        )


def _names_partners(model, name):
    field = model._fields[name]
    return field.store and field.type in ("many2one", "many2many") and field.comodel_name == "res.partner"


def _renamed(model, snapshot, gone, kept):
    """What was kept of a document, with one partner in the place of others.

    :param model: of the document
    :param set gone: ids of the others
    :param int kept: id of the one
    """

    def values_of(model, values):
        return {
            name: replaced(value) if name in model._fields and _names_partners(model, name) else value for name, value in values.items()
        }

    def replaced(value):
        if isinstance(value, list):
            return sorted({kept if partner_id in gone else partner_id for partner_id in value})
        return kept if value in gone else value

    return {
        **snapshot,
        "fields": values_of(model, snapshot["fields"]),
        "lines": {
            one2many: {key: values_of(model.env[model._fields[one2many].comodel_name], values) for key, values in lines.items()}
            for one2many, lines in snapshot["lines"].items()
            if one2many in model._fields
        },
    }
