import base64
from urllib.parse import quote

from odoo import api, fields, models

from ...tools import workbook
from .exceptions import KehuImportTemplateError

# fields of a partner that nobody fills by hand
HIDDEN_FIELDS = {"active", "color", "signup_type", "kehu_is_customer", "type", "is_company", "parent_id"}
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
    workbook = fields.Binary(
        string="Empty Workbook",
        compute="_compute_workbook",
        export_string_translation=False,
        help="A workbook with the column titles of this template, to be filled and imported.",
    )

    @api.depends_context("lang")
    def _compute_workbook(self):
        for template in self:
            template.workbook = template.build_workbook()

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

    def build_workbook(self):
        """Make the empty workbook of this template: titles, drop-down lists, and a second sheet that explains the columns.

        :return: the .xlsx file, base64 as binary fields hold it
        :rtype: bytes
        """
        self.ensure_one()
        self.check_access("read")
        columns = [
            workbook.Column(line.title, line.required, line._kehu_label(), line._kehu_hint(), line._kehu_choices())
            for line in self.field_ids
        ]
        words = workbook.HelpWords(
            self.name,
            self.env._("Columns"),
            [self.env._("Column"), self.env._("Needed"), self.env._("Fills"), self.env._("What goes in")],
            self.env._("yes"),
        )
        return base64.b64encode(workbook.write_empty(columns, words))

    def action_download(self):
        """Download the empty workbook of this template."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/kehu.import.template/{self.id}/workbook/{quote(self.name)}.xlsx?download=true",
            "target": "self",
        }


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
        string="Technical Name",
        required=True,
        help="Technical name of the field that the column fills. “child_ids/” in front of it fills a field of the contact person, for "
        "instance child_ids/name.",
    )
    field_choice = fields.Selection(
        selection="_selection_field_choice",
        string="Field",
        compute="_compute_field_choice",
        readonly=False,
        help="What the column fills, in your own words.",
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

    @api.model
    def _selection_field_choice(self):
        """Everything that an import can fill, named as the forms name it."""
        partners = self.env["res.partner"]
        described = partners.fields_get(attributes=["string"])
        choices = []
        for name, field in partners._fields.items():
            if field.type in IMPORTABLE_TYPES and field.store and not field.readonly and name in described and name not in HIDDEN_FIELDS:
                choices.append((name, described[name]["string"]))
        choices.sort(key=lambda choice: choice[1])
        contact = [(f"child_ids/{name}", self.env._("Contact person: %(field)s", field=label)) for name, label in choices]
        return choices + contact

    @api.depends("field_name")
    def _compute_field_choice(self):
        offered = {name for name, _label in self._selection_field_choice()}
        for line in self:
            line.field_choice = line.field_name if line.field_name in offered else False

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._kehu_choice_to_name(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._kehu_choice_to_name(vals))

    @api.model
    def _kehu_choice_to_name(self, vals):
        """Return the values with the field that was chosen by its label under its own name."""
        vals = dict(vals)
        choice = vals.pop("field_choice", None)
        return {**vals, "field_name": choice} if choice else vals

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

    def _kehu_label(self):
        """Name the field that this column fills in the user's words."""
        for_contact, field = self._kehu_target()
        label = field._description_string(self.env)
        return self.env._("Contact person: %(field)s", field=label) if for_contact else label

    def _kehu_hint(self):
        """Tell in a few words what goes into a cell of this column."""
        _for_contact, field = self._kehu_target()
        if field.type == "integer":
            hint = self.env._("A whole number.")
        elif field.type in ("float", "monetary"):
            hint = self.env._("A number.")
        elif field.type == "date":
            hint = self.env._("A date such as 2026-12-31.")
        elif field.type == "boolean":
            hint = self.env._("是 or 否 (yes or no).")
        elif field.type == "selection":
            hint = self.env._("One of the choices offered.")
        elif field.type == "many2one" and self.unknown == "create":
            hint = self.env._("A name; one that is not known yet is added.")
        elif field.type == "many2one":
            hint = self.env._("The name of one that exists.")
        else:
            hint = self.env._("Text.")
        return hint

    def _kehu_choices(self):
        """Return the words that a cell of this column may hold, when they are few enough for a drop-down list.

        :rtype: list[str]
        """
        _for_contact, field = self._kehu_target()
        if field.type == "selection":
            return [label for _value, label in field._description_selection(self.env)]
        if field.type != "many2one" or self.unknown == "create":
            return []
        domain = field.get_comodel_domain(self.env[field.model_name])
        records = self.env[field.comodel_name].search(domain, limit=workbook.MAX_CHOICES + 1)
        return [record[record._rec_name] for record in records] if len(records) <= workbook.MAX_CHOICES else []
