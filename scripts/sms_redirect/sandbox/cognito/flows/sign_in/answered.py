"""The answer to a challenge, with the session and the user that it is about."""

from __future__ import annotations

from dataclasses import dataclass

from sms_redirect.sandbox.cognito.call import Call
from sms_redirect.sandbox.cognito.context import Context
from sms_redirect.sandbox.cognito.flows import devices, steps
from sms_redirect.sandbox.cognito.flows.sign_in import parameters
from sms_redirect.sandbox.cognito.flows.sign_in.attempt import Attempt
from sms_redirect.sandbox.cognito.state.sessions import FOREIGN
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Pool
from sms_redirect.sandbox.cognito.values.sign_in import Session
from sms_redirect.sandbox.errors import CognitoError


@dataclass(frozen=True, slots=True)
class Answered:
    session: Session
    attempt: Attempt

    def response(self, name: str) -> str:
        """A member of `ChallengeResponses` that the challenge needs."""
        return parameters.required(parameters.of_answer(self.attempt.call), name)


def about_the_user(context: Context, call: Call, pool: Pool, client: Client, session: Session) -> Answered:
    """An answer to an open session with its user, whom the answer must name too.

    Raises:
        CognitoError: the user is another one by now, or the answer names somebody else or a device that is not there.
    """
    given = parameters.of_answer(call)
    name = parameters.required(given, "USERNAME")
    typed = str(session.state.get("typed") or name)
    parameters.check_secret_hash_of_any(client, [name, session.user_name, typed], given.get("SECRET_HASH"))
    user, named = context.store.users.get((pool.id, session.sub)), steps.user_named(context, pool, name)
    if user is None or named is None or named.sub != user.sub:
        raise CognitoError(*FOREIGN)
    if not user.enabled:
        raise CognitoError(*steps.DISABLED)
    device_key = devices.of_answer(context, pool, user, given, session.state)
    return Answered(session, Attempt(call, pool, client, user, typed, device_key, session.state))
