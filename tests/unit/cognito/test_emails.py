"""The emails that a pool sends itself: whom they reach, what they say, and what the code or the link proves."""

import asyncio
import html
import re

import httpx
import pytest
from botocore.exceptions import ClientError

from local_pools import ROLE, LocalPools, app, sms_pool
from sms_redirect.sandbox.cognito.pages.application import application
from sms_redirect.sandbox.cognito.rules.client_settings import secret_hash

ADDRESS = "test@example.com"
PASSWORD = "Passw0rd!"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:custom-message"


def email_pool(cognito, **settings):
    return sms_pool(cognito, **{"AutoVerifiedAttributes": ["email"], "LambdaConfig": None} | settings)


@pytest.fixture
def pool_id(cognito):
    return email_pool(cognito)


def sign_up(cognito, client_id, name="alice", **attributes):
    given = {"email": ADDRESS} | attributes
    return cognito.sign_up(
        ClientId=client_id,
        Username=name,
        Password=PASSWORD,
        UserAttributes=[{"Name": key, "Value": value} for key, value in given.items()],
    )


def attributes(cognito, pool_id, name="alice"):
    found = cognito.admin_get_user(UserPoolId=pool_id, Username=name)["UserAttributes"]
    return {each["Name"]: each["Value"] for each in found}


def tokens(cognito, client_id, name="alice"):
    answer = cognito.initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD}
    )
    return answer["AuthenticationResult"]["AccessToken"]


def confirmed(pools, cognito, client_id):
    sign_up(cognito, client_id)
    cognito.confirm_sign_up(ClientId=client_id, Username="alice", ConfirmationCode=pools.emails[-1].code)
    return tokens(cognito, client_id)


# ---- codes ----


def test_a_sign_up_mails_a_code_that_proves_the_address(pools, cognito, pool_id, client_id):
    details = sign_up(cognito, client_id)["CodeDeliveryDetails"]

    (email,) = pools.emails
    assert details == {"Destination": "t***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert email.to == ADDRESS
    assert re.fullmatch(r"\d{6}", email.code)
    assert email.body == f"Your verification code is {email.code}."
    assert attributes(cognito, pool_id)["email_verified"] == "false"
    cognito.confirm_sign_up(ClientId=client_id, Username="alice", ConfirmationCode=email.code)
    assert attributes(cognito, pool_id)["email_verified"] == "true"


def test_a_wrong_code_proves_nothing(pools, cognito, pool_id, client_id):
    sign_up(cognito, client_id)
    wrong = "".join(str(9 - int(digit)) for digit in pools.emails[-1].code)

    with pytest.raises(ClientError, match="CodeMismatchException"):
        cognito.confirm_sign_up(ClientId=client_id, Username="alice", ConfirmationCode=wrong)

    assert attributes(cognito, pool_id)["email_verified"] == "false"


def test_a_resent_code_replaces_the_one_before(pools, cognito, client_id):
    sign_up(cognito, client_id)
    details = cognito.resend_confirmation_code(ClientId=client_id, Username="alice")["CodeDeliveryDetails"]

    first, second = pools.emails
    assert details["Destination"] == "t***@e***"
    assert second.message.flow == "ResendCode"
    assert first.code != second.code
    cognito.confirm_sign_up(ClientId=client_id, Username="alice", ConfirmationCode=second.code)


def test_recovery_goes_to_the_proven_address(pools, cognito, client_id):
    confirmed(pools, cognito, client_id)

    details = cognito.forgot_password(ClientId=client_id, Username="alice")["CodeDeliveryDetails"]

    email = pools.emails[-1]
    assert details["Destination"] == "t***@e***"
    assert (email.subject, email.body) == ("Your password reset code", f"Your password reset code is {email.code}.")
    cognito.confirm_forgot_password(
        ClientId=client_id, Username="alice", ConfirmationCode=email.code, Password="Another-1!"
    )


def test_a_changed_address_gets_the_code_that_proves_it(pools, cognito, pool_id, client_id):
    token = confirmed(pools, cognito, client_id)

    changed = cognito.update_user_attributes(
        AccessToken=token, UserAttributes=[{"Name": "email", "Value": "other@example.org"}]
    )

    email = pools.emails[-1]
    assert changed["CodeDeliveryDetailsList"][0]["Destination"] == "o***@e***"
    assert (email.to, email.message.flow) == ("other@example.org", "UpdateUserAttribute")
    assert attributes(cognito, pool_id)["email_verified"] == "false"
    cognito.verify_user_attribute(AccessToken=token, AttributeName="email", Code=email.code)
    assert attributes(cognito, pool_id)["email_verified"] == "true"


def test_a_code_can_be_asked_for_any_time(pools, cognito, client_id):
    token = confirmed(pools, cognito, client_id)

    cognito.get_user_attribute_verification_code(AccessToken=token, AttributeName="email")

    assert pools.emails[-1].message.flow == "VerifyUserAttribute"


def test_an_invitation_shows_the_temporary_password_as_html(pools, cognito, pool_id):
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="a<b>",
        TemporaryPassword="Aa1!<&>x",
        DesiredDeliveryMediums=["EMAIL"],
        UserAttributes=[{"Name": "email", "Value": ADDRESS}],
    )

    (email,) = pools.emails
    assert email.code == "Aa1!<&>x"
    assert email.body == "Your username is a&lt;b&gt; and temporary password is Aa1!&lt;&amp;&gt;x."
    assert attributes(cognito, pool_id, "a<b>").get("email_verified") != "true"


