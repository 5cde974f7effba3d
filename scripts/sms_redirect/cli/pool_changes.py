"""What the commands that change a user pool share: options, the diff, the question, the result."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from pool_attachment.attachment import Outcome
from pool_attachment.request import POOL_ID
from pool_attachment.retry import Clock
from sms_redirect.attachment.by_hand import ByHand
from sms_redirect.attachment.preview import Preview
from sms_redirect.aws import Aws
from sms_redirect.errors import SmsInboxError

F = TypeVar("F", bound=Callable[..., Any])

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def _pool_id(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    del context, parameter
    if value is not None and not POOL_ID.fullmatch(value):
        raise click.BadParameter("must be a user pool id such as us-east-1_AbCdEf123 (not its name or ARN).")
    return value


def pool_option(*, required: bool) -> Callable[[F], F]:
    return click.option(
        "--user-pool-id", "pool_id", required=required, callback=_pool_id, metavar="ID", help="The existing user pool."
    )


def change_options(function: F) -> F:
    """`--dry-run`, `--yes` and `--json`."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document (needs --yes or --dry-run)."),
        click.option("--yes", is_flag=True, help="Do not ask before changing the pool, for scripts."),
        click.option("--dry-run", is_flag=True, help="Only show the change."),
    ):
        function = option(function)
    return function


def by_hand(pool_id: str, aws_of: Mapping[str, str | None]) -> ByHand:
    """In the region at hand; without one, in that of the pool's id. `aws_of`: the shared options."""
    region = aws_of["region"] or pool_id.partition("_")[0]
    return ByHand(Aws.of(region, aws_of["profile"], aws_of["endpoint_url"]), pool_id, Clock())


def offer(
    preview: Preview, carry_out: Callable[[], Outcome] | None, *, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Show the change and carry it out, unless there is nothing to do, it is refused, or a person says no.

    Exits with 0 if the pool is as it should be (or would be, with `dry_run`), with 1 if not.
    """
    if as_json and not (dry_run or yes):
        raise click.UsageError("--json cannot ask before it changes the pool: add --yes or --dry-run.")
    document = {**preview.document(), "dry_run": dry_run, "applied": False}
    if not as_json:
        _show(preview)
    failure = preview.refusal
    if carry_out and failure is None and preview.changes and not dry_run:
        _ask(preview, yes=yes)
        try:
            outcome = carry_out()
        except SmsInboxError as error:
            failure = str(error)
        else:
            document |= {"applied": outcome.changed, "note": outcome.note}
            if not as_json:
                click.echo(outcome.note, err=True)
    if as_json:
        click.echo(json.dumps({**document, "error": failure}, indent=2))
    elif failure:
        click.echo(f"{'Refused' if preview.refusal else 'Error'}: {failure}", err=True)
    if failure:
        sys.exit(1)


def _show(preview: Preview) -> None:
    """The diff on stdout; what is said about it on stderr."""
    for line in preview.diff():
        click.secho(line, fg=_COLOURS.get(line[:1]))
    for remark in preview.remarks:
        click.echo(f"Note: {remark}", err=True)
    if not preview.changes and preview.note:
        click.echo(preview.note, err=True)


def _ask(preview: Preview, *, yes: bool) -> None:
    if yes:
        return
    doing = "Put the redirect on" if preview.action == "attach" else "Take the redirect off"
    try:
        agreed = click.confirm(f"{doing} user pool {preview.pool_id} in {preview.region}?", err=True)
    except click.Abort:
        raise click.ClickException("Nothing was changed. In a script, add --yes.") from None
    if not agreed:
        raise click.ClickException("Nothing was changed.")
