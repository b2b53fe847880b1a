"""Refusals of the room receivable."""

from odoo.exceptions import AccessError, UserError, ValidationError


class KehuReceiptError(ValidationError):
    """A receipt contradicts itself or its orders."""


class KehuOverAllocationError(KehuReceiptError):
    """More would be collected for an order than it still owes, or more allocated than the receipt brings."""


class KehuReceiptStateError(UserError):
    """The step is not possible in the present state of the receipt."""


class KehuReceiptRightError(AccessError):
    """The person may not take this step on a receipt."""


class KehuReceiptPostingError(UserError):
    """The accounting has no way to post or to reverse the payment of a receipt."""


class KehuReceiptLedgerError(UserError):
    """Somebody would undo in accounting what an approved receipt stands for."""
