"""The web inbox of a sandbox that runs in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import boto3

from sms_redirect.aws import Aws
from sms_redirect.doctor.examine import examine
from sms_redirect.inbox.connect import ConnectApi
from sms_redirect.inbox.diagnosis import DiagnosisApi
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.web import create_app
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox.controls import SandboxControls
from sms_redirect.sandbox.feed import Feed
from sms_redirect.sandbox.server import Sandbox
from sms_redirect.sandbox.try_out.pools import SandboxPools


@dataclass(frozen=True, slots=True)
class SandboxInbox:
    """`store` has what the page shows."""

    store: SmsStore
    server: InboxServer
    _sandbox: Sandbox
    _connect: ConnectApi

    def connect(self, user_pool_id: str | None, client_id: str | None) -> None:
        """Tell the page's visitors how to use this pool; None: there is none yet."""
        connection = replace(self._sandbox.home.connection, user_pool_id=user_pool_id, user_pool_client_id=client_id)
        self._connect.connection = self._sandbox.home.connection = connection


@contextmanager
def sandbox_inbox(sandbox: Sandbox, store: SmsStore, port: int | None, stack_name: str) -> Iterator[SandboxInbox]:
    """Serve the inbox. `port` as of `InboxServer`; `stack_name` is the stack that is diagnosed.

    Raises:
        CannotListen: the port is taken.
    """
    feed = Feed(store, sandbox.mailroom, sandbox.incidents, sandbox.trails)
    sandbox.user_pool_emails.listen(store.add)
    aws = Aws(boto3.Session(), sandbox.endpoint_url)
    pools = SandboxPools(aws, store)
    connect = ConnectApi()
    app = create_app(
        store,
        emails=feed,
        trails=feed,
        subscriptions=feed,
        pools=pools,
        writer=pools,
        title="sandbox",
        token=sandbox.settings.token,
        hosts=sandbox.settings.hosts,
        connect=connect,
        diagnosis=DiagnosisApi(partial(examine, aws, stack_name)),
        sandbox=SandboxControls(sandbox, aws),
    )
    with InboxServer(app, port, sandbox.settings.host) as server:
        sandbox.home.inbox_port = server.port
        yield SandboxInbox(store, server, sandbox, connect)
