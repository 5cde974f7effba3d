"""With a token, only who has it reads the codes: programs by a header, browsers by the cookie of the printed link."""

from __future__ import annotations

import pytest

from inbox_client import Client
from sms_documents import sms
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.token import VARIABLE, BadToken, Token, link
from sms_redirect.inbox.web import create_app

TOKEN = Token("a-token-of-this-test")
BEARER = {"Authorization": f"Bearer {TOKEN.value}"}


@pytest.fixture
def asking(store):
    store.add(sms(493027))
    with InboxServer(create_app(store, title="sandbox", token=TOKEN), 0) as server:
        yield Client(server.port)


@pytest.mark.parametrize(
    "path", ["/", "/docs", "/static/inbox.js", "/api/messages", "/api/events", "/api/openapi.json"]
)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer another-token-of-a-test"},
        {"Authorization": TOKEN.value},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer \xff"},
        {"Cookie": f"sms-redirect-{{port}}={TOKEN.value}"},
        {"Cookie": f"sms-redirect-1={TOKEN.cookie}"},
    ],
)
def test_without_it_nobody_reads_anything(asking, path, headers):
    answer = asking.request("GET", path, {name: value.format(port=asking.port) for name, value in headers.items()})

    assert answer.status == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert b"493027" not in answer.body
    assert VARIABLE in answer.json["error"]


def test_a_program_sends_it_as_a_header(asking):
    assert asking.request("GET", "/api/messages", BEARER).json["messages"]
    assert asking.request("DELETE", "/api/messages", BEARER).status == 200


def test_the_link_leaves_a_cookie_and_goes_out_of_the_address(asking):
    opened = asking.get(f"/?flow=SignUp&token={TOKEN.value}")
    cookie = opened.headers["set-cookie"]

    assert opened.status == 303
    assert opened.headers["location"] == "/?flow=SignUp"
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert TOKEN.value not in cookie
    page = asking.request("GET", opened.headers["location"], {"Cookie": cookie.partition(";")[0]})
    assert page.status == 200
    assert asking.request("GET", "/api/messages", {"Cookie": cookie.partition(";")[0]}).json["messages"]


@pytest.mark.parametrize("path", ["/api/messages", "/api/messages/next"])
def test_the_api_takes_no_token_from_the_address(asking, path):
    assert asking.get(f"{path}?token={TOKEN.value}").status == 401


def test_the_link_does_not_lead_elsewhere(asking):
    assert asking.get(f"//evil.example/?token={TOKEN.value}").headers["location"] == "/evil.example/"


def test_other_sites_are_refused_even_with_it(asking):
    assert asking.request("GET", "/api/messages", BEARER | {"Origin": "https://evil.example"}).status == 403
    assert asking.get(f"/?token={TOKEN.value}", Host="evil.example").status == 403


def test_it_comes_from_the_environment_or_is_new():
    given = {VARIABLE: TOKEN.value}

    assert Token.wanted(given, new=False) == Token.wanted(given, new=True) == TOKEN
    assert Token.wanted({}, new=False) is None
    first, second = (Token.wanted({}, new=True) for _ in range(2))
    assert first != second
    assert len(first.value) >= 32


@pytest.mark.parametrize("value", ["", "short", "with blanks in the middle", "a" * 129])
def test_one_that_cannot_be_used_is_refused_without_repeating_it(value):
    with pytest.raises(BadToken) as caught:
        Token.wanted({VARIABLE: value}, new=True)

    assert VARIABLE in str(caught.value)
    assert not value or value not in str(caught.value)


def test_it_is_not_in_its_repr():
    assert TOKEN.value not in repr(TOKEN)


def test_the_link_has_it():
    assert link("http://127.0.0.1:1", TOKEN) == f"http://127.0.0.1:1/?token={TOKEN.value}"
    assert link("http://127.0.0.1:1", None) == "http://127.0.0.1:1"
