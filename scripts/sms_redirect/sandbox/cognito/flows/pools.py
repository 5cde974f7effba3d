"""User pools and their settings: stricter than Cognito, for every setting that an update leaves out is reset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from sms_redirect.sandbox.cognito import ids
from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import paging, steps
from sms_redirect.sandbox.cognito.ids import Origin
from sms_redirect.sandbox.cognito.rules import pool_factors, pool_settings, schema
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.errors import CognitoError

T = TypeVar("T")

LOST_RESPONSE = "lost-answer"
# How changes of settings fail on request (see `faults`). Each passes on AWS after a while; with "lost-answer" the
# change is made all the same.
TRANSIENT = {
    "sms-role-trust": (
        "InvalidSmsRoleTrustRelationshipException",
        "Role does not have a trust relationship allowing Cognito to assume the role",
    ),
    "sms-role-publish": (
        "InvalidSmsRoleAccessPolicyException",
        "Role does not have permission to publish with SNS",
    ),
    "concurrent": ("ConcurrentModificationException", "Concurrent modification (simulated)"),
    "throttle": ("TooManyRequestsException", "Too many requests (simulated)"),
    LOST_RESPONSE: ("InternalErrorException", "The response was lost (simulated): the change was made."),
}


def create_user_pool(context: Context, call: Call) -> dict[str, Any]:
    region = call.region or context.default_region
    check_new(context, call.request, region, other_factor=False)
    context.iam.check_caller(call.headers, call.request)
    return _changing(context, lambda: {"UserPool": described(context, made(context, call.request, region))})


def update_user_pool(context: Context, call: Call) -> dict[str, Any]:
    pool = steps.pool_of(context, call)
    request = pool_settings.kept(pool, call.request)
    pool_factors.check_update(pool, request)
    check_update(context, pool, request)
    context.iam.check_caller(call.headers, request)

    def change() -> dict[str, Any]:
        updated(context, pool, request)
        return {}

    return _changing(context, change)


def describe_user_pool(context: Context, call: Call) -> dict[str, Any]:
    return {"UserPool": described(context, steps.pool_of(context, call))}


def delete_user_pool(context: Context, call: Call) -> None:
    deleted(context, steps.pool_of(context, call))


def list_user_pools(context: Context, call: Call) -> dict[str, Any]:
    region = call.region or context.default_region
    pools = [pool for pool in context.store.pools.all() if pool.region == region]
    page = paging.page(pools, call.request["MaxResults"], call.get("NextToken"))
    return {"UserPools": [_summary(pool) for pool in page.values], "NextToken": page.next}


def add_custom_attributes(context: Context, call: Call) -> dict[str, Any]:
    pool = steps.pool_of(context, call)
    add_to_schema(context, pool, call.request["CustomAttributes"])
    return {}


def set_user_pool_mfa_config(context: Context, call: Call) -> dict[str, Any]:
    pool = steps.pool_of(context, call)
    sms = call.request.get("SmsMfaConfiguration", {})
    pool_factors.check(pool, call.request)
    context.iam.check_caller(call.headers, sms)
    context.iam.check_sms_role(sms, pool.region, pool.id)

    def change() -> dict[str, Any]:
        now = context.clock.now()
        changed = changed_pool(context, pool, lambda current: pool_factors.replaced(current, call.request, now))
        return pool_factors.configuration(changed)

    return _changing(context, change)


def get_user_pool_mfa_config(context: Context, call: Call) -> dict[str, Any]:
    return pool_factors.configuration(steps.pool_of(context, call))


def list_user_pool_replicas(context: Context, call: Call) -> dict[str, Any]:
    steps.pool_of(context, call)
    return {"UserPoolReplicas": []}


def tag_resource(context: Context, call: Call) -> dict[str, Any]:
    pool_settings.check_tags(call.request["Tags"])
    pool = _tagged(context, call)
    changed_pool(context, pool, lambda current: _with_tags(current, {**_tags(current), **call.request["Tags"]}))
    return {}


def untag_resource(context: Context, call: Call) -> dict[str, Any]:
    gone = call.request["TagKeys"]
    pool_settings.check_tags(gone)
    pool = _tagged(context, call)
    changed_pool(
        context,
        pool,
        lambda current: _with_tags(current, {key: value for key, value in _tags(current).items() if key not in gone}),
    )
    return {}


def list_tags_for_resource(context: Context, call: Call) -> dict[str, Any]:
    return {"Tags": dict(_tags(_tagged(context, call)))}


# ---- also used by stacks ----


def check_new(context: Context, request: Mapping[str, Any], region: str, *, other_factor: bool) -> None:
    """Raises CognitoError if no pool can be made from this."""
    pool_settings.check(request, region, other_factor=other_factor)
    pool_settings.check_tags(request.get("UserPoolTags", {}))
    schema.of_request(request.get("Schema", ()))
    context.iam.check_sms_role(request, region)


def check_update(context: Context, pool: Pool, request: Mapping[str, Any], *, other_factor: bool | None = None) -> None:
    """Raises CognitoError if these cannot be the pool's settings."""
    other = pool_settings.has_other(pool.factors) if other_factor is None else other_factor
    pool_settings.check(request, pool.region, other_factor=other)
    pool_settings.check_tags(request.get("UserPoolTags", {}))
    context.iam.check_sms_role(request, pool.region, pool.id)


