"""Credentials, region and account, and the stack itself."""

from __future__ import annotations

from collections.abc import Iterator

from sms_redirect.doctor.facts import Facts, MissingError
from sms_redirect.doctor.findings import Cause, Finding, ok, problem, warning
from sms_redirect.doctor.subject import Subject

COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
OUTPUTS = ("UserPoolId", "TopicArn", "KmsKeyArn", "SenderFunctionName", "FailureQueueUrl")


def caller(facts: Facts, subject: Subject) -> Iterator[Finding]:
    del subject
    who = facts.caller()
    where = facts.client("sts").meta.region_name
    yield ok(Cause.ACCESS, "caller", f"Signed in to account {who['Account']} in {where}.", who["Arn"])


def stack(facts: Facts, subject: Subject) -> Iterator[Finding]:
    del subject
    region = facts.client("cloudformation").meta.region_name
    try:
        found = facts.stack()
    except MissingError:
        yield problem(
            Cause.STACK,
            "stack-missing",
            f"There is no stack {facts.stack_name!r} in {region}.",
            next_step="Check the name, the region and the profile; `sam list stack-outputs` and the console show them.",
        )
        return
    status = found["StackStatus"]
    if status == "ROLLBACK_COMPLETE":
        yield problem(
            Cause.STACK,
            "stack-rolled-back",
            "The stack's first deployment failed, so nothing is redirected.",
            evidence=status,
            next_step=f"Delete it (`sam delete --stack-name {facts.stack_name}`), then deploy again. A stack in this "
            "state cannot be updated.",
        )
    elif status not in COMPLETE:
        yield problem(
            Cause.STACK,
            "stack-incomplete",
            "The stack is not completely deployed.",
            evidence=f"{status} {found.get('StackStatusReason', '')}".strip(),
            next_step=f"See its events: `aws cloudformation describe-stack-events --stack-name {facts.stack_name}`.",
        )
    elif missing := [name for name in OUTPUTS if facts.output(name) is None]:
        yield problem(
            Cause.STACK,
            "stack-foreign",
            f"The stack lacks the outputs {', '.join(missing)}: it is not an sms-redirect stack, or an older version.",
            next_step="Deploy the current template.yaml under this name, or pass another --stack-name.",
        )
    else:
        yield ok(Cause.STACK, "stack", f"The stack {facts.stack_name!r} is deployed.", status)
        if status == "UPDATE_ROLLBACK_COMPLETE":
            yield warning(
                Cause.STACK,
                "stack-update-failed",
                "The last update of the stack failed; the version before it is running.",
                evidence=status,
                next_step=f"`aws cloudformation describe-stack-events --stack-name {facts.stack_name}` says why.",
            )
