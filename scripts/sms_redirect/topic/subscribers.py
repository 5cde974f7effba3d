"""The email subscribers of a stack's topic: add one, confirm one, list them, end one.

What SNS does is in the developer guide's pages sns-email-notifications and sns-delete-subscription-topic, and in the
API reference of Subscribe, ConfirmSubscription and Unsubscribe; see docs/cognito-facts.md, "SNS email".
"""

from __future__ import annotations

import html
import json
import quopri
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from botocore.exceptions import BotoCoreError, ClientError

from sms_redirect.aws import Aws, code_of, explained
from sms_redirect.errors import AddressNotAllowed, BadInput, NoSuchSubscriber, NoSuchTopic, TopicElsewhere
from sms_redirect.messages.flows import FLOWS, NOTICE, PROBE, known_flow
from sms_redirect.topic.permissions import TopicArn, subscribers_policy

if TYPE_CHECKING:
    from mypy_boto3_sns.type_defs import SubscriptionTypeDef

EMAIL_PROTOCOLS = ("email", "email-json")
PENDING = "PendingConfirmation"  # in place of the ARN, as ListSubscriptionsByTopic reports it
DELETED = "Deleted"  # the same, for a short while after an unsubscribe
NO_TOPIC = {"NotFound", "NotFoundException"}
DENIED_BY_TOPIC = "explicit deny in a resource-based policy"  # IAM user guide, "Troubleshoot access denied errors"
# Everything but the doctor's probes. A message without a flow, of whatever else publishes, passes.
SPARED: dict[str, Any] = {"flow": [{"anything-but": [PROBE]}, {"exists": False}]}
BAD_TOKEN = {"InvalidParameter", "InvalidParameterException"}
# As the template's parameter Email.
ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
PREFIX = re.compile(r"\+[0-9]{1,15}")
TOKEN = re.compile(r"[0-9A-Za-z_-]{20,1000}")
_IN_LINK = {
    "Token": re.compile(r"(?:^|[?&])Token=([0-9A-Za-z_-]{20,1000})(?![0-9A-Za-z_-])"),
    "TopicArn": re.compile(r"[?&]TopicArn=([^&\s\"'<>]+)"),
}
MOST_WRAPPERS = 3  # percent-encodings of one another


