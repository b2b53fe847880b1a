"""The search for duplicates in SQL: many customers, all rules, one statement.

A probe is what is looked for: typed values or a saved customer, folded to keys. A spec is a rule as plain values. Every spec becomes one
branch of a union: the keys of all probes, each looked up in the index of its column by a lateral join that stops at :data:`MOST_HITS`.
Names that are merely alike are found by the pairs of characters that they must share (``tools.folding.telling_grams``) in an index over
arrays, which works in every locale of the database, and are scored in Python.
"""

import hashlib
import json
from collections import defaultdict, namedtuple

from odoo.tools import SQL, email_normalize

from ...tools import folding, folding_reach

Spec = namedtuple("Spec", "id field match threshold place scope action refuse_import on_change")
# customer_id is the candidate, partner_id the customer itself or the contact of it that has the key
Hit = namedtuple("Hit", "probe spec customer_id partner_id score kind name name_key owner_id owner pool readable")

# A key that more customers share (a hotline, a mail service) tells little; the first ones are enough for everybody.
MOST_HITS = 20
# Alike names that are scored; they come with the greatest overlap first.
MOST_ALIKE = 50
SOUND_SCORE = 0.8
SCORES = {"vat": 1.0, "email": 0.9, "phone": 0.9, "kehu_mobile": 0.9, "website": 0.85}
OTHER_SCORE = 0.8
NAME_SCORES = {"exact": 1.0, "key": 0.95, "core": 0.85, "elsewhere": 0.7}
DOMAIN_SCORE = 0.6

# Nobody has a longer name, address or number.
LONGEST_VALUE = 500
LONGEST_KEY = 120  # characters of the value of any other field; see :func:`other_key`

PHONES = ("phone", "kehu_mobile")
STANDARD_FIELDS = ("name", "vat", *PHONES, "email", "website")
# {(field, similar): column of its key}
KEY_COLUMNS = {
    ("phone", False): "kehu_phone_key",
    ("kehu_mobile", False): "kehu_mobile_key",
    ("email", False): "email_normalized",
    ("email", True): "kehu_email_domain",
    ("website", False): "kehu_website_key",
    ("vat", False): "kehu_vat_key",
}
# What contact persons are looked for with, and found by.
CONTACT_FIELDS = (*PHONES, "email")


class Probe:
    """What is looked for: values and their keys."""

    __slots__ = ("_sound", "company_id", "contact", "core", "keys", "own", "place", "region", "values")

    def __init__(self, values, own=0, contact=False, region="CN", company_id=False, keys=None):
        """
        :param dict values: {field: value as it would be stored}
        :param int own: the customer that is not a duplicate of itself
        :param bool contact: whether this is a contact person; its name is no company's
        :param str region: country code for phone numbers without one
        :param int company_id: only customers of this company or of none count; False = those the caller allows
        :param dict keys: the keys that are stored already, by name of the column; else they are made here
        """
        self.keys = keys or {}
        self._sound = None
        self.values = values
        self.own = own or 0
        self.contact = contact
        self.region = region
        self.company_id = company_id
        if contact:
            self.place = self.core = ""
        elif keys:
            self.core = keys["kehu_name_core"] or ""
            self.place = (keys["kehu_name_key"] or "").removesuffix(self.core)
        else:
            self.place, self.core = folding.split_name(values.get("name") or "")

    @property
    def sound(self):
        if self._sound is None:
            self._sound = folding.name_sound(self.core)
        return self._sound

    @property
    def name_key(self):
        return self.place + self.core

    def key(self, spec):
        """Return the key of this probe under a spec, empty when there is none."""
        value = self.values.get(spec.field)
        if value in (None, False, "") or (self.contact and spec.field not in CONTACT_FIELDS):
            return ""
        if spec.field == "name":
            return self.name_key if spec.match == "exact" or spec.place == "keep" else self.core
        column = KEY_COLUMNS.get((spec.field, spec.match == "similar"))
        if column in self.keys:
            return self.keys[column] or ""
        if spec.field in PHONES:
            return folding_reach.phone_key(value, self.region)
        if spec.field == "email":
            return folding_reach.email_domain(value) if spec.match == "similar" else email_normalize(value, strict=False) or ""
        if spec.field == "website":
            return folding_reach.website_key(value)
        if spec.field == "vat":
            return folding_reach.vat_key(value)
        return other_key(spec.field, value)

    def place_for(self, spec):
        """Return the place that must agree, or be missing on one side, where the key of this spec leaves it out; else nothing."""
        return self.place if spec.field == "name" and spec.match != "exact" and spec.place == "open" else ""


