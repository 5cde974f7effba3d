"""`AWS::Cognito::*` resources of stacks, made by the user pools service.

CloudFormation calls Cognito as everybody does. So a template's properties become requests of the API, which are held
to the same rules; what goes wrong is the stack's reason, in CloudFormation's words. Identity pools stay the emulator's.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sms_redirect.pool_rules import conflicts, model
from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.cognito import ids
from sms_redirect.sandbox.cognito.api import requests
from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import clients, domains, groups, invitations, pools, resource_servers
from sms_redirect.sandbox.cognito.rules import pool_factors, pool_settings
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.emulator import ACCOUNT_ID, iam, stacks
from sms_redirect.sandbox.errors import CognitoError

Properties = Mapping[str, Any]
Made = tuple[str, dict[str, Any]]
"""(physical id, attributes for Fn::GetAtt)"""


class StackPoolError(Exception):
    """Cognito refused what a template asks for. The text is what a stack event shows."""


Run = Callable[[Coroutine[Any, Any, Any]], Any]
"""Runs an operation that awaits something, from a thread that is not the event loop's."""


def install(context: Context, run: Run) -> None:
    """Put our handlers in place, once per process or again."""
    stacks.run_in_threads(UserResources.resource_type)
    for resources in (
        PoolResources(context),
        ClientResources(context),
        GroupResources(context),
        UserResources(context, run),
        DomainResources(context),
        ResourceServerResources(context),
    ):
        stacks.set_handlers(
            resources.resource_type,
            {
                "create": resources.create,
                "update": resources.update,
                "update_with_logical_id": True,
                "delete": resources.delete,
            },
        )


class PoolResources:
    """A pool of a run before this one (`--state`) becomes that of the same stack again, with its users."""

    resource_type = "AWS::Cognito::UserPool"

    def __init__(self, context: Context) -> None:
        self._context = context
        self._made: set[str] = set()

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        region = emulator.current_region()
        name = properties.get("UserPoolName") or f"{logical_id}-{stack_name}"[:128]
        request = {**_request("CreateUserPool", properties), "PoolName": name}
        factors = pool_factors.named_in_template(properties)
        with as_stack_failure(), iam.as_it_is():
            checked = _without_system_tags(request)
            requests.check("CreateUserPool", checked)
            pools.check_new(self._context, checked, region, other_factor=pool_settings.has_other(factors))
            origin = (ACCOUNT_ID, region, stack_name, logical_id)
            tags = pool_settings.system_tags(request.get("UserPoolTags", {}))
            earlier = self._of_an_earlier_run(ids.stable_pool_id(region, origin))
            if earlier is None:
                pool = pools.made(self._context, checked, region, origin=origin, system_tags=tags)
            else:
                pool = pools.updated(self._context, earlier, checked, system_tags=tags)
        self._made.add(pool.id)
        return self._shown(self._with_factors(pool, properties))

    def update(self, pool_id: str, old: Properties, new: Properties, *_names: str | None) -> Made:
        request = {**_request("UpdateUserPool", new), "UserPoolId": pool_id}
        factors = pool_factors.named_in_template(new)
        with as_stack_failure(), iam.as_it_is():
            pool = _pool(self._context, pool_id)
            _check_fixed(old, new)
            checked = _without_system_tags(request)
            requests.check("UpdateUserPool", checked)
            pools.check_update(self._context, pool, checked, other_factor=pool_settings.has_other(factors))
            tags = pool_settings.system_tags(request.get("UserPoolTags", {}))
            pool = pools.updated(self._context, pool, checked, system_tags=tags)
            added = [each for each in new.get("Schema") or () if each not in (old.get("Schema") or ())]
            if added:
                schema = model.input_shape("CreateUserPool").members["Schema"]
                pool = pools.add_to_schema(self._context, pool, model.from_template(schema, added))
        return self._shown(self._with_factors(pool, new))

    def delete(self, pool_id: str, _properties: Properties) -> None:
        pool = self._context.store.pools.get(pool_id)
        if pool is not None:
            with as_stack_failure():
                pools.deleted(self._context, pool)

    def _of_an_earlier_run(self, pool_id: str) -> Pool | None:
        return None if pool_id in self._made else self._context.store.pools.get(pool_id)

    def _with_factors(self, pool: Pool, properties: Properties) -> Pool:
        return pools.changed_pool(self._context, pool, lambda current: pool_factors.from_template(current, properties))

    @staticmethod
    def _shown(pool: Pool) -> Made:
        provider = f"cognito-idp.{pool.region}.amazonaws.com/{pool.id}"
        return pool.id, {
            "Arn": pool.arn,
            "ProviderName": provider,
            "ProviderURL": f"https://{provider}",
            "UserPoolId": pool.id,
        }


