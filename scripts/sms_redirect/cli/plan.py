"""`sms-redirect plan`: what attaching to an existing pool would change, or why it would be refused."""

from __future__ import annotations

import re
from typing import Any

import click

from sms_redirect.attachment.by_hand import Wanted
from sms_redirect.attachment.deployed import Deployed
from sms_redirect.aws import Aws
from sms_redirect.cli.options import aws_options, stack_option
from sms_redirect.cli.pool_changes import by_hand, offer, pool_option
from sms_redirect.cli.subscribers import errors_for_people
from sms_redirect.errors import NoSuchStack

# As the template's parameter KmsKeyArn takes it; a test compares them.
KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+")


def _key_arn(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    del context, parameter
    if value is not None and not KEY_ARN.fullmatch(value):
        raise click.BadParameter(
            "must be a key's ARN such as arn:aws:kms:us-east-1:111122223333:key/... (as KmsKeyArn). For the ARN behind "
            "an alias: aws kms describe-key --key-id ALIAS --query KeyMetadata.Arn --output text"
        )
    return value


def wanted_options(function: Any) -> Any:
    """What a stack that is not deployed yet would be given."""
    for option in (
        click.option("--max-pool-users", "max_users", type=int, help="The stack's MaxPoolUsers.  [default: 1000]"),
        click.option("--allow-production", is_flag=True, default=None, help="As the stack's AllowProduction=yes."),
        click.option("--sender-function-arn", "sender_arn", help="The sender; by default the stack's, or a new one."),
        click.option("--kms-key-arn", "key_arn", callback=_key_arn, help="The stack's KmsKeyArn; empty: its own key."),
    ):
        function = option(function)
    return function


@click.command()
@pool_option(required=True)
@wanted_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for programs.")
@stack_option
@aws_options
def command(*, pool_id: str, as_json: bool, **options: Any) -> None:
    """Show what attaching a stack to an existing user pool would change. Changes nothing.

    Of a stack that is deployed already, its own parameters count. Exits with 1 if attaching would be refused.
    """
    show_plan(pool_id, as_json=as_json, **options)


def show_plan(
    pool_id: str,
    *,
    as_json: bool,
    stack_name: str,
    key_arn: str | None,
    sender_arn: str | None,
    max_users: int | None,
    allow_production: bool | None,
    **aws_of: Any,
) -> None:
    with errors_for_people():
        here = by_hand(pool_id, aws_of)
        wanted = Wanted(stack_name, sender_arn, key_arn, max_users, allow_production)
        preview, _ = here.preview_attach(here.settings(), wanted, _deployed(here.aws, stack_name))
        offer(preview, None, dry_run=True, yes=False, as_json=as_json)


def _deployed(aws: Aws, stack_name: str) -> Deployed | None:
    try:
        return Deployed.read(aws, stack_name)
    except NoSuchStack:
        return None
