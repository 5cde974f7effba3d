"""Changing and verifying a phone number against the sandbox, by boto3."""

import pytest

from refusals import refusal

EXPIRED = ("ExpiredCodeException", "Invalid code provided, please request a code again.")


@pytest.fixture
def new_number(phone_number):
    return phone_number.replace("+1206", "+1425")


@pytest.fixture
def number_of(cognito):
    """(phone number, verified) of a user."""

    def number_of(admin_user):
        user = cognito.admin_get_user(**admin_user)
        attributes = {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}
        return attributes["phone_number"], attributes.get("phone_number_verified")

    return number_of


@pytest.fixture
def verifying_first(stack, pool_settings):
    """Switch AttributesRequireVerificationBeforeUpdate on for one test."""
    setting = {"AttributesRequireVerificationBeforeUpdate": ["phone_number"]}
    pool_settings(stack["UserPoolId"], UserAttributeUpdateSettings=setting)
    yield
    pool_settings(stack["UserPoolId"], UserAttributeUpdateSettings=None)


def changing(number):
    return {"UserAttributes": [{"Name": "phone_number", "Value": number}]}


def test_a_changed_number_gets_a_code_and_is_unverified_until_it_comes_back(
    cognito, access_token, confirmed, phones, new_number, number_of
):
    answer = cognito.update_user_attributes(AccessToken=access_token, **changing(new_number))

    sms = phones.next(new_number, "UpdateUserAttribute")
    details = {"Destination": f"+*******{new_number[-4:]}", "DeliveryMedium": "SMS", "AttributeName": "phone_number"}
    assert answer["CodeDeliveryDetailsList"] == [details]
    assert number_of(confirmed) == (new_number, "false")
    verify = {"AccessToken": access_token, "AttributeName": "phone_number", "Code": sms.code}
    cognito.verify_user_attribute(**verify)
    assert number_of(confirmed) == (new_number, "true")
    assert refusal(cognito.verify_user_attribute, **verify) == EXPIRED


def test_the_same_number_again_sends_nothing(cognito, access_token, phones, phone_number, quiet):
    answer = cognito.update_user_attributes(AccessToken=access_token, **changing(phone_number))

    quiet()
    assert answer["CodeDeliveryDetailsList"] == []
    assert phones.none(phone_number)


def test_where_verification_comes_first_the_old_number_stays_until_the_new_one_is_proven(
    cognito, access_token, confirmed, verifying_first, phones, phone_number, new_number, number_of
):
    cognito.update_user_attributes(AccessToken=access_token, **changing(new_number))

    sms = phones.next(new_number, "UpdateUserAttribute")
    assert number_of(confirmed) == (phone_number, "true")
    cognito.verify_user_attribute(AccessToken=access_token, AttributeName="phone_number", Code=sms.code)
    assert number_of(confirmed) == (new_number, "true")


def test_a_code_can_be_asked_for_by_itself(cognito, access_token, phones, phone_number):
    request = {"AccessToken": access_token, "AttributeName": "phone_number"}

    answer = cognito.get_user_attribute_verification_code(**request, ClientMetadata={"from": "settings"})

    sms = phones.next(phone_number, "VerifyUserAttribute")
    assert answer["CodeDeliveryDetails"]["Destination"] == f"+*******{phone_number[-4:]}"
    assert sms.client_metadata == {"from": "settings"}
    cognito.verify_user_attribute(**request, Code=sms.code)


def test_five_codes_an_hour_may_be_asked_for(cognito, access_token):
    request = {"AccessToken": access_token, "AttributeName": "phone_number"}
    for _ in range(5):
        cognito.get_user_attribute_verification_code(**request)

    assert refusal(cognito.get_user_attribute_verification_code, **request)[0] == "LimitExceededException"


def test_an_administrators_change_sends_a_code_too(cognito, confirmed, phones, new_number, number_of):
    answer = cognito.admin_update_user_attributes(**confirmed, **changing(new_number))

    assert phones.next(new_number, "UpdateUserAttribute").code
    assert set(answer) == {"ResponseMetadata"}
    assert number_of(confirmed) == (new_number, "false")


