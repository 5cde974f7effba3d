"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def aws_options(function: F) -> F:
    """`--region`, `--profile` and `--endpoint-url`, as in the AWS CLI."""
    for option in (
        click.option("--endpoint-url", envvar="AWS_ENDPOINT_URL", help="AWS endpoint, for example a sandbox's."),
        click.option("--profile", envvar="AWS_PROFILE", help="Profile of the AWS configuration."),
        click.option("--region", envvar="AWS_REGION", help="AWS region; by default the profile's."),
    ):
        function = option(function)
    return function


def stack_option(function: F) -> F:
    """`--stack-name`, the deployed sms-redirect stack."""
    return click.option("--stack-name", default="sms-redirect", show_default=True, help="The deployed stack.")(function)
