from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from ..approval.kehu_approval_mixin import ENGINE as APPROVAL_ENGINE
from ..approval.kehu_approval_mixin import ENGINE_FIELDS as APPROVAL_FIELDS
from ..system.engine import is_engine
from ..system.exceptions import KehuEngineOnlyError
from ..system.values import check_types
from .exceptions import KehuCommissionError, KehuCommissionRightError, KehuCommissionStateError
from .kehu_target import period_label

ENGINE = "commission"
OPEN_STATES = ("draft", "rejected")
# computed: Odoo lets RPC write a stored column too
ENGINE_FIELDS = frozenset(
    {"company_id", "user_id", "kehu_department_id", "date_from", "date_to", "line_ids", "amount", "rule_ids", "computed_on"}
) | frozenset(APPROVAL_FIELDS)


class KehuCommission(models.Model):
    """What a person earns on top for a period, line by line.

    Computed, never typed in; computed anew only while it is a draft or rejected. Submitted and approved it stays as it is: what
    changes afterwards (a cancelled receipt, a changed order) comes as a line of its own into a later period.
    """

    _name = "kehu.commission"
    _description = "Commission"
    _inherit = ["mail.thread", "mail.activity.mixin", "kehu.approval.mixin", "kehu.department.mixin"]
    _order = "date_from desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["user_id"]

    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True, ondelete="restrict")
    user_id = fields.Many2one("res.users", string="Person", required=True, index=True, readonly=True, ondelete="restrict")
    kehu_department_id = fields.Many2one(help="Department of the person.")
    date_from = fields.Date(string="From", required=True, index=True, readonly=True)
    date_to = fields.Date(string="Until", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    line_ids = fields.One2many("kehu.commission.line", "commission_id", string="Lines", readonly=True, copy=False)
    amount = fields.Monetary(compute="_compute_amount", store=True, tracking=True, help="The sum of the lines.")
    rule_ids = fields.Many2many("kehu.commission.rule", string="Rules", readonly=True, copy=False, help="Those it was computed by.")
    computed_on = fields.Datetime(readonly=True, copy=False)
    note = fields.Char(help="What the approver should know.")

    _period_uniq = models.UniqueIndex("(company_id, user_id, date_from)", "There is a commission of this person for this period already.")

    @api.depends("user_id", "date_from", "date_to")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for commission in self:
            when = commission.date_from and period_label(self.env, commission.date_from, commission.date_to)
            # sudo: res.users - the name of whose commission it is
            commission.display_name = " · ".join(part for part in (commission.user_id.sudo().name, when) if part)

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for commission in self:
            commission.amount = sum(commission.line_ids.mapped("amount"))

    @api.constrains("date_from", "date_to", "user_id", "company_id")
    def _check_period(self):
        for commission in self.sudo():  # sudo: kehu.commission - those of everybody
            if commission.date_to < commission.date_from:
                raise KehuCommissionError(self.env._("A commission period ends on or after its first day. Correct the two days."))
            twin = self.sudo().search(  # sudo: kehu.commission - see above
                [
                    ("id", "!=", commission.id),
                    ("company_id", "=", commission.company_id.id),
                    ("user_id", "=", commission.user_id.id),
                    ("date_from", "<=", commission.date_to),
                    ("date_to", ">=", commission.date_from),
                ],
                limit=1,
            )
            if twin:
                raise KehuCommissionError(
                    self.env._(
                        "“%(commission)s” covers some of these days already, and nothing is paid twice. Choose a period that does not "
                        "overlap %(first)s – %(last)s.",
                        commission=twin.display_name,
                        first=format_date(self.env, twin.date_from),
                        last=format_date(self.env, twin.date_to),
                    )
                )

    # ------------------------------------------------------------
    # Guards: the engine writes commissions, nobody else
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._kehu_check_engine()
        return super().create(vals_list)

    def write(self, vals):
        names = ENGINE_FIELDS & vals.keys()
        if names and not is_engine(self.env, APPROVAL_ENGINE):
            self._kehu_check_engine()
        check_types(self, vals, KehuCommissionError, {"note"})
        return super().write(vals)

    def _kehu_check_engine(self):
        if not is_engine(self.env, ENGINE):
            raise KehuEngineOnlyError(
                self.env._("A commission is computed from its rules and not typed in. Change the rules, and compute it again.")
            )

    # ------------------------------------------------------------
    # Computing
    # ------------------------------------------------------------

    def action_recompute(self):
        """Compute these commissions again.

        :raises KehuCommissionStateError: for one that is submitted or approved
        :raises KehuCommissionRightError: without the right to
        """
        self.check_access("write")
        self._kehu_check_may_compute()
        for commission in self:
            if commission.kehu_approval_state not in OPEN_STATES:
                raise KehuCommissionStateError(
                    self.env._(
                        "Commission “%(commission)s” is submitted or approved and stays as it is. What has changed since comes into "
                        "a later period by itself.",
                        commission=commission.display_name,
                    )
                )
        for (company, first, last), commissions in self.grouped(
            lambda commission: (commission.company_id, commission.date_from, commission.date_to)
        ).items():
            self._kehu_compute(company, first, last, commissions.user_id)
        return True

    @api.model
    def _kehu_check_may_compute(self):
        if not self.env.su and not self.env.user.has_groups("kehu_crm.group_kehu_finance,kehu_crm.group_kehu_director"):
            raise KehuCommissionRightError(self.env._("Commissions are computed by finance or the sales director. Ask one of them."))

    # ------------------------------------------------------------
    # Approval: hooks of the mixin
    # ------------------------------------------------------------

    def _kehu_protected_fields(self):
        return super()._kehu_protected_fields() | {"amount", "company_id", "date_from", "date_to", "note", "user_id"}

    def _kehu_own_people(self):
        """Whose money it is. Whoever pressed the button computed what the rules say, and nothing of their own."""
        self.ensure_one()
        return self.sudo()._kehu_document_owner()  # sudo: kehu.commission - to judge, not to return

    def _kehu_new_round_text(self):
        return self.env._("What changes afterwards comes by itself, as a line of its own, into the next period that is computed.")

    def _kehu_submit_error(self):
        if not self.line_ids:
            return self.env._("There is nothing to pay: it has no lines.")
        return super()._kehu_submit_error()

    def _kehu_approval_subject(self):
        self.ensure_one()
        return f"{self.display_name} · {format_amount(self.env, self.amount, self.currency_id)}"


class KehuCommissionLine(models.Model):
    """One payment or order of a commission, with how its part came about. Written by the engine only."""

    _name = "kehu.commission.line"
    _description = "Commission Line"
    _order = "commission_id, rule_id, correction, date, id"
    _rec_name = "name"

    commission_id = fields.Many2one("kehu.commission", required=True, index=True, readonly=True, ondelete="cascade")
    user_id = fields.Many2one(related="commission_id.user_id", store=True, index=True)
    company_id = fields.Many2one(related="commission_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="commission_id.currency_id")
    rule_id = fields.Many2one("kehu.commission.rule", required=True, index=True, readonly=True, ondelete="restrict")
    source_id = fields.Integer(
        required=True,
        readonly=True,
        index=True,
        export_string_translation=False,
        help="Number of the journal item, or of the order.",
    )
    name = fields.Char(string="What For", required=True, readonly=True)
    date = fields.Date(required=True, readonly=True)
    base = fields.Monetary(readonly=True, help="What the commission is computed on.")
    rate = fields.Float(string="Per Cent", digits=(16, 3), readonly=True, aggregator=None)
    amount = fields.Monetary(readonly=True)
    correction = fields.Boolean(readonly=True, help="Takes back, or adds to, what an earlier period had.")
    explanation = fields.Char(readonly=True, help="How the amount came about.")

    @api.model_create_multi
    def create(self, vals_list):
        self.env["kehu.commission"]._kehu_check_engine()
        return super().create(vals_list)

    def write(self, vals):
        self.env["kehu.commission"]._kehu_check_engine()
        return super().write(vals)
