"""Groups of a pool, and who is in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import paging, shown, steps
from sms_redirect.sandbox.cognito.store import TakenError
from sms_redirect.sandbox.cognito.values.pool import Group, Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError


def create_group(context: Context, call: Call) -> dict[str, Any]:
    return {"Group": described(made(context, steps.pool_of(context, call), call.request))}


def update_group(context: Context, call: Call) -> dict[str, Any]:
    pool = steps.pool_of(context, call)
    return {"Group": described(updated(context, pool, call.request))}


def get_group(context: Context, call: Call) -> dict[str, Any]:
    return {"Group": described(_group(context, steps.pool_of(context, call), call.request["GroupName"]))}


def delete_group(context: Context, call: Call) -> None:
    pool = steps.pool_of(context, call)
    deleted(context, _group(context, pool, call.request["GroupName"]))


def list_groups(context: Context, call: Call) -> dict[str, Any]:
    groups = context.store.groups.where("pool", steps.pool_of(context, call).id)
    page = paging.page(groups, call.get("Limit"), call.get("NextToken"))
    return {"Groups": [described(group) for group in page.values], "NextToken": page.next}


def admin_add_user_to_group(context: Context, call: Call) -> None:
    pool, user = steps.user_of(context, call)
    with context.store.transaction():
        group = _group(context, pool, call.request["GroupName"])
        steps.change(context, user, lambda current: _joining(current, group.name))


def admin_remove_user_from_group(context: Context, call: Call) -> None:
    pool, user = steps.user_of(context, call)
    group = _group(context, pool, call.request["GroupName"])
    steps.change(context, user, lambda current: _leaving(current, group.name))


def admin_list_groups_for_user(context: Context, call: Call) -> dict[str, Any]:
    pool, user = steps.user_of(context, call)
    groups = [group for name in user.groups if (group := context.store.groups.get((pool.id, name))) is not None]
    page = paging.page(groups, call.get("Limit"), call.get("NextToken"))
    return {"Groups": [described(group) for group in page.values], "NextToken": page.next}


def list_users_in_group(context: Context, call: Call) -> dict[str, Any]:
    pool = steps.pool_of(context, call)
    group = _group(context, pool, call.request["GroupName"])
    page = paging.page(
        context.store.users.where("group", (pool.id, group.name)), call.get("Limit"), call.get("NextToken")
    )
    return {"Users": [shown.user(user) for user in page.values], "NextToken": page.next}


# ---- also used by stacks ----


def made(context: Context, pool: Pool, request: Mapping[str, Any]) -> Group:
    now = context.clock.now()
    group = Group(pool.id, request["GroupName"], created=now, modified=now, **_settings(request))
    try:
        return context.store.groups.add(group)
    except TakenError:
        raise CognitoError("GroupExistsException", "A group with the name already exists.") from None


def updated(context: Context, pool: Pool, request: Mapping[str, Any]) -> Group:
    """What the request leaves out stays (API UpdateGroup)."""
    group, now = _group(context, pool, request["GroupName"]), context.clock.now()
    given = {name: value for name, value in _settings(request).items() if value is not None}
    changed = context.store.groups.change(
        (pool.id, group.name), lambda current: replace(current, modified=now, **given)
    )
    return changed or group


def deleted(context: Context, group: Group) -> None:
    with context.store.transaction():
        for user in context.store.users.where("group", (group.pool_id, group.name)):
            steps.change(context, user, lambda current: _leaving(current, group.name))
        context.store.groups.remove((group.pool_id, group.name))


def described(group: Group) -> dict[str, Any]:
    """`GroupType`."""
    return {
        "GroupName": group.name,
        "UserPoolId": group.pool_id,
        "Description": group.description,
        "RoleArn": group.role_arn,
        "Precedence": group.precedence,
        "CreationDate": group.created,
        "LastModifiedDate": group.modified,
    }


def _settings(request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "description": request.get("Description"),
        "role_arn": request.get("RoleArn"),
        "precedence": request.get("Precedence"),
    }


def _group(context: Context, pool: Pool, name: str) -> Group:
    group = context.store.groups.get((pool.id, name))
    if group is None:
        raise CognitoError("ResourceNotFoundException", "Group not found.")
    return group


def _joining(user: User, group: str) -> User:
    return user if group in user.groups else replace(user, groups=(*user.groups, group))


def _leaving(user: User, group: str) -> User:
    return replace(user, groups=tuple(name for name in user.groups if name != group))
