"""Refusals of the room credit."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuCreditLimitError(KehuUserError):
    """An order would take its customer above the credit limit."""


class KehuCreditValueError(KehuValidationError):
    """What was entered as a credit limit is none."""


class KehuCreditRightError(KehuAccessError):
    """The person may not set a credit limit."""


class KehuStatementError(KehuUserError):
    """A statement of account cannot be made from what was chosen."""


class KehuStatementRightError(KehuAccessError):
    """The person may not see the account of this customer."""


class KehuDunningError(KehuUserError):
    """A dunning letter is not in the state for the step, or a level or a hold contradicts itself."""


class KehuDunningRightError(KehuAccessError):
    """The person may not send or cancel dunning letters, or hold the dunning, of this customer."""


class KehuDunningInUseError(KehuUserError):
    """A level with letters was to be deleted."""
