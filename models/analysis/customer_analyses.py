"""The analyses of customers: how many there are, how they grow, how their levels change. They count the records that the reader may see."""

from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from .provider import TIME_DIMENSIONS, Analysis, Dimension, Measure, register

_lt = LazyTranslate(__name__)

DIMENSIONS = (
    *TIME_DIMENSIONS,
    Dimension("user", _lt("Salesperson"), "user_id", "res.users", "user_id"),
    Dimension("department", _lt("Department"), "kehu_department_id", "hr.department", "kehu_department_id"),
    Dimension("level", _lt("Level"), "kehu_level_id", "kehu.customer.level", "kehu_level_id"),
    Dimension("nature", _lt("Nature"), "kehu_nature_id", "kehu.dictionary.value", "kehu_nature_id"),
    Dimension("source", _lt("Source"), "kehu_source_id", "kehu.dictionary.value", "kehu_source_id"),
    Dimension("industry", _lt("Industry"), "industry_id", "res.partner.industry", "industry_id"),
    Dimension("region", _lt("Region"), "kehu_region_id", "kehu.dictionary.value", "kehu_region_id"),
    Dimension("state", _lt("Province"), "state_id", "res.country.state", "state_id"),
    Dimension("city", _lt("City"), "city_id", "res.city", "city_id"),
)


class CountAnalysis(Analysis):
    """Base of analyses that count records, through the ORM and its rules."""

    known_measures = {"count": Measure("count", _lt("Customers"), "number")}
    measures = ("count",)
    # for the check: the same in SQL, of the row “record”
    COUNTED = SQL("TRUE")
    JOINED = SQL()
    COLUMNS = {}  # {name of a dimension: column}, where it is not one of the row

    def base_domain(self):
        """Return the domain of what is counted, period and conditions aside."""
        return Domain.TRUE

    def records_domain(self, env, period, filters):
        return self.base_domain() & super().records_domain(env, period, filters)

    def figures(self, env, period, filters, dimension):
        records = env[self.records_model].with_context(tz=env.company._kehu_zone())
        domain = self.records_domain(env, period, filters)
        if dimension is None:
            return {None: {"count": records.search_count(domain)}}
        if dimension.model:
            groups = records._read_group(domain, [dimension.column], ["__count"])
            return {record.id or None: {"count": count} for record, count in groups}
        groups = records._read_group(domain, [f"{self.moment}:{dimension.name}"], ["__count"])
        return {moment.date(): {"count": count} for moment, count in groups}

    def check(self, env, period, filters):
        """The database counts the rows that this person may search, by plain columns: no domain of ours takes part."""
        first = next(self.known_dimensions[name] for name in self.dimensions if self.known_dimensions[name].model)
        ours = sum(row["count"] for row in self.figures(env, period, filters, first).values())
        env.flush_all()
        visible = env[self.records_model].with_context(active_test=False)._search(Domain.TRUE, order="id")
        moment, timezone = SQL.identifier("record", self.moment or "id"), env.company._kehu_zone()
        day = SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, timezone)
        wheres = [SQL("record.id IN %s", visible.subselect()), self.COUNTED]
        if self.moment and period[0]:
            wheres.append(SQL("%s >= %s", day, period[0]))
        if self.moment and period[1]:
            wheres.append(SQL("%s <= %s", day, period[1]))
        for name, ids in filters.items():
            known = [number for number in ids if number]
            column = self.COLUMNS.get(name) or SQL.identifier("record", self.known_dimensions[name].column)
            empty = SQL("%s IS NULL", column) if len(known) < len(ids) else SQL("FALSE")
            wheres.append(SQL("(%s = ANY(%s) OR %s)", column, known, empty))
        table = SQL.identifier(env[self.records_model]._table)
        counted = env.execute_query(SQL("SELECT COUNT(*) FROM %s record %s WHERE %s", table, self.JOINED, SQL(" AND ").join(wheres)))
        return {"count": (ours, counted[0][0])}


class CustomerAnalysis(CountAnalysis):
    """Base of analyses that count customers."""

    records_model = "res.partner"
    records_action = "kehu_crm.kehu_customer_action"
    known_dimensions = {dimension.name: dimension for dimension in DIMENSIONS}
    conditions = ("department", "user", "region", "state", "city", "level")
    COUNTED = SQL("record.kehu_is_customer AND record.active")

    def base_domain(self):
        return Domain("kehu_is_customer", "=", True)


@register
class CustomersByClass(CustomerAnalysis):
    name = "customers_by_class"
    title = _lt("Customers by Class")
    formula = _lt("Counts the customers of the CRM that you may see as they are now, those in pools included, archived ones left out.")
    dimensions = ("level", "nature", "source", "industry", "region", "state", "user", "department")
    has_period = False
    preset = "all"


@register
class CustomersGrowth(CustomerAnalysis):
    name = "customers_growth"
    title = _lt("Growth of Customers")
    formula = _lt("Counts the customers that you may see by the day on which they were entered, archived ones left out.")
    moment = "create_date"
    dimensions = ("month", "quarter", "year", "day", "source", "user", "department", "state")
    chart = "line"
    preset = "last_12_months"
    comparison = "last_year"


@register
class LevelChanges(CountAnalysis):
    name = "customers_level_changes"
    title = _lt("Changes of Level")
    formula = _lt("Counts the entries of the level history of customers that you may see, by the day of the change, first levels included.")
    records_model = "kehu.level.change"
    moment = "date"
    known_dimensions = {
        **{dimension.name: dimension for dimension in TIME_DIMENSIONS},
        "to_level": Dimension("to_level", _lt("New Level"), "level_id", "kehu.customer.level", "level_id"),
        "from_level": Dimension("from_level", _lt("Old Level"), "old_level_id", "kehu.customer.level", "old_level_id"),
        "user": Dimension("user", _lt("Salesperson"), "", "res.users", "partner_id.user_id"),
        "department": Dimension("department", _lt("Department"), "", "hr.department", "partner_id.kehu_department_id"),
        "author": Dimension("author", _lt("Done By"), "author_id", "res.users", "author_id"),
    }
    known_measures = {"count": Measure("count", _lt("Changes"), "number")}
    dimensions = ("to_level", "from_level", "author", "month", "quarter")
    conditions = ("department", "user")
    JOINED = SQL("JOIN res_partner customer ON customer.id = record.partner_id")
    COLUMNS = {"user": SQL("customer.user_id"), "department": SQL("customer.kehu_department_id")}
