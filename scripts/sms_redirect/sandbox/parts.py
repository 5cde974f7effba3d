"""The parts of a sandbox, created and installed around the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from sms_redirect.inbox.connect import Connection
from sms_redirect.sandbox import emulator
from sms_redirect.sandbox.clock import Clock
from sms_redirect.sandbox.cognito import build, hosted
from sms_redirect.sandbox.cognito.discovery import Discovery
from sms_redirect.sandbox.cognito.pages import application as hosted_pages
from sms_redirect.sandbox.cognito.state.limits import Limits
from sms_redirect.sandbox.cognito.store import Store
from sms_redirect.sandbox.doors import control
from sms_redirect.sandbox.doors.door import Door, Policy
from sms_redirect.sandbox.doors.front import Front, Inside
from sms_redirect.sandbox.doors.home import Home
from sms_redirect.sandbox.doors.keys import AccessKey
from sms_redirect.sandbox.doors.origins import Origins
from sms_redirect.sandbox.email import install as email_install
from sms_redirect.sandbox.email import pages
from sms_redirect.sandbox.email.mailroom import Mailroom
from sms_redirect.sandbox.email.smtp import SmtpRelay
from sms_redirect.sandbox.email.user_pools import UserPoolEmails
from sms_redirect.sandbox.emulator import (
    cloudformation,
    conversation,
    enforcement,
    iam,
    json_logs,
    keys,
    processes,
    refusals,
    simulation,
    sns,
    stacks,
    templates,
)
from sms_redirect.sandbox.emulator import functions as emulator_lambda
from sms_redirect.sandbox.emulator.calls import Calls
from sms_redirect.sandbox.emulator.kms import Kms
from sms_redirect.sandbox.faults import Fault
from sms_redirect.sandbox.incidents import Incidents
from sms_redirect.sandbox.invocations import SENDER_FAULTS, Invocations
from sms_redirect.sandbox.pools import permissions, resources
from sms_redirect.sandbox.pools.endpoint import Endpoint
from sms_redirect.sandbox.pools.functions import PoolFunctions
from sms_redirect.sandbox.propagation import Propagation
from sms_redirect.sandbox.settings import SandboxSettings
from sms_redirect.sandbox.trails import Trails


class Parts:
    """Created when the port is known, because emails have links to it. Clients sign with `key`."""

    def __init__(self, settings: SandboxSettings, endpoint_url: str, key: AccessKey, store: Store) -> None:
        self.clock = Clock()
        self.harshness = replace(settings.harshness)  # its own: the control API changes it
        self.incidents = Incidents()
        self.trails = Trails()
        self.sender_fault = Fault(SENDER_FAULTS)
        self.pool_fault = build.pool_fault()
        self.limits = Limits(self.clock, enabled=settings.limits)
        self.invocations = Invocations(self.sender_fault)
        self._relay = SmtpRelay(settings.smtp) if settings.smtp else None
        self.mailroom = Mailroom(
            clock=self.clock,
            endpoint_url=endpoint_url,
            auto_confirm=settings.auto_confirm,
            limited=lambda: self.limits.enabled,
            relay=self._relay,
            trails=self.trails,
        )
        self.user_pool_emails = UserPoolEmails(self.mailroom, self.clock, self.incidents)
        self.pools = build.service(
            build.Surroundings(
                account=emulator.ACCOUNT_ID,
                region=settings.region,
                clock=self.clock,
                functions=PoolFunctions(self.invocations),
                kms=Kms,
                iam=permissions,
                incidents=self.incidents,
                trails=self.trails,
                deliver=self.user_pool_emails.deliver,
                endpoint_url=endpoint_url,
                limits=self.limits,
                pool_fault=self.pool_fault,
                store=store,
                test_code=settings.test_code,
                local_issuer=endpoint_url if settings.local_issuer else None,
            )
        )
        self._endpoint_url = endpoint_url
        self._region = settings.region
        self.home = Home(Connection(endpoint_url, settings.region), token=settings.token is not None)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._key = key
        self._token = settings.token
        self._hosts = settings.hosts
        self._policy = Policy(
            keys.known_to(key),
            Origins(settings.allowed_origins),
            refusals.service_of,
            refusals.response,
            settings.hosts,
        )

    def install(self, folder: Path) -> Front:
        """Install everything in the emulator, whose files are below `folder`; returns the application to serve."""
        emulated = emulator.application()
        processes.keep_apart(folder, self._endpoint_url)
        keys.guard(self._key)
        iam.parse_policies_once()
        iam.look_callers_up_once()
        sns.decode_bodies_once()
        emulator.replace_service("cognito-idp", lambda _original: self.pools.handle)
        emulator_lambda.keep_deleted_log_groups_deleted()
        conversation.install()
        emulator_lambda.reuse_threads()
        json_logs.install()
        enforcement.install()
        simulation.install()
        stacks.before_first_use(templates.complete)
        stacks.before_first_use(enforcement.complete)
        stacks.before_first_use(lambda: cloudformation.install(self.harshness))
        Propagation(self.clock, self.harshness).install()
        stacks.before_first_use(lambda: resources.install(self.pools.context, self._run))
        email_install.install(self.mailroom)
        api = control.Control(
            clock=self.clock,
            harshness=self.harshness,
            limits=self.limits,
            sender_fault=self.sender_fault,
            pool_fault=self.pool_fault,
            incidents=self.incidents,
            mails=self.mailroom,
            emails=self.user_pool_emails.sent,
            token=self._token,
            hosts=self._hosts,
        )
        discovery = Discovery(self.pools.context, self._endpoint_url, emulated)
        inside = Inside(
            discovery,
            {
                "/": Endpoint(self.pools, self._region, Calls(emulated)),
                **dict.fromkeys(pages.PATHS, pages.application(self.mailroom)),
                **dict.fromkeys(hosted_pages.PATHS, hosted_pages.application(self.pools.context)),
                **dict.fromkeys(hosted.PATHS, hosted.not_simulated),
            },
        )
        return Front(inside, door=Door(inside, self._policy, self.home), control=api.application(), hosts=self._hosts)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.invocations.start()

    def stop(self) -> None:
        self.invocations.stop()
        if self._relay:
            self._relay.stop()

    def _run(self, operation: Coroutine[Any, Any, Any]) -> Any:
        if self._loop is None:
            raise RuntimeError("operations run after the server started")
        return asyncio.run_coroutine_threadsafe(operation, self._loop).result()
