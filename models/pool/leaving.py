"""What happens to customers whose owner cannot look after them any more."""

import logging

import psycopg2
from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..system.engine import as_engine, is_engine, is_uninstalling
from .exceptions import KehuOwnershipError

_logger = logging.getLogger(__name__)

SLICE = 500  # customers of leavers that one slice of the job brings back

# what decides whether a user can hold customers
USER_FIELDS = {"active", "group_ids", "company_ids"}
GROUP_FIELDS = {"user_ids", "implied_ids", "implied_by_ids"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    @api.model
    def _kehu_of_owners(self, users):
        """Return the customers that these people own, archived ones too, as superuser.

        :param res.users users: the owners
        :rtype: res.partner
        """
        # sudo: res.partner - customers of people who leave, whoever lets them go
        customers = self.env["res.partner"].sudo().with_context(active_test=False)
        return customers.search([("kehu_is_customer", "=", True), ("user_id", "in", users.ids)], order="id")

    def _kehu_release(self, reason, pool=None):
        """Put these customers, locked ones too, into the pools into which they would fall: through the gateway, as superuser.

        :param str reason: kept in the history
        :param kehu.pool pool: one pool for all of them
        :raises KehuOwnershipLockError: when somebody is changing one of them at this moment
        """
        customers = self.sudo().with_context(active_test=False)  # sudo: res.partner - see _kehu_of_owners
        if not customers:
            return
        locked = customers.search([("id", "in", customers.ids), ("kehu_locked", "=", True)])
        if locked:
            locked._kehu_unlock()
        for target, ids in customers._kehu_fall_targets(pool):
            customers.browse(ids)._kehu_change_owner("return", pool=target, reason=reason)

    def _kehu_release_or_leave(self, reason):
        """Put these customers into their pools; one that somebody is changing, or that cannot go, spoils nothing and comes another time."""
        free = self.try_lock_for_update(allow_referencing=True)
        try:
            with self.env.cr.savepoint():
                free._kehu_release(reason)
        except (UserError, psycopg2.IntegrityError):
            for customer in free:
                try:
                    with self.env.cr.savepoint():
                        customer._kehu_release(reason)
                except (UserError, psycopg2.IntegrityError) as error:
                    _logger.info("Customer %s stays with an owner who has left: %s", customer.id, error)

    def _kehu_fall_targets(self, pool=None):
        """Return (pool or None for the default pool, ids) pairs: where each of these customers goes when its owner goes.

        That is the pool whose policy holds for it, unless that pool is for another company.
        """
        if pool:
            return [(pool, self.ids)]
        pools = self.env["kehu.pool"]
        policies, _zones = pools._kehu_policies()
        rows = self.env.execute_query(
            SQL(
                """SELECT CASE WHEN pool.company_id = governed.company_id OR pool.company_id IS NULL OR governed.company_id IS NULL
                               THEN pool.id END AS target, array_agg(governed.id ORDER BY governed.id)
                     FROM (SELECT p.id, p.company_id, %(pool)s AS pool_id FROM res_partner p WHERE p.id IN %(ids)s) governed
                LEFT JOIN kehu_pool pool ON pool.id = governed.pool_id
                 GROUP BY target""",
                pool=pools._kehu_sql_governing("p", policies),
                ids=tuple(self.ids),
            )
        )
        return [(pools.browse(pool_id) if pool_id else None, ids) for pool_id, ids in rows]

    def _kehu_count_open_documents(self):
        """Count what the owners of these customers have open with them; the room that knows documents says how many.

        :rtype: int
        """
        return 0


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        """Whoever leaves, or loses the sales role or the company of a customer, gives the customers back to the pool."""
        result = super().write(vals)
        if vals.keys() & USER_FIELDS:
            self.flush_recordset()
            self._kehu_owning()._kehu_release_customers(companies="company_ids" in vals)
        return result

    @api.ondelete(at_uninstall=True)
    def _unlink_except_owners(self):
        """Customers never lose their owner in silence: who owns some is archived, and somebody says who gets them."""
        customers = not is_uninstalling(self.env) and self.env["res.partner"]._kehu_of_owners(self)
        if customers:
            raise KehuOwnershipError(
                self.env._(
                    "%(user)s still owns %(what)s and cannot be deleted. Archive the user: then you are asked who gets the customers.",
                    user=customers[0].user_id.name,
                    what=customers.filtered(lambda customer: customer.user_id == customers[0].user_id)._kehu_count_in_words(),
                )
            )

    def _kehu_release_customers(self, companies=False):
        """Put the customers whom these people cannot look after any more into the pool; those they can stay with them.

        :param bool companies: whether they may have lost a company, and with it its customers
        """
        partners = self.env["res.partner"]
        gone = self.filtered(lambda user: not user.active or user.share)
        dismissed = (self - gone).filtered(lambda user: not user.has_group("kehu_crm.group_kehu_user"))
        partners._kehu_of_owners(gone)._kehu_release(self.env._("The owner has left."))
        partners._kehu_of_owners(dismissed)._kehu_release(self.env._("The owner has no sales role any more."))
        rest = self - gone - dismissed
        if companies and rest:
            rows = self.env.execute_query(
                SQL(
                    """SELECT p.id FROM res_partner p
                        WHERE p.user_id IN %s AND p.kehu_is_customer IS TRUE AND p.company_id IS NOT NULL
                          AND NOT EXISTS (SELECT FROM res_company_users_rel work WHERE work.user_id = p.user_id AND work.cid = p.company_id)
                     ORDER BY p.id""",
                    tuple(rest.ids),
                )
            )
            strange = partners.browse(row[0] for row in rows)
            strange._kehu_release(self.env._("The owner does not work for the company of the customer any more."))

    @api.model
    def _kehu_sweep_leavers(self):
        """Put customers whose owner has left, or has no sales role, into the pools, in slices that are committed: part of the daily job.

        Whoever leaves gives them back at once. This finds the customers of those who left before the add-on took care of it, or by a way
        that passed it by, such as SQL or another add-on. Harmless when repeated.

        :return: whether there was time for all of them
        """
        # sudo: res.users - groups, state and language of all owners
        users = self.sudo().with_context(active_test=False)
        users.flush_model(["active", "share"])
        owners = users.browse(users._kehu_owner_ids())
        gone = owners.browse(users._kehu_owner_ids(SQL("(owner.active IS NOT TRUE OR owner.share IS TRUE)")))
        role = self.env.ref("kehu_crm.group_kehu_user")
        # who has the role is searched for, and not who has it not: "not in" would find everybody who has another role besides
        dismissed = owners - gone - users.search([("id", "in", owners.ids), ("all_group_ids", "in", role.ids)])
        of_language = [
            (people, lang, people <= gone) for some in (gone, dismissed) for lang, people in some.grouped(lambda user: user.lang).items()
        ]
        for people, lang, has_left in of_language:
            partners = users.env["res.partner"].with_context(lang=lang or self.env.lang)
            left = [("kehu_is_customer", "=", True), ("user_id", "in", people.ids)]
            last = 0
            while customers := partners.search([*left, ("id", ">", last)], limit=SLICE, order="id"):
                last = customers[-1].id
                customers._kehu_release_or_leave(
                    partners.env._("The owner has left.") if has_left else partners.env._("The owner has no sales role any more.")
                )
                if not self.env["ir.cron"]._commit_progress(len(customers), remaining=1):
                    return False
        return True

    def _kehu_owning(self):
        """Return those of these people, as superuser, who own a customer."""
        # sudo: res.users - state, groups and companies of people who may have left
        users = self.sudo().with_context(active_test=False)
        return users and users.browse(self._kehu_owner_ids(SQL("owner.id IN %s", tuple(users.ids))))

    @api.model
    def _kehu_owner_ids(self, condition=None):
        """Return the ids of users who own a customer: one look into the index for each user.

        :param SQL condition: of the users to look at, whose table is called ``owner``; by default all of them
        """
        self.env["res.partner"].flush_model(["user_id", "kehu_is_customer"])
        rows = self.env.execute_query(
            SQL(
                """SELECT owner.id FROM res_users owner
                    WHERE %s AND EXISTS (SELECT FROM res_partner p WHERE p.user_id = owner.id AND p.kehu_is_customer IS TRUE)
                 ORDER BY owner.id""",
                condition or SQL("TRUE"),
            )
        )
        return [row[0] for row in rows]

    def kehu_leaving_action(self):
        """Return the dialog that asks who gets the customers of these users before they are archived; False when they have none.

        The web client asks here before it archives. Whoever archives in another way is not asked: the customers go to the pool.

        :raises AccessError: for those who may not change users
        """
        self.check_access("write")
        return bool(self._kehu_owning()) and self._kehu_open_leaving({"default_user_ids": self.ids})

    @api.model
    def _kehu_open_leaving(self, context):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who Gets the Customers?"),
            "res_model": "kehu.pool.leaving",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": context,
        }


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        """Taking people out of a company here is taking the company away from them."""
        # sudo: res.company - its people, before and after
        companies = self.sudo().with_context(active_test=False)
        before = companies.user_ids if "user_ids" in vals else self.env["res.users"]
        result = super().write(vals)
        if lost := before and before - companies.user_ids:
            self.flush_recordset(["user_ids"])
            lost._kehu_owning()._kehu_release_customers(companies=True)
        return result


