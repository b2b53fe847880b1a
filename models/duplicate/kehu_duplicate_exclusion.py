from odoo import fields, models


class KehuDuplicateExclusion(models.Model):
    """Two customers that look alike and are known to be different: no rule reports or blocks the pair any more.

    The engine writes each pair once, the smaller number first. Deleting a row makes the rules look at the pair again.
    """

    _name = "kehu.duplicate.exclusion"
    _description = "Not a Duplicate"
    _order = "id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one("res.partner", string="Customer", required=True, ondelete="cascade", readonly=True)
    other_id = fields.Many2one("res.partner", string="Other Customer", required=True, ondelete="cascade", readonly=True, index=True)
    create_uid = fields.Many2one("res.users", string="Decided By", readonly=True)
    create_date = fields.Datetime(string="Decided On", readonly=True)

    _pair_uniq = models.UniqueIndex("(partner_id, other_id)", "This pair is known already.")
    _pair_order = models.Constraint("CHECK (partner_id < other_id)", "A pair is kept with the smaller number first.")
