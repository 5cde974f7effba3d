"""Reads a CloudFormation or SAM template, YAML or JSON, into plain values with long-form functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sms_redirect.gallery.errors import TemplateError

if TYPE_CHECKING:
    import yaml

# What the short form writes without `Fn::`.
_BARE = frozenset({"Ref", "Condition"})


def load(path: Path) -> Mapping[str, Any]:
    """The template in a file.

    Raises:
        TemplateError: it cannot be read, or is no template.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise TemplateError(f"The template {path} cannot be read: {problem}.") from problem
    try:
        template = _parsed(text, path)
    except RecursionError as problem:
        raise TemplateError(f"The template {path} is nested too deeply, or refers to itself.") from problem
    if not isinstance(template, Mapping) or not isinstance(template.get("Resources"), Mapping):
        raise TemplateError(f"{path} is no CloudFormation template: it has no Resources.")
    return template


def _parsed(text: str, path: Path) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError as problem:
            raise TemplateError(f"The template {path} is no JSON: {problem}.") from problem
    try:
        import yaml  # noqa: PLC0415 - JSON templates do without
    except ImportError as problem:
        raise TemplateError("A YAML template needs PyYAML: pip install pyyaml. A JSON template does not.") from problem
    try:
        return yaml.load(text, _loader(yaml.SafeLoader))  # noqa: S506 - a subclass of SafeLoader
    except (yaml.YAMLError, ValueError) as problem:
        raise TemplateError(f"The template {path} is no YAML: {problem}") from problem


def _loader(safe: type[yaml.SafeLoader]) -> type[yaml.SafeLoader]:
    """Reads `!Sub text` as `{"Fn::Sub": "text"}`."""

    class Loader(safe):  # type: ignore[misc, valid-type] - the class is an argument because it is imported late
        pass

    Loader.add_multi_constructor("!", _function)
    return Loader


def _function(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in _BARE else f"Fn::{tag}"
    kind: str = node.id  # type: ignore[attr-defined] - yaml's stubs leave it out
    if kind == "scalar":
        value: Any = loader.construct_scalar(node)  # type: ignore[arg-type] - kind tells
    elif kind == "sequence":
        value = loader.construct_sequence(node, deep=True)  # type: ignore[arg-type] - kind tells
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type] - kind tells
    return {name: value}
