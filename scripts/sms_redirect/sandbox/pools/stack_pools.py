"""User pools that stacks make, held to the same rules as those of the API.

CloudFormation calls Cognito itself; the emulator's CloudFormation goes past its API. So the rules stand around the
emulator's handlers for `AWS::Cognito::UserPool`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.emulator import cognito as emulator_cognito
from sms_redirect.sandbox.emulator import iam
from sms_redirect.sandbox.emulator import stacks as emulator_stacks
from sms_redirect.sandbox.emulator.stacks import Step
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.pools import mfa as pool_mfa
from sms_redirect.sandbox.pools import rights as pool_rights
from sms_redirect.sandbox.pools import shapes as pool_shapes
from sms_redirect.sandbox.pools import user_pools


class StackPoolError(Exception):
    """Cognito refused what a template asks for. The text is what a stack event shows."""


def install() -> None:
    """Put the rules in place, once per process or again."""
    steps = {"create": _stack_creates, "update": _stack_updates, "delete": _stack_deletes}
    emulator_stacks.replace_handlers("AWS::Cognito::UserPool", steps)


def _stack_creates(create: Step) -> Step:
    def created(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> Any:
        request = {"PoolName": logical_id, **_request("CreateUserPool", properties)}
        region = emulator.current_region()
        with _as_stack_failure(), iam.as_it_is():
            user_pools.check_create(request, region, other_factor=_other_factor(properties))
            pool_rights.check_sms_role(request, region)
        pool_id, attributes = create(logical_id, properties, stack_name)
        record = emulator_cognito.pool_record(pool_id) or {}
        _settle_from_template(record, {**request, "UserPoolTier": record["UserPoolTier"]}, properties)
        return pool_id, attributes

    return created


def _stack_updates(update: Step) -> Step:
    def updated(pool_id: str, old: Mapping[str, Any], new: Mapping[str, Any], *names: Any) -> Any:
        request = {**_request("UpdateUserPool", new), "UserPoolId": pool_id}
        record = emulator_cognito.pool_record(pool_id)
        if record is not None:
            with _as_stack_failure(), iam.as_it_is():
                user_pools.check_update(request, record, other_factor=_other_factor(new))
                pool_rights.check_sms_role(request, emulator.current_region(), pool_id)
        result = update(pool_id, old, new, *names)
        _settle_from_template(emulator_cognito.pool_record(pool_id) or {}, request, new)
        return result

    return updated


def _stack_deletes(delete: Step) -> Step:
    def deleted(pool_id: str, properties: Mapping[str, Any]) -> None:
        with _as_stack_failure():
            user_pools.check_deletable(emulator_cognito.pool_record(pool_id) or {})
        delete(pool_id, properties)

    return deleted


def _request(operation: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """What CloudFormation asks of Cognito for a template's properties; factors are another operation's."""
    shape = pool_shapes.input_shape(operation)
    named = {"PoolName" if name == "UserPoolName" else name: value for name, value in properties.items()}
    request: dict[str, Any] = pool_shapes.from_template(shape, named)
    return {name: value for name, value in request.items() if name in shape.members}


def _settle_from_template(record: dict[str, Any], request: Mapping[str, Any], properties: Mapping[str, Any]) -> None:
    # The tags of the template and the stack's own system tags come together.
    user_pools.settle(record, request, {})
    pool_mfa.after_update(record)
    pool_mfa.from_template(record, properties)


def _other_factor(properties: Mapping[str, Any]) -> bool:
    return bool(set(properties.get("EnabledMfas") or []) - {"SMS_MFA"})


@contextmanager
def _as_stack_failure() -> Iterator[None]:
    try:
        yield
    except CognitoError as problem:
        reason = f"{problem.message} (Service: CognitoIdentityProvider, Status Code: 400)"
        raise StackPoolError(f'Resource handler returned message: "{reason}" ({problem.code})') from problem
