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
    def carries_our_tags(self) -> bool:
        """The pool says itself that this stack attached, or names our function: the owner may edit either tag."""
        return self._names_our_stack or self.remembered.sender in self.request.sender_arns

    @property
    def carries_our_trigger(self) -> bool:
        """By function: one that this resource named, or that the pool remembers as ours."""
        ours = set(self.request.sender_arns)
        if self._names_our_stack and self.remembered.sender:
            ours.add(self.remembered.sender)
        return self.settings.sms_sender_arn in ours

    @property
    def is_ours(self) -> bool:
        return self.carries_our_tags or self.carries_our_trigger

    @property
    def carries_other_redirect(self) -> bool:
        return bool(self.remembered.stack) and not self.is_ours

    @property
    def _names_our_stack(self) -> bool:
        return self.remembered.stack == self.request.attachment.stack

    @property
    def carries_brought_key(self) -> bool:
        """The pool's key came with the redirect. With its tag gone: one that the stack made came by it, too."""
        brought = self.remembered.brought_key
        if not brought and self.request.attachment.key_is_ours and not self.remembered.previous:
            brought = self.request.attachment.key_arn
        return same_key(self.settings.key, brought)
