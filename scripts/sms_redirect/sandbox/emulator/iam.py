"""IAM as the emulator evaluates it: with `emulator`, the only module that knows the evaluator's insides.

Covered by tests/integration/test_emulator_contract_pools.py.
"""

# The emulator is imported once it is configured, and reached into on purpose.

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.emulator import ACCOUNT_ID, Handler, Headers, Response

Policies = list[Any]
"""The statements of each of somebody's policies, as the evaluator parses them; comparable."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A role or a user of an account."""

    kind: Literal["role", "user"]
    account: str
    name: str


View = Callable[[Principal, Policies], Policies]
_GATHERERS: Mapping[Literal["role", "user"], str] = {"role": "_gather_role_policies", "user": "_gather_user_policies"}
_unfiltered: ContextVar[bool] = ContextVar("unfiltered", default=False)
_callers: ContextVar[dict[tuple[str, str], Any] | None] = ContextVar("callers", default=None)


def replace_gathering(view: View) -> None:
    """Let the evaluator go by `view(principal, policies)` instead of by the policies themselves."""
    from ministack.core import iam_evaluator

    for kind, name in _GATHERERS.items():
        setattr(iam_evaluator, name, _viewed(kind, _gatherer(name), view))


def _gatherer(name: str) -> Callable[[str, str], Policies]:
    """The emulator's own, whatever stands in its place."""
    from ministack.core import iam_evaluator

    current = getattr(iam_evaluator, name)
    original: Callable[[str, str], Policies] = getattr(current, "of_the_emulator", current)
    return original


def _viewed(
    kind: Literal["role", "user"], original: Callable[[str, str], Policies], view: View
) -> Callable[[str, str], Policies]:
    def gather(name: str, account_id: str) -> Policies:
        policies = original(name, account_id)
        return policies if _unfiltered.get() else view(Principal(kind, account_id, name), policies)

    gather.of_the_emulator = original  # type: ignore[attr-defined]
    return gather


@contextmanager
def as_it_is() -> Iterator[None]:
    """Evaluate without the view, for callers that wait until a change has spread, as CloudFormation does for a role."""
    token = _unfiltered.set(True)
    try:
        yield
    finally:
        _unfiltered.reset(token)


def account() -> str:
    """The account that is being acted in."""
    from ministack.core.responses import get_account_id

    account_id: str = get_account_id()
    return account_id


@contextmanager
def called_from(address: str) -> Iterator[None]:
    """Serve one request: `aws:SourceIp` and `aws:SecureTransport` are those of a caller at this address.

    Traffic that never leaves the machine counts as TLS, as at the door. Who the caller is and may do is looked up once.
    """
    from ministack.core import iam_evaluator

    before, token = iam_evaluator._request_origin.get(), _callers.set({})
    iam_evaluator.pin_request_origin(address, True)
    try:
        yield
    finally:
        iam_evaluator.pin_request_origin(*before)
        _callers.reset(token)


def look_callers_up_once() -> None:
    """Keep who a caller is while its request is served: the evaluator looks anew for each permission that it takes."""
    from ministack.core import iam_evaluator

    original = getattr(iam_evaluator.resolve_principal, "of_the_emulator", iam_evaluator.resolve_principal)

    def resolve(access_key_id: str, account_id: str, credential: Any = None) -> Any:
        known = _callers.get()
        if known is None:
            return original(access_key_id, account_id, credential)
        if (access_key_id, account_id) not in known:
            known[access_key_id, account_id] = original(access_key_id, account_id, credential)
        return known[access_key_id, account_id]

    resolve.of_the_emulator = original  # type: ignore[attr-defined]
    iam_evaluator.resolve_principal = resolve


def parse_policies_once() -> None:
    """Keep what a policy's text means: the evaluator reads each policy of a caller anew for every request."""
    from ministack.core import iam_evaluator

    original = getattr(iam_evaluator.parse_policy_document, "of_the_emulator", iam_evaluator.parse_policy_document)
    known = lru_cache(maxsize=1024)(original)

    def parse(document: str | dict[str, Any]) -> list[Any]:
        return list(known(document)) if isinstance(document, str) else original(document)

    parse.of_the_emulator = original  # type: ignore[attr-defined]
    iam_evaluator.parse_policy_document = parse


