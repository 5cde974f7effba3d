"""Without an invoke permission for the pool, nothing is invoked (docs/cognito-facts.md, "Permissions")."""

import pytest

from sms_redirect.pool_rules.invoke_permission import missing_permission

POOL = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AbC"
ALLOWING = {
    "Effect": "Allow",
    "Principal": {"Service": "cognito-idp.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Condition": {"ArnLike": {"AWS:SourceArn": POOL}, "StringEquals": {"AWS:SourceAccount": "123456789012"}},
}


def test_a_statement_for_cognito_this_pool_and_this_account_allows():
    assert missing_permission([ALLOWING], POOL) is None


def test_a_pattern_over_pools_allows():
    statement = ALLOWING | {"Condition": {"ArnLike": {"aws:SourceArn": POOL.replace("us-east-1_AbC", "*")}}}

    assert missing_permission([statement], POOL) is None


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ({"Principal": {"Service": "sns.amazonaws.com"}}, "no statement that lets cognito-idp.amazonaws.com"),
        ({"Effect": "Deny"}, "no statement"),
        ({"Action": "lambda:GetFunction"}, "no statement"),
        ({"Condition": {"ArnLike": {"AWS:SourceArn": f"{POOL}x"}}}, "but the pool's is"),
        ({"Condition": {"StringEquals": {"AWS:SourceAccount": "999999999999"}}}, "but the pool's is 123456789012"),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, "does not send"),
    ],
)
def test_anything_else_does_not_and_says_why(statement, reason):
    assert reason in missing_permission([ALLOWING | statement], POOL)


def test_no_policy_at_all_does_not():
    assert "no statement" in missing_permission([], POOL)


def test_one_matching_statement_among_others_is_enough():
    other = ALLOWING | {"Condition": {"ArnLike": {"AWS:SourceArn": f"{POOL}x"}}}

    assert missing_permission([other, ALLOWING], POOL) is None
