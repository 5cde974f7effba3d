"""The key that encrypts the codes."""

from __future__ import annotations

from collections.abc import Iterator

from sms_redirect.doctor.facts import Facts, MissingError
from sms_redirect.doctor.findings import Cause, Finding, ok, problem
from sms_redirect.doctor.subject import Subject


def state(facts: Facts, subject: Subject) -> Iterator[Finding]:
    del subject
    arn = facts.required("KmsKeyArn")
    try:
        found = facts.key()
    except MissingError:
        yield problem(
            Cause.KEY,
            "key-missing",
            "The key that encrypts the codes does not exist in this account and region.",
            evidence=arn,
            next_step="Deploy the stack with the pool's own key (KmsKeyArn), or without one for a new pool.",
        )
        return
    status = found.get("KeyState", "Enabled")
    if status == "PendingDeletion":
        yield problem(
            Cause.KEY,
            "key-pending-deletion",
            "The key that encrypts the codes is about to be deleted, so Cognito cannot send any code.",
            evidence=f"{arn}, deleted at {found.get('DeletionDate')}",
            next_step=f"aws kms cancel-key-deletion --key-id {arn} && aws kms enable-key --key-id {arn}",
        )
    elif status != "Enabled":
        yield problem(
            Cause.KEY,
            "key-disabled",
            f"The key that encrypts the codes is {status.lower()}, so Cognito cannot send any code.",
            evidence=arn,
            next_step=f"aws kms enable-key --key-id {arn}",
        )
    elif found.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT":
        yield problem(
            Cause.KEY,
            "key-asymmetric",
            "Cognito encrypts codes with symmetric keys only.",
            evidence=f"{arn} is {found['KeySpec']}",
            next_step="Deploy the stack with a symmetric key.",
        )
    else:
        yield ok(Cause.KEY, "key", "The key is enabled.", arn)
