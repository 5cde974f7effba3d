"""The flows' names, and how people may write them."""

from __future__ import annotations

from sms_sender.flows import KINDS, TRIGGER_PREFIX

FLOWS = (*KINDS, "AccountTakeOverNotification")
# The flows of messages on the topic that are not SMS of the pool: of the stack's watch, and of the doctor's --probe.
NOTICE, PROBE = "Notice", "Probe"
NOT_SMS = frozenset({NOTICE, PROBE})
_BY_FOLDED_NAME = {flow.casefold(): flow for flow in FLOWS}


def known_flow(written: str) -> str | None:
    """The flow's name, from its name or trigger source in any case; None if there is no such flow."""
    return _BY_FOLDED_NAME.get(written.removeprefix(TRIGGER_PREFIX).casefold())
