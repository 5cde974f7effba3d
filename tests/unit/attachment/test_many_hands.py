"""An owner, two stacks, CloudFormation and a failing AWS at work on one pool, in any order and in the middle of each
other: nothing of the owner's is ever lost, and a stack that says it is attached is.

One window is left out, since Cognito has no versions: right between a reading and the UpdateUserPool made of it.
"""

import copy

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fake_stack import STACK_ARN, STACK_KEY, FakeStack, FakeTime, function_arn
from pool_attachment.tags import TAGS
from random_pools import POOL_ID, POOL_KEY, mfa_settings, pools
from strict_cognito import Fault, KilledError, StrictCognito

OTHER_KEY = "arn:aws:kms:eu-west-1:123456789012:key/cccccccc-3333-4ccc-8ccc-cccccccccccc"
STACKS = ("a", "b")
CALLS = st.integers(0, 14)
SHORT = [Fault.THROTTLED, Fault.BUSY, Fault.DENIED, Fault.SERVER_ERROR_AFTER, Fault.READ_TIMEOUT_AFTER]


def trigger(name):
    return {"LambdaVersion": "V1_0", "LambdaArn": function_arn(name)}


def shorten(pool):
    pool.setdefault("Policies", {}).setdefault("PasswordPolicy", {})["MinimumLength"] = 7


def rename(pool):
    pool.setdefault("UserPoolTags", {})["team"] = "renamed"


def offer_mfa(pool):
    pool["MfaConfiguration"] = "OPTIONAL"


def require_mfa(pool):
    """Turned off, it would look like a reset, and be put back: see docs/attaching.md."""
    pool["MfaConfiguration"] = "ON"


def send_email_themselves(pool):
    config = pool.setdefault("LambdaConfig", {})
    config.setdefault("KMSKeyID", POOL_KEY)
    config["CustomEmailSender"] = trigger("email")


EDITS = st.sampled_from([shorten, rename, offer_mfa, require_mfa, send_email_themselves, "point elsewhere", "take off"])

# What happens in the middle of a request, before the call of that number.
DISTURBANCES = st.one_of(
    st.none(),
    st.tuples(st.just("owner"), CALLS, EDITS),
    st.tuples(st.just("other"), CALLS, st.sampled_from(["Create", "Delete"])),
    st.tuples(st.just("fault"), CALLS, st.sampled_from(SHORT), st.sampled_from([1, 20, 140, 400])),
    st.tuples(st.just("kill"), CALLS, st.sampled_from([Fault.KILLED_BEFORE, Fault.KILLED_AFTER]), st.booleans()),
)


