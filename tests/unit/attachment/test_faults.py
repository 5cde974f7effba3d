"""Whatever goes wrong at whichever call: the pool is attached in full, or exactly as it was."""

import copy
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_stack import STACK_KEY, FakeStack, function_arn
from pool_attachment.tags import ATTACHING, TAGS
from random_pools import POOL_ARN, POOL_ID, POOL_KEY, mfa_settings, pools
from strict_cognito import REGION, Fault, KilledError, StrictCognito

CALLS = 16  # more than any of the requests makes
OTHER_POOL = f"{REGION}_ZzZzZzZzZ"
RICH_POOL = {
    "Id": POOL_ID,
    "Arn": POOL_ARN,
    "Name": "pool",
    "UserPoolTier": "PLUS",
    "MfaConfiguration": "OPTIONAL",
    "LambdaConfig": {
        "PreSignUp": function_arn("pre-sign-up"),
        "CustomSMSSender": {"LambdaVersion": "V1_0", "LambdaArn": function_arn("previous")},
        "CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": function_arn("email")},
        "KMSKeyID": POOL_KEY,
    },
    "Policies": {"PasswordPolicy": {"MinimumLength": 12, "TemporaryPasswordValidityDays": 3}},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
    "UserPoolTags": {"team": "identity"},
}
BARE_POOL = {"Id": POOL_ID, "Arn": POOL_ARN, "Name": "pool", "LambdaConfig": {}}
CASES = {"own key and senders": (RICH_POOL, POOL_KEY), "nothing": (BARE_POOL, STACK_KEY)}


def cognito_with(pool, mfa=None, **kind):
    cognito = StrictCognito(**kind)
    cognito.add_key(STACK_KEY)
    cognito.add_key(POOL_KEY)
    cognito.add(pool, mfa)
    return cognito


def rest(raw):
    """The pool without what an attachment changes."""
    raw = copy.deepcopy(raw)
    config = raw["UserPool"].pop("LambdaConfig", None) or {}
    tags = raw["UserPool"].pop("UserPoolTags", None) or {}
    raw["LambdaConfig"] = {k: v for k, v in config.items() if k not in ("CustomSMSSender", "KMSKeyID")}
    raw["Tags"] = {k: v for k, v in tags.items() if k not in TAGS}
    return raw


def sender(raw):
    return (raw["UserPool"].get("LambdaConfig") or {}).get("CustomSMSSender", {}).get("LambdaArn")


def same(one, other, cognito):
    if cognito.merge_tags:
        for raw in (one, other):
            if not raw["UserPool"].get("UserPoolTags"):
                raw["UserPool"].pop("UserPoolTags", None)
    return one == other


def assert_attached_or(before, cognito, function="redirect"):
    now = cognito.raw(POOL_ID)
    if sender(now) == function_arn(function):
        assert rest(now) == rest(before)
        assert now["UserPool"]["UserPoolTags"]["sms-redirect:stack"]
        return
    # The claim comes and goes by a call of its own, as do all tags where UpdateUserPool takes none off; until then they
    # say truly what is.
    tags = now["UserPool"].get("UserPoolTags") or {}
    for tag in (TAGS if cognito.merge_tags else {ATTACHING}) & set(tags):
        del tags[tag]
    if not tags and cognito.unset is None:
        now["UserPool"].pop("UserPoolTags", None)
    assert same(now, copy.deepcopy(before), cognito)


def deliver(stack, event, *, again):
    """The answer; None when the function died and nobody delivers the event again."""
    try:
        return stack.deliver(event)
    except KilledError:
        return stack.deliver_until_answered(event) if again else None


def check_create(cognito, key, call, fault, *, again):
    before = cognito.raw(POOL_ID)
    stack = FakeStack(cognito)
    cognito.fail(call, fault)

    answer = deliver(stack, stack.event("Create", stack.properties(key=key)), again=again)

    assert_attached_or(before, cognito)
    if answer and answer["Status"] == "SUCCESS":
        assert sender(cognito.raw(POOL_ID)) == function_arn("redirect")
        return
    if answer:
        assert same(cognito.raw(POOL_ID), copy.deepcopy(before), cognito), "what fails cleans up after itself"
    cognito.faults.clear()
    stack.physical_id = answer["PhysicalResourceId"] if answer else "redirect-Attachment-1ABCDEF"
    assert stack.delete(key=key)["Status"] == "SUCCESS"
    assert same(cognito.raw(POOL_ID), before, cognito)


def check_delete(cognito, key, call, fault, *, again):
    before = cognito.raw(POOL_ID)
    stack = FakeStack(cognito)
    stack.create(key=key)
    cognito.fail(call, fault)

    answer = deliver(stack, stack.event("Delete", stack.properties(key=key)), again=again)

    assert_attached_or(before, cognito)
    cognito.faults.clear()
    if not answer or answer["Status"] == "FAILED":
        assert stack.delete(key=key)["Status"] == "SUCCESS"
    assert same(cognito.raw(POOL_ID), before, cognito)


