"""Refusals of the room duplicate."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuDuplicateError(KehuValidationError):
    """A rule blocks this customer, since it is known already."""


class KehuDuplicateLimitError(KehuUserError):
    """This person has typed as many phones and e-mails as are compared with all customers on one day."""


class KehuDuplicateRuleError(KehuValidationError):
    """A rule contradicts itself, or asks for what its field cannot do."""


class KehuDuplicateRightsError(KehuAccessError):
    """This person may not look for duplicates, or not decide about them."""


class KehuDuplicateSearchError(KehuUserError):
    """A search or a group of duplicates is not where this step needs it."""


class KehuDuplicateSignupError(KehuUserError):
    """A visitor who signs up is known already by a blocking rule; the sentence says nothing of whom."""


class KehuDuplicateMergeError(KehuUserError):
    """Customers cannot become one like this."""
