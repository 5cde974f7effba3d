"""The pool's own text is shown as it is at this moment, and when it cannot be read, that is said."""

import pytest
from botocore.exceptions import ReadTimeoutError
from hypothesis import given
from hypothesis import strategies as st

from cognito_codes import client_error
from sender_world import World, event
from sms_sender.errors import TransientError
from sms_sender.templates import DEFAULTS, Template, Templates

DENIED = client_error("AccessDeniedException", "DescribeUserPool")
THROTTLED = client_error("TooManyRequestsException", "DescribeUserPool")


def one(text):
    return {"SmsVerificationMessage": text}


def test_the_newer_verification_setting_wins(world, show):
    world.cognito.pool = one("Old {####}") | {"VerificationMessageTemplate": {"SmsMessage": "New {####}"}}

    assert show()["text"] == "New 123456"


def test_the_older_verification_setting_is_used_if_the_newer_has_no_text(world, show):
    world.cognito.pool = one("Old {####}") | {
        "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"}
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

    assert document["text"] == "Your verification code is 123456."
    assert document["template_source"] == "default"
    assert document["template_text"] == "Your verification code is {####}."
    assert document["template_read_at"] == "2026-03-01T12:30:05.123Z"


SETTINGS = {
    "SignUp": "VerificationMessageTemplate.SmsMessage and SmsVerificationMessage",
    "Authentication": "SmsAuthenticationMessage",
    "AdminCreateUser": "AdminCreateUserConfig.InviteMessageTemplate.SMSMessage",
}


@pytest.mark.parametrize("flow", SETTINGS)
def test_a_default_text_is_told_to_be_uncertain_once_with_the_settings_that_end_the_doubt(world, show, flow):
    show(flow)

    assert world.warnings == ["default-text"]
    [warning] = world.document["warnings"]
    assert "AWS does not document it" in warning["text"]
    assert f"set {SETTINGS[flow]} in the pool" in warning["text"]
    assert "password reset" not in warning["text"]


def test_the_default_of_a_forgotten_password_may_be_another_text(world, show):
    show("ForgotPassword")

    [warning] = world.document["warnings"]
    assert warning["code"] == "default-text"
    assert "Your password reset code is" in warning["text"]


def test_a_text_that_was_changed_a_moment_ago_is_the_one_that_is_shown(world, show):
    world.cognito.pool = one("One {####}")
    show()
    world.cognito.pool = one("Two {####}")

    assert show()["text"] == "Two 123456"
    world.cognito.pool = {}
    assert show()["template_source"] == "default"
    assert len(world.cognito.asked) == 3


def test_a_text_carries_the_time_of_its_reading(world, show):
    world.cognito.pool = one("One {####}")

    assert show()["template_read_at"] == "2026-03-01T12:30:05.123Z"
    world.passes(seconds=2)
    assert show()["template_read_at"] == "2026-03-01T12:30:07.123Z"


@pytest.mark.parametrize(
    "fault", [DENIED, THROTTLED, ReadTimeoutError(endpoint_url="x"), ConnectionResetError()], ids=repr
)
def test_a_pool_that_cannot_be_read_is_shown_with_its_last_known_text_and_its_age(world, show, fault):
    world.cognito.pool = one("One {####}")
    show()
    world.passes(seconds=45)
    world.cognito.faults = [fault]

    document = show()

    assert document["text"] == "One 123456"
    assert document["template_source"] == "cached"
    assert document["template_read_at"] == "2026-03-01T12:30:05.123Z"
    [warning] = document["warnings"]
    assert warning["code"] == "template-not-read"
    assert "the last known text, read 45 s ago, at 2026-03-01 12:30:05 UTC: it may have changed" in warning["text"]


@pytest.mark.parametrize(
    ("seconds", "words"), [(-5, "0 s"), (0, "0 s"), (1, "1 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min")]
)
def test_an_age_is_told_in_seconds_or_minutes(world, show, seconds, words):
    world.cognito.pool = one("One {####}")
    show()
    world.passes(seconds=seconds)
    world.cognito.faults = [THROTTLED]

    assert f"read {words} ago" in show()["warnings"][0]["text"]


def test_the_age_is_that_of_the_last_reading_that_succeeded(world, show):
    world.cognito.pool = one("One {####}")
    show()
    world.passes(seconds=10)
    show()
    world.passes(seconds=5)
    world.cognito.faults = [THROTTLED, THROTTLED]

    assert "read 5 s ago" in show()["warnings"][0]["text"]
    world.passes(seconds=5)
    assert "read 10 s ago" in show()["warnings"][0]["text"]
    assert show()["template_source"] == "pool"


def test_a_pool_that_may_not_be_described_is_shown_with_the_default_and_the_missing_permission(world, show):
    world.cognito.faults = [DENIED]

    document = show()

    assert document["template_source"] == "default"
    assert document["template_read_at"] is None
    [warning] = document["warnings"]
    assert "AccessDeniedException" in warning["text"]
    assert "needs cognito-idp:DescribeUserPool" in warning["text"]
    assert "default" in warning["text"]


