"""The user pool that a template describes, before anybody deploys it: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sms_redirect.gallery.errors import TemplateError, UnknownParameterError, UnresolvedError
from sms_redirect.gallery.intrinsics import Resolver, Unresolved, unresolved
from sms_redirect.gallery.pool import SENDER, Factors, Pool, at
from sms_redirect.gallery.texts import SETTINGS

Template = Mapping[str, Any]

POOL, FUNCTION = "AWS::Cognito::UserPool", "AWS::Serverless::Function"
ANY_REGION = "us-east-1"  # the samples need one; the texts do not depend on it
# What the gallery shows or decides by.
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
# Of these it is enough that they are there: a role, functions.
_PRESENT = ("SmsConfiguration", "LambdaConfig")
_RECOVERY = ("AccountRecoverySetting", "RecoveryMechanisms")
_SHAPES: Mapping[tuple[str, ...], type] = {
    ("AccountRecoverySetting",): Mapping,
    _RECOVERY: list,
    ("AdminCreateUserConfig",): Mapping,
    ("AdminCreateUserConfig", "InviteMessageTemplate"): Mapping,
    ("AutoVerifiedAttributes",): list,
    ("EnabledMfas",): list,
    ("LambdaConfig",): Mapping,
    ("Policies",): Mapping,
    ("SmsConfiguration",): Mapping,
    ("VerificationMessageTemplate",): Mapping,
    **{path: str for paths in SETTINGS.values() for path in paths},
}
_WORDS: Mapping[type, str] = {Mapping: "mapping", list: "list", str: "text: quote it"}


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
    where = f"{chosen} in {origin}"
    settings = resolver.value(template["Resources"][chosen].get("Properties") or {})
    if not isinstance(settings, Mapping):
        raise TemplateError(f"{where}: Properties is no mapping.")
    _check_known(settings, where)
    _check_shapes(settings, where)
    settings = {**settings, **_mfa(settings), "LambdaConfig": _triggers(template, chosen, settings)}
    name = settings.get("UserPoolName")
    return Pool(
        settings=settings,
        factors=_factors(settings),
        id=None,
        name=name if isinstance(name, str) else chosen,
        region=region,
        origin=where,
    )


def _check(overrides: Iterable[str], template: Template) -> None:
    known = template.get("Parameters") or ()
    for name in overrides:
        if name not in known:
            raise UnknownParameterError(f"The template has no parameter {name!r}; it has {_listed(known)}.")


def _chosen(template: Template, origin: str, logical_id: str | None, resolver: Resolver) -> str:
    resources: Mapping[str, Any] = template["Resources"]
    pools = [name for name, each in resources.items() if at(each, "Type") == POOL]
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


def _check_known(settings: Mapping[str, Any], where: str) -> None:
    unknown = [(name, each) for name in _DECISIVE for each in unresolved(settings.get(name))]
    unknown += [(name, each) for name in _PRESENT if isinstance(each := settings.get(name), Unresolved)]
    if unknown:
        lines = "".join(f"\n  {name}: {each}: {each.reason}" for name, each in unknown)
        raise UnresolvedError(f"{where} has settings that cannot be worked out before a deployment:{lines}")


def _check_shapes(settings: Mapping[str, Any], where: str) -> None:
    """What CloudFormation would refuse; other values of a wrong shape count as unset."""
    for path, shape in _SHAPES.items():
        value = at(settings, *path)
        if value is not None and not isinstance(value, shape):
            raise TemplateError(f"{where}: {'.'.join(path)} is no {_WORDS[shape]}.")
    if not all(isinstance(each, Mapping) for each in at(settings, *_RECOVERY) or ()):
        raise TemplateError(f"{where}: {'.'.join(_RECOVERY)} is no list of mechanisms.")


def _mfa(settings: Mapping[str, Any]) -> dict[str, Any]:
    """YAML reads an unquoted ON or OFF as a boolean."""
    value = settings.get("MfaConfiguration")
    return {"MfaConfiguration": "ON" if value else "OFF"} if isinstance(value, bool) else {}


def _factors(settings: Mapping[str, Any]) -> Factors:
    """Where EnabledMfas does not say, MFA is by SMS: CloudFormation's UserPool has no other factor then."""
    enabled = settings.get("EnabledMfas") or ["SMS_MFA"]
    return Factors(sms="SMS_MFA" in enabled, others=any(each != "SMS_MFA" for each in enabled))


def _triggers(template: Template, pool: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """LambdaConfig, with what SAM adds to it: a function's event of type Cognito."""
    return {**dict(_events(template, pool)), **(settings.get("LambdaConfig") or {})}


def _events(template: Template, pool: str) -> Iterator[tuple[str, Any]]:
    for name, resource in template["Resources"].items():
        if at(resource, "Type") != FUNCTION:
            continue
        arn = Unresolved(f"!GetAtt {name}.Arn", f"{name} is known to a deployment only")
        events = at(resource, "Properties", "Events")
        for event in events.values() if isinstance(events, Mapping) else ():
            if at(event, "Type") == "Cognito" and at(event, "Properties", "UserPool") == {"Ref": pool}:
                triggers = at(event, "Properties", "Trigger")
                for trigger in triggers if isinstance(triggers, list) else [triggers]:
                    yield str(trigger), {"LambdaArn": arn} if trigger == SENDER else arn


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(map(str, names))) or "none"
