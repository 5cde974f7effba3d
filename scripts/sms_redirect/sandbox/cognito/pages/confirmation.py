"""Confirming a user by the link of an email: ConfirmSignUp with what the link says."""

from __future__ import annotations

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows.sign_up import confirm_sign_up
from sms_redirect.sandbox.cognito.pages import authorization
from sms_redirect.sandbox.cognito.rules import client_settings


async def confirm(context: Context, client_id: str | None, user_name: str | None, code: str | None) -> None:
    """Raises CognitoError, PageError."""
    _, client = authorization.client_of(context, client_id)
    name = user_name or ""
    request = {"ClientId": client.id, "Username": name, "ConfirmationCode": code or ""}
    if client.secrets:  # the page is Cognito's own: it knows the secret
        request["SecretHash"] = client_settings.secret_hash(client.secrets[0].value, name, client.id)
    await confirm_sign_up(context, Call("ConfirmSignUp", request))
