"""What the ledger says of some orders: the host's own figures, for the checks of the analyses of money."""

from odoo.tools import split_every
from odoo.tools.float_utils import float_round

from ..receivable.ledger_reader import LedgerReader
from .exceptions import KehuAnalysisError

MOST_ORDERS = 10_000
BATCH = 1000


def from_ledger(env, orders):
    """Read off journal items what orders received and still owe, in the currency of the company at the rates of the orders.

    :param orders: rows (id, state, total, id of the currency, rate, never 0)
    :return: (received, due)
    :raises KehuAnalysisError: for more orders than are read in a moment
    """
    if len(orders) > MOST_ORDERS:
        raise KehuAnalysisError(
            env._(
                "The check reads the ledger order by order, at most %(most)s orders. Choose a person, a department or a shorter period.",
                most=MOST_ORDERS,
            )
        )
    reader, rounding = LedgerReader(env, env.company), env.company.currency_id.rounding
    received = due = 0.0
    for some in split_every(BATCH, orders):
        figures = reader.figures([row[:4] for row in some])
        for number, _state, _total, _currency, rate in some:
            received += float_round(figures[number].received / (float(rate) or 1), precision_rounding=rounding)
            due += float_round(figures[number].due / (float(rate) or 1), precision_rounding=rounding)
    return received, due
