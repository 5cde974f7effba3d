"""What CloudFormation sees of an attachment, request by request."""

import contextlib
import copy
import io
import json
import logging
import signal
import threading

import pytest

from fake_stack import STACK_ARN, STACK_KEY, Context, FakeStack, function_arn
from pool_attachment import handler as handler_module
from pool_attachment.alarm import alarm
from pool_attachment.attachment import Outcome
from pool_attachment.errors import NotServedError, OutOfTimeError, UnreadableRequestError
from pool_attachment.handler import handler, look, serve
from pool_attachment.tags import SENDER, STACK, TAGS
from random_pools import POOL_ARN, POOL_ID, POOL_KEY
from strict_cognito import REGION, AwsError, Fault, KilledError, StrictCognito

OTHER_POOL = f"{REGION}_ZzZzZzZzZ"
OUTCOME = Outcome(changed=True, note="Attached.")
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

    assert changes(cognito) == ["TagResource", "UpdateUserPool", "UpdateUserPool"]
    assert set(cognito.calls) - set(changes(cognito)) == {
        *("DescribeKey", "DescribeUserPool", "GetUserPoolMfaConfig", "ListUserPoolReplicas")
    }


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


def test_a_pool_that_is_gone_needs_no_restoring(stack, cognito):
    stack.create()
    del cognito.pools[POOL_ID]

    assert stack.delete()["Status"] == "SUCCESS"


class TestAMove:
    """From one pool to another. In its clean-up, CloudFormation would call an update a success whose Delete failed."""

    @pytest.fixture
    def before(self, cognito):
        return cognito.raw(POOL_ID), cognito.raw(OTHER_POOL)

    @pytest.fixture
    def refused(self, cognito, monkeypatch):
        """Let Cognito refuse every update of these pools from now on."""
        update = cognito._update_user_pool

        def refused(*pools, message="told to"):
            def update_or_not(body):
                if body["UserPoolId"] in pools:
                    raise AwsError("InvalidParameterException", message)
                return update(body)

            monkeypatch.setattr(cognito, "_update_user_pool", update_or_not)

        return refused

    def move(self, stack):
        return stack.update(old=stack.properties(), pool_id=OTHER_POOL)

    def roll_back(self, stack):
        return stack.update(old=stack.properties(pool_id=OTHER_POOL))

    def test_the_pool_that_it_leaves_is_restored_and_nothing_is_left_for_the_clean_up(self, stack, cognito, before):
        stack.create()

        moved = self.move(stack)
        restored, count = cognito.raw(POOL_ID), len(changes(cognito))
        cleaned_up = stack.deliver(
            stack.event("Delete", stack.properties(), PhysicalResourceId=f"sms-redirect:{POOL_ID}")
        )

        assert (moved["Status"], cleaned_up["Status"]) == ("SUCCESS", "SUCCESS")
        assert moved["PhysicalResourceId"] == f"sms-redirect:{OTHER_POOL}"
        assert "CustomSMSSender" in cognito.pools[OTHER_POOL]["LambdaConfig"]
        assert restored == before[0]
        assert len(changes(cognito)) == count

    def test_it_fails_if_that_pool_cannot_be_restored_and_is_rolled_back(self, stack, cognito, before, refused):
        stack.create()
        attached = cognito.raw(POOL_ID)
        refused(POOL_ID)

        moved = self.move(stack)
        as_left = cognito.raw(POOL_ID), cognito.raw(OTHER_POOL)
        rolled_back = self.roll_back(stack)

        assert moved["Status"] == "FAILED"
        assert moved["PhysicalResourceId"] == f"sms-redirect:{POOL_ID}"
        assert moved["Reason"].startswith(f"User pool {POOL_ID} could not be restored: UpdateUserPool: ")
        assert moved["Reason"].endswith(f"So nothing was moved, and user pool {OTHER_POOL} is as it was.")
        assert as_left == (attached, before[1])
        assert rolled_back["Status"] == "SUCCESS"
        assert (cognito.raw(POOL_ID), cognito.raw(OTHER_POOL)) == as_left

    def test_a_request_that_is_delivered_again_fails_in_the_same_way(self, stack, cognito, before, refused):
        stack.create()
        cognito.before_call = lambda cognito, operation: (
            operation == "ListUserPoolReplicas" and cognito.fail(0, Fault.KILLED_AFTER)
        )
        with pytest.raises(KilledError):  # the new pool is attached by then
            self.move_once(stack)
        cognito.before_call = None
        refused(POOL_ID)

        assert self.move(stack)["Status"] == "FAILED"
        assert cognito.raw(OTHER_POOL) == before[1]

    def move_once(self, stack):
        return stack.deliver(stack.event("Update", stack.properties(pool_id=OTHER_POOL), stack.properties()))

    def test_where_neither_pool_can_be_restored_both_are_named_with_what_finishes_it(self, stack, cognito, refused):
        stack.create()
        refused(POOL_ID)
        cognito.before_call = lambda _cognito, operation: (
            operation == "ListUserPoolReplicas" and refused(POOL_ID, OTHER_POOL)  # the new pool is attached by then
        )

        moved = self.move(stack)

        assert f"User pool {POOL_ID} could not be restored" in moved["Reason"]
        assert f"Nor could user pool {OTHER_POOL}, which carries the redirect now" in moved["Reason"]
        assert moved["Reason"].endswith(f"sms-redirect detach --user-pool-id {OTHER_POOL} --region {REGION}")

    def test_what_finishes_it_is_never_cut_off(self, stack, cognito, refused):
        stack.create()
        cognito.before_call = lambda _cognito, operation: (
            operation == "ListUserPoolReplicas" and refused(POOL_ID, OTHER_POOL, message="very long " * 100)
        )

        reason = self.move(stack)["Reason"]

        assert len(reason) <= 900
        assert reason.endswith(f"sms-redirect detach --user-pool-id {OTHER_POOL} --region {REGION}")

    def test_a_rollback_for_something_else_moves_back(self, stack, cognito, before):
        """The move succeeded, and another resource of the stack did not."""
        stack.create()
        attached = cognito.raw(POOL_ID)
        self.move(stack)

        rolled_back = self.roll_back(stack)

        assert rolled_back["Status"] == "SUCCESS"
        assert rolled_back["PhysicalResourceId"] == f"sms-redirect:{POOL_ID}"
        assert (cognito.raw(POOL_ID), cognito.raw(OTHER_POOL)) == (attached, before[1])

    def test_a_rollback_does_not_fail_for_the_pool_that_it_takes_back(self, stack, cognito, refused):
        """CloudFormation rolls back an update of which it heard nothing, although the new pool was attached."""
        stack.create()
        self.move_once(stack)
        refused(OTHER_POOL)

        rolled_back = self.roll_back(stack)

        assert rolled_back["Status"] == "SUCCESS"
        assert "CustomSMSSender" in cognito.pools[POOL_ID]["LambdaConfig"]
        assert f"User pool {OTHER_POOL} could not be restored" in rolled_back["Reason"]
        assert f"sms-redirect detach --user-pool-id {OTHER_POOL}" in rolled_back["Reason"]


