"""Refusals of the room sales."""

from odoo.exceptions import AccessError, UserError


class KehuOrderError(UserError):
    """A quote or order cannot take this step."""


class KehuOrderApprovalError(KehuOrderError):
    """An order was to be confirmed without its approval."""


class KehuCustomerAccessError(AccessError):
    """A document was to be made for a customer whom this person may not see."""


class KehuOrderDeletionError(AccessError):
    """Somebody was to delete an order that is not theirs to delete."""
