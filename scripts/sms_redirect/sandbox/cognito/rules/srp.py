"""The Secure Remote Password protocol as Cognito speaks it: RFC 5054's 3072-bit group, SHA-256, HKDF.

The same derivation checks a password that is sent itself, so a plain password is never kept.
Source of the details that no standard gives: amazon-cognito-identity-js, AuthenticationHelper.js.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from sms_redirect.sandbox.cognito.values.user import Password

N = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD"
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F"
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510"
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
G = 2
INFO = b"Caldera Derived Key"


@dataclass(frozen=True, slots=True)
class Exchange:
    """The server's half of one exchange: its secret value and its public one."""

    secret: int
    public: int


def new_password(pool_name: str, user_id: str, password: str) -> Password:
    """`pool_name` is the part of the pool's id after the underscore, or a device's group; `user_id` the user's name."""
    salt = secrets.token_bytes(16)
    return Password(salt.hex(), _private(_padded_bytes(int.from_bytes(salt)), pool_name, user_id, password))


def is_password(kept: Password, pool_name: str, user_id: str, password: str) -> bool:
    salt = _padded_bytes(int(kept.salt, 16))
    return hmac.compare_digest(kept.private, _private(salt, pool_name, user_id, password))


def verifier(kept: Password) -> int:
    return pow(G, int(kept.private, 16), N)


def begin(verifier_: int) -> Exchange:
    secret = int.from_bytes(secrets.token_bytes(128)) % N
    return Exchange(secret, (_k() * verifier_ + pow(G, secret, N)) % N)


def number(text: str) -> int | None:
    """The number that ConfirmDevice sends in base64; None if it is not one."""
    try:
        return int.from_bytes(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None


def is_public_value(large_a: str) -> bool:
    """Whether what the user sent as SRP_A is a value that the protocol allows."""
    try:
        return int(large_a, 16) % N != 0
    except ValueError:
        return False


def signature(  # noqa: PLR0917 - the message of the protocol
    exchange: Exchange, verifier_: int, large_a: int, name: str, user_id: str, secret_block: str, timestamp: str
) -> str:
    """PASSWORD_CLAIM_SIGNATURE as the user's side must have it. `name` as in `new_password`."""
    u = _hash(_padded_bytes(large_a) + _padded_bytes(exchange.public))
    shared = pow(large_a * pow(verifier_, u, N), exchange.secret, N)
    key = _hkdf(_padded_bytes(shared), _padded_bytes(u))
    try:
        block = base64.b64decode(secret_block, validate=True)
    except (binascii.Error, ValueError):
        return ""
    message = name.encode() + user_id.encode() + block + timestamp.encode()
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()


def _private(salt: bytes, pool_name: str, user_id: str, password: str) -> str:
    inner = hashlib.sha256(f"{pool_name}{user_id}:{password}".encode()).digest()
    return hashlib.sha256(salt + inner).hexdigest()


def _k() -> int:
    return _hash(_padded_bytes(N) + _padded_bytes(G))


def _hash(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest())


def _hkdf(key_material: bytes, salt: bytes) -> bytes:
    pseudo_random = hmac.digest(salt, key_material, "sha256")
    return hmac.digest(pseudo_random, INFO + b"\x01", "sha256")[:16]


def _padded_bytes(value: int) -> bytes:
    """As the clients hash a number: with a leading zero byte where the first bit is set, as Java's BigInteger does."""
    length = (value.bit_length() + 7) // 8 or 1
    data = value.to_bytes(length)
    return b"\x00" + data if data[0] & 0x80 else data
