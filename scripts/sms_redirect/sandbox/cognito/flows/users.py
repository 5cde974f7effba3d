"""Users, seen by administrators: reading, listing, switching off, deleting; and a user's own GetUser and DeleteUser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import paging, shown, steps
from sms_redirect.sandbox.cognito.rules import filters, schema
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError


def get_user(context: Context, call: Call) -> dict[str, Any]:
    signed = steps.signed_in(context, call)
    readable = schema.readable(signed.pool, signed.client, shown.attributes(signed.user))
    return {
        "Username": signed.user.name,
        "UserAttributes": schema.shown(readable),
        **shown.factors(signed.user),
    }


def admin_get_user(context: Context, call: Call) -> dict[str, Any]:
    _, user = steps.user_of(context, call)
    return {
        "Username": user.name,
        "UserAttributes": schema.shown(shown.attributes(user)),
        "UserCreateDate": user.created,
        "UserLastModifiedDate": user.modified,
        "Enabled": user.enabled,
        "UserStatus": user.status,
        **shown.factors(user),
    }


def list_users(context: Context, call: Call) -> dict[str, Any]:
    pool = steps.pool_of(context, call)
    names = call.get("AttributesToGet")
    unknown = [name for name in names or () if name not in pool.schema]
    if unknown:
        raise CognitoError("InvalidParameterException", "One or more requested attributes do not exist.")
    page = paging.page(_found(context, pool, call.get("Filter")), call.get("Limit"), call.get("PaginationToken"))
    return {"Users": [shown.user(user, names) for user in page.values], "PaginationToken": page.next}


def delete_user(context: Context, call: Call) -> None:
    _delete(context, steps.signed_in(context, call).user)


def admin_delete_user(context: Context, call: Call) -> None:
    _delete(context, steps.user_of(context, call)[1])


def admin_disable_user(context: Context, call: Call) -> dict[str, Any]:
    """Also ends the user's tokens (API AdminDisableUser)."""
    _, user = steps.user_of(context, call)
    with context.store.transaction():
        steps.change(context, user, lambda current: replace(current, enabled=False))
        context.tokens.revoke_all(user)
    return {}


def admin_enable_user(context: Context, call: Call) -> dict[str, Any]:
    _, user = steps.user_of(context, call)
    steps.change(context, user, lambda current: replace(current, enabled=True))
    return {}


def _delete(context: Context, user: User) -> None:
    if context.store.delete_user(user) is None:
        raise CognitoError(*steps.NOBODY)


def _found(context: Context, pool: Pool, filter_: str | None) -> list[User]:
    wanted = filters.parse(filter_) if filter_ else None
    if wanted is None:
        return context.store.users.where("pool", pool.id)
    return [user for user in _candidates(context, pool, wanted) if filters.matches(pool, user, wanted)]


def _candidates(context: Context, pool: Pool, wanted: filters.Filter) -> list[User]:
    """Those who may match: by an index if there is one, so that a large pool is not searched for one user."""
    if wanted.exact and wanted.name == "username":
        return context.store.users.where("name", (pool.id, wanted.value.casefold()))
    if wanted.exact and wanted.name in ("phone_number", "email", "preferred_username"):
        return context.store.users.where("attribute", (pool.id, wanted.name, wanted.value.casefold()))
    if wanted.exact and wanted.name == "sub":
        user = context.store.users.get((pool.id, wanted.value))
        return [] if user is None else [user]
    return context.store.users.where("pool", pool.id)
