"""The analyses of opportunities, from the log of their stages and not from where they happen to be: the funnel and the conversion."""

from odoo.fields import Domain
from odoo.tools import SQL, LazyTranslate

from .provider import TIME_DIMENSIONS, TIMES, Analysis, Dimension, Measure, register

_lt = LazyTranslate(__name__)


class StageDimension(Dimension):
    """Stages, in their order and not by size; all of them, also those where nothing happened."""

    ordered = True


DIMENSIONS = (
    *TIME_DIMENSIONS,
    Dimension("user", _lt("Salesperson"), "user_id", "res.users", "lead_id.user_id"),
    Dimension("department", _lt("Department"), "kehu_department_id", "hr.department", "lead_id.kehu_department_id"),
    Dimension("team", _lt("Sales Team"), "team_id", "crm.team", "lead_id.team_id"),
    Dimension("medium", _lt("Medium"), "medium_id", "utm.medium", "lead_id.medium_id"),
    Dimension("lost_reason", _lt("Lost Reason"), "lost_reason_id", "crm.lost.reason", "lead_id.lost_reason_id"),
)
DAYS = SQL("EXTRACT(EPOCH FROM kehu_stage_event.date - kehu_stage_event.since) / 86400")


class StageAnalysis(Analysis):
    """Base of the analyses of the stage history. One query adds up all measures, of the rows that this person may read."""

    groups = ("kehu_crm.group_kehu_user",)
    records_model = "kehu.stage.event"
    records_action = "kehu_crm.kehu_stage_event_action"
    moment = "date"
    preset = "last_12_months"
    agreement = _lt("Checked: the total agrees with the stage history, counted row by row.")
    sums = {}  # {name: SQL} of what is added up
    others = {}  # {name: SQL} of what is worked out of the rows, and cannot be added up

    def base_domain(self, env):
        return Domain("lead_id.company_id", "in", [False, env.company.id])

    def records_domain(self, env, period, filters):
        return self.base_domain(env) & super().records_domain(env, period, filters)

    def _key(self, env, query, dimension):
        """:return: the SQL of the key"""
        if dimension.name in TIMES:
            return SQL(
                "DATE_TRUNC(%s, kehu_stage_event.date AT TIME ZONE 'UTC' AT TIME ZONE %s)::date",
                dimension.name,
                env.company._kehu_zone(),
            )
        if dimension.path == dimension.column:
            return SQL.identifier("kehu_stage_event", dimension.column)
        lead = query.join("kehu_stage_event", "lead_id", "crm_lead", "id", "kehu_stage_lead")
        return SQL.identifier(lead, dimension.column)

    def _rows(self, env, period, filters, dimension):
        """:return: {key: {name of a sum or of another figure: number}}"""
        events = env[self.records_model]
        events.flush_model()
        env["crm.lead"].flush_model()
        query = events._search(self.records_domain(env, period, filters), order="id")
        query.order = None
        wanted = {**self.sums, **(self.others if dimension else {})}
        key = self._key(env, query, dimension) if dimension else SQL("NULL::int")
        if dimension:
            query.groupby = SQL("1")
        rows = env.execute_query(query.select(key, *wanted.values()))
        return {key: {name: figure or 0 for name, figure in zip(wanted, figures, strict=True)} for key, *figures in rows}

    def figures(self, env, period, filters, dimension):
        found = self._rows(env, period, filters, dimension)
        if isinstance(dimension, StageDimension):
            line = env["kehu.stage.event"]._kehu_line().ids
            chosen = filters.get(dimension.name)
            line = [stage for stage in line if not chosen or stage in chosen]
            found = {stage: found.get(stage, {}) for stage in line} | ({None: found[None]} if None in found else {})
        return found

    def top(self, env, period, filters, dimension, measure, most):
        figures, _total, left = super().top(env, period, filters, dimension, measure, most)
        return figures, self._rows(env, period, filters, None).get(None, {}), left


