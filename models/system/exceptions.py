"""Refusals of the room system."""

from odoo.exceptions import AccessError, UserError


class KehuEngineOnlyError(AccessError):
    """Somebody tried to write what only an engine of the CRM writes."""


class KehuBuiltInError(UserError):
    """Somebody tried to delete a built-in role or another record that the CRM itself needs."""
