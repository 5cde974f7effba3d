"""InitiateAuth, RespondToAuthChallenge and their admin variants, for passwords, SRP and SMS MFA.

The emulator proves passwords. What follows is decided here: no tokens before the last code was right.
"""

from __future__ import annotations

import json

from sms_redirect.sandbox import emulator, emulator_cognito
from sms_redirect.sandbox.cognito.choice import Choice
from sms_redirect.sandbox.cognito.directory import Pool, User
from sms_redirect.sandbox.cognito.mfa import Mfa
from sms_redirect.sandbox.cognito.passwords import check_temporary_password_in_time
from sms_redirect.sandbox.cognito.services import Services
from sms_redirect.sandbox.emulator import Response
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.operations import Call, Operation

PASSWORD_FLOWS = {"USER_PASSWORD_AUTH", "USER_SRP_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"}


class SignIn:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._mfa = Mfa(services)
        self._choice = Choice(services, self._mfa)

    def operations(self) -> dict[str, Operation]:
        return {
            "InitiateAuth": self.initiate_auth,
            "AdminInitiateAuth": self.initiate_auth,
            "RespondToAuthChallenge": self.respond,
            "AdminRespondToAuthChallenge": self.respond,
        }

    async def initiate_auth(self, call: Call) -> Response:
        flow = call.request.get("AuthFlow")
        if flow == "USER_AUTH":
            return await self._choice.start(call)
        response = await call.forward()
        username = (call.request.get("AuthParameters") or {}).get("USERNAME")
        return self._after_password(call, response, username) if flow in PASSWORD_FLOWS else response

    async def respond(self, call: Call) -> Response:
        challenge = call.request.get("ChallengeName")
        if challenge in ("SMS_MFA", "SMS_OTP", "SELECT_MFA_TYPE", "SELECT_CHALLENGE"):
            if refusal := emulator_cognito.refusal(call.action, call.request):
                return refusal
            if challenge in ("SMS_OTP", "SELECT_CHALLENGE"):
                return await self._choice.respond(call)
            return self._mfa.respond(call)
        if challenge == "NEW_PASSWORD_REQUIRED":
            return await self._new_password(call)
        if challenge in ("SOFTWARE_TOKEN_MFA", "MFA_SETUP"):
            return await self._software_token(call, challenge)
        response = await call.forward()
        username = (call.request.get("ChallengeResponses") or {}).get("USERNAME")
        return self._after_password(call, response, username) if challenge == "PASSWORD_VERIFIER" else response

    def _after_password(self, call: Call, response: Response, username: str | None) -> Response:
        """The emulator's answer to a right password, with the challenge that really comes next."""
        answer = json.loads(response[2]) if response[0] == 200 else {}  # noqa: PLR2004
        challenge = answer.get("ChallengeName")
        if "AuthenticationResult" not in answer and challenge not in ("NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA"):
            return response
        pool = _pool(call)
        user = pool.existing_user(username)
        if challenge == "NEW_PASSWORD_REQUIRED":
            check_temporary_password_in_time(self._services, user)
            return emulator.answer(answer | {"Session": self._mfa.open("NEW_PASSWORD_REQUIRED", call, user).token})
        return self._mfa.challenge_or_tokens(call, user)

    async def _new_password(self, call: Call) -> Response:
        pool, user = self._user_of_session(call, "NEW_PASSWORD_REQUIRED")
        responses = call.request.get("ChallengeResponses") or {}
        if refusal := emulator_cognito.password_refusal(pool.record, responses.get("NEW_PASSWORD", "")):
            return refusal
        response = await call.forward()
        if response[0] == 200:  # noqa: PLR2004
            self._services.sessions.close(self._mfa.session(call, "NEW_PASSWORD_REQUIRED"))
        return self._after_password(call, response, user.name)

    async def _software_token(self, call: Call, challenge: str) -> Response:
        """The emulator knows these codes; that the password came first is known here."""
        self._user_of_session(call, challenge)
        response = await call.forward()
        if response[0] == 200:  # noqa: PLR2004
            self._services.sessions.close(self._mfa.session(call, challenge))
        return response

    def _user_of_session(self, call: Call, challenge: str) -> tuple[Pool, User]:
        session = self._mfa.session(call, challenge)
        pool = Pool.by_id(session.pool_id)
        user = pool.existing_user(session.username)
        named = pool.user((call.request.get("ChallengeResponses") or {}).get("USERNAME"))
        if named is None or named.name != user.name:
            raise CognitoError("NotAuthorizedException", "Invalid session for the user.")
        return pool, user


def _pool(call: Call) -> Pool:
    if pool_id := call.request.get("UserPoolId"):
        return Pool.by_id(pool_id)
    return Pool.by_client(call.request.get("ClientId", ""))
