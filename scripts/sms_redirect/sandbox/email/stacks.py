"""Email subscriptions that stacks make: CloudFormation calls SNS, the emulator's CloudFormation goes past its API."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sms_redirect.sandbox.email import policy, rules
from sms_redirect.sandbox.email.mailroom import Mailroom
from sms_redirect.sandbox.email.rules import PROTOCOLS, SnsError
from sms_redirect.sandbox.emulator import sns as emulator_sns
from sms_redirect.sandbox.emulator.stacks import Step


class StackSubscriptionError(Exception):
    """SNS refused a template's subscription. A stack event shows the text."""


def steps(mailroom: Mailroom) -> Mapping[str, Mapping[str, Callable[[Step], Step]]]:
    """For `emulator_stacks.replace_handlers`, by resource type."""
    subscriptions = _Subscriptions(mailroom)
    topics = _Topics(mailroom)
    return {
        "AWS::SNS::Subscription": {
            "create": subscriptions.created,
            "update": subscriptions.updated,
            "delete": subscriptions.deleted,
        },
        "AWS::SNS::Topic": {"create": topics.created, "update": topics.updated},
    }


class _Subscriptions:
    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom

    def created(self, create: Step) -> Step:
        def step(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> Any:
            topic_arn = properties.get("TopicArn", "")
            _check(properties, topic_arn)
            there = emulator_sns.find_address(topic_arn, properties.get("Protocol", ""), properties.get("Endpoint", ""))
            if there is not None:  # SNS returns the subscription that the address has already
                return there["arn"], {"Arn": there["arn"]}
            _check_policy(topic_arn, [(properties.get("Protocol", ""), properties.get("Endpoint", ""))])
            made = create(logical_id, properties, stack_name)
            self._mailroom.take_over(topic_arn)
            return made

        return step

    def updated(self, update: Step) -> Step:
        def step(physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], *names: Any) -> Any:
            _check(new, new.get("TopicArn", ""))
            made = update(physical_id, old, new, *names)
            self._mailroom.take_over(new.get("TopicArn", ""))
            return made

        return step

    def deleted(self, delete: Step) -> Step:
        def step(physical_id: str, properties: Mapping[str, Any]) -> None:
            # SNS does not delete what is pending. It expires, or goes with its topic; for CloudFormation it is gone.
            if not self._mailroom.subscriptions.is_pending(physical_id):
                delete(physical_id, properties)
                self._mailroom.subscriptions.forget(physical_id)

        return step


class _Topics:
    """Subscriptions written inside a topic."""

    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom

    def created(self, create: Step) -> Step:
        def step(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> Any:
            for subscription in properties.get("Subscription", []):
                _check(subscription, properties.get("TopicName", ""))
            made = create(logical_id, properties, stack_name)
            self._mailroom.take_over(made[0])
            return made

        return step

    def updated(self, update: Step) -> Step:
        def step(physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], *names: Any) -> Any:
            for subscription in new.get("Subscription", []):
                _check(subscription, new.get("TopicName", ""))
            _check_policy(physical_id, sorted(_addresses(new) - _addresses(old)))
            leaving = [
                found
                for protocol, endpoint in _addresses(old) - _addresses(new)
                if (found := emulator_sns.find_address(physical_id, protocol, endpoint))
            ]
            made = update(physical_id, old, new, *names)
            for subscription in leaving:
                self._unsubscribe(subscription)
            self._mailroom.take_over(made[0])
            return made

        return step

    def _unsubscribe(self, subscription: emulator_sns.Subscription) -> None:
        """An update unsubscribes every address that left the list, no matter who subscribed it, except a pending one.

        Source: UpdateHandler and BaseHandlerStd of aws-cloudformation/aws-cloudformation-resource-providers-sns.
        """
        if self._mailroom.subscriptions.is_pending(subscription["arn"]):
            emulator_sns.put_back(subscription)
        else:
            emulator_sns.remove(subscription)
            self._mailroom.subscriptions.forget(subscription["arn"])


def _addresses(topic: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(str(each["Protocol"]), str(each["Endpoint"])) for each in topic.get("Subscription", [])}


def _check(subscription: Mapping[str, Any], topic: str) -> None:
    protocol = subscription.get("Protocol", "")
    if protocol not in PROTOCOLS:
        return
    try:
        rules.check_endpoint(topic, protocol, str(subscription.get("Endpoint", "")))
    except SnsError as error:
        raise _refused(error) from error


def _check_policy(topic_arn: str, endpoints: Iterable[tuple[str, str]]) -> None:
    """CloudFormation subscribes with the permissions of whoever changes the stack, so the topic's policy counts."""
    for protocol, endpoint in endpoints:
        try:
            policy.check_subscribe(topic_arn, protocol, endpoint)
        except SnsError as error:
            raise _refused(error) from error


def _refused(error: SnsError) -> StackSubscriptionError:
    reason = f"{error.message} (Service: Sns, Status Code: {error.status})"
    return StackSubscriptionError(f'Resource handler returned message: "{reason}" ({error.code})')
