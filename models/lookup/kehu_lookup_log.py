from odoo import api, fields, models


class KehuLookupLog(models.Model):
    """One public search: who looked for what, and how many customers were shown. Kept for good, written by the search alone."""

    _name = "kehu.lookup.log"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Public Search Made"
    _order = "date desc, id desc"
    _rec_name = "criteria"
    _kehu_engine = "lookup"

    user_id = fields.Many2one("res.users", string="Searched By", required=True, ondelete="restrict")
    date = fields.Datetime(string="Searched On", required=True, default=fields.Datetime.now, index=True)
    day = fields.Date(required=True, help="In the time zone of the company: limits count by it.")
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict", index=True)
    kind = fields.Selection(
        [("name", "Name"), ("phone", "Phone"), ("email", "Email")],
        string="Searched By What",
        required=True,
        help="Phone and Email: found by the whole number or address only.",
    )
    criteria = fields.Char(string="Looked For", required=True)
    hit_count = fields.Integer(string="Customers Shown")

    _user_day_idx = models.Index("(user_id, day)")

    @api.model
    def _kehu_count(self, user, day):
        """Count the searches of a person on one day, in all companies.

        :return: (all of them, those by phone or e-mail that found nobody)
        :rtype: tuple[int, int]
        """
        rows = self.sudo()._read_group(  # sudo: kehu.lookup.log - counted for people who may not read it
            [("user_id", "=", user.id), ("day", "=", day)], ["kind"], ["__count", "hit_count:array_agg"]
        )
        searches = sum(count for _kind, count, _hits in rows)
        return searches, sum(hits.count(0) for kind, _count, hits in rows if kind != "name")
