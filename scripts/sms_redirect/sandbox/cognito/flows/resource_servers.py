"""Resource servers: an API's identifier and the scopes that tokens can carry for it."""

from __future__ import annotations

from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import paging, steps
from sms_redirect.sandbox.cognito.store import TakenError
from sms_redirect.sandbox.cognito.values.pool import Pool, ResourceServer
from sms_redirect.sandbox.errors import CognitoError


def create_resource_server(context: Context, call: Call) -> dict[str, Any]:
    return {"ResourceServer": _described(made(context, steps.pool_of(context, call), call))}


def made(context: Context, pool: Pool, call: Call) -> ResourceServer:
    server = _of(pool, call)
    try:
        return context.store.resource_servers.add(server)
    except TakenError:
        text = f"{server.identifier} already exists in user pool {pool.id}."
        raise CognitoError("InvalidParameterException", text) from None


def describe_resource_server(context: Context, call: Call) -> dict[str, Any]:
    return {"ResourceServer": _described(_server(context, call))}


def update_resource_server(context: Context, call: Call) -> dict[str, Any]:
    """Replaces name and scopes: scopes that the request leaves out are gone (API)."""
    with context.store.transaction():
        _server(context, call)
        server = context.store.resource_servers.put(_of(steps.pool_of(context, call), call))
    return {"ResourceServer": _described(server)}


def delete_resource_server(context: Context, call: Call) -> None:
    with context.store.transaction():
        server = _server(context, call)
        context.store.resource_servers.remove((server.pool_id, server.identifier))


def list_resource_servers(context: Context, call: Call) -> dict[str, Any]:
    servers = context.store.resource_servers.where("pool", steps.pool_of(context, call).id)
    page = paging.page(servers, call.get("MaxResults"), call.get("NextToken"))
    return {"ResourceServers": [_described(server) for server in page.values], "NextToken": page.next}


def scopes(context: Context, pool: Pool) -> list[str]:
    """Every custom scope of a pool, as clients and tokens name it: `identifier/scope`."""
    servers = context.store.resource_servers.where("pool", pool.id)
    return [f"{server.identifier}/{scope['ScopeName']}" for server in servers for scope in server.scopes]


def _of(pool: Pool, call: Call) -> ResourceServer:
    return ResourceServer(pool.id, call.request["Identifier"], call.request["Name"], tuple(call.get("Scopes") or ()))


def _server(context: Context, call: Call) -> ResourceServer:
    pool = steps.pool_of(context, call)
    server = context.store.resource_servers.get((pool.id, call.request["Identifier"]))
    if server is None:
        text = f"Resource server {call.request['Identifier']} does not exist."
        raise CognitoError("ResourceNotFoundException", text)
    return server


def _described(server: ResourceServer) -> dict[str, Any]:
    return {
        "UserPoolId": server.pool_id,
        "Identifier": server.identifier,
        "Name": server.name,
        "Scopes": [dict(scope) for scope in server.scopes] or None,
    }
