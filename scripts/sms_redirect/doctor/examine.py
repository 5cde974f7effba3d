"""Runs the probes side by side and picks the most likely cause."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict

from sms_redirect.aws import Aws
from sms_redirect.doctor.facts import CouldNotCheckError, Facts, MissingError, NoAccessError
from sms_redirect.doctor.findings import Cause, Finding, Report, Status, in_order, problem, verdict
from sms_redirect.doctor.probes import access, flow, key, pool, refusals, sender, texts, topic
from sms_redirect.doctor.subject import Subject

logger = logging.getLogger(__name__)

Probe = Callable[[Facts, Subject], Iterator[Finding]]
Progress = Callable[[str], object]

PROBES: Sequence[tuple[Cause, str, Probe]] = (
    (Cause.ACCESS, "credentials", access.caller),
    (Cause.STACK, "stack", access.stack),
    (Cause.TRIGGER, "trigger", pool.trigger),
    (Cause.TRIGGER, "invoke permission", pool.invoke_permission),
    (Cause.POOL, "replicas", pool.replicas),
    (Cause.FLOW, "flow", flow.pool_sends),
    (Cause.USER, "user", flow.user_gets),
    (Cause.FLOW, "app clients", flow.clients_allow),
    (Cause.FLOW, "refused calls", refusals.refused),
    (Cause.KEY, "key", key.state),
    (Cause.KEY, "key's policy", key.policy),
    (Cause.FUNCTION, "sender", sender.state),
    (Cause.FUNCTION, "sender's settings", sender.settings),
    (Cause.FUNCTION, "throttles", sender.throttles),
    (Cause.FUNCTION, "sender's concurrency", sender.concurrency),
    (Cause.FUNCTION, "sender's log", sender.logs),
    (Cause.FUNCTION, "sender's permissions", sender.permissions),
    (Cause.QUEUE, "failure queue", sender.failure_queue),
    (Cause.TOPIC, "topic", topic.exists),
    (Cause.SUBSCRIPTIONS, "subscriptions", topic.subscriptions),
    (Cause.TEXTS, "texts", texts.lint),
)


def examine(aws: Aws, stack_name: str, subject: Subject, progress: Progress = lambda _: None) -> Report:
    """Ask everything and say what it comes to. Never raises for what AWS refuses: that is a finding, too."""
    return examined(Facts(aws, stack_name), subject, progress)


def examined(facts: Facts, subject: Subject, progress: Progress = lambda _: None) -> Report:
    """The same over facts that are there already."""
    started = time.monotonic()
    findings = in_order(list(_run(facts, subject, progress)))
    asked = {name: value for name, value in asdict(subject).items() if value is not None}
    asked |= {"stack_name": facts.stack_name, "since": f"{subject.since.total_seconds():g}s"}
    return Report(findings, verdict(findings), time.monotonic() - started, asked)


def _run(facts: Facts, subject: Subject, progress: Progress) -> Iterable[Finding]:
    with ThreadPoolExecutor(len(PROBES), thread_name_prefix="doctor") as threads:
        running = {threads.submit(_probe, facts, subject, *each): each[1] for each in PROBES}
        for done in as_completed(running):
            progress(running[done])
        for each in running:  # in the order of the probes, whichever ended first
            yield from each.result()


def _probe(facts: Facts, subject: Subject, cause: Cause, name: str, probe: Probe) -> list[Finding]:
    found: list[Finding] = []
    try:
        # One by one: what was found before a refusal counts.
        for each in probe(facts, subject):
            found.append(each)  # noqa: PERF402 - `extend` would lose what came before an error
    except NoAccessError as error:
        if cause is not Cause.ACCESS:
            return found  # said once
        found.append(
            problem(
                Cause.ACCESS,
                "no-access",
                f"AWS cannot be asked: {error}.",
                next_step="Log in (`aws sso login`), choose a profile (--profile) or a region (--region), or start a "
                "sandbox and use its environment.",
            )
        )
    except CouldNotCheckError as error:
        found.append(unchecked(cause, name, error))
    except MissingError:
        pass  # whatever is missing, the probe of that part says so
    except Exception as error:  # a bug, or a response that nobody expected: the other probes still count
        logger.debug("the probe %s failed", name, exc_info=True)
        found.append(unchecked(cause, name, CouldNotCheckError(f"the check itself failed ({type(error).__name__})")))
    return found


def unchecked(cause: Cause, name: str, error: CouldNotCheckError) -> Finding:
    step = f"Allow {error.action} to check this." if error.action else "Try again."
    code = f"unchecked-{name.replace(' ', '-')}"
    return Finding(cause, code, Status.UNCHECKED, f"{name}: {error}", next_step=step)