class ManyHands(RuleBasedStateMachine):
    """`owner` is the pool as its owner means it to be: what is there without any redirect.

    `attached`: the stacks that CloudFormation believes to be attached; `known`: those that it still has to delete.
    """

    @initialize(pool=pools(), mfa=mfa_settings, keeps_mfa=st.booleans())
    def start(self, pool, mfa, keeps_mfa):
        self.cognito = StrictCognito(keeps_mfa=keeps_mfa)
        for key in (STACK_KEY, POOL_KEY, OTHER_KEY):
            self.cognito.add_key(key)
        self.cognito.add(pool, mfa)
        self.time = FakeTime()
        self.stacks = {
            name: FakeStack(
                self.cognito, self.time, arn=STACK_ARN.replace("/redirect/", f"/{name}/"), sender=f"{name}-0"
            )
            for name in STACKS
        }
        self.owner = self.cognito.raw(POOL_ID)
        self.keys, self.attached, self.known = {}, set(), set()
        self.disturbed = self.failure = None

    # ---- what is there ----

    @property
    def pool(self):
        return self.cognito.pools[POOL_ID]

    @property
    def config(self):
        return self.pool.get("LambdaConfig") or {}

    @property
    def sender(self):
        return self.config.get("CustomSMSSender", {}).get("LambdaArn", "").rpartition(":")[2]

    def on_the_pool(self, name):
        return self.sender.startswith(f"{name}-")

    # ---- what the owner does ----

    def edit(self, edit):
        if edit == "take off":
            if any(map(self.on_the_pool, STACKS)):
                del self.pool["LambdaConfig"]["CustomSMSSender"]
                (self.owner["UserPool"].get("LambdaConfig") or {}).pop("CustomSMSSender", None)
        elif edit == "point elsewhere":
            for pool in (self.pool, self.owner["UserPool"]):
                config = pool["LambdaConfig"] = pool.get("LambdaConfig") or {}
                config["KMSKeyID"] = self.config.get("KMSKeyID", POOL_KEY)
                config["CustomSMSSender"] = trigger("theirs")
        elif edit is send_email_themselves:
            edit(self.pool)
            edit(self.owner["UserPool"])
            self.owner["UserPool"]["LambdaConfig"]["KMSKeyID"] = self.config["KMSKeyID"]
        else:
            for pool in (self.pool, self.owner["UserPool"]):
                edit(pool)
            self.owner["Mfa"]["MfaConfiguration"] = self.owner["UserPool"]["MfaConfiguration"]

    @rule(edit=EDITS)
    def owner_edits(self, edit):
        self.edit(edit)

    # ---- what CloudFormation sends ----

    @rule(name=st.sampled_from(STACKS), disturbance=DISTURBANCES)
    def create(self, name, disturbance):
        if name in self.known:
            return
        self.keys[name] = self.config.get("KMSKeyID") or {"a": STACK_KEY, "b": OTHER_KEY}[name]
        answer = self.request(name, "Create", disturbance)
        if answer["Status"] == "FAILED":  # rolled back, by an AWS that works again
            self.delete_cleanly(name)

    @rule(name=st.sampled_from(STACKS), disturbance=DISTURBANCES)
    def update(self, name, disturbance):
        if name not in self.attached:
            return
        stack = self.stacks[name]
        old, number = stack.sender, int(stack.sender[-1])
        answer = self.request(name, "Update", disturbance, sender=f"{name}-{number ^ 1}", old=old)
        if answer["Status"] == "FAILED":
            self.request(name, "Update", None, sender=old, old=f"{name}-{number ^ 1}")

    @rule(name=st.sampled_from(STACKS), disturbance=DISTURBANCES)
    def delete(self, name, disturbance):
        if name in self.known and self.request(name, "Delete", disturbance)["Status"] == "FAILED":
            self.delete_cleanly(name)

    def delete_cleanly(self, name):
        answer = self.request(name, "Delete", None)
        assert answer["Status"] == "SUCCESS", answer

    def request(self, name, kind, disturbance, sender=None, old=None):
        stack = self.stacks[name]
        properties = stack.properties(sender=sender or stack.sender, key=self.keys[name])
        before = old and stack.properties(sender=old, key=self.keys[name])
        event = stack.event(kind, properties, before)
        self.known.add(name)
        self.disturbed = self.disturbance(name, disturbance)
        self.cognito.before_call = self.disturbed
        try:
            answer = stack.deliver(event)
        except KilledError:
            again = disturbance[3]
            self.cognito.before_call = None
            # Not delivered again: CloudFormation hears nothing, and takes that for a failure.
            answer = stack.deliver(event) if again else {"Status": "FAILED", "Reason": "Undoing it failed: died"}
            answer.setdefault("PhysicalResourceId", f"sms-redirect:{POOL_ID}")
        self.cognito.before_call, self.cognito.lasting = None, {}
        self.cognito.faults.clear()
        stack.physical_id = answer["PhysicalResourceId"]
        self.learn(name, kind, answer, disturbance)
        return answer

    def learn(self, name, kind, answer, disturbance):
        done = answer["Status"] == "SUCCESS"
        late = (
            disturbance and disturbance[0] in ("owner", "other") and self.disturbed.operation == "ListUserPoolReplicas"
        )
        if kind == "Delete":
            if done:
                self.known.discard(name)
                self.attached.discard(name)
                assert not self.on_the_pool(name), answer
            return
        if done:
            self.attached.add(name)
            assert self.on_the_pool(name) or late, answer
        elif kind == "Create":
            assert not self.on_the_pool(name) or "Undoing it failed" in answer["Reason"], answer

    def disturbance(self, name, disturbance):
        # In an AWS that resets MFA settings, what they were is lost with the function that has read them.
        if disturbance is None or (disturbance[0] in ("fault", "kill") and not self.cognito.keeps_mfa):
            return Disturbance(-1, lambda _operation: None)
        kind, call, what, *more = disturbance
        other = next(each for each in STACKS if each != name)
        return {
            "owner": lambda: Disturbance(call, lambda _: self.edit(what)),
            "other": lambda: Disturbance(call, lambda _: self.meanwhile(other, what), anywhere=True),
            "fault": lambda: Outage(call, self.time, what, *more),
            "kill": lambda: Disturbance(call, lambda _: self.cognito.fail(-1, what), anywhere=True),
        }[kind]()

    def meanwhile(self, name, kind):
        """The other stack's whole request, in the middle of this one's. What fails in here is raised at the end."""
        if (kind == "Create") == (name in self.known):
            return
        outer = self.disturbed, self.cognito.before_call
        self.cognito.before_call = None
        if kind == "Create":
            self.keys[name] = self.config.get("KMSKeyID") or {"a": STACK_KEY, "b": OTHER_KEY}[name]
        try:
            if self.request(name, kind, None)["Status"] == "FAILED":
                self.delete_cleanly(name)
        except AssertionError as error:
            self.failure = error
        self.disturbed, self.cognito.before_call = outer

    # ---- what must hold ----

    @invariant()
    def nothing_is_lost(self):
        if self.failure:
            raise self.failure
        assert rest(self.cognito.raw(POOL_ID)) == rest(self.owner)

    def teardown(self):
        if not hasattr(self, "cognito"):
            return
        for name in sorted(self.known):
            self.delete_cleanly(name)
        now, owner = whole(self.cognito.raw(POOL_ID)), whole(self.owner)
        key, owners_key = now["LambdaConfig"].pop("KMSKeyID", None), owner["LambdaConfig"].pop("KMSKeyID", None)
        assert now == owner
        if key != owners_key:
            assert not {"CustomSMSSender", "CustomEmailSender"} & set(now["LambdaConfig"])


