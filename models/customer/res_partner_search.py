import json
import logging

from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import partner_search_sql as search_sql

_logger = logging.getLogger(__name__)

# a search nobody wants in an order: a count, a sub-query
UNORDERED = "kehu_unordered"
# shares of all partners: up to the first, what was found is sorted; up to the second, if it stands together in the order of names
FEW, MANY = 0.01, 0.2
FEW_AT_LEAST = 2000


class ResPartner(models.Model):
    """Customers and contacts are found by any part of name, code, phone, e-mail or tax number and by pinyin, fast whatever their number.

    ``display_name`` is what lists, many2one fields and other models search by, so it is the one place.
    """

    _inherit = "res.partner"

    # the indexes below know them
    kehu_pinyin = fields.Char(index=False)
    kehu_mobile = fields.Char(index=False)
    kehu_other_phones = fields.Char(index=False)
    kehu_wechat = fields.Char(index=False)
    kehu_qq = fields.Char(index=False)

    _kehu_search_pairs_idx = models.Index(search_sql.PAIRS_INDEX)
    _kehu_search_latin_idx = models.Index(lambda registry: search_sql.LATIN_INDEX if registry.has_trigram else "")

    def _auto_init(self):
        """Make the functions that the indexes stand on, and say what this database cannot do."""
        cr = self.env.cr
        cr.execute(search_sql.FUNCTIONS)
        if not self.pool.has_trigram:
            _logger.info(
                "The extension pg_trgm is missing: customers are found by Chinese characters with an index, by Latin letters and digits "
                "without one. Run CREATE EXTENSION pg_trgm in this database and update kehu_crm."
            )
        else:
            cr.execute("SELECT cardinality(show_trgm('中文'))")
            if not cr.fetchone()[0]:
                _logger.info(
                    "pg_trgm knows no Chinese in the locale of this database; the search for customers has an index of its own for it."
                )
        return super()._auto_init()

    def init(self):
        """Let the planner know what the new indexes hold; it would guess until the table is analysed the next time."""
        result = super().init()
        self.env.cr.execute(
            """SELECT FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
                WHERE c.relname = 'res_partner_kehu_search_pairs_idx' AND i.indrelid = 'res_partner'::regclass
                  AND NOT EXISTS (SELECT FROM pg_statistic s WHERE s.starelid = c.oid)"""
        )
        if self.env.cr.rowcount:
            self.env.cr.execute("ANALYZE res_partner")
        return result

    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Let :meth:`_kehu_term_domain` know whether the order of what is found matters."""
        model = self if order or self.env.context.get(UNORDERED) else self.with_context(**{UNORDERED: True})
        return super(ResPartner, model)._search(domain, offset, limit, order, **kwargs)

    def _search_display_name(self, operator, value):
        """See the class; operators that compare whole names, and patterns of the caller's own, are the host's."""
        if operator not in ("ilike", "not ilike") or not isinstance(value, str) or not value.strip():
            return super()._search_display_name(operator, value)
        if not self.env.su and not self.env.user._is_internal():
            # some of the columns are for people inside
            return super()._search_display_name(operator, value)
        domain = self._kehu_term_domain(value)
        return ~domain if operator == "not ilike" else domain

    def _kehu_term_domain(self, value):
        """Return the domain of the partners that contain a term, whose signs mean themselves.

        :param str value: what somebody typed, with something to see in it
        :rtype: Domain
        """
        term = value.strip()
        domain = Domain.custom(to_sql=lambda model, alias, query: _term_sql(term, model, alias))
        if self.pool.has_unaccent and search_sql.has_letters(term):
            # the host compares without accents, which our indexes know
            domain |= Domain.OR(Domain(name, "ilike", term) for name in (*search_sql.TEXTS, *search_sql.PHONES))
        return domain


def _term_sql(term, model, alias):
    """Return the condition that a partner contains the term.

    In a list the planner would rather walk along the order of names until a page is full, and walk far when what it looks for stands
    together, as all names of a city do. So what is found is looked up first unless it is very much.
    """
    needles = search_sql.needles(term)
    conditions = [search_sql.indexed_condition(needle, model, alias) for needle in needles]
    if None in conditions:
        return _any(search_sql.written_condition(needle, model, alias) for needle in needles)
    if model.env.context.get(UNORDERED):
        return _any(conditions)
    inner = f"{alias}_found"[:63]
    indexed = _any(search_sql.indexed_condition(needle, model, inner) for needle in needles)
    table = SQL.identifier(model._table)
    expected = _expected_rows(model, SQL("SELECT FROM %s %s WHERE %s", table, SQL.identifier(inner), indexed))
    if expected > FEW_AT_LEAST:
        every = _expected_rows(model, SQL("SELECT FROM %s", table))
        if expected > MANY * every or (expected > FEW * every and not _stand_together(needles[-1], expected, model)):
            return _any(search_sql.written_condition(needle, model, alias) for needle in needles)
    # OFFSET keeps the planner from taking it apart again
    return SQL(
        "%s IN (SELECT %s FROM %s %s WHERE %s OFFSET 0)",
        SQL.identifier(alias, "id"),
        SQL.identifier(inner, "id"),
        table,
        SQL.identifier(inner),
        indexed,
    )


def _any(conditions):
    return SQL("(%s)", SQL(" OR ").join(conditions))


def _stand_together(needle, expected, model):
    """Tell whether many of the partners that contain the needle begin with it, so that they are neighbours in the order of names."""
    if needle.isascii():
        return True  # begins with it in pinyin, perhaps
    name = SQL.identifier("complete_name", to_flush=model._fields["complete_name"])
    pattern = search_sql.like(needle).removeprefix("%")
    starts = SQL("SELECT FROM %s WHERE %s LIKE %s", SQL.identifier(model._table), name, pattern)
    return _expected_rows(model, starts) > expected / 4


def _expected_rows(model, query):
    """Return how many rows the planner expects of a query, which is not run."""
    ((plan,),) = model.env.execute_query(SQL("EXPLAIN (FORMAT JSON) %s", query))
    plan = json.loads(plan) if isinstance(plan, str) else plan
    return plan[0]["Plan"]["Plan Rows"]
