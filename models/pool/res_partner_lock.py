from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from ..system.engine import as_engine, is_engine
from .exceptions import KehuOwnershipLimitError, KehuOwnershipStateError
from .res_partner_clock import FALL_FIELDS

SLICE = 500  # locks that one slice of the job ends


class ResPartner(models.Model):
    """A manager locks a customer to its owner: for as long as the pool allows, and not more of them than it allows."""

    _inherit = "res.partner"

    kehu_locked_until = fields.Date(
        string="Locked Until",
        copy=False,
        index="btree_not_null",
        tracking=True,
        help="Last day of the lock; the day after, the rules of the pool hold again. Empty: until a manager unlocks it.",
        groups="base.group_user",
    )

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(["kehu_locked", "kehu_locked_until"])
        partners = super().create(vals_list)
        if any({**defaults, **vals}.get(name) for vals in vals_list for name in ("kehu_locked", "kehu_locked_until")):
            # sudo: res.partner - what was just created, to compare only
            locked = partners.sudo().filtered(lambda partner: partner.kehu_locked or partner.kehu_locked_until)
            partners.browse(locked.ids)._kehu_settle_lock({"kehu_locked": True, "kehu_locked_until": False}, partners.browse(locked.ids))
        return partners

    def write(self, vals):
        if is_engine(self.env, "ownership") or not vals.keys() & {"kehu_locked", "kehu_locked_until"}:
            return super().write(vals)
        self._kehu_check_lock()
        # sudo: res.partner - to compare only; the write below asks for the rights
        newly = self.browse(self.sudo().filtered(lambda partner: not partner.kehu_locked).ids)
        result = super().write(vals)
        self._kehu_settle_lock(vals, newly)
        return result

    def _kehu_settle_lock(self, vals, newly):
        """Check what was just locked, and say until when.

        :param dict vals: the values written
        :param res.partner newly: those that were not locked before
        :raises KehuOwnershipStateError: when a customer has no owner, or the lock would be too long
        :raises KehuOwnershipLimitError: when its owner has too many locked ones
        """
        # sudo: res.partner - state of customers that this person has just been allowed to write
        customers = self.sudo()
        unlocked = customers.filtered(lambda partner: not partner.kehu_locked and partner.kehu_locked_until)
        if unlocked and vals.get("kehu_locked_until"):
            raise KehuOwnershipStateError(
                self.env._("%(name)s is not locked. Lock it before you say until when.", name=unlocked[:1].with_env(self.env)._kehu_names())
            )
        if unlocked:
            unlocked._kehu_write_ownership_columns({"kehu_locked_until": False})
        locked = customers.filtered("kehu_locked")
        homeless = locked.filtered(lambda partner: not partner.user_id or not partner.kehu_is_customer)
        if homeless:
            raise KehuOwnershipStateError(
                self.env._(
                    "%(name)s has no owner to be locked to. Assign it first, then lock it.",
                    name=homeless[:1].with_env(self.env)._kehu_names(),
                )
            )
        if locked:
            locked._kehu_settle_lock_days(newly)
            (locked & newly.sudo())._kehu_check_locked_number()  # sudo: res.partner - see above

    def _kehu_settle_lock_days(self, newly):
        """Let locks end when the pool says so; an earlier day stays, a later one is refused. Runs as superuser."""
        by_pool = defaultdict(self.browse)
        pools = self.env["kehu.pool"]._kehu_limited("lock_days")
        for partner_id, pool_id in self._kehu_limiting_pools() if pools else ():
            by_pool[pool_id] |= self.browse(partner_id)
        for pool in pools.filtered(lambda pool: pool.id in by_pool):
            for company, customers in by_pool[pool.id].grouped("company_id").items():
                last = (company or company._kehu_main())._kehu_today() + timedelta(days=pool.lock_days)
                endless = customers.filtered(lambda partner: not partner.kehu_locked_until)
                endless._kehu_write_ownership_columns({"kehu_locked_until": last})
                late = (customers - endless).filtered(lambda partner, last=last: partner.kehu_locked_until > last)
                if late:
                    raise KehuOwnershipStateError(
                        self.env._(
                            "%(name)s cannot be locked until %(date)s: the pool “%(pool)s” allows %(days)s days, until %(last)s.",
                            name=late[:1]._kehu_names(),
                            date=format_date(self.env, late[0].kehu_locked_until),
                            pool=pool.name,
                            days=pool.lock_days,
                            last=format_date(self.env, last),
                        )
                    )

    def _kehu_check_locked_number(self):
        """Refuse when the owners of these locked customers have more locked ones than their pools allow. Runs as superuser.

        :raises KehuOwnershipLimitError: naming the first such owner
        """
        pools = self and self.env["kehu.pool"]._kehu_limited("max_locked")
        if not pools:
            return
        self._kehu_hold_people(self.user_id)
        governing = {pool_id for _id, pool_id in self._kehu_limiting_pools()}
        for pool in pools.filtered(lambda pool: pool.id in governing):
            counts = pool._kehu_locked_of(self.user_id)
            for user in self.user_id:
                if counts.get(user.id, 0) > pool.max_locked:
                    raise KehuOwnershipLimitError(pool._kehu_locked_sentence(user))

    def _kehu_limit_refusals(self, kind, user):
        """Locked customers stay locked when they are handed over, and count for the new owner."""
        refusals = super()._kehu_limit_refusals(kind, user)
        pools = self and self.env["kehu.pool"]._kehu_limited("max_locked")
        if not pools:
            return refusals
        # sudo: res.partner - whether they are locked
        locked = self.sudo().filtered(lambda customer: customer.kehu_locked and customer.user_id != user)
        by_pool = defaultdict(list)
        for partner_id, pool_id in locked._kehu_limiting_pools() if locked else ():
            by_pool[pool_id].append(partner_id)
        for pool in pools.filtered(lambda pool: pool.id in by_pool):
            free = max(pool.max_locked - pool._kehu_locked_of(user).get(user.id, 0), 0)
            late = self.browse(by_pool[pool.id][free:])
            refusals.update({customer: KehuOwnershipLimitError(pool._kehu_locked_sentence(user)) for customer in late})
        return refusals

    def _kehu_unlock(self):
        """Unlock these customers, as superuser. One line of each is kept in the chatter, as when a manager does it."""
        customers = as_engine(self.sudo(), "ownership")  # sudo: res.partner - the end of a lock, whoever set it
        customers.write({"kehu_locked": False, "kehu_locked_until": False})
        customers.invalidate_recordset(FALL_FIELDS)

    @api.model
    def _kehu_end_locks(self):
        """Unlock what was locked until yesterday, in slices that are committed: part of the nightly job, harmless when repeated.

        :return: whether there was time to end all of them
        """
        # sudo: res.partner, res.company - customers of all owners and companies
        partners = self.sudo().with_context(active_test=False)
        main = self.env["res.company"]._kehu_main()
        for company in main.with_context(active_test=True).search([("active", "=", True)], order="id"):
            companies = [company.id, False] if company == main else [company.id]
            due = [("kehu_locked_until", "<", company._kehu_today()), ("company_id", "in", companies)]
            while over := partners.search(due, limit=SLICE, order="id"):
                # whoever is changed at this moment comes next time
                free = over.try_lock_for_update(allow_referencing=True)
                if not free:
                    break
                free._kehu_unlock()
                if not self.env["ir.cron"]._commit_progress(len(free), remaining=1):
                    return False
        return True


