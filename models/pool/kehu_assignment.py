from odoo import api, fields, models

KINDS = [
    ("create", "Created"),
    ("claim", "Claimed"),
    ("assign", "Assigned"),
    ("return", "Returned to Pool"),
    ("transfer", "Transferred"),
    ("recycle", "Recycled"),
]


class KehuAssignment(models.Model):
    """One change of hands of one customer. Written by the ownership engine only, and never changed afterwards."""

    _name = "kehu.assignment"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Ownership History"
    _order = "date desc, id desc"
    _rec_name = "partner_id"
    _kehu_engine = "ownership"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(KINDS, string="What Happened", required=True, index=True)
    old_user_id = fields.Many2one("res.users", string="Former Owner", index="btree_not_null", ondelete="restrict")
    user_id = fields.Many2one("res.users", string="New Owner", index="btree_not_null", ondelete="restrict")
    pool_id = fields.Many2one(
        "kehu.pool",
        index="btree_not_null",
        ondelete="restrict",
        help="Pool the customer went into; for a claim or an assignment, the pool it came from.",
    )
    # what held for the former owner, so that whoever gets the customer again goes on where they were
    terms_pool_id = fields.Many2one(
        "kehu.pool",
        string="Rules Before",
        ondelete="set null",
        help="Pool whose rules held while the former owner had the customer.",
    )
    old_assigned_on = fields.Datetime(string="Held Since", help="From when the days of the former owner were counted.")
    date = fields.Datetime(required=True, index=True)
    reason = fields.Text()
    author_id = fields.Many2one("res.users", string="Done By", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", index="btree_not_null", ondelete="cascade")

    @api.model_create_multi
    def create(self, vals_list):
        """A change of hands stands in the log of operations too, however many customers change at once."""
        rows = super().create(vals_list)
        for row in rows:
            if row.kind != "create":
                content = {row.partner_id.id: {"user_id": (row.old_user_id, row.user_id)}}
                kind = dict(row._fields["kind"]._description_selection(self.env))[row.kind]
                self.env["kehu.operation.log"]._kehu_note("assign", row.partner_id, content, kind)
        return rows
