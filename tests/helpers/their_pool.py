"""An owner's pool in the shared sandbox, and what the owner's other tools do to it."""

from contextlib import contextmanager

from sms_redirect.demo.existing_pool import NAME, ROLE, ExistingPool

KNOWN_TO_TERRAFORM = (
    "AutoVerifiedAttributes",
    "Policies",
    "SmsConfiguration",
    "SmsVerificationMessage",
    "UserPoolTags",
)


@contextmanager
def their_pool_in(session):
    """Gone afterwards, with its SMS role."""
    pool = ExistingPool.create(session)
    yield pool
    remove(session)


def remove(session):
    cognito, iam = session.client("cognito-idp"), session.client("iam")
    for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]:
        if pool["Name"] == NAME:
            cognito.delete_user_pool(UserPoolId=pool["Id"])
    iam.delete_role_policy(RoleName=ROLE, PolicyName="publish")
    iam.delete_role(RoleName=ROLE)


def take_off(pool):
    """As Terraform would: all that it knows, without the redirect."""
    pool.cognito.update_user_pool(UserPoolId=pool.id, **{name: pool.before[name] for name in KNOWN_TO_TERRAFORM})
