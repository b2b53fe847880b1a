"""Refusals of the room approval."""

from ..system.exceptions import KehuUserError, KehuValidationError


class KehuApprovalError(KehuUserError):
    """A document cannot be submitted, withdrawn or decided as it is."""


class KehuApprovalTransitionError(KehuApprovalError):
    """The document is not in a state from which this step is possible, for instance it was decided already."""


class KehuApprovalDeciderError(KehuApprovalError):
    """This person may not decide on this document, or not withdraw it."""


class KehuApprovalOpinionError(KehuApprovalError):
    """A rejection without an opinion."""


class KehuApprovalBusyError(KehuApprovalError):
    """Somebody else is deciding on the same document at this moment."""


class KehuApprovalFrozenError(KehuApprovalError):
    """A pending or approved document, or one of its lines, was to be changed or deleted."""


class KehuApprovalActivityError(KehuApprovalError):
    """The activity of an approver was to be closed or changed while the document still waits for them."""


class KehuApprovalMergeError(KehuApprovalError):
    """A partner of a pending document was to be merged into another one."""


class KehuApprovalTargetError(KehuApprovalError):
    """A document was to be forwarded, or a signatory added, and the person named cannot decide on it."""


class KehuApprovalStepError(KehuApprovalError):
    """A document was to be sent back to a step that is none of its earlier ones."""


class KehuApprovalDeputyError(KehuValidationError):
    """A deputy who could never decide."""


class KehuApprovalFlowError(KehuValidationError):
    """A flow that could never work: no model with approval, a broken condition, no step."""


class KehuApprovalToleranceError(KehuApprovalFrozenError):
    """A change of an approved document went beyond what its flow tolerates without a new round."""


class KehuApprovalNamedError(KehuApprovalFrozenError):
    """Something was to be deleted that a pending or approved document names or hangs on."""


class KehuApprovalGateError(KehuApprovalError):
    """A document was to get where only approved ones may be."""


class KehuApprovalDocumentError(KehuValidationError):
    """A set-up of a kind of document that could never work."""
