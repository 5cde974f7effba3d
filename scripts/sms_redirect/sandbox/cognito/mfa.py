"""The second factor: SMS_MFA, and the choice between it and an authenticator app."""

from __future__ import annotations

import json

from sms_redirect.sandbox import emulator, emulator_cognito
from sms_redirect.sandbox.cognito import rules
from sms_redirect.sandbox.cognito.directory import Pool, User
from sms_redirect.sandbox.cognito.services import Services, client_metadata
from sms_redirect.sandbox.cognito.sessions import DEFAULT_MINUTES, MINUTE, Session
from sms_redirect.sandbox.emulator import Response
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.operations import Call


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
        session = self.session(call, challenge)
        user = Pool.by_id(session.pool_id).existing_user(session.username)
        if not user.enabled:
            raise CognitoError("NotAuthorizedException", "User is disabled.")
        responses = call.request.get("ChallengeResponses") or {}
        if challenge == "SELECT_MFA_TYPE":
            chosen = responses.get("ANSWER")
            if chosen not in ("SMS_MFA", "SOFTWARE_TOKEN_MFA"):
                raise CognitoError("InvalidParameterException", "Missing or unknown ANSWER for SELECT_MFA_TYPE.")
            self._services.sessions.close(session)
            return self._challenge(call, user, chosen)
        self.check_code(session, responses.get("SMS_MFA_CODE"))
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
        return self._services.sessions.open(challenge, user.pool.id, call.request["ClientId"], user.name, minutes)

    def session(self, call: Call, challenge: str) -> Session:
        return self._services.sessions.find(call.request.get("Session"), challenge, call.request.get("ClientId", ""))

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


def _minutes(call: Call, pool: Pool) -> int:
    return int(pool.client(call.request["ClientId"]).get("AuthSessionValidity") or DEFAULT_MINUTES)
