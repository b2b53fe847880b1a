"""Refusals of the room call."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuPhoneCallError(KehuValidationError):
    """A call would contradict itself or its customer."""


class KehuPhoneCallRightsError(KehuAccessError):
    """This person may not log calls with this customer, or in somebody else's name."""


class KehuPhoneCallDeletionError(KehuUserError):
    """This call must stay."""


class KehuCallListError(KehuValidationError):
    """A call list would contradict itself."""


class KehuCallListRightsError(KehuAccessError):
    """This person may not do that with a call list, or may not give calls to that caller."""


class KehuCallListStateError(KehuUserError):
    """The call list is not in the state in which this can be done."""


class KehuCallLineError(KehuUserError):
    """The customer on a call list cannot be called, or logged, now."""
