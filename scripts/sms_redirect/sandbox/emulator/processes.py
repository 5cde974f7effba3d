"""The processes that functions run in: with `emulator`, the only module that knows how the emulator starts them.

Covered by tests/integration/test_emulator_contract_processes.py.
"""

# The emulator is imported once it is configured, and reached into on purpose.

from __future__ import annotations

import os
import shutil
import signal
import site
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sms_redirect.sandbox.emulator.json_logs import FORMAT_VARIABLE
from sms_redirect.sandbox.watchman import PROCESSES

# "Defined runtime environment variables" of the Lambda developer guide, as far as they are the same for every function.
OF_LAMBDA = {"LANG": "en_US.UTF-8", "TZ": ":UTC", "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}
# What the emulator reads for itself, and would hand on.
OF_THE_EMULATOR = ("GATEWAY_PORT", "MINISTACK_HOST")
NOBODY_ELSE = 0o077


class StandIn:
    """A module as the emulator sees it: the same, except for what is replaced."""

    def __init__(self, module: Any, **replacements: Any) -> None:
        self._module = module
        self.__dict__.update(replacements)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


def keep_apart(folder: Path, endpoint_url: str) -> None:
    """Start functions with what Lambda gives them, and nothing of the user's; their files are below `folder`."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    start = _Starter(folder, endpoint_url)
    for module in (lambda_runtime, lambda_svc):
        module.os = StandIn(os, environ=start.environment())
        module.tempfile = StandIn(tempfile, mkdtemp=start.make_folder, TemporaryDirectory=start.temporary_folder)
        module.subprocess = StandIn(subprocess, Popen=start.process)
    lambda_svc._PROVIDED_CODE_CACHE = str(folder / "provided")
    lambda_svc._DOCKER_EXTRACT_CACHE = str(folder / "extracted")
    for worker in (lambda_runtime.Worker, lambda_runtime.ProvidedWorker):
        original = getattr(worker._spawn, "of_the_emulator", worker._spawn)
        worker._spawn = start.knowing_the_function(original)
    lambda_runtime._collect = _ending_all(getattr(lambda_runtime._collect, "of_the_emulator", lambda_runtime._collect))


class _Starter:
    """Takes the place of `subprocess.Popen`."""

    def __init__(self, folder: Path, endpoint_url: str) -> None:
        self._folder = folder
        self._endpoint_url = endpoint_url
        self._function = threading.local()

    def environment(self) -> dict[str, str]:
        """What the emulator's Lambda sees as its own environment, which is where functions' environments begin."""
        kept = {name: os.environ[name] for name in OF_THE_EMULATOR if name in os.environ}
        return kept | OF_LAMBDA | {"PATH": os.environ.get("PATH", os.defpath), "AWS_ENDPOINT_URL": self._endpoint_url}

    def make_folder(self, *_: object, prefix: str = "", **__: object) -> str:
        return tempfile.mkdtemp(prefix=prefix, dir=self._folder)

    def temporary_folder(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(dir=self._folder)

    def knowing_the_function(self, spawn: Callable[[Any], None]) -> Callable[[Any], None]:
        def spawn_knowing(worker: Any, *arguments: Any, **named: Any) -> None:
            self._function.config = worker.config
            try:
                spawn(worker, *arguments, **named)
            finally:
                self._function.config = {}

        spawn_knowing.of_the_emulator = spawn  # type: ignore[attr-defined]
        return spawn_knowing

    def process(self, command: Any, *, env: Mapping[str, str] | None = None, **options: Any) -> Any:
        temporary = self.make_folder(prefix="tmp-")
        process = subprocess.Popen(  # noqa: S603 - a deployed function
            command, env=self._clean(env or {}, temporary), umask=NOBODY_ELSE, start_new_session=True, **options
        )
        record = self._folder / PROCESSES / str(process.pid)
        record.touch()
        process.leaves = (record, Path(temporary))  # type: ignore[attr-defined]
        return process

    def _clean(self, given: Mapping[str, str], temporary: str) -> dict[str, str]:
        config: Mapping[str, Any] = getattr(self._function, "config", {})
        own = (config.get("Environment") or {}).get("Variables") or {}
        dropped = {name for name in OF_THE_EMULATOR if name not in own}
        return {
            # botocore would read the user's ~/.aws, and other libraries their settings beside it.
            "HOME": temporary,
            "TMPDIR": temporary,
            "NO_PROXY": "127.0.0.1,localhost",
            **_of_the_interpreter(),
            **_of_the_function(config),
            **{name: value for name, value in given.items() if name not in dropped},
        }


def _of_the_function(config: Mapping[str, Any]) -> dict[str, str]:
    name, runtime = config.get("FunctionName"), config.get("Runtime")
    if not name or not runtime:
        return {}
    logging = config.get("LoggingConfig") or {}
    return {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{runtime}",
        "AWS_LAMBDA_LOG_GROUP_NAME": logging.get("LogGroup") or f"/aws/lambda/{name}",
        FORMAT_VARIABLE: logging.get("LogFormat") or "Text",
    }


def _of_the_interpreter() -> dict[str, str]:
    """Where packages are that were installed for this user alone: below the home folder, which is another here."""
    return {"PYTHONUSERBASE": site.getuserbase()} if site.ENABLE_USER_SITE else {}


def _ending_all(collect: Callable[..., None]) -> Callable[..., None]:
    """Also end what a process has started, close its pipes and remove its files, which the emulator leaves."""

    def collect_all(process: Any, deadline: float) -> None:
        collect(process, deadline)
        if process is None:
            return
        with suppress(OSError):  # usually nobody is left
            os.killpg(process.pid, signal.SIGKILL)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                with suppress(OSError):  # what was still in the pipe to a dead process
                    pipe.close()
        for path in getattr(process, "leaves", ()):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    collect_all.of_the_emulator = collect  # type: ignore[attr-defined]
    return collect_all
