"""Implements the inbox's `Controls` over a sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from sms_redirect.aws import Aws, code_of
from sms_redirect.inbox.sources import FaultName, FaultState, NotThere, User
from sms_redirect.sandbox.faults import Fault
from sms_redirect.sandbox.server import Sandbox

NOT_THERE = {"ResourceNotFoundException": "There is no such user pool here.", "UserNotFoundException": "No such user."}


class SandboxControls:
    """`aws` calls the sandbox."""

    def __init__(self, sandbox: Sandbox, aws: Aws) -> None:
        self._sandbox = sandbox
        self._aws = aws

    def now(self) -> datetime:
        return self._sandbox.clock.datetime()

    def ahead(self) -> float:
        return self._sandbox.clock.ahead

    def advance(self, seconds: float) -> None:
        self._sandbox.clock.advance(seconds)

    def limits(self) -> bool:
        return self._sandbox.limits.enabled

    def limit(self, *, enabled: bool) -> None:
        self._sandbox.limits.enabled = enabled

    def fault(self, name: FaultName) -> FaultState:
        fault = self._fault(name)
        mode, times = fault.state
        return FaultState(mode, times, fault.modes)

    def set_fault(self, name: FaultName, mode: str, times: int) -> None:
        self._fault(name).set(mode, times)

    def users(self, pool_id: str) -> Sequence[User]:
        with _not_there():
            pages = self._cognito.get_paginator("list_users").paginate(UserPoolId=pool_id)
            found = [_user(each) for page in pages for each in page["Users"]]
        return sorted(found, key=lambda user: user.created_at, reverse=True)

    def delete_user(self, pool_id: str, user_name: str) -> None:
        with _not_there():
            self._cognito.admin_delete_user(UserPoolId=pool_id, Username=user_name)

    def _fault(self, name: FaultName) -> Fault:
        return {"sender": self._sandbox.sender_fault, "user-pools": self._sandbox.pool_fault}[name]

    @property
    def _cognito(self) -> Any:
        return self._aws.session.client(
            "cognito-idp", region_name=self._aws.region, endpoint_url=self._aws.endpoint_url
        )


def _user(found: dict[str, Any]) -> User:
    attributes = {each["Name"]: each["Value"] for each in found.get("Attributes", ())}
    return User(
        user_name=found["Username"],
        sub=attributes.get("sub"),
        status=found["UserStatus"],
        enabled=found["Enabled"],
        phone_number=attributes.get("phone_number"),
        email=attributes.get("email"),
        created_at=found["UserCreateDate"].astimezone(UTC),
    )


@contextmanager
def _not_there() -> Iterator[None]:
    try:
        yield
    except ParamValidationError:
        raise NotThere(NOT_THERE["ResourceNotFoundException"]) from None
    except ClientError as error:
        text = NOT_THERE.get(code_of(error), error.response["Error"]["Message"])
        raise NotThere(text) from error
