"""What on a pool is this stack's, and what is its owner's or another stack's."""

from __future__ import annotations

from dataclasses import dataclass

from pool_attachment.key import same_key
from pool_attachment.request import Request
from pool_attachment.settings import Settings
from pool_attachment.tags import RedirectTags, Sender


@dataclass(frozen=True)
class Ownership:
    """One reading of a pool beside the request that looks at it."""

    settings: Settings
    request: Request
    tags: RedirectTags

    @classmethod
    def of(cls, settings: Settings, request: Request) -> Ownership:
        return cls(settings, request, RedirectTags.read(settings.tags))

    @property
    def our_tags(self) -> bool:
        """The pool's tags name this stack or its function: the owner may have edited either."""
        return (
            self.tags.stack == self.request.attachment.stack
            or self.tags.sender in self.request.sender_arns
            or self.former_sender
        )

    @property
    def former_sender(self) -> bool:
        """The tags name a function that the request calls a former one of this stack, and no other stack."""
        other_stack = (self.tags.stack or "").startswith("arn:") and self.tags.stack != self.request.attachment.stack
        return self.tags.sender in self.request.former_sender_arns and not other_stack

    @property
    def our_trigger(self) -> bool:
        """By function: the one that this stack has now, or the one that the pool's tags say is ours.

        An event alone cannot make a function ours: the owner's own sender could be passed off as our former one.
        """
        function = self.settings.sms_sender_arn
        return function in self.request.sender_arns or bool(function and function == self.tags.sender and self.our_tags)

    @property
    def ours(self) -> bool:
        return self.our_tags or self.our_trigger

    @property
    def other_redirect(self) -> str | None:
        """The other stack whose redirect the pool carries."""
        return self.tags.stack if self.tags.stack and not self.ours else None

    @property
    def other_claim(self) -> str | None:
        """The other stack that is about to attach."""
        claim = self.tags.attaching
        return claim if claim != self.request.attachment.stack and not self.ours else None

    @property
    def our_claim(self) -> bool:
        return self.tags.attaching == self.request.attachment.stack

    @property
    def previous(self) -> Sender | None:
        """The sender that the redirect replaces, or would replace now."""
        return self.tags.previous if self.our_trigger else Sender.read(self.settings.sms_sender)

    @property
    def brought_key(self) -> bool:
        """The pool's key came with the redirect. Without a true word in its tag: a key that the stack made did so."""
        attachment, key = self.request.attachment, self.settings.key
        made = attachment.key_is_ours and not self.previous and same_key(key, attachment.key_arn)
        return made or same_key(key, self.tags.brought_key)
