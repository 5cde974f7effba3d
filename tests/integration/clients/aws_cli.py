"""The AWS CLI's journey, in one process of its interpreter: a start for each of these commands takes a second."""

import contextlib
import io
import json
import re
import sys

from awscli.clidriver import main

ENDPOINT, REGION, POOL_ID, CLIENT_ID, USERNAME, NUMBER, NEW_NUMBER = sys.argv[1:]
PASSWORD, NEW_PASSWORD = "Passw0rd!", "An0ther-one"
USER = ("--client-id", CLIENT_ID, "--username", USERNAME)


class RefusedError(Exception):
    """The command failed; the text is the error's name."""


def aws(operation, *arguments):
    """What `aws cognito-idp` prints."""
    output, errors = io.StringIO(), io.StringIO()
    sys.argv = ["aws", "cognito-idp", operation, *arguments, "--output", "json"]
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        status = main()
    if status:
        raise RefusedError(re.search(r"An error occurred \((\w+)\)", errors.getvalue())[1])
    return json.loads(output.getvalue() or "{}")


def refused(operation, *arguments):
    try:
        return f"not refused: {aws(operation, *arguments)}"
    except RefusedError as error:
        return str(error)


def code(flow, number=NUMBER):
    print(json.dumps({"need": flow, "number": number}), flush=True)
    return input()


def other(code):
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def attributes(number):
    return ("--user-attributes", f"Name=phone_number,Value={number}")


def sign_in(flow, call=aws, **parameters):
    given = ",".join(f"{name}={value}" for name, value in {"USERNAME": USERNAME, **parameters}.items())
    return call("initiate-auth", "--client-id", CLIENT_ID, "--auth-flow", flow, "--auth-parameters", given)


def respond(challenge, call=aws, **responses):
    given = ",".join(f"{name}={value}" for name, value in {"USERNAME": USERNAME, **responses}.items())
    asked = ("--challenge-name", challenge["ChallengeName"], "--session", challenge["Session"])
    return call("respond-to-auth-challenge", "--client-id", CLIENT_ID, *asked, "--challenge-responses", given)


def steps():
    signed_up = aws("sign-up", *USER, "--password", PASSWORD, *attributes(NUMBER))
    yield "sign up", signed_up["CodeDeliveryDetails"]["Destination"]
    first = code("SignUp")
    yield "wrong code", refused("confirm-sign-up", *USER, "--confirmation-code", other(first))
    yield "resend", aws("resend-confirmation-code", *USER)["CodeDeliveryDetails"]["Destination"]
    second = code("ResendCode")
    yield "sign in unconfirmed", sign_in("USER_PASSWORD_AUTH", refused, PASSWORD=PASSWORD)
    yield "confirm", aws("confirm-sign-up", *USER, "--confirmation-code", second)

    tokens = sign_in("USER_PASSWORD_AUTH", PASSWORD=PASSWORD)["AuthenticationResult"]
    yield "sign in with password", tokens["TokenType"]
    asked = sign_in("USER_AUTH", PREFERRED_CHALLENGE="SMS_OTP")
    one_time = respond(asked, SMS_OTP_CODE=code("Authentication"))
    yield "sign in with one-time password", one_time["AuthenticationResult"]["TokenType"]

    access = ("--access-token", tokens["AccessToken"])
    changed = aws("update-user-attributes", *access, *attributes(NEW_NUMBER))
    yield "change number", changed["CodeDeliveryDetailsList"][0]["Destination"]
    confirmation = code("UpdateUserAttribute", NEW_NUMBER)
    aws("verify-user-attribute", *access, "--attribute-name", "phone_number", "--code", confirmation)
    now = {each["Name"]: each["Value"] for each in aws("get-user", *access)["UserAttributes"]}
    yield "verify number", [now["phone_number"], now["phone_number_verified"]]

    yield "forget password", aws("forgot-password", *USER)["CodeDeliveryDetails"]["Destination"]
    recovery = ("--confirmation-code", code("ForgotPassword", NEW_NUMBER), "--password", NEW_PASSWORD)
    aws("confirm-forgot-password", *USER, *recovery)
    yield "sign in with old password", sign_in("USER_PASSWORD_AUTH", refused, PASSWORD=PASSWORD)

    aws("set-user-mfa-preference", *access, "--sms-mfa-settings", "Enabled=true,PreferredMfa=true")
    challenge = sign_in("USER_PASSWORD_AUTH", PASSWORD=NEW_PASSWORD)
    yield "second factor", challenge["ChallengeName"]
    factor = code("Authentication", NEW_NUMBER)
    yield "wrong second factor", respond(challenge, refused, SMS_MFA_CODE=other(factor))
    result = respond(challenge, SMS_MFA_CODE=factor)["AuthenticationResult"]
    yield "sign in with second factor", result["TokenType"]

    refresh = ("get-tokens-from-refresh-token", "--client-id", CLIENT_ID, "--refresh-token", result["RefreshToken"])
    yield "refresh", aws(*refresh)["AuthenticationResult"]["AccessToken"] != result["AccessToken"]
    aws("revoke-token", "--client-id", CLIENT_ID, "--token", result["RefreshToken"])
    yield "refresh after revocation", refused(*refresh)
    aws("global-sign-out", *access)
    yield "use after sign-out", refused("get-user", *access)


for step, value in steps():
    print(json.dumps({"step": step, "value": value}), flush=True)
