"""Placeholders in the texts of messages, and what a CustomMessage trigger is told that each is for."""

from __future__ import annotations

from sms_redirect.sandbox.cognito.messages.message import Flow

CODE = "{####}"
USER_NAME = "{username}"

# DG/user-pool-lambda-custom-message
CUSTOM_MESSAGE_SOURCES: dict[Flow, str] = {
    "SignUp": "CustomMessage_SignUp",
    "ResendCode": "CustomMessage_ResendCode",
    "ForgotPassword": "CustomMessage_ForgotPassword",
    "VerifyUserAttribute": "CustomMessage_VerifyUserAttribute",
    "UpdateUserAttribute": "CustomMessage_UpdateUserAttribute",
    "Authentication": "CustomMessage_Authentication",
    "AdminCreateUser": "CustomMessage_AdminCreateUser",
}
