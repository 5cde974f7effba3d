"""Sends every email through a real SMTP server, in a thread of its own."""

from __future__ import annotations

import contextlib
import email.policy
import logging
import queue
import re
import smtplib
import ssl
import threading
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Literal

from sms_redirect.sandbox.email.mailbox import Mail

logger = logging.getLogger(__name__)

TRIES = 3
RETRY_SECONDS = 1.0
TIMEOUT = 10.0
STOP_SECONDS = 15.0
# Any server takes that, whatever extensions it lacks.
ASCII_ON_THE_WIRE = email.policy.SMTP.clone(cte_type="7bit")
PERMANENT = range(500, 600)
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """`context` decides which certificates are trusted; None: those that the machine trusts.

    Raises:
        ValueError: a login that would be sent in the clear, or that SMTP cannot carry.
    """

    host: str
    port: int
    tls: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.user is None:
            return
        if self.tls == "none" and self.host not in LOOPBACK:
            raise ValueError(f"The login at {self.host} would be sent in the clear: use STARTTLS or TLS.")
        if not (self.user + (self.password or "")).isascii():
            raise ValueError("SMTP user and password must be ASCII.")

    def connect(self) -> smtplib.SMTP:
        """A connection that is encrypted and logged in as wanted."""
        if self.tls == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT, context=self._certificates()
            )
        else:
            connection = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            if self.tls == "starttls":
                connection.starttls(context=self._certificates())
            if self.user is not None:
                connection.login(self.user, self.password or "")
        except BaseException:
            connection.close()
            raise
        return connection

    def _certificates(self) -> ssl.SSLContext:
        return self.context or ssl.create_default_context()


class SmtpRelay:
    """Mails in the order of their arrival. One that the server does not take is named in the log, without its text."""

    def __init__(self, server: SmtpServer, *, retry_seconds: float = RETRY_SECONDS) -> None:
        self._server = server
        self._retry_seconds = retry_seconds
        self._mails: queue.Queue[Mail | None] = queue.Queue()
        self._connection: smtplib.SMTP | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="smtp", daemon=True)
        self._thread.start()

    def send(self, mail: Mail) -> None:
        if self._stopping.is_set():
            self._lost(mail, "the sandbox is stopping")
        else:
            self._mails.put(mail)

    def wait_until_sent(self) -> None:
        """Return when every email so far was sent or given up."""
        self._mails.join()

    def stop(self, timeout: float = STOP_SECONDS) -> None:
        """Send what is queued, once, then end. Waits no longer than `timeout` for a server that does not respond."""
        self._stopping.set()
        self._mails.put(None)
        self._thread.join(timeout)
        if self._thread.is_alive():
            logger.error("About %d emails were not sent: %s does not respond.", self._mails.qsize(), self._where())

    def _work(self) -> None:
        while (mail := self._mails.get()) is not None:
            try:
                self._send_patiently(mail, as_message(mail))
            except Exception as error:  # noqa: BLE001 - no email may end the worker
                self._lost(mail, _cause(error))
            finally:
                if self._mails.empty():
                    self._hang_up()
                self._mails.task_done()
        self._hang_up()

    def _send_patiently(self, mail: Mail, message: EmailMessage) -> None:
        for tries_left in reversed(range(TRIES)):
            try:
                self._send(mail, message)
            except (OSError, ValueError) as error:
                self._drop_connection()
                if not tries_left or _is_permanent(error) or self._stopping.wait(self._retry_seconds):
                    raise
            else:
                return

    def _send(self, mail: Mail, message: EmailMessage) -> None:
        if self._connection is None:
            self._connection = self._server.connect()
        # Not send_message, which would write ">From" where a text begins with "From".
        self._connection.sendmail(mail.sender_address, [mail.to], message.as_bytes())

    def _hang_up(self) -> None:
        """Send all queued emails over one connection, then close it."""
        if self._connection is not None:
            with contextlib.suppress(OSError):  # the emails are sent
                self._connection.quit()
        self._drop_connection()

    def _drop_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _lost(self, mail: Mail, cause: str) -> None:
        logger.error("A %s to %s was not sent by %s: %s.", mail.kind, mail.to, self._where(), cause)

    def _where(self) -> str:
        return f"{self._server.host}:{self._server.port}"


def as_message(mail: Mail) -> EmailMessage:
    """The email with its headers, none of which can start another one or name another recipient.

    Raises:
        ValueError, email.errors.MessageError: the address is none.
    """
    message = EmailMessage(ASCII_ON_THE_WIRE)
    message["From"] = Address(_one_line(mail.sender_name), addr_spec=mail.sender_address)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(mail.sent_at)
    message["Message-ID"] = make_msgid(mail.message_id, domain=mail.sender_address.rpartition("@")[2])
    message.set_content(_encodable(mail.body), subtype="html" if mail.kind == "user-pool" else "plain")
    return message


def _one_line(text: str) -> str:
    return CONTROL_CHARACTERS.sub(" ", _encodable(text)).strip()


def _encodable(text: str) -> str:
    """Replace half surrogate pairs: they are not characters, and no encoding has them."""
    return text.encode("utf-8", "replace").decode()


def _is_permanent(error: Exception) -> bool:
    """Whether another try would end the same way."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in PERMANENT for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code in PERMANENT
    return isinstance(error, smtplib.SMTPNotSupportedError | ssl.SSLCertVerificationError | ValueError)


def _cause(error: Exception) -> str:
    """Without a server's own words, which may quote what it was told."""
    name = type(error).__name__
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{name} {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"{name} {', '.join(str(code) for code, _ in error.recipients.values())}"
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return f"{name}: {error.strerror or error}"
    return name
