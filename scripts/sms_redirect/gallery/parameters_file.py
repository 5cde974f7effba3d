"""Reads the values of parameters from the files that deployments use: CloudFormation's and the SAM CLI's.

- CloudFormation: a list of `{"ParameterKey": ..., "ParameterValue": ...}` (`aws cloudformation create-stack
  --parameters`) or of `"NAME=VALUE"` (`deploy --parameter-overrides`), and CodePipeline's `{"Parameters": {...}}`,
  and the deployment file of Git sync, `parameters: {...}`
- the SAM CLI: `samconfig.toml` or `samconfig.yaml` with its environments, and a mapping of names (`sam deploy
  --parameter-overrides file://...`)
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sms_redirect.gallery import template_file
from sms_redirect.gallery.errors import ParameterError
from sms_redirect.gallery.intrinsics import Unresolved, as_text
from sms_redirect.gallery.parameters import Given
from sms_redirect.gallery.place import Place

DEFAULT_ENVIRONMENT = "default"
_SECTIONS = ("Parameters", "parameters")
_KEY, _VALUE, _PREVIOUS = "ParameterKey", "ParameterValue", "UsePreviousValue"


def load(path: Path, environment: str | None = None) -> Given:
    """The values in a file; `environment` chooses among those of a samconfig file.

    Raises, with the place:
        ParameterError: it cannot be read, or it is in none of these forms.
        TemplateError: it is not UTF-8, not valid YAML or JSON, too large or nested too deeply.
    """
    with template_file.in_file(path):
        return _load(path, environment)


def _load(path: Path, environment: str | None) -> Given:
    text = template_file.read_text(path)
    content = _toml(text, path) if path.suffix.lower() == ".toml" else template_file.parsed(text, path)
    if isinstance(content, Mapping) and (path.name.lower().startswith("samconfig.") or path.suffix.lower() == ".toml"):
        return _samconfig(content, path, environment or DEFAULT_ENVIRONMENT)
    if environment is not None:
        raise ParameterError(f"{path} has no environments: --config-env belongs to a samconfig file.")
    if isinstance(content, Mapping):
        values = next((content[name] for name in _SECTIONS if isinstance(content.get(name), Mapping)), content)
        return Given.in_file({str(name): _literal(value, str(name), path) for name, value in values.items()})
    if isinstance(content, list):
        return Given.in_file(dict(_entry(each, path) for each in content))
    raise ParameterError(f"{path} is not a file of parameters: expected a list of {_KEY} and {_VALUE}, or a mapping.")


def assignment(text: str) -> tuple[str, str] | None:
    """The name and value of `NAME=VALUE`."""
    name, equals, value = text.partition("=")
    return (name, value) if name and equals else None


def _toml(text: str, path: Path) -> Any:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+), column (\d+)", str(error))  # the error has no members for them before 3.14
        place = Place(str(path), int(found[1]), int(found[2])) if found else None
        raise ParameterError(f"{path} is not valid TOML: {error}.", place) from error


def _entry(each: Any, path: Path) -> tuple[str, Any]:
    if isinstance(each, str) and (found := assignment(each)):
        return found
    if isinstance(each, Mapping) and isinstance(each.get(_KEY), str):
        name = each[_KEY]
        if str(each.get(_PREVIOUS)).lower() == "true":
            reason = f"{path.name} leaves {name} at its previous value: --parameter-overrides {name}=VALUE"
            return name, Unresolved(f"!Ref {name}", reason)
        if _VALUE in each:
            return name, _literal(each[_VALUE], name, path)
    raise ParameterError(f"{path}: {str(each)[:80]!r} has no {_KEY} and {_VALUE}, and is not of the form NAME=VALUE.")


def _literal(value: Any, name: str, path: Path) -> str:
    if isinstance(value, list) and not any(isinstance(each, list | Mapping) for each in value):
        return ",".join(map(as_text, value))
    if value is None or isinstance(value, Mapping | list):
        raise ParameterError(f"{path}: the value of {name} is not a string.")
    return as_text(value)


def _samconfig(content: Mapping[str, Any], path: Path, environment: str) -> Given:
    commands = content.get(environment)
    if not isinstance(commands, Mapping):
        known = ", ".join(str(name) for name in content if name != "version") or "none"
        raise ParameterError(f"{path} has no environment {environment!r} (--config-env); it has {known}.")
    values: dict[str, Any] = {}
    region = None
    for command in ("global", "build", "deploy"):  # what a later one says counts
        section = commands.get(command)
        settings = section.get("parameters") if isinstance(section, Mapping) else None
        if not isinstance(settings, Mapping):
            continue
        values |= dict(_overrides(settings.get("parameter_overrides"), path))
        if isinstance(stack := settings.get("stack_name"), str):
            values["AWS::StackName"] = stack
        region = settings.get("region", region)
    return Given.in_file(values, strict=False, region=region if isinstance(region, str) else None)


def _overrides(written: Any, path: Path) -> Iterator[tuple[str, Any]]:
    """As the SAM CLI writes them: one string of `Name="value"` pairs, or a list of such, or a mapping."""
    if isinstance(written, Mapping):
        yield from ((str(name), _literal(value, str(name), path)) for name, value in written.items())
        return
    try:
        words = [word for each in _texts(written) for word in shlex.split(each)]
    except ValueError as error:
        raise ParameterError(f"{path}: parameter_overrides cannot be read: {error}.") from error
    for word in words:
        name, equals, value = word.removeprefix(f"{_KEY}=").partition(f",{_VALUE}=")
        found = (name, value) if word.startswith(f"{_KEY}=") and equals else assignment(word)
        if found is None:
            raise ParameterError(f"{path}: {word!r} in parameter_overrides is not of the form NAME=VALUE.")
        yield found


def _texts(written: Any) -> list[str]:
    if written is None:
        return []
    return [str(each) for each in written] if isinstance(written, list) else [str(written)]
