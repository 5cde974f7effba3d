"""`sms-redirect attach --dry-run`: what attaching to an existing pool would change, or why it would be refused."""

from __future__ import annotations

import json
import sys

import boto3
import click
from botocore.exceptions import BotoCoreError, ClientError

from pool_attachment.errors import AttachmentError
from sms_redirect.attach_plan import Preview, Wanted, preview
from sms_redirect.cli.options import aws_options, stack_option

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


@click.command()
@click.option("--user-pool-id", "pool_id", required=True, help="The existing user pool.")
@click.option("--dry-run", is_flag=True, help="Show the change. Deploying the stack with UserPoolId carries it out.")
@click.option("--kms-key-arn", "key_arn", help="The stack's KmsKeyArn; by default the stack makes a key.")
@click.option("--sender-function-arn", "sender_arn", help="The sender; by default the deployed stack's, or a new one.")
@click.option("--max-pool-users", "max_users", default=1000, show_default=True, help="The stack's MaxPoolUsers.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole plan as JSON.")
@stack_option
@aws_options
def command(
    *,
    pool_id: str,
    dry_run: bool,
    key_arn: str | None,
    sender_arn: str | None,
    max_users: int,
    as_json: bool,
    stack_name: str,
    region: str | None,
    profile: str | None,
    endpoint_url: str | None,
) -> None:
    """Show what attaching to an existing user pool would change."""
    if not dry_run:
        raise click.UsageError(
            "A pool is attached by deploying the stack (`sam deploy --guided --parameter-overrides "
            "Email=... UserPoolId=...`), so that deleting the stack gives it back. Add --dry-run to see "
            "the change first."
        )
    wanted = Wanted(pool_id, stack_name, sender_arn, key_arn, max_users)
    try:
        session = boto3.Session(region_name=region or pool_id.partition("_")[0], profile_name=profile)
        found = preview(session, endpoint_url, wanted)
    except (AttachmentError, ClientError, BotoCoreError) as problem:
        raise click.ClickException(str(problem)) from problem
    click.echo(json.dumps(found.document(), indent=2)) if as_json else _show(found)
    if found.refusal:
        if not as_json:
            click.echo(f"Refused: {found.refusal}", err=True)
        sys.exit(1)


def _show(found: Preview) -> None:
    for line in found.diff():
        click.secho(line, fg=_COLOURS.get(line[:1]))
    if not found.refusal:
        click.echo(found.note if found.request is None else "Nothing else in the pool changes.", err=True)
