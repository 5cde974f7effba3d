"""Passes every mail on to a real SMTP server, in a thread of its own."""

from __future__ import annotations

import logging
import queue
import re
import smtplib
import ssl
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Literal

from sms_redirect.sandbox.email.mailbox import Mail

logger = logging.getLogger(__name__)

TRIES = 3
RETRY_SECONDS = 1.0
TIMEOUT = 10.0
STOP_SECONDS = 30.0
LINE_BREAKS = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """`context` is for tests with a certificate of their own; else the machine's trust store counts."""

    host: str
    port: int
    tls: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False)


class SmtpRelay:
    """Mails in the order of their arrival; one that the server keeps refusing is named in the log, without its text."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._mails: queue.Queue[Mail | None] = queue.Queue()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="smtp", daemon=True)
        self._thread.start()

    def send(self, mail: Mail) -> None:
        self._mails.put(mail)

    def stop(self) -> None:
        """Send what is there, then end; a server that does not answer is not waited for."""
        self._stopping.set()
        self._mails.put(None)
        self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        while (mail := self._mails.get()) is not None:
            self._send_patiently(mail)

    def _send_patiently(self, mail: Mail) -> None:
        for number in range(TRIES):
            try:
                self._send(mail)
            except (OSError, smtplib.SMTPException) as problem:
                if number + 1 == TRIES or self._stopping.wait(RETRY_SECONDS):
                    where = f"{self._server.host}:{self._server.port}"
                    logger.error("The mail to %s was not sent by %s (%s).", mail.to, where, _cause(problem))  # noqa: TRY400
                    return
            else:
                return

    def _send(self, mail: Mail) -> None:
        with self._connected() as connection:
            if self._server.tls == "starttls":
                connection.starttls(context=self._context())
            if self._server.user is not None:
                connection.login(self._server.user, self._server.password or "")
            connection.send_message(as_message(mail))

    def _connected(self) -> smtplib.SMTP:
        server = self._server
        if server.tls == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=self._context())
        return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)

    def _context(self) -> ssl.SSLContext:
        return self._server.context or ssl.create_default_context()


def as_message(mail: Mail) -> EmailMessage:
    """The mail with its headers. A line break in one of them cannot start another header."""
    message = EmailMessage()
    message["From"] = LINE_BREAKS.sub(" ", mail.sender)
    message["To"] = LINE_BREAKS.sub(" ", mail.to)
    message["Subject"] = LINE_BREAKS.sub(" ", mail.subject)
    message["Date"] = format_datetime(mail.sent_at)
    message["Message-ID"] = make_msgid(domain="sns.amazonaws.com")
    message.set_content(mail.body)
    return message


def _cause(problem: Exception) -> str:
    """Without a server's own words, which may quote what it was told."""
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"{type(problem).__name__} {problem.smtp_code}"
    if isinstance(problem, smtplib.SMTPException):
        return type(problem).__name__
    return f"{type(problem).__name__}: {problem}"
