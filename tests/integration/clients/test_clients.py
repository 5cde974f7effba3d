"""Clients that nobody here wrote, unmodified, each through the flows of a user's life.

The sample app has aws-amplify in Chromium: tests/browser/test_sample_app.py.
"""

import json
import subprocess
from pathlib import Path

import boto3
import pytest
from pycognito import Cognito
from pycognito.exceptions import SMSMFAChallengeException

from docs_snippets import snippet
from journeys import TOOLS, Journey, Traveller, node_environment, node_is_missing
from sms_redirect.sandbox import deploy

pytestmark = pytest.mark.xdist_group("clients")

HERE = Path(__file__).parent
NODE = ("amazon-cognito-identity-js", "aws-amplify", "aws-jwt-verify", "aws-sdk")
PASSWORD, NEW_PASSWORD = "Passw0rd!", "An0ther-one"
NO_AWS_CLI = "the AWS CLI is not installed: scripts/test installs it"


def traveller(number):
    return Traveller(f"traveller{number}", f"+1206555{7000 + number}", f"+1206555{8000 + number}")


@pytest.fixture(scope="module")
def clients_stack(running_sandbox):
    """Outputs of a stack of their own, whose pool also signs in with one-time passwords."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in running_sandbox.environment.items():
            patch.setenv(name, value)
        outputs = deploy.deploy(boto3.Session(), "clients", {"Email": "qa@example.com", "Passwordless": "yes"})
        running_sandbox.clock.advance(running_sandbox.harshness.iam)
        yield outputs


@pytest.fixture(scope="module")
def tokens(running_sandbox, clients_stack):
    """Issuer -> tokens. From here on the sandbox is one that was started with `--issuer local`."""
    cognito = boto3.client("cognito-idp")
    pool_id, client_id = clients_stack["UserPoolId"], clients_stack["UserPoolClientId"]
    cognito.admin_create_user(UserPoolId=pool_id, Username="issuers", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool_id, Username="issuers", Password=PASSWORD, Permanent=True)

    def signed_in():
        return cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "issuers", "PASSWORD": PASSWORD},
        )["AuthenticationResult"]

    with pytest.MonkeyPatch.context() as patch:
        aws = signed_in()
        patch.setattr(running_sandbox.pools.context.tokens, "_local_issuer", running_sandbox.endpoint_url)
        yield {"aws": aws, "local": signed_in()}


@pytest.fixture(scope="module")
def journeys(running_sandbox, clients_stack, phones, tokens):
    """Client -> its user and its journey. All set out at once, because each mostly waits; a missing one is missing."""

    def code(flow, number):
        return json.dumps(tokens) if flow == "tokens" else phones.next(number, flow).code

    programs = {} if node_is_missing() else {name: ["node", str(HERE / f"{name}.js")] for name in NODE}
    aws = TOOLS / "bin" / "aws"
    if aws.exists():
        interpreter = aws.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!")
        programs["aws-cli"] = [interpreter, str(HERE / "aws_cli.py")]
    ids = [clients_stack["UserPoolId"], clients_stack["UserPoolClientId"]]
    environment = node_environment(running_sandbox.environment)
    started = {}
    for number, (name, program) in enumerate(programs.items()):
        user = traveller(number)
        arguments = [running_sandbox.endpoint_url, "us-east-1", *ids, user.name, user.number, user.new_number]
        started[name] = user, Journey([*program, *arguments], environment, code)
    yield started
    for _, journey in started.values():
        journey.end()


@pytest.fixture
def travelled(journeys):
    """A client's user, and what each of its steps came to."""

    def travelled(client):
        if client not in journeys:
            pytest.skip(node_is_missing() or NO_AWS_CLI)
        user, journey = journeys[client]
        return user, journey.steps()

    return travelled


def masked(number):
    return f"+*******{number[-4:]}"


def test_pycognito(journeys, running_sandbox, clients_stack, phones):
    """First, while the others are on their way. It verifies each token, and wants its issuer at the endpoint."""
    user = traveller(99)
    client = Cognito(
        clients_stack["UserPoolId"],
        clients_stack["UserPoolClientId"],
        username=user.name,
        boto3_client_kwargs={"endpoint_url": running_sandbox.endpoint_url},
    )
    errors = client.client.exceptions

    client.set_base_attributes(phone_number=user.number)
    assert client.register(user.name, PASSWORD)["CodeDeliveryDetails"]["Destination"] == masked(user.number)
    first = phones.next(user.number, "SignUp").code
    client.resend_confirmation_code(user.name)
    second = phones.next(user.number, "ResendCode").code
    if first != second:
        with pytest.raises(errors.CodeMismatchException):
            client.confirm_sign_up(first)
    with pytest.raises(errors.UserNotConfirmedException):
        client.authenticate(PASSWORD)
    client.confirm_sign_up(second)

    client.authenticate(PASSWORD)
    assert client.access_claims["username"] == user.name
    client.update_profile({"phone_number": user.new_number})
    client.validate_verification(phones.next(user.new_number, "UpdateUserAttribute").code, "phone_number")
    assert client.get_user().phone_number == user.new_number
    assert client.get_user().phone_number_verified is True

    client.initiate_forgot_password()
    client.confirm_forgot_password(phones.next(user.new_number, "ForgotPassword").code, NEW_PASSWORD)
    with pytest.raises(errors.NotAuthorizedException):
        client.authenticate(PASSWORD)
    client.change_password(NEW_PASSWORD, PASSWORD)

    client.set_user_mfa_preference(sms_mfa=True, software_token_mfa=False, preferred="SMS")
    with pytest.raises(SMSMFAChallengeException):
        client.authenticate(PASSWORD)
    client.respond_to_sms_mfa_challenge(phones.next(user.new_number, "Authentication").code)
    before = client.access_token
    client.renew_access_token()
    assert client.access_token != before
    client.verify_tokens()
    signed_out = client.access_token
    client.logout()
    client.access_token = signed_out
    with pytest.raises(errors.NotAuthorizedException):
        client.get_user()


