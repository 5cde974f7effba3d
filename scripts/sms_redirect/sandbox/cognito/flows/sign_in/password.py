"""USER_PASSWORD_AUTH and ADMIN_USER_PASSWORD_AUTH: the password itself."""

from __future__ import annotations

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import migration, passwords, steps
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as sign_in
from sms_redirect.sandbox.cognito.flows.sign_in import parameters
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Attempt, Response
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import User
from sms_redirect.sandbox.errors import CognitoError


async def start(context: Context, call: Call, pool: Pool, client: Client) -> Response:
    given = parameters.of_start(call)
    name, password = parameters.required(given, "USERNAME"), parameters.required(given, "PASSWORD")
    await migration.migrate(context, call, pool, client.id, name, password)
    user = found(context, pool, client, name)
    attempt = Attempt(call, pool, client, user, name, given.get("DEVICE_KEY"))
    await sign_in.before(context, attempt)
    return await proven(context, attempt, password)


async def proven(context: Context, attempt: Attempt, password: str) -> Response:
    """What follows the password, if it is right.

    Raises:
        CognitoError: NotAuthorizedException, it is wrong, or too many were.
    """
    check(context, attempt.pool, attempt.user, password)
    return await sign_in.after_password(context, attempt)


def check(context: Context, pool: Pool, user: User, password: str) -> None:
    context.lockouts.check(user.key)
    if not passwords.is_right(pool, user, password):
        context.lockouts.failed(user.key)
        raise CognitoError(*passwords.INCORRECT)
    context.lockouts.succeeded(user.key)


def found(context: Context, pool: Pool, client: Client, name: str) -> User:
    """The user who signs in.

    Raises:
        CognitoError: nobody of that name, in words that depend on `PreventUserExistenceErrors`; or a user who must do
            something else first, whatever the password (amplify-js#11209, aws-sdk-js#4608).
    """
    user = steps.user_named(context, pool, name)
    if user is None:
        raise CognitoError(*(passwords.INCORRECT if client.hides_unknown_users else steps.NOBODY))
    sign_in.check_may_sign_in(user)
    return user
