"""`--probe`: one made-up code through the real sender, and who it passed on its way.

The code is encrypted as Cognito does, and the function invoked as Lambda invokes it for Cognito. The trigger source is
one that Cognito does not have, so the message's flow is "Probe". Subscriptions that `sms-redirect subscribe` or
`confirm` made filter that out; others are named.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sms_redirect.aws import Aws, code_of
from sms_redirect.doctor.facts import Facts, MissingError
from sms_redirect.doctor.findings import Cause, Finding, Status, ok, problem
from sms_redirect.errors import SmsInboxError
from sms_redirect.messages.flows import PROBE
from sms_redirect.messages.sms import Sms
from sms_redirect.topic.filters import lets_through
from sms_redirect.topic.queue import SHORT_POLL, TemporaryQueue
from sms_redirect.topic.subscribers import SubscriberState
from sms_sender.flows import TRIGGER_PREFIX

ARRIVAL = 20.0  # seconds
NUMBER = "+12065550100"  # fictional: 555-0100 to 0199 belong to nobody


@dataclass(frozen=True, slots=True)
class _Taken:
    """How long the steps took, in seconds."""

    encrypted: float
    invoked: float
    arrived: float


def probe(aws: Aws, facts: Facts) -> Iterator[Finding]:
    """Needs kms:GenerateDataKey, lambda:InvokeFunction and a queue of its own; the queue is gone afterwards."""
    try:
        yield from _probe(aws, facts)
    except MissingError as error:
        yield _unchecked(f"the probe cannot run: {error}")
    except (ClientError, BotoCoreError) as error:
        reason = code_of(error) if isinstance(error, ClientError) else type(error).__name__
        yield _unchecked(f"the probe ended early ({reason}): it needs kms:GenerateDataKey and lambda:InvokeFunction")
    except SmsInboxError as error:
        yield _unchecked(f"the probe ended early: {error}")


def _probe(aws: Aws, facts: Facts) -> Iterator[Finding]:
    mark = f"sms-redirect-doctor-{secrets.token_hex(6)}"
    code = f"{secrets.randbelow(10**6):06d}"
    started = time.monotonic()
    event = _event(facts, mark, _encrypted(facts, code))
    encrypted = time.monotonic()
    queue = TemporaryQueue(aws, facts.required("TopicArn"), {"user_name": [mark]}, poll=SHORT_POLL)
    queue.open()
    try:
        opened = time.monotonic()
        failure = _invoke(facts, event)
        invoked = time.monotonic()
        if failure:
            yield problem(
                Cause.PROBE,
                "probe-failed",
                f"The sender failed on a made-up SMS: {failure}",
                next_step="Its log has the details: "
                f"`aws logs tail /aws/lambda/{facts.output('SenderFunctionName')} --since 5m`, or the group of the "
                "stack's log group output.",
            )
            return
        sms = _arrived(queue, mark)
        taken = _Taken(encrypted - started, invoked - opened, time.monotonic() - invoked)
    finally:
        queue.remove()
    yield _read(sms, code, taken)
    yield from _emailed(facts)


def _encrypted(facts: Facts, code: str) -> str:
    # Only here: the Encryption SDK takes long to import, and only the sandbox extra brings it.
    from aws_encryption_sdk.key_providers.kms import KMSMasterKey  # noqa: PLC0415

    from sms_redirect.encryption import encrypt_with  # noqa: PLC0415

    key = KMSMasterKey(key_id=facts.required("KmsKeyArn"), client=facts.client("kms"))
    return encrypt_with(key, code, facts.required("UserPoolId"))


def _event(facts: Facts, mark: str, code: str) -> dict[str, Any]:
    pool_id = facts.required("UserPoolId")
    return {
        "version": "1",
        "triggerSource": TRIGGER_PREFIX + PROBE,
        "region": facts.client("cognito-idp").meta.region_name,
        "userPoolId": pool_id,
        "userName": mark,
        "callerContext": {"awsSdkVersion": "sms-redirect-doctor", "clientId": "CLIENT_ID_NOT_APPLICABLE"},
        "request": {
            "type": "customSMSSenderRequestV1",
            "code": code,
            "clientMetadata": None,
            "userAttributes": {"sub": mark, "phone_number": NUMBER, "cognito:user_status": "CONFIRMED"},
        },
        "response": {},
    }


def _invoke(facts: Facts, event: dict[str, Any]) -> str | None:
    """Why the function failed; None if it did not."""
    response = facts.client("lambda").invoke(
        FunctionName=facts.required("SenderFunctionName"), Payload=json.dumps(event).encode()
    )
    if "FunctionError" not in response:
        return None
    try:
        payload = json.loads(response["Payload"].read())
        return str(payload.get("errorMessage") or payload.get("errorType"))
    except (ValueError, AttributeError):
        return str(response["FunctionError"])


def _arrived(queue: TemporaryQueue, mark: str) -> Sms | None:
    until = time.monotonic() + ARRIVAL
    while time.monotonic() < until:
        for received in queue.receive():
            try:
                sms = Sms.from_document(received.body, warn=False)
            except ValueError:
                continue
            if sms.user_name == mark:
                return sms
    return None


def _read(sms: Sms | None, code: str, taken: _Taken) -> Finding:
    times = (
        f"encrypted in {taken.encrypted:.2f} s, sender ran {taken.invoked:.2f} s, arrived after {taken.arrived:.2f} s"
    )
    if sms is None:
        return problem(
            Cause.PROBE,
            "probe-lost",
            f"The sender ran, but its message did not reach a queue on the topic within {ARRIVAL:g} s.",
            evidence=times,
            next_step="Does the topic's key let SNS deliver to queues? Look at the sender's log for the message id.",
        )
    if sms.failure is not None:
        return problem(
            Cause.PROBE,
            "probe-not-shown",
            f"The sender could not show a made-up SMS: {sms.failure.reason}",
            evidence=times,
            next_step=sms.failure.hint,
        )
    if sms.code != code:
        return problem(
            Cause.PROBE,
            "probe-other-code",
            "A message came, but not with the code that was sent.",
            evidence=times,
            next_step="Is another function subscribed to the topic that publishes to it?",
        )
    return ok(Cause.PROBE, "probe", "A made-up SMS was decrypted, filled into the pool's text and published.", times)


def _emailed(facts: Facts) -> Iterator[Finding]:
    """A subscription that the template makes inside its topic cannot have a filter (AWS::SNS::Topic Subscription)."""
    confirmed = [each for each in facts.subscribers() if each.state is SubscriberState.CONFIRMED]
    told = [each.address for each in confirmed if lets_through(each.filter_policy, {"flow": PROBE})]
    if told:
        spare = " and ".join(f"`sms-redirect subscribe {each}`" for each in told)
        yield ok(
            Cause.PROBE, "probe-emailed", f"{', '.join(told)} got an email of this probe.", f"{spare} prevents it."
        )


def _unchecked(says: str) -> Finding:
    return Finding(Cause.PROBE, "unchecked-probe", Status.UNCHECKED, says)
