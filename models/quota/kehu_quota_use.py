from datetime import timedelta
from typing import NamedTuple

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import SQL, format_datetime, format_list
from psycopg2.errors import LockNotAvailable, SerializationFailure

from ..approval.caches import FreshCache
from ..system.engine import as_engine
from .exceptions import KehuQuotaError, KehuQuotaRightsError

ENGINE = "quota"
PAGE = 80  # rows of a list that are one search
TRIES = 20  # of counting, when somebody counts at the same moment
PATIENCE = "500ms"  # with rows that another transaction has locked
REFUSED = 101  # more than the whole quota
WARNED_AT = 80  # per cent of a quota after which administrators are told
EXEMPT = "kehu_crm.group_kehu_admin"
NAMED = 3  # administrators that a refusal names


LISTING = "kehu_quota_listing"


class Listing:
    """What a list shows that is counted by its pages; in the context, where no message can put one.

    ``rows`` are those whose phones or e-mails it shows, in lines within lines too.
    """

    def __init__(self):
        self.rows = 0


def listing_of(env):
    """Return the list that this environment reads, None outside of one.

    :rtype: Listing or None
    """
    listing = env.context.get(LISTING)
    return listing if isinstance(listing, Listing) else None


class Quotas(NamedTuple):
    """How much a person may use on one day; 0: no limit."""

    view: int
    search: int
    export: int


