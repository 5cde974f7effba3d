"""USER_AUTH: the user chooses the first factor. A one-time password by SMS has eight digits (amplify-js#14428)."""

from __future__ import annotations

from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.dispatch import Call
from sms_redirect.sandbox.emulator import Response
from sms_redirect.sandbox.emulator import cognito as emulator_cognito
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.pools.flows import rules
from sms_redirect.sandbox.pools.flows.directory import Pool, User
from sms_redirect.sandbox.pools.flows.mfa import Mfa, response_of
from sms_redirect.sandbox.pools.flows.services import Services

OTP_DIGITS = 8


class Choice:
    def __init__(self, services: Services, mfa: Mfa) -> None:
        self._services = services
        self._mfa = mfa

    async def start(self, call: Call) -> Response:
        """InitiateAuth or AdminInitiateAuth with USER_AUTH."""
        if refusal := emulator_cognito.refusal(call.action, call.request):
            return refusal
        client_id = call.request.get("ClientId", "")
        pool = Pool.by_id(call.request["UserPoolId"]) if "UserPoolId" in call.request else Pool.by_client(client_id)
        flows = pool.client(client_id).get("ExplicitAuthFlows") or []
        if "ALLOW_USER_AUTH" not in flows:
            raise CognitoError("InvalidParameterException", "USER_AUTH is not enabled for the client.")
        parameters = call.request.get("AuthParameters") or {}
        user = _user(pool, client_id, parameters.get("USERNAME"))
        preferred = parameters.get("PREFERRED_CHALLENGE")
        if preferred in rules.first_factors(pool, user) and (preferred == "SMS_OTP" or _proof(preferred, parameters)):
            return await self._factor(call, user, preferred, parameters)
        session = self._mfa.open("SELECT_CHALLENGE", call, user)
        return emulator.answer(
            {
                "ChallengeName": "SELECT_CHALLENGE",
                "Session": session.token,
                "AvailableChallenges": rules.first_factors(pool, user),
                "ChallengeParameters": {},
            }
        )

    async def respond(self, call: Call) -> Response:
        """The answer to SELECT_CHALLENGE or SMS_OTP."""
        session, user = self._mfa.session_and_user(call, call.request["ChallengeName"])
        _check_may_sign_in(user)
        if session.challenge == "SMS_OTP":
            self._mfa.check_code(session, response_of(call, "SMS_OTP_CODE"))
            return self._mfa.tokens(call, user)
        chosen = response_of(call, "ANSWER")
        if chosen not in rules.first_factors(user.pool, user):
            problem = f"The challenge {chosen} is not available for the user."
            raise CognitoError("InvalidParameterException", problem)
        self._services.sessions.close(session)
        return await self._factor(call, user, chosen, call.request["ChallengeResponses"])

    async def _factor(self, call: Call, user: User, factor: str, given: dict[str, str]) -> Response:
        if factor == "SMS_OTP":
            return self._mfa.send_code(call, user, "SMS_OTP", digits=OTP_DIGITS)
        if factor == "PASSWORD_SRP":
            request = {
                "ClientId": call.request["ClientId"],
                "AuthFlow": "USER_SRP_AUTH",
                "AuthParameters": given | {"USERNAME": user.name},
            }
            return await emulator_cognito.call_cognito("InitiateAuth", request)
        response = emulator_cognito.password_sign_in(call.request["ClientId"], user.name, given.get("PASSWORD", ""))
        return self._mfa.after_password(call, response, user.name)


def _proof(factor: str, parameters: dict[str, str]) -> bool:
    return bool(parameters.get("PASSWORD" if factor == "PASSWORD" else "SRP_A"))


def _user(pool: Pool, client_id: str, username: str | None) -> User:
    user = pool.user(username)
    if user is None:
        if pool.client(client_id).get("PreventUserExistenceErrors") == "ENABLED":
            raise CognitoError("NotAuthorizedException", "Incorrect username or password.")
        raise CognitoError("UserNotFoundException", "User does not exist.")
    _check_may_sign_in(user)
    return user


def _check_may_sign_in(user: User) -> None:
    if not user.enabled:
        raise CognitoError("NotAuthorizedException", "User is disabled.")
    if user.status == "UNCONFIRMED":
        raise CognitoError("UserNotConfirmedException", "User is not confirmed.")
