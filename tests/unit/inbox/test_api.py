from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from inbox_client import PATIENCE, Client, Events
from sms_documents import document, failed, sms
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app
from sms_redirect.messages.store import SmsStore


def fill(store, *numbers):
    for number in numbers:
        store.add(sms(number))


def numbers(answer):
    return [int(message["id"], 16) for message in answer["messages"]]


# ---- listing ----


def test_messages_are_listed_newest_first_with_what_the_document_says(client, store):
    fill(store, 1, 2)

    listed = client.json("/api/messages")

    assert numbers(listed) == [2, 1]
    known = {name: value for name, value in document(2).items() if name not in {"schema", "sent_at"}}
    assert known.items() <= listed["messages"][0].items()
    assert listed["messages"][0]["sent_at"] == "2026-03-01T00:00:02.000Z"
    assert listed["messages"][0]["phone_number_display"] == "+1 206-555-1212"


def test_a_failure_is_listed_with_reason_and_hint(client, store):
    store.add(failed(1))

    assert client.json("/api/messages")["messages"][0]["failure"] == failed(1).raw["failure"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [3, 2, 1]),
        ("phone_number=%2B4915112345678", [1]),
        ("phone_number=+4915112345678", [1]),
        ("phone_number=4915112345678", [1]),
        ("phone_number=+1%20206-555-1212", [3, 2]),
        ("flow=ForgotPassword", [2]),
        ("user_name=bob", [3]),
        ("text=000002", [2]),
        ("failed=false&limit=2", [3, 2]),
        ("limit=1&offset=1", [2]),
        ("offset=9", []),
        ("group=user_name", [3, 2, 1]),
        ("phone_number=&flow=&since=&limit=", [3, 2, 1]),
        ("phone_number=unknown", []),
    ],
)
def test_the_list_is_filtered_and_paged(client, store, query, expected):
    store.add(sms(1, phone_number="+4915112345678"))
    store.add(sms(2, flow="ForgotPassword"))
    store.add(sms(3, user_name="bob"))

    assert numbers(client.json(f"/api/messages?{query}")) == expected


def test_groups_stay_together_the_one_with_the_latest_message_first(client, store):
    for number, user in enumerate(["a", "b", "a", "c", "b"], 1):
        store.add(sms(number, user_name=user))

    assert numbers(client.json("/api/messages?group=user_name")) == [5, 2, 4, 3, 1]


def test_the_list_says_how_full_the_inbox_is():
    store = SmsStore(limit=2)
    with InboxServer(create_app(store), 0) as server:
        fill(store, 1, 2, 3)

        listed = Client(server.port).json("/api/messages?text=000003")

    assert {name: listed[name] for name in ("found", "kept", "capacity", "dropped")} == {
        "found": 1, "kept": 2, "capacity": 2, "dropped": 1,
    }  # fmt: skip


def test_duplicates_are_listed_once_and_counted(client, store):
    fill(store, 1, 1)

    assert [message["copies"] for message in client.json("/api/messages")["messages"]] == [2]


def test_since_a_cursor_or_a_time_lists_what_came_later(client, store):
    fill(store, 1)
    cursor = client.json("/api/messages")["cursor"]
    moment = datetime.now(UTC).isoformat()
    fill(store, 2)

    assert numbers(client.json(f"/api/messages?since={cursor}")) == [2]
    assert numbers(client.json(f"/api/messages?since={moment}")) == [2]  # its plus sign arrives as a space
    assert numbers(client.json("/api/messages?since=2020-01-01T00:00:00Z")) == [2, 1]
    assert numbers(client.json("/api/messages?since=2020-01-01")) == [2, 1]
    assert numbers(client.json(f"/api/messages?since={SmsStore().state.cursor}")) == [2, 1]


