"""How a tree is named in a workbook: by code, by path, by name."""

from odoo.fields import Domain
from odoo.tools import SQL

SIGNS = ("/", ">", "＞", "／", "\\", "→")  # between the parts of a path


def as_path(word):
    """Return a path as the host writes it.

    >>> as_path("机械>水泵/ 离心泵")
    '机械 / 水泵 / 离心泵'
    """
    for sign in SIGNS[1:]:
        word = word.replace(sign, "/")
    return " / ".join(part.strip() for part in word.split("/") if part.strip())


def find_in_tree(model, domain, words, languages):
    """Find records of a tree by code, whole path or name, in that order; upper and lower case are the same.

    :param model: one with ``name``, ``complete_name`` and ``kehu_code``
    :param Domain domain: which records may be meant
    :param list languages: in which a name may be written
    :return: {word: records}
    :rtype: dict
    """
    paths = {word: as_path(word).lower() for word in words}
    wanted = list({word.strip().lower() for word in words} | {path.rpartition(" / ")[2] for path in paths.values()})
    found = {"kehu_code": {}, "complete_name": {}, "name": {}}
    for lang in languages if model._fields["name"].translate else [model.env.lang]:
        for record in model.with_context(lang=lang).search(domain & Domain.OR(_any_case(name, wanted) for name in ("kehu_code", "name"))):
            for name, by_text in found.items():
                if text := record[name]:
                    by_text[text.lower()] = by_text.get(text.lower(), model) | record.with_env(model.env)
    return {
        word: found["kehu_code"].get(word.strip().lower())
        or found["complete_name"].get(path)
        or found["name"].get(word.strip().lower())
        or model
        for word, path in paths.items()
    }


def _any_case(name, wanted):
    return Domain.custom(to_sql=lambda model, alias, query: SQL("lower(%s) = ANY(%s)", model._field_to_sql(alias, name, query), wanted))
