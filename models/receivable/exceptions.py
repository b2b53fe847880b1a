"""Refusals of the room receivable."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuReceiptError(KehuValidationError):
    """A receipt contradicts itself or its orders."""


class KehuOverAllocationError(KehuReceiptError):
    """More would be collected for an order than it still owes, or more allocated than the receipt brings."""


class KehuAdvanceError(KehuReceiptError):
    """A use or refund of an advance contradicts itself, its receipt or its orders."""


class KehuReceiptStateError(KehuUserError):
    """The step is not possible in the present state of the receipt."""


class KehuReceiptRightError(KehuAccessError):
    """The person may not take this step on a receipt."""


class KehuReceiptUnclaimedError(KehuUserError):
    """The customer of a receipt is in the pool; it has to be claimed first."""


class KehuReceiptInUseError(KehuUserError):
    """What a receipt stands on cannot be deleted."""


class KehuReceiptPostingError(KehuUserError):
    """The accounting has no way to post or to reverse the payment of a receipt."""


class KehuReceiptLedgerError(KehuUserError):
    """Somebody would undo in accounting what an approved receipt stands for."""


class KehuInstalmentError(KehuValidationError):
    """A part of a payment plan contradicts itself or its document."""


class KehuInstalmentSumError(KehuInstalmentError):
    """The parts of a plan do not add up to their order or contract."""


class KehuInstalmentPaidError(KehuUserError):
    """A part on which money came was to be changed, or that money was to go to another part."""


class KehuInstalmentStateError(KehuUserError):
    """The plan cannot be changed, or nothing be collected, in the present state of its order or contract."""


class KehuInstalmentRightError(KehuAccessError):
    """Somebody named an order or contract that is not theirs to see."""
