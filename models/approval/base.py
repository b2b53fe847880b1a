"""What documents under approval name is not deleted from under them.

The database deletes by itself what hangs on a deleted record (``ondelete="cascade"``), empties a field that names it (``"set null"``), and
takes it out of a many2many field: none of that passes through ``write`` or ``unlink`` of the document. Nor does a many2many field that is
written from its other side (the documents of a tag, not the tags of a document).
"""

from collections import defaultdict
from contextlib import ExitStack

from odoo import api, models
from odoo.fields import Command, Domain
from odoo.tools import SQL, ormcache

from ..system.engine import is_record_id, is_uninstalling
from .exceptions import KehuApprovalNamedError
from .guard import FROZEN_STATES, as_commands, open_reason

SLICE = 500  # lines looked at in one go


class Base(models.AbstractModel):
    _inherit = "base"

    @api.ondelete(at_uninstall=True)
    def _unlink_except_named_in_frozen(self):
        """:raises KehuApprovalNamedError: for what a pending or approved document, or a line of one, would lose or vanish with"""
        if not self.env.registry.ready or self._abstract or self._transient or is_uninstalling(self.env):
            return
        documents = self.env["kehu.approval.document"]
        if self._name in documents._kehu_named():
            documents._kehu_check_named(self)

    @api.model_create_multi
    def create(self, vals_list):
        watched = self._kehu_watched()
        if not watched:
            return super().create(vals_list)
        with ExitStack() as passing:
            self._kehu_let_pass(watched, vals_list, passing)
            records = super().create(vals_list)
        records._kehu_check_watched(watched, {})
        return records

    def write(self, vals):
        watched = self._kehu_watched()
        watched = watched and [link for link in watched if link[0] in vals]
        if not watched:
            return super().write(vals)
        before = self._kehu_named_from(watched)
        with ExitStack() as passing:
            self._kehu_let_pass(watched, [vals], passing)
            result = super().write(vals)
        self._kehu_check_watched(watched, before)
        return result

    def _kehu_watched(self):
        """The many2many fields of these records that fill a protected field of documents under approval, or of their lines.

        :return: [(name of the field, model of the documents or lines, name of the protected field)]
        :rtype: list[tuple]
        """
        if not self.env.registry.ready:
            return []
        documents = self.env["kehu.approval.document"]
        links = documents._kehu_inverse().get(self._name)
        if not links:
            return []
        return [link for link in links if link[2] in (documents._kehu_frozen_of(self.env[link[1]])[0] or ())]

    def _kehu_named_from(self, watched):
        """What these records are linked to now, hidden and archived ones as well.

        :return: {(name of the field, model, name of the protected field): ids of documents or lines with the ids of the records}
        :rtype: dict
        """
        found = {}
        for link in watched if self.ids else ():
            field = self._fields[link[0]]
            own, other = SQL.identifier(field.column1), SQL.identifier(field.column2)
            rows = self.env.execute_query(
                SQL("SELECT %s, %s FROM %s WHERE %s IN %s", other, own, SQL.identifier(field.relation), own, tuple(self.ids))
            )
            found[link] = set(rows)
        return found

    def _kehu_check_watched(self, watched, before):
        """:raises KehuApprovalFrozenError: when a write on these records changed a protected field of a frozen document"""
        if open_reason(self.env):
            return
        for link, pairs in self._kehu_named_from(watched).items():
            _name, model_name, field_name = link
            changed = {record_id for record_id, _own_id in pairs ^ before.get(link, set())}
            # sudo: document, line - the guard holds for those who cannot read it
            records = self.env[model_name].sudo().browse(sorted(changed)).exists()
            if records:
                records._kehu_check_named_from(field_name)

    def _kehu_let_pass(self, watched, vals_list, passing):
        """Where code says openly that it changes frozen documents, let the documents keep what changes of them.

        :param ExitStack passing: in which the change happens
        """
        if not open_reason(self.env):
            return
        linked = self._kehu_named_from(watched)
        for link in watched:
            name, model_name, _field_name = link
            ids = {record_id for record_id, _own_id in linked.get(link, ())}
            for vals in vals_list:
                for command in as_commands(vals[name]) if name in vals else ():
                    if command[0] in (Command.LINK, Command.UNLINK):
                        ids.add(command[1])
                    elif command[0] == Command.SET:
                        ids.update(command[2])
            # sudo: document, line - to judge and to keep what changes
            records = self.env[model_name].sudo().browse(filter(is_record_id, ids)).exists()
            path = self.env["kehu.approval.document"]._kehu_frozen_of(records)[1]
            documents = (records[path] if path else records).filtered(lambda document: document.kehu_approval_state in FROZEN_STATES)
            if documents:
                passing.enter_context(documents._kehu_passing())


