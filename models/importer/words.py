"""How a tree is named in a workbook: by code, by path, by name."""

import re

from odoo.fields import Domain
from odoo.tools import SQL

SIGNS = ("/", ">", "＞", "／", "\\", "→")  # between the parts of a path

_BETWEEN = re.compile(r"(\s*[;；,，、\n]\s*)")  # between the names of several records in a cell
MOST_JOINED = 5  # parts that one name has by such signs in it


def split_names(text):
    """Return what stands between the signs in a cell, and the signs.

    >>> split_names(" A, B;; C;")
    ['A', ', ', 'B', ';', '', '; ', 'C']
    """
    parts = _BETWEEN.split(text.strip())
    while len(parts) > 1 and not parts[-1]:
        parts = parts[:-2]
    return parts if parts[0] or len(parts) > 1 else []


def joined_words(parts):
    """Return every text that may be a name: each part of :func:`split_names`, and neighbours as they are written together.

    >>> sorted(joined_words(["A", ", ", "B"]))
    ['A', 'A, B', 'B']
    """
    return {
        "".join(parts[start:end])
        for start in range(0, len(parts), 2)
        for end in range(start + 1, min(start + 2 * MOST_JOINED, len(parts) + 1), 2)
        if parts[start] and parts[end - 1]
    }


def names_in(parts, known):
    """Return the names that a cell holds, the longest first where a name has a sign in it.

    :param list parts: of :func:`split_names`
    :param dict known: {each of :func:`joined_words`: the records that it names}

    >>> names_in(["A", ", ", "B", "; ", "C"], {"A": [], "A, B": [1], "B": [2], "C": [3], "B; C": [], "A, B; C": []})
    ['A, B', 'C']
    """
    names, start = [], 0
    while start < len(parts):
        ends = range(min(start + 2 * MOST_JOINED, len(parts) + 1) - 1, start, -1)
        end = next((end for end in ends if (end - start) % 2 and known.get("".join(parts[start:end]))), start + 1)
        if parts[start]:
            names.append("".join(parts[start:end]))
        start = end + 1
    return list(dict.fromkeys(names))


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
