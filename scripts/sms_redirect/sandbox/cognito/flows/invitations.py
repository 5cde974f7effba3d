"""AdminCreateUser: a new user with a temporary password, and the invitation that carries it."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context, metadata_for_senders
from sms_redirect.sandbox.cognito.flows import passwords as password_steps
from sms_redirect.sandbox.cognito.flows import shown, steps
from sms_redirect.sandbox.cognito.messages.message import Message
from sms_redirect.sandbox.cognito.rules import addresses, passwords, schema, srp, user_names
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError


async def admin_create_user(context: Context, call: Call) -> dict[str, Any]:
    pool = steps.pool_of(context, call)
    if call.get("MessageAction") == "RESEND":
        return await _invited_again(context, call, pool)
    password = _temporary_password(pool, call)
    user = _new_user(context, call, pool, password)
    await _before(context, call, pool, user)
    with context.store.transaction():
        _check_is_new(context, call, pool, user)
        for attribute in ("phone_number", "email", "preferred_username"):
            if user_names.is_alias(pool, user, attribute) and user.attributes.get(attribute):
                force = bool(call.get("ForceAliasCreation"))
                steps.take_alias(context, pool, user, attribute, user.attributes[attribute], force=force)
        context.store.users.add(user)
    if call.get("MessageAction") != "SUPPRESS":
        await _invite(context, call, pool, user, password)
    return {"User": shown.user(user)}


async def _invited_again(context: Context, call: Call, pool: Pool) -> dict[str, Any]:
    """RESEND: another password, and its validity starts anew."""
    user = steps.existing_user(context, pool, call.request["Username"])
    if user.status != "FORCE_CHANGE_PASSWORD":
        text = f"Resend not possible. {user.name} status is not FORCE_CHANGE_PASSWORD"
        raise CognitoError("UnsupportedUserStateException", text)
    password = call.get("TemporaryPassword") or passwords.generated(pool)
    passwords.check(pool, password)
    user = password_steps.put(context, pool, user, password, status="FORCE_CHANGE_PASSWORD")
    await _invite(context, call, pool, user, password)
    return {"User": shown.user(user)}


def _temporary_password(pool: Pool, call: Call) -> str | None:
    """API AdminCreateUser: without one in the request, one is made, unless users can sign in without a password."""
    given: str | None = call.get("TemporaryPassword")
    if given is not None:
        passwords.check(pool, given)
        return given
    return None if pool.passwordless else passwords.generated(pool)


def _new_user(context: Context, call: Call, pool: Pool, password: str | None) -> User:
    name, attributes = call.request["Username"], schema.given(call.request.get("UserAttributes", ()))
    schema.check_values(pool, attributes)
    if "sub" in attributes:
        raise CognitoError("InvalidParameterException", schema.NOT_MUTABLE.format("sub"))
    attributes = {key: value for key, value in attributes.items() if value != ""}
    blank = User(pool.id, str(uuid.uuid4()), name, "CONFIRMED", context.clock.now(), context.clock.now())
    in_place = user_names.attribute_in_place_of_name(pool, name)
    if in_place is not None:
        attributes = {**attributes, in_place: name}
        blank = replace(blank, name=blank.sub)
    else:
        user_names.check_is_no_alias(pool, name)
    if password is None:
        return replace(blank, attributes=attributes)  # signs in by one-time password from the start
    return replace(
        blank,
        attributes=attributes,
        status="FORCE_CHANGE_PASSWORD",
        password=srp.new_password(password_steps.srp_name(pool), blank.name, password),
        temporary_password_at=context.clock.now(),
    )


def _check_is_new(context: Context, call: Call, pool: Pool, user: User) -> None:
    taken = steps.user_named(context, pool, call.request["Username"]) or steps.user_named(context, pool, user.name)
    other = any(
        steps.other_of_alias(context, pool, user, attribute, user.attributes[attribute])
        for attribute in pool.username_attributes
        if attribute in user.attributes
    )
    if taken is not None or other:
        raise CognitoError("UsernameExistsException", "User account already exists")


async def _before(context: Context, call: Call, pool: Pool, user: User) -> None:
    """PreSignUp: it may refuse; what it would confirm or verify is the administrator's to say."""
    _check_is_new(context, call, pool, user)
    request = {
        "userAttributes": dict(user.attributes),
        "validationData": schema.given(call.request.get("ValidationData", ())),
        "clientMetadata": dict(call.client_metadata),
    }
    unchanged = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}
    await context.triggers.call(pool, "PreSignUp", "PreSignUp_AdminCreateUser", user.name, None, request, unchanged)


async def _invite(context: Context, call: Call, pool: Pool, user: User, password: str | None) -> None:
    """By SMS, unless the request asks for email (API AdminCreateUser.DesiredDeliveryMediums)."""
    mediums = call.get("DesiredDeliveryMediums") or ["SMS"]
    ways = {"SMS": user.phone_number and addresses.phone(user.phone_number)}
    ways["EMAIL"] = user.email and addresses.email(user.email)
    for medium in ("SMS", "EMAIL"):
        destination = ways[medium]
        if medium in mediums and destination:
            metadata = metadata_for_senders(call)
            await context.outbox.send(Message(pool, user, "AdminCreateUser", password, destination, None, metadata))