def plain_text(value):
    """Return a text that a client sent without what PostgreSQL refuses, and no endless one.

    >>> plain_text("华强\\x00科技")
    '华强科技'
    """
    return value[:LONGEST_VALUE].replace("\x00", "").encode(errors="ignore").decode()


def other_key(field, value):
    """Return the token of a value of any other field, without blanks; empty when nothing is left of it.

    >>> other_key("street", "人民路 12号")
    'street:人民路12号'
    >>> from datetime import datetime
    >>> other_key("x_seen", datetime(2026, 1, 1, 10))
    'x_seen:2026-01-01T10:00:00'

    A long text is known by its beginning and a digest, since an index holds no long keys:

    >>> len(other_key("street", "路" * 10000)) < 200, other_key("street", "路" * 10000) == other_key("street", "路" * 9999)
    (True, False)
    """
    folded = folding.fold_text(value) if isinstance(value, str) else str(value).replace(" ", "T")
    if len(folded) > LONGEST_KEY:
        folded = f"{folded[:LONGEST_KEY]}#{hashlib.sha256(folded.encode(errors='replace')).hexdigest()[:32]}"
    return f"{field}:{folded}" if folded else ""


def search(env, specs, probes, company_ids, readable=None):
    """Find the customers that are duplicates of these probes by these specs. One query, no access rules: the caller masks.

    :param env: whose cursor is used; pending changes of partners must be written already
    :param list specs: of :class:`Spec`
    :param list probes: of :class:`Probe`
    :param list company_ids: customers of these companies, or of none, count
    :param odoo.tools.Query readable: the partners that the person may read; without it each hit says that it is readable
    :return: hits by number of the probe, the best first, one per spec and customer
    :rtype: dict[int, list[Hit]]
    """
    branches = _Branches(probes, company_ids)
    for spec in specs:
        _add_branches(branches, spec)
    if not branches.queries:
        return {}
    return _best(env.execute_query(_statement(env, branches, readable)), specs, probes.__getitem__)


def search_saved(env, specs, ids, company_ids, readable=None):
    """Find the duplicates of saved customers and contacts by the keys that are stored: as :func:`search`, in one query with their values.

    :param list specs: any but similar names, whose telling pairs are made in Python
    :param ids: of partners
    :param readable: a function that gives the query of the partners that the person may read, asked where something is found
    :return: (hits by id, probes by id); only of those that have duplicates
    """
    branches = _SavedBranches(ids, company_ids)
    for spec in specs:
        _add_branches(branches, spec)
    if not branches.queries:
        return {}, {}
    probes = {}
    rows = env.execute_query(_statement(env, branches, readable() if readable else None))
    for number, *_hit, own, name, key, core in rows:
        if number not in probes:
            probes[number] = Probe({"name": name}, own=own, keys={"kehu_name_key": key, "kehu_name_core": core})
    return _best([row[:-4] for row in rows], specs, probes.__getitem__), probes


def is_found(env, specs, partner, company_ids):
    """Tell whether :func:`search_saved` may find a duplicate of one saved customer or contact; one query, in less time.

    On most cards nothing is found, and PostgreSQL plans the whole search longer than it takes to look.

    :param list specs: any but similar names
    :param res.partner partner: in superuser mode; its keys are read from memory where they are known
    :rtype: bool
    """
    look = _Look(partner, company_ids)
    for spec in specs:
        _add_branches(look, spec)
    return bool(look.conditions) and bool(env.execute_query(look.statement()))


def is_saved_spec(spec):
    """Tell whether :func:`search_saved` can look this spec up."""
    return not (spec.field == "name" and spec.match == "similar")


def _key_column(spec):
    """Return the name of the column with the keys of a spec that is not about similar names, None where a column holds several."""
    if spec.field == "name":
        return "kehu_name_key" if spec.match == "exact" or spec.place == "keep" else "kehu_name_core"
    return KEY_COLUMNS.get((spec.field, spec.match == "similar"))


