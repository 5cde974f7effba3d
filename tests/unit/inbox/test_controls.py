"""The Controls panel's API: time, limits, trouble, users; the sandbox's own, and nobody's over a deployed stack."""

from __future__ import annotations

import pytest

from gallery_pools import POOL_ID
from inbox_client import Client
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app, openapi
from sms_redirect.sandbox.cognito.build import pool_fault
from sms_redirect.sandbox.invocations import SENDER_FAULTS

USERS = f"/api/pools/{POOL_ID}/users"


def test_each_control_changes_the_sandbox_and_shows_the_whole_state(client, controls):
    client.send("POST", "/api/controls/clock", {"advance_seconds": 3600})
    client.send("POST", "/api/controls/limits", {"enabled": False})
    client.send("POST", "/api/controls/sender", {"mode": "fail", "times": 3})
    shown = client.send("POST", "/api/controls/user-pools", {"mode": "concurrent", "times": 2}).json

    assert (controls.seconds, controls.enabled) == (3600, False)
    assert controls.faults == {"sender": ("fail", 3), "user-pools": ("concurrent", 2)}
    assert shown == client.json("/api/controls")
    assert shown["clock"] == {"now": "2026-03-02T13:00:00.000Z", "ahead_seconds": 3600}
    assert shown["sender"] == {"mode": "fail", "times": 3, "modes": ["none", "throttle", "fail"]}


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("clock", {"advance_seconds": "1"}, "from 0 to 315,360,000"),
        ("clock", {"advance_seconds": True}, "must be a number"),
        ("clock", {}, "must be a number"),
        ("sender", {"mode": ["fail"], "times": 1}, "one of none, throttle, fail"),
        ("sender", {"mode": "fail", "times": 1.5}, "whole number"),
        ("user-pools", {"mode": "fail", "times": 1}, "one of none, sms-role-trust"),
        ("limits", {"enabled": 1}, "true or false"),
    ],
)
def test_what_cannot_be_understood_changes_nothing(client, path, body, said):
    before = client.json("/api/controls")

    answer = client.send("POST", f"/api/controls/{path}", body)

    assert answer.status == 400
    assert said in answer.json["error"]
    assert client.json("/api/controls") == before


def test_users_are_listed_and_deleted_one_by_one(client, controls):
    assert [each["user_name"] for each in client.json(USERS)["users"]] == ["alice", "jonas"]

    assert client.request("DELETE", f"{USERS}?user_name=alice").json == {"deleted": 1}

    assert [each.user_name for each in controls.people] == ["jonas"]
    assert client.request("DELETE", f"{USERS}?user_name=").status == 400


def test_over_a_deployed_stack_there_are_no_controls(store):
    with InboxServer(create_app(store), 0) as server:
        client = Client(server.port)

        refused = [
            client.get("/api/controls"),
            client.send("POST", "/api/controls/clock", {"advance_seconds": 1}),
            client.get(USERS),
            client.request("DELETE", f"{USERS}?user_name=alice"),
        ]

    assert [each.status for each in refused] == [403] * 4
    assert "deployed stack" in refused[0].json["error"]


def test_the_described_modes_are_those_of_the_sandbox():
    def described(name):
        content = openapi()["paths"][f"/api/controls/{name}"]["post"]["requestBody"]["content"]
        return content["application/json"]["schema"]["properties"]["mode"]["enum"]

    assert described("sender") == ["none", *SENDER_FAULTS]
    assert described("user-pools") == list(pool_fault().modes)
