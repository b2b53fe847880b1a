from collections import namedtuple

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize
from odoo.tools.sql import escape_psql

from ...tools import folding, folding_reach
from ...tools import lookup as terms
from ..duplicate.matching import CONTACT_FIELDS, PHONES
from ..pool.exceptions import KehuOwnershipLimitError
from ..system.engine import as_engine
from .exceptions import KehuLookupLimitError, KehuLookupRightsError, KehuLookupTermError

# What a client may send, and how the log names it.
CRITERIA = ("term", "name", "phone", "email")
# Read of each customer found, and of no other.
SHOWN_FIELDS = ("name", "user_id", "kehu_pool_id", "kehu_stage", "kehu_level_id", "city", "phone", "kehu_mobile", "email")

# Who is told nothing new by a check for duplicates.
SEE_ALL = ("kehu_crm.group_kehu_director", "kehu_crm.group_kehu_finance", "kehu_crm.group_kehu_admin")

# Partners whose further phones are compared, of those that hold the digits of the term.
MOST_COMPARED = 200

# What is looked for: a part of a name, a whole phone number, a whole e-mail address; each may be empty.
Criteria = namedtuple("Criteria", "name phone email")


class ResPartner(models.Model):
    """The public search: does a customer exist already, whoever owns it?

    Nothing but a list follows from it: what the policy of the company shows, of those customers that the policy finds. Names are searched
    by part. Phones and e-mails are searched whole, however they are written, and never by part: otherwise a masked one could be
    recovered digit by digit. Guessing all hidden digits is bounded by a limit of failed guesses per day. See docs/public_search.md.
    """

    _inherit = "res.partner"

    # -- for people and for RPC ----------------------------------------------------------------------------------------

    @api.model
    def kehu_public_search(self, criteria):
        """Find customers of the active company, whoever owns them, and show what its policy allows. Each search is logged.

        :param dict criteria: ``term`` (the one box: recognised as a phone number, an e-mail address or else a part of a name), or any of
            ``name`` (a part; also pinyin or initials, or a whole tax number), ``phone`` and ``email`` (whole); all that are given must
            agree. A plain text counts as ``term``.
        :return: at most as many as the policy allows, the best first. ``name``; ``held``: owned or pool; ``id``: only of customers that
            the person may open anyway, else False; ``claimable``: may be claimed now; ``claim_refusal``: why not, for pool customers; and
            those of ``owner``, ``pool``, ``stage``, ``level``, ``city``, ``phone``, ``email`` that the policy shows, False where empty
        :rtype: list[dict]
        :raises KehuLookupRightsError: for people whose role the policy does not let search
        :raises KehuLookupTermError: when a term is too short, too long or not whole
        :raises KehuLookupLimitError: when the day's searches are used up
        """
        self._kehu_lookup_require_right()
        policy = self._kehu_lookup_policy()
        wanted = self._kehu_lookup_criteria(criteria, policy)
        self._kehu_lookup_check_limits([wanted], policy)
        customers = self._kehu_lookup_customers(wanted, policy)
        self._kehu_lookup_log(wanted, len(customers))
        return self._kehu_lookup_rows(customers, wanted, policy)

    @api.model
    def kehu_public_search_setup(self):
        """Tell the screen of the public search what holds for this person.

        :return: ``allowed``: whether the person may search in the active company, and if so ``columns``: names of what is shown of a
            customer; ``max_hits``; ``left``: searches left today, False without a limit; ``creates``: whether the person may enter a
            new customer
        :rtype: dict
        """
        if not self._kehu_lookup_allowed():
            return {"allowed": False}
        policy = self._kehu_lookup_policy()
        limit = self._kehu_least("kehu_lookup_max_per_day")
        searches, _misses = self.env["kehu.lookup.log"]._kehu_count(self.env.user, policy._kehu_today()) if limit else (0, 0)
        return {
            "allowed": True,
            "columns": self._kehu_lookup_columns(policy),
            "max_hits": policy.kehu_lookup_max_hits,
            "left": max(0, limit - searches) if limit else False,
            "creates": self.env.user.has_group("kehu_crm.group_kehu_user"),
        }

    # -- who, what, how often ------------------------------------------------------------------------------------------

    @api.model
    def _kehu_lookup_policy(self):
        """Return the active company, whose fields are the policy, in superuser mode."""
        return self.env.company.sudo()  # sudo: res.company - the policy holds for everybody, whatever they may read of the company

    @api.model
    def _kehu_lookup_allowed(self):
        """Tell whether the policy lets this person search. People of the portal never do."""
        user = self.env.user
        if self.env.su and self.env.uid == SUPERUSER_ID:
            return True
        policy = self._kehu_lookup_policy()
        roles = ["kehu_crm.group_kehu_user"]
        if policy.kehu_lookup_service:
            roles.append("kehu_crm.group_kehu_service")
        if policy.kehu_lookup_finance:
            roles.append("kehu_crm.group_kehu_finance")
        return user._is_internal() and any(user.has_group(role) for role in roles)

    @api.model
    def _kehu_lookup_require_right(self):
        """Refuse people without a role that the policy lets search.

        :raises KehuLookupRightsError: otherwise
        """
        if not self._kehu_lookup_allowed():
            raise KehuLookupRightsError(
                self.env._("The public search is not open to your role. A CRM administrator can open it in the CRM Settings.")
            )

    @api.model
    def _kehu_lookup_criteria(self, criteria, policy):
        """Return what is looked for, cleaned; nothing that a client sends becomes part of a domain.

        :rtype: Criteria
        :raises KehuLookupTermError: when it is no term, or one that the policy does not let search by
        """
        if isinstance(criteria, str):
            criteria = {"term": criteria}
        if (
            not isinstance(criteria, dict)
            or set(criteria) - set(CRITERIA)
            or not all(value is None or value is False or isinstance(value, str) for value in criteria.values())
        ):
            raise KehuLookupTermError(self.env._("Search by a text: part of a name, or a whole phone number or e-mail address."))
        if any(len(value) > terms.LONGEST for value in criteria.values() if value):
            raise KehuLookupTermError(self.env._("This is too long to search by. Type at most %(count)s characters.", count=terms.LONGEST))
        typed = {name: terms.clean_term(value) for name, value in criteria.items() if value}
        if term := typed.pop("term", ""):
            typed.setdefault(terms.kind_of(term), term)
        wanted = Criteria(typed.get("name", ""), typed.get("phone", ""), typed.get("email", ""))
        if not any(wanted):
            raise KehuLookupTermError(self.env._("Type what you look for: part of a name, or a whole phone number or e-mail address."))
        if wanted.phone and not terms.is_phone(wanted.phone, self._kehu_company_region(policy.id)):
            raise KehuLookupTermError(self.env._("Phones are searched by the whole number. Type all digits of it."))
        if wanted.email and not terms.is_email(wanted.email):
            raise KehuLookupTermError(self.env._("E-mail addresses are searched whole. Type all of it, such as wang@example.com."))
        if wanted.name:
            self._kehu_lookup_check_name(wanted.name, policy.kehu_lookup_min_length)
        return wanted

    @api.model
    def _kehu_lookup_check_name(self, name, shortest):
        """Refuse parts of a name that would list the base."""
        if missing := terms.missing_length(name, shortest):
            raise KehuLookupTermError(
                self.env._(
                    "Too many customers would fit. Type a longer part of the name (letters or characters missing: %(count)s).",
                    count=missing,
                )
            )
        if terms.is_legal_form(name):
            raise KehuLookupTermError(self.env._("A legal form says nothing about a company. Type part of its own name."))

    @api.model
    def _kehu_lookup_check_limits(self, wanted, policy, guesses=None):
        """Refuse when the day's searches are used up. Two searches of one person at the same moment wait for each other.

        Several at once are refused together, before anybody knows what they find: a refusal that came after the first ones had found
        nobody would tell just that, and be forgotten with them.

        :param list wanted: a Criteria for each search
        :param int guesses: how many phones and e-mails they look for, each of which may find nobody; by default one for each search by such
        :raises KehuLookupLimitError: otherwise
        """
        most_searches, most_misses = self._kehu_least("kehu_lookup_max_per_day"), self._kehu_least("kehu_lookup_max_misses")
        if not most_searches and not most_misses:
            return
        self._kehu_hold_people(self.env.user)
        searches, misses = self.env["kehu.lookup.log"]._kehu_count(self.env.user, policy._kehu_today())
        if guesses is None:
            guesses = sum(bool(criteria.phone or criteria.email) for criteria in wanted)
        if most_searches and searches < most_searches < searches + len(wanted):
            raise KehuLookupLimitError(
                self.env._(
                    "This check is %(count)s searches, since several values of one field are looked for, and %(left)s are left today. "
                    "Look for fewer values.",
                    count=len(wanted),
                    left=most_searches - searches,
                )
            )
        if most_misses and misses < most_misses < misses + guesses:
            raise KehuLookupLimitError(
                self.env._(
                    "This check looks for %(count)s phone numbers and e-mail addresses, and only %(left)s more may find nobody today. "
                    "Look for fewer values.",
                    count=guesses,
                    left=most_misses - misses,
                )
            )
        if most_searches and searches >= most_searches:
            raise KehuLookupLimitError(
                self.env._(
                    "You have made %(count)s public searches today, which is as many as allowed. Go on tomorrow, or ask a colleague.",
                    count=searches,
                )
            )
        if guesses and most_misses and misses >= most_misses:
            raise KehuLookupLimitError(
                self.env._(
                    "%(count)s searches by phone or e-mail have found nobody today, which is as many as allowed. "
                    "Search by name, or go on tomorrow.",
                    count=misses,
                )
            )

    @api.model
    def _kehu_tell_duplicates(self, searches):
        """Count a check for duplicates as a search, of people who do not see all customers: it tells as much, and of one guess after the
        other. What is typed into a form is not counted.

        :raises KehuLookupLimitError: when the day's searches are used up
        """
        super()._kehu_tell_duplicates(searches)
        if self.env.su or any(self.env.user.has_group(role) for role in SEE_ALL):
            return
        counted = []
        for values, found in searches:
            typed = {name: str(value)[: terms.LONGEST] for name, value in values.items() if value}
            reach = {name: typed.pop(name) for name in CONTACT_FIELDS if name in typed}
            wanted = Criteria(
                " · ".join(typed.values()), " · ".join(reach[name] for name in PHONES if name in reach), reach.get("email", "")
            )
            if any(wanted):
                # a number that finds nobody is a failed guess, whatever is found by the others beside it
                misses = sum(not found.get(name) for name in reach)
                hits = max((found.get(name, 0) for name in reach or typed), default=0)
                counted.append((wanted, hits, len(reach), misses))
        if counted:
            guesses = sum(guesses for _wanted, _hits, guesses, _misses in counted)
            self._kehu_lookup_check_limits([row[0] for row in counted], self._kehu_lookup_policy(), guesses)
            for wanted, hits, _guesses, misses in counted:
                self._kehu_lookup_log(wanted, hits, misses)

    # -- what is typed into forms --------------------------------------------------------------------------------------

    @api.model
    def _kehu_typing_counts(self):
        if super()._kehu_typing_counts():
            return True
        limited = not self.env.su and not any(self.env.user.has_group(role) for role in SEE_ALL)
        return limited and self._kehu_least("kehu_lookup_max_typed") > 0

    @api.model
    def _kehu_least(self, name):
        """Return a limit of one day of the current person: the least that any of their companies allows, whichever they work in.

        :param str name: of the limit of ``res.company``
        :return: 0 for no limit
        :rtype: int
        """
        # sudo: res.company - the policy holds for everybody, whatever they may read of the company
        companies = (self.env.user.company_ids | self.env.company).sudo()
        return min(filter(lambda most: most > 0, companies.mapped(name)), default=0)

    @api.model
    def _kehu_count_typed(self, keys, apart=False):
        """Keep what a person types in the log, once a day each, until as many are kept as the policy compares on one day.

        Numbers that the log has already cost one query, a new one three and one of another connection.
        """
        keys = super()._kehu_count_typed(keys, apart)
        if not keys or not self._kehu_typing_counts():
            return keys
        if not apart or not self.env.registry.ready:  # while the add-on is installed nobody else is there
            return self._kehu_count_typed_here(keys)
        # not for long, and not waiting: the transaction of the save may hold what whoever has the lock waits for
        self.env.cr.execute("SELECT pg_try_advisory_lock(hashtext('kehu_lookup_typed'), %s)", [self.env.uid])
        if not self.env.cr.fetchone()[0]:
            raise KehuLookupLimitError(self.env._("Another customer of yours is being saved at this moment. Please try again."))
        try:
            own = self.env["kehu.lookup.log"]._kehu_typed(self.env.user)
            with self.env.registry.cursor() as cr:
                return self.with_env(self.env(cr=cr))._kehu_count_typed_here(keys, own)
        finally:
            self.env.cr.execute("SELECT pg_advisory_unlock(hashtext('kehu_lookup_typed'), %s)", [self.env.uid])

    @api.model
    def _kehu_count_typed_here(self, keys, own=None):
        """See :meth:`_kehu_count_typed`. Whoever counts has a lock of the person: a save that counts apart while it does, others until the
        end of their transaction, before which nobody sees what they counted.

        :param dict own: what the transaction of the save has counted, which this one, begun under the lock, cannot see
        """
        typed = self.env["kehu.lookup.log"]._kehu_typed(self.env.user)
        if own is not None:
            typed.update(own)
        elif keys - typed.keys() and self.env.registry.ready:
            self.env.cr.execute("SELECT pg_advisory_xact_lock(hashtext('kehu_lookup_typed'), %s)", [self.env.uid])
            # what was counted while this one waited, or since it began, it cannot see itself
            with self.env.registry.cursor() as cr:
                typed = {**self.env["kehu.lookup.log"]._kehu_typed(self.env.user, cr), **typed}
        room = max(0, self._kehu_least("kehu_lookup_max_typed") - sum(typed.values()))
        fresh = sorted(key for key in keys if not typed.get(key))[:room]
        if fresh:
            self._kehu_lookup_log_typed(fresh, True)
        return {key for key in keys if typed.get(key)}.union(fresh)

    @api.model
    def _kehu_keep_untold(self, keys):
        typed = self.env["kehu.lookup.log"]._kehu_typed(self.env.user)
        self._kehu_lookup_log_typed(sorted(keys - typed.keys()), False)
        return super()._kehu_keep_untold(keys)

    @api.model
    def _kehu_lookup_log_typed(self, keys, told):
        """Keep phones and e-mails that were typed into a form or saved."""
        now, company = fields.Datetime.now(), self.env.company
        row = {"user_id": self.env.uid, "date": now, "day": company._kehu_today(), "company_id": company.id, "way": "form", "told": told}
        # sudo: kehu.lookup.log - written by the engine, for people who may not read it
        logs = as_engine(self.env["kehu.lookup.log"].sudo(), "lookup")
        logs.create([{**row, "kind": "email" if "@" in key else "phone", "criteria": key} for key in keys])

    def _kehu_untold(self):
        self.env["kehu.lookup.log"].flush_model(["criteria", "way", "told", "user_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.id FROM res_partner p
                 WHERE p.id IN %(ids)s AND EXISTS (
                       SELECT FROM kehu_lookup_log untold
                        WHERE untold.criteria IN (p.kehu_phone_key, p.kehu_mobile_key, p.email_normalized)
                          AND untold.way = 'form' AND untold.told IS NOT TRUE
                          AND NOT EXISTS (
                              SELECT FROM kehu_lookup_log own
                               WHERE own.criteria = untold.criteria AND own.way = 'form' AND own.told AND own.user_id = %(uid)s))
                """,
                ids=tuple(self.ids) or (0,),
                uid=self.env.uid,
            )
        )
        return super()._kehu_untold() | self.browse(row[0] for row in rows)

    # -- the search ----------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_lookup_customers(self, wanted, policy):
        """Return the customers that fit, in superuser mode, the best first and no more than the policy shows. One query.

        No context changes whom it finds: archived ones never, those of other companies never.
        """
        # sudo: res.partner - whoever owns them; nothing of them is told but what the policy allows
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        domain = Domain([("kehu_is_customer", "=", True), ("active", "=", True), ("company_id", "in", [False, policy.id])])
        domain &= Domain("kehu_stage", "not in", policy._kehu_lookup_hidden_stages())
        held = Domain.FALSE
        if policy.kehu_lookup_owned:
            held |= Domain("user_id", "!=", False)
        if policy.kehu_lookup_waiting:
            held |= Domain("user_id", "=", False)
        domain &= held
        region = self._kehu_company_region(policy.id)
        if wanted.name:
            domain &= self._kehu_lookup_name_domain(wanted.name)
        if wanted.phone:
            key = folding_reach.phone_key(wanted.phone, region)
            further = self._kehu_lookup_further_phones(wanted.phone, key, policy)
            domain &= self._kehu_lookup_key_domain(("kehu_phone_key", "kehu_mobile_key"), key, policy, further)
        if wanted.email:
            domain &= self._kehu_lookup_key_domain(("email_normalized",), email_normalize(wanted.email) or wanted.email.lower(), policy)
        query = partners._search(domain, limit=policy.kehu_lookup_max_hits)
        query.order = self._kehu_lookup_order(query.table, wanted)
        return partners.browse(query.get_result_ids())

    @api.model
    def _kehu_lookup_name_domain(self, name):
        """Return whose name holds these characters, reads like them or is the same written differently; or whose tax number it is.

        The first question of each branch is one that an index answers, so the branches are asked apart. ``display_name`` is searched in
        many columns; what it finds counts only where the name itself, or its pinyin, has the characters.
        """
        partners = self.env["res.partner"].sudo().with_context(active_test=False)  # sudo: res.partner - see _kehu_lookup_customers
        spellings = dict.fromkeys([name, folding.fold_text(name)] if not name.isascii() else [name])
        written = Domain.OR(Domain("name", "ilike", escape_psql(spelling)) for spelling in spellings)
        if name.isascii():
            written |= Domain("kehu_pinyin", "like", escape_psql("".join(name.split()).lower()))
        branches = [Domain.OR(Domain("display_name", "ilike", spelling) for spelling in spellings) & written]
        place, core = folding.split_name(name)
        if place and core:
            branches.append(Domain("kehu_name_key", "=", place + core))
        elif core:
            branches.append(Domain("kehu_name_core", "=", core))
        if terms.is_vat(name):
            branches.append(Domain("kehu_vat_key", "=", folding_reach.vat_key(name)))
        queries = [partners._search(Domain("kehu_is_customer", "=", True) & branch) for branch in branches]
        return Domain("id", "in", SQL("(%s)", SQL(" UNION ").join(query.select() for query in queries)))

    @api.model
    def _kehu_lookup_further_phones(self, phone, key, policy):
        """Return the ids of customers among whose further phones, or those of a contact, is this whole number.

        The search of lists finds the digits anywhere, by its index; each number is then compared whole.
        """
        # sudo: res.partner - see _kehu_lookup_customers
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        domain = Domain([("kehu_customer_id", "!=", False), ("kehu_other_phones", "!=", False), ("active", "=", True)])
        domain &= Domain("company_id", "in", [False, policy.id]) & Domain("display_name", "ilike", phone)
        found = partners.search_fetch(domain, ["kehu_other_phones", "kehu_customer_id", "country_id"], limit=MOST_COMPARED)
        return [
            partner.kehu_customer_id.id
            for partner in found
            if key in {folding_reach.phone_key(number, partner._kehu_phone_region()) for number in partner.kehu_other_phones.split(",")}
        ]

    @api.model
    def _kehu_lookup_key_domain(self, columns, key, policy, further=()):
        """Return the customers that have this key themselves, or a contact that has it, and further ones."""
        self.env["res.partner"].flush_model([*columns, "kehu_customer_id", "active", "company_id"])
        return Domain(
            "id",
            "in",
            SQL(
                "(SELECT unnest(%s::int[]) UNION %s)",
                list(further),
                SQL(" UNION ").join(
                    SQL(
                        "SELECT p.kehu_customer_id FROM res_partner p WHERE p.%(column)s = %(key)s AND p.kehu_customer_id IS NOT NULL"
                        " AND p.active IS TRUE AND (p.company_id IS NULL OR p.company_id = %(company)s)",
                        column=SQL.identifier(column),
                        key=key,
                        company=policy.id,
                    )
                    for column in columns
                ),
            ),
        )

    @api.model
    def _kehu_lookup_order(self, table, wanted):
        """Return the order: the same name first, then those that begin with the term, then by name; nothing else of a customer counts."""
        name = SQL.identifier(table, "name", to_flush=self._fields["name"])
        if not wanted.name:
            return SQL("%s, %s", name, SQL.identifier(table, "id"))
        return SQL(
            "CASE WHEN lower(%(name)s) = lower(%(term)s) THEN 0 WHEN %(name)s ILIKE %(start)s THEN 1 ELSE 2 END, %(name)s, %(id)s",
            name=name,
            term=wanted.name,
            start=f"{escape_psql(wanted.name)}%",
            id=SQL.identifier(table, "id"),
        )

    # -- what is shown -------------------------------------------------------------------------------------------------

    @api.model
    def _kehu_lookup_columns(self, policy):
        """Return the names of what the policy shows of a customer besides its name."""
        shown = [name for name in ("owner", "pool", "stage", "level", "city") if policy[f"kehu_lookup_{name}"]]
        return shown + [name for name in ("phone", "email") if policy[f"kehu_lookup_{name}"] != "hidden"]

    @api.model
    def _kehu_lookup_rows(self, customers_sudo, wanted, policy):
        """Turn customers into what the policy shows of them.

        :param res.partner customers_sudo: in superuser mode, in their order
        """
        if not customers_sudo:
            return []
        customers_sudo.fetch(SHOWN_FIELDS)
        stages = dict(self._fields["kehu_stage"]._description_selection(self.env))
        columns = self._kehu_lookup_columns(policy)
        customers = self.browse(customers_sudo.ids)
        readable = customers._filtered_access("read")
        refusals = self._kehu_lookup_claim_refusals(readable)
        rows = []
        for customer, customer_sudo in zip(customers, customers_sudo, strict=True):
            known = customer in readable
            typed = policy.kehu_lookup_name == "typed" and not known
            phone, email = customer_sudo.phone or customer_sudo.kehu_mobile, customer_sudo.email
            values = {
                "owner": customer_sudo.user_id.name,
                "pool": customer_sudo.kehu_pool_id.name,
                "stage": stages.get(customer_sudo.kehu_stage),
                "level": customer_sudo.kehu_level_id.name,
                "city": customer_sudo.city,
                "phone": phone if policy.kehu_lookup_phone == "clear" else terms.mask_phone(phone),
                "email": email if policy.kehu_lookup_email == "clear" else terms.mask_email(email),
            }
            rows.append(
                {
                    "id": customer.id if known else False,
                    "name": terms.mask_name(customer_sudo.name, wanted.name) if typed else customer_sudo.name,
                    "held": "owned" if customer_sudo.user_id else "pool",
                    "claimable": customer in refusals and not refusals[customer],
                    "claim_refusal": refusals.get(customer) or False,
                    **{name: values[name] or False for name in columns},
                }
            )
        return rows

    @api.model
    def _kehu_lookup_claim_refusals(self, readable):
        """Return {customer: why this person may not claim it now, False when they may} of those that wait in a pool.

        :param res.partner readable: what the person may open anyway
        """
        user = self.env.user
        waiting = readable.filtered(lambda customer: customer.kehu_pool_id and not customer.user_id)
        if not waiting or not user.has_group("kehu_crm.group_kehu_user"):
            return {}
        refused = waiting._kehu_ownership_refusals("claim", user)
        # each is claimed for itself: who has room for one of a pool has room for any of it
        open_pools = (waiting - waiting.browse([customer.id for customer in refused])).kehu_pool_id
        return {
            customer: False
            if customer not in refused or (isinstance(refused[customer], KehuOwnershipLimitError) and customer.kehu_pool_id in open_pools)
            else str(refused[customer])
            for customer in waiting
        }

    @api.model
    def _kehu_lookup_log(self, wanted, hits, misses=None):
        """Keep who looked for what. Nothing of the customers found is kept.

        :param int misses: phones and e-mails that found nobody; by default one where a search by such found nobody
        """
        if misses is None:
            misses = int(not hits and bool(wanted.phone or wanted.email))
        # sudo: kehu.lookup.log - written by the engine, for people who may not read it
        logs = as_engine(self.env["kehu.lookup.log"].sudo(), "lookup")
        logs.create(
            {
                "user_id": self.env.uid,
                "date": fields.Datetime.now(),
                "day": self.env.company._kehu_today(),
                "company_id": self.env.company.id,
                "kind": "phone" if wanted.phone else "email" if wanted.email else "name",
                "criteria": " · ".join(value for value in wanted if value),
                "hit_count": hits,
                "miss_count": misses,
            }
        )
