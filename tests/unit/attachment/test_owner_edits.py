"""The owner goes on working on an attached pool; nothing of that is lost, whatever comes in which order."""

import copy

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from fake_stack import STACK_KEY, FakeStack, function_arn
from pool_attachment.tags import BROUGHT_KEY, PREVIOUS_SENDER, STACK, TAGS
from random_pools import POOL_ID, POOL_KEY, pools
from strict_cognito import StrictCognito

OTHER_KEY = "arn:aws:kms:eu-west-1:123456789012:key/cccccccc-3333-4ccc-8ccc-cccccccccccc"


class OwnedPool(RuleBasedStateMachine):
    """`owner` is the pool as its owner means it to be: what is there without the redirect."""

    @initialize(pool=pools(), unset=st.sampled_from([None, {}]))
    def start(self, pool, unset):
        self.cognito = StrictCognito(unset=unset)
        for key in (STACK_KEY, POOL_KEY, OTHER_KEY):
            self.cognito.add_key(key)
        self.cognito.add(pool)
        self.stack = FakeStack(self.cognito)
        self.owner = self.cognito.raw(POOL_ID)["UserPool"]
        self.sender = "redirect-0"
        self.attached = False
        self.key = self.config(self.owner).get("KMSKeyID", STACK_KEY)
        self.events = []

    @staticmethod
    def config(pool):
        return pool.get("LambdaConfig") or {}

    @property
    def pool(self):
        return self.cognito.pools[POOL_ID]

    @property
    def ours(self):
        return self.config(self.pool).get("CustomSMSSender", {}).get("LambdaArn") == function_arn(self.sender)

    def send(self, kind, old=None):
        event = self.stack.event(kind, self.stack.properties(sender=self.sender, key=self.key), old)
        self.events.append(event)
        answer = self.stack.deliver(event)
        self.stack.physical_id = answer["PhysicalResourceId"]
        return answer

    @precondition(lambda self: not self.attached)
    @rule()
    def attach(self):
        answer = self.send("Create")

        assert answer["Status"] == "SUCCESS", answer
        self.attached = True
        assert self.ours

    @precondition(lambda self: self.attached)
    @rule(new_function=st.booleans())
    def attach_again(self, new_function):
        old = self.stack.properties(sender=self.sender, key=self.key)
        if new_function:
            self.sender = f"redirect-{int(self.sender[-1]) ^ 1}"

        answer = self.send("Update", old)

        assert answer["Status"] == "SUCCESS", answer
        assert self.ours

    @precondition(lambda self: self.attached)
    @rule()
    def detach(self):
        answer = self.send("Delete")

        assert answer["Status"] == "SUCCESS", answer
        self.attached = False
        self.check_given_back()

    @precondition(lambda self: self.events)
    @rule()
    def last_event_comes_again(self):
        before = copy.deepcopy(self.cognito.raw(POOL_ID))

        answer = self.stack.deliver(self.events[-1])

        assert answer["Status"] == "SUCCESS", answer
        assert self.cognito.raw(POOL_ID) == before

    @rule(value=st.integers(6, 30))
    def owner_edits_a_setting(self, value):
        for pool in (self.pool, self.owner):
            pool.setdefault("Policies", {}).setdefault("PasswordPolicy", {})["MinimumLength"] = value
        self.events.clear()

    @rule(value=st.text("abc", max_size=3))
    def owner_edits_a_tag(self, value):
        for pool in (self.pool, self.owner):
            pool.setdefault("UserPoolTags", {})["team"] = value
        self.events.clear()

    @precondition(lambda self: "KMSKeyID" in self.config(self.pool))
    @rule(name=st.sampled_from(["theirs-1", "theirs-2"]))
    def owner_points_the_trigger_elsewhere(self, name):
        trigger = {"LambdaVersion": "V1_0", "LambdaArn": function_arn(name)}
        key = self.pool["LambdaConfig"]["KMSKeyID"]
        self.pool["LambdaConfig"]["CustomSMSSender"] = trigger
        self.owner["LambdaConfig"] = {**self.config(self.owner), "CustomSMSSender": trigger, "KMSKeyID": key}
        self.events.clear()

    @precondition(lambda self: "KMSKeyID" in self.config(self.pool))
    @rule(on=st.booleans())
    def owner_edits_the_email_sender(self, on):
        trigger = {"LambdaVersion": "V1_0", "LambdaArn": function_arn("email")}
        key = self.pool["LambdaConfig"]["KMSKeyID"]
        for pool in (self.pool, self.owner):
            pool["LambdaConfig"] = self.config(pool)
            if on:
                pool["LambdaConfig"].update(CustomEmailSender=trigger, KMSKeyID=key)
            else:
                pool["LambdaConfig"].pop("CustomEmailSender", None)
        self.events.clear()

    @precondition(lambda self: self.attached and self.ours)
    @rule()
    def owner_takes_the_trigger_off(self):
        del self.pool["LambdaConfig"]["CustomSMSSender"]
        self.config(self.owner).pop("CustomSMSSender", None)
        self.events.clear()

    @precondition(lambda self: self.attached)
    @rule(tag=st.sampled_from([STACK, PREVIOUS_SENDER, BROUGHT_KEY]), value=st.sampled_from([None, "", "nonsense =GG"]))
    def owner_edits_our_tags(self, tag, value):
        """What only the tag knew is lost by that, and nothing else."""
        tags = self.pool["UserPoolTags"]
        if tag not in tags:
            return
        if value is None:
            del tags[tag]
        else:
            tags[tag] = value
        if tag == PREVIOUS_SENDER and self.ours:
            self.config(self.owner).pop("CustomSMSSender", None)
        self.events.clear()

    def check_given_back(self):
        now, owner = copy.deepcopy(self.pool), copy.deepcopy(self.owner)
        assert not TAGS & set(now.get("UserPoolTags") or {})
        for pool in (now, owner):
            pool.pop("LastModifiedDate", None)
            for name in ("LambdaConfig", "UserPoolTags"):
                pool[name] = pool.get(name) or {}
        owner_key, key = (each["LambdaConfig"].pop("KMSKeyID", None) for each in (owner, now))
        assert now == owner
        if key != owner_key:
            assert not {"CustomSMSSender", "CustomEmailSender"} & set(now["LambdaConfig"])
        # The owner goes on from the pool as it is.
        self.owner = self.cognito.raw(POOL_ID)["UserPool"]


TestOwnedPool = OwnedPool.TestCase
TestOwnedPool.settings = settings(max_examples=60, stateful_step_count=12, deadline=None)


@pytest.mark.slow
class TestOwnedPoolAtLength(OwnedPool.TestCase):
    settings = settings(max_examples=500, stateful_step_count=30, deadline=None)
