"""A topic's policy, with the keys of a Subscribe request that the emulator does not evaluate.

Source: SNSG/sns-access-policy-language-api-permissions-reference, "Service-specific keys".
"""

from __future__ import annotations

from sms_redirect.sandbox.email.rules import SnsError
from sms_redirect.sandbox.emulator import iam, sns


def check_subscribe(topic_arn: str, protocol: str, endpoint: str) -> None:
    """Raises SnsError if the topic's policy denies it to whoever calls."""
    document = sns.attribute(topic_arn, "Policy")
    keys = {"sns:Protocol": protocol, "sns:Endpoint": endpoint}
    if document and (denial := iam.resource_denial(document, "sns:Subscribe", topic_arn, keys)):
        raise SnsError("AuthorizationError", denial, 403)