class ClientResources:
    resource_type = "AWS::Cognito::UserPoolClient"

    def __init__(self, context: Context) -> None:
        self._context = context
        self._made: set[str] = set()

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        name = properties.get("ClientName") or f"{logical_id}-{stack_name}"[:128]
        request = {**_request("CreateUserPoolClient", properties), "ClientName": name}
        with as_stack_failure():
            requests.check("CreateUserPoolClient", request, unknown_members=True)
            pool = _pool(self._context, request["UserPoolId"])
            origin = (ACCOUNT_ID, pool.region, stack_name, logical_id)
            earlier = self._of_an_earlier_run(ids.stable_client_id(origin), pool, request)
            if earlier is None:
                client = clients.made(self._context, pool, request, origin=origin)
            else:
                client = clients.updated(self._context, pool, earlier, request)
        self._made.add(client.id)
        return self._shown(client)

    def update(
        self, client_id: str, old: Properties, new: Properties, stack_name: str, logical_id: str | None = None
    ) -> Made:
        """UserPoolId and GenerateSecret make another client: the new one first, then the old one goes."""
        if any(_text(old.get(name)) != _text(new.get(name)) for name in ("UserPoolId", "GenerateSecret")):
            made = self.create(logical_id or client_id, new, stack_name)
            self.delete(client_id, old)
            return made
        request = {**_request("UpdateUserPoolClient", new), "ClientId": client_id}
        with as_stack_failure():
            requests.check("UpdateUserPoolClient", request, unknown_members=True)
            pool, client = _pool(self._context, request["UserPoolId"]), self._context.store.clients.get(client_id)
            if client is None:
                raise CognitoError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")
            return self._shown(clients.updated(self._context, pool, client, request))

    def delete(self, client_id: str, _properties: Properties) -> None:
        client = self._context.store.clients.get(client_id)
        if client is not None:
            clients.deleted(self._context, client)

    def _of_an_earlier_run(self, client_id: str, pool: Pool, request: Mapping[str, Any]) -> Client | None:
        client = None if client_id in self._made else self._context.store.clients.get(client_id)
        if client is None or client.pool_id != pool.id:
            return None
        return client if bool(client.secrets) == bool(request.get("GenerateSecret")) else None

    @staticmethod
    def _shown(client: Client) -> Made:
        secret = client.secrets[0].value if client.secrets else ""
        return client.id, {"ClientId": client.id, "ClientSecret": secret, "Name": client.name}


class GroupResources:
    resource_type = "AWS::Cognito::UserPoolGroup"

    def __init__(self, context: Context) -> None:
        self._context = context

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        name = properties.get("GroupName") or f"{logical_id}-{stack_name}"[:128]
        request = {**_request("CreateGroup", properties), "GroupName": name}
        with as_stack_failure():
            requests.check("CreateGroup", request, unknown_members=True)
            return groups.made(self._context, _pool(self._context, request["UserPoolId"]), request).name, {}

    def update(self, name: str, _old: Properties, new: Properties, *_names: str | None) -> Made:
        request = {**_request("UpdateGroup", new), "GroupName": name}
        with as_stack_failure():
            requests.check("UpdateGroup", request, unknown_members=True)
            return groups.updated(self._context, _pool(self._context, request["UserPoolId"]), request).name, {}

    def delete(self, name: str, properties: Properties) -> None:
        group = self._context.store.groups.get((properties.get("UserPoolId", ""), name))
        if group is not None:
            groups.deleted(self._context, group)


class UserResources:
    """AdminCreateUser, its triggers and its invitation included."""

    resource_type = "AWS::Cognito::UserPoolUser"

    def __init__(self, context: Context, run: Run) -> None:
        self._context = context
        self._run = run

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> Made:
        name = properties.get("Username") or f"{logical_id}-{stack_name}"[:128]
        request = {**_request("AdminCreateUser", properties), "Username": name}
        with as_stack_failure():
            requests.check("AdminCreateUser", request, unknown_members=True)
            call = Call("AdminCreateUser", request, emulator.current_region())
            user = self._run(invitations.admin_create_user(self._context, call))
            return user["User"]["Username"], {}

    def update(
        self, name: str, old: Properties, new: Properties, stack_name: str, logical_id: str | None = None
    ) -> Made:
        """Every property makes another user."""
        self.delete(name, old)
        return self.create(logical_id or name, new, stack_name)

    def delete(self, name: str, properties: Properties) -> None:
        for user in self._context.store.users.where("name", (properties.get("UserPoolId", ""), name.casefold())):
            self._context.store.delete_user(user)


