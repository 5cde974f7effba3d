"""`GET /api/diagnosis`: what it passes to the doctor, and what it says for an inbox."""

from datetime import timedelta

import pytest

from doctor_reports import NO_EMAIL, Doctor
from inbox_client import Client
from sms_redirect.doctor.subject import Subject
from sms_redirect.inbox.diagnosis import DiagnosisApi
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app
from sms_redirect.messages.store import SmsStore


@pytest.fixture
def doctor():
    return Doctor()


@pytest.fixture
def client(doctor):
    with InboxServer(create_app(SmsStore(), diagnosis=DiagnosisApi(doctor)), 0) as server:
        yield Client(server.port)


def test_the_verdict_comes_with_evidence_and_next_step(client):
    found = client.get("/api/diagnosis").json

    assert found["verdict"]["code"] == "key-disabled"
    assert found["verdict"]["evidence"].startswith("arn:aws:kms:")
    assert "enable-key" in found["verdict"]["next_step"]
    assert found["healthy"] is False


@pytest.mark.parametrize(
    ("query", "subject"),
    [
        ("", Subject()),
        ("?flow=SmsOtp", Subject(flow="Authentication", occasion="SmsOtp")),
        ("?user_name=a%20b&minutes=60", Subject("a b", since=timedelta(hours=1))),
        ("?phone_number=%2B1%20206-555-0100", Subject(phone_number="+12065550100")),
        ("?phone_number=+12065550100", Subject(phone_number="+12065550100")),  # the plus sign arrives as a space
    ],
)
def test_the_doctor_is_asked_about_whom_the_request_names(client, doctor, query, subject):
    assert client.get(f"/api/diagnosis{query}").status == 200

    assert doctor.asked == [subject]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("flow=Nope", "flow"),
        ("minutes=0", "minutes"),
        ("minutes=10081", "minutes"),
        ("phone_number=none", "phone_number"),
        ("phone_number=0206", "phone_number"),
        ("stack_name=x", "stack_name"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nobody_is_asked(client, doctor, query, name):
    answer = client.get(f"/api/diagnosis?{query}")

    assert (answer.status, answer.json["parameter"]) == (400, name)
    assert doctor.asked == []


def test_an_inbox_needs_no_email_subscription(client, doctor):
    doctor.report = NO_EMAIL

    found = client.get("/api/diagnosis").json

    assert (found["verdict"], found["healthy"]) == (None, True)
    assert [(each["code"], each["status"]) for each in found["findings"]] == [("nobody-confirmed", "warning")]


def test_an_inbox_without_a_stack_has_no_doctor():
    with InboxServer(create_app(SmsStore()), 0) as server:
        client = Client(server.port)

        assert client.get("/api/diagnosis").status == 404
        assert b"No SMS?" not in client.get("/").body
