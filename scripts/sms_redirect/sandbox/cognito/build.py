"""Puts the service together."""

from __future__ import annotations

from dataclasses import dataclass

from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito.api.service import Service
from sms_redirect.sandbox.cognito.context import Context, Iam
from sms_redirect.sandbox.cognito.flows.pools import TRANSIENT
from sms_redirect.sandbox.cognito.messages.custom_sender import CustomSenders, KmsOf
from sms_redirect.sandbox.cognito.messages.outbox import EmailDoor, Outbox
from sms_redirect.sandbox.cognito.messages.trouble import Trouble
from sms_redirect.sandbox.cognito.state.codes import Codes
from sms_redirect.sandbox.cognito.state.limits import Limits
from sms_redirect.sandbox.cognito.state.lockouts import Lockouts
from sms_redirect.sandbox.cognito.state.sessions import Sessions
from sms_redirect.sandbox.cognito.state.tokens import Tokens
from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.cognito.triggers import Functions, Triggers
from sms_redirect.sandbox.faults import Fault
from sms_redirect.sandbox.incidents import Incidents
from sms_redirect.sandbox.trails import Trails


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the service stands on: Lambda, IAM, the mailbox, the inbox, and a person's choices."""

    account: str
    region: str
    clock: Clock
    functions: Functions
    kms: KmsOf
    iam: Iam
    incidents: Incidents
    trails: Trails
    deliver: EmailDoor
    endpoint_url: str
    limits: Limits
    pool_fault: Fault
    store: Store
    test_code: str | None = None
    local_issuer: str | None = None


def service(around: Surroundings, *, strict: bool = False) -> Service:
    trouble = Trouble(around.incidents)
    triggers = Triggers(around.functions)
    senders = CustomSenders(around.functions, around.kms, trouble, around.trails)
    context = Context(
        account=around.account,
        default_region=around.region,
        clock=around.clock,
        store=around.store,
        codes=Codes(around.store, around.clock, around.test_code),
        limits=around.limits,
        lockouts=Lockouts(around.clock, around.limits),
        sessions=Sessions(around.store, around.clock),
        tokens=Tokens(around.store, around.clock, around.local_issuer),
        triggers=triggers,
        outbox=Outbox(senders, triggers, trouble, around.deliver, f"{around.endpoint_url}/confirmUser"),
        trouble=trouble,
        iam=around.iam,
        pool_fault=around.pool_fault,
    )
    return Service(context, strict=strict)


def pool_fault() -> Fault:
    return Fault(TRANSIENT)