def test_nothing_but_the_update_stands_between_the_reading_and_the_update(stack, cognito):
    """Cognito has no versions: what an owner changes in between is lost."""
    stack.create()
    stack.delete()

    updates = [index for index, call in enumerate(cognito.calls) if call == "UpdateUserPool"]
    assert [cognito.calls[index - 1] for index in updates] == ["DescribeUserPool"] * 2
    assert [cognito.calls[index - 2] for index in updates] == ["GetUserPoolMfaConfig"] * 2


def test_the_pool_is_looked_at_at_once_and_again_seconds_later(stack, cognito):
    moments = []
    cognito.before_call = lambda _cognito, operation: moments.append((operation, stack.time.seconds))

    stack.create()

    updated = moments.index(("UpdateUserPool", 0.0))
    assert [each for each in moments[updated:] if each[0] == "DescribeUserPool"] == [
        ("DescribeUserPool", 0.0),
        ("DescribeUserPool", 3.0),
    ]


@pytest.fixture
def with_the_update(cognito, monkeypatch):
    """Lets something happen to the pool with the first update."""

    def with_the_update(effect):
        update, updates = cognito._update_user_pool, []

        def updating(body):
            update(body)
            updates.append(body)
            if len(updates) == 1:
                effect(cognito.pools[POOL_ID])
            return {}

        monkeypatch.setattr(cognito, "_update_user_pool", updating)

    return with_the_update


def test_a_setting_that_changes_with_the_update_is_named_with_its_value_and_not_overwritten(
    stack, cognito, with_the_update
):
    """Nobody can tell whether Cognito did that or the owner, in the same moment."""
    cognito.pools[POOL_ID]["Policies"] = {"PasswordPolicy": {"MinimumLength": 14}}
    before = cognito.raw(POOL_ID)
    with_the_update(lambda pool: pool["Policies"]["PasswordPolicy"].update(MinimumLength=8))

    answer = stack.create()

    assert answer["Status"] == "FAILED"
    assert "differ: Policies.PasswordPolicy.MinimumLength (was 14, is 8)" in answer["Reason"]
    assert "The redirect was taken back" in answer["Reason"]
    assert "left as it is: Policies.PasswordPolicy.MinimumLength (was 14, is 8)" in answer["Reason"]
    before["UserPool"]["Policies"]["PasswordPolicy"]["MinimumLength"] = 8
    assert cognito.raw(POOL_ID) == before


def test_an_update_that_landed_without_a_response_is_compared_too(stack, cognito, with_the_update):
    before = cognito.raw(POOL_ID)

    def silently(pool):
        pool["DeletionProtection"] = "ACTIVE"
        raise AwsError("InternalErrorException", "no response", status=500)

    with_the_update(silently)

    answer = stack.create()

    assert answer["Status"] == "FAILED"
    assert "DeletionProtection (was INACTIVE, is ACTIVE)" in answer["Reason"]
    before["UserPool"]["DeletionProtection"] = "ACTIVE"
    assert cognito.raw(POOL_ID) == before


def test_what_update_user_pool_cannot_set_is_compared_too(stack, with_the_update):
    with_the_update(lambda pool: pool.update(Name="renamed"))

    assert "differ: Name (was pool, is renamed)." in stack.create()["Reason"]


def test_a_new_member_that_nobody_knows_is_a_difference(stack, with_the_update):
    with_the_update(lambda pool: pool.update(FutureSetting=1))

    assert "differ: FutureSetting (was unset, is new)." in stack.create()["Reason"]


