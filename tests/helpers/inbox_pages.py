"""What the browser tests and the screenshots share: Chromium, an inbox server, sample messages."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sms_documents import failed, sms
from sms_redirect.inbox.sources import Attempt, Delivery, Email, PendingSubscription, Trail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from playwright.sync_api import Browser

    from sms_redirect.inbox.sources import LogLine
    from sms_redirect.messages.sms import Sms
    from sms_redirect.messages.store import SmsStore

# No traffic of the browser's own, and no graphics card.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}

CURLY = (
    "Zoë’s café: your code is 493027 — it is valid for 24 hours. Please never share it with anybody, we will not ask."
)
LONG_INVITATION = (
    "Welcome to Example Bank Test! Your username is 5f6c1d1e-0000-4000-8000-000000000001 and temporary password is "
    "{x<8>Q&7[aZ]~. It expires in seven days, sign in before at https://app.example.com/first"
)


def chromium() -> str | None:
    """Where this machine's Chromium is, if it has one."""
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), None)


@contextmanager
def browser(executable: str, *arguments: str) -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, headless=True, args=[*ARGUMENTS, *arguments])
        yield launched
        launched.close()


class Mailbox:
    """One mail for each message of the store, as a confirmed subscriber gets it; none if it is not `delivering`."""

    delivering = True

    def __init__(self, store: SmsStore) -> None:
        self._store = store

    def emails(self, sms_id: str) -> Sequence[Email]:
        entry = self._store.get(sms_id)
        if entry is None or not self.delivering:
            return []
        sms = entry.message
        return [
            Email(
                recipient="qa@example.com",
                sender="SMS redirect <no-reply@sns.amazonaws.com>",
                subject=f"SMS to {sms.phone_number}: {sms.flow}",
                body=f"{sms.text}\n\nto:       {sms.phone_number}\nflow:     {sms.flow}\nuser:     {sms.user_name}",
                delivered_at=sms.sent_at,
            )
        ]


class Watched:
    """A sandbox that saw every SMS on its way: one try of the sender, one email."""

    def __init__(self, store: SmsStore) -> None:
        self._store = store
        self.log: tuple[LogLine, ...] = ()
        self.deliveries: tuple[Delivery, ...] | None = None

    def trail(self, sms_id: str) -> Trail | None:
        entry = self._store.get(sms_id)
        if entry is None:
            return None
        end = entry.message.sent_at

        def before(milliseconds: int) -> datetime:
            return end - timedelta(milliseconds=milliseconds)

        sent = (Delivery("qa@example.com", "sent", end + timedelta(milliseconds=6)),)
        return Trail(
            event_at=before(131),
            function="sms-redirect-Sender",
            encrypted_at=before(124),
            key_arn="arn:aws:kms:us-east-1:123456789012:key/1c6f0a52-93d1-4c3e-8f0e-2a4c6a1f7d11",
            attempts=(Attempt(before(118), end, None, self.log),),
            published_at=end,
            deliveries=sent if self.deliveries is None else self.deliveries,
        )


class Pending:
    """One address that has not confirmed its subscription; `confirmed` ends that."""

    confirmed = False

    def pending(self) -> Sequence[PendingSubscription]:
        url = "http://127.0.0.1:4566/?Action=ConfirmSubscription&Token=x"
        return [] if self.confirmed else [PendingSubscription("new-tester@example.com", url)]


MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


def fill_with_samples(store: SmsStore) -> None:
    """A morning of testing: every flow, a failure, a duplicate, texts that cost more than one part."""
    for number, sample in enumerate(_samples()):
        moment = MORNING + timedelta(minutes=4 * number, seconds=17 * number % 60)
        store.add(sample(f"{moment:%Y-%m-%dT%H:%M:%SZ}"))
    store.add(store.find()[4].message)


def _samples() -> list[Callable[[str], Sms]]:
    german = {"phone_number": "+4915112345678", "user_name": "jonas"}
    invited = {"phone_number": "+442071838750", "user_name": "5f6c1d1e-0000-4000-8000-000000000001"}
    takeover = "Cognito reports a possible account takeover for user alice."
    two_parts = {
        "encoding": "UCS-2",
        "segments": 2,
        "warnings": [{"code": "several-parts", "text": "2 parts: this SMS costs as much as 2."}],
    }
    return [
        lambda at: sms(704113, sent_at=at),
        lambda at: sms(186552, sent_at=at, **flow("ResendCode")),
        lambda at: sms(
            35, sent_at=at, **flow("AdminCreateUser", "invitation"), text=LONG_INVITATION, code="{x<8>Q&7[aZ]~",
            segments=2, **invited,
        ),
        lambda at: failed(36, sent_at=at, **german),
        lambda at: sms(915204, sent_at=at, **german, text="Ihr Bestätigungscode lautet 915204"),
        lambda at: sms(
            88214377, sent_at=at, **flow("Authentication", "authentication"),
            text="Your authentication code is 88214377.",
        ),
        lambda at: sms(
            37, sent_at=at, **flow("AccountTakeOverNotification", "none"), text=takeover, code=None, phone_number=None,
        ),
        lambda at: sms(
            493027, sent_at=at, **flow("ForgotPassword"), text=CURLY, template_text=CURLY.replace("493027", "{####}"),
            **two_parts,
            user_name="zoe", phone_number="+33612345678",
        ),
        lambda at: sms(260871, sent_at=at, **flow("VerifyUserAttribute")),
    ]  # fmt: skip


def flow(name: str, template: str = "verification") -> dict[str, str]:
    return {"flow": name, "trigger_source": f"CustomSMSSender_{name}", "template": template}
