import re
from math import ceil

from odoo import api, models

from ..system.engine import as_engine
from .kehu_quota_use import ENGINE, PAGE

# by which a customer is reached; whoever is shown one of them has opened the customer
CONTACT_WAYS = frozenset(
    {
        "phone",
        "phone_sanitized",
        "kehu_mobile",
        "kehu_other_phones",
        "kehu_phone_key",
        "kehu_mobile_key",
        "kehu_wechat",
        "email",
        "email_normalized",
        "email_formatted",
        "email_from",
    }
)


def names_of(groupby, aggregates):
    """Names in specifications of groups and aggregates, e.g. ``phone:array_agg``, ``all:array_agg(phone)`` and ``partner_id.phone``."""
    parts = [*([groupby] if isinstance(groupby, str) else groupby or ()), *(aggregates or ())]
    return {name for part in parts for name in re.findall(r"\w+", str(part))}


class KehuQuotaMixin(models.AbstractModel):
    """Records that lead to customers: what a person opens, searches and exports of them is counted where the person has a quota of it.

    All that people and programs read comes through these methods of the host. A list counts as searches, a page of 80 rows each, and what
    is read by number counts its customers. People without a quota cost nothing: the quotas are kept in memory.
    """

    _name = "kehu.quota.mixin"
    _description = "Counted When Opened, Searched and Exported"

    def _kehu_quota_customers(self):
        """:return: the customers of these records, in superuser mode"""
        raise NotImplementedError

    def _kehu_count_views(self):
        """:raises KehuQuotaError: when the person opens more customers than allowed"""
        if self and self.env["kehu.quota.use"]._kehu_is_counting("view"):
            self.env["kehu.quota.use"]._kehu_count("view", customer_ids=self._origin._kehu_quota_customers().ids)

    @api.model
    def _kehu_count_pages(self, rows):
        """:raises KehuQuotaError: when the person lists more than allowed; ``rows`` are at least one page"""
        self.env["kehu.quota.use"]._kehu_count("search", max(1, ceil(rows / PAGE)))

    def _read_format(self, fnames, load="_classic_read"):
        if not CONTACT_WAYS.isdisjoint(fnames) or ("display_name" in fnames and self.env.context.get("show_email")):
            self._kehu_count_views()
        return super()._read_format(fnames, load)

    @api.model
    @api.readonly
    def web_search_read(self, domain, specification, offset=0, limit=None, order=None, count_limit=None):
        if not self.env["kehu.quota.use"]._kehu_is_counting("search"):
            return super().web_search_read(domain, specification, offset, limit, order, count_limit)
        listed = super(KehuQuotaMixin, as_engine(self, ENGINE))
        result = listed.web_search_read(domain, specification, offset, limit, order, count_limit)
        self._kehu_count_pages(len(result["records"]))
        return result

    @api.model
    @api.readonly
    def search_read(self, domain=None, fields=None, offset=0, limit=None, order=None, **read_kwargs):
        if not self.env["kehu.quota.use"]._kehu_is_counting("search"):
            return super().search_read(domain, fields, offset, limit, order, **read_kwargs)
        result = super(KehuQuotaMixin, as_engine(self, ENGINE)).search_read(domain, fields, offset, limit, order, **read_kwargs)
        self._kehu_count_pages(len(result))
        return result

    @api.model
    @api.readonly
    def web_read_group(self, domain, groupby, aggregates=(), **options):
        if not self.env["kehu.quota.use"]._kehu_is_counting("search"):
            return super().web_read_group(domain, groupby, aggregates, **options)
        result = super(KehuQuotaMixin, as_engine(self, ENGINE)).web_read_group(domain, groupby, aggregates, **options)

        def rows(groups):
            return sum(len(group.get("__records") or ()) + rows((group.get("__groups") or {}).get("groups") or ()) for group in groups)

        self._kehu_count_pages(max(rows(result["groups"]), self._kehu_told_by_groups(domain, groupby, aggregates)))
        return result

    @api.model
    @api.readonly
    def formatted_read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        if told := self._kehu_told_by_groups(domain, groupby, aggregates):
            self._kehu_count_pages(told)
        return super().formatted_read_group(domain, groupby, aggregates, having, offset, limit, order)

    @api.model
    @api.readonly
    def formatted_read_grouping_sets(self, domain, grouping_sets, aggregates=(), *, order=None):
        names = [name for groupby in grouping_sets for name in groupby]
        if told := self._kehu_told_by_groups(domain, names, aggregates):
            self._kehu_count_pages(told)
        return super().formatted_read_grouping_sets(domain, grouping_sets, aggregates, order=order)

    @api.model
    @api.readonly
    def read_group(self, domain, fields, groupby, offset=0, limit=None, orderby=False, lazy=True):
        if told := self._kehu_told_by_groups(domain, groupby, fields):
            self._kehu_count_pages(told)
        return super().read_group(domain, fields, groupby, offset, limit, orderby, lazy)

    @api.model
    @api.readonly
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Names are not counted, unless the client has e-mails shown with them."""
        result = super().name_search(name, domain, operator, limit)
        if self.env.context.get("show_email") and self.env["kehu.quota.use"]._kehu_is_counting("view"):
            self.browse([row[0] for row in result])._kehu_count_views()
        return result

    @api.model
    def _kehu_told_by_groups(self, domain, groupby, aggregates):
        """How many records groups tell the phones or e-mails of; 0 for other groups, and for people without a quota of searches."""
        if CONTACT_WAYS.isdisjoint(names_of(groupby, aggregates)) or not self.env["kehu.quota.use"]._kehu_is_counting("search"):
            return 0
        return self.search_count(domain)
