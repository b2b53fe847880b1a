from odoo import api, fields, models


class KehuDunningReport(models.TransientModel):
    """What became of letters that somebody wanted to send: which went out, which are to be printed, which stayed and why."""

    _name = "kehu.dunning.report"
    _description = "Report of Sending Dunning Letters"

    sent_ids = fields.Many2many("kehu.dunning.letter", readonly=True)
    sent_count = fields.Integer(compute="_compute_counts")
    print_count = fields.Integer(compute="_compute_counts", help="Of those sent, so many are to be printed.")
    problem_count = fields.Integer(compute="_compute_counts")
    line_ids = fields.One2many("kehu.dunning.report.line", "report_id", string="Not Sent", readonly=True)

    @api.depends("sent_ids", "line_ids")
    def _compute_counts(self):
        for report in self:
            report.sent_count = len(report.sent_ids)
            report.print_count = len(report.sent_ids.filtered("to_print"))
            report.problem_count = len(report.line_ids)

    def action_print(self):
        """Print those that were sent and go by post."""
        self.ensure_one()
        return self.sent_ids.filtered("to_print").action_print()


class KehuDunningReportLine(models.TransientModel):
    _name = "kehu.dunning.report.line"
    _description = "Dunning Letter That Was Not Sent"

    report_id = fields.Many2one("kehu.dunning.report", required=True, ondelete="cascade", index=True)
    letter_id = fields.Many2one("kehu.dunning.letter", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="letter_id.partner_id")
    reason = fields.Char(required=True)
