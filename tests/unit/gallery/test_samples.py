"""The sample user is one that the pool could have, in the state that the flow implies."""

import json

import pytest

from gallery_pools import gallery, pool
from sms_redirect.gallery import samples
from sms_redirect.gallery.errors import AttributeNameError
from sms_redirect.gallery.flows import occasions
from sms_redirect.gallery.samples import Person
from sms_sender.custom_message import CustomMessage

ARN = "arn:aws:lambda:us-east-1:111122223333:function:texts"


class Recording:
    """A CustomMessage function that keeps what it was asked."""

    def __init__(self):
        self.events = {}

    def invoke(self, *, Payload, **_):  # noqa: N803 - botocore's name
        import io

        event = json.loads(Payload)
        self.events.setdefault(event["triggerSource"], event)
        locale = event["request"]["userAttributes"].get("locale", "none")
        return {
            "Payload": io.BytesIO(json.dumps({"response": {"smsMessage": f"{locale} {{####}} {{username}}"}}).encode())
        }


def asked(person=None, **settings):
    function = Recording()
    shown = gallery(CustomMessage(function, ARN), person=person, **settings)
    return function.events, shown


def attributes(flow, person=None, **settings):
    return asked(person, **settings)[0][f"CustomMessage_{flow}"]["request"]["userAttributes"]


@pytest.mark.parametrize(
    ("flow", "status", "verified"),
    [
        ("SignUp", "UNCONFIRMED", "false"),
        ("ResendCode", "UNCONFIRMED", "false"),
        ("VerifyUserAttribute", "CONFIRMED", "false"),
        ("UpdateUserAttribute", "CONFIRMED", "false"),
        ("ForgotPassword", "CONFIRMED", "true"),
        ("Authentication", "CONFIRMED", "true"),
        ("AdminCreateUser", "FORCE_CHANGE_PASSWORD", "false"),
    ],
)
def test_the_state_is_the_one_of_the_flow(flow, status, verified):
    found = attributes(flow)

    assert (found["cognito:user_status"], found["phone_number_verified"]) == (status, verified)


def test_a_user_invited_without_a_password_is_confirmed():
    passwordless = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}
    invitation = {"InviteMessageTemplate": {"SMSMessage": "Welcome, {username}"}}

    found = attributes("AdminCreateUser", Policies=passwordless, AdminCreateUserConfig=invitation)

    assert found["cognito:user_status"] == "CONFIRMED"


@pytest.mark.parametrize("name", ["Schema", "SchemaAttributes"])
def test_required_attributes_are_there(name):
    schema = [
        {"Name": "given_name", "Required": True, "AttributeDataType": "String"},
        {"Name": "birthdate", "Required": "true", "AttributeDataType": "String"},
        {"Name": "nickname", "Required": False},
        {"Name": "shop", "Required": True, "StringAttributeConstraints": {"MinLength": "9", "MaxLength": 12}},
        {
            "Name": "custom:size",
            "Required": True,
            "AttributeDataType": "Number",
            "NumberAttributeConstraints": {"MinValue": "40"},
        },
        {"Name": "sub", "Required": True},
    ]

    found = attributes("SignUp", **{name: schema})

    assert found["given_name"] == "Alice"
    assert found["birthdate"] == "1990-01-31"
    assert found["custom:shop"] == "examplexx"
    assert found["custom:size"] == "40"
    assert "nickname" not in found
    assert found["sub"] == samples.SUB


def test_an_attribute_is_set_and_an_empty_one_is_left_out():
    found = attributes("SignUp", Person({"given_name": "Zoë", "email": ""}))

    assert found["given_name"] == "Zoë"
    assert "email" not in found


def test_an_attribute_that_the_pool_does_not_have_is_refused():
    with pytest.raises(AttributeNameError, match="Did you mean locale"):
        gallery(person=Person({"local": "de"}))
    with pytest.raises(AttributeNameError, match="custom:shop"):
        gallery(person=Person({"custom:shops": "1"}), Schema=[{"Name": "shop"}])


def test_client_metadata_reaches_the_flows_whose_calls_pass_it_on():
    events, _ = asked(Person(client_metadata={"campaign": "spring"}))

    assert events["CustomMessage_SignUp"]["request"]["clientMetadata"] == {"campaign": "spring"}
    assert "clientMetadata" not in events["CustomMessage_Authentication"]["request"]


def test_a_locale_is_the_users_attribute():
    _, shown = asked(Person(locale="de-DE"))

    assert shown.pictures[0].shown.text.startswith("de-DE ")


def test_every_occasion_has_a_sample_whatever_the_schema_is():
    for schema in (
        [],
        [None],
        ["x"],
        [{"Name": 5}],
        [{"Name": "a", "Required": True, "StringAttributeConstraints": "x"}],
    ):
        for occasion in occasions(pool(Schema=schema)):
            assert samples.attributes(pool(Schema=schema), occasion, Person())["sub"]