class DomainResources:
    resource_type = "AWS::Cognito::UserPoolDomain"

    def __init__(self, context: Context) -> None:
        self._context = context

    def create(self, _logical_id: str, properties: Properties, _stack_name: str) -> Made:
        call = _call("CreateUserPoolDomain", properties)
        with as_stack_failure():
            response = domains.create_user_pool_domain(self._context, call)
        return call.request["Domain"], {"CloudFrontDistribution": response.get("CloudFrontDomain", "")}

    def update(self, name: str, old: Properties, new: Properties, *_names: str | None) -> Made:
        """Domain and UserPoolId make another domain."""
        if any(old.get(key) != new.get(key) for key in ("Domain", "UserPoolId")):
            self.delete(name, old)
            return self.create("", new, "")
        with as_stack_failure():
            domains.update_user_pool_domain(self._context, _call("UpdateUserPoolDomain", new))
        return name, {}

    def delete(self, name: str, _properties: Properties) -> None:
        self._context.store.domains.remove(name)


class ResourceServerResources:
    resource_type = "AWS::Cognito::UserPoolResourceServer"

    def __init__(self, context: Context) -> None:
        self._context = context

    def create(self, _logical_id: str, properties: Properties, _stack_name: str) -> Made:
        call = _call("CreateResourceServer", properties)
        with as_stack_failure():
            pool = _pool(self._context, call.request["UserPoolId"])
            return resource_servers.made(self._context, pool, call).identifier, {}

    def update(self, identifier: str, old: Properties, new: Properties, *_names: str | None) -> Made:
        """Identifier and UserPoolId make another resource server."""
        if any(old.get(key) != new.get(key) for key in ("Identifier", "UserPoolId")):
            self.delete(identifier, old)
            return self.create("", new, "")
        with as_stack_failure():
            resource_servers.update_resource_server(self._context, _call("UpdateResourceServer", new))
        return identifier, {}

    def delete(self, identifier: str, properties: Properties) -> None:
        self._context.store.resource_servers.remove((properties.get("UserPoolId", ""), identifier))


@contextmanager
def as_stack_failure() -> Iterator[None]:
    try:
        yield
    except CognitoError as error:
        reason = f"{error.message} (Service: CognitoIdentityProvider, Status Code: 400)"
        raise StackPoolError(f'Resource handler returned message: "{reason}" ({error.code})') from error


def _request(operation: str, properties: Properties) -> dict[str, Any]:
    """What CloudFormation asks of Cognito for a template's properties; other operations' are left out."""
    shape = model.input_shape(operation)
    named = {"PoolName" if name == "UserPoolName" else name: value for name, value in properties.items()}
    request: dict[str, Any] = model.from_template(shape, named)
    return {name: value for name, value in request.items() if name in shape.members}


def _call(operation: str, properties: Properties) -> Call:
    request = _request(operation, properties)
    with as_stack_failure():
        requests.check(operation, request, unknown_members=True)
    return Call(operation, request, emulator.current_region())


def _without_system_tags(request: Mapping[str, Any]) -> dict[str, Any]:
    """The tags of the template come with CloudFormation's own, which only it may set."""
    if "UserPoolTags" not in request:
        return dict(request)
    own = {key: value for key, value in request["UserPoolTags"].items() if not key.startswith(conflicts.SYSTEM_TAG)}
    return {**request, "UserPoolTags": own}


def _check_fixed(old: Properties, new: Properties) -> None:
    for name in ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration"):
        if (old.get(name) or None) != (new.get(name) or None):
            text = f"Updates are not allowed for property - {name}."
            raise CognitoError("InvalidParameterException", text)


def _pool(context: Context, pool_id: str) -> Pool:
    pool = context.store.pools.get(pool_id)
    if pool is None:
        raise CognitoError("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
    return pool


def _text(value: Any) -> str:
    return "" if value in (None, False, "false", "False") else str(value)