@register
class SalesFunnel(StageAnalysis):
    name = "sales_funnel"
    title = _lt("Funnel")
    formula = _lt(
        "Counts in the stage history how often opportunities that you may see entered, left and skipped each stage; lost ones have left. "
        "Days run from entering to leaving, of those that left; went on: of those that left, how many to a later stage."
    )
    known_dimensions = {
        **{dimension.name: dimension for dimension in DIMENSIONS},
        "stage": StageDimension("stage", _lt("Opportunity Stage"), "stage_id", "crm.stage", "stage_id"),
    }
    dimensions = ("stage", "month", "quarter", "user", "department", "team", "lost_reason")
    conditions = ("department", "user", "stage", "team", "medium")
    known_measures = {
        "entered": Measure("entered", _lt("Entered"), "number"),
        "left": Measure("left", _lt("Left the Stage"), "number"),
        "forward": Measure("forward", _lt("Went On"), "number"),
        "lost": Measure("lost", _lt("Opportunity Lost"), "number"),
        "skipped": Measure("skipped", _lt("Stage Skipped"), "number"),
        "forward_rate": Measure("forward_rate", _lt("Went On (%)"), "percent", "forward", "left"),
        "days_mean": Measure("days_mean", _lt("Days in Stage (mean)"), "number", "stay", "left"),
        "days_median": Measure("days_median", _lt("Days in Stage (median)"), "number"),
    }
    measures = ("entered", "left", "forward", "lost", "skipped", "forward_rate", "days_mean")
    extra = ("days_median",)
    COUNTED = {
        "entered": [("kind", "=", "entered")],
        "left": [("kind", "=", "left")],
        "stay": [("kind", "=", "left")],
        "forward": [("kind", "=", "left"), ("how", "=", "forward")],
        "lost": [("kind", "=", "left"), ("how", "=", "lost")],
        "skipped": [("kind", "=", "skipped")],
    }
    sums = {
        "entered": SQL("COUNT(*) FILTER (WHERE kehu_stage_event.kind = 'entered')"),
        "left": SQL("COUNT(*) FILTER (WHERE kehu_stage_event.kind = 'left')"),
        "forward": SQL("COUNT(*) FILTER (WHERE kehu_stage_event.kind = 'left' AND kehu_stage_event.how = 'forward')"),
        "lost": SQL("COUNT(*) FILTER (WHERE kehu_stage_event.kind = 'left' AND kehu_stage_event.how = 'lost')"),
        "skipped": SQL("COUNT(*) FILTER (WHERE kehu_stage_event.kind = 'skipped')"),
        "stay": SQL("SUM(%s)", DAYS),
    }
    others = {"days_median": SQL("PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %s)", DAYS)}

    def figures(self, env, period, filters, dimension):
        found = super().figures(env, period, filters, dimension)
        for row in found.values():
            for name in self.extra:
                row[name] = round(float(row[name]), 1) if row.get("left") else None
        return found

    def measure_domain(self, env, measure):
        return Domain(self.COUNTED.get(measure.part or measure.name, Domain.TRUE))

    def check(self, env, period, filters):
        """Ours are added up by the database; here the rows are read one by one by the ORM, and counted in Python."""
        ours = self._rows(env, period, filters, None).get(None, {})
        events = self.followed(env, "kehu.stage.event", self.records_domain(env, period, filters), ["kind", "how"])
        kinds = [(event.kind, event.how) for event in events]
        host = {
            "entered": sum(kind == "entered" for kind, _how in kinds),
            "left": sum(kind == "left" for kind, _how in kinds),
            "forward": kinds.count(("left", "forward")),
            "lost": kinds.count(("left", "lost")),
            "skipped": sum(kind == "skipped" for kind, _how in kinds),
        }
        return {name: (ours.get(name, 0), figure) for name, figure in host.items()}


