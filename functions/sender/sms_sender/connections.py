"""The sender's clients, made once per process."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlencode

import botocore.session
from botocore.config import Config

from sms_sender.custom_message import CustomMessage
from sms_sender.event import SmsRequest
from sms_sender.secret import Decryptor, EncryptedCode, Secret
from sms_sender.settings import Settings
from sms_sender.templates import Template, Templates
from sms_sender.texts import Texts
from sms_sender.topic import Topic

_STARTED = time.monotonic()

# Two tries each, with up to a second between: 7 s. The decryption and the text (13 s with the CustomMessage function's
# 6 s) run at the same time, then comes the topic: 20 s. That fits into the function's 30 s, so that a slow service is
# reported and not cut off.
_PATIENT = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 2, "mode": "standard"})
# Cognito gives its triggers five seconds; it is the function, not the network, that may be slow.
_ONCE = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1})


@dataclass(frozen=True, slots=True)
class Connections:
    decryptor: Decryptor
    texts: Texts
    topic: Topic
    _beside: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "text"))

    def decrypt_and_read(self, request: SmsRequest, encrypted: EncryptedCode) -> tuple[Secret, Template]:
        """The code and the text for it. Each waits for another service, so both are fetched at the same time.

        Raises:
            UnshowableError, TransientError: as `Decryptor.decrypt` and `Texts.of`.
        """
        text = self._beside.submit(self.texts.of, request)
        try:
            secret = self.decryptor.decrypt(encrypted, request.user_pool_id)
        finally:
            # Nothing may be under way when the handler returns: Lambda freezes the process.
            text.exception()
        return secret, text.result()


@cache
def connect(settings: Settings) -> Connections:
    """The same connections for the same settings. A bare botocore session: boto3's adds only what is not used."""
    session = botocore.session.get_session()

    def client(service: str, config: Config = _PATIENT) -> Any:
        return session.create_client(service, region_name=settings.region, config=config)

    def iam_has_settled() -> bool:
        return time.monotonic() - _STARTED >= settings.iam_settles_after

    sns = client("sns")
    sns.meta.events.register("before-call.sns.Publish", _encode_once)
    arn = settings.custom_message_arn
    return Connections(
        decryptor=Decryptor(client("kms"), settings.key_arn, iam_has_settled),
        texts=Texts(
            templates=Templates(client("cognito-idp"), iam_has_settled=iam_has_settled),
            custom_message=CustomMessage(client("lambda", _ONCE), arn, iam_has_settled=iam_has_settled)
            if arn
            else None,
        ),
        topic=Topic(sns, settings.topic_arn),
    )


def _encode_once(params: dict[str, Any], **_: object) -> None:
    """Botocore encodes a form twice, to sign it and to send it; that of a message is long."""
    if isinstance(params["body"], dict):
        params["body"] = urlencode(params["body"], doseq=True).encode()