def test_a_throttled_reading_asks_for_no_permission(world, show):
    world.cognito.faults = [THROTTLED]

    assert "DescribeUserPool" not in show()["warnings"][0]["text"]


def test_a_denial_soon_after_the_start_is_left_to_a_retry(world, send):
    world.iam_has_settled = False
    world.cognito.faults = [DENIED]
    sent = event(code=world.encrypted())

    with pytest.raises(TransientError, match="cognito-idp:DescribeUserPool") as raised:
        send(sent)

    assert world.sns.published == []
    assert raised.value.__suppress_context__
    send(sent)
    assert world.document["template_source"] == "default"
    assert world.warnings == ["default-text"]


def test_by_itself_a_denial_is_one_that_lasts(world):
    world.cognito.faults = [DENIED]

    assert Templates(world.cognito).get("us-east-1_A", "verification").source == "default"


def test_another_fault_soon_after_the_start_is_shown_at_once(world, show):
    world.iam_has_settled = False
    world.cognito.faults = [THROTTLED]

    assert show()["template_source"] == "default"


def test_a_response_without_a_pool_is_not_a_pool_without_texts(world, show):
    world.cognito.empty = True

    assert show()["warnings"][0]["code"] == "template-not-read"


def test_an_unset_text_of_a_pool_that_can_no_longer_be_read_stays_doubtful(world, show):
    show()
    world.cognito.faults = [THROTTLED]

    document = show()

    assert document["template_source"] == "default"
    assert document["template_read_at"] == "2026-03-01T12:30:05.123Z"
    assert world.warnings == ["template-not-read", "default-text"]


def test_a_pool_is_read_again_as_soon_as_it_can_be(world, show):
    world.cognito.faults = [DENIED]
    show()
    world.cognito.pool = one("One {####}")

    assert show()["template_source"] == "pool"


def test_pools_do_not_share_texts():
    world = World()
    templates = world.connections().texts.templates
    world.cognito.pool = one("One {####}")
    templates.get("us-east-1_A", "verification")
    world.cognito.faults = [THROTTLED]

    assert templates.get("us-east-1_B", "verification").text == DEFAULTS["verification"]


@given(
    changes=st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 9), st.booleans()), min_size=1, max_size=30),
)
def test_no_sequence_of_changes_processes_and_faults_shows_an_older_text_as_the_pools(changes):
    """Ten processes, whose readings fail now and then, and a text that changes before each SMS."""
    world = World()
    processes = [world.connections().texts.templates for _ in range(10)]
    for number, (letter, process, fails) in enumerate(changes):
        current = f"{letter}{number} {{####}}"
        world.cognito.pool = one(current)
        world.cognito.faults = [THROTTLED] if fails else []
        world.passes(milliseconds=1)

        shown = processes[process].get("us-east-1_A", "verification")

        assert (shown.text == current) == (not fails)
        assert (shown.source == "pool") == (not fails)
        assert (shown.read_at == world.now) == (not fails)
        assert bool(shown.warnings) == fails


def test_a_template_without_a_place_for_the_code_is_shown_as_it_is(world, show):
    world.cognito.pool = one("Hello there")

    document = show()

    assert document["text"] == "Hello there"
    assert document["code"] == "123456"
    assert world.warnings == ["no-placeholder"]


def test_the_code_is_filled_in_everywhere(world, show):
    world.cognito.pool = one("{####}, again {####}")

    document = show()

    assert document["text"] == "123456, again 123456"
    assert document["template_text"] == "{####}, again {####}"


@pytest.mark.parametrize("flow", ["SignUp", "ForgotPassword", "Authentication", "BrandNew"])
def test_a_user_name_is_filled_in_invitations_only_and_elsewhere_that_is_a_warning(world, show, flow):
    world.cognito.pool = one("{username}: {####}") | {"SmsAuthenticationMessage": "{username}: {####}"}

    document = show(flow)

    assert document["text"] == "{username}: 123456"
    assert "user-name-not-filled" in world.warnings


def test_a_user_that_is_called_like_a_word_of_the_text_changes_nothing_in_its_template(world, show):
    world.cognito.pool = {
        "AdminCreateUserConfig": {"InviteMessageTemplate": {"SMSMessage": "Your user is {username}: {####}"}}
    }

    document = show("AdminCreateUser", "is", userName="user")

    assert document["text"] == "Your user is user: is"
    assert document["template_text"] == "Your user is {username}: {####}"


@given(secret=st.text(), user_name=st.text(), before=st.text(), between=st.text())
def test_what_is_filled_in_is_not_scanned_again(secret, user_name, before, between):
    before, between = (part.replace("{", "").replace("}", "") for part in (before, between))
    template = Template("invitation", f"{before}{{username}}{between}{{####}}", "pool")

    assert template.fill(secret, user_name) == before + user_name + between + secret
