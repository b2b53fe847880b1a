import json
import logging

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import partner_search_sql as search_sql

_logger = logging.getLogger(__name__)

# a search nobody wants in an order: a count, a sub-query
UNORDERED = "kehu_unordered"
# what the record rules on partners look at
RULE_FIELDS = ("kehu_customer_id", "user_id", "kehu_pool_id", "kehu_department_id", "partner_share", "company_id")
# rows before a page that is found first and read then
FAR = 2000
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

    # lists of customers in the order of names: one's own, all, a department's, a pool's. Predicates are those that the ORM writes, and the
    # further columns are those that record rules ask for, so that a count and a far page need not read the rows.
    _kehu_list_owner_idx = models.Index(
        "(user_id, complete_name, id DESC) INCLUDE (company_id, partner_share, kehu_customer_id, kehu_pool_id) "
        "WHERE active IS TRUE AND kehu_is_customer IS TRUE AND user_id IS NOT NULL"
    )
    _kehu_list_name_idx = models.Index(
        "(complete_name, id DESC) INCLUDE (user_id, kehu_department_id, kehu_pool_id, kehu_customer_id, company_id, partner_share) "
        "WHERE active IS TRUE AND kehu_is_customer IS TRUE"
    )
    _kehu_list_department_idx = models.Index(
        "(kehu_department_id, complete_name, id DESC) WHERE active IS TRUE AND kehu_is_customer IS TRUE AND kehu_department_id IS NOT NULL"
    )
    _kehu_list_pool_idx = models.Index(
        "(kehu_pool_id, complete_name, id DESC) WHERE active IS TRUE AND kehu_is_customer IS TRUE AND kehu_pool_id IS NOT NULL"
    )
    # the newest that wait in a pool
    _kehu_waiting_idx = models.Index(
        "(kehu_pool_id, id) WHERE active IS TRUE AND kehu_is_customer IS TRUE AND kehu_pool_id IS NOT NULL AND user_id IS NULL"
    )

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

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Read what the record rules ask for along with the rest; else the rules of a list's rows cost one more query."""
        if field_names is not None and not self.env.su and self.env.user._is_internal():
            field_names = [*field_names, *(name for name in RULE_FIELDS if name not in field_names)]
        return super().search_fetch(domain, field_names, offset, limit, order)

    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Let :meth:`_kehu_term_domain` know whether the order of what is found matters, and find some pages by an index alone.

        These are far pages, where the host reads all columns of the rows that come before, to drop them, and the customers of one person,
        where PostgreSQL takes the record rules to let few pass and so reads and sorts all.
        """
        domain = Domain(domain)
        model = self if order or self.env.context.get(UNORDERED) else self.with_context(**{UNORDERED: True})
        query = super(ResPartner, model)._search(domain, offset, limit, order, **kwargs)
        if limit and order and not query.is_empty() and ((offset or 0) >= FAR or _of_one_person(domain)):
            return self.browse(query.get_result_ids())._as_query()
        return query

    def _search_display_name(self, operator, value):
        """See the class; operators that compare whole names, and patterns of the caller's own, are the host's."""
        if operator not in ("ilike", "not ilike") or not isinstance(value, str) or not value.strip():
            return super()._search_display_name(operator, value)
        if not self.env.su and not self.env.user._is_internal():
            # some of the columns are for people inside
            return super()._search_display_name(operator, value)
        # no text in the database has the character NUL
        domain = Domain.FALSE if "\0" in value else self._kehu_term_domain(value)
        return ~domain if operator == "not ilike" else domain

    def _kehu_term_domain(self, value):
        """Return the domain of the partners that contain a term, whose signs mean themselves; of several words, each of them.

        :param str value: what somebody typed, with something to see in it
        :rtype: Domain
        """
        words = search_sql.words(value)
        domain = Domain.custom(to_sql=lambda model, alias, query: _words_sql(words, model, alias))
        if self.pool.has_unaccent and any(search_sql.has_letters(word) for word in words):
            # the host compares without accents, which our indexes know
            columns = (*search_sql.TEXTS, *search_sql.PHONES)
            domain |= Domain.AND(Domain.OR(Domain(name, "ilike", word) for name in columns) for word in words)
        return domain


def _of_one_person(domain):
    """Tell whether a domain asks for the customers of one person, and for nothing that another index would find."""
    conditions = list(domain.iter_conditions())
    owners = [condition for condition in conditions if condition.field_expr == "user_id"]
    return (
        {condition.field_expr for condition in conditions} <= {"user_id", "kehu_is_customer", "active"}
        and len(owners) == 1
        and (owners[0].operator == "=" or (owners[0].operator == "in" and len(owners[0].value) == 1))
    )


def _words_sql(words, model, alias):
    """Return the condition that a partner contains each of the words.

    In a list the planner would rather walk along the order of names until a page is full, and walk far when what it looks for stands
    together, as all names of a city do. So what is found is looked up first unless it is very much.
    """
    spellings = [search_sql.needles(word) for word in words]
    by_index = [[search_sql.indexed_condition(needle, model, alias) for needle in needles] for needles in spellings]
    if all(None in conditions for conditions in by_index):
        return _written_sql(spellings, model, alias)
    if model.env.context.get(UNORDERED):
        return _indexed_sql(spellings, model, alias)
    inner = f"{alias}_found"[:63]
    indexed = _indexed_sql(spellings, model, inner)
    table = SQL.identifier(model._table)
    expected = _expected_rows(model, SQL("SELECT FROM %s %s WHERE %s", table, SQL.identifier(inner), indexed))
    if expected > FEW_AT_LEAST:
        every = _expected_rows(model, SQL("SELECT FROM %s", table))
        if expected > MANY * every or (expected > FEW * every and not _stand_together(spellings[0][-1], expected, model)):
            return _written_sql(spellings, model, alias)
    # OFFSET keeps the planner from taking it apart again
    return SQL(
        "%s IN (SELECT %s FROM %s %s WHERE %s OFFSET 0)",
        SQL.identifier(alias, "id"),
        SQL.identifier(inner, "id"),
        table,
        SQL.identifier(inner),
        indexed,
    )


def _written_sql(spellings, model, alias):
    """Return the condition that one spelling of each word is contained, compared column by column."""
    return _all(_any(search_sql.written_condition(needle, model, alias) for needle in needles) for needles in spellings)


def _indexed_sql(spellings, model, alias):
    """Return the same by the indexes; words that no index knows are looked for in what the others find."""
    by_index = [[search_sql.indexed_condition(needle, model, alias) for needle in needles] for needles in spellings]
    return _all(
        _any(search_sql.written_condition(needle, model, alias) for needle in needles) if None in conditions else _any(conditions)
        for needles, conditions in zip(spellings, by_index, strict=True)
    )


def _any(conditions):
    return SQL("(%s)", SQL(" OR ").join(conditions))


def _all(conditions):
    return SQL("(%s)", SQL(" AND ").join(conditions))


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
