"""Calls of the flow that Cognito refused lately, such as for the attempt limits, which Cognito tells nobody.

CloudTrail's event history has them for 90 days, without user names (DG "Logging Amazon Cognito API calls with AWS
CloudTrail").
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from sms_redirect.doctor.facts import Facts, MissingError, Refusal
from sms_redirect.doctor.findings import Cause, Finding, problem
from sms_redirect.doctor.known_errors import explanation
from sms_redirect.doctor.subject import Subject
from sms_redirect.gallery.flows import occasions


def refused(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """The latest refusal of each kind, in this pool, flow and, if CloudTrail knows, of this user."""
    if subject.flow is None:
        return
    flows = [each for each in occasions(facts.pool()) if each.flow == subject.flow]
    operations = dict.fromkeys(name for each in flows for name in each.operations)
    pool_id, clients = facts.required("UserPoolId"), {each.get("ClientId") for each in facts.clients()}
    sub = _sub(facts, subject)
    seen = set()
    for operation in operations:
        for each in facts.refusals(operation, subject.since):
            ours = each.pool_id == pool_id or each.client_id in clients
            if ours and (sub is None or each.sub in (None, sub)) and (operation, each.code) not in seen:
                seen.add((operation, each.code))
                yield _found(operation, each)


def _sub(facts: Facts, subject: Subject) -> str | None:
    if subject.user_name is None:
        return None
    with suppress(MissingError):
        attributes = facts.user(subject.user_name).get("UserAttributes", [])
        return next((each["Value"] for each in attributes if each["Name"] == "sub"), None)
    return None


def _found(operation: str, refusal: Refusal) -> Finding:
    known = explanation(f"{refusal.code}: {refusal.text}")
    return problem(
        Cause.FLOW,
        "call-refused",
        f"Cognito refused {operation} with {refusal.code}{f': {known.means}' if known else '.'}",
        evidence=f"{refusal.at} {refusal.text}".strip(),
        next_step=known.next_step if known else "Look at the response of that call in your app.",
    )
