"""Drives a redirected pool as an application would, and shows each email as its subscriber receives it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import ClientError

from sms_redirect.sandbox.email.mailbox import Mail, Mailbox

PHONE, NEW_PHONE = "+12065550100", "+12065550101"
EMAIL = "tester@example.com"
EMAIL_TIMEOUT = 20.0
CODE = re.compile(r"\b(?:\d{6}|\d{8})\b")  # a one-time password has eight digits

Show = Callable[[str], None]


class DemoError(Exception):
    """The demo did not go as planned; the text says where."""


@dataclass(frozen=True, slots=True)
class Story:
    """Every flow on one pool that allows MFA by SMS and one-time passwords.

    Calls `step` with what it does, and `email` with each email that arrives.
    """

    pool_id: str
    client_id: str
    mailbox: Mailbox
    step: Show
    email: Callable[[Mail], None]

    def play(self) -> None:
        cognito = boto3.client("cognito-idp")
        self._sign_up(cognito)
        password = self._forgotten_password(cognito)
        access_token = self._second_factor(cognito, password)
        self._one_time_password(cognito)
        self._new_number(cognito, access_token)
        self._invitation(cognito)

    def _sign_up(self, cognito: Any) -> None:
        self.step(f"SignUp alice, {PHONE}")
        password = _password()
        code = self._code_of(
            lambda: cognito.sign_up(
                ClientId=self.client_id, Username="alice", Password=password, UserAttributes=_phone(PHONE)
            )
        )
        self.step("ResendConfirmationCode: the new code replaces the old one")
        code = self._code_of(lambda: cognito.resend_confirmation_code(ClientId=self.client_id, Username="alice"))
        confirm = {"ClientId": self.client_id, "Username": "alice"}
        wrong = f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"
        self._refused(
            f"ConfirmSignUp with a wrong code ({wrong})",
            "CodeMismatchException",
            lambda: cognito.confirm_sign_up(**confirm, ConfirmationCode=wrong),
        )
        self.step(f"ConfirmSignUp with the code from the email ({code})")
        cognito.confirm_sign_up(**confirm, ConfirmationCode=code)

    def _forgotten_password(self, cognito: Any) -> str:
        self.step("ForgotPassword alice")
        code = self._code_of(lambda: cognito.forgot_password(ClientId=self.client_id, Username="alice"))
        self.step(f"ConfirmForgotPassword with the code from the email ({code}), then sign in")
        password = _password()
        cognito.confirm_forgot_password(
            ClientId=self.client_id, Username="alice", ConfirmationCode=code, Password=password
        )
        _access_token(self._sign_in(cognito, "alice", password))
        return password

    def _second_factor(self, cognito: Any, password: str) -> str:
        self.step("MFA: alice turns on SMS as second factor and signs in with her password")
        token = _access_token(self._sign_in(cognito, "alice", password))
        cognito.set_user_mfa_preference(AccessToken=token, SMSMfaSettings={"Enabled": True, "PreferredMfa": True})
        challenge: dict[str, Any] = {}
        code = self._code_of(lambda: challenge.update(self._sign_in(cognito, "alice", password)))
        self.step(f"RespondToAuthChallenge SMS_MFA with the code from the email ({code}), then turn MFA off")
        token = _access_token(self._respond(cognito, challenge, "SMS_MFA", USERNAME="alice", SMS_MFA_CODE=code))
        cognito.set_user_mfa_preference(AccessToken=token, SMSMfaSettings={"Enabled": False})
        return token

    def _one_time_password(self, cognito: Any) -> None:
        self.step("SMS_OTP: alice signs in without her password; the one-time password has eight digits")
        challenge: dict[str, Any] = {}
        wanted = {"USERNAME": "alice", "PREFERRED_CHALLENGE": "SMS_OTP"}
        code = self._code_of(
            lambda: challenge.update(
                cognito.initiate_auth(ClientId=self.client_id, AuthFlow="USER_AUTH", AuthParameters=wanted)
            )
        )
        self.step(f"RespondToAuthChallenge SMS_OTP with the one-time password from the email ({code})")
        _access_token(self._respond(cognito, challenge, "SMS_OTP", USERNAME="alice", SMS_OTP_CODE=code))

    def _new_number(self, cognito: Any, access_token: str) -> None:
        self.step(f"UpdateUserAttributes: alice changes her number to {NEW_PHONE}")
        code = self._code_of(
            lambda: cognito.update_user_attributes(AccessToken=access_token, UserAttributes=_phone(NEW_PHONE))
        )
        self.step(f"VerifyUserAttribute with the code from the email ({code})")
        cognito.verify_user_attribute(AccessToken=access_token, AttributeName="phone_number", Code=code)

    def _invitation(self, cognito: Any) -> None:
        self.step("AdminCreateUser bob: an invitation with a temporary password")
        text = self._text_of(
            lambda: cognito.admin_create_user(
                UserPoolId=self.pool_id,
                Username="bob",
                UserAttributes=_phone(PHONE),
                # Without it, a pool that has one-time passwords makes none (AdminCreateUser in the API reference).
                TemporaryPassword=_password(),
            )
        )
        found = re.fullmatch(r"Your username is bob and temporary password is (.+)\.", text)
        if found is None:
            raise DemoError(f"The invitation differs from the pool's template: {text}")
        self.step(f"Sign in with the temporary password from the email ({found[1]}), choose a new one")
        challenge = self._sign_in(cognito, "bob", found[1])
        answers = {"USERNAME": "bob", "NEW_PASSWORD": _password()}
        _access_token(self._respond(cognito, challenge, "NEW_PASSWORD_REQUIRED", **answers))

    def _sign_in(self, cognito: Any, username: str, password: str) -> dict[str, Any]:
        response: dict[str, Any] = cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
        return response

    def _respond(self, cognito: Any, challenge: dict[str, Any], expected: str, **answers: str) -> dict[str, Any]:
        if challenge.get("ChallengeName") != expected:
            raise DemoError(f"Cognito asked for {challenge.get('ChallengeName')}, not for {expected}.")
        response: dict[str, Any] = cognito.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName=expected,
            Session=challenge["Session"],
            ChallengeResponses=answers,
        )
        return response

    def _code_of(self, cause: Callable[[], object]) -> str:
        text = self._text_of(cause)
        found = CODE.search(text)
        if found is None:
            raise DemoError(f"No code in the SMS: {text}")
        return found[0]

    def _text_of(self, cause: Callable[[], object]) -> str:
        """Do something that sends an SMS, show the resulting email, and return the SMS text, its first line."""
        seen = self.mailbox.count
        cause()
        mail = self.mailbox.wait_for(lambda mail: mail.kind == "notification", after=seen, timeout=EMAIL_TIMEOUT)
        if mail is None:
            raise DemoError(f"No email arrived within {EMAIL_TIMEOUT:.0f} seconds.")
        self.email(mail)
        return mail.body.splitlines()[0]

    def _refused(self, what: str, code: str, attempt: Callable[[], object]) -> None:
        try:
            attempt()
        except ClientError as refusal:
            if refusal.response["Error"]["Code"] != code:
                raise
            self.step(f"{what}: refused, {code}: {refusal.response['Error']['Message']}")
        else:
            raise DemoError(f"{what} was accepted.")


def _access_token(response: dict[str, Any]) -> str:
    token: str | None = response.get("AuthenticationResult", {}).get("AccessToken")
    if token is None:
        raise DemoError(f"The sign-in returned no tokens, but the challenge {response.get('ChallengeName')}.")
    return token


def _phone(number: str) -> list[dict[str, str]]:
    return [{"Name": "phone_number", "Value": number}]


def _password() -> str:
    return f"aA1!{secrets.token_urlsafe(12)}"
