"""App clients of a pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito import ids
from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import paging, steps
from sms_redirect.sandbox.cognito.ids import Origin
from sms_redirect.sandbox.cognito.rules import client_settings
from sms_redirect.sandbox.cognito.values.client import Client, Secret
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.errors import CognitoError

MOST_SECRETS = 2


def create_user_pool_client(context: Context, call: Call) -> dict[str, Any]:
    client = made(context, steps.pool_of(context, call), call.request)
    return {"UserPoolClient": client_settings.described(client)}


def update_user_pool_client(context: Context, call: Call) -> dict[str, Any]:
    pool, client = _named(context, call)
    return {"UserPoolClient": client_settings.described(updated(context, pool, client, call.request))}


def describe_user_pool_client(context: Context, call: Call) -> dict[str, Any]:
    return {"UserPoolClient": client_settings.described(_named(context, call)[1])}


def delete_user_pool_client(context: Context, call: Call) -> None:
    deleted(context, _named(context, call)[1])


def list_user_pool_clients(context: Context, call: Call) -> dict[str, Any]:
    pool = steps.pool_of(context, call)
    page = paging.page(context.store.clients.where("pool", pool.id), call.get("MaxResults"), call.get("NextToken"))
    shown = [{"ClientId": client.id, "UserPoolId": client.pool_id, "ClientName": client.name} for client in page.values]
    return {"UserPoolClients": shown, "NextToken": page.next}


def add_user_pool_client_secret(context: Context, call: Call) -> dict[str, Any]:
    _, client = _named(context, call)
    secret = _new_secret(context, call.get("ClientSecret"))
    with context.store.transaction():
        current = _current(context, client)
        if len(current.secrets) >= MOST_SECRETS:
            raise CognitoError("LimitExceededException", f"A client has at most {MOST_SECRETS} secrets.")
        _put(context, replace(current, secrets=(*current.secrets, secret)))
    return {"ClientSecretDescriptor": _described(secret, with_value=call.get("ClientSecret") is None)}


def delete_user_pool_client_secret(context: Context, call: Call) -> dict[str, Any]:
    _, client = _named(context, call)
    with context.store.transaction():
        current = _current(context, client)
        left = tuple(secret for secret in current.secrets if secret.id != call.request["ClientSecretId"])
        if len(left) == len(current.secrets):
            raise CognitoError("ResourceNotFoundException", "The client secret does not exist.")
        if not left:
            raise CognitoError("InvalidParameterException", "The last secret of a client cannot be deleted.")
        _put(context, replace(current, secrets=left))
    return {}


def list_user_pool_client_secrets(context: Context, call: Call) -> dict[str, Any]:
    _, client = _named(context, call)
    return {"ClientSecrets": [_described(secret, with_value=False) for secret in client.secrets]}


# ---- also used by stacks ----


def made(context: Context, pool: Pool, request: Mapping[str, Any], *, origin: Origin | None = None) -> Client:
    """A new client, from a request of the API's shape. `origin` makes its id a stable one.

    Raises:
        CognitoError: the settings contradict each other.
    """
    client_settings.check(pool, request)
    now = context.clock.now()
    given = request.get("ClientSecret")
    secrets = (_new_secret(context, given),) if request.get("GenerateSecret") or given else ()
    with context.store.transaction():
        return context.store.clients.add(
            Client(
                id=ids.new_client_id(origin, lambda id_: context.store.clients.get(id_) is not None),
                pool_id=pool.id,
                name=request["ClientName"],
                created=now,
                modified=now,
                settings=client_settings.settled(request),
                secrets=secrets,
            )
        )


def updated(context: Context, pool: Pool, client: Client, request: Mapping[str, Any]) -> Client:
    """The client with the settings of a request, and with no others; its secret stays.

    Raises:
        CognitoError: the settings contradict each other.
    """
    client_settings.check(pool, {**request, "GenerateSecret": bool(client.secrets)})
    settings = client_settings.settled(request)
    name, now = request.get("ClientName", client.name), context.clock.now()
    with context.store.transaction():
        return _put(context, replace(_current(context, client), settings=settings, name=name, modified=now))


def deleted(context: Context, client: Client) -> None:
    if context.store.clients.remove(client.id) is None:
        raise CognitoError("ResourceNotFoundException", f"User pool client {client.id} does not exist.")


def _named(context: Context, call: Call) -> tuple[Pool, Client]:
    return steps.client_of(context, call, steps.pool_of(context, call))


def _current(context: Context, client: Client) -> Client:
    current = context.store.clients.get(client.id)
    if current is None:
        raise CognitoError("ResourceNotFoundException", f"User pool client {client.id} does not exist.")
    return current


def _put(context: Context, client: Client) -> Client:
    return context.store.clients.put(replace(client, modified=context.clock.now()))


def _new_secret(context: Context, given: str | None) -> Secret:
    value = given or ids.new_client_secret()
    now = context.clock.now()
    return Secret(id=f"{int(now * 1000)}{value[:4]}", value=value, created=now)


def _described(secret: Secret, *, with_value: bool) -> dict[str, Any]:
    return {
        "ClientSecretId": secret.id,
        "ClientSecretValue": secret.value if with_value else None,
        "ClientSecretCreateDate": secret.created,
    }
