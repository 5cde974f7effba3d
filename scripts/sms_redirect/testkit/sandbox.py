"""A sandbox for one test process, in a process of its own that ends with it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

import boto3
import botocore.session
from botocore.config import Config

from sms_redirect.errors import SmsInboxError
from sms_redirect.testkit.target import SmsSandbox

START_TIMEOUT = 120.0  # seconds; it usually takes 4
STOP_TIMEOUT = 30.0
NEEDED = ("ministack", "samtranslator", "starlette", "aws_encryption_sdk")  # of the extra `sandbox`


class SandboxUnavailable(SmsInboxError):  # noqa: N818 - says what is wrong
    """The sandbox cannot run: its packages are missing, or it did not start. The text ends with its output."""


@contextmanager
def running_sandbox(options: Sequence[str] = ()) -> Iterator[SmsSandbox]:
    """Start `sms-redirect sandbox` with these additional options, and stop it at the end.

    It stops when its standard input ends: when this process closes it, or is killed.

    Raises:
        SandboxUnavailable
    """
    _check_packages()
    command = [sys.executable, "-m", "sms_redirect.cli.sandbox_process", *options]
    with (
        tempfile.TemporaryFile() as log,
        # In a session of its own, so that Ctrl-C ends the tests first: they still need the sandbox to clean up.
        subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True
        ) as process,
    ):
        try:
            yield described(_first_line(process, log))
        finally:
            if process.stdin:
                process.stdin.close()
            try:
                process.wait(STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()


def _check_packages() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise SandboxUnavailable(
            f"The sandbox needs packages that are not installed ({', '.join(missing)}). Run "
            "`pip install '/path/to/checkout[sandbox]'`, or name a deployed stack with --sms-stack-name."
        )


def _first_line(process: subprocess.Popen[bytes], log: IO[bytes]) -> dict[str, Any]:
    overdue = threading.Timer(START_TIMEOUT, process.kill)
    overdue.start()
    try:
        line = process.stdout.readline() if process.stdout else b""
    finally:
        overdue.cancel()
    try:
        document: dict[str, Any] = json.loads(line)
    except ValueError:
        log.seek(0)
        output = "\n".join(log.read().decode(errors="replace").splitlines()[-20:])
        raise SandboxUnavailable(f"The sandbox did not start. Its output:\n{output or '(nothing)'}") from None
    return document


def described(document: Mapping[str, Any]) -> SmsSandbox:
    """The sandbox that printed this document when it was ready."""
    environment = document["environment"]
    session = boto3.Session(
        botocore_session=_unaffected(),
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=document["region"],
    )
    return SmsSandbox(**document, session=session)


def _unaffected() -> botocore.session.Session:
    """A session that ignores AWS_PROFILE and HTTP_PROXY: they are for the real AWS."""
    session = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    session.set_default_client_config(Config(proxies={}))
    return session
