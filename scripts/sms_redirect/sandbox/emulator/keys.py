"""Access keys as the emulator keeps them: with `emulator`, the only module that knows where.

Covered by tests/integration/test_emulator_contract_keys.py.
"""

# The emulator is imported once it is configured, and reached into on purpose.

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sms_redirect.sandbox.doors.keys import AccessKey
from sms_redirect.sandbox.doors.refusals import ExpiredToken, UnknownKey
from sms_redirect.sandbox.doors.signature import Key, Keys
from sms_redirect.sandbox.emulator import ACCOUNT_ID

LINK_SECONDS = 600


def known_to(run: AccessKey) -> Keys:
    """The keys of a run: its own, which is the account's root user's, and those that IAM, STS and Lambda gave out."""

    def find(access_key_id: str, token: str | None) -> Key:
        if access_key_id == run.id:
            if token:
                raise UnknownKey
            return Key(run.secret)
        return _given_out(access_key_id, token)

    return find


def _given_out(access_key_id: str, token: str | None) -> Key:
    from ministack.core import iam_evaluator
    from ministack.services import iam, sts

    # Nothing else: the emulator has further keys that it takes for the root user's.
    if access_key_id not in sts._sessions and iam._access_keys.get_scoped(ACCOUNT_ID, None, access_key_id) is None:
        raise UnknownKey
    found = iam_evaluator.resolve_credential(access_key_id, ACCOUNT_ID, token or "")
    if isinstance(found, iam_evaluator.CredentialResolutionError):
        raise ExpiredToken if found.code == "ExpiredTokenException" else UnknownKey
    return Key(found.secret_access_key, found.session_token)


def guard(run: AccessKey) -> None:
    """Let the emulator take only this run's key for the root user's, and give out nothing that anybody could guess.

    Its functions' keys are made from their ARNs, and its links to their code are not signed: every user of the machine
    could make them, too.
    """
    from ministack.core import iam_evaluator, lambda_runtime
    from ministack.services import lambda_svc, sts

    def is_root(access_key_id: str) -> bool:
        return not access_key_id or access_key_id == run.id  # none: from behind the door, or an open request

    iam_evaluator.is_root_access_key = is_root
    sts.is_root_access_key = is_root
    lambda_runtime.execution_credentials = _unguessable(secrets.token_bytes(32))
    lambda_svc.execution_credentials = lambda_runtime.execution_credentials
    for name in ("_presigned_code_url", "_layer_content_url"):
        original = getattr(lambda_svc, name)
        setattr(lambda_svc, name, _presigned(run, getattr(original, "of_the_emulator", original)))


def _unguessable(salt: bytes) -> Callable[[Mapping[str, Any]], dict[str, str]]:
    """A function's own credentials: those of its role, the same for each of its processes."""

    def credentials(config: Mapping[str, Any]) -> dict[str, str]:
        from ministack.services import sts

        function, role = config["FunctionArn"], config["Role"].rpartition("/")[2]
        account, session = function.split(":")[4], config["FunctionName"][:64]

        def derived(purpose: str) -> str:
            text = f"{purpose}:{function}:{config['Role']}"
            return hmac.new(salt, text.encode(), hashlib.sha256).hexdigest()

        key_id, secret, token = f"ASIA{derived('id')[:16].upper()}", derived("secret"), derived("token")
        sts.register_session(
            key_id,
            {
                "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session}",
                "UserId": f"{role}:{session}",
                "SecretAccessKey": secret,
                "SessionToken": token,
            },
        )
        return {"AWS_ACCESS_KEY_ID": key_id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}

    return credentials


def _presigned(run: AccessKey, original: Callable[..., str]) -> Callable[..., str]:
    """A link that opens for those who were given it, as Lambda's links to S3 do: for ten minutes."""

    def url(*arguments: Any) -> str:
        from ministack.core.responses import get_region

        request = AWSRequest("GET", original(*arguments).partition("?")[0])
        S3SigV4QueryAuth(Credentials(run.id, run.secret), "s3", get_region(), LINK_SECONDS).add_auth(request)
        return str(request.url)

    url.of_the_emulator = original  # type: ignore[attr-defined]
    return url
