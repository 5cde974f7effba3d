"""The user pool that a template describes, before anybody deploys it: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sms_redirect.gallery import loops, parameters
from sms_redirect.gallery.errors import GalleryError, TemplateError, UnresolvedError
from sms_redirect.gallery.intrinsics import TRANSFORM, Resolver, Unresolved
from sms_redirect.gallery.other_sources import SERVERLESS_PART, SERVERLESS_VARIABLE
from sms_redirect.gallery.parameters import Given
from sms_redirect.gallery.pool import SENDER, Factors, Pool, at
from sms_redirect.gallery.template_file import TemplateFile
from sms_redirect.pool_rules.violation import Path, Unknown
from sms_sender.templates import SETTINGS

POOL, FUNCTION = "AWS::Cognito::UserPool", "AWS::Serverless::Function"
# What nobody said. The samples need a region; stack and account count only if the template uses them.
ASSUMED = {"AWS::Region": "us-east-1", "AWS::StackName": "my-stack", "AWS::AccountId": "123456789012"}
# Transforms that leave what stands in a pool's properties as it is.
_HARMLESS = ("AWS::Serverless", "AWS::LanguageExtensions", "AWS::SecretsManager", "AWS::CodeDeployBlueGreen")
_RECOVERY = ("AccountRecoverySetting", "RecoveryMechanisms")
_SHAPES: Mapping[Path, type] = {
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
_WORDS: Mapping[type, str] = {Mapping: "a mapping", list: "a list", str: "a string: quote it"}


def read(file: TemplateFile, logical_id: str | None, given: Given, region: str | None) -> Pool:
    """The pool of a template; `logical_id` chooses among several.

    Raises, with the place in the file:
        TemplateError: there is no pool, or no such one, or several.
        ParameterError: CloudFormation would refuse a value, or the template has no such parameter.
        UnresolvedError: an included part may hold any setting; a text alone that is not known is an error of `lint`.
    """
    try:
        return _read(file, logical_id, given, region)
    except RecursionError as error:
        message = f"The functions of {file.name} are nested too deeply, or go in circles."
        raise TemplateError(message, file.place(("Resources",))) from error
    except GalleryError as error:
        error.place = error.place or file.place(error.path or ("Resources",))
        raise


def _read(file: TemplateFile, logical_id: str | None, given: Given, region: str | None) -> Pool:
    template = file.content
    pseudo, assumed = _pseudo(given.values, region or given.region)
    resolver = Resolver(template, parameters.values(template, given), pseudo, assumed)
    resources = loops.unrolled(template["Resources"], resolver.value)
    chosen = _chosen(resources, file.name, logical_id, resolver)
    where = f"{chosen} in {file.name}"
    inside = ("Resources", chosen, "Properties")
    settings, used = _settings(resources[chosen], where, resolver, inside)
    _check_shapes(settings, where, inside)
    settings = {**settings, "LambdaConfig": _triggers(resources, chosen, settings)}
    name = settings.get("UserPoolName")
    return Pool(
        settings=settings,
        factors=_factors(settings),
        id=None,
        name=name if isinstance(name, str) else chosen,
        region=pseudo["AWS::Region"],
        origin=where,
        place=lambda path: file.place((*inside, *path)),
        assumed=used,
        notes=tuple(_notes(file)),
    )


def _pseudo(given: Mapping[str, Any], region: str | None) -> tuple[dict[str, str], frozenset[str]]:
    """The values of AWS::Region and the like, and the names of those that nobody gave."""
    values = dict(ASSUMED)
    if region is not None:
        values["AWS::Region"] = region
    values |= {name: str(value) for name, value in given.items() if name in parameters.PSEUDO}
    assumed = frozenset(name for name in ASSUMED if name not in given and not (name == "AWS::Region" and region))
    partition = next(
        (
            part
            for start, part in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))
            if values["AWS::Region"].startswith(start)
        ),
        "aws",
    )
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    return {"AWS::Partition": partition, "AWS::URLSuffix": suffix} | values, assumed


def _chosen(resources: Mapping[str, Any], origin: str, logical_id: str | None, resolver: Resolver) -> str:
    pools = [name for name, each in resources.items() if at(each, "Type") == POOL]
    if logical_id is not None:
        if logical_id not in pools:
            raise TemplateError(f"{origin} has no {POOL} {logical_id!r}; it has {_listed(pools)}.")
        return logical_id
    made = [name for name in pools if _is_made(resolver, resources[name].get("Condition"))]
    if not made:
        skipped = f" whose condition holds: not {_listed(pools)} (see --parameter-overrides)" if pools else ""
        included = f" {_INCLUDED}" if not pools and TRANSFORM in resources else ""
        path = ("Resources", *([TRANSFORM] if included else pools[:1]))
        raise TemplateError(f"{origin} has no {POOL}{skipped}.{included}{_nested(resources)}", path=path)
    if len(made) > 1:
        message = f"{origin} has several user pools: choose one with --logical-id, of {_listed(made)}."
        raise TemplateError(message, path=("Resources", made[1]))
    return made[0]


_INCLUDED = (
    f"{TRANSFORM} includes resources from elsewhere when the stack is deployed: give the file that it includes, or "
    "name a deployed pool with --user-pool-id."
)


def _nested(resources: Mapping[str, Any]) -> str:
    """Where the pool may be when the template has nested stacks."""
    stacks = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")
    nested = [name for name, each in resources.items() if at(each, "Type") in stacks]
    return f" Its nested stacks may have one: give their templates ({_listed(nested)})." if nested else ""


def _is_made(resolver: Resolver, condition: Any) -> bool:
    """Whether a resource is made; where nobody can know before deploying, it is."""
    return not isinstance(condition, str) or resolver.condition(condition) is not False


def _settings(
    resource: Any, where: str, resolver: Resolver, inside: Path
) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    """The pool's settings, and which assumed values each used."""
    properties = resource.get("Properties")
    if properties is None:
        return {}, {}
    if not isinstance(properties, Mapping):
        raise TemplateError(f"{where}: Properties is not a mapping.", path=inside)
    if TRANSFORM in properties:
        included = resolver.value(properties)
        message = f"{where}: {included} may add any setting when the stack is deployed. {_INCLUDED}"
        raise UnresolvedError(message, path=(*inside, TRANSFORM))
    found: dict[str, Any] = {}
    used: dict[str, tuple[str, ...]] = {}
    for name, node in properties.items():
        with resolver.assumptions() as names:
            value = resolver.property(node)
            if value is not None:
                found[str(name)] = value
        if names:
            used[str(name)] = tuple(sorted(names))
    return found, used


