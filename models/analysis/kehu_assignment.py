from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..pool.kehu_pool_policy import RULES

# until when somebody had the customer of a row of the ledger; NULL: still
UNTIL = SQL(
    """(SELECT MIN(next.date) FROM kehu_assignment next
         WHERE next.partner_id = kehu_assignment.partner_id AND (next.date, next.id) > (kehu_assignment.date, kehu_assignment.id))"""
)
NO_RULE = "none"


def rule_of(alias):
    """Return the SQL of the rule that brought the customer of a row back, NO_RULE where none did.

    The run writes its line in the transaction of the change of hands, which is what their moments tell.
    """
    row = {name: SQL.identifier(alias, name) for name in ("kind", "partner_id", "create_date")}
    return SQL(
        """COALESCE((SELECT line.rule FROM kehu_pool_run_line line
                      WHERE %(kind)s = 'recycle' AND line.partner_id = %(partner_id)s AND line.create_date = %(create_date)s
                        AND line.kind = 'recycled' ORDER BY line.id LIMIT 1), %(none)s)""",
        none=NO_RULE,
        **row,
    )


class KehuAssignment(models.Model):
    _inherit = "kehu.assignment"

    kehu_rule = fields.Selection(
        [*RULES, (NO_RULE, "No Rule")],
        string="Rule",
        compute="_compute_kehu_rule",
        search="_search_kehu_rule",
        help="Rule of the pool by which the customer came back.",
    )

    kehu_has_deal = fields.Boolean(
        string="Deal in This Round",
        compute="_compute_kehu_has_deal",
        search="_search_kehu_has_deal",
        groups="kehu_crm.group_kehu_user,kehu_crm.group_kehu_finance",
        help="An order that you may see was confirmed from this change of hands until the next one.",
    )

    def _compute_kehu_rule(self):
        self.flush_model()
        self.env["kehu.pool.run.line"].flush_model()
        rows = self.env.execute_query(SQL("SELECT id, %s FROM kehu_assignment WHERE id = ANY(%s)", rule_of("kehu_assignment"), self.ids))
        rules = dict(rows)
        for row in self:
            row.kehu_rule = rules.get(row.id, NO_RULE)

    def _search_kehu_rule(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["kehu.pool.run.line"].flush_model()
        return Domain.custom(to_sql=lambda _model, alias, _query: SQL("%s = ANY(%s)", rule_of(alias), list(value)))

    def _compute_kehu_has_deal(self):
        found = self.search(Domain("id", "in", self.ids) & Domain("kehu_has_deal", "=", True))
        for row in self:
            row.kehu_has_deal = row in found

    def _search_kehu_has_deal(self, operator, value):
        if operator != "in":
            return NotImplemented
        orders = self._kehu_deals()

        def has_deal(_model, alias, _query):
            row = {name: SQL.identifier(alias, name) for name in ("id", "partner_id", "date")}
            return SQL(
                """EXISTS (SELECT FROM sale_order deal
                            WHERE deal.kehu_customer_id = %(partner_id)s AND deal.date_order >= %(date)s AND deal.id IN %(orders)s
                              AND NOT EXISTS (SELECT FROM kehu_assignment later
                                               WHERE later.partner_id = %(partner_id)s AND (later.date, later.id) > (%(date)s, %(id)s)
                                                 AND later.date <= deal.date_order))""",
                orders=orders.subselect(),
                **row,
            )

        return Domain.custom(to_sql=has_deal)

    def _kehu_deals(self):
        """:return: a query of the confirmed orders of this company that this person may see"""
        self.flush_model()
        orders = self.env["sale.order"]
        orders.flush_model()
        query = orders._search(Domain("state", "=", "sale") & Domain("company_id", "=", self.env.company.id), order="id")
        query.order = None
        return query
