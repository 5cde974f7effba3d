"""A pool with many settings is attached, detached, attached again and restored: it comes back as it was."""

import pytest

from real_account.redirected import EMAIL, Redirected
from sms_redirect.attachment.by_hand import ByHand, Wanted
from sms_redirect.attachment.deployed import Deployed
from sms_redirect.aws import Aws

pytestmark = [pytest.mark.aws, pytest.mark.xdist_group("acceptance")]
# It would make each sign-in of the flows' pool one of a device.
REMEMBERED = {"ChallengeRequiredOnNewDevice": False, "DeviceOnlyRememberedOnUserPrompt": True}


@pytest.fixture
def by_hand(account):
    """What `sms-redirect detach` is made of."""
    return lambda pool_id: ByHand(Aws(account.session, account.session.endpoint_url), pool_id, account.clock)


def test_detaching_by_hand_restores_the_settings_and_attaching_again_redirects(
    account, owner, owners_pool, attached_pool, by_hand
):
    pool_id, before = owners_pool
    attached, here = owner.settings_of(pool_id), by_hand(pool_id)

    here.detach(here.preview_detach(here.settings())[1])
    detached = owner.settings_of(pool_id)
    deployed = Deployed.read(here.aws, attached_pool.stack_name)
    here.attach(here.preview_attach(here.settings(), Wanted(deployed.name), deployed)[1])

    assert {name for name in before | attached if before.get(name) != attached.get(name)} == {
        "LambdaConfig",
        "UserPoolTags",
    }
    assert detached == before
    assert owner.settings_of(pool_id) == attached
    person = attached_pool.person()
    person.sign_up()
    assert person.sms("SignUp").text.startswith("Their App: ")


@pytest.mark.slow
def test_a_pool_with_many_settings_comes_back_as_it_was(account, owner, kept, by_hand):
    stack = f"{account.name}-restored"
    pool_id = owner.pool("restored", DeviceConfiguration=REMEMBERED)
    before = owner.settings_of(pool_id)

    outputs = account.deploy(stack, Email=EMAIL, UserPoolId=pool_id)
    attached = owner.settings_of(pool_id)
    account.settle()
    with Redirected.opened(account, stack, outputs, owner.client_of(pool_id), kept) as pool:
        person = pool.person()
        person.sign_up()
        text = person.sms("SignUp").text
    here = by_hand(pool_id)
    here.detach(here.preview_detach(here.settings())[1])
    detached = owner.settings_of(pool_id)
    account.deploy(stack, Email=EMAIL, UserPoolId=pool_id, AttachAgain="once more")
    again = owner.settings_of(pool_id)
    account.delete(stack)

    differing = {name for name in before | attached if before.get(name) != attached.get(name)}
    assert differing == {"LambdaConfig", "UserPoolTags"}
    assert outputs["SenderFunctionName"] in attached["LambdaConfig"]["CustomSMSSender"]["LambdaArn"]
    assert text.startswith("Their App: ")
    assert detached == before
    assert again == attached
    assert owner.settings_of(pool_id) == before