def policies_by_principal() -> dict[Principal, Policies]:
    """Those of every role and user of the account that is being acted in, as they are."""
    from ministack.services import iam

    here = account()
    roles, users = _gatherer(_GATHERERS["role"]), _gatherer(_GATHERERS["user"])
    return {
        **{Principal("role", here, name): roles(name, here) for name in list(iam._roles)},
        **{Principal("user", here, name): users(name, here) for name in list(iam._users)},
    }


def after_changes(note: Callable[[], None]) -> None:
    """Call `note` after every request to IAM."""

    def noting(original: Handler) -> Handler:
        async def handle(method: str, path: str, headers: Headers, body: bytes, query: dict[str, Any]) -> Response:
            response = await original(method, path, headers, body, query)
            note()
            return response

        return handle

    emulator.replace_service("iam", noting)


def denial(headers: Headers, action: str, resource_arn: str, context: Mapping[str, Any]) -> str | None:
    """Why the caller of a request may not also do `action`: AWS's text for it. None if the caller may.

    AWS checks some permissions of the caller beside that for the operation itself, such as `iam:PassRole`.
    `context` are condition keys, for example `iam:PassedToService`.
    """
    from ministack.core import iam_actions, iam_evaluator, router

    refused = iam_evaluator.enforce(
        router.extract_access_key_id(headers, {}),
        action,
        action.partition(":")[0],
        router.extract_region(headers, {}),
        resource_arn=resource_arn,
        service_context=dict(context),
    )
    if refused is None:
        return None
    if isinstance(refused, iam_evaluator.AuthError):
        return str(refused.message)
    message: str = iam_actions.identity_denial_message(
        action, refused.principal_arn, resource_arn, refused.decision == "Deny"
    )
    return message


def resource_denial(policy: str, action: str, resource_arn: str, context: Mapping[str, str]) -> str | None:
    """AWS's text if a resource's policy denies `action` to whom the account acts for. `context` are condition keys."""
    from ministack.core import iam_actions, iam_evaluator

    request = iam_evaluator.EvalContext(
        principal_arn=iam_evaluator.caller_arn(),
        principal_type="Root",
        principal_account=account(),
        action=action,
        resource_arn=resource_arn,
        region=resource_arn.split(":")[3],
        service_context={key.lower(): value for key, value in context.items()},
    )
    if iam_evaluator.evaluate_resource_policy(policy, request).decision != "Deny":
        return None
    denial: str = iam_actions._resource_policy_denial(
        action.partition(":")[0], action, request.principal_arn, resource_arn
    )
    return denial


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role of the emulator."""

    record: dict[str, Any]

    def trusts(self, service: str, context: Mapping[str, str]) -> bool:
        """Whether this service principal may assume the role, with condition keys such as `sts:ExternalId`."""
        from ministack.core import iam_evaluator

        document = self.record["AssumeRolePolicyDocument"]
        parsed = json.loads(document) if isinstance(document, str) else document
        statements = parsed["Statement"] if isinstance(parsed["Statement"], list) else [parsed["Statement"]]
        # The evaluator wants a resource, which a trust policy does not have.
        trust = {"Statement": [{**statement, "Resource": "*"} for statement in statements]}
        request = _service_context(service, "sts:AssumeRole", context)
        return bool(iam_evaluator.evaluate_resource_policy(trust, request, service=service).decision == "Allow")

    def may(self, action: str, resource_arn: str = "*", context: Mapping[str, str] | None = None) -> bool:
        """Whether the role's own policies allow an action, with condition keys such as `kms:EncryptionContext:...`."""
        from ministack.core import iam_evaluator
        from ministack.services import iam

        name = self.record["RoleName"]
        request = _service_context(self.record["Arn"], action, context or {}, resource_arn)
        policies = iam_evaluator._gather_role_policies(name, ACCOUNT_ID)
        limits = iam_evaluator._permissions_boundary(iam._roles, name, ACCOUNT_ID)
        return bool(iam_evaluator.evaluate(request, policies, *limits).decision == "Allow")


def role(role_arn: str) -> Role | None:
    """The role of this ARN, if the emulator's account has it."""
    from ministack.services import iam

    record = iam._roles.get(role_arn.rpartition("/")[2])
    return Role(record) if record and record["Arn"] == role_arn else None


def _service_context(principal: str, action: str, context: Mapping[str, str], resource_arn: str = "*") -> Any:
    from ministack.core import iam_evaluator

    return iam_evaluator.EvalContext(
        principal_arn=principal,
        principal_type="AWSService",
        principal_account=ACCOUNT_ID,
        action=action,
        resource_arn=resource_arn,
        region="",
        service_context={key.lower(): value for key, value in context.items()},
    )
