import io

from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime, formatLang
from odoo.tools.pdf import merge_pdf

from ...tools.analysis_chart import draw
from ...tools.page_numbers import number_pages
from .exceptions import KehuAnalysisRightError
from .kehu_analysis import MOST_IN_WORKBOOK
from .kehu_analysis_export import DIGIT, MOST_BARS, NAMES, PAGE, XLSX
from .workbook import build_sheets

MOST_ON_PAPER = 9  # columns of figures; with more, the columns of the table stay away


class KehuReportShared(models.AbstractModel):
    """A report or a page to look at and to take away: as a workbook with a sheet for each report, and on paper."""

    _inherit = "kehu.report.shared"

    def _kehu_screen(self):
        """Return what the screen needs to know of a report and of a page alike."""
        self.ensure_one()
        analyses = self.env["kehu.analysis"]
        return {
            "id": self.id,
            "title": self.name,
            # sudo: res.users - name of who shares
            "owner": self.user_id.sudo().name if self.user_id and self.user_id != self.env.user else "",
            "can_edit": self.can_edit,
            "can_export": analyses._kehu_may_export(),
            "company": self.env.company.name,
            "currency_id": self.env.company.currency_id.id,
            "persons": analyses._kehu_choices("user"),
        }

    def _kehu_file(self, kind, reports, conditions):
        """Return a file with these reports, each failing alone with a sentence in its place.

        :param str kind: xlsx or pdf
        :return: ``filename``, ``mimetype``, ``content`` (base64)
        :raises KehuAnalysisRightError: when the person may not export
        """
        self.ensure_one()
        analyses = self.env["kehu.analysis"]
        if not analyses._kehu_may_export():
            raise KehuAnalysisRightError(self.env._("Your role does not export data. Ask your manager for the workbook."))
        title = self.name or ""
        self.env["kehu.operation.log"]._kehu_note_many("export", self, title)
        sheets = [report._kehu_sheet(conditions, kind) for report in reports]
        if kind == "xlsx":
            return analyses._kehu_file(title, kind, XLSX, build_sheets(sheets))
        papers, made = [], "pdf"
        for sheet in sheets:
            content, made = self.env["ir.actions.report"]._render_qweb_pdf(
                "kehu_crm.print_analysis", data={"page": self._kehu_paper(sheet), "doc": self.env.company}
            )
            papers.append(content)
        if made == "pdf":
            content = number_pages(io.BytesIO(merge_pdf(papers))).getvalue()
        else:
            content = b"".join(papers)  # tests: the pages as they are before printing
        return analyses._kehu_file(title, made, "application/pdf", content)

    def _kehu_paper(self, sheet):
        """Return what is printed of a sheet; see `kehu.analysis._kehu_page`."""
        digits = self.env.company.currency_id.decimal_places
        kinds = [kind for _label, kind in sheet["headers"]]
        wide = (PAGE - NAMES) // max(len(kinds) - 1, 1)
        rows = [*sheet["rows"], *([sheet["total"]] if sheet["total"] else [])]
        amounts = [abs(value or 0) for row in rows for value, kind in zip(row, kinds, strict=True) if kind == "money"]
        # amounts that are too long for their column are printed without cents
        whole = len(formatLang(self.env, max(amounts, default=0), digits=digits)) * DIGIT + 8 > wide

        def text(value, kind):
            if value is None or value is False:
                return "–"
            if kind == "text":
                return value
            if kind == "money":
                return formatLang(self.env, value, digits=0 if whole else digits)
            return formatLang(self.env, value, digits=0 if float(value).is_integer() else 2)

        labels, values, kind, is_time = sheet["bars"]
        return {
            "title": sheet["title"],
            "subtitle": self.name if self.name != sheet["title"] else "",
            "facts": sheet["facts"],
            # made by us, every text in it escaped
            "chart": Markup(draw(labels, values, None, lambda value: text(value, kind), upright=is_time, line=is_time)),
            "headers": sheet["headers"],
            "widths": [NAMES, *(wide for _kind in kinds[1:])],
            "rows": [[text(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in sheet["rows"]],
            "total": [text(value, kind) for value, kind in zip(sheet["total"] or [""] * len(kinds), kinds, strict=True)],
            "note": self.env._("Amounts in %(currency)s.", currency=self.env.company.currency_id.name) if amounts else "",
        }


class KehuReport(models.Model):
    _inherit = "kehu.report"

    @api.model
    @api.readonly
    def get_screen(self, report_id):
        """What the screen of a report needs to know.

        :return: ``title``, ``owner`` (when somebody else's), ``can_edit``, ``can_export``, ``currency_id``, ``preset`` (empty: as the
            report says), ``items`` ([{report_id, title, width, can_edit}])
        :raises KehuAnalysisError: when there is no such report, or it is not shared with the person
        """
        report = self._kehu_asked_report(report_id)
        item = {"report_id": report.id, "title": report.name, "width": "full", "can_edit": report.can_edit}
        return {**report._kehu_screen(), "preset": "", "items": [item]}

    @api.model
    def export_workbook(self, report_id, conditions=None):
        """Return the report as a workbook, see :meth:`_kehu_file`."""
        report = self._kehu_asked_report(report_id)
        return report._kehu_file("xlsx", report, conditions)

    @api.model
    def export_pdf(self, report_id, conditions=None):
        """Return the report as a PDF, see :meth:`_kehu_file`."""
        report = self._kehu_asked_report(report_id)
        return report._kehu_file("pdf", report, conditions)

    def _kehu_sheet(self, conditions, kind):
        """Return one report as it is taken away: ``title``, ``facts``, ``headers``, ``rows``, ``total``, for paper ``bars``.

        When it cannot be worked out, a sentence among the facts says why.
        """
        made = [
            (self.env._("Made By"), self.env.user.name),
            (self.env._("Made On"), format_datetime(self.env, fields.Datetime.now(), tz=self.env.company.kehu_timezone)),
        ]
        sheet = {"title": "", "facts": made, "headers": [("", "text")], "rows": [], "total": []}
        try:
            if not self.has_access("read"):
                raise KehuAnalysisRightError(self.env._("This report was deleted, or is not shared with you."))
            sheet["title"] = self.name
            data = self._kehu_worked_out(conditions, most=MOST_IN_WORKBOOK if kind == "xlsx" and not self.most else None)
        except UserError as error:
            sheet["facts"] = [*made, (self.env._("Not worked out"), str(error))]
            return {**sheet, "bars": ([], [], "number", False)} if kind == "pdf" else sheet
        measures, columns = data["measures"], data["columns"]
        if kind == "pdf" and (len(columns) + 1) * len(measures) > MOST_ON_PAPER:
            columns = []
        headers = [(data["row"]["label"], "text")]
        for column in [*columns, None]:
            for measure in measures:
                words = [column["label"]] if column else [self.env._("Total")] if columns else []
                words += [measure["label"]] if len(measures) > 1 or not column else []
                headers.append((" · ".join(words), measure["kind"]))

        def cells(label, row):
            crossed = row["cells"] if columns else []
            return [label, *(value for values in crossed for value in values), *row["values"]]

        sheet.update(
            facts=[
                (self.env._("Company"), data["company"]),
                *((label, text) for label, text in data["facts"]),
                *((self.env._("Note"), note) for note in data["notes"]),
                *made,
            ],
            headers=headers,
            rows=[cells(row["label"], row) for row in data["rows"]],
            total=cells(self.env._("Total"), data["total"]),
        )
        if kind == "pdf":
            bars = [row for row in data["rows"] if not row["is_others"]]
            bars = bars if data["row"]["time"] else bars[:MOST_BARS]
            values = [row["values"][0] or 0 for row in bars] if data["chart"] != "none" else []
            sheet["bars"] = ([row["label"] for row in bars], values, measures[0]["kind"], data["row"]["time"])
        return sheet


class KehuReportPage(models.Model):
    _inherit = "kehu.report.page"

    @api.model
    def export_workbook(self, page_id, conditions=None):
        """Return all reports of the page as sheets of one workbook, see :meth:`_kehu_file`."""
        page = self._kehu_asked_page(page_id)
        return page._kehu_file("xlsx", page.line_ids.report_id, conditions)

    @api.model
    def export_pdf(self, page_id, conditions=None):
        """Return all reports of the page as one PDF, see :meth:`_kehu_file`."""
        page = self._kehu_asked_page(page_id)
        return page._kehu_file("pdf", page.line_ids.report_id, conditions)
