"""Refusals of the room product."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuCategoryCodeError(KehuValidationError):
    """The code of a category is too long or holds what no code holds."""


class KehuPictureFileError(KehuUserError):
    """A file of pictures is none, is too large, or was made to do harm."""


class KehuPictureRightsError(KehuAccessError):
    """Somebody who may not change products wants to give them pictures."""
