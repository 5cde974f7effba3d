"""No web page elsewhere reads the codes, and the inbox's own page runs nothing but its own files."""

from __future__ import annotations

import pytest

from inbox_client import Client
from sms_documents import sms
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app
from sms_redirect.loopback.hosts import Hosts

PATHS = [
    "/",
    "/docs",
    "/static/inbox.js",
    "/api/messages",
    "/api/messages/next?wait=0",
    "/api/events",
    "/api/openapi.json",
]


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_the_inbox_accepts_its_own_host_names(client, name):
    assert client.get("/api/messages", Host=f"{name}:{client.port}").status == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example:{port}", "evil.example", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}",
        "0.0.0.0:{port}", "", "127.0.0.1:{port}@evil",
    ],
)  # fmt: skip
def test_a_rebound_host_name_is_refused(client, store, path, host):
    store.add(sms(493027))

    answer = client.get(path, Host=host.format(port=client.port))

    assert answer.status in {400, 403}  # 400 where the server itself refuses
    assert b"493027" not in answer.body


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost:3000", "https://127.0.0.1:{port}", "http://localhost:{port}", "http://127.0.0.1:{port}.evil"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/messages"), ("GET", "/api/events"), ("DELETE", "/api/messages"), ("GET", "/")]
)
def test_another_origin_is_refused(client, store, origin, method, path):
    store.add(sms(493027))

    answer = client.request(method, path, {"Origin": origin.format(port=client.port)})

    assert answer.status == 403
    assert b"493027" not in answer.body
    assert store.state.kept == 1


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_its_own_page_and_programs_are_served(client, method):
    own = {"Origin": f"http://127.0.0.1:{client.port}", "Sec-Fetch-Site": "same-origin"}

    assert client.request(method, "/api/messages", own).status == 200
    assert client.request(method, "/api/messages").status == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", PATHS)
def test_another_site_cannot_load_a_file(client, site, path):
    assert client.get(path, Sec_Fetch_Site=site, Sec_Fetch_Mode="no-cors", Sec_Fetch_Dest="script").status == 403


def test_a_link_from_elsewhere_opens_the_page_but_not_the_api(client):
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}

    assert client.get("/", **link).status == 200
    assert client.get("/api/messages", **link).status == 403


def test_a_frame_elsewhere_cannot_show_the_page(client):
    framed = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "iframe"}

    assert client.get("/", **framed).status == 403
    assert "frame-ancestors 'none'" in client.get("/").headers["content-security-policy"]


@pytest.mark.parametrize("path", [*PATHS[:5], "/missing", "/api/messages?limit=x"])
def test_every_response_has_the_security_headers(client, path):
    headers = client.get(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers


@pytest.mark.parametrize("page", ["/", "/docs"])
def test_no_page_refers_to_another_machine_or_runs_inline_code(client, page):
    text = client.get(page).body.decode()

    own = f"http://127.0.0.1:{client.port}"
    assert "//" not in text.replace("/api/", "").replace("http://localhost", "").replace(own, "")
    assert "<style" not in text
    assert "style=" not in text
    assert " onclick" not in text
    assert text.count("<script") == text.count('<script type="module" src="/static/')


@pytest.fixture
def elsewhere(store):
    """An inbox that is called by a container's name."""
    app = create_app(store, title="sandbox", hosts=Hosts(frozenset({"sandbox"}), elsewhere=True))
    with InboxServer(app, 0) as running:
        yield Client(running.port)


def test_a_name_that_is_allowed_is_accepted_with_its_own_origin_only(elsewhere):
    assert elsewhere.get("/api/messages", Host="sandbox:18025", Origin="http://sandbox:18025").status == 200
    assert elsewhere.get("/api/messages", Host="sandbox:18025", Origin="http://evil.example").status == 403
    assert elsewhere.get("/api/messages", Host="evil.example:8025").status == 403
    assert elsewhere.get("/api/messages", Host="sandbox:18025", Sec_Fetch_Site="cross-site").status == 403
