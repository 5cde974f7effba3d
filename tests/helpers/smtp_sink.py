"""An SMTP server on this machine that keeps what it gets, and a certificate for it."""

import datetime as dt
import email
import email.policy
import ipaddress
import ssl
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
LOGIN = LoginPassword(b"qa", b"s3cret-of-qa")


def text_of(message):
    """Its text, with Python's line ends."""
    return message.get_content().replace("\r\n", "\n")


class Sink:
    """Keeps mails, who logged in, and over what. `answers` are given to the first mails instead of accepting them."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.attempts = 0
        self.mails = []
        self.recipients = []
        self.peers = set()
        self.logins = []
        self.encrypted = []
        self.may_answer = threading.Event()
        self.may_answer.set()

    async def handle_DATA(self, _server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.attempts += 1
        self.may_answer.wait(20)
        self.peers.add(session.peer)
        if self.answers:
            return self.answers.pop(0)
        self.encrypted.append(session.ssl is not None)
        self.recipients.append(envelope.rcpt_tos)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"

    def authenticate(self, _server, _session, _envelope, _mechanism, login):
        self.logins.append(login.login)
        return AuthResult(success=login == LOGIN, handled=False)


class Server(Controller):
    """Listens on any free port; `port` is known once it is started."""

    def __init__(self, sink, **options):
        super().__init__(sink, hostname=HOST, port=0, **options)

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


class Certificate:
    """Self-signed, for 127.0.0.1."""

    def __init__(self, folder):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self._chain, self._key = folder / "certificate.pem", folder / "key.pem"
        self._chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self._key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    def of_server(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._chain, self._key)
        return context

    def trusted(self):
        return ssl.create_default_context(cafile=str(self._chain))
