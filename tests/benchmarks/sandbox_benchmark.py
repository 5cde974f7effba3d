"""How fast the sandbox starts, and what 2,000 sign-ups from 16 clients in parallel cost.

    .venv/bin/python tests/benchmarks/sandbox_benchmark.py [SIGN_UPS] [CLIENTS]

Every sign-up must get its one email with its own code; the benchmark fails otherwise. Not collected by pytest.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config

PROGRAM = Path(sys.executable).with_name("sms-redirect")
COMMAND = [PROGRAM, "sandbox", "--port", "0", "--inbox-port", "0", "--auto-confirm", "--no-limits", "--json"]
PATIENCE = 600


def main(sign_ups: int = 2000, clients: int = 16) -> None:
    print(f"first answered request after {first_answer():.2f} s (median of 5 starts)")
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as process:
        ready = json.loads(process.stdout.readline())
        os.environ.update(ready["environment"])
        before = memory(process.pid)
        started = time.monotonic()
        numbers = [f"+1{200 + n // 10000}555{n % 10000:04d}" for n in range(sign_ups)]
        with ThreadPoolExecutor(clients) as pool:
            list(pool.map(lambda chunk: sign_up(ready["user_pool_client_id"], chunk), chunks(numbers, clients)))
        answered = time.monotonic() - started
        check(ready["inbox_url"], numbers)
        delivered = time.monotonic() - started
        print(f"{sign_ups} sign-ups by {clients} clients: answered in {answered:.1f} s ({sign_ups / answered:.0f}/s), "
              f"every email delivered in {delivered:.1f} s ({sign_ups / delivered:.0f}/s)")  # fmt: skip
        print(f"memory of the process: {before} MB before, {memory(process.pid)} MB after; "
              f"with its functions {sum(map(memory, family(process.pid)))} MB")  # fmt: skip
        process.send_signal(signal.SIGINT)


def first_answer() -> float:
    """Seconds from the start of the command to the first answer of the AWS endpoint, the stack not deployed."""
    times = []
    for _ in range(5):
        started = time.monotonic()
        with subprocess.Popen([*COMMAND, "--no-deploy"], stdout=subprocess.PIPE, text=True) as process:
            endpoint = json.loads(process.stdout.readline())["endpoint_url"]
            urllib.request.urlopen(f"{endpoint}/_ministack/health").read()
            times.append(time.monotonic() - started)
            process.send_signal(signal.SIGINT)
    return sorted(times)[2]


def sign_up(client_id: str, numbers: list[str]) -> None:
    cognito = boto3.Session().client("cognito-idp", config=Config(retries={"total_max_attempts": 1}))
    for number in numbers:
        cognito.sign_up(
            ClientId=client_id,
            Username=f"user{number}",
            Password="Passw0rd!",
            UserAttributes=[{"Name": "phone_number", "Value": number}],
        )


def check(inbox_url: str, numbers: list[str]) -> None:
    """Wait until every number has its SMS, and make sure that it has one, and its own code."""
    deadline = time.monotonic() + PATIENCE
    while len(arrived := messages(inbox_url)) < len(numbers):
        time.sleep(0.5)  # a poll: the benchmark is to measure the sandbox, not its inbox
        if time.monotonic() > deadline:
            raise SystemExit(f"{len(arrived)} of {len(numbers)} arrived")
    counts = Counter(message["phone_number"] for message in arrived)
    assert set(counts) == set(numbers), "somebody got nothing"
    assert set(counts.values()) == {1}, "somebody got more than one"
    assert all(message["failure"] is None and message["copies"] == 1 for message in arrived)


def messages(inbox_url: str) -> list[dict]:
    """All of them: the API answers at most a thousand at once."""
    found: list[dict] = []
    while True:
        with urllib.request.urlopen(f"{inbox_url}/api/messages?limit=1000&offset={len(found)}") as answer:
            page = json.load(answer)["messages"]
        if not page:
            return found
        found += page


def chunks(numbers: list[str], count: int) -> list[list[str]]:
    return [numbers[n::count] for n in range(count)]


def memory(pid: int) -> int:
    """Resident memory in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) // 1024


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(child) for child in children)]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
