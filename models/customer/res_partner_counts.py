from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class ResPartner(models.Model):
    """The numbers on the buttons of the card: what the current user may see of each kind, all counted in one statement."""

    _inherit = "res.partner"

    kehu_contact_count = fields.Integer(string="Contact Count", compute="_compute_kehu_counts")

    @api.depends("kehu_contact_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_kehu_counts(self):
        sources = self._kehu_count_sources()
        counts = self._kehu_count(sources)
        for partner in self:
            for name in sources:
                partner[name] = counts.get((name, partner._origin.id), 0)

    @api.model
    def _kehu_count_sources(self):
        """Return what is counted; a room adds its own, and its dependencies to :meth:`_compute_kehu_counts`.

        :return: {field of the customer: (model, its field that names the customer, domain)}
        :rtype: dict[str, tuple]
        """
        return {"kehu_contact_count": ("res.partner", "kehu_customer_id", [("kehu_is_customer", "=", False)])}

    def _kehu_count(self, sources):
        """Count rows per customer with the rights of the current user. One query, however many customers and kinds.

        :param dict sources: see :meth:`_kehu_count_sources`; a model that this user may not read counts nothing
        :return: {(field, id of the customer): number}, without zeros
        :rtype: dict
        """
        statements = []
        customer_ids = self._origin.ids
        for name, (model, path, domain) in sources.items():
            rows = self.env[model]
            if not customer_ids or not rows.has_access("read"):
                continue
            query = rows._search(Domain(path, "in", customer_ids) & Domain(domain))
            query.groupby = rows._field_to_sql(rows._table, path, query)
            statements.append(query.select(SQL("%s::text", name), query.groupby, SQL("COUNT(*)")))
        if not statements:
            return {}
        found = self.env.execute_query(SQL(" UNION ALL ").join(SQL("(%s)", statement) for statement in statements))
        return {(name, customer_id): count for name, customer_id, count in found}

    def web_read(self, specification):
        """Read the rows of customer and owner whole before the card is filled, so that no computed field fetches them a second time."""
        if len(self) == 1 and "kehu_stage" in specification:
            self.check_access("read")
            self.mapped("name")
            # sudo: res.users - name and department of the owner, whom the card shows, beside those of oneself
            (self.sudo().user_id | self.env.user).mapped("login")
        return super().web_read(specification)
