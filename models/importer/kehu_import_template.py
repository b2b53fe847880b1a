import base64
import re
from urllib.parse import quote

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools import workbook, workbook_titles
from ..system.values import check_links_exist, check_types
from .exceptions import KehuImportRightError, KehuImportTemplateError

CHINESE = re.compile("[\u4e00-\u9fff]")


class KehuImportTemplate(models.Model):
    """Which column of a workbook fills which field, and what to do with rows that are known already.

    Managers make templates of their own; those of others they use and copy. An administrator changes all.
    """

    _name = "kehu.import.template"
    _description = "Import Template"
    _order = "sequence, id"
    _kehu_configuration = ("model_id", "name")

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    model_id = fields.Many2one(
        "ir.model",
        string="Imports",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env["ir.model"]._get("res.partner"),
        help="What a row of the workbook becomes.",
    )
    model = fields.Char(related="model_id.model", string="Model Name")
    model_choice = fields.Selection(
        selection="_selection_model_choice",
        string="Rows Become",
        compute="_compute_model_choice",
        readonly=False,
        help="What a row of the workbook becomes: records that you may create yourself.",
    )
    field_ids = fields.One2many("kehu.import.template.field", "template_id", string="Columns", copy=True)
    pick_path = fields.Char(
        string="Add a Column",
        compute="_compute_pick_path",
        readonly=False,
        help="Choose a field of the record, or of one of its lines: it becomes a column.",
    )
    workbook = fields.Binary(
        string="Empty Workbook",
        compute="_compute_workbook",
        export_string_translation=False,
        help="A workbook with the column titles of this template, to be filled and imported.",
    )

    # what to do with a row
    duplicate_mode = fields.Selection(
        [
            ("refuse", "List it as a problem"),
            ("update", "Update the one that exists"),
            ("skip", "Leave the row out"),
            ("create", "Create it all the same"),
        ],
        string="When Known Already",
        required=True,
        default="refuse",
        help="What to do with a row whose record exists already, by the key columns or, for customers, by the duplicate rules.",
    )
    keep_author = fields.Boolean(
        string="Keep Author and Dates",
        help="Who created a record and when is taken from the file, from columns for these two. For sales directors.",
    )

    # whose customers they become
    owner_rule = fields.Selection(
        [
            ("column", "Whom the file names, else the pool"),
            ("pool", "Nobody: all go to the pool"),
            ("me", "Whoever imports"),
            ("turn", "The members of the pool by turn"),
        ],
        string="Owner",
        required=True,
        default="column",
        help="Who gets new customers of an import. Limits and departments of the pool hold as when they are assigned by hand.",
    )
    target_pool_id = fields.Many2one(
        "kehu.pool",
        string="Pool",
        ondelete="restrict",
        help="The pool that new customers without an owner come into; empty for the pool that the rules choose.",
    )

    @api.depends_context("lang")
    def _compute_workbook(self):
        for template in self:
            template.workbook = template.build_workbook()

    @api.model
    def _selection_model_choice(self):
        """Kinds of records that an import can make and the person may create, named as the host names them."""
        names = [name for name, model in self.env.items() if model._kehu_importable() and model.has_access("create")]
        # sudo: ir.model - the name of a kind of record that the person may create
        labels = {name: self.env["ir.model"].sudo()._get(name).name for name in names}
        labels["res.partner"] = self.env._("Customer or Contact")
        choices = [(name, labels[name]) for name in names]
        return sorted(choices, key=lambda choice: (not choice[0].startswith(("res.partner", "product.")), choice[1], choice[0]))

    @api.depends("model_id")
    def _compute_model_choice(self):
        offered = {name for name, _label in self._selection_model_choice()}
        for template in self:
            template.model_choice = template.model if template.model in offered else False

    @api.onchange("model_choice")
    def _onchange_model_choice(self):
        if self.model_choice and self.model_choice != self.model:
            self.model_id = self.env["ir.model"]._get(self.model_choice)
            self.field_ids = False

    @api.depends("field_ids")
    def _compute_pick_path(self):
        self.pick_path = False

    @api.onchange("pick_path")
    def _onchange_pick_path(self):
        """Make a column of the chosen field, below the others."""
        path = (self.pick_path or "").replace(".", "/")
        self.pick_path = False
        if not path or not self.model:
            return None
        label = dict(self.field_ids._kehu_field_choices(self.model)).get(path)
        if label is None:
            return {
                "warning": {
                    "title": self.env._("No Column"),
                    "message": self.env._("An import cannot fill this field. Choose a field that a person fills on the form."),
                }
            }
        if path not in self.field_ids.mapped("field_name"):
            last = max(self.field_ids.mapped("sequence"), default=0)
            self.field_ids += self.field_ids.new({"title": label, "field_name": path, "sequence": last + 10})
        return None

    # --------------------------------------------------------------------------------------------------------------------- constraints

    @api.constrains("model_id")
    def _check_model(self):
        for template in self:
            if template.model not in self.env or not self.env[template.model]._kehu_importable():
                raise KehuImportTemplateError(
                    self.env._(
                        "Template “%(name)s” cannot import “%(model)s”: such records are made by the program, not by people. "
                        "Choose another kind of record.",
                        name=template.name,
                        model=template.model_id.name,
                    )
                )

    @api.constrains("model_id", "field_ids", "keep_author")
    def _check_titles(self):
        for template in self:
            template.field_ids._check_field_name()
            seen = {}
            for line in template.field_ids:
                if seen.setdefault(workbook_titles.fold_title(line.title), line) != line:
                    raise KehuImportTemplateError(
                        self.env._(
                            "Template “%(name)s” has two columns with the title “%(title)s”. Rename or remove one of them.",
                            name=template.name,
                            title=line.title,
                        )
                    )
            lists = {line.field_name.partition("/")[0] for line in template.field_ids if "/" in line.field_name}
            if len(lists) > 1:
                raise KehuImportTemplateError(
                    self.env._(
                        "Template “%(name)s” has columns of more than one list below the record. Make a template of its own for each.",
                        name=template.name,
                    )
                )

    @api.constrains("duplicate_mode", "field_ids")
    def _check_keys(self):
        for template in self:
            if template.duplicate_mode in ("update", "skip") and template.field_ids and not template._kehu_keys():
                raise KehuImportTemplateError(
                    self.env._(
                        "Template “%(name)s” is to find records that exist already, and no column tells it how. "
                        "Mark at least one column as key, such as a code.",
                        name=template.name,
                    )
                )

    @api.constrains("owner_rule", "target_pool_id", "model_id")
    def _check_owner_rule(self):
        for template in self:
            if template.owner_rule == "turn" and not template.target_pool_id:
                raise KehuImportTemplateError(
                    self.env._(
                        "Template “%(name)s” hands customers to the members of a pool by turn. Choose the pool.",
                        name=template.name,
                    )
                )

    # ------------------------------------------------------------------------------------------------------------------------ CRUD

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._kehu_choice_to_model(vals) for vals in vals_list]
        for vals in vals_list:
            self._kehu_check_rights(vals)
            check_types(self, vals, KehuImportTemplateError)
        check_links_exist(self, vals_list, KehuImportTemplateError)
        templates = super().create(vals_list)
        templates._kehu_bind_export()
        return templates

    def write(self, vals):
        vals = self._kehu_choice_to_model(vals)
        self._kehu_check_rights(vals)
        check_types(self, vals, KehuImportTemplateError)
        check_links_exist(self, [vals], KehuImportTemplateError)
        if "model_id" in vals:
            self._kehu_check_unused(vals["model_id"])
        result = super().write(vals)
        if {"model_id", "active"} & set(vals):
            self._kehu_bind_export()
        return result

    def _kehu_check_unused(self, model_id):
        """Refuse that a template which imports have used makes something else: rows of those imports name records by their number.

        :raises KehuImportTemplateError: naming the template
        """
        changed = self.filtered(lambda template: template.model_id.id != model_id)
        # sudo: kehu.import.batch - imports of everybody
        used = self.env["kehu.import.batch"].sudo().search([("template_id", "in", changed.ids)], limit=1).template_id
        if used:
            raise KehuImportTemplateError(
                self.env._(
                    "Imports were made with “%(name)s”, so its rows go on becoming the same. Copy it and change the copy.", name=used.name
                )
            )

    def copy_data(self, default=None):
        default = dict(default or {})
        vals_list = super().copy_data(default)
        if "name" not in default:
            for template, vals in zip(self, vals_list, strict=True):
                vals["name"] = self.env._("%(name)s (copy)", name=template.name)
        if not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_director"):
            for vals in vals_list:
                vals["keep_author"] = False
        return vals_list

    @api.model
    def _kehu_choice_to_model(self, vals):
        """Return the values with the kind of record that was chosen by its name as ``model_id``."""
        vals = {name: value for name, value in vals.items() if name != "pick_path"}
        choice = vals.pop("model_choice", None)
        if isinstance(choice, str) and choice in self.env:
            vals["model_id"] = self.env["ir.model"]._get_id(choice)
        return vals

    def _kehu_check_rights(self, vals):
        if vals.get("keep_author") and not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_director"):
            raise KehuImportRightError(
                self.env._(
                    "Who created a record and when is taken from a file only by templates of a sales director. "
                    "Ask one of them to switch “%(field)s” on.",
                    field=self._fields["keep_author"]._description_string(self.env),
                )
            )

    # -------------------------------------------------------------------------------------------------------------------- for the import

    def _kehu_keys(self):
        """Return the columns by which an existing record is found: the marked ones, else the usual key of the model.

        All of them together make the key: a record is the same when every key column has its value.
        """
        self.ensure_one()
        marked = self.field_ids.filtered("is_key")
        usual = self.env[self.model]._kehu_import_default_keys()
        return marked or self.field_ids.filtered(lambda line: line.field_name in usual)

    def _kehu_title_targets(self):
        """Return what ``tools/workbook_titles`` compares titles with; keys are ids of the columns of this template."""
        self.ensure_one()
        return [workbook_titles.TitleTarget(line.id, line.title, line._kehu_names(), line._kehu_target()[0]) for line in self.field_ids]

    def _kehu_match_titles(self, titles):
        """Propose which column of a file fills which column of this template, by title.

        :param list titles: texts of the title row, "" where there is none
        :return: {place of the column in the file from 0: (column of the template, score)}; 1.0 is the same title, 0.9 and more a usual
            name for it, less only alike
        :rtype: dict[int, tuple[kehu.import.template.field, float]]
        """
        lines = {line.id: line for line in self.field_ids}
        matched = workbook_titles.match_titles(titles, self._kehu_title_targets())
        return {place: (lines[key], score) for place, (key, score) in matched.items()}

    def _kehu_find_title_row(self, rows):
        """Return the number of the row with the column titles, among the first twenty of ``Book.rows``; 0 when there are none."""
        return workbook_titles.find_title_row(rows, self._kehu_title_targets())

    # -------------------------------------------------------------------------------------------------------------------- empty workbook

    def build_workbook(self):
        """Make the empty workbook of this template, to be filled and imported.

        Column titles (those that cannot be left empty with a star and in another colour), drop-down lists, cities by the province of the
        row, a sample row that an import leaves out as long as nobody changes it, and a sheet that explains the columns.

        :return: the .xlsx file, base64 as binary fields hold it
        :rtype: bytes
        """
        self.ensure_one()
        self.check_access("read")
        columns = self._kehu_columns()
        sample = [line._kehu_sample() for line in self.field_ids]
        content = workbook.write_book(columns, self._kehu_words(), sample=sample, places=self._kehu_places(columns))
        return base64.b64encode(content)

    def action_download(self):
        """Download the empty workbook of this template."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/kehu.import.template/{self.id}/workbook/{quote(self.name)}.xlsx?download=true",
            "target": "self",
        }

    def _kehu_columns(self):
        """Return the columns of a workbook of this template; that of a city knows that of its province."""
        lines = self.field_ids
        titles = self._kehu_shown_titles()
        columns = []
        for line in lines:
            columns.append(
                workbook.Column(
                    titles[line], line.required, line._kehu_label(), line._kehu_hint(), line._kehu_choices(), line._kehu_format(), None
                )
            )
        paths = {line.field_name: place for place, line in enumerate(lines)}
        for prefix in {line._kehu_prefix() for line in lines}:
            province = paths.get(f"{prefix}state_id")
            for name in ("city_id", "city"):
                city = paths.get(f"{prefix}{name}")
                if province is not None and city is not None:
                    columns[city] = columns[city]._replace(depends=province, choices=[])
        return columns

    def _kehu_shown_titles(self):
        """Return the titles of the columns for who reads the workbook.

        The shipped templates have Chinese titles. In other languages their columns are called as the fields that they fill, as long as
        an import with this template knows every column again by these names.

        :return: {column of the template: title}
        :rtype: dict[kehu.import.template.field, str]
        """
        titles = {line: line.title for line in self.field_ids}
        if (self.env.lang or "").startswith("zh"):
            return titles
        shipped = self.field_ids.get_external_id()
        for line, title in titles.items():
            if shipped.get(line.id, "").startswith("kehu_crm.") and CHINESE.search(title or ""):
                titles[line] = line._kehu_label()
        known = self._kehu_match_titles(list(titles.values()))
        if any(known.get(place, (None, 0))[0] != line for place, line in enumerate(titles)):
            return {line: line.title for line in self.field_ids}
        return titles

    def _kehu_places(self, columns):
        """Return {province: [cities]} of the company's country, when a column of this template asks for it.

        :rtype: dict[str, list[str]]
        """
        if not any(column.depends is not None for column in columns):
            return {}
        country = self.env.company.country_id
        places = {}
        cities = self.env["res.city"].search(Domain("country_id", "=", country.id), limit=workbook.MAX_CITIES, order="state_id, name")
        for city in cities:
            if city.state_id:
                places.setdefault(city.state_id.name, []).append(city.name)
        return {province: list(dict.fromkeys(names)) for province, names in places.items()}

    def _kehu_words(self):
        """Return the words of a workbook in the language of the person."""
        return workbook.HelpWords(
            self.name,
            self.env._("Columns"),
            [self.env._("Column"), self.env._("Needed"), self.env._("Fills"), self.env._("What goes in")],
            self.env._("yes"),
            self.env._("A sample. Write over it or delete it; as long as it stands unchanged, it is not imported."),
            [
                self.env._("The first sheet holds one row for each record; columns with a star cannot be left empty."),
                self.env._("Columns may be moved, left out or added; their titles stay as they are."),
                self.env._("Where a cell offers a list, other values are listed as problems by the check. Nothing is imported before."),
            ],
        )
