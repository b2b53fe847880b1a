from odoo import api, fields, models

from ...tools import workbook
from .exceptions import KehuImportTemplateError

IMPORTABLE_TYPES = ("char", "text", "html", "integer", "float", "monetary", "date", "boolean", "selection", "many2one")


class KehuImportTemplate(models.Model):
    """Which column of a workbook fills which field."""

    _name = "kehu.import.template"
    _description = "Import Template"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    model_id = fields.Many2one(
        "ir.model",
        string="Imports",
        required=True,
        ondelete="cascade",
        domain=[("model", "=", "res.partner")],
        default=lambda self: self.env["ir.model"]._get("res.partner"),
        help="What a row of the workbook becomes.",
    )
    model = fields.Char(related="model_id.model", string="Model Name")
    field_ids = fields.One2many("kehu.import.template.field", "template_id", string="Columns", copy=True)

    @api.constrains("model_id")
    def _check_model(self):
        for template in self:
            if template.model != "res.partner":
                raise KehuImportTemplateError(
                    self.env._(
                        "Template “%(name)s” cannot import “%(model)s”. Choose Contact: rows become customers.",
                        name=template.name,
                        model=template.model,
                    )
                )

    @api.constrains("field_ids")
    def _check_titles(self):
        for template in self:
            seen = set()
            for line in template.field_ids:
                if workbook.fold(line.title) in seen:
                    raise KehuImportTemplateError(
                        self.env._(
                            "Template “%(name)s” has two columns with the title “%(title)s”. Rename or remove one of them.",
                            name=template.name,
                            title=line.title,
                        )
                    )
                seen.add(workbook.fold(line.title))


class KehuImportTemplateField(models.Model):
    """One column: its title in the workbook and the field that it fills."""

    _name = "kehu.import.template.field"
    _description = "Import Template Column"
    _order = "template_id, sequence, id"
    _rec_name = "title"

    template_id = fields.Many2one("kehu.import.template", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    title = fields.Char(
        required=True,
        help="Title of the column in the first row of the workbook. Upper and lower case, full and half width make no difference.",
    )
    field_name = fields.Char(
        string="Field",
        required=True,
        help="Technical name of the field that the column fills. “child_ids/” in front of it fills a field of the contact person, for "
        "instance child_ids/name.",
    )
    required = fields.Boolean(help="A row with an empty cell in this column is refused.")
    factor = fields.Float(
        default=1.0,
        help="Numbers of this column are multiplied by it: 10000 for a column in units of ten thousand (万元).",
    )
    unknown = fields.Selection(
        [("refuse", "Refuse the row"), ("create", "Add it")],
        string="When Not Found",
        required=True,
        default="refuse",
        help="What to do when the cell names a record that does not exist, such as an industry. “Add it” makes a new one of that name.",
    )

    @api.constrains("field_name", "unknown")
    def _check_field_name(self):
        for line in self:
            field = line._kehu_target()[1]
            if field is None or field.type not in IMPORTABLE_TYPES or field.readonly:
                raise KehuImportTemplateError(
                    self.env._(
                        "Column “%(title)s”: there is no field “%(field)s” that an import can fill. Check its technical name.",
                        title=line.title,
                        field=line.field_name,
                    )
                )
            if line.unknown == "create" and field.comodel_name not in self._kehu_creatable_models():
                raise KehuImportTemplateError(
                    self.env._(
                        "Column “%(title)s”: an import does not add records of this kind by itself. Choose to refuse the row.",
                        title=line.title,
                    )
                )

    @api.model
    def _kehu_creatable_models(self):
        """Models whose records an import may add by name, on the administrator's word in the template: plain lists of words only."""
        return {"res.partner.industry", "kehu.dictionary.value"}

    def _kehu_target(self):
        """Return what this column fills: (True for the contact person or False for the row's own record, field or None)."""
        self.ensure_one()
        path = (self.field_name or "").strip().split("/")
        model = self.env[self.template_id.model]
        if len(path) == 2 and path[0] == "child_ids":
            return True, model._fields.get(path[1])
        return False, model._fields.get(path[0]) if len(path) == 1 else None