def test_a_stale_reading_right_after_the_update_is_no_difference(stack, cognito, monkeypatch):
    describe, updated = cognito._describe_user_pool, []
    before = copy.deepcopy(cognito.pools[POOL_ID])

    def stale(body):
        if cognito.calls[-3:] == ["UpdateUserPool", "GetUserPoolMfaConfig", "DescribeUserPool"]:
            updated.append(True)
            return {"UserPool": before}
        return describe(body)

    monkeypatch.setattr(cognito, "_describe_user_pool", stale)

    assert stack.create()["Status"] == "SUCCESS"
    assert updated


def test_an_edit_seconds_later_stays_and_is_told(stack, cognito):
    """It can be nothing that the update did."""

    def edit(_cognito, _operation):
        if stack.time.seconds:
            cognito.pools[POOL_ID]["AutoVerifiedAttributes"] = ["email"]

    cognito.before_call = edit

    answer = stack.create()

    assert answer["Status"] == "SUCCESS"
    assert "Somebody else has just changed AutoVerifiedAttributes" in answer["Reason"]
    assert cognito.pools[POOL_ID]["AutoVerifiedAttributes"] == ["email"]


def test_a_delete_names_what_differs_and_leaves_the_redirect_off(stack, cognito, with_the_update):
    stack.create()
    with_the_update(lambda pool: pool.update(DeletionProtection="ACTIVE"))

    answer = stack.delete()

    assert answer["Status"] == "FAILED"
    assert "The redirect is off" in answer["Reason"]
    assert "DeletionProtection" in answer["Reason"]
    assert "sms-redirect detach" not in answer["Reason"], "nothing is left to finish"
    assert "CustomSMSSender" not in cognito.pools[POOL_ID]["LambdaConfig"]
    assert stack.delete()["Status"] == "SUCCESS"


SMS = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "theirs"}


class TestMfa:
    """MfaConfiguration is not sent. Should it be reset, it is put back."""

    def requests(self, cognito, operation):
        return [body for call, body in zip(cognito.calls, cognito.requests, strict=True) if call == operation]

    def test_it_is_never_sent_with_an_update(self, stack, cognito):
        """Beside SmsConfiguration it would switch SMS MFA on, for good, in a pool whose second factor is an app."""
        pool_id = f"{REGION}_AppOnly"
        pool = {"Id": pool_id, "Arn": POOL_ARN.replace(POOL_ID, pool_id), "MfaConfiguration": "OPTIONAL"}
        cognito.add(
            {**pool, "SmsConfiguration": SMS},
            {"SoftwareTokenMfaConfiguration": {"Enabled": True}, "AppOnly": True},
        )
        before = cognito.raw(pool_id)

        created, deleted = stack.create(pool_id=pool_id), stack.delete(pool_id=pool_id)

        assert created["Status"] == deleted["Status"] == "SUCCESS", (created, deleted)
        assert all("MfaConfiguration" not in body for body in self.requests(cognito, "UpdateUserPool"))
        assert cognito.raw(pool_id) == before

    def test_it_is_put_back_if_it_was_reset(self, stack, cognito):
        cognito.keeps_mfa = False
        cognito.pools[POOL_ID].update(MfaConfiguration="ON", SmsConfiguration=SMS)
        cognito.mfa[POOL_ID]["SoftwareTokenMfaConfiguration"] = {"Enabled": True}
        before = cognito.raw(POOL_ID)

        created = stack.create()
        attached = cognito.raw(POOL_ID)
        deleted = stack.delete()

        assert created["Status"] == deleted["Status"] == "SUCCESS", (created, deleted)
        assert "put back" in created["Reason"]
        assert attached["Mfa"] == before["Mfa"]
        assert cognito.raw(POOL_ID) == before

    def test_what_cannot_be_put_back_is_named_with_its_value(self, stack, cognito):
        cognito.keeps_mfa = False
        cognito.pools[POOL_ID]["MfaConfiguration"] = "OPTIONAL"
        cognito.fail_always("SetUserPoolMfaConfig", Fault.DENIED)

        reason = stack.create()["Reason"]

        assert "MFA MfaConfiguration (was OPTIONAL, is OFF)" in reason
        assert "could not be put back: SetUserPoolMfaConfig: AccessDeniedException" in reason
        assert "The redirect was taken back." in reason

    def test_an_owners_edit_of_it_is_no_reset_and_stays(self, stack, cognito, with_the_update):
        with_the_update(lambda pool: pool.update(MfaConfiguration="OPTIONAL"))

        reason = stack.create()["Reason"]

        assert "MFA MfaConfiguration (was OFF, is OPTIONAL)" in reason
        assert cognito.pools[POOL_ID]["MfaConfiguration"] == "OPTIONAL"
        assert "SetUserPoolMfaConfig" not in cognito.calls

    def test_it_is_put_back_also_where_the_attach_itself_is_taken_back(self, stack, cognito):
        cognito.keeps_mfa = False
        cognito.pools[POOL_ID]["MfaConfiguration"] = "OPTIONAL"
        before = cognito.raw(POOL_ID)
        fail_reading_for(stack, cognito, seconds=130)

        answer = stack.create()

        assert answer["Status"] == "FAILED"
        assert cognito.raw(POOL_ID) == before


