"""Refusals of the room backup."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuBackupRightsError(KehuAccessError):
    """Somebody who is not both an administrator of the server's settings and of the CRM, for all companies."""


class KehuBackupIdentityError(KehuAccessError):
    """Somebody came with a key or from outside a session, where no password can be asked for."""


class KehuBackupError(KehuUserError):
    """What was asked for cannot be done with this backup now."""


class KehuBackupNameError(KehuValidationError):
    """The name of a database is not the one that must be typed, or none that a new database may bear."""
