"""Hands an SMS to the pool's custom sender: the event that Cognito sends, with the code encrypted."""

from __future__ import annotations

import html
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError

from sms_redirect.encryption import Encryption
from sms_redirect.pool_rules.invoke_permission import missing_permission
from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.emulator import functions as emulator_lambda
from sms_redirect.sandbox.incidents import Incident, Incidents
from sms_redirect.sandbox.invocations import Invocations, Job
from sms_redirect.sandbox.pools.flows.directory import Pool, User

NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"  # what Cognito writes for admin calls


@dataclass(frozen=True, slots=True)
class Sms:
    """One SMS to be sent. `secret` is the code, or the temporary password."""

    user: User
    flow: str  # the trigger source without CustomSMSSender_
    secret: str = field(repr=False)
    phone_number: str
    client_id: str | None = None
    client_metadata: Mapping[str, str] | None = None

    @property
    def trigger_source(self) -> str:
        return f"CustomSMSSender_{self.flow}"


class Delivery:
    def __init__(self, invocations: Invocations, incidents: Incidents) -> None:
        self._invocations = invocations
        self._incidents = incidents
        self._encryption = Encryption()

    def send(self, sms: Sms) -> None:
        """Queue it. The API call that caused the SMS never fails for its sender: custom senders run asynchronously."""
        pool = sms.user.pool
        function_arn = pool.get("LambdaConfig", "CustomSMSSender", "LambdaArn")
        if not function_arn:
            self._report(sms, *_no_sender(pool))
            return
        # The event is made now: the user may have changed by the time that a worker gets to it.
        event = _event(sms)
        self._invocations.submit(
            Job(
                function_arn=function_arn,
                region=pool.region,
                event=lambda: self._encrypted(sms, event, function_arn),
                lost=lambda reason: self._report(
                    sms, f"The SMS was not redirected: {reason}", "Look into the sender's log."
                ),
            )
        )

    def _encrypted(self, sms: Sms, event: dict[str, Any], function_arn: str) -> dict[str, Any] | None:
        """The event with its code, or None where Cognito could not have sent it."""
        pool = sms.user.pool
        with emulator.scope(pool.region):
            missing = missing_permission(emulator_lambda.function_policy(function_arn), pool.arn)
        if missing:
            hint = (
                f"Add a permission for principal cognito-idp.amazonaws.com with source ARN {pool.arn} and the account."
            )
            self._report(sms, f"The sender was not invoked: {missing}.", hint)
            return None
        key_arn = str(pool.get("LambdaConfig", "KMSKeyID") or "")
        try:
            code = self._encryption.encrypt(_as_sent(sms), key_arn, pool.id)
        except AWSEncryptionSDKClientError as problem:
            hint = f"Is the key of LambdaConfig.KMSKeyID ({key_arn or 'unset'}) enabled, and may Cognito use it?"
            self._report(sms, f"The code could not be encrypted ({type(problem).__name__}).", hint)
            return None
        event["request"]["code"] = code
        return event

    def _report(self, sms: Sms, reason: str, hint: str) -> None:
        self._incidents.report(
            Incident(
                id=uuid.uuid4().hex,
                at=time.time(),  # as the sender dates its messages, whatever the sandbox's clock says
                reason=reason,
                hint=hint,
                trigger_source=sms.trigger_source,
                user_pool_id=sms.user.pool.id,
                user_name=sms.user.name,
                phone_number=sms.phone_number,
                client_id=sms.client_id,
            )
        )


def _event(sms: Sms) -> dict[str, Any]:
    """The event of DG/user-pool-lambda-custom-sms-sender, its code still open."""
    user = sms.user
    return {
        "version": "1",
        "triggerSource": sms.trigger_source,
        "region": user.pool.region,
        "userPoolId": user.pool.id,
        "userName": user.name,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": sms.client_id or NO_CLIENT},
        "request": {
            "type": "customSMSSenderRequestV1",
            "code": None,
            "clientMetadata": dict(sms.client_metadata) if sms.client_metadata else None,
            "userAttributes": user.attributes | {"phone_number": sms.phone_number, "cognito:user_status": user.status},
        },
        "response": {},
    }


def _as_sent(sms: Sms) -> str:
    # Temporary passwords arrive HTML-escaped; codes never do (developer guide).
    return html.escape(sms.secret, quote=True) if sms.flow == "AdminCreateUser" else sms.secret


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
