import hashlib
from collections import defaultdict

from markupsafe import Markup
from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import MissingError, ValidationError
from odoo.tools import SQL

from ..system.engine import is_engine, is_record_id
from . import matching
from .exceptions import KehuDuplicateError, KehuDuplicateLimitError, KehuDuplicateRightsError
from .res_partner_keys import KEYS

# Candidates named in a banner or an error before it says how many more there are.
CANDIDATES_SHOWN = 3
# A change of one of these may make a duplicate of what was none.
ALWAYS_CHECKED = {"kehu_is_customer", "active", "company_id"}
HIDDEN_CHAR = "＊"
NOTICE_FIELDS = ("kehu_duplicate_notice", "kehu_duplicate_blocked")


def _digest(*parts):
    """Return a number for these texts and numbers that is the same in every process, unlike ``hash``."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(errors="replace"), digest_size=8).digest())


def _is_found_by_reach(hit):
    """Tell whether a customer out of sight was found by a phone or an e-mail."""
    return not hit.readable and hit.spec.field in matching.CONTACT_FIELDS


class ResPartner(models.Model):
    _inherit = "res.partner"

    kehu_duplicate_notice = fields.Html(
        string="Known Already?",
        compute="_compute_kehu_duplicate_notice",
        sanitize=False,
        groups="kehu_crm.group_kehu_user",
        help="Customers that may be the same as this one, found while typing.",
    )
    kehu_duplicate_blocked = fields.Boolean(
        string="Blocked as Duplicate", compute="_compute_kehu_duplicate_notice", groups="kehu_crm.group_kehu_user"
    )
    kehu_duplicate_count = fields.Integer(
        string="Possible Duplicates",
        compute="_compute_kehu_duplicate_count",
        groups="kehu_crm.group_kehu_user",
        help="How many other customers may be the same as this one by the duplicate rules.",
    )

    # -- computes ------------------------------------------------------------------------------------------------------

    @api.depends(*matching.STANDARD_FIELDS, "country_id", "company_id", "kehu_is_customer", "parent_id")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_kehu_duplicate_notice(self):
        """The banner of the form; runs with every change of a field that the usual rules look at.

        Names that are merely similar are looked for while somebody types, as at save: on a saved card they would cost more than all else.
        """
        specs = self.env["kehu.duplicate.rule"]._kehu_specs()
        if all(isinstance(number, int) for number in self._ids):
            specs = [spec for spec in specs if matching.is_saved_spec(spec)]
        found = self._kehu_duplicates(specs) if self._kehu_may_check_duplicates() else {}
        for partner in self:
            candidates = found.get(partner, [])
            partner.kehu_duplicate_blocked = any(candidate["action"] == "block" for candidate in candidates)
            partner.kehu_duplicate_notice = self._kehu_duplicate_banner(candidates) if candidates else False

    @api.depends(*matching.STANDARD_FIELDS, "kehu_is_customer")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_kehu_duplicate_count(self):
        hits = self._kehu_told_hits()[0] if self._kehu_may_check_duplicates() else {}
        for partner in self:
            partner.kehu_duplicate_count = len({hit.customer_id for hit in hits.get(partner, [])})

    # -- while typing --------------------------------------------------------------------------------------------------
    #
    # Which other fields the rules look at is data, so no decorator can name them: their changes are reported by the form, and have the
    # banner computed again, by these three.

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        return (*super()._get_view_cache_key(view_id, view_type, **options), tuple(self._kehu_other_fields()))

    def _has_onchange(self, field, other_fields):
        return super()._has_onchange(field, other_fields) or (
            self._fields["kehu_duplicate_notice"] in other_fields and field.name in self._kehu_other_fields()
        )

    def _apply_onchange_methods(self, field_name, result):
        outcome = super()._apply_onchange_methods(field_name, result)
        if field_name in self._kehu_other_fields():
            self.invalidate_recordset(NOTICE_FIELDS, flush=False)
        return outcome

    @api.model
    def name_create(self, name):
        """Have a new customer who may be known already typed into the form instead, where the banner tells by whom.

        Of all refusals the web client opens the form only after a plain ``ValidationError``.

        :raises ValidationError: naming the first candidate; people only, other code and imports have their own check
        """
        person = not self.env.su and "import_file" not in self.env.context and self._kehu_may_check_duplicates()
        if person and self.new({"name": name})._kehu_becomes_customer():
            for candidate in self._kehu_search_candidates([self._kehu_probe_of_values({"name": name})]).get(0, [])[:1]:
                raise ValidationError(
                    self.env._(
                        "Perhaps “%(name)s” is known already: %(candidate)s. Look at the form before you save it.",
                        name=name,
                        candidate=self._kehu_candidate_text(candidate),
                    )
                )
        return super().name_create(name)

    def _kehu_becomes_customer(self):
        """Tell whether this partner is a customer, or will be one when it is saved. A room that makes customers of partners says so here.

        :rtype: bool
        """
        self.ensure_one()
        return self.kehu_is_customer

    # -- create and write ----------------------------------------------------------------------------------------------

    @api.model
    def _kehu_system_fields(self):
        return super()._kehu_system_fields() | set(KEYS)

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if not is_engine(self.env, "duplicate"):
            partners._kehu_check_duplicates()
        return partners

    def write(self, vals):
        # sudo: res.partner - who is none of the CRM's yet; rights are checked by the write
        marked = self.sudo().filtered(lambda partner: not partner.kehu_is_customer) if vals.get("kehu_is_customer") else self.browse()
        entering = self.browse()
        if (marked or vals.get("parent_id")) and not is_engine(self.env, "duplicate"):
            # with all below them: hung under a customer, or below one that is marked, they become people of a customer
            # sudo: res.partner - people below whom the person may not see must be checked as well
            family = self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids)])
            entering = family.filtered(lambda partner: not partner.kehu_customer_id)
        result = super().write(vals)
        others = set(vals).intersection(self._kehu_other_fields()) if self else ()
        if others:
            # sudo: res.partner - keys of the system, of those that were just written
            self.env.add_to_compute(self._fields["kehu_other_keys"], self.sudo().filtered("kehu_is_customer"))
            self.invalidate_recordset(NOTICE_FIELDS, flush=False)
        if not is_engine(self.env, "duplicate"):
            # a partner that becomes a customer, or one of a customer, is a new one, no change
            newcomers = self.browse((marked | entering.filtered("kehu_customer_id")).ids)
            newcomers._kehu_check_duplicates()
            (self - newcomers)._kehu_check_duplicates(set(vals))
        return result

    def _kehu_check_duplicates(self, changed=None):
        """Refuse these customers when a blocking rule says that they are known already. Checked under a lock, see below.

        Two people may save the same customer in the same second, and neither sees what the other has not committed. So each first writes
        a row named after the key into a table of locks: the second waits until the first is done, is then refused by PostgreSQL, since the
        row has changed behind its snapshot, and is run again by the host, and now sees the customer of the first. An advisory lock alone
        would not do: under REPEATABLE READ the second would get it and still look at the base of before.

        :param set changed: names of fields that were written, None for new partners
        :raises KehuDuplicateError: naming what one may know of the customers found
        :raises KehuDuplicateLimitError: see :meth:`_kehu_count_saved`
        """
        rules = self.env["kehu.duplicate.rule"]._kehu_specs()
        self._kehu_count_saved(rules, changed)
        specs = [spec for spec in rules if spec.action == "block"]
        if changed is not None:
            specs = [spec for spec in specs if spec.on_change and (spec.field in changed or changed & ALWAYS_CHECKED)]
        if not specs:
            return
        # sudo: res.partner - the rule counts whoever owns the customers; what is told of them is masked below
        partners = self.sudo().filtered("kehu_customer_id").filtered("active")
        if not partners:
            return
        probes = partners._kehu_probes()
        keys = matching.lock_keys(specs, probes)
        if not keys:
            return
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO kehu_duplicate_lock (key, stamp) SELECT key, now() AT TIME ZONE 'UTC' FROM unnest(%s::text[]) key ORDER BY key
                ON CONFLICT (key) DO UPDATE SET stamp = excluded.stamp
                """,
                keys,
            )
        )
        self.env["res.partner"].flush_model(self._kehu_searched_fields())
        found = matching.search(self.env, specs, probes, self.env.companies.ids, self._kehu_readable())
        if found:
            number = min(found)
            partner = partners[number]
            candidates = self._kehu_candidates({number: found[number]}, {number: probes[number]})[number]
            raise KehuDuplicateError(self._kehu_refusal_text(partner.name or partner.complete_name or "", candidates))

    def _kehu_count_saved(self, specs, changed):
        """Count the phones and e-mails that a person saves, before a rule looks them up; imports are kept as batches instead.

        A rule that blocks answers by a refusal, which takes back whatever was written with it: such a number is counted in a transaction
        of its own. When the day's numbers are used up, every new number is refused that such a rule looks at, known or not.

        :param set changed: names of fields that were written, None for new partners
        :raises KehuDuplicateLimitError: naming the first customer that cannot be saved
        """
        specs = [spec for spec in specs if spec.field in matching.CONTACT_FIELDS and (changed is None or spec.field in changed)]
        if not specs or not self._kehu_typing_counts() or is_engine(self.env, "typed"):
            return
        # sudo: res.partner - their own keys, which people do not see
        partners = self.sudo().filtered("kehu_customer_id")
        fields_told = {spec.field for spec in specs}
        typed = {partner: partner._kehu_reach(fields_told) for partner in partners}
        blocking = [spec for spec in specs if spec.action == "block" and (changed is None or spec.on_change)]
        keys = set().union(*typed.values())
        untold = keys - self._kehu_count_typed(keys, apart=bool(blocking))
        fields_blocked = {spec.field for spec in blocking}
        for partner in partners if untold else ():
            if not untold.isdisjoint(partner._kehu_reach(fields_blocked)):
                raise KehuDuplicateLimitError(
                    self.env._(
                        "You have typed as many phone numbers and e-mail addresses today as are compared with all customers. "
                        "Save “%(name)s” without them, go on tomorrow, or ask a sales director.",
                        name=partner.name or partner.complete_name or "",
                    )
                )
        if untold:
            self._kehu_keep_untold(untold)

    def _kehu_reach(self, names):
        """Return the keys of the phones and the e-mail among these fields of one saved partner, in superuser mode.

        :rtype: set[str]
        """
        columns = {matching.KEY_COLUMNS[name, False] for name in names}
        return {key for column in columns if (key := self[column])}

    @api.model
    def _kehu_refusal_text(self, name, candidates):
        """Say why a customer is not saved; to visitors and customers of the portal nothing of what is known here."""
        if not self.env.user._is_internal():
            return self.env._("This cannot be saved from here. Please write to us or call us; a colleague will gladly do it for you.")
        return self.env._(
            "“%(name)s” is known already: %(candidates)s. Use the customer that exists, or ask its owner.",
            name=name,
            candidates="; ".join(self._kehu_candidate_text(candidate) for candidate in candidates[:CANDIDATES_SHOWN]),
        )

    @api.autovacuum
    def _gc_kehu_duplicate_locks(self):
        """Rows of the table of locks matter only while the transactions that wrote them run."""
        self.env.cr.execute("DELETE FROM kehu_duplicate_lock WHERE stamp < now() AT TIME ZONE 'UTC' - interval '1 day'")

    # -- for people and for RPC ----------------------------------------------------------------------------------------

    def kehu_find_duplicates(self, values):
        """Find customers that may be the same as one with these values, by all active rules.

        Of customers that the person may not read, the name shows only what was typed, and no other field is told; the owner is told for
        all, so that one knows whom to ask.

        :param dict values: {field: value}; on a saved customer they replace its own
        :return: the best first; ``rule`` and ``reason`` are texts for people, ``rules`` all that matched, ``pool`` the name of the pool or
            False, ``action`` tell or block, ``readable`` whether the person may open it
        :rtype: list[dict]
        :raises KehuDuplicateRightsError: for people without a role in the CRM
        """
        self._kehu_require_duplicate_right()
        if self:
            self._kehu_check_one()
            self.check_access("read")
        probe = self._kehu_probe_of_values(values)
        candidates = self._kehu_search_candidates([probe]).get(0, [])
        # who is found by the name or the e-mail beside a guessed number is not found by the number
        found = dict.fromkeys(probe.values, 0)
        for spec in self.env["kehu.duplicate.rule"]._kehu_specs():
            if spec.field == "email" and spec.match == "similar":
                continue  # a domain that is known is no address that is known
            label = self._kehu_spec_label(spec)
            count = sum(label in candidate["rules"] for candidate in candidates)
            found[spec.field] = max(found.get(spec.field, 0), count)
        self._kehu_tell_duplicates([(probe.values, found)])
        return candidates

    @api.model
    def _kehu_tell_duplicates(self, searches):
        """Hook: the current user, who asked by method or dialog and not while typing into a form, is about to be told of candidates.

        :param list searches: pairs of {field: value} that was looked for, and {field: how many customers were found by it}
        """

    @api.model
    def _kehu_typing_counts(self):
        """Hook: tell whether phones and e-mails that the current user types into forms, and saves, are counted.

        :rtype: bool
        """
        return False

    @api.model
    def _kehu_count_typed(self, keys, apart=False):
        """Hook: the current user typed phones and e-mails, and would be told which customers out of sight have them.

        :param set keys: phones in international form and e-mails, normalised
        :param bool apart: count them in a transaction of their own, which a refusal does not take back
        :return: those that may be told of
        :rtype: set[str]
        """
        return set(keys)

    @api.model
    def _kehu_keep_untold(self, keys):
        """Hook: phones and e-mails are saved of which nothing may be told, neither today nor when their customer is opened tomorrow.

        :param set keys: as :meth:`_kehu_count_typed` takes them
        """

    def _kehu_untold(self):
        """Hook: return those of these saved partners of whose phones and e-mails nothing may be told."""
        return self.browse()

    def kehu_not_duplicate(self, other_ids):
        """Remember that this customer and each of the others are different; no rule reports the pairs any more.

        :param list other_ids: ids of customers
        :raises KehuDuplicateRightsError: unless the person may change this customer and read the others
        """
        self._kehu_require_duplicate_right()
        self._kehu_check_one()
        known = other_ids if isinstance(other_ids, (list, tuple)) else ()
        others = self.browse(other_id for other_id in known if is_record_id(other_id)).exists() - self
        if not self.has_access("write") or (not self.env.su and others - others._filtered_access("read")):
            raise KehuDuplicateRightsError(
                self.env._("You can say that two customers are different only when you may change one and see the other. Ask a manager.")
            )
        self._kehu_exclude([(self.id, other.id) for other in others])
        return True

    def _kehu_check_one(self):
        """Refuse anything but one customer that exists.

        :raises KehuDuplicateError: otherwise
        """
        if len(self) != 1 or not is_record_id(self.id):
            raise KehuDuplicateError(self.env._("Choose one customer, whose duplicates are looked for."))
        if not self.exists():
            raise KehuDuplicateError(self.env._("This customer does not exist any more: somebody deleted it. Reload the page."))

    @api.model
    def _kehu_exclude(self, pairs):
        """Remember pairs of ids as known to be different; those that are known already are left alone."""
        pairs = sorted({(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]})
        # sudo: kehu.duplicate.exclusion - written by the engine after its own checks
        exclusions = self.env["kehu.duplicate.exclusion"].sudo()
        firsts = [first for first, _second in pairs]
        known = {(row.partner_id.id, row.other_id.id) for row in exclusions.search([("partner_id", "in", firsts)])}
        exclusions.create([{"partner_id": first, "other_id": second} for first, second in pairs if (first, second) not in known])

    def action_kehu_not_duplicate(self):
        """From the banner: the candidates that this person sees are known to be different from this customer."""
        self.ensure_one()
        readable = [candidate["id"] for candidate in self._kehu_duplicates().get(self, []) if candidate["readable"]]
        if not readable:
            raise KehuDuplicateRightsError(
                self.env._("You do not see the customers that were found, so you cannot tell whether they are different. Ask a manager.")
            )
        return self.kehu_not_duplicate(readable)

    def action_kehu_check_duplicates(self):
        """Open the advanced check, filled with the values of this customer."""
        self.ensure_one()
        self._kehu_require_duplicate_right()
        lines = [
            (0, 0, {"field_name": name, "match": "similar" if name == "name" else "normalised", "value": self[name]})
            for name in matching.STANDARD_FIELDS
            if self[name]
        ]
        check = self.env["kehu.duplicate.check"].create({"partner_id": self.id, "line_ids": lines})
        return check.action_check() if lines else check._kehu_open()

    @api.model
    def _kehu_may_check_duplicates(self):
        user = self.env.user
        return self.env.su or user.has_group("kehu_crm.group_kehu_user") or user.has_group("kehu_crm.group_kehu_service")

    @api.model
    def _kehu_require_duplicate_right(self):
        if not self._kehu_may_check_duplicates():
            raise KehuDuplicateRightsError(
                self.env._("Only people with a role in the CRM can look for duplicates. Ask your CRM administrator for the role.")
            )

    # -- the one search ------------------------------------------------------------------------------------------------

    def _kehu_probes(self):
        """Return one probe for each of these partners, saved or being typed. Superuser mode, or people who may read them."""
        names = dict.fromkeys([*matching.STANDARD_FIELDS, *self._kehu_other_fields()])
        probes = []
        for partner in self:
            # sudo: res.partner - which customer a new contact belongs to, only to leave that one out
            customer = partner.sudo().kehu_customer_id or partner.sudo().parent_id.kehu_customer_id
            probes.append(
                matching.Probe(
                    {name: self._kehu_plain_value(partner, name) for name in names},
                    own=(partner._origin if partner.kehu_is_customer else customer._origin).id,
                    contact=not partner._kehu_becomes_customer(),
                    region=partner._kehu_phone_region(),
                    company_id=partner.company_id.id,
                )
            )
        return probes

    def _kehu_probe_of_values(self, values):
        """Return the probe of typed values, completed by those of the saved customer ``self`` if there is one."""
        names = [name for name in (*matching.STANDARD_FIELDS, *self._kehu_other_fields()) if name in self._fields]
        unknown = set(values) - set(self._fields) if isinstance(values, dict) else {repr(values)[:80]}
        if unknown:
            raise KehuDuplicateError(
                self.env._("A customer has no field “%(field)s”. Check the name of the field.", field=sorted(unknown)[0])
            )
        typed = {name: self._kehu_plain_value(self, name) if self else False for name in names}
        typed.update({name: self._kehu_typed_value(name, value) for name, value in values.items() if name in typed})
        country_id = values.get("country_id") or self.country_id.id
        country = self.env["res.country"].browse(country_id if is_record_id(country_id) else [])
        try:
            country_code = country.code  # read once for many probes
        except MissingError:
            country_code = False
        return matching.Probe(
            typed,
            own=self.kehu_customer_id.id,
            contact=bool(self and not self.kehu_is_customer),
            region=country_code or self._kehu_company_region(self.env.company.id),
            # of another company one learns nothing by naming it
            company_id=values["company_id"] if values.get("company_id") in self.env.companies._ids else self.company_id.id,
        )

    @api.model
    def _kehu_typed_value(self, name, value):
        """Return a value that a client sent as the column holds it; false where the field cannot have it."""
        field = self._fields[name]
        if value is None or value is False:
            return False
        if isinstance(value, str):
            value = matching.plain_text(value)
        if field.type in ("char", "text"):
            return value if isinstance(value, str) else False
        if field.type == "many2one":
            return value if is_record_id(value) else False
        try:
            return float(value) if field.type in ("float", "monetary") else field.convert_to_cache(value, self)
        except (TypeError, ValueError):
            return False

    @api.model
    def _kehu_searched_fields(self):
        """Return the names of the fields that the search reads by SQL, and that must be written before."""
        read = (
            "complete_name",
            "email_normalized",
            "user_id",
            "kehu_pool_id",
            "active",
            "company_id",
            "kehu_is_customer",
            "kehu_customer_id",
        )
        return list(dict.fromkeys([*KEYS, *matching.STANDARD_FIELDS, *read, *self._kehu_other_fields()]))

    def _kehu_saved_probes(self):
        """Return probes of saved partners with the keys that are stored; one query, and nothing is folded again.

        :return: (ids, probes); who is neither customer nor contact of one is left out
        """
        others = self._kehu_other_fields()
        plain = [*matching.STANDARD_FIELDS, *others]
        keys = ["kehu_name_key", "kehu_name_core", *matching.KEY_COLUMNS.values()]
        self.env["res.partner"].flush_model(self._kehu_searched_fields())
        rows = self.env.execute_query(
            SQL(
                "SELECT id, kehu_customer_id, kehu_is_customer, company_id, %s FROM res_partner"
                " WHERE id = ANY (%s) AND kehu_customer_id IS NOT NULL ORDER BY id",
                SQL(", ").join(SQL.identifier(name) for name in (*plain, *keys)),
                list(self.ids),
            )
        )
        probes = [
            matching.Probe(
                dict(zip(plain, values, strict=False)),
                own=customer,
                contact=not is_customer,
                company_id=company,
                keys=dict(zip(keys, values[len(plain) :], strict=True)),
            )
            for _id, customer, is_customer, company, *values in rows
        ]
        return [row[0] for row in rows], probes

    def _kehu_typed_probes(self):
        """Return (partners, probes) of those of these partners, saved or being typed, that are customers or contacts of one."""
        relevant = self.filtered(
            lambda partner: partner._kehu_becomes_customer() or partner.kehu_customer_id or partner.parent_id.kehu_customer_id
        )
        return list(relevant), relevant._kehu_probes()

    def _kehu_known_probes(self):
        """Return (partners, probes): by what is stored when all are saved, else by what is typed."""
        if all(isinstance(number, int) for number in self._ids):
            ids, probes = self._kehu_saved_probes()
            return [self.browse(number) for number in ids], probes
        return self._kehu_typed_probes()

    def _kehu_duplicate_hits(self, specs=None, readable=None):
        """Find the duplicates of these customers and contacts, saved or being typed, by the active rules or by these.

        One query for all that are saved, two where a rule looks for similar names.

        :param readable: see :func:`matching.search_saved`
        :return: {partner: hits, the best first} and {partner: probe}
        """
        specs = self.env["kehu.duplicate.rule"]._kehu_specs() if specs is None else specs
        if not self or not specs:
            return {}, {}
        companies = self.env.companies.ids
        self.env["res.partner"].flush_model(self._kehu_searched_fields())
        if all(isinstance(number, int) for number in self._ids) and all(matching.is_saved_spec(spec) for spec in specs):
            # sudo: res.partner - its own keys, which people do not see
            if len(self) == 1 and not matching.is_found(self.env, specs, self.sudo(), companies):
                return {}, {}
            found, probes = matching.search_saved(self.env, specs, self._ids, companies, readable)
            return {self.browse(number): hits for number, hits in found.items()}, {
                self.browse(number): probe for number, probe in probes.items()
            }
        partners, probes = self._kehu_known_probes()
        found = matching.search(self.env, specs, probes, companies, readable() if readable else None)
        return {partners[number]: hits for number, hits in found.items()}, dict(zip(partners, probes, strict=True))

    def _kehu_duplicates(self, specs=None):
        """Return {partner: candidates as :meth:`kehu_find_duplicates` gives them} of these partners.

        At most two queries when saved, another where the rules name companies, and one where a phone or e-mail leads out of sight.
        """
        hits, probes = self._kehu_told_hits(specs)
        return self._kehu_candidates(hits, probes)

    def _kehu_told_hits(self, specs=None):
        """Return what :meth:`_kehu_duplicate_hits` finds and the current user may be told: numbers that are typed are counted.

        When they are used up, customers out of sight are found by no phone and no e-mail; those in sight still are.
        """
        specs = self.env["kehu.duplicate.rule"]._kehu_specs() if specs is None else specs
        hits, probes = self._kehu_duplicate_hits(specs, self._kehu_readable)
        names = {spec.field for spec in specs if spec.field in matching.CONTACT_FIELDS}
        # a saved card on which nobody out of sight was found by a number needs no look at the policy
        saved = {partner: partner._origin for partner, group in hits.items() if partner._origin and any(map(_is_found_by_reach, group))}
        typing = any(not partner.id for partner in probes)
        if not names or not (typing or saved):
            return hits, probes
        untold = self.browse()
        if not typing:
            # sudo: res.partner - their own keys, which people do not see
            untold = self.browse().union(*saved.values()).sudo()._kehu_untold()
            if not untold:  # as on nearly every card; else the policy decides whether that counts
                return hits, probes
        if not self._kehu_typing_counts():
            return hits, probes
        silent = set()
        for partner, probe in probes.items() if typing else ():
            # sudo: res.partner - its own keys, which people do not see
            origin = partner._origin.sudo()
            typed = set() if partner.id else self._kehu_typed_reach(probe, names, hits.get(partner, ()))
            if typed and origin:
                typed -= origin._kehu_reach(names)
            if typed and typed - self._kehu_count_typed(typed):
                silent.add(partner)
                saved.pop(partner, None)
        if typing and saved:
            # sudo: res.partner - see above
            untold = self.browse().union(*saved.values()).sudo()._kehu_untold()
        silent.update(partner for partner, origin in saved.items() if origin in untold)
        told = {partner: [hit for hit in group if partner not in silent or not _is_found_by_reach(hit)] for partner, group in hits.items()}
        return {partner: group for partner, group in told.items() if group}, probes

    @api.model
    def _kehu_typed_reach(self, probe, names, hits):
        """Return the keys of what is typed into these fields, without those that only customers in sight have.

        :rtype: set[str]
        """
        keys = set()
        for name in names:
            spec = matching.Spec(0, name, "normalised", 0, "keep", "contacts", "tell", False, False)
            found = [hit.readable for hit in hits if hit.spec.field == name and hit.spec.match != "similar"]
            if (key := probe.key(spec)) and not (found and all(found)):
                keys.add(key)
        return keys

    @api.model
    def _kehu_readable(self):
        """Return a query of the partners that this person may read, to be looked up in the search; None where nothing is masked."""
        if self.env.uid == SUPERUSER_ID:
            return None
        # without prefetching, since the rules read one column of the company, which has a hundred
        partners = self.env["res.partner"].sudo(False).with_context(active_test=False, prefetch_fields=False)
        return partners._search([]) if partners.has_access("read") else partners.browse()._as_query()

    @api.model
    def _kehu_search_candidates(self, probes, specs=None):
        """Search by the active rules, or by these, and return {number of the probe: candidates}."""
        specs = self.env["kehu.duplicate.rule"]._kehu_specs() if specs is None else specs
        if not specs:
            return {}
        self.env["res.partner"].flush_model(self._kehu_searched_fields())
        found = matching.search(self.env, specs, probes, self.env.companies.ids, self._kehu_readable())
        return self._kehu_candidates(found, probes)

    @api.model
    def _kehu_import_duplicates(self, values_list, company, seen=None, marks=None, candidates=None):
        """Find out which rows of an import are known already, by the rules that refuse imports; three queries for all rows.

        A row that brings a code of its own says that it is another customer than its namesake; what is blocked is refused when it is saved.

        :param list values_list: values of new customers
        :param res.company company: of the import
        :param dict seen: keys of rows of earlier calls, for a file that is checked in parts; those of these rows are added
        :param list marks: what an earlier row is called in the answer, one per row; by default its number
        :param dict candidates: to be filled with {number of the row: the best of :meth:`_kehu_candidates`}
        :return: {number of the row: sentence}, and {number of the row: mark of an earlier row that is the same}
        :rtype: tuple[dict[int, str], dict[int, int]]
        """
        specs = [spec for spec in self.env["kehu.duplicate.rule"]._kehu_specs() if spec.refuse_import]
        probes = [
            self.with_company(company)._kehu_probe_of_values(
                {**values, "company_id": company.id, "name": not values.get("ref") and values.get("name")}
            )
            for values in values_list
        ]
        found = self._kehu_search_candidates(probes, specs)
        sentences = {
            number: self.env._("Known already: %(candidate)s.", candidate=self._kehu_candidate_text(known[0]))
            for number, known in found.items()
        }
        if candidates is not None:
            candidates.update((number, known[0]) for number, known in found.items())
        repeated = {}
        seen = {} if seen is None else seen
        for number, probe in enumerate(probes):
            keys = {_digest(spec.id, key): probe.place_for(spec) for spec in specs if spec.match != "similar" and (key := probe.key(spec))}
            earlier = [
                mark
                for key, place in keys.items()
                for mark, its_place in seen.get(key, ())
                if not place or not its_place or place == its_place
            ]
            if earlier:
                repeated[number] = min(earlier)
            elif number not in sentences:
                mark = marks[number] if marks else number
                for key, place in keys.items():
                    seen[key] = (*seen.get(key, ()), (mark, place))
        return sentences, repeated

    @api.model
    def _kehu_candidates(self, found, probes):
        """Turn hits into what people are told: one dict per customer, the best first, masked where the person may not read it.

        :param dict found: {number: hits} of :func:`matching.search`
        :param probes: by number
        :rtype: dict[int, list[dict]]
        """
        labels, reasons = {}, {}
        result = {}
        for number, hits in found.items():
            groups = defaultdict(list)
            for hit in hits:
                groups[hit.customer_id].append(hit)
            candidates = []
            for customer_id, group in groups.items():
                best = group[0]
                missing = 1.0
                for hit in group:
                    missing *= 1.0 - min(hit.score, 0.99)
                shown = best.name if best.readable else self._kehu_masked_name(group, probes[number])
                for hit in group:
                    if hit.spec.id not in labels:
                        labels[hit.spec.id] = self._kehu_spec_label(hit.spec)
                    said = (hit.kind, hit.spec.field, hit.score)
                    if said not in reasons:
                        reasons[said] = self._kehu_hit_reason(hit)
                candidates.append(
                    {
                        "id": customer_id,
                        "name": shown,
                        "owner": best.owner or False,
                        "pool": best.pool or False,
                        "score": round(max(best.score, 1.0 - missing), 2),
                        "rule": labels[best.spec.id],
                        "rules": list(dict.fromkeys(labels[hit.spec.id] for hit in group)),
                        "reason": " ".join(dict.fromkeys(reasons[hit.kind, hit.spec.field, hit.score] for hit in group)),
                        "action": "block" if any(hit.spec.action == "block" for hit in group) else "tell",
                        "readable": best.readable,
                    }
                )
            candidates.sort(key=lambda candidate: (-candidate["score"], candidate["id"]))
            result[number] = candidates
        return result

    @api.model
    def _kehu_masked_name(self, hits, probe):
        """Return the name of a customer that the person may not read: whole when it was typed; only the characters that were typed when
        the name is what was found; nothing of it when it was found by a number, or typing all characters would tell it.
        """
        name, key = hits[0].name, hits[0].name_key
        if key and key == probe.name_key:
            return name
        if not any(hit.spec.field == "name" for hit in hits):
            return HIDDEN_CHAR * len(name)
        known = {matching.folding.fold_char(char) for char in probe.values.get("name") or ""} - {""}
        return "".join(char if matching.folding.fold_char(char) in known else HIDDEN_CHAR for char in name)

    @api.model
    def _kehu_spec_label(self, spec):
        rules = self.env["kehu.duplicate.rule"]
        return rules._kehu_label(spec.field, spec.match)

    @api.model
    def _kehu_hit_reason(self, hit):
        """Say in one sentence why this customer was found."""
        if hit.kind == "contact":
            return self.env._("One of its contacts has the same %(field)s.", field=self._kehu_field_label(hit.spec.field))
        if hit.kind == "written":
            return self.env._("The same name, written differently.")
        if hit.kind == "elsewhere":
            return self.env._("The same name in another place.")
        if hit.kind == "similar":
            return self.env._("A similar name (%(percent)s %%).", percent=round(hit.score * 100))
        if hit.kind == "sound":
            return self.env._("A name that sounds the same.")
        if hit.kind == "domain":
            return self.env._("The same e-mail domain.")
        return self.env._("The same %(field)s.", field=self._kehu_field_label(hit.spec.field))

    @api.model
    def _kehu_field_label(self, name):
        return self._fields[name]._description_string(self.env)

    @api.model
    def _kehu_candidate_text(self, candidate):
        """Name a candidate in a sentence: name, who has it, why."""
        if candidate["owner"]:
            return self.env._(
                "“%(name)s” of %(owner)s (%(reason)s)",
                name=candidate["name"],
                owner=candidate["owner"],
                reason=candidate["reason"].rstrip(".。"),
            )
        return self.env._(
            "“%(name)s” in the pool “%(pool)s” (%(reason)s)",
            name=candidate["name"],
            pool=candidate["pool"] or "",
            reason=candidate["reason"].rstrip(".。"),
        )

    @api.model
    def _kehu_duplicate_banner(self, candidates):
        """Return the line of the form: the first candidates with links where one may open them, and how many more there are."""
        parts = []
        for candidate in candidates[:CANDIDATES_SHOWN]:
            name = Markup("<b>%s</b>") % candidate["name"]
            if candidate["readable"]:
                name = Markup('<a href="/odoo/kehu-customers/%s" target="_blank"><b>%s</b></a>') % (candidate["id"], candidate["name"])
            who = candidate["owner"] or self.env._("in the pool “%(pool)s”", pool=candidate["pool"] or "")
            parts.append(Markup("%s · %s · %s") % (name, who, candidate["reason"]))
        if len(candidates) > CANDIDATES_SHOWN:
            parts.append(Markup("%s") % self.env._("and %(count)s more", count=len(candidates) - CANDIDATES_SHOWN))
        return Markup("<br/>").join(parts)

    # -- deletion and merge --------------------------------------------------------------------------------------------

    def _kehu_merge_duplicates(self, kept):
        """Merge these customers into one by the host's merge, one after the other, so that its limit of three does not matter.

        :param res.partner kept: the one of them that stays
        """
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        for partner in self - kept:
            wizard._merge([partner.id, kept.id], kept, extra_checks=False)
