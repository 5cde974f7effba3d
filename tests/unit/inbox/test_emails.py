"""Emails of a sandbox's user pools beside its SMS, in the API."""

import jsonschema
import pytest

from email_documents import document, email
from inbox_client import Events
from sms_documents import sms
from sms_redirect.inbox.web import openapi
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.saved.folder import StateFolder
from sms_redirect.sandbox.saved.inbox import kept_messages

HOSTILE = "<script>alert(1)</script><img src='http://elsewhere.example/x.png'><form action='/'></form>"


@pytest.fixture(autouse=True)
def filled(store):
    store.add(sms(1))
    store.add(email(2))
    store.add(sms(3))
    store.add(email(4, email="Bob@Example.com", user_name="bob", flow="ForgotPassword"))


def ids(answer):
    return [message["id"][-1] for message in answer["messages"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["3", "1"]),
        ("kind=sms", ["3", "1"]),
        ("kind=email", ["4", "2"]),
        ("kind=all", ["4", "3", "2", "1"]),
        ("email=alice@example.com", ["2"]),
        ("email=BOB@example.com", ["4"]),
        ("email=alice@example.com&kind=sms", []),
        ("phone_number=%2B12065551212&kind=all", ["3", "1"]),
        ("phone_number=unknown&kind=all", []),
        ("kind=all&user_name=alice", ["3", "2", "1"]),
        ("kind=all&text=Example.com", ["4", "2"]),
        ("kind=email&text=000002", ["2"]),
        ("kind=all&group=user_name&limit=1", ["4"]),
        ("kind=all&group=phone_number", ["4", "3", "1", "2"]),
    ],
)
def test_emails_are_listed_for_those_who_ask_for_them(client, query, expected):
    assert ids(client.json(f"/api/messages?{query}")) == expected


def test_what_waits_for_an_sms_never_gets_an_email(client):
    assert client.json("/api/messages/next?user_name=bob&wait=0&kind=email")["code"] == "000004"
    assert client.get("/api/messages/next?user_name=bob&wait=0").status == 204


def test_waiting_takes_an_address(client):
    answer = client.json("/api/messages/next?email=alice@example.com&wait=0")

    assert (answer["kind"], answer["code"], answer["email"]) == ("email", "000002", "alice@example.com")
    jsonschema.validate(answer, openapi()["components"]["schemas"]["EmailMessage"])


def test_another_kind_is_refused(client):
    answer = client.get("/api/messages?kind=mail")

    assert (answer.status, answer.json["parameter"]) == (400, "kind")


def test_a_whole_email_has_its_document(client):
    found = client.json(f"/api/messages/{document(2)['id']}")

    assert found["document"] == document(2)


def test_groups_are_those_of_the_kind(client):
    every = client.json("/api/groups?kind=all")

    assert [each["value"] for each in every["email"]] == ["Bob@Example.com", "alice@example.com"]
    assert {each["value"]: each["count"] for each in every["user_name"]} == {"bob": 1, "alice": 3}
    assert client.json("/api/groups")["email"] == []


def test_the_html_of_an_email_is_locked_in(client, store):
    store.add(email(5, html=HOSTILE))

    answer = client.get(f"/api/messages/{document(5)['id']}/html")

    policy = answer.headers["content-security-policy"]
    assert (answer.status, answer.body.decode()) == (200, HOSTILE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert policy.startswith("sandbox; default-src 'none';")
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers.get_all("content-security-policy") == [policy]


def test_an_sms_has_no_html(client):
    assert client.get(f"/api/messages/{1:032x}/html").status == 404
    assert client.get("/api/messages/none/html").status == 404


def test_events_carry_emails_to_those_who_ask_for_them(server, store):
    with Events(server.port, f"/api/events?kind=email&since={store.cursor(0)}") as events:
        name, _, data = next(iter(events))

    assert (name, data["id"]) == ("message", document(2)["id"])


def test_a_state_folder_keeps_them(tmp_path, store):
    with StateFolder(tmp_path) as folder, kept_messages(store, folder):
        store.add(email(6))
    again = SmsStore()
    with StateFolder(tmp_path) as folder, kept_messages(again, folder):
        assert [entry.message for entry in again.find()] == [entry.message for entry in store.find()]


def test_a_notice_is_listed_with_everything_or_by_its_flow_only(client, store):
    store.add(sms(9, flow="Notice", phone_number=None, code=None))

    def found(query):
        return [each["flow"] for each in client.json(f"/api/messages?{query}")["messages"]]

    assert "Notice" not in found("")
    assert found("kind=all")[0] == "Notice"
    assert found("flow=Notice") == ["Notice"]
    assert client.get("/api/messages/next?wait=0&flow=Notice").status == 200