class KehuPool(models.Model):
    _inherit = "kehu.pool"

    max_locked = fields.Integer(
        string="Locked per Person",
        help="A person has at most so many locked customers of this pool, those handed over included. 0: no limit.",
    )
    lock_days = fields.Integer(
        string="A Lock Lasts (Days)",
        help="A lock ends by itself after so many days, and the other rules hold again. 0: it lasts until a manager unlocks the customer.",
    )

    _lock_numbers = models.Constraint(
        "CHECK (COALESCE(max_locked, 0) >= 0 AND COALESCE(lock_days, 0) BETWEEN 0 AND 3650)",
        "The limits of locks are not negative, and a lock lasts at most ten years. Use 0 for none.",
    )

    def _kehu_locked_sentence(self, user):
        return self.env._(
            "%(user)s would have more locked customers than the pool “%(pool)s” allows (%(count)s). Unlock some first.",
            user=user.name,
            pool=self.name,
            count=self.max_locked,
        )

    def _kehu_locked_of(self, users):
        """Count the locked customers of this pool that these people have.

        :return: {user id: number}
        """
        self.ensure_one()
        policies, _zones = self._kehu_policies()
        return dict(
            self.env.execute_query(
                SQL(
                    """SELECT p.user_id, count(*) FROM res_partner p
                        WHERE p.user_id IN %(users)s AND %(customer)s IS TRUE AND %(locked)s IS TRUE AND %(pool)s = %(id)s
                     GROUP BY p.user_id""",
                    users=tuple(users.ids),
                    customer=self._kehu_sql_column("p", "kehu_is_customer"),
                    locked=self._kehu_sql_column("p", "kehu_locked"),
                    pool=self._kehu_sql_governing("p", policies),
                    id=self.id,
                )
            )
        )

    def _kehu_policy_sentences(self):
        says = super()._kehu_policy_sentences()
        if self.max_locked:
            says.append(self.env._("A person has at most %(count)s locked customers.", count=self.max_locked))
        if self.lock_days:
            says.append(self.env._("A lock ends after %(days)s days.", days=self.lock_days))
        return says
