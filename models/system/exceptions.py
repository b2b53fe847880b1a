"""Refusals of the room system."""

from odoo.exceptions import AccessError, UserError, ValidationError

# The web client picks its dialog by the exact name of the exception; for a class of ours it looks into `context`. Without it a person
# would read "Oops, something went wrong" instead of the sentence. `kehu_refusal` chooses the title of the dialog, in
# static/src/system/refusal_titles.js. Every refusal of ours stands on one of these three.


class KehuUserError(UserError):
    """A refusal of ours that the person can do something about."""

    context = {"exception_class": "odoo.exceptions.UserError", "kehu_refusal": "step"}


class KehuAccessError(AccessError):
    """A refusal of ours for want of a right."""

    context = {"exception_class": "odoo.exceptions.AccessError", "kehu_refusal": "right"}


class KehuValidationError(ValidationError):
    """A refusal of ours because of what was entered."""

    context = {"exception_class": "odoo.exceptions.ValidationError", "kehu_refusal": "entry"}


class KehuEngineOnlyError(KehuAccessError):
    """Somebody tried to write what only an engine of the CRM writes."""


class KehuBuiltInError(KehuUserError):
    """Somebody tried to delete a built-in role or another record that the CRM itself needs."""


class KehuNameError(KehuValidationError):
    """A word to choose from has no name, or one that another bears already."""


class KehuConfigurationError(KehuUserError):
    """A file is no configuration, or what it says cannot be set here."""


class KehuLoginRightsError(KehuAccessError):
    """Somebody who is no CRM administrator looked after the logins of others."""


class KehuPasswordError(KehuUserError):
    """A password that the rules of the company do not accept."""


class KehuUsedError(KehuUserError):
    """Somebody tried to delete what other records refer to."""
