"""Deleting and exporting what is filtered."""

from __future__ import annotations

import csv
import email as parser
import io
import json
import zipfile
from email.policy import default

import pytest

from email_documents import email
from inbox_client import Client, Events
from sms_documents import failed, sms
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app


def table(answer):
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline="")))


def files(answer):
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        return [parser.message_from_bytes(archive.read(name), policy=default) for name in archive.namelist()]


def ids(store):
    return [entry.message.id for entry in store.find()]


# ---- deleting ----


def test_what_is_filtered_is_deleted_and_nothing_else(client, store):
    for number, flow in enumerate(["SignUp", "ForgotPassword", "SignUp"], 1):
        store.add(sms(number, flow=flow))
    store.add(email(4))

    assert client.request("DELETE", "/api/messages?flow=SignUp").json == {"deleted": 2}

    assert ids(store) == [email(4).id, sms(2).id]
    assert client.request("DELETE", "/api/messages").json == {"deleted": 2}


@pytest.mark.parametrize("query", ["flow=", "user_name=%20", "flow=SignUp&user_name="])
def test_a_filter_without_a_value_deletes_nothing(client, store, query):
    """A shell variable that is not set must not empty the inbox."""
    store.add(sms(1))

    answer = client.request("DELETE", f"/api/messages?{query}")

    assert answer.status == 400
    assert "send no parameter" in answer.json["error"]
    assert ids(store) == [sms(1).id]


def test_one_is_deleted_and_its_late_duplicate_stays_away(client, store):
    store.add(sms(1))
    store.add(sms(2))

    assert client.request("DELETE", f"/api/messages/{1:032x}").json == {"deleted": 1}

    store.add(sms(1))
    assert ids(store) == [sms(2).id]
    assert client.request("DELETE", f"/api/messages/{1:032x}").status == 404


def test_who_follows_the_events_is_told_to_list_again(server, client, store):
    store.add(sms(1))
    store.add(sms(2))
    with Events(server.port, f"/api/events?since={store.state.cursor}") as events:
        client.request("DELETE", f"/api/messages/{1:032x}")

        name, identity, _ = next(iter(events))

        assert name == "reset"
        store.add(sms(3))
        assert next(iter(events))[2]["id"] == f"{3:032x}"
        assert store.position(identity) is not None


# ---- JSON and CSV ----


def test_json_holds_the_documents_that_match(client, store):
    store.add(sms(1))
    store.add(sms(2, user_name="zoe"))

    answer = client.get("/api/messages/export?user_name=zoe")

    assert answer.json == [json.loads(json.dumps(sms(2, user_name="zoe").raw))]
    assert answer.headers["content-disposition"] == 'attachment; filename="messages.json"'


def test_csv_has_a_row_for_each_message_newest_first(client, store):
    store.add(sms(1, text='Zoë’s "code",\nsecond line; 000001'))
    store.add(failed(2))
    store.add(email(3, subject="Hello"))

    rows = table(client.get("/api/messages/export?format=csv&kind=all"))

    assert [row["kind"] for row in rows] == ["email", "sms", "sms"]
    assert rows[2]["text"] == 'Zoë’s "code",\nsecond line; 000001'
    assert rows[2]["phone_number"] == "+12065551212"
    assert rows[1]["failure_reason"].startswith("The code could not be decrypted")
    assert rows[0]["subject"] == "Hello"


@pytest.mark.parametrize(
    "text",
    ['=HYPERLINK("http://x")', "+1+1", "-1", "@SUM(1)", "\t=1", "\r=1", "  =1", "\n=1", "＝1", "+12065551212,=1"],
)
def test_no_cell_of_a_csv_is_a_formula(client, store, text):
    store.add(sms(1, text=text, user_name=text, code=text))

    (row,) = table(client.get("/api/messages/export?format=csv"))

    assert [row[name] for name in ("text", "user_name", "code")] == [f"'{text}"] * 3


# ---- EML ----


def test_eml_is_the_email_as_it_was_delivered(client, store):
    store.add(sms(1, text="Zoë’s code: 000001"))

    (shown,) = files(client.get("/api/messages/export?format=eml"))

    assert shown["To"] == "qa@example.com"
    assert shown["From"].addresses[0].addr_spec == "no-reply@sns.amazonaws.com"
    assert shown["Subject"] == "SMS to +12065551212: SignUp"
    assert "Zoë’s code: 000001" in shown.get_content()
    one = client.get(f"/api/messages/{1:032x}/eml")
    assert one.headers["content-type"] == "message/rfc822"
    assert parser.message_from_bytes(one.body, policy=default)["Subject"] == shown["Subject"]


def test_eml_of_an_sms_that_no_email_carried_holds_the_sms(store):
    store.add(sms(1))
    store.add(failed(2))
    with InboxServer(create_app(store), 0) as server:
        lost, shown = files(Client(server.port).get("/api/messages/export?format=eml"))

    assert shown["To"] is None
    assert shown["X-Sms-Redirect-Phone-Number"] == "+12065551212"
    assert shown.get_content().strip() == "Your verification code is 000001"
    assert "could not be decrypted" in lost.get_content()


def test_eml_of_a_pool_s_email_has_its_html(client, store):
    store.add(email(1, html="<p>Code <b>000001</b></p>", text="Code 000001"))

    (shown,) = files(client.get("/api/messages/export?format=eml&kind=email"))

    assert shown["To"] == "alice@example.com"
    assert shown.get_body(["plain"]).get_content().strip() == "Code 000001"
    assert "<b>000001</b>" in shown.get_body(["html"]).get_content()


def test_no_value_begins_a_header_of_its_own(store):
    hostile = "a\r\nBcc: eve@example.com\r\n\r\nbody"
    store.add(sms(1, flow=hostile, user_name=hostile, phone_number=hostile))
    store.add(email(2, subject=hostile))
    with InboxServer(create_app(store), 0) as server:
        for shown in files(Client(server.port).get("/api/messages/export?format=eml&kind=all")):
            assert shown["Bcc"] is None
            assert "Bcc: eve" in shown["Subject"]