def _check_shapes(settings: Mapping[str, Any], where: str, inside: Path) -> None:
    """What CloudFormation would refuse, and nothing could be shown of; other values of a wrong shape are errors."""
    for path, shape in _SHAPES.items():
        value = at(settings, *map(str, path))
        if value is not None and not isinstance(value, shape | Unknown):
            raise TemplateError(f"{where}: {'.'.join(map(str, path))} is not {_WORDS[shape]}.", path=(*inside, *path))
    mechanisms = at(settings, *_RECOVERY)
    if isinstance(mechanisms, list) and not all(isinstance(each, Mapping | Unknown) for each in mechanisms):
        message = f"{where}: {'.'.join(_RECOVERY)} is not a list of mechanisms."
        raise TemplateError(message, path=(*inside, *_RECOVERY))


def _factors(settings: Mapping[str, Any]) -> Factors:
    """Where EnabledMfas does not say, MFA is by SMS: CloudFormation's UserPool has no other factor then."""
    enabled = settings.get("EnabledMfas") or ["SMS_MFA"]
    if isinstance(enabled, Unknown):
        return Factors(sms=True, others=True)
    return Factors(sms="SMS_MFA" in enabled, others=any(each != "SMS_MFA" for each in enabled))


def _triggers(resources: Mapping[str, Any], pool: str, settings: Mapping[str, Any]) -> Any:
    """LambdaConfig, with what SAM adds to it: a function's event of type Cognito."""
    own = settings.get("LambdaConfig")
    return own if isinstance(own, Unknown) else {**dict(_events(resources, pool)), **(own or {})}


def _events(resources: Mapping[str, Any], pool: str) -> Iterator[tuple[str, Any]]:
    for name, resource in resources.items():
        if at(resource, "Type") != FUNCTION:
            continue
        arn = Unresolved(f"!GetAtt {name}.Arn", f"{name} is known to a deployment only")
        events = at(resource, "Properties", "Events")
        for event in events.values() if isinstance(events, Mapping) else ():
            if at(event, "Type") == "Cognito" and at(event, "Properties", "UserPool") == {"Ref": pool}:
                triggers = at(event, "Properties", "Trigger")
                for trigger in triggers if isinstance(triggers, list) else [triggers]:
                    yield str(trigger), {"LambdaArn": arn} if trigger == SENDER else arn


def _notes(file: TemplateFile) -> Iterator[str]:
    """What may change what is shown here: macros, and variables of another tool."""
    template = file.content
    if SERVERLESS_VARIABLE.search(file.text):
        yield SERVERLESS_PART
    transforms = template.get("Transform") or ()
    for each in transforms if isinstance(transforms, list) else [transforms]:
        name = at(each, "Name") or each
        if name and not str(name).startswith(_HARMLESS):
            yield f"The transform {name} may change the pool when the stack is deployed: it is not looked at here."
    if TRANSFORM in template or TRANSFORM in template["Resources"]:
        yield f"{TRANSFORM} adds to the template when the stack is deployed: what it adds is not looked at here."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(map(str, names))) or "none"
