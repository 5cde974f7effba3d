"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from sms_redirect.aws import check_endpoint_url
from sms_redirect.errors import BadInput
from sms_redirect.inbox.token import VARIABLE, BadToken, Token

F = TypeVar("F", bound=Callable[..., Any])


def _endpoint_url(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    del context, parameter
    try:
        check_endpoint_url(value or None)
    except BadInput as error:
        raise click.BadParameter(str(error)) from error
    return value or None


def aws_options(function: F) -> F:
    """`--region`, `--profile` and `--endpoint-url`, as in the AWS CLI."""
    for option in (
        click.option(
            "--endpoint-url",
            envvar="AWS_ENDPOINT_URL",
            callback=_endpoint_url,
            help="AWS endpoint, for example a sandbox's.",
        ),
        click.option("--profile", envvar="AWS_PROFILE", help="Profile of the AWS configuration."),
        click.option("--region", envvar="AWS_REGION", help="AWS region; by default the profile's."),
    ):
        function = option(function)
    return function


def stack_option(function: F) -> F:
    """`--stack-name`, of the sms-redirect stack."""
    return click.option("--stack-name", default="sms-redirect", show_default=True, help="Name of the stack.")(function)


def token_option(function: F) -> F:
    """`--token`, for machines that several people use."""
    text = f"Require a token. The printed link contains it; set {VARIABLE} to choose your own."
    return click.option("--token", is_flag=True, help=text)(function)


def wanted_token(*, new: bool) -> Token | None:
    """The token that an inbox is to ask for, if any: one that is set counts as asked for."""
    try:
        return Token.wanted(os.environ, new=new)
    except BadToken as error:
        raise click.UsageError(str(error)) from error