@pytest.mark.parametrize(
    ("target", "name", "words"),
    [
        ("/api/messages?limit=0", "limit", "1 to 1000"),
        ("/api/messages?limit=1001", "limit", "1 to 1000"),
        ("/api/messages?limit=ten", "limit", "'ten'"),
        ("/api/messages?offset=-1", "offset", "0 or more"),
        ("/api/messages?group=color", "group", "phone_number, flow, user_name"),
        ("/api/messages?failed=yes", "failed", "true or false"),
        ("/api/messages?since=yesterday", "since", "2026-03-01T10:00:00Z"),
        ("/api/messages?phone_number=alice", "phone_number", "+12065551212"),
        ("/api/messages?phone=1", "phone", "phone_number"),
        ("/api/messages?flow=a&flow=b", "flow", "twice"),
        ("/api/messages/next?wait=soon", "wait", "seconds"),
        ("/api/messages/next?wait=-1", "wait", "0 or more"),
        ("/api/messages/next?wait=nan", "wait", "0 or more"),
        ("/api/messages/next?limit=1", "limit", "not a parameter of this operation"),
        ("/api/messages/x?limit=1", "limit", "not a parameter of this operation"),
        ("/api/groups?x=1", "x", "not a parameter of this operation"),
        ("/api/subscriptions?x=1", "x", "not a parameter of this operation"),
        ("/api/events?since=2020-01-01", "since", "cursor"),
    ],
)
def test_the_error_for_a_bad_parameter_names_it_and_what_is_valid(client, target, name, words):
    answer = client.get(target)

    assert answer.status == 400
    assert answer.json["parameter"] == name
    assert words in answer.json["error"]


def test_a_missing_path_or_message_is_a_json_error(client):
    assert client.get("/api/nothing").json["error"]
    assert client.get("/api/messages/unknown").status == 404
    assert "dropped" in client.get("/api/messages/unknown").json["error"]
    assert client.request("POST", "/api/messages").status == 405


# ---- one message ----


def test_a_message_comes_with_its_emails_and_its_document(client, store):
    raw = {**document(1), "a_field_of_a_newer_sender": 5}
    store.add(sms(1, a_field_of_a_newer_sender=5))

    message = client.json(f"/api/messages/{1:032x}")

    assert message["document"] == raw
    assert message["placeholders"] == "Your verification code is {####}"
    assert message["emails"][0]["recipient"] == "qa@example.com"


def test_an_inbox_without_mailboxes_says_so(store):
    fill(store, 1)
    with InboxServer(create_app(store), 0) as server:
        assert Client(server.port).json(f"/api/messages/{1:032x}")["emails"] is None
        assert Client(server.port).json("/api/subscriptions") == {"pending": []}


# ---- waiting ----


def in_background(function):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(function()), daemon=True)
    thread.start()
    return thread, answers


def until_somebody_waits(store):
    end = time.monotonic() + PATIENCE
    while not store._listeners:
        assert time.monotonic() < end, "nobody waits"
        threading.Event().wait(0.005)


def test_next_responds_at_once_if_a_match_is_there(client, store):
    fill(store, 1, 2)

    assert int(client.json("/api/messages/next?wait=0")["id"], 16) == 2


def test_next_waits_for_a_match(client, store):
    thread, answers = in_background(lambda: client.json("/api/messages/next?phone_number=+4915112345678&wait=30"))
    until_somebody_waits(store)

    fill(store, 1)
    store.add(sms(2, phone_number="+4915112345678"))
    thread.join(PATIENCE)

    assert answers[0]["code"] == "000002"


def test_next_has_no_content_if_nothing_arrives(client, store):
    fill(store, 1)
    cursor = client.json("/api/messages")["cursor"]

    answer = client.get(f"/api/messages/next?since={cursor}&wait=0.01")

    assert answer.status == 204
    assert answer.body == b""


def test_next_walks_from_cursor_to_cursor(client, store):
    start = client.json("/api/messages")["cursor"]
    fill(store, 1, 2, 3)

    codes, since = [], start
    while (answer := client.get(f"/api/messages/next?since={since}&wait=0")).status == 200:
        codes.append(answer.json["code"])
        since = answer.json["cursor"]

    assert codes == ["000001", "000002", "000003"]


def test_a_wait_is_cut_to_the_maximum():
    from sms_redirect.inbox.parameters import MAX_WAIT, Parameters

    assert Parameters.parse([("wait", "86400")], ["wait"]).wait == MAX_WAIT == 60


def test_a_time_in_the_future_is_waited_for(client, store):
    fill(store, 1)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert client.get(f"/api/messages/next?since={tomorrow}&wait=0.01").status == 204


def test_stopping_the_server_ends_waiting_requests(store):
    with InboxServer(create_app(store), 0) as server:
        client = Client(server.port)
        thread, answers = in_background(lambda: client.get("/api/messages/next?wait=30"))
        until_somebody_waits(store)
    thread.join(PATIENCE)

    assert answers[0].status == 204


# ---- deleting, groups, subscriptions ----


