"""Stacks get stuck in the sandbox as they do in AWS: what fails to be deleted, and what a failed stack refuses."""

import pytest
from botocore.exceptions import ClientError

from custom_resource_probe import Probe

pytestmark = pytest.mark.usefixtures("iam_at_once")

GAVE_UP = "Update successful. One or more resources could not be deleted."


@pytest.fixture
def probe(session, tmp_path):
    return Probe.prepared(session, tmp_path)


@pytest.fixture
def kind(sandbox, monkeypatch):
    """Only the switches that are on without `--harsh`."""
    monkeypatch.setattr(sandbox.harshness, "deletes", False)
    monkeypatch.setattr(sandbox.harshness, "cleanup", False)


# ---- a resource that cannot be deleted ----


def test_what_an_undeletable_resource_needs_goes_all_the_same(probe):
    probe.create({"Thing": "a", "Other": "b"})
    probe.tell({"Delete a": "fail"})

    first = probe.delete()
    left = probe.resources()

    assert first == "DELETE_FAILED"
    assert left == {"Thing": "DELETE_FAILED"}
    assert probe.reasons("DELETE_FAILED")[-1] == "The following resource(s) failed to delete: [Thing]."


def test_without_its_function_it_cannot_be_deleted_again_only_left(probe):
    probe.create({"Thing": "a"})
    probe.tell({"Delete a": "fail"})
    probe.delete()
    probe.tell({})

    second = probe.delete()
    third = probe.delete(RetainResources=["Thing"])

    assert second == "DELETE_FAILED"
    assert third == "DELETE_COMPLETE"
    assert probe.asked() == [("Create", "a"), ("Delete", "a")]


def test_a_rollback_goes_on_as_well(probe):
    probe.tell({"Create a": "fail", "Delete a": "fail"})

    status = probe.create({"Thing": "a"})

    assert status == "ROLLBACK_FAILED"
    assert probe.resources() == {"Thing": "DELETE_FAILED"}


def test_the_functions_words_stand_in_cloudformations(probe):
    probe.tell({"Create a": "fail"})

    probe.create({"Thing": "a"})

    (reason,) = (each for each in probe.reasons("CREATE_FAILED") if "told to" in each)
    assert reason.startswith(
        "Received response status [FAILED] from custom resource. Message returned: told to (RequestId: "
    )


def test_what_an_undeletable_resource_needs_stays_until_deleting_again_works_in_kind_mode(kind, probe):
    probe.create({"Thing": "a", "Other": "b"})
    probe.tell({"Delete a": "fail"})

    first = probe.delete()
    left = probe.resources()
    probe.tell({})
    second = probe.delete()

    assert first == "DELETE_FAILED"
    assert left == {
        "Thing": "DELETE_FAILED",
        "Role": "CREATE_COMPLETE",
        "Policy": "CREATE_COMPLETE",
        "Function": "CREATE_COMPLETE",
    }
    assert second == "DELETE_COMPLETE"
    assert probe.asked()[-3:] == [("Delete", "b"), ("Delete", "a"), ("Delete", "a")]


def test_a_rollback_that_cannot_delete_keeps_what_is_needed_to_delete_the_stack_later_in_kind_mode(kind, probe):
    probe.tell({"Create a": "fail", "Delete a": "fail"})

    first = probe.create({"Thing": "a"})
    left = set(probe.resources())
    probe.tell({})
    second = probe.delete()

    assert first == "ROLLBACK_FAILED"
    assert left == {"Thing", "Role", "Policy", "Function"}
    assert second == "DELETE_COMPLETE"
    assert probe.asked() == [("Create", "a"), ("Delete", "a"), ("Delete", "a")]


# ---- the clean-up after an update ----


