"""`sms-redirect wait`: the code of the next SMS on stdout, for scripts and tests in any language."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import click

from sms_redirect.aws import Aws
from sms_redirect.cli.ending import ends_cleanly
from sms_redirect.cli.options import aws_options, stack_option
from sms_redirect.errors import BadInput, SmsInboxError
from sms_redirect.messages.sms import Sms
from sms_redirect.testkit.filter import Filter
from sms_redirect.testkit.sms_inbox import TIMEOUT, SmsInbox

STDERR = 2  # file descriptor; stdout is for the code


@click.command(context_settings={"allow_interspersed_args": False})
@click.option("--phone-number", metavar="+NUMBER", help="Wait for an SMS to this number (E.164).")
@click.option("--flow", help="Wait for an SMS of this flow, such as SignUp, ForgotPassword or Authentication.")
@click.option("--user-name", help="Wait for an SMS to this user.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True, max=3600),
    default=TIMEOUT,
    show_default=True,
    metavar="SECONDS",
    help="Seconds to wait, counted from when COMMAND exits.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole message document instead of the code.")
@stack_option
@aws_options
@click.argument("program", metavar="[-- COMMAND ...]", nargs=-1, type=click.UNPROCESSED)
def command(*, timeout: float, as_json: bool, program: tuple[str, ...], **options: Any) -> None:
    """Wait for the next SMS and print its code.

    COMMAND causes the SMS. It runs after the subscription is active, so its SMS cannot be missed. Its output goes to
    stderr:

    sms-redirect wait --phone-number +12065550123 -- npm run signup
    """
    wanted = {name: options[name] for name in ("phone_number", "flow", "user_name")}
    try:
        Filter(**wanted)  # refused before anything is created
        aws = Aws.of(options["region"], options["profile"], options["endpoint_url"])
        # Without a filter, so that a timeout can list what arrived instead.
        inbox = SmsInbox(options["stack_name"], session=aws.session, endpoint_url=aws.endpoint_url)
        with ends_cleanly(), inbox:
            if program:
                _run(program)
            else:
                click.echo("Waiting for the SMS ...", err=True)
            sms = inbox.wait_for(**wanted, timeout=timeout)
    except BadInput as error:
        raise click.UsageError(str(error)) from error
    except SmsInboxError as error:
        raise click.ClickException(str(error)) from error
    click.echo(json.dumps(sms.raw) if as_json else _code(sms))


def _run(program: tuple[str, ...]) -> None:
    try:
        finished = subprocess.run(program, stdout=STDERR, check=False)  # noqa: S603 - the user's own command
    except OSError as error:
        raise click.UsageError(f"The command {program[0]!r} cannot be run: {error.strerror}.") from error
    if finished.returncode:
        raise click.ClickException(f"The command {program[0]!r} failed with exit code {finished.returncode}.")


def _code(sms: Sms) -> str:
    if sms.code is None:
        raise click.ClickException(f"The {sms.flow} SMS arrived, but it has no code. --json prints the whole message.")
    return sms.code
