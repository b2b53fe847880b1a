from datetime import timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models

from ..system.engine import as_engine, is_engine, leave_engine
from ..system.values import check_types
from .exceptions import KehuInstalmentError
from .kehu_instalment import check_plan_remind_days

MOST_DAYS = 3650
ENGINE = "plan_template"  # a plan is being written together with its parts: their sum is checked once, at the end


class KehuInstalmentTemplate(models.Model):
    """A usual way to be paid in parts, such as 30 per cent at once, 60 at delivery and 10 after a year."""

    _name = "kehu.instalment.template"
    _description = "Payment Plan"
    _order = "sequence, id"
    _kehu_configuration = ("name",)

    name = fields.Char(required=True, translate=True, help="As a salesperson would say it, such as 30 / 60 / 10.")
    active = fields.Boolean(default=True, help="Untick it to offer the plan no more; documents made with it stay.")
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", index="btree_not_null", help="Only for documents of this company; for all when empty.")
    remind_days = fields.Integer(
        string="Remind Before", default=3, help="So many days before each part is due its salesperson gets a to-do (0: never)."
    )
    line_ids = fields.One2many("kehu.instalment.template.line", "template_id", string="Parts", copy=True)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuInstalmentError)
        templates = leave_engine(super(KehuInstalmentTemplate, as_engine(self, ENGINE)).create(vals_list), ENGINE)
        templates._kehu_check_plan()
        return templates

    def write(self, vals):
        check_types(self, vals, KehuInstalmentError)
        result = super(KehuInstalmentTemplate, as_engine(self, ENGINE)).write(vals)
        self._kehu_check_plan()
        return result

    def _kehu_check_plan(self):
        """:raises KehuInstalmentError: when the parts are not 100 per cent, or nobody could be reminded of them"""
        for template in self:
            check_plan_remind_days(template, template.remind_days)
            total = sum(template.line_ids.mapped("percent"))
            if template.active and abs(total - 100.0) >= 0.00005 * (len(template.line_ids) or 1):
                raise KehuInstalmentError(
                    self.env._(
                        "The parts of “%(plan)s” add up to %(total)s per cent. Enter parts that add up to 100.",
                        plan=template.name,
                        total=round(total, 4),
                    )
                )

    def _kehu_parts(self, document):
        """Return values of the parts of one document by this plan, without the document itself.

        E.g. 30 per cent on the order date and 70 per cent 30 days after that, for an order of 31 January: due on 31 January and 2 March.

        :param document: an order or a contract
        :rtype: list[dict]
        """
        self.ensure_one()
        days = document._kehu_plan_base_days()
        values = []
        before = days["document"]
        for number, line in enumerate(self.line_ids, start=1):
            base = {**days, "previous": before, "today": fields.Date.context_today(self)}[line.base]
            due = base + timedelta(days=line.days)
            if line.month_end:
                due += relativedelta(day=31)
            before = due
            values.append(
                {
                    "sequence": number,
                    "name": line.name or self.env._("Instalment %(number)s", number=number),
                    "percent": line.percent,
                    "date_due": due,
                    "remind_days": self.remind_days,
                }
            )
        return values


class KehuInstalmentTemplateLine(models.Model):
    """One part of a usual payment plan."""

    _name = "kehu.instalment.template.line"
    _description = "Part of a Payment Plan"
    _order = "template_id, sequence, id"

    template_id = fields.Many2one("kehu.instalment.template", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Instalment", translate=True, help="What it is for, such as down payment, delivery, acceptance, warranty.")
    percent = fields.Float(string="Per Cent", required=True, digits=(16, 4), help="Part of the order or contract.")
    base = fields.Selection(
        [
            ("document", "Order or Signing Day"),
            ("delivery", "Delivery, or End of the Contract"),
            ("previous", "Instalment Before"),
            ("today", "Day of Planning"),
        ],
        string="After",
        required=True,
        default="document",
        help="The day from which the days are counted. A delivery without a promised date counts from the order, a contract not signed yet "
        "from its first day.",
    )
    days = fields.Integer(help="Days after that day on which the money is due (0: on that day).")
    month_end = fields.Boolean(string="End of Month", help="Due on the last day of the month in which the days are over.")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuInstalmentError)
        lines = super().create(vals_list)
        lines._kehu_check_plans(lines.template_id)
        return lines

    def write(self, vals):
        check_types(self, vals, KehuInstalmentError)
        templates = self.template_id
        result = super().write(vals)
        self._kehu_check_plans(templates | self.template_id)
        return result

    def unlink(self):
        templates = self.template_id
        result = super().unlink()
        self._kehu_check_plans(templates)
        return result

    def _kehu_check_plans(self, templates):
        """Whoever changes single lines leaves whole plans behind; a plan written with its lines looks at itself."""
        if not is_engine(self.env, ENGINE):
            templates.exists()._kehu_check_plan()

    @api.constrains("percent", "days")
    def _check_line(self):
        for line in self:
            if not 0.0 < line.percent <= 100.0 or not 0 <= line.days <= MOST_DAYS:
                raise KehuInstalmentError(
                    self.env._(
                        "A part of “%(plan)s” is more than 0 and at most 100 per cent, due 0 to %(most)s days after the chosen day.",
                        plan=line.template_id.name,
                        most=MOST_DAYS,
                    )
                )
