"""Domains of the hosted pages. In the sandbox the pages are below its own address, whatever the domain is called."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import steps
from sms_redirect.sandbox.cognito.store import TakenError
from sms_redirect.sandbox.cognito.values.pool import Domain, Pool
from sms_redirect.sandbox.errors import CognitoError

NO_SUCH = ("InvalidParameterException", "No such domain or user pool exists.")


def create_user_pool_domain(context: Context, call: Call) -> dict[str, Any]:
    pool = steps.pool_of(context, call)
    domain = _of(pool, call)
    with context.store.transaction():
        if any(_is_custom(each) == _is_custom(domain) for each in context.store.domains.where("pool", pool.id)):
            raise CognitoError("InvalidParameterException", "User pool already has a domain configured.")
        try:
            context.store.domains.add(domain)
        except TakenError:
            text = "Domain already associated with another user pool."
            raise CognitoError("InvalidParameterException", text) from None
    return _changed(domain)


def update_user_pool_domain(context: Context, call: Call) -> dict[str, Any]:
    pool = steps.pool_of(context, call)
    wanted = _of(pool, call)
    with context.store.transaction():
        current = _domain(context, pool, wanted.name)
        domain = context.store.domains.put(
            replace(
                current,
                certificate_arn=wanted.certificate_arn or current.certificate_arn,
                managed_login_version=wanted.managed_login_version or current.managed_login_version,
            )
        )
    return _changed(domain)


def describe_user_pool_domain(context: Context, call: Call) -> dict[str, Any]:
    """An unknown domain is described by nothing, which is how apps learn that a name is free."""
    domain = context.store.domains.get(call.request["Domain"])
    return {"DomainDescription": _described(context, domain) if domain else {}}


def delete_user_pool_domain(context: Context, call: Call) -> dict[str, Any]:
    pool = steps.pool_of(context, call)
    with context.store.transaction():
        context.store.domains.remove(_domain(context, pool, call.request["Domain"]).name)
    return {}


def _of(pool: Pool, call: Call) -> Domain:
    certificate = call.get("CustomDomainConfig", "CertificateArn")
    return Domain(call.request["Domain"], pool.id, certificate, call.get("ManagedLoginVersion"))


def _domain(context: Context, pool: Pool, name: str) -> Domain:
    domain = context.store.domains.get(name)
    if domain is None or domain.pool_id != pool.id:
        raise CognitoError(*NO_SUCH)
    return domain


def _is_custom(domain: Domain) -> bool:
    return domain.certificate_arn is not None


def _cloud_front(domain: Domain) -> str:
    return f"{domain.pool_id.rpartition('_')[2].lower()}.cloudfront.net"


def _changed(domain: Domain) -> dict[str, Any]:
    custom = {"CloudFrontDomain": _cloud_front(domain)} if _is_custom(domain) else {}
    return {"ManagedLoginVersion": domain.managed_login_version or 1, **custom}


def _described(context: Context, domain: Domain) -> dict[str, Any]:
    custom = {"CertificateArn": domain.certificate_arn} if _is_custom(domain) else {}
    return {
        "UserPoolId": domain.pool_id,
        "AWSAccountId": context.account,
        "Domain": domain.name,
        "S3Bucket": f"aws-cognito-prod-{domain.pool_id.partition('_')[0]}-assets",
        "CloudFrontDistribution": _cloud_front(domain),
        "Version": "1",
        "Status": "ACTIVE",
        "CustomDomainConfig": custom,
        "ManagedLoginVersion": domain.managed_login_version or 1,
    }
