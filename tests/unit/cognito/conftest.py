"""A service of its own for each test."""

import pytest

from local_pools import LocalPools, app, sms_pool


@pytest.fixture
def pools(scrubbed_environment):
    return LocalPools()


@pytest.fixture
def cognito(pools):
    return pools.client()


@pytest.fixture
def pool_id(cognito):
    return sms_pool(cognito)


@pytest.fixture
def client_id(cognito, pool_id):
    return app(cognito, pool_id)
