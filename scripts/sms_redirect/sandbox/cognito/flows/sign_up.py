"""SignUp, ResendConfirmationCode, ConfirmSignUp, AdminConfirmSignUp."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import steps
from sms_redirect.sandbox.cognito.rules import factors, passwords, schema, srp, user_names
from sms_redirect.sandbox.cognito.rules.addresses import Destination
from sms_redirect.sandbox.cognito.state.codes import VERIFICATION, Purpose
from sms_redirect.sandbox.cognito.state.sessions import FOREIGN
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.sign_in import Session
from sms_redirect.sandbox.cognito.values.user import User, public
from sms_redirect.sandbox.errors import CognitoError

WRONG_CODE = ("CodeMismatchException", "Invalid verification code provided, please try again.")
SIGN_UP = "SIGN_UP"  # of the sessions that lead from here to InitiateAuth(USER_AUTH)


async def sign_up(context: Context, call: Call) -> dict[str, Any]:
    pool, client = steps.app_call(context, call)
    if pool.get("AdminCreateUserConfig", "AllowAdminCreateUserOnly"):
        raise CognitoError("NotAuthorizedException", "SignUp is not permitted for this user pool")
    user = _new_user(context, call, pool, client)
    _check_is_new(context, pool, user)
    allowed = await _before_sign_up(context, call, pool, client, user)
    user = _as_the_trigger_wants(user, allowed)
    with context.store.transaction():
        _check_is_new(context, pool, user)
        for attribute in ("phone_number", "email"):
            if user.verified(attribute):
                steps.check_alias_is_free(context, pool, user, attribute, user.attributes[attribute])
        context.store.users.add(user)
    return await _after_sign_up(context, call, pool, client, user)


async def resend_confirmation_code(context: Context, call: Call) -> dict[str, Any]:
    pool, client = steps.app_call(context, call)
    user = steps.user_named(context, pool, call.request["Username"])
    if user is None:
        return _as_if_sent(pool, client, call)
    if user.status != "UNCONFIRMED":
        raise CognitoError("InvalidParameterException", "User is already confirmed.")
    destination = factors.to_verify_at_sign_up(pool, user)
    if destination is None:
        raise CognitoError("InvalidParameterException", "Auto verification not turned on.")
    context.limits.count(call.operation, user.key)
    return {"CodeDeliveryDetails": await _send(context, call, pool, client, user, "ResendCode", destination)}


async def confirm_sign_up(context: Context, call: Call) -> dict[str, Any]:
    pool, client = steps.app_call(context, call)
    user = steps.user_named(context, pool, call.request["Username"])
    if user is None:
        if client.hides_unknown_users:
            raise CognitoError(*WRONG_CODE)
        raise CognitoError(*steps.NOT_IN_CLIENT)
    _check_is_unconfirmed(user)
    session = _session(context, call, client, user)
    context.limits.count(call.operation, user.key)
    user = _confirmed_by_code(context, call, pool, user)
    await after_confirmation(context, call, pool, user, client.id)
    if session is not None:
        context.sessions.close(session)
    return _next_session(context, client, user)


async def admin_confirm_sign_up(context: Context, call: Call) -> dict[str, Any]:
    """Confirms the user, but proves no address."""
    pool, user = steps.user_of(context, call)
    with context.store.transaction():
        _check_is_unconfirmed(steps.existing_user(context, pool, user.sub))
        user = steps.change(context, user, lambda current: replace(current, status="CONFIRMED"))
    await after_confirmation(context, call, pool, user, None)
    return {}


async def after_confirmation(  # noqa: PLR0917 - whom, and what the trigger is told
    context: Context, call: Call, pool: Pool, user: User, client_id: str | None, source: str = "ConfirmSignUp"
) -> None:
    request = {"userAttributes": dict(public(user)), "clientMetadata": dict(call.client_metadata)}
    await context.triggers.call(pool, "PostConfirmation", f"PostConfirmation_{source}", user.name, client_id, request)


def _new_user(context: Context, call: Call, pool: Pool, client: Client) -> User:
    """The user that a request asks for, if the rules allow it."""
    name, attributes = call.request["Username"], schema.given(call.request.get("UserAttributes", ()))
    schema.check_values(pool, {key: value for key, value in attributes.items() if key not in schema.NOT_FOR_USERS})
    schema.check_writable(pool, client, attributes)
    attributes = {key: value for key, value in attributes.items() if value != ""}
    return new_user(context, pool, name, attributes, call.get("Password"))


def new_user(
    context: Context,
    pool: Pool,
    name: str,
    attributes: dict[str, str],
    password: str | None,
    *,
    from_elsewhere: bool = False,
) -> User:
    """An unconfirmed user. The name may be the value of an attribute, which then is the user's.

    The pool's rules for passwords do not hold for a user who comes from another directory.
    """
    sub, now = str(uuid.uuid4()), context.clock.now()
    in_place = user_names.attribute_in_place_of_name(pool, name)
    if in_place is not None:
        attributes, name = {**attributes, in_place: name}, sub
    else:
        user_names.check_is_no_alias(pool, name)
    if not from_elsewhere:
        _check_password(pool, password)
    schema.check_required(pool, attributes)
    unproven = {f"{each}_verified": "false" for each in ("phone_number", "email") if each in attributes}
    return User(
        pool_id=pool.id,
        sub=sub,
        name=name,
        status="UNCONFIRMED",
        created=now,
        modified=now,
        attributes={**attributes, **unproven},
        password=srp.new_password(pool.id.partition("_")[2], name, password) if password else None,
    )


def _check_password(pool: Pool, password: str | None) -> None:
    if password is not None:
        passwords.check(pool, password)
    elif not pool.passwordless:
        raise CognitoError(
            "InvalidParameterException",
            "1 validation error detected: Value null at 'password' failed to satisfy constraint: Member must not be"
            " null",
        )


def _check_is_new(context: Context, pool: Pool, user: User) -> None:
    if steps.user_named(context, pool, user.name) is not None:
        raise CognitoError("UsernameExistsException", "User already exists")
    for attribute in pool.username_attributes:
        value = user.attributes.get(attribute)
        if value and steps.other_of_alias(context, pool, user, attribute, value) is not None:
            raise CognitoError("UsernameExistsException", "User already exists")
    preferred = user.attributes.get("preferred_username")
    if preferred:
        steps.check_alias_is_free(context, pool, user, "preferred_username", preferred)


async def _before_sign_up(context: Context, call: Call, pool: Pool, client: Client, user: User) -> dict[str, Any]:
    """What PreSignUp returns. It knows the attributes as they were sent, and not the sub."""
    sent = {name: value for name, value in user.attributes.items() if not name.endswith("_verified")}
    request = {
        "userAttributes": sent,
        "validationData": schema.given(call.request.get("ValidationData", ())),
        "clientMetadata": dict(call.client_metadata),
    }
    unchanged = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    response = await context.triggers.call(
        pool, "PreSignUp", "PreSignUp_SignUp", user.name, client.id, request, unchanged
    )
    return response or unchanged


def _as_the_trigger_wants(user: User, allowed: dict[str, Any]) -> User:
    """The user, confirmed and with proven addresses if PreSignUp said so.

    Raises:
        CognitoError: it proves an address without confirming the user (text: aws-sdk-java#1049), or one that the user
            does not have (DG/user-pool-lambda-pre-sign-up; the text is unknown).
    """
    flags = (("email", "autoVerifyEmail"), ("phone_number", "autoVerifyPhone"))
    proven = [attribute for attribute, flag in flags if allowed.get(flag)]
    if proven and not allowed.get("autoConfirmUser"):
        raise CognitoError(
            "InvalidLambdaResponseException",
            "Phone or email cannot be auto verified, when user is not being auto confirmed.",
        )
    missing = [attribute for attribute in proven if not user.attributes.get(attribute)]
    if missing:
        raise CognitoError(
            "InvalidLambdaResponseException", f"{missing[0]} cannot be auto verified, because the user has none."
        )
    confirmed = replace(user, status="CONFIRMED") if allowed.get("autoConfirmUser") else user
    return confirmed.with_attributes({f"{attribute}_verified": "true" for attribute in proven})


async def _after_sign_up(context: Context, call: Call, pool: Pool, client: Client, user: User) -> dict[str, Any]:
    response: dict[str, Any] = {"UserConfirmed": user.status == "CONFIRMED", "UserSub": user.sub}
    if user.status == "CONFIRMED":
        await after_confirmation(context, call, pool, user, client.id)
        return response
    destination = factors.to_verify_at_sign_up(pool, user)
    if destination is not None:
        response["CodeDeliveryDetails"] = await _send(context, call, pool, client, user, "SignUp", destination)
    return response | _next_session(context, client, user)


def _next_session(context: Context, client: Client, user: User) -> dict[str, str]:
    """SignUp and ConfirmSignUp return it if the client allows USER_AUTH (aws-sdk-js-v3#6724), ConfirmSignUp also if it
    was given none: aws-amplify's autoSignIn sends none, and counts on the one in the response.
    """
    if "ALLOW_USER_AUTH" not in client.flows:
        return {}
    return {"Session": context.sessions.open(SIGN_UP, client, user.name, user.sub)}


async def _send(  # noqa: PLR0917 - what a code is about
    context: Context, call: Call, pool: Pool, client: Client, user: User, flow: Any, destination: Destination
) -> dict[str, str]:
    return await context.send_code(
        call, pool, user, flow, _purpose(user, destination), destination, client_id=client.id, valid_for=VERIFICATION
    )


def _purpose(user: User, destination: Destination) -> Purpose:
    # With the address: a code proves that somebody reads what was sent there, and nowhere else.
    return ("sign-up", *user.key, destination.attribute, destination.address)


def _as_if_sent(pool: Pool, client: Client, call: Call) -> dict[str, Any]:
    """With `PreventUserExistenceErrors`, somebody unknown looks like somebody known."""
    if not client.hides_unknown_users:
        raise CognitoError(*steps.NOT_IN_CLIENT)
    medium = "SMS" if "phone_number" in pool.auto_verified else "EMAIL"
    return {"CodeDeliveryDetails": steps.simulated_destination(call.request["Username"], medium=medium).details}


def _check_is_unconfirmed(user: User) -> None:
    if user.status != "UNCONFIRMED":
        raise CognitoError("NotAuthorizedException", f"User cannot be confirmed. Current status is {user.status}")


def _confirmed_by_code(context: Context, call: Call, pool: Pool, user: User) -> User:
    destination = factors.to_verify_at_sign_up(pool, user)
    if destination is None:
        raise CognitoError("ExpiredCodeException", "Invalid code provided, please request a code again.")
    force = bool(call.get("ForceAliasCreation"))
    with context.store.transaction():
        _check_is_unconfirmed(steps.existing_user(context, pool, user.sub))
        context.codes.use(_purpose(user, destination), call.request["ConfirmationCode"])
        steps.take_alias(context, pool, user, destination.attribute, destination.address, force=force)
        proven = {f"{destination.attribute}_verified": "true"}
        return steps.change(context, user, lambda current: replace(current.with_attributes(proven), status="CONFIRMED"))


def _session(context: Context, call: Call, client: Client, user: User) -> Session | None:
    """The session of SignUp: InitiateAuth(USER_AUTH) takes the one that follows it in the place of a first factor.

    Raises:
        CognitoError: it is over or another user's. The code is not used up then.
    """
    token = call.get("Session")
    if not token:
        return None
    session = context.sessions.find(token, SIGN_UP, client)
    if session.sub != user.sub:
        raise CognitoError(*FOREIGN)
    return session
