"""What CloudFormation sees of an attachment, request by request."""

import copy
import json
import logging
import signal
import threading

import pytest

from fake_stack import STACK_ARN, STACK_KEY, Context, FakeStack, function_arn
from pool_attachment import handler as handler_module
from pool_attachment.errors import UnreadableRequestError
from pool_attachment.handler import Schedule, handler, serve
from pool_attachment.patience import Clock
from random_pools import POOL_ARN, POOL_ID, POOL_KEY
from strict_cognito import REGION, AwsError, Fault, StrictCognito

OTHER_POOL = f"{REGION}_ZzZzZzZzZ"
POOL = {"Id": POOL_ID, "Arn": POOL_ARN, "Name": "pool", "LambdaConfig": {}}


@pytest.fixture
def cognito():
    cognito = StrictCognito()
    cognito.add_key(STACK_KEY)
    cognito.add_key(POOL_KEY)
    cognito.add(POOL)
    cognito.add({**POOL, "Id": OTHER_POOL, "Arn": POOL_ARN.replace(POOL_ID, OTHER_POOL)})
    return cognito


@pytest.fixture
def stack(cognito):
    return FakeStack(cognito)


def changes(cognito):
    return [call for call in cognito.calls if call in ("UpdateUserPool", "TagResource", "UntagResource")]


def test_the_physical_id_is_the_pools(stack):
    answer = stack.create()

    assert answer["PhysicalResourceId"] == f"sms-redirect:{POOL_ID}"
    assert answer["Data"] == {"UserPoolId": POOL_ID}


def test_attaching_never_touches_the_mfa_settings_by_themselves(stack, cognito):
    stack.create()
    stack.delete()

    assert changes(cognito) == ["UpdateUserPool", "UpdateUserPool"]
    assert set(cognito.calls) == {"DescribeKey", "DescribeUserPool", "GetUserPoolMfaConfig", "UpdateUserPool"}


@pytest.mark.parametrize(
    ("properties", "word"),
    [
        ({"pool_id": f"{REGION}_None"}, "does not exist"),
        ({"MaxPoolUsers": "many"}, "MaxPoolUsers"),
        ({"key": "arn:aws:kms:eu-west-1:123456789012:key/none"}, "does not exist"),
    ],
)
def test_a_refused_create_changes_nothing_and_its_delete_succeeds(stack, cognito, properties, word):
    before = cognito.raw(POOL_ID)

    created = stack.create(**properties)
    deleted = stack.delete(**properties)

    assert created["Status"] == "FAILED"
    assert word in created["Reason"]
    assert deleted["Status"] == "SUCCESS"
    assert changes(cognito) == []
    assert cognito.raw(POOL_ID) == before


def test_unknown_settings_are_refused_and_untouched(stack, cognito):
    cognito.pools[POOL_ID]["FutureSetting"] = {"On": True}
    cognito.pools[POOL_ID]["LambdaConfig"]["FutureTrigger"] = function_arn("future")
    before = copy.deepcopy(cognito.pools[POOL_ID])

    answer = stack.create()

    assert answer["Status"] == "FAILED"
    assert "FutureSetting" in answer["Reason"]
    assert "LambdaConfig.FutureTrigger" in answer["Reason"]
    assert cognito.pools[POOL_ID] == before


def test_another_stack_is_refused_and_its_delete_leaves_the_first_one_alone(stack, cognito):
    stack.create()
    attached = cognito.raw(POOL_ID)
    second = FakeStack(cognito, arn=STACK_ARN.replace("/redirect/", "/second/"))

    created = second.create(sender="second")
    deleted = second.delete(sender="second")

    assert STACK_ARN in created["Reason"]
    assert deleted["Status"] == "SUCCESS"
    assert cognito.raw(POOL_ID) == attached


def test_a_pool_that_is_gone_is_given_back(stack, cognito):
    stack.create()
    del cognito.pools[POOL_ID]

    assert stack.delete()["Status"] == "SUCCESS"


