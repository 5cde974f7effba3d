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

PHONE = "+12065550100"
EMAIL = "tester@example.com"
EMAIL_TIMEOUT = 20.0

Show = Callable[[str], None]


class DemoError(Exception):
    """The demo did not go as planned; the text says where."""


@dataclass(frozen=True, slots=True)
class Story:
    """The flows on one pool. Calls `step` with what it does, and `email` with each email that arrives."""

    pool_id: str
    client_id: str
    mailbox: Mailbox
    step: Show
    email: Callable[[Mail], None]

    def play(self) -> None:
        cognito = boto3.client("cognito-idp")
        self._sign_up(cognito)
        self._forgotten_password(cognito)
        self._invitation(cognito)

    def _sign_up(self, cognito: Any) -> None:
        self.step(f"SignUp alice, {PHONE}")
        code = self._code_of(
            lambda: cognito.sign_up(
                ClientId=self.client_id,
                Username="alice",
                Password=_password(),
                UserAttributes=[{"Name": "phone_number", "Value": PHONE}],
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

    def _forgotten_password(self, cognito: Any) -> None:
        self.step("ForgotPassword alice")
        code = self._code_of(lambda: cognito.forgot_password(ClientId=self.client_id, Username="alice"))
        self.step(f"ConfirmForgotPassword with the code from the email ({code}), then sign in")
        password = _password()
        cognito.confirm_forgot_password(
            ClientId=self.client_id, Username="alice", ConfirmationCode=code, Password=password
        )
        _require_tokens(self._initiate(cognito, "alice", password))

    def _invitation(self, cognito: Any) -> None:
        self.step("AdminCreateUser bob: an invitation with a temporary password")
        text = self._text_of(
            lambda: cognito.admin_create_user(
                UserPoolId=self.pool_id,
                Username="bob",
                UserAttributes=[{"Name": "phone_number", "Value": PHONE}],
            )
        )
        found = re.fullmatch(r"Your username is bob and temporary password is (.+)\.", text)
        if found is None:
            raise DemoError(f"The invitation differs from the pool's template: {text}")
        self.step(f"Sign in with the temporary password from the email ({found[1]}), choose a new one")
        challenge = self._initiate(cognito, "bob", found[1])
        if challenge.get("ChallengeName") != "NEW_PASSWORD_REQUIRED":
            raise DemoError(f"Cognito did not ask for a new password, but for {challenge.get('ChallengeName')}.")
        response = cognito.respond_to_auth_challenge(
            ClientId=self.client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": "bob", "NEW_PASSWORD": _password()},
        )
        _require_tokens(response)

    def _initiate(self, cognito: Any, username: str, password: str) -> dict[str, Any]:
        response: dict[str, Any] = cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": password},
        )
        return response

    def _code_of(self, cause: Callable[[], object]) -> str:
        text = self._text_of(cause)
        found = re.search(r"\b\d{6}\b", text)
        if found is None:
            raise DemoError(f"No code in the SMS: {text}")
        return found[0]

    def _text_of(self, cause: Callable[[], object]) -> str:
        """Do something that sends an SMS, show the resulting email, and return the SMS text, its first line."""
        seen = len(self.mailbox.all())
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


def _require_tokens(response: dict[str, Any]) -> None:
    if "AccessToken" not in response.get("AuthenticationResult", {}):
        raise DemoError(f"The sign-in returned no tokens, but the challenge {response.get('ChallengeName')}.")


def _password() -> str:
    return f"aA1!{secrets.token_urlsafe(12)}"
