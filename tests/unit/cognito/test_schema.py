"""What a pool's schema takes as attributes."""

import pytest

from pool_values import client, pool, user
from sms_redirect.sandbox.cognito.rules import schema
from sms_redirect.sandbox.errors import CognitoError

TIER = {
    "Name": "tier",
    "AttributeDataType": "String",
    "StringAttributeConstraints": {"MinLength": "2", "MaxLength": "5"},
}
AGE = {"Name": "age", "AttributeDataType": "Number", "NumberAttributeConstraints": {"MinValue": "0", "MaxValue": "150"}}
NOTE = {"Name": "note", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}
FIXED = {"Name": "tenant", "AttributeDataType": "String", "Mutable": False}
EMAIL = {"Name": "email", "AttributeDataType": "String", "Required": True}


def lengths(name, **constraints):
    return {"Name": name, "AttributeDataType": "String", "StringAttributeConstraints": constraints}


def refusal(check, *arguments):
    with pytest.raises(CognitoError) as caught:
        check(*arguments)
    return caught.value.code, caught.value.message


def test_a_pool_without_a_schema_of_its_own_has_the_standard_attributes():
    attributes = schema.of_request([])

    assert len(attributes) == 21
    assert schema.described(attributes["sub"]) == {
        "Name": "sub",
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": False,
        "Required": True,
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2048"},
    }
    assert schema.described(attributes["birthdate"])["StringAttributeConstraints"] == {
        "MinLength": "10",
        "MaxLength": "10",
    }


def test_other_attributes_are_custom_or_the_developers():
    assert {"custom:tier", "dev:custom:note"} <= schema.of_request([TIER, NOTE]).keys()


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        ({"Name": "x" * 21, "AttributeDataType": "String"}, "less than or equal to 20"),
        (
            {"Name": "x", "AttributeDataType": "String", "Required": True},
            "Required custom attributes are not supported",
        ),
        ({"Name": "x"}, "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."),
        ({"Name": "email", "AttributeDataType": "Number"}, "for standard schema attribute email"),
        ({"Name": "email", "DeveloperOnlyAttribute": True}, "for standard schema attribute email"),
        (lengths("email", MinLength="x"), "Invalid StringAttributeConstraints for schema attribute email"),
        (lengths("x", MaxLength="2049"), "user.custom:x: String attributes cannot have a length of more than 2048"),
        (lengths("x", MinLength="2", MaxLength="1"), "user.custom:x: Max length cannot be less than min length."),
        (
            {**AGE, "NumberAttributeConstraints": {"MinValue": "2", "MaxValue": "1"}},
            "user.custom:age: Max value cannot be less than min value.",
        ),
    ],
)
def test_a_schema_that_cognito_does_not_take(wanted, text):
    assert text in refusal(schema.of_request, [wanted])[1]


def test_constraints_of_another_type_are_ignored():
    flag = {"Name": "flag", "AttributeDataType": "Boolean", "StringAttributeConstraints": {"MinLength": "x"}}

    attribute = schema.of_request([flag])["custom:flag"]

    assert "StringAttributeConstraints" not in schema.described(attribute)


def test_a_developers_attribute_is_named_without_its_prefix():
    attributes = schema.of_request([NOTE])

    assert (
        "custom:note: Existing attribute already has name dev:custom:note."
        in refusal(schema.with_custom, attributes, [NOTE])[1]
    )


def test_a_custom_attribute_is_added_once():
    attributes = schema.with_custom(schema.of_request([]), [TIER])

    assert "already has name custom:tier" in refusal(schema.with_custom, attributes, [TIER])[1]


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ({"shoe_size": "42"}, "shoe_size: Attribute does not exist in the schema."),
        ({"custom:tier": "g"}, "custom:tier: String must be no shorter than 2 characters"),
        ({"custom:tier": "platinum"}, "custom:tier: String must be no longer than 5 characters"),
        ({"custom:age": "old"}, "custom:age: Attribute value is not a number."),
        ({"custom:age": "151"}, "custom:age: Number must be no greater than 150"),
        ({"custom:age": "-1"}, "custom:age: Number must be no less than 0"),
        ({"birthdate": "1.1.2000"}, "birthdate: String must be no shorter than 10 characters"),
        ({"phone_number_verified": "perhaps"}, "phone_number_verified: Attribute value is not a boolean."),
    ],
)
def test_values_conform_to_the_schema(attributes, problem):
    refused = refusal(schema.check_values, pool(attributes=[TIER, AGE]), attributes)

    assert refused == ("InvalidParameterException", f"Attributes did not conform to the schema: {problem}\n")


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"phone_number": "+0123"}, "Invalid phone number format."),
        ({"phone_number": "12065550008"}, "Invalid phone number format."),
        ({"phone_number": "+1206555\u0660\u0661\u0662\u0663"}, "Invalid phone number format."),
        ({"email": "nobody"}, "Invalid email address format."),
        ({"email": "a@b"}, "Invalid email address format."),
    ],
)
def test_phones_and_emails_have_their_form(attributes, text):
    assert refusal(schema.check_values, pool(), attributes) == ("InvalidParameterException", text)


def test_blank_values_are_held_against_nothing_but_the_schema():
    schema.check_values(pool(attributes=[TIER]), {"custom:tier": "", "phone_number": "", "email": ""})

    assert refusal(schema.check_values, pool(), {"shoe_size": ""})[0] == "InvalidParameterException"


def test_required_attributes_are_all_named():
    in_pool = pool(attributes=[EMAIL, {"Name": "given_name", "AttributeDataType": "String", "Required": True}])

    assert refusal(schema.check_required, in_pool, {"email": ""})[1] == (
        "Attributes did not conform to the schema: email: The attribute is required\n"
        "given_name: The attribute is required\n"
    )
    schema.check_required(in_pool, {"email": "a@b.example", "given_name": "Ann"})


def test_immutable_attributes_stay_and_required_ones_are_not_deleted():
    in_pool = pool(attributes=[FIXED, EMAIL])
    ann = user(email="a@b.example", **{"custom:tenant": "one"})

    schema.check_changes(in_pool, ann, {"custom:tenant": "one"})
    assert refusal(schema.check_changes, in_pool, ann, {"custom:tenant": "two"})[1] == (
        "user.custom:tenant: Attribute cannot be updated.\n"
    )
    assert refusal(schema.check_changes, in_pool, ann, {"email": ""})[1] == (
        "user.email: Required attribute cannot be deleted.\n"
    )


@pytest.mark.parametrize(
    "name", ["email_verified", "phone_number_verified", "sub", "identities", "dev:custom:note", "name"]
)
def test_what_an_app_client_may_not_write(name):
    in_pool, app = pool(attributes=[NOTE, TIER]), client(WriteAttributes=["custom:tier"])

    assert refusal(schema.check_writable, in_pool, app, [name]) == (
        "NotAuthorizedException",
        "A client attempted to write unauthorized attribute",
    )
    schema.check_writable(in_pool, app, ["custom:tier"])


def test_a_client_without_write_attributes_may_write_all_that_users_may():
    schema.check_writable(pool(attributes=[TIER]), client(), ["name", "custom:tier", "phone_number"])


def test_an_app_client_shows_what_it_may_read():
    in_pool = pool(attributes=[NOTE])
    attributes = {"sub": "1", "name": "Ann", "email": "a@b.example", "dev:custom:note": "secret"}

    assert schema.readable(in_pool, client(), attributes).keys() == {"sub", "name", "email"}
    assert schema.readable(in_pool, client(ReadAttributes=["name"]), attributes).keys() == {"sub", "name"}