def test_amazon_cognito_identity_js(travelled):
    user, steps = travelled("amazon-cognito-identity-js")

    assert steps == {
        "sign up": masked(user.number),
        "wrong code": "CodeMismatchException",
        "resend": masked(user.number),
        "sign in unconfirmed": "UserNotConfirmedException",
        "confirm": "SUCCESS",
        "sign in with password": True,
        "change number": masked(user.new_number),
        "verify number": [user.new_number, "true"],
        "forget password": masked(user.new_number),
        "sign in with old password": "NotAuthorizedException",
        "second factor": "SMS_MFA",
        "wrong second factor": "CodeMismatchException",
        "sign in with second factor": True,
        "refresh": True,
        "refresh after revocation": "NotAuthorizedException",
        "use after sign-out": "NotAuthorizedException",
    }


def test_aws_amplify(travelled):
    user, steps = travelled("aws-amplify")

    assert steps == {
        "sign up": masked(user.number),
        "wrong code": "CodeMismatchException",
        "resend": masked(user.number),
        "sign in unconfirmed": "CONFIRM_SIGN_UP",
        "confirm": True,
        "sign in with SRP": True,
        "one-time password": "CONFIRM_SIGN_IN_WITH_SMS_CODE",
        "sign in with one-time password": True,
        "sign in with password": True,
        "change number": masked(user.new_number),
        "verify number": [user.new_number, "true"],
        "forget password": masked(user.new_number),
        "sign in with old password": "NotAuthorizedException",
        "prefer SMS": "SMS",
        "second factor": "CONFIRM_SIGN_IN_WITH_SMS_CODE",
        "wrong second factor": "CodeMismatchException",
        "sign in with second factor": True,
        "refresh": True,
        "use after sign-out": "UserUnAuthenticatedException",
        "sign in from sign-up": True,
    }


@pytest.mark.parametrize("client", ["aws-sdk", "aws-cli"])
def test_the_aws_sdk_for_javascript_and_the_aws_cli(client, travelled):
    user, steps = travelled(client)

    assert {name: value for name, value in steps.items() if name not in {"confirm", "request id"}} == {
        "sign up": masked(user.number),
        "wrong code": "CodeMismatchException",
        "resend": masked(user.number),
        "sign in unconfirmed": "UserNotConfirmedException",
        "sign in with password": "Bearer",
        "sign in with one-time password": "Bearer",
        "change number": masked(user.new_number),
        "verify number": [user.new_number, "true"],
        "forget password": masked(user.new_number),
        "sign in with old password": "NotAuthorizedException",
        "second factor": "SMS_MFA",
        "wrong second factor": "CodeMismatchException",
        "sign in with second factor": "Bearer",
        "refresh": True,
        "refresh after revocation": "NotAuthorizedException",
        "use after sign-out": "NotAuthorizedException",
    }


def test_the_session_of_a_sign_up_signs_in_without_a_password(travelled):
    assert travelled("aws-sdk")[1]["confirm"] == "Bearer"


def test_a_response_has_one_request_id(travelled):
    """Node.js joins headers of the same name."""
    assert len(travelled("aws-sdk")[1]["request id"]) == len("123e4567-e89b-12d3-a456-426614174000")


def test_the_snippet_for_tokens_of_the_local_issuer(tokens, running_sandbox, clients_stack, tmp_path):
    """From docs/your-app.md. The others of that page run in tests/integration/testkit/test_your_app.py."""
    if (missing := node_is_missing()) is not None:
        pytest.skip(missing)
    script = tmp_path / "verify-local.mjs"
    script.write_text(snippet("your-app.md", script.name), encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(TOOLS / "node" / "node_modules")
    ids = {
        "USER_POOL_ID": clients_stack["UserPoolId"],
        "USER_POOL_CLIENT_ID": clients_stack["UserPoolClientId"],
    }
    environment = node_environment(running_sandbox.environment) | ids

    def told(token):
        command = ["node", str(script), token]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert told(tokens["local"]["AccessToken"]).stdout == "a token of issuers\n"
    assert "JwtInvalidIssuerError" in told(tokens["aws"]["AccessToken"]).stderr


def test_aws_jwt_verify(travelled):
    _, steps = travelled("aws-jwt-verify")

    assert steps == {
        "AWS's issuer": ["access", "id"],
        "AWS's issuer, local token": "ParameterValidationError",
        "local issuer": "id",
        "local issuer, AWS's token": "JwtInvalidIssuerError",
        "another's claims": "JwtInvalidSignatureError",
        "another app's token": "JwtInvalidAudienceError",
    }