def test_an_administrator_who_vouches_for_a_number_causes_no_sms(
    cognito, confirmed, phones, new_number, number_of, quiet
):
    vouching = [*changing(new_number)["UserAttributes"], {"Name": "phone_number_verified", "Value": "true"}]

    cognito.admin_update_user_attributes(**confirmed, UserAttributes=vouching)

    quiet()
    assert phones.none(new_number)
    assert number_of(confirmed) == (new_number, "true")


def test_other_attributes_change_without_an_sms(cognito, access_token, confirmed, phones, phone_number, quiet):
    cognito.update_user_attributes(AccessToken=access_token, UserAttributes=[{"Name": "name", "Value": "Alice"}])

    quiet()
    found = cognito.admin_get_user(**confirmed)["UserAttributes"]
    assert {"Name": "name", "Value": "Alice"} in found
    assert phones.none(phone_number)


def test_a_number_that_is_not_e164_is_refused(cognito, access_token):
    assert refusal(cognito.update_user_attributes, AccessToken=access_token, **changing("0123")) == (
        "InvalidParameterException",
        "Invalid phone number format.",
    )


def test_a_forged_token_opens_nothing(cognito, access_token):
    forged = access_token[:-8] + "AAAAAAAA"

    for call in (cognito.get_user_attribute_verification_code, cognito.verify_user_attribute):
        code = {"Code": "123456"} if call == cognito.verify_user_attribute else {}
        request = {"AccessToken": forged, "AttributeName": "phone_number", **code}
        assert refusal(call, **request)[0] == "NotAuthorizedException"


def test_a_code_for_the_old_number_does_not_prove_the_pending_one(
    cognito, access_token, confirmed, verifying_first, phones, phone_number, new_number, number_of
):
    cognito.update_user_attributes(AccessToken=access_token, **changing(new_number))
    phones.next(new_number, "UpdateUserAttribute")

    request = {"AccessToken": access_token, "AttributeName": "phone_number"}
    cognito.get_user_attribute_verification_code(**request)

    assert phones.none(phone_number)
    cognito.verify_user_attribute(**request, Code=phones.next(new_number, "VerifyUserAttribute").code)
    assert number_of(confirmed) == (new_number, "true")


def test_a_code_proves_the_number_that_it_was_sent_to_and_no_other(
    cognito, access_token, confirmed, phones, phone_number, new_number, number_of
):
    request = {"AccessToken": access_token, "AttributeName": "phone_number"}
    cognito.get_user_attribute_verification_code(**request)
    code = phones.next(phone_number, "VerifyUserAttribute").code

    cognito.admin_update_user_attributes(**confirmed, **changing(new_number))

    phones.next(new_number, "UpdateUserAttribute")
    assert refusal(cognito.verify_user_attribute, **request, Code=code)[0] in (
        "CodeMismatchException",
        "ExpiredCodeException",
    )
    assert number_of(confirmed) == (new_number, "false")


def test_an_administrator_who_vouches_ends_what_was_pending(
    cognito, access_token, confirmed, verifying_first, phones, new_number, number_of
):
    cognito.update_user_attributes(AccessToken=access_token, **changing(new_number))
    code = phones.next(new_number, "UpdateUserAttribute").code
    third = new_number.replace("+1425", "+1360")
    vouching = [*changing(third)["UserAttributes"], {"Name": "phone_number_verified", "Value": "true"}]

    cognito.admin_update_user_attributes(**confirmed, UserAttributes=vouching)

    request = {"AccessToken": access_token, "AttributeName": "phone_number"}
    assert refusal(cognito.verify_user_attribute, **request, Code=code) == EXPIRED
    assert number_of(confirmed) == (third, "true")


def test_users_cannot_vouch_for_themselves(cognito, access_token):
    vouching = [{"Name": "phone_number_verified", "Value": "true"}]

    refused = refusal(cognito.update_user_attributes, AccessToken=access_token, UserAttributes=vouching)

    assert refused == ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
