"""A request is held against the API's model where the emulator would fail at it."""

import json

import pytest

from arrivals_at_the_door import incoming
from sms_redirect.sandbox.doors import models
from sms_redirect.sandbox.doors.refusals import Malformed


def check(target, document):
    models.check(incoming(headers={"X-Amz-Target": target}), "", json.dumps(document).encode())


@pytest.mark.parametrize(
    ("target", "document"),
    [
        ("TrentService.Decrypt", {"CiphertextBlob": "AA==", "EncryptionContext": {"a": "b"}}),
        ("TrentService.Decrypt", {}),
        ("TrentService.Decrypt", {"KeyId": None, "NotInTheModel": [1]}),
        ("AmazonSQS.SendMessage", {"MessageAttributes": {"a": {"DataType": "String", "StringValue": "b"}}}),
        ("AmazonSQS.ReceiveMessage", {"MaxNumberOfMessages": 10, "AttributeNames": ["All"]}),
        ("Logs_20140328.PutLogEvents", {"logEvents": [{"timestamp": 1, "message": "m"}]}),
        ("AWSCognitoIdentityProviderService.SignUp", {"Username": 1}),  # Cognito's own words are for that
        ("NotOurs.Anything", {"a": 1}),
    ],
)
def test_what_the_model_knows_passes(target, document):
    check(target, document)


@pytest.mark.parametrize(
    ("target", "document"),
    [
        ("TrentService.Decrypt", []),
        ("TrentService.Decrypt", None),
        ("TrentService.Decrypt", "text"),
        ("TrentService.Decrypt", {"KeyId": 1}),
        ("TrentService.Decrypt", {"EncryptionContext": []}),
        ("TrentService.Decrypt", {"EncryptionContext": {"a": {}}}),
        ("TrentService.Decrypt", {"GrantTokens": ["a", 1]}),
        ("AmazonSQS.ReceiveMessage", {"MaxNumberOfMessages": "10"}),
        ("AmazonSQS.ReceiveMessage", {"MaxNumberOfMessages": True}),
        ("AmazonSQS.SendMessage", {"MessageAttributes": {"a": {"StringValue": 1}}}),
        ("Logs_20140328.PutLogEvents", {"logEvents": [{"message": []}]}),
    ],
)
def test_members_of_another_type_do_not(target, document):
    with pytest.raises(Malformed) as caught:
        check(target, document)

    assert caught.value.code == "SerializationException"


@pytest.mark.parametrize("target", ["TrentService.NoSuch", "AWSCognitoIdentityProviderService.NoSuch", "AmazonSQS."])
def test_operations_that_the_model_does_not_know_do_not(target):
    with pytest.raises(models.UnknownOperation):
        check(target, {})


@pytest.mark.parametrize(
    ("method", "url", "body", "passes"),
    [
        ("POST", "/2015-03-31/functions", {"FunctionName": "a"}, True),
        ("POST", "/2015-03-31/functions/", [], False),
        ("POST", "/2015-03-31/functions", {"FunctionName": 1}, False),
        ("POST", "/2015-03-31/functions", {"Environment": {"Variables": {"A": "b"}}}, True),
        ("POST", "/2015-03-31/functions/a/invocations", [1, "any"], True),
        ("GET", "/2015-03-31/functions?MaxItems=50", {}, True),
        ("GET", "/2015-03-31/functions?MaxItems=x", {}, False),
        ("GET", "/no/such/path", [], True),
    ],
)
def test_lambda_s_paths_name_its_operations(method, url, body, passes):
    request = incoming(method, url)

    if passes:
        models.check(request, "lambda", json.dumps(body).encode())
    else:
        with pytest.raises(Malformed):
            models.check(request, "lambda", json.dumps(body).encode())


@pytest.mark.parametrize("body", [b"Name=a%00b", b"Name=a%01b", b"Message=a%00b"])
def test_a_form_holds_what_xml_can_hold(body):
    form = incoming(headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})

    with pytest.raises(Malformed):
        models.check(form, "sns", body)
    models.check(form, "sns", b"Name=a&Message=a%01%0A%F0%9F%98%80")
