import re
from math import ceil

from odoo import api, models

from .exceptions import KehuQuotaGroupError
from .kehu_quota_use import LISTING, PAGE, Listing, listing_of

MOST_GROUPED = 100_000  # customers; no quota is as large
# by which a customer is reached; whoever is shown one of them has opened the customer
CONTACT_WAYS = frozenset(
    {
        "phone",
        "phone_sanitized",
        "kehu_mobile",
        "kehu_other_phones",
        "kehu_phone_ids",
        "kehu_phone_key",
        "kehu_mobile_key",
        "kehu_wechat",
        "kehu_qq",
        "email",
        "email_normalized",
        "email_formatted",
        "email_from",
        "email_domain_criterion",
    }
)


def names_of(groupby, aggregates):
    """Names in specifications of groups and aggregates, e.g. ``phone:array_agg``, ``all:array_agg(phone)`` and ``partner_id.phone``."""
    parts = [*([groupby] if isinstance(groupby, str) else groupby or ()), *(aggregates or ())]
    return {name for part in parts for name in re.findall(r"\w+", str(part))}


class KehuQuotaMixin(models.AbstractModel):
    """Records that lead to customers: what a person opens, searches and exports of them is counted where the person has a quota of it.

    All that people and programs read comes through these methods of the host. A list counts as searches, a page of 80 rows each, and what
    is read by number counts its customers; so do lists where searches have no quota. People without a quota cost nothing: the quotas are
    kept in memory.
    """

    _name = "kehu.quota.mixin"
    _description = "Counted When Opened, Searched and Exported"

    _kehu_ways = CONTACT_WAYS  # fields of this model by which a customer is reached

    def _kehu_quota_customers(self):
        """:return: the customers of these records, in superuser mode"""
        raise NotImplementedError

    def _kehu_count_views(self):
        """:raises KehuQuotaError: when the person opens more customers than allowed"""
        if listing := listing_of(self.env):
            listing.rows += len(self)
        elif self and self.env["kehu.quota.use"]._kehu_is_counting("view"):
            self.env["kehu.quota.use"]._kehu_count("view", customer_ids=self._origin._kehu_quota_customers().ids)

    @api.model
    def _kehu_count_pages(self, rows):
        """:raises KehuQuotaError: when the person lists more than allowed; ``rows`` are at least one page"""
        self.env["kehu.quota.use"]._kehu_count("search", max(1, ceil(rows / PAGE)))

    def _read_format(self, fnames, load="_classic_read"):
        if not self._kehu_ways.isdisjoint(fnames):
            self._kehu_count_views()
        return super()._read_format(fnames, load)

    def copy_data(self, default=None):
        """What a copy would hold is told to whoever asks for it."""
        self._kehu_count_views()
        return super().copy_data(default)

    # ------------------------------------------------------------
    # Lists
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def web_search_read(self, domain, specification, offset=0, limit=None, order=None, count_limit=None):
        if not self.env["kehu.quota.use"]._kehu_is_counting("search"):
            return super().web_search_read(domain, specification, offset, limit, order, count_limit)
        listing = Listing()
        listed = super(KehuQuotaMixin, self.with_context(**{LISTING: listing}))
        result = listed.web_search_read(domain, specification, offset, limit, order, count_limit)
        self._kehu_count_pages(max(len(result["records"]), listing.rows))
        return result

    @api.model
    @api.readonly
    def search_read(self, domain=None, fields=None, offset=0, limit=None, order=None, **read_kwargs):
        if not self.env["kehu.quota.use"]._kehu_is_counting("search"):
            return super().search_read(domain, fields, offset, limit, order, **read_kwargs)
        listing = Listing()
        listed = super(KehuQuotaMixin, self.with_context(**{LISTING: listing}))
        result = listed.search_read(domain, fields, offset, limit, order, **read_kwargs)
        self._kehu_count_pages(max(len(result), listing.rows))
        return result

    @api.model
    @api.readonly
    def web_read_group(
        self,
        domain,
        groupby,
        aggregates=(),
        limit=None,
        offset=0,
        order=None,
        *,
        auto_unfold=False,
        opening_info=None,
        unfold_read_specification=None,
        unfold_read_default_limit=80,
        groupby_read_specification=None,
    ):
        options = {
            "limit": limit,
            "offset": offset,
            "order": order,
            "auto_unfold": auto_unfold,
            "opening_info": opening_info,
            "unfold_read_specification": unfold_read_specification,
            "unfold_read_default_limit": unfold_read_default_limit,
            "groupby_read_specification": groupby_read_specification,
        }
        if not self.env["kehu.quota.use"]._kehu_is_counting("search"):
            model = self._kehu_count_groups(domain, groupby, aggregates)
            return super(KehuQuotaMixin, model).web_read_group(domain, groupby, aggregates, **options)
        listing = Listing()
        result = super(KehuQuotaMixin, self.with_context(**{LISTING: listing})).web_read_group(domain, groupby, aggregates, **options)

        def rows(groups):
            return sum(len(group.get("__records") or ()) + rows((group.get("__groups") or {}).get("groups") or ()) for group in groups)

        told = self.search_count(domain) if self._kehu_tells_by_groups(groupby, aggregates) else 0
        self._kehu_count_pages(max(rows(result["groups"]), listing.rows, told))
        return result

    # ------------------------------------------------------------
    # Groups
    # ------------------------------------------------------------

    @api.model
    def _kehu_tells_by_groups(self, groupby, aggregates):
        return not self._kehu_ways.isdisjoint(names_of(groupby, aggregates))

    @api.model
    def _kehu_count_groups(self, domain, groupby, aggregates):
        """Count the records whose phones or e-mails groups tell: as pages, else as opened customers.

        :return: this model, allowed to group by them
        """
        use = self.env["kehu.quota.use"]
        if not self._kehu_tells_by_groups(groupby, aggregates):
            return self
        if use._kehu_is_counting("search"):
            self._kehu_count_pages(self.search_count(domain))
        elif use._kehu_is_counting("view"):
            self.search(domain, limit=MOST_GROUPED)._kehu_count_views()
        else:
            return self
        return self.with_context(**{LISTING: Listing()})

    @api.model
    @api.readonly
    def formatted_read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        model = super(KehuQuotaMixin, self._kehu_count_groups(domain, groupby, aggregates))
        return model.formatted_read_group(domain, groupby, aggregates, having, offset, limit, order)

    @api.model
    @api.readonly
    def formatted_read_grouping_sets(self, domain, grouping_sets, aggregates=(), *, order=None):
        names = [name for groupby in grouping_sets for name in groupby]
        model = super(KehuQuotaMixin, self._kehu_count_groups(domain, names, aggregates))
        return model.formatted_read_grouping_sets(domain, grouping_sets, aggregates, order=order)

    def _read_group_groupby(self, alias, groupby_spec, query):
        self._kehu_refuse_groups(groupby_spec)
        return super()._read_group_groupby(alias, groupby_spec, query)

    def _read_group_select(self, aggregate_spec, query):
        self._kehu_refuse_groups(aggregate_spec)
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _kehu_refuse_groups(self, specification):
        """Groups of other models, orders and conditions of groups tell phones and e-mails too, of nobody knows how many customers.

        :raises KehuQuotaGroupError: for people with a quota
        """
        use = self.env["kehu.quota.use"]
        if self._kehu_tells_by_groups([specification], ()) and (use._kehu_is_counting("view") or use._kehu_is_counting("search")):
            raise KehuQuotaGroupError(
                self.env._(
                    "You have a daily limit of customers, so phones and e-mails are not grouped here. Group by the customer instead."
                )
            )
