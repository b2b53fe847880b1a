"""Refusals of the room followup."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuContactRecordError(KehuValidationError):
    """A contact record would contradict itself or its customer."""


class KehuContactRecordRightsError(KehuAccessError):
    """This person may not write contact records for this customer, or in somebody else's name."""


class KehuContactRecordDeletionError(KehuUserError):
    """This contact record must stay."""
