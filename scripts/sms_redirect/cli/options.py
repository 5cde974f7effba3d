"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from sms_redirect.aws import check_endpoint_url
from sms_redirect.errors import BadInput

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
