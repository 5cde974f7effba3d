"""Every flow of a user pool that sends an SMS, one after the other, with what goes wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from secret_scan import Secrets

FIRST, SECOND, CHOSEN = "F1rst/Pa55+word&x", "S3cond/Pa55+word&x", "Ch0sen/Pa55+word&x"


@dataclass
class EveryFlow:
    """`sms(number, flow)` returns the document of the next one. Every secret that occurs is added to `secrets`."""

    cognito: Any
    pool_id: str
    client_id: str
    sms: Callable[[str, str], dict[str, Any]]
    secrets: Secrets

    def run(self, number: str) -> None:
        """With users of this number's own."""
        self.secrets.add("password", FIRST, SECOND, CHOSEN)
        user = {"ClientId": self.client_id, "Username": f"user{number}"}
        token = self._sign_up(user, number)
        self._attribute(token, number)
        self._second_factor(user, token, number)
        self._invitation(number)
        self._forgotten_password(user, number)

    def _code(self, number: str, flow: str) -> str:
        code: str = self.sms(number, flow)["code"]
        self.secrets.add("code" if code.isdigit() else "temporary password", code)
        return code

    def _sign_up(self, user: dict[str, str], number: str) -> str:
        attributes = [{"Name": "phone_number", "Value": number}]
        self.cognito.sign_up(**user, Password=FIRST, UserAttributes=attributes)
        first = self._code(number, "SignUp")
        self.cognito.resend_confirmation_code(**user)
        code = self._code(number, "ResendCode")
        _refused(lambda: self.cognito.confirm_sign_up(**user, ConfirmationCode=first if first != code else "000000"))
        self.cognito.confirm_sign_up(**user, ConfirmationCode=code)
        _refused(lambda: self.cognito.sign_up(**user, Password=FIRST, UserAttributes=attributes))
        _refused(lambda: self._sign_in(user, SECOND))
        return str(self._sign_in(user, FIRST)["AuthenticationResult"]["AccessToken"])

    def _attribute(self, token: str, number: str) -> None:
        self.cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="phone_number")
        code = self._code(number, "VerifyUserAttribute")
        self.cognito.verify_user_attribute(AccessToken=token, AttributeName="phone_number", Code=code)

    def _second_factor(self, user: dict[str, str], token: str, number: str) -> None:
        preferred = {"Enabled": True, "PreferredMfa": True}
        self.cognito.set_user_mfa_preference(AccessToken=token, SMSMfaSettings=preferred)
        challenge = self._sign_in(user, FIRST)
        answers = {"USERNAME": user["Username"], "SMS_MFA_CODE": self._code(number, "Authentication")}
        result = self._respond(challenge, answers)["AuthenticationResult"]
        self.cognito.get_user(AccessToken=result["AccessToken"])
        refresh = {"REFRESH_TOKEN": result["RefreshToken"]}
        self.cognito.initiate_auth(ClientId=self.client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=refresh)
        self.cognito.global_sign_out(AccessToken=result["AccessToken"])
        _refused(lambda: self.cognito.get_user(AccessToken=result["AccessToken"]))

    def _invitation(self, number: str) -> None:
        name = f"invited{number}"
        attributes = [{"Name": "phone_number", "Value": number}]
        self.cognito.admin_create_user(UserPoolId=self.pool_id, Username=name, UserAttributes=attributes)
        user = {"ClientId": self.client_id, "Username": name}
        challenge = self._sign_in(user, self._code(number, "AdminCreateUser"))
        self._respond(challenge, {"USERNAME": name, "NEW_PASSWORD": CHOSEN})

    def _forgotten_password(self, user: dict[str, str], number: str) -> None:
        off = {"Enabled": False, "PreferredMfa": False}
        self.cognito.admin_set_user_mfa_preference(
            UserPoolId=self.pool_id, Username=user["Username"], SMSMfaSettings=off
        )
        self.cognito.forgot_password(**user)
        code = self._code(number, "ForgotPassword")
        _refused(lambda: self.cognito.confirm_forgot_password(**user, ConfirmationCode=code, Password="weak"))
        self.cognito.confirm_forgot_password(**user, ConfirmationCode=code, Password=SECOND)
        self._sign_in(user, SECOND)

    def _sign_in(self, user: dict[str, str], password: str) -> dict[str, Any]:
        parameters = {"USERNAME": user["Username"], "PASSWORD": password}
        answer: dict[str, Any] = self.cognito.initiate_auth(
            ClientId=self.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )
        return answer

    def _respond(self, challenge: dict[str, Any], answers: dict[str, str]) -> dict[str, Any]:
        answer: dict[str, Any] = self.cognito.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName=challenge["ChallengeName"],
            Session=challenge["Session"],
            ChallengeResponses=answers,
        )
        return answer


def _refused(call: Callable[[], object]) -> None:
    try:
        call()
    except ClientError:
        return
    raise AssertionError("that should have been refused")
