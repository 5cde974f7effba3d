"""`sms-redirect subscribe`: one more address for a stack's SMS, with or without a filter."""

from __future__ import annotations

from typing import Any

import click

from sms_redirect.cli.options import aws_options, stack_option
from sms_redirect.cli.subscribers import errors_for_people, subscribers_of
from sms_redirect.topic.subscribers import described, filter_policy

SAID = {
    "asked": "SNS has sent a confirmation email to {address}.",
    "asked again": "{address} has not confirmed yet. SNS has sent another confirmation email.",
}
CONFIRM = (
    "Until it is confirmed, SNS discards messages for this address. Confirm it with\n"
    "  sms-redirect confirm 'THE LINK OF THE EMAIL'\n"
    "rather than by opening the link: then an unsubscribe link that a mail scanner follows cannot end it."
)


@click.command()
@click.argument("address")
@click.option(
    "--phone-prefix",
    "phone_prefixes",
    multiple=True,
    metavar="+NUMBER",
    help="Only SMS to numbers that start so, for example a tester's own number. Repeatable.",
)
@click.option("--flow", "flows", multiple=True, help="Only SMS of this flow, such as SignUp. Repeatable.")
@stack_option
@aws_options
def command(*, address: str, phone_prefixes: tuple[str, ...], flows: tuple[str, ...], **options: Any) -> None:
    """Send a stack's SMS to ADDRESS, too.

    For an address that has confirmed already, this sets its filter: without --phone-prefix and --flow it receives
    everything again. SNS may take up to 15 minutes to apply a changed filter.
    """
    with errors_for_people():
        policy = filter_policy(phone_prefixes, flows)
        done = subscribers_of(options).subscribe(address, policy)
    if done.what == "already":
        click.echo(f"{done.address} is subscribed already and receives {described(policy)}.")
    elif done.what == "filter changed":
        click.echo(f"{done.address} now receives {described(policy)}.")
    else:
        click.echo(SAID[done.what].format(address=done.address))
        click.echo(CONFIRM, err=True)
