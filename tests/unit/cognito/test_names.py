"""Names, aliases, and attributes in the place of names: who is found by what, and who may have it."""

import pytest

from local_pools import app, sms_pool
from refusals import refusal

PHONE, OTHER_PHONE = "+12065550008", "+12065550009"
EMAIL = "ann@example.com"
PASSWORD = "Passw0rd!"


def attributes(**values):
    return [{"Name": name, "Value": value} for name, value in values.items()]


class Pool:
    def __init__(self, pools, cognito, **settings):
        self.pools, self.cognito = pools, cognito
        self.id = sms_pool(cognito, **settings)
        self.client_id = app(cognito, self.id)

    def sign_up(self, name, **values):
        return self.cognito.sign_up(
            ClientId=self.client_id, Username=name, Password=PASSWORD, UserAttributes=attributes(**values)
        )

    def confirm(self, name, code, **more):
        return self.cognito.confirm_sign_up(ClientId=self.client_id, Username=name, ConfirmationCode=code, **more)

    def signed_up(self, name, **values):
        self.sign_up(name, **values)
        self.confirm(name, self.pools.sent.last(values["phone_number"]).secret)

    def find(self, name):
        return self.cognito.admin_get_user(UserPoolId=self.id, Username=name)["Username"]

    def sign_in(self, name):
        return self.cognito.initiate_auth(
            ClientId=self.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]


@pytest.fixture
def make(pools, cognito):
    return lambda **settings: Pool(pools, cognito, **settings)


@pytest.fixture
def aliases(make):
    return make(AliasAttributes=["phone_number", "email", "preferred_username"])


def test_an_alias_counts_once_it_is_verified(aliases):
    aliases.sign_up("ann", phone_number=PHONE)

    assert refusal(aliases.find, name=PHONE)[0] == "UserNotFoundException"
    aliases.confirm("ann", aliases.pools.sent.last(PHONE).secret)
    assert aliases.find(PHONE) == "ann"
    assert aliases.sign_in(PHONE)


def test_a_second_owner_of_an_alias_is_refused_when_it_is_proven(aliases):
    aliases.signed_up("ann", phone_number=PHONE)
    aliases.sign_up("bob", phone_number=PHONE)
    code = aliases.pools.sent.last(PHONE).secret

    refused = refusal(aliases.confirm, name="bob", code=code)

    assert refused == ("AliasExistsException", "An account with the given phone_number already exists.")
    assert aliases.find(PHONE) == "ann"


def test_an_alias_moves_if_it_is_forced(aliases):
    aliases.signed_up("ann", phone_number=PHONE)
    aliases.sign_up("bob", phone_number=PHONE)

    aliases.confirm("bob", aliases.pools.sent.last(PHONE).secret, ForceAliasCreation=True)

    assert aliases.find(PHONE) == "bob"
    assert {"Name": "phone_number_verified", "Value": "false"} in aliases.cognito.admin_get_user(
        UserPoolId=aliases.id, Username="ann"
    )["UserAttributes"]


@pytest.mark.parametrize(("name", "what"), [(PHONE, "phone number"), (EMAIL, "email")])
def test_a_user_name_that_could_be_an_alias_is_refused(aliases, name, what):
    assert refusal(aliases.sign_up, name=name) == (
        "InvalidParameterException",
        f"Username cannot be of {what} format, since user pool is configured for {what} alias.",
    )


def test_a_preferred_user_name_is_nobody_elses(aliases):
    aliases.signed_up("ann", phone_number=PHONE, preferred_username="queen")

    assert refusal(aliases.sign_up, name="bob", preferred_username="queen")[0] == "AliasExistsException"
    assert aliases.find("queen") == "ann"


def test_a_phone_in_the_place_of_a_name_makes_a_generated_name(make):
    by_phone = make(UsernameAttributes=["phone_number"])

    sub = by_phone.sign_up(PHONE)["UserSub"]

    assert by_phone.find(PHONE) == by_phone.find(sub) == sub
    assert refusal(by_phone.sign_up, name=PHONE) == ("UsernameExistsException", "User already exists")
    assert refusal(by_phone.sign_up, name="ann") == (
        "InvalidParameterException",
        "Username should be a phone number.",
    )


def test_a_phone_that_is_somebodys_name_cannot_become_anothers(make):
    by_phone = make(UsernameAttributes=["phone_number"])
    for number in (PHONE, OTHER_PHONE):
        by_phone.sign_up(number)
        by_phone.confirm(number, by_phone.pools.sent.last(number).secret)
    token = by_phone.sign_in(PHONE)["AccessToken"]

    refused = refusal(
        by_phone.cognito.update_user_attributes, AccessToken=token, UserAttributes=attributes(phone_number=OTHER_PHONE)
    )

    assert refused == ("AliasExistsException", "An account with the given phone_number already exists.")


def test_names_are_compared_as_the_pool_wants(make):
    sensitive, folding = make(), make(UsernameConfiguration={"CaseSensitive": False})
    for in_pool in (sensitive, folding):
        in_pool.signed_up("Ann", phone_number=PHONE)

    assert folding.find("aNN") == "Ann"
    assert folding.sign_in("ANN")
    assert refusal(folding.sign_up, name="ANN")[0] == "UsernameExistsException"
    assert refusal(sensitive.find, name="aNN")[0] == "UserNotFoundException"
    assert sensitive.sign_up("ANN")["UserSub"]
