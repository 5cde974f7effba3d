"""Sign-ups from several clients at once while AWS fails: every SMS must be shown once, or as a failure.

    .venv/bin/python tests/benchmarks/trouble_benchmark.py [--sign-ups 2000] [--clients 16] [--share 0.15] [--seed 1]

`--share` of the calls that the sender makes to AWS go wrong: throttled, failed before or after the work was done, or
done and the connection cut in the middle of the response. Fails if an SMS is neither shown nor a failure, if one is
shown or mailed twice, if a client gets an error or a 5xx, or if the server logs one. Not collected by pytest.
"""

from __future__ import annotations

import argparse
import itertools
import logging
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from starlette.types import Message, Receive, Scope, Send

from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox import deploy
from sms_redirect.sandbox.doors.front import Front
from sms_redirect.sandbox.feed import Feed
from sms_redirect.sandbox.server import Sandbox, SandboxSettings

THROTTLED = {
    "sns": b"<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
    b"<RequestId>simulated</RequestId></ErrorResponse>",
}
IN_JSON = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}'


class Faults:
    """In front of the whole server. Off until `share` is set."""

    def __init__(self, seed: int) -> None:
        self.share = 0.0
        self.made: Counter[str] = Counter()
        self.calls = 0
        self._random = random.Random(seed)
        self._serve = Front.__call__

    def install(self) -> None:
        faults = self

        async def serve(front: Front, scope: Scope, receive: Receive, send: Send) -> None:
            await faults.serve(front, scope, receive, send)

        Front.__call__ = serve  # type: ignore[method-assign]

    async def serve(self, front: Front, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls that functions sign with the temporary key of their role are AWS calls of a function."""
        authorization = dict(scope.get("headers", ())).get(b"authorization", b"")
        by_function = b"Credential=ASIA" in authorization
        self.calls += bool(self.share and by_function)
        if not by_function or self._random.random() >= self.share:
            await self._serve(front, scope, receive, send)
            return
        service = authorization.split(b"/")[3].decode()
        fault = self._random.choice((self.throttled, self.failed, self.failed_late, self.cut))
        self.made[f"{service} {fault.__name__}"] += 1
        await fault(service, lambda reply: self._serve(front, scope, receive, reply), send)

    async def throttled(self, service, _work, send) -> None:
        await respond(send, 400, THROTTLED.get(service, IN_JSON))

    async def failed(self, _service, _work, send) -> None:
        await respond(send, 500, b"{}")

    async def failed_late(self, _service, work, send) -> None:
        await work(nowhere)
        await respond(send, 500, b"{}")

    async def cut(self, _service, work, send) -> None:
        await work(nowhere)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})  # and the server hangs up


async def nowhere(_message: Message) -> None:
    pass


async def respond(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/x-amz-json-1.1"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Errors(logging.Handler):
    """What the server logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        self.seen[f"{record.getMessage()} {record.exc_info[1]!r}" if record.exc_info else record.getMessage()] += 1


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sign-ups", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--share", type=float, default=0.15)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    errors = Errors()
    for name in ("", "sms_redirect.loopback.protocol"):  # the server's own does not reach the root
        logging.getLogger(name).addHandler(errors)
    faults = Faults(given.seed)
    faults.install()
    numbers = [f"+1{200 + n // 10000}555{n % 10000:04d}" for n in range(given.sign_ups)]
    with Sandbox(SandboxSettings(auto_confirm=True, limits=False)) as sandbox:
        outputs = deploy.deploy(boto3.Session(), "sms-redirect", {"Email": "qa@example.com"})
        store = SmsStore()
        Feed(store, sandbox.mailroom, sandbox.incidents)
        faults.share = given.share
        failures = sign_up_all(outputs["UserPoolClientId"], numbers, given.clients)
        sandbox.wait_until_quiet()
        problems = [
            *failures,
            *shown(store, sandbox, numbers),
            *(f"{n} x logged: {text}" for text, n in errors.seen.items()),
        ]
    print(f"{sum(faults.made.values())} of {faults.calls} AWS calls failed: {dict(sorted(faults.made.items()))}")
    if problems:
        sys.exit("\n".join(["Not as it should be:", *problems[:20]]))


def sign_up_all(client_id: str, numbers: list[str], clients: int) -> list[str]:
    """What went wrong for the clients; they go on with their next user."""
    started = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        found = pool.map(lambda chunk: sign_up(client_id, chunk), (numbers[n::clients] for n in range(clients)))
        failures = list(itertools.chain.from_iterable(found))
    spent = time.monotonic() - started
    print(f"{len(numbers)} sign-ups by {clients} clients: answered in {spent:.1f} s", flush=True)
    return failures


def sign_up(client_id: str, numbers: list[str]) -> list[str]:
    cognito = boto3.Session().client("cognito-idp", config=Config(retries={"total_max_attempts": 1}))
    failures = []
    for number in numbers:
        attributes = [{"Name": "phone_number", "Value": number}]
        try:
            cognito.sign_up(
                ClientId=client_id, Username=f"user{number}", Password="Passw0rd!", UserAttributes=attributes
            )
        except Exception as error:  # noqa: BLE001 - whatever a client gets is told
            failures.append(f"sign-up of {number}: {error!r}")
    return failures


def shown(store: SmsStore, sandbox: Sandbox, numbers: list[str]) -> list[str]:
    """How many of the SMS are shown, failed and came twice; what should not be."""
    entries = list(store.find())
    count = Counter(entry.message.phone_number for entry in entries)
    mails = Counter(mail.subject for mail in sandbox.mailroom.mailbox.all() if mail.kind == "notification")
    failed = sum(entry.message.failure is not None for entry in entries)
    copies = sum(entry.copies > 1 for entry in entries)
    print(f"{len(count)} shown, of these {failed} as failures and {copies} published more than once", flush=True)
    return [
        *(f"{number} is not shown" for number in numbers if not count[number]),
        *(f"{number} is shown {times} times" for number, times in count.items() if times > 1),
        *(f"mailed {times} times: {subject}" for subject, times in mails.items() if times > 1),
    ]


if __name__ == "__main__":
    main()
