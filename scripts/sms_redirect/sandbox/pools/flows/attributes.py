"""Changing a phone number and proving that one owns it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.dispatch import Call, Operation
from sms_redirect.sandbox.emulator import Response
from sms_redirect.sandbox.emulator import cognito as emulator_cognito
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.pools.flows import rules
from sms_redirect.sandbox.pools.flows.codes import VERIFICATION, Key
from sms_redirect.sandbox.pools.flows.directory import Pool, User
from sms_redirect.sandbox.pools.flows.services import Services

PHONE = "phone_number"
PENDING = "_pending_phone_number"  # beside the emulator's own members of a user's record


class UserAttributes:
    def __init__(self, services: Services) -> None:
        self._services = services

    def operations(self) -> dict[str, Operation]:
        return {
            "GetUserAttributeVerificationCode": self.get_user_attribute_verification_code,
            "VerifyUserAttribute": self.verify_user_attribute,
            "UpdateUserAttributes": self.update_user_attributes,
            "AdminUpdateUserAttributes": self.admin_update_user_attributes,
        }

    async def get_user_attribute_verification_code(self, call: Call) -> Response:
        user = _signed_in(call)
        attribute = call.request.get("AttributeName")
        _only_phone(attribute)
        if user.phone_number is None:
            problem = "User does not have the attribute phone_number to verify."
            raise CognitoError("InvalidParameterException", problem)
        self._services.limits.count(call.action, user.key)
        number = _to_verify(user)
        self._services.send_code(
            call, user, "VerifyUserAttribute", _key(user, number), phone_number=number, valid_for=VERIFICATION
        )
        return emulator.answer({"CodeDeliveryDetails": rules.delivery_details(number)})

    async def verify_user_attribute(self, call: Call) -> Response:
        user = _signed_in(call)
        _only_phone(call.request.get("AttributeName"))
        self._services.limits.count(call.action, user.key)
        number = _to_verify(user)
        self._services.codes.check(_key(user, number), call.request.get("Code"))
        self._services.codes.used(_key(user, number))
        user.record.pop(PENDING, None)
        user.set(phone_number=number, phone_number_verified="true")
        return emulator.answer({})

    async def update_user_attributes(self, call: Call) -> Response:
        user = _signed_in(call)
        _check_may_write(call.request.get("UserAttributes") or [])
        wanted, number = _split(user, call.request.get("UserAttributes") or [])
        status, headers, body = await call.forward(call.request | {"UserAttributes": wanted})
        if status != 200 or number is None:  # noqa: PLR2004
            return status, headers, body
        details = self._new_number(call, user, number)
        return emulator.answer({"CodeDeliveryDetailsList": details})

    async def admin_update_user_attributes(self, call: Call) -> Response:
        pool = Pool.by_id(call.request.get("UserPoolId", ""))
        user = pool.existing_user(call.request.get("Username"))
        attributes = call.request.get("UserAttributes") or []
        if _value(attributes, f"{PHONE}_verified") is not None:
            _check_format(_value(attributes, PHONE))
            user.record.pop(PENDING, None)
            return await call.forward()  # the administrator vouches for the number, or says that it is unverified
        wanted, number = _split(user, attributes)
        status, headers, body = await call.forward(call.request | {"UserAttributes": wanted})
        if status == 200 and number is not None:  # noqa: PLR2004
            self._new_number(call, user, number)
        return status, headers, body

    def _new_number(self, call: Call, user: User, number: str) -> list[dict[str, str]]:
        """Take a changed number over, or keep it pending until its code comes back. Answers the delivery details."""
        verified_first = user.pool.get("UserAttributeUpdateSettings", "AttributesRequireVerificationBeforeUpdate") or []
        if PHONE in verified_first:
            user.record[PENDING] = number
        else:
            user.record.pop(PENDING, None)
            user.set(phone_number=number, phone_number_verified="false")
        if PHONE not in (user.pool.get("AutoVerifiedAttributes") or []):
            return []
        self._services.send_code(
            call, user, "UpdateUserAttribute", _key(user, number), phone_number=number, valid_for=VERIFICATION
        )
        return [rules.delivery_details(number)]


def _key(user: User, number: str) -> Key:
    # With the number: a code proves that somebody reads the phone that it was sent to, and no other.
    return ("attribute", PHONE, *user.key, number)


def _to_verify(user: User) -> str:
    """The number that waits for its code, else the user's own."""
    return str(user.record.get(PENDING) or user.phone_number or "")


def _check_may_write(attributes: Iterable[Mapping[str, Any]]) -> None:
    """Users cannot vouch for themselves."""
    if any(str(attribute.get("Name", "")).endswith("_verified") for attribute in attributes):
        raise CognitoError("NotAuthorizedException", "A client attempted to write unauthorized attribute")


def _signed_in(call: Call) -> User:
    token = call.request.get("AccessToken")
    if not token:
        raise CognitoError("NotAuthorizedException", "Access token is missing.")
    if refusal := emulator_cognito.refusal(call.action, call.request):
        raise CognitoError(*emulator.error_of(refusal))
    return User.by_token(token)


def _only_phone(attribute: object) -> None:
    if attribute != PHONE:
        problem = f"The sandbox verifies phone_number only, not {attribute}: it redirects SMS."
        raise CognitoError("InvalidParameterException", problem)


def _split(user: User, attributes: Iterable[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], str | None]:
    """The attributes that change at once, and the new phone number, if it is one."""
    attributes = list(attributes)
    number = _value(attributes, PHONE)
    _check_format(number)
    others = [attribute for attribute in attributes if attribute.get("Name") != PHONE]
    return others, number if number and number != user.phone_number else None


def _check_format(number: str | None) -> None:
    if number and not rules.E164.fullmatch(number):
        raise CognitoError("InvalidParameterException", "Invalid phone number format.")


def _value(attributes: Iterable[Mapping[str, Any]], name: str) -> str | None:
    return next((str(attribute.get("Value", "")) for attribute in attributes if attribute.get("Name") == name), None)
