"""`sms-redirect inbox`: the SMS of a deployed stack in the browser; removes what killed runs left behind."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from functools import partial
from typing import Any

import click

from sms_redirect import stack
from sms_redirect.aws import Aws
from sms_redirect.cli.ending import ends_cleanly
from sms_redirect.cli.options import aws_options, stack_option, token_option, wanted_token
from sms_redirect.errors import SmsInboxError
from sms_redirect.inbox.token import Token, link
from sms_redirect.loopback import CannotListen
from sms_redirect.topic.permissions import policy
from sms_redirect.topic.sweep import QUIET, Swept, sweep

USUAL_QUIET = int(QUIET.total_seconds() / 60)


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port of the page. Default: 8025, or any free port if it is taken."
)
@click.option(
    "--sweep", "only_sweep", is_flag=True, help="Only remove the queues that killed runs of any stack left behind."
)
@click.option(
    "--older-than",
    type=click.FloatRange(min=0),
    metavar="MINUTES",
    help=f"With --sweep: remove queues not used for this long.  [default: {USUAL_QUIET}]",
)
@token_option
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON, for programs.")
@stack_option
@aws_options
def command(
    *,
    port: int | None,
    only_sweep: bool,
    older_than: float | None,
    token: bool,
    as_json: bool,
    stack_name: str,
    **options: Any,
) -> None:
    """Show the SMS that a deployed stack sends from now on in the browser, until Ctrl-C.

    Subscribes a temporary queue to the stack's topic and removes it at the end. If this run is killed, the next one
    removes it. Only this machine can open the page, but without --token every user of it can.
    """
    if older_than is not None and not only_sweep:
        raise click.UsageError("--older-than has an effect only with --sweep.")
    try:
        aws = Aws.of(options["region"], options["profile"], options["endpoint_url"])
        if only_sweep:
            swept = sweep(aws, QUIET if older_than is None else timedelta(minutes=older_than))
            _report(swept, as_json=as_json)
        else:
            with ends_cleanly():
                _serve(aws, stack_name, port, wanted_token(new=token), as_json=as_json)
    except SmsInboxError as error:
        raise click.ClickException(str(error)) from error


def _serve(aws: Aws, stack_name: str, port: int | None, token: Token | None, *, as_json: bool) -> None:
    try:
        # Here, because waiting and sweeping do not need the web inbox's packages.
        from sms_redirect.doctor.examine import examine  # noqa: PLC0415
        from sms_redirect.inbox import deployed, diagnosis, serve, web  # noqa: PLC0415
        from sms_redirect.messages import store  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"The web inbox needs the package {error.name}: install sms-redirect[inbox]."
        ) from error
    topic_arn = stack.topic_arn(aws, stack_name, policy(stack_name=stack_name))
    _sweep_before(aws, topic_arn)
    messages = store.SmsStore()
    app = web.create_app(
        messages,
        subscriptions=deployed.TopicSubscriptions(aws, topic_arn),
        pools=deployed.StackPool(aws, stack_name),
        title=f"stack {stack_name} in {aws.sns.meta.region_name}",
        token=token,
        diagnosis=diagnosis.DiagnosisApi(partial(examine, aws, stack_name)),
    )
    end = _End()
    try:
        with deployed.fed(messages, aws, topic_arn, end.because), serve.InboxServer(app, port) as server:
            document = {"inbox_url": server.url, "topic_arn": topic_arn} | ({"token": token.value} if token else {})
            click.echo(json.dumps(document) if as_json else link(server.url, token))
            click.echo("Press Ctrl-C to stop.", err=True)
            end.wait()
    except CannotListen as error:
        raise click.ClickException(str(error)) from error


def _sweep_before(aws: Aws, topic_arn: str) -> None:
    """Remove what an earlier run left behind. A failure is reported only: this run does not depend on it."""
    try:
        swept = sweep(aws, topic_arn=topic_arn)
    except SmsInboxError as error:
        click.echo(f"Queues that killed runs may have left behind were not removed. {error}", err=True)
    else:
        if swept.queues or swept.subscriptions:
            click.echo("Removed what a killed run left behind.", err=True)


class _End:
    """Whether more SMS can arrive, and if not, why."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._error: SmsInboxError | None = None

    def because(self, error: SmsInboxError) -> None:
        self._error = error
        self._reached.set()

    def wait(self) -> None:
        """Return at Ctrl-C.

        Raises:
            SmsInboxError: no more SMS can arrive.
        """
        try:
            self._reached.wait()
        except KeyboardInterrupt:
            click.echo("Stopping.", err=True)
            return
        if self._error:
            raise self._error


def _report(swept: Swept, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"queues": swept.queues, "subscriptions": swept.subscriptions}))
        return
    for each in (*swept.queues, *swept.subscriptions):
        click.echo(each)
    click.echo(f"Removed {len(swept.queues)} queue(s) and {len(swept.subscriptions)} subscription(s).", err=True)
