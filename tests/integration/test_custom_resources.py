"""Custom resources live through failures in the sandbox as they do in CloudFormation."""

import re

import pytest

from custom_resource_probe import Probe

pytestmark = pytest.mark.usefixtures("iam_at_once")


@pytest.fixture
def probe(session, tmp_path):
    return Probe.prepared(session, tmp_path)


def test_a_failed_create_is_followed_by_a_delete_with_the_id_of_the_failed_response(probe):
    probe.tell({"Create a": "fail"})

    status = probe.create({"Thing": "a"})

    assert status == "ROLLBACK_COMPLETE"
    assert probe.asked() == [("Create", "a"), ("Delete", "a")]
    assert probe.requests()[1]["physical_id"] == "thing-a"


def test_a_failed_response_without_an_id_is_followed_by_a_delete_with_a_made_up_one(probe):
    probe.tell({"Create a": "fail without an id"})

    probe.create({"Thing": "a"})

    assert re.fullmatch(rf"{probe.stack}-Thing-[A-Z0-9]{{12}}", probe.requests()[1]["physical_id"])


def test_a_create_that_never_gets_a_response_is_followed_by_a_delete(probe):
    probe.tell({"Create silent": "stay silent"})

    status = probe.create({"Thing": "silent"})

    assert status == "ROLLBACK_COMPLETE"
    assert probe.asked() == [("Create", "silent"), ("Delete", "silent")]


def test_a_resource_whose_create_fails_in_an_update_is_deleted_and_the_others_stay(probe):
    probe.create({"Thing": "a"})
    probe.tell({"Create b": "fail"})

    status = probe.update({"Thing": "a", "Other": "b"})

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert probe.asked() == [("Create", "a"), ("Create", "b"), ("Delete", "b")]
    assert "Other" not in probe.resources()


def test_what_was_created_before_the_failure_is_deleted_after_what_failed(probe):
    probe.tell({"Create b": "fail"})

    probe.create({"Thing": "a", "Other": "b"})

    assert probe.asked() == [("Create", "a"), ("Create", "b"), ("Delete", "b"), ("Delete", "a")]


def test_a_failed_update_is_followed_by_an_update_back(probe):
    probe.create({"Thing": "a"})
    probe.tell({"Update b": "fail"})

    status = probe.update({"Thing": "b"})

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    back = probe.requests()[-1]
    assert (back["request"], back["name"], back["old"], back["physical_id"]) == ("Update", "a", "b", "thing-a")


def test_a_replacement_that_is_rolled_back_deletes_the_new_one_only(probe):
    probe.create({"Thing": "a"})
    probe.tell({"Create c": "fail"})

    status = probe.update({"Thing": "b", "Other": "c"})

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert probe.asked() == [("Create", "a"), ("Update", "b"), ("Create", "c"), ("Delete", "c"), ("Delete", "b")]


def test_the_replaced_one_is_deleted_before_the_replaced_policy_that_it_needs(probe):
    probe.tell({"look": True})
    probe.create({"Thing": "a"}, text="first")

    status = probe.update({"Thing": "b"}, text="second")

    assert status == "UPDATE_COMPLETE"
    assert probe.asked() == [("Create", "a"), ("Update", "b"), ("Delete", "a")]
    assert [len(request["policies"]) for request in probe.requests()] == [1, 2, 2]


def test_the_removed_one_is_deleted_before_the_policy_that_was_replaced_beside_it(probe):
    probe.tell({"look": True})
    probe.create({"Thing": "a"}, text="first")

    status = probe.update({}, text="second")

    assert status == "UPDATE_COMPLETE"
    assert probe.asked() == [("Create", "a"), ("Delete", "a")]
    assert len(probe.requests()[-1]["policies"]) == 2
