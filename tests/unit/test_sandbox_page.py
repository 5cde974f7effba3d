"""docs/sandbox.md names every option and every request of the control API, and no other."""

import re
from pathlib import Path

from sms_redirect.cli.sandbox import command
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.state.limits import Limits
from sms_redirect.sandbox.doors.control import Control
from sms_redirect.sandbox.faults import Fault
from sms_redirect.sandbox.harshness import Harshness
from sms_redirect.sandbox.incidents import Incidents

PAGE = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text()


def rows_of(heading):
    section = PAGE.split(f"## {heading}")[1].split("\n## ")[0]
    return [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]


def test_every_option_is_described():
    described = {option for row in rows_of("Options") for option in re.findall(r"--[a-z-]+", row)}

    assert described == {name for option in command.params for name in option.opts if name.startswith("--")}


def test_every_request_of_the_control_api_is_described():
    clock = Clock()
    control = Control(
        clock=clock,
        harshness=Harshness(),
        limits=Limits(clock),
        sender_fault=Fault([]),
        pool_fault=Fault([]),
        incidents=Incidents(),
        mails=None,
        emails=SmsStore(),
    )
    routes = {f"{method} {route.path}" for route in control.application().routes for method in route.methods}

    described = {re.search(r"`([A-Z]+ \S+)`", row)[1] for row in rows_of("Control API")}

    assert described == {route for route in routes if not route.startswith("HEAD")}


def test_every_switch_of_harsh_mode_is_described():
    described = {re.search(r"`([a-z-]+)", row)[1] for row in rows_of("Harsh mode")}

    assert described == {name.replace("_", "-") for name in Harshness().as_document()}
