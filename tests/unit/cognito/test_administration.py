"""Pools, app clients, groups and users, as administrators handle them."""

import pytest

from local_pools import app, sms_pool
from refusals import refusal

PHONE = "+12065550008"


def create(cognito, pool_id, name, **values):
    attributes = [{"Name": key.replace("__", ":"), "Value": value} for key, value in values.items()]
    return cognito.admin_create_user(
        UserPoolId=pool_id, Username=name, UserAttributes=attributes, MessageAction="SUPPRESS"
    )["User"]


def names(answer):
    return [user["Username"] for user in answer["Users"]]


@pytest.fixture
def people(cognito, pool_id):
    create(cognito, pool_id, "ann", email="ann@example.com", phone_number=PHONE, given_name="Ann")
    create(cognito, pool_id, "anton", email="anton@example.com", given_name='An"ton')
    create(cognito, pool_id, "bob", email="bob@example.com", family_name="Ann")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="bob", Password="Passw0rd!", Permanent=True)
    cognito.admin_disable_user(UserPoolId=pool_id, Username="anton")


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ('username = "ann"', ["ann"]),
        ('username ^= "an"', ["ann", "anton"]),
        (f'phone_number = "{PHONE}"', ["ann"]),
        ('email ^= "b"', ["bob"]),
        ('given_name = "An\\"ton"', ["anton"]),
        ('family_name="Ann"', ["bob"]),
        ('cognito:user_status = "CONFIRMED"', ["bob"]),
        ('cognito:user_status = "FORCE_CHANGE_PASSWORD"', ["ann", "anton"]),
        ('status = "Disabled"', ["anton"]),
        ('email = "nobody@example.com"', []),
        ("", ["ann", "anton", "bob"]),
    ],
)
def test_users_are_filtered(cognito, pool_id, people, filter_, found):
    assert names(cognito.list_users(UserPoolId=pool_id, Filter=filter_)) == found


@pytest.mark.parametrize(
    "filter_", ["username", "username ==", 'username > "a"', 'shoe_size = "42"', 'a = "b" AND c = "d"', 'email = "a']
)
def test_a_filter_that_cannot_be_read_is_refused(cognito, pool_id, people, filter_):
    assert refusal(cognito.list_users, UserPoolId=pool_id, Filter=filter_)[0] == "InvalidParameterException"


def test_users_are_listed_in_pages_of_at_most_sixty(cognito, pool_id):
    for number in range(65):
        create(cognito, pool_id, f"user{number}")

    first = cognito.list_users(UserPoolId=pool_id)
    second = cognito.list_users(UserPoolId=pool_id, PaginationToken=first["PaginationToken"])
    few = cognito.list_users(UserPoolId=pool_id, Limit=10)

    assert (len(first["Users"]), len(second["Users"]), len(few["Users"])) == (60, 5, 10)
    assert "PaginationToken" not in second
    assert not set(names(first)) & set(names(second))
    assert refusal(cognito.list_users, UserPoolId=pool_id, PaginationToken="made-up") == (
        "InvalidParameterException",
        "Invalid pagination token.",
    )


def test_only_some_attributes_may_be_asked_for(cognito, pool_id, people):
    found = cognito.list_users(UserPoolId=pool_id, AttributesToGet=["email"], Filter='username = "ann"')

    assert found["Users"][0]["Attributes"] == [{"Name": "email", "Value": "ann@example.com"}]
    assert refusal(cognito.list_users, UserPoolId=pool_id, AttributesToGet=["shoe_size"])[0] == (
        "InvalidParameterException"
    )


def test_a_group_is_made_changed_filled_and_deleted(cognito, pool_id, people):
    group = {"UserPoolId": pool_id, "GroupName": "staff"}
    made = cognito.create_group(**group, Description="Everybody", Precedence=3)["Group"]
    assert refusal(cognito.create_group, **group)[0] == "GroupExistsException"

    changed = cognito.update_group(**group, Precedence=0)["Group"]
    cognito.admin_add_user_to_group(**group, Username="ann")
    cognito.admin_add_user_to_group(**group, Username="ann")

    assert (made["Description"], made["Precedence"]) == ("Everybody", 3)
    assert (changed["Description"], changed["Precedence"]) == ("Everybody", 0)
    assert names(cognito.list_users_in_group(**group)) == ["ann"]
    of_ann = {"UserPoolId": pool_id, "Username": "ann"}
    assert [each["GroupName"] for each in cognito.admin_list_groups_for_user(**of_ann)["Groups"]] == ["staff"]
    cognito.delete_group(**group)
    assert cognito.admin_list_groups_for_user(**of_ann)["Groups"] == []
    assert refusal(cognito.get_group, **group)[0] == "ResourceNotFoundException"


def test_a_user_leaves_a_group(cognito, pool_id, people):
    group = {"UserPoolId": pool_id, "GroupName": "staff"}
    cognito.create_group(**group)
    cognito.admin_add_user_to_group(**group, Username="ann")

    cognito.admin_remove_user_from_group(**group, Username="ann")

    assert cognito.list_users_in_group(**group)["Users"] == []
    assert refusal(cognito.admin_add_user_to_group, **group, Username="nobody")[0] == "UserNotFoundException"


def test_a_client_is_changed_as_a_whole(cognito, pool_id):
    client_id = app(cognito, pool_id, CallbackURLs=["https://example.com/back"], RefreshTokenValidity=5)
    named = {"UserPoolId": pool_id, "ClientId": client_id}

    changed = cognito.update_user_pool_client(**named, ClientName="other")["UserPoolClient"]

    assert changed["ClientName"] == "other"
    assert changed["RefreshTokenValidity"] == 30
    assert not {"CallbackURLs", "ExplicitAuthFlows", "ClientSecret"} & changed.keys()
    assert cognito.describe_user_pool_client(**named)["UserPoolClient"] == changed
    cognito.delete_user_pool_client(**named)
    assert refusal(cognito.describe_user_pool_client, **named)[0] == "ResourceNotFoundException"


