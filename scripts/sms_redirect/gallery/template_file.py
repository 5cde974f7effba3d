"""Reads a CloudFormation or SAM template, YAML or JSON, into plain values with long-form functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sms_redirect.gallery.errors import TemplateError

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


def _loader(safe: Any) -> Any:
    """Reads `!Sub text` as `{"Fn::Sub": "text"}`."""
    loader = type("TemplateLoader", (safe,), {})
    loader.add_multi_constructor("!", _function)  # type: ignore[attr-defined]  # as SafeLoader has
    return loader


def _function(loader: Any, tag: str, node: Any) -> dict[str, Any]:
    construct = {
        "scalar": loader.construct_scalar,
        "sequence": lambda each: loader.construct_sequence(each, deep=True),
        "mapping": lambda each: loader.construct_mapping(each, deep=True),
    }[node.id]
    return {tag if tag in _BARE else f"Fn::{tag}": construct(node)}
