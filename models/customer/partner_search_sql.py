"""The two functions and indexes by which partners are found, and the SQL that asks them.

No index of pg_trgm helps a search for two Chinese characters, the commonest of all, and in some databases (LC_CTYPE C, ICU) it knows no
Chinese at all. So what a person may type is looked up in two parts, of all texts of a partner that are searched:

* characters beyond ASCII, by themselves and by pairs of neighbours, in an array with a GIN index, which no locale matters to;
* the rest (Latin letters, pinyin, digits) as one text with a trigram index.

Both are expressions over the columns of a partner, kept by PostgreSQL itself whatever writes the row. Whoever changes a function gives it
a new name, so that the index is built anew.
"""

import re
import unicodedata

from odoo.tools import SQL

from ...tools.pinyin import plain_script

# what is searched, in the order of the functions' arguments
TEXTS = ("complete_name", "ref", "email", "vat", "company_registry", "kehu_pinyin", "kehu_wechat", "kehu_qq")
PHONES = ("phone", "kehu_mobile", "kehu_other_phones")
_ARGUMENTS = ", ".join((*TEXTS, *PHONES))

PAIRS = "kehu_search_pairs_1"
LATIN = "kehu_search_latin_1"
PAIRS_INDEX = f"USING gin ({PAIRS}({_ARGUMENTS}))"
LATIN_INDEX = f"USING gin ({LATIN}({_ARGUMENTS}) gin_trgm_ops)"

_PARAMETERS = ", ".join(f"{name} text" for name in (*TEXTS, *PHONES))
_TEXT = " || E'\\n' || ".join(f"COALESCE({name}, '')" for name in TEXTS)
# numbers are kept as digits, several with a comma between them; what stands beside them as it is written
_WRITTEN_PHONES = " ".join(f"|| CASE WHEN {name} ~ '[^-0-9+() ./,]' THEN E'\\n' || {name} ELSE '' END" for name in PHONES)
_DIGITS = " ".join(f"|| E'\\n' || regexp_replace(COALESCE({name}, ''), '[^0-9,]', '', 'g')" for name in PHONES)
FUNCTIONS = f"""
CREATE OR REPLACE FUNCTION {PAIRS}({_PARAMETERS}) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
DECLARE
    line text := {_TEXT} {_WRITTEN_PHONES};
BEGIN
    IF line !~ '[^\\x01-\\x7f]' THEN
        RETURN NULL;
    END IF;
    line := lower(regexp_replace(line, '[\\x01-\\x7f]+', E'\\n', 'g'));
    RETURN array_remove(
        string_to_array(line, NULL)
        || string_to_array(regexp_replace(line, '(..)', E'\\\\1\\x01', 'g'), E'\\x01')
        || string_to_array(regexp_replace(substr(line, 2), '(..)', E'\\\\1\\x01', 'g'), E'\\x01'), E'\\n') COLLATE "C";
END $$;
CREATE OR REPLACE FUNCTION {LATIN}({_PARAMETERS}) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
BEGIN
    RETURN lower(regexp_replace({_TEXT} {_WRITTEN_PHONES} {_DIGITS}, '[^\\x01-\\x7f]+', E'\\n', 'g'));
END $$;
"""

MOST_WORDS = 6  # a longer text was pasted, and is looked for as it is
_PHONE = re.compile(r"[0-9+()./\s\-–—―‐‑−_*#]+$")
_RUN = re.compile(r"[\x01-\x7f]+|[^\x00-\x7f]+")
_WORD = re.compile("[0-9A-Za-z]{3}")  # what gives a trigram
_SPELLED = re.compile(r"[A-Za-z]+(?:[ '’]+[A-Za-z]+)+$")


def drop_functions():
    """Return the statement that takes the functions away, and what still stands on them."""
    types = SQL(", ").join(SQL("text") for _name in (*TEXTS, *PHONES))
    return SQL("DROP FUNCTION IF EXISTS %s(%s), %s(%s) CASCADE", SQL.identifier(PAIRS), types, SQL.identifier(LATIN), types)


