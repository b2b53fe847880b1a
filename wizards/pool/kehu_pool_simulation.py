from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Command

from ...models.pool.exceptions import KehuPoolError
from ...models.pool.kehu_pool_policy import RULE_DAYS, RULES
from ...models.system.values import check_links_exist, check_types

TRIED = (*RULE_DAYS.values(), "protect_days", "spare_dealt", "spare_opportunities")  # what the dialog lets one try
MAX_DAYS = 3650  # as many as a pool itself allows
SHOWN = 200  # customers listed; the counts are over all


class KehuPoolSimulation(models.TransientModel):
    """Who would lose what, if a pool had these numbers. Nothing happens until somebody switches them on."""

    _name = "kehu.pool.simulation"
    _description = "Pool Policy Simulation"

    pool_id = fields.Many2one("kehu.pool", required=True, readonly=True)
    idle_days = fields.Integer(string="Days Without Contact", help="0: never.")
    no_opportunity_days = fields.Integer(string="Days Without an Opportunity", help="0: never.")
    no_deal_days = fields.Integer(string="Days Without an Order", help="0: never.")
    protect_days = fields.Integer(string="Protection Days", help="For so many days a new owner loses nothing. 0: none.")
    spare_dealt = fields.Boolean(string="Customers with Orders Stay")
    spare_opportunities = fields.Boolean(string="Customers with Open Opportunities Stay")
    horizon = fields.Integer(
        string="Days Ahead", default=30, help="Customers that fall today or within so many days, if nothing happens before."
    )
    total_now = fields.Integer(string="Would Fall Now", readonly=True)
    total = fields.Integer(string="Would Fall Within the Days Ahead", readonly=True)
    owner_ids = fields.One2many("kehu.pool.simulation.owner", "simulation_id", string="By Owner", readonly=True)
    line_ids = fields.One2many("kehu.pool.simulation.line", "simulation_id", string="Most Urgent Customers", readonly=True)

    @api.model
    def default_get(self, fields):
        defaults = super().default_get(fields)
        pool = self.env["kehu.pool"].browse(defaults.get("pool_id") or [])
        for name in TRIED:
            if pool and name in fields:
                defaults[name] = pool[name]
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuPoolError)
        check_links_exist(self, vals_list, KehuPoolError)
        return super().create(vals_list)

    def write(self, vals):
        check_types(self, vals, KehuPoolError)
        check_links_exist(self, [vals], KehuPoolError)
        return super().write(vals)

    def action_simulate(self):
        """Look who would lose what, and show it in the same dialog.

        :raises KehuPoolError: when the pool may not be read or the numbers make no sense
        """
        self.ensure_one()
        self.pool_id.check_access("write")
        self._kehu_check_days()
        rows = self._kehu_rows()
        now = {row[0] for row in rows if row[4] <= row[5]}
        owners = {}
        for partner_id, user_id, *_rest in rows:
            owner = owners.setdefault(user_id, {"user_id": user_id, "falling": 0, "falling_now": 0})
            owner["falling"] += 1
            owner["falling_now"] += partner_id in now
        held = self.env["res.partner"]._kehu_held_in_all(self.env["res.users"].browse(owners))
        for owner in owners.values():
            owner["held"] = held.get(owner["user_id"], 0)
        self.write(
            {
                "total_now": len(now),
                "total": len(rows),
                "owner_ids": [
                    Command.clear(),
                    *(Command.create(owner) for owner in sorted(owners.values(), key=lambda owner: -owner["falling"])),
                ],
                "line_ids": [
                    Command.clear(),
                    *(
                        Command.create({"partner_id": partner_id, "user_id": user_id, "rule": rule, "due_on": due_on})
                        for partner_id, user_id, _pool, rule, due_on, _today in rows[:SHOWN]
                    ),
                ],
            }
        )
        return self._kehu_open()

    def _kehu_check_days(self):
        """Refuse numbers of days that no pool has.

        :raises KehuPoolError: naming the pool
        """
        days = [*(self[name] for name in RULE_DAYS.values()), self.protect_days, self.horizon]
        if min(days) < 0:
            raise KehuPoolError(self.env._("Days of “%(pool)s” are not negative. Use 0 for none.", pool=self.pool_id.name))
        if max(days) > MAX_DAYS:
            raise KehuPoolError(
                self.env._("Days of “%(pool)s” are at most %(days)s. Use a smaller number.", pool=self.pool_id.name, days=MAX_DAYS)
            )

    def _kehu_rows(self):
        """Return the customers that would fall, of all companies whose customers this pool governs, the most urgent first."""
        pool = self.pool_id.sudo()  # sudo: kehu.pool - the checks were made before
        policies, _zones = pool._kehu_policies()
        tried = pool._kehu_policy(
            auto=True,
            days=tuple(self[name] for name in RULE_DAYS.values()),
            protect_days=self.protect_days,
            spare_dealt=self.spare_dealt,
            spare_opportunities=self.spare_opportunities,
        )
        changed = tuple(tried if policy.pool_id == pool.id else policy._replace(auto=False) for policy in policies)
        rows = []
        # sudo: res.company - customers of every company whose pool this is
        for company in pool.company_id or self.env["res.company"].sudo().search([("active", "=", True)]):
            today = company._kehu_today()
            # sudo: kehu.pool.run - customers of all owners, for administrators who may write the pool
            found = self.env["kehu.pool.run"].sudo()._kehu_simulate(company, changed, today + timedelta(days=self.horizon))
            rows += [(*row, today) for row in found]
        return sorted(rows, key=lambda row: (row[4], row[0]))

    def action_switch_on(self):
        """Give the pool these numbers and switch it on.

        :raises AccessError: for everybody but CRM administrators
        :raises KehuPoolError: when the numbers make no sense
        """
        self.ensure_one()
        self.pool_id.check_access("write")
        self._kehu_check_days()
        self.pool_id.write({"auto_recycle": True, **{name: self[name] for name in TRIED}})
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _kehu_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who Would Lose What"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class KehuPoolSimulationOwner(models.TransientModel):
    _name = "kehu.pool.simulation.owner"
    _description = "Pool Policy Simulation: Owner"
    _order = "falling desc, id"

    simulation_id = fields.Many2one("kehu.pool.simulation", required=True, index=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Owner", required=True)
    held = fields.Integer(string="Holds")
    falling_now = fields.Integer(string="Would Lose Now")
    falling = fields.Integer(string="Would Lose in All")


class KehuPoolSimulationLine(models.TransientModel):
    _name = "kehu.pool.simulation.line"
    _description = "Pool Policy Simulation: Customer"
    _order = "due_on, id"

    simulation_id = fields.Many2one("kehu.pool.simulation", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", string="Owner", required=True)
    rule = fields.Selection(RULES, required=True)
    due_on = fields.Date(string="Would Fall On")


class KehuPool(models.Model):
    _inherit = "kehu.pool"

    def action_simulate(self):
        """Open the dialog that tells who would lose what under this policy, before it is switched on."""
        self.ensure_one()
        self.check_access("write")
        simulation = self.env["kehu.pool.simulation"].create({"pool_id": self.id, **{name: self[name] for name in TRIED}})
        return simulation.action_simulate()
