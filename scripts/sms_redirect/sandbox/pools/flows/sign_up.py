"""SignUp, ResendConfirmationCode, ConfirmSignUp."""

from __future__ import annotations

import json
import secrets

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.dispatch import Call, Operation
from sms_redirect.sandbox.emulator import Response
from sms_redirect.sandbox.emulator import cognito as emulator_cognito
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.pools.flows import rules
from sms_redirect.sandbox.pools.flows.codes import VERIFICATION, Key
from sms_redirect.sandbox.pools.flows.directory import Pool, User
from sms_redirect.sandbox.pools.flows.services import Services


class SignUp:
    def __init__(self, services: Services) -> None:
        self._services = services

    def operations(self) -> dict[str, Operation]:
        return {
            "SignUp": self.sign_up,
            "ResendConfirmationCode": self.resend_confirmation_code,
            "ConfirmSignUp": self.confirm_sign_up,
        }

    async def sign_up(self, call: Call) -> Response:
        pool = Pool.by_client(call.request.get("ClientId", ""))
        rules.check_phone_number(call.request.get("UserAttributes") or [])
        status, headers, body = await call.forward(_with_password(call, pool))
        if status != 200:  # noqa: PLR2004
            return status, headers, body
        answer = json.loads(body)
        user = pool.existing_user(answer["UserSub"])
        medium = None if answer["UserConfirmed"] else rules.sign_up_medium(pool, user)
        if medium != "EMAIL":  # the emulator speaks of an email to everyone who has an address
            answer.pop("CodeDeliveryDetails", None)
        if medium == "SMS":
            answer["CodeDeliveryDetails"] = self._send(call, user, "SignUp")
        return emulator.answer(answer)

    async def resend_confirmation_code(self, call: Call) -> Response:
        if refusal := emulator_cognito.refusal(call.action, call.request):
            return refusal
        pool = Pool.by_client(call.request.get("ClientId", ""))
        user = pool.user(call.request.get("Username"))
        if user is None:
            return await call.forward()
        if user.status != "UNCONFIRMED":
            raise CognitoError("InvalidParameterException", "User is already confirmed.")
        medium = rules.sign_up_medium(pool, user)
        if medium is None:
            raise CognitoError("InvalidParameterException", "Auto verification not turned on.")
        self._services.limits.count(call.action, user.key)
        if medium == "EMAIL":
            return await call.forward()
        return emulator.answer({"CodeDeliveryDetails": self._send(call, user, "ResendCode")})

    async def confirm_sign_up(self, call: Call) -> Response:
        if refusal := emulator_cognito.refusal(call.action, call.request):
            return refusal
        pool = Pool.by_client(call.request.get("ClientId", ""))
        user = pool.user(call.request.get("Username"))
        if user is None or rules.sign_up_medium(pool, user) == "EMAIL":
            return await call.forward()
        if user.status != "UNCONFIRMED":
            problem = f"User cannot be confirmed. Current status is {user.status}"
            raise CognitoError("NotAuthorizedException", problem)
        self._services.limits.count(call.action, user.key)
        self._services.codes.check(_key(user), call.request.get("ConfirmationCode"))
        self._services.codes.used(_key(user))
        user.set(phone_number_verified="true")
        return await emulator_cognito.call_cognito("AdminConfirmSignUp", {"UserPoolId": pool.id, "Username": user.name})

    def _send(self, call: Call, user: User, flow: str) -> dict[str, str]:
        self._services.send_code(call, user, flow, _key(user), valid_for=VERIFICATION)
        return rules.delivery_details(user.phone_number or "")


def _key(user: User) -> Key:
    return ("sign-up", *user.key, user.phone_number)


def _with_password(call: Call, pool: Pool) -> dict[str, object]:
    """The request. Where a pool offers sign-in without a password, who gives none gets one that nobody knows."""
    allowed = pool.get("Policies", "SignInPolicy", "AllowedFirstAuthFactors") or []
    if call.request.get("Password") or "SMS_OTP" not in allowed:
        return call.request
    return call.request | {"Password": f"aA1!{secrets.token_urlsafe(48)}"}
