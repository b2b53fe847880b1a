"""Refusals of the room lookup."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuLookupRightsError(KehuAccessError):
    """This person may not use the public search."""


class KehuLookupTermError(KehuValidationError):
    """What was typed is too short, too long or no search term at all."""


class KehuLookupLimitError(KehuUserError):
    """This person has searched as often as the policy allows on one day."""
