"""Refusals of the room pool."""

from ..system.exceptions import KehuUserError


class KehuOwnershipError(KehuUserError):
    """A customer cannot change hands this way."""


class KehuOwnershipRightsError(KehuOwnershipError):
    """This person may not make this change of owner."""


class KehuOwnershipStateError(KehuOwnershipError):
    """The customer is not where this change needs it: owned instead of in a pool, or the other way round."""


class KehuOwnershipTargetError(KehuOwnershipError):
    """The person or pool the customer should go to cannot have it."""


class KehuOwnershipLockError(KehuOwnershipError):
    """Somebody else is changing the customer at this very moment."""


class KehuPoolError(KehuUserError):
    """A pool cannot be changed this way."""


class KehuOwnershipLimitError(KehuOwnershipError):
    """The person has as many customers, or has claimed as many today, as the pool allows."""


class KehuOwnershipCooldownError(KehuOwnershipError):
    """The customer cannot be taken out of the pool yet: by its former owner, or by anybody."""
