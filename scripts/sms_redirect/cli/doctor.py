"""`sms-redirect doctor`: why no SMS came."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import click

from sms_redirect.aws import Aws
from sms_redirect.cli.options import aws_options, stack_option
from sms_redirect.cli.subscribers import errors_for_people
from sms_redirect.doctor.subject import OCCASIONS, Subject
from sms_redirect.testkit.filter import E164

COLOURS = {"ok": "green", "warning": "yellow", "PROBLEM": "red", "unchecked": "cyan"}
MARK = re.compile(rf"  ({'|'.join(COLOURS)})(?= )")
PROGRESS = 38  # columns, fewer than the narrowest terminal's
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _since(context: click.Context, parameter: click.Parameter, value: str) -> timedelta:
    del context, parameter
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", value)
    if not found:
        raise click.BadParameter("must be a time such as 90s, 15m, 2h or 1d.")
    return timedelta(seconds=int(found[1]) * UNITS[found[2]])


def _number(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    del context, parameter
    if value is not None and not E164.fullmatch(value):
        raise click.BadParameter("must be E.164, such as +12065550123.")
    return value


@click.command()
@click.option("--user", "user_name", metavar="NAME", help="The user who got no SMS.")
@click.option("--phone-number", metavar="+NUMBER", callback=_number, help="The number that got no SMS (E.164).")
@click.option("--flow", type=click.Choice(list(OCCASIONS), case_sensitive=False), help="What the SMS was for.")
@click.option("--since", default="15m", show_default=True, callback=_since, help="How far back to read the log.")
@click.option("--probe", "with_probe", is_flag=True, help="Also send a made-up SMS through the sender to a queue.")
@click.option("--error", "error_text", metavar="TEXT", help="Only explain an error text of AWS.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for programs.")
@stack_option
@aws_options
def command(
    *,
    user_name: str | None,
    phone_number: str | None,
    flow: str | None,
    since: timedelta,
    with_probe: bool,
    error_text: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Find out why no SMS came: the most likely cause first, then everything that was checked.

    Reads only, except with --probe. What the credentials do not allow is named with the missing permission. Exits
    with 0 if nothing is wrong, with 1 if there is a problem.
    """
    if error_text is not None:
        _explain(error_text, as_json=as_json)
        return
    from sms_redirect.doctor import examine, live, words  # noqa: PLC0415 - `--error` does without
    from sms_redirect.doctor.facts import Facts  # noqa: PLC0415
    from sms_redirect.doctor.findings import in_order  # noqa: PLC0415

    subject = Subject.of(user_name, phone_number, flow, since)
    with errors_for_people():
        aws = Aws.of(options["region"], options["profile"], options["endpoint_url"])
        with _progress() as progress:
            report = examine.examine(aws, options["stack_name"], subject, progress)
        if with_probe:
            found = in_order([*report.findings, *live.probe(aws, Facts(aws, options["stack_name"]))])
            report = report.with_findings(found)
    if as_json:
        click.echo(json.dumps(report.as_document(), indent=2, default=str))
    else:
        for line in words.lines(report, str(subject), min(words.WIDTH, shutil.get_terminal_size().columns)):
            click.echo(_coloured(line))
    sys.exit(0 if report.healthy else 1)


def _coloured(line: str) -> str:
    """With the colour of its mark, and the verdict in bold; `click.echo` drops both where nobody sees them."""
    if line.startswith(("Most likely cause:", "Nothing found")):
        return click.style(line, bold=True)
    found = MARK.match(line)
    return f"  {click.style(found[1], fg=COLOURS[found[1]])}{line[found.end() :]}" if found else line


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """What was just checked, on a line that goes away, for a person who watches; nothing if nobody does."""
    if not sys.stderr.isatty():
        yield lambda _name: None
    elif os.environ.get("TERM") == "dumb":
        yield lambda name: click.echo(f"Checked: {name}", err=True)
    else:
        yield lambda name: click.echo(f"\r{f'Checked: {name}':<{PROGRESS}}", err=True, nl=False)
        click.echo(f"\r{'':<{PROGRESS}}\r", err=True, nl=False)


def _explain(text: str, *, as_json: bool) -> None:
    from sms_redirect.doctor.known_errors import explanation  # noqa: PLC0415

    known = explanation(text)
    if known is None:
        raise click.ClickException(
            "This error text is not known here. Run `sms-redirect doctor` for the stack, or search AWS's documentation "
            "for the error's name."
        )
    if as_json:
        click.echo(json.dumps({"means": known.means, "next_step": known.next_step}))
    else:
        click.echo(f"{known.means}\nNext step: {known.next_step}")
