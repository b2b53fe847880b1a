"""Refusals of the room customer."""

from ..system.exceptions import KehuAccessError, KehuUserError, KehuValidationError


class KehuCustomerError(KehuValidationError):
    """A customer or contact would contradict itself."""


class KehuFolderError(KehuValidationError):
    """A favourite folder cannot be kept or used like this."""


class KehuSystemFieldError(KehuAccessError):
    """Somebody tried to write a column that the system keeps."""


class KehuHiddenMemberError(KehuAccessError):
    """Somebody was to join a conversation whom the one who invites may not see."""


class KehuHiddenRecipientError(KehuAccessError):
    """A message was to name somebody whom its writer may not see."""


class KehuPlaceRightsError(KehuAccessError):
    """Somebody without the role tried to change how addresses are entered."""


class KehuAddressLineError(KehuValidationError):
    """A line that was to be taken apart is no address."""


class KehuHiddenLinkError(KehuAccessError):
    """A record was to name a customer or contact whom its writer may not see."""


class KehuHiddenParentError(KehuAccessError):
    """A contact was to be put under a customer whom its writer may not see."""


class KehuPartnerDeletionError(KehuUserError):
    """Somebody tried to delete a customer or contact that must stay."""


class KehuInterestError(KehuValidationError):
    """A product interest would contradict itself."""


class KehuInterestAccessError(KehuAccessError):
    """A product interest was to name what its writer may not see."""


def refuse_system_field(records, name):
    """Refuse a value for a column that the system keeps.

    :param records: of the model, empty or not
    :param str name: of the field
    :raises KehuSystemFieldError: always
    """
    raise KehuSystemFieldError(
        records.env._(
            "“%(field)s” is kept by the system and cannot be written. Change what it follows from instead.",
            field=records._fields[name].get_description(records.env, ["string"])["string"],
        )
    )