def fail_reading_for(stack, cognito, seconds):
    """From the first update on, nobody can read the pool."""
    since = []

    def failing(_cognito, operation):
        if operation == "UpdateUserPool" and not since:
            since.append(stack.time.seconds)
        broken = since and stack.time.seconds < since[0] + seconds
        cognito.lasting = {"DescribeUserPool": Fault.THROTTLED} if broken else {}

    cognito.before_call = failing


class TestUndo:
    """A failed attach takes back what it did, from what is there by then."""

    def edit_when_throttled(self, stack, cognito, seconds, edit):
        """The owner edits while we cannot read the pool."""
        fail_reading_for(stack, cognito, seconds)
        failing, edited = cognito.before_call, []

        def editing(*call):
            failing(*call)
            if cognito.lasting and stack.time.seconds > 6 and not edited:
                edited.append(edit(cognito.pools[POOL_ID]))

        cognito.before_call = editing

    def test_an_owners_edit_after_our_update_is_kept(self, stack, cognito):
        before = cognito.raw(POOL_ID)
        self.edit_when_throttled(stack, cognito, 130, lambda pool: pool.update(AutoVerifiedAttributes=["email"]))

        answer = stack.create()

        assert answer["Status"] == "FAILED"
        assert "The redirect was taken back." in answer["Reason"]
        assert "left as it is: AutoVerifiedAttributes" in answer["Reason"]
        before["UserPool"]["AutoVerifiedAttributes"] = ["email"]
        assert cognito.raw(POOL_ID) == before

    def test_without_other_edits_the_pool_is_as_it_was_and_the_reason_says_so(self, stack, cognito):
        before = cognito.raw(POOL_ID)
        fail_reading_for(stack, cognito, seconds=130)

        answer = stack.create()

        assert "TooManyRequestsException" in answer["Reason"]
        assert "The pool is as it was." in answer["Reason"]
        assert cognito.raw(POOL_ID) == before

    def test_a_fault_that_does_not_end_leaves_a_reason_that_says_how_to_finish(self, stack, cognito):
        before = cognito.raw(POOL_ID)
        fail_reading_for(stack, cognito, seconds=10**6)

        answer = stack.create()
        cognito.lasting, cognito.before_call = {}, None
        deleted = stack.delete()

        assert answer["Status"] == "FAILED"
        assert "TooManyRequestsException" in answer["Reason"]
        assert "Undoing it failed, so the redirect may still be on the pool" in answer["Reason"]
        assert f"sms-redirect detach --user-pool-id {POOL_ID} --region eu-west-1" in answer["Reason"]
        assert "bug" not in answer["Reason"]
        assert deleted["Status"] == "SUCCESS"
        assert cognito.raw(POOL_ID) == before

    def test_the_owners_own_sender_comes_back_under_its_key(self, stack, cognito):
        theirs = {"LambdaVersion": "V1_0", "LambdaArn": function_arn("theirs")}
        cognito.pools[POOL_ID]["LambdaConfig"] = {"CustomSMSSender": theirs, "KMSKeyID": POOL_KEY}
        before = cognito.raw(POOL_ID)
        fail_reading_for(stack, cognito, seconds=130)

        stack.create(key=POOL_KEY)

        assert cognito.raw(POOL_ID) == before

    def test_an_email_sender_that_came_to_use_our_key_keeps_it(self, stack, cognito):
        email = {"LambdaVersion": "V1_0", "LambdaArn": function_arn("email")}
        self.edit_when_throttled(stack, cognito, 130, lambda pool: pool["LambdaConfig"].update(CustomEmailSender=email))

        answer = stack.create()

        assert cognito.pools[POOL_ID]["LambdaConfig"] == {"CustomEmailSender": email, "KMSKeyID": STACK_KEY}
        assert "Set another key" in answer["Reason"]

    def test_an_owner_who_pointed_the_trigger_elsewhere_keeps_that(self, stack, cognito):
        theirs = {"LambdaVersion": "V1_0", "LambdaArn": function_arn("theirs")}
        self.edit_when_throttled(stack, cognito, 130, lambda pool: pool["LambdaConfig"].update(CustomSMSSender=theirs))

        stack.create()

        assert cognito.pools[POOL_ID]["LambdaConfig"] == {"CustomSMSSender": theirs, "KMSKeyID": STACK_KEY}
        assert not TAGS & set(cognito.pools[POOL_ID].get("UserPoolTags", {}))

    def test_an_update_of_an_attached_pool_goes_back_to_the_function_of_before(self, stack, cognito):
        stack.create()
        before = cognito.raw(POOL_ID)
        fail_reading_for(stack, cognito, seconds=130)

        answer = stack.update(old=stack.properties(), sender="newer")

        assert answer["Status"] == "FAILED"
        assert cognito.raw(POOL_ID) == before

    def test_settings_that_came_meanwhile_and_that_nobody_knows_are_not_lost(self, stack, cognito):
        self.edit_when_throttled(stack, cognito, 130, lambda pool: pool.update(FutureSetting=1))

        answer = stack.create()

        assert cognito.pools[POOL_ID]["FutureSetting"] == 1
        assert "FutureSetting" in answer["Reason"]
        assert "sms-redirect detach" in answer["Reason"]

    def test_what_changes_while_it_is_taken_back_is_named_and_the_redirect_is_off(self, stack, cognito, monkeypatch):
        fail_reading_for(stack, cognito, seconds=130)
        update, updates = cognito._update_user_pool, []

        def hardening(body):
            update(body)
            updates.append(body)
            if len(updates) == 2:
                cognito.pools[POOL_ID]["DeletionProtection"] = "ACTIVE"
            return {}

        monkeypatch.setattr(cognito, "_update_user_pool", hardening)

        reason = stack.create()["Reason"]

        assert "The redirect was taken back. After the update these settings" in reason
        assert "DeletionProtection (was INACTIVE, is ACTIVE)" in reason
        assert "sms-redirect detach" not in reason

    def test_a_pool_that_is_deleted_meanwhile_is_no_bug(self, stack, cognito):
        self.edit_when_throttled(stack, cognito, 130, lambda _: cognito.pools.clear())

        assert "The pool is gone." in stack.create()["Reason"]

    def test_an_update_that_never_landed_leaves_nothing_but_a_claim_which_goes(self, stack, cognito):
        before = cognito.raw(POOL_ID)
        cognito.fail_always("UpdateUserPool", Fault.READ_TIMEOUT_BEFORE)

        answer = stack.create()

        assert answer["Status"] == "FAILED"
        assert "The pool is as it was." in answer["Reason"]
        assert cognito.raw(POOL_ID) == before

    def test_an_update_that_lands_late_is_taken_back_too(self, stack, cognito, monkeypatch):
        """The client timed out, the service went on."""
        before, update, late = cognito.raw(POOL_ID), cognito._update_user_pool, []

        def timing_out(body):
            late.append(body)
            raise AwsError("InternalErrorException", "no response", status=500)

        monkeypatch.setattr(cognito, "_update_user_pool", timing_out)

        def landing(_cognito, _operation):
            if late and stack.time.seconds > 121:
                monkeypatch.setattr(cognito, "_update_user_pool", update)
                update(late[-1])
                late.clear()

        cognito.before_call = landing

        answer = stack.create()

        assert answer["Status"] == "FAILED"
        assert cognito.raw(POOL_ID) == before

    def test_what_a_stale_write_puts_back_during_the_undo_is_taken_off_again(self, stack, cognito):
        """Somebody's tool read the pool while it was attached, and wrote after the undo."""
        before, seen = cognito.raw(POOL_ID), {}
        fail_reading_for(stack, cognito, seconds=130)
        failing = cognito.before_call

        def writing_back(cognito, operation):
            failing(cognito, operation)
            updates = cognito.calls.count("UpdateUserPool") - (operation == "UpdateUserPool")
            if updates == 1:
                seen.setdefault("attached", copy.deepcopy(cognito.pools[POOL_ID]))
            elif updates == 2 and stack.time.seconds >= seen.setdefault("undone", stack.time.seconds) + 3:
                cognito.pools[POOL_ID] = seen.pop("attached", cognito.pools[POOL_ID])

        cognito.before_call = writing_back

        answer = stack.create()

        assert "attached" not in seen
        assert answer["Status"] == "FAILED"
        assert "The redirect was taken back." in answer["Reason"]
        assert cognito.raw(POOL_ID) == before

    def test_tags_that_an_update_does_not_take_off_are_taken_off(self, stack, cognito):
        cognito.merge_tags = True
        fail_reading_for(stack, cognito, seconds=130)

        answer = stack.create()

        assert answer["Status"] == "FAILED"
        assert not cognito.pools[POOL_ID].get("UserPoolTags")


