"""Refusals of the room followup."""

from odoo.exceptions import AccessError, UserError, ValidationError


class KehuContactRecordError(ValidationError):
    """A contact record would contradict itself or its customer."""


class KehuContactRecordRightsError(AccessError):
    """This person may not write contact records for this customer, or in somebody else's name."""


class KehuContactRecordDeletionError(UserError):
    """This contact record must stay."""
