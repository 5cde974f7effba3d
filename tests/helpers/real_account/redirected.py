"""A redirected pool with its inbox, and the people who sign up there."""

from __future__ import annotations

import itertools
import secrets
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from secret_scan import Secrets
from sms_redirect import SmsInbox
from sms_redirect.errors import SmsTimeout

# Amazon SES takes emails to it and drops them; nobody reads them, so the subscription stays pending.
EMAIL = "success@simulator.amazonses.com"
# 555-0100 to 555-0199 are kept free for fiction, in every area code.
AREAS = ("206", "425", "360", "253", "509")
NUMBERS = itertools.cycle([f"+1{area}55501{line:02d}" for area in AREAS for line in range(100)])


@dataclass
class Redirected:
    """`client()`s of its account; every secret that comes by is in `secrets`."""

    account: Any
    stack_name: str
    outputs: dict[str, str]
    client_id: str
    inbox: SmsInbox
    secrets: Secrets
    cognito: Any = field(init=False)

    def __post_init__(self):
        self.cognito = self.secrets.watch(self.account.client("cognito-idp"))

    @classmethod
    @contextmanager
    def opened(cls, account, stack_name, outputs, client_id, kept):
        """While the inbox is open."""
        with ExitStack() as stack:
            session = account.session
            inbox = SmsInbox(topic_arn=outputs["TopicArn"], session=session, endpoint_url=session.endpoint_url)
            yield cls(account, stack_name, outputs, client_id, stack.enter_context(inbox), kept)

    @property
    def pool_id(self):
        return self.outputs["UserPoolId"]

    def person(self):
        """Somebody new."""
        password = f"aA1!{secrets.token_urlsafe(12)}"
        self.secrets.add("password", password)
        return Person(self, next(NUMBERS), password)

    def sms(self, number, flow, *, timeout=None):
        """The next SMS of that flow to that number."""
        sms = self.inbox.wait_for(phone_number=number, flow=flow, timeout=timeout or self.account.patience)
        self.secrets.add("code", sms.code)
        return sms

    def settings(self):
        """What UpdateUserPool has to be sent so that nothing is reset."""
        cognito = self.cognito
        pool = cognito.describe_user_pool(UserPoolId=self.pool_id)["UserPool"]
        members = cognito.meta.service_model.operation_model("UpdateUserPool").input_shape.members
        request = {name: value for name, value in pool.items() if name in members and name != "MfaConfiguration"}
        request.get("AdminCreateUserConfig", {}).pop("UnusedAccountValidityDays", None)
        return request | ({"PoolName": pool["Name"]} if "PoolName" in members else {})

    def update(self, **changes):
        request = self.settings() | changes
        tags = {name: value for name, value in request.get("UserPoolTags", {}).items() if not name.startswith("aws:")}
        self.cognito.update_user_pool(UserPoolId=self.pool_id, **(request | {"UserPoolTags": tags}))


@dataclass
class Person:
    """One user. A session's challenge is what Cognito returned."""

    pool: Redirected
    number: str
    password: str
    name: str = field(default_factory=lambda: f"user-{secrets.token_hex(6)}")

    @property
    def as_user(self):
        return {"ClientId": self.pool.client_id, "Username": self.name}

    @property
    def as_admin(self):
        return {"UserPoolId": self.pool.pool_id, "Username": self.name}

    def sms(self, flow, *, number=None, timeout=None):
        return self.pool.sms(number or self.number, flow, timeout=timeout)

    def gets_sms(self, flow):
        """Whether one comes, for a flow where perhaps none should."""
        try:
            self.sms(flow, timeout=self.pool.account.silence)
        except SmsTimeout:
            return False
        return True

    def sign_up(self):
        attributes = [{"Name": "phone_number", "Value": self.number}]
        return self.pool.cognito.sign_up(**self.as_user, Password=self.password, UserAttributes=attributes)

    def confirmed(self):
        self.sign_up()
        self.pool.cognito.confirm_sign_up(**self.as_user, ConfirmationCode=self.sms("SignUp").code)
        return self

    def sign_in(self, password=None, flow="USER_PASSWORD_AUTH"):
        parameters = {"USERNAME": self.name} | ({"PASSWORD": password or self.password} if "PASSWORD" in flow else {})
        return self.pool.cognito.initiate_auth(ClientId=self.pool.client_id, AuthFlow=flow, AuthParameters=parameters)

    def token(self):
        return self.sign_in()["AuthenticationResult"]["AccessToken"]

    def prefers_sms(self):
        preferred = {"Enabled": True, "PreferredMfa": True}
        self.pool.cognito.admin_set_user_mfa_preference(**self.as_admin, SMSMfaSettings=preferred)
        return self

    def respond(self, challenge, name=None, **responses):
        return self.pool.cognito.respond_to_auth_challenge(
            ClientId=self.pool.client_id,
            ChallengeName=name or challenge["ChallengeName"],
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": self.name, **responses},
        )

    def phone(self):
        """(number, verified) as Cognito knows it."""
        attributes = self.pool.cognito.admin_get_user(**self.as_admin)["UserAttributes"]
        known = {each["Name"]: each["Value"] for each in attributes}
        return known.get("phone_number"), known.get("phone_number_verified")


def other(code):
    """A wrong code."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def outcome(call, **request):
    """What became of a call, in a form that is the same whenever the behaviour is."""
    try:
        call(**request)
    except ClientError as error:
        refused = error.response["Error"]
        return {"refused": refused["Code"], "message": refused["Message"]}
    return "accepted"
