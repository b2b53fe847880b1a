from odoo import api, models
from odoo.exceptions import MissingError

from .engine import is_engine

HANDS = {"user_id", "kehu_pool_id", "kehu_assigned_on"}
SKIPPED = {"create_uid", "create_date", "write_uid", "write_date", "message_main_attachment_id", "access_token", "parent_path"}


class KehuOperationLogMixin(models.AbstractModel):
    """A main document of the CRM: who created, changed or deleted it is kept with old and new values in ``kehu.operation.log``.

    The mail tracking of the host tells people in the chatter what changed; but it goes with its record, an author may delete it, and it
    knows the tracked fields only. So the log keeps values of its own: one row per record and transaction.
    """

    _name = "kehu.operation.log.mixin"
    _description = "Document Whose Operations Are Logged"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        if self.env.registry.ready:
            content = {}
            for record, vals in zip(records, vals_list, strict=True):
                values = record._kehu_logged_values(vals)
                content[record.id] = {name: (None, value) for name, value in values.items() if value or value == 0}
            self.env["kehu.operation.log"]._kehu_note("create", records, content)
        return records

    def write(self, vals):
        if not self.env.registry.ready:
            return super().write(vals)
        old = {record.id: record._kehu_logged_values(vals) for record in self}
        result = super().write(vals)
        content = {}
        for record in self:
            try:
                new = record._kehu_logged_values(vals)
            except MissingError:  # what was written took the record with it
                continue
            if changed := {name: (value, new[name]) for name, value in old[record.id].items() if value != new[name]}:
                content[record.id] = changed
        if content:
            self.env["kehu.operation.log"]._kehu_note("write", self.browse(content), content)
        return result

    def unlink(self):
        if not self.env.registry.ready:
            return super().unlink()
        # sudo: the document - its name; the log shows a reader what they may see
        names = {record.id: record.sudo().display_name or "" for record in self}
        every = [name for name, field in self._fields.items() if field.column_type and field.type not in ("binary", "html", "json")]
        content = {
            record.id: {name: (value, None) for name, value in record._kehu_logged_values(every).items() if value} for record in self
        }
        gone = self.browse(self.ids)
        result = super().unlink()
        self.env["kehu.operation.log"]._kehu_note("unlink", gone, content, names=names)
        return result

    def _kehu_logged_values(self, names):
        """Return the values of those fields of one record that are logged: stored, written by people, one value or links to many."""
        # sudo: the document - old and new values, compared and kept for the log only
        record = self.sudo()
        values = {}
        for name in names:
            field = self._fields.get(name)
            if not field or not field.store or field.type == "one2many" or name in SKIPPED:
                continue
            value = record[name]
            values[name] = bool(value) if field.type == "binary" else value
        return values


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "kehu.operation.log.mixin"]

    def _kehu_logged_values(self, names):
        """A change of hands is noted by the history of ownership, once for a customer, whichever way it was written."""
        if is_engine(self.env, "ownership"):
            names = [name for name in names if name not in HANDS]
        return super()._kehu_logged_values(names)


class CrmLead(models.Model):
    _name = "crm.lead"
    _inherit = ["crm.lead", "kehu.operation.log.mixin"]


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "kehu.operation.log.mixin"]


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "kehu.operation.log.mixin"]
