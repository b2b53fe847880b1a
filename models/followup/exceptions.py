"""Refusals of the room followup."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuContactRecordError(KehuValidationError):
    """A contact record would contradict itself or its customer."""


class KehuContactRecordRightsError(KehuAccessError):
    """This person may not write contact records for this customer, or in somebody else's name."""


class KehuContactRecordDeletionError(KehuUserError):
    """This contact record must stay."""


class KehuContactPlanError(KehuValidationError):
    """A next contact was to be moved to a day, or for a customer, that makes no sense."""


class KehuContactPlanRightsError(KehuAccessError):
    """Somebody was to move the next contact of a customer they do not look after."""


class KehuScheduleError(KehuValidationError):
    """An entry of the schedule was to be completed without a word of what was done, or one that is no more."""


class KehuScheduleRightsError(KehuAccessError):
    """Somebody was to complete an entry in which they take no part."""


class KehuScheduleCompletedError(KehuUserError):
    """A completed entry stays as it is: it is not completed again, changed, archived or deleted."""


class KehuScheduleLockError(KehuUserError):
    """Somebody else is completing the same entry at this moment."""
