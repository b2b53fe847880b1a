from bisect import bisect_left
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, formatLang
from odoo.tools.constants import PREFETCH_MAX
from odoo.tools.float_utils import float_compare

from ...tools import period

SORTABLE = ("actual", "completion", "rank", "pace_needed")  # figures a list can be sorted by, though no column holds them
# what is worked out together, by its first field; the later ones ask for the first
PASSES = {
    "actual": {"actual", "completion", "missing", "reached", "expected", "pace_needed", "status", "rank"},
    "days_total": {"days_total", "days_left", "expected", "pace_needed", "status"},
    "rank": {"rank", "rank_count"},
    "parts_gap": {"parts_gap", "parts_warning"},
}


class KehuTarget(models.Model):
    """What was achieved of a target, how fast it must go on, who is ahead, and whether the levels add up. Nothing of it is stored."""

    _inherit = "kehu.target"

    actual = fields.Monetary(
        string="Achieved",
        compute="_compute_actual",
        help="Credited to whoever owned the customer on the booking date, as the ownership history says.",
    )
    completion = fields.Float(
        string="Completion (%)",
        compute="_compute_actual",
        digits=(16, 1),
        aggregator=None,
        help="Achieved in per cent of the target.",
    )
    missing = fields.Monetary(compute="_compute_actual", help="What is still to be achieved; 0 once the target is reached.")
    reached = fields.Selection(
        [("none", "Nothing Yet"), ("base", "Target"), ("stretch", "Stretch"), ("challenge", "Challenge")],
        string="Step Achieved",
        compute="_compute_actual",
        help="The highest of the three that was reached.",
    )
    days_total = fields.Integer(
        string="Working Days",
        compute="_compute_pace",
        help="Working days of the period, by the person's calendar, else that of the company; without public holidays and own leaves.",
    )
    days_left = fields.Integer(string="Working Days Left", compute="_compute_pace", help="Those from today on, today included.")
    expected = fields.Monetary(
        string="Expected by Now", compute="_compute_pace", help="The target in proportion to the working days that are over."
    )
    pace_needed = fields.Monetary(
        string="Needed per Day", compute="_compute_pace", help="What must be achieved on each working day left to reach the target."
    )
    status = fields.Selection(
        [("upcoming", "Upcoming"), ("on_track", "On Track"), ("behind", "Behind"), ("reached", "Achieved"), ("missed", "Missed")],
        compute="_compute_pace",
        help="On track: at least what was expected by now. Behind: less. Missed: the period is over without it.",
    )
    rank = fields.Integer(
        compute="_compute_rank", aggregator=None, help="Place by completion among those of the same level, period and metric."
    )
    rank_count = fields.Integer(string="Of", compute="_compute_rank", aggregator=None, help="How many compete.")
    parts_gap = fields.Monetary(
        string="Levels Apart",
        compute="_compute_parts",
        help="What the targets of the next level below add up to, less this target. 0: they agree, or there are none.",
    )
    parts_warning = fields.Char(compute="_compute_parts", help="Which parts of this target do not add up to it.")

    # ------------------------------------------------------------
    # Achieved
    # ------------------------------------------------------------

    @api.depends("user_id", "department_id", "company_id", "metric", "date_from", "date_to", "value", "stretch", "challenge")
    def _compute_actual(self):
        """One query for each metric and company, however many targets."""
        amounts = {**dict.fromkeys(self, 0.0), **self._kehu_told()._kehu_actuals()}
        alike = {}
        for target in self:
            actual, value = amounts[target], target.value
            steps = (("challenge", target.challenge), ("stretch", target.stretch), ("base", value))
            reached = next((name for name, step in steps if step and target._kehu_compare(actual, step) >= 0), "none")
            figures = {
                "actual": actual,
                "completion": round(actual / value * 100, 1) if value else 0.0,
                "missing": max(value - actual, 0.0),
                "reached": reached,
            }
            for figure in figures.items():
                alike.setdefault((*figure, target.currency_id), []).append(target._ids[0])
        for (name, figure, _currency), ids in alike.items():
            self.browse(ids)[name] = figure

    def fetch(self, field_names=None):
        """Work out figures once for all these; left alone, the host computes in slices of 1,000 targets, each with a pass of its own."""
        result = super().fetch(field_names)
        for first, names in PASSES.items() if len(self) > PREFETCH_MAX else ():
            if names.isdisjoint(field_names or ()):
                continue
            field = self._fields[first]
            known = field._get_cache(self.env)
            if unknown := self.browse(number for number in self._ids if number not in known):
                field.compute_value(unknown)
        return result

    def _kehu_told(self):
        """Return those of these targets whose figures the user may know: whoever asks for a saved one was let in before.

        A form asks for figures of anybody before the target is saved; it is told those of targets that this person might read.
        """
        drafts = self.filtered(lambda target: not target.id)
        if self.env.su or not drafts:
            return self
        if not drafts.browse().has_access("read"):
            return self - drafts
        readable = self.env["ir.rule"]._compute_domain(self._name, "read")
        told = self - drafts
        for draft in drafts:
            keys = {name: draft[name]._origin.id for name in ("company_id", "user_id", "department_id")}
            # sudo: res.users, hr.department - to whose department it belongs; a target of its own, since a form may claim another
            if self.sudo().new(keys).filtered_domain(readable):
                told |= draft
        return told

    def _kehu_actuals(self):
        """Add up what is credited for each of these targets.

        :return: {kehu.target: amount}, currency of the company
        :rtype: dict
        """
        amounts = dict.fromkeys(self, 0.0)
        whole = self.filtered(lambda target: target.date_from and target.date_to and target.date_from <= target.date_to)
        # sudo: kehu.achievement - what a target counts does not depend on who looks at it
        credit = self.env["kehu.achievement"].sudo()
        for (company, metric), targets in whole.grouped(lambda target: (target.company_id._origin, target.metric)).items():
            if not company or not metric:
                continue
            wanted = {target: (target._kehu_who(), target.date_from, target.date_to) for target in targets}
            totals = credit._kehu_totals(metric, company, set(wanted.values()))
            amounts.update({target: totals[key] for target, key in wanted.items()})
        return amounts

    def _kehu_who(self):
        """Return whose this one target is, as `kehu.achievement` names it."""
        self.ensure_one()
        if self.user_id:
            return "user", self.user_id._origin.id
        if self.department_id:
            return "department", self.department_id._origin.id
        return "company", self.company_id._origin.id

    # ------------------------------------------------------------
    # Pace
    # ------------------------------------------------------------

    @api.depends("user_id", "company_id", "date_from", "date_to", "value", "metric", "department_id")
    def _compute_pace(self):
        """E.g. 90 of 300 achieved, 10 of 30 working days over: 100 expected by now, so behind; 210 in 20 days, 10.5 on each."""
        for target in self:
            target.days_total = target.days_left = 0
            target.expected = target.pace_needed = 0.0
            target.status = False
        for company, targets in self.grouped(lambda target: target.company_id._origin).items():
            targets = targets.filtered(lambda target: target.date_from and target.date_to and target.date_from <= target.date_to)
            if not company or not targets:
                continue
            today = company._kehu_today()
            first, last = min(targets.mapped("date_from")), max(targets.mapped("date_to"))
            days = company._kehu_working_days(targets.user_id._origin, first, last)
            for target in targets:
                own = days[target.user_id._origin]
                start, now, stop = (
                    bisect_left(own, target.date_from),
                    bisect_left(own, max(today, target.date_from)),
                    bisect_left(own, target.date_to + timedelta(days=1)),
                )
                total, left = stop - start, max(stop - now, 0)
                target.days_total, target.days_left = total, left
                target.expected = target.value * (total - left) / total if total else target.value * (today > target.date_to)
                target.pace_needed = target.missing / left if left else 0.0
                target.status = target._kehu_status(today)

    def _kehu_status(self, today):
        self.ensure_one()
        if self.value and self._kehu_compare(self.actual, self.value) >= 0:
            return "reached"
        if today > self.date_to:
            return "missed"
        if today < self.date_from:
            return "upcoming"
        return "behind" if self._kehu_compare(self.actual, self.expected) < 0 else "on_track"

    # ------------------------------------------------------------
    # Ranking
    # ------------------------------------------------------------

    @api.depends("user_id", "department_id", "company_id", "metric", "date_from", "date_to", "value")
    def _compute_rank(self):
        """Whoever has completed most is first; equal completion is an equal place, and the next one goes down by as many."""
        saved = self._origin
        # sudo: kehu.target - the place among all, of whom the reader learns no more than their number
        peers = self.sudo().search(
            Domain("company_id", "in", saved.company_id.ids)
            & Domain("metric", "in", list(set(saved.mapped("metric"))))
            & Domain("level", "in", list(set(saved.mapped("level"))))
            & Domain("date_from", "in", list(set(saved.mapped("date_from"))))
            & Domain("date_to", "in", list(set(saved.mapped("date_to"))))
        )
        peers.fetch(["completion"])
        races = peers.grouped(KehuTarget._kehu_race)
        places = {}
        for runners in races.values():
            results = sorted(-runner.completion for runner in runners)
            places.update({runner.id: (bisect_left(results, -runner.completion) + 1, len(runners)) for runner in runners})
        for target in self:
            target.rank, target.rank_count = places.get(target._origin.id, (0, 0))

    def _kehu_race(self):
        """Return what those have in common who are compared."""
        return self.company_id, self.metric, self.level, self.date_from, self.date_to

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Sort by a figure that is computed: all that fit are computed in one pass, then the page is cut out."""
        name, _space, direction = (order or "").split(",")[0].strip().partition(" ")
        if name not in SORTABLE:
            return super()._search(domain, offset, limit, order, **kwargs)
        found = self.browse(super()._search(domain, order=self._order, **kwargs))
        found.fetch([name])
        found = found.sorted(name, reverse=direction.strip().lower().startswith("desc"))
        return found[offset : offset + limit if limit else None]._as_query()

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """A figure sorts in :meth:`_search`; this tells the client that its column can be clicked."""
        if field_name in SORTABLE:
            return SQL("%s %s", SQL.identifier(alias, "id"), direction)
        return super()._order_field_to_sql(alias, field_name, direction, nulls, query)

    # ------------------------------------------------------------
    # Do the levels add up?
    # ------------------------------------------------------------

    @api.depends("user_id", "department_id", "company_id", "metric", "date_from", "date_to", "value")
    @api.depends_context("lang")
    def _compute_parts(self):
        """Compare each target with those one level below, and with the months and quarters of its own.

        The next level of a department are the departments below that have such a target, and those people whose department has none of its
        own. E.g. Sales 100 with East 60, West 30 and one person of Sales itself 5: 5 are missing. People of East count for East.
        """
        kin = self._kehu_kin()
        below = kin._kehu_next_level()
        # sudo: kehu.target - months and quarters of the same object, whoever set them
        shorter = self.sudo().search(
            Domain("company_id", "in", self.company_id.ids)
            & Domain("metric", "in", list(set(self.mapped("metric"))))
            & Domain("period", "in", ("month", "quarter"))
            & Domain("date_from", ">=", min((day for day in self.mapped("date_from") if day), default=fields.Date.today()))
            & Domain("date_to", "<=", max((day for day in self.mapped("date_to") if day), default=fields.Date.today()))
        )
        shorter = shorter.grouped(lambda target: (target._kehu_who(), target.company_id, target.metric))
        told = self._kehu_told()
        for target in self - told:
            target.parts_gap, target.parts_warning = 0.0, False
        for target in told:
            sentences = []
            parts = below.get(target._origin.id)
            target.parts_gap = sum(parts.mapped("value")) - target.value if parts else 0.0
            if target._kehu_compare(target.parts_gap, 0.0):
                sentences.append(
                    self.env._(
                        "The %(count)s targets of the next level add up to %(sum)s instead of %(target)s.",
                        count=len(parts),
                        sum=target._kehu_figure(sum(parts.mapped("value"))),
                        target=target._kehu_figure(target.value),
                    )
                )
            mine = shorter.get((target._kehu_who(), target.company_id._origin, target.metric), self.browse())
            for name, count in (("month", 1), ("quarter", 3)):
                amount = target._kehu_sum_of(mine, name, count)
                if amount is not None and target._kehu_compare(amount, target.value):
                    text = (
                        self.env._("Its months add up to %(sum)s instead of %(target)s.", **target._kehu_pair(amount))
                        if name == "month"
                        else self.env._("Its quarters add up to %(sum)s instead of %(target)s.", **target._kehu_pair(amount))
                    )
                    sentences.append(text)
            target.parts_warning = " ".join(sentences) or False

    def _kehu_compare(self, one, other):
        """Compare two figures of this one target, as its currency rounds: 999.996 dinar are less than 1,000.

        :return: -1, 0 or 1
        """
        return float_compare(one, other, precision_rounding=self.currency_id.rounding or 0.01)

    def _kehu_pair(self, amount):
        return {"sum": self._kehu_figure(amount), "target": self._kehu_figure(self.value)}

    def _kehu_figure(self, amount):
        """A figure of this one target as text: money with its currency, numbers without decimals."""
        self.ensure_one()
        return format_amount(self.env, amount, self.currency_id) if self.currency_id else formatLang(self.env, amount, digits=0)

    def _kehu_sum_of(self, shorter, name, count):
        """Add up the months or quarters of this one target; None unless each of them has a target."""
        self.ensure_one()
        whole = self.date_from and self.date_to and self.period in ("quarter", "year") and self.period != name
        if not whole or period.kind(self.date_from, self.date_to) != self.period:
            return None
        spans = period.split(self.date_from, self.date_to, count)
        values = {(part.date_from, part.date_to): part.value for part in shorter}
        return sum(values[span] for span in spans) if all(span in values for span in spans) else None

    def _kehu_kin(self):
        """Return all targets of the same companies, metrics and periods as these, whoever may see them."""
        # sudo: kehu.target - whether levels add up does not depend on who looks; only sums are shown
        return self.sudo().search(
            Domain("company_id", "in", self.company_id.ids)
            & Domain("metric", "in", list(set(self.mapped("metric"))))
            & Domain("date_from", "in", list(set(self.mapped("date_from"))))
            & Domain("date_to", "in", list(set(self.mapped("date_to"))))
        )

    def _kehu_next_level(self):
        """Tell for each of these targets which of them belong one level below it.

        :return: {id: kehu.target}, without those that have nothing below
        :rtype: dict
        """
        below = {}
        for kin in self.grouped(lambda target: (target.company_id, target.metric, target.date_from, target.date_to)).values():
            heads = {target.department_id.id: target for target in kin if target.level == "department"}
            top = kin.filtered(lambda target: target.level == "company")[:1]
            for target in kin - top:
                department = target.kehu_department_id
                path = [int(part) for part in (department.parent_path or "").split("/")[:-1]]
                if target.level == "department":
                    path = path[:-1]
                above = next((heads[number] for number in reversed(path) if number in heads), top)
                if above:
                    below[above.id] = below.get(above.id, self.browse()) | target
        return below
