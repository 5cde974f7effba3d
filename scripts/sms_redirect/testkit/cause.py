"""Why an SMS that a test waited for may not have come: the doctor's verdict, within a few seconds or not at all."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from sms_sender.flows import TRIGGER_PREFIX

if TYPE_CHECKING:
    from sms_redirect.aws import Aws
    from sms_redirect.testkit.filter import Filter

logger = logging.getLogger(__name__)

LONGEST = 5.0  # seconds that a failing test waits for it


def most_likely_cause(aws: Aws, stack_name: str, wanted: Filter) -> str | None:
    """One sentence with the next step; None if nothing was found in time. Never raises: the timeout is what counts."""
    found: list[str] = []
    thread = threading.Thread(target=_look, args=(aws, stack_name, wanted, found), name="doctor", daemon=True)
    thread.start()
    thread.join(LONGEST)
    return found[0] if found else None


def _look(aws: Aws, stack_name: str, wanted: Filter, found: list[str]) -> None:
    try:
        # Only now: a test that passes does not pay for it.
        from sms_redirect.doctor.examine import examine  # noqa: PLC0415
        from sms_redirect.doctor.subject import Subject  # noqa: PLC0415

        flow = wanted.flow.removeprefix(TRIGGER_PREFIX) if wanted.flow else None
        report = examine(aws, stack_name, Subject(wanted.user_name, wanted.phone_number, flow))
        cause = report.for_reader_of_topic().verdict
        if cause:
            found.append(f"Most likely cause: {cause.says} {cause.next_step}".rstrip())
    except Exception as error:  # noqa: BLE001 - whatever keeps the doctor from answering
        logger.debug("the doctor did not answer (%s)", type(error).__name__)
