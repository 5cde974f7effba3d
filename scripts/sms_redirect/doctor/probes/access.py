"""Credentials, region and account, and the stack itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sms_redirect.doctor.facts import CouldNotCheckError, Facts, MissingError, NoAccessError
from sms_redirect.doctor.findings import Cause, Finding, ok, problem, warning
from sms_redirect.doctor.subject import Subject

COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"}
# What was there before goes on working meanwhile.
UPDATING = {
    "UPDATE_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
}
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
    except NoAccessError:
        raise
    except CouldNotCheckError as error:
        yield problem(
            Cause.STACK,
            "stack-unreadable",
            f"The stack cannot be read, so nothing can be said about it: {error}.",
            next_step=f"Allow {error.action}."
            if error.action
            else "Check the region, and that the endpoint (AWS_ENDPOINT_URL) is running.",
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
    elif status == "REVIEW_IN_PROGRESS":
        yield problem(
            Cause.STACK,
            "stack-not-deployed",
            "The stack has a change set that nobody executed: nothing is deployed.",
            evidence=status,
            next_step="Run `sam deploy` to its end, and confirm the changes if it asks.",
        )
    elif status not in COMPLETE | UPDATING:
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
        if status in UPDATING:
            yield warning(
                Cause.STACK,
                "stack-updating",
                "The stack is being updated.",
                evidence=status,
                next_step="Try again when the update has ended.",
            )
        yield from _version(found)
        if status == "UPDATE_ROLLBACK_COMPLETE":
            yield warning(
                Cause.STACK,
                "stack-update-failed",
                "The last update of the stack failed; the version before it is running.",
                evidence=status,
                next_step=f"`aws cloudformation describe-stack-events --stack-name {facts.stack_name}` says why.",
            )


def _version(found: Mapping[str, Any]) -> Iterator[Finding]:
    """The template carries no number: its parameters tell whether it is this one."""
    deployed = {each["ParameterKey"] for each in found.get("Parameters", [])}
    here = template_parameters()
    if here and deployed and deployed != here:
        missing, more = sorted(here - deployed), sorted(deployed - here)
        yield warning(
            Cause.STACK,
            "stack-other-version",
            f"The stack was deployed from {'an older' if missing else 'a newer'} template than this version's.",
            evidence="; ".join(
                f"{what}: {', '.join(names)}"
                for what, names in (("parameters that it lacks", missing), ("parameters unknown here", more))
                if names
            ),
            next_step="Deploy this version's template.yaml." if missing else "Update this checkout or package.",
        )


@cache
def template_parameters() -> frozenset[str]:
    """The parameters of this version's template; none if it is not at hand."""
    package = Path(__file__).parents[2]
    for path in (package / "sandbox" / "template.yaml", package.parents[1] / "template.yaml"):
        if path.exists():
            section = path.read_text(encoding="utf-8").partition("\nParameters:\n")[2]
            return frozenset(
                re.findall(r"^  (\w+):$", re.split(r"^\w", section, maxsplit=1, flags=re.MULTILINE)[0], re.MULTILINE)
            )
    return frozenset()
