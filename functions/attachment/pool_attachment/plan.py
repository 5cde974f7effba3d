"""What to change on a pool: settings and what is wanted in, the whole UpdateUserPool request out. No calls, no clock.

Attach and detach are asked again after each change, so a plan also says when there is nothing left to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pool_attachment import memory
from pool_attachment.key import Key
from pool_attachment.memory import Memory, Sender
from pool_attachment.refusals import (
    refuse_crowd,
    refuse_other_key,
    refuse_other_redirect,
    refuse_unfit_key,
    refuse_unsendable,
)
from pool_attachment.request import Request
from pool_attachment.settings import Settings, SettingsModel
from pool_attachment.standing import Standing

SENDER_EVENT_VERSION = "V1_0"


@dataclass(frozen=True)
class Plan:
    """What to do next; nothing, when both are empty.

    `request`: the UpdateUserPool to send. `untag`: tags to take off when there is no request to carry that. `note`:
    what a person should know about it.
    """

    request: Mapping[str, Any] | None = None
    untag: tuple[str, ...] = ()
    note: str = ""


def attach(settings: Settings, wanted: Request, key: Key, model: SettingsModel) -> Plan:
    """Our trigger on, what was there before remembered. Raises RefusedError."""
    standing = Standing.of(settings, wanted)
    refuse_other_redirect(standing)
    to_remember = _to_remember(standing, key)
    request = _attached(standing, to_remember, key)
    if request == settings.update:
        return Plan(note="The pool already carries this redirect.")
    refuse_crowd(standing)
    refuse_unfit_key(settings, key)
    previous = f"; {to_remember.previous.arn} comes back when the redirect goes" if to_remember.previous else ""
    return Plan(request=_sendable(settings, request, model), note=f"Attached{previous}.")


def detach(settings: Settings, leaving: Request, model: SettingsModel) -> Plan:
    """Our trigger off, the previous one back, our key and tags gone; someone else's work left alone.

    Raises RefusedError when the trigger is ours but the pool has settings that would be lost.
    """
    standing = Standing.of(settings, leaving)
    if standing.carries_our_trigger:
        return _give_back(standing, model)
    if standing.carries_our_tags:
        return _leave(standing, model)
    other = f" It carries the redirect of {standing.remembered.stack}." if standing.remembered.stack else ""
    return Plan(note=f"This stack is not attached to the pool; nothing to give back.{other}")


def _to_remember(standing: Standing, key: Key) -> Memory:
    """While the pool carries our trigger, what was remembered stays; otherwise what is there now is remembered."""
    settings, remembered = standing.settings, standing.remembered
    ours = standing.carries_our_trigger
    absent = frozenset(name for name in ("LambdaConfig", "UserPoolTags") if settings.raw.get(name) is None)
    return Memory(
        stack=standing.request.attachment.stack,
        sender=standing.request.attachment.sender_arn,
        previous=remembered.previous if ours else Sender.read(settings.sms_sender),
        brought_key=_key_to_remember(standing, key),
        absent=remembered.absent if standing.is_ours else absent,
    )


def _key_to_remember(standing: Standing, key: Key) -> str | None:
    """The key that goes when the redirect goes: None when it is the pool's own, or another's sender came to use it."""
    settings = standing.settings
    if settings.key is None:
        return key.arn
    others = settings.sms_sender is not None and not standing.carries_our_trigger
    brought = standing.carries_brought_key and not others
    if not brought or "CustomEmailSender" in settings.lambda_config:
        refuse_other_key(settings, key)
    return key.arn if brought else None


def _attached(standing: Standing, to_remember: Memory, key: Key) -> dict[str, Any]:
    settings = standing.settings
    config = {
        **settings.lambda_config,
        "CustomSMSSender": Sender(SENDER_EVENT_VERSION, standing.request.attachment.sender_arn).trigger(),
        "KMSKeyID": settings.key if key.is_the(settings.key) else key.arn,
    }
    return _with(settings, config, {**memory.without(settings.tags), **to_remember.tags()})


def _give_back(standing: Standing, model: SettingsModel) -> Plan:
    settings, remembered = standing.settings, standing.remembered
    config = {name: value for name, value in settings.lambda_config.items() if name != "CustomSMSSender"}
    notes = ["Detached."]
    if remembered.previous:
        config["CustomSMSSender"] = remembered.previous.trigger()
        notes = [f"Detached; {remembered.previous.arn} is back."]
    if remembered.garbled or not remembered.stack:
        notes.append("The redirect's tags were edited: an SMS sender from before may be unknown and not put back.")
    if standing.carries_brought_key:
        _release_key(config, notes, "CustomSMSSender", "CustomEmailSender")
    request = _with(settings, config, memory.without(settings.tags), remembered.absent)
    return Plan(request=_sendable(settings, request, model), note=" ".join(notes))


def _leave(standing: Standing, model: SettingsModel) -> Plan:
    """The trigger is someone else's by now: only what is ours goes."""
    settings = standing.settings
    notes = [
        f"The pool's SMS sender was changed meanwhile (now {settings.sms_sender_arn or 'none'}) and is left alone."
    ]
    config = dict(settings.lambda_config)
    if standing.carries_brought_key and settings.unknown:
        notes.append(
            f"The key that this stack brought ({settings.key}) stays: the pool has settings that would be lost."
        )
    elif standing.carries_brought_key:
        _release_key(config, notes, "CustomSMSSender", "CustomEmailSender")
    if config == settings.lambda_config:
        return Plan(untag=tuple(sorted(memory.TAGS & set(settings.tags))), note=" ".join(notes))
    request = _with(settings, config, memory.without(settings.tags), standing.remembered.absent)
    return Plan(request=_sendable(settings, request, model), note=" ".join(notes))


def _release_key(config: dict[str, Any], notes: list[str], *users: str) -> None:
    """Take the key that we brought off, unless one of `users` would be left without."""
    staying = [name for name in users if name in config]
    if not staying:
        del config["KMSKeyID"]
        return
    notes.append(
        f"The pool's {' and '.join(staying)} uses the key that this stack brought ({config['KMSKeyID']}), so the key "
        "stays on the pool: give the pool another one before this one is deleted."
    )


def _with(
    settings: Settings, config: Mapping[str, Any], tags: Mapping[str, str], absent: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """All settings as they are, with these triggers and tags. Empty ones that were absent before are omitted again."""
    request = {**settings.update, "LambdaConfig": dict(config), "UserPoolTags": dict(tags)}
    return {name: value for name, value in request.items() if value or name not in absent}


def _sendable(settings: Settings, request: Mapping[str, Any], model: SettingsModel) -> Mapping[str, Any]:
    complete = {"UserPoolId": settings.pool_id, **request}
    refuse_unsendable(settings, complete, model)
    return complete
