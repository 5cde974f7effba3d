"""When a pool must not be changed, and what its owner can do about it. Each function raises RefusedError or returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pool_attachment.errors import RefusedError
from pool_attachment.key import Key, arn_region
from pool_attachment.request import Request
from pool_attachment.settings import BOTOCORE_VERSION, Settings, SettingsModel
from pool_attachment.standing import Standing

_MAX_TAGS = 50


def refuse_other_region(request: Request) -> None:
    """Cognito could not call the function. Needs no look at the pool, which would not even be found."""
    pool_id, sender = request.attachment.pool_id, request.attachment.sender_arn
    region = pool_id.partition("_")[0]
    if arn_region(sender) != region:
        raise RefusedError(
            f"User pool {pool_id} is in {region}, the function {sender} is not. Deploy the stack in {region}."
        )


def refuse_other_redirect(standing: Standing) -> None:
    if standing.carries_other_redirect:
        raise RefusedError(
            f"User pool {standing.settings.pool_id} already carries the redirect of {standing.remembered.stack}. "
            "Delete that stack, or use it; if it is long gone, remove the pool's sms-redirect:* tags."
        )


def refuse_other_key(settings: Settings, key: Key) -> None:
    """A pool has one key, for both custom senders. Swapping it would break the owner's, and the way back."""
    if not settings.key or key.is_the(settings.key):
        return
    users = [name for name in ("CustomSMSSender", "CustomEmailSender") if name in settings.lambda_config]
    purpose = f" for its {' and '.join(users)}" if users else ""
    raise RefusedError(
        f"User pool {settings.pool_id} already encrypts with another KMS key{purpose}; a pool has only one, and it is "
        f"never swapped. Pass it: KmsKeyArn={settings.key}"
    )


def refuse_unfit_key(settings: Settings, key: Key) -> None:
    if arn_region(key.arn) != settings.region:
        raise RefusedError(f"KMS key {key.arn} is not in the pool's region. Pass a KmsKeyArn of {settings.region}.")
    if key.state != "Enabled":
        raise RefusedError(f"KMS key {key.arn} is {key.state}, not Enabled. Enable it, or pass another KmsKeyArn.")
    if (key.spec, key.usage) != ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"):
        raise RefusedError(
            f"KMS key {key.arn} is for {key.usage} with {key.spec}; Cognito needs a symmetric encryption key. Pass "
            "another KmsKeyArn."
        )


def refuse_crowd(standing: Standing) -> None:
    """Only before the first attach: a pool that grew must still be updated, rolled back and given back."""
    settings, most = standing.settings, standing.request.attachment.max_users
    if standing.is_ours or settings.users <= most:
        return
    raise RefusedError(
        f"User pool {settings.pool_id} has about {settings.users} users, more than MaxPoolUsers={most}. The redirect "
        "shows everybody's codes to the testers: it is not for production. Raise MaxPoolUsers if this is a test pool."
    )


def refuse_unsendable(settings: Settings, request: Mapping[str, Any], model: SettingsModel) -> None:
    """What cannot be written back in full must not be written at all."""
    pool_id = settings.pool_id
    if settings.unknown:
        raise RefusedError(
            f"User pool {pool_id} has settings that this release does not know ({', '.join(settings.unknown[:10])}): "
            f"UpdateUserPool would reset them. It is built with boto3 {BOTOCORE_VERSION}; deploy a release with a "
            "newer one (functions/attachment/requirements.txt). To give the pool back without, take the trigger off "
            "by hand."
        )
    if len(request.get("UserPoolTags", {})) > _MAX_TAGS:
        raise RefusedError(f"User pool {pool_id} has no room for the redirect's tags: {_MAX_TAGS} is the most.")
    if invalid := model.invalid(request):
        raise RefusedError(
            f"User pool {pool_id} has settings that boto3 {BOTOCORE_VERSION} cannot send back: {invalid}"
        )
