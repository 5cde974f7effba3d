"""Requests as they arrive at the sandbox's door, without a server: what botocore's clients and signers send."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from botocore.auth import HmacV1QueryAuth, S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sms_redirect.sandbox.doors.incoming import Incoming

KEY_ID, SECRET, TOKEN = "SANDBOXAAAABBBBCCCC", "a-secret-of-forty-characters-0123456789", "token/of+a=session"
HOST = "127.0.0.1:4566"
BODY = b'{"ClientId": "abc"}'


def incoming(method="POST", url="/", headers=(), host=HOST):
    """A request by what is on its first line and in its headers; pairs, or a mapping."""
    path, _, query = url.partition("?")
    pairs = [*(headers.items() if hasattr(headers, "items") else headers)]
    raw = [
        (b"host", host.encode()),
        *((name.lower().replace("_", "-").encode(), value.encode()) for name, value in pairs),
    ]
    return Incoming.of(
        {
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "headers": raw,
        }
    )


def signed(kind="header", *, service="sns", method="POST", path="/", body=BODY, token=None, secret=SECRET, headers=()):
    """A request that botocore signed just now, in the `header`, or as a pre-signed `url`, or an `old` one of S3's."""
    request = AWSRequest(method, f"http://{HOST}{path}", dict(headers), body)
    credentials = Credentials(KEY_ID, secret, token)
    s3 = service == "s3"
    signer = {
        "header": lambda: (S3SigV4Auth if s3 else SigV4Auth)(credentials, service, "us-east-1"),
        "url": lambda: (S3SigV4QueryAuth if s3 else SigV4QueryAuth)(credentials, service, "us-east-1", 60),
        "old": lambda: HmacV1QueryAuth(credentials, 60),
    }[kind]()
    signer.add_auth(request)
    sent = request.prepare()
    split = urlsplit(sent.url)
    arrived = {name: value.decode() if isinstance(value, bytes) else value for name, value in sent.headers.items()}
    return incoming(method, f"{split.path}?{split.query}" if split.query else split.path, arrived)


def now():
    return datetime.now(UTC)
