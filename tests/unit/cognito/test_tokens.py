"""What tokens open, for how long, and how they end."""

import base64
import json

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from local_pools import LocalPools, app, sms_pool
from refusals import refusal

PASSWORD = "Passw0rd!"
EMAIL = "ann@example.com"


def sign_up(pools, cognito, pool_id, name="ann", **more):
    """A confirmed user with a password."""
    attributes = [{"Name": key, "Value": value} for key, value in more.items()]
    user = {"UserPoolId": pool_id, "Username": name}
    cognito.admin_create_user(**user, UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
    return user


def sign_in(cognito, client_id, name="ann"):
    parameters = {"USERNAME": name, "PASSWORD": PASSWORD}
    return cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)[
        "AuthenticationResult"
    ]


def refresh(cognito, client_id, token, **more):
    return cognito.initiate_auth(
        ClientId=client_id, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": token, **more}
    )["AuthenticationResult"]


def claims_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.fixture
def user(pools, cognito, pool_id):
    return sign_up(pools, cognito, pool_id, email=EMAIL)


@pytest.fixture
def tokens(user, cognito, client_id):
    return sign_in(cognito, client_id)


def test_the_id_token_says_who_it_is(tokens, pools, pool_id, client_id, cognito):
    claims = claims_of(tokens["IdToken"])

    sub = {
        each["Name"]: each["Value"] for each in cognito.get_user(AccessToken=tokens["AccessToken"])["UserAttributes"]
    }
    assert claims == {
        "sub": sub["sub"],
        "iss": f"https://cognito-idp.us-east-1.amazonaws.com/{pool_id}",
        "aud": client_id,
        "token_use": "id",
        "cognito:username": "ann",
        "email": EMAIL,
        **{name: claims[name] for name in ("event_id", "auth_time", "iat", "exp", "jti", "origin_jti")},
    }
    assert claims["exp"] - claims["iat"] == 3600


def test_an_unproven_address_is_not_verified_in_the_token(user, cognito, client_id):
    for value, said in (("false", False), ("true", True)):
        verified = [{"Name": "email_verified", "Value": value}]
        cognito.admin_update_user_attributes(**user, UserAttributes=verified)

        assert claims_of(sign_in(cognito, client_id)["IdToken"])["email_verified"] is said


def test_groups_are_in_the_tokens_with_their_roles(user, pool_id, cognito, client_id):
    role = "arn:aws:iam::123456789012:role/"
    for name, precedence in (("readers", 5), ("writers", 1)):
        cognito.create_group(UserPoolId=pool_id, GroupName=name, RoleArn=role + name, Precedence=precedence)
        cognito.admin_add_user_to_group(**user, GroupName=name)

    tokens = sign_in(cognito, client_id)

    claims = claims_of(tokens["IdToken"])
    assert claims["cognito:groups"] == claims_of(tokens["AccessToken"])["cognito:groups"] == ["readers", "writers"]
    assert claims["cognito:roles"] == [role + "readers", role + "writers"]
    assert claims["cognito:preferred_role"] == role + "writers"


def test_tokens_are_signed_with_the_pools_own_key(tokens, pools, pool_id, cognito):
    keys = KeySet.import_key_set(pools.context.tokens.jwks(pools.store.pools.get(pool_id)))
    other = pools.context.tokens.jwks(pools.store.pools.get(sms_pool(cognito)))

    assert jwt.decode(tokens["IdToken"], keys, algorithms=["RS256"]).claims["cognito:username"] == "ann"
    assert other["keys"][0]["kid"] != keys.keys[0].kid


def test_the_issuer_may_be_the_sandbox(monkeypatch):
    pools = LocalPools(local_issuer="http://127.0.0.1:4566")
    cognito = pools.client()
    pool_id = sms_pool(cognito)
    sign_up(pools, cognito, pool_id)

    tokens = sign_in(cognito, app(cognito, pool_id))

    assert claims_of(tokens["IdToken"])["iss"] == f"http://127.0.0.1:4566/{pool_id}"
    assert cognito.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ann"


def test_a_token_lasts_as_long_as_the_client_says(pools, cognito, pool_id, user):
    client_id = app(
        cognito,
        pool_id,
        AccessTokenValidity=10,
        IdTokenValidity=20,
        RefreshTokenValidity=2,
        TokenValidityUnits={"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"},
    )
    tokens = sign_in(cognito, client_id)

    assert tokens["ExpiresIn"] == 600
    pools.clock.advance(601)
    assert refusal(cognito.get_user, AccessToken=tokens["AccessToken"]) == (
        "NotAuthorizedException",
        "Access Token has expired",
    )
    assert cognito.get_user(AccessToken=refresh(cognito, client_id, tokens["RefreshToken"])["AccessToken"])
    pools.clock.advance(7200)
    assert refusal(refresh, cognito=cognito, client_id=client_id, token=tokens["RefreshToken"]) == (
        "NotAuthorizedException",
        "Refresh Token has expired",
    )


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_forged_access_token_opens_nothing(tokens, cognito, part):
    parts = tokens["AccessToken"].split(".")
    parts[part] = parts[part][:-4] + ("AAAA" if not parts[part].endswith("AAAA") else "BBBB")

    assert refusal(cognito.get_user, AccessToken=".".join(parts))[0] == "NotAuthorizedException"


