from odoo import api, fields, models
from odoo.tools import SQL

from ..system.engine import is_uninstalling
from ..system.values import check_types
from .exceptions import KehuCommissionError
from .kehu_commission import OPEN_STATES


class KehuCommissionRule(models.Model):
    """Who gets how much of what: a per cent, or steps, of money received or of margin.

    A rule is for some people, for departments with all below, or for everybody. With product categories it counts their part only: of
    an order by its lines, of money by the order or the invoices that it pays. Several rules add up.
    """

    _name = "kehu.commission.rule"
    _description = "Commission Rule"
    _order = "sequence, id"
    _check_company_auto = True
    _kehu_configuration = ("name",)

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    base = fields.Selection(
        [("received", "Money Received"), ("margin", "Margin")],
        required=True,
        default="received",
        help="Money received: by the day it came, refunds taken off. Margin: of orders, by the day of their confirmation.",
    )
    percent = fields.Float(string="Per Cent", digits=(16, 3), help="Of the base. With steps it holds up to the first of them.")
    step_ids = fields.One2many("kehu.commission.step", "rule_id", string="Steps", copy=True)
    whole = fields.Boolean(
        string="Step Holds for All",
        help="The step that a person reaches in the period holds for everything, not only for what lies above it.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Salespeople",
        domain="[('share', '=', False)]",
        context={"active_test": False},  # a rule for somebody who has left is not one for everybody
        help="Empty, and no departments: everybody.",
    )
    department_ids = fields.Many2many(
        "hr.department",
        string="Departments",
        context={"active_test": False},
        help="Everybody in them and in the departments below.",
    )
    category_ids = fields.Many2many(
        "product.category", string="Product Categories", help="Only what belongs to these or to categories below. Empty: all products."
    )
    date_from = fields.Date(string="From", help="Holds for what happens from this day on. Empty: always did.")
    date_to = fields.Date(string="Until", help="The last day. Empty: until further notice.")

    @api.constrains("percent", "date_from", "date_to")
    def _check_rule(self):
        for rule in self:
            check_percent(rule, rule.percent)
            if rule.date_from and rule.date_to and rule.date_to < rule.date_from:
                raise KehuCommissionError(self.env._("Rule “%(rule)s” ends before it begins. Correct one of the two days.", rule=rule.name))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuCommissionError)
        return super().create(vals_list)

    def write(self, vals):
        """What a rule counts stays once it is submitted: what was paid by it would be compared with something else and taken back."""
        check_types(self, vals, KehuCommissionError)
        changed = self.filtered(
            lambda rule: vals.get("base", rule.base) != rule.base or vals.get("company_id", rule.company_id.id) != rule.company_id.id
        )
        # sudo: kehu.commission.line - those of everybody count
        lines = self.env["kehu.commission.line"].sudo().search([("rule_id", "in", changed.ids)]) if changed else None
        if lines:
            fixed = lines.filtered(lambda line: line.commission_id.kehu_approval_state not in OPEN_STATES)[:1]
            if fixed:
                raise KehuCommissionError(
                    self.env._(
                        "Rule “%(rule)s” explains commissions that are submitted or approved: its base and its company stay. Archive it "
                        "and make a new one.",
                        rule=fixed.rule_id.name,
                    )
                )
            lines.unlink()  # of drafts; they are computed again
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_except_used(self):
        if is_uninstalling(self.env):
            return
        # sudo: kehu.commission.line - those of everybody count
        used = self.env["kehu.commission.line"].sudo().search([("rule_id", "in", self.ids)], limit=1)
        if used:
            raise KehuCommissionError(
                self.env._(
                    "Rule “%(rule)s” explains commissions that were computed, and is kept. Archive it instead.", rule=used.rule_id.name
                )
            )

    def _kehu_bands(self):
        """Return the steps of this one rule for :func:`pieces`."""
        self.ensure_one()
        return [(0.0, self.percent), *((step.amount_from, step.percent) for step in self.step_ids.sorted("amount_from"))]

    def _kehu_applies(self, user, departments):
        """Tell whether this one rule is for a person.

        :param list departments: ids of the person's home department and all above
        """
        self.ensure_one()
        if not self.user_ids and not self.department_ids:
            return True
        return user in self.user_ids or bool(set(self.department_ids.ids) & set(departments))

    def _kehu_sources(self, date_from, date_to):
        """Read what this one rule counts between two days, both included, and to whom it is credited (see `kehu.achievement`).

        :return: {(user id, source id): (day, amount)}; the source is a journal item for money, an order for margin
        :rtype: dict
        """
        self.ensure_one()
        first, last = max(date_from, self.date_from or date_from), min(date_to, self.date_to or date_to)
        if last < first:
            return {}
        achievement = self.env["kehu.achievement"].sudo()  # sudo: kehu.achievement - commissions are computed for everybody
        achievement._kehu_flush({self.base})
        credited = achievement._kehu_credited(self.base, self.company_id, first, last)
        if self.category_ids:
            credited = self._kehu_of_categories(credited)
        rows = self.env.execute_query(
            SQL("SELECT c.user_id, c.id, c.day, c.amount FROM (%s) c WHERE c.user_id IS NOT NULL AND c.amount <> 0", credited)
        )
        money = self.company_id.currency_id
        return {(user_id, source): (day, money.round(float(amount))) for user_id, source, day, amount in rows}

    def _kehu_of_categories(self, credited):
        """Return the SQL that keeps of each source the part of the product categories of this one rule.

        Money that came for an order has the parts of the order, other money those of the invoices it is matched with, an advance those of
        the orders it was used for.
        """
        for name in ("sale.order.line", "account.partial.reconcile", "account.move.line", "product.template", "kehu.advance.use"):
            self.env[name].flush_model()
        # sudo: product.category - those below, whoever computes
        categories = self.env["product.category"].sudo().search([("id", "child_of", self.category_ids.ids)]).ids
        if self.base == "margin":
            return SQL(
                """SELECT c.user_id, c.id, c.day, c.amount * COALESCE(
                          (SELECT SUM(s.margin) FROM sale_order_line s
                             JOIN product_product p ON p.id = s.product_id JOIN product_template t ON t.id = p.product_tmpl_id
                            WHERE s.order_id = c.id AND t.categ_id = ANY(%(categories)s)) / NULLIF(o.margin, 0), 0) AS amount
                     FROM (%(credited)s) c JOIN sale_order o ON o.id = c.id""",
                categories=categories,
                credited=credited,
            )
        order_part = SQL(
            """(SELECT SUM(CASE WHEN t.categ_id = ANY(%s) THEN s.price_total ELSE 0 END) / NULLIF(SUM(s.price_total), 0)
                  FROM sale_order_line s
                  JOIN product_product p ON p.id = s.product_id JOIN product_template t ON t.id = p.product_tmpl_id
                 WHERE s.order_id = paid.kehu_order_id AND s.is_downpayment IS NOT TRUE)""",
            categories,
        )
        return SQL(
            """SELECT c.user_id, c.id, c.day,
                      CASE WHEN paid.kehu_order_id IS NOT NULL THEN c.amount * COALESCE(%(order_part)s, 0)
                      ELSE COALESCE(
                          (SELECT SUM(CASE WHEN r.credit_move_id = paid.id THEN r.amount ELSE -r.amount END *
                                  COALESCE(
                                  (SELECT SUM(CASE WHEN t.categ_id = ANY(%(categories)s) THEN i.price_total ELSE 0 END)
                                          / NULLIF(SUM(i.price_total), 0)
                                     FROM account_move_line i
                                     LEFT JOIN product_product p ON p.id = i.product_id
                                     LEFT JOIN product_template t ON t.id = p.product_tmpl_id
                                    WHERE i.move_id = other.move_id AND i.display_type = 'product'),
                                  (SELECT SUM(paid.balance * %(order_part)s) / NULLIF(SUM(paid.balance), 0)
                                     FROM kehu_advance_use u JOIN account_move_line paid ON paid.move_id = u.move_id
                                    WHERE u.move_id = other.move_id AND paid.kehu_order_id IS NOT NULL)))
                             FROM account_partial_reconcile r
                             JOIN account_move_line other
                               ON other.id = CASE WHEN r.credit_move_id = paid.id THEN r.debit_move_id ELSE r.credit_move_id END
                            WHERE r.credit_move_id = paid.id OR r.debit_move_id = paid.id), 0) END AS amount
                 FROM (%(credited)s) c JOIN account_move_line paid ON paid.id = c.id""",
            order_part=order_part,
            categories=categories,
            credited=credited,
        )


