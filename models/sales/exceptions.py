"""Refusals of the room sales."""

from odoo.exceptions import UserError


class KehuOrderError(UserError):
    """A quote or order cannot take this step."""


class KehuOrderApprovalError(KehuOrderError):
    """An order was to be confirmed without its approval."""
