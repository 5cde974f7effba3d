"""Attempts per hour (docs/cognito-facts.md, "Codes and attempts") and the sessions of a sign-in."""

from dataclasses import replace

import pytest

from pool_values import client
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.rules.limits import PER_HOUR
from sms_redirect.sandbox.cognito.state.limits import Limits
from sms_redirect.sandbox.cognito.state.lockouts import Lockouts
from sms_redirect.sandbox.cognito.state.sessions import WRONG_ANSWERS, Sessions
from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.errors import CognitoError

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


@pytest.fixture
def sessions(clock):
    return Sessions(Store(), clock)


@pytest.fixture
def token(sessions):
    return sessions.open("SMS_MFA", client(), "alice", "sub")


def test_a_session_is_found_by_its_token_challenge_and_client(sessions, token):
    assert sessions.find(token, "SMS_MFA", client()).user_name == "alice"
    for wrong, challenge, app in [
        ("other", "SMS_MFA", client()),
        (token, "SMS_OTP", client()),
        (token, "SMS_MFA", replace(client(), id="another")),
    ]:
        with pytest.raises(CognitoError, match="NotAuthorizedException: Invalid session for the user"):
            sessions.find(wrong, challenge, app)


def test_a_missing_session_is_a_missing_parameter(sessions):
    with pytest.raises(CognitoError, match="InvalidParameterException: Missing required parameter Session"):
        sessions.find(None, "SMS_MFA", client())


def test_sessions_look_like_aws_s_and_not_like_an_option_of_the_aws_cli(sessions):
    tokens = [sessions.open("SMS_MFA", client(), "alice", "sub") for _ in range(20)]

    assert all(token.startswith("AYAB") for token in tokens)


def test_a_session_ends_with_its_minutes(sessions, token, clock):
    clock.advance(179)
    sessions.find(token, "SMS_MFA", client())
    clock.advance(2)

    with pytest.raises(CognitoError, match="session is expired"):
        sessions.find(token, "SMS_MFA", client())


def test_a_session_is_answered_once(sessions, token):
    session = sessions.find(token, "SMS_MFA", client())
    sessions.close(session)

    for answer_again in (lambda: sessions.find(token, "SMS_MFA", client()), lambda: sessions.close(session)):
        with pytest.raises(CognitoError, match="session can only be used once"):
            answer_again()


def test_too_many_wrong_answers_end_a_session(sessions, token):
    for _ in range(WRONG_ANSWERS):
        sessions.wrong_answer(sessions.find(token, "SMS_MFA", client()))

    with pytest.raises(CognitoError, match="session is expired"):
        sessions.find(token, "SMS_MFA", client())


def test_wrong_passwords_lock_a_user_out_for_longer_and_longer(clock):
    lockouts = Lockouts(clock, Limits(clock))
    for _ in range(4):
        lockouts.failed(ALICE)
    lockouts.check(ALICE)

    lockouts.failed(ALICE)
    with pytest.raises(CognitoError, match="Password attempts exceeded"):
        lockouts.check(ALICE)
    lockouts.check(BOB)
    clock.advance(1)
    lockouts.check(ALICE)
    lockouts.failed(ALICE)
    clock.advance(1)
    with pytest.raises(CognitoError, match="Password attempts exceeded"):
        lockouts.check(ALICE)
    clock.advance(1)
    lockouts.check(ALICE)
    lockouts.succeeded(ALICE)
    lockouts.failed(ALICE)
    lockouts.check(ALICE)
