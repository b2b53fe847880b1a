"""Refusals of the room role."""

from ..system.exceptions import KehuAccessError, KehuUserError


class KehuRoleRightsError(KehuAccessError):
    """Somebody who is no CRM administrator asked about the rights of others, or changed them."""


class KehuRoleError(KehuUserError):
    """A role that cannot be made as it is described."""
