"""Messages that reached nobody, and calls that are not simulated: incidents that the inbox shows."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any

from sms_redirect.sandbox.cognito.messages.message import Message
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.incidents import Incident, Incidents
from sms_sender.preview import Preview


class Trouble:
    def __init__(self, incidents: Incidents) -> None:
        self._incidents = incidents

    def not_redirected(self, message: Message, reason: str, sms_id: str | None, log: str) -> str:
        """`reason` may hold the words of a function, which knows the code. `sms_id`: None if the sender gives none.
        `log`: the command that shows the function's log.

        Like the others here, it returns the incident's id.
        """
        if message.secret:
            reason = reason.replace(message.secret, "***")
        text = f"The {_noun(message)} was not redirected: {reason}"
        return self._report(message, text, f"The sender's log may say more: {log}", sms_id=sms_id)

    def not_invoked(self, message: Message, missing: str) -> str:
        hint = (
            f"Add a permission for principal cognito-idp.amazonaws.com with source ARN {message.pool.arn} and the"
            " account."
        )
        return self._report(message, f"The sender was not invoked: {missing}.", hint)

    def not_encrypted(self, message: Message, error: Exception, key_arn: str) -> str:
        hint = f"Is the key of LambdaConfig.KMSKeyID ({key_arn or 'unset'}) enabled, and may Cognito use it?"
        return self._report(message, f"The code could not be encrypted ({error}).", hint)

    def would_reach_the_phone(self, message: Message, sms: Preview) -> None:
        """A pool without a custom SMS sender: what the phone would have got."""
        self._report(message, *_no_sender(message.pool), sms=sms)

    def not_simulated(self, operation: str, why: str, request: Mapping[str, Any]) -> None:
        self._incidents.report(
            Incident(
                id=uuid.uuid4().hex,
                at=time.time(),
                reason=f"{operation} is not simulated: {why}.",
                hint="See the table of operations in docs/fidelity.md for what is.",
                trigger_source=operation,
                user_pool_id=str(request.get("UserPoolId", "")),
                user_name=str(request.get("Username", "")),
                phone_number=None,
                client_id=request.get("ClientId"),
            )
        )

    def _report(
        self, message: Message, reason: str, hint: str, sms_id: str | None = None, sms: Preview | None = None
    ) -> str:
        to_phone = message.destination.medium == "SMS"
        identity = sms_id or uuid.uuid4().hex
        self._incidents.report(
            Incident(
                id=identity,
                at=time.time(),  # as the sender dates its messages, whatever the sandbox's clock says
                reason=reason,
                hint=hint,
                trigger_source=message.trigger_source,
                user_pool_id=message.pool.id,
                user_name=message.user.name,
                phone_number=message.destination.address if to_phone else message.user.phone_number,
                client_id=message.client_id,
                sms=sms,
                email=None if to_phone else message.destination.address,
            )
        )
        return identity


def _noun(message: Message) -> str:
    return "SMS" if message.destination.medium == "SMS" else "email"


def _no_sender(pool: Pool) -> tuple[str, str]:
    if pool.get("SmsConfiguration"):
        return (
            "The pool has no custom SMS sender: on AWS this SMS would have gone to the real phone.",
            "Deploy the stack with the pool's id to redirect it.",
        )
    return (
        "The pool has neither a custom SMS sender nor an SMS configuration.",
        "Give it SmsConfiguration, or deploy the stack.",
    )
