"""User pools as strict as Cognito, and stricter where it is lenient: the settings that a request leaves out are reset.

The emulator makes and finds the pools; here requests are checked first, and every setting is stored afterwards.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.dispatch import Call, Operation
from sms_redirect.sandbox.emulator import Response
from sms_redirect.sandbox.emulator import cognito as emulator_cognito
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.faults import Fault
from sms_redirect.sandbox.pools import mfa as pool_mfa
from sms_redirect.sandbox.pools import rights as pool_rights
from sms_redirect.sandbox.pools import rules as pool_rules
from sms_redirect.sandbox.pools import shapes as pool_shapes

Record = dict[str, Any]

SUCCESS = 200
HTTP_FAILURE = 500
UNANSWERED = ("InternalErrorException", "The answer was lost (simulated): the change was made.")
PASSING = {
    "sms-role-trust": pool_rights.NO_TRUST,
    "sms-role-publish": pool_rights.NO_PUBLISH,
    "concurrent": ("ConcurrentModificationException", "Concurrent modification (simulated)"),
    "throttle": ("TooManyRequestsException", "Too many requests (simulated)"),
    "lost-answer": UNANSWERED,
}


class UserPools:
    """The operations on pools. `fault` makes changes of their settings fail, in one of the ways of PASSING.

    Each passes on AWS after a while. With "lost-answer" the change is made all the same.
    """

    def __init__(self, fault: Fault | None = None) -> None:
        self.fault = fault or Fault(PASSING)

    def operations(self) -> dict[str, Operation]:
        return {
            "CreateUserPool": self._create,
            "UpdateUserPool": self._update,
            "SetUserPoolMfaConfig": self._set_mfa,
            "GetUserPoolMfaConfig": _get_mfa,
            "DescribeUserPool": _describe,
            "DeleteUserPool": _delete,
            "TagResource": _tag,
            "UntagResource": _untag,
        }

    async def _create(self, call: Call) -> Response:
        request = pool_shapes.without_nulls(call.request)
        region = emulator.current_region()
        check_create(request, region, other_factor=False)
        pool_rules.check_tags(request.get("UserPoolTags", {}))
        pool_rights.check_caller(call.headers, request)
        pool_rights.check_sms_role(request, region)
        return await self._changing(lambda: _created(call, request))

    async def _update(self, call: Call) -> Response:
        request = pool_shapes.without_nulls(call.request)
        pool_shapes.check("UpdateUserPool", request)
        record = emulator_cognito.pool_record(request["UserPoolId"])
        if record is None:
            return await call.forward()
        pool_rules.check(request, _region(record), other_factor=pool_mfa.other_factor(record))
        pool_rules.check_tags(request.get("UserPoolTags", {}))
        pool_rights.check_caller(call.headers, request)
        pool_rights.check_sms_role(request, _region(record), record["Id"])
        return await self._changing(lambda: _updated(call, request, record))

    async def _set_mfa(self, call: Call) -> Response:
        request = pool_shapes.without_nulls(call.request)
        pool_shapes.check("SetUserPoolMfaConfig", request)
        record = emulator_cognito.pool_record(request["UserPoolId"])
        if record is None:
            return await call.forward()
        sms = request.get("SmsMfaConfiguration", {})
        _check_factors(request, record)
        pool_rights.check_caller(call.headers, sms)
        pool_rights.check_sms_role(sms, _region(record), record["Id"])
        return await self._changing(lambda: _factors_replaced(record, request))

    async def _changing(self, change: Callable[[], Awaitable[Response]]) -> Response:
        fault = self.fault.take()
        if fault is not None and fault != "lost-answer":
            raise CognitoError(*PASSING[fault])
        response = await change()
        return emulator.error(*UNANSWERED, status=HTTP_FAILURE) if fault == "lost-answer" else response


def check_create(request: Mapping[str, Any], region: str, *, other_factor: bool) -> None:
    pool_shapes.check("CreateUserPool", request)
    pool_rules.check(request, region, other_factor=other_factor)


def check_update(request: Mapping[str, Any], record: Record, *, other_factor: bool) -> None:
    pool_shapes.check("UpdateUserPool", request)
    pool_rules.check(request, _region(record), other_factor=other_factor)


def _check_factors(request: Mapping[str, Any], record: Record) -> None:
    sms = request.get("SmsMfaConfiguration", {}).get("SmsConfiguration")
    left: Record = {name: record[name] for name in ("AutoVerifiedAttributes", "Policies") if name in record}
    pool_rules.check({**left, **({} if sms is None else {"SmsConfiguration": sms})}, _region(record), other_factor=True)
    if request.get("MfaConfiguration", "OFF") != "OFF" and not sms and not pool_mfa.other_factor(request):
        raise CognitoError("InvalidParameterException", pool_rules.NO_FACTOR)


async def _created(call: Call, request: Mapping[str, Any]) -> Response:
    status, headers, body = await call.forward(request)
    if status != SUCCESS:
        return status, headers, body
    record = emulator_cognito.pool_record(json.loads(body)["UserPool"]["Id"]) or {}
    settle(record, {**request, "UserPoolTier": record["UserPoolTier"]}, {})
    pool_mfa.after_update(record)
    return emulator.answer({"UserPool": _described(record)})


async def _updated(call: Call, request: Mapping[str, Any], record: Record) -> Response:
    # The emulator judges a change of tier. It takes a missing one for no change, AWS for the default.
    system_tags = pool_rules.system_tags(record["UserPoolTags"])
    response = await call.forward({"UserPoolTier": "ESSENTIALS", **request})
    if response[0] != SUCCESS:
        return response
    settle(record, request, system_tags)
    record["Name"] = request.get("PoolName", record["Name"])
    pool_mfa.after_update(record)
    return emulator.answer({})


async def _factors_replaced(record: Record, request: Mapping[str, Any]) -> Response:
    pool_mfa.replace(record, request)
    return emulator.answer(pool_mfa.configuration(record))


async def _get_mfa(call: Call) -> Response:
    record = emulator_cognito.pool_record(call.request.get("UserPoolId", ""))
    return await call.forward() if record is None else emulator.answer(pool_mfa.configuration(record))


async def _describe(call: Call) -> Response:
    record = emulator_cognito.pool_record(call.request.get("UserPoolId", ""))
    return await call.forward() if record is None else emulator.answer({"UserPool": _described(record)})


async def _delete(call: Call) -> Response:
    check_deletable(emulator_cognito.pool_record(call.request.get("UserPoolId", "")) or {})
    return await call.forward()


async def _tag(call: Call) -> Response:
    pool_rules.check_tags(call.request.get("Tags") or {})
    return await call.forward()


async def _untag(call: Call) -> Response:
    pool_rules.check_tags(dict.fromkeys(call.request.get("TagKeys") or [], ""))
    return await call.forward()


def check_deletable(record: Record) -> None:
    if record.get("DeletionProtection") == "ACTIVE":
        raise CognitoError("InvalidParameterException", pool_rules.DELETION_PROTECTED)


def _described(record: Record) -> dict[str, Any]:
    shown = pool_rules.described(record, pool_mfa.CONFIGURATIONS)
    return {**shown, "EstimatedNumberOfUsers": len(record["_users"])}


def settle(record: Record, request: Mapping[str, Any], system_tags: Mapping[str, str]) -> None:
    """Store every setting of a request, and reset those that it leaves out, also ones that no model knows."""
    settings = pool_rules.settled(request, system_tags=system_tags)
    record.update(settings)
    stays = pool_shapes.read_only_members() | pool_mfa.CONFIGURATIONS | settings.keys()
    for name in [name for name in record if name not in stays and not name.startswith("_")]:
        del record[name]


def _region(record: Record) -> str:
    return str(record["Id"]).partition("_")[0]
