import ast

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from .exceptions import KehuAnalysisError, KehuAnalysisRightError
from .provider import words
from .report_sources import LABELS, SOURCES

UNITS = ("day", "week", "month", "quarter", "year")
MOST_MEASURES = 8
MOST_ROWS = 200
MOST_DOMAIN = 20_000  # letters of the conditions
QUESTION = ("name", "source", "domain", "period", "row", "column", "measures", "chart", "sort", "most")  # what the figures hang on


class KehuReport(models.Model):
    """A report that a person puts together: what is counted, told apart by what, under which conditions.

    ``row`` and ``column`` are names of a field, of dates with a step: ``user_id``, ``date_order:month``; ``measures`` is a list such as
    ``["__count", "amount_total:sum", "amount_total:avg", "partner_id:count_distinct"]``. What a source offers says `report_sources.py`.
    The figures are worked out by `kehu_report_figures.py` as whoever reads them.
    """

    _name = "kehu.report"
    _inherit = "kehu.report.shared"
    _description = "Own Report"
    _order = "name, id"

    source = fields.Selection(selection="_kehu_source_choices", string="Report On", required=True, default="customers")
    source_model = fields.Char(string="Records", compute="_compute_source_model", exportable=False)
    domain = fields.Char(string="Conditions", default="[]", help="Which of the records are counted. Empty: all that the reader may see.")
    period = fields.Selection(
        [
            ("all", "All Time"),
            ("this_month", "This Month"),
            ("last_month", "Last Month"),
            ("this_quarter", "This Quarter"),
            ("last_quarter", "Last Quarter"),
            ("this_year", "This Year"),
            ("last_year", "Last Year"),
            ("last_12_months", "Last 12 Months"),
        ],
        required=True,
        default="all",
    )
    moment_label = fields.Char(string="The Period Goes By", compute="_compute_source_model", exportable=False)
    row = fields.Char(string="Rows Tell Apart", required=True)
    column = fields.Char(string="Columns Tell Apart", help="Empty: the figures stand beside each other.")
    measures = fields.Json(
        string="Figures to Show", required=True, help="What is counted, added up or averaged. The chart shows the first."
    )
    chart = fields.Selection(
        [("bar", "Bar Chart"), ("line", "Line Chart"), ("pie", "Pie Chart"), ("none", "Table Only")], required=True, default="bar"
    )
    sort = fields.Selection(
        [("largest", "Largest First"), ("smallest", "Smallest First"), ("name", "In Their Own Order")],
        string="Order of the Rows",
        required=True,
        default="largest",
        help="By the first figure. Days, months and years keep their order.",
    )
    most = fields.Integer(string="Rows at Most", default=20, help="The others are put together in one row. 0: as many as possible.")
    choices = fields.Json(compute="_compute_choices", compute_sudo=False, exportable=False)

    # ------------------------------------------------------------
    # Sources
    # ------------------------------------------------------------

    @api.model
    def _kehu_sources(self):
        """Return what reports may be about; another add-on adds its own.

        :rtype: dict of name: Source
        """
        return {source.name: source for source in SOURCES}

    @api.model
    def _kehu_source_choices(self):
        """Return the sources that the person may read."""
        return [
            (source.name, words(self.env, source.label))
            for source in self._kehu_sources().values()
            if source.model in self.env and (self.env.su or self._kehu_records(source).has_access("read"))
        ]

    def _kehu_source(self):
        """:raises KehuAnalysisError: when it is about something that this database does not have
        :raises KehuAnalysisRightError: when it is not open to the person
        """
        self.ensure_one()
        source = self._kehu_sources().get(self.source)
        if not source or source.model not in self.env:
            raise KehuAnalysisError(
                self.env._(
                    "“%(report)s” is about something that is not installed any more. Choose what it is about.", report=self.name or ""
                )
            )
        if not self._kehu_records(source).has_access("read"):
            raise KehuAnalysisRightError(self.env._("“%(records)s” are not open to your role.", records=words(self.env, source.label)))
        return source

    @api.model
    def _kehu_records(self, source):
        """Return the model of a source as the person who asks, whoever called; dates are those of the company's time zone.

        The context is one of our own: with that of the client, names would tell more than names.
        """
        context = {
            "lang": self.env.lang,
            "tz": self.env.company.kehu_timezone or "UTC",
            "allowed_company_ids": self.env.companies.ids,
            "kehu_short_province": True,
        }
        return self.env(user=self.env.uid, context=context, su=False)[source.model]

    @api.depends("source")
    def _compute_source_model(self):
        sources = self._kehu_sources()
        for report in self:
            source = sources.get(report.source)
            report.source_model = source.model if source and source.model in self.env else False
            report.moment_label = False
            if report.source_model and source.moment:
                report.moment_label = report._kehu_label(self._kehu_records(source), source.moment)

    @api.depends("source")
    @api.depends_context("uid", "lang")
    def _compute_choices(self):
        for report in self:
            report.choices = report._kehu_offered()

    def _kehu_offered(self):
        """Return what the form offers for the source: ``groups`` and ``measures`` ([name, label]) and ``units`` (of dates).

        Nothing that the person may not read.
        """
        try:
            source = self._kehu_source()
        except (KehuAnalysisError, KehuAnalysisRightError):
            return {"groups": [], "measures": [], "units": []}
        records = self._kehu_records(source)
        found = [(name, field) for name in self._kehu_group_names(source) if (field := self._kehu_readable(records, name))]
        units = dict(self._kehu_unit_labels())
        return {
            "groups": [
                {"name": name, "label": self._kehu_label(records, name), "time": field.type in ("date", "datetime")}
                for name, field in found
            ],
            "measures": [{"name": name, "label": label} for name, (label, _kind) in self._kehu_known_measures(source, records).items()],
            "units": [{"name": name, "label": units[name]} for name in UNITS],
        }

    @api.model
    def _kehu_unit_labels(self):
        return [
            ("day", self.env._("by day")),
            ("week", self.env._("by week")),
            ("month", self.env._("by month")),
            ("quarter", self.env._("by quarter")),
            ("year", self.env._("by year")),
        ]

    @api.model
    def _kehu_group_names(self, source):
        """Return the fields of a source by which records are told apart, those that people added themselves included."""
        own = [
            name
            for name, field in self.env[source.model]._fields.items()
            if field.manual and field.store and field.type in ("many2one", "selection", "boolean", "date", "datetime")
        ]
        return [*source.groups, *sorted(own)]

    @api.model
    def _kehu_readable(self, records, path):
        """Return the field at the end of a path over many2one fields, or None when there is none or the person may not read it."""
        *links, last = path.split(".")
        for name in links:
            field = records._fields.get(name)
            if not field or field.type != "many2one" or not records._has_field_access(field, "read"):
                return None
            records = records.env[field.comodel_name]
            if not records.has_access("read"):
                return None
        field = records._fields.get(last)
        return field if field and records._has_field_access(field, "read") else None

    @api.model
    def _kehu_label(self, records, path):
        """Return the label of the field at the end of a path, in the language of the reader."""
        *links, last = path.split(".")
        if last in LABELS:
            return words(self.env, LABELS[last])
        for name in links:
            records = records.env[records._fields[name].comodel_name]
        return records.fields_get([last], ["string"])[last]["string"]

    @api.model
    def _kehu_known_measures(self, source, records):
        """Return the measures of a source that are open to the person.

        :rtype: dict of name: (label, kind), kind is money or number
        """
        known = {"__count": (self.env._("Number of Records"), "number")}
        own = [
            name
            for name, field in records._fields.items()
            if field.manual and field.store and field.type in ("integer", "float", "monetary")
        ]
        for name in (*source.numbers, *sorted(own)):
            field = self._kehu_readable(records, name)
            if field:
                kind, label = "money" if field.type == "monetary" else "number", self._kehu_label(records, name)
                known[f"{name}:sum"] = label, kind
                known[f"{name}:avg"] = self.env._("%(figure)s, average", figure=label), kind
        for name in source.different:
            if self._kehu_readable(records, name):
                label = self.env._("%(figure)s, different ones", figure=self._kehu_label(records, name))
                known[f"{name}:count_distinct"] = label, "number"
        return known

    # ------------------------------------------------------------
    # What is kept
    # ------------------------------------------------------------

    @api.onchange("source")
    def _onchange_source(self):
        """Begin with what makes sense for the records, when what is chosen does not."""
        source = self._kehu_sources().get(self.source)
        if not source:
            return
        offered = self._kehu_offered()
        groups = {one["name"] for one in offered["groups"]}
        measures = {one["name"] for one in offered["measures"]}
        if (self.row or "").partition(":")[0] not in groups or not set(self.measures or ()) & measures - {"__count"}:
            self.row = source.first[0]
            self.measures = [name for name in (source.first[1],) if name in measures] or ["__count"]
        if (self.column or "").partition(":")[0] not in groups:
            self.column = False
        self.measures = [name for name in self.measures if name in measures] or ["__count"]
        if self._origin.source != self.source:
            self.domain = "[]"

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        sources = self._kehu_sources()
        first = (sources.get(defaults.get("source")) or sources["customers"]).first
        for name, value in (("row", first[0]), ("measures", [first[1]])):
            if name in fields:
                defaults.setdefault(name, value)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        reports = super().create(vals_list)
        reports._kehu_check_question()
        return reports

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & set(QUESTION) - {"name"}:
            self._kehu_check_question()
        return result

    def _kehu_checked_values(self, vals):
        vals = super()._kehu_checked_values(vals)
        unreadable = KehuAnalysisError(self.env._("The report cannot be read. Choose rows and figures anew."))
        for name in ("row", "column", "domain"):
            if not isinstance(vals.get(name) or "", str):
                raise unreadable
        measures = vals.get("measures", ["__count"])
        if not isinstance(measures, list) or not measures or not all(isinstance(name, str) for name in measures):
            raise unreadable if measures else KehuAnalysisError(self.env._("Choose at least one figure."))
        if len(measures) > MOST_MEASURES or len(set(measures)) < len(measures):
            raise KehuAnalysisError(self.env._("Choose at most %(most)s figures, each once.", most=MOST_MEASURES))
        if "most" in vals and not 0 <= (vals["most"] or 0) <= MOST_ROWS:
            raise KehuAnalysisError(self.env._("Show at most %(most)s rows.", most=MOST_ROWS))
        return vals

    def _kehu_check_question(self):
        """Refuse what could not be answered to the person who saves it, in words that name what is wrong.

        :raises KehuAnalysisError: for fields, figures or conditions that the source does not have
        :raises KehuAnalysisRightError: for what the person may not read
        """
        for report in self.with_env(self.env):
            source = report._kehu_source()
            report._kehu_group(source, report.row)
            if report.column:
                report._kehu_group(source, report.column)
                if report.column.partition(":")[0] == report.row.partition(":")[0]:
                    raise KehuAnalysisError(
                        self.env._("“%(report)s”: rows and columns are the same. Choose other columns, or none.", report=report.name)
                    )
            report._kehu_measures(source)
            report._kehu_conditions(source)

    def _kehu_group(self, source, spec):
        """Read what rows or columns tell apart.

        :return: (path, field, unit or an empty text)
        :raises KehuAnalysisError: unless the source has it and the person may read it
        """
        path, _colon, unit = (spec or "").partition(":")
        records = self._kehu_records(source)
        field = self._kehu_readable(records, path) if path in self._kehu_group_names(source) else None
        is_time = field and field.type in ("date", "datetime")
        if not field or (unit not in UNITS if is_time else unit):
            raise KehuAnalysisError(
                self.env._(
                    "“%(report)s”: “%(field)s” is not there any more, or not open to you. Choose other rows or columns.",
                    report=self.name or "",
                    field=path,
                )
            )
        return path, field, unit

    def _kehu_measures(self, source):
        """:return: {name: (label, kind)} of the figures of this report, in their order
        :raises KehuAnalysisError: unless the source has them all and the person may read them
        """
        known = self._kehu_known_measures(source, self._kehu_records(source))
        names = self.measures if isinstance(self.measures, list) else []
        missing = next((str(name) for name in names if name not in known), None)
        if missing or not names:
            raise KehuAnalysisError(
                self.env._(
                    "“%(report)s”: the figure “%(figure)s” is not there any more, or not open to you. Choose other figures.",
                    report=self.name or "",
                    figure=(missing or "").partition(":")[0],
                )
            )
        return {name: known[name] for name in names}

    def _kehu_conditions(self, source):
        """Read the conditions of this report as a domain that the person may use.

        :rtype: Domain
        :raises KehuAnalysisError: when they cannot be read, or name a field that is gone
        :raises KehuAnalysisRightError: when they ask for what the person may not read
        """
        text = (self.domain or "").strip() or "[]"
        records = self._kehu_records(source)
        try:
            if len(text) > MOST_DOMAIN:
                raise ValueError
            found = ast.literal_eval(text)
            if not isinstance(found, list):
                raise ValueError
            domain = Domain(found)
            self._kehu_check_paths(records, domain)
            records._search(domain)
        except AccessError as error:
            raise KehuAnalysisRightError(
                self.env._("The conditions of “%(report)s” ask for what is not open to you.", report=self.name or "")
            ) from error
        except (ValueError, TypeError, SyntaxError, NotImplementedError, OverflowError, MemoryError, RecursionError) as error:
            raise self._kehu_unreadable() from error
        return domain

    def _kehu_unreadable(self):
        return KehuAnalysisError(self.env._("The conditions of “%(report)s” cannot be read. Choose them anew.", report=self.name or ""))

    def _kehu_check_paths(self, records, domain):
        """:raises KehuAnalysisError: when a condition names a field that is not there
        :raises KehuAnalysisRightError: when it names one that the person may not read, whatever it compares with
        """
        for condition in domain.iter_conditions():
            if condition.operator in ("child_of", "parent_of") and isinstance(condition.value, bool):
                raise self._kehu_unreadable()  # the host would compare numbers with it
            here = records
            for name in condition.field_expr.split("."):
                field = here._fields.get(name) if here is not None else None
                if not field:
                    raise KehuAnalysisError(
                        self.env._(
                            "The conditions of “%(report)s” ask for the field “%(field)s”, which is not there any more. Choose them anew.",
                            report=self.name or "",
                            field=condition.field_expr,
                        )
                    )
                self._kehu_check_readable(here, condition, field)
                here = here.env[field.comodel_name] if field.relational else None
                if field.type in ("date", "datetime", "properties"):
                    break  # what follows is a part of the date, or a property: the host reads it
            if isinstance(condition.value, Domain) and here is not None:
                self._kehu_check_paths(here, condition.value)

    def _kehu_check_readable(self, records, condition, field):
        if not records._has_field_access(field, "read") or not records.has_access("read"):
            raise KehuAnalysisRightError(
                self.env._(
                    "The conditions of “%(report)s” ask for “%(field)s”, which is not open to you.",
                    report=self.name or "",
                    field=condition.field_expr,
                )
            )

    # ------------------------------------------------------------
    # Acts
    # ------------------------------------------------------------

    def action_open(self):
        """Show the report with its figures."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id("kehu_crm.kehu_report_action_screen")
        return {**action, "name": self.name, "context": {"active_id": self.id, "active_model": self._name}}

    def action_copy(self):
        """Make a copy of one's own and open it to be changed."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.copy().id,
            "views": [[False, "form"]],
        }
