"""`sms-redirect unsubscribe`: one address fewer."""

from __future__ import annotations

from typing import Any

import click

from sms_redirect.cli.options import aws_options, stack_option
from sms_redirect.cli.subscribers import errors_for_people, subscribers_of


@click.command()
@click.argument("address")
@stack_option
@aws_options
def command(*, address: str, **options: Any) -> None:
    """Stop sending a stack's SMS to ADDRESS.

    An address that is one of the stack's Email parameters comes back when its resource is created again: change the
    parameter as well.
    """
    with errors_for_people():
        gone = subscribers_of(options).unsubscribe(address)
    click.echo(f"{gone.address} receives nothing more.")
    if gone.in_template:
        click.echo("It is one of the stack's Email parameters: deploy without it, too.", err=True)
