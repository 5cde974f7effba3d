"""Lambda's asynchronous invocation of the sender: queued, retried, at last sent to the failure queue.

The emulator's own starts a thread and, for a busy function, a process per event. Here a few workers take turns, so that
thousands of sign-ups at once stay within the machine.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sms_redirect.inbox.sources import Attempt
from sms_redirect.sandbox import emulator, trails
from sms_redirect.sandbox.emulator import functions as emulator_lambda
from sms_redirect.sandbox.faults import Fault
from sms_redirect.sandbox.function_log import lines

WORKERS = 4
# Lambda waits one minute, then two; a tester should not have to.
RETRY_SECONDS = (0.5, 1.0)
STOP_SECONDS = 5.0
# What keeps invocations from the sender on request, and what is said of it then.
SENDER_FAULTS = {"throttle": "Rate Exceeded (simulated)", "fail": "the function failed (simulated)"}


@dataclass(frozen=True, slots=True)
class Job:
    """One event on its way. `event` is called in the worker, because it encrypts; `tried` after each try, `lost` when
    all of them are over.
    """

    function_arn: str
    region: str
    event: Callable[[], dict[str, Any] | None]
    lost: Callable[[str], None]
    tried: Callable[[Attempt], None] = lambda _attempt: None


class Invocations:
    """The queue and its workers."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._stopping = threading.Event()
        self._workers = [
            threading.Thread(target=self._work, name=f"invocations-{n}", daemon=True) for n in range(WORKERS)
        ]

    def start(self) -> None:
        for worker in self._workers:
            worker.start()

    def submit(self, job: Job) -> None:
        self._jobs.put(job)

    def wait_until_done(self) -> None:
        """Return when every event that was submitted before has been handled, retries included."""
        self._jobs.join()

    def stop(self) -> None:
        self._stopping.set()
        for _ in self._workers:
            self._jobs.put(None)
        for worker in self._workers:
            if worker.is_alive():
                worker.join(STOP_SECONDS)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None and not self._stopping.is_set():
            try:
                self._run(job)
            except Exception as error:  # noqa: BLE001 - a worker outlives whatever one event brings
                job.lost(f"the sandbox failed to invoke the sender ({type(error).__name__})")
            finally:
                self._jobs.task_done()

    def _run(self, job: Job) -> None:
        event = job.event()
        if event is None:
            return
        config = emulator_lambda.event_invoke_config(job.function_arn)
        tries = 1 + int(config.get("MaximumRetryAttempts", 2))
        reason, response = "", None
        for number in range(tries):
            if number and self._stopping.wait(RETRY_SECONDS[min(number, len(RETRY_SECONDS)) - 1]):
                return
            began = trails.now()
            invocation = self._invoke(job, event)
            reason, response = _reason(job, invocation), invocation.response
            failed = reason if invocation.failed else None
            job.tried(Attempt(began, trails.now(), failed, lines(invocation.log)))
            if not invocation.failed:
                return
        destination = (config.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
        where = "No failure queue is configured: the event is gone."
        if destination:
            with emulator.scope(job.region):
                sent = emulator_lambda.send_to_failure_destination(destination, job.function_arn, event, response)
            where = (
                "The event is in the failure queue."
                if sent
                else "The function's role may not send it to the failure queue: the event is gone."
            )
        often = "once" if tries == 1 else f"{tries} times"
        end = "" if reason.endswith(("?", "!")) else "."
        job.lost(f"the sender failed {often}: {reason}{end} {where}")

    def _invoke(self, job: Job, event: dict[str, Any]) -> emulator_lambda.Invocation:
        simulated = self.fault.take()
        if simulated is not None:
            said = json.dumps({"errorMessage": SENDER_FAULTS[simulated]}).encode()
            return emulator_lambda.Invocation(200, "Unhandled", said)
        with emulator.scope(job.region):
            return emulator_lambda.invoke_and_wait(job.function_arn, event)


def _reason(job: Job, invocation: emulator_lambda.Invocation) -> str:
    log = f"{invocation.function_error or invocation.status}, see the log of {job.function_arn.rpartition(':')[2]}"
    return (invocation.said or log).rstrip(".")
