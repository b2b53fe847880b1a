"""Refusals of the room contract."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuContractError(KehuValidationError):
    """A contract contradicts itself or its customer."""


class KehuContractNumberError(KehuContractError):
    """The number of a contract is missing, or another contract of the company bears it."""


class KehuContractOrderError(KehuContractError):
    """An order does not belong into a contract, or cannot come or go in its present state."""


class KehuContractStateError(KehuUserError):
    """The step is not possible in the present state of the contract."""


class KehuContractRightError(KehuAccessError):
    """The person may not take this step on a contract."""


class KehuContractInUseError(KehuUserError):
    """What a contract stands on, or a contract that was once in force, was to be deleted."""
