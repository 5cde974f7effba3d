"""A browser may send for a page elsewhere what a web app needs, and nothing else; programs are not asked."""

import pytest

from arrivals_at_the_door import HOST, incoming
from sms_redirect.sandbox.doors.origins import Origins, normal
from sms_redirect.sandbox.doors.unsigned import Open

APP = "http://localhost:3000"
ELSEWHERE = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": APP},
    {"Origin": f"https://{HOST}"},
    {"Origin": f"http://{HOST}.evil.example"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "no-cors"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    {"Sec-Fetch-Site": "something-new"},
]
HERE = [{}, {"Origin": f"http://{HOST}"}, {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "same-origin"}]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
@pytest.mark.parametrize("kind", [None, Open.PROGRAM])
def test_another_page_is_refused(headers, kind):
    refusal = Origins().refusal(incoming(headers=headers), kind)

    assert "--allow-origin" in refusal
    assert "access-control-allow-origin" not in {
        name.lower() for name in Origins().headers(incoming(headers=headers), kind)
    }


@pytest.mark.parametrize("headers", HERE, ids=str)
@pytest.mark.parametrize("kind", [None, *Open])
def test_programs_and_own_pages_are_let_in(headers, kind):
    assert Origins().refusal(incoming(headers=headers), kind) is None


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
@pytest.mark.parametrize("kind", [Open.USER_POOLS, Open.HOSTED])
def test_what_a_web_app_needs_is_open_to_every_page(headers, kind):
    request = incoming(headers=headers)

    assert Origins().refusal(request, kind) is None
    assert Origins().headers(request, kind).get("Access-Control-Allow-Origin") == ("*" if "Origin" in headers else None)


@pytest.mark.parametrize("kind", [Open.LINK, Open.PAGE])
def test_a_link_to_a_page_opens_but_is_not_fetched(kind):
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}

    assert Origins().refusal(incoming("GET", headers=link), kind) is None
    for changed in (
        {"Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Mode": "no-cors"},
        {"Origin": "null", "Sec-Fetch-Mode": "cors"},
    ):
        assert Origins().refusal(incoming("GET", headers=link | changed), kind)


def test_an_origin_that_was_named_may_do_everything():
    origins = Origins(normal([APP + "/"]))
    request = incoming(headers={"Origin": APP, "Sec-Fetch-Site": "same-site"})

    assert origins.refusal(request, None) is None
    assert origins.headers(request, None)["Access-Control-Allow-Origin"] == APP
    assert origins.headers(request, None)["Vary"] == "Origin"
    assert origins.refusal(incoming(headers={"Origin": "http://localhost:3001"}), None)


ASKS = {"Origin": APP, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-amz-date"}


def test_a_browser_that_asks_first_hears_the_same():
    asking = incoming("OPTIONS", headers=ASKS)

    assert Origins().preflight(asking, None) is None
    allowed = Origins(frozenset({APP})).preflight(asking, None)
    assert allowed["Access-Control-Allow-Methods"] == "PUT"
    assert allowed["Access-Control-Allow-Headers"] == "x-amz-date"
    anyone = Origins().preflight(asking, Open.USER_POOLS)
    assert anyone["Access-Control-Allow-Origin"] == "*"
    assert anyone["Access-Control-Allow-Methods"] == "POST"
    assert "X-Amz-Target" in anyone["Access-Control-Allow-Headers"]
