"""The sender function, what it logged, and what ended in the failure queue."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from sms_redirect.doctor.facts import Facts, MissingError
from sms_redirect.doctor.findings import Cause, Finding, ok, problem, warning
from sms_redirect.doctor.subject import Subject

_FATAL = re.compile(r"Runtime\.\w+|Task timed out|Status: (error|timeout)|Unable to import module")
OUR_ERRORS = {"sms not shown", "sms left to a retry", "bug"}  # as sms_sender.telemetry logs them


def state(facts: Facts, subject: Subject) -> Iterator[Finding]:
    del subject
    try:
        found = facts.function()
    except MissingError:
        yield problem(
            Cause.FUNCTION,
            "function-missing",
            f"The sender function {facts.output('SenderFunctionName')} does not exist any more.",
            next_step=f"Deploy the stack again, or delete it (`sam delete --stack-name {facts.stack_name}`).",
        )
        return
    status, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
    if status not in ("Active", "Inactive"):
        yield problem(
            Cause.FUNCTION,
            "function-not-active",
            f"Lambda cannot run the sender: it is {status}.",
            evidence=str(found.get("StateReason", "")),
            next_step="Deploy the stack again; if it stays so, look at the reason.",
        )
    elif update == "Failed":
        yield warning(
            Cause.FUNCTION,
            "function-update-failed",
            "The last update of the sender failed; the version before it is running.",
            evidence=str(found.get("LastUpdateStatusReason", "")),
            next_step="Deploy the stack again.",
        )
    else:
        architectures = ", ".join(found.get("Architectures", ["x86_64"]))
        yield ok(Cause.FUNCTION, "function", "The sender is active.", f"{found.get('Runtime')} on {architectures}")


def concurrency(facts: Facts, subject: Subject) -> Iterator[Finding]:
    del subject
    reserved = facts.reserved_concurrency()
    if reserved == 0:
        yield problem(
            Cause.FUNCTION,
            "function-stopped",
            "The sender's reserved concurrency is 0: Lambda throttles every invocation.",
            next_step=f"aws lambda delete-function-concurrency --function-name {facts.output('SenderFunctionName')}",
        )


def logs(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """The last error of each kind. The sender logs reasons, and neither codes nor texts."""
    since = int((time.time() - subject.since.total_seconds()) * 1000)
    try:
        lines = facts.log_events(since)
    except MissingError:
        yield ok(Cause.FUNCTION, "log-empty", "The sender has not logged anything yet.")
        return
    shown = sum('"sms redirected"' in line for line in lines)
    errors = {}
    for line in lines:
        if found := _error(line, subject):
            errors[found[0]] = found
    minutes = subject.since.total_seconds() / 60
    if not errors:
        yield ok(Cause.FUNCTION, "log", f"{shown} SMS redirected in the last {minutes:g} minutes, no error logged.")
    for reason, hint in errors.values():
        yield problem(
            Cause.FUNCTION,
            "sender-failed",
            f"The sender could not show an SMS: {reason}",
            evidence=f"in the last {minutes:g} minutes; {shown} others were shown",
            next_step=hint or f"aws logs tail {_group(facts)} --since {max(1, round(minutes))}m",
        )


def _error(line: str, subject: Subject) -> tuple[str, str] | None:
    """Reason and hint of an error line; None for other lines, and for errors of other flows."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        found = _FATAL.search(line)
        return (f"Lambda reports {found[0]}", "") if found else None
    if not isinstance(entry, Mapping):
        return None
    if entry.get("message") in OUR_ERRORS:
        ours = not subject.flow or entry.get("flow") in (None, subject.flow)
        reason = str(entry.get("reason") or entry.get("error") or entry["message"])
        return (reason, str(entry.get("hint") or "")) if ours else None
    fault = _platform_fault(entry)
    return (f"Lambda reports {fault}", "") if fault else None


def _platform_fault(entry: Mapping[str, Any]) -> str | None:
    """In the JSON log format Lambda's own lines have a type and a record; unhandled errors have an errorType."""
    record = entry.get("record")
    if entry.get("type") == "platform.report" and isinstance(record, Mapping):
        failed = record.get("status") in ("error", "timeout", "failure")
        return str(record.get("errorType") or record["status"]) if failed else None
    return str(entry["errorType"]) if entry.get("errorType") else None


def _group(facts: Facts) -> str:
    group = facts.function().get("LoggingConfig", {}).get("LogGroup")
    return str(group or f"/aws/lambda/{facts.output('SenderFunctionName')}")


def failure_queue(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """Events that Lambda gave up on, and why. Their payloads hold encrypted codes and are never shown."""
    del subject
    count = int(facts.failure_queue().get("ApproximateNumberOfMessages", 0))
    if not count:
        yield ok(Cause.QUEUE, "failure-queue", "The failure queue is empty.")
        return
    events = facts.failed_events()
    reasons = list(dict.fromkeys(_reason(each) for each in events))
    sent = [each["_sent_ms"] for each in events if each.get("_sent_ms")]
    oldest = f"the oldest is {(time.time() - min(sent) / 1000) / 3600:.1f} hours old" if sent else ""
    yield problem(
        Cause.QUEUE,
        "failure-queue-filled",
        f"Lambda gave up on {count} event(s): {'; '.join(reasons) or 'no reason recorded'}",
        evidence=oldest,
        next_step="Fix the reason, then purge the queue: its codes have expired. "
        f"aws sqs purge-queue --queue-url {facts.output('FailureQueueUrl')}",
    )


def _reason(event: Mapping[str, Any]) -> str:
    payload = event.get("responsePayload")
    if isinstance(payload, Mapping) and payload.get("errorMessage"):
        return str(payload["errorMessage"])[:300]
    return str(event.get("requestContext", {}).get("condition") or "unknown reason")


def permissions(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """IAM's own simulation of the three calls that the sender makes."""
    del subject
    role = str(facts.function()["Role"])
    pool_id, topic = facts.required("UserPoolId"), facts.required("TopicArn")
    pool_arn = str(facts.pool_settings()["Arn"])
    wanted = (
        ("kms:Decrypt", facts.required("KmsKeyArn"), (("kms:EncryptionContext:userpool-id", pool_id),)),
        ("sns:Publish", topic, ()),
        ("cognito-idp:DescribeUserPool", pool_arn, ()),
    )
    denied = [action for action, arn, context in wanted if facts.simulated(role, action, arn, context) != "allowed"]
    for action in denied:
        yield problem(
            Cause.FUNCTION,
            "permission-missing",
            f"The sender's role may not {action}.",
            evidence=role,
            next_step="Deploy the stack again: its template has the permission. A permissions boundary or an "
            "organization's policy may take it away.",
        )
    if not denied:
        yield ok(Cause.FUNCTION, "permissions", "The sender's role may decrypt, publish and read the pool.")