@register
class SalesConversion(StageAnalysis):
    name = "sales_conversion"
    title = _lt("Conversion of Opportunities")
    formula = _lt(
        "Takes the opportunities that you may see which entered a stage “From Stage” in the period for the first time (without one: those "
        "that began), and counts how many entered each stage “To Stage” afterwards, until today (without one: won, unless split by it)."
    )
    known_dimensions = {
        **{dimension.name: dimension for dimension in DIMENSIONS},
        "from_stage": StageDimension("from_stage", _lt("From Stage"), "stage_id", "crm.stage", "stage_id"),
        "to_stage": StageDimension("to_stage", _lt("To Stage"), "later_stage_ids", "crm.stage", "later_stage_ids"),
    }
    dimensions = ("to_stage", "user", "department", "team", "medium", "month", "quarter")
    conditions = ("from_stage", "to_stage", "department", "user", "team", "medium")
    known_measures = {
        "reached": Measure("reached", _lt("Reached “To Stage”"), "number"),
        "cohort": Measure("cohort", _lt("Entered “From Stage”"), "number"),
        "rate": Measure("rate", _lt("Conversion (%)"), "percent", "reached", "cohort"),
    }
    measures = ("rate", "reached", "cohort")

    def records_domain(self, env, period, filters):
        """“To Stage” is no condition on the opportunities that are looked at, but what is asked about them."""
        if "from_stage" in filters:
            domain = Domain("kind", "=", "entered") & Domain("is_first", "=", True)
        else:
            domain = Domain("kind", "=", "entered") & Domain("how", "=", "begun")
        return domain & super().records_domain(env, period, {name: ids for name, ids in filters.items() if name != "to_stage"})

    def behind(self, env, period, filters, measure):
        model, action, domain = super().behind(env, period, filters, None)
        if measure and measure.name != "cohort":
            domain &= Domain("later_stage_ids", "in", self._goal(env, filters))
        return model, action, domain

    def _goal(self, env, filters):
        """:return: the ids of the stages “To Stage”"""
        chosen = [stage for stage in filters.get("to_stage", ()) if stage]
        return chosen or env["kehu.stage.event"]._kehu_line().filtered("is_won").ids

    def _later(self, stages):
        return SQL(
            "EXISTS (SELECT FROM kehu_stage_event l WHERE l.lead_id = kehu_stage_event.lead_id AND l.id > kehu_stage_event.id "
            "AND l.kind = 'entered' AND l.stage_id = ANY(%s))",
            stages,
        )

    def _rows(self, env, period, filters, dimension):
        events = env[self.records_model]
        events.flush_model()
        env["crm.lead"].flush_model()
        query = events._search(self.records_domain(env, period, filters), order="id")
        query.order = None
        if dimension and dimension.name == "to_stage":
            return self._by_goal(env, query, filters)
        key = self._key(env, query, dimension) if dimension else SQL("NULL::int")
        if dimension:
            query.groupby = SQL("1")
        reached = SQL("COUNT(*) FILTER (WHERE %s)", self._later(self._goal(env, filters)))
        return {key: {"cohort": count, "reached": to} for key, count, to in env.execute_query(query.select(key, SQL("COUNT(*)"), reached))}

    def _by_goal(self, env, query, filters):
        """:return: a row for each stage “To Stage”, each with the whole cohort"""
        row = SQL.identifier("kehu_stage_event", "id"), SQL.identifier("kehu_stage_event", "lead_id")
        found = env.execute_query(
            SQL(
                """WITH cohort(id, lead_id) AS MATERIALIZED (%s)
                   SELECT NULL, COUNT(*) FROM cohort
                    UNION ALL
                   SELECT l.stage_id, COUNT(DISTINCT c.id)
                     FROM cohort c JOIN kehu_stage_event l ON l.lead_id = c.lead_id AND l.id > c.id AND l.kind = 'entered'
                    WHERE l.stage_id IS NOT NULL GROUP BY 1""",
                query.select(*row),
            )
        )
        whole = next(count for stage, count in found if not stage)
        chosen = filters.get("to_stage")
        counts = {stage: count for stage, count in found if stage and (not chosen or stage in chosen)}
        line = env["kehu.stage.event"]._kehu_line().ids
        return (
            {stage: {"cohort": whole, "reached": counts.get(stage, 0)} for stage in line if not chosen or stage in chosen} if whole else {}
        )

    def check(self, env, period, filters):
        """The opportunities themselves are looked at: those behind the cohort, and whether their own rows say that they got there."""
        ours = self._rows(env, period, filters, None).get(None, {})
        goal = set(self._goal(env, filters))
        events = self.followed(env, "kehu.stage.event", self.records_domain(env, period, filters), ["lead_id"])
        later = {}
        entered = Domain("kind", "=", "entered") & Domain("lead_id", "in", events.lead_id.ids) & Domain("stage_id", "in", list(goal))
        for event in env["kehu.stage.event"].search_fetch(entered, ["lead_id"]):
            later.setdefault(event.lead_id.id, []).append(event.id)
        reached = sum(any(number > event.id for number in later.get(event.lead_id.id, ())) for event in events)
        return {"cohort": (ours.get("cohort", 0), len(events)), "reached": (ours.get("reached", 0), reached)}
