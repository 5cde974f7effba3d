"""USER_SRP_AUTH and PASSWORD_VERIFIER: the password without sending it."""

from __future__ import annotations

import hmac
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import devices, passwords, steps
from sms_redirect.sandbox.cognito.flows.sign_in import attempt as sign_in
from sms_redirect.sandbox.cognito.flows.sign_in import parameters
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Attempt, Response
from sms_redirect.sandbox.cognito.rules import srp
from sms_redirect.sandbox.cognito.state.sessions import FOREIGN
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.user import Password, User
from sms_redirect.sandbox.errors import CognitoError

PASSWORD_VERIFIER = "PASSWORD_VERIFIER"  # noqa: S105 - the name of a challenge


async def start(context: Context, call: Call, pool: Pool, client: Client) -> Response:
    given = parameters.of_start(call)
    name, large_a = parameters.required(given, "USERNAME"), parameters.required(given, "SRP_A")
    user = steps.user_named(context, pool, name)
    if user is None:
        if not client.hides_unknown_users:
            raise CognitoError(*steps.NOBODY)
        return challenge(context, pool, client, None, name, large_a)
    sign_in.check_may_sign_in(user)
    attempt = Attempt(call, pool, client, user, name, given.get("DEVICE_KEY"))
    await sign_in.before(context, attempt)
    return challenge(context, pool, client, user, name, large_a, attempt.device_key)


def challenge(  # noqa: PLR0917 - the parts of an exchange
    context: Context,
    pool: Pool,
    client: Client,
    user: User | None,
    typed: str,
    large_a: str,
    device_key: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """PASSWORD_VERIFIER. Nobody (`PreventUserExistenceErrors`) gets one too, which no answer is right for.

    The session goes by the secret block, which every app sends back; some send no `Session`. `more` is kept with it.
    """
    password = (user.password if user else None) or _nobodys_password(pool, typed)
    exchange, block = begin(large_a, srp.verifier(password))
    state: dict[str, Any] = {
        "typed": typed,
        "device_key": device_key,
        "large_a": large_a,
        "secret": f"{exchange.secret:x}",
    }
    state |= {"public": f"{exchange.public:x}", **(more or {})}
    user_name = user.name if user else nobodys_id(pool, typed)
    context.sessions.open(PASSWORD_VERIFIER, client, user_name, user.sub if user else "", state, token=block)
    return {
        "ChallengeName": PASSWORD_VERIFIER,
        "ChallengeParameters": {
            "USER_ID_FOR_SRP": user_name,
            "USERNAME": user_name,
            "SALT": password.salt.lstrip("0") or "0",
            "SRP_B": f"{exchange.public:x}",
            "SECRET_BLOCK": block,
        },
    }


def begin(large_a: str, verifier: int) -> tuple[srp.Exchange, str]:
    """Cognito's half of an exchange, and the secret block that the app sends back.

    Raises:
        CognitoError: the app's public value is none.
    """
    if not srp.is_public_value(large_a):
        raise CognitoError("InvalidParameterException", "SRP_A is not a valid value.")
    return srp.begin(verifier), secrets.token_urlsafe(768).replace("-", "+").replace("_", "/")


def proven(context: Context, call: Call, pool: Pool, client: Client) -> Attempt:
    """The sign-in after the right response to PASSWORD_VERIFIER.

    Raises:
        CognitoError: the password is wrong, or the session is over.
    """
    given = parameters.of_answer(call)
    name, block = parameters.required(given, "USERNAME"), parameters.required(given, "PASSWORD_CLAIM_SECRET_BLOCK")
    claimed = parameters.required(given, "PASSWORD_CLAIM_SIGNATURE")
    timestamp = parameters.required(given, "TIMESTAMP")
    session = context.sessions.find(block, PASSWORD_VERIFIER, client)
    state = session.state
    parameters.check_secret_hash_of_any(
        client, [name, session.user_name, str(state["typed"])], given.get("SECRET_HASH")
    )
    user = context.store.users.get((pool.id, session.sub))
    named = steps.user_named(context, pool, name)
    if user is not None and (named is None or named.sub != user.sub):
        raise CognitoError(*FOREIGN)
    device_key = devices.of_answer(context, pool, user, given, state) if user is not None else None
    context.sessions.close(session)
    if user is None or user.password is None:
        raise CognitoError(*passwords.INCORRECT)
    context.lockouts.check(user.key)
    expected = srp.signature(
        srp.Exchange(int(state["secret"], 16), int(state["public"], 16)),
        srp.verifier(user.password),
        int(state["large_a"], 16),
        passwords.srp_name(pool),
        user.name,
        block,
        timestamp,
    )
    if not hmac.compare_digest(expected.encode(), claimed.encode()):
        context.lockouts.failed(user.key)
        raise CognitoError(*passwords.INCORRECT)
    context.lockouts.succeeded(user.key)
    kept = {name: state[name] for name in ("custom",) if name in state}
    return Attempt(call, pool, client, user, str(state["typed"]), device_key, kept)


def nobodys_id(pool: Pool, typed: str) -> str:
    """Always the same UUID for the same name, as the salt (DG/cognito-user-pool-managing-errors)."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{pool.arn}/{typed}"))


def _nobodys_password(pool: Pool, typed: str) -> Password:
    salt = uuid.uuid5(uuid.NAMESPACE_URL, f"{pool.arn}/salt/{typed}").hex
    return Password(salt, secrets.token_hex(32))
