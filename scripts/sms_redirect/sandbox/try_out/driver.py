"""Drives the flows that send an SMS, with boto3 as an app's backend would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sms_redirect.sandbox.try_out.people import MadeUp

FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


@dataclass(frozen=True, slots=True)
class Driver:
    """One pool and one of its app clients. `code` waits for the code that a sign-in on the way needs.

    `invites_with_password`: in a passwordless pool Cognito makes none, so that an invitation shows no code.
    """

    cognito: Any  # a boto3 client; its requests are dictionaries here
    pool_id: str
    client_id: str
    code: Callable[[MadeUp], str]
    invites_with_password: bool = False

    def drive(self, occasion_id: str, user: MadeUp) -> None:
        """Do what makes Cognito send the SMS."""
        steps: dict[str, Callable[[MadeUp], object]] = {
            "SignUp": self._sign_up,
            "ResendCode": self._resend,
            "VerifyUserAttribute": self._verify,
            "UpdateUserAttribute": self._update,
            "ForgotPassword": self._forget,
            "SmsMfa": self._second_factor,
            "SmsOtp": self._one_time_password,
            "AdminCreateUser": self._invite,
        }
        steps[occasion_id](user)

    def _sign_up(self, user: MadeUp) -> None:
        self.cognito.sign_up(
            ClientId=self.client_id,
            Username=user.sign_in_name,
            Password=user.password,
            UserAttributes=user.listed(),
        )

    def _resend(self, user: MadeUp) -> None:
        self._sign_up(user)
        self.cognito.resend_confirmation_code(ClientId=self.client_id, Username=user.sign_in_name)

    def _verify(self, user: MadeUp) -> None:
        self._has_account(user, verified="false")
        token = self._signed_in(user)
        self.cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="phone_number")

    def _update(self, user: MadeUp) -> None:
        """The number changes from one that differs in its last digit."""
        last = (int(user.phone_number[-1]) + 1) % 10
        self._has_account(user, phone_number=f"{user.phone_number[:-1]}{last}")
        changed = [{"Name": "phone_number", "Value": user.phone_number}]
        self.cognito.admin_update_user_attributes(
            UserPoolId=self.pool_id,
            Username=user.sign_in_name,
            UserAttributes=changed,
        )

    def _forget(self, user: MadeUp) -> None:
        self._has_account(user)
        self.cognito.forgot_password(ClientId=self.client_id, Username=user.sign_in_name)

    def _second_factor(self, user: MadeUp) -> None:
        self._has_account(user)
        preference = {"Enabled": True, "PreferredMfa": True}
        self.cognito.admin_set_user_mfa_preference(
            UserPoolId=self.pool_id,
            Username=user.sign_in_name,
            SMSMfaSettings=preference,
        )
        self._password_sign_in(user)

    def _one_time_password(self, user: MadeUp) -> None:
        self._has_account(user)
        self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_AUTH",
            AuthParameters={"USERNAME": user.sign_in_name, "PREFERRED_CHALLENGE": "SMS_OTP"},
        )

    def _invite(self, user: MadeUp) -> None:
        password = {"TemporaryPassword": user.password} if self.invites_with_password else {}
        self.cognito.admin_create_user(
            UserPoolId=self.pool_id,
            Username=user.sign_in_name,
            UserAttributes=user.listed(),
            DesiredDeliveryMediums=["SMS"],
            **password,
        )

    def _has_account(self, user: MadeUp, *, verified: str = "true", phone_number: str | None = None) -> None:
        attributes = user.listed(phone_number=phone_number or user.phone_number, phone_number_verified=verified)
        self.cognito.admin_create_user(
            UserPoolId=self.pool_id,
            Username=user.sign_in_name,
            UserAttributes=attributes,
            MessageAction="SUPPRESS",
        )
        self.cognito.admin_set_user_password(
            UserPoolId=self.pool_id, Username=user.sign_in_name, Password=user.password, Permanent=True
        )

    def _password_sign_in(self, user: MadeUp) -> Any:
        return self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user.sign_in_name, "PASSWORD": user.password},
        )

    def _signed_in(self, user: MadeUp) -> str:
        """An access token. If the pool requires MFA, another SMS comes before the one that was asked for."""
        found = self._password_sign_in(user)
        if found.get("ChallengeName") == "SMS_MFA":
            found = self.cognito.respond_to_auth_challenge(
                ClientId=self.client_id,
                ChallengeName="SMS_MFA",
                Session=found["Session"],
                ChallengeResponses={
                    "USERNAME": found["ChallengeParameters"].get("USER_ID_FOR_SRP", user.sign_in_name),
                    "SMS_MFA_CODE": self.code(user),
                },
            )
        return str(found["AuthenticationResult"]["AccessToken"])
