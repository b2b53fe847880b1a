"""Refusals of the room sales."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuOrderError(KehuUserError):
    """A quote or order cannot take this step."""


class KehuOrderNumberError(KehuValidationError):
    """A price, a quantity or a limit is no number, or one that no field holds."""


class KehuOrderApprovalError(KehuOrderError):
    """An order was to be confirmed without its approval."""


class KehuCustomerAccessError(KehuAccessError):
    """A document was to be made for a customer whom this person may not see."""


class KehuUnclaimedCustomerError(KehuUserError):
    """A document was to be made for a customer who waits in a pool."""


class KehuOrderRightError(KehuAccessError):
    """Somebody outside the line of an order's owner was to cancel, reopen or move it on."""


class KehuOwnersMergeError(KehuUserError):
    """Customers of two owners were to become one."""


class KehuOrderDeletionError(KehuAccessError):
    """Somebody was to delete an order that is not theirs to delete."""


class KehuOpportunityDeletionError(KehuUserError):
    """An opportunity was to be deleted whose quotes or orders forbid it."""


class KehuShipmentError(KehuUserError):
    """Goods cannot be shipped or signed for like this."""


class KehuShipmentQuantityError(KehuValidationError):
    """More was to be shipped than is left, or less than nothing."""


class KehuShipmentDateError(KehuValidationError):
    """A shipment or receipt on a day on which it cannot have happened."""


class KehuContactFormError(KehuValidationError):
    """The web form was to give its leads to a sales team that cannot have them."""
