"""What the inbox's Controls panel does to a sandbox."""

import pytest

from sms_redirect.aws import Aws
from sms_redirect.inbox.sources import NotThere
from sms_redirect.sandbox.controls import SandboxControls


@pytest.fixture
def controls(sandbox, session):
    return SandboxControls(sandbox, Aws(session, sandbox.endpoint_url))


def test_time_limits_and_faults_are_the_sandbox_s_own(controls, sandbox):
    before, ahead = controls.now(), controls.ahead()
    controls.advance(60)
    assert (controls.now() - before).total_seconds() >= 60
    assert controls.ahead() == ahead + 60

    enabled = controls.limits()
    controls.limit(enabled=not enabled)
    assert sandbox.limits.enabled is not enabled
    controls.limit(enabled=enabled)

    controls.set_fault("sender", "throttle", 2)
    assert sandbox.sender_fault.take() == "throttle"
    assert (controls.fault("sender").mode, controls.fault("sender").times) == ("throttle", 1)
    assert sandbox.sender_fault.take() == "throttle"
    assert (controls.fault("sender").mode, controls.fault("sender").times) == ("none", 0)
    assert controls.fault("user-pools").mode == "none"


def test_a_user_who_signed_up_is_listed_and_deleted(controls, stack, sign_up, user, phone_number):
    sign_up()
    pool_id = stack["UserPoolId"]

    (found,) = [each for each in controls.users(pool_id) if each.phone_number == phone_number]
    assert (found.user_name, found.status, found.enabled) == (user["Username"], "UNCONFIRMED", True)

    controls.delete_user(pool_id, found.user_name)

    assert phone_number not in [each.phone_number for each in controls.users(pool_id)]
    with pytest.raises(NotThere, match="No such user"):
        controls.delete_user(pool_id, found.user_name)
    with pytest.raises(NotThere, match="no such user pool"):
        controls.users("us-east-1_Nowhere12")
    with pytest.raises(NotThere):
        controls.users("not a pool id")
