"""How long a test waits for its SMS once that is published, measured in a sandbox.

Run `python tests/benchmarks/wait_benchmark.py [--json]`. Exits with 1 when a goal is missed.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sms_redirect import SmsInbox
from sms_redirect.testkit.numbers import numbers
from sms_redirect.testkit.sandbox import running_sandbox

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))
from sms_documents import document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sms_redirect.testkit.target import SmsSandbox

WAITERS = 50
TURNS = 60
STARTS = 5
OPEN = """
import os, time
started = time.perf_counter()
from sms_redirect import SmsInbox
with SmsInbox(topic_arn=os.environ["TOPIC_ARN"]):
    print(time.perf_counter() - started)
"""


@dataclass(frozen=True)
class Measured:
    """Times in milliseconds."""

    name: str
    median: float
    slowest: float
    goal: float | None  # for the median

    @classmethod
    def of(cls, name: str, seconds: list[float], goal: float | None = None) -> Measured:
        return cls(name, round(statistics.median(seconds) * 1000, 1), round(max(seconds) * 1000, 1), goal)

    @property
    def missed(self) -> bool:
        return self.goal is not None and self.median > self.goal


class Publisher:
    """Publishes message documents as the sender does, each with an id of its own."""

    def __init__(self, sandbox: SmsSandbox) -> None:
        self._sns = sandbox.client("sns")
        self._topic_arn = sandbox.topic_arn
        self._made = 0

    def publish(self, phone_number: str) -> float:
        """Answers when it began, on the clock of `time.perf_counter`."""
        self._made += 1
        message = document(self._made, phone_number=phone_number, user_name=phone_number)
        attributes: Any = {"phone_number": {"DataType": "String", "StringValue": phone_number}}
        began = time.perf_counter()
        self._sns.publish(TopicArn=self._topic_arn, Message=json.dumps(message), MessageAttributes=attributes)
        return began


def one_by_one(inbox: SmsInbox, publisher: Publisher, fresh: Iterator[str]) -> list[float]:
    """Somebody waits already when the message is published."""
    times = []
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        for number in (next(fresh) for _ in range(TURNS)):
            returned = pool.submit(returns_at, inbox, number)
            began = publisher.publish(number)
            times.append(returned.result() - began)
    return times


def returns_at(inbox: SmsInbox, number: str) -> float:
    sms = inbox.wait_for(phone_number=number)
    assert sms.phone_number == number
    return time.perf_counter()


def threads_at_once(inbox: SmsInbox, publisher: Publisher, fresh: Iterator[str]) -> list[float]:
    """Fifty threads wait, each for its own number; the messages come in another order."""
    waited = [next(fresh) for _ in range(WAITERS)]
    with concurrent.futures.ThreadPoolExecutor(WAITERS) as pool:
        returned = {number: pool.submit(returns_at, inbox, number) for number in waited}
        began = {number: publisher.publish(number) for number in reversed(waited)}
        return [returned[number].result() - began[number] for number in waited]


def tasks_at_once(inbox: SmsInbox, publisher: Publisher, fresh: Iterator[str]) -> list[float]:
    """The same with fifty tasks of one event loop."""
    waited = [next(fresh) for _ in range(WAITERS)]

    async def wait_for(number: str) -> float:
        assert (await inbox.wait_for_async(phone_number=number)).phone_number == number
        return time.perf_counter()

    async def main() -> list[float]:
        tasks = [asyncio.create_task(wait_for(number)) for number in waited]
        began = await asyncio.to_thread(lambda: [publisher.publish(number) for number in reversed(waited)])
        returned = await asyncio.gather(*tasks)
        return [end - start for end, start in zip(returned, reversed(began), strict=True)]

    return asyncio.run(main())


def starts(sandbox: SmsSandbox) -> list[float]:
    """From nothing to an inbox that is ready and closed again: what a test session adds, imports included."""
    environment = {**sandbox.environment, "TOPIC_ARN": sandbox.topic_arn}
    command = [sys.executable, "-c", OPEN]
    runs = [subprocess.run(command, env=environment, check=True, capture_output=True) for _ in range(STARTS)]
    return [float(run.stdout) for run in runs]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the measurements as JSON.")
def main(*, as_json: bool) -> None:
    with running_sandbox() as sandbox:
        publisher, fresh = Publisher(sandbox), numbers("benchmark")
        opened = starts(sandbox)
        topic_arn, session, endpoint_url = sandbox.topic_arn, sandbox.session, sandbox.endpoint_url
        with SmsInbox(topic_arn=topic_arn, session=session, endpoint_url=endpoint_url) as inbox:
            one_by_one(inbox, publisher, fresh)  # connections and caches get warm
            results = [
                Measured.of("publish to return", one_by_one(inbox, publisher, fresh), goal=100),
                Measured.of(f"{WAITERS} threads at once", threads_at_once(inbox, publisher, fresh)),
                Measured.of(f"{WAITERS} tasks at once", tasks_at_once(inbox, publisher, fresh)),
                Measured.of("inbox ready, imports included", opened, goal=2000),
            ]
    if as_json:
        click.echo(json.dumps([asdict(result) for result in results], indent=2))
    else:
        for result in results:
            goal = f" (goal {result.goal:g})" if result.goal else ""
            click.echo(f"{result.name:<30} median {result.median:7.1f} ms{goal}, slowest {result.slowest:.1f} ms")
    sys.exit(any(result.missed for result in results))


if __name__ == "__main__":
    main()
