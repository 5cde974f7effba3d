"""Who may reach a sandbox besides the programs of its own machine: `--host` and `--allow-host`."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

from sms_redirect.loopback import EVERYWHERE, HOST
from sms_redirect.loopback.hosts import Hosts

F = TypeVar("F", bound=Callable[..., Any])
NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
LONGEST = 253


def host_options(function: F) -> F:
    for option in (
        click.option(
            "--allow-host",
            "allowed_hosts",
            multiple=True,
            metavar="NAME",
            callback=_names,
            help="Accept requests that call the sandbox by this name, such as a container's or 10.0.2.2. Repeatable.",
        ),
        click.option(
            "--host",
            default=HOST,
            show_default=True,
            metavar="ADDRESS",
            callback=_address,
            help="Also listen on this address, for containers, phones and CI services; 0.0.0.0 is every one.",
        ),
    ):
        function = option(function)
    return function


def wanted(host: str, names: tuple[str, ...]) -> Hosts:
    """The names that requests may use: an address that is listened on is one."""
    own = () if host in (HOST, EVERYWHERE) else (host,)
    return Hosts(frozenset((*names, *own)), elsewhere=host != HOST or bool(names))


def warning(host: str, port: int, inbox_port: int, *, token: bool) -> str | None:
    """Who can do what, if the sandbox can be reached from elsewhere."""
    if ipaddress.ip_address(host).is_loopback:
        return None
    where = "every network of this machine" if host == EVERYWHERE else f"the network of {host}"
    if token:
        codes = f"Only those who have the token can read the SMS and emails, with their codes (port {inbox_port})"
    else:
        codes = (
            f"They can read every SMS and email, with its code, and move the clock (ports {inbox_port} and {port}): "
            "start with --token to prevent that"
        )
    return (
        f"Warning: everybody on {where} can reach this sandbox, over plain HTTP, and sign up and sign in. {codes}. "
        "Those who also have the access key can run code as you."
    )


def _address(context: click.Context, parameter: click.Parameter, value: str) -> str:
    del context, parameter
    try:
        return str(ipaddress.IPv4Address(value))
    except ValueError:
        raise click.BadParameter("must be an IPv4 address of this machine, or 0.0.0.0 for all of them") from None


def _names(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    del context, parameter
    names = tuple(value.lower() for value in values)
    for name in names:
        if not NAME.fullmatch(name) or len(name) > LONGEST:
            raise click.BadParameter(
                "must be a host name or an IPv4 address without a port, such as sandbox or 10.0.2.2"
            )
    return names
