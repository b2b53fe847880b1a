from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


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
        [("name", "Name"), ("phone", "Phone"), ("email", "Email"), ("rows", "Rows of a Workbook")],
        string="Searched By What",
        required=True,
        help="Phone and Email: found by the whole number or address only. Rows of a Workbook: compared by the duplicate rules.",
    )
    criteria = fields.Char(string="Looked For", required=True)
    hit_count = fields.Integer(string="Customers Shown")
    miss_count = fields.Integer(string="Failed Guesses", help="Phone numbers and e-mail addresses in this search that found nobody.")
    way = fields.Selection(
        [("search", "Search"), ("form", "Form"), ("import", "Import")],
        string="Asked By",
        required=True,
        default="search",
        help="Search: the public search, or a check for duplicates. Form: a phone number or an e-mail address typed into the form of a "
        "customer, or saved with it. Import: an import told its author that customers out of sight are known already; Customers Shown says "
        "of how many rows.",
    )
    told = fields.Boolean(
        string="Compared",
        default=True,
        help="Whether it was compared with customers out of sight; not when as many were typed as are compared on one day.",
    )

    _user_day_idx = models.Index("(user_id, day)")
    _typed_idx = models.Index("(criteria) WHERE way = 'form'")

    @api.model
    def _kehu_count(self, user, day):
        """Count the searches of a person on one day, in all companies.

        :return: (all of them, phones and e-mails that found nobody)
        :rtype: tuple[int, int]
        """
        domain = [("user_id", "=", user.id), ("day", "=", day), ("way", "=", "search")]
        # sudo: kehu.lookup.log - counted for people who may not read it
        searches, misses = self.sudo()._read_group(domain, [], ["__count", "miss_count:sum"])[0]
        return searches, misses or 0

    @api.model
    def _kehu_typed(self, user, cr=None):
        """Return the phones and e-mails that a person typed into forms today, by the clock of the company in which it was.

        :param cr: another cursor, which sees what is committed by now
        :return: {key: whether it was compared}
        :rtype: dict[str, bool]
        """
        # sudo: res.company - their clocks
        companies = (user.company_ids | self.env.company).sudo()
        today = Domain.OR(Domain([("company_id", "=", company.id), ("day", "=", company._kehu_today())]) for company in companies)
        # sudo: kehu.lookup.log - counted for people who may not read it
        query = self.sudo()._search(Domain([("user_id", "=", user.id), ("way", "=", "form")]) & today, order="told, id")
        rows = query.select(SQL.identifier(self._table, "criteria"), SQL.identifier(self._table, "told"))
        if cr is None:
            return {criteria: bool(told) for criteria, told in self.env.execute_query(rows)}
        cr.execute(rows)
        return {criteria: bool(told) for criteria, told in cr.fetchall()}
