"""Responses as the wire has them, held against the API model."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sms_redirect.sandbox.cognito.api import model
from sms_redirect.sandbox.errors import CognitoError

Response = tuple[int, dict[str, str], bytes]
"""(status, headers, body)"""

UNPRINTABLE = re.compile(r"[^ -~]")
LONGEST_HEADER = 1000  # many clients refuse a line of 64 KB, which a refused value alone may have
JSON = "application/x-amz-json-1.1"
WIRE_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "blob": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "timestamp": (int, float),
}
# Most members; such values go out as they are.
PLAIN: Mapping[str, type] = {"string": str, "blob": str, "integer": int, "long": int, "boolean": bool}


class NotOfTheModelError(TypeError):
    """A response of ours that the API model does not allow: a bug of the sandbox."""

    def __init__(self, what: str, path: tuple[str, ...] = ()) -> None:
        self._what = what
        self._path = path
        super().__init__(f"{'.'.join(path)} {what}")

    def below(self, name: str) -> NotOfTheModelError:
        """The same, seen from one level further up: paths are for bugs, so no response pays for them."""
        return NotOfTheModelError(self._what, (name, *self._path))


def success(operation: str, document: Mapping[str, Any] | None, *, strict: bool = False) -> Response:
    """A response whose unset members are left out. `strict` refuses members that the model does not know.

    Raises:
        NotOfTheModelError: a member has the wrong type, or, if `strict`, is unknown.
    """
    shape = model.output_shape(operation)
    headers = {"Content-Type": JSON, "x-amzn-requestid": str(uuid.uuid4())}
    if shape is None:
        return 200, headers, b""
    wire = _member(shape, document or {}, operation, strict=strict)
    return 200, headers, json.dumps(wire, separators=(",", ":")).encode()


def failure(error: CognitoError) -> Response:
    """An error as every SDK reads it: by its header, and by `__type` in the body."""
    status = 500 if error.code in ("InternalErrorException", "InternalServerException") else 400
    headers = {
        "Content-Type": JSON,
        "x-amzn-requestid": str(uuid.uuid4()),
        "x-amzn-ErrorType": f"{error.code}:",
        "x-amzn-ErrorMessage": _header_text(error.message),
    }
    return status, headers, json.dumps({"__type": error.code, "message": error.message}).encode()


def _header_text(text: str) -> str:
    # Printable on one line, and not too long for a client to read; the body has the whole text.
    return UNPRINTABLE.sub("?", text[:LONGEST_HEADER])


def _wire(shape: Shape, value: Any, *, strict: bool) -> Any:
    if type(value) is PLAIN.get(shape.type_name):
        return value
    if isinstance(shape, StructureShape):
        return _structure(shape, value, strict=strict)
    if isinstance(shape, MapShape):
        return {key: _member(shape.value, member, key, strict=strict) for key, member in value.items()}
    if isinstance(shape, ListShape):
        return [_wire(shape.member, member, strict=strict) for member in value]
    if isinstance(value, datetime):
        value = value.timestamp()
    if shape.type_name == "timestamp":
        value = round(value, 3)
    if not isinstance(value, WIRE_TYPES[shape.type_name]) or isinstance(value, bool) != (shape.type_name == "boolean"):
        raise NotOfTheModelError(f"is a {type(value).__name__}, not a {shape.type_name}")
    return value


def _structure(shape: StructureShape, document: Mapping[str, Any], *, strict: bool) -> dict[str, Any]:
    if not isinstance(document, Mapping):
        raise NotOfTheModelError(f"is a {type(document).__name__}, not a structure")
    wire = {}
    for name, value in document.items():
        member = shape.members.get(name)
        if value is None:
            continue
        if member is not None:
            wire[name] = _member(member, value, name, strict=strict)
        elif strict:
            raise NotOfTheModelError(f"has no member {name}")
        else:
            wire[name] = value  # a setting of a pool that no model knows yet
    return wire


def _member(shape: Shape, value: Any, name: str, *, strict: bool) -> Any:
    try:
        return _wire(shape, value, strict=strict)
    except NotOfTheModelError as error:
        raise error.below(name) from None
