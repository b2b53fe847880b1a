from odoo import api, fields, models

from ...models.pool.exceptions import KehuOwnershipRightsError, KehuOwnershipTargetError


class KehuPoolLeaving(models.TransientModel):
    """Who gets the customers of people who leave, or of a department that is closed: seen before it happens."""

    _name = "kehu.pool.leaving"
    _description = "Customers of Leavers"

    user_ids = fields.Many2many("res.users", string="Who Leaves", readonly=True, context={"active_test": False})
    department_ids = fields.Many2many("hr.department", string="Departments to Close", readonly=True, context={"active_test": False})
    target = fields.Selection(
        [("pool", "They wait in the pool"), ("successor", "A successor gets them")],
        string="Customers",
        required=True,
        default="pool",
        help="In the pool, planned contacts are removed, since nobody carries them out. A successor takes over contacts, plans and, "
        "if you want, open documents.",
    )
    stay = fields.Boolean(
        string="Their owners keep them",
        help="Choose this when the people go on in another department. Otherwise the customers leave them.",
    )
    pool_id = fields.Many2one("kehu.pool", help="Empty: each customer goes into the pool it came from, or the default pool.")
    successor_id = fields.Many2one("res.users", domain="[('id', 'in', candidate_ids)]", help="Who looks after the customers from now on.")
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids", export_string_translation=False)
    with_documents = fields.Boolean(
        string="With open documents",
        default=True,
        help="Open opportunities, quotes and orders that are not confirmed go to the successor too.",
    )
    reason = fields.Text(help="Kept in the ownership history.")
    customer_count = fields.Integer(string="Number of Customers", compute="_compute_counts")
    locked_count = fields.Integer(string="Locked Customers", compute="_compute_counts")
    plan_count = fields.Integer(string="Planned Contacts", compute="_compute_counts")
    document_count = fields.Integer(string="Open Documents", compute="_compute_counts")
    preview = fields.Text(compute="_compute_preview")
    refusal = fields.Text(compute="_compute_preview")

    def _kehu_customers(self):
        """Return the customers in question, as superuser; nobody gets here who may not change those users or departments."""
        self.ensure_one()
        users, departments = self.user_ids._origin, self.department_ids._origin
        if users or not departments:
            users.check_access("write")
        if departments:  # who closes one need not be somebody who changes users
            departments.check_access("write")
        customers = self.env["res.partner"]._kehu_of_owners(users) if users else self.env["res.partner"].sudo()  # sudo: res.partner - none
        return customers | departments._kehu_customers() if departments else customers

    @api.depends("user_ids", "department_ids")
    def _compute_candidate_ids(self):
        """The people offered as successor: salespeople who stay."""
        for wizard in self:
            customers = wizard._kehu_customers()
            wizard.candidate_ids = customers._kehu_new_owners("transfer") - wizard.user_ids._origin

    @api.depends("user_ids", "department_ids")
    def _compute_counts(self):
        for wizard in self:
            customers = wizard._kehu_customers()
            wizard.customer_count = len(customers)
            wizard.locked_count = len(customers.filtered("kehu_locked"))
            wizard.plan_count = len(customers._kehu_open_plans())
            wizard.document_count = customers._kehu_count_open_documents()

    @api.depends("user_ids", "department_ids", "target", "stay", "pool_id", "successor_id")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview, wizard.refusal = wizard._kehu_preview()

    def _kehu_preview(self):
        """Return (what will happen, why it cannot), one of them False."""
        self.ensure_one()
        customers = self._kehu_customers()
        what = self.env._("%(count)s customers", count=len(customers))
        if self.department_ids and self.stay:
            return self.env._("Stay with their owners: %(what)s.", what=what), False
        if self.target == "pool":
            target = self.pool_id.name or self.env._("the pools they came from, or the default pool")
            return self.env._("Will go to %(target)s: %(what)s.", what=what, target=target), False
        if not self.successor_id:
            return self.env._("Choose the successor who gets %(what)s.", what=what), False
        if text := self._kehu_successor_error(customers):
            return False, text
        refusals = customers._kehu_ownership_refusals("transfer", self.successor_id._origin)
        if refusals:
            errors = dict.fromkeys(error.args[0] for error in refusals.values())
            return False, "\n".join(list(errors)[:5])
        return self.env._("Will go to %(target)s: %(what)s.", what=what, target=self.successor_id.name), False

    def _kehu_successor_error(self, customers):
        """Tell why this person may not be the successor; False when they may. Nobody takes customers by closing a department.

        :param res.partner customers: those that would go
        """
        user = self.env.user
        if self.successor_id._origin != user or user.has_group("base.group_erp_manager"):
            return False
        strange = customers.filtered(lambda customer: not customer._kehu_releasable_by(user))
        return bool(strange) and self.env._(
            "You may not change the owner of %(name)s. Ask its owner or a manager.", name=strange[:1]._kehu_names()
        )

    def action_apply(self):
        """Hand the customers over and archive the users or departments, both or nothing.

        :raises AccessError: for those who may not change users or departments
        :raises KehuOwnershipError: when a customer cannot go to the successor or pool
        """
        self.ensure_one()
        customers = self._kehu_customers()
        words = self.env._("%(count)s customers", count=len(customers))
        if not (self.department_ids and self.stay):
            reason = self.reason or (
                self.env._("The department of the owner was closed.") if self.department_ids else self.env._("The owner has left.")
            )
            if self.target == "pool":
                customers._kehu_release(reason, pool=self.pool_id or None)
            elif not self.successor_id:
                raise KehuOwnershipTargetError(self.env._("Choose the successor who gets the customers."))
            elif text := self._kehu_successor_error(customers):
                raise KehuOwnershipRightsError(text)
            else:
                customers._kehu_change_owner("transfer", user=self.successor_id, reason=reason, with_documents=self.with_documents)
        if self.department_ids:
            self.department_ids._kehu_archive_quietly()
        if self.user_ids:
            self.user_ids.action_archive()
        if self.department_ids and self.stay:
            message = self.env._("Stay with their owners: %(what)s.", what=words)
        else:
            target = self.successor_id.name if self.target == "successor" else self.pool_id.name or self.env._("the pool")
            message = self.env._("Went to %(target)s: %(what)s.", what=words, target=target)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }
