"""What to change on a pool: settings and what is wanted in, the whole UpdateUserPool request out. No calls, no clock.

Attach and detach are asked again after each change, so a plan also says when there is nothing left to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pool_attachment import tags
from pool_attachment.key import Key, arn_region
from pool_attachment.ownership import Ownership
from pool_attachment.refusals import (
    refuse_crowd,
    refuse_foreign_sender,
    refuse_other_key,
    refuse_other_redirect,
    refuse_production,
    refuse_unfit_key,
    refuse_unsendable,
)
from pool_attachment.request import Request
from pool_attachment.settings import Settings, SettingsModel
from pool_attachment.tags import RedirectTags, Sender

SENDER_EVENT_VERSION = "V1_0"


@dataclass(frozen=True)
class Plan:
    """What to do next; nothing, when neither `request` nor `untag` is there.

    `claim`: tags to put on before the request. `request`: the UpdateUserPool to send. `untag`: tags to take off when
    there is no request to carry that. `done`: what is true afterwards. `remarks`: what a person should know, true
    before and after.
    """

    claim: Mapping[str, str] = field(default_factory=dict)
    request: Mapping[str, Any] | None = None
    untag: tuple[str, ...] = ()
    done: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sent:
    """An UpdateUserPool that has taken effect, or may have, and the pool as it was read just before: `mfa`, then
    `before`.
    """

    mfa: Mapping[str, Any]
    before: Settings
    request: Mapping[str, Any]


def attach(settings: Settings, wanted: Request, key: Key, model: SettingsModel) -> Plan:
    """Our trigger on, what was there before recorded. Raises RefusedError."""
    pool = Ownership.of(settings, wanted)
    refuse_other_redirect(pool)
    record = _record(pool, key)
    config = {
        **settings.lambda_config,
        "CustomSMSSender": Sender(SENDER_EVENT_VERSION, wanted.attachment.sender_arn).trigger(),
        "KMSKeyID": settings.key if key.is_the(settings.key) else key.arn,
    }
    request = _with(settings, config, {**tags.without(settings.tags), **record.encoded()})
    leftover = tags.TAGS & set(settings.tags) - set(request["UserPoolTags"])
    if request == {**settings.update, "UserPoolTags": tags.without(settings.tags, leftover)}:
        return Plan(untag=tuple(sorted(leftover)), done="The pool already carries this redirect.")
    refuse_production(pool)
    refuse_crowd(pool)
    refuse_unfit_key(key, arn_region(wanted.attachment.sender_arn))
    return Plan(
        claim={} if pool.ours or pool.our_claim else RedirectTags(attaching=wanted.attachment.stack).encoded(),
        request=_sendable(settings, request, model),
        done="Attached.",
        remarks=(f"{record.previous.arn} comes back when the redirect goes.",) if record.previous else (),
    )


def detach(settings: Settings, leaving: Request, model: SettingsModel) -> Plan:
    """Our trigger off, the previous one back, our key and tags gone; someone else's work left alone.

    Raises RefusedError when the trigger is ours but the pool has settings that would be lost.
    """
    pool = Ownership.of(settings, leaving)
    refuse_foreign_sender(pool)
    if pool.our_trigger:
        return _without_trigger(pool, model)
    if pool.our_tags:
        return _without_traces(pool, model)
    if pool.our_claim:
        return Plan(untag=(tags.ATTACHING,), done="The redirect was not on the pool yet.")
    other = (f"It carries the redirect of {pool.tags.stack}.",) if pool.tags.stack else ()
    return Plan(done="This stack is not attached to the pool; nothing to restore.", remarks=other)


def take_back(now: Settings, sent: Sent, model: SettingsModel) -> Plan:
    """Undo an attach: what is still as that request made it becomes what it was before; nothing else changes.

    Raises RefusedError when the pool has got settings that would be lost.
    """
    config, remarks = _former_triggers(now, sent)
    former_tags = _former_tags(now, sent)
    if config == now.lambda_config and former_tags.items() <= now.tags.items():
        return Plan(untag=tuple(sorted(set(now.tags) - set(former_tags))), remarks=remarks)
    request = _with(now, config, former_tags, _absent(sent.before))
    return Plan(request=_sendable(now, request, model), remarks=remarks)


def unclaim(now: Settings, stack: str) -> Plan:
    """Undo an attach that got no further than its claim."""
    ours = RedirectTags.read(now.tags).attaching == stack
    return Plan(untag=(tags.ATTACHING,) if ours else ())


def _former_triggers(now: Settings, sent: Sent) -> tuple[dict[str, Any], tuple[str, ...]]:
    config, remarks = dict(now.lambda_config), list[str]()
    put = sent.request["LambdaConfig"]
    if now.sms_sender == put["CustomSMSSender"]:
        config.pop("CustomSMSSender")
        if sent.before.sms_sender:
            config["CustomSMSSender"] = sent.before.sms_sender
    if now.key == put["KMSKeyID"] != sent.before.key:
        if sent.before.key:
            config["KMSKeyID"] = sent.before.key
        else:
            _release_key(config, remarks)
    return config, tuple(remarks)


def _former_tags(now: Settings, sent: Sent) -> dict[str, str]:
    """With another stack's redirect on the pool, the tags are that stack's, and so is a claim that names another."""
    stack = sent.request["UserPoolTags"][tags.STACK]
    ours = tags.TAGS if now.tags.get(tags.STACK) in (None, stack) else frozenset[str]()
    if now.tags.get(tags.ATTACHING) != stack:
        ours -= {tags.ATTACHING}
    before = sent.before.tags if now.tags.get(tags.STACK) == stack else {}
    return {
        **tags.without(now.tags, ours),
        **{key: value for key, value in before.items() if key in tags.TAGS - {tags.ATTACHING}},
    }


def _record(pool: Ownership, key: Key) -> RedirectTags:
    """While the pool carries our trigger, what was recorded stays; otherwise what is there now is recorded."""
    return RedirectTags(
        stack=pool.request.attachment.stack,
        sender=pool.request.attachment.sender_arn,
        previous=pool.previous,
        brought_key=_key_to_record(pool, key),
        absent=pool.tags.absent if pool.ours else _absent(pool.settings),
    )


def _key_to_record(pool: Ownership, key: Key) -> str | None:
    """The key that goes when the redirect goes: None when it is the pool's own, or another's sender came to use it."""
    settings = pool.settings
    if settings.key is None:
        return key.arn
    others = settings.sms_sender is not None and not pool.our_trigger
    brought = pool.brought_key and not others
    if not brought or "CustomEmailSender" in settings.lambda_config:
        refuse_other_key(settings, key)
    return key.arn if brought else None


def _without_trigger(pool: Ownership, model: SettingsModel) -> Plan:
    settings = pool.settings
    config = {name: value for name, value in settings.lambda_config.items() if name != "CustomSMSSender"}
    remarks = []
    if pool.tags.previous:
        config["CustomSMSSender"] = pool.tags.previous.trigger()
        remarks.append(f"{pool.tags.previous.arn} is the pool's SMS sender again.")
    if pool.tags.garbled or not pool.tags.stack:
        remarks.append("The redirect's tags were edited: an SMS sender from before may be unknown and not restored.")
    if pool.brought_key:
        _release_key(config, remarks)
    request = _with(settings, config, tags.without(settings.tags), pool.tags.absent)
    return Plan(request=_sendable(settings, request, model), done="Detached.", remarks=tuple(remarks))


def _without_traces(pool: Ownership, model: SettingsModel) -> Plan:
    """The trigger is someone else's by now: only what is ours goes."""
    settings = pool.settings
    now = settings.sms_sender_arn or "none"
    remarks = [f"The pool's SMS sender has since been changed (now {now}) and was left as it is."]
    config = dict(settings.lambda_config)
    if pool.brought_key and settings.unknown:
        remarks.append(f"This stack's key ({settings.key}) stays: the pool has settings that would be lost.")
    elif pool.brought_key:
        _release_key(config, remarks)
    if config == settings.lambda_config:
        untag = tuple(sorted(tags.TAGS & set(settings.tags)))
        return Plan(untag=untag, done="Removed what was left of the redirect.", remarks=tuple(remarks))
    request = _with(settings, config, tags.without(settings.tags), pool.tags.absent)
    sendable = _sendable(settings, request, model)
    return Plan(request=sendable, done="Removed what was left of the redirect.", remarks=tuple(remarks))


