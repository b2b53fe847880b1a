"""How products and their variants are found: by one stored text of each, with an index, whatever their number.

Every word that is typed must be contained, in whatever order: in the name in any language, the code, the barcode, the specification or
their pinyin, whole or by initials.
"""

from odoo.fields import Domain
from odoo.tools import SQL

from ...tools import search_key

KEY_HELP = "Names, codes and specification with their pinyin, in the form in which the search reads them."


def key_index(registry):
    """Return the definition of the index over the key; none in a database without pg_trgm."""
    return "USING gin (kehu_search_key gin_trgm_ops)" if registry.has_trigram else ""


def typed_domain(model, operator, value):
    """Return the domain of what contains every word of a term, or None where the host's own search has to answer.

    The host answers for people of the portal, for operators that compare whole names and for patterns of the caller's own.

    :param model: product.template or product.product
    :rtype: Domain or None
    """
    if operator not in ("ilike", "not ilike") or not isinstance(value, str) or not (model.env.su or model.env.user._is_internal()):
        return None
    words = search_key.patterns(value)
    if not words:
        return None
    found = Domain.AND(Domain.OR(Domain("kehu_search_key", "=like", pattern) for pattern in word) for word in words)
    return found if operator == "ilike" else ~found


def search_names(model, whole_code, name, domain, limit):
    """Find by a term as :func:`typed_domain` does; first what bears the whole term as code or barcode.

    :param model: product.template or product.product
    :param whole_code: function from a code to the domain of what bears it
    :return: [(id, name)]; None where the host's own search has to answer
    """
    if typed_domain(model, "ilike", name) is None:
        return None
    if "\0" in name:  # no text in the database has it
        return []
    domain = Domain(domain or Domain.TRUE)
    found = model.search_fetch(domain & whole_code(name.strip()), ["display_name"], limit=limit)
    if not limit or len(found) < limit:
        others = domain & Domain("display_name", "ilike", name) & Domain("id", "not in", found.ids)
        found |= model.search_fetch(others, ["display_name"], limit=limit and limit - len(found))
    if not found and model.env.context.get("partner_id"):
        return None  # a vendor's own names and codes
    # sudo: product - names of what the person's own rights found, as the host shows them
    return [(record.id, record.display_name) for record in found.sudo()]


def add_specification(records):
    """Show the specification beside the name where one chooses from a list: products often differ by nothing else."""
    if records.env.context.get("formatted_display_name"):
        for record in records:
            if record.display_name and record.kehu_specification:
                record.display_name = f"{record.display_name}\t--{record.kehu_specification}--"


def stored_texts(records, names):
    """Return the texts of these fields in every language, read for all records at once.

    :param list names: stored fields, translated or not
    :return: {id: texts}
    :rtype: dict[int, list[str]]
    """
    ids = [record.id for record in records if isinstance(record.id, int)]
    if not ids:
        return {}
    records.flush_model(names)
    columns = SQL(", ").join(SQL.identifier(name) for name in names)
    found = {}
    for record_id, *values in records.env.execute_query(
        SQL("SELECT id, %s FROM %s WHERE id = ANY(%s)", columns, SQL.identifier(records._table), ids)
    ):
        texts = found.setdefault(record_id, [])
        for value in values:
            texts += value.values() if isinstance(value, dict) else [value]
    return found
