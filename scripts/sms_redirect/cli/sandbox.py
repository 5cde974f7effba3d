"""`sms-redirect sandbox`: the stack on this machine, until Ctrl-C."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

import boto3
import click

from sms_redirect.cli import sandbox_hosts, sandbox_output
from sms_redirect.cli.env_file import env_file
from sms_redirect.cli.options import stack_option, token_option, wanted_token
from sms_redirect.cli.sandbox_hosts import host_options
from sms_redirect.cli.sandbox_inbox import sandbox_inbox
from sms_redirect.inbox.serve import InboxServer
from sms_redirect.inbox.token import link
from sms_redirect.loopback import CannotListen
from sms_redirect.messages.store import SmsStore
from sms_redirect.sandbox import deploy
from sms_redirect.sandbox.doors import origins
from sms_redirect.sandbox.doors.keys import AccessKey, BadKey
from sms_redirect.sandbox.email.smtp import SmtpServer
from sms_redirect.sandbox.harshness import ALL, Harshness
from sms_redirect.sandbox.saved.inbox import kept_messages
from sms_redirect.sandbox.server import Sandbox, SandboxError, SandboxSettings

USUAL_PORT = 4566
PASSWORD_VARIABLE = "SMS_REDIRECT_SMTP_PASSWORD"  # noqa: S105 - its name, not its value
SECRET_VARIABLE = "SMS_REDIRECT_SECRET_ACCESS_KEY"  # noqa: S105 - the same
DIGITS = range(1, 9)
PORT = click.IntRange(0, 65535)
STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,40}")  # CloudFormation's, and short enough for a bucket's name
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?/?")
REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


@click.command()
@click.option(
    "--port", type=PORT, default=USUAL_PORT, show_default=True, help="Port of the AWS endpoint; 0 for any free one."
)
@click.option("--inbox-port", type=PORT, help="Port of the web inbox; by default 8025 if it is free.")
@click.option("--region", default="us-east-1", show_default=True, help="Region of the stack.")
@click.option("--email", default="tester@example.com", show_default=True, help="Address that the stack subscribes.")
@click.option("--auto-confirm", is_flag=True, help="Confirm email subscriptions at once, without the link.")
@click.option("--no-limits", is_flag=True, help="Disable attempt limits and the limit of ten emails a second.")
@click.option(
    "--harsh",
    metavar="[SWITCHES]",
    is_flag=False,
    flag_value=ALL,
    help="Be as harsh as AWS: IAM takes 3 seconds, stacks get stuck. Or only some of it: iam=10,deletes,cleanup.",
)
@click.option(
    "--no-deploy", is_flag=True, help="Start without the stack: deploy it with the SAM CLI, or create your own pool."
)
@click.option("--test-code", metavar="DIGITS", help="Fixed code for the test numbers +1 XXX 555-0100 to 0199.")
@click.option(
    "--issuer",
    type=click.Choice(["aws", "local"]),
    default="aws",
    show_default=True,
    help="Issuer in tokens: AWS's address, or the sandbox's own.",
)
@click.option(
    "--sender-fault",
    type=click.Choice(["throttle", "fail"]),
    help="Simulate a failing or throttled sender for every SMS.",
)
@click.option("--smtp", metavar="HOST:PORT", help="Also send every email through this server.")
@click.option("--smtp-tls", type=click.Choice(["none", "starttls", "tls"]), default="none", show_default=True)
@click.option(
    "--smtp-user", metavar="NAME", help=f"User name for that server; its password is read from {PASSWORD_VARIABLE}."
)
@token_option
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="ORIGIN",
    help="Allow web pages of this origin, such as http://localhost:3000, to use every AWS API here. Repeatable.",
)
@host_options
@click.option("--access-key-id", metavar="ID", help="Use this access key instead of a new one for each run.")
@click.option(
    "--secret-access-key",
    metavar="SECRET",
    envvar=SECRET_VARIABLE,
    help=f"Its secret. Prefer {SECRET_VARIABLE}: every user of the machine can see arguments.",
)
@click.option(
    "--state",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Keep pools, users and messages in this folder for the next run. It holds codes: keep it to yourself.",
)
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write endpoint, keys and ids into this .env file while the sandbox runs, for an app to read.",
)
@click.option("--show-codes", is_flag=True, help="Also print the codes and temporary passwords of the SMS.")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON when ready, for programs.")
@stack_option
def command(**options: Any) -> None:
    """Run the stack on this machine, without an AWS account, until Ctrl-C.

    Run any AWS CLI, SAM CLI or SDK with the printed environment variables to use the sandbox. The web inbox shows every
    SMS. Only 127.0.0.1 is listened on, unless --host adds an address. Nothing leaves the machine but emails (--smtp).
    """
    finish = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: finish.set())
    try:
        with ExitStack() as stack:
            _serve(stack, options, finish)
    except (SandboxError, CannotListen, deploy.DeployError) as error:
        raise click.ClickException(str(error)) from error


def _serve(stack: ExitStack, options: dict[str, Any], finish: threading.Event) -> None:
    sandbox = stack.enter_context(Sandbox(_settings(options)))
    if options["sender_fault"]:
        sandbox.sender_fault.set(options["sender_fault"], times=1_000_000)
    store = SmsStore()
    if sandbox.saved:
        stack.enter_context(kept_messages(store, sandbox.saved))
    inbox = stack.enter_context(sandbox_inbox(sandbox, store, options["inbox_port"], options["stack_name"]))
    said = sandbox_hosts.warning(
        options["host"], sandbox.port, inbox.server.port, token=sandbox.settings.token is not None
    )
    if said:
        click.echo(click.style(said, fg="yellow"), err=True)
    outputs = {}
    if not options["no_deploy"] and not finish.is_set():
        click.echo("Deploying template.yaml ...", err=True)
        outputs = deploy.deploy(boto3.Session(), options["stack_name"], {"Email": options["email"]})
    inbox.connect(outputs.get("UserPoolId"), outputs.get("UserPoolClientId"))
    if options["env_file"]:
        values = sandbox.environment | {"SMS_REDIRECT_INBOX_URL": inbox.server.url} | _ids(outputs)
        stack.enter_context(env_file(options["env_file"], values))
    if options["as_json"]:
        click.echo(json.dumps(_document(sandbox, inbox.server, outputs, options["stack_name"])))
    else:
        _announce(sandbox, inbox.server, outputs)
        stack.enter_context(sandbox_output.each_sms(store, show_codes=options["show_codes"]))
    # What is there by now stays until the end: the garbage collector need not look through it again and again.
    gc.freeze()
    finish.wait()
    click.echo("Stopping.", err=True)


def _settings(options: dict[str, Any]) -> SandboxSettings:
    if not STACK_NAME.fullmatch(options["stack_name"]):
        raise click.BadParameter("must be letters, digits and hyphens, at most 41", param_hint="--stack-name")
    if not REGION.fullmatch(options["region"]):
        raise click.BadParameter("must be a region such as eu-west-1", param_hint="--region")
    test_code = options["test_code"]
    if test_code is not None and not (test_code.isascii() and test_code.isdigit() and len(test_code) in DIGITS):
        raise click.BadParameter("must be 1 to 8 digits, such as 424242", param_hint="--test-code")
    return SandboxSettings(
        port=options["port"],
        host=options["host"],
        hosts=sandbox_hosts.wanted(options["host"], options["allowed_hosts"]),
        region=options["region"],
        auto_confirm=options["auto_confirm"],
        limits=not options["no_limits"],
        test_code=test_code,
        local_issuer=options["issuer"] == "local",
        harshness=_harshness(options["harsh"]),
        state=options["state"],
        smtp=_smtp(options["smtp"], options["smtp_tls"], options["smtp_user"]),
        token=wanted_token(new=options["token"]),
        access_key=_access_key(options["access_key_id"], options["secret_access_key"]),
        allowed_origins=_origins(options["origins"]),
    )


def _access_key(key_id: str | None, secret: str | None) -> AccessKey | None:
    if key_id is None:
        if secret is not None:
            raise click.UsageError("--secret-access-key needs --access-key-id.")
        return None
    if secret is None:
        raise click.UsageError(f"--access-key-id needs its secret, best in the environment variable {SECRET_VARIABLE}.")
    try:
        return AccessKey.fixed(key_id, secret)
    except BadKey as error:
        raise click.UsageError(str(error)) from error


def _origins(texts: tuple[str, ...]) -> frozenset[str]:
    for text in texts:
        if not ORIGIN.fullmatch(text):
            raise click.BadParameter("must be an origin such as http://localhost:3000", param_hint="--allow-origin")
    return origins.normal(texts)


def _harshness(switches: str | None) -> Harshness:
    if switches is None:
        return Harshness()
    try:
        return Harshness.parse(switches)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--harsh") from error


def _smtp(address: str | None, tls: Literal["none", "starttls", "tls"], user: str | None) -> SmtpServer | None:
    if address is None:
        return None
    host, separator, port = address.rpartition(":")
    if not separator or not host or not port.isdigit():
        raise click.BadParameter("must be HOST:PORT, such as 127.0.0.1:1025", param_hint="--smtp")
    password = os.environ.get(PASSWORD_VARIABLE)
    if user and not password:
        raise click.UsageError(f"--smtp-user needs the password in the environment variable {PASSWORD_VARIABLE}.")
    try:
        return SmtpServer(host, int(port), tls, user, password)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _ids(outputs: dict[str, str]) -> dict[str, str]:
    names = {"USER_POOL_ID": "UserPoolId", "USER_POOL_CLIENT_ID": "UserPoolClientId"}
    return {name: outputs[output] for name, output in names.items() if output in outputs}


def _announce(sandbox: Sandbox, inbox: InboxServer, outputs: dict[str, str]) -> None:
    """Results on stdout, so that `eval` or a program can take them; everything else on stderr."""
    for name, value in sandbox.environment.items():
        click.echo(f"export {name}={value}")
    block = sandbox_output.block(
        inbox=link(inbox.url, sandbox.settings.token),
        endpoint=sandbox.endpoint_url,
        region=sandbox.settings.region,
        outputs=outputs,
    )
    click.echo(f"\n{block}", err=True)
    for pending in sandbox.mailroom.pending():
        click.echo(
            f"\n{pending.endpoint} receives no email until you open its confirmation link:\n{pending.confirm_url}",
            err=True,
        )
    click.echo("\nEach SMS is a line below. Press Ctrl-C to stop.\n", err=True)


def _document(sandbox: Sandbox, inbox: InboxServer, outputs: dict[str, str], stack_name: str) -> dict[str, Any]:
    return {
        "endpoint_url": sandbox.endpoint_url,
        "region": sandbox.settings.region,
        "stack_name": stack_name if outputs else None,
        "user_pool_id": outputs.get("UserPoolId"),
        "user_pool_client_id": outputs.get("UserPoolClientId"),
        "topic_arn": outputs.get("TopicArn"),
        "inbox_url": inbox.url,
        "environment": sandbox.environment,
        **({"token": sandbox.settings.token.value} if sandbox.settings.token else {}),
    }
