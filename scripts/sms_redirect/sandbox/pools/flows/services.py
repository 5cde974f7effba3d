"""What the flows share: time, codes, limits, sessions and the way to the sender."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.dispatch import Call
from sms_redirect.sandbox.emulator import cognito as emulator_cognito
from sms_redirect.sandbox.pools.flows.codes import Codes, Key
from sms_redirect.sandbox.pools.flows.delivery import Delivery, Sms
from sms_redirect.sandbox.pools.flows.directory import User
from sms_redirect.sandbox.pools.flows.limits import Limits
from sms_redirect.sandbox.pools.flows.sessions import Sessions


@dataclass(frozen=True, slots=True)
class Services:
    clock: Clock
    codes: Codes
    limits: Limits
    sessions: Sessions
    delivery: Delivery

    def send_code(
        self,
        call: Call,
        user: User,
        flow: str,
        key: Key,
        *,
        phone_number: str | None = None,
        digits: int = 6,
        valid_for: float,
    ) -> None:
        """Issue a code and send it, to the user's own number unless another is given.

        Client metadata goes along as Cognito passes it: from every operation but InitiateAuth and AdminInitiateAuth.
        """
        number = phone_number or user.phone_number or ""
        code = self.codes.issue(key, number, digits=digits, valid_for=valid_for)
        self.delivery.send(Sms(user, flow, code, number, _client_id(call), client_metadata(call)))


def client_metadata(call: Call) -> Mapping[str, str] | None:
    if call.action in ("InitiateAuth", "AdminInitiateAuth"):
        return None
    metadata: Mapping[str, str] | None = call.request.get("ClientMetadata")
    return metadata


def _client_id(call: Call) -> str | None:
    # Admin operations name a client at most to sign in with it.
    if call.action.startswith("Admin") and not call.action.endswith(("InitiateAuth", "RespondToAuthChallenge")):
        return None
    if "AccessToken" in call.request:
        return emulator_cognito.client_of_token(call.request["AccessToken"])
    client_id: str | None = call.request.get("ClientId")
    return client_id