def test_a_move_attaches_the_new_pool_and_gives_the_old_one_back_when_cloudformation_says_so(stack, cognito):
    before = cognito.raw(POOL_ID)
    stack.create()

    moved = stack.update(old=stack.properties(), pool_id=OTHER_POOL)
    stack.deliver(stack.event("Delete", stack.properties(), PhysicalResourceId=f"sms-redirect:{POOL_ID}"))

    assert moved["PhysicalResourceId"] == f"sms-redirect:{OTHER_POOL}"
    assert "CustomSMSSender" in cognito.pools[OTHER_POOL]["LambdaConfig"]
    assert cognito.raw(POOL_ID) == before


def test_a_setting_that_aws_changes_by_the_way_is_put_back_and_named(stack, cognito, monkeypatch):
    cognito.pools[POOL_ID]["Policies"] = {"PasswordPolicy": {"MinimumLength": 14}}
    before = cognito.raw(POOL_ID)
    update, updates = cognito._update_user_pool, []

    def forgetful(body):
        update(body)
        updates.append(body)
        if len(updates) == 1:
            cognito.pools[POOL_ID]["Policies"]["PasswordPolicy"]["MinimumLength"] = 8
        return {}

    monkeypatch.setattr(cognito, "_update_user_pool", forgetful)

    answer = stack.create()

    assert answer["Status"] == "FAILED"
    assert "Policies.PasswordPolicy.MinimumLength" in answer["Reason"]
    assert "put back as it was" in answer["Reason"]
    assert cognito.raw(POOL_ID) == before


def test_an_update_that_landed_without_an_answer_is_compared_and_put_back_too(stack, cognito, monkeypatch):
    before = cognito.raw(POOL_ID)
    update, updates = cognito._update_user_pool, []

    def silent_and_hardening(body):
        update(body)
        updates.append(body)
        if len(updates) == 1:
            cognito.pools[POOL_ID]["DeletionProtection"] = "ACTIVE"
            raise AwsError("InternalErrorException", "no answer", status=500)
        return {}

    monkeypatch.setattr(cognito, "_update_user_pool", silent_and_hardening)

    answer = stack.create()

    assert answer["Status"] == "FAILED"
    assert "DeletionProtection" in answer["Reason"]
    assert cognito.raw(POOL_ID) == before


def test_what_update_user_pool_cannot_set_is_compared_too(stack, cognito, monkeypatch):
    update = cognito._update_user_pool

    def renaming(body):
        update(body)
        cognito.pools[POOL_ID]["Name"] = "renamed"
        return {}

    monkeypatch.setattr(cognito, "_update_user_pool", renaming)

    assert "differ: Name." in stack.create()["Reason"]


def test_tags_that_an_update_does_not_take_off_are_taken_off_when_the_pool_is_put_back(stack, cognito):
    cognito.merge_tags = True
    cognito.fail(5, Fault.DENIED)  # the look after the update

    answer = stack.create()

    assert cognito.calls[5] == "DescribeUserPool"
    assert answer["Status"] == "FAILED"
    assert not cognito.pools[POOL_ID].get("UserPoolTags")


