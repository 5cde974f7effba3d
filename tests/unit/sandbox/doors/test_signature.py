"""What is signed with the key passes, and nothing else: whatever part of a request is changed afterwards."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrivals_at_the_door import BODY, SECRET, TOKEN, incoming, now, signed
from sms_redirect.sandbox.doors import chunks, signature
from sms_redirect.sandbox.doors.refusals import (
    BadScopeDate,
    BadSignature,
    ExpiredUrl,
    Incomplete,
    Malformed,
    Refused,
    Unsupported,
    WrongTime,
)

KEY = signature.Key(SECRET)
KINDS = [
    ("header", "sns"),
    ("header", "cognito-idp"),
    ("header", "s3"),
    ("url", "sns"),
    ("url", "s3"),
    ("old", "s3"),
]


def verify(request, body=BODY, key=KEY, at=None):
    """What the door does, for a request whose body was read."""
    given = signature.read(request)
    given.verify(request, key, signature.payload_hash(request, given, body), at or now())
    signature.check_body(request, given, key, body)


@pytest.mark.parametrize(("kind", "service"), KINDS)
@pytest.mark.parametrize(
    "path", ["/", "/bucket/a%20key/u%CC%88?versionId=1&prefix=a%2Fb&marker=", "/a/../b//c?x=~%2A%20&x=2"]
)
def test_what_botocore_signs_passes(kind, service, path):
    body = BODY if kind == "header" else b""

    verify(signed(kind, service=service, method="PUT", path=path.split("&x")[0], body=body), body)


@pytest.mark.parametrize(("kind", "service"), KINDS)
def test_temporary_credentials_pass_with_their_token(kind, service):
    request = signed(kind, service=service, token=TOKEN, body=b"")

    assert signature.read(request).token == TOKEN
    verify(request, b"", signature.Key(SECRET, TOKEN))


@pytest.mark.parametrize(("kind", "service"), KINDS)
def test_another_secret_does_not_pass(kind, service):
    with pytest.raises(BadSignature):
        verify(signed(kind, service=service, body=b"", secret="another"), b"")


@pytest.mark.parametrize(
    "change",
    [
        {"method": "GET"},
        {"raw_path": "/other"},
        {"query": (("Action", "CreateStack"),)},
        {"headers": {"host": ("127.0.0.1:1",)}},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize(("kind", "service"), [("header", "sns"), ("header", "s3"), ("url", "s3")])
def test_a_request_that_was_changed_on_the_way_does_not_pass(kind, service, change):
    request = signed(kind, service=service, body=b"")
    headers = {**request.headers, **change.get("headers", {})}
    query = (*request.query, *change.get("query", ()))

    with pytest.raises(BadSignature):
        verify(replace(request, **{**change, "headers": headers, "query": query}), b"")


@pytest.mark.parametrize("service", ["sns", "s3", "cognito-idp"])
def test_another_body_does_not_pass(service):
    with pytest.raises(BadSignature):
        verify(signed(service=service), b"another body")


def test_a_declared_hash_is_verified_before_the_body_is_there():
    request = signed(service="s3")
    given = signature.read(request)

    given.verify(request, KEY, signature.payload_hash(request, given, None), now())

    with pytest.raises(BadSignature):
        signature.check_body(request, given, KEY, b"another body")


def test_only_s3_takes_a_body_that_is_not_signed():
    unsigned = {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}

    with pytest.raises(BadSignature):
        verify(signed(service="sns", headers=unsigned))


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_may_be_five_minutes_off(minutes):
    request = signed(service="cognito-idp")

    verify(request, at=now() + timedelta(minutes=minutes * 0.8))
    with pytest.raises(WrongTime, match="5 min"):
        verify(request, at=now() + timedelta(minutes=minutes))


@pytest.mark.parametrize("service", ["s3", "sts", "sns", "sqs"])
def test_of_some_services_fifteen(service):
    request = signed(service=service)

    verify(request, at=now() + timedelta(minutes=14))
    with pytest.raises(WrongTime, match="15 min"):
        verify(request, at=now() + timedelta(minutes=16))


@pytest.mark.parametrize("kind", ["url", "old"])
def test_a_presigned_url_is_good_as_long_as_it_says(kind):
    request = signed(kind, service="s3", body=b"")

    verify(request, b"", at=now() + timedelta(seconds=58))
    with pytest.raises(ExpiredUrl):
        verify(request, b"", at=now() + timedelta(seconds=62))


def authorization(text, **headers):
    return incoming(headers={"Authorization": text, "X-Amz-Date": "20260101T000000Z"} | headers)


WHOLE = "AWS4-HMAC-SHA256 Credential=AK/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=00"


@pytest.mark.parametrize(
    ("request_", "refusal", "text"),
    [
        (authorization("AWS4-HMAC-SHA256 Signature=00"), Incomplete, "requires 'Credential'.*requires 'SignedHeaders'"),
        (authorization(WHOLE.replace("/aws4_request", "")), Incomplete, "exactly 5 slash-delimited"),
        (authorization(WHOLE.replace("us-east-1", "")), Incomplete, "exactly 5 slash-delimited"),
        (authorization(WHOLE + ", Credential=BK/20260101/us-east-1/sns/aws4_request"), Incomplete, "once each"),
        (authorization(WHOLE + " and more"), Incomplete, "once each"),
        (incoming(headers={"Authorization": WHOLE}), Incomplete, "'X-Amz-Date' or a 'Date' header"),
        (authorization("AWS AK:sig"), Unsupported, "AWS standards"),
        (authorization(WHOLE.replace("HMAC-SHA256", "ECDSA-P256-SHA256")), Unsupported, "AWS standards"),
        (incoming(url="/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=00"), Incomplete, "must include 'X-Amz-Cred"),
        (incoming(url="/?X-Amz-Credential=AK%2F1%2F2%2F3%2F4"), Unsupported, "AWS standards"),
        (incoming(url="/?AWSAccessKeyId=AK"), Unsupported, "AWS standards"),
        (incoming(url="/?AWSAccessKeyId=AK", headers={"Authorization": WHOLE}), Unsupported, "AWS standards"),
        (incoming(url="/?X-Amz-Date=1&x-amz-date=2"), Malformed, "given once"),
    ],
)  # fmt: skip
def test_a_signature_that_is_not_whole_is_refused(request_, refusal, text):
    with pytest.raises(refusal, match=text):
        signature.read(request_)


@pytest.mark.parametrize(
    ("header", "refusal"),
    [
        (WHOLE.replace("=host", "=x-amz-date"), BadSignature),
        (WHOLE.replace("20260101/", "20260102/"), BadScopeDate),
    ],
)
def test_host_and_date_must_be_part_of_it(header, refusal):
    with pytest.raises(refusal):
        verify(authorization(header), at=datetime(2026, 1, 1, tzinfo=UTC))


def test_no_signature_is_none():
    assert signature.read(incoming(headers={"X-Amz-Target": "Service.Operation"})) is None


@settings(max_examples=50)
@given(st.text(st.characters(max_codepoint=0x2FF, exclude_categories=["Cs", "Cc"]), max_size=60))
def test_no_header_breaks_it(text):
    for value in (text, WHOLE + text, f"AWS4-HMAC-SHA256 {text}"):
        try:
            verify(authorization(value.strip()))
        except Refused:
            continue
        pytest.fail("that is no signature")


# Key, requests and signatures of the examples in S3's API reference, "Signature Calculations for the Authorization
# Header: Transferring Payload in Multiple Chunks", and of the same with trailing headers.
EXAMPLE_KEY = signature.Key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
EXAMPLES = {
    "payload": (
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        [
            (65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
            (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
            (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
        ],
        b"\r\n",
    ),
    "trailer": (
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        [
            (65536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
            (1024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
            (0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
        ],
        (
            b"x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:"
            b"d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
        ),
    ),
}


def chunked(example, letter=b"a"):
    _, kind, parts, end = EXAMPLES[example]
    body = b"".join(
        b"%x;chunk-signature=%s\r\n%s" % (size, value.encode(), letter * size + (b"\r\n" if size else b""))
        for size, value in parts
    )
    return kind, body + end


def check_chunks(example, body):
    seed, kind, *_ = EXAMPLES[example]
    given = signature.Signature(
        "AKIAIOSFODNN7EXAMPLE",
        "20130524",
        "us-east-1",
        "s3",
        "20130524T000000Z",
        ("host",),
        seed,
        None,
        presigned=False,
    )
    chunks.check(kind, body, chunks.Seed(given.timestamp, given.scope, seed), given.chunk_signer(EXAMPLE_KEY))


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_chunked_uploads_of_s3s_documentation_pass(example):
    check_chunks(example, chunked(example)[1])


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_chunk_that_was_changed_does_not_pass(example):
    with pytest.raises(BadSignature):
        check_chunks(example, chunked(example, b"b")[1])


def test_a_trailer_that_was_changed_does_not_pass():
    with pytest.raises(BadSignature):
        check_chunks("trailer", chunked("trailer")[1].replace(b"sOO8", b"sOO9"))


@pytest.mark.parametrize("body", [b"", b"0\r\n\r\n", b"5;chunk-signature=00\r\nhello", b"no chunks"])
def test_a_body_without_chunk_signatures_does_not_pass(body):
    with pytest.raises(Malformed):
        check_chunks("payload", body)
