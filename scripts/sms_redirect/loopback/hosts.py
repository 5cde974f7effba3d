"""The host names that a server answers to.

A page on the web can point its own name at this machine (DNS rebinding). The Host header, which no page can choose,
gives that away.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sms_redirect.loopback import LOOPBACK_NAMES

HEADER = re.compile(r"(?P<name>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Hosts:
    """`allowed` are names that the user added to loopback's, in lower case and without a port.

    `elsewhere`: the server is reached from other machines or containers, whose ports may be mapped to its own.
    """

    allowed: frozenset[str] = frozenset()
    elsewhere: bool = False

    def has(self, header: str) -> bool:
        """Whether a Host header names this server, at whatever port."""
        name = name_in(header)
        return name in LOOPBACK_NAMES or name in self.allowed

    def has_at(self, header: str, port: int | None) -> bool:
        """The same, at its own port."""
        found = HEADER.fullmatch(header.lower())
        return self.has(header) and found is not None and (self.elsewhere or int(found["port"] or 80) == port)


ONLY_LOOPBACK = Hosts()


def name_in(header: str) -> str:
    """The name in a Host header; empty if it has none."""
    found = HEADER.fullmatch(header.lower())
    return found["name"] if found else ""