def _statement(env, branches, readable):
    """Return the statement: probes, their hits, and what is told of the customers found."""
    return SQL(
        """
        SELECT probe.n, hit.spec, hit.customer_id, hit.partner_id, customer.complete_name, customer.kehu_name_key,
               customer.kehu_name_core, customer.user_id,
               (SELECT owner.name FROM res_users u JOIN res_partner owner ON owner.id = u.partner_id WHERE u.id = customer.user_id),
               (SELECT coalesce(pool.name ->> %(lang)s, pool.name ->> 'en_US') FROM kehu_pool pool
                 WHERE pool.id = customer.kehu_pool_id),
               customer.name, customer.kehu_name_sound, %(readable)s %(more)s
          FROM %(probes)s
    CROSS JOIN LATERAL (%(branches)s) hit
    CROSS JOIN LATERAL (
               SELECT complete_name, kehu_name_key, kehu_name_core, kehu_name_sound, user_id, kehu_pool_id, name
                 FROM res_partner WHERE id = hit.customer_id OFFSET 0) customer
         WHERE NOT EXISTS (
               SELECT FROM kehu_duplicate_exclusion known
                WHERE known.partner_id = least(probe.own, hit.customer_id) AND known.other_id = greatest(probe.own, hit.customer_id))
        """,
        lang=env.lang or "en_US",
        readable=SQL("TRUE")
        if readable is None
        else SQL(
            # no EXISTS, for which PostgreSQL would make a list of all that the person may read
            "coalesce((SELECT TRUE FROM %s WHERE %s AND res_partner.id = hit.customer_id LIMIT 1), FALSE)",
            readable.from_clause,
            readable.where_clause or SQL("TRUE"),
        ),
        more=branches.more,
        probes=branches.source(),
        branches=SQL(" UNION ALL ").join(branches.queries),
    )


def _best(rows, specs, probe_of):
    """Score rows, and keep the best hit for each spec and customer: {number of the probe: hits, the best first}."""
    by_id = {spec.id: spec for spec in specs}
    best = {}
    for n, spec_id, customer_id, partner_id, name, key, core, owner_id, owner, pool, raw, sound, readable in rows:
        spec, probe = by_id[spec_id], probe_of(n)
        scored = _score(spec, probe, customer_id == partner_id, key or "", core or "", raw, sound)
        if scored:
            hit = Hit(n, spec, customer_id, partner_id, *scored, name, key, owner_id, owner, pool, readable)
            known = best.get((n, spec_id, customer_id))
            if not known or hit.score > known.score:
                best[n, spec_id, customer_id] = hit
    found = defaultdict(list)
    for hit in best.values():
        found[hit.probe].append(hit)
    for hits in found.values():
        hits.sort(key=lambda hit: (-hit.score, hit.customer_id))
    return dict(found)


def _score(spec, probe, direct, key, core, raw, sound):
    """Return (score, kind of reason) of a row, or None when it is not alike enough."""
    if spec.field == "name":
        place = key.removesuffix(core)
        if spec.match == "similar":
            alike = folding.similarity((probe.place, probe.core), (place, core))
            if sound and core != probe.core and sound == probe.sound:
                score = SOUND_SCORE * (folding.OTHER_PLACE if place and probe.place and place != probe.place else 1.0)
                if score > alike and folding.is_alike(score, spec.threshold):
                    return score, "sound"
            if core == probe.core and folding.is_alike(alike, spec.threshold):
                return alike, "written" if alike == 1.0 else "elsewhere"
            return (alike, "similar") if folding.is_alike(alike, spec.threshold) else None
        if raw == probe.values["name"]:
            return NAME_SCORES["exact"], "same"
        if key == probe.name_key:
            return NAME_SCORES["key"], "written"
        if not place or not probe.place:
            return NAME_SCORES["core"], "written"
        return NAME_SCORES["elsewhere"], "elsewhere"
    if spec.field == "email" and spec.match == "similar":
        return DOMAIN_SCORE, "domain"
    score = SCORES.get(spec.field, OTHER_SCORE)
    return (score, "same") if direct else (score - 0.05, "contact")


