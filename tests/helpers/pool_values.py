"""Pools, clients and users as values, for tests of rules."""

from sms_redirect.sandbox.cognito.rules import schema
from sms_redirect.sandbox.cognito.values.client import Client
from sms_redirect.sandbox.cognito.values.pool import Factors, Pool
from sms_redirect.sandbox.cognito.values.user import Password, User

POOL_ID = "us-east-1_AbCdEf123"


def pool(*, factors=Factors(sms=True), attributes=(), username_attributes=(), alias_attributes=(), **settings):  # noqa: B008
    """`attributes` is the pool's schema as the API takes it."""
    return Pool(
        id=POOL_ID,
        name="pool",
        region="us-east-1",
        account="123456789012",
        created=0.0,
        modified=0.0,
        settings={"SmsConfiguration": {"SnsCallerArn": "x"}} | settings,
        schema=schema.of_request(attributes),
        username_attributes=username_attributes,
        alias_attributes=alias_attributes,
        factors=factors,
    )


def user(name="alice", *, status="CONFIRMED", factors=(), preferred=None, app=False, **attributes):
    return User(
        pool_id=POOL_ID,
        sub="11111111-2222-3333-4444-555555555555",
        name=name,
        status=status,
        created=0.0,
        modified=0.0,
        attributes=attributes,
        password=Password("00", "00"),
        factors=tuple(factors),
        preferred_factor=preferred,
        totp_secret="SECRET" if app else None,
    )


def client(**settings):
    return Client("1234567890abcdefghijklmnop", POOL_ID, "app", 0.0, 0.0, settings)
