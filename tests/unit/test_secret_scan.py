"""The scan for secrets finds what was planted, in every form, and nothing that was not."""

import base64
import json
import urllib.parse

import pytest

from secret_scan import Secrets

CODE, PASSWORD, TOKEN = "493027", 'Pa55/w0rd+ü&"x', "eyJraWQiOiJ0ZXN0In0.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJl"
ENCODINGS = {
    "plain": str,
    "URL": lambda value: urllib.parse.quote(value, safe=""),
    "form": urllib.parse.quote_plus,
    "JSON": json.dumps,
    "JSON in JSON": lambda value: json.dumps({"Message": json.dumps({"code": value})}),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 of JSON": lambda value: base64.b64encode(json.dumps({"code": value}).encode()).decode(),
    "base64 of other JSON": lambda value: base64.b64encode(json.dumps({"code_": value}).encode()).decode(),
    "base64 of still other JSON": lambda value: base64.b64encode(json.dumps({"code__": value}).encode()).decode(),
    "repr": repr,
}


@pytest.fixture
def secrets():
    found = Secrets()
    found.add("code", CODE)
    found.add("password", PASSWORD)
    found.add("token", TOKEN)
    return found


@pytest.mark.parametrize("kind", ["code", "password", "token"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_it_finds_what_was_planted(secrets, encoding, kind):
    value = {"code": CODE, "password": PASSWORD, "token": TOKEN}[kind]

    (*found,) = secrets.found_in({"the log": f"before {ENCODINGS[encoding](value)} after".encode()})

    assert found
    assert {line.partition(" in ")[0] for line in found} == {kind}
    assert value not in "".join(found)


@pytest.mark.parametrize(
    "harmless",
    [
        "2026-03-01T10:00:00.493027Z", "id 0b1c2d3e-4930-2749-3027-0123456789ab", "account 149302712012", "x493027",
        "port 4930", "+1493027", "",
    ],
)  # fmt: skip
def test_it_finds_nothing_in_numbers_that_are_something_else(secrets, harmless):
    assert secrets.found_in({"the log": harmless.encode()}) == []


def test_what_is_meant_to_be_somewhere_is_named(secrets):
    place = {"stdout of wait": CODE.encode(), "stderr of wait": CODE.encode()}

    assert secrets.found_in(place, except_for=[("code", "stdout")]) == ["code in stderr of wait (plain)"]
