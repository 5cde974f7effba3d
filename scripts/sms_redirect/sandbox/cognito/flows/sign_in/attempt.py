"""A sign-in under way: who, where, and what comes next."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context, metadata_for_senders
from sms_redirect.sandbox.cognito.flows import devices, steps
from sms_redirect.sandbox.cognito.flows.token_generation import issue
from sms_redirect.sandbox.cognito.rules import addresses, factors, passwords
from sms_redirect.sandbox.cognito.rules.addresses import Destination
from sms_redirect.sandbox.cognito.state.sessions import PREFIX
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User, public
from sms_redirect.sandbox.errors import CognitoError

Response = dict[str, Any]
# In the place of tokens: the authorization code of a sign-in on the hosted page, which `state` knows as "hosted".
HOSTED_CODE = "HostedCode"


@dataclass(frozen=True, slots=True)
class Attempt:
    """`typed` is the user name as the app sent it first: secret hashes are made of it."""

    call: Call
    pool: Pool
    client: Client
    user: User
    typed: str
    device_key: str | None = None
    state: Mapping[str, Any] = field(default_factory=dict, repr=False)


def check_may_sign_in(user: User) -> None:
    """Raises CognitoError for a user whose state forbids every way of signing in."""
    if not user.enabled:
        raise CognitoError(*steps.DISABLED)
    if user.status == "RESET_REQUIRED":
        raise CognitoError("PasswordResetRequiredException", "Password reset required for the user")
    if user.status == "UNCONFIRMED":
        raise CognitoError("UserNotConfirmedException", "User is not confirmed.")


async def before(context: Context, attempt: Attempt) -> None:
    """PreAuthentication, which may refuse. It is told the metadata of InitiateAuth as `validationData`."""
    request = {
        "userAttributes": dict(public(attempt.user)),
        "validationData": dict(attempt.call.client_metadata),
        "userNotFound": False,
    }
    await context.triggers.call(
        attempt.pool, "PreAuthentication", "PreAuthentication_Authentication", attempt.user.name, attempt.client.id,
        request,
    )  # fmt: skip


async def after_password(context: Context, attempt: Attempt) -> Response:
    """What follows a right password: a new one in the place of a temporary one, a second factor, or tokens."""
    check_may_sign_in(attempt.user)
    if attempt.user.status == "FORCE_CHANGE_PASSWORD":
        passwords.check_in_time(attempt.pool, attempt.user, context.clock.now())
        return _new_password_required(context, attempt)
    return await after_first_factor(context, attempt)


async def after_first_factor(context: Context, attempt: Attempt) -> Response:
    """The second factor, which a remembered device may stand for, or tokens."""
    factor = factors.second_factor(attempt.pool, attempt.user)
    if factor != "MFA_SETUP" and devices.replaces_second_factor(attempt.pool):
        device = devices.remembered(context, attempt.pool, attempt.user, attempt.device_key)
        factor = None if device is not None else factor
    return await finish(context, attempt) if factor is None else await second_factor(context, attempt, factor)


async def second_factor(context: Context, attempt: Attempt, factor: str) -> Response:
    """The challenge of one second factor, or of the choice between several."""
    if factor == "SMS_MFA":
        return await send_code(context, attempt, factor, addresses.phone(attempt.user.phone_number or ""))
    if factor == "EMAIL_OTP":
        return await send_code(context, attempt, factor, addresses.email(attempt.user.email or ""))
    parameters = {"USER_ID_FOR_SRP": attempt.user.name}
    if factor == "SELECT_MFA_TYPE":
        parameters["MFAS_CAN_CHOOSE"] = json.dumps(factors.choices(attempt.pool, attempt.user))
    elif factor == "MFA_SETUP":
        parameters["MFAS_CAN_SETUP"] = json.dumps(factors.can_set_up(attempt.pool))
    else:
        parameters["FRIENDLY_DEVICE_NAME"] = "TOTP device"
    return challenge(context, attempt, factor, parameters)


async def finish(context: Context, attempt: Attempt, source: str = "Authentication") -> Response:
    """The proof of a remembered device; then PostAuthentication, PreTokenGeneration, and the tokens."""
    check_may_sign_in(attempt.user)
    device = devices.known(context, attempt.pool, attempt.user, attempt.device_key)
    proves_itself = devices.remembered(context, attempt.pool, attempt.user, attempt.device_key) is not None
    if proves_itself and "device_proven" not in attempt.state:
        return _device_challenge(context, attempt)
    new_device = device is None and devices.tracked(attempt.pool) and "hosted" not in attempt.state
    request = {
        "userAttributes": dict(public(attempt.user)),
        "newDeviceUsed": new_device,
        "clientMetadata": dict(metadata_for_senders(attempt.call)),
    }
    await context.triggers.call(
        attempt.pool, "PostAuthentication", "PostAuthentication_Authentication", attempt.user.name, attempt.client.id,
        request,
    )  # fmt: skip
    if "hosted" in attempt.state:
        state = attempt.state["hosted"]
        user = attempt.user
        code = context.sessions.open(
            "AUTHORIZATION_CODE", attempt.client, user.name, user.sub, state, token=str(uuid.uuid4())
        )
        return {HOSTED_CODE: code}
    key = devices.new_key(attempt.pool) if new_device else device.key if device is not None else None
    if device is not None:
        devices.used(context, device)
    grant, refresh = context.tokens.grant(attempt.client, attempt.user, device_key=key)
    metadata = metadata_for_senders(attempt.call)
    result = await issue(context, attempt.pool, attempt.client, attempt.user, grant, source, metadata)
    result["RefreshToken"] = refresh
    if new_device and key is not None:
        result["NewDeviceMetadata"] = {"DeviceKey": key, "DeviceGroupKey": devices.group_key(key)}
    return {"AuthenticationResult": result, "ChallengeParameters": {}}


def device_session(context: Context, pool: Pool, client: Client, name: str, key: str) -> str:
    """The session of DEVICE_SRP_AUTH: one for each user, app client and device."""
    user = steps.user_named(context, pool, name)
    return PREFIX + hashlib.sha256(f"{client.id} {user.sub if user else ''} {key}".encode()).hexdigest()


def _device_challenge(context: Context, attempt: Attempt) -> Response:
    token = device_session(context, attempt.pool, attempt.client, attempt.user.name, attempt.device_key or "")
    state = {**attempt.state, "typed": attempt.typed, "device_key": attempt.device_key}
    context.sessions.open("DEVICE_SRP_AUTH", attempt.client, attempt.user.name, attempt.user.sub, state, token=token)
    return {"ChallengeName": "DEVICE_SRP_AUTH", "Session": token, "ChallengeParameters": {}}


def challenge(
    context: Context,
    attempt: Attempt,
    name: str,
    parameters: Mapping[str, str],
    state: Mapping[str, Any] | None = None,
) -> Response:
    """A challenge with a new session."""
    kept = {**attempt.state, "typed": attempt.typed, "device_key": attempt.device_key, **(state or {})}
    token = context.sessions.open(name, attempt.client, attempt.user.name, attempt.user.sub, kept)
    return {"ChallengeName": name, "Session": token, "ChallengeParameters": dict(parameters)}


async def send_code(
    context: Context, attempt: Attempt, name: str, destination: Destination, digits: int = 6
) -> Response:
    """A challenge that is answered with a code, which is sent here."""
    parameters = {
        "CODE_DELIVERY_DELIVERY_MEDIUM": destination.medium,
        "CODE_DELIVERY_DESTINATION": destination.details["Destination"],
        "USER_ID_FOR_SRP": attempt.user.name,
    }
    response = challenge(context, attempt, name, parameters, {"address": destination.address})
    await context.send_code(
        attempt.call,
        attempt.pool,
        attempt.user,
        "Authentication",
        code_purpose(response["Session"]),
        destination,
        client_id=attempt.client.id,
        digits=digits,
        valid_for=attempt.client.session_minutes * 60,
    )
    return response


def code_purpose(session_token: str) -> tuple[str, ...]:
    # A code is good for its session alone.
    return ("session", session_token[-43:])


def _new_password_required(context: Context, attempt: Attempt) -> Response:
    pool, user = attempt.pool, attempt.user
    required = [name for name, each in pool.schema.items() if each.required and name != "sub"]
    missing = [f"userAttributes.{name}" for name in required if not user.attributes.get(name)]
    parameters = {
        "USER_ID_FOR_SRP": user.name,
        "requiredAttributes": json.dumps(missing),
        "userAttributes": json.dumps(dict(user.attributes)),
    }
    return challenge(context, attempt, "NEW_PASSWORD_REQUIRED", parameters)
