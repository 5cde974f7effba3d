"""Looks for secrets where they do not belong, in the forms that logs, addresses and documents give them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

# Members of Cognito's and STS's responses that let somebody in.
MEMBERS = {
    "AccessToken",
    "ClientSecret",
    "IdToken",
    "RefreshToken",
    "SecretAccessKey",
    "SecretCode",
    "Session",
    "SessionToken",
}
SHORT = 10  # a value of no more than these characters may be part of something else by chance


def forms(secret: str) -> dict[str, bytes]:
    """What a secret looks like, by the name of the encoding."""
    plain = secret.encode()
    escaped = json.dumps(secret)[1:-1]
    found = {
        "plain": plain,
        "URL-encoded": quote(secret, safe="").encode(),
        "form-encoded": quote_plus(secret).encode(),
        "JSON": escaped.encode(),
        "JSON in JSON": json.dumps(escaped)[1:-1].encode(),
        "repr": repr(secret)[1:-1].encode(),
    }
    # In base64 a text looks different by where it begins; what depends on its neighbours is left out.
    for name, text in {"base64": plain, "base64 of JSON": escaped.encode()}.items():
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + text)
            begin, end = -(-offset * 8 // 6), (offset + len(text)) * 8 // 6
            found[f"{name}, {offset} bytes in"] = encoded[begin:end]
    first: dict[bytes, str] = {}
    for name, form in found.items():
        first.setdefault(form, name)
    return {name: form for form, name in first.items()}


@dataclass
class Secrets:
    """The secrets of a run, by what they are."""

    kinds: dict[str, set[str]] = field(default_factory=dict)

    def add(self, kind: str, *values: str | None) -> None:
        self.kinds.setdefault(kind, set()).update(value for value in values if value)

    def watch(self, client: Any) -> Any:
        """Keep what a client's responses hold."""
        client.meta.events.register("after-call", lambda parsed, **_: self._keep(parsed))
        return client

    def _keep(self, value: Any) -> None:
        for name, inner in value.items() if isinstance(value, dict) else ():
            if name in MEMBERS and isinstance(inner, str):
                self.add(name, inner)
            self._keep(inner)

    def found_in(self, places: Mapping[str, bytes], *, except_for: Iterable[tuple[str, str]] = ()) -> list[str]:
        """Where which kind of secret is, and how; never the secret itself.

        `except_for`: (kind, beginning of a place's name) pairs that are meant to be.
        """
        allowed = list(except_for)
        return sorted(
            {
                f"{kind} in {place} ({form})"
                for kind, values in self.kinds.items()
                for value in values
                for form, pattern in _patterns(value).items()
                for place, content in places.items()
                if not any(kind == known and place.startswith(start) for known, start in allowed)
                and pattern.search(content)
            }
        )


def _patterns(secret: str) -> dict[str, re.Pattern[bytes]]:
    """A short value counts only where it stands alone: not as a part of a number, an id or a fraction of a second."""
    alone = (rb"(?<![\w.+-])", rb"(?![\w-])") if len(secret) <= SHORT else (b"", b"")
    return {
        name: re.compile(re.escape(form) if name.startswith("base64") else alone[0] + re.escape(form) + alone[1])
        for name, form in forms(secret).items()
    }


def files(folder: Path, name: str) -> dict[str, bytes]:
    """Every file below a folder."""
    found = {}
    for path in folder.rglob("*"):
        try:
            if path.is_file() and not path.is_symlink():
                found[f"{name} {path.relative_to(folder)}"] = path.read_bytes()
        except OSError:
            continue  # gone meanwhile
    return found


def processes(root: int, name: str = "the sandbox") -> dict[str, bytes]:
    """Arguments and environment of a process, which is called `name`, and of everything that it started."""
    found: dict[str, bytes] = {}
    for pid in family(root):
        for part in ("cmdline", "environ"):
            try:
                content = Path(f"/proc/{pid}/{part}").read_bytes()
            except OSError:
                continue
            found[f"{part} of {name if pid == root else 'a process of it'} ({pid})"] = content
    return found


def family(root: int) -> list[int]:
    children = []
    for task in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            children += [int(pid) for pid in task.read_text().split()]
        except OSError:
            continue
    return [root, *(pid for child in children for pid in family(child))]
