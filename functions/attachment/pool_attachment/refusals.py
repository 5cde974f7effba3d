"""When a pool must not be changed, and what its owner can do about it. Each function raises RefusedError or returns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pool_attachment.errors import RefusedError
from pool_attachment.key import Key, arn_region
from pool_attachment.ownership import Ownership
from pool_attachment.settings import BOTOCORE_VERSION, Settings, SettingsModel

_MAX_TAGS = 50
_STAGE_TAGS = frozenset({"environment", "env", "stage", "tier"})
_PRODUCTION = frozenset({"prod", "production", "live"})


def refuse_other_redirect(pool: Ownership) -> None:
    pool_id = pool.settings.pool_id
    remedy = f"If that stack is long gone: sms-redirect detach --user-pool-id {pool_id}"
    if pool.other_redirect:
        raise RefusedError(
            f"User pool {pool_id} already carries the redirect of {pool.other_redirect}. Delete that stack, or use it. "
            + remedy
        )
    if pool.other_claim:
        raise RefusedError(
            f"{pool.other_claim} is attaching to user pool {pool_id} at the same time. A pool takes one redirect. "
            + remedy
        )


def refuse_other_key(settings: Settings, key: Key) -> None:
    """A pool has one key, for both custom senders. Swapping it would break the owner's, and the way back."""
    if not settings.key or key.is_the(settings.key):
        return
    users = [name for name in ("CustomSMSSender", "CustomEmailSender") if name in settings.lambda_config]
    purpose = f" for its {' and '.join(users)}" if users else ""
    raise RefusedError(
        f"User pool {settings.pool_id} already encrypts with another KMS key{purpose}; a pool has only one, and it is "
        f"never swapped. {_how_to_pass(settings)}"
    )


def _how_to_pass(settings: Settings) -> str:
    """KmsKeyArn takes a key's ARN only, and the attachment's role may not look up what an alias stands for."""
    key = settings.key or ""
    if "alias/" in key:
        lookup = f"aws kms describe-key --key-id {key} --query KeyMetadata.Arn --output text"
        return f"Pass the ARN of the key behind {key} as KmsKeyArn ({lookup})."
    if not key.startswith("arn:"):
        partition, region, account = settings.arn.split(":")[1], *settings.arn.split(":")[3:5]
        key = f"arn:{partition}:kms:{region}:{account}:key/{key}"
    return f"Pass it: KmsKeyArn={key}"


def refuse_unfit_key(key: Key, region: str) -> None:
    if arn_region(key.arn) != region:
        raise RefusedError(f"KMS key {key.arn} is not in the pool's region. Pass a KmsKeyArn of {region}.")
    if key.state != "Enabled":
        raise RefusedError(f"KMS key {key.arn} is {key.state}, not Enabled. Enable it, or pass another KmsKeyArn.")
    if (key.spec, key.usage) != ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"):
        raise RefusedError(
            f"KMS key {key.arn} is for {key.usage} with {key.spec}; Cognito needs a symmetric encryption key. Pass "
            "another KmsKeyArn."
        )


def refuse_crowd(pool: Ownership) -> None:
    """Only before the first attach: a pool that grew must still be updated, rolled back and detached."""
    settings, most = pool.settings, pool.request.attachment.max_users
    if pool.ours or settings.users <= most:
        return
    raise RefusedError(
        f"User pool {settings.pool_id} has about {settings.users} users, more than MaxPoolUsers={most}. The redirect "
        "shows everybody's codes to the testers: it is not for production. Raise MaxPoolUsers if this is a test pool."
    )


def refuse_production(pool: Ownership) -> None:
    """Only before the first attach, as with `refuse_crowd`: a tag that came later must not keep the redirect on."""
    if pool.ours or pool.request.attachment.allow_production:
        return
    if said := [f"{key}={value}" for key, value in sorted(pool.settings.tags.items()) if _says_production(key, value)]:
        raise RefusedError(
            f"User pool {pool.settings.pool_id} is tagged {', '.join(said)}. The redirect shows everybody's codes to "
            "the testers: it is not for production. If this is a test pool, correct its tags, or deploy with "
            "AllowProduction=yes."
        )


def _says_production(key: str, value: str) -> bool:
    return key.strip().lower() in _STAGE_TAGS and value.strip().lower() in _PRODUCTION


def refuse_unsendable(settings: Settings, request: Mapping[str, Any], model: SettingsModel) -> None:
    """What cannot be written back in full must not be written at all."""
    pool_id = settings.pool_id
    if settings.unknown:
        raise RefusedError(
            f"User pool {pool_id} has settings that this release does not know ({', '.join(settings.unknown[:10])}): "
            f"UpdateUserPool would reset them. It is built with boto3 {BOTOCORE_VERSION}; use a release with a newer "
            "one (functions/attachment/requirements.txt), or take the trigger off by hand."
        )
    if len(request.get("UserPoolTags", {})) > _MAX_TAGS:
        raise RefusedError(f"User pool {pool_id} has no room for the redirect's tags: {_MAX_TAGS} is the most.")
    if invalid := model.invalid(request):
        raise RefusedError(
            f"User pool {pool_id} has settings that boto3 {BOTOCORE_VERSION} cannot send back: {invalid}"
        )


def refuse_foreign_sender(pool: Ownership) -> None:
    """A Delete may name a former function of this stack, but only one that the pool's tags know."""
    request = pool.request
    foreign = request.former_sender_arns - request.sender_arns
    if pool.former_sender or not foreign:
        return
    raise RefusedError(
        f"The request names the function {', '.join(sorted(foreign))}, which is not this stack's sender, and which the "
        f"tags of user pool {pool.settings.pool_id} do not know."
    )