@pytest.mark.parametrize("token", ["x", "a.b.c", "..", "e30.e30.e30", "e30.W10.e30"])
def test_what_is_no_token_opens_nothing(cognito, token):
    assert refusal(cognito.get_user, AccessToken=token) == ("NotAuthorizedException", "Invalid Access Token")


@pytest.mark.parametrize(
    ("part", "said"), [(0, "Could not verify signature for Access Token"), (1, "Invalid Access Token")]
)
def test_a_token_nested_without_end_opens_nothing(tokens, cognito, part, said):
    parts = tokens["AccessToken"].split(".")
    parts[part] = base64.urlsafe_b64encode(b"[" * 100_000).decode().rstrip("=")

    assert refusal(cognito.get_user, AccessToken=".".join(parts)) == ("NotAuthorizedException", said)


def test_an_unsigned_token_opens_nothing(tokens, cognito):
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    unsigned = f"{header}.{tokens['AccessToken'].split('.')[1]}."

    assert refusal(cognito.get_user, AccessToken=unsigned) == (
        "NotAuthorizedException",
        "Could not verify signature for Access Token",
    )


def test_a_tokens_header_is_cognitos(tokens):
    header = json.loads(base64.urlsafe_b64decode(tokens["IdToken"].split(".")[0] + "=="))

    assert header.keys() == {"kid", "alg"}


def test_an_id_token_is_no_access_token(tokens, cognito):
    assert refusal(cognito.get_user, AccessToken=tokens["IdToken"]) == (
        "NotAuthorizedException",
        "Invalid Access Token",
    )


def test_a_refresh_keeps_the_sign_in(tokens, cognito, client_id, pools):
    pools.clock.advance(60)

    refreshed = refresh(cognito, client_id, tokens["RefreshToken"])

    old, new = claims_of(tokens["AccessToken"]), claims_of(refreshed["AccessToken"])
    assert "RefreshToken" not in refreshed
    assert (new["auth_time"], new["origin_jti"]) == (old["auth_time"], old["origin_jti"])
    assert new["jti"] != old["jti"]
    assert new["iat"] >= old["iat"] + 60


def test_a_refresh_token_is_its_clients(tokens, cognito, pool_id):
    another = app(cognito, pool_id)

    assert refusal(refresh, cognito=cognito, client_id=another, token=tokens["RefreshToken"]) == (
        "NotAuthorizedException",
        "Invalid Refresh Token",
    )


def test_revoking_ends_the_sign_in(tokens, cognito, client_id):
    cognito.revoke_token(Token=tokens["RefreshToken"], ClientId=client_id)

    assert refusal(refresh, cognito=cognito, client_id=client_id, token=tokens["RefreshToken"]) == (
        "NotAuthorizedException",
        "Refresh Token has been revoked",
    )
    assert refusal(cognito.get_user, AccessToken=tokens["AccessToken"]) == (
        "NotAuthorizedException",
        "Access Token has been revoked",
    )
    assert cognito.get_user(AccessToken=sign_in(cognito, client_id)["AccessToken"])


def test_signing_out_everywhere_ends_every_sign_in(tokens, cognito, client_id):
    elsewhere = sign_in(cognito, client_id)

    cognito.global_sign_out(AccessToken=tokens["AccessToken"])

    for each in (tokens, elsewhere):
        assert refusal(cognito.get_user, AccessToken=each["AccessToken"])[1] == "Access Token has been revoked"
        assert refusal(refresh, cognito=cognito, client_id=client_id, token=each["RefreshToken"])[0] == (
            "NotAuthorizedException"
        )


@pytest.mark.parametrize("operation", ["admin_user_global_sign_out", "admin_disable_user", "admin_delete_user"])
def test_an_administrator_ends_every_sign_in(tokens, cognito, user, operation):
    getattr(cognito, operation)(**user)

    assert refusal(cognito.get_user, AccessToken=tokens["AccessToken"])[0] in (
        "NotAuthorizedException",
        "UserNotFoundException",
    )


def test_a_deleted_user_is_gone(tokens, cognito, user, client_id):
    cognito.delete_user(AccessToken=tokens["AccessToken"])

    assert refusal(cognito.get_user, AccessToken=tokens["AccessToken"])[0] == "UserNotFoundException"
    assert refusal(cognito.admin_get_user, **user)[0] == "UserNotFoundException"


@pytest.fixture
def rotating(cognito, pool_id):
    return app(
        cognito,
        pool_id,
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 30},
    )


def test_a_rotated_refresh_token_is_good_for_the_grace_period_only(user, cognito, rotating, pools):
    first = sign_in(cognito, rotating)["RefreshToken"]

    second = cognito.get_tokens_from_refresh_token(ClientId=rotating, RefreshToken=first)["AuthenticationResult"]

    assert second["RefreshToken"] != first
    assert cognito.get_tokens_from_refresh_token(ClientId=rotating, RefreshToken=first)["AuthenticationResult"]
    pools.clock.advance(31)
    assert refusal(cognito.get_tokens_from_refresh_token, ClientId=rotating, RefreshToken=first)[0] in (
        "RefreshTokenReuseException",
        "NotAuthorizedException",
    )


def test_rotation_and_the_refresh_flow_exclude_each_other(cognito, pool_id):
    refused = refusal(
        app,
        client=cognito,
        pool_id=pool_id,
        ExplicitAuthFlows=["ALLOW_REFRESH_TOKEN_AUTH"],
        RefreshTokenRotation={"Feature": "ENABLED"},
    )

    assert refused[0] == "InvalidParameterException"