class TestTwoStacks:
    """A pool takes one redirect; a stack whose redirect is overwritten does not say that it succeeded."""

    @pytest.fixture
    def other(self, cognito):
        return FakeStack(cognito, arn=STACK_ARN.replace("/redirect/", "/other/"), sender="other")

    def at(self, cognito, operation, number, action):
        """Before the given call, from 1, do something: once."""
        seen = []

        def act(_cognito, called):
            seen.append(called)
            if seen.count(operation) == number and called == operation:
                seen.extend([operation] * 100)
                action()

        cognito.before_call = act

    @pytest.mark.parametrize(
        ("operation", "number"),
        [
            *(("DescribeUserPool", number) for number in range(1, 7)),
            *(("GetUserPoolMfaConfig", number) for number in range(1, 4)),
            *(("TagResource", 1), ("UpdateUserPool", 1), ("DescribeKey", 1)),
        ],
    )
    def test_whenever_the_other_one_comes_exactly_one_is_on_the_pool_and_says_so(
        self, stack, cognito, other, operation, number
    ):
        before, answers = cognito.raw(POOL_ID), {}
        self.at(cognito, operation, number, lambda: answers.update(other=other.create(sender="other")))

        answers["stack"] = stack.create()

        succeeded = [name for name, answer in answers.items() if answer["Status"] == "SUCCESS"]
        assert len(succeeded) == 1, answers
        on_the_pool = cognito.pools[POOL_ID]["LambdaConfig"]["CustomSMSSender"]["LambdaArn"]
        assert on_the_pool == function_arn({"stack": "redirect", "other": "other"}[succeeded[0]])
        stack.delete()
        other.delete(sender="other")
        assert cognito.raw(POOL_ID) == before

    @pytest.mark.parametrize(("times", "status"), [(2, "SUCCESS"), (3, "FAILED")])
    def test_a_claim_that_others_overwrite_is_made_three_times(self, stack, cognito, times, status):
        """Their tool writes the tags that it knows."""
        before, taken = cognito.raw(POOL_ID), []

        def take(_cognito, operation):
            if operation == "DescribeUserPool" and cognito.pools[POOL_ID].get("UserPoolTags") and len(taken) < times:
                taken.append(cognito.pools[POOL_ID].pop("UserPoolTags"))

        cognito.before_call = take

        answer = stack.create()

        assert answer["Status"] == status
        assert len(taken) == times
        if status == "FAILED":
            assert "keeps taking the tag sms-redirect:attaching off" in answer["Reason"]
            assert cognito.raw(POOL_ID) == before

    def test_two_updates_of_one_reading_end_in_one_success(self, stack, cognito, other, monkeypatch):
        """Both have read the pool; the other one's update overwrites ours."""
        before, update, updates = cognito.raw(POOL_ID), cognito._update_user_pool, []

        def overwritten(body):
            update(body)
            updates.append(body)
            if len(updates) == 1:
                theirs = copy.deepcopy(body)
                theirs["LambdaConfig"]["CustomSMSSender"]["LambdaArn"] = function_arn("other")
                theirs["UserPoolTags"].update({STACK: other.arn, SENDER: function_arn("other")})
                cognito.before_call = lambda *_: (
                    stack.time.seconds
                    and (
                        setattr(cognito, "before_call", None),
                        update(theirs),
                    )
                )
            return {}

        monkeypatch.setattr(cognito, "_update_user_pool", overwritten)

        answer = stack.create()

        assert answer["Status"] == "FAILED"
        assert other.arn in answer["Reason"]
        assert cognito.pools[POOL_ID]["LambdaConfig"]["CustomSMSSender"]["LambdaArn"] == function_arn("other")
        assert stack.delete()["Status"] == "SUCCESS"
        assert other.delete(sender="other")["Status"] == "SUCCESS"
        assert cognito.raw(POOL_ID) == before

    def test_a_delete_that_fails_does_not_come_back_over_the_other_one(self, stack, cognito, other):
        stack.create()
        fail_reading_for(stack, cognito, seconds=10**6)
        assert stack.delete()["Status"] == "FAILED"
        cognito.lasting, cognito.before_call = {}, None

        assert other.create(sender="other")["Status"] == "SUCCESS"
        assert stack.delete()["Status"] == "SUCCESS"
        assert cognito.pools[POOL_ID]["LambdaConfig"]["CustomSMSSender"]["LambdaArn"] == function_arn("other")


