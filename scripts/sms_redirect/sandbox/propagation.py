"""IAM takes time: a policy counts, or no longer counts, only some seconds after it was made, changed or taken away.

AWS: "changes that I make are not always immediately visible", IAM user guide, troubleshoot_general. CloudFormation's
CREATE_COMPLETE of a policy does not prove that it has spread: docs/cognito-facts.md, "Permissions".

Only identity policies (inline and managed, of roles and users) are held back. Resource policies count at once: for
Lambda's, AWS documents no delay; for KMS's, "a few seconds" (KMS developer guide, accessing-kms-consistency).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.emulator import iam, stacks
from sms_redirect.sandbox.emulator.iam import Policies, Principal
from sms_redirect.sandbox.harshness import LONGEST, Harshness


class Propagation:
    """Everybody's policies over time. `seen` is what IAM's evaluation goes by."""

    def __init__(self, clock: Clock, harshness: Harshness) -> None:
        self._clock = clock
        self._harshness = harshness
        self._history: dict[Principal, list[tuple[float, Policies]]] = {}
        self._lock = threading.Lock()

    def install(self) -> None:
        """Stand between the emulator's policies and its evaluation of them."""
        iam.replace_gathering(self.seen)
        iam.after_changes(self.note)
        stacks.before_first_use(lambda: stacks.after_steps("AWS::IAM::", self.note))

    def note(self) -> None:
        """Remember what has changed since the last time, as having changed now."""
        self.remember(iam.account(), iam.policies_by_principal())

    def remember(self, account: str, policies: Mapping[Principal, Policies]) -> None:
        """`policies`: everybody's of the account; those who are not among them have none any more."""
        with self._lock:
            gone = {each for each in self._history if each.account == account} - policies.keys()
            for principal in gone:
                self._add(principal, [])
            for principal, current in policies.items():
                self._add(principal, current)

    def seen(self, principal: Principal, current: Policies) -> Policies:
        """The policies that count for somebody who has `current` ones."""
        if not self._harshness.iam:
            return current
        with self._lock:
            history = self._add(principal, current)
            before = self._clock.now() - self._harshness.iam
            return next((policies for since, policies in reversed(history) if since <= before), [])

    def _add(self, principal: Principal, current: Policies) -> list[tuple[float, Policies]]:
        history = self._history.setdefault(principal, [])
        if (history[-1][1] if history else []) != current:
            now = self._clock.now()
            del history[: max(0, sum(since <= now - LONGEST for since, _ in history) - 1)]
            history.append((now, current))
        return history
