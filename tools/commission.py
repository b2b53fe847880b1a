"""Commission by steps, explained piece by piece. Plain Python, no ORM."""

from math import inf


def pieces(bands, start, end, total=None):
    """Split what lies between two running totals over the steps it falls in.

    E.g. 2 % up to 1,000 and 3 % beyond, from 600 to 1,500: 400 at 2 % and 500 at 3 %. Less than nothing counts at the first step. What goes
    down is the same with the other sign.

    :param list bands: (amount from which it holds, per cent), ascending; the first one holds from below everything
    :param float total: where given, the step that this total reaches holds for all of it
    :return: [(amount, per cent)]
    :rtype: list
    """
    if total is not None:
        reached = [percent for number, (begin, percent) in enumerate(bands) if not number or total >= begin]
        return [(end - start, reached[-1])]
    if end < start:
        return [(-amount, percent) for amount, percent in pieces(bands, end, start)]
    found = []
    for number, (begin, percent) in enumerate(bands):
        low = begin if number else -inf
        high = bands[number + 1][0] if number + 1 < len(bands) else inf
        amount = min(end, high) - max(start, low)
        if amount > 0:
            found.append((amount, percent))
    return found


def amount_upto(bands, end, total=None):
    """Return the commission on everything from nothing to a running total; below nothing it is negative."""
    return sum(amount * percent / 100 for amount, percent in pieces(bands, 0.0, end, total))