def test_a_redirect_that_a_stale_write_of_the_owners_put_back_is_taken_off_again(stack, cognito):
    """Their tool read the pool before our detach and wrote after it."""
    before = cognito.raw(POOL_ID)
    stack.create()
    attached, written = copy.deepcopy(cognito.pools[POOL_ID]), []

    def write_back(_cognito, operation):
        if (
            cognito.calls[-3:-1] == ["GetUserPoolMfaConfig", "DescribeUserPool"]
            and not written
            and stack.time.seconds > 3
        ):
            written.append(True)
            cognito.pools[POOL_ID] = attached

    cognito.before_call = write_back

    answer = stack.delete()

    assert written
    assert answer["Status"] == "SUCCESS"
    assert cognito.raw(POOL_ID) == before


def test_an_owner_who_takes_the_redirect_off_while_it_is_put_on_wins(stack, cognito):
    before = cognito.raw(POOL_ID)

    def take_off(_cognito, _operation):
        if stack.time.seconds:
            cognito.pools[POOL_ID].update(before["UserPool"])
            cognito.pools[POOL_ID].pop("UserPoolTags", None)

    cognito.before_call = take_off

    answer = stack.create()

    assert answer["Status"] == "FAILED"
    assert "Somebody else changed user pool" in answer["Reason"]
    assert cognito.raw(POOL_ID) == before


def test_other_regions_of_the_pool_are_named(stack, cognito):
    cognito.replicas = {"us-east-1": "ACTIVE"}

    assert "Not covered: the pool's replicas in us-east-1 (ACTIVE)" in stack.create()["Reason"]


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

    def fail(code, times=10**6, message="not now"):
        update, left = cognito._update_user_pool, [times]

        def failing(body):
            left[0] -= 1
            if left[0] < 0:
                return update(body)
            raise AwsError(code, message)

        monkeypatch.setattr(cognito, "_update_user_pool", failing)

    return fail


PASSES = [
    "AccessDeniedException",
    "ConcurrentModificationException",
    "TooManyRequestsException",
    "InvalidSmsRoleTrustRelationshipException",
    "InvalidSmsRoleAccessPolicyException",
]


@pytest.mark.parametrize("code", PASSES)
def test_what_passes_within_two_minutes_is_waited_for(stack, fail_updates, code):
    fail_updates(code, times=10)

    assert stack.create()["Status"] == "SUCCESS"


def test_a_denial_is_known_by_iams_words_too_whatever_the_code(stack, fail_updates):
    denial = (
        "User: arn:aws:sts::123456789012:assumed-role/a/b is not authorized to perform: kms:CreateGrant on resource"
    )
    fail_updates("InvalidParameterException", times=10, message=denial)

    assert stack.create()["Status"] == "SUCCESS"


