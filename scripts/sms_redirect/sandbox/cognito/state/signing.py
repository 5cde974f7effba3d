"""Signing keys and signatures of tokens (RS256). Apart from the tokens, because the library takes long to import."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from sms_redirect.sandbox.cognito.values.pool import Pool, SigningKey

ALGORITHM = "RS256"
BITS = 2048


class ForgedError(Exception):
    """A token was not signed with the key."""


def new_key(pool: Pool) -> SigningKey:
    key = RSAKey.generate_key(BITS)
    kid = hashlib.sha256(key.as_pem(private=False)).hexdigest()[:44]
    return SigningKey(pool.id, kid, key.as_pem(private=True).decode())


class Signer:
    """A pool's key, read once."""

    def __init__(self, kept: SigningKey) -> None:
        self._kid = kept.kid
        self._key = RSAKey.import_key(kept.pem, {"kid": kept.kid})

    def sign(self, claims: dict[str, Any]) -> str:
        # Not by `jwt.encode`, which adds a `typ` that Cognito's tokens do not have.
        header = {"kid": self._kid, "alg": ALGORITHM}
        return jws.serialize_compact(header, json.dumps(claims, separators=(",", ":")), self._key)

    def verified(self, token: str) -> dict[str, Any]:
        """The claims of a token, whether or not it is still valid.

        Raises:
            ForgedError: the signature is not of this key, or there is none.
        """
        try:
            return dict(jwt.decode(token, self._key, algorithms=[ALGORITHM]).claims)
        except (JoseError, ValueError, RecursionError) as error:
            raise ForgedError from error

    def jwks(self) -> dict[str, Any]:
        return {"keys": [{**self._key.as_dict(private=False), "alg": ALGORITHM, "use": "sig"}]}
