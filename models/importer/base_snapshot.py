"""What an import remembers of a record that it made, to tell later whether somebody has worked on it since."""

from odoo import api, models
from odoo.tools import SQL

# of the bookkeeping of the database, not of people
LOG_FIELDS = {"id", "create_uid", "create_date", "write_uid", "write_date"}
EMPTY = {"boolean": SQL("FALSE"), "integer": SQL("0"), "float": SQL("0"), "monetary": SQL("0"), "char": SQL("''"), "text": SQL("''")}


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def _kehu_import_exact(self):
        """Tell whether all that people fill in of such a record stands in its own table: else any later write counts as work on it."""
        return not self._inherits

    @api.model
    def _kehu_import_engine_fields(self):
        """Return the names of stored fields that only the program writes: a change of them is nobody's work; extend by ``super() | {…}``.

        :rtype: set[str]
        """
        return set(LOG_FIELDS)

    @api.model
    def _kehu_import_followed_fields(self):
        """Return the names of fields that records take over from the one above them; extend by ``super() | {…}``.

        :rtype: set[str]
        """
        return {field.name for field in self._fields.values() if field.compute}

    @api.model
    def _kehu_import_watched(self):
        """Return the stored fields that people fill in.

        :rtype: list[odoo.fields.Field]
        """
        return [
            field
            for field in self._fields.values()
            if field.store
            and field.name not in LOG_FIELDS
            and (field.type == "many2many" or field.column_type)
            and not (field.compute and field.readonly and not field.inverse)
        ]

    @api.model
    def _kehu_import_snapshot(self, alias):
        """Return the SQL of what a row of this model's table holds, as jsonb without what is empty.

        :param str alias: of the table in the query
        """
        table = SQL.identifier(alias)
        parts = []
        for field in self._kehu_import_watched():
            if field.type == "many2many":
                value = SQL(
                    "(SELECT jsonb_agg(l.%(other)s ORDER BY l.%(other)s) FROM %(relation)s l WHERE l.%(own)s = %(table)s.id)",
                    other=SQL.identifier(field.column2),
                    relation=SQL.identifier(field.relation),
                    own=SQL.identifier(field.column1),
                    table=table,
                )
            else:
                value = SQL("%s.%s", table, SQL.identifier(field.name))
                if field.type == "binary":
                    value = SQL("md5(%s)", value)
                elif field.type in EMPTY and not field.company_dependent and not field.translate:
                    value = SQL("NULLIF(%s, %s)", value, EMPTY[field.type])
            parts.append(SQL("%s AS %s", value, SQL.identifier(field.name)))
        return SQL("(SELECT jsonb_strip_nulls(to_jsonb(s)) FROM (SELECT %s) s)", SQL(", ").join(parts))

    def _kehu_import_changed(self, snapshots):
        """Return which fields people have changed since these snapshots were taken.

        What a record takes over from the one above it, together with that one, is no change.

        :param dict snapshots: {id: what :meth:`_kehu_import_snapshot` gave then}
        :return: {id: names of fields}, of those that were changed
        :rtype: dict[int, list[str]]
        """
        if not snapshots:
            return {}
        table = SQL.identifier(self._table)
        above, join = SQL("NULL"), SQL("")
        parent = self._fields.get(self._parent_name)
        if parent is not None and parent.store and parent.comodel_name == self._name:
            above = self._kehu_import_snapshot("above")
            join = SQL("LEFT JOIN %s above ON above.id = t.%s", table, SQL.identifier(parent.name))
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT t.id, %s, %s FROM %s t %s WHERE t.id = ANY(%s)",
                self._kehu_import_snapshot("t"),
                above,
                table,
                join,
                list(snapshots),
            )
        )
        watched = {field.name for field in self._kehu_import_watched()} - self._kehu_import_engine_fields()
        followed = self._kehu_import_followed_fields()
        changed = {}
        for record_id, now, parent_now in rows:
            before = snapshots[record_id]
            names = [
                name
                for name in sorted(watched & (now.keys() | before.keys()))
                if now.get(name) != before.get(name) and not (parent_now and name in followed and now.get(name) == parent_now.get(name))
            ]
            if names:
                changed[record_id] = names
        return changed


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _kehu_import_engine_fields(self):
        return super()._kehu_import_engine_fields() | set(self.sudo(False)._kehu_system_fields())

    @api.model
    def _kehu_import_followed_fields(self):
        taken = {*self._address_fields(), *self._commercial_fields(), "company_id", "lang", "user_id"}
        return super()._kehu_import_followed_fields() | taken


class ProductTemplate(models.Model):
    _inherit = "product.template"

    @api.model
    def _kehu_import_exact(self):
        """Cost and bar code stand on its variants."""
        return False
