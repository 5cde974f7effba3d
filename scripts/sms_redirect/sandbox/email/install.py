"""Puts the mailroom in the place of the emulator's SNS email."""

from __future__ import annotations

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.email import service, stacks
from sms_redirect.sandbox.email.mailroom import Mailroom
from sms_redirect.sandbox.emulator import sns as emulator_sns
from sms_redirect.sandbox.emulator import stacks as emulator_stacks


def install(mailroom: Mailroom) -> None:
    """Take over the emulator's email subscriptions, whether requests or stacks make them."""
    emulator.replace_service("sns", service.replacement(mailroom))
    emulator_sns.replace_fanout(mailroom.fanout)

    def install_in_stacks() -> None:
        for resource_type, steps in stacks.steps(mailroom).items():
            emulator_stacks.replace_handlers(resource_type, steps)

    emulator_stacks.before_first_use(install_in_stacks)
