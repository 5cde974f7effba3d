"""One sandbox per test process, with the stack deployed; each test signs up its own users."""

import itertools
import threading
from dataclasses import replace

import boto3
import pytest

from sms_redirect.messages.sms import Sms
from sms_redirect.sandbox import deploy

STACK = "sms-redirect"
EMAIL = "qa@example.com"
NUMBERS = itertools.count()


@pytest.fixture
def sandbox(running_sandbox, scrubbed_environment, monkeypatch):
    for name, value in running_sandbox.environment.items():
        monkeypatch.setenv(name, value)
    return running_sandbox


@pytest.fixture
def iam_has_spread(sandbox):
    """Call it to wait until the policies of now count."""
    return lambda: sandbox.clock.advance(sandbox.harshness.iam)


@pytest.fixture
def iam_at_once(sandbox, monkeypatch):
    """For tests of something else: every policy counts at once."""
    monkeypatch.setattr(sandbox.harshness, "iam", 0.0)


@pytest.fixture
def session(sandbox):
    return boto3.Session()


@pytest.fixture(scope="session")
def deployed(running_sandbox):
    """The outputs of the deployed stack."""
    environment = running_sandbox.environment
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        outputs = deploy.deploy(boto3.Session(), STACK, {"Email": EMAIL})
    running_sandbox.clock.advance(running_sandbox.harshness.iam)
    return outputs


@pytest.fixture
def stack(sandbox, deployed):
    return deployed


@pytest.fixture
def cognito(session, stack):
    return session.client("cognito-idp")


@pytest.fixture
def phone_number():
    """A number of this test's own."""
    return f"+1206555{next(NUMBERS):04d}"


class Phones:
    """What arrives for each phone number, in order."""

    def __init__(self):
        self._arrived = threading.Condition()
        self._documents = []

    def receive(self, _topic_arn, text):
        with self._arrived:
            self._documents.append(Sms.from_document(text))
            self._arrived.notify_all()

    def next(self, phone_number, flow, *, timeout=20):
        """Take the first SMS of that flow to that number; fails the test when none comes."""
        with self._arrived:
            self._arrived.wait_for(lambda: self._find(phone_number, flow), timeout)
            found = self._find(phone_number, flow)
            assert found, f"no {flow} SMS for {phone_number}, but {[(d.flow, d.phone_number) for d in self._documents]}"
            self._documents.remove(found)
            return found

    def none(self, phone_number):
        """Nothing for that number is there."""
        with self._arrived:
            return not [document for document in self._documents if document.phone_number == phone_number]

    def _find(self, phone_number, flow):
        wanted = (phone_number, flow)
        return next((each for each in self._documents if (each.phone_number, each.flow) == wanted), None)


@pytest.fixture(scope="session")
def phones(running_sandbox):
    phones = Phones()
    running_sandbox.mailroom.on_publish(phones.receive)
    return phones


@pytest.fixture
def quiet(sandbox):
    """Call it to wait until the sender has nothing left to do: what has not arrived then never will."""
    return sandbox.wait_until_quiet


PASSWORD = "Passw0rd!"


@pytest.fixture
def client_id(stack):
    return stack["UserPoolClientId"]


@pytest.fixture
def user(client_id, phone_number):
    """How this test's user is named in requests of the app."""
    return {"ClientId": client_id, "Username": f"user{phone_number}"}


@pytest.fixture
def admin_user(stack, user):
    """How an administrator names it."""
    return {"UserPoolId": stack["UserPoolId"], "Username": user["Username"]}


@pytest.fixture
def sign_up(cognito, user, phone_number):
    def sign_up(**request):
        attributes = [{"Name": "phone_number", "Value": phone_number}]
        return cognito.sign_up(**user, **({"Password": PASSWORD, "UserAttributes": attributes} | request))

    return sign_up


@pytest.fixture
def confirmed(cognito, sign_up, user, admin_user, phones, phone_number):
    """The user, signed up and confirmed by the code of its SMS."""
    sign_up()
    cognito.confirm_sign_up(**user, ConfirmationCode=phones.next(phone_number, "SignUp").code)
    return admin_user


@pytest.fixture
def sign_in(cognito, user):
    """InitiateAuth with the password."""

    def sign_in(password=PASSWORD, **request):
        parameters = {"USERNAME": user["Username"], "PASSWORD": password}
        request = {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters} | request
        return cognito.initiate_auth(ClientId=user["ClientId"], **request)

    return sign_in


@pytest.fixture
def access_token(confirmed, sign_in):
    return sign_in()["AuthenticationResult"]["AccessToken"]


@pytest.fixture
def sns(session):
    return session.client("sns")


@pytest.fixture
def mailroom(sandbox, monkeypatch):
    """That of the sandbox. While a test has it, nobody but the test follows the links of new subscriptions."""
    monkeypatch.setattr(sandbox.mailroom, "auto_confirm", False)
    return sandbox.mailroom


@pytest.fixture
def pool_settings(sandbox):
    """Change settings of a pool as no request could: call it with the pool's id, None removes one."""
    store = sandbox.pools.context.store

    def pool_settings(pool_id, **changes):
        def changed(pool):
            settings = {name: value for name, value in {**pool.settings, **changes}.items() if value is not None}
            return replace(pool, settings=settings)

        store.pools.change(pool_id, changed)

    return pool_settings


@pytest.fixture
def pool_setting(stack, sandbox, pool_settings):
    """Change a setting of the pool for one test, without the API's rules in the way."""
    store = sandbox.pools.context.store
    before = store.pools.get(stack["UserPoolId"])
    yield lambda **changes: pool_settings(stack["UserPoolId"], **changes)
    store.pools.put(before)