class KehuApprovalDocument(models.Model):
    _inherit = "kehu.approval.document"

    @api.model
    @ormcache()
    def _kehu_named(self):
        """Which records the documents under approval, their lines, and what deletes those, depend on.

        :return: {model of the record named: ((model that names it, name of the field),)}
        :rtype: dict[str, tuple]
        """
        named = defaultdict(list)
        own = set()  # what leads from lines to their document: deleting a document is guarded there
        mixins = (self.env.registry["kehu.approval.mixin"], self.env.registry["kehu.approval.line.mixin"])
        governed = {name for name, cls in self.env.registry.items() if issubclass(cls, mixins) and self._kehu_is_governed(self.env[name])}
        for name in governed:
            frozen, document = self._kehu_frozen_of(self.env[name])
            own.add((name, document))
            for field_name in frozen:
                field = self.env[name]._fields.get(field_name)
                if field and field.store and field.type in ("many2one", "many2many") and field_name != document:
                    if field.ondelete == "set null" or (field.type == "many2many" and field.ondelete == "cascade"):
                        named[field.comodel_name].append((name, field_name))
        cascades = [link for link in self._kehu_cascades() if link[1:] not in own]
        reached = True
        while reached:  # what is deleted with something else may be what a document depends on
            reached = [link for link in cascades if link[1] in governed or link[1] in named]
            cascades = [link for link in cascades if link not in reached]
            for parent, name, field_name in reached:
                named[parent].append((name, field_name))
        return {name: tuple(links) for name, links in named.items()}

    @api.model
    @ormcache(cache="stable")
    def _kehu_inverse(self):
        """The other sides of many2many fields of documents under approval and of their lines, whether these are protected or not.

        :return: {model: ((name of its field, model of the documents or lines, name of their field),)}
        :rtype: dict[str, tuple]
        """
        registry, found = self.env.registry, defaultdict(list)
        mixins = (registry["kehu.approval.mixin"], registry["kehu.approval.line.mixin"])
        for name, cls in registry.items():
            if not issubclass(cls, mixins) or not self._kehu_is_governed(self.env[name]):
                continue
            for field in cls._fields.values():
                if field.type == "many2many" and field.store:
                    for other in registry.field_inverses[field]:
                        if other.type == "many2many" and other.store and not registry[other.model_name]._transient:
                            found[other.model_name].append((other.name, name, field.name))
        return {name: tuple(links) for name, links in found.items()}

    @api.model
    @ormcache(cache="stable")
    def _kehu_cascades(self):
        """Which records the database deletes along with others.

        :return: ((model of the record deleted, model of what goes with it, name of the field),)
        :rtype: tuple
        """
        return tuple(
            (field.comodel_name, name, field.name)
            for name, cls in self.env.registry.items()
            if not cls._abstract and not cls._transient and cls._auto
            for field in cls._fields.values()
            if field.type == "many2one" and field.store and field.ondelete == "cascade"
        )

    @api.model
    def _kehu_is_governed(self, model):
        """Tell whether records of a model are documents under approval, or lines of them."""
        mixins = (self.env.registry["kehu.approval.mixin"], self.env.registry["kehu.approval.line.mixin"])
        return isinstance(model, mixins) and not model._abstract and getattr(model, "_kehu_document_field", "") is not None

    @api.model
    def _kehu_frozen_of(self, model):
        """:return: names of the fields of a model that freeze, and the name of the field that leads from lines to their document"""
        if not self._kehu_is_governed(model):
            return (), None
        document = getattr(model, "_kehu_document_field", None)
        return (model._kehu_frozen_line_fields() or ()) if document else model._kehu_frozen_fields("pending"), document

    @api.model
    def _kehu_check_named(self, records):
        """:raises KehuApprovalNamedError: see :meth:`_unlink_except_named_in_frozen`"""
        todo, seen = [records], defaultdict(set)
        while todo:
            gone = todo.pop()
            gone = gone.browse(set(gone.ids) - seen[gone._name])
            seen[gone._name].update(gone.ids)
            for name, field_name in self._kehu_named().get(gone._name, ()) if gone else ():
                # sudo: any model - whatever depends on them, whoever deletes
                model = self.env[name].sudo().with_context(active_test=False)
                governed, cascade = self._kehu_is_governed(model), model._fields[field_name].ondelete == "cascade"
                cascade = cascade and model._fields[field_name].type == "many2one"
                naming = Domain(field_name, "in", gone.ids)
                if governed:
                    self._kehu_refuse_named(records, model, field_name, naming, cascade)
                if cascade:
                    todo.append(model.search(naming))

    @api.model
    def _kehu_refuse_named(self, records, model, field_name, naming, cascade):
        """Refuse when a frozen document, or a line of one, is among those that name what is to be deleted.

        :param records: what somebody deletes
        :param model: empty recordset of documents or lines, in superuser mode
        :param Domain naming: which of them name it
        :param bool cascade: they would vanish, and not only lose what they say
        """
        _frozen, path = self._kehu_frozen_of(model)
        state = f"{path}.kehu_approval_state" if path else "kehu_approval_state"
        states = FROZEN_STATES
        if not cascade and field_name in model._kehu_technical_fields():
            states = ("pending",)  # tells nobody anything that is not on the document, or line, itself
        if not path and not cascade and field_name not in model._kehu_frozen_fields("approved"):
            states = ("pending",)
        naming &= Domain(state, "in", states)
        found = model.search(naming, order="id", limit=SLICE if path else 1)
        while path and found:
            binding = found.filtered(lambda line: line[path].kehu_approval_state == "pending" or not line._kehu_line_is_free())
            if binding or len(found) < SLICE:
                found = binding
                break
            found = model.search(naming & Domain("id", ">", found[-1].id), order="id", limit=SLICE)
        if not found:
            return
        document = found[0][path] if path else found[0]
        own = document.with_env(self.env)
        words = {
            # sudo: any model - the name of what the person deletes
            "record": records[:1].sudo().display_name,
            "document": f"“{document.display_name}”" if own.has_access("read") else self.env._("a document that you do not see"),
            "field": model._fields[field_name]._description_string(self.env),
            "state": dict(document._fields["kehu_approval_state"]._description_selection(self.env))[document.kehu_approval_state],
        }
        if records._active_name:
            text = self.env._(
                "“%(record)s” cannot be deleted: %(document)s depends on it (%(field)s) and is “%(state)s”. Archive it instead, or "
                "take the document back first.",
                **words,
            )
        else:
            text = self.env._(
                "“%(record)s” cannot be deleted: %(document)s depends on it (%(field)s) and is “%(state)s”. Have the document decided or "
                "taken back first.",
                **words,
            )
        raise KehuApprovalNamedError(text)
