"""Everything that can go wrong while a pool is attached or detached."""

from __future__ import annotations


class AttachmentError(Exception):
    """Base of this package's errors. Its text is what CloudFormation or a terminal shows, so it says what to do."""


class UnreadableRequestError(AttachmentError):
    """The custom resource's event lacks a member, or one has an unusable value."""


class NotServedError(AttachmentError):
    """The event is not about the stack and the sender function that this function was deployed for."""


class RefusedError(AttachmentError):
    """The pool must not be changed: it is someone else's, the key does not fit, or a setting is not understood."""


class PoolGoneError(AttachmentError):
    """The user pool does not exist."""


class DeniedError(AttachmentError):
    """A permission is missing. Right after a deployment it may only not have reached every part of AWS yet."""


class ExplicitlyDeniedError(DeniedError):
    """A policy denies the call by name, such as a service control policy: no waiting helps."""


class SmsRoleError(AttachmentError):
    """Cognito cannot use the pool's SMS role. If the role is new, IAM may only not have spread it yet."""


class RejectedError(AttachmentError):
    """AWS refused a call for a reason that waiting does not cure."""


class TransientError(AttachmentError):
    """AWS failed in a way that may pass: throttled, busy, a timeout, a 5xx.

    `may_have_landed` is true when the request could have taken effect although no response came.
    """

    def __init__(self, text: str, *, may_have_landed: bool) -> None:
        super().__init__(text)
        self.may_have_landed = may_have_landed


class ChangedError(AttachmentError):
    """After the update the pool is not as it was asked to be."""


class ContestedError(AttachmentError):
    """Somebody else changes the same settings of the pool at the same time."""


class IncompleteError(AttachmentError):
    """An attach failed after it had begun to change the pool. `reason` says what was undone, and what was not.

    `next_step`: what finishes the job, if something was not.
    """

    def __init__(self, reason: str, next_step: str = "") -> None:
        super().__init__(f"{reason} {next_step}".rstrip())
        self.reason, self.next_step = reason, next_step


class UndeliveredError(AttachmentError):
    """CloudFormation's response URL could not be reached. Never carries the URL, which is pre-signed."""


class OutOfTimeError(BaseException):
    """The function is about to reach its own timeout.

    Not an Exception: botocore wraps those in its own, and a retry loop would swallow it.
    """
