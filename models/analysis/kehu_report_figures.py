from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import mute_logger
from psycopg2 import DataError

from ...tools import analysis_period as periods
from ..system.engine import is_record_id
from .exceptions import KehuAnalysisError, KehuAnalysisRightError
from .kehu_analysis import MOST_IN_WORKBOOK
from .kehu_report import MOST_ROWS, QUESTION
from .provider import words

MOST_KEYS = 500  # ids in one condition
MOST_TIMES = 400  # rows of days, months …
MOST_COLUMNS = 12
MOST_TIME_COLUMNS = 36
NAMED = 5  # names in the text of a condition
CONDITIONS = ("preset", "date_from", "date_to", "department", "user")


class KehuReport(models.Model):
    """The figures of a report, always those of the person who reads them: record rules and field rights of the host hold.

    A report costs a fixed number of queries, however many records or groups there are: only the largest rows leave the database, the rest
    as one. Conditions of a page are a dictionary: ``preset`` (see `tools/analysis_period.py`; empty: as the report says), ``date_from``,
    ``date_to``, ``department`` and ``user`` (lists of ids).
    """

    _inherit = "kehu.report"

    # ------------------------------------------------------------
    # Calls
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_figures(self, question, conditions=None):
        """Work a report out for the person who asks.

        :param question: number of a report, or a dictionary of what its form holds, saved or not
        :param dict conditions: of a page, see the class
        :return: ``title``, ``source``, ``chart``, ``row`` and ``column`` ({label, time} or None), ``measures`` ([{name, label, kind}]),
            ``columns`` ([{key, label, is_others}]), ``rows`` ([{key, label, is_others, values: [number or None], cells: [[…]]}]) with one
            list of cells per column, ``total`` ({values, cells}), ``facts`` ([label, text]: conditions), ``notes`` (sentences); or
            ``title`` and ``error`` (a sentence) when it cannot be worked out
        :rtype: dict
        """
        report = self.browse()
        try:
            report = self._kehu_asked_report(question)
            return report._kehu_worked_out(conditions)
        except UserError as error:
            return {"title": report.name or "", "error": str(error)}

    @api.model
    @api.readonly
    def get_records(self, question, conditions=None, row=None, column=None):
        """Return an action that opens the records behind a cell, a row, a column or, without both, the total.

        :param list row: its key as the only element; None: all rows. ``column`` alike
        :raises KehuAnalysisError: when there is no such cell
        """
        report = self._kehu_asked_report(question)
        source, domain, _facts, _notes = report._kehu_read(conditions)
        records = self._kehu_records(source)
        labels = []
        for spec, chosen in ((report.row, row), (report.column, column)):
            if chosen is None:
                continue
            if not isinstance(chosen, list) or len(chosen) != 1 or not spec:
                raise KehuAnalysisError(self.env._("These records cannot be found. Load the report again."))
            group = report._kehu_group(source, spec)
            key = report._kehu_key(group, chosen[0])
            domain &= report._kehu_is(group, key)
            labels.append((group, key))
        # names are told only to those who see a record that bears them: the key comes from the client
        if labels and not report._kehu_asked_database(lambda: records.search_count(domain, limit=1)):
            raise KehuAnalysisError(self.env._("These records cannot be found. Load the report again."))
        names = " · ".join(report._kehu_labels(group, [key])[key] for group, key in labels)
        title = report.name or words(self.env, source.label)
        title = f"{title}: {names}" if names else title
        action = self.env["ir.actions.act_window"]._for_xml_id(source.action) if source.action else {}
        return {
            "type": "ir.actions.act_window",
            "res_model": source.model,
            "views": [[False, "list"], [False, "form"]],
            **action,
            "name": title,
            "display_name": title,
            "domain": list(domain),
            "context": {"create": False},
        }

    @api.model
    @api.readonly
    def get_view_action(self, question, conditions=None, kind="pivot"):
        """Return an action that opens the same question in the host's pivot or graph, to turn and unfold it freely."""
        report = self._kehu_asked_report(question)
        source, domain, _facts, _notes = report._kehu_read(conditions)
        fields_of = self.env[source.model]._fields
        groups = [spec for spec in (report.row, report.column) if spec and "." not in spec]  # the host's views know no paths
        measures = [name.partition(":")[0] for name in report.measures]
        measures = [name for name in dict.fromkeys(measures) if name == "__count" or fields_of[name].aggregator]
        views = ("graph", "pivot") if kind == "graph" else ("pivot", "graph")
        return {
            "type": "ir.actions.act_window",
            "name": report.name,
            "res_model": source.model,
            "views": [[False, view] for view in (*views, "list", "form")],
            "domain": list(domain),
            "context": {
                "create": False,
                "pivot_measures": measures or ["__count"],
                "pivot_row_groupby": groups[:1],
                "pivot_column_groupby": groups[1:],
                "graph_measure": (measures or ["__count"])[0],
                "graph_mode": report.chart if report.chart in ("line", "pie") else "bar",
                "graph_groupbys": groups,
            },
        }

    @api.model
    def _kehu_asked_report(self, question):
        """Return the report that a client asks for, a record or one that is being written.

        :raises KehuAnalysisError: when there is none that the person may read
        :raises KehuAnalysisRightError: when reports are not open to the person at all
        """
        if not self.browse().has_access("read"):
            raise KehuAnalysisRightError(self.env._("Reports are not open to your role."))
        if is_record_id(question):
            report = self.browse(question).exists()
            if report and report.has_access("read"):
                return report
            raise KehuAnalysisError(self.env._("This report was deleted, or is not shared with you."))
        if not isinstance(question, dict) or not question.keys() <= set(QUESTION):
            raise KehuAnalysisError(self.env._("The report cannot be read. Choose rows and figures anew."))
        values = {name: value for name, value in question.items() if name != "name" or value}
        return self.new({"source": "customers", **self._kehu_checked_values(values)})

    # ------------------------------------------------------------
    # Conditions
    # ------------------------------------------------------------

    def _kehu_read(self, conditions):
        """Read what is counted: the records of the source, under the conditions of the report and of the page.

        :return: source, domain, facts ([label, text]) and notes (sentences)
        :raises KehuAnalysisError: when the conditions make no sense
        """
        self.ensure_one()
        conditions = conditions or {}
        if not isinstance(conditions, dict) or not conditions.keys() <= set(CONDITIONS):
            raise KehuAnalysisError(self.env._("The conditions cannot be read. Open the page again."))
        source = self._kehu_source()
        own = self._kehu_conditions(source)
        facts, notes = [[self.env._("Report On"), words(self.env, source.label)]], []
        period = self._kehu_period(conditions)
        domain = Domain(list(source.domain)) & own
        if any(period):
            domain &= self._kehu_span(source.moment, self.env[source.model]._fields, *period)
            label = self._kehu_label(self._kehu_records(source), source.moment)
            facts.append([label, self.env["kehu.analysis"]._kehu_period_text(period)])
        for name, path, model, label in (
            ("department", source.department, "hr.department", self.env._("Department")),
            ("user", source.person, "res.users", self.env._("Person")),
        ):
            ids = conditions.get(name) or []
            if not isinstance(ids, list) or len(ids) > MOST_KEYS or not all(is_record_id(number) for number in ids):
                raise KehuAnalysisError(self.env._("The conditions cannot be read. Open the page again."))
            if not ids:
                continue
            if not path or not self._kehu_readable(self._kehu_records(source), path):
                notes.append(
                    self.env._(
                        "“%(records)s” have no %(condition)s: all are counted.", records=words(self.env, source.label), condition=label
                    )
                )
                continue
            domain &= Domain(path, "in", self.env["kehu.analysis"]._kehu_below(model, ids))
            facts.append([label, self._kehu_names(model, ids)])
        if not own.is_true():
            facts.append([self.env._("Conditions"), self._kehu_domain_text(self._kehu_records(source), own)])
        return source, domain, facts, notes

    def _kehu_period(self, conditions):
        """:return: first and last day of the page, otherwise of the report; None where open"""
        analyses = self.env["kehu.analysis"]
        preset = conditions.get("preset") or self.period or "all"
        if preset not in periods.PRESETS:
            raise KehuAnalysisError(self.env._("The conditions cannot be read. Open the page again."))
        days = (analyses._kehu_day(conditions.get(name)) for name in ("date_from", "date_to"))
        period = periods.resolve(preset, self.env.company._kehu_today(), *days)
        if all(period) and period[0] > period[1]:
            raise KehuAnalysisError(self.env._("The period ends before it begins. Choose an end after the beginning."))
        return period

    def _kehu_span(self, path, known, first, last):
        """Return the domain of a date or moment between two days, both included, None: open; in the time zone of the company."""
        *links, name = path.split(".")
        for link in links:
            known = self.env[known[link].comodel_name]._fields
        begins = self.env.company._kehu_midnight if known[name].type == "datetime" else fields.Date.to_date
        domain = Domain.TRUE
        if first:
            domain &= Domain(path, ">=", begins(first))
        if last:
            domain &= Domain(path, "<", begins(last + timedelta(days=1)))
        return domain

    def _kehu_names(self, model, ids):
        """Return the names of records that the person may read; “…” stands for the others."""
        records = self.env[model].with_context(active_test=False)
        readable = records.search([("id", "in", ids)], limit=NAMED) if records.has_access("read") else records
        return "、".join([*readable.mapped("display_name"), *(["…"] if len(readable) < len(set(ids)) else [])])

    def _kehu_domain_text(self, records, domain):
        """Return conditions as people read them: labels, signs, names."""
        operator = getattr(domain, "OPERATOR", None)
        if operator in ("&", "|"):
            word = self.env._("and") if operator == "&" else self.env._("or")
            parts = [self._kehu_domain_text(records, child) for child in domain.children]
            return f" {word} ".join(f"({part})" if len(parts) > 1 and operator == "|" else part for part in parts)
        if operator == "!":
            return self.env._("not (%(condition)s)", condition=self._kehu_domain_text(records, domain.child))
        if not hasattr(domain, "field_expr"):
            return ""
        labels, here, field = [], records, None
        for name in domain.field_expr.split("."):
            if here is None or name not in here._fields:
                break
            field = here._fields[name]
            labels.append(self._kehu_label(here, name))
            here = here.env[field.comodel_name] if field.relational else None
        sign = {"in": "=", "not in": "≠", "!=": "≠", ">=": "≥", "<=": "≤", "ilike": "~", "not ilike": "≁"}
        sign = sign.get(domain.operator, domain.operator)
        return f"{' › '.join(labels)} {sign} {self._kehu_value_text(field, here, domain.value)}"

    def _kehu_value_text(self, field, comodel, value):
        if isinstance(value, Domain):
            return f"({self._kehu_domain_text(comodel, value)})" if comodel is not None else ""
        values = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
        if comodel is not None and values and all(is_record_id(one) for one in values):
            return self._kehu_names(comodel._name, values)
        known = dict(field._description_selection(self.env)) if field.type == "selection" else {}
        words_of = {True: self.env._("yes"), False: self.env._("no") if field.type == "boolean" else self.env._("not set")}
        texts = [words_of[one] if isinstance(one, bool) else str(known.get(one, one)) for one in values[:NAMED]]
        return "、".join([*texts, *(["…"] if len(values) > NAMED else [])])

    # ------------------------------------------------------------
    # Groups
    # ------------------------------------------------------------

    def _kehu_key(self, group, key):
        """Read the key of a row or column that a client sent.

        :return: the first day of a time, the number of a record, a name of a choice, a boolean; False: not set
        """
        _path, field, unit = group
        if key is None or key is False:
            return False
        if unit:
            day = self.env["kehu.analysis"]._kehu_day(key)
            if day:
                return day if unit == "week" else periods.buckets(day, day, unit)[0]
        elif field.type == "many2one" and is_record_id(key):
            return key
        elif field.type == "boolean" and key is True:
            return True
        elif field.type == "selection" and isinstance(key, str) and key in dict(field._description_selection(self.env)):
            return key
        raise KehuAnalysisError(self.env._("These records cannot be found. Load the report again."))

    def _kehu_is(self, group, key):
        """Return the domain of the records with a key."""
        path, _field, unit = group
        if unit and key:
            after = key + (timedelta(days=7) if unit == "week" else relativedelta(days=1))
            if unit not in ("day", "week"):
                after = key + relativedelta(months=periods.MONTHS[unit])
            return self._kehu_span(path, self.env[self._kehu_source().model]._fields, key, after - timedelta(days=1))
        return Domain(path, "=", key)

    def _kehu_plain_key(self, value):
        """:return: a key of `_read_group` as plain data; False: not set"""
        if isinstance(value, models.BaseModel):
            return value.id or False
        if isinstance(value, datetime):
            return value.date()
        return value if value is not None else False

    def _kehu_labels(self, group, keys):
        """:return: {key: text}, in the order of the keys"""
        _path, field, unit = group
        empty = self.env._("Not set")
        if unit == "week":
            return {key: self.env._("Week of %(day)s", day=key.isoformat()) if key else empty for key in keys}
        if unit:
            return {key: periods.bucket_label(key, unit) if key else empty for key in keys}
        if field.type == "boolean":
            return {key: self.env._("Yes") if key else self.env._("No") for key in keys}
        if field.type == "selection":
            known = dict(field._description_selection(self.env))
            return {key: str(known.get(key, key)) if key else empty for key in keys}
        # a context of our own: with that of the client, names would tell addresses, tax numbers and customers as well
        bare = {"lang": self.env.lang, "allowed_company_ids": self.env.companies.ids, "active_test": False, "kehu_short_province": True}
        # sudo: names of what the figures are told apart by; the person may see the records that bear them
        records = self.env(context=bare, su=True)[field.comodel_name]
        names = {one.id: one.display_name for one in records.search_fetch([("id", "in", [key for key in keys if key])], ["display_name"])}
        return {key: names.get(key) or empty for key in keys}

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------

    def _kehu_worked_out(self, conditions, most=None):
        """Work the report out so that the transaction goes on when it fails; see :meth:`_kehu_figures`.

        :raises KehuAnalysisError: also for conditions at which the database stumbles
        """
        return self._kehu_asked_database(lambda: self._kehu_figures(conditions, most))

    def _kehu_asked_database(self, ask):
        """Return what a function finds; the transaction goes on when the database stumbles at the conditions.

        :raises KehuAnalysisError: then
        """
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint(flush=False):
                return ask()
        except (DataError, ValueError) as error:  # a number beyond all numbers, a letter that no text has
            raise self._kehu_unreadable() from error

    def _kehu_figures(self, conditions=None, most=None):
        """Work the report out; see :meth:`get_figures`.

        :param int most: rows, instead of what the report says
        """
        source, domain, facts, notes = self._kehu_read(conditions)
        records = self._kehu_records(source)
        row = self._kehu_group(source, self.row)
        column = self._kehu_group(source, self.column) if self.column else None
        measures = self._kehu_measures(source)
        adder = _Adder(records, measures)
        total = adder.total(domain)
        if adder.is_mixed:
            notes.append(
                self.env._(
                    "Amounts in other currencies are converted to %(currency)s at the rate of today.",
                    currency=self.env.company.currency_id.name,
                )
            )
        keys, by_row, has_rest = self._kehu_axis(adder, domain, self.row, row, most or self.most or MOST_ROWS, MOST_TIMES)
        columns, by_column, has_more = [], {}, False
        if column:
            columns, by_column, has_more = self._kehu_axis(adder, domain, self.column, column, MOST_COLUMNS, MOST_TIME_COLUMNS)
        in_rows, no_row = Domain.TRUE, Domain.FALSE
        if has_rest:
            in_rows, no_row = Domain(row[0], "in", keys), Domain(row[0], "not in", keys)
            by_row[None] = adder.total(domain & no_row)
        cells = {}
        if column:
            in_columns, no_column = Domain.TRUE, Domain.FALSE
            if has_more:
                in_columns, no_column = Domain(column[0], "in", columns), Domain(column[0], "not in", columns)
                by_column[None] = adder.total(domain & no_column)
            found = adder.groups(domain & in_rows & in_columns, [self.row, self.column])
            cells = {tuple(map(self._kehu_plain_key, key)): values for key, values in found}
            if has_more:
                found = adder.groups(domain & in_rows & no_column, [self.row])
                cells.update({(self._kehu_plain_key(key[0]), None): values for key, values in found})
            if has_rest:
                found = adder.groups(domain & no_row & in_columns, [self.column])
                cells.update({(None, self._kehu_plain_key(key[0])): values for key, values in found})
            if has_rest and has_more:
                cells[None, None] = adder.total(domain & no_row & no_column)
        all_columns = [*columns, *([None] if has_more else [])]
        others = self.env._("All others")
        row_labels = {**self._kehu_labels(row, keys), None: others}
        column_labels = {**(self._kehu_labels(column, columns) if column else {}), None: others}
        blank = adder.blank

        def shown(key):
            return key.isoformat() if isinstance(key, date) else key

        return {
            "title": self.name or words(self.env, source.label),
            "source": words(self.env, source.label),
            "chart": self.chart or "bar",
            "row": {"label": self._kehu_label(records, row[0]), "time": bool(row[2])},
            "column": {"label": self._kehu_label(records, column[0]), "time": bool(column[2])} if column else None,
            "measures": [{"name": name, "label": label, "kind": kind} for name, (label, kind) in measures.items()],
            "columns": [{"key": shown(key), "label": column_labels[key], "is_others": key is None} for key in all_columns],
            "rows": [
                {
                    "key": shown(key),
                    "label": row_labels[key],
                    "is_others": key is None,
                    "values": by_row.get(key, blank),
                    "cells": [cells.get((key, one), blank) for one in all_columns],
                }
                for key in [*keys, *([None] if has_rest else [])]
            ],
            "total": {"values": total, "cells": [by_column.get(one, blank) for one in all_columns]},
            "facts": facts,
            "notes": notes,
            "currency_id": self.env.company.currency_id.id,
            "company": self.env.company.name,
        }

    def _kehu_axis(self, adder, domain, spec, group, most, most_times):
        """Find the rows, or the columns, that are shown.

        :return: their keys in order, {key: values}, whether there are others
        :raises KehuAnalysisError: for more days, months … than can be shown
        """
        _path, field, unit = group
        if unit:
            order, limit = spec, most_times
        elif self.sort == "name":
            order, limit = spec, most
        else:
            # the smallest number of a record decides between equals: the same ones at every reading
            order, limit = f"{adder.order} {'asc' if self.sort == 'smallest' else 'desc'} nulls last, id:min", most
        # averages of several currencies come in their order once they are converted
        converted = adder.is_mixed and adder.is_average and not unit and self.sort != "name"
        found = adder.groups(domain, [spec], order=order, limit=MOST_IN_WORKBOOK if converted else limit + 1)
        figures = {self._kehu_plain_key(key[0]): values for key, values in found}
        has_rest = len(figures) > limit
        if unit and has_rest:
            raise KehuAnalysisError(
                self.env._(
                    "“%(report)s”: “%(field)s” has more than %(most)s steps. Choose longer steps or a shorter period.",
                    report=self.name or "",
                    field=self._kehu_label(adder.records, group[0]),
                    most=limit,
                )
            )
        keys = list(figures) if converted else list(figures)[:limit]
        if unit:
            keys = self._kehu_in_time(keys, unit, most_times)
        elif self.sort == "name":
            if field.type == "selection":
                places = {name: place for place, (name, _label) in enumerate(field._description_selection(self.env))}
                keys.sort(key=lambda key: places.get(key, len(places)))
        else:
            downward = -1 if self.sort != "smallest" else 1
            keys.sort(key=lambda key: (figures[key][0] is None, downward * (figures[key][0] or 0)))
            keys = keys[:limit]
        return keys, {key: figures[key] for key in keys if key in figures}, has_rest

    def _kehu_in_time(self, keys, unit, most):
        """Put days, months … in order, those in between without records too, unless they would be too many."""
        days = sorted(key for key in keys if key)
        if days and unit == "week":
            steps = (days[-1] - days[0]).days // 7 + 1
            filled = [days[0] + timedelta(days=7 * number) for number in range(steps)] if steps <= most else days
        elif days and (days[-1] - days[0]).days <= most * 366:
            filled = periods.buckets(days[0], days[-1], unit)
        else:
            filled = days
        return [*(filled if len(filled) <= most else days), *([False] if False in keys else [])]