class Disturbance:
    """Does something once, before a call; `anywhere`: also between a reading and the update made of it."""

    def __init__(self, call, action, *, anywhere=False):
        self.call, self.action, self.anywhere, self.operation = call, action, anywhere, None

    def __call__(self, cognito, operation):
        self.call -= 1
        if self.call < 0 and self.operation is None and (self.anywhere or operation != "UpdateUserPool"):
            self.operation = operation
            self.action(operation)


class Outage:
    """From a call on, every call fails, for some seconds."""

    operation = None

    def __init__(self, call, time, fault, seconds):
        self.call, self.time, self.fault, self.seconds, self.until = call, time, fault, seconds, None

    def __call__(self, cognito, operation):
        self.call -= 1
        if self.call < 0 and self.until is None:
            self.until = self.time.seconds + self.seconds
        broken = self.until is not None and self.time.seconds < self.until
        cognito.lasting = dict.fromkeys(OPERATIONS, self.fault) if broken else {}


OPERATIONS = [
    *("DescribeUserPool", "GetUserPoolMfaConfig", "SetUserPoolMfaConfig", "UpdateUserPool"),
    *("TagResource", "UntagResource", "DescribeKey", "ListUserPoolReplicas"),
]


def rest(raw):
    """The pool without what a redirect changes."""
    raw = whole(raw)
    for name in ("CustomSMSSender", "KMSKeyID"):
        raw["LambdaConfig"].pop(name, None)
    return raw


def whole(raw):
    raw = copy.deepcopy(raw)
    pool = raw["UserPool"]
    raw["LambdaConfig"] = pool.pop("LambdaConfig", None) or {}
    tags = pool.pop("UserPoolTags", None) or {}
    raw["Tags"] = {key: value for key, value in tags.items() if key not in TAGS}
    return raw


TestManyHands = ManyHands.TestCase
TestManyHands.settings = settings(max_examples=60, stateful_step_count=8, deadline=None)


@pytest.mark.slow
class TestManyHandsAtLength(ManyHands.TestCase):
    settings = settings(max_examples=2000, stateful_step_count=15, deadline=None)
