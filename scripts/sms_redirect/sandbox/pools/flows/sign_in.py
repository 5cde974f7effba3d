"""InitiateAuth, RespondToAuthChallenge and their admin variants, for passwords, SRP and SMS MFA.

The emulator proves passwords. What follows is decided here: no tokens before the last code was right.
"""

from __future__ import annotations

from sms_redirect.sandbox.dispatch import Call, Operation
from sms_redirect.sandbox.emulator import Response
from sms_redirect.sandbox.emulator import cognito as emulator_cognito
from sms_redirect.sandbox.pools.flows.choice import Choice
from sms_redirect.sandbox.pools.flows.mfa import Mfa, response_of
from sms_redirect.sandbox.pools.flows.services import Services

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
        return self._mfa.after_password(call, response, username) if flow in PASSWORD_FLOWS else response

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
        return self._mfa.after_password(call, response, username) if challenge == "PASSWORD_VERIFIER" else response

    async def _new_password(self, call: Call) -> Response:
        session, user = self._mfa.session_and_user(call, "NEW_PASSWORD_REQUIRED")
        if refusal := emulator_cognito.password_refusal(user.pool.record, response_of(call, "NEW_PASSWORD")):
            return refusal
        response = await call.forward()
        if response[0] == 200:  # noqa: PLR2004
            self._services.sessions.close(session)
        return self._mfa.after_password(call, response, user.name)

    async def _software_token(self, call: Call, challenge: str) -> Response:
        """The emulator knows these codes; that the password came first is known here."""
        session, _ = self._mfa.session_and_user(call, challenge)
        response = await call.forward()
        if response[0] == 200:  # noqa: PLR2004
            self._services.sessions.close(session)
        return response
