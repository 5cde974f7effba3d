"""What `sms-redirect sandbox` tells people: the block at its start, and a line for each SMS."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

import click

from sms_redirect.messages import phone
from sms_redirect.messages.flows import NOTICE
from sms_redirect.messages.store import Entry, SmsStore

SIGN_UP = (
    "aws cognito-idp sign-up --client-id {client} --username alice --password 'Passw0rd!' "
    "--user-attributes Name=phone_number,Value=+12065550100"
)
NAMES = {"UserPoolId": "Pool id", "UserPoolClientId": "Client id", "TopicArn": "Topic"}
STOP_TIMEOUT = 2.0


def block(*, inbox: str, endpoint: str, region: str, outputs: Mapping[str, str]) -> str:
    """The addresses and ids, and what to do next."""
    rows = [("Inbox", inbox), ("Endpoint", endpoint), ("Region", region)]
    rows += [(label, outputs[name]) for name, label in NAMES.items() if name in outputs]
    table = "\n".join(f"{label:<10} {value}" for label, value in rows)
    if "UserPoolClientId" in outputs:
        command = SIGN_UP.format(client=shlex.quote(outputs["UserPoolClientId"]))
        return (
            f'{table}\n\nNext: click "Send a test SMS" in the inbox, or export the lines above and run\n\n  {command}'
        )
    return f"{table}\n\nNext: export the lines above, then deploy\n\n  sam build && sam deploy"


@contextmanager
def each_sms(store: SmsStore, *, show_codes: bool) -> Iterator[None]:
    """While the context lasts, print a line for each SMS that arrives.

    In a thread of its own: a terminal that is not read must not keep the sandbox waiting.
    """
    changed, stopping = threading.Event(), threading.Event()
    position = store.position(store.state.cursor)

    def follow() -> None:
        nonlocal position
        while not stopping.is_set():
            changed.wait()
            changed.clear()
            seen, found = position or 0, store.changes(position)
            position = found.position
            for entry in sorted(found.entries, key=lambda entry: entry.number):
                if entry.number > seen:  # not a duplicate of an earlier one
                    click.echo(line(entry, show_codes=show_codes), err=True)

    def until_nobody_reads() -> None:
        with suppress(BrokenPipeError, ValueError):  # ValueError: the stream is closed
            follow()

    thread = threading.Thread(target=until_nobody_reads, name="a line for each SMS", daemon=True)
    thread.start()
    with store.listening(changed.set):
        changed.set()  # for what has arrived meanwhile
        yield
    stopping.set()
    changed.set()
    thread.join(STOP_TIMEOUT)


def line(entry: Entry, *, show_codes: bool) -> str:
    """One SMS: `12:01:07 SignUp +1 206-555-0100 alice GSM-7, 1 part`. An email says so in the place of the encoding."""
    sms = entry.message
    if sms.flow == NOTICE:
        return _printable(f"{entry.received_at.astimezone():%H:%M:%S} Notice, not an SMS: {sms.text}")
    if sms.kind == "email":
        to, how = sms.email, "email"
    else:
        to = phone.display(sms.phone_number) if sms.phone_number else "unknown number"
        how = f"{sms.encoding}, {sms.segments} part{'' if sms.segments == 1 else 's'}"
    said = [f"{entry.received_at.astimezone():%H:%M:%S}", sms.flow, to, sms.user_name or "unknown user"]
    if sms.failure:
        said.append(f"FAILED: {sms.failure.reason}")
    else:
        said.append(how)
        if show_codes and sms.code:
            said.append(f"{'password' if sms.flow == 'AdminCreateUser' else 'code'} {sms.code}")
    return _printable(" ".join(said))


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
