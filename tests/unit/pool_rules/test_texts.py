"""What Cognito takes as the text of an SMS."""

import pytest

from sms_redirect.pool_rules import texts

PASSWORDLESS = {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}}
WITH_PASSWORDS = {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}}


def found(kind, text, *, passwordless=False):
    return [(each.rule, each.constraint) for each in texts.violations(kind, text, passwordless=passwordless)]


def test_an_invitation_names_user_and_password():
    assert found("invitation", "Hello {username}, {####}") == []
    assert found("invitation", "Hello {####}") == [("placeholder", "Member must contain {username}")]
    assert found("invitation", "Hello {username}") == [("placeholder", "Member must contain {####}")]


def test_only_the_password_may_be_left_out_where_users_need_none():
    assert found("invitation", "Hello {username}", passwordless=True) == []
    assert found("invitation", "Hello there", passwordless=True) == [("placeholder", "Member must contain {username}")]


@pytest.mark.parametrize("kind", ["verification", "authentication", "invitation"])
def test_141_characters_are_one_too_many(kind):
    text = "{username} {####}".ljust(141, "x")

    assert found(kind, text[:140]) == []
    assert found(kind, text) == [("length", "Member must have length less than or equal to 140")]


@pytest.mark.parametrize(
    ("settings", "expected"), [({}, False), (WITH_PASSWORDS, False), (PASSWORDLESS, True), ({"Policies": {}}, False)]
)
def test_a_pool_is_passwordless_where_another_first_factor_is_allowed(settings, expected):
    assert texts.is_passwordless(settings) is expected


def test_a_pools_invitation_is_judged_by_its_own_policies():
    invitation = {"AdminCreateUserConfig": {"InviteMessageTemplate": {"SMSMessage": "Hello {username}"}}}

    assert [each.setting for each in texts.invitation(invitation)] == [
        "AdminCreateUserConfig.InviteMessageTemplate.SMSMessage"
    ]
    assert list(texts.invitation(invitation | PASSWORDLESS)) == []
    assert list(texts.invitation({})) == []
