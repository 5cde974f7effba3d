"""Responses are held against the API's model before they go out."""

import json
from datetime import UTC, datetime

import pytest

from sms_redirect.sandbox.cognito.api.responses import NotOfTheModelError, success


def body(operation, document, **options):
    return json.loads(success(operation, document, **options)[2])


def test_unset_members_are_left_out_and_times_are_seconds():
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_900, UTC)

    pool = body("DescribeUserPool", {"UserPool": {"Id": "us-east-1_A", "Name": None, "CreationDate": moment}})

    assert pool == {"UserPool": {"Id": "us-east-1_A", "CreationDate": 1767323045.679}}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"UserPool": {"Id": 7}}, "DescribeUserPool.UserPool.Id is a int, not a string"),
        ({"UserPool": []}, "DescribeUserPool.UserPool is a list, not a structure"),
        (
            {"UserPool": {"Policies": {"PasswordPolicy": {"MinimumLength": True}}}},
            "DescribeUserPool.UserPool.Policies.PasswordPolicy.MinimumLength is a bool, not a integer",
        ),
        ({"UserPool": {"UserPoolTags": {"team": 1}}}, "DescribeUserPool.UserPool.UserPoolTags.team is a int"),
    ],
)
def test_a_member_of_another_type_is_named_by_its_path(document, words):
    with pytest.raises(NotOfTheModelError) as caught:
        success("DescribeUserPool", document)

    assert words in str(caught.value)


def test_a_member_that_the_model_lacks_passes_unless_it_is_strict():
    document = {"UserPool": {"Id": "us-east-1_A", "Newer": {"setting": 1}}}

    assert body("DescribeUserPool", document) == document
    with pytest.raises(NotOfTheModelError, match=r"DescribeUserPool.UserPool has no member Newer"):
        success("DescribeUserPool", document, strict=True)
