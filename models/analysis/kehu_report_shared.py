from odoo import api, fields, models

from ..system.values import check_links_read, check_types
from .exceptions import KehuAnalysisError, KehuAnalysisRightError

MOST_LETTERS = 60  # of a name
PUBLISHERS = "kehu_crm.group_kehu_director,kehu_crm.group_kehu_finance"  # who may show something to the whole company


class KehuReportShared(models.AbstractModel):
    """A report or a page of reports that somebody keeps for themselves, shares with a department or shows to everybody in the company.

    The questions are shared, never the figures: whoever opens it sees what they themselves may see.
    """

    _name = "kehu.report.shared"
    _description = "Report Kept or Shared"

    name = fields.Char(required=True, translate=True, size=MOST_LETTERS)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        index=True,
        ondelete="set null",
        copy=False,
        default=lambda self: self.env.user,
        help="Who changes and deletes it. Empty: an example that came with the program, or one whose owner is gone.",
    )
    sharing = fields.Selection(
        [("private", "Me Alone"), ("team", "A Department"), ("company", "Everybody in the Company")],
        string="Seen By",
        required=True,
        default="private",
        copy=False,
        help="Others see the report with the figures that are open to them.",
    )
    department_id = fields.Many2one(
        "hr.department",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        help="Its people and those of departments below see the report too.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, ondelete="cascade", default=lambda self: self.env.company, help="Empty: all companies."
    )
    team_ids = fields.Many2many("hr.department", compute="_compute_can", compute_sudo=False, exportable=False)
    can_edit = fields.Boolean(compute="_compute_can", compute_sudo=False, exportable=False)
    can_publish = fields.Boolean(compute="_compute_can", compute_sudo=False, exportable=False)

    @api.depends_context("uid")
    @api.depends("user_id", "sharing")
    def _compute_can(self):
        teams = self.env["kehu.analysis.filter"]._kehu_teams()
        publishes = self.env.user.has_groups(PUBLISHERS)
        writable = self._origin._filtered_access("write")
        for shared in self:
            shared.team_ids = teams
            shared.can_publish = publishes
            shared.can_edit = not shared._origin or shared._origin in writable

    @api.depends("name")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Links show names with the rights of the system: that of what the reader may not see is not told."""
        result = super()._compute_display_name()
        user = self.env.user
        if self.env.su and user and not user._is_superuser():
            saved = self._origin
            for shared in saved - saved.sudo(False)._filtered_access("read"):
                shared.display_name = "…"
        return result

    def copy_data(self, default=None):
        """A copy belongs to whoever makes it and is seen by nobody else."""
        default = dict(default or {})
        name = default.pop("name", None)
        return [
            {**vals, "name": name or self.env._("%(name)s (copy)", name=record.name)[:MOST_LETTERS]}
            for record, vals in zip(self, super().copy_data(default), strict=True)
        ]

    @api.model_create_multi
    def create(self, vals_list):
        shared = super().create([self._kehu_checked_values(vals) for vals in vals_list])
        shared._kehu_check_sharing()
        return shared

    def write(self, vals):
        result = super().write(self._kehu_checked_values(vals))
        if vals.keys() & {"user_id", "sharing", "department_id", "company_id"}:
            self._kehu_check_sharing()
        return result

    def _kehu_checked_values(self, vals):
        """Return the values as they are kept: the name without blanks around it.

        :raises KehuAnalysisError: for a name that is none, and for values that their fields cannot hold
        """
        check_types(self, vals, KehuAnalysisError)
        check_links_read(self, [vals], KehuAnalysisError, ("department_id", "company_id"))
        if "name" not in vals:
            return vals
        name = vals["name"].strip() if isinstance(vals["name"], str) else ""
        if not name:
            raise KehuAnalysisError(self.env._("Enter a name."))
        return {**vals, "name": name}

    def _kehu_check_sharing(self):
        """:raises KehuAnalysisRightError: for sharing with people to whom the person does not belong, or in somebody else's name"""
        teams = self.env["kehu.analysis.filter"]._kehu_teams()
        for shared in self:
            if shared.sharing == "team" and not shared.department_id:
                raise KehuAnalysisError(self.env._("“%(name)s”: choose the department that shall see it.", name=shared.name))
            if self.env.su:
                continue
            if shared.user_id and shared.user_id != self.env.user:
                raise KehuAnalysisRightError(
                    self.env._("“%(name)s” belongs to somebody else. Copy it and change the copy.", name=shared.name)
                )
            if shared.company_id and shared.company_id not in self.env.user.company_ids:
                raise KehuAnalysisRightError(self.env._("“%(name)s” is for a company where you do not work.", name=shared.name))
            if shared.sharing == "team" and shared.department_id not in teams:
                raise KehuAnalysisRightError(
                    self.env._(
                        "“%(name)s” is shared with your own department or with one that you oversee. Choose one of those.", name=shared.name
                    )
                )
            if shared.sharing == "company" and not self.env.user.has_groups(PUBLISHERS):
                raise KehuAnalysisRightError(
                    self.env._(
                        "A director or finance shows reports to the whole company. Share “%(name)s” with your department instead.",
                        name=shared.name,
                    )
                )
