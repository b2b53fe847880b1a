"""When a customer falls back into its pool: the rules in plain Python, without ORM and without database.

The database answers the same question for a million customers in one query (``models/pool/kehu_pool_policy.py``); a test compares the
two on random histories. Days are calendar days of the customer's company.
"""

from dataclasses import dataclass
from datetime import date, timedelta

# A text that was written for the same customer so many days before, or less, is a copy and resets no clock.
COPY_DAYS = 365

IDLE = "idle"
NO_OPPORTUNITY = "no_opportunity"
NO_DEAL = "no_deal"


@dataclass(frozen=True)
class Policy:
    """Numbers of days of one pool for one level; 0 means that the rule does not apply."""

    idle_days: int = 0
    no_opportunity_days: int = 0
    no_deal_days: int = 0
    protect_days: int = 0
    warn_days: int = 0
    spare_dealt: bool = False
    spare_opportunities: bool = False


@dataclass(frozen=True)
class History:
    """What is known of an owned customer.

    ``received`` is the day on which the present owner got it, or on which it was created, whichever is later. ``exempt``: it is locked
    or archived, or bears a level or tag that never falls.
    """

    received: date
    effective_contact: date | None = None
    last_opportunity: date | None = None
    last_deal: date | None = None
    open_opportunity: bool = False
    exempt: bool = False


def effective(records):
    """Tell which contact records of one customer reset its clock: those that tell something which is no copy.

    Every earlier record with the same text counts, whether it reset the clock itself or not: two texts in turn are copies like one text
    again and again.

    :param list records: (day, text without what does not matter, or None where it tells nothing), in the order of days and then of entry
    :rtype: list[bool]

    >>> days = [date(2026, 3, day) for day in range(1, 5)]
    >>> effective(list(zip(days, ["a", "b", "a", "b"])))
    [True, True, False, False]
    >>> effective([(date(2025, 3, 1), "a"), (date(2026, 3, 1), "a"), (date(2027, 3, 2), "a"), (date(2027, 3, 3), None)])
    [True, False, True, False]
    """
    newest, told = {}, []
    for day, text in records:
        told.append(text is not None and (text not in newest or (day - newest[text]).days > COPY_DAYS))
        newest[text] = day
    return told


def due(policy, history):
    """Return the day on which the first rule strikes, and that rule.

    A customer that was never contacted counts from the day it was received, so a fresh one never falls at once.

    >>> due(Policy(idle_days=30), History(date(2026, 3, 1)))
    (datetime.date(2026, 3, 31), 'idle')
    >>> due(Policy(idle_days=30), History(date(2026, 3, 1), effective_contact=date(2025, 12, 1)))
    (datetime.date(2026, 3, 31), 'idle')
    >>> due(Policy(idle_days=30, no_deal_days=40), History(date(2026, 3, 1), effective_contact=date(2026, 3, 20)))
    (datetime.date(2026, 4, 10), 'no_deal')
    >>> due(Policy(no_opportunity_days=20), History(date(2026, 3, 1), last_opportunity=date(2026, 3, 5)))
    (datetime.date(2026, 3, 25), 'no_opportunity')
    >>> due(Policy(no_opportunity_days=20), History(date(2026, 3, 1), last_opportunity=date(2026, 3, 5), open_opportunity=True))
    (None, None)
    >>> due(Policy(idle_days=7, protect_days=30), History(date(2026, 3, 1)))
    (datetime.date(2026, 3, 31), 'idle')
    >>> due(Policy(), History(date(2026, 3, 1)))
    (None, None)
    """
    spared = (policy.spare_dealt and history.last_deal) or (policy.spare_opportunities and history.open_opportunity)
    if history.exempt or spared:
        return None, None
    strikes = []
    for order, (rule, days, reset) in enumerate(
        [
            (IDLE, policy.idle_days, history.effective_contact),
            (NO_OPPORTUNITY, 0 if history.open_opportunity else policy.no_opportunity_days, history.last_opportunity),
            (NO_DEAL, policy.no_deal_days, history.last_deal),
        ]
    ):
        if days:
            base = max(history.received, reset or history.received)
            day = max(base + timedelta(days=days), history.received + timedelta(days=policy.protect_days))
            strikes.append((day, order, rule))
    if not strikes:
        return None, None
    day, _order, rule = min(strikes)
    return day, rule


def fall(policy, history, today, delivered=None):
    """Return the day on which the customer really falls: never before the owner was warned ``warn_days`` earlier.

    :param date delivered: the day on which a warning of exactly this due day reached the owner

    >>> policy = Policy(idle_days=30, warn_days=3)
    >>> fall(policy, History(date(2026, 3, 1)), date(2026, 3, 10))
    datetime.date(2026, 3, 31)
    >>> fall(policy, History(date(2026, 3, 1)), date(2026, 5, 1))
    datetime.date(2026, 5, 4)
    >>> fall(policy, History(date(2026, 3, 1)), date(2026, 5, 1), delivered=date(2026, 3, 28))
    datetime.date(2026, 3, 31)
    """
    day, _rule = due(policy, history)
    if day is None or not policy.warn_days or day >= today + timedelta(days=policy.warn_days):
        return day
    return max(day, (delivered or today) + timedelta(days=policy.warn_days))