def test_a_client_may_have_two_secrets_for_a_while(cognito, pool_id):
    client_id = app(cognito, pool_id, GenerateSecret=True)
    named = {"UserPoolId": pool_id, "ClientId": client_id}
    first = cognito.list_user_pool_client_secrets(**named)["ClientSecrets"][0]["ClientSecretId"]

    second = cognito.add_user_pool_client_secret(**named)["ClientSecretDescriptor"]

    assert second["ClientSecretValue"]
    assert refusal(cognito.add_user_pool_client_secret, **named)[0] == "LimitExceededException"
    cognito.delete_user_pool_client_secret(**named, ClientSecretId=first)
    assert refusal(cognito.delete_user_pool_client_secret, **named, ClientSecretId=second["ClientSecretId"])[0] == (
        "InvalidParameterException"
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"ReadAttributes": ["shoe_size"]},
        {"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "USER_PASSWORD_AUTH"]},
        {"AccessTokenValidity": 2, "TokenValidityUnits": {"AccessToken": "minutes"}},
        {"AccessTokenValidity": 2, "TokenValidityUnits": {"AccessToken": "days"}},
        {"DefaultRedirectURI": "https://example.com", "CallbackURLs": ["https://example.org"]},
    ],
)
def test_a_client_whose_settings_contradict_is_refused(cognito, pool_id, settings):
    assert refusal(app, client=cognito, pool_id=pool_id, **settings)[0] == "InvalidParameterException"


def test_pools_are_listed_by_region(pools, cognito, pool_id):
    elsewhere = pools.client("eu-west-1")
    their_pool = elsewhere.create_user_pool(PoolName="theirs")["UserPool"]["Id"]

    assert [each["Id"] for each in cognito.list_user_pools(MaxResults=60)["UserPools"]] == [pool_id]
    assert [each["Id"] for each in elsewhere.list_user_pools(MaxResults=60)["UserPools"]] == [their_pool]
    assert refusal(elsewhere.describe_user_pool, UserPoolId=pool_id) == (
        "ResourceNotFoundException",
        f"User pool {pool_id} does not exist.",
    )


def test_a_pool_shows_what_it_was_made_with(cognito):
    schema = [{"Name": "tier", "AttributeDataType": "String", "Mutable": True}]

    pool = cognito.create_user_pool(
        PoolName="shop", Schema=schema, AliasAttributes=["email"], UsernameConfiguration={"CaseSensitive": False}
    )["UserPool"]

    shown = cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
    assert shown == pool
    assert shown["Arn"] == f"arn:aws:cognito-idp:us-east-1:123456789012:userpool/{pool['Id']}"
    assert "custom:tier" in {each["Name"] for each in shown["SchemaAttributes"]}
    assert (shown["AliasAttributes"], shown["UsernameConfiguration"]) == (["email"], {"CaseSensitive": False})


def test_names_and_aliases_exclude_each_other(cognito):
    both = {"UsernameAttributes": ["email"], "AliasAttributes": ["email"]}

    assert refusal(cognito.create_user_pool, PoolName="x", **both)[0] == "InvalidParameterException"


def test_custom_attributes_can_be_added(cognito, pool_id):
    attribute = [{"Name": "tier", "AttributeDataType": "String"}]
    cognito.add_custom_attributes(UserPoolId=pool_id, CustomAttributes=attribute)

    create(cognito, pool_id, "ann", custom__tier="gold")
    assert refusal(cognito.add_custom_attributes, UserPoolId=pool_id, CustomAttributes=attribute)[0] == (
        "InvalidParameterException"
    )


def test_tags_come_and_go(cognito, pool_id):
    arn = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]["Arn"]

    cognito.tag_resource(ResourceArn=arn, Tags={"team": "qa", "cost": "1"})
    cognito.untag_resource(ResourceArn=arn, TagKeys=["cost"])

    assert cognito.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "qa"}


def test_a_deleted_pool_takes_everything_along(cognito, pool_id, client_id, people):
    cognito.delete_user_pool(UserPoolId=pool_id)

    sign_up = {"ClientId": client_id, "Username": "x", "Password": "Passw0rd!"}
    assert refusal(cognito.admin_get_user, UserPoolId=pool_id, Username="ann")[0] == "ResourceNotFoundException"
    assert refusal(cognito.sign_up, **sign_up)[0] == "ResourceNotFoundException"


def test_an_invited_user_is_there_with_what_was_asked_for(cognito, pool_id, pools):
    invited = cognito.admin_create_user(
        UserPoolId=pool_id, Username="ann", UserAttributes=[{"Name": "phone_number", "Value": PHONE}]
    )["User"]

    assert invited["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    message = pools.sent.last(PHONE)
    assert (message.flow, len(message.secret)) == ("AdminCreateUser", 8)
    assert refusal(create, cognito=cognito, pool_id=pool_id, name="ann") == (
        "UsernameExistsException",
        "User account already exists",
    )


def test_where_nobody_needs_a_password_an_invitation_carries_none(cognito, pools):
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}
    pool_id = sms_pool(cognito, Policies=factors)

    invited = cognito.admin_create_user(
        UserPoolId=pool_id, Username="ann", UserAttributes=[{"Name": "phone_number", "Value": PHONE}]
    )["User"]

    assert invited["UserStatus"] == "CONFIRMED"
    assert pools.sent.last(PHONE).secret is None
