"""What keeps a customer past the rules of its pool is for managers to do: archive it, exempt it by a tag, change its company."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..system.engine import is_engine
from .exceptions import KehuOwnershipRightsError

WATCHED = {"active", "category_id", "company_id", "kehu_is_customer"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    kehu_can_move_company = fields.Boolean(
        string="Company Can Be Changed by Me", compute="_compute_kehu_can_move_company", export_string_translation=False
    )
    kehu_barred_tag_ids = fields.Many2many(
        "res.partner.category",
        string="Tags for Managers Only",
        compute="_compute_kehu_barred_tag_ids",
        export_string_translation=False,
        help="Tags that would keep this customer from coming back to the pool; the form offers them to managers alone.",
    )

    @api.depends("user_id", "kehu_is_customer")
    @api.depends_context("uid")
    def _compute_kehu_can_move_company(self):
        freely = self._kehu_person_keeps_freely()
        for partner in self:
            partner.kehu_can_move_company = freely or not (partner._origin.kehu_is_customer and partner._origin.user_id)

    @api.depends("user_id", "kehu_is_customer")
    @api.depends_context("uid")
    def _compute_kehu_barred_tag_ids(self):
        barred = self._kehu_barred_tags()
        for partner in self:
            partner.kehu_barred_tag_ids = barred.get(partner._origin.id, [])

    def _kehu_barred_tags(self):
        """Return the tags that the current user may not put on these customers, see :meth:`_kehu_check_tags`.

        :return: {id: ids of tags}
        """
        policies, _zones = self.env["kehu.pool"]._kehu_policies()
        if self._kehu_person_keeps_freely() or not any(policy.exempt_tags for policy in policies):
            return {}
        owned = self._origin.filtered(lambda partner: partner.kehu_is_customer and partner.user_id)
        return {customer.id: sorted(tags) for customer, tags in owned._kehu_exempt_tags().items()}

    @api.model
    def _kehu_person_keeps_freely(self):
        """The same as :meth:`_kehu_keeps_freely` of the person and not of the superuser that code may run as."""
        return self.sudo(False)._kehu_keeps_freely()

    def _compute_kehu_can_change(self):
        """Who may not archive an owned customer is not offered to."""
        result = super()._compute_kehu_can_change()
        policies, _zones = self.env["kehu.pool"]._kehu_policies()
        if not self._kehu_person_keeps_freely() and any(policy.auto and policy.all_days() for policy in policies):
            owned = self._origin.filtered(lambda partner: partner.kehu_is_customer and partner.user_id and partner.active)
            kept = {customer.id for customer, policy in owned._kehu_governing_policies().items() if policy.auto and policy.all_days()}
            for partner in self:
                if partner._origin.id in kept:
                    partner.kehu_can_change = False
        return result

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if not self._kehu_keeps_freely():
            # sudo: res.partner - what was just created, to compare only
            customers = partners.sudo().filtered("kehu_is_customer")
            customers.filtered(lambda partner: partner.user_id and not partner.active).with_env(self.env)._kehu_check_archived()
            partners.browse(customers.ids)._kehu_check_tags({})
        return partners

    def write(self, vals):
        watched = vals.keys() & WATCHED
        if not watched or self._kehu_keeps_freely():
            return super().write(vals)
        # sudo: res.partner - state before and after, to compare only; the write itself asks for the rights
        customers = self.sudo().filtered("kehu_is_customer")
        archived = customers.filtered(lambda partner: not partner.active)
        companies = {partner: partner.company_id for partner in customers if partner.user_id} if "company_id" in vals else {}
        tags = {partner.id: partner.category_id for partner in customers} if watched & {"category_id", "kehu_is_customer"} else {}
        # what is given back in the same write left by the rules of before
        held = customers.filtered("user_id")
        former = held.with_env(self.env)._kehu_governing_policies() if vals.keys() & {"user_id", "kehu_pool_id"} else {}
        result = super().write(vals)
        moved = customers.browse(partner.id for partner, company in companies.items() if partner.company_id != company)
        if moved:
            raise KehuOwnershipRightsError(
                self.env._(
                    "Only managers change the company of a customer that has an owner, since the rules of another pool may hold there. "
                    "Ask your manager to change it for %(names)s.",
                    names=moved.with_env(self.env)._kehu_names(),
                )
            )
        # sudo: res.partner - see above; one that waits in a pool is claimed with the tags it has
        present = self.sudo().filtered("kehu_is_customer")
        if watched & {"active", "kehu_is_customer"}:
            shut = present.filtered(lambda partner: not partner.active and (partner.user_id or partner in held)) - archived
            shut.with_env(self.env)._kehu_check_archived(former)
        if watched & {"category_id", "kehu_is_customer"}:
            present.with_env(self.env)._kehu_check_tags(tags, former)
        return result

    @api.model
    def _kehu_keeps_freely(self):
        """Tell whether the current user may do what keeps a customer from coming back, as far as the record rules let them."""
        return self.env.su or is_engine(self.env, "ownership") or self.env.user.has_group("kehu_crm.group_kehu_manager")

    def _kehu_governing_policies(self):
        """Return the policy that holds for each of these customers, without those of pools which the current user manages.

        :return: {customer: Policy}
        """
        if not self:
            return {}
        policies, _zones = self.env["kehu.pool"]._kehu_policies()
        by_pool = {policy.pool_id: policy for policy in policies}
        managed = self.env["kehu.pool"]._kehu_managed_ids()
        return {
            self.browse(partner_id): by_pool[pool_id]
            for partner_id, pool_id in self._kehu_limiting_pools()
            if pool_id in by_pool and pool_id not in managed
        }

    def _kehu_exempt_tags(self):
        """Return the tags that keep each of these customers in a pool that it is in or may come into; one leads from pool to pool.

        The pools that the current user manages count for nothing, nor do those of other companies; customers of the former are left out.

        :return: {customer: set of ids of tags}
        """
        if not self:
            return {}
        policies, _zones = self.env["kehu.pool"]._kehu_policies()
        tags = {policy.pool_id: set(policy.exempt_tags) for policy in policies}
        # sudo: kehu.pool - the companies and managers of the pools, to compare only
        pools = self.env["kehu.pool"].sudo().browse(tags)
        strange = pools.filtered(lambda pool: self.env.user not in pool.manager_ids)
        own = set((pools - strange)._ids)
        exempt = {}
        for customer in self.browse(partner_id for partner_id, pool_id in self._kehu_limiting_pools() if pool_id not in own):
            company = customer.sudo().company_id  # sudo: res.partner - of customers that the person has just written
            near = strange.filtered(lambda pool, company=company: not company or not pool.company_id or pool.company_id == company)
            exempt[customer] = set().union(*(tags[pool.id] for pool in near))
        return exempt

    def _kehu_check_archived(self, former=()):
        """An archived customer never comes back by itself, so an owner does not archive one of a pool whose clock runs.

        :param former: policies that held before the same write, as :meth:`_kehu_governing_policies` gives them
        :raises KehuOwnershipRightsError: when these owned customers, just archived, belong to such a pool
        """
        policies, _zones = self.env["kehu.pool"]._kehu_policies()
        if not self or not any(policy.auto and policy.all_days() for policy in policies):
            return
        governing = [*dict(former).items(), *self._kehu_governing_policies().items()]
        refused = self & self.browse(customer.id for customer, policy in governing if policy.auto and policy.all_days())
        if refused:
            raise KehuOwnershipRightsError(
                self.env._(
                    "Only managers archive %(names)s, since the pool brings customers back by itself, and archived ones never come back. "
                    "Return it to the pool, or ask your manager to archive it.",
                    names=refused._kehu_names(),
                )
            )

    def _kehu_check_tags(self, before, former=()):
        """A tag that exempts from the rules of the pool is put on a customer by managers.

        :param dict before: {id: the tags it had before}
        :param former: policies that held before the same write, as :meth:`_kehu_governing_policies` gives them
        :raises KehuOwnershipRightsError: when one of these customers has got such a tag
        """
        policies, _zones = self.env["kehu.pool"]._kehu_policies()
        exempt = {tag_id for policy in policies for tag_id in policy.exempt_tags}
        if not exempt:
            return
        gained = {
            partner.id: exempt.intersection((partner.category_id - before.get(partner.id, partner.category_id.browse())).ids)
            for partner in self.sudo()  # sudo: res.partner - tags of customers that this person has just written
        }
        tagged = self.browse(id_ for id_, tag_ids in gained.items() if tag_ids)
        for customer, barred in tagged._kehu_exempt_tags().items():
            if tag_ids := gained[customer.id] & barred:
                customer._kehu_refuse_tag(min(tag_ids))
        for customer, policy in dict(former).items():
            if tag_ids := gained.get(customer.id, set()).intersection(policy.exempt_tags):
                customer._kehu_refuse_tag(min(tag_ids))

    def _kehu_refuse_tag(self, tag_id):
        """:raises KehuOwnershipRightsError: always, naming the tag and these customers"""
        raise KehuOwnershipRightsError(
            self.env._(
                "The tag “%(tag)s” keeps customers from coming back to the pool, so only managers put it on one. "
                "Ask your manager to put it on %(names)s.",
                tag=self.env["res.partner.category"].browse(tag_id).name,
                names=self._kehu_names(),
            )
        )


class ResPartnerCategory(models.Model):
    _inherit = "res.partner.category"

    @api.model_create_multi
    def create(self, vals_list):
        tags = super().create(vals_list)
        if not self.env.su and any(vals.get("partner_ids") for vals in vals_list):
            tags._kehu_check_partners({})
        return tags

    def write(self, vals):
        """The way from the tag to its partners asks the same as the way from the partner to its tags."""
        if "partner_ids" not in vals or self.env.su:
            return super().write(vals)
        before = self._kehu_tagged()
        result = super().write(vals)
        self._kehu_check_partners(before)
        return result

    def _kehu_tagged(self):
        """Return {id of a tag: ids of the partners that bear it}, past the cache, where the person finds those alone that they may see."""
        self.flush_model(["partner_ids"])
        self.env["res.partner"].flush_model(["category_id"])
        tagged = defaultdict(set)
        for tag_id, partner_id in self.env.execute_query(
            SQL("SELECT category_id, partner_id FROM res_partner_res_partner_category_rel WHERE category_id = ANY(%s)", self.ids)
        ):
            tagged[tag_id].add(partner_id)
        return tagged

    def _kehu_check_partners(self, before):
        """Nobody puts a tag on a customer, or takes one off, whom they may not change.

        :param dict before: as :meth:`_kehu_tagged` gives it
        :raises AccessError: for customers and contacts of others
        :raises KehuOwnershipRightsError: for a tag that managers alone put on
        """
        # sudo: res.partner - whether they belong to the CRM, and their tags, to compare only
        partners = self.env["res.partner"].sudo()
        after = self._kehu_tagged()
        for tag in self:
            had, has = before.get(tag.id, set()), after.get(tag.id, set())
            changed = partners.browse(sorted(had ^ has)).filtered("kehu_customer_id").with_env(self.env)
            changed.check_access("write")
            gained = changed.filtered(lambda partner, has=has: partner.id in has and partner.kehu_is_customer)
            if gained and not changed._kehu_keeps_freely():
                gained.invalidate_recordset(["category_id"])
                gained._kehu_check_tags({partner.id: partner.category_id - tag for partner in gained})