class SubscriberState(StrEnum):
    """Where a subscription is between the confirmation email and its end."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One email address on the topic.

    `filter_policy` is None for everything, or unknown while the address is pending: SNS tells nothing of it then.
    `protected`: an unsubscribe link alone does not end it. `in_template`: one of the stack's Email parameters.
    """

    address: str
    protocol: str
    state: SubscriberState
    arn: str | None
    filter_policy: Mapping[str, Any] | None
    protected: bool
    in_template: bool

    @property
    def stray(self) -> bool:
        """Nobody asked the stack for it, yet its confirmation link may still work."""
        return self.state is SubscriberState.PENDING and not self.in_template


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What `subscribe` did: one of "asked", "asked again", "already", "filter changed"."""

    what: str
    address: str


class Subscribers:
    """The email subscribers of one topic. `template_addresses` are those of the stack's own parameters.

    Raises:
        BadInput: that is not a topic's ARN.
    """

    def __init__(self, aws: Aws, topic_arn: str, template_addresses: Sequence[str] = ()) -> None:
        topic = TopicArn.parse(topic_arn)
        if topic is None:
            raise BadInput(f"{topic_arn[:200]!r} is not the ARN of an SNS topic.")
        self._aws = aws if aws.region == topic.region else Aws(aws.session, aws.endpoint_url, topic.region)
        self._topic_arn = topic_arn
        self._template_addresses = {each.casefold() for each in template_addresses}
        self._policy = subscribers_policy(topic_arn)

    def all(self) -> list[Subscriber]:
        """Every email subscriber, by address.

        Raises:
            NoSuchTopic, NotAllowed, CannotReachAws
        """
        with self._calling("Reading the topic's subscriptions"):
            pages = self._aws.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=self._topic_arn)
            found = [each for page in pages for each in page["Subscriptions"] if each["Protocol"] in EMAIL_PROTOCOLS]
            return sorted((self._read(each) for each in found), key=lambda each: each.address.casefold())

    def subscribe(self, address: str, policy: Mapping[str, Any] = SPARED) -> Subscribed:
        """Ask an address to confirm, or give a confirmed one another filter policy.

        Raises:
            BadInput: that is not an email address.
            AddressNotAllowed: the stack's AllowedEmailDomains do not include it.
            NoSuchTopic, NotAllowed, CannotReachAws
        """
        if not ADDRESS.fullmatch(address):
            raise BadInput(f"{address[:254]!r} is not an email address such as qa@example.com.")
        there = self._find(address)
        if there and there.state is SubscriberState.CONFIRMED:
            if there.filter_policy == policy:
                return Subscribed("already", there.address)
            self._set_filter(there, policy)
            return Subscribed("filter changed", there.address)
        with self._calling(f"Subscribing {address}"):
            try:
                self._aws.sns.subscribe(
                    TopicArn=self._topic_arn,
                    Protocol="email",
                    Endpoint=address,
                    Attributes={"FilterPolicy": json.dumps(policy)},
                )
            except ClientError as error:
                if DENIED_BY_TOPIC not in str(error):
                    raise
                raise AddressNotAllowed(
                    f"The topic's policy does not let {address} be subscribed: its domain is not one of the stack's "
                    "AllowedEmailDomains, which are in lower case. Deploy the stack with that domain added."
                ) from error
        return Subscribed("asked again" if there and there.state is SubscriberState.PENDING else "asked", address)

    def confirm(self, link_or_token: str) -> str:
        """Confirm a subscription so that unsubscribe links alone cannot end it; returns its ARN.

        One without a filter, such as the template's, gets one that spares it the doctor's probes, if that is allowed.

        Raises:
            BadInput: that is neither a confirmation link of this topic nor a token, or SNS does not take it.
            NoSuchTopic, NotAllowed, CannotReachAws
        """
        topic_arn, token = read_confirmation(link_or_token)
        if topic_arn is not None and topic_arn != self._topic_arn:
            raise TopicElsewhere(
                f"The link confirms a subscription of {topic_arn}, but this stack's topic is {self._topic_arn}. "
                "Pass the stack that sent it with --stack-name."
            )
        with self._calling("Confirming the subscription"):
            try:
                response = self._aws.sns.confirm_subscription(
                    TopicArn=self._topic_arn, Token=token, AuthenticateOnUnsubscribe="true"
                )
            except ClientError as error:
                if code_of(error) not in BAD_TOKEN:
                    raise
                # Without the cause: SNS may quote the token.
                raise BadInput(
                    "SNS did not accept the token: it is older than two days, or a newer email replaced it. Run "
                    "`sms-redirect subscribe ADDRESS` for a new one, and confirm with the link of the newest email."
                ) from None
        arn = response["SubscriptionArn"]
        with suppress(ClientError, BotoCoreError):  # it is confirmed all the same
            if not self._aws.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"].get("FilterPolicy"):
                self._aws.sns.set_subscription_attributes(
                    SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=json.dumps(SPARED)
                )
        return arn

    def unsubscribe(self, address: str) -> Subscriber:
        """End the subscription of an address; returns what it was.

        Raises:
            NoSuchSubscriber: the address is not subscribed, or still pending: SNS cannot delete those.
            NoSuchTopic, NotAllowed, CannotReachAws
        """
        there = self._find(address)
        if there is None or there.state is SubscriberState.DELETED:
            raise NoSuchSubscriber(f"{address} is not subscribed. `sms-redirect subscriptions` lists who is.")
        if there.arn is None:
            raise NoSuchSubscriber(
                f"{address} has not confirmed, and SNS cannot delete a pending subscription. It receives nothing, and "
                "lapses within three days unless its link is opened. Ask its owner to delete the email."
            )
        with self._calling(f"Unsubscribing {address}"):
            self._aws.sns.unsubscribe(SubscriptionArn=there.arn)
        return there

    def _find(self, address: str) -> Subscriber | None:
        """Confirmed before pending: SNS may list an address once for each."""
        same = [each for each in self.all() if each.address.casefold() == address.casefold()]
        return min(same, key=lambda each: list(SubscriberState).index(each.state), default=None)

    def _read(self, listed: SubscriptionTypeDef) -> Subscriber:
        listed_arn = listed["SubscriptionArn"]
        arn = listed_arn if listed_arn.startswith("arn:") else None
        attributes = self._aws.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"] if arn else {}
        if arn is None or attributes.get("PendingConfirmation") == "true":
            state = SubscriberState.DELETED if listed_arn == DELETED else SubscriberState.PENDING
        else:
            state = SubscriberState.CONFIRMED
        return Subscriber(
            address=listed["Endpoint"],
            protocol=listed["Protocol"],
            state=state,
            arn=arn if state is SubscriberState.CONFIRMED else None,
            filter_policy=_parsed(attributes.get("FilterPolicy")),
            protected=attributes.get("ConfirmationWasAuthenticated") == "true",
            in_template=listed["Endpoint"].casefold() in self._template_addresses,
        )

    def _set_filter(self, there: Subscriber, policy: Mapping[str, Any]) -> None:
        with self._calling(f"Changing the filter of {there.address}"):
            self._aws.sns.set_subscription_attributes(
                SubscriptionArn=there.arn or "",
                AttributeName="FilterPolicy",
                AttributeValue=json.dumps(policy),
            )

    @contextmanager
    def _calling(self, doing: str) -> Iterator[None]:
        with explained(doing, self._policy):
            try:
                yield
            except ClientError as error:
                if code_of(error) not in NO_TOPIC:
                    raise
                raise NoSuchTopic(
                    f"There is no topic {self._topic_arn}. Was the stack deleted or redeployed? Its TopicArn output "
                    "has the current topic."
                ) from error


def filter_policy(phone_prefixes: Sequence[str] = (), flows: Sequence[str] = ()) -> dict[str, Any]:
    """The SNS filter policy for SMS to any of these numbers in any of these flows, without the doctor's probes.

    A message without a number passes, because it may be a failure of an unknown recipient or a notice of the stack.

    Raises:
        BadInput: not the start of an E.164 number, or not a flow.
    """
    policy: dict[str, Any] = {}
    for prefix in phone_prefixes:
        if not PREFIX.fullmatch(prefix):
            raise BadInput(f"{prefix[:40]!r} is not the start of an E.164 number such as +1206 or +12065550123.")
    if phone_prefixes:
        policy["phone_number"] = [{"exists": False}, *({"prefix": each} for each in dict.fromkeys(phone_prefixes))]
    known = {name: known_flow(name) for name in flows}
    for name, flow in known.items():
        if flow is None:
            raise BadInput(f"{name[:60]!r} is not a flow of Cognito. The flows are {', '.join(sorted(FLOWS))}.")
    if flows:
        policy["flow"] = [*dict.fromkeys(known.values()), NOTICE]
    return policy if flows else policy | SPARED


def read_confirmation(link_or_token: str) -> tuple[str | None, str]:
    """The topic's ARN, if a link names it, and the token.

    Raises:
        BadInput: neither; the text never quotes what was given, because a token confirms.
    """
    given = link_or_token.strip().strip("'\"<>")
    if TOKEN.fullmatch(given):
        return None, given
    link = _unquoted(given)
    tokens, topics = set(_IN_LINK["Token"].findall(link)), set(_IN_LINK["TopicArn"].findall(link))
    if len(tokens) != 1 or len(topics) > 1:
        raise BadInput(
            "That is neither a confirmation link nor its token. Copy the whole link of the email with the subject "
            '"AWS Notification - Subscription Confirmation", in quotation marks.'
        )
    return unquote(topics.pop()) if topics else None, tokens.pop()


def _unquoted(text: str) -> str:
    """A link as it was, out of an email's source, a reply, HTML, or a scanner's link around it (Safe Links)."""
    if "=3D" in text:  # quoted-printable
        text = quopri.decodestring(text.encode()).decode(errors="replace")
    text = html.unescape(re.sub(r"\s*\n[>\s]*", "", text))
    for _ in range(MOST_WRAPPERS):
        if _IN_LINK["Token"].search(text):
            break
        text = unquote(text)
    return text


def described(policy: Mapping[str, Any] | None) -> str:
    """A filter policy in words, for a table. What spares an address the doctor's probes is not worth a word."""
    words = []
    for key, values in (policy or {}).items():
        if SPARED.get(key) == values:
            continue
        shown = [_condition(value) for value in values if value not in (NOTICE, {"exists": False})]
        words.append(f"{key} {' or '.join(shown)}" if shown else f"no {key}")
    return ", ".join(words) or "everything"


def _condition(value: Any) -> str:
    if isinstance(value, Mapping) and "prefix" in value:
        return f"{value['prefix']}..."
    return str(value) if isinstance(value, str) else json.dumps(value)


def _parsed(policy: str | None) -> Mapping[str, Any] | None:
    try:
        parsed = json.loads(policy or "null")
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, Mapping) and parsed else None
