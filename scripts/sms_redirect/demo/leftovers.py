"""Lists the account's resources, to show that a deleted stack leaves nothing but a key pending deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import boto3

# client, operation, its list, what names an entry
LISTINGS = (
    ("lambda", "list_functions", "Functions", "FunctionArn"),
    ("sns", "list_topics", "Topics", "TopicArn"),
    ("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    ("sqs", "list_queues", "QueueUrls", None),
    ("cognito-idp", "list_user_pools", "UserPools", "Id"),
    ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    ("iam", "list_roles", "Roles", "Arn"),
    ("iam", "list_policies", "Policies", "Arn"),
    ("s3", "list_buckets", "Buckets", "Name"),
)
ARGUMENTS: dict[str, dict[str, Any]] = {"list_user_pools": {"MaxResults": 60}, "list_policies": {"Scope": "Local"}}


def resources(session: boto3.Session) -> set[str]:
    """ARN, id or name of everything that a stack of this template could have created, but keys pending deletion."""
    client: Any = session.client  # by a name that the type checker does not know
    found = set()
    for service, operation, listing, name in LISTINGS:
        response = getattr(client(service), operation)(**ARGUMENTS.get(operation, {}))
        found |= {f"{service}: {entry[name] if name else entry}" for entry in response.get(listing, [])}
    return found | {f"kms: {key}" for key in _keys_in_use(session)}


def _keys_in_use(session: boto3.Session) -> set[str]:
    """ARNs of the account's customer managed KMS keys that are not pending deletion."""
    kms = session.client("kms")
    metadata = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return {key["Arn"] for key in metadata if key["KeyManager"] == "CUSTOMER" and key["KeyState"] != "PendingDeletion"}