class _Adder:
    """Asks the database for the measures of a report and makes plain numbers of the answers.

    Amounts are added up in the currency of the company, each converted at the rate of today: several currencies are never added blindly.
    """

    def __init__(self, records, measures):
        self.records = records
        self.specs = []
        self.recipes = []  # per measure: kind, function, whether amounts are converted, places of its aggregates
        company = records.env.company
        self.digits = company.currency_id.decimal_places
        self.currencies = []
        is_money = False
        for name, (_label, kind) in measures.items():
            field, _colon, function = name.partition(":")
            currency = kind == "money" and self._currency(records._fields[field])
            wanted = [name]
            if currency:
                is_money = True
                wanted = [f"{field}:sum_currency", *([f"{field}:count"] if function == "avg" else [])]
                self.currencies.append(f"{currency}:array_agg_distinct")
            self.recipes.append((kind, function, bool(currency), [self._place(spec) for spec in wanted]))
        first = next(iter(measures))
        _kind, function, is_converted, places = self.recipes[0]
        self.is_average = function == "avg"
        self.order = first if function == "avg" or not is_converted else self.specs[places[0]]
        self.currencies = list(dict.fromkeys(self.currencies))
        self.is_mixed = False
        self.rate = 1.0
        if is_money:
            today = fields.Date.context_today(records)
            # the host adds up in the currency with the rate 1
            self.rate = company.currency_id._get_rates(company.root_id, today).get(company.currency_id.id) or 1.0
        self.blank = [None if function == "avg" else 0 for _kind, function, _converted, _places in self.recipes]

    def _currency(self, field):
        """:return: the field with the currency of an amount; nothing when it is not kept, but always that of the company"""
        name = field.get_currency_field(self.records)
        return name if name and self.records._fields[name]._description_groupable(self.records.env) else None

    def _place(self, spec):
        if spec not in self.specs:
            self.specs.append(spec)
        return self.specs.index(spec)

    def total(self, domain):
        """:return: the measures of all records of a domain"""
        found = self.records._read_group(domain, [], [*self.specs, *self.currencies])[0]
        company = self.records.env.company.currency_id.id
        if any(number and number != company for numbers in found[len(self.specs) :] for number in numbers or ()):
            self.is_mixed = True
        return self._numbers(found)

    def groups(self, domain, specs, **named):
        """:return: [(keys of the groups, measures)]"""
        found = self.records._read_group(domain, specs, self.specs, **named)
        return [(line[: len(specs)], self._numbers(line[len(specs) :])) for line in found]

    def _numbers(self, values):
        numbers = []
        for kind, function, is_converted, places in self.recipes:
            value = values[places[0]]
            if function == "avg" and (value is None or value is False or (len(places) == 2 and not values[places[1]])):
                numbers.append(None)
                continue
            number = float(value or 0)
            if is_converted:
                number *= self.rate / (values[places[1]] if len(places) == 2 else 1)
            # six decimals first: half a cent must not fall by the order in which floats were added
            number = round(round(number, 6), self.digits if kind == "money" else 6)
            numbers.append(int(number) if number.is_integer() and kind != "money" else number)
        return numbers
