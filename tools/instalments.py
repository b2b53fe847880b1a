"""Spread money over the parts of a payment plan. Plain Python, no ORM."""

from typing import NamedTuple

from odoo.tools import float_round


class Covered(NamedTuple):
    """What became of one part."""

    received: float  # money that covers it
    waived: float  # taken off it by credit: nobody pays that any more
    due: float  # what is still to come


def cover(amounts, received, credited=0.0, named=None, rounding=0.01):
    """Cover the parts of a plan with the money that came: first the parts it was named for, then the oldest first.

    Money beyond all parts covers nothing; credit lessens what is open of the last parts first. E.g.
    ``cover([300, 300, 400], 450, credited=100)``: the first is paid, the second has 150, of the third 100 are waived and 300 due;
    with ``named={2: 400}`` the third is paid, the first has 50, and the second has 100 waived.

    :param list amounts: of the parts, the oldest first; none is negative
    :param float received: all money that came
    :param float credited: what the customer need not pay any more
    :param dict named: index of a part -> money that was received for it in particular; counts as far as it came and the part takes it
    :param float rounding: smallest unit of the currency
    :rtype: list[Covered]
    """

    def exact(value):
        return float_round(value, precision_rounding=rounding)

    left = max(received, 0.0)
    got = [0.0] * len(amounts)
    for index in sorted(named or {}):
        got[index] = exact(max(min(named[index], amounts[index], left), 0.0))
        left = exact(left - got[index])
    for index, amount in enumerate(amounts):
        part = exact(max(min(amount - got[index], left), 0.0))
        got[index] = exact(got[index] + part)
        left = exact(left - part)
    waived = [0.0] * len(amounts)
    credit = max(credited, 0.0)
    for index in reversed(range(len(amounts))):
        waived[index] = exact(max(min(amounts[index] - got[index], credit), 0.0))
        credit = exact(credit - waived[index])
    return [Covered(paid, off, exact(max(amount - paid - off, 0.0))) for amount, paid, off in zip(amounts, got, waived, strict=True)]
