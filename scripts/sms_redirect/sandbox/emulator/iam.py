"""IAM as the emulator evaluates it: with `emulator`, the only module that knows the evaluator's insides.

Covered by tests/integration/test_emulator_contract_pools.py.
"""

# The emulator is imported once it is configured, and reached into on purpose.

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sms_redirect.sandbox.emulator import ACCOUNT_ID, Headers


def denial(headers: Headers, action: str, resource_arn: str, context: Mapping[str, str]) -> str | None:
    """Why the caller of a request may not also do `action`: AWS's text for it. None if the caller may.

    AWS checks some rights of the caller beside that of the operation itself, such as `iam:PassRole`. `context` are
    condition keys, for example `iam:PassedToService`.
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

    def may(self, action: str, resource_arn: str = "*") -> bool:
        """Whether the role's own policies allow an action."""
        from ministack.core import iam_evaluator
        from ministack.services import iam

        name = self.record["RoleName"]
        request = _service_context(self.record["Arn"], action, {}, resource_arn)
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
