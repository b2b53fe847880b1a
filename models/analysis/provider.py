"""What an analysis is: a class of a few lines, which another add-on may add.

An analysis names its dimensions and measures and says how they are added up. The screen, the conditions, drill, comparison, Excel, PDF and
the self-check are the same for all. A new one::

    @register
    class SalesOfPeople(SalesAnalysis):
        name = "sales_of_people"
        title = _lt("Sales of People")
        dimensions = ("user", "department")

and a client action with ``params`` ``{"analysis": "sales_of_people"}`` and a menu entry. What it does not say is as in its base; a
dimension or a measure of its own is added to ``known_dimensions`` or ``known_measures``.
"""

from dataclasses import dataclass
from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import LazyTranslate
from odoo.tools.translate import LazyGettext

from .exceptions import KehuAnalysisError

_lt = LazyTranslate(__name__)

TIMES = ("day", "month", "quarter", "year")
MOST_FOLLOWED = 10_000  # records that a check looks at one by one
_REGISTERED = {}  # {name: {add-on: analysis}} of all add-ons that this server has loaded, for whichever database


def register(analysis):
    """Add an analysis, a class; one of the same name takes the place of that of an add-on that was loaded before."""
    addon = analysis.__module__.removeprefix("odoo.addons.").split(".")[0]
    _REGISTERED.setdefault(analysis.name, {})[addon] = analysis()
    return analysis


def analyses(env):
    """Return the analyses of the add-ons that are installed in this database; others share the server.

    :rtype: dict of name: Analysis
    """
    installed = env.registry._init_modules
    found = {}
    for name, by_addon in _REGISTERED.items():
        for addon, analysis in by_addon.items():
            if addon in installed:
                found[name] = analysis
    return found


def find(env, name):
    """Return the analysis of that name, or None when this database has none."""
    return analyses(env).get(name) if isinstance(name, str) else None


def words(env, text):
    """Return a text that was marked with ``_lt``, in the language of the environment.

    :param LazyGettext text: the name of an analysis, a dimension or a measure
    :rtype: str
    """
    return text._translate(env.lang or "en_US")


@dataclass(frozen=True, eq=False)
class Dimension:
    """What figures are told apart by.

    ``column`` is the name that the provider gives to what it adds up; ``model`` the model of its keys, None for times and choices; ``path``
    leads from the records behind the figures to it: a field of theirs, best one that does not pass through a model with rules of its own;
    ``choices`` are the keys of a dimension without a model and their labels, in the order in which they are shown; ``is_text``: the keys
    are what people wrote.
    """

    name: str
    label: LazyGettext
    column: str
    model: str | None = None
    path: str = ""
    choices: tuple = ()
    is_text: bool = False

    @property
    def ordered(self):
        """Whether the rows have an order of their own, instead of the largest first."""
        return self.name in TIMES or bool(self.choices)


@dataclass(frozen=True, eq=False)
class Measure:
    """A figure. ``kind`` is money, number, percent or text; ``part`` and ``whole`` make a percentage of two others, or, of another kind,
    how much comes on each, with one decimal.
    """

    name: str
    label: LazyGettext
    kind: str = "money"
    part: str = ""
    whole: str = ""

    @property
    def shares(self):
        """Whether each row has a share of the total: of what is worked out of two others, none has."""
        return self.kind != "percent" and not self.part


TIME_DIMENSIONS = (
    Dimension("day", _lt("Day"), "day"),
    Dimension("month", _lt("Month"), "month"),
    Dimension("quarter", _lt("Quarter"), "quarter"),
    Dimension("year", _lt("Year"), "year"),
)