def test_a_sign_in_by_one_time_password_has_eight_digits(pools, cognito):
    first = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    pool_id = email_pool(cognito, Policies=first)
    client_id = app(cognito, pool_id)
    confirmed(pools, cognito, client_id)

    asked = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": "alice", "PREFERRED_CHALLENGE": "EMAIL_OTP"},
    )

    email = pools.emails[-1]
    assert asked["ChallengeName"] == "EMAIL_OTP"
    assert asked["ChallengeParameters"]["CODE_DELIVERY_DESTINATION"] == "t***@e***"
    assert (email.message.flow, email.subject) == ("Authentication", "Your authentication code")
    assert re.fullmatch(r"\d{8}", email.code)
    answered = cognito.respond_to_auth_challenge(
        ClientId=client_id,
        ChallengeName="EMAIL_OTP",
        Session=asked["Session"],
        ChallengeResponses={"USERNAME": "alice", "EMAIL_OTP_CODE": email.code},
    )
    assert answered["AuthenticationResult"]["AccessToken"]


# ---- words ----


def test_the_pools_own_words_come_before_the_older_settings(pools, cognito):
    pool_id = email_pool(
        cognito,
        EmailVerificationSubject="Older",
        EmailVerificationMessage="Older {####}",
        VerificationMessageTemplate={"EmailSubject": "Hello", "EmailMessage": "<b>{####}</b>"},
    )
    sign_up(cognito, app(cognito, pool_id))

    (email,) = pools.emails
    assert (email.subject, email.body) == ("Hello", f"<b>{email.code}</b>")
    assert (email.template, email.template_source, email.warnings) == ("verification", "pool", ())


def test_without_any_words_of_its_own_the_text_is_doubtful(pools, cognito, client_id):
    sign_up(cognito, client_id)

    assert [code for code, _ in pools.emails[-1].warnings] == ["default-text"]


def custom_message(cognito, pools, response, **settings):
    pools.functions.on[FUNCTION] = lambda event: {**event, "response": {**event["response"], **response(event)}}
    return email_pool(cognito, LambdaConfig={"CustomMessage": FUNCTION}, **settings)


def test_a_custom_message_function_writes_subject_and_body(pools, cognito):
    pool_id = custom_message(
        cognito,
        pools,
        lambda event: {
            "emailSubject": f"Welcome {event['userName']}",
            "emailMessage": f"<i>{event['request']['codeParameter']}</i>",
        },
    )
    sign_up(cognito, app(cognito, pool_id))

    (email,) = pools.emails
    assert pools.functions.sources() == ["CustomMessage_SignUp"]
    assert (email.subject, email.body) == ("Welcome alice", f"<i>{email.code}</i>")
    assert email.template_source == "custom-message"
    assert [code for code, _ in email.warnings] == ["email-sending-account"]


def test_a_body_without_a_place_for_the_code_says_so(pools, cognito):
    pool_id = custom_message(cognito, pools, lambda _event: {"emailMessage": "Hello"})
    sign_up(cognito, app(cognito, pool_id))

    (email,) = pools.emails
    assert email.code is None
    assert "no-placeholder" in [code for code, _ in email.warnings]


def test_a_custom_message_function_that_fails_fails_the_call(pools, cognito):
    pools.functions.on[FUNCTION] = lambda event: event["no such member"]
    client_id = app(cognito, email_pool(cognito, LambdaConfig={"CustomMessage": FUNCTION}))

    with pytest.raises(ClientError, match="CustomMessage failed with error"):
        sign_up(cognito, client_id)

    assert pools.emails == []


# ---- links ----

BY_LINK = {
    "DefaultEmailOption": "CONFIRM_WITH_LINK",
    "EmailSubjectByLink": "Your link",
    "EmailMessageByLink": "<p>{##Confirm here##}</p>",
}


def follow(pools, url, method="GET"):
    async def send():
        transport = httpx.ASGITransport(app=application(pools.context))
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(method, url)

    return asyncio.run(send())


