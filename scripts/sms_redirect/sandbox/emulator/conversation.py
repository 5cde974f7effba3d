"""How a function's process is given an event: with `emulator`, the only module that knows what the two say.

The emulator starts a thread for each invocation, reads what the function logs in another one, and waits a moment for
that. Here one thread does all of it, and what a function logged comes with its response, to the last line: a process
has written both before it reads its next event.

Covered by tests/integration/test_emulator_contract_processes.py and tests/unit/sandbox/test_conversation.py.
"""

# The emulator is imported once it is configured, and reached into on purpose.

from __future__ import annotations

import json
import os
import select
import time
from collections.abc import Mapping
from contextlib import suppress
from subprocess import Popen
from typing import Any

AT_ONCE = 65536  # bytes; no pipe holds more
# Between two looks at what a function logs: it has to wait when its pipe is full.
LOOK_SECONDS = 0.05
STARTED_SECONDS = 0.01  # until a thread notices that the process has started
LOG_SECONDS = 0.25  # for a process that never stops logging
DIED = "Worker process died"

Answer = dict[str, Any]
"""`status`: "ok" with a `result`, or "error" with an `error` and perhaps a `trace`."""


def install() -> None:
    """In the place of the emulator's own, for the runtimes that read their events from standard input."""
    from ministack.core.lambda_runtime import Worker

    Worker._read_stderr = _read_while_starting
    Worker.invoke = _invoke


def _invoke(
    worker: Any,
    event: Any,
    request_id: str,
    *,
    trace_id: str | None = None,
    depth: int | None = None,
    durable: Mapping[str, str] | None = None,
    invoked_function_arn: str | None = None,
) -> Answer:
    """The answer, with `log` and `cold_start`. A process that failed is ended: the next event starts another."""
    with worker._lock:
        cold = worker._proc is None or worker._proc.poll() is not None
        if cold:
            worker._spawn()
            worker._cold = False
        timeout = worker.config.get("Timeout", 30)
        arn = worker.config.get("FunctionArn", "") if invoked_function_arn is None else invoked_function_arn
        about = {
            "request_id": request_id,
            "invoked_function_arn": arn,
            "timeout_ms": int(float(timeout) * 1000),
            "trace_id": trace_id,
            "depth": depth,
            "durable": dict(durable or {}),
        }
        request = json.dumps({"event": event, "ctx": about}).encode() + b"\n"
        before = _said_while_starting(worker)
        answer, said = ask(worker._proc, request, float(timeout))
        if answer is None:
            answer = {"status": "error", "error": f"Task timed out after {timeout}.00 seconds"}
        if answer["status"] == "error":
            worker.kill()
        return answer | {"cold_start": cold, "log": (before + said).decode(errors="replace").rstrip("\n")}


def _read_while_starting(worker: Any) -> None:
    """Runs in a thread of the emulator's while it starts a process, until that is given its first event."""
    process = worker._proc
    with suppress(OSError, ValueError):  # it has ended, and its pipes are closed
        log = process.stderr.buffer.raw
        readable = select.poll()
        readable.register(log, select.POLLIN)
        while getattr(worker, "spoken_to", None) is not process:
            if readable.poll(STARTED_SECONDS * 1000):
                if not (piece := log.read(AT_ONCE)):
                    return
                worker._stderr_queue.put(piece)


def _said_while_starting(worker: Any) -> bytes:
    """Empty but for the first event of a process. From here on, nobody else reads what it logs."""
    if getattr(worker, "spoken_to", None) is worker._proc:
        return b""
    worker.spoken_to = worker._proc
    worker._stderr_thread.join()
    for pipe in (worker._proc.stdin, worker._proc.stdout, worker._proc.stderr):
        os.set_blocking(pipe.fileno(), False)
    pieces = []
    while not worker._stderr_queue.empty():
        pieces.append(worker._stderr_queue.get())
    return b"".join(pieces)


def ask(process: Popen[Any], request: bytes, seconds: float) -> tuple[Answer | None, bytes]:
    """Hand a process its request; returns its answer, None if that is not there in time, and what it logged.

    The process's pipes must not block.
    """
    pipes = _Pipes(process)
    try:
        answer = pipes.ask(request, seconds)
    except (OSError, ValueError):  # it is gone, or somebody has ended it and closed its pipes
        answer = {"status": "error", "error": DIED}
    return answer, pipes.rest_of_the_log()


class _Pipes:
    """The three pipes to a process, for one request.

    Files, not their numbers: what another thread has closed is not read, whoever has its number by then.
    """

    def __init__(self, process: Popen[Any]) -> None:
        pipes: tuple[Any, ...] = process.stdin, process.stdout, process.stderr
        self._to, self._answers, self._log = (pipe.buffer.raw for pipe in pipes)
        self._said: list[bytes] = []
        self._received = b""

    def ask(self, request: bytes, seconds: float) -> Answer | None:
        """What the process answers; None if it does not, in that time.

        Raises:
            OSError, ValueError: it has ended.
        """
        to, answers = self._to.fileno(), self._answers.fileno()
        deadline = time.monotonic() + seconds
        ready = select.poll()
        ready.register(answers, select.POLLIN)
        unsent = request[self._send(request) :]
        if unsent:
            ready.register(to, select.POLLOUT)
        while (left := deadline - time.monotonic()) > 0:
            events = dict(ready.poll(min(left, LOOK_SECONDS) * 1000))
            if to in events:
                unsent = unsent[self._send(unsent) :]
                if not unsent:
                    ready.unregister(to)
            if answers in events and (answer := self._read_answer()) is not None:
                return answer
            if not events or unsent:
                self._read_log()
        return None

    def rest_of_the_log(self) -> bytes:
        """Everything that the process has logged so far."""
        deadline = time.monotonic() + LOG_SECONDS
        while self._read_log() and time.monotonic() < deadline:
            pass
        return b"".join(self._said)

    def _send(self, data: bytes) -> int:
        return self._to.write(data) or 0

    def _read_answer(self) -> Answer | None:
        """An answer, if a whole one has arrived; other lines are what the function wrote past its runtime."""
        piece = self._answers.read(AT_ONCE)
        if piece is None:  # woken for nothing
            return None
        if not piece:
            return {"status": "error", "error": DIED}
        *lines, self._received = (self._received + piece).split(b"\n")
        return next((answer for answer in map(_answer, lines) if answer is not None), None)

    def _read_log(self) -> bool:
        """Whether there was something."""
        try:
            piece: bytes = self._log.read(AT_ONCE) or b""
        except (OSError, ValueError):  # closed
            return False
        self._said.append(piece)
        return bool(piece)


def _answer(line: bytes) -> Answer | None:
    if not line.lstrip().startswith(b"{"):
        return None
    try:
        answer: Answer = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return answer if answer.get("status") in {"ok", "error"} else None
