import pytz
from odoo import api, fields, models

from ...tools import workbook
from .exceptions import KehuImportRightError, KehuImportTemplateError

IMPORTABLE_TYPES = (
    "char",
    "text",
    "html",
    "integer",
    "float",
    "monetary",
    "date",
    "datetime",
    "boolean",
    "selection",
    "many2one",
    "many2many",
)
KEY_TYPES = ("char", "integer", "many2one", "date", "selection")
UNHANDY = {"active", "color"}  # not offered; who names them may fill them
AUTHOR_FIELDS = {"create_uid", "create_date"}  # for templates that keep author and dates


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
        help="Title of the column in the workbook. Upper and lower case, full and half width and a star make no difference.",
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
    label = fields.Char(string="Fills", compute="_compute_label", help="What the column fills, as the forms call it.")
    required = fields.Boolean(help="A row with an empty cell in this column is refused.")
    is_key = fields.Boolean(
        string="Key",
        help="A record that has the same value exists already. With several key columns, all of them together.",
    )
    default_value = fields.Char(
        string="Default",
        help="What an empty cell of this column means for a new record, written as in a cell; also when the file has no such column.",
    )
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

    # ------------------------------------------------------------------------------------------------------------ the field in words

    @api.model
    def _selection_field_choice(self):
        """Everything of a customer that an import can fill, named as the forms name it; the template offers the fields of others."""
        return self._kehu_field_choices("res.partner")

    @api.model
    def _kehu_field_choices(self, model_name):
        """Return [(path, label)] of everything that an import of this model can fill, its lists one level deep.

        :rtype: list[tuple[str, str]]
        """
        model = self.env[model_name]
        choices = self._kehu_plain_choices(model)
        described = model.fields_get(attributes=["string"])
        for name, field in model._fields.items():
            if field.type != "one2many" or not field.store or field.readonly or name not in described:
                continue
            lines = self.env[field.comodel_name]
            if lines._kehu_importable() and (model_name != "res.partner" or name == "child_ids"):
                for path, label in self._kehu_plain_choices(lines):
                    if path != field.inverse_name:
                        choices.append((f"{name}/{path}", self._kehu_line_label(model_name, name, label)))
        return choices

    @api.model
    def _kehu_plain_choices(self, model):
        described = model.fields_get(attributes=["string"])
        hidden = (model._kehu_import_hidden_fields() | UNHANDY) - AUTHOR_FIELDS
        choices = [
            (name, described[name]["string"])
            for name, field in model._fields.items()
            if name in described and name not in hidden and self._kehu_fillable(field)
        ]
        return sorted(choices, key=lambda choice: choice[1])

    @api.model
    def _kehu_fillable(self, field):
        """Tell whether an import can put a value into this field."""
        if field.name in AUTHOR_FIELDS:
            return True
        if field.name == "state" and field.type == "selection":  # the life of a document: its buttons change it
            return False
        if field.type == "many2many" and not (field.store and self.env[field.comodel_name]._kehu_importable()):
            return False
        return field.type in IMPORTABLE_TYPES and (field.store or field.inverse is not None or field.inherited) and not field.readonly

    @api.model
    def _kehu_line_label(self, model_name, list_name, label):
        if (model_name, list_name) == ("res.partner", "child_ids"):
            return self.env._("Contact person: %(field)s", field=label)
        return self.env._("%(list)s: %(field)s", list=self.env[model_name]._fields[list_name]._description_string(self.env), field=label)

    @api.depends("field_name", "template_id.model_id")
    def _compute_field_choice(self):
        offered = {name for name, _label in self._selection_field_choice()}
        for line in self:
            line.field_choice = line.field_name if line.template_id.model == "res.partner" and line.field_name in offered else False

    @api.depends("field_name", "template_id.model_id")
    @api.depends_context("lang")
    def _compute_label(self):
        for line in self:
            line.label = line._kehu_label() if line.field_name and line._kehu_target()[1] is not None else line.field_name

    @api.onchange("field_choice")
    def _onchange_field_choice(self):
        """A column without a title is called as its field."""
        for line in self:
            if line.field_choice and not line.title:
                line.title = dict(self._kehu_field_choices("res.partner")).get(line.field_choice)

    # ------------------------------------------------------------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kehu_check_rights(vals)
        return super().create([self._kehu_choice_to_name(vals) for vals in vals_list])

    def write(self, vals):
        self._kehu_check_rights(vals)
        return super().write(self._kehu_choice_to_name(vals))

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        if not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            for vals in vals_list:
                vals["unknown"] = "refuse"
        return vals_list

    def _kehu_check_rights(self, vals):
        """Words are added to the lists of the company on the word of an administrator only."""
        if vals.get("unknown") == "create" and not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_admin"):
            raise KehuImportRightError(
                self.env._(
                    "Only an administrator lets an import add new words to the lists of the company. "
                    "Choose to refuse the row, or ask an administrator to change the template."
                )
            )

    @api.model
    def _kehu_choice_to_name(self, vals):
        """Return the values with the field that was chosen by its label under its own name."""
        vals = dict(vals)
        choice = vals.pop("field_choice", None)
        return {**vals, "field_name": choice} if choice else vals

    # ------------------------------------------------------------------------------------------------------------------- constraints

    @api.constrains("field_name", "unknown", "is_key", "default_value")
    def _check_field_name(self):
        for line in self:
            for_lines, field = line._kehu_target()
            if field is None or not line._kehu_allowed(field) or (for_lines and not self.env[field.model_name]._kehu_importable()):
                raise KehuImportTemplateError(
                    self.env._(
                        "Column “%(title)s”: there is no field “%(field)s” that an import can fill. Check its technical name.",
                        title=line.title,
                        field=line.field_name,
                    )
                )
            if line.unknown == "create" and (field.type == "many2many" or field.comodel_name not in self._kehu_creatable_models()):
                raise KehuImportTemplateError(
                    self.env._(
                        "Column “%(title)s”: an import does not add records of this kind by itself. Choose to refuse the row.",
                        title=line.title,
                    )
                )
            if line.is_key and (for_lines or field.type not in KEY_TYPES or not field.store or field.name in AUTHOR_FIELDS):
                raise KehuImportTemplateError(
                    self.env._(
                        "Column “%(title)s” cannot be a key: no record is found by it. Choose a code, a name or a number of the record.",
                        title=line.title,
                    )
                )

    def _kehu_allowed(self, field):
        if field.name in AUTHOR_FIELDS:
            return self.template_id.keep_author and "/" not in self.field_name
        return self._kehu_fillable(field) and field.name not in self.env[field.model_name]._kehu_import_hidden_fields()

    @api.model
    def _kehu_creatable_models(self):
        """Models whose records an import may add by name, on the administrator's word in the template: plain lists of words only."""
        return {"res.partner.industry", "kehu.dictionary.value"}

    # ---------------------------------------------------------------------------------------------------------------- for the import

    def _kehu_target(self):
        """Return what this column fills.

        :return: (False for a field of the row's own record, True for one of its contact person or line; the field or None)
        :rtype: tuple[bool, odoo.fields.Field or None]
        """
        self.ensure_one()
        model = self.env[self.template_id.model or "res.partner"]
        name, slash, below = (self.field_name or "").strip().partition("/")
        if not slash:
            return False, model._fields.get(name)
        lines = model._fields.get(name)
        if lines is None or lines.type != "one2many" or (model._name == "res.partner" and name != "child_ids"):
            return True, None
        if below == lines.inverse_name:
            return True, None
        return True, self.env[lines.comodel_name]._fields.get(below)

    def _kehu_prefix(self):
        """Return "child_ids/" for a column of the contact person, "" for one of the record itself."""
        name, slash, _below = self.field_name.partition("/")
        return f"{name}/" if slash else ""

    def _kehu_names(self):
        """Return other titles under which files bring this field: its labels in the installed languages and its technical name.

        :rtype: list[str]
        """
        for_lines, field = self._kehu_target()
        if field is None:
            return []
        names = [] if for_lines else [field.name]
        for lang in dict.fromkeys(["en_US", *(code for code, _name in self.env["res.lang"].get_installed())]):
            line = self.with_context(lang=lang)
            names.append(line._kehu_label())
            if not for_lines:
                names.append(field._description_string(line.env))
        return names

    def _kehu_label(self):
        """Name the field that this column fills in the user's words."""
        for_lines, field = self._kehu_target()
        label = field._description_string(self.env)
        return self._kehu_line_label(self.template_id.model, self.field_name.partition("/")[0], label) if for_lines else label

    @api.model
    def _kehu_to_utc(self, moment):
        """Return a moment of the person's time zone, as a cell holds it, as the database keeps it.

        :param datetime.datetime moment: without time zone, unless the cell tells one; None gives None
        :raises workbook.CellError: for a moment at the end of all calendars, which no zone can tell
        """
        if moment is None:
            return None
        try:
            if moment.tzinfo:  # the cell tells its own
                return moment.astimezone(pytz.utc).replace(tzinfo=None)
            return self.env.tz.localize(moment).astimezone(pytz.utc).replace(tzinfo=None)
        except (OverflowError, ValueError) as error:
            raise workbook.CellError("date") from error

    @api.model
    def _kehu_to_day(self, moment):
        """Return the day of a moment: as written, or in the person's time zone where the cell tells its own.

        :param datetime.datetime moment: None gives None
        :raises workbook.CellError: for a moment at the end of all calendars
        """
        if moment is None:
            return None
        try:
            return (moment.astimezone(self.env.tz) if moment.tzinfo else moment).date()
        except (OverflowError, ValueError) as error:
            raise workbook.CellError("date") from error

    # ------------------------------------------------------------------------------------------------------------- for the workbook

    def _kehu_hint(self):
        """Tell in a few words what goes into a cell of this column."""
        _for_lines, field = self._kehu_target()
        if field.type == "integer":
            hint = self.env._("A whole number.")
        elif field.type in ("float", "monetary"):
            hint = self.env._("A number.")
        elif field.type == "date":
            hint = self.env._("A date such as 2026-12-31.")
        elif field.type == "datetime":
            hint = self.env._("A date, with its time if you have it: 2026-12-31 09:30.")
        elif field.type == "boolean":
            hint = self.env._("是 or 否 (yes or no).")
        elif field.type == "selection":
            hint = self.env._("One of the choices offered.")
        elif field.type == "many2one" and self.unknown == "create":
            hint = self.env._("A name; one that is not known yet is added.")
        elif field.type == "many2many":
            hint = self.env._("Names of those that exist, with a semicolon between them.")
        elif field.type == "many2one":
            hint = self.env._("The name of one that exists.")
        else:
            hint = self.env._("Text.")
        if self.default_value:
            return self.env._("%(hint)s Empty means %(value)s.", hint=hint, value=self.default_value)
        return hint

    def _kehu_choices(self):
        """Return the words that a cell of this column may hold, when they are few enough for a drop-down list.

        :rtype: list[str]
        """
        _for_lines, field = self._kehu_target()
        if field.type == "selection":
            return [label for _value, label in field._description_selection(self.env)]
        if field.type == "boolean":
            return [self._kehu_boolean(True), self._kehu_boolean(False)]
        if field.type != "many2one":
            return []
        model = self.env[field.comodel_name]
        if not model.has_access("read"):
            return []
        domain = field.get_comodel_domain(self.env[field.model_name])
        if field.comodel_name == "res.country.state" and self.env.company.country_id:
            domain &= fields.Domain("country_id", "=", self.env.company.country_id.id)
        records = model.search(domain, limit=workbook.MAX_CHOICES + 1)
        names = [str(record[record._rec_name] or "") for record in records] if len(records) <= workbook.MAX_CHOICES else []
        return [name for name in dict.fromkeys(names) if name]

    @api.model
    def _kehu_boolean(self, value):
        """Return yes or no as an import reads them."""
        return self.env._("yes") if value else self.env._("no")

    def _kehu_format(self):
        """Return how the cells of this column are formatted: ``text`` (codes and phones keep their zeros), ``date``, ``datetime``,
        ``number`` or ``whole``."""
        _for_lines, field = self._kehu_target()
        kinds = {"date": "date", "datetime": "datetime", "integer": "whole", "float": "number", "monetary": "number"}
        return kinds.get(field.type, "text")

    def _kehu_sample(self):
        """Return what the sample row shows in this column.

        :rtype: str, float, int, datetime.date or None
        """
        _for_lines, field = self._kehu_target()
        samples = {
            "email": "name@example.com",
            "website": "www.example.com",
            "phone": "0512-66880000",
            "kehu_mobile": "13800000000",
            "ref": "SAMPLE-001",
            "default_code": "SAMPLE-001",
            "kehu_code": "SAMPLE-001",
            "kehu_login": "name@example.com",
            "kehu_floor_percent": 80.0,
            "kehu_discount_limit": 10.0,
            "work_email": "name@example.com",
            "mobile_phone": "13800000000",
            "work_phone": "0512-66880000",
            "zip": "215000",
        }
        if field.name in samples:
            return samples[field.name]
        if field.type in ("date", "datetime"):
            return fields.Date.context_today(self)
        if field.type == "integer":
            return 100
        if field.type in ("float", "monetary"):
            return 1000.0
        choices = self._kehu_choices()
        if choices:
            return choices[0]
        if field.name in ("name", self.env[field.model_name]._rec_name):
            return self.env._("Sample, not imported")
        return None
