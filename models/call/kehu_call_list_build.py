from datetime import timedelta

import psycopg2
from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, mute_logger

from ...tools.call_share import share
from ..system.engine import as_engine, is_record_id
from .exceptions import KehuCallListError, KehuCallListRightsError, KehuCallListStateError
from .kehu_call_line import OPEN_STATES
from .kehu_call_list import MODES

TAKEN_FOR = timedelta(minutes=30)  # so long a customer on a caller's screen is not given to somebody else


class KehuCallList(models.Model):
    """Filling a list and sharing it out: as many queries for fifty thousand customers as for fifty, and one more for each caller."""

    _inherit = "kehu.call.list"

    def action_build(self):
        """Fill the list from its filter. In draft it is filled afresh; while it runs, customers who fit since then are added.

        Left out are customers without a number, those on the phone blacklist, a second customer with the same number, and those whom
        none of the callers may see. Writes how many.

        :raises KehuCallListStateError: when the list is finished, or nobody was chosen to call
        :raises KehuCallListRightsError: when its author has left the sales team
        :raises KehuCallListError: when nobody can search by the filter
        """
        self.check_access("write")
        for call_list in self:
            call_list._kehu_build()

    def _kehu_build(self):
        self.ensure_one()
        if self.state == "done":
            raise KehuCallListStateError(self.env._("“%(name)s” is finished. Open it again before you add customers.", name=self.name))
        if not self.caller_ids:
            raise KehuCallListStateError(self.env._("Choose who calls the customers of “%(name)s”.", name=self.name))
        # sudo: kehu.call.list - the row lock needs no rights; two people who fill the same list wait for each other
        self.env.cr.execute(SQL("SELECT id FROM kehu_call_list WHERE id = %s FOR NO KEY UPDATE", self.id))
        if self.state == "draft":
            # nobody has called from a draft; the ORM would fetch and delete line by line
            self.env["kehu.call.line"].flush_model()
            self.env.cr.execute(SQL("DELETE FROM kehu_call_line WHERE list_id = %s", self.id))
            self.env["kehu.call.line"].invalidate_model(flush=False)
        rows = self._kehu_candidate_rows()
        skipped = dict.fromkeys(("no_number", "blocked", "duplicate", "unseen"), 0)
        rows, skipped["no_number"] = self._kehu_keep(rows, lambda row: row["number"])
        self._kehu_add_keys(rows)
        blocked, known = self._kehu_blocked(rows), self._kehu_known_keys()
        rows, skipped["blocked"] = self._kehu_keep(rows, lambda row: row["key"] not in blocked)
        rows, skipped["duplicate"] = self._kehu_keep(rows, lambda row: not (row["key"] in known or known.add(row["key"])))
        allowed = self._kehu_allowed([row["id"] for row in rows], self.caller_ids)
        callers = share(
            allowed,
            self.caller_ids.ids,
            "evenly" if self.mode == "pile" else self.mode,
            owners=[row["owner_id"] for row in rows],
            load=self._kehu_load(),
        )
        for row, caller_id in zip(rows, callers, strict=True):
            row["caller_id"] = caller_id
        rows, skipped["unseen"] = self._kehu_keep(rows, lambda row: row["caller_id"])
        self._kehu_insert(rows)
        as_engine(self, "call").write(
            {"built_on": fields.Datetime.now(), **{f"skipped_{reason}": count for reason, count in skipped.items()}}
        )

    @api.model
    def _kehu_keep(self, rows, test):
        """Return the rows that pass, and how many do not."""
        kept = [row for row in rows if test(row)]
        return kept, len(rows) - len(kept)

    def _kehu_author_partners(self):
        """Return the model of partners with the rights of the author, in the company of the list.

        :raises KehuCallListRightsError: when the author has no sales role any more
        """
        author = self.user_id.sudo()  # sudo: res.users - state, companies and groups of the author
        if not author.active or not author.has_group("kehu_crm.group_kehu_user"):
            raise KehuCallListRightsError(
                self.env._(
                    "“%(name)s” is filled with the rights of %(author)s, who is no salesperson any more. Make a list of your own.",
                    name=self.name,
                    author=author.name,
                )
            )
        companies = self.company_id & author.company_ids if self.company_id else author.company_ids
        return self.env["res.partner"].with_user(author).with_context(allowed_company_ids=companies.ids, active_test=True)

    def _kehu_candidate_rows(self):
        """Return the customers who fit and are not on the list yet, those first with whom nobody has spoken for longest.

        :return: dicts with id, owner_id, country_id, number, contact_id, sanitized (the host's form of the number, when it has one)
        :rtype: list[dict]
        """
        partners = self._kehu_author_partners()
        domain = Domain(self._kehu_domain()) & Domain("kehu_is_customer", "=", True) & Domain("active", "=", True)
        if self.company_id:
            domain &= Domain("company_id", "in", [False, self.company_id.id])
        self.env["res.partner"].flush_model()
        self.env["kehu.contact.phone"].flush_model()
        self.env["kehu.call.line"].flush_model()
        try:
            with self.env.cr.savepoint(flush=False), mute_logger("odoo.sql_db"):
                rows = self._kehu_fetch_rows(partners._search(domain))
        except (ValueError, TypeError, psycopg2.DataError, psycopg2.ProgrammingError) as error:
            # a filter that reads well may ask for a column that is computed, or compare a number with a word
            raise self._kehu_filter_error(error) from error
        for row in rows:
            own = self._kehu_first_number(row["phone"], row["mobile"], row["is_company"], row["further"])
            theirs = self._kehu_first_number(row["person_phone"], row["person_mobile"], row["person_is_company"], row["person_further"])
            use_person = theirs and (self.whom == "contact" or not own)
            row["number"] = theirs if use_person else own
            row["contact_id"] = row["person_id"] if use_person else None
            row["sanitized"] = row["phone_sanitized"] if row["number"] == (row["phone"] or "").strip() and not use_person else None
        return rows

    def _kehu_fetch_rows(self, query):
        """Return the columns of those customers that are not on the list yet, and of the person to call at each. One query.

        :param odoo.tools.Query query: of customers
        :rtype: list[dict]
        """
        return self.env.execute_query_dict(
            SQL(
                """SELECT customer.id, customer.user_id AS owner_id, customer.country_id, customer.phone_sanitized, customer.phone,
                          customer.kehu_mobile AS mobile, customer.is_company, further.number AS further,
                          person.id AS person_id, person.phone AS person_phone, person.kehu_mobile AS person_mobile,
                          person.is_company AS person_is_company, person.further AS person_further
                     FROM res_partner customer
                LEFT JOIN LATERAL (SELECT number FROM kehu_contact_phone WHERE partner_id = customer.id AND kind <> 'fax'
                                 ORDER BY sequence, id LIMIT 1) further ON TRUE
                LEFT JOIN LATERAL (SELECT p.id, p.phone, p.kehu_mobile, p.is_company, f.number AS further
                                     FROM res_partner p
                                LEFT JOIN LATERAL (SELECT number FROM kehu_contact_phone WHERE partner_id = p.id AND kind <> 'fax'
                                                 ORDER BY sequence, id LIMIT 1) f ON TRUE
                                    WHERE p.kehu_customer_id = customer.id AND p.kehu_is_customer IS NOT TRUE AND p.active
                                      AND (btrim(p.phone) <> '' OR btrim(p.kehu_mobile) <> '' OR f.number IS NOT NULL)
                                 ORDER BY p.id LIMIT 1) person ON TRUE
                    WHERE customer.id IN %s
                      AND NOT EXISTS (SELECT FROM kehu_call_line line WHERE line.list_id = %s AND line.partner_id = customer.id)
                 ORDER BY customer.kehu_last_contact NULLS FIRST, customer.id""",
                query.subselect(),
                self.id,
            )
        )

    @api.model
    def _kehu_first_number(self, phone, mobile, is_company, further):
        """The same choice as :meth:`res.partner._kehu_call_number`, from columns."""
        numbers = (phone, mobile, further) if is_company else (mobile, phone, further)
        return next((number.strip() for number in numbers if number and number.strip()), False)

    def _kehu_add_keys(self, rows):
        """Put the key of its number on each row, read with the customer's country, else the company's. One query."""
        company = self.company_id or self.env.company
        # sudo: res.country - codes of countries
        countries = self.env["res.country"].sudo().browse({row["country_id"] for row in rows if row["country_id"]}) | company.country_id
        codes = {country.id: (country.code, country.phone_code) for country in countries}
        home = codes.get(company.country_id.id, (False, 0))
        for row in rows:
            row["key"] = row["sanitized"] or self.env["res.partner"]._kehu_key_of(row["number"], *codes.get(row["country_id"], home))

    def _kehu_blocked(self, rows):
        """Return the keys of those numbers that stand on the host's phone blacklist.

        :rtype: set[str]
        """
        self.env["phone.blacklist"].flush_model()
        found = self.env.execute_query(
            SQL("SELECT number FROM phone_blacklist WHERE active AND number = ANY(%s)", [row["key"] for row in rows])
        )
        return {number for (number,) in found}

    def _kehu_known_keys(self):
        """Return the keys of numbers that are on the list already.

        :rtype: set[str]
        """
        found = self.env.execute_query(SQL("SELECT number_key FROM kehu_call_line WHERE list_id = %s AND number_key IS NOT NULL", self.id))
        return {key for (key,) in found}

    def _kehu_allowed(self, customer_ids, callers):
        """Tell for each of these customers which of the callers may see it, by the record rules of each. One query a caller.

        :return: a bit mask for each, see :func:`tools.call_share.share`
        :rtype: list[int]
        """
        masks = dict.fromkeys(customer_ids, 0)
        if masks:
            for place, caller in enumerate(callers):
                # sudo: res.users - companies of the caller
                companies = caller.sudo().company_ids
                partners = self.env["res.partner"].with_user(caller).with_context(allowed_company_ids=companies.ids, active_test=True)
                query = partners._search(Domain("id", "in", list(masks)))
                for (id_,) in self.env.execute_query(query.select()):
                    masks[id_] |= 1 << place
        return list(masks.values())

    def _kehu_load(self):
        """Return {caller id: number of customers still to call on this list}."""
        self.ensure_one()
        # sudo: kehu.call.line - numbers of all callers of the list
        groups = self.env["kehu.call.line"].sudo()
        groups = groups._read_group(
            [("list_id", "=", self.id), ("state", "in", OPEN_STATES), ("user_id", "!=", False)], ["user_id"], ["__count"]
        )
        return {user.id: count for user, count in groups}

    def _kehu_insert(self, rows):
        """Write the lines, after those that the list has. One query."""
        if not rows:
            return
        self.env["res.users"].flush_model(["kehu_home_department_id"])
        self.env.cr.execute(
            SQL(
                """INSERT INTO kehu_call_line (list_id, partner_id, contact_id, number, number_key, user_id, kehu_department_id, company_id,
                                               sequence, state, attempts, create_uid, create_date, write_uid, write_date)
                   SELECT %(list)s, given.partner_id, given.contact_id, given.number, given.number_key, given.user_id,
                          caller.kehu_home_department_id, customer.company_id, given.place + last.sequence, 'open', 0,
                          %(uid)s, %(now)s, %(uid)s, %(now)s
                     FROM unnest(%(partners)s, %(contacts)s::int[], %(numbers)s, %(keys)s, %(callers)s::int[]) WITH ORDINALITY
                          AS given(partner_id, contact_id, number, number_key, user_id, place)
                     JOIN res_partner customer ON customer.id = given.partner_id
                LEFT JOIN res_users caller ON caller.id = given.user_id
               CROSS JOIN (SELECT COALESCE(max(sequence), 0) AS sequence FROM kehu_call_line WHERE list_id = %(list)s) last""",
                list=self.id,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                partners=[row["id"] for row in rows],
                contacts=[row["contact_id"] for row in rows],
                numbers=[row["number"] for row in rows],
                keys=[row["key"] for row in rows],
                callers=[None if self.mode == "pile" else row["caller_id"] for row in rows],
            )
        )
        self.env["kehu.call.line"].invalidate_model()
        self.invalidate_recordset(["line_ids", "line_count", "open_count", "progress"])

    # -- sharing out again ---------------------------------------------------------------------------------------------

    def kehu_reshare(self, from_user_id, user_ids, mode="evenly"):
        """Give the open customers of one caller, or of the pile, to other callers of this list.

        Customers whom a caller has on the screen at this moment stay with that caller, and those whom none of the others may see stay
        where they are. Callbacks keep their time and go into the new caller's calendar.

        :param int from_user_id: whose customers; False: those of the pile
        :param list user_ids: who gets them
        :param str mode: ``evenly``, ``turn`` or ``owner``
        :return: {"moved": number, "busy": number on a screen, "unseen": number that none of them may see}
        :rtype: dict
        :raises KehuCallListError: when nobody, or no such way, was chosen
        :raises KehuCallListRightsError: when one of them is no caller of this list
        """
        self.ensure_one()
        self.check_access("write")
        lines, counts, shares = self._kehu_reshare_plan(from_user_id, user_ids, mode, lock=True)
        for caller_id, ids in shares.items():
            lines._kehu_give(ids, self.env["res.users"].browse(caller_id))
            # sudo: kehu.phone.call - callbacks that the former caller agreed
            waiting = self.env["kehu.phone.call"].sudo().search([("line_id", "in", ids), ("is_callback_open", "=", True)])
            waiting._kehu_hand_over(self.env["res.users"].browse(caller_id))
        return counts

    def _kehu_reshare_plan(self, from_user_id, user_ids, mode, lock=False):
        """Tell who would get what. Writes nothing; used by the preview as well.

        :return: the open lines, the counts of :meth:`kehu_reshare`, {caller id: ids of lines}
        :rtype: tuple
        """
        known = user_ids if isinstance(user_ids, (list, tuple)) else ()
        users = self.env["res.users"].browse(dict.fromkeys(id_ for id_ in known if is_record_id(id_))).exists()
        if from_user_id and not is_record_id(from_user_id):
            raise KehuCallListError(self.env._("Choose whose customers are shared out again."))
        users = users.filtered(lambda user: user.id != from_user_id)
        if not users:
            raise KehuCallListError(self.env._("Choose the callers who get the customers."))
        if not isinstance(mode, str) or mode not in dict(MODES) or mode == "pile":
            raise KehuCallListError(self.env._("Choose how to share the customers out: evenly, by turn or by owner."))
        strange = users - self.caller_ids
        if strange:
            raise KehuCallListRightsError(
                self.env._("%(user)s is not a caller of “%(name)s”. Add them to the callers first.", user=strange[:1].name, name=self.name)
            )
        # sudo: kehu.call.line - the lines of the list, also those whose customer this person does not see
        lines = self.env["kehu.call.line"].sudo()
        domain = [("list_id", "=", self.id), ("user_id", "=", from_user_id or False), ("state", "in", OPEN_STATES)]
        lines = lines.search(domain, order="sequence, id")
        locked = lines.try_lock_for_update(allow_referencing=True) if lock and lines else lines
        before = fields.Datetime.now() - TAKEN_FOR
        lines.flush_model(["partner_id", "taken_on", "sequence"])
        lines.env["res.partner"].flush_model(["user_id"])
        # one query: the ORM would fetch lines and customers a thousand at a time
        free = self.env.execute_query(
            SQL(
                """SELECT line.id, line.partner_id, customer.user_id
                     FROM kehu_call_line line JOIN res_partner customer ON customer.id = line.partner_id
                    WHERE line.id = ANY(%s) AND (line.taken_on IS NULL OR line.taken_on < %s) ORDER BY line.sequence, line.id""",
                list(locked._ids),
                before,
            )
        )
        customers = list(dict.fromkeys(customer_id for _id, customer_id, _owner_id in free))
        masks = dict(zip(customers, self._kehu_allowed(customers, users), strict=True))
        owners = [owner_id for _id, _customer_id, owner_id in free]
        callers = share(
            [masks[customer_id] for _id, customer_id, _owner_id in free], users.ids, mode, owners=owners, load=self._kehu_load()
        )
        shares = {}
        for (line_id, _customer_id, _owner_id), caller_id in zip(free, callers, strict=True):
            if caller_id:
                shares.setdefault(caller_id, []).append(line_id)
        moved = sum(map(len, shares.values()))
        return lines, {"moved": moved, "busy": len(lines) - len(free), "unseen": len(free) - moved}, shares
