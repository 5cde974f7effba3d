"""How fast the sandbox starts, and what sign-ups from several clients at once cost.

    .venv/bin/python tests/benchmarks/sandbox_benchmark.py [--sign-ups 2000] [--clients 16] [--users 0]

`--users` are in the pool before. Every sign-up must get its one email with its own code; the benchmark fails otherwise,
with the first error of a client. Not collected by pytest.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import boto3
from botocore.config import Config

PROGRAM = Path(sys.executable).with_name("sms-redirect")
COMMAND = [PROGRAM, "sandbox", "--port", "0", "--inbox-port", "0", "--auto-confirm", "--no-limits", "--json"]
PATIENCE = 300


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sign-ups", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--users", type=int, default=0)
    given = parser.parse_args()
    print(f"first answered request after {first_answer():.2f} s (median of 5 starts)", flush=True)
    with running() as (ready, pid):
        os.environ.update(ready["environment"])
        before = memory(pid)
        if given.users:
            in_parallel(add_users, ready["user_pool_id"], range(given.users), [client() for _ in range(given.clients)])
            print(f"memory of the process: {before} MB, with {given.users} users {memory(pid)} MB", flush=True)
        measure(ready, pid, given.sign_ups, given.clients)


def measure(ready: dict, pid: int, sign_ups: int, clients: int) -> None:
    made = [client() for _ in range(clients)]  # takes longer than their sign-ups
    started = time.monotonic()
    numbers = [f"+1{200 + n // 10000}555{n % 10000:04d}" for n in range(sign_ups)]
    in_parallel(sign_up, ready["user_pool_client_id"], numbers, made)
    answered = time.monotonic() - started
    print(
        f"{sign_ups} sign-ups by {clients} clients: answered in {answered:.1f} s ({sign_ups / answered:.0f}/s)",
        flush=True,
    )
    early = kept(ready["inbox_url"])
    wait_for(ready["inbox_url"], numbers)
    delivered = time.monotonic() - started
    check(ready["inbox_url"], numbers)
    later = (sign_ups - early) / (delivered - answered)
    print(
        f"every email delivered in {delivered:.1f} s ({sign_ups / delivered:.0f}/s; after the sign-ups {later:.0f}/s)"
    )
    print(f"memory of the process: {memory(pid)} MB; with its functions {sum(map(memory, family(pid)))} MB")


@contextmanager
def running(*options: str) -> Iterator[tuple[dict, int]]:
    """A sandbox; it ends however the block ends."""
    process = subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, text=True)
    try:
        yield json.loads(process.stdout.readline()), process.pid
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def first_answer() -> float:
    """Seconds from the start of the command to the first answer of a user pool, the stack not deployed."""
    times = []
    for _ in range(5):
        started = time.monotonic()
        with running("--no-deploy") as (ready, _):
            key = ready["environment"]
            session = boto3.Session(key["AWS_ACCESS_KEY_ID"], key["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")
            cognito = session.client("cognito-idp", endpoint_url=ready["endpoint_url"])
            cognito.create_user_pool(PoolName="first")
            times.append(time.monotonic() - started)
    return sorted(times)[2]


def in_parallel(work, where: str, items, clients: list) -> None:
    """Give each client its share; the first error of any of them is raised."""
    shares = [list(items)[n :: len(clients)] for n in range(len(clients))]
    with ThreadPoolExecutor(len(clients)) as pool:
        for done in [pool.submit(work, *each, where) for each in zip(clients, shares, strict=True)]:
            done.result()


def client():
    return boto3.Session().client("cognito-idp", config=Config(retries={"total_max_attempts": 1}))


def sign_up(cognito, numbers: list[str], client_id: str) -> None:
    for number in numbers:
        cognito.sign_up(
            ClientId=client_id,
            Username=f"user{number}",
            Password="Passw0rd!",
            UserAttributes=[{"Name": "phone_number", "Value": number}],
        )


def add_users(cognito, numbers: list[int], pool_id: str) -> None:
    for number in numbers:
        phone = [{"Name": "phone_number", "Value": f"+1300{number:07d}"}]
        cognito.admin_create_user(
            UserPoolId=pool_id, Username=f"there{number}", UserAttributes=phone, MessageAction="SUPPRESS"
        )


def wait_for(inbox_url: str, numbers: list[str]) -> None:
    """Only their count is asked for: the benchmark is to measure the sandbox, not how its inbox lists thousands."""
    deadline = time.monotonic() + PATIENCE
    while (arrived := kept(inbox_url)) < len(numbers):
        time.sleep(0.25)
        if time.monotonic() > deadline:
            raise SystemExit(f"{arrived} of {len(numbers)} arrived")


def check(inbox_url: str, numbers: list[str]) -> None:
    """That every number has its SMS, one, and its own code."""
    arrived = messages(inbox_url)
    counts = Counter(message["phone_number"] for message in arrived)
    assert set(counts) == set(numbers), "somebody got nothing"
    assert set(counts.values()) == {1}, "somebody got more than one"
    assert all(message["failure"] is None and message["copies"] == 1 for message in arrived)


def kept(inbox_url: str) -> int:
    with urllib.request.urlopen(f"{inbox_url}/api/messages?limit=1") as answer:
        return json.load(answer)["kept"]


def messages(inbox_url: str) -> list[dict]:
    """All of them: the API answers at most a thousand at once."""
    found: list[dict] = []
    while True:
        with urllib.request.urlopen(f"{inbox_url}/api/messages?limit=1000&offset={len(found)}") as answer:
            page = json.load(answer)["messages"]
        if not page:
            return found
        found += page


def memory(pid: int) -> int:
    """Resident memory in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) // 1024


def family(pid: int) -> list[int]:
    children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [pid, *(int(child) for each in children for child in each)]


if __name__ == "__main__":
    main()
