from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime

from .exceptions import KehuOwnershipCooldownError, KehuOwnershipLimitError

# what says whose limits hold for a customer
GOVERNED_BY = ("kehu_pool_id", "kehu_home_pool_id", "user_id", "company_id")

TAKING = ("claim", "assign", "transfer")


class ResPartner(models.Model):
    """Limits of a pool. All of them count rows of the ownership history, never the present state: who gives a customer back has still
    claimed it today, and who was refused has claimed nothing.
    """

    _inherit = "res.partner"

    def _kehu_change_owner(self, kind, user=None, pool=None, reason=None, with_documents=False):
        if user and self and self._kehu_pools_with_limits():
            self._kehu_hold_people(user)
        return super()._kehu_change_owner(kind, user=user, pool=pool, reason=reason, with_documents=with_documents)

    @api.model
    def _kehu_pools_with_limits(self):
        """Return the pools that limit how much a person takes or holds."""
        return self.env["kehu.pool"]._kehu_limited("max_held", "max_claims_per_day")

    @api.model
    def _kehu_hold_people(self, users):
        """Keep these people from getting customers in another transaction until the end of this one.

        Two claims of the same person would otherwise both count the rows of before. The row is rewritten and not merely locked: whoever
        comes second and cannot see the first claim is refused by PostgreSQL, and the host runs the request again.
        """
        ids = tuple(sorted(users.ids))
        self.env.execute_query(SQL("SELECT id FROM res_users WHERE id IN %s ORDER BY id FOR NO KEY UPDATE", ids))
        self.env.cr.execute(SQL("UPDATE res_users SET write_date = write_date WHERE id IN %s", ids))

    def _kehu_ownership_refusals(self, kind, user, pool=None):
        refusals = super()._kehu_ownership_refusals(kind, user, pool)
        if kind not in TAKING or not user or not self:
            return refusals
        rest = self.filtered(lambda customer: customer not in refusals) if refusals else self
        waits = rest._kehu_wait_refusals(kind, user)
        refusals.update(waits)
        rest = rest.filtered(lambda customer: customer not in waits) if waits else rest
        refusals.update(rest._kehu_limit_refusals(kind, user))
        return refusals

    # -- cool-down and quiet days --------------------------------------------------------------------------------------

    def _kehu_takes_freely(self, pool, user):
        """Tell whether the current user may pass over cool-down and daily limit: managers who give to somebody else, pool managers and
        directors also for themselves.
        """
        actor = self.env.user
        if self.env.su or actor in pool.manager_ids or actor.has_group("kehu_crm.group_kehu_director"):
            return True
        return actor != user and actor.has_group("kehu_crm.group_kehu_manager")

    def _kehu_wait_refusals(self, kind, user):
        """Tell which of these customers ``user`` cannot have yet: those given back or lost not long ago, those just come into the pool."""
        pools = self and self.env["kehu.pool"]._kehu_limited("cooldown_days", "quiet_days")
        if not pools:
            return {}
        waiting = dict(self._kehu_limiting_pools(user))
        refusals = self._kehu_cooldown_refusals(kind, user, pools.filtered("cooldown_days"), waiting)
        if kind != "claim":
            return refusals
        now = fields.Datetime.now()
        for pool in pools.filtered("quiet_days"):
            customers = self.browse(id_ for id_, pool_id in waiting.items() if pool_id == pool.id)
            if not customers or self._kehu_takes_freely(pool, user):
                continue
            since = now - timedelta(days=pool.quiet_days)
            came = [("user_id", "=", False), ("pool_id", "=", pool.id)]
            for customer, _terms, moment in customers._kehu_newest_rows(since, came):
                refusals.setdefault(
                    customer,
                    KehuOwnershipCooldownError(
                        self.env._(
                            "%(name)s has just come into the pool “%(pool)s” and can be claimed from %(date)s.",
                            name=customer._kehu_names(),
                            pool=pool.name,
                            date=format_datetime(self.env, moment + timedelta(days=pool.quiet_days), dt_format="short"),
                        )
                    ),
                )
        return refusals

    def _kehu_cooldown_refusals(self, kind, user, pools, waiting):
        """Tell which of these customers their former owner cannot have yet, by the pool in which it waits or by that on whose terms this
        person had it: another pool on the way shortens nothing.

        :param kehu.pool pools: those with a cool-down
        :param dict waiting: {id: pool whose limits hold now}
        :return: {customer: KehuOwnershipCooldownError}
        """
        days = {pool.id: pool.cooldown_days for pool in pools if not self._kehu_takes_freely(pool, user)}
        if not days:
            return {}
        now = fields.Datetime.now()
        # every hand-over of that person counts, not the newest alone: a friend who claims and returns in between changes nothing,
        # nor does one who gets it first and returns it; only what was handed to a colleague comes back from hand to hand
        lost = [("old_user_id", "=", user.id)]
        if kind == "transfer":
            lost.append(("user_id", "=", False))
        free_from = {}
        for customer, terms, moment in self._kehu_newest_rows(now - timedelta(days=max(days.values())), lost):
            until = moment + timedelta(days=max(days.get(terms.id, 0), days.get(waiting.get(customer.id), 0)))
            free_from[customer] = max(until, free_from.get(customer, until))
        return {
            customer: KehuOwnershipCooldownError(
                self.env._(
                    "%(user)s had %(name)s before and can take it again from %(date)s. Until then a manager can assign it.",
                    user=user.name,
                    name=customer._kehu_names(),
                    date=format_datetime(self.env, until, dt_format="short"),
                )
            )
            for customer, until in free_from.items()
            if until > now
        }

    def _kehu_newest_rows(self, since, domain):
        """Return those of these customers that have rows of the history after ``since``.

        :return: list of (customer, pool on whose terms the former owner had it, moment of the newest such row)
        """
        rows = self.env["kehu.assignment"].sudo()  # sudo: kehu.assignment - rows of all owners
        domain = [("partner_id", "in", self.ids), ("date", ">", since), *domain]
        groups = rows._read_group(domain, ["partner_id", "terms_pool_id"], ["date:max"])
        return [(self.browse(partner.id), terms, moment) for partner, terms, moment in groups]

    def _kehu_limiting_pools(self, user=None):
        """Return (id, pool whose limits hold) for each of these customers: the one in which it waits, else that of its policy.

        :param res.users user: ask as if this person had those that have an owner
        """
        pools = self.env["kehu.pool"]
        policies, _zones = pools._kehu_policies()
        customer = self.sudo()  # sudo: res.partner - which rules hold for it, whoever asks
        if len(self) == 1 and all(self.id in self._fields[name]._get_cache(customer.env) for name in GOVERNED_BY):
            owner = user or customer.user_id
            home, company = customer.kehu_home_pool_id, customer.company_id
            return [(self.id, customer.kehu_pool_id.id or pools._kehu_governing_id(policies, home.id, owner.id, company.id))]
        return self.env.execute_query(
            SQL(
                "SELECT p.id, COALESCE(%s, %s) FROM res_partner p WHERE p.id IN %s",
                pools._kehu_sql_column("p", "kehu_pool_id"),
                pools._kehu_sql_governing("p", policies, user),
                tuple(self.ids),
            )
        )

    def _kehu_limited_by(self, kind, user):
        """Return the customers that each pool counts when ``user`` takes them: the pool they come from, and that whose rules hold again.

        :return: {pool id: list of customer ids}
        """
        by_pool = defaultdict(list)
        terms = self._kehu_earlier_terms(user) if self._kehu_takes_again(kind, user) else {}
        for partner_id, pool_id in self._kehu_limiting_pools(user):
            by_pool[pool_id].append(partner_id)
            if partner_id in terms and terms[partner_id].pool_id not in (None, pool_id):
                by_pool[terms[partner_id].pool_id].append(partner_id)
        return by_pool

    # -- how many a person takes and holds -----------------------------------------------------------------------------

    def _kehu_limit_refusals(self, kind, user):
        """Tell which of these customers are too many for ``user``: the first ones fit, the rest is refused."""
        pools = self and self._kehu_pools_with_limits()
        if not pools:
            return {}
        refusals = {}
        by_pool = self._kehu_limited_by(kind, user)
        for pool in pools.filtered(lambda pool: pool.id in by_pool):
            ids = by_pool[pool.id]
            free, text = pool._kehu_free_places(kind, user, self.env.user if not self.env.su else self.env["res.users"])
            if free is None or len(ids) <= free:
                continue
            fitting = set(ids)
            late = [customer_id for customer_id in self.ids if customer_id in fitting][max(free, 0) :]
            refusals.update(dict.fromkeys(self.browse(late), KehuOwnershipLimitError(text)))
        if kind == "transfer" and user == self.env.user and not self.env.su:
            for pool in pools.filtered("max_claims_per_day"):
                taken = self & pool._kehu_taken_today(user, self)
                free, text = pool._kehu_free_places("claim", user, user) if taken else (None, "")
                if free is not None and len(taken) > free:
                    refusals.update(dict.fromkeys(taken[max(free, 0) :], KehuOwnershipLimitError(text)))
        return refusals

    def _kehu_log_assignments(self, kind, before, reason, now, terms=None):
        """New customers that come with an owner count as held like any other: entered, imported or marked."""
        result = super()._kehu_log_assignments(kind, before, reason, now, terms)
        if kind == "create" and self.user_id:
            self._kehu_check_held()
        return result

    def _kehu_check_held(self):
        """Refuse new customers whose owners hold too many by now.

        :raises KehuOwnershipLimitError: naming the first such owner
        """
        pools = self._kehu_pools_with_limits().filtered("max_held")
        if not pools:
            return
        governing = {pool_id for _id, pool_id in self._kehu_limiting_pools()}
        for pool in pools.filtered(lambda pool: pool.id in governing):
            users = self.user_id
            self._kehu_hold_people(users)
            held = pool._kehu_held(users)
            for user in users:
                if held.get(user.id, 0) > pool.max_held:
                    raise KehuOwnershipLimitError(pool._kehu_full_sentence(user))