class KehuQuotaUse(models.Model):
    """How many customers a person opened, or exported, and how often searched, on one day, where the person has a quota of it.

    One row for each, counted up in one statement and in a transaction of its own, so that no request forgets or takes back what another
    counted. What a refused request asked for is not counted; that it was refused is told.
    """

    _name = "kehu.quota.use"
    _inherit = ["kehu.engine.log.mixin"]
    _description = "Use of a Daily Limit"
    _order = "day desc, used desc, id desc"
    _rec_name = "user_id"
    _kehu_engine = ENGINE

    user_id = fields.Many2one("res.users", string="Person", required=True, ondelete="cascade")
    day = fields.Date(required=True, index=True, help="By the clock of the company.")
    kind = fields.Selection(
        [("view", "Customers Opened"), ("search", "Searches"), ("export", "Customers Exported")],
        string="What",
        required=True,
        help="Customers Opened: whose phones or e-mails were shown, each once a day. Searches: lists of customers and opportunities, a "
        "page of 80 rows each. Customers Exported: rows of customers, contacts and opportunities in workbooks.",
    )
    used = fields.Integer(required=True, default=0)
    extra = fields.Integer(string="Allowed in Addition", required=True, default=0, help="By an administrator, for this day.")
    told = fields.Integer(string="Told At (%)", required=True, default=0, help="Share of the limit of which administrators were told.")
    company_id = fields.Many2one("res.company", ondelete="cascade", index="btree_not_null")
    allowed = fields.Integer(compute="_compute_allowed", help="By the limits of today, with what was allowed in addition. 0: no limit.")
    share = fields.Float(string="Used (%)", compute="_compute_allowed")

    _user_day_uniq = models.UniqueIndex("(user_id, day, kind)")

    @api.depends("user_id", "kind", "used", "extra")
    def _compute_allowed(self):
        for row in self:
            limit = getattr(self._kehu_quotas_of(row.user_id.id), row.kind or "view") if row.user_id else 0
            row.allowed = limit + row.extra if limit else 0
            row.share = 100.0 * row.used / row.allowed if row.allowed else 0.0

    # ------------------------------------------------------------
    # Limits
    # ------------------------------------------------------------

    @api.model
    def _kehu_quotas(self):
        """:return: the quotas of the current user, none for the program itself and for those who administer the CRM
        :rtype: Quotas
        """
        return Quotas(0, 0, 0) if self.env.su else self._kehu_quotas_of(self.env.uid)

    @api.model
    @FreshCache("user_id")
    def _kehu_quotas_of(self, user_id):
        """Quotas of a person: of their roles that name one the largest, else the least that any of their companies names, whichever they
        work in. Kept until roles, companies or the person change.

        :rtype: Quotas
        """
        # sudo: res.users, kehu.role, res.company - limits hold for everybody, whatever they may read of them
        user = self.env["res.users"].sudo().browse(user_id)
        if user.share or user.has_group(EXEMPT):
            return Quotas(0, 0, 0)
        roles = self.env["kehu.role"]._kehu_of(user)

        def least(name):
            return min(filter(lambda most: most > 0, user.company_ids.mapped(name)), default=0)

        return Quotas(*(max(roles.mapped(f"quota_{kind}"), default=0) or least(f"kehu_quota_{kind}") for kind in Quotas._fields))

    @api.model
    def _kehu_day_of(self, user):
        """Return the present day of a person, by the clock of their own company, whichever they work in."""
        return user.sudo().company_id._kehu_today()  # sudo: res.users - which company it is

    # ------------------------------------------------------------
    # Counting
    # ------------------------------------------------------------

    @api.model
    def _kehu_is_counting(self, kind):
        """Tell whether what the current user does now is counted."""
        return not listing_of(self.env) and getattr(self._kehu_quotas(), kind) > 0

    @api.model
    def _kehu_count(self, kind, count=0, customer_ids=()):
        """Count what the current user does; nothing for those without a quota of it. One statement where all customers were opened before,
        and otherwise one more and one of another connection.

        :param str kind: ``view``, ``search`` or ``export``
        :param int count: how much
        :param customer_ids: instead of a count, ids of customers, each of which counts once a day
        :raises KehuQuotaError: when it is more than allowed; administrators are told once a day
        """
        limit = getattr(self._kehu_quotas(), kind)
        if not limit or not (count or customer_ids) or not (count or self._kehu_unseen(customer_ids)):
            return
        where = {"user": self.env.uid, "day": self._kehu_day_of(self.env.user), "company": self.env.company.id}
        refused = self._kehu_count_apart(where, kind, limit, count, customer_ids)
        self.env[self._name].invalidate_model(flush=False)
        if refused:
            raise KehuQuotaError(refused)

    @api.model
    def _kehu_unseen(self, customer_ids):
        """Tell whether there is a customer among these that the current user has not opened today. One statement."""
        return bool(
            self.env.execute_query(
                SQL(
                    """SELECT FROM unnest(%(ids)s) AS asked(id) WHERE NOT EXISTS (
                           SELECT FROM kehu_quota_seen WHERE user_id = %(user)s AND day = %(day)s AND partner_id = asked.id) LIMIT 1""",
                    ids=list(customer_ids),
                    user=self.env.uid,
                    day=self._kehu_day_of(self.env.user),
                )
            )
        )

    @api.model
    def _kehu_count_apart(self, where, kind, limit, count, customer_ids):
        """Count in a transaction of its own, which is over before anything is shown: a request that only reads can do it, and none of two
        requests at the same moment has to be run again.

        :return: why it is refused, False when it is not
        """
        tries = TRIES if self.env.registry.ready else 0
        while tries:
            try:
                with self.env.registry.cursor() as cr:
                    # whatever the request itself, or somebody else, has locked is counted below
                    cr.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
                    use = self.with_env(self.env(cr=cr))
                    refused, row_id, share = use._kehu_count_here(where, kind, limit, count, customer_ids, apart=True)
            except SerializationFailure:
                tries -= 1
                continue
            except LockNotAvailable:
                break
            if share:
                # writing messages takes a while, for which nobody shall wait who counts
                with self.env.registry.cursor() as cr:
                    # sudo: kehu.quota.use - counted for people who may not read it
                    self.with_env(self.env(cr=cr)).browse(row_id).sudo()._kehu_tell(share)
            return refused
        refused, row_id, share = self._kehu_count_here(where, kind, limit, count, customer_ids)
        if share and not refused:
            self.browse(row_id).sudo()._kehu_tell(share)  # sudo: kehu.quota.use - as above
        return refused

    @api.model
    def _kehu_count_here(self, where, kind, limit, count, customer_ids, apart=False):
        """Count in this transaction; see :meth:`_kehu_count_apart`.

        :param dict where: numbers of the person and the company, and the day
        :return: why it is refused or False, number of the row, and the share of which administrators are still to be told or 0
        :rtype: tuple
        """
        common = {**where, "now": self.env.cr.now()}
        fresh = SQL("SELECT %s", count)
        seen = SQL()
        if customer_ids:
            # a customer that the request itself has just made is not there yet for a transaction of its own
            seen = SQL(
                """WITH fresh AS (
                       INSERT INTO kehu_quota_seen (user_id, day, partner_id, company_id, create_uid, write_uid, create_date, write_date)
                       SELECT %(user)s, %(day)s, id, %(company)s, %(user)s, %(user)s, %(now)s, %(now)s
                         FROM res_partner WHERE id = ANY(%(ids)s) ORDER BY id
                  ON CONFLICT DO NOTHING RETURNING id) """,
                **common,
                ids=sorted(set(customer_ids)),
            )
            fresh = SQL("SELECT count(*) FROM fresh HAVING count(*) > 0")
        query = SQL(
            """%(seen)sINSERT INTO kehu_quota_use AS known
                   (user_id, day, kind, company_id, used, extra, told, create_uid, write_uid, create_date, write_date)
               SELECT %(user)s, %(day)s, %(kind)s, %(company)s, fresh.count, 0, 0, %(user)s, %(user)s, %(now)s, %(now)s
                 FROM (%(fresh)s) AS fresh(count)
                   ON CONFLICT (user_id, day, kind) DO UPDATE SET used = known.used + excluded.used, write_date = excluded.write_date
            RETURNING id, used, extra, told""",
            **common,
            seen=seen,
            fresh=fresh,
            kind=kind,
        )
        self.env.cr.execute(query, log_exceptions=not apart)
        row = self.env.cr.fetchone()
        if not row:
            return False, False, 0
        row_id, used, extra, told = row
        allowed, refused = limit + extra, False
        share = 100 if used == allowed else WARNED_AT if used * 100 >= allowed * WARNED_AT else 0
        if used > allowed:
            refused, share = self._kehu_refusal(kind, allowed), REFUSED
            if apart:
                # the count goes; that somebody tried is told nevertheless
                self.env.cr.rollback()
                row_id, told = self._kehu_row_of_refusal(where, kind)
        if share <= told:
            return refused, row_id, 0
        # sudo: kehu.quota.use - counted for people who may not read it
        as_engine(self.browse(row_id).sudo(), ENGINE).told = share
        self.flush_model(["told"])  # counting looks at the table
        return refused, row_id, share

    @api.model
    def _kehu_refusal(self, kind, allowed):
        words = {
            "view": self.env._("You may open %(count)s customers a day, and this would be more.", count=allowed),
            "search": self.env._("You may see %(count)s pages of customers in lists a day, and this would be more.", count=allowed),
            "export": self.env._("You may export %(count)s customers a day, and this would be more.", count=allowed),
        }
        user = self.env.user
        company = user.sudo().company_id  # sudo: res.users - by whose clock the day ends, see _kehu_day_of
        begins = company._kehu_midnight(self._kehu_day_of(user) + timedelta(days=1))
        # sudo: res.users - names of whom to ask
        helpers = self.env["res.users"]._kehu_of_role(self.env.ref(EXEMPT), company).sudo()
        return self.env._(
            "%(limit)s The count begins anew on %(moment)s. More for today is allowed by a CRM administrator: %(names)s.",
            limit=words[kind],
            moment=format_datetime(self.env, begins, tz=user.tz or company.kehu_timezone, dt_format="yyyy-MM-dd HH:mm"),
            names=format_list(self.env, helpers[:NAMED].mapped("name"), style="or") if helpers else "–",
        )

    # ------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------

    @api.model
    def _kehu_row_of_refusal(self, where, kind):
        """Return the number of the row of somebody who asked for more than allowed, perhaps with the first request of the day, and of which
        share administrators were told.

        :rtype: tuple[int, int]
        """
        # sudo: kehu.quota.use - counted for people who may not read it
        rows = as_engine(self.sudo(), ENGINE)
        row = rows.search([("user_id", "=", where["user"]), ("day", "=", where["day"]), ("kind", "=", kind)], limit=1)
        if not row:
            row = rows.create({"user_id": where["user"], "day": where["day"], "kind": kind, "company_id": where["company"]})
        return row.id, row.told

    def _kehu_tell(self, share):
        """Tell those who administer the CRM, and the person's manager, how much of a quota is used.

        For one row in superuser mode.

        :param int share: per cent; 101: more was asked for than allowed
        """
        self.ensure_one()
        group = self.env.ref(EXEMPT)
        people = self.env["res.users"]._kehu_of_role(group, self.company_id) | self.user_id._kehu_manager_above(1)
        path = f"/odoo/action-kehu_crm.kehu_quota_use_action/{self.id}"
        for user in people - self.user_id:
            row = self.with_context(lang=user.lang)
            what = dict(row._fields["kind"]._description_selection(row.env))[self.kind]
            names = {"person": self.user_id.name, "what": what, "used": self.used, "allowed": self.allowed}
            if share > 100:
                subject = row.env._("%(person)s wants more than the daily limit: %(what)s, %(used)s of %(allowed)s used", **names)
            else:
                subject = row.env._("%(person)s nears the daily limit: %(what)s, %(used)s of %(allowed)s used", **names)
            link = Markup('<a href="%s">%s</a>') % (path, row.env._("Look at it, or allow more for today"))
            self.env["mail.thread"].message_notify(
                subject=subject,
                body=Markup("<p>%s</p><p>%s</p>") % (subject, link),
                partner_ids=user.partner_id.ids,
                author_id=self.env.ref("base.partner_root").id,
            )

    # ------------------------------------------------------------
    # For administrators
    # ------------------------------------------------------------

    def action_allow_more(self):
        """Allow these people as much again, for the day of the row.

        :raises KehuQuotaRightsError: for everybody but CRM administrators
        :raises KehuQuotaError: for a day that is over, and where there is no limit
        """
        if not self.env.su and not self.env.user.has_group(EXEMPT):
            raise KehuQuotaRightsError(self.env._("More is allowed by CRM administrators. Ask one of them."))
        self.check_access("read")
        for row in self:
            limit = row.allowed - row.extra
            if row.day != self._kehu_day_of(row.user_id) or limit <= 0:
                raise KehuQuotaError(
                    self.env._(
                        "“%(person)s” on %(day)s: more can be allowed for today only, and where there is a limit.",
                        person=row.user_id.name,
                        day=fields.Date.to_string(row.day),
                    )
                )
            before = row.extra
            # sudo: kehu.quota.use - the right was looked at above
            as_engine(row.sudo(), ENGINE).write({"extra": before + limit, "told": 0})
            row.flush_recordset(["extra", "told"])  # counting looks at the table
            self.env["kehu.operation.log"]._kehu_note("write", row, {row.id: {"extra": (before, before + limit)}})

    def action_kehu_seen(self):
        """Open the customers that the person of this one row opened on its day."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kehu_crm.kehu_quota_seen_action")
        action["domain"] = [("user_id", "=", self.user_id.id), ("day", "=", fields.Date.to_string(self.day))]
        return action