class Analysis:
    """Base of all analyses."""

    name = ""
    title = ""
    agreement = _lt("Checked: the total agrees with the records to the cent.")  # what the check says when all is well
    formula = ""  # how the figures come about, where they are from: one sentence
    groups = ("kehu_crm.group_kehu_user", "kehu_crm.group_kehu_finance")
    records_model = ""  # model of the records behind the figures
    records_action = ""  # external id of the action that shows them; empty: the model's own list
    moment = ""  # their field with the moment that a period is about
    known_dimensions = {}
    dimensions = ()
    known_measures = {}
    measures = ()
    extra = ()  # measures that no row can be sorted by, which :meth:`complete` adds to each row
    chart = "bar"
    preset = "this_year"
    has_period = True
    comparison = "none"
    conditions = ()  # dimensions that the panel offers as conditions

    def dimension(self, env, name):
        """:raises KehuAnalysisError: unless this analysis has it"""
        if name not in self.dimensions:
            raise KehuAnalysisError(
                env._("“%(title)s” does not tell “%(name)s” apart. Choose another dimension.", title=words(env, self.title), name=name)
            )
        return self.known_dimensions[name]

    def measure(self, env, name):
        """:raises KehuAnalysisError: unless this analysis has it"""
        if name not in self.measures:
            raise KehuAnalysisError(
                env._("“%(title)s” has no figure “%(name)s”. Choose another one.", title=words(env, self.title), name=name)
            )
        return self.known_measures[name]

    def figures(self, env, period, filters, dimension):
        """Add up what this person may see.

        :param tuple period: first and last day, both included, None: open
        :param dict filters: {name of a dimension: ids; None among them: those without}
        :param Dimension dimension: None for the total alone
        :return: {key (id, day or None): {name of a measure: number}}; percentages are left out
        """
        raise NotImplementedError

    def top(self, env, period, filters, dimension, measure, most):
        """Add up, but tell only the largest apart: what a dimension with a million keys is read by.

        :param Measure measure: what decides which are the largest
        :param int most: how many
        :return: (figures of these, as :meth:`figures`; the row of the total; number of those that are left out)
        """
        figures = self.figures(env, period, filters, dimension)
        total = self.summed(figures)
        if dimension.ordered or len(figures) <= most:
            return figures, total, 0
        nothing = "" if dimension.is_text else 0
        kept = sorted(figures, key=lambda key: (-(self.value(figures[key], measure) or 0), key or nothing))[:most]
        return {key: figures[key] for key in kept}, total, len(figures) - most

    def summed(self, figures):
        """:return: the sum of the rows of :meth:`figures`, as one of them"""
        total = {}
        for row in figures.values():
            for name, figure in row.items():
                total[name] = total.get(name, 0) + (figure or 0)
        return total

    def value(self, row, measure):
        """:return: a figure of a row of :meth:`figures` as a number, a percentage worked out; None where there is nothing to divide by"""
        if measure.part:
            whole = row.get(measure.whole) or 0
            times = 100 if measure.kind == "percent" else 1
            return round(float(row.get(measure.part) or 0) / float(whole) * times, 1) if whole else None
        return float(row.get(measure.name) or 0)

    def complete(self, env, rows, total, dimension, measure):
        """Add the measures of `extra` to the rows that are shown, which are in their order; see `kehu.analysis.get_figures`.

        :param list rows: those of the screen, with ``values``; the last one may be ``is_others``
        :param dict total: figures of the total
        """

    def notes(self, env):
        """Return sentences about the state of the figures that somebody who reads them should know; usually none.

        :rtype: list of str
        """
        return []

    def condition(self, env, dimension, keys):
        """Return the domain, on `records_model`, of the records with one of these keys; None among them: those without."""
        return Domain(dimension.path, "in", [key or False for key in keys])

    def measure_domain(self, env, measure):
        """Return the domain, on `records_model`, of the records that count for a measure; all, unless a measure counts some of them."""
        return Domain.TRUE

    def records_domain(self, env, period, filters):
        """Return the domain, on `records_model`, of the records behind the figures; whoever opens them sees those that they may see."""
        domain = Domain.TRUE
        for name, ids in filters.items():
            domain &= self.condition(env, self.known_dimensions[name], ids)
        if self.moment:
            company = env.company
            first, last = period
            if first:
                domain &= Domain(self.moment, ">=", company._kehu_midnight(first))
            if last:
                domain &= Domain(self.moment, "<", company._kehu_midnight(last + timedelta(days=1)))
        return domain

    def behind(self, env, period, filters, measure):
        """Tell what opens behind a figure.

        :param Measure measure: the one that was clicked, None: any
        :return: (model, external id of the action that shows it or an empty text, domain)
        :rtype: tuple[str, str, Domain]
        """
        counted = self.measure_domain(env, measure) if measure else Domain.TRUE
        return self.records_model, self.records_action, counted & self.records_domain(env, period, filters)

    def followed(self, env, model, domain, names):
        """Return records that a check follows one by one, with these fields.

        :raises KehuAnalysisError: when they are more than can be followed in a moment
        """
        records = env[model].search_fetch(domain, names, limit=MOST_FOLLOWED + 1)
        if len(records) > MOST_FOLLOWED:
            raise KehuAnalysisError(
                env._(
                    "The check follows records one by one, at most %(most)s. Choose a shorter period or narrower conditions.",
                    most=MOST_FOLLOWED,
                )
            )
        return records

    def check(self, env, period, filters):
        """Compare the total with what the host itself adds up for this person.

        :return: {name of a measure: (ours, the host's)}
        """
        raise NotImplementedError
