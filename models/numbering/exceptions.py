"""Refusals of the room numbering."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuNumberingError(KehuValidationError):
    """A number series would make numbers that nobody can read, that are too long, or that come twice."""


class KehuNumberingBusyError(KehuUserError):
    """Numbers are being drawn from the series at this very moment."""


class KehuNumberingRightError(KehuAccessError):
    """The person may not change this number series."""


class KehuNumberStaysError(KehuValidationError):
    """Somebody would change a number that a record bears already."""
