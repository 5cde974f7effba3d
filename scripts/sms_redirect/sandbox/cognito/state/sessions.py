"""The sessions of sign-ins that are under way: one for each challenge, ended by its answer or by time."""

from __future__ import annotations

import hashlib
import heapq
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.sign_in import Session
from sms_redirect.sandbox.errors import CognitoError

MINUTE = 60
WRONG_ANSWERS = 5
PREFIX = "AYAB"  # of every session of AWS's; so none looks like an option to the AWS CLI
EXPIRED = ("NotAuthorizedException", "Invalid session for the user, session is expired.")
USED = ("NotAuthorizedException", "Invalid session for the user, session can only be used once.")
MISSING = ("InvalidParameterException", "Missing required parameter Session")  # amazon-cognito-identity-js#365, #627
FOREIGN = ("NotAuthorizedException", "Invalid session for the user.")


class Sessions:
    """Tokens are kept as hashes. One that was answered is remembered until it would have expired."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._used: set[str] = set()
        # What expires first comes first, so that nothing has to be looked for.
        self._expiring = [(session.expires, session.id) for session in store.sessions.all()]
        heapq.heapify(self._expiring)

    def open(
        self,
        challenge: str,
        client: Client,
        user_name: str,
        sub: str,
        state: Mapping[str, Any] | None = None,
        *,
        token: str | None = None,
    ) -> str:
        """The token of a new session; `token` where the app knows the session by something else."""
        token = token or PREFIX + secrets.token_urlsafe(96)
        expires = self._clock.now() + client.session_minutes * MINUTE
        self._store.sessions.put(
            Session(_id(token), challenge, client.pool_id, client.id, user_name, sub, expires, state=state or {})
        )
        self._forget_expired()
        with self._store.transaction():
            heapq.heappush(self._expiring, (expires, _id(token)))
        return token

    def find(self, token: str | None, challenge: str, client: Client) -> Session:
        """The session that an answer is for; it stays open until `close`.

        Raises:
            CognitoError: it is missing, unknown, over, or of another challenge or app client.
        """
        if token is None:
            raise CognitoError(*MISSING)
        session = self.of_any_client(token, challenge)
        if session.client_id != client.id:
            raise CognitoError(*FOREIGN)
        return session

    def of_any_client(self, token: str | None, challenge: str) -> Session:
        """The same for operations that name no app client."""
        id_ = _id(token or "")
        session = self._store.sessions.get(id_)
        if session is None:
            raise CognitoError(*(USED if id_ in self._used else EXPIRED))
        if self._clock.now() >= session.expires:
            raise CognitoError(*EXPIRED)
        if session.challenge != challenge:
            raise CognitoError(*FOREIGN)
        return session

    def close(self, session: Session) -> None:
        """End it because it was answered. Of several answers at once, one succeeds.

        Raises:
            CognitoError: another answer came first.
        """
        if self._store.sessions.remove(session.id) is None:
            raise CognitoError(*USED)
        self._used.add(session.id)

    def wrong_answer(self, session: Session) -> None:
        """Count it; the last one that is allowed ends the session."""
        with self._store.transaction():
            changed = self._store.sessions.change(
                session.id, lambda current: replace(current, wrong_answers=current.wrong_answers + 1)
            )
            if changed is not None and changed.wrong_answers >= WRONG_ANSWERS:
                self._store.sessions.remove(session.id)

    def _forget_expired(self) -> None:
        now = self._clock.now()
        with self._store.transaction():
            while self._expiring and now >= self._expiring[0][0]:
                _, id_ = heapq.heappop(self._expiring)
                self._store.sessions.remove(id_)
                self._used.discard(id_)


def _id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
