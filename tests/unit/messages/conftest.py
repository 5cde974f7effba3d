import pytest

from sms_redirect.messages.store import SmsStore


@pytest.fixture
def store():
    return SmsStore()
