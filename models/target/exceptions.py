"""Refusals of the room target."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuTargetError(KehuValidationError):
    """A target contradicts itself."""


class KehuTargetTwiceError(KehuTargetError):
    """There is a target for the same person or department, period and metric already."""


class KehuTargetRightError(KehuAccessError):
    """The person may not set this target."""


class KehuTargetSplitError(KehuUserError):
    """A target cannot be split this way."""
