"""Many sign-ups at once, while AWS's services fail now and then: nobody gets a 5xx, and each SMS is shown once.

tests/benchmarks/trouble_benchmark.py does the same with two thousand.
"""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.config import Config

from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.feed import Feed

CLIENTS, SIGN_UPS = 8, 6
SHARE = 0.15
NUMBERS = [f"+1209555{number:04d}" for number in range(CLIENTS * SIGN_UPS)]
THROTTLED = {
    "sns": b"<ErrorResponse><Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>",
    "kms": b'{"__type": "ThrottlingException", "message": "Rate exceeded"}',
}


@pytest.fixture
def failing_services(sandbox, monkeypatch):
    """Some calls are throttled, or fail once their work is done. All responses of a kind share their headers."""
    from ministack import app

    chance, made = random.Random(7), Counter()

    def failing(name, original):
        headers = {"Content-Type": "text/plain"}

        async def handle(*arguments):
            if chance.random() >= SHARE:
                return await original(*arguments)
            made[name] += 1
            if chance.random() < 0.5:
                return 400, headers, THROTTLED[name]
            await original(*arguments)
            return 503, headers, b"busy"

        return handle

    for name in THROTTLED:
        monkeypatch.setitem(app.SERVICE_HANDLERS, name, failing(name, app.SERVICE_HANDLERS[name]))
    return made


def test_parallel_sign_ups_while_services_fail(sandbox, session, client_id, quiet, failing_services, caplog):
    store = SmsStore()
    Feed(store, sandbox.mailroom, sandbox.incidents)

    def sign_up(numbers):
        cognito = session.client("cognito-idp", config=Config(retries={"total_max_attempts": 1}))
        for number in numbers:
            attributes = [{"Name": "phone_number", "Value": number}]
            cognito.sign_up(
                ClientId=client_id, Username=f"load{number}", Password="Passw0rd!", UserAttributes=attributes
            )

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(sign_up, [NUMBERS[n::CLIENTS] for n in range(CLIENTS)]))
    quiet()

    shown = Counter(entry.message.phone_number for entry in store.find() if entry.message.phone_number in NUMBERS)
    assert shown == dict.fromkeys(NUMBERS, 1)
    assert min(failing_services[name] for name in THROTTLED) > 0
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
