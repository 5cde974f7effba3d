"""What may come without a signature is described to the letter: behind the door it would be the root user's request."""

import botocore.session
import pytest

from arrivals_at_the_door import incoming
from sms_redirect.sandbox.cognito import hosted
from sms_redirect.sandbox.cognito.pages import application
from sms_redirect.sandbox.doors import unsigned
from sms_redirect.sandbox.doors.unsigned import Open
from sms_redirect.sandbox.email import pages

TARGET = "AWSCognitoIdentityProviderService."
UUID = "0b1c2d3e-0000-4000-8000-0123456789ab"


def kind(*arguments, **named):
    return unsigned.kind(incoming(*arguments, **named), plain_host=True)


def test_the_operations_are_those_that_the_api_s_model_sends_unsigned():
    model = botocore.session.get_session().get_service_model("cognito-idp")

    assert {"SignUp", "InitiateAuth", "RespondToAuthChallenge", "GetUser", "ForgotPassword"} <= unsigned.operations()
    assert not [name for name in unsigned.operations() if name.startswith(("Admin", "Create", "List"))
                and name not in {"ListDevices", "ListWebAuthnCredentials", "ListUserSessions"}]  # fmt: skip
    assert unsigned.operations() < set(model.operation_names)


@pytest.mark.parametrize(
    ("method", "url", "headers", "expected"),
    [
        ("POST", "/", {"X-Amz-Target": TARGET + "SignUp"}, Open.USER_POOLS),
        ("POST", "/", {"X-Amz-Target": TARGET + "GetUser", "Authorization": "Bearer x"}, Open.USER_POOLS),
        ("GET", "/oauth2/authorize?client_id=a", {}, Open.HOSTED),
        ("POST", "/oauth2/token", {"Authorization": "Basic YTpi"}, Open.HOSTED),
        ("GET", "/oauth2/userInfo", {"Authorization": "Bearer x"}, Open.HOSTED),
        ("GET", "/us-east-1_Abc123/.well-known/jwks.json", {}, Open.HOSTED),
        ("GET", "/eu-west-1_Abc123/.well-known/openid-configuration", {}, Open.HOSTED),
        ("GET", "/confirmation.html?TopicArn=a&Token=b&Endpoint=c", {}, Open.LINK),
        ("GET", "/?Action=ConfirmSubscription&TopicArn=a&Token=b", {}, Open.LINK),
        ("GET", "/", {"Accept": "text/html,*/*;q=0.8"}, Open.PAGE),
        ("HEAD", "/", {"Accept": "text/html"}, Open.PAGE),
        ("GET", "/?Action=Unsubscribe&SubscriptionArn=a", {}, Open.LINK),
        ("PUT", f"/_ministack/cfn-response/{UUID}", {}, Open.PROGRAM),
        ("GET", "/_ministack/health", {}, Open.PROGRAM),
    ],
)
def test_what_needs_no_signature(method, url, headers, expected):
    assert kind(method, url, headers) is expected


@pytest.mark.parametrize(
    ("method", "url", "headers"),
    [
        ("POST", "/", {"X-Amz-Target": TARGET + "AdminCreateUser"}),
        ("POST", "/", {"X-Amz-Target": TARGET + "signup"}),
        ("POST", "/", {"X-Amz-Target": "TrentService.SignUp"}),
        ("POST", "/?Action=CreateStack", {"X-Amz-Target": TARGET + "SignUp"}),
        ("POST", "/bucket/key", {"X-Amz-Target": TARGET + "SignUp"}),
        ("PUT", "/", {"X-Amz-Target": TARGET + "SignUp"}),
        ("POST", "/", {"X-Amz-Target": TARGET + "SignUp", "Authorization": "AWS4-HMAC-SHA256 Credential=test/"}),
        ("POST", "/", {}),
        ("GET", "/", {}),
        ("GET", "/", {"Accept": "*/*"}),
        ("GET", "/?list-type=2", {"Accept": "text/html"}),
        ("GET", "/?X-Amz-Credential=test", {"Accept": "text/html"}),
        ("GET", "/", {"Accept": "text/html", "Authorization": "AWS4-HMAC-SHA256 Credential=test/"}),
        ("POST", "/", {"Accept": "text/html"}),
        ("GET", "/?Action=CreateStack&TemplateBody=a", {}),
        ("GET", "/?Action=ConfirmSubscription&Action=CreateStack", {}),
        ("GET", "/?Action=ConfirmSubscription&TopicArn=a&Token=b&StackName=c", {}),
        ("POST", "/?Action=ConfirmSubscription&TopicArn=a&Token=b", {}),
        ("GET", "/?Action=Unsubscribe&SubscriptionArn=a&AWSAccessKeyId=test", {}),
        ("GET", "/oauth2/authorize?X-Amz-Credential=test%2Fa", {}),
        ("DELETE", "/oauth2/authorize", {}),
        ("HEAD", "/oauth2/authorize", {}),
        ("GET", "/oauth2/authorize/", {}),
        ("GET", "/bucket/.well-known/jwks.json", {}),
        ("GET", "/us-east-1_Abc123/x/.well-known/jwks.json", {}),
        ("PUT", "/_ministack/cfn-response/guess", {}),
        ("POST", f"/_ministack/cfn-response/{UUID}", {}),
        ("GET", "/_ministack/lambda-code/123456789012/us-east-1/sender", {}),
        ("GET", "/2015-03-31/functions", {}),
        ("GET", "/bucket", {}),
    ],
)
def test_what_must_be_signed(method, url, headers):
    assert kind(method, url, headers) is None


def test_every_open_page_is_served_by_an_application_of_ours():
    """The emulator behind would take it for a bucket's name, and the request for its owner's."""
    ours = {*pages.PATHS, *hosted.PATHS, *application.PATHS}

    paths = [path.pattern for path, _ in unsigned.HOSTED if ".well-known" not in path.pattern]

    assert {alternative for path in paths for alternative in path.split("|")} <= ours


def test_the_host_of_a_bucket_or_an_api_makes_it_something_else():
    assert unsigned.kind(incoming("GET", "/logout"), plain_host=False) is None
