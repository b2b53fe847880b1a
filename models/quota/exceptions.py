"""Refusals of the room quota."""

from ..system.exceptions import KehuAccessError, KehuUserError


class KehuQuotaError(KehuUserError):
    """A person has opened, searched or exported as many customers as allowed on one day."""


class KehuQuotaGroupError(KehuQuotaError, KehuAccessError):
    """Somebody with a limit would group by phones or e-mails.

    The host tries that to tell which fields can be grouped, and takes an error of access for no.
    """


class KehuQuotaRightsError(KehuAccessError):
    """Somebody who does not administer the CRM would allow more."""
