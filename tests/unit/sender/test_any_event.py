"""Whatever arrives, one message is published that everybody can read: never nothing, never two, never an untrue SMS."""

import base64
import json
from types import SimpleNamespace

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sms_sender.handler
from sender_world import ENVIRONMENT, World, event
from sms_redirect.messages.sms import Sms, schema
from sms_sender.flows import KINDS

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=15,
)
sources = st.sampled_from([f"CustomSMSSender_{flow}" for flow in (*KINDS, "AccountTakeOverNotification", "")])
VALIDATOR = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())


@pytest.fixture(scope="module")
def sender():
    """One world for all examples: `publishes` sends an event and answers what was published."""
    world = World()
    connections = world.connections()

    def publishes(sent):
        world.sns.published.clear()
        sms_sender.handler.handler(sent, SimpleNamespace(aws_request_id="1"))
        return list(world.sns.published)

    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setattr(sms_sender.handler, "connect", lambda _settings: connections)
        yield SimpleNamespace(publishes=publishes, code=world.encrypted())


@st.composite
def events(draw, code):
    """JSON of any kind, most of it with the members of an event."""
    request = st.fixed_dictionaries(
        {},
        optional={
            "code": st.just(code) | st.text() | anything,
            "clientMetadata": anything,
            "userAttributes": st.dictionaries(st.sampled_from(["sub", "phone_number"]), st.text(st.characters()))
            | anything,
        },
    )
    names = ("version", "region", "userPoolId", "userName", "callerContext", "response")
    members = dict.fromkeys(names, anything) | {
        "triggerSource": sources | st.text() | anything,
        "request": request | anything,
    }
    changed = draw(st.fixed_dictionaries({}, optional=members))
    base = draw(st.sampled_from([{}, event(code=code), event(code=None)]))
    return draw(anything) if draw(st.integers(0, 19)) == 0 else base | changed


def check_any_event(sender, data):
    sent = data.draw(events(sender.code))

    [publish] = sender.publishes(sent)

    document = json.loads(json.loads(publish["Message"])["default"])
    VALIDATOR.validate(document)
    assert Sms.from_document(document).flow == document["flow"]
    assert bool(document["text"]) != bool(document["failure"])
    assert "bug" not in json.dumps(document["failure"])
    assert len(publish["Subject"]) < 100
    assert all(attribute["StringValue"] for attribute in publish["MessageAttributes"].values())


def check_damaged_code(sender, data):
    code = bytearray(base64.b64decode(sender.code))
    for position in data.draw(st.sets(st.integers(0, len(code) - 1), min_size=1, max_size=3)):
        code[position] ^= data.draw(st.integers(1, 255))

    [publish] = sender.publishes(event(code=base64.b64encode(code).decode()))

    document = json.loads(json.loads(publish["Message"])["default"])
    assert document["code"] is None
    assert document["failure"]["hint"]
    assert "bug" not in document["failure"]["reason"]


@given(st.data())
def test_any_event_publishes_one_message(sender, data):
    check_any_event(sender, data)


@given(st.data())
def test_a_damaged_code_is_never_shown(sender, data):
    check_damaged_code(sender, data)


@pytest.mark.slow
@settings(max_examples=5000)
@given(st.data())
def test_any_of_thousands_of_events_publishes_one_message(sender, data):
    check_any_event(sender, data)


@pytest.mark.slow
@settings(max_examples=5000)
@given(st.data())
def test_none_of_thousands_of_damaged_codes_is_shown(sender, data):
    check_damaged_code(sender, data)
