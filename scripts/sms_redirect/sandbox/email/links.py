"""The links in emails. AWS's lead to https://sns.<region>.amazonaws.com; these lead to the sandbox."""

from __future__ import annotations

from urllib.parse import urlencode

from sms_redirect.sandbox.paths import CONFIRM_PATH, UNSUBSCRIBE_PATH


class Links:
    """An email's links open a page, those in an email-json document are calls of SNS's API."""

    def __init__(self, endpoint_url: str) -> None:
        self._endpoint_url = endpoint_url

    def confirm_page(self, topic_arn: str, token: str, endpoint: str) -> str:
        return self._url(CONFIRM_PATH, {"TopicArn": topic_arn, "Token": token, "Endpoint": endpoint})

    def unsubscribe_page(self, subscription_arn: str, endpoint: str) -> str:
        return self._url(UNSUBSCRIBE_PATH, {"SubscriptionArn": subscription_arn, "Endpoint": endpoint})

    def confirm_call(self, topic_arn: str, token: str) -> str:
        return self._url("/", {"Action": "ConfirmSubscription", "TopicArn": topic_arn, "Token": token})

    def unsubscribe_call(self, subscription_arn: str) -> str:
        return self._url("/", {"Action": "Unsubscribe", "SubscriptionArn": subscription_arn})

    def _url(self, path: str, query: dict[str, str]) -> str:
        return f"{self._endpoint_url}{path}?{urlencode(query)}"
