"""Refusals of the room printing."""

from ..system.exceptions import KehuUserError, KehuValidationError


class KehuPrintLayoutError(KehuValidationError):
    """A layout holds what cannot be printed; the sentence tells line and place."""


class KehuPrintChoiceError(KehuUserError):
    """A layout was chosen that does not fit what is printed."""
