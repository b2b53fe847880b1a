"""Refusals of the room importer."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuImportTemplateError(KehuValidationError):
    """A template names a field that an import cannot fill."""


class KehuImportFileError(KehuUserError):
    """The file as a whole cannot be imported: unreadable, or its columns do not fit the template."""


class KehuImportStateError(KehuUserError):
    """The batch cannot do this any more: it was imported already, or is being imported by somebody else."""


class KehuImportRightError(KehuAccessError):
    """Somebody wants a template or an export to do more than they may do by hand."""


class KehuImportNameError(KehuValidationError):
    """A word of a workbook names nothing, or names what it may not: a code, a login, a tax."""


class KehuImportAccountError(KehuAccessError):
    """Somebody wants to give a role or an account beyond their own rights."""
