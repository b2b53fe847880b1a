from odoo import api, fields, models

from ..system.values import check_links_exist, check_types
from .exceptions import KehuPoolError
from .kehu_pool_policy import RULE_DAYS, clear_policies


class KehuPoolLevelRule(models.Model):
    """Other numbers of days for customers of one level."""

    _name = "kehu.pool.level.rule"
    _description = "Pool Rule per Level"
    _order = "pool_id, sequence, id"
    _rec_name = "level_id"

    pool_id = fields.Many2one("kehu.pool", required=True, index=True, ondelete="cascade")
    level_id = fields.Many2one("kehu.customer.level", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(related="level_id.sequence", store=True, export_string_translation=False)
    idle_days = fields.Integer(
        string="Days Without Contact",
        compute="_compute_days",
        store=True,
        readonly=False,
        precompute=True,
        help="Instead of the pool's own number. 0: customers of this level do not go back for want of contact. "
        "More days than the pool's own, and 0, count only where a manager has confirmed the level; fewer days always do.",
    )
    no_opportunity_days = fields.Integer(
        string="Days Without an Opportunity",
        compute="_compute_days",
        store=True,
        readonly=False,
        precompute=True,
        help="Instead of the pool's own number. 0: customers of this level do not go back for want of an opportunity. "
        "More days than the pool's own, and 0, count only where a manager has confirmed the level; fewer days always do.",
    )
    no_deal_days = fields.Integer(
        string="Days Without an Order",
        compute="_compute_days",
        store=True,
        readonly=False,
        precompute=True,
        help="Instead of the pool's own number. 0: customers of this level do not go back for want of an order. "
        "More days than the pool's own, and 0, count only where a manager has confirmed the level; fewer days always do.",
    )

    _level_uniq = models.UniqueIndex("(pool_id, level_id)", "This level already has its own days in this pool. Change that line instead.")
    _days_positive = models.Constraint(
        "CHECK (idle_days BETWEEN 0 AND 3650 AND no_deal_days BETWEEN 0 AND 3650 AND COALESCE(no_opportunity_days, 0) BETWEEN 0 AND 3650)",
        "Days lie between 0 and 3650. Use 0 for never.",
    )

    @api.depends("pool_id")
    def _compute_days(self):
        """A new line begins with the pool's own numbers, so that one changes only what differs."""
        for rule in self:
            for name in RULE_DAYS.values():
                rule[name] = rule._origin[name] if rule._origin else rule[name] or rule.pool_id[name]

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuPoolError)
        check_links_exist(self, vals_list, KehuPoolError)
        self._kehu_check_single([(vals.get("pool_id"), vals.get("level_id")) for vals in vals_list])
        rules = super().create(vals_list)
        clear_policies(self.env)
        return rules

    def write(self, vals):
        check_types(self, vals, KehuPoolError)
        check_links_exist(self, [vals], KehuPoolError)
        if vals.keys() & {"pool_id", "level_id"}:
            self._kehu_check_single(
                [(vals.get("pool_id", rule.pool_id.id), vals.get("level_id", rule.level_id.id)) for rule in self], besides=self
            )
        result = super().write(vals)
        clear_policies(self.env)
        return result

    def _kehu_check_single(self, pairs, besides=()):
        """Refuse a second line for the same level of a pool.

        :param list pairs: (pool id, level id) of lines to be written
        :param besides: lines that are going to be these
        :raises KehuPoolError: naming level and pool
        """
        pairs = [pair for pair in pairs if all(pair)]
        known = self.search([("pool_id", "in", [pool for pool, _level in pairs]), ("level_id", "in", [level for _pool, level in pairs])])
        taken = {(rule.pool_id.id, rule.level_id.id) for rule in known if rule not in besides}
        for pool_id, level_id in pairs:
            if (pool_id, level_id) in taken:
                raise KehuPoolError(
                    self.env._(
                        "“%(level)s” already has its own days in the pool “%(pool)s”. Change that line instead.",
                        level=self.env["kehu.customer.level"].browse(level_id).name,
                        pool=self.env["kehu.pool"].browse(pool_id).name,
                    )
                )
            taken.add((pool_id, level_id))

    def unlink(self):
        result = super().unlink()
        clear_policies(self.env)
        return result
