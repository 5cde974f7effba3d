"""`sms-redirect attach`: puts a deployed stack's redirect on its pool again."""

from __future__ import annotations

from typing import Any

import click

from sms_redirect.attachment.by_hand import Wanted
from sms_redirect.attachment.deployed import Deployed
from sms_redirect.aws import Aws
from sms_redirect.cli.options import aws_options, stack_option
from sms_redirect.cli.plan import show_plan, wanted_options
from sms_redirect.cli.pool_changes import by_hand, change_options, offer, pool_option
from sms_redirect.cli.subscribers import errors_for_people


@click.command()
@pool_option(required=False)
@wanted_options
@change_options
@stack_option
@aws_options
def command(
    *,
    pool_id: str | None,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    stack_name: str,
    region: str | None,
    profile: str | None,
    endpoint_url: str | None,
    **wanted: Any,
) -> None:
    """Put a deployed stack's redirect on its user pool again, after something else took it off.

    The first time, deploying the stack with UserPoolId does it. With --dry-run and --user-pool-id this is
    `sms-redirect plan`.
    """
    aws_of: dict[str, Any] = {"region": region, "profile": profile, "endpoint_url": endpoint_url}
    if dry_run and pool_id:
        show_plan(pool_id, as_json=as_json, stack_name=stack_name, **wanted, **aws_of)
        return
    if given := [name for name, value in wanted.items() if value is not None]:
        options = [option.opts[0] for option in command.params if option.name in given]
        raise click.UsageError(f"{', '.join(options)}: the deployed stack's own values count. See `sms-redirect plan`.")
    with errors_for_people():
        deployed = Deployed.read(Aws.of(region, profile, endpoint_url), stack_name)
        here = by_hand(_its_pool(deployed, pool_id), aws_of)
        preview, request = here.preview_attach(here.settings(), Wanted(stack_name), deployed)
        offer(preview, lambda: here.attach(request), dry_run=dry_run, yes=yes, as_json=as_json)


def _its_pool(deployed: Deployed, pool_id: str | None) -> str:
    if deployed.pool_id is None:
        raise click.UsageError(
            f"The stack {deployed.name!r} created its pool itself: deploy it again to put its trigger back."
        )
    if pool_id not in (None, deployed.pool_id):
        raise click.UsageError(
            f"The stack {deployed.name!r} is deployed for {deployed.pool_id}. To attach {pool_id}, deploy a stack with "
            f"UserPoolId={pool_id} (`sms-redirect plan --user-pool-id {pool_id}` shows what that changes)."
        )
    return deployed.pool_id