def words(term):
    """Return the words of a term, each of which must be contained, in whatever order.

    A phone number written in groups is one word, and so is pinyin by syllables: short ones stand in too many names.

    >>> words(" 苏州\u3000科技 "), words("suzhou huaqiang")
    (['苏州', '科技'], ['suzhou', 'huaqiang'])
    >>> words("0512 6288 7777"), words("xi an"), words("A B C D E F G")
    (['0512 6288 7777'], ['xi an'], ['A B C D E F G'])

    :param str term: what somebody typed, not empty
    :rtype: list[str]
    """
    term = term.strip()
    found = list(dict.fromkeys(term.split()))
    by_syllables = _SPELLED.match(plain_script(term)) and any(len(word) < 3 for word in found)
    return [term] if len(found) > MOST_WORDS or by_syllables or _PHONE.match(plain_script(term)) else found


def needles(term):
    """Return the texts of which one must be contained: the term, then other ways to write it.

    They are: simplified characters of ordinary width; v for ü; pinyin without blanks and apostrophes; the digits of a phone number
    without the country code of China and the zero before an area code.

    >>> needles("東方")
    ['東方', '东方']
    >>> needles("+86 512-6288 7777")
    ['+86 512-6288 7777', '51262887777']
    >>> needles("xi'an"), needles("lüzhou"), needles("100%")
    (["xi'an", 'xian'], ['lüzhou', 'lvzhou'], ['100%'])

    :param str term: what somebody typed, not empty
    :rtype: list[str]
    """
    found = [term]
    plain = plain_script(term)
    found.append(plain)
    if "ü" in plain.lower():
        found.append(plain.lower().replace("ü", "v"))
    if _SPELLED.match(plain):
        found.append(re.sub("[ '’]", "", plain))
    if _PHONE.match(plain):
        digits = re.sub("[^0-9]", "", plain)
        if len(digits) >= 3:
            found.append(_national(digits, plain.lstrip("( ").startswith("+")))
    return list(dict.fromkeys(found))


def _national(digits, international):
    """Return the part of a number that every way of writing it has."""
    for code, least in (("0086", 0), ("86", 0 if international else 12)):
        if digits.startswith(code) and len(digits) >= max(least, len(code) + 3):
            digits = digits[len(code) :]
            break
    # a short one may be an area code itself
    return digits.lstrip("0") if len(digits.lstrip("0")) >= 7 else digits


def like(needle):
    """Return a pattern that finds the needle anywhere, whatever signs it has."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", needle) + "%"


def index_expression(function, model, alias):
    """Return the indexed expression of a partner, as SQL."""
    columns = [SQL.identifier(alias, name, to_flush=model._fields[name]) for name in (*TEXTS, *PHONES)]
    return SQL("%s(%s)", SQL.identifier(function), SQL(", ").join(columns))


def indexed_condition(needle, model, alias):
    """Return the condition that a partner contains the needle as the indexes answer it, or None when they cannot.

    :rtype: SQL or None
    """
    parts = []
    pairs = index_expression(PAIRS, model, alias)
    latin = index_expression(LATIN, model, alias)
    runs = _RUN.findall(needle)
    grams = []
    for run in runs:
        if not run.isascii():
            grams += [run] if len(run) == 1 else [run[i : i + 2] for i in range(len(run) - 1)]
        elif _WORD.search(run) and model.pool.has_trigram:
            parts.append(SQL("%s LIKE lower(%s)", latin, like(run)))
    if grams:
        parts.insert(0, SQL("%s @> ARRAY[%s]", pairs, SQL(", ").join(SQL("lower(%s)", gram) for gram in dict.fromkeys(grams))))
    if not parts:
        return None
    exact = len(runs) == 1 and (needle.isascii() or len(needle) <= 2)
    if not exact:
        parts.append(written_condition(needle, model, alias))
    return SQL("(%s)", SQL(" AND ").join(parts))


def written_condition(needle, model, alias):
    """Return the condition that a partner contains the needle, column by column, as the host asks."""
    columns = [SQL.identifier(alias, name, to_flush=model._fields[name]) for name in (*TEXTS, *PHONES)]
    pattern = like(needle)
    parts = [SQL("%s ILIKE %s", column, pattern) for column in columns]
    if needle.isdigit():
        parts += [SQL("regexp_replace(%s, '[^0-9,]', '', 'g') LIKE %s", column, pattern) for column in columns[len(TEXTS) :]]
    return SQL("(%s)", SQL(" OR ").join(parts))


def has_letters(term):
    """Tell whether the term has Latin letters or the like, which ``unaccent`` would compare without their accents."""
    return any(unicodedata.category(char)[0] == "L" and unicodedata.category(char) != "Lo" for char in term)