def check_update(cognito, key, call, fault, *, again):
    before = cognito.raw(POOL_ID)
    stack = FakeStack(cognito)
    stack.create(key=key)
    old, new = stack.properties(key=key), stack.properties(key=key, sender="newer")
    cognito.fail(call, fault)

    answer = deliver(stack, stack.event("Update", new, old), again=again)

    assert sender(cognito.raw(POOL_ID)) in (function_arn("redirect"), function_arn("newer"))
    assert rest(cognito.raw(POOL_ID)) == rest(before)
    cognito.faults.clear()
    if not answer or answer["Status"] == "FAILED":
        assert stack.update(old=new, key=key)["Status"] == "SUCCESS"
        assert sender(cognito.raw(POOL_ID)) == function_arn("redirect")
    assert stack.delete(key=key, sender=stack.sender)["Status"] == "SUCCESS"
    assert same(cognito.raw(POOL_ID), before, cognito)


def check_move(cognito, key, call, fault, *, again):
    """Away from another pool, to the pool in question; rolled back when that fails."""
    cognito.add({**BARE_POOL, "Id": OTHER_POOL, "Arn": POOL_ARN.replace(POOL_ID, OTHER_POOL)})
    before, other_before = cognito.raw(POOL_ID), cognito.raw(OTHER_POOL)
    stack = FakeStack(cognito)
    stack.create(pool_id=OTHER_POOL)
    old, new = stack.properties(pool_id=OTHER_POOL), stack.properties(key=key)
    cognito.fail(call, fault)

    answer = deliver(stack, stack.event("Update", new, old), again=again)

    cognito.faults.clear()
    if answer and answer["Status"] == "SUCCESS":
        assert sender(cognito.raw(POOL_ID)) == function_arn("redirect")
        assert same(cognito.raw(OTHER_POOL), other_before, cognito)
        assert stack.delete(pool_id=OTHER_POOL)["Status"] == "SUCCESS"
        assert same(cognito.raw(OTHER_POOL), other_before, cognito)
        return
    if answer:
        assert answer["PhysicalResourceId"] == stack.physical_id
        assert same(cognito.raw(POOL_ID), copy.deepcopy(before), cognito), "what fails cleans up after itself"
    assert stack.update(old=new, pool_id=OTHER_POOL)["Status"] == "SUCCESS"
    assert sender(cognito.raw(OTHER_POOL)) == function_arn("redirect")
    assert same(cognito.raw(POOL_ID), before, cognito)


def check_round_trip(cognito, key, call, fault, *, again):
    """Attached and detached, with the fault at any call of both; what fails is rolled back, or deleted once more."""
    before = cognito.raw(POOL_ID)
    stack = FakeStack(cognito)
    cognito.fail(call, fault)

    created = deliver(stack, stack.event("Create", stack.properties(key=key)), again=again)
    stack.physical_id = created["PhysicalResourceId"] if created else "redirect-Attachment-1ABCDEF"
    if created and created["Status"] == "SUCCESS":
        assert_attached_or(before, cognito)
    deleted = deliver(stack, stack.event("Delete", stack.properties(key=key)), again=again)
    if not deleted or deleted["Status"] == "FAILED":
        cognito.faults.clear()
        assert stack.delete(key=key)["Status"] == "SUCCESS"

    assert same(cognito.raw(POOL_ID), before, cognito)


CHECKS = {"create": check_create, "delete": check_delete, "update": check_update, "move": check_move}


ENDINGS = [
    *((fault, True) for fault in Fault),
    # Only of a function that died does it matter whether Lambda delivers the event again.
    (Fault.KILLED_BEFORE, False),
    (Fault.KILLED_AFTER, False),
]


@pytest.mark.parametrize(("fault", "again"), ENDINGS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("request_name", CHECKS)
def test_no_fault_at_any_call_leaves_a_pool_half_changed(request_name, case, fault, again):
    pool, key = CASES[case]
    for call in itertools.count():
        cognito = cognito_with(pool)
        CHECKS[request_name](cognito, key, call, fault, again=again)
        if not cognito.happened:
            break


a_fault = {
    "check": st.sampled_from([*CHECKS.values(), check_round_trip]),
    "call": st.integers(0, 2 * CALLS),
    "fault": st.sampled_from(Fault),
    "again": st.booleans(),
    "pool": pools(),
    "mfa": mfa_settings,
    "merge_tags": st.booleans(),
}


def check_fault(*, check, call, fault, again, pool, mfa, merge_tags):
    cognito = cognito_with(pool, mfa, merge_tags=merge_tags)
    key = (cognito.raw(POOL_ID)["UserPool"].get("LambdaConfig") or {}).get("KMSKeyID", STACK_KEY)
    check(cognito, key, call, fault, again=again)


@settings(max_examples=100, deadline=None)
@given(**a_fault)
def test_a_fault_leaves_no_random_pool_half_changed(**drawn):
    check_fault(**drawn)


@pytest.mark.slow
@settings(max_examples=5000, deadline=None)
@given(**a_fault)
def test_thousands_of_faults_leave_no_pool_half_changed(**drawn):
    check_fault(**drawn)
