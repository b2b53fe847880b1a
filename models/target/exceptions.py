"""Refusals of the room target."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuTargetError(KehuValidationError):
    """A target contradicts itself."""


class KehuTargetTwiceError(KehuTargetError):
    """There is a target for the same person or department, period and metric already."""


class KehuTargetRightError(KehuAccessError):
    """The person may not set this target."""


class KehuTargetSplitError(KehuUserError):
    """A target cannot be split this way."""


class KehuCommissionError(KehuValidationError):
    """A commission, or a rule of commissions, contradicts itself or another one."""


class KehuCommissionStateError(KehuUserError):
    """The step is not possible in the present state of the commission."""


class KehuCommissionRightError(KehuAccessError):
    """The person may not compute commissions."""


class KehuBudgetError(KehuValidationError):
    """A budget contradicts itself, or is there already."""