class _Branches:
    """The parts of the union, and the keys of the probes that they look up: one row per probe, one column per kind of key.

    The rows go to PostgreSQL as one text, which it reads much faster than arrays with an expression for each element.
    """

    more = SQL()

    def __init__(self, probes, company_ids):
        self.probes = probes
        self.company_ids = list(company_ids)
        self.rows = [
            {"n": n, "own": probe.own, "company_ids": [probe.company_id] if probe.company_id else self.company_ids}
            for n, probe in enumerate(probes)
        ]
        self.columns = []
        self.queries = []

    def source(self):
        """Return the probes as a table ``probe``."""
        return SQL(
            "jsonb_to_recordset(%s::jsonb) AS probe(n int, own int, company_ids int[], %s)",
            json.dumps(self.rows, ensure_ascii=False),
            SQL(", ").join(SQL("%s text", SQL.identifier(name)) for name in self.columns),
        )

    def column(self, values):
        """Add a column of the probes.

        :param dict values: {number of the probe: text}; the others have none, and nothing is equal to that
        :return: its name in SQL
        """
        name = f"k{len(self.columns)}"
        self.columns.append(name)
        for n, value in values.items():
            self.rows[n][name] = value
        return SQL.identifier("probe", name)

    def key(self, spec):
        """Return the column with the keys of a spec, None when no probe has one."""
        keys = {n: key for n, probe in enumerate(self.probes) if (key := probe.key(spec))}
        return self.column(keys) if keys else None

    def place(self, spec):
        """Return the column with the places that must agree or be missing."""
        return self.column({n: probe.place for n, probe in enumerate(self.probes) if probe.key(spec)})

    def written(self, spec):
        """Return the column with the values as they are written, None when they are no texts."""
        values = {n: probe.values[spec.field] for n, probe in enumerate(self.probes) if probe.key(spec)}
        return self.column(values) if all(isinstance(value, str) for value in values.values()) else None

    def who(self, spec):
        """Return the condition of who is found: customers, or their contacts too."""
        contacts = spec.scope == "contacts" and spec.field in CONTACT_FIELDS
        return SQL("p.kehu_customer_id IS NOT NULL") if contacts else SQL("p.kehu_is_customer IS TRUE")

    def add(self, spec, condition, limit=MOST_HITS, order=None):
        """Add a branch: the partners under a condition for each probe."""
        self.queries.append(
            SQL(
                """(SELECT %(spec)s AS spec, p.kehu_customer_id AS customer_id, p.id AS partner_id
                      FROM res_partner p
                     WHERE %(condition)s AND p.active IS TRUE AND %(who)s AND p.kehu_customer_id <> probe.own
                       AND (p.company_id IS NULL OR p.company_id = ANY (probe.company_ids))
                  %(order)s LIMIT %(limit)s)""",
                spec=spec.id,
                condition=condition,
                who=self.who(spec),
                order=order or SQL(),
                limit=limit,
            )
        )


class _SavedBranches(_Branches):
    """The same of saved partners: the probes are their rows, and their keys the stored ones."""

    more = SQL(", probe.own, probe.name, probe.kehu_name_key, probe.kehu_name_core")

    def __init__(self, ids, company_ids):
        super().__init__((), company_ids)
        self.ids = list(ids)
        self.names = {"name", "kehu_name_key", "kehu_name_core"}

    def source(self):
        return SQL(
            "(SELECT id AS n, kehu_customer_id AS own,"
            " CASE WHEN company_id IS NULL THEN %s::int[] ELSE ARRAY[company_id] END AS company_ids, %s"
            " FROM res_partner WHERE id = ANY (%s) AND kehu_customer_id IS NOT NULL) probe",
            self.company_ids,
            SQL(", ").join(SQL.identifier(name) for name in sorted(self.names)),
            self.ids,
        )

    def _column(self, name):
        self.names.add(name)
        return SQL.identifier("probe", name)

    def key(self, spec):
        if name := _key_column(spec):
            return self._column(name)
        # one token a field; a partner without one has none, and nothing is equal to that
        return SQL(
            "(SELECT token FROM unnest(string_to_array(%s, ' ')) token WHERE starts_with(token, %s))",
            self._column("kehu_other_keys"),
            f"{spec.field}:",
        )

    def place(self, spec):
        return SQL("left(probe.kehu_name_key, length(probe.kehu_name_key) - length(probe.kehu_name_core))")

    def written(self, spec):
        return self._column(spec.field)


class _Look(_Branches):
    """One saved partner with its keys as constants: PostgreSQL looks at the table once, by all their indexes."""

    def __init__(self, partner, company_ids):
        super().__init__((), company_ids)
        self.partner = partner
        self.conditions = []

    def key(self, spec):
        if name := _key_column(spec):
            keys = self.partner[name]
        else:
            keys = next((token for token in (self.partner.kehu_other_keys or "").split() if token.startswith(f"{spec.field}:")), "")
        return SQL("%s", keys) if keys else None

    def place(self, spec):
        return SQL("%s", (self.partner.kehu_name_key or "").removesuffix(self.partner.kehu_name_core or ""))

    def written(self, spec):
        return SQL("%s", self.partner[spec.field])

    def add(self, spec, condition, limit=MOST_HITS, order=None):
        self.conditions.append(SQL("%s AND %s", condition, self.who(spec)))

    def statement(self):
        company = self.partner.company_id
        return SQL(
            "SELECT 1 FROM res_partner p WHERE (%s) AND p.active IS TRUE AND p.kehu_customer_id <> %s"
            " AND (p.company_id IS NULL OR p.company_id = ANY (%s)) LIMIT 1",
            SQL(" OR ").join(SQL("(%s)", condition) for condition in self.conditions),
            self.partner.kehu_customer_id.id or 0,
            company.ids or self.company_ids,
        )


