"""What an analysis is: a class of a few lines, which another add-on may add.

An analysis names its dimensions and measures and says how they are added up. The screen, the conditions, drill, comparison, Excel and the
self-check are the same for all. A new one::

    @register
    class SalesByTeam(SalesAnalysis):
        name = "sales_by_team"
        title = _lt("Sales by Team")
        dimensions = ("team",)

and a client action with ``params`` ``{"analysis": "sales_by_team"}`` and a menu entry.
"""

from dataclasses import dataclass
from datetime import timedelta

from odoo.fields import Domain
from odoo.tools import LazyTranslate
from odoo.tools.translate import LazyGettext

from .exceptions import KehuAnalysisError

_lt = LazyTranslate(__name__)

TIMES = ("day", "month", "quarter", "year")
ANALYSES = {}


def register(analysis):
    """Add an analysis, a class; one of the same name takes the place of the other."""
    ANALYSES[analysis.name] = analysis()
    return analysis


def words(env, text):
    """Return a text that was marked with ``_lt``, in the language of the environment.

    :param LazyGettext text: the name of an analysis, a dimension or a measure
    :rtype: str
    """
    return text._translate(env.lang or "en_US")


@dataclass(frozen=True, eq=False)
class Dimension:
    """What figures are told apart by.

    ``column`` is the name that the provider gives to what it adds up; ``model`` the model of its keys, None for times; ``path`` leads from
    the records behind the figures to it.
    """

    name: str
    label: LazyGettext
    column: str
    model: str | None = None
    path: str = ""


@dataclass(frozen=True, eq=False)
class Measure:
    """A figure. ``kind`` is money, number or percent; ``part`` and ``whole`` make a percentage of two others."""

    name: str
    label: LazyGettext
    kind: str = "money"
    part: str = ""
    whole: str = ""


def _dimension(name, label, model, path):
    return Dimension(name, label, f"{name}_id", model, path)


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
    formula = ""  # how the figures come about, where they are from: one sentence
    groups = ("kehu_crm.group_kehu_user", "kehu_crm.group_kehu_finance")
    records_model = ""  # model of the records behind the figures
    records_action = ""  # external id of the action that shows them; empty: the model's own list
    moment = ""  # their field with the moment that a period is about
    known_dimensions = {}
    dimensions = ()
    known_measures = {}
    measures = ()
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

    def records_domain(self, env, period, filters):
        """Return the domain, on `records_model`, of the records behind the figures; whoever opens them sees those that they may see."""
        domain = Domain.TRUE
        for name, ids in filters.items():
            domain &= Domain(self.known_dimensions[name].path, "in", [number or False for number in ids])
        if self.moment:
            company = env.company
            first, last = period
            if first:
                domain &= Domain(self.moment, ">=", company._kehu_midnight(first))
            if last:
                domain &= Domain(self.moment, "<", company._kehu_midnight(last + timedelta(days=1)))
        return domain

    def check(self, env, period, filters):
        """Compare the total with what the host itself adds up for this person.

        :return: {name of a measure: (ours, the host's)}
        """
        raise NotImplementedError