class KehuCommissionStep(models.Model):
    """From an amount on another per cent holds."""

    _name = "kehu.commission.step"
    _description = "Commission Step"
    _order = "amount_from, id"

    rule_id = fields.Many2one("kehu.commission.rule", required=True, index=True, ondelete="cascade")
    currency_id = fields.Many2one(related="rule_id.currency_id")
    amount_from = fields.Monetary(string="Above", required=True, help="What a person has above this in the period counts at this step.")
    percent = fields.Float(string="Per Cent", digits=(16, 3), required=True)

    _amount_uniq = models.UniqueIndex("(rule_id, amount_from)", "Two steps of a rule begin at the same amount. Change one of them.")

    @api.constrains("percent", "amount_from")
    def _check_step(self):
        for step in self:
            check_percent(step.rule_id, step.percent)
            if step.amount_from <= 0:
                raise KehuCommissionError(
                    self.env._(
                        "Rule “%(rule)s”: a step begins above zero. Up to the first step the per cent of the rule holds.",
                        rule=step.rule_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuCommissionError)
        return super().create(vals_list)

    def write(self, vals):
        check_types(self, vals, KehuCommissionError)
        return super().write(vals)


def check_percent(rule, percent):
    """:raises KehuCommissionError: unless it lies between 0 and 100"""
    if not 0 <= percent <= 100:
        raise KehuCommissionError(
            rule.env._("Rule “%(rule)s”: %(percent)s per cent is not between 0 and 100. Correct it.", rule=rule.name, percent=percent)
        )
