"""Refusals of the room workbench."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuWorkbenchLockedError(KehuUserError):
    """Somebody was to arrange a workbench that the administrator arranges for everybody of their role."""


class KehuWorkbenchLayoutError(KehuValidationError):
    """What should be an arrangement of panels is none."""


class KehuWorkbenchRightsError(KehuAccessError):
    """Somebody without a role in the CRM asked for the workbench, or arranged it for others without being an administrator."""


class KehuNoticeError(KehuValidationError):
    """A notice cannot be kept, or read, like this."""


class KehuCardError(KehuValidationError):
    """A card cannot be kept, or made a customer, like this."""
