"""`sms-redirect subscriptions`: who receives a stack's SMS."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import click

from sms_redirect.cli.options import aws_options, stack_option
from sms_redirect.cli.subscribers import errors_for_people, subscribers_of
from sms_redirect.topic.subscribers import Subscriber, SubscriberState, described

HEADINGS = ("ADDRESS", "STATE", "RECEIVES", "UNSUBSCRIBE LINK", "ADDED BY")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, for programs.")
@stack_option
@aws_options
def command(*, as_json: bool, **options: Any) -> None:
    """List the email addresses that receive a stack's SMS, and those that still can.

    A pending address receives nothing, but its owner can confirm for two days, even after the address was taken off
    the stack or the stack was deleted.
    """
    with errors_for_people():
        found = subscribers_of(options).all()
    if as_json:
        click.echo(json.dumps([asdict(each) | {"stray": each.stray} for each in found], indent=2))
        return
    for line in _table([HEADINGS, *(_row(each) for each in found)]):
        click.echo(line)
    if not any(each.state is SubscriberState.CONFIRMED for each in found):
        click.echo("Nobody receives this stack's SMS by email.", err=True)
    for each in found:
        if each.stray:
            click.echo(f"{each.address} is not a parameter of the stack and can still confirm.", err=True)


def _row(each: Subscriber) -> tuple[str, ...]:
    confirmed = each.state is SubscriberState.CONFIRMED
    return (
        each.address,
        each.state,
        described(each.filter_policy) if confirmed else "nothing",
        ("needs credentials" if each.protected else "ends it") if confirmed else "-",
        "the stack" if each.in_template else "hand",
    )


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
