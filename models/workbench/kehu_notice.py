from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..system.values import check_links_exist
from .exceptions import KehuNoticeError
from .refresh import tell

LONGEST = 20000  # characters


class KehuNotice(models.Model):
    """Something the company tells its people on the workbench, from one day to another, all of them or some roles and departments."""

    _name = "kehu.notice"
    _description = "Notice"
    _order = "date_from desc, id desc"

    name = fields.Char(string="Notice", required=True)
    body = fields.Text(string="Text")
    active = fields.Boolean(default=True)
    date_from = fields.Date(string="From", required=True, default=fields.Date.context_today, index=True)
    date_to = fields.Date(string="To", help="The last day on which it is shown; empty: until it is archived.")
    group_ids = fields.Many2many(
        "res.groups", "kehu_notice_group_rel", "notice_id", "group_id", string="Roles", help="Who sees it; empty: every role of the CRM."
    )
    department_ids = fields.Many2many(
        "hr.department",
        "kehu_notice_department_rel",
        "notice_id",
        "department_id",
        string="Departments",
        help="Who sees it: those who work in these departments or below, and those who oversee them; empty: every department.",
    )
    for_my_department = fields.Boolean(
        compute="_compute_for_my_department",
        search="_search_for_my_department",
        export_string_translation=False,
    )
    company_id = fields.Many2one("res.company", index=True, ondelete="cascade", help="Empty: all companies.")
    reader_ids = fields.Many2many(
        "res.users",
        "kehu_notice_reader_rel",
        "notice_id",
        "user_id",
        string="Read By",
        copy=False,
        readonly=True,
        groups="kehu_crm.group_kehu_admin",
    )
    reader_count = fields.Integer(string="Readers", compute="_compute_reader_count", groups="kehu_crm.group_kehu_admin")

    _days = models.Constraint("CHECK (date_to IS NULL OR date_to >= date_from)", "A notice ends on its first day or later.")

    @api.depends("reader_ids")
    def _compute_reader_count(self):
        for notice in self:
            notice.reader_count = len(notice.reader_ids)

    @api.depends_context("uid")
    def _compute_for_my_department(self):
        mine = self.search(Domain("id", "in", self.ids) & Domain("for_my_department", "=", True))
        for notice in self:
            notice.for_my_department = notice in mine

    @api.model
    def _search_for_my_department(self, operator, value):
        if operator != "in":
            return NotImplemented
        user = self.env.uid

        def is_mine(_model, alias, _query):
            return SQL(
                """(NOT EXISTS (SELECT FROM kehu_notice_department_rel rel WHERE rel.notice_id = %(notice)s)
                    OR EXISTS (SELECT FROM kehu_notice_department_rel rel
                                 JOIN hr_department meant ON meant.id = rel.department_id
                                WHERE rel.notice_id = %(notice)s
                                  AND (EXISTS (SELECT FROM kehu_department_overseer_rel o
                                                WHERE o.department_id = meant.id AND o.user_id = %(user)s)
                                       OR EXISTS (SELECT FROM res_users u JOIN hr_department home ON home.id = u.kehu_home_department_id
                                                   WHERE u.id = %(user)s AND home.parent_path LIKE meant.parent_path || '%%'))))""",
                notice=SQL.identifier(alias, "id"),
                user=user,
            )

        self.env["res.users"].flush_model(["kehu_home_department_id"])
        self.env["hr.department"].flush_model(["parent_path", "kehu_overseer_ids"])
        self.flush_model(["department_ids"])
        return Domain.custom(to_sql=is_mine)

    @api.constrains("body", "name")
    def _check_length(self):
        for notice in self:
            if len(notice.body or "") > LONGEST:
                raise KehuNoticeError(self.env._("The notice “%(name)s” is too long. Shorten it, or attach a file.", name=notice.name))

    @api.model
    def _kehu_shown_domain(self):
        """Return the domain of what this person is shown today, whatever more they may read.

        :rtype: Domain
        """
        today = fields.Date.context_today(self)
        # sudo: res.users - one's own roles
        own = self.env.user.sudo()
        return (
            Domain("date_from", "<=", today)
            & (Domain("date_to", "=", False) | Domain("date_to", ">=", today))
            & (Domain("group_ids", "=", False) | Domain("group_ids", "in", list(own._get_group_ids())))
            & Domain("for_my_department", "=", True)
            & (Domain("company_id", "=", False) | Domain("company_id", "in", self.env.companies.ids))
        )

    def kehu_mark_read(self):
        """Put these notices behind those that this person has not read yet.

        :raises KehuNoticeError: when one of them is not shown to this person
        """
        shown = self.search(Domain("id", "in", self.ids) & self._kehu_shown_domain(), limit=len(self) or 1)
        if self - shown:
            raise KehuNoticeError(self.env._("This notice is not shown any more. Load the workbench again."))
        # sudo: kehu.notice - that this person has read it, which only administrators may write otherwise
        shown.sudo().write({"reader_ids": [fields.Command.link(self.env.uid)]})
        return True

    @api.model_create_multi
    def create(self, vals_list):
        check_links_exist(self, vals_list, KehuNoticeError)
        notices = super().create(vals_list)
        notices._kehu_tell_readers()
        return notices

    def write(self, vals):
        check_links_exist(self, [vals], KehuNoticeError)
        result = super().write(vals)
        if vals.keys() != {"reader_ids"}:
            self._kehu_tell_readers()
        return result

    def unlink(self):
        self._kehu_tell_readers()
        return super().unlink()

    def _kehu_tell_readers(self):
        """Let the screens of everybody in the CRM ask for the notices; which they get is decided then."""
        # sudo: res.groups, res.users - who works in the CRM; the message names nothing but the panel
        roles = self.env["kehu.workbench"]._kehu_role_groups().sudo()
        tell(roles.all_user_ids.filtered(lambda user: user.active and not user.share), ["notices"])