def _add_branches(branches, spec):
    """Add the parts of the union for one spec; none when no probe has a key for it."""
    if spec.field == "name" and spec.match == "similar":
        _add_alike_branches(branches, spec)
        return
    key = branches.key(spec)
    if key is None:
        return
    if spec.field == "name":
        branches.add(spec, _name_condition(branches, spec, key))
        return
    raw = SQL()
    if spec.match == "exact" and (written := branches.written(spec)):
        columns = PHONES if spec.field in PHONES else (spec.field,)
        raw = SQL(" AND (%s)", SQL(" OR ").join(SQL("p.%s = %s", SQL.identifier(column), written) for column in columns))
    if spec.field in PHONES:
        branches.add(spec, SQL("(p.kehu_phone_key = %s OR p.kehu_mobile_key = %s)%s", key, key, raw))
    elif column := KEY_COLUMNS.get((spec.field, spec.match == "similar")):
        branches.add(spec, SQL("p.%s = %s%s", SQL.identifier(column), key, raw))
    else:
        tokens = SQL("p.kehu_other_keys IS NOT NULL AND string_to_array(p.kehu_other_keys, ' ')")
        branches.add(spec, SQL("%s && ARRAY[%s]%s", tokens, key, raw))


def _name_condition(branches, spec, key):
    """Return the condition of a rule for equal names.

    :param SQL key: the column that holds the keys
    """
    if spec.match == "exact":
        return SQL("p.kehu_name_key = %s AND p.name = %s", key, branches.written(spec))
    if spec.place == "keep":
        return SQL("p.kehu_name_key = %s", key)
    if spec.place == "ignore":
        return SQL("p.kehu_name_core = %s", key)
    return SQL(
        "p.kehu_name_core = %(key)s AND (%(place)s = '' OR p.kehu_name_key = p.kehu_name_core OR p.kehu_name_key = %(place)s || %(key)s)",
        key=key,
        place=branches.place(spec),
    )


def _add_alike_branches(branches, spec):
    """Names that share a telling pair of characters, those with the greatest overlap first; and names of the same sound."""
    keys = {n: key for n, probe in enumerate(branches.probes) if (key := probe.key(spec))}
    if not keys:
        return
    telling = branches.column({n: " ".join(folding.telling_grams(key, spec.threshold)) for n, key in keys.items()})
    grams = branches.column({n: " ".join(folding.name_grams(key)) for n, key in keys.items()})
    branches.add(
        spec,
        SQL("p.kehu_name_grams IS NOT NULL AND string_to_array(p.kehu_name_grams, ' ') && string_to_array(%s, ' ')", telling),
        limit=MOST_ALIKE,
        order=SQL(
            """ORDER BY (SELECT 2.0 * count(*) FROM unnest(string_to_array(p.kehu_name_grams, ' ')) gram
                          WHERE gram = ANY (string_to_array(%(grams)s, ' ')))
                      / (cardinality(string_to_array(p.kehu_name_grams, ' ')) + cardinality(string_to_array(%(grams)s, ' '))) DESC, p.id""",
            grams=grams,
        ),
    )
    sounds = {n: sound for n in keys if (sound := branches.probes[n].sound)}
    if sounds:
        branches.add(spec, SQL("p.kehu_name_sound = %s", branches.column(sounds)))


def lock_keys(specs, probes):
    """Return the keys under which nobody else may save at the same time: a blocking rule finds another customer only by one of these.

    :rtype: list[str]
    """
    keys = set()
    for spec in specs:
        for probe in probes:
            key = probe.key(spec)
            if key and spec.field == "name" and spec.match == "similar":
                keys.update(f"name~{gram}" for gram in folding.telling_grams(key, spec.threshold))
                if probe.sound:
                    keys.add(f"name@{probe.sound}")
            elif key and spec.field in PHONES:
                keys.add(f"phone:{key}")
            elif key and spec.field == "name":
                keys.add(f"name:{probe.core}")
            elif key:
                keys.add(f"{spec.field}:{spec.match == 'similar'}:{key}")
    return sorted(keys)
