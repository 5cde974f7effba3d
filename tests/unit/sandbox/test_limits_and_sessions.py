"""Attempts per hour (facts 7) and the sessions of a sign-in."""

import pytest

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.errors import CognitoError
from sms_redirect.sandbox.pools.flows.limits import PER_HOUR, Limits
from sms_redirect.sandbox.pools.flows.sessions import WRONG_ANSWERS, Sessions

ALICE, BOB = ("pool", "alice"), ("pool", "bob")


@pytest.fixture
def clock():
    return Clock()


@pytest.mark.parametrize(("operation", "allowed"), PER_HOUR.items())
def test_an_operation_is_allowed_so_often_per_user_and_hour(clock, operation, allowed):
    limits = Limits(clock)
    for _ in range(allowed):
        limits.count(operation, ALICE)

    with pytest.raises(CognitoError, match=r"Attempt limit exceeded, please try after some time\."):
        limits.count(operation, ALICE)
    limits.count(operation, BOB)
    clock.advance(3600)
    limits.count(operation, ALICE)


def test_limits_can_be_switched_off(clock):
    limits = Limits(clock, enabled=False)

    for _ in range(100):
        limits.count("ConfirmSignUp", ALICE)


def test_a_session_is_found_by_its_token_challenge_and_client(clock):
    sessions = Sessions(clock)
    session = sessions.open("SMS_MFA", "pool", "client", "alice", "sub", minutes=3)

    assert sessions.find(session.token, "SMS_MFA", "client") is session
    for token, challenge, client in [
        ("other", "SMS_MFA", "client"),
        (None, "SMS_MFA", "client"),
        (session.token, "SMS_OTP", "client"),
        (session.token, "SMS_MFA", "another"),
    ]:
        with pytest.raises(CognitoError, match="NotAuthorizedException: Invalid session for the user"):
            sessions.find(token, challenge, client)


def test_a_session_ends_with_its_minutes(clock):
    sessions = Sessions(clock)
    session = sessions.open("SMS_MFA", "pool", "client", "alice", "sub", minutes=3)

    clock.advance(179)
    sessions.find(session.token, "SMS_MFA", "client")
    clock.advance(2)

    with pytest.raises(CognitoError, match="session is expired"):
        sessions.find(session.token, "SMS_MFA", "client")


def test_too_many_wrong_answers_end_a_session(clock):
    sessions = Sessions(clock)
    session = sessions.open("SMS_MFA", "pool", "client", "alice", "sub", minutes=3)

    for _ in range(WRONG_ANSWERS):
        sessions.find(session.token, "SMS_MFA", "client")
        sessions.wrong_answer(session)

    with pytest.raises(CognitoError, match="session is expired"):
        sessions.find(session.token, "SMS_MFA", "client")
