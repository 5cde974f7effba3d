"""A subscriber's view of SNS email: an address, its mails, and what its links do."""

import itertools
import json
import re
import urllib.error
import urllib.request

PENDING = "PendingConfirmation"  # what lists show for a subscription that is not confirmed
NUMBERS = itertools.count()


def follow(url, document=None):
    """What a browser does with a link, or a program that posts a document: status and body."""
    body = None if document is None else json.dumps(document).encode()
    try:
        with urllib.request.urlopen(url, body, timeout=20) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read().decode()


class Subscriber:
    """An address of its own on a topic."""

    def __init__(self, sns, mailroom, topic_arn, protocol="email"):
        self.address = f"tester{next(NUMBERS)}@example.com"
        self.topic_arn = topic_arn
        self._sns = sns
        self._mailbox = mailroom.mailbox
        self._protocol = protocol

    def subscribe(self, **request):
        request = {"TopicArn": self.topic_arn, "Protocol": self._protocol, "Endpoint": self.address} | request
        return self._sns.subscribe(**request)["SubscriptionArn"]

    def confirmed(self, **request):
        """Subscribe and follow the link; returns the ARN."""
        arn = self.subscribe(ReturnSubscriptionArn=True, **request)
        assert follow(self.link())[0] == 200
        return arn

    def mails(self, kind=None):
        return [mail for mail in self._mailbox.all() if mail.to == self.address and kind in {None, mail.kind}]

    def link(self, number=-1):
        """The link in one of its mails, the last by default."""
        return re.search(r'http://127\.0\.0\.1:[^\s"]+', self.mails()[number].body)[0]

    def listed(self):
        """What lists show for it, None if nothing."""
        found = self._sns.list_subscriptions_by_topic(TopicArn=self.topic_arn)["Subscriptions"]
        arns = [each["SubscriptionArn"] for each in found if each["Endpoint"] == self.address]
        assert len(arns) < 2
        return arns[0] if arns else None
