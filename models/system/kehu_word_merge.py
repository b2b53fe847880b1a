from odoo import api, models
from odoo.exceptions import LockError
from odoo.fields import Domain
from odoo.tools import SQL, format_list
from psycopg2.errors import UniqueViolation

from .engine import is_uninstalling
from .exceptions import KehuUsedError, KehuValidationError


class KehuWordMixin(models.AbstractModel):
    """Two words that mean the same become one: every record that bears the one bears the other afterwards.

    The word that was merged stays, archived, so that what names it elsewhere (saved searches, conditions of flows, files that are imported
    again) still finds it. Histories keep the word that was true on their day. A model whose words may be merged says so with
    ``_kehu_mergeable = True`` and has a many2one ``merged_into_id`` to itself.
    """

    _inherit = "kehu.word.mixin"

    @api.model
    def _kehu_references(self):
        """Return the stored relations that follow when words are merged.

        :rtype: list[odoo.fields.Field]
        """
        log = self.env.registry["kehu.engine.log.mixin"]
        return [
            field
            for model in self.env.registry.values()
            if model._auto and not model._abstract and not model._transient and not issubclass(model, log) and model._name != self._name
            for field in model._fields.values()
            if field.comodel_name == self._name
            and field.store
            and field.model_name == model._name
            and (field.type == "many2many" or (field.type == "many2one" and not (field.compute and field.readonly) and not field.related))
            and not (field.readonly and field.ondelete == "set null")  # figures that are added up again by themselves
        ]

    def _kehu_uses(self):
        """Count the rows that bear one of these words, of all owners and companies, archived ones too; one query per relation.

        :return: {odoo.fields.Field: rows}
        :rtype: dict
        """
        uses = {}
        for field in self._kehu_references():
            # sudo: any model - how many rows of all owners and companies there are; nothing else is told of them
            model = self.env[field.model_name].sudo().with_context(active_test=False)
            count = model.search_count(Domain(field.name, "in", self.ids))
            if count:
                uses[field] = count
        return uses

    def _kehu_uses_in_words(self):
        """Return one line per drop-down and kind of record: “Contact · Source: 37”."""
        lines = []
        for field, count in self._kehu_uses().items():
            # sudo: ir.model - the name of a model only
            kind = self.env["ir.model"].sudo()._get(field.model_name).name
            lines.append(f"{kind} · {field._description_string(self.env)}: {count}")
        return sorted(lines)

    def _kehu_merge_into(self, target):
        """Let every record that bears one of these words bear another one, and archive these.

        :param target: a word of the same drop-down
        :return: how many values changed
        :rtype: int
        :raises KehuValidationError: when they are not in one drop-down, or one of them is the target
        :raises KehuUsedError: when a record would bear the same word twice, or somebody changes one of the words just now
        """
        self.check_access("write")
        target.check_access("write")
        self._kehu_check_mergeable(target)
        try:
            (self | target).lock_for_update()
        except LockError:
            raise KehuUsedError(self.env._("Somebody else is changing one of these choices. Try again in a moment.")) from None
        names = format_list(self.env, self.mapped("name"))
        lines = self._kehu_uses_in_words()
        self.env.flush_all()
        changed = sum(self._kehu_move(field, target) for field in self._kehu_references())
        self._kehu_move_defaults(target)
        self.env.invalidate_all()
        self.write({"active": False, "merged_into_id": target.id})
        self.env.registry.clear_cache()
        detail = self.env._("“%(names)s” merged into “%(target)s”.", names=names, target=target.name)
        content = {word.id: {"merged_into_id": (target.browse(), target)} for word in self}
        self.env["kehu.operation.log"]._kehu_note("write", self, content, detail=" ".join([detail, *lines])[:500])
        return changed

    def _kehu_check_mergeable(self, target):
        """:raises KehuValidationError: when these words cannot become the target"""
        if not self._kehu_mergeable or not self or len(target) != 1 or target._name != self._name:
            raise KehuValidationError(self.env._("Choose what is merged, and into which choice of the same drop-down."))
        if target in self:
            raise KehuValidationError(
                self.env._("“%(name)s” cannot be merged into itself. Take it out of the list, or choose another target.", name=target.name)
            )
        if not target.active:
            raise KehuValidationError(
                self.env._("“%(name)s” is archived. Restore it first, or merge into another choice.", name=target.name)
            )
        for word in self:
            if not word._kehu_beside(target):
                raise KehuValidationError(
                    self.env._(
                        "“%(name)s” and “%(target)s” stand in different drop-downs. Only choices of one drop-down can be merged.",
                        name=word.name,
                        target=target.name,
                    )
                )

    def _kehu_move(self, field, target):
        """Point one relation to another word; one statement, however many rows, past the guards of documents: their meaning stays.

        :rtype: int
        """
        try:
            with self.env.cr.savepoint(flush=False):
                if field.type == "many2one":
                    self.env.cr.execute(
                        SQL(
                            "UPDATE %(table)s SET %(column)s = %(target)s WHERE %(column)s = ANY(%(ids)s)",
                            table=SQL.identifier(self.env[field.model_name]._table),
                            column=SQL.identifier(field.name),
                            target=target.id,
                            ids=self.ids,
                        )
                    )
                    return self.env.cr.rowcount
                names = {"table": field.relation, "row": field.column1, "word": field.column2}
                parts = {key: SQL.identifier(name) for key, name in names.items()}
                self.env.cr.execute(
                    SQL(
                        "INSERT INTO %(table)s (%(row)s, %(word)s) SELECT DISTINCT %(row)s, %(target)s FROM %(table)s "
                        "WHERE %(word)s = ANY(%(ids)s) ON CONFLICT DO NOTHING",
                        target=target.id,
                        ids=self.ids,
                        **parts,
                    )
                )
                self.env.cr.execute(SQL("DELETE FROM %(table)s WHERE %(word)s = ANY(%(ids)s)", ids=self.ids, **parts))
                return self.env.cr.rowcount
        except UniqueViolation:
            raise KehuUsedError(
                self.env._(
                    "“%(kind)s” has a row for each of these choices, and would have two for “%(target)s”. Remove one of them there first.",
                    # sudo: ir.model - the name of a model only
                    kind=self.env["ir.model"].sudo()._get(field.model_name).name,
                    target=target.name,
                )
            ) from None

    def _kehu_move_defaults(self, target):
        """What people have set as their default follows too."""
        self.env.cr.execute(
            """
            UPDATE ir_default SET json_value = %s
             WHERE json_value = ANY(%s)
               AND field_id IN (SELECT id FROM ir_model_fields WHERE relation = %s AND ttype = 'many2one')
            """,
            [str(target.id), [str(number) for number in self.ids], self._name],
        )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_shipped(self):
        """What the program ships is archived, not deleted: an update would not bring it back, and other things may name it."""
        if is_uninstalling(self.env) or not self._kehu_mergeable:
            return
        shipped = (
            self.env["ir.model.data"]
            .sudo()  # sudo: ir.model.data - whether they are shipped
            .search([("model", "=", self._name), ("res_id", "in", self.ids), ("module", "=", "kehu_crm")], limit=1)
        )
        if shipped:
            raise KehuUsedError(
                self.env._(
                    "“%(name)s” comes with the program and cannot be deleted. Archive it, and nobody is offered it any more, or merge it "
                    "into another choice.",
                    name=self.browse(shipped.res_id).name,
                )
            )
