import base64
from itertools import zip_longest

from odoo import api, fields, models
from odoo.tools import html2plaintext, split_every

from ...tools import workbook
from .exceptions import KehuImportRightError, KehuImportTemplateError

CHUNK = 1000  # records read at once


class KehuImportTemplate(models.Model):
    """Export through the template: what comes out goes in again."""

    _inherit = "kehu.import.template"

    def export_records(self, record_ids):
        """Write these records into a workbook of this template.

        The workbook can be imported again: with the same columns, values and names as an import reads them. A record with several contact
        persons or lines takes a row for each of them. Fields that the person may not read are left out with their column; text that looks
        like a formula is marked so that no program runs it.

        :param list record_ids: records of the model of this template, in the order of the rows
        :return: the .xlsx file, base64 as binary fields hold it
        :rtype: bytes
        :raises KehuImportRightError: when the person may not export
        :raises AccessError: when the person may not read one of the records
        """
        self.ensure_one()
        self.check_access("read")
        self._kehu_check_may_export()
        records = self._kehu_records(record_ids)
        lines = self.field_ids.filtered(lambda line: line._kehu_exportable())
        if not lines:
            raise KehuImportTemplateError(
                self.env._("You may read none of the columns of “%(name)s”. Choose another template.", name=self.name)
            )
        self.env["kehu.operation.log"]._kehu_note_many("export", records, self.name)
        places = {line: place for place, line in enumerate(self.field_ids)}
        every = self._kehu_columns()
        kept = [places[line] for line in lines]
        columns = [
            every[place]._replace(depends=kept.index(every[place].depends) if every[place].depends in kept else None) for place in kept
        ]
        rows = self._kehu_export_rows(records, lines)
        content = workbook.write_book(columns, self._kehu_words(), places=self._kehu_places(columns), rows=rows)
        return base64.b64encode(content)

    def _kehu_check_may_export(self):
        if not self.env.su and not self.env.user.has_group("base.group_allow_export"):
            raise KehuImportRightError(self.env._("You may not export. Ask an administrator for the right “Access to export feature”."))

    def _kehu_records(self, ids):
        records = self.env[self.model].browse(ids).exists().with_context(active_test=False)
        records.check_access("read")
        return records

    def _kehu_export_rows(self, records, lines):
        """Yield the cells of each row, a thousand records at a time."""
        list_name = next((line._kehu_prefix().rstrip("/") for line in lines if line._kehu_prefix()), None)
        own = [line for line in lines if not line._kehu_prefix()]
        for ids in split_every(CHUNK, records.ids):
            chunk = records.browse(ids)
            chunk.fetch([line.field_name for line in own])
            below = {}
            if list_name:
                every = self.env[self.env[self.model]._fields[list_name].comodel_name]
                for record in chunk:
                    below[record.id] = record._kehu_export_lines(list_name)
                    every |= below[record.id]
                every = every._filtered_access("read")
                below = {record_id: children & every for record_id, children in below.items()}
            readable = {}
            for record in chunk:
                mine = {line: line._kehu_export_value(record, line.field_name, readable) for line in own}
                for _nothing, child in zip_longest((None,), below.get(record.id, ())):
                    yield [
                        mine[line]
                        if line in mine
                        else line._kehu_export_value(child, line.field_name.partition("/")[2], readable)
                        if child
                        else None
                        for line in lines
                    ]
            chunk.invalidate_recordset()

    # ---------------------------------------------------------------------------------------------------- the entry in the Action menu

    def _kehu_bind_export(self):
        """Offer “Export with Template” in the Action menu of every list whose model has a template, and no longer where it has none."""
        # sudo: kehu.import.template, ir.actions.act_window - the menu of a list follows from the templates, whoever makes them
        templates = self.env["kehu.import.template"].sudo()
        actions = self.env["ir.actions.act_window"].sudo()  # sudo: ir.actions.act_window - see above
        bound = {
            action.binding_model_id: action
            for action in actions.search([("res_model", "=", "kehu.import.export"), ("binding_model_id", "!=", False)])
        }
        wanted = {model for (model,) in templates._read_group([("active", "=", True)], ["model_id"])}
        for model in wanted - set(bound):
            action = actions.create(
                {
                    "name": "Export with Template",
                    "res_model": "kehu.import.export",
                    "view_mode": "form",
                    "target": "new",
                    "binding_model_id": model.id,
                    "binding_view_types": "list,kanban",
                    "group_ids": [fields.Command.link(self.env.ref("base.group_allow_export").id)],
                }
            )
            for code, _name in self.env["res.lang"].get_installed():
                speaking = action.with_context(lang=code)
                speaking.name = speaking.env._("Export with Template")
            # sudo: ir.model.data - with a name of ours it goes when the add-on goes
            self.env["ir.model.data"].sudo()._update_xmlids(
                [
                    {
                        "xml_id": f"kehu_crm.kehu_import_export_action_{model.model.replace('.', '_')}",
                        "record": action,
                        "noupdate": True,
                    }
                ]
            )
        for model in set(bound) - wanted:
            bound[model].unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_bound_action(self):
        """A model whose last template goes loses the entry in its menu."""
        going = set(self.ids)
        for template in self:
            # sudo: kehu.import.template - as above
            others = template.sudo().search([("model_id", "=", template.model_id.id), ("id", "not in", list(going))], limit=1)
            if not others:
                # sudo: ir.actions.act_window - as above
                self.env["ir.actions.act_window"].sudo().search(
                    [("res_model", "=", "kehu.import.export"), ("binding_model_id", "=", template.model_id.id)]
                ).unlink()


class KehuImportTemplateField(models.Model):
    _inherit = "kehu.import.template.field"

    def _kehu_exportable(self):
        """Tell whether the person may read what this column shows."""
        for_lines, field = self._kehu_target()
        if field is None:
            return False
        if for_lines:
            lists = self.env[self.template_id.model]
            if not lists._has_field_access(lists._fields[self._kehu_prefix().rstrip("/")], "read"):
                return False
        model = self.env[field.model_name]
        return model.has_access("read") and model._has_field_access(model._fields[field.name], "read")

    def _kehu_export_value(self, record, name, readable):
        """Return the cell for a field of this record, as an import of it reads it.

        :param dict readable: {comodel and ids: readable records}, kept by the caller between records
        :rtype: None, str, int, float, datetime.date or datetime.datetime
        """
        field = record._fields[name]
        value = record[name]
        if field.type == "boolean":
            return self._kehu_boolean(value)
        if field.type == "integer":
            return value
        if field.type in ("float", "monetary"):
            return round(value / (self.factor or 1.0), 10)
        if not value:
            return None
        if field.type == "many2one":
            key = (value._name, value.id)
            if key not in readable:
                readable[key] = value[value._rec_name] if value._filtered_access("read") else None
            return readable[key]
        if field.type == "many2many":
            return "; ".join(name for name in value._filtered_access("read").mapped(value._rec_name) if name)
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field.type == "html":
            return html2plaintext(value)
        if field.type == "datetime":
            return fields.Datetime.context_timestamp(self, value).replace(tzinfo=None)
        return value
