"""Refusals of the room quota."""

from ..system.exceptions import KehuAccessError, KehuUserError


class KehuQuotaError(KehuUserError):
    """A person has opened, searched or exported as many customers as allowed on one day."""


class KehuQuotaRightsError(KehuAccessError):
    """Somebody who does not administer the CRM would allow more."""
