from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Lists of the card, and what its avatar looks at: empty on most customers, and each would cost a search with all record rules.
LISTS = ("child_ids", "kehu_phone_ids", "category_id", "user_ids")
PICTURES = ("image_1920", "image_128")
CARD = {"kehu_stage", "child_ids"}  # fields that only the card asks for together


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
        kinds = defaultdict(list)
        for name, (model, path, domain) in sources.items():
            kinds[model, path].append((name, Domain(domain)))
        statements, names = [], []
        customer_ids = self._origin.ids
        for (model, path), asked in kinds.items():
            rows = self.env[model]
            if not customer_ids or not rows.has_access("read"):
                continue
            query = rows._search(Domain(path, "in", customer_ids) & Domain.OR(domain for _name, domain in asked))
            query.groupby = rows._field_to_sql(rows._table, path, query)
            counts = [SQL("COUNT(*)")]
            if len(asked) > 1:  # the rules of a model are asked once
                chosen = [domain.optimize_full(rows)._to_sql(rows, rows._table, query) for _name, domain in asked]
                counts = [SQL("COUNT(*) FILTER (WHERE %s)", condition) for condition in chosen]
            statements.append(query.select(SQL("%s::int", len(names)), query.groupby, SQL("ARRAY[%s]", SQL(", ").join(counts))))
            names.append([name for name, _domain in asked])
        if not statements:
            return {}
        found = self.env.execute_query(SQL(" UNION ALL ").join(SQL("(%s)", statement) for statement in statements))
        return {
            (name, customer_id): count
            for number, customer_id, counts in found
            for name, count in zip(names[number], counts, strict=True)
            if count
        }

    def web_read(self, specification):
        """Read customer, owner and what is empty before the card is filled, so that no computed field fetches them a second time."""
        if len(self) == 1 and specification.keys() >= CARD:
            # sudo: res.partner - what the rules look at, and all that the card needs, at once; the rights are checked next
            self.sudo().fetch(self._kehu_card_columns())
            self.env.company.sudo().fetch(self._kehu_card_company_columns())  # sudo: res.company - else the host reads all its columns
            self.check_access("read")
            self.mapped("name")
            # sudo: res.users - name and department of the owner, whom the card shows, beside those of oneself
            owner = self.sudo().user_id
            (owner | self.env.user).mapped("login")
            owner.partner_id.fetch(["name"])  # else the host reads all columns of the owner's address for the name
            if self.id:
                self._kehu_fill_empty(specification)
        return super().web_read(specification)

    @api.model
    def _kehu_card_columns(self):
        """Return the names of the columns that are read in one go for a card; a room adds its own that the host reads one by one.

        :rtype: list[str]
        """
        return [name for name, field in self._fields.items() if field.prefetch is True and self._has_field_access(field, "read")]

    @api.model
    def _kehu_card_company_columns(self):
        """Return the names of the columns of the company that a card needs; a room adds its own.

        :rtype: list[str]
        """
        return ["currency_id"]

    def _kehu_fill_empty(self, specification):
        """Find out in one statement which lists, pictures and counters of this card have no rows at all, whoever looks, and keep that.

        What has rows is read and counted as ever, with the rights of the current user. Rooms may draw further conclusions.

        :return: {counter or list: whether it has rows}, of counters only those that are asked for
        :rtype: dict[str, bool]
        """
        sources = {name: source for name, source in self._kehu_count_sources().items() if name in specification}
        kinds = {(model, path): self._kehu_exists(model, path) for model, path, _domain in sources.values()}
        for name in LISTS:
            field = self._fields[name]
            if field.type == "many2many":
                self.flush_model([name])
                kinds[name] = SQL(
                    "EXISTS (SELECT FROM %s WHERE %s = %s)", SQL.identifier(field.relation), SQL.identifier(field.column1), self.id
                )
            else:
                kinds[name] = self._kehu_exists(field.comodel_name, field.inverse_name)
        self.env["ir.attachment"].flush_model(["res_model", "res_field", "res_id"])
        kinds["image"] = SQL(
            "EXISTS (SELECT FROM ir_attachment WHERE res_model = %s AND res_id = %s AND res_field IN %s)", self._name, self.id, PICTURES
        )
        [row] = self.env.execute_query(SQL("SELECT %s", SQL(", ").join(kinds.values())))
        found = dict(zip(kinds, row, strict=True))
        found.update({name: found[model, path] for name, (model, path, _domain) in sources.items()})
        filled = set()
        if "child_ids" in specification and found["child_ids"] and found.get("kehu_contact_count"):
            count = self._kehu_fill_contacts(specification["child_ids"].get("fields", ()))
            self._fields["kehu_contact_count"]._insert_cache(self, [count])
            del sources["kehu_contact_count"]
            filled.add("child_ids")
        counts = self._kehu_count({name: source for name, source in sources.items() if found[name]})
        for name in sources:
            self._fields[name]._insert_cache(self, [counts.get((name, self.id), 0)])
        for name in LISTS:
            field = self._fields[name]
            if not found[name]:
                field._insert_cache(self, [()])
            elif field.type == "one2many" and name in specification and name not in filled:
                self._kehu_fill_lines(field, specification[name].get("fields", ()))
        if not found["image"]:
            for name in PICTURES:
                for picture in (self, self.with_context(bin_size=False)):
                    self._fields[name]._insert_cache(picture, [None])
        return found

    def _kehu_fill_contacts(self, names):
        """Find the contacts that the user may see, below others too, and read what is shown of those right below, in one query.

        :param names: of fields of the contacts
        :return: how many there are of this customer, as the button counts them
        """
        field = self._fields["child_ids"]
        rows, columns = self._kehu_lines(field, [*names, "kehu_is_customer"])
        ours = field.get_comodel_domain(self) & Domain("parent_id", "=", self.id)
        # sudo: res.partner - see :meth:`_kehu_fill_lines`
        found = rows.sudo().search_fetch(ours | Domain("kehu_customer_id", "=", self.id), columns).sudo(False)._filtered_access("read")
        below = found.filtered(lambda partner: partner.parent_id == self)
        field._insert_cache(self, [below.filtered_domain(field.get_comodel_domain(self))._ids])
        return len(found.filtered(lambda partner: partner.active and partner.kehu_customer_id == self and not partner.kehu_is_customer))

    def _kehu_fill_lines(self, field, names):
        """Find the rows of a list and read what is shown of them in one query; the host takes two.

        :param names: of fields of the rows
        """
        rows, columns = self._kehu_lines(field, names)
        wanted = field.get_comodel_domain(self) & Domain(field.inverse_name, "in", self.ids)
        # all of one partner: no need to look up how partners are sorted
        order = ", ".join(part for part in rows._order.split(", ") if part.split()[0] != field.inverse_name)
        # sudo: the rows - planning the rules costs more than asking them of the few rows of one customer, which is done next
        found = rows.sudo().search_fetch(wanted, columns, order=order)
        field._insert_cache(self, [found.sudo(False)._filtered_access("read")._ids])

    def _kehu_lines(self, field, names):
        """Return the model of a list, and which of these fields of its rows are columns, beside those that say where they belong and those
        that the rules look at.
        """
        rows = self.env[field.comodel_name].with_context(**{"active_test": False, **field.context})
        asked = self.env["ir.rule"]._compute_domain(rows._name, "read")
        ruled = [condition.field_expr.partition(".")[0] for condition in asked.iter_conditions()]
        wanted = dict.fromkeys((field.inverse_name, rows._active_name, *names, *ruled))
        return rows, [name for name in wanted if name and rows._fields[name].column_type]

    def _kehu_exists(self, model, path):
        """Return the condition that this partner has rows of a model, archived ones and those of others included."""
        rows = self.env[model]
        return SQL(
            "EXISTS (SELECT FROM %s WHERE %s = %s)",
            SQL.identifier(rows._table),
            SQL.identifier(path, to_flush=rows._fields[path]),
            self.id,
        )
