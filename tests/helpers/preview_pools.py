"""Pools for the Preview tab's tests, without a sandbox."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gallery_pools import BUSY, POOL_ID, pool
from sms_documents import sms
from sms_redirect.inbox.sources import Triggered, TryOutError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sms_redirect.gallery.pool import Pool
    from sms_redirect.messages.store import SmsStore
    from sms_sender.flows import Kind

PASSWORDLESS = {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}}
OTHER_POOL_ID = "us-east-1_Passwordless1"


class FakePools:
    """Two pools in memory. A text with "refuse" in it is refused; `error` makes reading fail."""

    def __init__(self, store: SmsStore | None = None) -> None:
        self.store = store
        self.error: Exception | None = None
        self.reads = 0
        self.sent: list[tuple[str, str]] = []
        self._pools = {
            POOL_ID: pool(**BUSY),
            OTHER_POOL_ID: pool(pool_id=OTHER_POOL_ID, Name="passwordless", **PASSWORDLESS),
        }

    def pools(self) -> Sequence[Pool]:
        self.reads += 1
        if self.error:
            raise self.error
        return list(self._pools.values())

    def change(self, pool_id: str, **settings: Any) -> None:
        """As another tool would."""
        before = self._pools[pool_id]
        self._pools[pool_id] = replace(before, settings={**before.settings, **settings})

    def remove(self, pool_id: str) -> None:
        del self._pools[pool_id]

    def use_text(self, pool_id: str, kind: Kind, text: str) -> None:
        if "refuse" in text:
            raise TryOutError("1 validation error detected (InvalidParameterException)")
        own: dict[Kind, dict[str, Any]] = {
            "verification": {"SmsVerificationMessage": text},
            "authentication": {"SmsAuthenticationMessage": text},
            "invitation": {"AdminCreateUserConfig": {"InviteMessageTemplate": {"SMSMessage": text}}},
        }
        self.change(pool_id, **own[kind])

    def send(self, pool_id: str, occasion_id: str) -> Triggered:
        if occasion_id == "SmsOtp":
            raise TryOutError("This pool does not send it: a setting stops it.")
        self.sent.append((pool_id, occasion_id))
        if self.store is not None:
            self.store.add(sms(4711, flow=occasion_id, user_name="preview-1", phone_number="+12065550142"))
        return Triggered(occasion_id, "preview-1", "+12065550142")
