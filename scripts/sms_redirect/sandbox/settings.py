"""The choices of `sms-redirect sandbox`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sms_redirect.inbox.token import Token
from sms_redirect.loopback import HOST
from sms_redirect.loopback.hosts import ONLY_LOOPBACK, Hosts
from sms_redirect.sandbox.doors.keys import AccessKey
from sms_redirect.sandbox.email.smtp import SmtpServer
from sms_redirect.sandbox.harshness import Harshness


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """`limits` are Cognito's attempts per hour and SNS's ten emails a second; `test_code` is for test numbers.

    With `local_issuer` the tokens' issuer is the sandbox's own address, not AWS's.

    `token` is what inbox and control API ask for. `access_key` None: one that is made for the run. `allowed_origins`
    are web pages that may do more than AWS lets any page do, such as `http://localhost:3000`.

    `host` is another address to listen on than 127.0.0.1, and `hosts` are names that requests may use for it.

    `state` is a folder that keeps pools, users and messages for the next run; None keeps nothing.
    """

    port: int = 0  # 0: any free one
    host: str = HOST
    hosts: Hosts = ONLY_LOOPBACK
    region: str = "us-east-1"
    auto_confirm: bool = False
    limits: bool = True
    test_code: str | None = None
    local_issuer: bool = False
    smtp: SmtpServer | None = None
    token: Token | None = None
    access_key: AccessKey | None = None
    allowed_origins: frozenset[str] = frozenset()
    harshness: Harshness = field(default_factory=Harshness)
    state: Path | None = None
