"""Reads a CloudFormation or SAM template, YAML or JSON, into plain values with long-form functions.

Nothing in the file is executed: only the tags of CloudFormation's short forms are known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sms_redirect.gallery import other_sources
from sms_redirect.gallery.errors import GalleryError, TemplateError
from sms_redirect.gallery.place import Place
from sms_redirect.pool_rules.violation import Path as SettingPath

MEGABYTE = 1024 * 1024
LARGEST = MEGABYTE  # bytes; CloudFormation takes no larger template (its quotas page)
# What aliases may unfold to. CloudFormation itself takes no aliases; `sam build` and `package` write them out.
MOST_NODES = 500_000
# What the short form writes without `Fn::`.
_BARE = frozenset({"Ref", "Condition"})
_ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00": "UTF-16 or UTF-32"}


@dataclass(frozen=True)
class TemplateFile:
    """A template and the text that it was read from. `name` is the file's, as the caller wrote it."""

    name: str
    content: Mapping[str, Any]
    text: str = field(repr=False)

    def place(self, path: SettingPath) -> Place:
        """Where the value at a path stands, or the nearest thing around it; the file's first line if need be."""
        node = self._root
        place = Place(self.name, 1, 1)
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            key, node = found
            place = Place(self.name, key.start_mark.line + 1, key.start_mark.column + 1)
        return place

    @cached_property
    def _root(self) -> Any:
        """The nodes of the text, read once: a large template may have many errors."""
        return _root_node(self.text)


def load(path: Path) -> TemplateFile:
    """The template in a file.

    Raises:
        TemplateError: it cannot be read, or it is not a template; with the place, at least the file.
    """
    with in_file(path):
        text = read_text(path)
        if hint := other_sources.hint(path, text):
            raise TemplateError(hint)
        content = parsed(text, path)
        if hint := other_sources.hint_in(path, content):
            raise TemplateError(hint)
        if not isinstance(content, Mapping) or not isinstance(content.get("Resources"), Mapping):
            raise TemplateError(f"{path} is not a CloudFormation template: it has no Resources.")
        return TemplateFile(str(path), content, text)


@contextmanager
def in_file(path: Path) -> Iterator[None]:
    """Errors within have this file's first line as their place, unless they know a better one."""
    try:
        yield
    except GalleryError as error:
        error.place = error.place or Place(str(path), 1, 1)
        raise


def read_text(path: Path) -> str:
    """The text of a file that people wrote for CloudFormation.

    Raises:
        TemplateError: there is no such file, it is too large, or it is not UTF-8.
    """
    if path.is_dir():
        raise TemplateError(other_sources.hint_for_folder(path))
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise TemplateError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(content) > LARGEST:
        raise TemplateError(f"{path} is larger than {LARGEST:,} bytes, which CloudFormation does not take.")
    for start, encoding in _ENCODINGS.items():
        if content.startswith(start) or content[1:2] == start:
            raise TemplateError(f"{path} is encoded in {encoding}. Save it as UTF-8, which CloudFormation takes.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"{path} is not valid UTF-8: byte {content[error.start]:#04x} in line {line}. Save it as UTF-8."
        raise TemplateError(message, Place(str(path), line, 1)) from error


def parsed(text: str, path: Path) -> Any:
    """The values of a YAML or JSON document.

    Raises:
        TemplateError: it is neither, it is nested too deeply, or its aliases unfold to too much.
    """
    try:
        return _json(text, path) if text.lstrip().startswith(("{", "[")) else _yaml(text, path)
    except RecursionError as error:
        raise TemplateError(f"{path} is nested too deeply, or refers to itself.") from error


def _json(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        try:  # YAML may begin with a brace, too
            return _yaml(text, path)
        except TemplateError:
            place = Place(str(path), error.lineno, error.colno)
            raise TemplateError(f"{path} is not valid JSON: {error}.", place) from error
    except ValueError as error:  # a number of more digits than Python converts
        raise TemplateError(f"{path} is not valid JSON: {error}.") from error


def _yaml(text: str, path: Path) -> Any:
    yaml = _module()
    try:
        loader = _loader(text)
        node = loader.get_single_node()
        if node is None:
            return None
        _check_size(node, path)
        return loader.construct_document(node)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = None if mark is None else Place(str(path), mark.line + 1, mark.column + 1)
        raise TemplateError(f"{path} is not valid YAML: {error}", place) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # PyYAML's constructors: a date or a boolean that is none, a key that is a mapping
        raise TemplateError(f"{path} is not valid YAML: {error}") from error


def _module() -> Any:
    try:
        import yaml  # noqa: PLC0415 - JSON templates do without
    except ImportError as error:
        raise TemplateError("A YAML template needs PyYAML: pip install pyyaml. A JSON template does not.") from error
    return yaml


def _loader(text: str) -> Any:
    """Reads `!Sub text` as `{"Fn::Sub": "text"}`. libyaml is ten times as fast, and bounds how deep a document is."""
    yaml = _module()
    safe = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader = type("TemplateLoader", (safe,), {})
    loader.add_multi_constructor("!", _function)  # type: ignore[attr-defined]  # as SafeLoader has
    return loader(text)


def _function(loader: Any, tag: str, node: Any) -> dict[str, Any]:
    construct = {
        "scalar": loader.construct_scalar,
        "sequence": lambda each: loader.construct_sequence(each, deep=True),
        "mapping": lambda each: loader.construct_mapping(each, deep=True),
    }[node.id]
    return {tag if tag in _BARE else f"Fn::{tag}": construct(node)}


def _check_size(root: Any, path: Path) -> None:
    """Refuse a document whose aliases unfold to far more than was written, or to something endless."""
    sizes: dict[int, int | None] = {}  # None while a node is being measured
    stack = [(root, False)]
    while stack:
        node, measured = stack.pop()
        if measured:
            size = 1 + sum(sizes[id(each)] or 0 for each in _children(node))
            sizes[id(node)] = size
            if size > MOST_NODES:
                raise TemplateError(f"{path} unfolds to more than {MOST_NODES:,} values: do its aliases multiply?")
        elif id(node) not in sizes:
            sizes[id(node)] = None
            stack.append((node, True))
            stack.extend((each, False) for each in _children(node))
        elif sizes[id(node)] is None:
            line = node.start_mark.line + 1
            raise TemplateError(f"{path} refers to itself: the alias of line {line} is within its own anchor.")


def _children(node: Any) -> Iterator[Any]:
    if node.id == "sequence":
        yield from node.value
    elif node.id == "mapping":
        for pair in node.value:
            yield from pair


def _root_node(text: str) -> Any:
    try:
        yaml = _module()
    except TemplateError:  # a JSON template is read without PyYAML, and its errors have no line then
        return None
    try:
        return _loader(text.replace("\t", " ")).get_single_node()  # JSON may be indented with tabs, YAML may not
    except yaml.YAMLError:
        return None


def _child(node: Any, step: str | int) -> tuple[Any, Any] | None:
    """A member of a node: what names it, and its value."""
    kind = getattr(node, "id", None)
    if kind == "mapping" and isinstance(step, str):
        # As the values were read: `<<` merges other mappings in, and of equal keys the last counts.
        _module().constructor.SafeConstructor().flatten_mapping(node)
        return next(((key, value) for key, value in reversed(node.value) if key.value == step), None)
    if kind == "sequence" and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None
