"""A sender in a world of its own."""

from types import SimpleNamespace

import pytest

import sms_sender.handler
from sender_world import ENVIRONMENT, FUNCTION_ARN, World, event


@pytest.fixture
def world():
    return World()


@pytest.fixture
def send(world, monkeypatch):
    """Calls the handler, with a context as Lambda has it, in a process of its own as far as clients and caches go."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    connections = {"": world.connections(), FUNCTION_ARN: world.connections(custom_message=True)}
    monkeypatch.setattr(sms_sender.handler, "connect", lambda settings: connections[settings.custom_message_arn or ""])

    def send(sent, request_id="00000000-0000-4000-8000-000000000001"):
        return sms_sender.handler.handler(sent, SimpleNamespace(aws_request_id=request_id))

    return send


@pytest.fixture
def show(world, send):
    """Sends a code through a flow and answers the document."""

    def show(flow="SignUp", code="123456", **changes):
        send(event(flow, world.encrypted(code), **changes))
        return world.document

    return show
