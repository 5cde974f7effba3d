"""Everything that can go wrong while a pool is attached or given back."""

from __future__ import annotations


class AttachmentError(Exception):
    """Base of this package's errors. Its text is what CloudFormation shows, so it names a way out."""


class UnreadableRequestError(AttachmentError):
    """The custom resource's event lacks a member, or one has an unusable value."""


class RefusedError(AttachmentError):
    """The pool must not be changed: it is someone else's, the key does not fit, or a setting is not understood."""


class PoolGoneError(AttachmentError):
    """The user pool does not exist."""


class DeniedError(AttachmentError):
    """The function's role lacks a permission."""


class RejectedError(AttachmentError):
    """AWS refused a call for a reason that waiting does not cure."""


class PassingError(AttachmentError):
    """AWS failed in a way that may pass: throttled, busy, IAM not propagated yet, a timeout, a 5xx.

    `may_have_landed` is true when the request could have taken effect although no answer came.
    """

    def __init__(self, text: str, *, may_have_landed: bool) -> None:
        super().__init__(text)
        self.may_have_landed = may_have_landed


class ChangedError(AttachmentError):
    """After the update the pool differs in more than the trigger and our tags."""


class UnansweredError(AttachmentError):
    """CloudFormation's answer address could not be reached. Never carries the address: it is a pre-signed URL."""


class OutOfTimeError(BaseException):
    """The function is about to reach its own timeout.

    No Exception: botocore wraps those in its own, and a retry loop would swallow it.
    """
