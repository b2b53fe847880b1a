"""Refusals of the room analysis."""

from ..system.exceptions import KehuAccessError, KehuValidationError


class KehuAnalysisError(KehuValidationError):
    """There is no such analysis, or its conditions contradict themselves."""


class KehuAnalysisRightError(KehuAccessError):
    """The person may not see this analysis, or not do this with it."""