def test_the_clean_up_has_a_status_of_its_own(probe):
    probe.create({"Thing": "a"})

    probe.update({"Thing": "b"})

    events = probe.events()
    start, end = events.index(("stack", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")), len(events) - 1
    assert events[end] == ("stack", "UPDATE_COMPLETE")
    assert events[start + 1 : end] == [("Thing", "DELETE_IN_PROGRESS"), ("Thing", "DELETE_COMPLETE")]


def test_what_was_replaced_and_cannot_be_deleted_is_left_behind_after_three_tries(probe):
    probe.create({"Thing": "a"})
    probe.tell({"Delete a": "fail"})

    status = probe.update({"Thing": "b"})

    assert status == "UPDATE_COMPLETE"
    assert probe.asked()[2:] == [("Delete", "a")] * 3
    assert len(probe.reasons("DELETE_FAILED")) == 3
    assert probe.reasons("UPDATE_COMPLETE")[-1] == GAVE_UP
    probe.tell({})
    assert probe.delete() == "DELETE_COMPLETE"
    assert probe.asked()[5:] == [("Delete", "b")], "nobody ever deletes the first one"


def test_what_was_removed_and_cannot_be_deleted_is_left_behind_too(probe):
    probe.create({"Thing": "a", "Other": "b"})
    probe.tell({"Delete b": "fail"})

    status = probe.update({"Thing": "a"})

    assert status == "UPDATE_COMPLETE"
    assert "Other" not in probe.resources()
    assert probe.reasons("UPDATE_COMPLETE")[-1] == GAVE_UP


def test_a_clean_up_that_works_the_third_time_leaves_nothing(probe):
    probe.create({"Thing": "a"})
    probe.tell({"Delete a": "fail twice"})

    probe.update({"Thing": "b"})

    assert probe.asked()[2:] == [("Delete", "a")] * 3
    assert probe.reasons("UPDATE_COMPLETE")[-1] == ""


def test_in_kind_mode_there_is_one_try_and_what_was_removed_stays_in_the_stack(kind, probe):
    probe.create({"Thing": "a", "Other": "b"})
    probe.tell({"Delete b": "fail"})

    status = probe.update({"Thing": "a"})
    left = probe.resources()["Other"]
    probe.tell({})

    assert (status, left) == ("UPDATE_COMPLETE", "DELETE_FAILED")
    assert probe.delete() == "DELETE_COMPLETE"
    assert probe.asked()[2:] == [("Delete", "b"), ("Delete", "b"), ("Delete", "a")]


# ---- a stack that was rolled back ----


@pytest.fixture
def rolled_back(probe):
    probe.tell({"Create a": "fail"})
    assert probe.create({"Thing": "a"}) == "ROLLBACK_COMPLETE"
    probe.tell({})
    return probe


def test_a_stack_that_was_rolled_back_cannot_be_updated(rolled_back):
    stack_id = rolled_back.cloudformation.describe_stacks(StackName=rolled_back.stack)["Stacks"][0]["StackId"]

    for attempt in (rolled_back.update, rolled_back.change_set):
        with pytest.raises(ClientError) as refused:
            attempt({"Thing": "a"}, text="second")
        error = refused.value.response["Error"]
        assert error["Code"] == "ValidationError"
        assert error["Message"] == f"Stack:{stack_id} is in ROLLBACK_COMPLETE state and can not be updated."


def test_nor_can_it_be_created_again(rolled_back):
    with pytest.raises(ClientError, match="AlreadyExistsException"):
        rolled_back.create({"Thing": "a"})
    with pytest.raises(ClientError, match="already exists and cannot be created again"):
        rolled_back.change_set({"Thing": "a"}, kind="CREATE")


def test_it_can_be_deleted_and_then_created_again(rolled_back):
    assert rolled_back.delete() == "DELETE_COMPLETE"
    assert rolled_back.create({"Thing": "a"}) == "CREATE_COMPLETE"


def test_with_the_switch_off_it_may_be_created_again_at_once(rolled_back, sandbox, monkeypatch):
    monkeypatch.setattr(sandbox.harshness, "rollback", False)

    assert rolled_back.create({"Thing": "a"}) == "CREATE_COMPLETE"


# ---- what has not changed ----


def test_a_custom_resource_whose_properties_did_not_change_is_not_called(probe):
    probe.create({"Thing": "a"}, text="first")

    probe.update({"Thing": "a"}, text="second")

    assert probe.asked() == [("Create", "a")]


def test_the_same_again_is_no_update_and_an_empty_change_set(probe):
    probe.create({"Thing": "a"})

    made, changes = probe.change_set({"Thing": "a"})

    assert changes == {}
    assert (made["Status"], made["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert made["StatusReason"].startswith("The submitted information didn't contain changes.")
    with pytest.raises(ClientError, match="No updates are to be performed"):
        probe.update({"Thing": "a"})


def test_a_change_set_lists_no_resource_whose_condition_is_false(probe):
    _, with_it = probe.change_set({"Thing": "a", "OnSecond": "b"}, text="second", kind="CREATE")
    _, without = probe.change_set({"Thing": "a", "OnSecond": "b"}, text="first", kind="CREATE")

    assert set(with_it) - set(without) == {"OnSecond"}


def test_a_change_set_shows_a_condition_that_changed_as_an_addition_or_a_removal(probe):
    probe.create({"Thing": "a", "OnSecond": "b"}, text="second")

    _, changes = probe.change_set({"Thing": "a", "OnSecond": "b"}, text="first")

    assert changes["OnSecond"] == "Remove"
    assert "Thing" not in changes