def test_what_cannot_be_put_back_is_named(stack, cognito, monkeypatch):
    update = cognito._update_user_pool

    def hardening(body):
        update(body)
        cognito.mfa[POOL_ID]["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
        cognito.pools[POOL_ID]["DeletionProtection"] = "ACTIVE"
        return {}

    monkeypatch.setattr(cognito, "_update_user_pool", hardening)

    reason = stack.create()["Reason"]

    assert "MFA SoftwareTokenMfaConfiguration.Enabled" in reason
    assert "could not be put back: DeletionProtection, MFA SoftwareTokenMfaConfiguration.Enabled" in reason


def test_what_aws_reorders_is_no_difference(stack, cognito, monkeypatch):
    cognito.pools[POOL_ID]["AutoVerifiedAttributes"] = ["phone_number", "email"]
    update = cognito._update_user_pool

    def reordering(body):
        update(body)
        cognito.pools[POOL_ID]["AutoVerifiedAttributes"].sort()
        return {}

    monkeypatch.setattr(cognito, "_update_user_pool", reordering)

    assert stack.create()["Status"] == "SUCCESS"


@pytest.fixture
def fail_updates(cognito, monkeypatch):
    """Lets the first updates fail with an error code: all of them, if no number is given."""

    def fail(code, times=10**6):
        update, left = cognito._update_user_pool, [times]

        def failing(body):
            left[0] -= 1
            if left[0] < 0:
                return update(body)
            raise AwsError(code, "not now")

        monkeypatch.setattr(cognito, "_update_user_pool", failing)

    return fail


@pytest.mark.parametrize(
    "code",
    [
        "ConcurrentModificationException",
        "TooManyRequestsException",
        "InvalidSmsRoleTrustRelationshipException",
        "InvalidSmsRoleAccessPolicyException",
    ],
)
def test_what_passes_within_two_minutes_is_waited_for(stack, fail_updates, code):
    fail_updates(code, times=10)

    assert stack.create()["Status"] == "SUCCESS"


def test_what_does_not_pass_is_given_up_after_two_minutes(stack, fail_updates):
    fail_updates("ConcurrentModificationException")

    answer = stack.create()

    assert "ConcurrentModificationException" in answer["Reason"]
    assert 100 < stack.time.seconds <= 120


def test_no_retry_goes_beyond_the_functions_own_time(stack, fail_updates):
    fail_updates("ConcurrentModificationException")

    answer = stack.deliver(stack.event("Create", stack.properties()), Context(milliseconds=20_000))

    assert answer["Status"] == "FAILED"
    assert stack.time.seconds <= 10


def test_a_hanging_call_is_answered_before_the_function_dies_and_the_function_returns(stack, cognito):
    """Returning matters: Lambda would deliver the request of a function that timed out again."""
    hanging = threading.Event()
    cognito.before_call = lambda *_: hanging.wait(30)

    answer = stack.deliver(stack.event("Create", stack.properties()), Context(milliseconds=200))

    assert answer["Status"] == "FAILED"
    assert "out of time" in answer["Reason"]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_hangs_leaves_time_for_every_attempt_to_answer():
    """Five PUTs of 5 s each, and the waits between them: 28 s."""
    schedule = Schedule.of(Context(), Clock())

    assert schedule.alarm <= 300 - 28


def test_nothing_is_left_that_goes_off_in_the_next_invocation(stack):
    handler_before = signal.getsignal(signal.SIGALRM)

    stack.create()

    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is handler_before


def test_a_bug_is_answered_and_its_details_stay_in_the_log(stack, caplog, monkeypatch):
    def bug(*_args):
        raise KeyError("surprise")

    monkeypatch.setattr(handler_module, "attach", bug)

    answer = stack.create()

    assert answer["Status"] == "FAILED"
    assert "KeyError" in answer["Reason"]
    assert "surprise" not in answer["Reason"]
    assert "surprise" in caplog.text


def test_the_answers_url_is_in_no_log(stack, cognito, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(handler_module, "attach", lambda *_: (_ for _ in ()).throw(ValueError("bug")))
    stack.create()
    monkeypatch.undo()
    stack.create()
    cognito.pools.clear()
    stack.create()

    logged = caplog.text + json.dumps([repr(record.__dict__) for record in caplog.records])
    assert "topsecret" not in logged


def test_a_request_that_nobody_waits_for_is_an_error():
    with pytest.raises(UnreadableRequestError):
        handler({}, Context())


def test_it_works_without_lambdas_context(stack):
    serve(
        stack.event("Create", stack.properties()), None, connect=stack.connect, clock=stack.time.clock(), put=stack._put
    )

    assert stack.answers[-1]["Status"] == "SUCCESS"


def test_a_denied_delete_fails_with_a_hint_and_works_when_repeated(stack, cognito):
    before = cognito.raw(POOL_ID)
    stack.create()
    cognito.fail(0, Fault.DENIED)

    denied, repeated = stack.delete(), stack.delete()

    assert denied["Status"] == "FAILED"
    assert "role" in denied["Reason"]
    assert repeated["Status"] == "SUCCESS"
    assert cognito.raw(POOL_ID) == before


def test_a_delete_with_nothing_to_give_back_needs_no_look_at_the_mfa_settings(stack, cognito):
    """A role without that right must not turn a rolled back create into a stack that cannot be deleted."""
    answer = stack.delete()

    assert answer["Status"] == "SUCCESS"
    assert "GetUserPoolMfaConfig" not in cognito.calls
