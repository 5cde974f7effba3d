"""`sms-redirect confirm`: confirm a subscription so that mail scanners cannot end it."""

from __future__ import annotations

import sys
from typing import Any

import click

from sms_redirect.cli.options import aws_options, stack_option
from sms_redirect.cli.subscribers import errors_for_people, subscribers_of


@click.command()
@click.argument("link_or_token")
@stack_option
@aws_options
def command(*, link_or_token: str, **options: Any) -> None:
    """Confirm an email subscription with LINK_OR_TOKEN from Amazon SNS's confirmation email.

    Confirmed this way, the unsubscribe link in each email asks for AWS credentials. Some mail scanners open every
    link, and would otherwise unsubscribe the tester. "-" reads the link from standard input, which keeps it out of
    the shell's history.
    """
    from_stdin = link_or_token == "-"  # noqa: S105 - not a token
    with errors_for_people():
        arn = subscribers_of(options).confirm(sys.stdin.readline() if from_stdin else link_or_token)
    click.echo(arn)
    click.echo("Confirmed. The unsubscribe links in its emails need AWS credentials.", err=True)
