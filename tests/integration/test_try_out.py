"""What the Preview tab may do in a sandbox: a text goes into a pool, and each flow sends a real SMS with it."""

import pytest

from pool_attachment.settings import SettingsModel
from sms_redirect.aws import Aws
from sms_redirect.gallery.preview import Draft, preview
from sms_redirect.inbox.sources import TryOutError
from sms_redirect.messages.query import Query
from sms_redirect.messages.sms import Sms
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.try_out.pools import SandboxPools

FLOWS = {
    "SignUp": "verification",
    "ResendCode": "verification",
    "VerifyUserAttribute": "verification",
    "UpdateUserAttribute": "verification",
    "ForgotPassword": "verification",
    "SmsMfa": "authentication",
    "SmsOtp": "authentication",
    "AdminCreateUser": "invitation",
}


@pytest.fixture(scope="session")
def arrived(running_sandbox):
    store = SmsStore()
    running_sandbox.mailroom.on_publish(lambda _topic, text: store.add(Sms.from_document(text)))
    return store


@pytest.fixture
def pools(session, sandbox, stack, arrived):
    return SandboxPools(Aws(session, sandbox.endpoint_url), arrived)


@pytest.fixture
def pool_id(stack, cognito):
    """The stack's pool, with sign-in by SMS alone; its settings come back at the end."""
    identity = stack["UserPoolId"]
    before = cognito.describe_user_pool(UserPoolId=identity)["UserPool"]
    settings = SettingsModel.of(cognito.meta.service_model).read(before).update
    mfa = {"UserPoolId": identity, "MfaConfiguration": before["MfaConfiguration"]}
    either = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}
    cognito.update_user_pool(**mfa, **{**settings, "Policies": {**settings["Policies"], **either}})
    yield identity
    cognito.update_user_pool(**mfa, **settings)


def own(pools, pool_id):
    return next(pool for pool in pools.pools() if pool.id == pool_id)


@pytest.mark.parametrize("occasion", FLOWS)
def test_each_flow_sends_the_text_that_was_put_into_the_pool(pools, pool_id, arrived, cognito, occasion):
    kind = FLOWS[occasion]
    text = f"Tried out for {occasion}: {{####}}" + (" {username}" if kind == "invitation" else "")
    since = arrived.state.cursor
    pools.use_text(pool_id, kind, text)

    sent = pools.send(pool_id, occasion)

    wanted = Query(user_name=sent.user_name, flow=sent.flow)
    sms = arrived.wait(wanted, after=arrived.position(since), timeout=20).message
    expected = preview(Draft(kind, text, own(pools, pool_id)))
    assert sms.text.replace(sms.code, "X") == text.replace("{####}", "X").replace("{username}", sent.user_name)
    assert (sms.encoding, sms.segments) == (expected["encoding"], expected["segments"])
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_get_user(UserPoolId=pool_id, Username=sent.user_name)


def test_a_text_leaves_every_other_setting_as_it_was(pools, pool_id, cognito):
    before = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    factors = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)

    pools.use_text(pool_id, "verification", "Only this {####}")

    after = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert changed <= {"VerificationMessageTemplate", "SmsVerificationMessage", "LastModifiedDate"}
    assert cognito.get_user_pool_mfa_config(UserPoolId=pool_id) | {"ResponseMetadata": 0} == factors | {
        "ResponseMetadata": 0
    }
    assert own(pools, pool_id).get("VerificationMessageTemplate", "SmsMessage") == "Only this {####}"


def test_what_cognito_refuses_is_told_in_its_own_words(pools, pool_id):
    with pytest.raises(TryOutError, match="failed to satisfy constraint"):
        pools.use_text(pool_id, "verification", "No place")


def test_a_flow_that_the_pool_does_not_send_names_the_setting(pools, cognito, stack):
    bare = cognito.create_user_pool(PoolName="bare")["UserPool"]["Id"]
    try:
        with pytest.raises(TryOutError, match=r"SmsConfiguration is not set"):
            pools.send(bare, "SignUp")
    finally:
        cognito.delete_user_pool(UserPoolId=bare)


def test_no_app_client_is_left_behind(pools, pool_id, cognito):
    pools.send(pool_id, "SignUp")

    clients = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=60)["UserPoolClients"]
    assert "sms-redirect-preview" not in [each["ClientName"] for each in clients]
