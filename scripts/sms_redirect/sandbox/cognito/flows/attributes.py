"""A user's attributes: changing them, deleting them, and proving that one owns a phone or an email address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import steps
from sms_redirect.sandbox.cognito.rules import addresses, schema
from sms_redirect.sandbox.cognito.rules.addresses import Destination
from sms_redirect.sandbox.cognito.state.codes import VERIFICATION, Purpose
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError

PROVABLE = ("phone_number", "email")


async def update_user_attributes(context: Context, call: Call) -> dict[str, Any]:
    signed = steps.signed_in(context, call)
    given = schema.given(call.request["UserAttributes"])
    schema.check_known(signed.pool, given)
    schema.check_values(signed.pool, {name: value for name, value in given.items() if name not in schema.NOT_FOR_USERS})
    schema.check_writable(signed.pool, signed.client, given)
    user, changed = _changed(context, signed.pool, signed.user, given)
    details = [
        await _send(context, call, signed.pool, user, "UpdateUserAttribute", destination, signed.client.id)
        for destination in changed
    ]
    return {"CodeDeliveryDetailsList": details}


async def admin_update_user_attributes(context: Context, call: Call) -> dict[str, Any]:
    pool, user = steps.user_of(context, call)
    given = schema.given(call.request["UserAttributes"])
    schema.check_known(pool, given)
    schema.check_values(pool, given)
    user, changed = _changed(context, pool, user, given)
    for destination in changed:
        await _send(context, call, pool, user, "UpdateUserAttribute", destination, None)
    return {}


def delete_user_attributes(context: Context, call: Call) -> dict[str, Any]:
    signed = steps.signed_in(context, call)
    names = call.request["UserAttributeNames"]
    schema.check_known(signed.pool, names, deleting=True)
    schema.check_writable(signed.pool, signed.client, names)
    _delete(context, signed.pool, signed.user, names)
    return {}


def admin_delete_user_attributes(context: Context, call: Call) -> dict[str, Any]:
    pool, user = steps.user_of(context, call)
    schema.check_known(pool, call.request["UserAttributeNames"], deleting=True)
    _delete(context, pool, user, call.request["UserAttributeNames"])
    return {}


async def get_user_attribute_verification_code(context: Context, call: Call) -> dict[str, Any]:
    signed = steps.signed_in(context, call)
    attribute = _provable(call.request["AttributeName"])
    value = _to_prove(signed.user, attribute)
    if value is None:
        what = "phone number" if attribute == "phone_number" else "email"
        raise CognitoError("InvalidParameterException", f"User does not have a valid registered {what}")
    context.limits.count(call.operation, signed.user.key)
    destination = _destination(attribute, value)
    details = await _send(context, call, signed.pool, signed.user, "VerifyUserAttribute", destination, signed.client.id)
    return {"CodeDeliveryDetails": details}


def verify_user_attribute(context: Context, call: Call) -> dict[str, Any]:
    signed = steps.signed_in(context, call)
    pool, attribute = signed.pool, _provable(call.request["AttributeName"])
    context.limits.count(call.operation, signed.user.key)
    with context.store.transaction():
        user = steps.existing_user(context, pool, signed.user.sub)
        value = _to_prove(user, attribute) or ""
        context.codes.use(_purpose(user, _destination(attribute, value)), call.request["Code"])
        steps.take_alias(context, pool, user, attribute, value, force=False)
        proven = {attribute: value, f"{attribute}_verified": "true"}
        steps.change(context, user, lambda current: current.without_pending(attribute).with_attributes(proven))
    return {}


def _changed(context: Context, pool: Pool, user: User, given: Mapping[str, str]) -> tuple[User, list[Destination]]:
    """The user with new attributes, and the addresses that have to be proven. A blank value deletes."""
    with context.store.transaction():
        user = steps.existing_user(context, pool, user.sub)
        schema.check_changes(pool, user, given)
        for name, value in given.items():
            if name in pool.username_attributes or name == "preferred_username":
                steps.check_alias_is_free(context, pool, user, name, value)
        new = _new_addresses(user, given)
        first = pool.get("UserAttributeUpdateSettings", "AttributesRequireVerificationBeforeUpdate") or []
        pending = {name: value for name, value in new.items() if name in first}
        changes = _changes(given, pending, new)
        for name in PROVABLE:
            if changes.get(f"{name}_verified") == "true":
                value = changes.get(name) or user.attributes.get(name) or ""
                steps.check_alias_is_free(context, pool, user, name, value)
        settled = [name for name in PROVABLE if (name in given or f"{name}_verified" in given) and name not in pending]
        user = steps.change(
            context,
            user,
            lambda current: _with_pending(current.without_pending(*settled).with_attributes(changes), pending),
        )
    return user, [_destination(name, value) for name, value in new.items() if name in pool.auto_verified]


def _new_addresses(user: User, given: Mapping[str, str]) -> dict[str, str]:
    """Phones and emails that change and that nobody vouches for in the same breath."""
    return {
        name: given[name]
        for name in PROVABLE
        if given.get(name) and given[name] != user.attributes.get(name) and f"{name}_verified" not in given
    }


def _changes(given: Mapping[str, str], pending: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str | None]:
    changes: dict[str, str | None] = {
        name: (value.lower() if name.endswith("_verified") else value) or None
        for name, value in given.items()
        if name not in pending
    }
    for name in PROVABLE:
        if name in given and not given[name]:
            changes[f"{name}_verified"] = None
        elif name in new and name not in pending:
            changes[f"{name}_verified"] = "false"
    return changes


def _with_pending(user: User, pending: Mapping[str, str]) -> User:
    return replace(user, pending={**user.pending, **pending})


def _delete(context: Context, pool: Pool, user: User, names: Iterable[str]) -> None:
    with context.store.transaction():
        user = steps.existing_user(context, pool, user.sub)
        blank = dict.fromkeys(names, "")
        schema.check_changes(pool, user, blank)
        gone = {**blank, **{f"{name}_verified": "" for name in PROVABLE if name in blank}}
        steps.change(
            context,
            user,
            lambda current: current.without_pending(*blank).with_attributes(dict.fromkeys(gone, None)),
        )


def _provable(attribute: str) -> str:
    if attribute not in PROVABLE:
        text = "Invalid attribute name. Only phone_number and email can be verified."
        raise CognitoError("InvalidParameterException", text)
    return attribute


def _to_prove(user: User, attribute: str) -> str | None:
    """The value that waits for its code, else the user's own."""
    return user.pending.get(attribute) or user.attributes.get(attribute)


def _destination(attribute: str, value: str) -> Destination:
    return addresses.phone(value) if attribute == "phone_number" else addresses.email(value)


async def _send(  # noqa: PLR0917 - what a code is about
    context: Context, call: Call, pool: Pool, user: User, flow: Any, destination: Destination, client_id: str | None
) -> dict[str, str]:
    purpose = _purpose(user, destination)
    return await context.send_code(
        call, pool, user, flow, purpose, destination, client_id=client_id, valid_for=VERIFICATION
    )


def _purpose(user: User, destination: Destination) -> Purpose:
    # With the value: a code proves that somebody reads the address that it was sent to, and no other.
    return ("attribute", *user.key, destination.attribute, destination.address)