class ResGroups(models.Model):
    _inherit = "res.groups"

    def write(self, vals):
        """Taking a role away here is taking it away from each of its users."""
        result = super().write(vals)
        if vals.keys() & GROUP_FIELDS:
            self._kehu_release_customers()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()  # the host goes on to remember the roles of each user
        self._kehu_release_customers()
        return result

    @api.model
    def _kehu_release_customers(self):
        """Look at everybody who owns customers, except while add-ons are being loaded and roles are half written."""
        if not self.env.registry.ready:
            return
        # sudo: res.users - roles of those who own customers
        users = self.env["res.users"].sudo().with_context(active_test=False)
        users.browse(users._kehu_owner_ids())._kehu_release_customers()


class HrDepartment(models.Model):
    _inherit = "hr.department"

    def write(self, vals):
        """A department that is closed gives the customers of its people back to the pool."""
        closing = self.filtered("active") if "active" in vals and not vals["active"] else self.browse()
        result = super().write(vals)
        closing._kehu_release_customers()
        return result

    def unlink(self):
        self._kehu_release_customers()
        return super().unlink()

    def _kehu_release_customers(self):
        if self and not is_engine(self.env, "leaving"):
            self._kehu_customers()._kehu_release(self.env._("The department of the owner was closed."))

    def _kehu_customers(self):
        """Return the customers of the people of these departments, archived ones too, as superuser."""
        # sudo: res.partner - customers of people of the department, whoever closes it
        customers = self.env["res.partner"].sudo().with_context(active_test=False)
        return customers.search(
            [("kehu_is_customer", "=", True), ("user_id", "!=", False), ("kehu_department_id", "in", self.ids)], order="id"
        )

    def kehu_leaving_action(self):
        """Return the dialog that asks who gets the customers of these departments before they are closed; False when there are none.

        :raises AccessError: for those who may not change departments
        """
        self.check_access("write")
        return bool(self._kehu_customers()) and self.env["res.users"]._kehu_open_leaving({"default_department_ids": self.ids})

    def _kehu_archive_quietly(self):
        """Close these departments after somebody has decided about the customers."""
        as_engine(self, "leaving").action_archive()
