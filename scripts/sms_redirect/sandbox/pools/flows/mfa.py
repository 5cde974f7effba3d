"""The second factor: SMS_MFA, and the choice between it and an authenticator app."""

from __future__ import annotations

import json

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.dispatch import Call
from sms_redirect.sandbox.emulator import Response
from sms_redirect.sandbox.emulator import cognito as emulator_cognito
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.pools.flows import rules
from sms_redirect.sandbox.pools.flows.directory import Pool, User
from sms_redirect.sandbox.pools.flows.passwords import check_temporary_password_in_time
from sms_redirect.sandbox.pools.flows.services import Services, client_metadata
from sms_redirect.sandbox.pools.flows.sessions import DEFAULT_MINUTES, MINUTE, Session


class Mfa:
    def __init__(self, services: Services) -> None:
        self._services = services

    def challenge_or_tokens(self, call: Call, user: User) -> Response:
        """What a right password is answered with."""
        challenge = rules.mfa_challenge(user.pool, user)
        if challenge is None:
            return self.tokens(call, user)
        return self._challenge(call, user, challenge)

    def tokens(self, call: Call, user: User) -> Response:
        metadata = client_metadata(call) or {}
        result = emulator_cognito.tokens(user.pool.id, call.request["ClientId"], user.record, metadata)
        return emulator.answer({"AuthenticationResult": result, "ChallengeParameters": {}})

    def respond(self, call: Call) -> Response:
        """The answer to SMS_MFA or SELECT_MFA_TYPE."""
        challenge = call.request["ChallengeName"]
        session, user = self.session_and_user(call, challenge)
        if not user.enabled:
            raise CognitoError("NotAuthorizedException", "User is disabled.")
        if challenge == "SELECT_MFA_TYPE":
            chosen = response_of(call, "ANSWER")
            if chosen not in ("SMS_MFA", "SOFTWARE_TOKEN_MFA"):
                raise CognitoError("InvalidParameterException", f"Unknown ANSWER for SELECT_MFA_TYPE: {chosen}")
            self._services.sessions.close(session)
            return self._challenge(call, user, chosen)
        self.check_code(session, response_of(call, "SMS_MFA_CODE"))
        user.set(phone_number_verified="true")
        return self.tokens(call, user)

    def send_code(self, call: Call, user: User, challenge: str, digits: int) -> Response:
        """Open a session, send its code and answer the challenge."""
        session = self.open(challenge, call, user)
        minutes = _minutes(call, user.pool)
        self._services.send_code(
            call, user, "Authentication", ("session", session.token), digits=digits, valid_for=minutes * MINUTE
        )
        parameters = {
            "CODE_DELIVERY_DELIVERY_MEDIUM": "SMS",
            "CODE_DELIVERY_DESTINATION": rules.masked(user.phone_number or ""),
            "USER_ID_FOR_SRP": user.name,
        }
        return emulator.answer(
            {"ChallengeName": challenge, "Session": session.token, "ChallengeParameters": parameters}
        )

    def check_code(self, session: Session, code: object) -> None:
        """Ends the session if the code is right; counts a wrong one."""
        key = ("session", session.token)
        try:
            self._services.codes.check(key, code)
        except CognitoError:
            self._services.sessions.wrong_answer(session)
            raise
        self._services.codes.used(key)
        self._services.sessions.close(session)

    def open(self, challenge: str, call: Call, user: User) -> Session:
        minutes = _minutes(call, user.pool)
        sub = user.key[1]
        return self._services.sessions.open(challenge, user.pool.id, call.request["ClientId"], user.name, sub, minutes)

    def session(self, call: Call, challenge: str) -> Session:
        return self._services.sessions.find(call.request.get("Session"), challenge, call.request.get("ClientId", ""))

    def session_and_user(self, call: Call, challenge: str) -> tuple[Session, User]:
        """The session of an answer, and its user, whom the answer must name too.

        Raises:
            CognitoError: the session is over, the user is another one by now, or the answer names somebody else.
        """
        session = self.session(call, challenge)
        pool = Pool.by_id(session.pool_id)
        user, named = pool.user(session.username), pool.user(response_of(call, "USERNAME"))
        if user is None or user.key[1] != session.sub or named is None or named.name != user.name:
            raise CognitoError("NotAuthorizedException", "Invalid session for the user.")
        return session, user

    def after_password(self, call: Call, response: Response, username: str | None) -> Response:
        """The emulator's answer to a right password, with the challenge that really comes next."""
        answer = json.loads(response[2]) if response[0] == 200 else {}  # noqa: PLR2004
        challenge = answer.get("ChallengeName")
        if "AuthenticationResult" not in answer and challenge not in ("NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"):
            return response
        user = _pool(call).existing_user(username)
        if challenge == "NEW_PASSWORD_REQUIRED":
            check_temporary_password_in_time(self._services, user)
            return emulator.answer(answer | {"Session": self.open("NEW_PASSWORD_REQUIRED", call, user).token})
        return self.challenge_or_tokens(call, user)

    def _challenge(self, call: Call, user: User, challenge: str) -> Response:
        if challenge == "SMS_MFA":
            return self.send_code(call, user, "SMS_MFA", digits=6)
        parameters = {"USER_ID_FOR_SRP": user.name}
        if challenge == "SELECT_MFA_TYPE":
            parameters["MFAS_CAN_CHOOSE"] = json.dumps(["SMS_MFA", "SOFTWARE_TOKEN_MFA"])
        else:
            parameters["FRIENDLY_DEVICE_NAME"] = "TOTP device"
        session = self.open(challenge, call, user)
        return emulator.answer(
            {"ChallengeName": challenge, "Session": session.token, "ChallengeParameters": parameters}
        )


def response_of(call: Call, name: str) -> str:
    """A member of `ChallengeResponses` that the challenge needs."""
    value = (call.request.get("ChallengeResponses") or {}).get(name)
    if not value:
        raise CognitoError("InvalidParameterException", f"Missing required parameter {name}")
    return str(value)


def _pool(call: Call) -> Pool:
    if pool_id := call.request.get("UserPoolId"):
        return Pool.by_id(pool_id)
    return Pool.by_client(call.request.get("ClientId", ""))


def _minutes(call: Call, pool: Pool) -> int:
    return int(pool.client(call.request["ClientId"]).get("AuthSessionValidity") or DEFAULT_MINUTES)
