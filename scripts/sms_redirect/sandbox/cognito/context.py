"""What the flows share: time, state, tokens, triggers, and the way to users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.messages.message import Flow, Message
from sms_redirect.sandbox.cognito.messages.outbox import Outbox
from sms_redirect.sandbox.cognito.messages.trouble import Trouble
from sms_redirect.sandbox.cognito.rules.addresses import Destination
from sms_redirect.sandbox.cognito.state.codes import Codes, Purpose
from sms_redirect.sandbox.cognito.state.limits import Limits
from sms_redirect.sandbox.cognito.state.lockouts import Lockouts
from sms_redirect.sandbox.cognito.state.sessions import Sessions
from sms_redirect.sandbox.cognito.state.tokens import Tokens
from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.cognito.triggers import Triggers
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.faults import Fault

NOT_PASSED_ON = ("InitiateAuth", "AdminInitiateAuth")


class Iam(Protocol):
    """What IAM says about pools beside the operation itself: permissions of the caller, and an SMS role that works."""

    def check_caller(self, headers: Mapping[str, str], settings: Mapping[str, Any]) -> None: ...

    def check_sms_role(self, settings: Mapping[str, Any], region: str, pool_id: str | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Context:
    account: str
    default_region: str
    clock: Clock
    store: Store
    codes: Codes
    limits: Limits
    lockouts: Lockouts
    sessions: Sessions
    tokens: Tokens
    triggers: Triggers
    outbox: Outbox
    trouble: Trouble
    iam: Iam
    pool_fault: Fault

    async def send_code(  # noqa: PLR0917 - what a code is for and where it goes
        self,
        call: Call,
        pool: Pool,
        user: User,
        flow: Flow,
        purpose: Purpose,
        destination: Destination,
        *,
        client_id: str | None,
        digits: int = 6,
        valid_for: float,
    ) -> dict[str, str]:
        """Issue a code and send it. Returns `CodeDeliveryDetails`."""
        code = self.codes.issue(purpose, destination.address, digits=digits, valid_for=valid_for)
        metadata = metadata_for_senders(call)
        await self.outbox.send(Message(pool, user, flow, code, destination, client_id, metadata))
        return destination.details


def metadata_for_senders(call: Call) -> Mapping[str, str]:
    """Client metadata goes along from every operation but InitiateAuth and AdminInitiateAuth (API InitiateAuth)."""
    return {} if call.operation in NOT_PASSED_ON else call.client_metadata
