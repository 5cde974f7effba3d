"""What the commands on a stack's email subscribers share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from sms_redirect import stack
from sms_redirect.aws import Aws
from sms_redirect.errors import BadInput, SmsInboxError
from sms_redirect.topic.permissions import policy
from sms_redirect.topic.subscribers import Subscribers

EMAIL_PARAMETERS = ("Email", "Email2", "Email3", "Email4", "Email5")


def subscribers_of(options: Mapping[str, Any]) -> Subscribers:
    """Those of the stack that the shared options name.

    Raises:
        NoSuchStack, NotAllowed, CannotReachAws
    """
    aws = Aws.of(options["region"], options["profile"], options["endpoint_url"])
    name = options["stack_name"]
    topic_arn = stack.topic_arn(aws, name, policy(stack_name=name))
    parameters = stack.parameters(aws, name)
    return Subscribers(aws, topic_arn, [parameters[key] for key in EMAIL_PARAMETERS if parameters.get(key)])


@contextmanager
def errors_for_people() -> Iterator[None]:
    """Bad input as usage (exit 2), everything else that is known as one clear text (exit 1)."""
    try:
        yield
    except BadInput as error:
        raise click.UsageError(str(error)) from error
    except SmsInboxError as error:
        raise click.ClickException(str(error)) from error