@pytest.mark.parametrize("code", PASSES)
def test_what_does_not_pass_is_given_up_after_two_minutes(stack, cognito, fail_updates, code):
    before = cognito.raw(POOL_ID)
    fail_updates(code)

    answer = stack.create()

    assert code in answer["Reason"]
    assert 100 < stack.time.seconds <= 125
    assert cognito.raw(POOL_ID) == before


@pytest.mark.parametrize(
    "operation",
    ["DescribeUserPool", "DescribeKey", "GetUserPoolMfaConfig", "TagResource", "UpdateUserPool"],
)
def test_a_permission_that_has_not_spread_yet_is_waited_for_at_any_call(stack, cognito, operation):
    cognito.before_call = lambda *_: setattr(
        cognito, "lasting", {operation: Fault.DENIED} if stack.time.seconds < 60 else {}
    )

    assert stack.create()["Status"] == "SUCCESS"


def test_a_permission_that_has_not_spread_yet_is_waited_for_on_the_way_back(stack, cognito):
    before = cognito.raw(POOL_ID)
    stack.create()
    start = stack.time.seconds
    cognito.before_call = lambda *_: setattr(
        cognito, "lasting", {"UpdateUserPool": Fault.DENIED} if stack.time.seconds < start + 60 else {}
    )

    assert stack.delete()["Status"] == "SUCCESS"
    assert cognito.raw(POOL_ID) == before


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AccessDeniedException", "not authorized, with an explicit deny in a service control policy"),
        ("InvalidParameterException", "KMS key is pending deletion"),
        ("InvalidEmailRoleAccessPolicyException", "no"),
        ("FeatureUnavailableInTierException", "no"),
    ],
)
@pytest.mark.parametrize("request_type", ["Create", "Delete"])
def test_what_will_not_pass_is_said_within_seconds(stack, cognito, monkeypatch, request_type, code, message):
    if request_type == "Delete":
        stack.create()
    start = stack.time.seconds

    def refused(_body):
        raise AwsError(code, message)

    monkeypatch.setattr(cognito, "_update_user_pool", refused)
    answer = stack.create() if request_type == "Create" else stack.delete()

    assert answer["Status"] == "FAILED"
    assert code in answer["Reason"]
    assert stack.time.seconds == start, "not tried again"


def test_a_delete_with_a_broken_sms_role_says_within_seconds_which_role_and_what_finishes_the_job(stack, cognito):
    role = "arn:aws:iam::123456789012:role/sms"
    cognito.pools[POOL_ID]["SmsConfiguration"] = {"SnsCallerArn": role, "ExternalId": "theirs"}
    stack.create()
    attached, start = cognito.raw(POOL_ID), stack.time.seconds
    cognito.fail_always("UpdateUserPool", Fault.ROLE_NOT_PROPAGATED)

    answer = stack.delete()

    assert answer["Status"] == "FAILED"
    assert stack.time.seconds - start <= 15
    assert f"Cognito cannot use {role}" in answer["Reason"]
    assert answer["Reason"].endswith(f"sms-redirect detach --user-pool-id {POOL_ID} --region eu-west-1")
    assert cognito.raw(POOL_ID) == attached


def test_no_retry_goes_beyond_the_functions_own_time(stack, fail_updates):
    fail_updates("ConcurrentModificationException")

    answer = stack.deliver(stack.event("Create", stack.properties()), Context(milliseconds=20_000))

    assert answer["Status"] == "FAILED"
    assert stack.time.seconds <= 20


def test_a_hanging_call_gets_a_response_before_the_function_dies_and_the_function_returns(stack, cognito):
    """Returning matters: Lambda would deliver the request of a function that timed out again."""
    hanging = threading.Event()
    cognito.before_call = lambda *_: hanging.wait(30)

    answer = stack.deliver(stack.event("Create", stack.properties()), Context(milliseconds=200))

    assert answer["Status"] == "FAILED"
    assert "out of time" in answer["Reason"]
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_hangs_leaves_time_for_every_attempt_to_respond(stack, monkeypatch):
    """Five PUTs of 5 s each, and the waits between them: 28 s."""
    seconds = []
    monkeypatch.setattr(handler_module, "alarm", lambda left: seconds.append(left) or contextlib.nullcontext())

    stack.deliver(stack.event("Create", stack.properties()), Context(milliseconds=420_000))

    assert seconds == [385.0]


@pytest.mark.parametrize(
    ("milliseconds", "left", "undo"),
    [(420_000, 385, 160), (320_000, 285, 142.5), (140_000, 105, 52.5), (100_000, 75, 37.5), (None, 385, 160)],
)
def test_the_time_is_shared_between_the_work_its_undo_and_the_response(stack, monkeypatch, milliseconds, left, undo):
    timings = []
    monkeypatch.setattr(handler_module, "attach_pool", lambda _request, _aws, timing: timings.append(timing) or OUTCOME)
    stack.time.seconds = 1000.0

    stack.deliver(stack.event("Create", stack.properties()), Context(milliseconds) if milliseconds else object())

    [timing] = timings
    assert (timing.end, timing.undo) == (1000 + left, undo)
    assert (timing.to_attach().end, timing.to_detach().end) == (1000 + left - undo, 1000 + left)


