from odoo import api, fields, models

from ..system.engine import is_record_id
from ..system.values import check_links_exist
from .exceptions import KehuAnalysisError, KehuAnalysisRightError

MOST_REPORTS = 12  # on a page


class KehuReportPage(models.Model):
    """Several reports on one page, under conditions that they have in common; each is worked out, and may fail, on its own."""

    _name = "kehu.report.page"
    _inherit = "kehu.report.shared"
    _description = "Page of Reports"
    _order = "name, id"

    line_ids = fields.One2many("kehu.report.page.line", "page_id", string="Reports", copy=True)
    period = fields.Selection(
        selection=lambda self: self.env["kehu.report"]._fields["period"]._description_selection(self.env),
        help="In place of the periods of the reports. Empty: each report as it says itself.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        pages = super().create(vals_list)
        pages._kehu_check_lines()
        return pages

    def write(self, vals):
        result = super().write(vals)
        if "line_ids" in vals:
            self._kehu_check_lines()
        return result

    def copy_data(self, default=None):
        """A copy has the reports that the person may see."""
        copies = super().copy_data(default)
        for vals in copies:
            lines = vals.get("line_ids") or []
            seen = self.env["kehu.report"].browse([line[2]["report_id"] for line in lines])._filtered_access("read")
            vals["line_ids"] = [line for line in lines if line[2]["report_id"] in seen.ids]
        return copies

    def _kehu_check_lines(self):
        for page in self:
            if len(page.line_ids) > MOST_REPORTS:
                raise KehuAnalysisError(
                    self.env._("“%(name)s”: put at most %(most)s reports on one page.", name=page.name, most=MOST_REPORTS)
                )

    @api.model
    @api.readonly
    def get_screen(self, page_id):
        """What the screen of a page needs to know; see `kehu.report.get_screen`.

        :raises KehuAnalysisError: when there is no such page, or the person may not see it
        """
        page = self._kehu_asked_page(page_id)
        return {**page._kehu_screen(), "preset": page.period or "", "items": page._kehu_items()}

    @api.model
    def _kehu_asked_page(self, page_id):
        page = self.browse(page_id).exists() if is_record_id(page_id) else self.browse()
        if not page or not page.has_access("read"):
            raise KehuAnalysisError(self.env._("This page was deleted, or is not shared with you."))
        return page

    def _kehu_items(self):
        """Return the reports of the page in their order, those too that the person may not see: their place says so.

        :return: [{report_id, title, width}]
        """
        seen = self.line_ids.report_id._filtered_access("read")
        return [
            {
                "report_id": line.report_id.id,
                "title": line.report_id.name if line.report_id in seen else "",
                "width": line.width,
                "can_edit": line.report_id in seen and line.report_id.can_edit,
            }
            for line in self.line_ids
        ]

    def action_open(self):
        """Show the page."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id("kehu_crm.kehu_report_page_action_screen")
        return {**action, "name": self.name, "context": {"active_id": self.id, "active_model": self._name}}


class KehuReportPageLine(models.Model):
    """A report on a page."""

    _name = "kehu.report.page.line"
    _description = "Report on a Page"
    _order = "sequence, id"

    page_id = fields.Many2one("kehu.report.page", required=True, index=True, ondelete="cascade")
    report_id = fields.Many2one("kehu.report", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    width = fields.Selection([("half", "Half"), ("full", "Full")], required=True, default="half")

    @api.model_create_multi
    def create(self, vals_list):
        check_links_exist(self, vals_list, KehuAnalysisError)
        lines = super().create(vals_list)
        lines._kehu_check_page()
        return lines

    def write(self, vals):
        self._kehu_check_page()
        check_links_exist(self, [vals], KehuAnalysisError)
        result = super().write(vals)
        self._kehu_check_page()
        return result

    def unlink(self):
        self._kehu_check_page()
        return super().unlink()

    def _kehu_check_page(self):
        """:raises KehuAnalysisRightError: for a page that the person may not change, or a report that they may not see"""
        for line in self:
            if not line.page_id.has_access("write"):
                raise KehuAnalysisRightError(self.env._("This page belongs to somebody else. Copy it and change the copy."))
            if not line.report_id.has_access("read"):
                raise KehuAnalysisRightError(self.env._("This report is not shared with you. Choose another one."))
