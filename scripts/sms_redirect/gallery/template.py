"""The user pool that a template describes, before anybody deploys it: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from sms_redirect.gallery.errors import TemplateError, UnknownParameterError, UnresolvedError
from sms_redirect.gallery.intrinsics import Resolver, Unresolved, unresolved
from sms_redirect.gallery.pool import SENDER, Factors, Pool
from sms_redirect.gallery.texts import SETTINGS

Template = Mapping[str, Any]

POOL, FUNCTION = "AWS::Cognito::UserPool", "AWS::Serverless::Function"
ANY_REGION = "us-east-1"  # the samples need one; the texts do not depend on it
# What the gallery shows or decides by. Of others it is enough that they are there: roles, functions, keys.
_DECISIVE = (
    "AccountRecoverySetting",
    "AdminCreateUserConfig",
    "AutoVerifiedAttributes",
    "EnabledMfas",
    "MfaConfiguration",
    "Policies",
    "SmsAuthenticationMessage",
    "SmsVerificationMessage",
    "UserAttributeUpdateSettings",
    "UserPoolAddOns",
    "UsernameAttributes",
    "VerificationMessageTemplate",
)


def read(
    template: Template, origin: str, logical_id: str | None, overrides: Mapping[str, str], region: str | None
) -> Pool:
    """The pool of a template; `logical_id` chooses among several, `overrides` are values of parameters.

    Raises:
        TemplateError: there is no pool, or no such one, or several.
        UnknownParameterError: an override is for no parameter of the template.
        UnresolvedError: a setting that counts is known to a deployment only.
    """
    _check(overrides, template)
    region = region or ANY_REGION
    pseudo = {"AWS::Region": region, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
    resolver = Resolver(template, overrides, pseudo)
    chosen = _chosen(template, origin, logical_id, resolver)
    resource = template["Resources"][chosen]
    settings = resolver.value(resource.get("Properties") or {})
    if isinstance(settings, Unresolved):
        raise UnresolvedError(f"{chosen} in {origin}: Properties is {settings}: {settings.reason}.")
    if not isinstance(settings, Mapping):
        raise TemplateError(f"{chosen} in {origin} has Properties that are none.")
    settings = {**settings, **_mfa(settings), "LambdaConfig": _triggers(template, chosen, settings)}
    _check_known(settings, chosen, origin)
    _check_shapes(settings, chosen, origin)
    name = settings.get("UserPoolName")
    return Pool(
        settings=settings,
        factors=_factors(settings),
        id=None,
        name=name if isinstance(name, str) else chosen,
        region=region,
        origin=f"{chosen} in {origin}",
    )


def _check(overrides: Iterable[str], template: Template) -> None:
    known = template.get("Parameters") or {}
    for name in overrides:
        if name not in known:
            raise UnknownParameterError(f"The template has no parameter {name!r}; it has {_listed(known)}.")


def _chosen(template: Template, origin: str, logical_id: str | None, resolver: Resolver) -> str:
    resources: Mapping[str, Any] = template["Resources"]
    pools = [name for name, each in resources.items() if isinstance(each, Mapping) and each.get("Type") == POOL]
    if logical_id is not None:
        if logical_id not in pools:
            raise TemplateError(f"{origin} has no {POOL} {logical_id!r}; it has {_listed(pools)}.")
        return logical_id
    made = [name for name in pools if _is_made(resolver, resources[name].get("Condition"))]
    if not made:
        skipped = f" whose condition holds: not {_listed(pools)} (see --parameter-overrides)" if pools else ""
        raise TemplateError(f"{origin} has no {POOL}{skipped}.")
    if len(made) > 1:
        raise TemplateError(f"{origin} has several user pools: choose one with --logical-id, of {_listed(made)}.")
    return made[0]


def _is_made(resolver: Resolver, condition: Any) -> bool:
    """Whether a resource is made; where nobody can know before deploying, it is."""
    return not isinstance(condition, str) or resolver.condition(condition) is not False


def _check_known(settings: Mapping[str, Any], chosen: str, origin: str) -> None:
    unknown = [(name, each) for name in _DECISIVE for each in unresolved(settings.get(name))]
    if unknown:
        lines = "".join(f"\n  {name}: {each}: {each.reason}" for name, each in unknown)
        raise UnresolvedError(
            f"{chosen} in {origin} has settings that cannot be worked out before a deployment:{lines}"
        )


def _check_shapes(settings: Mapping[str, Any], chosen: str, origin: str) -> None:
    """What CloudFormation would refuse; other values of a wrong shape count as unset."""
    for path in chain.from_iterable(SETTINGS.values()):
        value: Any = settings
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if not isinstance(value, str | None):
            raise TemplateError(f"{chosen} in {origin}: {'.'.join(path)} is no text. Quote it.")
    mechanisms = (settings.get("AccountRecoverySetting") or {}).get("RecoveryMechanisms") or []
    if not all(isinstance(each, Mapping) for each in mechanisms):
        raise TemplateError(
            f"{chosen} in {origin}: AccountRecoverySetting.RecoveryMechanisms is no list of mechanisms."
        )


def _mfa(settings: Mapping[str, Any]) -> dict[str, Any]:
    """YAML reads an unquoted ON or OFF as a boolean."""
    value = settings.get("MfaConfiguration")
    return {"MfaConfiguration": "ON" if value else "OFF"} if isinstance(value, bool) else {}


def _factors(settings: Mapping[str, Any]) -> Factors:
    """Where EnabledMfas does not say, MFA is by SMS: CloudFormation's UserPool has no other factor then."""
    enabled = settings.get("EnabledMfas") or ["SMS_MFA"]
    return Factors(sms="SMS_MFA" in enabled, others=any(each != "SMS_MFA" for each in enabled))


def _triggers(template: Template, pool: str, settings: Mapping[str, Any]) -> Any:
    """LambdaConfig, with what SAM adds to it: a function's event of type Cognito."""
    own = settings.get("LambdaConfig") or {}
    if not isinstance(own, Mapping):
        return own
    return {**dict(_events(template, pool)), **own}


def _events(template: Template, pool: str) -> Iterator[tuple[str, Any]]:
    for name, resource in template["Resources"].items():
        if not isinstance(resource, Mapping) or resource.get("Type") != FUNCTION:
            continue
        arn = Unresolved(f"!GetAtt {name}.Arn", f"{name} is known to a deployment only")
        for event in ((resource.get("Properties") or {}).get("Events") or {}).values():
            properties = event.get("Properties") or {}
            if event.get("Type") == "Cognito" and properties.get("UserPool") == {"Ref": pool}:
                triggers = properties.get("Trigger")
                for trigger in triggers if isinstance(triggers, list) else [triggers]:
                    yield str(trigger), {"LambdaArn": arn} if trigger == SENDER else arn


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(map(str, names))) or "none"
