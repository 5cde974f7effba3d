"""Steps that many operations begin with: which pool, which app client, which user."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.rules import addresses, client_settings, user_names
from sms_redirect.sandbox.cognito.rules.addresses import Destination
from sms_redirect.sandbox.cognito.state.tokens import Signed
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError

NOBODY = ("UserNotFoundException", "User does not exist.")
# What the operations of an app's users say that name a client and a user (recorded on AWS).
NOT_IN_CLIENT = ("UserNotFoundException", "Username/client id combination not found.")
DISABLED = ("NotAuthorizedException", "User is disabled.")


def pool_of(context: Context, call: Call) -> Pool:
    """The pool of `UserPoolId`, which must be in the region that the request is signed for."""
    pool_id = call.request["UserPoolId"]
    pool = context.store.pools.get(pool_id)
    if pool is None or (call.region is not None and pool.region != call.region):
        raise CognitoError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
    return pool


def client_of(context: Context, call: Call, pool: Pool | None = None) -> tuple[Pool, Client]:
    """The app client of `ClientId` and its pool, which must be `pool` if that is given."""
    client_id = call.request["ClientId"]
    client = context.store.clients.get(client_id)
    found = context.store.pools.get(client.pool_id) if client is not None else None
    if client is None or found is None or (pool is not None and found.id != pool.id):
        raise CognitoError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")
    return found, client


def app_call(context: Context, call: Call) -> tuple[Pool, Client]:
    """The same for the operations that name a user beside the client: who has the client's secret must prove it."""
    pool, client = client_of(context, call)
    client_settings.check_secret_hash(client, call.request["Username"], call.get("SecretHash"))
    return pool, client


def user_named(context: Context, pool: Pool, name: str | None) -> User | None:
    """The user of that name, sub, or alias."""
    if not name:
        return None
    for user in context.store.users.where("name", (pool.id, name.casefold())):
        if user_names.matches(pool, user.name, name):
            return user
    return context.store.users.get((pool.id, name)) or _by_alias(context, pool, name)


def existing_user(context: Context, pool: Pool, name: str | None) -> User:
    user = user_named(context, pool, name)
    if user is None:
        raise CognitoError(*NOBODY)
    return user


def user_of(context: Context, call: Call) -> tuple[Pool, User]:
    """The pool and the user that an administrator's call names."""
    pool = pool_of(context, call)
    return pool, existing_user(context, pool, call.request["Username"])


def signed_in(context: Context, call: Call) -> Signed:
    """Who the access token of a call speaks for."""
    return context.tokens.signed_in(call.request["AccessToken"])


def change(context: Context, user: User, change_: Callable[[User], User]) -> User:
    """Change the user as it is now; returns what became of it.

    Raises:
        CognitoError: UserNotFoundException, the user is gone.
    """
    now = context.clock.now()
    changed = context.store.users.change(user.key, lambda current: replace(change_(current), modified=now))
    if changed is None:
        raise CognitoError(*NOBODY)
    return changed


def other_of_alias(context: Context, pool: Pool, user: User, attribute: str, value: str) -> User | None:
    """Somebody else who is found by this value of an attribute already."""
    for other in context.store.users.where("attribute", (pool.id, attribute, value.casefold())):
        same = user_names.matches(pool, other.attributes[attribute], value)
        if same and other.sub != user.sub and user_names.is_alias(pool, other, attribute):
            return other
    return None


def check_alias_is_free(context: Context, pool: Pool, user: User, attribute: str, value: str) -> None:
    """Raises CognitoError, AliasExistsException, if it is somebody else's."""
    if attribute in pool.sign_in_attributes and other_of_alias(context, pool, user, attribute, value) is not None:
        raise CognitoError("AliasExistsException", f"An account with the given {attribute} already exists.")


def take_alias(context: Context, pool: Pool, user: User, attribute: str, value: str, *, force: bool) -> None:
    """Before an attribute becomes an alias: with `ForceAliasCreation` it moves here from whoever has it."""
    other = other_of_alias(context, pool, user, attribute, value) if attribute in pool.sign_in_attributes else None
    if other is None:
        return
    if not force or attribute in pool.username_attributes:
        raise CognitoError("AliasExistsException", f"An account with the given {attribute} already exists.")
    change(context, other, lambda current: current.with_attributes({f"{attribute}_verified": "false"}))


def simulated_destination(name: str, *, medium: str) -> Destination:
    """Where a code for somebody who does not exist is said to have gone: always the same for the same name."""
    if addresses.looks_like("email", name):
        return addresses.email(name)
    if addresses.looks_like("phone_number", name):
        return addresses.phone(name)
    digest = int(hashlib.sha256(name.encode()).hexdigest(), 16)
    if medium == "SMS":
        return addresses.phone(f"+1{digest % 10**10:010d}")
    letters = "abcdefghijklmnopqrstuvwxyz"
    return addresses.email(f"{letters[digest % 26]}@{letters[digest // 26 % 26]}.com")


def _by_alias(context: Context, pool: Pool, name: str) -> User | None:
    for attribute in pool.sign_in_attributes:
        for user in context.store.users.where("attribute", (pool.id, attribute, name.casefold())):
            same = user_names.matches(pool, user.attributes[attribute], name)
            if same and user_names.is_alias(pool, user, attribute):
                return user
    return None