def _release_key(config: dict[str, Any], remarks: list[str]) -> None:
    """Take the key that we brought off, unless a sender would be left without."""
    staying = [name for name in ("CustomSMSSender", "CustomEmailSender") if name in config]
    if not staying:
        del config["KMSKeyID"]
        return
    remarks.append(
        f"The pool's {' and '.join(staying)} still uses this stack's KMS key ({config['KMSKeyID']}), so KMSKeyID was "
        "kept. Set another key on the pool before this one is deleted."
    )


def _absent(settings: Settings) -> frozenset[str]:
    """Which of triggers and tags DescribeUserPool did not return at all; our claim is younger than that."""
    absent = {name for name in ("LambdaConfig", "UserPoolTags") if settings.raw.get(name) is None}
    return frozenset(absent | {"UserPoolTags"} if set(settings.tags) == {tags.ATTACHING} else absent)


def _with(
    settings: Settings, config: Mapping[str, Any], own_tags: Mapping[str, str], absent: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """All settings as they are, with these triggers and tags. Empty ones that were absent before are omitted again."""
    request = {**settings.update, "LambdaConfig": dict(config), "UserPoolTags": dict(own_tags)}
    return {name: value for name, value in request.items() if value or name not in absent}


def _sendable(settings: Settings, request: Mapping[str, Any], model: SettingsModel) -> Mapping[str, Any]:
    complete = {"UserPoolId": settings.pool_id, **request}
    refuse_unsendable(settings, complete, model)
    return complete
