"""Whatever is sent, the answer is one of the API's: never a crash, and of the model's shape (the service is strict)."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_pools import LocalPools, app, sms_pool
from sms_redirect.pool_rules import model
from sms_redirect.sandbox.cognito.api import model as api
from sms_redirect.sandbox.cognito.api import table
from sms_redirect.sandbox.cognito.api.operations import NotSimulated

PASSWORD = "Passw0rd!"
PHONE = "+12065550008"
# Of the protocol, and of operations that are not simulated. The model names the others, operation by operation.
OF_EVERY_OPERATION = {
    "SerializationException",
    "InvalidParameterException",
    "NotAuthorizedException",
    "ResourceNotFoundException",
    "UnsupportedOperationException",
}
ANSWERED = sorted(name for name, row in table.OPERATIONS.items() if not isinstance(row, NotSimulated))
# Members of many operations whose right values lead further than random ones.
KNOWN = {
    "Password": [PASSWORD],
    "ProposedPassword": [PASSWORD, "An0ther-one"],
    "PreviousPassword": [PASSWORD],
    "Username": ["ann", "bob", "nobody", PHONE],
    "GroupName": ["staff"],
    "AttributeName": ["phone_number", "email", "custom:tier"],
    "Name": ["phone_number", "email", "sub", "email_verified", "custom:tier"],
    "Value": [PHONE, "ann@example.com", "", "true"],
    "ConfirmationCode": ["123456"],
    "Code": ["123456"],
    "UserAttributeNames": [["email"], ["phone_number"], ["sub"]],
    "AuthParameters": [
        {"USERNAME": "ann", "PASSWORD": PASSWORD},
        {"USERNAME": "ann", "SRP_A": "ff" * 64},
        {"USERNAME": "ann", "SRP_A": "not hexadecimal"},
        {"USERNAME": "ann", "PREFERRED_CHALLENGE": "SMS_OTP"},
        {"USERNAME": ""},
        {"REFRESH_TOKEN": "x"},
        {"USERNAME": "ann", "PASSWORD": PASSWORD, "DEVICE_KEY": "us-east-1_0-0"},
    ],
    "ChallengeResponses": [
        {"USERNAME": "ann"},
        {"USERNAME": "ann", "SMS_MFA_CODE": "123456"},
        {"USERNAME": "ann", "DEVICE_KEY": "us-east-1_0-0", "SRP_A": "ff" * 64},
        {
            "USERNAME": "ann",
            "PASSWORD_CLAIM_SECRET_BLOCK": "x",
            "PASSWORD_CLAIM_SIGNATURE": "x",
            "TIMESTAMP": "x",
        },
    ],
    "Filter": ['email = "a"', "(", ""],
    "Schema": [[]],
    "DeviceKey": ["us-east-1_0-0"],
    "UserCode": ["123456"],
}


@pytest.fixture(scope="module")
def world():
    pools = LocalPools(limits=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        cognito = pools.client()
    ids = {"UserPoolId": sms_pool(cognito)}
    ids["ClientId"] = app(cognito, ids["UserPoolId"])
    for name in ("ann", "bob"):
        user = {"UserPoolId": ids["UserPoolId"], "Username": name}
        attributes = [{"Name": "phone_number", "Value": PHONE}] if name == "ann" else []
        cognito.admin_create_user(**user, UserAttributes=attributes, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
    cognito.create_group(UserPoolId=ids["UserPoolId"], GroupName="staff")
    tokens = cognito.initiate_auth(
        ClientId=ids["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    ids |= {
        "AccessToken": tokens["AccessToken"],
        "RefreshToken": tokens["RefreshToken"],
        "Token": tokens["RefreshToken"],
    }
    ids["ResourceArn"] = pools.store.pools.get(ids["UserPoolId"]).arn
    return pools, ids


@pytest.fixture
def unharmed(world):
    """The same state for every example."""
    pools, _ = world
    before = {kind: table_.all() for kind, table_ in pools.store.tables().items()}

    def restore():
        for kind, values in before.items():
            each = pools.store.tables()[kind]
            each.remove_if(lambda _: True)
            for value in values:
                each.put(value)

    return restore


def values(shape, name, ids):  # noqa: PLR0911 - one for each kind of shape
    """Mostly right values of a shape."""
    if name in ids:
        return st.just(ids[name])
    if name in KNOWN:
        return st.sampled_from(KNOWN[name])
    if shape.type_name == "structure":
        required = {each: values(shape.members[each], each, ids) for each in shape.required_members}
        optional = {each: values(of, each, ids) for each, of in shape.members.items() if each not in required}
        return st.fixed_dictionaries(required, optional=optional)
    if shape.type_name == "list":
        return st.lists(values(shape.member, name, ids), min_size=shape.metadata.get("min", 0), max_size=2)
    if shape.type_name == "map":
        return st.dictionaries(st.text("abc", min_size=1, max_size=3), values(shape.value, "", ids), max_size=2)
    if getattr(shape, "enum", None):
        return st.sampled_from(shape.enum)
    scalars = {
        "boolean": st.booleans(),
        "integer": st.integers(shape.metadata.get("min", 0), min(shape.metadata.get("max", 90), 90)),
        "long": st.integers(0, 90),
        "timestamp": st.integers(0, 10**9),
        "blob": st.just("eA=="),
        "string": st.text("xyz09", min_size=max(1, shape.metadata.get("min", 1)), max_size=60),
    }
    return scalars[shape.type_name]


def wrong(request, member, how):
    return {**request, member: {"null": None, "number": 7, "list": [], "long": "x" * 200_000, "blank": ""}[how]}


def send(pools, operation, request):
    headers = {"authorization": "AWS4-HMAC-SHA256 Credential=AKID/20260101/us-east-1/cognito-idp/aws4_request"}
    status, _, document = pools.call(operation, json.dumps(request).encode(), headers)
    assert status in (200, 400), (operation, document)
    if status == 400:
        assert document["__type"] in api.error_names(operation) | OF_EVERY_OPERATION, operation
    return status, document


@pytest.mark.parametrize("operation", ANSWERED)
def test_no_request_crashes_an_operation(world, unharmed, operation):
    pools, ids = world

    @settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None)
    @given(data=st.data())
    def run(data):
        shape = model.input_shape(operation)
        request = data.draw(values(shape, "", ids))
        send(pools, operation, request)
        unharmed()
        if request:
            member = data.draw(st.sampled_from(sorted(request)))
            send(
                pools,
                operation,
                wrong(request, member, data.draw(st.sampled_from(["null", "number", "list", "long", "blank"]))),
            )
            unharmed()

    run()


def right(shape, name, ids):
    """A request that the model takes, with the right values that are known."""
    if name in ids or name in KNOWN:
        return ids.get(name) or KNOWN[name][0]
    if shape.type_name == "structure":
        return {each: right(of, each, ids) for each, of in shape.members.items() if each in shape.required_members}
    if shape.type_name == "list":
        return [right(shape.member, name, ids)]
    if getattr(shape, "enum", None):
        return shape.enum[0]
    scalars = {"map": {}, "boolean": True, "blob": "eA==", "string": "x" * max(1, shape.metadata.get("min", 1))}
    return scalars.get(shape.type_name, 5)


@pytest.mark.parametrize("operation", sorted(table.OPERATIONS))
def test_every_member_of_every_operation(world, unharmed, operation):
    """Missing, null, of the wrong type and too long."""
    pools, ids = world
    shape = model.input_shape(operation)
    usual = right(shape, "", ids)
    for member, of in shape.members.items():
        request = {**usual, member: right(of, member, ids)}
        without = {name: value for name, value in request.items() if name != member}
        answers = [send(pools, operation, without), send(pools, operation, {**request, member: None})]
        if member in shape.required_members:
            assert {answer[1]["__type"] for answer in answers} == {"InvalidParameterException"}
        mistyped = 7 if of.type_name not in ("integer", "long", "timestamp") else "x"
        assert send(pools, operation, {**request, member: mistyped})[1]["__type"] == "SerializationException"
        send(pools, operation, {**request, member: [None]})
        send(pools, operation, {**request, member: "x" * 200_000})
        unharmed()


@pytest.mark.parametrize("operation", [name for name in ANSWERED if "UserPoolId" in model.input_shape(name).members])
def test_a_pool_that_is_not_there_is_not_found(world, unharmed, operation):
    pools, ids = world
    deleted = sms_pool(pools.client())
    pools.client().delete_user_pool(UserPoolId=deleted)

    for pool_id in ("us-east-1_nowhere", deleted):
        request = right(model.input_shape(operation), "", ids) | {"UserPoolId": pool_id}
        status, document = send(pools, operation, request)
        assert (status, document["__type"]) == (400, "ResourceNotFoundException")
    unharmed()


@pytest.mark.parametrize("operation", [name for name in ANSWERED if "ClientId" in model.input_shape(name).members])
def test_a_client_of_another_pool_or_a_deleted_one_is_not_found(world, unharmed, operation):
    pools, ids = world
    cognito = pools.client()
    other = sms_pool(cognito)
    foreign, deleted = app(cognito, other), app(cognito, ids["UserPoolId"])
    cognito.delete_user_pool_client(UserPoolId=ids["UserPoolId"], ClientId=deleted)
    shape = model.input_shape(operation)
    names_a_pool = "UserPoolId" in shape.members

    for client_id in (deleted, foreign) if names_a_pool else (deleted,):
        _, document = send(pools, operation, right(shape, "", ids) | {"ClientId": client_id})
        assert document["__type"] == "ResourceNotFoundException"
    unharmed()


@pytest.mark.parametrize("operation", [name for name in ANSWERED if "AccessToken" in model.input_shape(name).members])
def test_a_token_that_is_not_good_opens_nothing(operation, bad_tokens):
    pools, ids, tokens = bad_tokens
    request = right(model.input_shape(operation), "", ids)

    for why, token in tokens.items():
        _, document = send(pools, operation, request | {"AccessToken": token})
        assert document["__type"] in ("NotAuthorizedException", "UserNotFoundException"), why


@pytest.fixture(scope="module")
def bad_tokens(world):
    """Tokens by what is wrong with them, in a world of their own."""
    pools = LocalPools(limits=False)
    cognito = pools.client()
    pool_id = sms_pool(cognito)
    client_id = app(cognito, pool_id)

    def sign_in(name):
        user = {"UserPoolId": pool_id, "Username": name}
        cognito.admin_create_user(**user, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**user, Password=PASSWORD, Permanent=True)
        parameters = {"USERNAME": name, "PASSWORD": PASSWORD}
        answer = cognito.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
        return answer["AuthenticationResult"], user

    expired, _ = sign_in("expired")
    pools.clock.advance(3601)
    revoked, _ = sign_in("revoked")
    cognito.revoke_token(ClientId=client_id, Token=revoked["RefreshToken"])
    signed_out, user = sign_in("signed-out")
    cognito.admin_user_global_sign_out(**user)
    deleted, user = sign_in("deleted")
    cognito.admin_delete_user(**user)
    good, _ = sign_in("good")
    header, claims, signature = good["AccessToken"].split(".")
    forged = f"{header}.{claims}.{signature[:-8]}AAAAAAAA"
    tokens = {
        "expired": expired["AccessToken"],
        "revoked": revoked["AccessToken"],
        "signed out": signed_out["AccessToken"],
        "of a deleted user": deleted["AccessToken"],
        "an ID token": good["IdToken"],
        "forged": forged,
        "of another sandbox": world[1]["AccessToken"],
        "none at all": "x",
    }
    return pools, {"UserPoolId": pool_id, "ClientId": client_id}, tokens


def test_the_header_of_a_long_error_can_be_read(world):
    """Python's http.client and others refuse a line of 64 KB."""
    pools, _ = world
    request = json.dumps({"UserPoolId": "é" * 200_000}).encode()

    status, headers, document = pools.call("DescribeUserPool", request)

    assert status == 400
    assert len(headers["x-amzn-ErrorMessage"]) <= 1000
    assert len(document["message"]) > 200_000