@pytest.mark.parametrize(("milliseconds", "left"), [(420_000, 385), (140_000, 105), (100_000, 75), (None, 385)])
def test_a_look_of_the_watch_keeps_some_of_its_time(stack, monkeypatch, milliseconds, left):
    timings = []

    class Run:
        def __init__(self, _watched, _aws, _channel, timing):
            timings.append(timing)

        def carry_out(self):
            return {"well": True}

    names = {"USER_POOL_ID": POOL_ID, "KMS_KEY_ARN": STACK_KEY, "TOPIC_ARN": "arn", "FAILURE_QUEUE_URL": "url"}
    monkeypatch.setattr(handler_module, "Run", Run)
    monkeypatch.setattr(handler_module, "Clock", stack.time.clock)
    for connected in (handler_module.Aws, handler_module.Channel):
        monkeypatch.setattr(connected, "connect", lambda *_: io.BytesIO())  # something that can be closed
    stack.time.seconds = 1000.0

    assert look(Context(milliseconds) if milliseconds else object(), stack.environment() | names) == {"well": True}
    assert [(each.end, each.undo) for each in timings] == [(1000 + left, 0)]


@pytest.mark.parametrize("seconds", [0, -5])
def test_no_time_at_all_is_no_reason_to_go_on_without_an_end(seconds):
    with pytest.raises(OutOfTimeError), alarm(seconds):
        threading.Event().wait(0.5)


def test_nothing_is_left_that_goes_off_in_the_next_invocation(stack):
    handler_before = signal.getsignal(signal.SIGALRM)

    stack.create()

    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is handler_before


def test_a_bug_gets_a_response_and_its_details_stay_in_the_log(stack, caplog, monkeypatch):
    def bug(*_args):
        raise KeyError("surprise")

    monkeypatch.setattr(handler_module, "attach_pool", bug)

    answer = stack.create()

    assert answer["Status"] == "FAILED"
    assert "KeyError" in answer["Reason"]
    assert "surprise" not in answer["Reason"]
    assert "surprise" in caplog.text


def test_the_response_url_is_in_no_log(stack, cognito, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(handler_module, "attach_pool", lambda *_: (_ for _ in ()).throw(ValueError("bug")))
    stack.create()
    monkeypatch.undo()
    stack.create()
    cognito.pools.clear()
    stack.create()

    logged = caplog.text + json.dumps([repr(record.__dict__) for record in caplog.records])
    assert "topsecret" not in logged


def test_a_request_that_nobody_waits_for_is_an_error(stack, monkeypatch):
    for name, value in stack.environment().items():
        monkeypatch.setenv(name, value)

    with pytest.raises(UnreadableRequestError):
        handler({}, Context())


def test_a_function_without_its_environment_serves_nobody(stack):
    with pytest.raises(NotServedError):
        handler(stack.event("Create", stack.properties()), Context())


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
def test_a_forged_request_is_refused_and_logged_and_changes_nothing(stack, cognito, caplog, kind):
    stack.create()
    attached = cognito.raw(POOL_ID)
    event = stack.event(kind, stack.properties(), StackId=STACK_ARN.replace("/redirect/", "/forged/"))

    answer = stack.deliver(event)

    assert answer["Status"] == "FAILED"
    assert "serves" in answer["Reason"]
    assert "sms-redirect detach" not in answer["Reason"]
    assert [record.message for record in caplog.records if record.levelname == "WARNING"] == ["refused"]
    assert cognito.raw(POOL_ID) == attached


def test_a_forged_delete_cannot_pass_the_owners_sender_off_as_ours(stack, cognito):
    theirs = {"LambdaVersion": "V1_0", "LambdaArn": function_arn("theirs")}
    cognito.pools[POOL_ID]["LambdaConfig"] = {"CustomSMSSender": theirs, "KMSKeyID": POOL_KEY}
    before = cognito.raw(POOL_ID)

    answer = stack.delete(sender="theirs", key=POOL_KEY)

    assert answer["Status"] == "FAILED"
    assert cognito.raw(POOL_ID) == before


def test_it_works_without_lambdas_context(stack):
    serve(
        stack.event("Create", stack.properties()),
        None,
        connect=stack.connect,
        clock=stack.time.clock(),
        put=stack._put,
        environment=stack.environment(),
    )

    assert stack.answers[-1]["Status"] == "SUCCESS"


def test_a_denied_delete_fails_with_a_hint_and_works_when_repeated(stack, cognito):
    before = cognito.raw(POOL_ID)
    stack.create()
    cognito.fail_always("UpdateUserPool", Fault.DENIED)

    denied = stack.delete()
    cognito.lasting.clear()
    repeated = stack.delete()

    assert denied["Status"] == "FAILED"
    assert "role" in denied["Reason"]
    assert denied["Reason"].endswith(f"sms-redirect detach --user-pool-id {POOL_ID} --region eu-west-1")
    assert repeated["Status"] == "SUCCESS"
    assert cognito.raw(POOL_ID) == before


def test_a_delete_with_nothing_to_restore_needs_no_look_at_the_mfa_settings(stack, cognito):
    """A role without that right must not turn a rolled back create into a stack that cannot be deleted."""
    answer = stack.delete()

    assert answer["Status"] == "SUCCESS"
    assert "GetUserPoolMfaConfig" not in cognito.calls
