"""Verifies that a request was signed with a key of this sandbox: Signature Version 4, in the Authorization header or in
the query string (a pre-signed URL), and S3's older pre-signed form, which boto3 still makes by default.

The strings to sign come from botocore's own signers. They sign what a client is about to send; here they are given what
arrived.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from botocore.auth import SIGV4_TIMESTAMP, HmacV1Auth, S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest, HTTPHeaders
from botocore.credentials import Credentials

from sms_redirect.sandbox.doors import chunks
from sms_redirect.sandbox.doors.incoming import Incoming
from sms_redirect.sandbox.doors.refusals import (
    BadScopeDate,
    BadSignature,
    ExpiredUrl,
    Incomplete,
    Unsupported,
    WrongTime,
)

ALGORITHM = "AWS4-HMAC-SHA256"
TIMESTAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
# Services that sign the path as it is, and let a client leave the body out of the signature.
S3 = frozenset({"s3", "s3express", "s3-object-lambda", "s3-outposts"})
# "Signature expired: ... is now earlier than ... (... - 5 min.)" is what most services say, and 15 minutes these: AWS
# documents five minutes for signed requests and fifteen for S3 ("RequestTimeTooSkewed"); the others are as the emulator
# observed them on AWS.
MINUTES = 5
FIFTEEN_MINUTES = frozenset({"dynamodb", "ecr", "elasticache", "iam", "rds", "s3", "sns", "sqs", "sts"})
MOST_SECONDS = 7 * 24 * 3600  # of a pre-signed URL
SCOPE_PARTS = 5
FIELD = re.compile(r"(Credential|SignedHeaders|Signature)=([^\s,]+)")
QUERY_FIELDS = ("X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature")


@dataclass(frozen=True, slots=True)
class Key:
    """What a key of the sandbox must prove. `token` belongs to temporary credentials."""

    secret: str
    token: str | None = None


Keys = Callable[[str, str | None], Key]
"""(access key id, session token of the request) -> its key. Raises Refused: there is no such key."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The parts of a Signature Version 4. `lifetime` is that of a pre-signed URL."""

    access_key_id: str
    date: str
    region: str
    service: str
    timestamp: str
    signed_headers: tuple[str, ...]
    value: str
    token: str | None
    presigned: bool
    lifetime: str | None = None

    def verify(self, request: Incoming, key: Key, payload_hash: str, now: datetime) -> None:
        """Compare it with the one that the key makes.

        Raises:
            Refused: it differs, or its time is over.
        """
        self._check_time(now)
        if "host" not in self.signed_headers:
            raise BadSignature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
        if not hmac.compare_digest(self.expected(request, key, payload_hash).encode(), self.value.encode()):
            raise BadSignature

    def expected(self, request: Incoming, key: Key, payload_hash: str) -> str:
        """The signature that the key makes of this request."""
        signer = self._signer(key)
        signer.payload_hash = payload_hash
        parameters: Any = [pair for pair in request.query if pair[0].lower() != "x-amz-signature"]
        signed = self._request(
            method=request.method,
            url=f"http://host{request.raw_path}",
            headers=_headers(request, set(self.signed_headers)),
            params=parameters,
        )
        value: str = signer.signature(signer.string_to_sign(signed, signer.canonical_request(signed)), signed)
        return value

    def chunk_signer(self, key: Key) -> chunks.Sign:
        """Signs the parts of a chunked upload: string to sign -> signature."""
        signer, request = self._signer(key), self._request()
        return lambda text: str(signer.signature(text, request))

    def _signer(self, key: Key) -> Any:
        credentials = Credentials(self.access_key_id, key.secret, key.token)
        return (_S3Signer if self.service in S3 else _Signer)(credentials, self.service, self.region)

    def _request(self, **arguments: Any) -> AWSRequest:
        request = AWSRequest(**arguments)
        request.context["timestamp"] = self.timestamp
        return request

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"

    def _check_time(self, now: datetime) -> None:
        try:
            # strptime takes ten times as long.
            signed_at = datetime.fromisoformat(self.timestamp if TIMESTAMP.fullmatch(self.timestamp) else "")
        except ValueError:
            raise Incomplete(
                "Date must be in ISO-8601 'basic format'. "
                f"Got '{self.timestamp[:32]}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ) from None
        if self.date != self.timestamp[:8]:
            raise BadScopeDate
        if self.presigned and self.service in S3:
            self._check_lifetime(signed_at, now)
            return
        minutes = 15 if self.service in FIFTEEN_MINUTES else MINUTES
        window = timedelta(minutes=minutes)
        if signed_at < now - window:
            raise WrongTime(
                f"Signature expired: {self.timestamp} is now earlier than {_stamp(now - window)} "
                f"({_stamp(now)} - {minutes} min.)"
            )
        if signed_at > now + window:
            raise WrongTime(
                f"Signature not yet current: {self.timestamp} is still later than {_stamp(now + window)} "
                f"({_stamp(now)} + {minutes} min.)"
            )

    def _check_lifetime(self, signed_at: datetime, now: datetime) -> None:
        lifetime = self.lifetime or ""
        seconds = int(lifetime) if re.fullmatch(r"\d{1,6}", lifetime, re.ASCII) else 0
        if not 1 <= seconds <= MOST_SECONDS:
            raise Incomplete("X-Amz-Expires must be a number of seconds from 1 to 604800.")
        if now > signed_at + timedelta(seconds=seconds) or signed_at > now + timedelta(minutes=15):
            raise ExpiredUrl


@dataclass(frozen=True, slots=True)
class OldSignature:
    """S3's pre-signed URL of Signature Version 2: `AWSAccessKeyId`, `Expires` and `Signature` in the query string."""

    access_key_id: str
    expires: str
    value: str
    token: str | None
    service: str = "s3"

    def verify(self, request: Incoming, key: Key, payload_hash: str, now: datetime) -> None:
        """Compare it with the one that the key makes; the body is not part of it.

        Raises:
            Refused: it differs, or its time is over.
        """
        del payload_hash
        if not re.fullmatch(r"\d{1,12}", self.expires, re.ASCII):
            raise Incomplete("Expires must be a number of seconds.")
        signer = _OldSigner(Credentials("", key.secret, self.token), self.expires)
        names = {"content-md5", "content-type", *(name for name in request.headers if name.startswith("x-amz-"))}
        split = urlsplit(f"http://host{request.raw_path}?{request.query_string}")
        expected = signer.get_signature(request.method, split, _headers(request, names))
        if not hmac.compare_digest(expected.encode(), self.value.encode()):
            raise BadSignature
        if now.timestamp() > int(self.expires):
            raise ExpiredUrl


def read(request: Incoming) -> Signature | OldSignature | None:
    """The signature of a request, None if it has none.

    Raises:
        Refused: it is there, but not whole, or of a kind that is not verified here.
    """
    authorization = request.header("authorization")
    algorithm = request.parameter("X-Amz-Algorithm")
    old = request.parameter("AWSAccessKeyId")
    in_query = any(request.parameter(name) is not None for name in ("X-Amz-Algorithm", *QUERY_FIELDS))
    if [authorization is not None, in_query, old is not None].count(True) > 1:
        raise Unsupported
    if authorization is not None:
        return _from_header(request, authorization)
    if in_query:
        if algorithm != ALGORITHM:
            raise Unsupported
        return _from_query(request)
    return None if old is None else _old(request, old)


def payload_hash(request: Incoming, signature: Signature | OldSignature, body: bytes | None) -> str | None:
    """What the signature covers of the body: what the client declares of it, or its hash.

    None if only the body can tell, which was not read yet (None).
    """
    declared = request.header("x-amz-content-sha256")
    if declared is not None:
        return declared
    if signature.service in S3:
        if isinstance(signature, Signature) and not signature.presigned:
            raise Incomplete("Missing required header for this request: x-amz-content-sha256")
        return UNSIGNED_PAYLOAD
    return None if body is None else hashlib.sha256(body).hexdigest()


def check_body(request: Incoming, signature: Signature | OldSignature, key: Key, body: bytes) -> None:
    """Hold the body against what the client declared of it. That the declaration is signed was verified before.

    Raises:
        Refused
    """
    declared = request.header("x-amz-content-sha256")
    if declared is None or (signature.service in S3 and declared == UNSIGNED_PAYLOAD):
        return
    if signature.service in S3 and declared.startswith("STREAMING-"):
        if not isinstance(signature, Signature):
            raise Unsupported
        seed = chunks.Seed(signature.timestamp, signature.scope, signature.value)
        chunks.check(declared, body, seed, signature.chunk_signer(key))
    elif hashlib.sha256(body).hexdigest() != declared:
        raise BadSignature


class _AsItArrived:
    """Holds one of botocore's signers to the headers and the body of a request that arrived."""

    payload_hash: str

    def headers_to_sign(self, request: AWSRequest) -> Any:
        return request.headers

    def payload(self, request: AWSRequest) -> str:
        del request
        return self.payload_hash


class _Signer(_AsItArrived, SigV4Auth):
    pass


class _S3Signer(_AsItArrived, S3SigV4Auth):
    """Takes the path as it is, where the others encode it once more."""


class _OldSigner(HmacV1Auth):
    """botocore's signer of Signature Version 2; a pre-signed URL has its end in the place of the date."""

    def __init__(self, credentials: Credentials, expires: str) -> None:
        super().__init__(credentials)
        self._expires = expires

    def _get_date(self) -> str:
        return self._expires


def _headers(request: Incoming, names: set[str]) -> Any:
    headers = HTTPHeaders()
    for name in names:
        for value in request.headers.get(name, ()):
            headers[name] = value
    return headers


def _from_header(request: Incoming, authorization: str) -> Signature:
    scheme, _, rest = authorization.partition(" ")
    if scheme != ALGORITHM:
        raise Unsupported
    fields = FIELD.findall(rest)
    found = dict(fields)
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if name not in found]
    timestamp = request.header("x-amz-date") or _timestamp(request.header("date"))
    reasons = [f"Authorization header requires '{name}' parameter." for name in missing]
    if timestamp is None:
        reasons.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if reasons:
        raise Incomplete(" ".join(reasons))
    if ",".join(f"{name}={value}" for name, value in fields) != re.sub(r"\s", "", rest) or len(found) != len(fields):
        raise Incomplete("Authorization header must name Credential, SignedHeaders and Signature once each.")
    token = request.header("x-amz-security-token")
    return _signature(found["Credential"], timestamp or "", found["SignedHeaders"], found["Signature"], token)


