"""`sms-redirect detach`: takes the redirect off a pool, whatever became of its stack."""

from __future__ import annotations

from typing import Any

import click

from sms_redirect.cli.options import aws_options
from sms_redirect.cli.pool_changes import by_hand, change_options, offer, pool_option
from sms_redirect.cli.subscribers import errors_for_people


@click.command()
@pool_option(required=True)
@click.option(
    "--sender-function-arn", "sender_arn", metavar="ARN", help="The redirect's function, if its tags are gone."
)
@change_options
@aws_options
def command(*, pool_id: str, sender_arn: str | None, dry_run: bool, yes: bool, as_json: bool, **aws_of: Any) -> None:
    """Take the redirect off a user pool and restore what was there before.

    Everything it needs to know stands in the pool's own tags, so it works without the stack: deleted, half-made, moved,
    its function or key gone. Use it when deleting the stack could not restore the pool.
    """
    with errors_for_people():
        here = by_hand(pool_id, aws_of)
        preview, request = here.preview_detach(here.settings(), sender_arn)
        offer(preview, lambda: here.detach(request), dry_run=dry_run, yes=yes, as_json=as_json)
