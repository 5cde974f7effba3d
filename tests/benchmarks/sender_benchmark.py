"""How long a warm call of the sender takes, and its start: `python tests/benchmarks/sender_benchmark.py`.

Numbers of one run on one machine can be compared, others cannot. The network is left out: each request is signed and
each answer parsed by botocore, but it is answered in the process. A warm call is compared with one kms:Decrypt and one
sns:Publish, which no sender can do without, and with the same through the Encryption SDK, which checks the signature.
The start is measured with the byte code that the package is built with, and without.

Each call reads the pool's text too, while it decrypts. What that costs is measured against a sender that knows the
text already: in processor time, and in time that passes if each service takes as long as `DELAYS` say.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

from cognito_codes import KEY_ARN, POOL_ID, encrypt
from local_aws import LocalAws
from sender_world import ENVIRONMENT, TOPIC_ARN, event

ROUNDS, CALLS, STARTS = 15, 100, 7
DELAYS = {"kms": 0.010, "cognito-idp": 0.025, "sns": 0.015}  # seconds; in one region of AWS they are of this order
DELAYED_CALLS = 40
LIBRARIES = ("aws_encryption_sdk", "attr", "attrs", "cffi", "cryptography", "wrapt", "_cffi_backend")
SETTINGS = ENVIRONMENT | {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}
START = """
import time
begin = time.perf_counter()
import sms_sender.handler
print(time.perf_counter() - begin)
"""


def microseconds(call: Callable[[], object]) -> float:
    """The median of the rounds, per call. Of processor time: other programs on the machine do not count."""
    call()
    return statistics.median(_round(call) for _ in range(ROUNDS)) * 1e6


def _round(call: Callable[[], object]) -> float:
    begin = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - begin) / CALLS


def milliseconds(call: Callable[[], object]) -> float:
    """The median time that passes in one call."""
    times = []
    for _ in range(DELAYED_CALLS):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1e3


class KnownText:
    """In place of `Texts`: asks nobody."""

    def __init__(self, template: object) -> None:
        self._template = template

    def of(self, _request: object) -> object:
        return self._template


def warm_calls() -> dict[str, str]:
    """Each line's name, and its figures."""
    os.environ.update(SETTINGS)
    from sms_sender import handler
    from sms_sender.connections import connect
    from sms_sender.event import read_event
    from sms_sender.secret import EncryptedCode

    aws = LocalAws()
    connections = connect(handler.Settings.read(os.environ))
    kms, sns = connections.decryptor._kms, connections.topic._sns
    for client in (kms, sns, connections.texts.templates._cognito):
        aws.watch(client)
    sent, context = event(code=encrypt("123456", kms=aws.kms)), SimpleNamespace(aws_request_id="1")
    encrypted = EncryptedCode.read(sent["request"]["code"])
    data_key = aws.kms.generate_data_key(KeyId=KEY_ARN, NumberOfBytes=32, EncryptionContext={"userpool-id": POOL_ID})
    known = replace(connections, texts=KnownText(connections.texts.of(read_event(sent))))

    def handled() -> None:
        handler.handler(sent, context)

    def handled_with_a_known_text() -> None:
        handler.connect = lambda _settings: known
        try:
            handler.handler(sent, context)
        finally:
            handler.connect = connect

    def publish() -> None:
        sns.publish(TopicArn=TOPIC_ARN, Subject="SMS", Message="Your code is 123456")

    def bare() -> None:
        kms.decrypt(
            KeyId=KEY_ARN, CiphertextBlob=data_key["CiphertextBlob"], EncryptionContext={"userpool-id": POOL_ID}
        )
        publish()

    def verified() -> None:
        connections.decryptor.decrypt(encrypted, POOL_ID)
        publish()

    whole, without, sdk, least = map(microseconds, (handled, handled_with_a_known_text, verified, bare))
    aws.delays = DELAYS
    passed, passed_without = map(milliseconds, (handled, handled_with_a_known_text))
    return {
        "warm call": f"{whole:6.0f} µs",
        "the same with a known text": f"{without:6.0f} µs, {whole / without:.2f}",
        "decrypt with the SDK, publish": f"{sdk:6.0f} µs, {whole / sdk:.2f}",
        "two bare calls": f"{least:6.0f} µs, {whole / least:.2f}",
        "warm call with a network": f"{passed:6.1f} ms",
        "with a network and a known text": f"{passed_without:6.1f} ms, {passed / passed_without:.2f}",
    }


def start(*, byte_code: bool) -> float:
    """Milliseconds from nothing to clients that are ready: the best of several processes.

    The packaged libraries are copied, so that byte code is there or not for them alone; Lambda's botocore has its own.
    """
    with tempfile.TemporaryDirectory() as folder:
        _copy("sms_sender", Path(folder))
        for name in LIBRARIES:  # where `sam build` puts them, see sms_sender/libraries.py
            _copy(name, Path(folder) / "libraries")
        if byte_code:
            compiled = [sys.executable, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", folder]
            subprocess.run(compiled, check=True)
        environment = os.environ | SETTINGS | {"AWS_LAMBDA_FUNCTION_NAME": "sender", "PYTHONPATH": folder}
        command = [sys.executable, "-B", "-c", START]
        runs = [subprocess.run(command, env=environment, check=True, capture_output=True) for _ in range(STARTS)]
        return min(float(run.stdout) for run in runs) * 1000


def _copy(name: str, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{name} is not installed")
    if spec.submodule_search_locations:
        shutil.copytree(Path(spec.origin).parent, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(spec.origin, folder)


def main() -> None:
    lines = warm_calls() | {
        "start with byte code": f"{start(byte_code=True):6.0f} ms",
        "start without": f"{start(byte_code=False):6.0f} ms",
    }
    print("\n".join(f"{name:<32}{figures}" for name, figures in lines.items()))


if __name__ == "__main__":
    main()
