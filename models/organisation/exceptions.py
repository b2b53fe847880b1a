"""Refusals of the room organisation."""

from ..system.exceptions import KehuAccessError, KehuUserError


class KehuOrganisationError(KehuUserError):
    """A change of the tree, or the closing of a department, that cannot be made."""


class KehuOrganisationRightsError(KehuAccessError):
    """Somebody without the role asked for the organisation."""


class KehuHandoverError(KehuUserError):
    """A handover that cannot be made or undone."""
