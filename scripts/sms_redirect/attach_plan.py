"""What attaching to an existing user pool would change: the attachment function's own plan, not carried out."""

from __future__ import annotations

import difflib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import ClientError

from pool_attachment.errors import RefusedError
from pool_attachment.key import Key
from pool_attachment.plan import attach
from pool_attachment.pool import Aws
from pool_attachment.request import Attachment, Request, RequestType
from pool_attachment.retry import BY_HAND, Clock, Retry
from pool_attachment.settings import Settings

# What stands for things that only a deployment makes.
NEW = "created-by-the-stack"
_READ_FOR = 30.0  # seconds


@dataclass(frozen=True)
class Wanted:
    """The pool, and what the stack is deployed with. None: what the deployed stack has, or what a new one makes."""

    pool_id: str
    stack_name: str
    sender_arn: str | None = None
    key_arn: str | None = None
    max_users: int = 1000


@dataclass(frozen=True)
class Preview:
    """`request`: the UpdateUserPool that is to be sent (None: nothing to do, or refused). `before`: what it changes."""

    pool_id: str
    before: Mapping[str, Any]
    request: Mapping[str, Any] | None
    note: str
    refusal: str | None = None

    def document(self) -> dict[str, Any]:
        return {
            "user_pool_id": self.pool_id,
            "refusal": self.refusal,
            "note": self.note,
            "before": self.before,
            "request": self.request,
        }

    def diff(self) -> list[str]:
        """Lines of a unified diff of the pool's settings, empty when nothing changes."""
        if self.request is None:
            return []
        after = {name: value for name, value in self.request.items() if name != "UserPoolId"}
        return list(difflib.unified_diff(_lines(self.before), _lines(after), "now", "attached", lineterm=""))


def preview(session: boto3.Session, endpoint_url: str | None, wanted: Wanted) -> Preview:
    """Reads the pool, the key and the stack; changes nothing.

    Raises:
        pool_attachment.errors.AttachmentError: the pool or the key cannot be read.
        botocore.exceptions.ClientError, BotoCoreError: the stack cannot be read.
    """
    aws = Aws.of(session, endpoint_url)
    retry = Retry(Clock(), BY_HAND, time.monotonic(), time.monotonic() + _READ_FOR)
    pool = aws.pool(wanted.pool_id)
    settings = retry.call(pool.settings)
    request = _request(settings, wanted, _stack(session, endpoint_url, wanted.stack_name))
    try:
        key_arn = request.attachment.key_arn
        new_key = key_arn.endswith(f":key/{NEW}")
        key = Key(key_arn) if new_key else retry.call(partial(aws.key, key_arn, settings.key))
        plan = attach(settings, request, key, pool.model)
    except RefusedError as refused:
        return Preview(wanted.pool_id, settings.update, None, "", str(refused))
    return Preview(wanted.pool_id, settings.update, plan.request, " ".join([plan.done, *plan.remarks]))


def _request(settings: Settings, wanted: Wanted, stack: Mapping[str, str]) -> Request:
    """As CloudFormation would send it; what is not deployed yet gets a name that says so."""
    _, partition, _, region, account, _ = settings.arn.split(":", 5)
    sender_name = stack.get("SenderFunctionName", f"{wanted.stack_name}-{NEW}")
    sender_arn = wanted.sender_arn or f"arn:{partition}:lambda:{region}:{account}:function:{sender_name}"
    attachment = Attachment(
        pool_id=wanted.pool_id,
        sender_arn=sender_arn,
        key_arn=wanted.key_arn or stack.get("KmsKeyArn") or f"arn:{partition}:kms:{region}:{account}:key/{NEW}",
        key_is_ours=wanted.key_arn is None,
        stack=stack.get(
            "StackId", f"arn:{partition}:cloudformation:{region}:{account}:stack/{wanted.stack_name}/{NEW}"
        ),
        max_users=wanted.max_users,
    )
    return Request(RequestType.CREATE, attachment, frozenset({sender_arn}))


def _stack(session: boto3.Session, endpoint_url: str | None, name: str) -> dict[str, str]:
    """The deployed stack's id and outputs; nothing when there is none yet."""
    cloudformation = session.client("cloudformation", endpoint_url=endpoint_url)
    try:
        found = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as problem:
        if problem.response["Error"]["Code"] != "ValidationError":
            raise
        return {}
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}
    return {**outputs, "StackId": found["StackId"]}


def _lines(settings: Mapping[str, Any]) -> list[str]:
    return json.dumps(settings, indent=2, sort_keys=True, ensure_ascii=False).splitlines()
