"""The sessions of sign-ins that are under way: one per challenge, ended by the right answer or by time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.errors import CognitoError

MINUTE = 60
DEFAULT_MINUTES = 3  # AuthSessionValidity
WRONG_ANSWERS = 5


@dataclass(slots=True)
class Session:
    """What a challenge is about. `username` is the user's own name, never an alias; `sub` tells it from a namesake."""

    token: str
    challenge: str
    pool_id: str
    client_id: str
    username: str
    sub: str
    expires_at: float
    wrong_answers: int = 0


class Sessions:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    def open(  # noqa: PLR0917 - what a session is about
        self, challenge: str, pool_id: str, client_id: str, username: str, sub: str, minutes: int
    ) -> Session:
        self._forget_expired()
        expires_at = self._clock.now() + minutes * MINUTE
        session = Session(secrets.token_urlsafe(64), challenge, pool_id, client_id, username, sub, expires_at)
        self._sessions[session.token] = session
        return session

    def find(self, token: object, challenge: str, client_id: str) -> Session:
        """The session of an answer.

        Raises:
            CognitoError: it is unknown, over, or of another challenge or app client.
        """
        session = self._sessions.get(token) if isinstance(token, str) else None
        if session is None or self._clock.now() >= session.expires_at:
            raise CognitoError("NotAuthorizedException", "Invalid session for the user, session is expired.")
        if (session.challenge, session.client_id) != (challenge, client_id):
            raise CognitoError("NotAuthorizedException", "Invalid session for the user.")
        return session

    def wrong_answer(self, session: Session) -> None:
        """Count it; the last one that is allowed ends the session."""
        session.wrong_answers += 1
        if session.wrong_answers >= WRONG_ANSWERS:
            self.close(session)

    def close(self, session: Session) -> None:
        self._sessions.pop(session.token, None)

    def _forget_expired(self) -> None:
        now = self._clock.now()
        for token in [token for token, session in self._sessions.items() if now >= session.expires_at]:
            del self._sessions[token]