@pytest.mark.parametrize("has_secret", [False, True])
def test_a_link_confirms_the_user_and_proves_the_address(pools, cognito, has_secret):
    pool_id = email_pool(cognito, VerificationMessageTemplate=BY_LINK)
    client_id = app(cognito, pool_id, GenerateSecret=has_secret)
    client = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client_id)["UserPoolClient"]
    proof = {"SecretHash": secret_hash(client["ClientSecret"], "alice", client_id)} if has_secret else {}
    email = {"Name": "email", "Value": ADDRESS}
    cognito.sign_up(ClientId=client_id, Username="alice", Password=PASSWORD, UserAttributes=[email], **proof)

    page = follow(pools, pools.emails[-1].link)

    assert page.status_code == 200
    assert "Your registration has been confirmed!" in page.text
    assert attributes(cognito, pool_id)["email_verified"] == "true"
    assert cognito.admin_get_user(UserPoolId=pool_id, Username="alice")["UserStatus"] == "CONFIRMED"


def test_an_email_with_a_link_shows_no_code(pools, cognito):
    client_id = app(cognito, email_pool(cognito, VerificationMessageTemplate=BY_LINK))
    sign_up(cognito, client_id)

    (email,) = pools.emails
    assert (email.subject, email.code) == ("Your link", None)
    assert email.body == f'<p><a href="{html.escape(email.link)}">Confirm here</a></p>'
    assert email.link.startswith(f"http://127.0.0.1:4566/confirmUser?client_id={client_id}&user_name=alice&")
    assert email.link not in repr(email)


def test_a_link_works_once_and_not_for_ever(pools, cognito):
    pool_id = email_pool(cognito, VerificationMessageTemplate=BY_LINK)
    client_id = app(cognito, pool_id)
    sign_up(cognito, client_id)
    link = pools.emails[-1].link

    assert follow(pools, link, "HEAD").status_code == 200  # confirms nobody
    pools.clock.advance(24 * 3600 + 1)
    late = follow(pools, link)
    cognito.resend_confirmation_code(ClientId=client_id, Username="alice")
    resent = pools.emails[-1].link

    assert late.status_code == 400
    assert "please request a code again" in late.text
    assert follow(pools, resent).status_code == 200
    assert follow(pools, resent).status_code == 400


@pytest.mark.parametrize("query", ["", "?client_id=none&user_name=a&confirmation_code=1", "?user_name=alice"])
def test_a_link_that_is_none_confirms_nobody(pools, query):
    assert follow(pools, f"http://127.0.0.1:4566/confirmUser{query}").status_code == 400


def test_a_changed_address_gets_a_code_in_such_a_pool_too(pools, cognito):
    pool_id = email_pool(cognito, VerificationMessageTemplate=BY_LINK)
    client_id = app(cognito, pool_id)
    sign_up(cognito, client_id)
    follow(pools, pools.emails[-1].link)
    token = tokens(cognito, client_id)

    cognito.update_user_attributes(AccessToken=token, UserAttributes=[{"Name": "email", "Value": "b@example.org"}])

    assert pools.emails[-1].link is None
    assert re.fullmatch(r"\d{6}", pools.emails[-1].code)


# ---- who sends ----


def test_a_custom_email_sender_gets_the_code_and_nobody_else_does(pools, cognito):
    pools = LocalPools()
    cognito = pools.client()
    sender = {"LambdaVersion": "V1_0", "LambdaArn": f"{FUNCTION}-sender"}
    key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    pool_id = email_pool(cognito, LambdaConfig={"CustomEmailSender": sender, "KMSKeyID": key})
    sign_up(cognito, app(cognito, pool_id))

    assert pools.emails == []
    assert pools.sent.last(ADDRESS).flow == "SignUp"


def test_the_owners_address_is_the_sender_where_the_pool_sends_through_ses(pools, cognito):
    identity = "arn:aws:ses:us-east-1:123456789012:identity/no-reply@example.com"
    settings = {"EmailSendingAccount": "DEVELOPER", "SourceArn": identity}
    sign_up(cognito, app(cognito, email_pool(cognito, EmailConfiguration=settings)), "alice")
    named = settings | {"From": "Shop <shop@example.com>"}
    sign_up(cognito, app(cognito, email_pool(cognito, EmailConfiguration=named)), "bob")

    assert [email.sender for email in pools.emails] == [("", "no-reply@example.com"), ("Shop", "shop@example.com")]


def test_a_phone_takes_the_code_where_both_are_verified(pools, cognito):
    pool_id = email_pool(
        cognito, AutoVerifiedAttributes=["email", "phone_number"], SmsConfiguration={"SnsCallerArn": ROLE}
    )
    sign_up(cognito, app(cognito, pool_id), phone_number="+12065550100")

    assert pools.emails == []
    (incident,) = pools.incidents.all()
    assert incident.sms.text == f"Your verification code is {incident.sms.code}."
