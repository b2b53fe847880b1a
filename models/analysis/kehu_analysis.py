from textwrap import shorten

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date, format_datetime
from odoo.tools.float_utils import float_is_zero

from ...tools import analysis_period as periods
from ..system.engine import is_record_id
from .exceptions import KehuAnalysisError, KehuAnalysisRightError
from .provider import TIMES, find, words

MOST_ROWS = 200  # rows on the screen; what is beyond is one row “others”
MOST_KEYS = 500  # ids in one condition
MOST_BUCKETS = 400
MOST_LETTERS = 5000  # of a key that is a text
LABEL = 80  # letters of such a key that are shown
MOST_IN_WORKBOOK = 20_000  # rows
YEARS = 1970, 2999  # of days that conditions may name


class KehuAnalysis(models.AbstractModel):
    """The calls of the screen of analyses. It stores nothing; what a person gets is what the record rules of the documents let them see.

    Conditions are a dictionary: ``preset`` (see `tools/analysis_period.py`), ``date_from`` and ``date_to`` (texts, of the preset "custom"),
    ``comparison`` (none, last_year, last_period) and, by the name of a dimension, a list of ids: ``user``, ``department`` (with those
    below), ``region``, ``state``, ``city``, ``level``, ``category`` (with those below). Unknown names are refused.
    """

    _name = "kehu.analysis"
    _description = "Analysis"

    # ------------------------------------------------------------
    # Calls
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def get_setup(self, name):
        """What the screen of an analysis needs to know.

        :param str name: of the analysis
        :return: ``title``, ``formula``, ``chart``, ``dimensions``, ``measures`` and ``extra`` (name, label …; ``shares``: rows have a share
            of the total), ``fields`` (conditions:
            name, label, model), ``conditions`` (those that this person used last), ``dimension``, ``measure``, ``filters`` (kept ones:
            id, name, own), ``can_export``, ``company``, ``departments`` (with whom the person may share: id, name)
        :rtype: dict
        :raises KehuAnalysisRightError: when the person may not see it
        """
        analysis = self._kehu_analysis(name)
        filters = self.env["kehu.analysis.filter"]
        last = filters._kehu_last(name)
        defaults = {"preset": analysis.preset, "comparison": analysis.comparison}
        dimensions, measures = analysis.known_dimensions, analysis.known_measures
        return {
            "title": words(self.env, analysis.title),
            "formula": words(self.env, analysis.formula),
            "chart": analysis.chart,
            "has_period": analysis.has_period,
            "dimensions": [{"name": key, "label": words(self.env, dimensions[key].label)} for key in analysis.dimensions],
            "measures": [
                {
                    "name": key,
                    "label": words(self.env, measures[key].label),
                    "kind": measures[key].kind,
                    "shares": measures[key].shares,
                }
                for key in analysis.measures
            ],
            "extra": [{"name": key, "label": words(self.env, measures[key].label), "kind": measures[key].kind} for key in analysis.extra],
            "fields": [
                {
                    "name": key,
                    "label": words(self.env, dimensions[key].label),
                    "model": dimensions[key].model,
                    "domain": self._kehu_choices(key),
                }
                for key in analysis.conditions
            ],
            "defaults": defaults,
            "conditions": {**defaults, **last.get("conditions", {})},
            "dimension": last.get("dimension") if last.get("dimension") in analysis.dimensions else analysis.dimensions[0],
            "measure": last.get("measure") if last.get("measure") in analysis.measures else analysis.measures[0],
            "filters": filters._kehu_kept(name),
            # sudo: hr.department - names of the person's own departments, whichever companies are active
            "departments": [{"id": department.id, "name": department.display_name} for department in filters._kehu_teams().sudo()],
            "can_export": self._kehu_may_export(),
            "company": self.env.company.name,
            "currency_id": self.env.company.currency_id.id,
        }

    @api.model
    @api.readonly
    def get_figures(self, name, conditions, dimension, measure):
        """Add up.

        :param str name: of the analysis
        :param dict conditions: see the class
        :param str dimension: what is told apart
        :param str measure: what rows are sorted by, the largest first; times keep their order
        :return: ``rows``: [{key, label, values: {measure: number}, share (% of the total, None for what cannot be added up),
            before (number or None), growth (% or None)}], ``total`` ({measure: number}), ``before`` (number or None), ``growth``,
            ``others`` (how many rows the last one, ``is_others``, stands for), ``period``, ``compared``, ``fresh`` (texts), ``notes``
            (sentences about the state of the figures, usually none)
        :rtype: dict
        """
        analysis = self._kehu_analysis(name)
        return self._kehu_get_figures(analysis, self._kehu_conditions(analysis, conditions), dimension, measure, MOST_ROWS)

    @api.model
    @api.readonly
    def get_records(self, name, conditions, dimension=None, key=None, measure=None):
        """Return an action that opens the records behind a row, or behind the total without ``dimension``, as this person.

        :param key: of the row: a number of a record, a day as text, a name of a choice, False or None for what is not set
        :param str measure: the figure that was clicked: some count only some of the records
        :raises KehuAnalysisError: when there is no such row, or this person finds no record with that number
        """
        analysis = self._kehu_analysis(name)
        resolved = self._kehu_conditions(analysis, conditions)
        period, filters = resolved["period"], dict(resolved["filters"])
        label = ""
        clicked = analysis.measure(self.env, measure) if measure else None
        if dimension:
            chosen = analysis.dimension(self.env, dimension)
            number = self._kehu_key(chosen, key)
            if chosen.name in TIMES:
                first, last = periods.span(number, chosen.name)
                period = max(first, period[0] or first), min(last, period[1] or last)
            else:
                if chosen.name in filters and number not in filters[chosen.name]:
                    raise KehuAnalysisError(self.env._("These records are outside the conditions. Load the analysis again."))
                filters[chosen.name] = [number]
        model, action, domain = analysis.behind(self.env, period, filters, clicked)
        if not self.env[model].has_access("read"):
            raise KehuAnalysisRightError(self.env._("The records behind this figure are not open to your role."))
        if dimension:
            # a name is told only to those who see a record that bears it: the number comes from the client
            holder, _action, seen = analysis.behind(self.env, period, filters, None)
            bearers = self.env[holder].with_context(active_test=False)
            if chosen.model and not chosen.ordered and number and not bearers.search_count(seen, limit=1):
                raise KehuAnalysisError(self.env._("These records cannot be found. Load the analysis again."))
            label = self._kehu_labels(chosen, [number])[number]
        title = words(self.env, analysis.title)
        shown = {
            "type": "ir.actions.act_window",
            "res_model": model,
            "views": [[False, "list"], [False, "form"]],
        }
        if action:
            shown = self.env["ir.actions.act_window"]._for_xml_id(action)
        return {
            **shown,
            "name": f"{title}: {label}" if label else title,
            "domain": list(domain),
            "context": {"create": False},
        }

    @api.model
    @api.readonly
    def check_total(self, name, conditions):
        """Compare the total with what the host adds up from the records that this person may search.

        :return: ``agrees``, ``text`` (a sentence for the screen), ``figures``: [{label, kind, ours, host}]
        :rtype: dict
        """
        analysis = self._kehu_analysis(name)
        resolved = self._kehu_conditions(analysis, conditions)
        found = analysis.check(self.env, resolved["period"], resolved["filters"])
        digits = self.env.company._kehu_digits()
        agrees = all(float_is_zero(ours - host, precision_digits=digits) for ours, host in found.values())
        if agrees:
            text = words(self.env, analysis.agreement)
        else:
            text = self.env._(
                "The total differs from the records. Tell a CRM administrator, who adds up the analyses again from the menu Configuration."
            )
        measures = analysis.known_measures
        return {
            "agrees": agrees,
            "text": text,
            "figures": [
                {"label": words(self.env, measures[key].label), "kind": measures[key].kind, "ours": ours, "host": host}
                for key, (ours, host) in found.items()
            ],
        }

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def _kehu_analysis(self, name):
        """:raises KehuAnalysisError: when there is no such analysis
        :raises KehuAnalysisRightError: when the person may not see it
        """
        analysis = find(self.env, name)
        if not analysis:
            raise KehuAnalysisError(self.env._("There is no such analysis. Open it from the menu."))
        if not self.env.user.has_groups(",".join(analysis.groups)):
            raise KehuAnalysisRightError(self.env._("“%(title)s” is not open to your role.", title=words(self.env, analysis.title)))
        return analysis

    def _kehu_may_export(self):
        return self.env.user.has_group("base.group_allow_export")

    # ------------------------------------------------------------
    # Conditions
    # ------------------------------------------------------------

    def _kehu_choices(self, name):
        """Return the domain of what a condition offers."""
        dictionaries = {"region": "customer_region"}
        if name in dictionaries:
            return [("dictionary", "=", dictionaries[name])]
        if name == "user":
            return [("share", "=", False)]
        if name == "state":
            return [("country_id", "=", (self.env.company.country_id or self.env.ref("base.cn")).id)]
        return []

    def _kehu_conditions(self, analysis, conditions):
        """Read the conditions that a client sent.

        :return: ``period``, ``back`` (how far the period compared with lies back, or None), ``filters``
        :raises KehuAnalysisError: when they make no sense
        """
        if not isinstance(conditions, dict):
            raise KehuAnalysisError(self.env._("The conditions cannot be read. Open the analysis again."))
        preset = conditions.get("preset") or analysis.preset
        comparison = conditions.get("comparison") or "none"
        if not analysis.has_period:
            preset, comparison = "all", "none"
        names = {"preset", "comparison", "date_from", "date_to", *analysis.conditions}
        if preset not in periods.PRESETS or comparison not in periods.COMPARISONS or not conditions.keys() <= names:
            raise KehuAnalysisError(self.env._("The conditions cannot be read. Open the analysis again."))
        first, last = self._kehu_day(conditions.get("date_from")), self._kehu_day(conditions.get("date_to"))
        period = periods.resolve(preset, self.env.company._kehu_today(), first, last)
        if all(period) and period[0] > period[1]:
            raise KehuAnalysisError(self.env._("The period ends before it begins. Choose an end after the beginning."))
        filters = {}
        for name in analysis.conditions:
            ids = conditions.get(name) or []
            if not isinstance(ids, list) or len(ids) > MOST_KEYS or not all(is_record_id(number) for number in ids):
                raise KehuAnalysisError(self.env._("The conditions cannot be read. Open the analysis again."))
            if ids:
                filters[name] = self._kehu_below(analysis.known_dimensions[name].model, ids)
        return {"period": period, "back": periods.step(*period, comparison), "filters": filters}

    def _kehu_below(self, model, ids):
        """Return those and the departments or categories below them."""
        if model not in ("hr.department", "product.category"):
            return ids
        # sudo: hr.department, product.category - which are below, to add up; what is seen is decided by the orders
        return self.env[model].sudo().with_context(active_test=False).search([("id", "child_of", ids)]).ids

    def _kehu_day(self, text):
        """:raises KehuAnalysisError: unless it is a day that can be reckoned with, or nothing"""
        if not text:
            return None
        text = str(text)[:20]
        try:
            day = fields.Date.to_date(text)
        except ValueError as error:
            raise KehuAnalysisError(self.env._("“%(text)s” is not a day. Enter it as 2026-03-15.", text=text)) from error
        if not YEARS[0] <= day.year <= YEARS[1]:
            raise KehuAnalysisError(
                self.env._(
                    "The year of “%(text)s” is not between %(first)s and %(last)s. Enter a day as 2026-03-15.",
                    text=text,
                    first=str(YEARS[0]),
                    last=str(YEARS[1]),
                )
            )
        return day

    def _kehu_key(self, dimension, key):
        """Read the key of a row that a client sent.

        :return: the first day of a time, otherwise a number or None
        :raises KehuAnalysisError: when no row can have it
        """
        if dimension.name in TIMES:
            day = self._kehu_day(key)
            if day:
                return periods.buckets(day, day, dimension.name)[0]
        elif dimension.choices:
            if isinstance(key, str) and key in dict(dimension.choices):
                return key
        elif key is None or key is False:
            return None
        elif dimension.is_text:
            if isinstance(key, str) and len(key) <= MOST_LETTERS:
                return key
        elif is_record_id(key):
            return key
        raise KehuAnalysisError(self.env._("These records cannot be found. Load the analysis again."))

    def _kehu_period_text(self, period):
        first, last = (day and format_date(self.env, day) for day in period)
        if first and last:
            return f"{first} – {last}"
        if first:
            return self.env._("From %(day)s", day=first)
        if last:
            return self.env._("Until %(day)s", day=last)
        return self.env._("All time")

    def _kehu_condition_texts(self, analysis, filters):
        """Return (label, names) of the conditions; “…” stands for those whose names this person may not read."""
        found = []
        for name, ids in filters.items():
            dimension = analysis.known_dimensions[name]
            records = self.env[dimension.model].with_context(active_test=False)
            readable = set(records.search(Domain("id", "in", ids)).ids if records.has_access("read") else ())
            names = [*self._kehu_labels(dimension, [number for number in ids if number in readable]).values()]
            found.append((words(self.env, dimension.label), "、".join(names if len(names) == len(ids) else [*names, "…"])))
        return found

    # ------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------

    def _kehu_get_figures(self, analysis, resolved, dimension, measure, most):
        """Add up; see :meth:`get_figures`.

        :param int most: rows, the last of which stands for all others; None: as many as a workbook takes
        :raises KehuAnalysisError: when a workbook does not take all
        """
        chosen, by = analysis.dimension(self.env, dimension), analysis.measure(self.env, measure)
        period, back, filters = resolved["period"], resolved["back"], resolved["filters"]
        most_rows = most or MOST_IN_WORKBOOK
        figures, sums, left = analysis.top(self.env, period, filters, chosen, by, most_rows)
        earlier = periods.shifted(*period, back) if back else None
        before, sums_before, left_before = {}, {}, 0
        if earlier:
            before, sums_before, left_before = analysis.top(self.env, earlier, filters, chosen, by, most_rows)
        # totals are those of the periods, whatever is told apart; of times, only those shown get a row
        if chosen.name in TIMES:
            figures, before = self._kehu_in_time(analysis, chosen, period, back, figures, before)
        keys = list(figures)
        if chosen.choices:
            keys = [key for key, _label in chosen.choices if key in figures or key in before]
        elif not chosen.ordered:
            missing = [key for key in keys if key not in before] if left_before else []
            if missing:
                before.update(analysis.figures(self.env, earlier, {**filters, chosen.name: missing}, chosen))
                left_before -= sum(key in before for key in missing)
            gone = [] if left else [key for key in before if key not in figures]  # only in the period compared with
            nothing = "" if chosen.is_text else 0
            keys = sorted(keys + gone, key=lambda key: (-(analysis.value(figures.get(key, {}), by) or 0), key or nothing))
            left += left_before if not left else 0
            if left or len(keys) > most_rows:
                if not most:
                    raise KehuAnalysisError(
                        self.env._(
                            "More than %(most)s rows are too many for one workbook. Choose a shorter period or narrower conditions.",
                            most=most_rows,
                        )
                    )
                left += len(keys) - (most - 1)
                keys = keys[: most - 1]
        rate, decimals = self._kehu_rater(analysis), self._kehu_decimals(by)
        total = rate(sums)
        total_before = analysis.value(sums_before, by) if earlier else None
        labels = self._kehu_labels(chosen, keys)

        def row(key, label, values, past):
            figure = values.get(by.name) or 0
            return {
                "key": key.isoformat() if chosen.name in TIMES else key or False,
                "label": label,
                "values": values,
                "share": round(figure / total[by.name] * 100, 1) if by.shares and total.get(by.name) else None,
                "before": past,
                "growth": self._kehu_growth(figure, past, by),
                "is_others": False,
            }

        rows = [
            row(
                key,
                labels[key],
                {
                    **rate(figures.get(key, {})),
                    **{name: figures[key].get(name) for name in analysis.extra if key in figures},
                },
                self._kehu_plain(analysis.value(before.get(key, {}), by) or 0, decimals) if earlier else None,
            )
            for key in keys
        ]
        if left:
            rest, rest_before = (
                {name: figure - sum(source.get(key, {}).get(name) or 0 for key in keys) for name, figure in whole.items()}
                for source, whole in ((figures, sums), (before, sums_before))
            )
            past = self._kehu_plain(analysis.value(rest_before, by) or 0, decimals) if earlier else None
            label = self.env._("%(number)s others", number=left)
            rows.append({**row(False, label, rate(rest), past), "is_others": True})
        analysis.complete(self.env, rows, total, chosen, by)
        total_before = self._kehu_plain(total_before, decimals)
        return {
            "rows": rows,
            "total": total,
            "before": total_before,
            "growth": self._kehu_growth(total.get(by.name) or 0, total_before, by),
            "others": left,
            "period": self._kehu_period_text(period) if analysis.has_period else "",
            "compared": self._kehu_period_text(earlier) if earlier else "",
            "fresh": self._kehu_fresh_text(analysis),
            "notes": analysis.notes(self.env),
        }

    def _kehu_fresh_text(self, analysis):
        """Say how fresh the figures are: they are of this very moment, whatever the job has done."""
        return self.env._(
            "As of %(moment)s, with every change saved until then.",
            moment=format_datetime(self.env, fields.Datetime.now(), tz=self.env.company._kehu_zone()),
        )

    def _kehu_in_time(self, analysis, dimension, period, back, figures, before):
        """Put the buckets in order, without gaps, and those of the period compared with beside them."""
        days = [key for key in figures if key]
        first = period[0] or min(days, default=None)
        last = period[1] or max(days, default=None)
        if not first or not last:
            return {}, {}
        if period[1]:
            # of a year that has begun, the months to come are not shown as if nothing had been sold
            last = max(min(last, self.env.company._kehu_today()), max(days, default=first))
        keys = periods.buckets(first, last, dimension.name)
        if len(keys) > MOST_BUCKETS:
            raise KehuAnalysisError(
                self.env._("%(number)s days are too many for one chart. Choose months, or a shorter period.", number=len(keys))
            )
        aside = {}
        if back:
            for key in keys:
                earlier = before.get(periods.buckets(key - back, key - back, dimension.name)[0])
                if earlier:
                    aside[key] = earlier
        return {key: figures.get(key, {}) for key in keys}, aside

    def _kehu_rater(self, analysis):
        """Return the function that makes plain numbers of a row's measures, percentages worked out: hundreds of rows come here."""
        known, value = analysis.known_measures, analysis.value
        plain = self._kehu_plain
        shown = [(key, known[key], self._kehu_decimals(known[key])) for key in analysis.measures]

        def rate(row):
            return {key: plain(value(row, measure), decimals) for key, measure, decimals in shown}

        return rate

    def _kehu_decimals(self, measure):
        """:return: how many decimals are shown of a measure"""
        return {"money": self.env.company._kehu_digits(), "percent": 1}.get(measure.kind, 6)

    @staticmethod
    def _kehu_plain(figure, decimals):
        """Round a figure to what is shown of it."""
        # six decimals first: half a cent must not fall by the order in which floats were added
        return None if figure is None else round(round(figure, 6), decimals)

    def _kehu_growth(self, figure, before, measure):
        """In per cent of what was before; of percentages, the difference in points."""
        if before is None:
            return None
        if measure.kind == "percent":
            return round(figure - before, 1)
        return round((figure - before) / abs(before) * 100, 1) if before else None

    def _kehu_labels(self, dimension, keys):
        """:return: {key: text}, in the order of the keys"""
        if dimension.name in TIMES:
            return {key: periods.bucket_label(key, dimension.name) for key in keys}
        if dimension.choices:
            known = dict(dimension.choices)
            return {key: words(self.env, known[key]) for key in keys}
        if dimension.is_text:
            return {key: shorten(key, LABEL, placeholder="…") if key else self.env._("Not set") for key in keys}
        # a context of our own: with that of the client, names would tell addresses, tax numbers and customers as well
        companies = self.env.companies.ids
        bare = {"lang": self.env.lang, "allowed_company_ids": companies, "active_test": False, "kehu_short_province": True}
        # sudo: names of what the figures are told apart by; the person may see the documents that bear them
        records = self.env(context=bare, su=True)[dimension.model]
        wanted = Domain("id", "in", [key for key in keys if key])
        if dimension.model == "res.users":
            # hundreds of them: without a look at each record and all that is known of its contact
            query = records._search(wanted)
            name = records._field_to_sql("res_users", "name", query)
            names = dict(self.env.execute_query(query.select(SQL.identifier("res_users", "id"), name)))
        else:
            names = {record.id: record.display_name for record in records.search_fetch(wanted, ["display_name"])}
        return {key: names.get(key) or self.env._("Not set") for key in keys}
