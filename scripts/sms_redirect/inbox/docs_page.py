"""What `/docs` shows of the OpenAPI document: each operation with a line for curl and the members of its response."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

DEEPEST = 3  # levels of members
JSON = "application/json"
VALUES = {"id": "ID", "template": "verification"}  # of path parameters


def content(document: Mapping[str, Any]) -> dict[str, Any]:
    """The page's variables."""
    return {"document": document, "operations": operations(document)}


def operations(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every operation, ready to show."""
    return [
        {
            "id": operation["operationId"],
            "method": method.upper(),
            "path": path,
            "summary": operation["summary"],
            "description": operation["description"],
            "parameters": [_resolved(document, each) for each in operation.get("parameters", ())],
            "body": _members(document, _schema(operation.get("requestBody", {}))),
            "curl": _curl(document, method.upper(), path, operation),
            "responses": [_response(document, status, each) for status, each in operation["responses"].items()],
        }
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def _response(document: Mapping[str, Any], status: str, response: Mapping[str, Any]) -> dict[str, Any]:
    found = _resolved(document, response)
    is_error = status.startswith(("4", "5"))
    return {
        "status": status,
        "description": found["description"],
        "types": ", ".join(found.get("content", {})),
        "members": [] if is_error else _members(document, _schema(found)),
    }


def _curl(document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]) -> str:
    """A command that works as it stands if the path has no parameter; $INBOX is the inbox's address."""
    parameters = [_resolved(document, each) for each in operation.get("parameters", ())]
    for each in parameters:
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", VALUES[each["name"]])
    needed = [each["name"] for each in parameters if each["in"] == "query" and each.get("required")]
    query = f"?{'&'.join(f'{name}=NAME' for name in needed)}" if needed else ""
    options = [] if method == "GET" else [f"-X {method}"]
    if any("text/event-stream" in each.get("content", {}) for each in operation["responses"].values()):
        options.append("-N")
    body = operation.get("requestBody", {}).get("content", {}).get(JSON)
    if body is not None:
        options += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(json.dumps(_example(document, body)))}"]
    return " ".join(["curl -s", *options, f'"$INBOX{path}{query}"'])


def _example(document: Mapping[str, Any], content: Mapping[str, Any]) -> Any:
    if "example" in content:
        return content["example"]
    schema = _resolved(document, content["schema"])
    return {name: _value(each) for name, each in schema["properties"].items() if name in schema["required"]}


def _value(schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    examples = schema.get("examples")
    if examples:
        return examples[0]
    return schema.get("default", {"integer": 1, "number": 1, "boolean": True}.get(schema.get("type", ""), "..."))


def _members(document: Mapping[str, Any], schema: Mapping[str, Any] | None) -> list[dict[str, str]]:
    return list(_walk(document, schema, "", 0)) if schema else []


def _walk(document: Mapping[str, Any], schema: Mapping[str, Any], above: str, level: int) -> Iterator[dict[str, str]]:
    whole = _whole(document, schema)
    for name, each in whole.get("properties", {}).items():
        member = _whole(document, each)
        yield {"name": f"{above}{name}", "type": _type(member), "description": _words(each, member)}
        if level + 1 < DEEPEST:
            inner, mark = _inner(document, member)
            yield from _walk(document, inner, f"{above}{name}{mark}.", level + 1)


def _inner(document: Mapping[str, Any], member: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    if "items" in member:
        return _whole(document, member["items"]), "[]"
    return member, ""


def _whole(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without references; of alternatives the first one that has members."""
    found = _resolved(document, schema)
    for kind in ("oneOf", "anyOf"):
        for each in found.get(kind, ()):
            inner = _resolved(document, each)
            if "properties" in inner or "items" in inner:
                return {**inner, "description": found.get("description", inner.get("description", ""))}
    return found


def _type(member: Mapping[str, Any]) -> str:
    alternatives = member.get("oneOf") or member.get("anyOf")
    if "type" not in member and alternatives:
        return " or ".join(dict.fromkeys(str(each.get("type", "object")) for each in alternatives))
    kind = member.get("type", "string")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _words(given: Mapping[str, Any], member: Mapping[str, Any]) -> str:
    text = str(given.get("description") or member.get("description") or "")
    values = member.get("enum")
    return f"{text} One of {', '.join(str(each) for each in values)}." if values else text


def _schema(content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = content.get("content", {}).get(JSON, {}).get("schema")
    if found and found.get("type") == "array":
        return found["items"]  # type: ignore[no-any-return]  # a schema
    return found


def _resolved(document: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in part:
        return part
    found: Any = document
    for key in part["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return {**_resolved(document, found), **({"description": part["description"]} if "description" in part else {})}
