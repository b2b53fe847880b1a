"""Refusals of the room sales."""

from ..system.exceptions import KehuAccessError, KehuUserError


class KehuOrderError(KehuUserError):
    """A quote or order cannot take this step."""


class KehuOrderApprovalError(KehuOrderError):
    """An order was to be confirmed without its approval."""


class KehuCustomerAccessError(KehuAccessError):
    """A document was to be made for a customer whom this person may not see."""


class KehuOrderDeletionError(KehuAccessError):
    """Somebody was to delete an order that is not theirs to delete."""
