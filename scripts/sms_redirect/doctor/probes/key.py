"""The key that encrypts the codes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

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


def policy(facts: Facts, subject: Subject) -> Iterator[Finding]:
    """A role's permissions count only if the key's policy lets the account use IAM policies, or names the role.

    KMS developer guide, "Key policies in AWS KMS". Cognito encrypts with a grant, which is not looked at.
    """
    del subject
    role = str(facts.function()["Role"])
    account = role.split(":")[4] if role.count(":") > 4 else ""  # noqa: PLR2004 - an ARN's parts
    trusted = {role, account, "*", f"arn:aws:iam::{account}:root", f"arn:{role.split(':')[1]}:iam::{account}:root"}
    if any(_allows(each, trusted) for each in facts.key_policy()):
        yield ok(Cause.KEY, "key-policy", "The key's policy lets the sender's role decrypt, as far as IAM does.")
        return
    yield problem(
        Cause.KEY,
        "key-policy",
        "The key's policy neither names the sender's role nor lets IAM policies count: the sender cannot decrypt.",
        evidence=role,
        next_step="Add the account's root principal with kms:*, or the role with kms:Decrypt and kms:GenerateDataKey, "
        "to the key's policy.",
    )


def _allows(statement: Mapping[str, Any], trusted: set[str]) -> bool:
    principal = statement.get("Principal", {})
    named = principal.get("AWS", []) if isinstance(principal, Mapping) else principal
    who = {named} if isinstance(named, str) else set(named)
    actions = statement.get("Action", [])
    actions = [actions] if isinstance(actions, str) else actions
    decrypts = any(fnmatchcase("kms:decrypt", str(each).lower()) for each in actions)
    return statement.get("Effect") == "Allow" and decrypts and bool(who & trusted)
