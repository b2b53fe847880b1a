from odoo import api, fields, models
from odoo.fields import Command

from ..system.engine import as_engine, is_engine, is_record_id, is_uninstalling
from ..system.values import check_types
from .exceptions import KehuPoolError


class KehuPool(models.Model):
    """Where customers without an owner wait to be assigned or claimed."""

    _name = "kehu.pool"
    _inherit = ["kehu.word.mixin"]
    _description = "Customer Pool"
    _order = "is_default desc, name, id"
    _kehu_configuration = ("name",)

    is_default = fields.Boolean(
        string="Default Pool",
        copy=False,
        help="New and returned customers go here when no other pool is chosen.",
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        help="Only customers of this company, or of none, fit into the pool. Empty: every company uses it.",
    )
    member_ids = fields.Many2many(
        "res.users",
        "kehu_pool_member_rel",
        "pool_id",
        "user_id",
        string="Members",
        domain="[('share', '=', False)]",  # as text: else each new user would be looked for among the pools
        help="Salespeople who may claim from this pool. Empty: everybody in the CRM.",
    )
    manager_ids = fields.Many2many(
        "res.users",
        "kehu_pool_manager_rel",
        "pool_id",
        "user_id",
        string="Pool Managers",
        domain="[('share', '=', False)]",  # as text: else each new user would be looked for among the pools
        help="They keep the customers of this pool up to date and assign them to its members.",
    )
    customer_count = fields.Integer(string="Customers", compute="_compute_customer_count")

    _default_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0)) WHERE is_default IS TRUE",
        "There is already a default pool. Open the other pool and make it the default there.",
    )

    def _compute_customer_count(self):
        groups = self.env["res.partner"]._read_group(
            [("kehu_pool_id", "in", self.ids), ("kehu_is_customer", "=", True)], ["kehu_pool_id"], ["__count"]
        )
        counts = {pool.id: count for pool, count in groups}
        for pool in self:
            pool.customer_count = counts.get(pool._origin.id, 0)

    @api.constrains("is_default", "active")
    def _check_default_is_active(self):
        for pool in self:
            if pool.is_default and not pool.active:
                raise KehuPoolError(
                    self.env._(
                        "“%(pool)s” is the default pool and cannot be archived. Make another pool the default first.", pool=pool.name
                    )
                )

    @api.constrains("company_id")
    def _check_company_of_customers(self):
        # sudo: res.partner - customers of every company count
        customers = self.env["res.partner"].sudo().with_context(active_test=False)
        for pool in self.filtered("company_id"):
            stranger = customers.search(
                [("kehu_pool_id", "=", pool.id), ("company_id", "!=", False), ("company_id", "!=", pool.company_id.id)], limit=1
            )
            if stranger:
                raise KehuPoolError(
                    self.env._(
                        "“%(pool)s” cannot belong to %(company)s only, since it holds “%(customer)s” of another company. "
                        "Move that customer first.",
                        pool=pool.name,
                        company=pool.company_id.name,
                        customer=stranger.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_types(self, vals, KehuPoolError)
            self._kehu_check_people(vals)
            if vals.get("is_default"):
                self._kehu_yield_default(vals.get("company_id") or False)
        return super().create(vals_list)

    def write(self, vals):
        check_types(self, vals, KehuPoolError)
        self._kehu_check_people(vals)
        if vals.get("is_default"):
            for pool in self:
                pool._kehu_yield_default(vals.get("company_id", pool.company_id.id) or False)
        elif "is_default" in vals and not is_engine(self.env, "pool_default") and any(pool.is_default for pool in self):
            raise KehuPoolError(self.env._("One pool must be the default. Open another pool and make that one the default instead."))
        if "active" in vals and not vals["active"]:
            self._kehu_check_empty()
        return super().write(vals)

    def _kehu_check_people(self, vals):
        """Refuse to make somebody a member or manager who has left, is no colleague, or is nobody at all.

        :param dict vals: of a create or write; who is in already stays in peace
        :raises KehuPoolError: naming the first such person
        """
        for name in ("member_ids", "manager_ids"):
            users = self.env["res.users"].sudo().with_context(active_test=False)  # sudo: res.users - state of people to be named
            added = users.browse(dict.fromkeys(_linked(vals.get(name)))) - self.sudo().with_context(active_test=False)[name]
            existing = added.exists()
            label = self._fields[name]._description_string(self.env)
            for gone in added - existing:
                raise KehuPoolError(
                    self.env._("“%(field)s”: %(value)s was deleted. Choose another one from the list.", field=label, value=gone.id)
                )
            for user in existing.filtered(lambda user: user.share or not user.active):
                raise KehuPoolError(
                    self.env._(
                        "%(user)s has left or is not an internal user, and cannot be among “%(field)s” of a pool. Choose a colleague.",
                        user=user.name,
                        field=label,
                    )
                )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_needed(self):
        if is_uninstalling(self.env):
            return
        for pool in self:
            if pool.is_default:
                raise KehuPoolError(
                    self.env._("“%(pool)s” is the default pool and cannot be deleted. Make another pool the default first.", pool=pool.name)
                )
        self._kehu_check_empty()
        # sudo: kehu.assignment - whether one names this pool
        row = self.env["kehu.assignment"].sudo().search([("pool_id", "in", self.ids)], limit=1)
        if row:
            raise KehuPoolError(
                self.env._("“%(pool)s” stands in the ownership history and cannot be deleted. Archive it instead.", pool=row.pool_id.name)
            )

    def _kehu_beside(self, other):
        return not self.company_id or not other.company_id or self.company_id == other.company_id

    def _kehu_open_to(self, user):
        """Tell whether this person may claim from this pool: everybody when it has no members.

        Members who have left count: a pool whose last member leaves is not open to everybody by that.
        """
        self.ensure_one()
        members = self.with_context(active_test=False).member_ids
        return not members or user in members

    def _kehu_yield_default(self, company_id):
        """Take the default from the pool that has it for this company, since ``self`` becomes the default."""
        others = self.with_context(active_test=False).search([("is_default", "=", True), ("company_id", "=", company_id)]) - self
        if others:
            as_engine(others, "pool_default").write({"is_default": False})
            others.flush_recordset(["is_default"])

    def _kehu_check_empty(self):
        """Refuse to give up a pool that still holds customers.

        :raises KehuPoolError: naming the first such pool
        """
        # sudo: res.partner - customers of every company count
        groups = (
            self.env["res.partner"]
            .sudo()  # sudo: res.partner - see above
            .with_context(active_test=False)
            ._read_group([("kehu_pool_id", "in", self.ids), ("kehu_is_customer", "=", True)], ["kehu_pool_id"], ["__count"])
        )
        for pool, count in groups:
            raise KehuPoolError(
                self.env._(
                    "“%(pool)s” still holds %(count)s customers. Open the pool and press “Move All Customers” first.",
                    pool=pool.name,
                    count=count,
                )
            )

    @api.model
    def _kehu_get_default(self, company):
        """Return the pool for customers without a choice: the company's own default, else the one of all companies.

        :param res.company company: company of the customer, may be empty
        :raises KehuPoolError: when there is none
        """
        # sudo: kehu.pool - the default of the customer's company, also while another company is active
        defaults = self.sudo().search([("is_default", "=", True), ("company_id", "in", [False, *company.ids])])
        pool = defaults.filtered(lambda pool: pool.company_id == company and company) or defaults.filtered(lambda pool: not pool.company_id)
        if not pool:
            raise KehuPoolError(
                self.env._("There is no default pool for customers without an owner. Ask a CRM administrator to make a pool the default.")
            )
        return self.browse(pool.id)

    def kehu_move_customers(self, pool_id, reason=None):
        """Move all customers of this pool, archived ones too, into another one, so that this one can be closed. All or none.

        :param int pool_id: the other pool
        :param str reason: kept in the history
        :return: number of customers moved
        :raises KehuOwnershipError: see :meth:`res.partner._kehu_change_owner`
        """
        self.ensure_one()
        self.check_access("read")
        if reason:
            self.env["res.partner"]._kehu_check_reason(reason)
        target = self.browse(pool_id).exists() if is_record_id(pool_id) else self.browse()
        if not target or target == self:
            raise KehuPoolError(self.env._("Choose another pool that takes the customers of “%(pool)s”.", pool=self.name))
        # sudo: res.partner - ids of customers of all companies; the gateway asks for the rights
        customers = self.env["res.partner"].sudo().with_context(active_test=False)
        customers = customers.search([("kehu_pool_id", "=", self.id), ("kehu_is_customer", "=", True)], order="id").with_env(self.env)
        customers._kehu_change_owner("return", pool=target, reason=reason or self.env._("The pool “%(pool)s” was emptied.", pool=self.name))
        return len(customers)

    def action_move_customers(self):
        """Open the dialog that moves all customers of this pool into another one."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move All Customers"),
            "res_model": "kehu.pool.move",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_pool_id": self.id},
        }

    def action_open_customers(self):
        """Open the customers that wait in this pool."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_pool_customer_action")
        action["domain"] = [("kehu_is_customer", "=", True), ("kehu_pool_id", "=", self.id)]
        action["display_name"] = self.display_name
        return action


def _linked(commands):
    """Yield the ids that commands of a many2many link; what is no command is left to the host."""
    for command in commands if isinstance(commands, (list, tuple)) else ():
        if is_record_id(command):
            yield command
        elif isinstance(command, (list, tuple)) and command and command[0] == Command.LINK:
            yield from filter(is_record_id, command[1:2])
        elif isinstance(command, (list, tuple)) and command and command[0] == Command.SET and isinstance(command[-1], (list, tuple)):
            yield from filter(is_record_id, command[-1])
