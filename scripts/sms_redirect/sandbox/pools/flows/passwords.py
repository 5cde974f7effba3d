"""Forgotten, reset and temporary passwords."""

from __future__ import annotations

import json
import secrets
import string

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.dispatch import Call, Operation
from sms_redirect.sandbox.emulator import Response
from sms_redirect.sandbox.emulator import cognito as emulator_cognito
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.pools.flows import rules
from sms_redirect.sandbox.pools.flows.codes import DAY, RECOVERY, Key
from sms_redirect.sandbox.pools.flows.delivery import Sms
from sms_redirect.sandbox.pools.flows.directory import Pool, User
from sms_redirect.sandbox.pools.flows.services import Services, client_metadata

# & < > among them: Cognito escapes them on the way to the sender, so a sender that forgets it shows here.
SYMBOLS = "!#$%&*+-=?@^_<>"
CLASSES = (string.ascii_uppercase, string.ascii_lowercase, string.digits, SYMBOLS)
SHORTEST = 8
DEFAULT_VALIDITY_DAYS = 7


class Passwords:
    def __init__(self, services: Services) -> None:
        self._services = services

    def operations(self) -> dict[str, Operation]:
        return {
            "ForgotPassword": self.forgot_password,
            "ConfirmForgotPassword": self.confirm_forgot_password,
            "AdminResetUserPassword": self.admin_reset_user_password,
            "AdminCreateUser": self.admin_create_user,
            "AdminSetUserPassword": self.admin_set_user_password,
        }

    async def forgot_password(self, call: Call) -> Response:
        if refusal := emulator_cognito.refusal(call.action, call.request):
            return refusal
        pool = Pool.by_client(call.request.get("ClientId", ""))
        user = pool.user(call.request.get("Username"))
        if user is None:
            return await call.forward()  # simulated details, or UserNotFoundException, as the app client wants
        _check_may_reset(user)
        if rules.recovery_medium(pool, user) == "EMAIL":
            return await call.forward()
        self._send_recovery_code(call, user)
        return emulator.answer({"CodeDeliveryDetails": rules.delivery_details(user.phone_number or "")})

    async def confirm_forgot_password(self, call: Call) -> Response:
        if refusal := emulator_cognito.refusal(call.action, call.request):
            return refusal
        pool = Pool.by_client(call.request.get("ClientId", ""))
        user = pool.user(call.request.get("Username"))
        if user is None or not self._services.codes.is_out(_key(user)):
            return await call.forward()  # nobody, or a code that went by email
        self._services.limits.count(call.action, user.key)
        self._services.codes.check(_key(user), call.request.get("ConfirmationCode"))
        password = {"UserPoolId": pool.id, "Username": user.name, "Password": call.request.get("Password", "")}
        status, headers, body = await emulator_cognito.call_cognito(
            "AdminSetUserPassword", password | {"Permanent": True}
        )
        if status == 200:  # noqa: PLR2004 - a refused password leaves the code as it was
            self._services.codes.used(_key(user))
        return status, headers, body

    async def admin_reset_user_password(self, call: Call) -> Response:
        pool = Pool.by_id(call.request.get("UserPoolId", ""))
        user = pool.existing_user(call.request.get("Username"))
        _check_may_reset(user)
        if rules.recovery_medium(pool, user) == "EMAIL":
            return await call.forward()
        user.record["UserStatus"] = "RESET_REQUIRED"
        self._send_recovery_code(call, user)
        return emulator.answer({})

    async def admin_create_user(self, call: Call) -> Response:
        pool = Pool.by_id(call.request.get("UserPoolId", ""))
        if call.request.get("MessageAction") == "RESEND":
            return await self._resend_invitation(call, pool)
        rules.check_phone_number(call.request.get("UserAttributes") or [])
        password = call.request.get("TemporaryPassword") or temporary_password(pool)
        status, headers, body = await call.forward(call.request | {"TemporaryPassword": password})
        if status == 200:  # noqa: PLR2004
            user = pool.existing_user(json.loads(body)["User"]["Username"])
            user.record["_temporary_password_at"] = self._services.clock.now()
            if call.request.get("MessageAction") != "SUPPRESS":
                self._invite(call, user, password)
        return status, headers, body

    async def admin_set_user_password(self, call: Call) -> Response:
        """A temporary password that an administrator sets starts its validity anew. No message is sent."""
        response = await call.forward()
        pool = Pool.by_id(call.request.get("UserPoolId", ""))
        user = pool.user(call.request.get("Username"))
        if user is not None:
            user.record["_temporary_password_at"] = self._services.clock.now()
        return response

    async def _resend_invitation(self, call: Call, pool: Pool) -> Response:
        user = pool.existing_user(call.request.get("Username"))
        if user.status != "FORCE_CHANGE_PASSWORD":
            problem = f"Resend not possible. {user.name} status is not FORCE_CHANGE_PASSWORD"
            raise CognitoError("UnsupportedUserStateException", problem)
        password = call.request.get("TemporaryPassword") or temporary_password(pool)
        if refusal := emulator_cognito.password_refusal(pool.record, password):
            return refusal
        user.record["_password"] = password
        user.record["_temporary_password_at"] = self._services.clock.now()
        self._invite(call, user, password)
        return await call.forward()

    def _invite(self, call: Call, user: User, password: str) -> None:
        if "SMS" in (call.request.get("DesiredDeliveryMediums") or ["SMS"]) and user.phone_number:
            sms = Sms(user, "AdminCreateUser", password, user.phone_number, None, client_metadata(call))
            self._services.delivery.send(sms)

    def _send_recovery_code(self, call: Call, user: User) -> None:
        self._services.send_code(call, user, "ForgotPassword", _key(user), valid_for=RECOVERY)


def temporary_password(pool: Pool) -> str:
    """Random, with every class of character, long enough for the pool's policy."""
    length = max(SHORTEST, int(pool.get("Policies", "PasswordPolicy", "MinimumLength") or 0))
    characters = [secrets.choice(characters) for characters in CLASSES]
    characters += [secrets.choice("".join(CLASSES)) for _ in range(length - len(characters))]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def check_temporary_password_in_time(services: Services, user: User) -> None:
    """Raises CognitoError where the password is older than `TemporaryPasswordValidityDays`."""
    policy = user.pool.get("Policies", "PasswordPolicy", "TemporaryPasswordValidityDays")
    days = policy or user.pool.get("AdminCreateUserConfig", "UnusedAccountValidityDays") or DEFAULT_VALIDITY_DAYS
    set_at = user.record.get("_temporary_password_at")
    if set_at is not None and services.clock.now() >= set_at + days * DAY:
        problem = "Temporary password has expired and must be reset by an administrator."
        raise CognitoError("NotAuthorizedException", problem)


def _key(user: User) -> Key:
    return ("recovery", *user.key, user.phone_number)


def _check_may_reset(user: User) -> None:
    if not user.enabled:
        raise CognitoError("NotAuthorizedException", "User is disabled.")
    if user.status == "FORCE_CHANGE_PASSWORD":
        raise CognitoError("NotAuthorizedException", "User password cannot be reset in the current state.")
