"""How a pool stands towards a stack: what on it is the stack's, and what is the owner's or another stack's."""

from __future__ import annotations

from dataclasses import dataclass

from pool_attachment.key import same_key
from pool_attachment.memory import Memory
from pool_attachment.request import Request
from pool_attachment.settings import Settings


@dataclass(frozen=True)
class Standing:
    """One reading of a pool beside the request that looks at it."""

    settings: Settings
    request: Request
    remembered: Memory

    @classmethod
    def of(cls, settings: Settings, request: Request) -> Standing:
        return cls(settings, request, Memory.read(settings.tags))

    @property
    def tagged(self) -> bool:
        """The pool says itself that this stack attached."""
        return self.remembered.stack == self.request.attachment.stack

    @property
    def carries_our_trigger(self) -> bool:
        """By function: one that this resource named, or that the pool remembers as ours. Tags can be edited away."""
        ours = set(self.request.sender_arns)
        if self.tagged and self.remembered.sender:
            ours.add(self.remembered.sender)
        return self.settings.sms_sender_arn in ours

    @property
    def carries_our_tags(self) -> bool:
        if self.remembered.stack:
            return self.tagged
        return self.remembered.sender in self.request.sender_arns

    @property
    def carries_other_redirect(self) -> bool:
        return bool(self.remembered.stack) and not self.tagged and not self.carries_our_trigger

    @property
    def carries_brought_key(self) -> bool:
        """The pool's key came with the redirect. With its tag gone: one that the stack made came by it, too."""
        brought = self.remembered.brought_key
        if not brought and self.request.attachment.key_is_ours and not self.remembered.previous:
            brought = self.request.attachment.key_arn
        return same_key(self.settings.key, brought)
