"""The pool: whether it exists, and hands its SMS to this stack's sender."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sms_redirect.doctor.facts import CouldNotCheckError, Facts, MissingError
from sms_redirect.doctor.findings import Cause, Finding, ok, problem, warning
from sms_redirect.doctor.subject import Subject
from sms_redirect.pool_rules.invoke_permission import missing_permission

STACK_TAG = "sms-redirect:stack"
# UpdateUserPool puts "resets what is left out": Terraform, CDK and Amplify take the trigger off without meaning to.
RESET_BY_OTHERS = "Terraform, CDK, Amplify and the console reset settings that they do not know."


def trigger(facts: Facts, subject: Subject) -> Iterator[Finding]:
    del subject
    try:
        settings = facts.pool_settings()
    except MissingError:
        yield problem(
            Cause.POOL,
            "pool-missing",
            f"The user pool {facts.output('UserPoolId')} does not exist any more.",
            next_step="Deploy the stack with the id of a pool that exists.",
        )
        return
    config = settings.get("LambdaConfig", {})
    on_pool = config.get("CustomSMSSender", {}).get("LambdaArn")
    yield from _trigger(facts, on_pool)
    yield from _key_of_pool(facts, config.get("KMSKeyID"))
    yield from _tags(facts, settings.get("UserPoolTags", {}))
    yield from _sms_role(settings)


def _trigger(facts: Facts, on_pool: str | None) -> Iterator[Finding]:
    ours = str(facts.function()["FunctionArn"])
    if on_pool == ours:
        yield ok(Cause.TRIGGER, "trigger", "The pool hands its SMS to this stack's sender.", ours)
        return
    if on_pool is None:
        yield problem(
            Cause.TRIGGER,
            "trigger-missing",
            "The pool has no custom SMS sender: its SMS go to real phones.",
            evidence=f"{_ends_by_itself(facts)} {_who_changed(facts)}".strip(),
            next_step=f"Put it back: {_put_back(facts)}. {RESET_BY_OTHERS}",
        )
        return
    yield problem(
        Cause.TRIGGER,
        "trigger-foreign",
        "The pool hands its SMS to another function.",
        evidence=f"{on_pool} instead of {ours}. {_who_changed(facts)}".strip(),
        next_step=f"If that is not wanted: {_put_back(facts)}.",
    )


def _put_back(facts: Facts) -> str:
    if facts.attaches:
        return f"`sms-redirect attach --stack-name {facts.stack_name}`"
    return f"delete and redeploy the stack {facts.stack_name!r}, which created this pool, or set the trigger by hand"


def _ends_by_itself(facts: Facts) -> str:
    hours = facts.parameter("DetachAfterHours") or "0"
    return "" if hours == "0" else f"The stack ends the redirect by itself after {hours} hours (DetachAfterHours)."


def _who_changed(facts: Facts) -> str:
    """The last UpdateUserPool of this pool, if CloudTrail's event history may be read."""
    try:
        events = facts.changes_of_the_pool()
    except (CouldNotCheckError, MissingError):
        return ""
    pool_id = facts.output("UserPoolId")
    for event in events:
        if _pool_of(event) == pool_id:
            return f"Last changed by {event.get('Username', 'unknown')} at {event.get('EventTime')}."
    return ""


def _pool_of(event: Mapping[str, Any]) -> str | None:
    try:
        parameters = json.loads(event.get("CloudTrailEvent", "{}")).get("requestParameters") or {}
    except ValueError:
        return None
    return str(parameters.get("userPoolId")) if parameters.get("userPoolId") else None


def _key_of_pool(facts: Facts, on_pool: str | None) -> Iterator[Finding]:
    ours = facts.output("KmsKeyArn")
    if on_pool and on_pool != ours:
        yield problem(
            Cause.KEY,
            "key-foreign",
            "The pool encrypts its codes with a key that the sender does not use.",
            evidence=f"{on_pool} instead of {ours}",
            next_step=f"Deploy the stack with KmsKeyArn={on_pool}.",
        )


def _tags(facts: Facts, tags: Mapping[str, str]) -> Iterator[Finding]:
    named = tags.get(STACK_TAG)
    if named and named != facts.stack()["StackId"]:
        yield warning(
            Cause.TRIGGER,
            "tagged-for-other-stack",
            "The pool's tags say that another stack redirects it.",
            evidence=named,
            next_step="Use that stack, or restore the pool first with `sms-redirect detach`.",
        )
    elif facts.attaches and not named:
        yield warning(
            Cause.TRIGGER,
            "tags-missing",
            "The pool has lost the tags that remember what it was before.",
            next_step=f"`sms-redirect attach --stack-name {facts.stack_name}` writes them again.",
        )


def _sms_role(settings: Mapping[str, Any]) -> Iterator[Finding]:
    if failure := settings.get("SmsConfigurationFailure"):
        yield warning(
            Cause.POOL,
            "sms-configuration-failure",
            "Cognito reports that its last real SMS could not be sent.",
            evidence=str(failure),
            next_step="This does not stop redirected SMS; fix it before production.",
        )


def replicas(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """Triggers and SMS settings are a region's own (DG "Multi-Region replication for user pools")."""
    del subject
    here = facts.client("cognito-idp").meta.region_name
    if others := sorted(region for region in facts.replicas() if region != here):
        yield warning(
            Cause.POOL,
            "replicas",
            f"The pool is replicated to {', '.join(others)}, where its SMS go to real phones.",
            next_step=f"Test against {here}, or deploy a stack there, too.",
        )


def invoke_permission(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """May this pool invoke the sender? Lambda asks the function's resource policy."""
    del subject
    pool_arn = str(facts.pool_settings()["Arn"])
    missing = missing_permission(facts.function_policy(), pool_arn)
    if missing is None:
        yield ok(Cause.TRIGGER, "invoke-permission", "The pool may invoke the sender.")
        return
    yield problem(
        Cause.TRIGGER,
        "invoke-permission-missing",
        f"The pool may not invoke the sender: {missing}.",
        next_step="Deploy the stack again, or add the permission: aws lambda add-permission --function-name "
        f"{facts.output('SenderFunctionName')} --statement-id cognito --action lambda:InvokeFunction "
        f"--principal cognito-idp.amazonaws.com --source-arn {pool_arn}",
    )
