"""Random lives of users, against a small model of the rules: who exists, confirmed or not, with which password."""

from dataclasses import dataclass

from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from local_pools import LocalPools, app, sms_pool

NAMES = st.sampled_from(["ann", "bob"])
PASSWORDS = st.sampled_from(["Passw0rd!", "An0ther-one"])
PHONES = {"ann": "+12065550008", "bob": "+12065550009"}


@dataclass
class Expected:
    password: str
    status: str = "UNCONFIRMED"
    enabled: bool = True
    proven: bool = False
    tokens: tuple = ()


class Lives(RuleBasedStateMachine):
    """Codes are read from what the custom sender got. A clock that only the rules move."""

    @initialize()
    def start(self):
        self.pools = LocalPools(limits=False)
        self.cognito = self.pools.client()
        self.pool_id = sms_pool(self.cognito)
        self.client_id = app(self.cognito, self.pool_id)
        self.users = {}

    def answer(self, call, **request):
        """The answer, or the code of the error."""
        try:
            return getattr(self.cognito, call)(**request)
        except ClientError as error:
            refused = error.response
        assert refused["ResponseMetadata"]["HTTPStatusCode"] == 400, refused
        return refused["Error"]["Code"]

    def of_app(self, name):
        return {"ClientId": self.client_id, "Username": name}

    def of_admin(self, name):
        return {"UserPoolId": self.pool_id, "Username": name}

    @rule(name=NAMES, password=PASSWORDS)
    def sign_up(self, name, password):
        attributes = [{"Name": "phone_number", "Value": PHONES[name]}]

        answer = self.answer("sign_up", **self.of_app(name), Password=password, UserAttributes=attributes)

        if name in self.users:
            assert answer == "UsernameExistsException"
        else:
            assert answer["UserConfirmed"] is False
            self.users[name] = Expected(password)

    @rule(name=NAMES, right=st.booleans())
    def confirm(self, name, right):
        code = self.last_code(name, "SignUp", "ResendCode") if right else "000000"
        expected = self.users.get(name)

        answer = self.answer("confirm_sign_up", **self.of_app(name), ConfirmationCode=code or "000000")

        if expected is None:
            assert answer == "CodeMismatchException"  # nobody is named: PreventUserExistenceErrors
        elif expected.status != "UNCONFIRMED":
            assert answer == "NotAuthorizedException"
        elif right:
            assert not isinstance(answer, str), answer
            expected.status, expected.proven = "CONFIRMED", True
        else:
            assert answer == "CodeMismatchException"

    @rule(name=NAMES)
    def resend(self, name):
        answer = self.answer("resend_confirmation_code", **self.of_app(name))

        expected = self.users.get(name)
        if expected is not None and expected.status != "UNCONFIRMED":
            assert answer == "InvalidParameterException"
        else:
            assert answer["CodeDeliveryDetails"]["DeliveryMedium"] == "SMS"

    @rule(name=NAMES, password=PASSWORDS)
    def sign_in(self, name, password):
        parameters = {"USERNAME": name, "PASSWORD": password}

        answer = self.answer(
            "initiate_auth", ClientId=self.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )

        expected = self.users.get(name)
        if expected is None or not expected.enabled:
            assert answer == "NotAuthorizedException"
        elif expected.status == "UNCONFIRMED":
            assert answer == "UserNotConfirmedException"
        elif expected.status == "RESET_REQUIRED":
            assert answer == "PasswordResetRequiredException"
        elif password != expected.password:
            assert answer == "NotAuthorizedException"
        else:
            expected.tokens = (*expected.tokens, answer["AuthenticationResult"]["AccessToken"])

    @rule(name=NAMES, password=PASSWORDS)
    def recover(self, name, password):
        expected = self.users.get(name)

        asked = self.answer("forgot_password", **self.of_app(name))

        if expected is None:
            assert not isinstance(asked, str)
        elif not expected.enabled:
            assert asked == "NotAuthorizedException"
        elif not expected.proven:
            assert asked == "InvalidParameterException"
        else:
            code = self.last_code(name, "ForgotPassword")
            answer = self.answer(
                "confirm_forgot_password", **self.of_app(name), ConfirmationCode=code, Password=password
            )
            assert not isinstance(answer, str), answer
            expected.password, expected.status = password, "CONFIRMED"

    @rule(name=NAMES)
    def reset(self, name):
        expected = self.users.get(name)

        answer = self.answer("admin_reset_user_password", **self.of_admin(name))

        if expected is None:
            assert answer == "UserNotFoundException"
        elif not expected.enabled:
            assert answer == "NotAuthorizedException"
        elif not expected.proven:
            assert answer == "InvalidParameterException"
        else:
            assert not isinstance(answer, str), answer
            expected.status = "RESET_REQUIRED"

    @rule(name=NAMES, enabled=st.booleans())
    def switch(self, name, enabled):
        answer = self.answer("admin_enable_user" if enabled else "admin_disable_user", **self.of_admin(name))

        if name not in self.users:
            assert answer == "UserNotFoundException"
        else:
            self.users[name].enabled = enabled
            if not enabled:
                self.users[name].tokens = ()

    @rule(name=NAMES)
    def delete(self, name):
        answer = self.answer("admin_delete_user", **self.of_admin(name))

        assert (answer == "UserNotFoundException") == (name not in self.users)
        self.users.pop(name, None)

    @precondition(lambda self: any(each.tokens for each in self.users.values()))
    @rule(name=NAMES)
    def sign_out(self, name):
        expected = self.users.get(name)
        if expected is not None and expected.tokens:
            assert not isinstance(self.answer("global_sign_out", AccessToken=expected.tokens[-1]), str)
            expected.tokens = ()

    @invariant()
    def what_is_there_is_what_is_expected(self):
        if not hasattr(self, "users"):
            return
        shown = {user["Username"]: user for user in self.cognito.list_users(UserPoolId=self.pool_id)["Users"]}
        assert shown.keys() == self.users.keys()
        for name, expected in self.users.items():
            assert (shown[name]["UserStatus"], shown[name]["Enabled"]) == (expected.status, expected.enabled)
            for token in expected.tokens:
                assert self.cognito.get_user(AccessToken=token)["Username"] == name

    def last_code(self, name, *flows):
        codes = [each.secret for each in self.pools.sent.messages if each.user.name == name and each.flow in flows]
        return codes[-1] if codes else None


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)
