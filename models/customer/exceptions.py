"""Refusals of the room customer."""

from odoo.exceptions import ValidationError


class KehuCustomerError(ValidationError):
    """A customer or contact would contradict itself."""
