"""No code, password, text or event is in a log, an exception or a repr, whatever happens."""

import logging
import traceback

import pytest
from botocore.exceptions import ParamValidationError

from cognito_codes import changed, client_error
from sender_world import event
from sms_sender.errors import SenderError
from sms_sender.secret import EncryptedCode, Secret

SECRET = "Pa55-w0rd"
METADATA = "private-metadata"


def scenarios(world):
    code = world.encrypted(SECRET)
    quoting = client_error("ThrottlingException", "Decrypt", message=f"{SECRET} {code}")
    return {
        "shown": (code, {}),
        "corrupt": (changed(code, -130), {}),
        "not base64": (f"{SECRET} {code}", {}),
        "other pool": (world.encrypted(SECRET, pool_id="us-east-1_Other0000"), {}),
        "not UTF-8": (world.encrypted(SECRET.encode() + b"\xff"), {}),
        "KMS throttles": (code, {"kms": [quoting]}),
        "KMS denies": (code, {"kms": [client_error("AccessDeniedException", "Decrypt", message=SECRET)]}),
        "the pool is not read": (code, {"cognito": [client_error("AccessDeniedException", "D", message=SECRET)]}),
        "the topic is gone": (code, {"sns": [client_error("NotFound", "Publish", message=SECRET)]}),
        "the message is refused": (code, {"sns": [ParamValidationError(report=f"Invalid: {SECRET}")]}),
        "the connection breaks": (code, {"sns": [OSError(SECRET)]}),
    }


NAMES = (
    "shown",
    "corrupt",
    "not base64",
    "other pool",
    "not UTF-8",
    "KMS throttles",
    "KMS denies",
    "the pool is not read",
    "the topic is gone",
    "the message is refused",
    "the connection breaks",
)


@pytest.mark.parametrize("name", NAMES)
def test_logs_and_exceptions_hold_no_secret(world, send, caplog, capsys, name):
    caplog.set_level(logging.DEBUG)
    code, faults = scenarios(world)[name]
    for service, raised in faults.items():
        getattr(world, service).faults = raised
    raised = ""

    try:
        send(event("AdminCreateUser", code, metadata={"note": METADATA}))
    except SenderError as error:
        raised = "".join(traceback.format_exception(error))

    logged = "".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    written = "".join(capsys.readouterr())
    for place in (logged, written, raised):
        assert SECRET not in place
        assert code not in place
        assert METADATA not in place
        assert "temporary password" not in place


@pytest.mark.parametrize("library", ["botocore.endpoint", "botocore.parsers", "urllib3.connectionpool"])
def test_libraries_that_log_what_they_send_are_kept_from_it(library, caplog):
    """Lambda's ApplicationLogLevel sets the root logger, for example to DEBUG."""
    caplog.set_level(logging.DEBUG)

    assert not logging.getLogger(library).isEnabledFor(logging.DEBUG)


def test_reprs_are_masked(world):
    encrypted = EncryptedCode.read(world.encrypted(SECRET))
    secret = world.connections().decryptor.decrypt(encrypted, encrypted.user_pool_id)

    assert secret == Secret(SECRET)
    assert SECRET not in repr(secret)
    assert "ciphertext" not in repr(encrypted)
