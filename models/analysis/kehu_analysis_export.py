import base64
import io

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import format_datetime, formatLang

from ...tools.analysis_chart import draw
from ...tools.analysis_map import draw_map
from ...tools.page_numbers import number_pages
from .exceptions import KehuAnalysisRightError
from .kehu_analysis import MOST_ROWS
from .provider import TIMES, words
from .workbook import build

MOST_BARS = 20  # in a chart
# on paper, in pixels: the page, the column of names, one with a percentage or a number, one digit of an amount
PAGE, NAMES, NARROW, DIGIT = 880, 150, 60, 7
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class KehuAnalysis(models.AbstractModel):
    """An analysis to take away: as a workbook, and on paper with its chart."""

    _inherit = "kehu.analysis"

    @api.model
    @api.readonly
    def export_workbook(self, name, conditions, dimension, measure):
        """Return the figures and their conditions as a workbook.

        :return: ``filename``, ``mimetype``, ``content`` (base64)
        :raises KehuAnalysisRightError: when the person may not export
        """
        sheet = self._kehu_sheet(name, conditions, dimension, measure, None)
        self.env["kehu.operation.log"]._kehu_note_many("export", self, sheet["title"])
        content = build(sheet["title"], sheet["facts"], sheet["headers"], sheet["rows"], sheet["total"])
        return self._kehu_file(sheet["title"], "xlsx", XLSX, content)

    @api.model
    def export_pdf(self, name, conditions, dimension, measure):
        """Return chart, table, conditions and formula as a PDF; with many rows the largest ones, the rest as one.

        :return: ``filename``, ``mimetype``, ``content`` (base64)
        :raises KehuAnalysisRightError: when the person may not export
        """
        page = self._kehu_page(name, conditions, dimension, measure)
        self.env["kehu.operation.log"]._kehu_note_many("export", self, page["title"])
        content, kind = self.env["ir.actions.report"]._render_qweb_pdf(
            "kehu_crm.print_analysis", data={"page": page, "doc": self.env.company}
        )
        if kind == "pdf":
            content = number_pages(io.BytesIO(content)).getvalue()
        return self._kehu_file(page["title"], kind, "application/pdf", content)

    def _kehu_file(self, title, ending, mimetype, content):
        today = self.env.company._kehu_today()
        return {"filename": f"{title} {today}.{ending}", "mimetype": mimetype, "content": base64.b64encode(content).decode()}

    def _kehu_sheet(self, name, conditions, dimension, measure, most):
        """Return what is taken away: ``title``, ``facts``, ``headers``, ``rows``, ``total``, see :func:`build`; ``analysis``, ``data``.

        :raises KehuAnalysisRightError: when the person may not export
        """
        analysis = self._kehu_analysis(name)
        if not self._kehu_may_export():
            raise KehuAnalysisRightError(self.env._("Your role does not export data. Ask your manager for the workbook."))
        resolved = self._kehu_conditions(analysis, conditions)
        data = self._kehu_get_figures(analysis, resolved, dimension, measure, most)
        measures = [analysis.known_measures[key] for key in analysis.measures]
        extra = [analysis.known_measures[key] for key in analysis.extra]
        chosen = analysis.measure(self.env, measure)
        compares, shares = data["compared"], chosen.shares
        headers = [
            (words(self.env, analysis.dimension(self.env, dimension).label), "text"),
            *((words(self.env, one.label), one.kind) for one in measures),
            *([(self.env._("Of the Total"), "percent")] if shares else []),
            *((words(self.env, one.label), one.kind) for one in extra),
        ]
        if compares:
            headers.append((self.env._("Compared: %(figure)s", figure=words(self.env, chosen.label)), chosen.kind))
            headers.append((self.env._("Growth"), "percent"))

        def cells(label, values, row):
            return [
                label,
                *(values.get(one.name) for one in measures),
                *([row.get("share")] if shares else []),
                *(values.get(one.name) for one in extra),
                *([row["before"], row["growth"]] if compares else []),
            ]

        facts = [
            (self.env._("Company"), self.env.company.name),
            *([(self.env._("Period"), data["period"])] if data["period"] else []),
            *([(self.env._("Compared With"), compares)] if compares else []),
            *self._kehu_condition_texts(analysis, resolved["filters"]),
            (self.env._("Made By"), self.env.user.name),
            (self.env._("Made On"), format_datetime(self.env, fields.Datetime.now())),
            (self.env._("Formula"), words(self.env, analysis.formula)),
        ]
        return {
            "title": words(self.env, analysis.title),
            "facts": facts,
            "headers": headers,
            "rows": [cells(row["label"], row["values"], row) for row in data["rows"]],
            "total": cells(self.env._("Total"), data["total"], data),
            "analysis": analysis,
            "data": data,
        }

    def _kehu_page(self, name, conditions, dimension, measure):
        """Return what is printed: ``title``, ``subtitle``, ``facts``, ``chart`` (SVG), ``headers``, ``widths``, ``rows`` …"""
        sheet = self._kehu_sheet(name, conditions, dimension, measure, MOST_ROWS)
        analysis, data = sheet["analysis"], sheet["data"]
        kinds = [kind for _label, kind in sheet["headers"]]
        cells = [cell for row in (*sheet["rows"], sheet["total"]) for cell in zip(row, kinds, strict=True)]
        amounts = [abs(value or 0) for value, kind in cells if kind == "money"]
        wide = (PAGE - NAMES - NARROW * sum(kind != "money" for kind in kinds[1:])) // max(kinds.count("money"), 1)
        digits = self.env.company._kehu_digits()
        # amounts that are too long for their column are printed without cents
        whole = len(formatLang(self.env, max(amounts, default=0), digits=digits)) * DIGIT + 8 > wide
        chosen = analysis.measure(self.env, measure)

        def text(value, kind):
            if value is None or value is False:
                return "–"
            if kind == "text":
                return value
            if kind == "percent":
                return f"{formatLang(self.env, value, digits=1)}%"
            if kind == "money" and not whole:
                return formatLang(self.env, value, digits=digits)
            return formatLang(self.env, value, digits=0 if kind == "money" or float(value).is_integer() else 2)

        note = ""
        if "money" in kinds:
            currency = self.env.company.currency_id.name
            note = self.env._("Amounts in %(currency)s.", currency=currency)
            if whole:
                note = self.env._("Amounts in %(currency)s, without cents.", currency=currency)
        is_time = dimension in TIMES
        bars = data["rows"] if is_time else [row for row in data["rows"] if not row["is_others"]][:MOST_BARS]

        def figure(value):
            return text(value, chosen.kind)

        chart = self._kehu_map(data["rows"], measure, figure) if dimension == "state" and not data["compared"] else ""
        # bars besides where there is no map, as abroad; they can be compared with those of another period
        chart = chart or draw(
            [row["label"] for row in bars],
            [row["values"].get(measure) or 0 for row in bars],
            [row["before"] or 0 for row in bars] if data["compared"] else None,
            figure,
            names=(data["period"] or words(self.env, chosen.label), data["compared"]),
            upright=is_time,
            line=is_time and analysis.chart == "line",
        )
        by = self.env._(
            "%(measure)s by %(dimension)s",
            measure=words(self.env, chosen.label),
            dimension=words(self.env, analysis.dimension(self.env, dimension).label),
        )
        return {
            "title": sheet["title"],
            "subtitle": by,
            "facts": sheet["facts"],
            # made by us, every text in it escaped
            "chart": Markup(chart),
            "headers": sheet["headers"],
            "widths": [NAMES, *(wide if kind == "money" else NARROW for kind in kinds[1:])],
            "rows": [[text(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in sheet["rows"]],
            "total": [text(value, kind) for value, kind in zip(sheet["total"], kinds, strict=True)],
            "note": " ".join([note, data["fresh"], *data["notes"]]).strip(),
        }

    def _kehu_map(self, rows, measure, text):
        """Return the SVG of the map of provinces; empty when no row is one of China's.

        :param rows: of the screen, by province
        :param text: a function that writes a number
        """
        # sudo: res.country.state - codes and names of China's provinces, which the host lets everybody of the house read
        provinces = self.env["res.country.state"].sudo().search_fetch([("country_id.code", "=", "CN")], ["code", "name"])
        codes = {province.id: province.code for province in provinces}
        figures = {codes[row["key"]]: row["values"].get(measure) or 0 for row in rows if row["key"] in codes}
        return draw_map(figures, {province.code: province.name for province in provinces}, text)
