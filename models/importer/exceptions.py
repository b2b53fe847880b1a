"""Refusals of the room importer."""

from odoo.exceptions import UserError, ValidationError


class KehuImportTemplateError(ValidationError):
    """A template names a field that an import cannot fill."""


class KehuImportFileError(UserError):
    """The file as a whole cannot be imported: unreadable, or its columns do not fit the template."""


class KehuImportStateError(UserError):
    """The batch cannot do this any more: it was imported already, or is being imported by somebody else."""
