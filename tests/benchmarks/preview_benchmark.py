"""How long the Preview tab waits for each key: `python tests/benchmarks/preview_benchmark.py`.

Over HTTP, on one connection as a browser's, against the inbox's own server with two pools. Not collected by pytest.
"""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

from gallery_pools import BUSY, POOL_ID
from preview_pools import FakePools
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app
from sms_redirect.messages.store import SmsStore

CALLS = 300
TEXTS = {
    "a text of one part": ("verification", "Your code is {####}."),
    "the pool's, with characters outside GSM-7": ("verification", BUSY["SmsVerificationMessage"]),
    "an invitation, with its longest cases": ("invitation", "Welcome {username}, your password is {####}"),
    "1,000 different characters": ("verification", "".join(map(chr, range(0x4E00, 0x4E00 + 994))) + "{####}"),
}


def milliseconds(port: int, kind: str, text: str) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = json.dumps({"template": kind, "template_text": text, "user_pool_id": POOL_ID})
    taken = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        connection.request("POST", "/api/preview", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        json.loads(response.read())
        taken.append((time.perf_counter() - begin) * 1000)
        assert response.status == 200, response.status
    connection.close()
    return sorted(taken)


def main() -> None:
    pools = FakePools()
    with InboxServer(create_app(SmsStore(), pools=pools, writer=pools), 0) as server:
        for name, (kind, text) in TEXTS.items():
            taken = milliseconds(server.port, kind, text)
            median, late = statistics.median(taken), taken[int(CALLS * 0.99)]
            sys.stdout.write(f"{median:5.1f} ms at the median, {late:5.1f} ms for 99 of 100: {name}\n")


if __name__ == "__main__":
    main()
