"""A bad setting names its variable, its value and what is expected."""

import pytest

import sms_sender.handler
from sender_world import ENVIRONMENT, FUNCTION_ARN, event
from sms_sender.errors import SettingsError
from sms_sender.settings import Settings


def test_a_complete_environment_is_read():
    settings = Settings.read({**ENVIRONMENT, "CUSTOM_MESSAGE_FUNCTION_ARN": FUNCTION_ARN, "HOME": "/"})

    assert settings.topic_arn == ENVIRONMENT["TOPIC_ARN"]
    assert settings.key_arn == ENVIRONMENT["KMS_KEY_ARN"]
    assert settings.custom_message_arn == FUNCTION_ARN


@pytest.mark.parametrize("environment", [ENVIRONMENT, {k: v for k, v in ENVIRONMENT.items() if v}])
def test_the_custom_message_function_may_be_empty_or_absent(environment):
    assert Settings.read(environment).custom_message_arn is None


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws-cn:kms:cn-north-1:111122223333:key/11111111-2222-3333-4444-555555555555",
        "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/mrk-0123456789abcdef0123456789abcdef",
    ],
)
def test_keys_of_other_partitions_and_multi_region_keys_are_keys(arn):
    assert Settings.read({**ENVIRONMENT, "KMS_KEY_ARN": arn}).key_arn == arn


@pytest.mark.parametrize("name", ["TOPIC_ARN", "KMS_KEY_ARN"])
def test_a_missing_setting_is_named(name):
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}

    with pytest.raises(SettingsError, match=rf"{name} is missing; expected the ARN of"):
        Settings.read(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOPIC_ARN", ""),
        ("TOPIC_ARN", "my-topic"),
        ("TOPIC_ARN", ENVIRONMENT["TOPIC_ARN"] + " "),
        ("TOPIC_ARN", ENVIRONMENT["KMS_KEY_ARN"]),
        ("KMS_KEY_ARN", "alias/mine"),
        ("KMS_KEY_ARN", "arn:aws:kms:us-east-1:111122223333:alias/mine"),
        ("KMS_KEY_ARN", "11111111-2222-3333-4444-555555555555"),
        ("CUSTOM_MESSAGE_FUNCTION_ARN", "my-function"),
    ],
)
def test_a_malformed_setting_is_told_with_its_value(name, value):
    with pytest.raises(SettingsError, match="expected") as raised:
        Settings.read({**ENVIRONMENT, name: value})

    assert name in str(raised.value)
    assert repr(value) in str(raised.value)


def test_an_incomplete_environment_is_raised_for_every_event(monkeypatch, caplog):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)

    for _ in range(2):
        with pytest.raises(SettingsError, match="TOPIC_ARN"):
            sms_sender.handler.handler(event())

    assert [record.error for record in caplog.records] == ["SettingsError", "SettingsError"]
