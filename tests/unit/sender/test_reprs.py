"""What is printed by accident holds no secret, and the document keeps its members."""

import dataclasses
import importlib
import pkgutil
from datetime import UTC, datetime

import pytest

import sms_sender
from cognito_codes import POOL_ID
from sender_world import ENVIRONMENT, event
from sms_redirect.messages.members import members_of
from sms_redirect.messages.sms import Sms
from sms_sender.autofill import autofill, bound_code
from sms_sender.encoding import encode
from sms_sender.errors import UnshowableError
from sms_sender.event import read_event
from sms_sender.message import compose
from sms_sender.preview import preview
from sms_sender.replacements import forced
from sms_sender.secret import EncryptedCode
from sms_sender.settings import Settings

SECRET = "Pa55-w0rd"
MEMBERS = {"schema", *members_of(Sms)}


def values_of_one_sms(world):
    """One of each dataclass, full of what must not be told."""
    connections = world.connections()
    request = read_event(event("AdminCreateUser", world.encrypted(SECRET), metadata={"note": SECRET}))
    encrypted = EncryptedCode.read(request.code)
    secret = connections.decryptor.decrypt(encrypted, POOL_ID)
    template = connections.texts.of(request)
    shown = preview(request, template, secret.reveal())
    message = compose(request, encrypted.id, datetime.now(UTC), shown)
    world.cognito.faults = [OSError(SECRET)]
    [warning] = connections.texts.templates.get(POOL_ID, "invitation").warnings[:1]
    failure = UnshowableError("reason", "hint").failure
    known = connections.texts.templates._last_known[POOL_ID]
    settings = Settings.read(ENVIRONMENT)
    [piece] = forced("中")
    verdict = autofill(shown.text, shown.code)["ios"]
    told = [encode(shown.text), piece, warning, failure, verdict, bound_code("@example.com #1")]
    values = [connections, connections.texts, request, encrypted, secret, template, shown, message, known, settings]
    return values + told


def dataclasses_of_the_package():
    modules = [importlib.import_module(f"sms_sender.{each.name}") for each in pkgutil.iter_modules(sms_sender.__path__)]
    return {
        each.__name__
        for module in modules
        for each in vars(module).values()
        if isinstance(each, type) and dataclasses.is_dataclass(each) and each.__module__.startswith("sms_sender")
    }


def test_every_dataclass_is_looked_at(world):
    looked_at = {type(value).__name__ for value in values_of_one_sms(world)}

    assert looked_at == dataclasses_of_the_package()


def test_no_repr_holds_a_secret(world):
    values = values_of_one_sms(world)
    [code] = [value.code for value in values if type(value).__name__ == "SmsRequest"]

    for value in values:
        assert SECRET not in repr(value)
        assert code not in repr(value)


def test_the_repr_of_an_event_tells_nothing_of_its_user(world):
    request = read_event(event("SignUp", attributes={"phone_number": "+12025550147"}))

    assert request.phone_number == "+12025550147"
    assert "2025550147" not in repr(request)


def test_every_dataclass_is_frozen_and_has_no_room_for_more(world):
    for value in values_of_one_sms(world):
        with pytest.raises(AttributeError):
            object.__setattr__(value, "anything", None)
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, dataclasses.fields(value)[0].name, None)


@pytest.mark.parametrize(
    "sent",
    [event("SignUp"), event("AccountTakeOverNotification"), event("BrandNew"), event(userName=None), {}, None, []],
    ids=["no code", "notification", "unknown", "no user", "empty", "null", "list"],
)
def test_a_document_has_the_same_members_whatever_happened(world, send, sent):
    send(sent)

    assert set(world.document) == MEMBERS


def test_a_document_has_the_same_members_for_every_flow(show):
    for flow in ("SignUp", "Authentication", "AdminCreateUser", "BrandNew"):
        document = show(flow)

        assert set(document) == MEMBERS
        assert {name for name, value in document.items() if value is None} == {"failure"}
