"""UserMigration: a user of another directory who signs in with a password, or forgot it, and is not here yet.

Source: DG/user-pool-lambda-migrate-user, DG/cognito-user-pools-import-using-lambda.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import sign_up, steps
from sms_redirect.sandbox.cognito.rules import schema, user_names
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import Status, User
from sms_redirect.sandbox.errors import CognitoError

UNSET = (
    "userAttributes", "forceAliasCreation", "enableSMSMFA", "finalUserStatus", "messageAction",
    "desiredDeliveryMediums",
)  # fmt: skip
VERIFIED = ("phone_number_verified", "email_verified")


async def migrate(  # noqa: PLR0917 - who comes, and by which call
    context: Context, call: Call, pool: Pool, client_id: str, name: str, password: str | None
) -> None:
    """Let the pool's trigger, if it has one, bring in a user who is not here. `password`: None for a forgotten one.

    A password that is only proven (SRP) brings nobody in: there is none that the function could check.

    Raises:
        CognitoError: the function refuses, or what it says of the user breaks the pool's rules.
    """
    if steps.user_named(context, pool, name) is not None:
        return
    forgotten = password is None
    metadata = dict(call.client_metadata)
    request: dict[str, Any] = {
        "validationData": {} if forgotten else metadata,
        "clientMetadata": metadata if forgotten else {},
    }
    if not forgotten:
        request["password"] = password
    source = "UserMigration_ForgotPassword" if forgotten else "UserMigration_Authentication"
    told = dict.fromkeys(UNSET)
    response = await context.triggers.call(pool, "UserMigration", source, name, client_id, request, told)
    if response is None:
        return
    user = _new_user(context, pool, name, password, response)
    with context.store.transaction():
        if steps.user_named(context, pool, name) is not None:
            return  # somebody else's call brought the user in meanwhile
        for attribute in ("phone_number", "email", "preferred_username"):
            if user_names.is_alias(pool, user, attribute) and user.attributes.get(attribute):
                force = bool(response.get("forceAliasCreation"))
                steps.take_alias(context, pool, user, attribute, user.attributes[attribute], force=force)
        context.store.users.add(user)
    if response.get("messageAction") != "SUPPRESS":
        # No temporary password and no code: what the message says is not documented.
        context.trouble.not_simulated(
            "The welcome message of a migrated user",
            "the function did not respond with messageAction SUPPRESS",
            {"UserPoolId": pool.id, "Username": user.name, "ClientId": client_id},
        )


def _new_user(context: Context, pool: Pool, name: str, password: str | None, response: Mapping[str, Any]) -> User:
    given = response.get("userAttributes")
    if not isinstance(given, dict) or not given:
        raise CognitoError("InvalidLambdaResponseException", "Unrecognizable lambda output")
    attributes = {key: str(value) for key, value in given.items() if key not in ("username", "sub")}
    own = {key: value for key, value in attributes.items() if key not in VERIFIED and value != ""}
    schema.check_values(pool, own)
    status: Status = "CONFIRMED" if response.get("finalUserStatus") == "CONFIRMED" else "RESET_REQUIRED"
    # A password of the other directory is taken as it is, whatever the pool's policy.
    user = sign_up.new_user(context, pool, name, own, password, from_elsewhere=True)
    proven = {key: str(attributes[key]).lower() for key in VERIFIED if key in attributes}
    wants_sms = bool(response.get("enableSMSMFA")) and user.phone_number is not None
    return replace(user.with_attributes(proven), status=status, factors=("SMS_MFA",) if wants_sms else ())