def _from_query(request: Incoming) -> Signature:
    found = {name: request.parameter(name) for name in QUERY_FIELDS}
    missing = [name for name, value in found.items() if not value]
    if missing:
        reasons = [f"AWS query-string parameters must include '{name}'." for name in missing]
        raise Incomplete(" ".join([*reasons, "Re-examine the query-string parameters."]))
    credential, timestamp, headers, value = (str(found[name]) for name in QUERY_FIELDS)
    token = request.parameter("X-Amz-Security-Token")
    return _signature(
        credential, timestamp, headers, value, token, presigned=True, lifetime=request.parameter("X-Amz-Expires")
    )


def _signature(
    credential: str,
    timestamp: str,
    headers: str,
    value: str,
    token: str | None,
    *,
    presigned: bool = False,
    lifetime: str | None = None,
) -> Signature:
    scope = credential.split("/")
    if len(scope) != SCOPE_PARTS or scope[4] != "aws4_request" or not all(scope):
        raise Incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
            f"got '{credential[:256]}'"
        )
    key_id, date, region, service, _ = scope
    signed = tuple(name.lower() for name in headers.split(";"))
    return Signature(key_id, date, region, service, timestamp, signed, value, token, presigned, lifetime)


def _old(request: Incoming, access_key_id: str) -> OldSignature:
    expires, value = request.parameter("Expires"), request.parameter("Signature")
    if not expires or not value or request.parameter("SignatureVersion") is not None:
        raise Unsupported
    return OldSignature(access_key_id, expires, value, request.parameter("x-amz-security-token"))


def _timestamp(date: str | None) -> str | None:
    try:
        return _stamp(parsedate_to_datetime(date or "").astimezone(UTC))
    except ValueError:
        return None


def _stamp(moment: datetime) -> str:
    return moment.strftime(SIGV4_TIMESTAMP)
