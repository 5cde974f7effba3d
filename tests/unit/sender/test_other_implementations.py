"""Cognito does not encrypt with the Python SDK, so here a message is built by hand, from the format's specification.

https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html, version 1, suite 0x0378.
"""

import base64
import os
import struct

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cognito_codes import KEY_ARN, POOL_ID, encrypt
from sender_world import event

SUITE = bytes.fromhex("0378")
FRAMED, UNFRAMED = b"\x02", b"\x01"


def field(value):
    """Two bytes of length, and the value."""
    value = value if isinstance(value, bytes) else value.encode()
    return struct.pack(">H", len(value)) + value


class ByHand:
    """`frame` is the length of a frame in bytes; 0 writes an unframed body."""

    def __init__(self, kms, *, frame=4096, provider="aws-kms", key_info=KEY_ARN, context=None):
        self._frame = frame
        self._signer = ec.generate_private_key(ec.SECP384R1())
        self._context = {"userpool-id": POOL_ID} if context is None else context
        point = self._signer.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
        self._context |= {"aws-crypto-public-key": base64.b64encode(point).decode()}
        data_key = kms.generate_data_key(KeyId=KEY_ARN, NumberOfBytes=32, EncryptionContext=self._context)
        self._encrypted_key = field(provider) + field(key_info) + field(data_key["CiphertextBlob"])
        self.id = os.urandom(16)
        derived = HKDF(hashes.SHA384(), 32, salt=None, info=SUITE + self.id).derive(data_key["Plaintext"])
        self._cipher = AESGCM(derived)

    def sealing(self, plaintext):
        """In base64, as it is in the event."""
        signed = self._header() + (self._framed(plaintext) if self._frame else self._unframed(plaintext))
        return base64.b64encode(signed + field(self._signer.sign(signed, ec.ECDSA(hashes.SHA384())))).decode()

    def _header(self):
        pairs = b"".join(field(name) + field(value) for name, value in sorted(self._context.items()))
        context = field(struct.pack(">H", len(self._context)) + pairs)
        header = b"\x01\x80" + SUITE + self.id + context + b"\x00\x01" + self._encrypted_key
        header += (FRAMED if self._frame else UNFRAMED) + bytes(4) + b"\x0c" + struct.pack(">I", self._frame)
        nonce = bytes(12)
        return header + nonce + self._cipher.encrypt(nonce, b"", header)

    def _framed(self, plaintext):
        starts = range(0, len(plaintext), self._frame)
        frames = [plaintext[start : start + self._frame] for start in starts]
        return b"".join(
            self._sealed(content, number, final=number == len(frames)) for number, content in enumerate(frames, 1)
        )

    def _sealed(self, content, number, *, final):
        sequence = struct.pack(">I", number)
        nonce = bytes(8) + sequence
        kind = b"AWSKMSEncryptionClient Final Frame" if final else b"AWSKMSEncryptionClient Frame"
        sealed = self._cipher.encrypt(nonce, content, self.id + kind + sequence + struct.pack(">Q", len(content)))
        if final:
            return b"\xff\xff\xff\xff" + sequence + nonce + struct.pack(">I", len(content)) + sealed
        return sequence + nonce + sealed

    def _unframed(self, plaintext):
        length, nonce = struct.pack(">Q", len(plaintext)), os.urandom(12)
        bound = self.id + b"AWSKMSEncryptionClient Single Block" + b"\x00\x00\x00\x01" + length
        return nonce + length + self._cipher.encrypt(nonce, plaintext, bound)


@pytest.mark.parametrize("frame", [4096, 6, 4, 1, 0])
def test_a_code_of_another_implementation_is_shown(world, send, frame):
    message = ByHand(world.kms, frame=frame)

    send(event(code=message.sealing(b"123456")))

    assert world.document["failure"] is None
    assert world.document["code"] == "123456"
    assert world.document["id"] == message.id.hex()


def test_the_helper_of_these_tests_writes_the_same_form(world):
    """Alike but for the signature, whose length is a matter of chance."""
    by_hand = base64.b64decode(ByHand(world.kms).sealing(b"123456"))
    by_sdk = base64.b64decode(encrypt("123456", kms=world.kms))

    assert abs(len(by_hand) - len(by_sdk)) <= 3
    assert by_hand[:4] == by_sdk[:4] == b"\x01\x80\x03\x78"


def test_a_code_that_another_provider_encrypted_is_refused(world, send):
    send(event(code=ByHand(world.kms, provider="raw").sealing(b"123456")))

    assert "another key" in world.document["failure"]["reason"]
    assert world.kms.decrypts == 0


def test_a_key_that_is_no_text_is_refused(world, send):
    send(event(code=ByHand(world.kms, key_info=b"\xff\xfe").sealing(b"123456")))

    assert "encrypted message" in world.document["failure"]["reason"]


def test_more_context_than_the_pool_is_no_matter(world, send):
    context = {"userpool-id": POOL_ID, "added-by": "a later Cognito", "émoji": "😀"}

    send(event(code=ByHand(world.kms, context=context).sealing(b"123456")))

    assert world.document["code"] == "123456"


def test_a_signature_of_somebody_else_is_refused(world, send):
    message = ByHand(world.kms)
    message._signer = ec.generate_private_key(ec.SECP384R1())

    send(event(code=message.sealing(b"123456")))

    assert world.document["code"] is None
    assert "InvalidSignature" in world.document["failure"]["reason"]


@pytest.mark.parametrize(
    "written",
    [
        lambda code: code.rstrip("="),
        lambda code: code.translate(str.maketrans("+/", "-_")),
        lambda code: code.translate(str.maketrans("+/", "-_")).rstrip("="),
        lambda code: "\r\n".join(code[start : start + 76] for start in range(0, len(code), 76)),
        lambda code: f" {code}\n",
    ],
    ids=["unpadded", "URL-safe", "URL-safe and unpadded", "in lines", "in spaces"],
)
def test_base64_of_another_flavour_is_read(world, send, written):
    """RFC 4648 has two alphabets and leaves padding to the protocol, RFC 2045 has lines."""
    for code in (ByHand(world.kms).sealing(digits) for digits in (b"123456", b"1234567", b"12345678")):
        send(event(code=written(code)))

        assert world.document["failure"] is None
