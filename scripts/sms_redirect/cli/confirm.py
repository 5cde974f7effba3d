"""`sms-redirect confirm`: confirm a subscription so that mail scanners cannot end it."""

from __future__ import annotations

import sys
from typing import Any

import click

from sms_redirect.cli.options import aws_options, stack_option
from sms_redirect.cli.subscribers import errors_for_people, subscribers_of

LONGEST_EMAIL = 1_000_000  # characters


@click.command()
@click.argument("link_or_token")
@stack_option
@aws_options
def command(*, link_or_token: str, **options: Any) -> None:
    """Confirm an email subscription with LINK_OR_TOKEN from Amazon SNS's confirmation email.

    Confirmed this way, the unsubscribe link in each email asks for AWS credentials. Some mail scanners open every
    link, and would otherwise unsubscribe the tester. "-" reads the link from standard input, which keeps it out of
    the shell's history. A reply, an email's source or a mail scanner's link around it will do, too.
    """
    from_stdin = link_or_token == "-"  # noqa: S105 - not a token
    with errors_for_people():
        arn = subscribers_of(options).confirm(_read() if from_stdin else link_or_token)
    click.echo(arn)
    click.echo("Confirmed. The unsubscribe links in its emails need AWS credentials.", err=True)


def _read() -> str:
    """A person ends what they paste with Enter; an email that is piped in ends where it ends."""
    return sys.stdin.readline() if sys.stdin.isatty() else sys.stdin.read(LONGEST_EMAIL)
