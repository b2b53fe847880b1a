"""The doors of the host through which values reach people, for all models."""

import re
from collections.abc import Collection

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .exceptions import KehuHiddenError, KehuStarsError
from .hidden import EITHER, REACH, STARS, covered, is_reach, is_whole, plain

TYPED = "kehu_mask_typed"
COPYING = "kehu_mask_copying"
CONTAINS = ("like", "ilike", "=like", "=ilike")
MOST_GUESSES = 50  # numbers and addresses at once: more are no search but an attempt to complete the stars
ADDED_UP = ("sum", "sum_currency", "avg", "min", "max")


class Typed(frozenset):
    """Numbers and addresses that a form just sent; in the context, where no message can put one."""


class Base(models.AbstractModel):
    _inherit = "base"

    _kehu_copied_bare = False  # whether a copy, which hides nothing from its maker, is made without what is hidden

    @api.model
    def _kehu_covered_fields(self):
        """Fields of this model that are hidden from the current user.

        :return: {name: kind}
        :rtype: dict[str, str]
        """
        if self.env.su:
            return {}
        roles = self.env["kehu.role"]
        kinds = roles._kehu_hidden_of(self.env.uid)
        if not kinds:
            return {}
        kinds = kinds if kinds.isdisjoint(REACH) else kinds | {EITHER}
        return {name: kind for name, kind in roles._kehu_hidden_fields().get(self._name, {}).items() if kind in kinds}

    def _kehu_uncovered(self):
        """:return: those of these records that hide nothing, such as colleagues; called in superuser mode"""
        return self.browse()

    # ------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------

    def _read_format(self, fnames, load="_classic_read"):
        result = super()._read_format(fnames, load)
        if hidden := self._kehu_covered_fields():
            self._kehu_cover(result, {name: kind for name, kind in hidden.items() if name in fnames})
        return result

    def _kehu_cover(self, rows, hidden):
        """Put stars, or nothing, in place of what is hidden.

        :param list[dict] rows: as :meth:`read` returns them
        :param dict hidden: {name: kind}
        """
        if not hidden or not rows:
            return
        seen = set(self._origin.sudo()._kehu_uncovered()._ids)  # sudo: any model - whose partner it is
        typed = self.env.context.get(TYPED)
        typed = typed if isinstance(typed, Typed) else ()
        for row in rows:
            number = row.get("id")
            if (getattr(number, "origin", number) or 0) in seen:
                continue
            for name, kind in hidden.items():
                value = row.get(name)
                if isinstance(value, str) and plain(kind, value) in typed:
                    continue
                row[name] = covered(kind, value)

    def onchange(self, values, field_names, fields_spec):
        """What the person has just typed stays as it is."""
        if self.env.su or self.env["kehu.role"]._kehu_hidden().isdisjoint(REACH):
            return super().onchange(values, field_names, fields_spec)
        texts = {text for text in _texts(values) if is_reach(text) and not STARS.search(text)}
        # so many are not typed: they are tried
        typed = Typed(plain(kind, text) for text in texts for kind in ("phone", "email")) if len(texts) <= MOST_GUESSES else Typed()
        return super(Base, self.with_context(**{TYPED: Typed(typed - {""})})).onchange(values, field_names, fields_spec)

    def copy(self, default=None):
        if not self._kehu_covered_fields():
            return super().copy(default)
        own = self.sudo()  # sudo: any model - whose it is
        if self._kehu_copied_bare and own - own._kehu_uncovered():
            return super().copy(default)
        return super(Base, self.with_context(**{COPYING: Typed()})).copy(default).with_env(self.env)

    def copy_data(self, default=None):
        """What a copy would hold is told to whoever asks for it."""
        result = super().copy_data(default)
        hidden = self._kehu_covered_fields()
        if hidden and not isinstance(self.env.context.get(COPYING), Typed):
            for row in result:
                for name in hidden.keys() & row.keys():
                    row[name] = covered(hidden[name], row[name])
        return result

    # ------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        return (*super()._get_view_cache_key(view_id, view_type, **options), self.env["kehu.role"]._kehu_hidden())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Fields that would stay empty are not shown at all."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if not self.env["kehu.role"]._kehu_hidden() <= set(REACH):
            _leave_out(arch, self)
        return arch, view

    # ------------------------------------------------------------
    # Handing back
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if hidden := self._kehu_covered_fields():
            vals_list = [self._kehu_without_stars(vals, hidden) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if hidden := self._kehu_covered_fields():
            vals = self._kehu_without_stars(vals, hidden)
        return super().write(vals)

    def _kehu_without_stars(self, vals, hidden):
        """A form hands back what it was shown: that is left as it is.

        :raises KehuStarsError: for stars that stand for another value
        """
        kept = dict(vals)
        for name in hidden.keys() & vals.keys():
            value, kind = vals[name], hidden[name]
            if kind == "cost" and not value:
                del kept[name]
            elif kind in REACH and isinstance(value, str) and STARS.search(value):
                shown = {covered(kind, record[name]) for record in self.sudo()}  # sudo: any model - what the person was shown
                if shown - {value}:
                    raise KehuStarsError(
                        self.env._(
                            "%(field)s “%(value)s” is not complete: your role hides it. Enter the whole one, or leave it as it was.",
                            field=self._fields[name]._description_string(self.env),
                            value=value[:80],
                        )
                    )
                del kept[name]
        return kept

    # ------------------------------------------------------------
    # Searching, sorting, grouping
    # ------------------------------------------------------------

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, *, active_test=True, bypass_access=False):
        if self.env["kehu.role"]._kehu_hidden():
            domain = self._kehu_asked(Domain(domain))
        return super()._search(domain, offset, limit, order, active_test=active_test, bypass_access=bypass_access)

    @api.model
    def _kehu_asked(self, domain):
        """A domain without what would tell hidden values; one that tries many numbers or addresses finds nothing.

        :rtype: Domain
        :raises KehuHiddenError: see :meth:`_kehu_asked_whole`
        """
        hidden = self._kehu_covered_fields()
        tried = [condition.value for condition in domain.iter_conditions() if hidden.get(condition.field_expr) in REACH]
        if sum(len(value) if isinstance(value, Collection) and not isinstance(value, str) else 1 for value in tried) > MOST_GUESSES:
            return Domain.FALSE
        return domain.map_conditions(lambda condition: self._kehu_asked_whole(condition, hidden))

    @api.model
    def _kehu_asked_whole(self, condition, hidden):
        """Let numbers and addresses be looked for as a whole only, and amounts not at all: comparing tells them piece by piece.

        :param condition: of a domain
        :rtype: Domain
        :raises KehuHiddenError: for an amount or a cost that is compared with anything but zero
        """
        name, operator, value = condition.field_expr, condition.operator, condition.value
        if name == "id" and operator in ("any", "any!", "not any", "not any!") and isinstance(value, (Domain, list, tuple)):
            # the host puts the inner domain in its place, behind the back of `_search`
            inner = self._kehu_asked(Domain(value))
            return ~inner if operator.startswith("not") else inner
        link, _dot, rest = name.partition(".")
        field = self._fields.get(link)
        if field and field.relational and field.comodel_name in self.env:
            if rest:  # as the host takes paths apart; some of them it answers without a search of the other model
                operator, value = "any", Domain(rest, operator, value)
            if operator in ("any", "any!", "not any", "not any!") and isinstance(value, (Domain, list, tuple)):
                return Domain(link, operator, self.env[field.comodel_name]._kehu_asked(Domain(value)))
        kind = hidden.get(name)
        if not kind:
            return condition
        if not any(value if isinstance(value, Collection) and not isinstance(value, str) else [value]):
            return condition
        if kind not in REACH:
            raise self._kehu_hidden_error(name)
        if operator in ("=", "in"):
            return condition
        if operator in CONTAINS and isinstance(value, str) and is_whole(kind, value):
            return condition if kind != "email" else Domain(name, "=ilike", re.sub(r"([\\_])", r"\\\1", value.strip()))
        return Domain.FALSE

    def _kehu_hidden_error(self, name):
        return KehuHiddenError(
            self.env._(
                "Your role hides “%(field)s”, so records are not searched, sorted, grouped or exported by it. Take it off, or ask a CRM "
                "administrator.",
                field=self._fields[name]._description_string(self.env),
            )
        )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        if field_name.split(".")[0] in self._kehu_covered_fields():
            return SQL()
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    def _read_group_select(self, aggregate_spec, query):
        """Sums of amounts stay empty, so that a list with sums still opens."""
        if hidden := self._kehu_covered_fields():
            name, _colon, function = aggregate_spec.partition(":")
            if name in hidden and (hidden[name] in REACH or function not in ADDED_UP):
                raise self._kehu_hidden_error(name)
            if name in hidden:
                return SQL("MAX(NULL::numeric)")
        return super()._read_group_select(aggregate_spec, query)

    def _read_group_groupby(self, alias, groupby_spec, query):
        hidden = self._kehu_covered_fields()
        if hidden and re.match(r"\w*", groupby_spec)[0] in hidden:
            raise self._kehu_hidden_error(re.match(r"\w*", groupby_spec)[0])
        return super()._read_group_groupby(alias, groupby_spec, query)

    # ------------------------------------------------------------
    # Exporting
    # ------------------------------------------------------------

    def export_data(self, fields_to_export):
        """:raises KehuHiddenError: for a column that leads to a hidden field"""
        for path in fields_to_export if self.env["kehu.role"]._kehu_hidden() else ():
            model = self.browse()
            for step in re.split(r"[/.]", str(path)):
                if step in model._kehu_covered_fields():
                    raise model._kehu_hidden_error(step)
                field = model._fields.get(step)
                if not field or not field.relational:
                    break
                model = self.env[field.comodel_name]
            if model._name == "kehu.contact.phone" and model._kehu_covered_fields():
                raise model._kehu_hidden_error("number")  # the name of a number is the number
        return super().export_data(fields_to_export)


def _texts(values):
    """All texts in the values of a form, those of its lines included."""
    for value in values.values() if isinstance(values, dict) else values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, (dict, list, tuple)):
            yield from _texts(value)


def _leave_out(node, model):
    """Take the fields that stay empty out of sight in a view and in those inside its lines.

    :param lxml.etree._Element node: of the view
    :param model: whose fields it shows
    """
    hidden = {name for name, kind in model._kehu_covered_fields().items() if kind not in REACH}
    in_list = node.tag == "list"
    for child in node.iterchildren("*"):
        name = child.get("for") if child.tag == "label" else child.get("name")
        inner = model
        if child.tag in ("field", "label") and name in hidden:
            child.set("column_invisible" if in_list else "invisible", "True")
            child.attrib.pop("sum", None)
        elif child.tag == "progressbar" and child.get("sum_field") in hidden:
            del child.attrib["sum_field"]
        elif child.tag == "field" and (field := model._fields.get(name)) and field.comodel_name in model.env:
            inner = model.env[field.comodel_name]
        _leave_out(child, inner)
