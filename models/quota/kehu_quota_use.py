from typing import NamedTuple

from markupsafe import Markup
from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from ..approval.caches import FreshCache
from ..system.engine import as_engine
from .exceptions import KehuQuotaError, KehuQuotaRightsError

ENGINE = "quota"
PAGE = 80  # rows of a list that are one search
WARNED_AT = 80  # per cent of a quota after which administrators are told
EXEMPT = "kehu_crm.group_kehu_admin"


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

    One row for each, counted up in one statement: of two requests at the same moment the second is refused by PostgreSQL and run again by
    the host, so that none is forgotten. What a refused request asked for is not counted.
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
        """Count what the current user does; nothing for those without a quota of it. One statement.

        :param str kind: ``view``, ``search`` or ``export``
        :param int count: how much
        :param customer_ids: instead of a count, ids of customers, each of which counts once a day
        :raises KehuQuotaError: when it is more than allowed; administrators are told once a day
        """
        limit = getattr(self._kehu_quotas(), kind)
        if not limit or not (count or customer_ids):
            return
        company, now = self.env.company, self.env.cr.now()
        common = {"user": self.env.uid, "day": self._kehu_day_of(self.env.user), "company": company.id, "now": now}
        fresh = SQL("SELECT %s", count)
        seen = SQL()
        if customer_ids:
            seen = SQL(
                """WITH fresh AS (
                       INSERT INTO kehu_quota_seen (user_id, day, partner_id, company_id, create_uid, write_uid, create_date, write_date)
                       SELECT %(user)s, %(day)s, id, %(company)s, %(user)s, %(user)s, %(now)s, %(now)s FROM unnest(%(ids)s) AS asked(id)
                  ON CONFLICT DO NOTHING RETURNING id) """,
                **common,
                ids=sorted(set(customer_ids)),
            )
            fresh = SQL("SELECT count(*) FROM fresh HAVING count(*) > 0")
        rows = self.env.execute_query(
            SQL(
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
        )
        if rows:
            self._kehu_judge(kind, limit, *rows[0], count)

    @api.model
    def _kehu_judge(self, kind, limit, row_id, used, extra, told, count):
        """Refuse what is too much, and tell of what is nearly too much; see :meth:`_kehu_count`."""
        allowed = limit + extra
        self.browse(row_id).invalidate_recordset(flush=False)
        if used > allowed:
            if told < 101:
                env, registry = self.env, self.env.registry
                # the count of this request goes with it; that somebody tried is told nevertheless
                env.cr.postrollback.add(lambda: registry.ready and self._kehu_tell_of_refusal(registry, env.uid, env.company.id, kind))
            raise KehuQuotaError(self._kehu_refusal(kind, allowed))
        share = 100 if used == allowed else WARNED_AT if used * 100 >= allowed * WARNED_AT else 0
        if share > told:
            # sudo: kehu.quota.use - counted for people who may not read it
            as_engine(self.browse(row_id).sudo(), ENGINE)._kehu_tell(share)

    @api.model
    def _kehu_refusal(self, kind, allowed):
        words = {
            "view": self.env._("You may open %(count)s customers a day, and this would be more.", count=allowed),
            "search": self.env._("You may see %(count)s pages of customers in lists a day, and this would be more.", count=allowed),
            "export": self.env._("You may export %(count)s customers a day, and this would be more.", count=allowed),
        }
        return self.env._("%(limit)s The count begins anew tomorrow. A CRM administrator can allow more for today.", limit=words[kind])

    # ------------------------------------------------------------
    # Telling
    # ------------------------------------------------------------

    @api.model
    def _kehu_tell_of_refusal(self, registry, uid, company_id, kind):
        """Tell administrators, once a day, of somebody who asked for more than allowed; the transaction of the request is over."""
        with registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            rows = env[self._name]
            day = rows._kehu_day_of(env["res.users"].browse(uid))
            row = rows.search([("user_id", "=", uid), ("day", "=", day), ("kind", "=", kind)], limit=1)
            if not row:
                row = as_engine(rows, ENGINE).create({"user_id": uid, "day": day, "kind": kind, "company_id": company_id})
            if row.told < 101 and row.try_lock_for_update():
                as_engine(row, ENGINE)._kehu_tell(101)

    def _kehu_tell(self, share):
        """Tell those who administer the CRM, and the person's manager, how much of a quota is used.

        For one row in superuser mode.

        :param int share: per cent; 101: more was asked for than allowed
        """
        self.ensure_one()
        self.told = share
        self.flush_recordset(["told"])  # counting looks at the table
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