class KehuPool(models.Model):
    _inherit = "kehu.pool"

    @api.model
    def _kehu_limited(self, *names):
        """Return the active pools that set one of these limits, as superuser, for they hold whoever looks.

        Kept in memory: a company without limits pays no query for them.
        """
        # sudo: kehu.pool - see above
        return self.sudo().browse(self.sudo()._kehu_limited_ids(names))  # sudo: kehu.pool - see above

    @tools.ormcache("names")
    def _kehu_limited_ids(self, names):
        return tuple(self.search(Domain.OR(Domain(name, ">", 0) for name in names))._ids)

    def _kehu_free_places(self, kind, user, actor):
        """Return how many more customers of this pool ``user`` may get in this way, and the sentence for those that do not fit.

        :param str kind: ``claim``, ``assign`` or ``transfer``
        :param res.users actor: who does it; empty for the system
        :return: (number or None for any number, sentence)
        """
        self.ensure_one()
        free, text = None, ""
        if self.max_held:
            free = self.max_held - self._kehu_held(user).get(user.id, 0)
            text = self._kehu_full_sentence(user)
        privileged = not actor or actor in self.manager_ids or actor.has_group("kehu_crm.group_kehu_director")
        # giving a pool customer to oneself is a claim, whatever it is called
        taking = kind == "claim" or (kind == "assign" and user == actor)
        if self.max_claims_per_day and taking and not privileged:
            left = self.max_claims_per_day - self._kehu_claimed_today(user)
            if free is None or left < free:
                free = left
                text = self.env._(
                    "%(user)s has claimed as many customers today as the pool “%(pool)s” allows (%(count)s). Claim more tomorrow.",
                    user=user.name,
                    pool=self.name,
                    count=self.max_claims_per_day,
                )
        return free, text

    def _kehu_full_sentence(self, user):
        return self.env._(
            "%(user)s would hold more customers than the pool “%(pool)s” allows (%(count)s). Return some first, or choose somebody else.",
            user=user.name,
            pool=self.name,
            count=self.max_held,
        )

    def _kehu_held(self, users):
        """Count by the history the customers of this pool that these people hold: those whose newest row names them as the owner.

        :return: {user id: number}
        """
        self.ensure_one()
        self.env["kehu.assignment"].flush_model()
        policies, _zones = self._kehu_policies()
        rows = self.env.execute_query(
            SQL(
                """SELECT newest.user_id, count(*)
                     FROM (SELECT DISTINCT ON (row.partner_id) row.partner_id, row.user_id
                             FROM kehu_assignment row
                            WHERE row.partner_id IN (SELECT partner_id FROM kehu_assignment WHERE user_id IN %(users)s)
                         ORDER BY row.partner_id, row.date DESC, row.id DESC) newest
                     JOIN res_partner p ON p.id = newest.partner_id
                    WHERE newest.user_id IN %(users)s AND %(pool)s = %(id)s
                 GROUP BY newest.user_id""",
                users=tuple(users.ids),
                pool=self._kehu_sql_governing("p", policies),
                id=self.id,
            )
        )
        return dict(rows)

    def _kehu_claimed_today(self, user):
        """Count by the history what this person has taken out of this pool today, where the pool's company is.

        Who takes over what a colleague has claimed or been given the same day has claimed it. What a colleague hands over counts for
        that colleague, who claimed it.
        """
        rows, today = self._kehu_rows_today()
        mine = [*today, ("author_id", "=", user.id), ("user_id", "=", user.id)]
        taken = rows.search_count([*mine, ("kind", "in", ("claim", "assign")), ("pool_id", "=", self.id)])
        over = rows.search([*mine, ("kind", "=", "transfer")])
        return taken + len(self._kehu_taken_today(user, over.partner_id))

    def _kehu_taken_today(self, user, partners):
        """Return those of these customers that left this pool today for somebody else.

        :rtype: res.partner
        """
        rows, today = self._kehu_rows_today()
        others = [("user_id", "not in", (False, user.id)), ("kind", "in", ("claim", "assign")), ("pool_id", "=", self.id)]
        found = partners and rows.search([*today, ("partner_id", "in", partners.ids), *others])
        return self.env["res.partner"].browse(found.partner_id.ids if found else ())

    def _kehu_rows_today(self):
        """Return the history, and the domain of what has happened today, where the pool's company is."""
        self.ensure_one()
        company = self.company_id or self.env["res.company"]._kehu_main()
        # sudo: kehu.assignment - customers that the person has given back since count too
        rows = self.env["kehu.assignment"].sudo()
        return rows, [("date", ">=", company._kehu_midnight(company._kehu_today()))]
