import os
import queue
import subprocess
import sys
import textwrap
import threading
import time

import pytest

from sms_redirect.sandbox.emulator import conversation

PATIENCE = 30  # seconds


@pytest.fixture
def process():
    """Starts a process that runs a script with `sys`, `os`, `json` and `answer(**members)`."""
    started = []

    def start(script):
        head = """\
            import json, os, sys, time
            def answer(**members):
                os.write(1, json.dumps(members).encode() + b"\\n")
        """
        source = textwrap.dedent(head) + textwrap.dedent(script)
        new = subprocess.Popen(
            [sys.executable, "-c", source],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,  # as the emulator starts it
            bufsize=1,
        )
        for pipe in (new.stdin, new.stdout, new.stderr):
            os.set_blocking(pipe.fileno(), False)
        started.append(new)
        return new

    yield start
    for each in started:
        each.kill()
        each.wait()
        for pipe in (each.stdin, each.stdout, each.stderr):
            pipe.close()


def test_an_answer_comes_with_everything_that_was_logged_before(process):
    running = process("""
        for line in sys.stdin:
            print("got", line, end="", file=sys.stderr)
            answer(status="ok", result=len(line))
    """)

    for request in (b"one\n", b"three\n"):
        answer, log = conversation.ask(running, request, PATIENCE)

        assert answer == {"status": "ok", "result": len(request)}
        assert log == b"got " + request


def test_an_error_is_an_answer(process):
    running = process('sys.stdin.readline(); answer(status="error", error="no", trace="where")')

    assert conversation.ask(running, b"\n", PATIENCE)[0] == {"status": "error", "error": "no", "trace": "where"}


@pytest.mark.parametrize(
    "stray", ["not json", "[1]", "{", '{"status": "else"}', '  {"level": "INFO"}', "\\xff", "", '{"a":' * 5_000]
)
def test_a_line_that_is_no_answer_is_passed_over(process, stray):
    running = process(f"""
        sys.stdin.readline()
        os.write(1, {stray!r}.encode("latin-1") + b"\\n")
        answer(status="ok", result=None)
    """)

    assert conversation.ask(running, b"\n", PATIENCE)[0] == {"status": "ok", "result": None}


def test_an_answer_that_arrives_in_pieces_is_put_together(process):
    running = process("""
        sys.stdin.readline()
        for piece in (b'{"status"', b': "ok", "re', b'sult": 1}', b"\\n"):
            os.write(1, piece)
            time.sleep(0.02)
    """)

    assert conversation.ask(running, b"\n", PATIENCE)[0] == {"status": "ok", "result": 1}


def test_requests_and_logs_larger_than_a_pipe_pass(process):
    running = process("""
        for line in sys.stdin:
            sys.stderr.write("x" * 300_000)
            answer(status="ok", result="y" * len(line))
    """)
    request = b"z" * 1_000_000 + b"\n"

    answer, log = conversation.ask(running, request, PATIENCE)

    assert answer["result"] == "y" * len(request)
    assert log == b"x" * 300_000


def test_a_process_that_logs_before_it_reads_its_request_does_not_wait_for_ever(process):
    running = process("""
        sys.stderr.write("x" * 300_000)
        sys.stdin.readline()
        answer(status="ok", result=None)
    """)

    assert conversation.ask(running, b"z" * 300_000 + b"\n", PATIENCE) == (
        {"status": "ok", "result": None},
        b"x" * 300_000,
    )


def test_a_process_that_does_not_answer_in_time_has_none(process):
    running = process('print("so far", file=sys.stderr); sys.stdin.readline(); time.sleep(60)')
    began = time.monotonic()
    while not (log := conversation.ask(running, b"", 0.05)[1]):  # the interpreter starts
        assert time.monotonic() - began < PATIENCE

    assert log == b"so far\n"
    assert conversation.ask(running, b"\n", 0.2) == (None, b"")


def test_a_process_that_does_not_read_its_request_has_no_answer_either(process):
    assert conversation.ask(process("time.sleep(60)"), b"z" * 300_000, 0.2)[0] is None


@pytest.mark.parametrize("script", ["sys.stdin.readline(); sys.exit('last words')", "sys.exit('last words')"])
def test_a_process_that_ends_is_said_to_have_died(process, script):
    running = process(script)

    answer, log = conversation.ask(running, b"\n", PATIENCE)

    assert answer == {"status": "error", "error": "Worker process died"}
    assert log == b"last words\n"


def test_a_process_that_is_gone_is_said_to_have_died(process):
    running = process("")
    running.wait(PATIENCE)

    assert conversation.ask(running, b"\n", PATIENCE)[0] == {"status": "error", "error": "Worker process died"}


def test_a_process_that_somebody_else_ends_is_said_to_have_died(process):
    """As when its function is deleted or updated meanwhile: its pipes are closed then."""
    running = process("time.sleep(60)")

    def end():
        running.kill()
        running.wait()
        for pipe in (running.stdout, running.stderr):
            pipe.close()

    ending = threading.Timer(0.1, end)
    ending.start()
    assert conversation.ask(running, b"\n", PATIENCE)[0] == {"status": "error", "error": "Worker process died"}
    ending.join()
    assert conversation.ask(running, b"\n", PATIENCE) == ({"status": "error", "error": "Worker process died"}, b"")


def test_a_process_that_never_stops_logging_does_not_hold_its_answer_back(process, monkeypatch):
    monkeypatch.setattr(conversation, "LOG_SECONDS", 0.05)
    running = process("""
        sys.stdin.readline()
        answer(status="ok", result=None)
        while True:
            sys.stderr.write("line\\n" * 1000)
    """)

    answer, log = conversation.ask(running, b"\n", PATIENCE)

    assert answer == {"status": "ok", "result": None}
    assert set(log.split()) <= {b"line", b"l", b"li", b"lin"}


class Starting:
    """A worker of the emulator whose process is started by `process`."""

    def __init__(self, running):
        self._proc = running
        self._stderr_queue = queue.Queue()


def test_what_a_process_logs_while_it_starts_is_read_until_it_is_spoken_to(process):
    running = process('sys.stderr.write("x" * 300_000); answer(status="ready"); sys.stdin.readline()')
    worker = Starting(running)
    thread = threading.Thread(target=conversation._read_while_starting, args=[worker])
    worker._stderr_thread = thread
    thread.start()
    while not running.stdout.buffer.raw.read(100):
        time.sleep(0.01)

    assert len(conversation._said_while_starting(worker)) == 300_000
    assert not thread.is_alive()
    assert conversation._said_while_starting(worker) == b""
