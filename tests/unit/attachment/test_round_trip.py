"""The second promise: attached, then detached, a pool is as it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fake_stack import STACK_KEY, FakeStack, function_arn
from random_pools import POOL_ID, POOL_KEY, mfa_settings, pools
from strict_cognito import StrictCognito

a_pool = {
    "pool": pools(),
    "mfa": mfa_settings,
    "merge_tags": st.booleans(),
    "keeps_mfa": st.booleans(),
    "unset": st.sampled_from([None, {}]),
}


def check_round_trip(pool, mfa, merge_tags, keeps_mfa, unset):
    cognito = StrictCognito(merge_tags=merge_tags, keeps_mfa=keeps_mfa, unset=unset)
    cognito.add_key(STACK_KEY)
    cognito.add_key(POOL_KEY)
    cognito.add(pool, mfa)
    before = cognito.raw(POOL_ID)
    key = (before["UserPool"].get("LambdaConfig") or {}).get("KMSKeyID", STACK_KEY)
    stack = FakeStack(cognito)

    created = stack.create(key=key)
    attached = cognito.raw(POOL_ID)
    deleted = stack.delete(key=key)

    assert created["Status"] == deleted["Status"] == "SUCCESS", (created, deleted)
    assert attached["UserPool"]["LambdaConfig"]["CustomSMSSender"]["LambdaArn"] == function_arn("redirect")
    assert attached["UserPool"]["LambdaConfig"]["KMSKeyID"] == key
    assert as_untagged(cognito.raw(POOL_ID), merge_tags) == as_untagged(before, merge_tags)


def as_untagged(raw, merge_tags):
    """Where UpdateUserPool takes no tags off, UntagResource leaves an empty object behind: nobody can change that."""
    if merge_tags and not raw["UserPool"].get("UserPoolTags"):
        raw["UserPool"].pop("UserPoolTags", None)
    return raw


@settings(max_examples=100, deadline=None)
@given(**a_pool)
def test_a_pool_comes_back_as_it_was(**pool):
    check_round_trip(**pool)


@pytest.mark.slow
@settings(max_examples=5000, deadline=None)
@given(**a_pool)
def test_thousands_of_pools_come_back_as_they_were(**pool):
    check_round_trip(**pool)