def made(
    context: Context,
    request: Mapping[str, Any],
    region: str,
    *,
    origin: Origin | None = None,
    system_tags: Mapping[str, str] | None = None,
) -> Pool:
    """A new pool, from a request that was checked. `origin` makes its id a stable one."""
    now = context.clock.now()
    with context.store.transaction():
        pool = Pool(
            id=ids.new_pool_id(region, origin, lambda id_: context.store.pools.get(id_) is not None),
            name=request["PoolName"],
            region=region,
            account=context.account,
            created=now,
            modified=now,
            settings=pool_settings.settled(request, system_tags=system_tags or {}),
            schema=schema.of_request(request.get("Schema", ())),
            username_attributes=tuple(request.get("UsernameAttributes", ())),
            alias_attributes=tuple(request.get("AliasAttributes", ())),
            username_configuration=request.get("UsernameConfiguration"),
        )
        return context.store.pools.add(pool_factors.after_update(pool))


def updated(
    context: Context, pool: Pool, request: Mapping[str, Any], *, system_tags: Mapping[str, str] | None = None
) -> Pool:
    """The pool with the settings of a request that was checked, and with no others."""
    now = context.clock.now()

    def settled(current: Pool) -> Pool:
        kept_tags = pool_settings.system_tags(_tags(current)) if system_tags is None else system_tags
        settings = pool_settings.settled(request, system_tags=kept_tags)
        name = request.get("PoolName", current.name)
        return pool_factors.after_update(replace(current, settings=settings, name=name, modified=now))

    return changed_pool(context, pool, settled)


def deleted(context: Context, pool: Pool) -> None:
    """Raises CognitoError if the pool is protected."""
    if pool.get("DeletionProtection") == "ACTIVE":
        raise CognitoError("InvalidParameterException", pool_settings.DELETION_PROTECTED)
    if context.store.domains.count("pool", pool.id):
        raise CognitoError(
            "InvalidParameterException",
            "User pool cannot be deleted. It has a domain configured that should be deleted first.",
        )
    if context.store.delete_pool(pool.id) is None:
        raise CognitoError("ResourceNotFoundException", f"User pool {pool.id} does not exist.")


def add_to_schema(context: Context, pool: Pool, attributes: Any) -> Pool:
    now = context.clock.now()
    return changed_pool(
        context,
        pool,
        lambda current: replace(current, schema=schema.with_custom(current.schema, attributes), modified=now),
    )


def changed_pool(context: Context, pool: Pool, change: Callable[[Pool], Pool]) -> Pool:
    changed = context.store.pools.change(pool.id, change)
    if changed is None:
        raise CognitoError("ResourceNotFoundException", f"User pool {pool.id} does not exist.")
    return changed


def described(context: Context, pool: Pool) -> dict[str, Any]:
    """`UserPoolType`."""
    domain = next(iter(context.store.domains.where("pool", pool.id)), None)
    prefix = domain.name if domain and not domain.certificate_arn else None
    return {
        "Id": pool.id,
        "Name": pool.name,
        "Arn": pool.arn,
        "CreationDate": pool.created,
        "LastModifiedDate": pool.modified,
        "SchemaAttributes": [schema.described(attribute) for attribute in pool.schema.values()],
        "UsernameAttributes": list(pool.username_attributes) or None,
        "AliasAttributes": list(pool.alias_attributes) or None,
        "UsernameConfiguration": pool.username_configuration,
        "EstimatedNumberOfUsers": context.store.users.count("pool", pool.id),
        "Domain": prefix,
        "CustomDomain": domain.name if domain and domain.certificate_arn else None,
        **pool_settings.described(pool.settings),
    }


def _changing(context: Context, change: Callable[[], T]) -> T:
    fault = context.pool_fault.take()
    if fault is not None and fault != LOST_RESPONSE:
        raise CognitoError(*TRANSIENT[fault])
    result = change()
    if fault == LOST_RESPONSE:
        raise CognitoError(*TRANSIENT[LOST_RESPONSE])
    return result


def _summary(pool: Pool) -> dict[str, Any]:
    return {
        "Id": pool.id,
        "Name": pool.name,
        "LambdaConfig": pool.get("LambdaConfig"),
        "CreationDate": pool.created,
        "LastModifiedDate": pool.modified,
    }


def _tagged(context: Context, call: Call) -> Pool:
    arn = call.request["ResourceArn"]
    pool = context.store.pools.get(arn.rpartition("/")[2])
    if pool is None or pool.arn != arn or (call.region is not None and pool.region != call.region):
        raise CognitoError("ResourceNotFoundException", f"User pool {arn.rpartition('/')[2]} does not exist.")
    return pool


def _tags(pool: Pool) -> Mapping[str, str]:
    tags: Mapping[str, str] = pool.get("UserPoolTags") or {}
    return tags


def _with_tags(pool: Pool, tags: Mapping[str, str]) -> Pool:
    return replace(pool, settings={**pool.settings, "UserPoolTags": dict(tags)})
