"""Split an amount over weights so that the parts add up to it exactly.

Plain Python, no ORM. Used where one invoice or one payment concerns several orders.
"""

from odoo.tools import float_round


def apportion(amount, weights, rounding=0.01):
    """Split ``amount`` in proportion to ``weights``; the rounded parts add up to ``amount``.

    Each part is the difference of two rounded running totals, so the result depends only on the order of the keys, never on which
    part is asked for. E.g. ``apportion(100, {'a': 1, 'b': 1, 'c': 1})`` is ``{'a': 33.33, 'b': 33.34, 'c': 33.33}``.

    :param float amount: what to split, already rounded; may be negative
    :param dict weights: key -> weight; weights may be negative (a deducted down payment) as long as their sum is not zero
    :param float rounding: smallest unit of the currency
    :return: key -> part, for every key; all parts 0.0 when the weights add up to zero
    :rtype: dict
    """
    total = sum(weights.values())
    if abs(total) < rounding / 2:
        return dict.fromkeys(weights, 0.0)
    parts = {}
    running_weight = running_part = 0.0
    for key, weight in weights.items():
        running_weight += weight
        upto = float_round(amount * running_weight / total, precision_rounding=rounding)
        parts[key] = float_round(upto - running_part, precision_rounding=rounding)
        running_part = upto
    return parts
