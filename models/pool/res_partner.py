from collections import defaultdict

from markupsafe import Markup
from odoo import api, fields, models
from odoo.api import NewId
from odoo.tools import SQL

from ..customer.exceptions import KehuCustomerError
from ..customer.res_partner import NAMES_SHOWN
from ..system.engine import as_engine, is_engine, is_record_id
from ..system.engine_rows import insert_rows
from ..system.values import check_links_read
from .exceptions import (
    KehuOwnershipError,
    KehuOwnershipLockError,
    KehuOwnershipRightsError,
    KehuOwnershipStateError,
    KehuOwnershipTargetError,
)

LONGEST_REASON = 2000  # characters
FEW_NEW = 50  # new customers up to which their history is written row by row of the host


class ResPartner(models.Model):
    """A customer has an owner or waits in a pool, never both and never neither; its contacts carry the same columns."""

    _inherit = "res.partner"

    kehu_pool_id = fields.Many2one(
        "kehu.pool",
        string="Pool",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        help="Pool in which the customer waits for an owner.",
    )
    kehu_locked = fields.Boolean(
        string="Locked",
        copy=False,
        tracking=True,
        help="A locked customer stays out of the pools: it cannot be returned. Managers lock and unlock.",
        groups="base.group_user",
    )
    kehu_assignment_ids = fields.One2many("kehu.assignment", "partner_id", string="Ownership History", groups="base.group_user")
    kehu_can_claim = fields.Boolean(string="Can Claim", compute="_compute_kehu_ownership_rights")
    kehu_can_assign = fields.Boolean(string="Can Assign", compute="_compute_kehu_ownership_rights")
    kehu_can_edit = fields.Boolean(string="Can Edit", compute="_compute_kehu_ownership_rights", help="May change this customer.")
    kehu_can_release = fields.Boolean(
        string="Can Return or Transfer", compute="_compute_kehu_ownership_rights", help="May return this customer, or transfer it."
    )

    @api.depends("user_id", "kehu_pool_id", "kehu_is_customer")
    @api.depends_context("uid")
    def _compute_kehu_ownership_rights(self):
        """What the buttons show; the methods behind them check for themselves."""
        user = self.env.user
        salesperson = user.has_group("kehu_crm.group_kehu_user")
        manager = user.has_group("kehu_crm.group_kehu_manager")
        saved = self._origin
        editable = saved._filtered_access("write") if saved.has_access("read") else saved
        for partner in self:
            partner.kehu_can_edit = not partner._origin or partner._origin in editable
            # sudo: kehu.pool - members and managers, to compare only
            pool = partner.kehu_pool_id.sudo()
            waiting = bool(partner.kehu_is_customer and pool)
            partner.kehu_can_claim = waiting and salesperson and pool._kehu_open_to(user)
            partner.kehu_can_assign = waiting and (manager or user in pool.manager_ids)
            partner.kehu_can_release = bool(partner.kehu_is_customer and partner.user_id and partner._kehu_releasable_by(user))

    # -- methods for people and for RPC --------------------------------------------------------------------------------

    def kehu_claim(self):
        """Take these customers out of the pool for oneself. All or none.

        :raises KehuOwnershipError: when a customer is not in the pool any more, or this person may not claim it
        """
        return self._kehu_change_owner("claim", user=self.env.user)

    def kehu_assign(self, user_id, reason=None):
        """Give these pool customers to one salesperson. All or none.

        :param int user_id: the new owner
        :param str reason: kept in the history
        :raises KehuOwnershipError: see :meth:`_kehu_change_owner`
        """
        if reason:
            self._kehu_check_reason(reason)
        return self._kehu_change_owner("assign", user=self._kehu_browse_user(user_id), reason=reason)

    def kehu_return(self, reason, pool_id=None):
        """Put these customers into a pool. All or none.

        :param str reason: required
        :param int pool_id: the pool, by default the default pool of the customer's company
        :raises KehuOwnershipError: see :meth:`_kehu_change_owner`
        """
        self._kehu_check_reason(reason)
        pool = self.env["kehu.pool"].browse(pool_id).exists() if is_record_id(pool_id) else None
        if pool_id and not pool:
            raise KehuOwnershipTargetError(self.env._("This pool does not exist any more. Choose another one."))
        return self._kehu_change_owner("return", pool=pool, reason=reason)

    def kehu_transfer(self, user_id, reason, with_documents=False):
        """Hand these customers over to another owner. All or none.

        :param int user_id: the new owner
        :param str reason: required
        :param bool with_documents: open opportunities and quotes go along
        :raises KehuOwnershipError: see :meth:`_kehu_change_owner`
        """
        self._kehu_check_reason(reason)
        return self._kehu_change_owner("transfer", user=self._kehu_browse_user(user_id), reason=reason, with_documents=with_documents)

    @api.model
    def _kehu_browse_user(self, user_id):
        user = self.env["res.users"].browse(user_id).exists() if is_record_id(user_id) else None
        if not user:
            raise KehuOwnershipTargetError(self.env._("Choose the salesperson who gets the customers."))
        return user

    @api.model
    def _kehu_check_reason(self, reason):
        if not isinstance(reason, str) or not reason.strip():
            raise KehuOwnershipError(self.env._("Write down why: a customer is returned or transferred only with a reason."))
        if "\x00" in reason or any("\ud800" <= letter <= "\udfff" for letter in reason):
            raise KehuOwnershipError(self.env._("The reason holds characters that cannot be kept. Write it in plain words."))
        if len(reason) > LONGEST_REASON:
            raise KehuOwnershipError(
                self.env._(
                    "The reason has %(count)s characters, and at most %(most)s are kept, with each customer. Shorten it.",
                    count=len(reason),
                    most=LONGEST_REASON,
                )
            )

    def _kehu_check_existing(self):
        """Refuse what is no customer any more: a list may show one that a colleague has just deleted.

        :raises KehuOwnershipStateError: when one of them is gone
        """
        known = all(isinstance(record_id, NewId) or is_record_id(record_id) for record_id in self._ids)
        if not known or len(self.exists()) < len(set(self._ids)):
            raise KehuOwnershipStateError(
                self.env._("One of the customers does not exist any more: somebody deleted it. Reload the list and choose again.")
            )

    # -- the one way in which a customer changes hands -----------------------------------------------------------------

    def _kehu_change_owner(self, kind, user=None, pool=None, reason=None, with_documents=False):
        """Change the owner or the pool of these customers: check, lock, check again, write, keep the history. All or none.

        Rights are those of the current user; code that runs as superuser is not asked for them, but the state of the customer and the
        person or pool it goes to are checked for everybody. Contacts follow. Rows are locked until the end of the transaction.

        :param str kind: ``claim``, ``assign``, ``return``, ``transfer`` or ``recycle``
        :param res.users user: the new owner; empty when the customers go into a pool
        :param kehu.pool pool: the pool they go into, by default that of each customer's company
        :param str reason: kept in the history
        :param bool with_documents: handed to :meth:`_kehu_owner_changed`
        :return: True
        :raises KehuOwnershipLockError: when another transaction is changing one of them now
        :raises KehuOwnershipStateError: when one is not where this change needs it
        :raises KehuOwnershipRightsError: when this person may not do it
        :raises KehuOwnershipTargetError: when the person or pool cannot have it
        """
        self._kehu_check_existing()
        customers = self.browse(dict.fromkeys(self.ids))  # a client may send an id twice
        if not customers:
            return True
        user = user or self.env["res.users"]
        # sudo: res.partner - the row lock needs no rights; they are checked below
        locked = customers.sudo().try_lock_for_update(allow_referencing=True)
        if len(locked) < len(customers):
            busy = customers - customers.browse(locked.ids)
            raise KehuOwnershipLockError(
                self.env._(
                    "Somebody else is changing %(names)s at this moment. Wait a moment, look again and repeat.",
                    names=busy._kehu_names(),
                )
            )
        # what other transactions did before the lock was ours
        customers.invalidate_recordset(["user_id", "kehu_pool_id", "kehu_is_customer", "kehu_assigned_on", "kehu_locked", "active"])
        refusals = customers._kehu_ownership_refusals(kind, user, pool)
        if refusals:
            errors = list(refusals.values())
            raise type(errors[0])("\n".join(list(dict.fromkeys(error.args[0] for error in errors))[:NAMES_SHOWN]))
        customers._kehu_write_owner(kind, user, pool, reason, with_documents)
        return True

    def _kehu_ownership_refusals(self, kind, user, pool=None):
        """Tell which of these customers cannot change hands this way, and why. Writes nothing; used by the engine and by previews.

        :param str kind: see :meth:`_kehu_change_owner`
        :param res.users user: the new owner, empty for a pool
        :param kehu.pool pool: the pool, or None for the default pool
        :return: {customer: the error}, empty when all may go
        :rtype: dict[res.partner, KehuOwnershipError]
        """
        actor = self.env.user
        refusals = {}
        labels = self._kehu_labels()
        readable = self.exists()._filtered_access("read")
        nameable = self._kehu_nameable()
        unseen = self._kehu_unseen_pool_error(pool)
        # sudo: res.partner - a customer lost to a colleague is not readable any more, the reason must still be told
        for customer, customer_sudo in zip(self, self.sudo(), strict=True):
            name = labels[customer]
            # who may not know the customer, or is no salesperson, learns nothing of its state
            stranger = not self.env.su and (customer not in nameable or not actor.has_group("kehu_crm.group_kehu_user"))
            if not stranger and (text := customer_sudo._kehu_ownership_state_error(kind, user, name)):
                refusals[customer] = KehuOwnershipStateError(text)
            elif not self.env.su and (text := customer._kehu_ownership_rights_error(kind, user, actor, name, customer in readable)):
                refusals[customer] = KehuOwnershipRightsError(text)
            elif text := unseen or self._kehu_ownership_target_error(name, customer_sudo.company_id, user, pool):
                refusals[customer] = KehuOwnershipTargetError(text)
        return refusals

    def _kehu_ownership_state_error(self, kind, user, name):
        """Tell why this customer, as it stands, cannot make this change; False when it can. Runs as superuser."""
        self.ensure_one()
        if not self.kehu_is_customer:
            return self.env._("%(name)s is not a customer of the CRM. Mark it as a customer first.", name=name)
        if kind in ("claim", "assign") and self.user_id:
            if self.user_id == self.env.user:
                return self.env._("%(name)s is yours already.", name=name)
            if self.user_id == user:
                return self.env._("%(name)s belongs to %(user)s already.", name=name, user=user.name)
            return self.env._("%(name)s is not in the pool any more: somebody else got it first. Choose another customer.", name=name)
        if kind == "claim" and not self.active:
            return self.env._("%(name)s is archived. Ask a manager to restore it before you claim it.", name=name)
        if kind == "transfer" and not self.user_id:
            return self.env._("%(name)s waits in a pool and has no owner. Assign it instead.", name=name)
        if kind == "transfer" and self.user_id == user:
            return self.env._("%(name)s belongs to %(user)s already.", name=name, user=user.name)
        if kind in ("return", "recycle") and self.kehu_locked and self.user_id:
            return self.env._("%(name)s is locked and stays with its owner. A manager must unlock it first.", name=name)
        return False

    def _kehu_ownership_rights_error(self, kind, user, actor, name, readable):
        """Tell why ``actor`` may not make this change; False when they may."""
        self.ensure_one()
        # sudo: res.partner, kehu.pool - owner, department and members, to compare only
        customer = self.sudo()
        if not actor.has_group("kehu_crm.group_kehu_user"):
            return self.env._("You have no sales role in the CRM, so you cannot change the owner of %(name)s.", name=name)
        if not readable:
            return self.env._("You may not change the owner of %(name)s. Ask its owner or a manager.", name=name)
        if actor.has_group("kehu_crm.group_kehu_director"):
            return False
        pool = customer.kehu_pool_id
        if kind == "claim":
            if not pool._kehu_open_to(actor):
                return self.env._(
                    "%(name)s is in the pool “%(pool)s”, and you are not one of its members. Ask a manager to assign it.",
                    name=name,
                    pool=pool.name,
                )
            return False
        if kind == "assign":
            if user in customer._kehu_assignable(actor, user):
                return False
            if actor.has_group("kehu_crm.group_kehu_manager") or actor in pool.manager_ids:
                return self.env._(
                    "You cannot assign %(name)s to %(user)s, who is not in a department or pool that you manage.", name=name, user=user.name
                )
            return self.env._("Only managers assign customers. You can claim %(name)s for yourself.", name=name)
        if customer.user_id and customer._kehu_releasable_by(actor):
            return False
        if not customer.user_id and (actor in pool.manager_ids or actor.has_group("kehu_crm.group_kehu_manager")):
            return False
        return self.env._("Only the owner of %(name)s, or a manager of the owner, can return or transfer it.", name=name)

    def _kehu_assignable(self, actor, users):
        """Return those of these people to whom ``actor`` may assign this pool customer, whatever else may stand against it.

        :rtype: res.users
        """
        self.ensure_one()
        if actor.has_group("kehu_crm.group_kehu_director"):
            return users
        # sudo: kehu.pool - managers and members, to compare only
        pool = self.sudo().kehu_pool_id
        assignable = actor._kehu_oversees(users) if actor.has_group("kehu_crm.group_kehu_manager") else users.browse()
        if actor in pool.manager_ids:
            assignable |= users.filtered(pool._kehu_open_to)
        return assignable

    def _kehu_new_owners(self, kind):
        """Return the people whom a dialog offers as new owner: those who can get at least one of these customers.

        :param str kind: ``assign`` or ``transfer``
        :rtype: res.users
        """
        salespeople = [("share", "=", False), ("all_group_ids", "in", self.env.ref("kehu_crm.group_kehu_user").ids)]
        # sudo: res.users - groups and companies of colleagues, to compare only
        users = self.env["res.users"].sudo().search(salespeople)
        customers = self.sudo()  # sudo: res.partner - pool and owner of the customers, to compare only
        companies = customers.company_id
        if all(customer.company_id for customer in customers):
            users = users.filtered(lambda user: user.company_ids & companies)
        if kind == "transfer" and len(customers.user_id) == 1:
            users -= customers.user_id
        if kind == "assign" and not self.env.su:
            one_of_each_pool = [group[:1] for group in customers.grouped("kehu_pool_id").values()]
            users = users.browse().union(*(customer._kehu_assignable(self.env.user, users) for customer in one_of_each_pool))
        return self.env["res.users"].browse(users.ids)

    def _kehu_releasable_by(self, actor):
        """Tell whether ``actor`` may return or transfer this owned customer."""
        self.ensure_one()
        owner = self.user_id
        if owner == actor or actor.has_group("kehu_crm.group_kehu_director"):
            return True
        return actor.has_group("kehu_crm.group_kehu_manager") and bool(actor._kehu_oversees(owner))

    @api.model
    def _kehu_unseen_pool_error(self, pool):
        """Tell why this person cannot choose that pool: it is one of another company, or none at all; False when they can.

        :param kehu.pool pool: may be empty
        """
        if not pool or self.env.su or pool.with_env(self.env).exists()._filtered_access("read"):
            return False
        return self.env._("This pool does not exist any more, or belongs to another company. Choose another one.")

    @api.model
    def _kehu_check_owner_values(self, vals):
        """Refuse what can be neither a salesperson nor a pool before the database stumbles over it.

        :raises KehuOwnershipTargetError: otherwise
        :raises KehuCustomerError: when the company is none
        """
        check_links_read(self, [vals], KehuCustomerError, ["company_id"])
        if vals.get("user_id") and not is_record_id(vals["user_id"]):
            self._kehu_browse_user(vals["user_id"])
        if vals.get("kehu_pool_id") and not is_record_id(vals["kehu_pool_id"]):
            raise KehuOwnershipTargetError(self.env._("This pool does not exist any more. Choose another one."))

    @api.model
    def _kehu_ownership_target_error(self, name, company, user, pool):
        """Tell why a customer cannot go to that person or pool; False when it can.

        :param str name: the customer as sentences name it
        :param res.company company: company of the customer, may be empty
        :param res.users user: the new owner, empty for a pool
        :param kehu.pool pool: the pool, or None for the default pool
        """
        if user:
            # sudo: res.users - state, groups and companies of the new owner
            user = user.sudo()
            if not user.active or user.share:
                return self.env._(
                    "%(user)s has left or is not an internal user, and cannot get %(name)s. Choose somebody else.",
                    user=user.name,
                    name=name,
                )
            if not user.has_group("kehu_crm.group_kehu_user"):
                return self.env._(
                    "%(user)s has no sales role in the CRM and cannot get %(name)s. Choose a salesperson.", user=user.name, name=name
                )
            if company and company not in user.company_ids:
                return self.env._(
                    "%(name)s belongs to %(company)s, for which %(user)s does not work. Choose somebody else.",
                    name=name,
                    company=company.name,
                    user=user.name,
                )
        elif pool:
            # sudo: kehu.pool - name and company
            pool = pool.sudo()
            if not pool.active:
                return self.env._("The pool “%(pool)s” is archived. Choose another pool for %(name)s.", pool=pool.name, name=name)
            if pool.company_id and company and pool.company_id != company:
                return self.env._(
                    "The pool “%(pool)s” is for %(company)s. Choose another pool for %(name)s.",
                    pool=pool.name,
                    company=pool.company_id.name,
                    name=name,
                )
        return False

    def _kehu_nameable(self):
        """A salesperson is still told for a day the name of what left the pool, where everybody saw it."""
        nameable = super()._kehu_nameable()
        hidden = self - nameable
        if not hidden or not self.env.user.has_group("kehu_crm.group_kehu_user"):
            return nameable
        # sudo: kehu.assignment - whether the customer has just left the pool
        rows = self.env["kehu.assignment"].sudo()
        recent = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        domain = [("partner_id", "in", hidden.ids), ("kind", "in", ("claim", "assign")), ("date", ">=", recent)]
        # nobody here saw those of other companies
        companies = [False, *self.env.companies.ids]
        rows = rows.search([*domain, ("partner_id.company_id", "in", companies), ("pool_id.company_id", "in", companies)])
        return nameable | self.browse(rows.partner_id.ids)

    def _kehu_write_owner(self, kind, user, pool, reason, with_documents=False):
        """Write the new owner or pool, let contacts follow, and keep the history. The caller has locked and checked.

        :param str kind: see :meth:`_kehu_change_owner`, or ``create``
        """
        # sudo: res.partner, kehu.assignment - the engine writes where the person has no right of their own, after its own checks
        customers = self.sudo()
        now = fields.Datetime.now()
        before = {customer: (customer.user_id, customer.kehu_pool_id) for customer in customers}
        terms = customers._kehu_present_terms()
        if user:
            targets = {self.env["kehu.pool"]: customers}
        elif pool:
            targets = {pool: customers}
        else:
            targets = defaultdict(customers.browse)
            for company, group in customers.grouped("company_id").items():
                targets[self.env["kehu.pool"]._kehu_get_default(company)] |= group
        for target, group in targets.items():
            group._kehu_write_ownership_columns({"user_id": user.id, "kehu_pool_id": target.id, "kehu_assigned_on": now if user else False})
        customers._kehu_sync_contacts()
        customers._kehu_follow_owner({customer: old_user for customer, (old_user, _pool) in before.items()}, user)
        customers._kehu_log_assignments(kind, before, reason, now, terms)
        self._kehu_resume_terms(kind, user, customers.ids)
        changes = {
            customer.with_env(self.env): (old_user.with_env(self.env), user)
            for customer, (old_user, _pool) in before.items()
            if old_user != user
        }
        if changes:
            self._kehu_owner_changed(changes, with_documents=with_documents)

    def _kehu_write_ownership_columns(self, vals):
        """Write columns that only the ownership engine writes. Tracking is left out: the engine logs one sentence itself."""
        as_engine(self.with_context(mail_notrack=True, mail_auto_subscribe_no_notify=True), "ownership").write(vals)

    def _kehu_sync_contacts(self):
        """Give the contacts of these customers, archived ones too, the columns of their customer. Runs as superuser."""
        contacts = self.with_context(active_test=False).search([("kehu_customer_id", "in", self.ids), ("kehu_is_customer", "=", False)])
        contacts._kehu_follow_customer()

    def _kehu_follow_customer(self):
        """Give these partners the owner and pool of the customer they belong to; without one, the pool is cleared. Runs as superuser."""
        groups = defaultdict(self.browse)
        for partner in self:
            customer = partner.kehu_customer_id
            columns = (customer.user_id.id, customer.kehu_pool_id.id) if customer else (partner.user_id.id, False)
            if columns != (partner.user_id.id, partner.kehu_pool_id.id):
                groups[columns] |= partner
        for (user_id, pool_id), partners in groups.items():
            partners.with_context(tracking_disable=True)._kehu_write_ownership_columns({"user_id": user_id, "kehu_pool_id": pool_id})

    def _kehu_follow_owner(self, old_users, user):
        """Former owners stop following customers they cannot see any more, and the new owner gets one message for all."""
        by_user = defaultdict(self.browse)
        for customer, old_user in old_users.items():
            if old_user and old_user != user:
                by_user[old_user] |= customer
        followers = self.env["mail.followers"]
        for old_user, customers in by_user.items():
            contacts = customers.with_context(active_test=False).kehu_contact_ids
            followers |= followers.search(
                [
                    ("res_model", "=", "res.partner"),
                    ("res_id", "in", (customers | contacts).ids),
                    ("partner_id", "=", old_user.partner_id.id),
                ]
            )
        followers.unlink()
        received = self.browse([customer.id for customer, old_user in old_users.items() if old_user != user])
        # who imports many customers one after the other tells each owner once, at the end
        told_later = is_engine(self.env, "telling")
        if user and received and user != self.env.user and self.env.registry.ready and not told_later:
            shown = received[:NAMES_SHOWN].mapped("display_name")
            names = Markup("").join(Markup("<li>%s</li>") % name for name in shown)
            if len(received) > NAMES_SHOWN:
                names += Markup("<li>%s</li>") % self.env._("and %(count)s more", count=len(received) - NAMES_SHOWN)
            subject = self.env._("Yours from now on: %(what)s", what=received.with_user(user)._kehu_count_in_words())
            self.env["mail.thread"].message_notify(
                subject=subject,
                body=Markup("<p>%s</p><ul>%s</ul>") % (subject, names),
                partner_ids=user.partner_id.ids,
                author_id=self.env.user.partner_id.id,
            )

    def _kehu_log_assignments(self, kind, before, reason, now, terms=None):
        """Write one history row and one line in the chatter for each customer.

        :param dict terms: see :meth:`_kehu_present_terms`
        """
        labels = dict(self.env["kehu.assignment"]._fields["kind"]._description_selection(self.env))
        rows, bodies = [], {}
        for customer in self:
            old_user, old_pool = before.get(customer, (self.env["res.users"], self.env["kehu.pool"]))
            pool = customer.kehu_pool_id or old_pool
            rows.append(
                {
                    "partner_id": customer.id,
                    "kind": kind,
                    "old_user_id": old_user.id,
                    "user_id": customer.user_id.id,
                    "pool_id": pool.id,
                    "date": now,
                    "reason": reason,
                    "author_id": self.env.user.id,
                    "company_id": customer.company_id.id,
                    **(terms or {}).get(customer.id, {}),
                }
            )
            source = old_user.name or old_pool.name
            target = customer.user_id.name or customer.kehu_pool_id.name
            body = self.env._("%(what)s: %(before)s → %(after)s", what=labels[kind], before=source, after=target)
            bodies[customer.id] = Markup("%s<br/>%s") % (body, reason) if reason else body
        history = as_engine(self.env["kehu.assignment"].sudo(), "ownership")  # sudo: kehu.assignment - no user may write it
        if kind == "create" and not terms and len(rows) > FEW_NEW:
            columns = list(rows[0])
            insert_rows(history, columns, [tuple(row[name] or None for name in columns) for row in rows])
        else:
            history.create(rows)
        if kind != "create":
            self._message_log_batch(bodies, author_id=self.env.user.partner_id.id)

    # -- every other door leads to the same method ---------------------------------------------------------------------

    @api.model
    def _kehu_system_fields(self):
        names = super()._kehu_system_fields()
        return names if is_engine(self.env, "ownership") else names | {"kehu_assigned_on", "kehu_assignment_ids"}

    @api.model_create_multi
    def create(self, vals_list):
        defaults = self.default_get(["kehu_is_customer", "user_id", "kehu_pool_id", "parent_id", "company_id", "kehu_locked"])
        vals_list = [dict(vals) for vals in vals_list]
        if any(vals.get("kehu_locked", defaults.get("kehu_locked")) for vals in vals_list):
            self._kehu_check_lock()
        parents = self.browse({vals.get("parent_id", defaults.get("parent_id")) for vals in vals_list} - {False, None})
        parents._kehu_hold_customers()
        default_pools = {}
        for vals in vals_list:
            values = {**defaults, **vals}
            name = self.env._("“%(name)s”", name=values.get("name") or "")
            # sudo: res.partner - a contact takes owner and pool from its customer
            customer = parents.sudo().browse(values.get("parent_id") or []).kehu_customer_id
            if values.get("kehu_is_customer"):
                self.browse(values.get("parent_id") or [])._kehu_check_new_parent()
                vals.update(self._kehu_prepare_ownership(name, values, default_pools))
                if values.get("child_ids"):
                    self._kehu_check_new_contacts(name, vals["kehu_pool_id"])
            elif customer:
                vals.update({"user_id": customer.user_id.id, "kehu_pool_id": customer.kehu_pool_id.id})
            elif values.get("kehu_pool_id"):
                raise KehuOwnershipError(
                    self.env._(
                        "%(name)s is not a customer of the CRM and cannot be put into a pool. Mark it as a customer first.", name=name
                    )
                )
        partners = super().create(vals_list)
        customers = partners.filtered("kehu_is_customer")
        if customers:
            now = fields.Datetime.now()
            # sudo: res.partner, kehu.assignment - the engine stamps and logs what was just created
            customers_sudo = customers.sudo()
            owned = customers_sudo.filtered("user_id")
            if owned:
                owned._kehu_write_ownership_columns({"kehu_assigned_on": now})
            customers_sudo._kehu_log_assignments("create", {}, None, now)
        return partners

    @api.model
    def _kehu_prepare_ownership(self, name, values, default_pools):
        """Return owner and pool of a new customer: the given owner, else the given pool, else the default pool.

        :param str name: the customer as sentences name it
        :param dict values: values of the create, defaults included
        :param dict default_pools: {company: default pool}, filled here, so that many customers ask for it once
        :rtype: dict
        :raises KehuOwnershipError: when both are given, or this person may not give it to that owner
        """
        self._kehu_check_owner_values(values)
        user = self.env["res.users"].browse(values.get("user_id") or [])
        pool = self.env["kehu.pool"].browse(values.get("kehu_pool_id") or [])
        company = self.env["res.company"].browse(values.get("company_id") or [])
        if user and pool:
            raise KehuOwnershipError(
                self.env._("%(name)s cannot have an owner and be in a pool at the same time. Leave one of them empty.", name=name)
            )
        if user and not self.env.su and not self._kehu_may_give_to(user):
            raise KehuOwnershipRightsError(
                self.env._(
                    "You cannot give %(name)s to %(user)s. Make it your own customer, or leave the owner empty to put it into the pool.",
                    name=name,
                    user=user.name,
                )
            )
        if unseen := self._kehu_unseen_pool_error(pool):
            raise KehuOwnershipTargetError(unseen)
        if not user and not pool:
            pool = default_pools.get(company) or default_pools.setdefault(company, self.env["kehu.pool"]._kehu_get_default(company))
        error = self._kehu_ownership_target_error(name, company, user, pool)
        if error:
            raise KehuOwnershipTargetError(error)
        return {"user_id": user.id, "kehu_pool_id": pool.id}

    @api.model
    def _kehu_check_new_contacts(self, name, pool_id):
        """A salesperson who puts a new customer into a pool cannot change it there, so it takes no contacts along.

        :raises KehuOwnershipRightsError: saying what to do instead
        """
        user = self.env.user
        # sudo: kehu.pool - its managers, to compare only
        if (
            not pool_id
            or self.env.su
            or user.has_group("kehu_crm.group_kehu_manager")
            or user in self.env["kehu.pool"].sudo().browse(pool_id).manager_ids  # sudo: kehu.pool - managers, to compare only
        ):
            return
        raise KehuOwnershipRightsError(
            self.env._(
                "%(name)s would go into the pool, where you cannot add contacts. Become its owner first, or leave them out.", name=name
            )
        )

    @api.model
    def _kehu_may_give_to(self, user):
        """Tell whether the current user may make a new customer the property of ``user``."""
        actor = self.env.user
        if user == actor or actor.has_group("kehu_crm.group_kehu_director"):
            return True
        return actor.has_group("kehu_crm.group_kehu_manager") and bool(actor._kehu_oversees(user))

    def write(self, vals):
        if is_engine(self.env, "ownership") or not vals.keys() & {
            "user_id",
            "kehu_pool_id",
            "kehu_is_customer",
            "parent_id",
            "kehu_locked",
            "company_id",
        }:
            return super().write(vals)
        self._kehu_check_owner_values(vals)
        if "kehu_locked" in vals:
            self._kehu_check_lock()
        # sudo: res.partner - a salesperson may claim by writing the owner of a pool customer, which is not theirs to write yet
        partners_sudo = self.sudo()
        old_customers = self.browse(partners_sudo.filtered("kehu_is_customer").ids)
        if "parent_id" in vals:
            moved = partners_sudo.filtered(lambda partner: partner.parent_id.id != (vals["parent_id"] or False))
            if moved:
                parent = self.browse(vals["parent_id"] or [])
                parent._kehu_check_new_parent()
                parent._kehu_hold_customers()
                self.browse(moved.ids)._kehu_move_columns(parent)
        rest = {name: value for name, value in vals.items() if name not in ("user_id", "kehu_pool_id")}
        if rest:
            super().write(rest)
        customers = self.browse(partners_sudo.filtered("kehu_is_customer").ids)
        if "company_id" in vals:
            customers._kehu_check_company()
        newcomers = customers - old_customers
        leavers = old_customers - customers
        if newcomers:
            newcomers._kehu_adopt(vals)
        if "parent_id" in vals or leavers:
            # sudo: res.partner - parents, checked with the user's rights
            leavers.sudo().parent_id.with_env(self.env)._kehu_check_new_parent()
            # sudo: res.partner - columns of everybody below the moved ones
            below = self.sudo().with_context(active_test=False).search([("id", "child_of", self.ids), ("kehu_is_customer", "=", False)])
            below._kehu_follow_customer()
            if leavers:
                # sudo: res.partner - columns of the engine
                leavers.sudo()._kehu_write_ownership_columns({"kehu_pool_id": False, "kehu_assigned_on": False})
        if "user_id" in vals or "kehu_pool_id" in vals:
            # sudo: res.partner - to compare only
            contacts = self.browse((partners_sudo - customers.sudo()).filtered("kehu_customer_id").ids)
            contacts._kehu_check_contact_ownership(vals, moved=contacts if "parent_id" in vals else leavers)
            (customers - newcomers)._kehu_write_owner_directly(vals)
            plain = self - customers - contacts
            if plain and vals.get("kehu_pool_id"):
                plain.check_access("write")
                raise KehuOwnershipError(
                    self.env._(
                        "“%(name)s” is not a customer of the CRM and cannot be put into a pool. Mark it as a customer first.",
                        name=plain[0].display_name,
                    )
                )
            if plain and "user_id" in vals:
                super(ResPartner, plain).write({"user_id": vals["user_id"]})
        return True

    def _kehu_check_company(self):
        """A customer changes company only together with an owner who works there, or a pool that takes its customers.

        :raises KehuOwnershipTargetError: for the first customer that does not fit
        """
        labels = self._kehu_labels()
        for customer in self:
            customer_sudo = customer.sudo()  # sudo: res.partner - owner and pool, to compare only
            error = self._kehu_ownership_target_error(
                labels[customer], customer_sudo.company_id, customer_sudo.user_id, customer_sudo.kehu_pool_id
            )
            if customer_sudo.company_id and error:
                raise KehuOwnershipTargetError(error)

    @api.model
    def _kehu_check_lock(self):
        """Only managers lock and unlock.

        :raises KehuOwnershipRightsError: otherwise
        """
        if not self.env.su and not self.env.user.has_group("kehu_crm.group_kehu_manager"):
            raise KehuOwnershipRightsError(self.env._("Only managers lock and unlock customers. Ask your manager to do it."))

    def _kehu_check_new_parent(self):
        """Whoever hangs a contact or a customer below these partners must be allowed to change the customer they belong to.

        :raises KehuOwnershipRightsError: otherwise
        """
        if self.env.su:
            return
        # sudo: res.partner - the customer may belong to somebody else, that is the question
        customers = self.browse(self.sudo().kehu_customer_id.ids)
        strange = customers - customers._filtered_access("write")
        if strange:
            raise KehuOwnershipRightsError(
                self.env._(
                    "You cannot put contacts under %(name)s, since that customer is not yours. Ask its owner to add them.",
                    name=strange[:1]._kehu_names(),
                )
            )

    def _kehu_hold_customers(self):
        """Keep the customers of these parents from changing hands until the end of the transaction.

        A contact takes over the owner it reads here. The rows are rewritten, not merely locked, so that a change of hands that began
        earlier and cannot see the new contact is refused by PostgreSQL and run again by the host. Customers that this transaction has
        made itself are seen by nobody else and need none of it.
        """
        # sudo: res.partner - the customer a contact is put under, whoever owns it
        now = self.env.cr.now()
        customers = self.sudo().kehu_customer_id.filtered(lambda customer: customer.create_date != now)
        if customers:
            self.env.cr.execute(
                SQL(
                    "UPDATE res_partner SET write_date = write_date WHERE id IN %s AND create_date IS DISTINCT FROM %s",
                    tuple(sorted(customers.ids)),
                    now,
                )
            )

    def _kehu_move_columns(self, parent):
        """Give everybody who is about to move below ``parent`` the owner and pool of the new customer.

        The host writes to descendants while it moves them, when they have the new customer already, and the rules ask for its owner.
        """
        self.check_access("write")
        # sudo: res.partner - descendants, and owner and pool of the customer
        customer = parent.sudo().kehu_customer_id
        moved = self.sudo().filtered(lambda partner: not partner.kehu_is_customer)  # sudo: res.partner - see above
        if customer and moved:
            below = moved.with_context(active_test=False).search(
                [
                    ("id", "child_of", moved.ids),
                    ("kehu_is_customer", "=", False),
                    ("kehu_customer_id", "in", [False, *moved.kehu_customer_id.ids]),
                ]
            )
            below.with_context(tracking_disable=True)._kehu_write_ownership_columns(
                {"user_id": customer.user_id.id, "kehu_pool_id": customer.kehu_pool_id.id}
            )

    def _kehu_check_contact_ownership(self, vals, moved):
        """Contacts have no owner of their own: a different one is refused, the customer's own is let through.

        :param res.partner moved: contacts that changed customer in the same write; what they brought along does not matter
        :raises KehuOwnershipError: for the first contact that would differ
        """
        if self:
            self.check_access("write")
        for contact in (self - moved).sudo():  # sudo: res.partner - owner and pool of the customer, to compare only
            customer = contact.kehu_customer_id
            if vals.get("user_id", customer.user_id.id) != customer.user_id.id or (
                vals.get("kehu_pool_id", customer.kehu_pool_id.id) or False
            ) != (customer.kehu_pool_id.id or False):
                raise KehuOwnershipError(
                    self.env._(
                        "“%(contact)s” belongs to the customer “%(customer)s” and follows its owner. Change the owner of the customer.",
                        contact=contact.name or contact.complete_name,
                        customer=customer.complete_name,
                    )
                )

    def _kehu_write_owner_directly(self, vals):
        """Turn a plain write of owner or pool into the change of hands that it means; what stays as it is leaves no history.

        :raises KehuOwnershipError: see :meth:`_kehu_change_owner`
        """
        user = self.env["res.users"].browse(vals.get("user_id") or [])
        pool = self.env["kehu.pool"].browse(vals.get("kehu_pool_id") or [])
        if user and pool:
            raise KehuOwnershipError(
                self.env._(
                    "%(names)s cannot have an owner and be in a pool at the same time. Leave one of them empty.",
                    names=self._kehu_names(),
                )
            )
        kinds = defaultdict(self.browse)
        for customer in self.sudo():  # sudo: res.partner - present owner and pool, to compare only
            if user and customer.user_id != user:
                kind = "transfer" if customer.user_id else "claim" if user == self.env.user and not self.env.su else "assign"
                kinds[kind] |= self.browse(customer.id)
            elif (pool and customer.kehu_pool_id != pool) or ("user_id" in vals and not user and customer.user_id):
                kinds["return"] |= self.browse(customer.id)
        reason = self.env._("Changed directly, no reason was asked.")
        for kind, customers in kinds.items():
            if kind == "claim" and self.env.user.has_group("kehu_crm.group_kehu_manager"):
                kind = "assign" if customers._kehu_ownership_refusals("claim", user) else "claim"
            customers._kehu_change_owner(kind, user=user, pool=pool or None, reason=reason if kind in ("return", "transfer") else None)

    def _kehu_adopt(self, vals):
        """Give partners that were just marked as customers an owner or a pool: the written one, else the one they have, else the pool.

        :param dict vals: values of the write that marked them
        """
        groups = defaultdict(self.browse)
        default_pools = {}
        for partner in self:
            # sudo: res.partner, res.users - the salesperson whom the host had put on the partner, and their groups
            present = partner.sudo().user_id
            given = "user_id" in vals or vals.get("kehu_pool_id")
            if not given and not (present.active and present.has_group("kehu_crm.group_kehu_user")):
                present = present.browse()
            values = {
                "user_id": vals.get("user_id") if given else present.id,
                "kehu_pool_id": vals.get("kehu_pool_id"),
                "company_id": partner.company_id.id,
            }
            # sudo: res.partner - the owner they had already stays, whoever marks them
            asker = self if given else self.sudo()
            columns = asker._kehu_prepare_ownership(partner._kehu_names(), values, default_pools)
            groups[columns["user_id"], columns["kehu_pool_id"]] |= partner
        for (user_id, pool_id), partners in groups.items():
            user = self.env["res.users"].browse(user_id or [])
            partners._kehu_write_owner("create", user, self.env["kehu.pool"].browse(pool_id or []), None)

    # -- views ---------------------------------------------------------------------------------------------------------

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        return (*super()._get_view_cache_key(view_id, view_type, **options), self._kehu_user_assigns())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Offer the assignment of several customers only to those who assign at all."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "list" and not self._kehu_user_assigns():
            for button in arch.xpath("//header/button[@name='action_kehu_assign']"):
                button.getparent().remove(button)
        return arch, view

    @api.model
    def _kehu_user_assigns(self):
        """Tell whether this user is a manager, or manages a pool."""
        user = self.env.user
        if user.has_group("kehu_crm.group_kehu_manager"):
            return True
        # sudo: kehu.pool - whether one has this manager, nothing else
        pools = self.env["kehu.pool"].sudo()
        return user.has_group("kehu_crm.group_kehu_user") and bool(pools.search_count([("manager_ids", "=", user.id)], limit=1))

    # -- actions -------------------------------------------------------------------------------------------------------

    def action_kehu_claim(self):
        """Claim from a button: one customer at once, several through a dialog that says how many."""
        if len(self) > 1:
            return self._kehu_open_ownership_change("claim")
        words = self._kehu_count_in_words()
        self.kehu_claim()
        return self._kehu_ownership_notification("claim", words)

    def action_kehu_assign(self):
        """Open the dialog that assigns these customers."""
        return self._kehu_open_ownership_change("assign")

    def action_kehu_return(self):
        """Open the dialog that returns these customers to a pool."""
        return self._kehu_open_ownership_change("return")

    def action_kehu_transfer(self):
        """Open the dialog that hands these customers over."""
        return self._kehu_open_ownership_change("transfer")

    def _kehu_open_ownership_change(self, kind):
        """Return the action that opens the dialog for these customers.

        :param str kind: ``claim``, ``assign``, ``return`` or ``transfer``
        """
        titles = {
            "claim": self.env._("Claim Customers"),
            "assign": self.env._("Assign Customers"),
            "return": self.env._("Return Customers to the Pool"),
            "transfer": self.env._("Transfer Customers"),
        }
        return {
            "type": "ir.actions.act_window",
            "name": titles[kind],
            "res_model": "kehu.ownership.change",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": kind, "default_partner_ids": self.ids},
        }

    def _kehu_count_in_words(self):
        """Name one customer, count several: for sentences such as “Will go to Wang Fang: 3 customers.”"""
        if len(self) == 1:
            return self._kehu_names()
        return self.env._("%(count)s customers", count=len(self))

    @api.model
    def _kehu_ownership_notification(self, kind, what, user=None, pool=None):
        """Return the action that says what has happened and shows the place one came from again.

        :param str what: the customers, see :meth:`_kehu_count_in_words`
        """
        if kind == "claim":
            message = self.env._("Yours from now on: %(what)s.", what=what)
        else:
            target = user.name if user else (pool and pool.name) or self.env._("the default pool")
            message = self.env._("Went to %(target)s: %(what)s.", what=what, target=target)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }
