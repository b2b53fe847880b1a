"""Refusals of the room mask."""

from ..system.exceptions import KehuAccessError, KehuUserError


class KehuHiddenError(KehuAccessError):
    """Somebody would read, search, group, export or print what all their roles hide."""


class KehuStarsError(KehuUserError):
    """A number or an address with stars would be saved in place of the one that the stars stand for."""
