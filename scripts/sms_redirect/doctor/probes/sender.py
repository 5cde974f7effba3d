"""The sender function, what it logged, and what ended in the failure queue."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from sms_redirect.doctor.facts import CouldNotCheckError, Facts, MissingError, RoleMissingError
from sms_redirect.doctor.findings import Cause, Finding, ok, problem, warning
from sms_redirect.doctor.probes import history
from sms_redirect.doctor.subject import Subject


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


def settings(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """Whether it publishes to this stack's topic and decrypts with its key."""
    del subject
    variables = facts.function().get("Environment", {}).get("Variables", {})
    for variable, output, what in (("TOPIC_ARN", "TopicArn", "topic"), ("KMS_KEY_ARN", "KmsKeyArn", "key")):
        here, wanted = variables.get(variable), facts.required(output)
        if here != wanted and variables:
            yield problem(
                Cause.FUNCTION,
                f"function-other-{what}",
                f"The sender is set to another {what} than the stack's.",
                evidence=f"{variable} is {here or 'not set'} instead of {wanted}",
                next_step="Somebody edited the function: deploy the stack again with a changed parameter, or set the "
                f"variable {variable} back.",
            )


def throttles(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """Lambda developer guide, "Types of metrics for Lambda functions"."""
    minutes = f"in the last {_minutes(subject)} minutes"
    if throttled := facts.metric("Throttles", subject.since):
        yield warning(
            Cause.FUNCTION,
            "function-throttled",
            f"Lambda throttled the sender {throttled:g} time(s) {minutes}: SMS come late, or after six hours never.",
            next_step="Raise the account's or the function's concurrency, or start fewer flows at once.",
        )
    if lost := facts.metric("DestinationDeliveryFailures", subject.since):
        yield warning(
            Cause.QUEUE,
            "failure-queue-unreachable",
            f"Lambda could not put {lost:g} event(s) into the failure queue {minutes}: they are lost.",
            next_step="Deploy the stack again: the sender's role needs sqs:SendMessage on the queue.",
        )


def logs(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """The last error of each kind. The sender logs reasons, and neither codes nor texts."""
    try:
        log = facts.log(subject.since)
    except MissingError:
        yield _no_log_group(facts)
        return
    read = history.of([each.text for each in log.lines], subject.flow)
    within = f"in the last {_minutes(subject)} minutes" + ("" if log.complete else ", as far as the log could be read")
    if not read.errors:
        yield ok(Cause.FUNCTION, "log", f"{read.shown} SMS redirected {within}, no error logged.")
    for reason, hint in read.errors.items():
        yield problem(
            Cause.FUNCTION,
            "sender-failed",
            f"The sender could not show an SMS: {reason}",
            evidence=f"{within}; {read.shown} others were shown",
            next_step=hint or f"`aws logs tail {facts.log_group()} --since {max(1, _minutes(subject))}m`",
        )
    for reason in read.retried:
        yield warning(
            Cause.FUNCTION,
            "sender-retried",
            f"An SMS came late, after a retry: {reason}",
            evidence=within,
            next_step="Lambda retries after one and after two minutes. Nothing to do unless it happens again.",
        )


def _no_log_group(facts: Facts) -> Finding:
    """A group that the template names is there from the start, and Lambda does not make it anew."""
    if not facts.function().get("LoggingConfig", {}).get("LogGroup"):
        return ok(Cause.FUNCTION, "log-empty", "The sender has not logged anything yet.")
    return warning(
        Cause.FUNCTION,
        "log-group-missing",
        "The sender's log group was deleted, so its errors are not recorded.",
        evidence=facts.log_group(),
        next_step=f"`aws logs create-log-group --log-group-name {facts.log_group()}`",
    )


def _minutes(subject: Subject) -> int:
    return max(1, round(subject.since.total_seconds() / 60))


def failure_queue(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """Events that Lambda gave up on, and why. Their payloads hold encrypted codes and are never shown."""
    del subject
    try:
        count = int(facts.failure_queue().get("ApproximateNumberOfMessages", 0))
    except MissingError:
        yield warning(
            Cause.QUEUE,
            "failure-queue-missing",
            "The failure queue does not exist any more: an SMS that Lambda gives up on is lost without a trace.",
            next_step=f"Delete the stack and deploy it again: `sam delete --stack-name {facts.stack_name}`.",
        )
        return
    if not count:
        yield ok(Cause.QUEUE, "failure-queue", "The failure queue is empty.")
        return
    try:
        events, unknown = facts.failed_events(), "no reason recorded"
    except CouldNotCheckError as error:  # the count is what matters
        events, unknown = [], f"for the reasons allow {error.action}" if error.action else "the reasons cannot be read"
    reasons = list(dict.fromkeys(_reason(each) for each in events))
    sent = [each["_sent_ms"] for each in events if each.get("_sent_ms")]
    oldest = f"the oldest is {(time.time() - min(sent) / 1000) / 3600:.1f} hours old" if sent else ""
    yield problem(
        Cause.QUEUE,
        "failure-queue-filled",
        f"Lambda gave up on {count} event(s): {'; '.join(reasons) or unknown}",
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
    try:
        yield from _permissions(facts, role)
    except RoleMissingError:
        yield problem(
            Cause.FUNCTION,
            "role-missing",
            "The sender's role does not exist any more, so Lambda cannot run it.",
            evidence=role,
            next_step=f"Delete the stack and deploy it again: `sam delete --stack-name {facts.stack_name}`.",
        )


def _permissions(facts: Facts, role: str) -> Iterator[Finding]:
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
