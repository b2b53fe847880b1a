"""Refusals of the room customer."""

from odoo.exceptions import AccessError, UserError, ValidationError


class KehuCustomerError(ValidationError):
    """A customer or contact would contradict itself."""


class KehuSystemFieldError(AccessError):
    """Somebody tried to write a column that the system keeps."""


class KehuPartnerDeletionError(UserError):
    """Somebody tried to delete a customer or contact that must stay."""
