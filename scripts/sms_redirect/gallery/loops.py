"""Unrolls `Fn::ForEach` among a template's resources, as the transform AWS::LanguageExtensions does: pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sms_redirect.gallery.errors import TemplateError

LOOP = "Fn::ForEach::"
MOST_RESOURCES = 500  # of a template (CloudFormation's quotas page)


def unrolled(resources: Mapping[str, Any], value: Callable[[Any], Any]) -> dict[str, Any]:
    """The resources with those of each loop; `value` resolves a loop's collection.

    A loop over something that only a deployment knows makes nothing. One that is malformed stays as it is.

    Raises:
        TemplateError: the loops make more resources than CloudFormation takes.
    """
    found: dict[str, Any] = {}
    for name, resource in _unrolled(resources, value):
        found[str(name)] = resource  # a number or a date may be one
        if len(found) > max(MOST_RESOURCES, len(resources)):
            raise TemplateError(f"The template's loops make more than {MOST_RESOURCES} resources.")
    return found


def _unrolled(resources: Mapping[str, Any], value: Callable[[Any], Any]) -> Iterator[tuple[str, Any]]:
    for name, resource in resources.items():
        if not str(name).startswith(LOOP) or not _is_loop(resource):
            yield name, resource
            continue
        identifier, collection, body = resource
        items = value(collection)
        for item in items if isinstance(items, list) else ():
            yield from _unrolled(_filled(body, str(identifier), str(item)), value)


def _is_loop(resource: Any) -> bool:
    return isinstance(resource, list) and len(resource) == 3 and isinstance(resource[2], Mapping)  # noqa: PLR2004 - identifier, collection, body


def _filled(node: Any, identifier: str, item: str) -> Any:
    if isinstance(node, str):
        return node.replace("${" + identifier + "}", item).replace("&{" + identifier + "}", item)
    if isinstance(node, list):
        return [_filled(each, identifier, item) for each in node]
    if not isinstance(node, Mapping):
        return node
    if node == {"Ref": identifier}:
        return item
    return {_filled(name, identifier, item): _filled(each, identifier, item) for name, each in node.items()}