def test_delete_empties_the_inbox(client, store):
    fill(store, 1, 2)

    answer = client.request("DELETE", "/api/messages")

    assert answer.json == {"deleted": 2}
    assert client.json("/api/messages")["messages"] == []


def test_groups_count_each_value_latest_first(client, store):
    fill(store, 1, 2)
    store.add(sms(3, phone_number=None, flow="ForgotPassword", user_name="bob"))

    assert client.json("/api/groups") == {
        "phone_number": [
            {"value": "unknown", "label": "unknown", "count": 1},
            {"value": "+12065551212", "label": "+1 206-555-1212", "count": 2},
        ],
        "email": [],
        "flow": [
            {"value": "ForgotPassword", "label": "ForgotPassword", "count": 1},
            {"value": "SignUp", "label": "SignUp", "count": 2},
        ],
        "user_name": [{"value": "bob", "label": "bob", "count": 1}, {"value": "alice", "label": "alice", "count": 2}],
    }


def test_pending_subscriptions_are_listed_until_they_are_confirmed(client, pending):
    (waiting,) = client.json("/api/subscriptions")["pending"]
    assert waiting["endpoint"] == "new-tester@example.com"
    assert "ConfirmSubscription" in waiting["confirm_url"]

    pending.confirmed = True

    assert client.json("/api/subscriptions")["pending"] == []


def test_a_confirm_link_is_never_a_script():
    from sms_redirect.inbox.documents import pending as shown
    from sms_redirect.inbox.sources import PendingSubscription

    assert shown(PendingSubscription("a@example.com", "javascript:alert(1)"))["confirm_url"] is None


# ---- live ----


def test_events_follow_arrivals_and_duplicates(server, store):
    with Events(server.port) as events:
        received = iter(events)
        fill(store, 1, 2)
        seen = [next(received), next(received)]
        fill(store, 1)
        seen.append(next(received))

    assert [name for name, _, _ in seen] == ["message"] * 3
    assert [(int(data["id"], 16), data["copies"]) for _, _, data in seen] == [(1, 1), (2, 1), (1, 2)]


def test_a_client_that_reconnects_gets_what_it_missed_once(server, store):
    with Events(server.port) as events:
        fill(store, 1)
        _, last, _ = next(iter(events))
    fill(store, 2, 3)

    with Events(server.port, last_event_id=last) as events:
        fill(store, 4)
        received = iter(events)
        missed = [int(next(received)[2]["id"], 16) for _ in range(3)]

    assert missed == [2, 3, 4]


def test_a_first_connection_continues_after_the_list(server, client, store):
    cursor = client.json("/api/messages")["cursor"]
    fill(store, 1)

    with Events(server.port, f"/api/events?since={cursor}") as events:
        assert int(next(iter(events))[2]["id"], 16) == 1


def test_events_are_filtered(server, store):
    with Events(server.port, "/api/events?flow=ForgotPassword") as events:
        fill(store, 1)
        store.add(sms(2, flow="ForgotPassword"))
        assert int(next(iter(events))[2]["id"], 16) == 2


@pytest.mark.parametrize("seen", ["00000000-7", "nonsense"])
def test_the_position_of_another_run_causes_a_reset_and_the_stream_continues(server, store, seen):
    fill(store, 1)

    with Events(server.port, last_event_id=seen) as events:
        received = iter(events)
        name, identity, _ = next(received)
        fill(store, 2)
        after = next(received)

    assert name == "reset"
    assert identity == store.cursor(1)
    assert int(after[2]["id"], 16) == 2


def test_emptying_the_inbox_causes_a_reset(server, client, store):
    fill(store, 1)
    with Events(server.port) as events:
        client.request("DELETE", "/api/messages")
        assert next(iter(events))[0] == "reset"


def test_a_text_cannot_forge_an_event(server, store):
    forged = "a\n\nevent: reset\ndata: {}\n\n\r\rid: 9"
    with Events(server.port) as events:
        store.add(sms(1, text=forged))
        name, _, data = next(iter(events))

    assert name == "message"
    assert data["text"] == forged


def test_stopping_the_server_ends_the_stream(store):
    with InboxServer(create_app(store), 0) as server:
        events = Events(server.port)
    with events:
        assert list(events) == []


def test_hostile_text_stays_data(client, store):
    hostile = "</script><img src=x onerror=alert(1)>\u202e"
    store.add(sms(1, text=hostile))

    answer = client.get("/api/messages")

    assert json.loads(answer.body)["messages"][0]["text"] == hostile
    assert answer.headers["content-type"] == "application/json"
