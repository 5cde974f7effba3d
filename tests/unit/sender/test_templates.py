"""The pool's own text is shown, and when it cannot be read, that is said."""

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from cognito_codes import client_error
from sender_world import World
from sms_sender.templates import DEFAULTS, Template

DENIED = client_error("AccessDeniedException", "DescribeUserPool")


def test_the_newer_verification_setting_wins(world, show):
    world.cognito.pool = {
        "SmsVerificationMessage": "Old {####}",
        "VerificationMessageTemplate": {"SmsMessage": "New {####}"},
    }

    assert show()["text"] == "New 123456"


def test_the_older_verification_setting_is_used_where_the_newer_has_no_text(world, show):
    world.cognito.pool = {
        "SmsVerificationMessage": "Old {####}",
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
    }

    assert show()["text"] == "Old 123456"


@pytest.mark.parametrize(
    "pool",
    [
        {},
        {"SmsVerificationMessage": "", "VerificationMessageTemplate": {"SmsMessage": ""}},
        {"VerificationMessageTemplate": None},
        {"VerificationMessageTemplate": ["New {####}"], "SmsVerificationMessage": 5},
    ],
)
def test_an_unset_or_empty_text_is_the_default_of_cognito(world, show, pool):
    world.cognito.pool = pool

    document = show()

    assert document["text"] == DEFAULTS["verification"].replace("{####}", "123456")
    assert document["template_source"] == "default"
    assert document["warnings"] == []


def test_the_pool_is_read_once_a_minute(world, show):
    world.cognito.pool = {"SmsVerificationMessage": "One {####}"}
    show()
    world.cognito.pool = {"SmsVerificationMessage": "Two {####}"}

    world.clock += 59
    assert show()["text"] == "One 123456"
    assert show()["template_source"] == "pool"
    world.clock += 1
    assert show()["text"] == "Two 123456"
    assert len(world.cognito.asked) == 2


@pytest.mark.parametrize("fault", [DENIED, ReadTimeoutError(endpoint_url="x"), ConnectionResetError()], ids=repr)
def test_a_pool_that_cannot_be_read_is_shown_with_its_last_known_text(world, show, fault):
    world.cognito.pool = {"SmsVerificationMessage": "One {####}"}
    show()
    world.clock += 60
    world.cognito.faults = [fault]

    document = show()

    assert document["text"] == "One 123456"
    assert document["template_source"] == "cached"
    [warning] = document["warnings"]
    assert warning["code"] == "template-not-read"
    assert "last known" in warning["text"]


def test_a_pool_that_may_not_be_described_is_shown_with_the_default_and_the_reason(world, show):
    world.cognito.faults = [DENIED]

    document = show()

    assert document["template_source"] == "default"
    [warning] = document["warnings"]
    assert "AccessDeniedException" in warning["text"]
    assert "default" in warning["text"]


def test_an_answer_without_a_pool_is_no_pool_without_texts(world, show):
    world.cognito.empty = True

    assert show()["warnings"][0]["code"] == "template-not-read"


def test_an_unset_text_of_a_pool_that_is_not_read_any_more_stays_doubtful(world, show):
    show()
    world.clock += 60
    world.cognito.faults = [DENIED]

    document = show()

    assert document["template_source"] == "default"
    assert document["warnings"][0]["code"] == "template-not-read"


def test_a_pool_is_read_again_as_soon_as_it_can_be(world, show):
    world.cognito.faults = [DENIED]
    show()
    world.cognito.pool = {"SmsVerificationMessage": "One {####}"}

    assert show()["template_source"] == "pool"


def test_pools_do_not_share_texts():
    world = World()
    templates = world.connections().templates
    world.cognito.pool = {"SmsVerificationMessage": "One {####}"}
    templates.get("us-east-1_A", "verification")
    world.cognito.pool = {}

    assert templates.get("us-east-1_B", "verification").text == DEFAULTS["verification"]


def test_a_template_without_a_place_for_the_code_is_shown_as_it_is(world, show):
    world.cognito.pool = {"SmsVerificationMessage": "Hello there"}

    document = show()

    assert document["text"] == "Hello there"
    assert document["code"] == "123456"
    assert world.warnings == ["no-placeholder"]


def test_the_code_is_filled_in_everywhere(world, show):
    world.cognito.pool = {"SmsVerificationMessage": "{####}, again {####}"}

    assert show()["text"] == "123456, again 123456"


def test_a_user_name_is_filled_in_invitations_only(world, show):
    world.cognito.pool = {"SmsVerificationMessage": "{username}: {####}"}

    assert show()["text"] == "{username}: 123456"


@given(secret=st.text(), user_name=st.text(), before=st.text(), between=st.text())
def test_what_is_filled_in_is_not_looked_at_again(secret, user_name, before, between):
    before, between = (part.replace("{", "").replace("}", "") for part in (before, between))
    template = Template("invitation", f"{before}{{username}}{between}{{####}}", "pool")

    assert template.fill(secret, user_name) == before + user_name + between + secret
