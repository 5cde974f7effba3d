"""SimulatePrincipalPolicy for roles, with the context that the caller gives: the emulator's own leaves it out.

A policy with a condition, such as the sender's on the pool of a code, would look as if it allowed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.emulator import Handler, Headers, Response, iam, sns

RESULT = (
    '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult>'
    "<IsTruncated>false</IsTruncated><EvaluationResults>{members}</EvaluationResults>"
    "</SimulatePrincipalPolicyResult><ResponseMetadata><RequestId>simulated</RequestId></ResponseMetadata>"
    "</SimulatePrincipalPolicyResponse>"
)
MEMBER = (
    "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName>"
    "<EvalDecision>{decision}</EvalDecision></member>"
)


def install() -> None:
    emulator.replace_service("iam", _simulating)


def _simulating(original: Handler) -> Handler:
    async def handle(method: str, path: str, headers: Headers, body: bytes, query: dict[str, Any]) -> Response:
        parameters = sns.parameters(body, query)
        role = iam.role(parameters.get("PolicySourceArn", ""))
        if parameters.get("Action") != "SimulatePrincipalPolicy" or role is None:
            return await original(method, path, headers, body, query)
        return 200, {"Content-Type": "text/xml"}, RESULT.format(members=_members(role, parameters)).encode()

    return handle


def _members(role: iam.Role, parameters: Mapping[str, str]) -> str:
    names = _listed(parameters, "ContextEntries.member.{}.ContextKeyName")
    values = _listed(parameters, "ContextEntries.member.{}.ContextKeyValues.member.1")
    context = dict(zip(names, values, strict=False))
    resources = _listed(parameters, "ResourceArns.member.{}") or ["*"]
    return "".join(
        MEMBER.format(
            action=escape(action),
            resource=escape(resource),
            decision="allowed" if role.may(action, resource, context) else "implicitDeny",
        )
        for action in _listed(parameters, "ActionNames.member.{}")
        for resource in resources
    )


def _listed(parameters: Mapping[str, str], name: str) -> list[str]:
    found: list[str] = []
    while (value := parameters.get(name.format(len(found) + 1))) is not None:
        found.append(value)
    return found
