from odoo import api, fields, models

from ...models.pool.exceptions import KehuOwnershipError, KehuOwnershipTargetError


class KehuOwnershipChange(models.TransientModel):
    """Choose who gets one or more customers, see what will happen, and let it happen."""

    _name = "kehu.ownership.change"
    _description = "Change of Owner"

    kind = fields.Selection(
        [("claim", "Claim"), ("assign", "Assign"), ("return", "Return to Pool"), ("transfer", "Transfer")],
        required=True,
        readonly=True,
    )
    partner_ids = fields.Many2many("res.partner", string="Customers", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="New Owner",
        domain="[('id', 'in', candidate_ids)]",
        help="The salesperson who looks after the customers from now on.",
    )
    candidate_ids = fields.Many2many("res.users", compute="_compute_candidate_ids", export_string_translation=False)
    pool_id = fields.Many2one(
        "kehu.pool",
        help="Where the customers wait for a new owner. Empty: the default pool.",
    )
    reason = fields.Text(help="Kept in the ownership history.")
    with_documents = fields.Boolean(
        string="With open documents",
        default=True,
        help="Open opportunities with their appointments, quotes and orders that are not confirmed go to the new owner too. "
        "Otherwise they stay where they are. Contacts and planned contacts always go along.",
    )
    document_count = fields.Integer(string="Open Documents", compute="_compute_document_count")
    preview = fields.Text(compute="_compute_preview")
    refusal = fields.Text(compute="_compute_preview")
    accepted_count = fields.Integer(compute="_compute_preview")

    @api.depends("kind", "partner_ids")
    def _compute_candidate_ids(self):
        """The people offered as new owner: nobody is shown who would be refused for all of the customers."""
        for wizard in self:
            chooses = wizard.kind in ("assign", "transfer")
            wizard.candidate_ids = wizard.partner_ids._origin._kehu_new_owners(wizard.kind) if chooses else False

    @api.depends("kind", "partner_ids")
    def _compute_document_count(self):
        """What the present owners have open with those of the customers that this person may hand over."""
        for wizard in self:
            wizard.document_count = 0
            if wizard.kind == "transfer":
                mine = wizard.partner_ids._origin._filtered_access("read").filtered("kehu_can_release")
                wizard.document_count = mine._kehu_count_open_documents()

    @api.depends("kind", "partner_ids", "user_id", "pool_id")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = wizard.refusal = False
            wizard.accepted_count = 0
            if wizard.kind in ("assign", "transfer") and not wizard.user_id:
                wizard.preview = wizard.env._("Choose the new owner of %(what)s.", what=wizard.partner_ids._kehu_count_in_words())
                continue
            accepted, refusals = wizard._kehu_split()
            wizard.accepted_count = len(accepted)
            wizard.preview = wizard._kehu_preview(accepted)
            wizard.refusal = "\n".join(error.args[0] for error in refusals.values())

    def _kehu_preview(self, customers):
        """Say in one sentence what will happen to these customers."""
        self.ensure_one()
        what = customers._kehu_count_in_words()
        if not customers:
            return self.env._("None of the customers can go.")
        if self.kind == "claim":
            return self.env._("Yours from now on: %(what)s.", what=what)
        if self.kind == "return":
            pool = self.pool_id.name or self.env._("the default pool")
            return self.env._("Will go to %(target)s: %(what)s. Everybody there can claim.", what=what, target=pool)
        return self.env._("Will go to %(target)s: %(what)s.", what=what, target=self.user_id.name)

    def _kehu_target(self):
        """Return (user, pool) that the customers go to."""
        self.ensure_one()
        if self.kind == "claim":
            return self.env.user, None
        if self.kind == "return":
            return self.env["res.users"], self.pool_id or None
        return self.user_id, None

    def _kehu_split(self):
        """Return the customers that can go, and {customer: error} of those that cannot."""
        self.ensure_one()
        user, pool = self._kehu_target()
        customers = self.partner_ids._origin
        refusals = customers._kehu_ownership_refusals(self.kind, user, pool)
        return customers.filtered(lambda customer: customer not in refusals), refusals

    def action_apply(self):
        """Change the owner of all customers that can go, and tell how many went.

        :raises KehuOwnershipError: when none can go, or the reason is missing
        """
        self.ensure_one()
        if self.kind in ("assign", "transfer") and not self.user_id:
            raise KehuOwnershipTargetError(self.env._("Choose the salesperson who gets the customers."))
        accepted, refusals = self._kehu_split()
        if not accepted:
            raise next(iter(refusals.values()), KehuOwnershipError(self.env._("Choose at least one customer.")))
        accepted_words = accepted._kehu_count_in_words()
        if self.kind == "claim":
            accepted.kehu_claim()
        elif self.kind == "assign":
            accepted.kehu_assign(self.user_id.id, reason=self.reason)
        elif self.kind == "return":
            accepted.kehu_return(self.reason, pool_id=self.pool_id.id)
        else:
            accepted.kehu_transfer(self.user_id.id, self.reason, with_documents=self.with_documents)
        return self.env["res.partner"]._kehu_ownership_notification(self.kind, accepted_words, self.user_id, self.pool_id)
